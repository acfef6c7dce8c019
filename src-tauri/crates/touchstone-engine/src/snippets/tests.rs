//! Whatever a text holds, code says exactly that. Python, Node and a shell are asked what they read.

use super::*;
use proptest::prelude::*;
use serde_json::json;
use std::io::Write;
use std::process::{Command, Stdio};

/// What tends to end a literal, or to mean something inside of one.
const TRAPS: &[&str] = &[
    "\"",
    "'",
    "`",
    "\\",
    "\\n",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "$",
    "${x}",
    "$HOME",
    "$(id)",
    "`id`",
    "{",
    "}",
    "{{x}}",
    "{text}",
    "\"\"\"",
    "'''",
    "#",
    "//",
    "*/",
    "JSON",
    "\nJSON\n",
    "!",
    "%s",
    "\0",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{202e}",
    "\u{feff}",
    "\u{e000}",
    "\u{f0000}",
    "\u{10ffff}",
    "ü",
    "हिन्दी",
    "漢字",
    "👩‍🔬",
    "é",
];

fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => proptest::sample::select(TRAPS).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        2 => "[a-z ]{0,8}",
    ];
    proptest::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof![texts(), Just("__proto__".to_owned()), Just("constructor".to_owned()), "[a-zA-Z_$][a-z0-9_]{0,5}"]
}

/// JSON that survives a double.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1_000_000_i64..1_000_000).prop_map(Value::from),
        (-1e9..1e9_f64).prop_map(Value::from),
        texts().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((names(), inner), 0..5)
                .prop_map(|all| all.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

/// A body with two inputs in it, and what they are.
fn asked() -> impl Strategy<Value = Asked> {
    (texts(), texts(), texts(), texts(), values()).prop_map(|(title, before, value, other, schema)| {
        let text = format!("{before}{}{before}\n{}", mark(0), mark(1));
        let inputs =
            vec![Input { path: "user.name".to_owned(), value }, Input { path: "class".to_owned(), value: other }];
        let body = json!({"model": before, "messages": [{"role": "user", "content": text}], "user": schema});
        Asked {
            title: shown(&title),
            task: "task 1".to_owned(),
            wire: Wire {
                url: format!("https://a.example/{before}"),
                headers: vec![("x-note".to_owned(), before)],
                secrets: vec![SecretPlace::Bearer, SecretPlace::Header("x-$id`'-token".to_owned())],
                body,
                speech: Speech::OpenAi { base: "https://a.example".to_owned(), api_version: None },
            },
            provider: Provider::OpenAi,
            model: "m".to_owned(),
            inputs,
        }
    })
}

/// What `program` prints about `code`, which it reads from standard input.
fn said(program: &str, arguments: &[&str], code: &str) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments)
        .env("PYTHONIOENCODING", "utf-8")
        .env("OPENAI_API_KEY", "the key")
        .env("X__ID___TOKEN", "the token")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    child.stdin.take().expect("piped").write_all(code.as_bytes()).expect("the program reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{program} refuses:\n{code}");
    output.stdout
}

/// Stands for OpenAI's client: says what it was told as JSON.
const PYTHON_CLIENT: &str = r#"
import json, sys, types
class OpenAI:
    def __init__(self, **options): self.options, self.chat, self.completions = options, self, self
    def create(self, **told):
        told |= told.pop("extra_body", {})
        print(json.dumps({"options": self.options, "told": told}))
        raise SystemExit
sys.modules["openai"] = types.SimpleNamespace(OpenAI=OpenAI)
exec(compile(sys.stdin.buffer.read().decode(), "snippet", "exec"))
"#;

const NODE_CLIENT: &str = r#"
class OpenAI {
  constructor(options) { this.options = options; this.chat = { completions: this }; }
  async create(told) { console.log(JSON.stringify({ options: this.options, told })); process.exit(); }
}
"#;

/// Equal but for how a number is written.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, one)| other.get(name).is_some_and(|other| is_same(one, other)))
        }
        (one, other) => one == other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn python_reads_what_is_meant(asked in asked()) {
        let code = python::write(&asked);
        let said: Value = serde_json::from_slice(&said("python3", &["-c", PYTHON_CLIENT], &code)).expect("JSON");
        prop_assert!(is_same(&said["told"], &filled(&asked.wire.body, &asked.inputs)), "{}\n{}", code, said);
        prop_assert_eq!(&said["options"]["api_key"], "the key");
        let headers = json!({"x-note": asked.wire.headers[0].1, "x-$id`'-token": "the token"});
        prop_assert_eq!(&said["options"]["default_headers"], &headers);
    }

    #[test]
    fn node_reads_what_is_meant(asked in asked()) {
        let code = typescript::write(&asked).replace("import OpenAI from \"openai\";", NODE_CLIENT);
        let said = said("node", &["--input-type=module"], &code);
        let said: Value = serde_json::from_slice(&said).expect("JSON");
        prop_assert!(is_same(&said["told"], &filled(&asked.wire.body, &asked.inputs)), "{}\n{}", code, said);
        prop_assert_eq!(&said["options"]["apiKey"], "the key");
        let headers = json!({"x-note": asked.wire.headers[0].1, "x-$id`'-token": "the token"});
        prop_assert_eq!(&said["options"]["defaultHeaders"], &headers);
    }

    #[test]
    fn a_shell_reads_what_is_meant(asked in asked()) {
        // No argument of a program holds this one.
        prop_assume!(!asked.wire.url.contains('\0'));
        let code = format!("curl() {{ printf '%s\\0' \"$@\"; cat; }}\n{}", curl::write(&asked));
        let said = String::from_utf8(said("bash", &[], &code)).expect("text");
        let mut parts: Vec<_> = said.split('\0').collect();
        let body: Value = serde_json::from_str(parts.pop().unwrap_or_default()).expect("JSON");
        prop_assert_eq!(&body, &filled(&asked.wire.body, &asked.inputs));
        let note = format!("x-note: {}", asked.wire.headers[0].1);
        for argument in [asked.wire.url.as_str(), &note, "authorization: Bearer the key", "x-$id`'-token: the token"] {
            prop_assert!(parts.contains(&argument), "{}\n{:?}", code, parts);
        }
    }
}

#[test]
fn inputs_are_called_by_what_the_language_allows() {
    let asked = |paths: &[&str]| -> Vec<Input> {
        paths.iter().map(|path| Input { path: (*path).to_owned(), value: "v".to_owned() }).collect()
    };
    let inputs = asked(&["text", "user.name", "user name", "class", "2nd", "текст", "items[0]"]);
    let content: String = (0..inputs.len()).map(mark).collect();
    let body = json!({"messages": [{"role": "user", "content": content}]});
    let wire = Wire {
        url: String::new(),
        headers: Vec::new(),
        secrets: Vec::new(),
        body,
        speech: Speech::OpenAi { base: "http://127.0.0.1:1".to_owned(), api_version: None },
    };
    let (title, task, model) = ("T.".to_owned(), "task 1".to_owned(), "m".to_owned());
    let asked = Asked { title, task, wire, provider: Provider::Custom, model, inputs };
    let code = python::write(&asked);
    for line in
        ["text = \"v\"", "user_name = ", "user_name_2 = ", "class_2 = ", "input_2nd = ", "input = ", "items_0 = "]
    {
        assert!(code.contains(line), "{line}: {code}");
    }
    assert!(code.contains("f\"{text}{user_name}{user_name_2}{class_2}{input_2nd}{input}{items_0}\""), "{code}");
    assert!(code.contains("api_key=\"none\""), "{code}");
    let code = typescript::write(&asked);
    assert!(code.contains("`${text}${user_name}${user_name_2}${class_2}${input_2nd}${input}${items_0}`"), "{code}");
}

#[test]
fn a_token_of_google_goes_into_no_other_header() {
    let header = |name: &str| SecretPlace::Header(name.to_owned());
    let [base, version, project, location] = ["https://a.example", "v1", "p-1", "eu"].map(str::to_owned);
    let wire = Wire {
        url: "https://a.example/v1".to_owned(),
        headers: Vec::new(),
        secrets: vec![SecretPlace::Bearer, header("x-team"), header("path")],
        body: json!({}),
        speech: Speech::Vertex { base, version, project, location },
    };
    let (title, task, model) = ("T.".to_owned(), "task 1".to_owned(), "m".to_owned());
    let asked = Asked { title, task, wire, provider: Provider::VertexAi, model, inputs: Vec::new() };
    assert_eq!(environment::variables(&asked), [environment::GOOGLE_CREDENTIALS, "X_TEAM", "HEADER_PATH"]);
    let code = curl::write(&asked);
    assert_eq!(code.matches("print-access-token").count(), 1, "{code}");
    assert!(code.contains("'x-team: '\"$X_TEAM\"") && code.contains("'path: '\"$HEADER_PATH\""), "{code}");
}

#[test]
fn what_turns_text_around_stands_in_no_code() {
    assert_eq!(shown("a\u{202e}b\nc"), "a b c");
    assert_eq!(literal::escaped("a\u{202e}", &[], |code| format!("<{code:x}>")), "a<202e>");
}
