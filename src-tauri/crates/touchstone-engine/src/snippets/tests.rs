//! Whatever a text holds, code says exactly that. Python, Node and a shell are asked what they read.

use super::inputs::{FIRST_MARK, Supply};
use super::*;
use crate::media::Origin;
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

fn mark(index: u32) -> char {
    char::from_u32(FIRST_MARK + index).expect("a character")
}

fn input(index: u32, path: &str, value: Supply) -> Input {
    Input { mark: mark(index), path: path.to_owned(), value, note: None }
}

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
        let inputs = vec![input(0, "user.name", Supply::Text(value)), input(1, "class", Supply::Text(other))];
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
        (0..).zip(paths).map(|(index, path)| input(index, path, Supply::Text("v".to_owned()))).collect()
    };
    let inputs = asked(&["text", "user.name", "user name", "class", "2nd", "текст", "items[0]"]);
    let content: String = inputs.iter().map(|input| input.mark).collect();
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

/// A request that shows a file of a hard name, one of the web, and one that the task has itself.
fn with_files(file: &str, url: &str) -> Asked {
    let original = |origin, smaller_to| Original { origin, mime: "image/png", smaller_to };
    let wanted =
        |source: &str| Wanted { source: source.to_owned(), kind: crate::media::MediaKind::Image, message: 0, part: 0 };
    let all = [wanted(file), wanted(url), wanted("data:"), wanted(file)];
    let originals = vec![
        original(Origin::File(file.to_owned()), Some(64)),
        original(Origin::Web(url.to_owned()), None),
        original(Origin::Task(b"PNG".to_vec()), None),
        original(Origin::File(file.to_owned()), Some(64)),
    ];
    // The first marks are characters of this text.
    let text = format!("$HOME `id` \\ \"{}\"\n{}", mark(0), mark(1));
    let (inputs, parts) = inputs::files(&all, originals, |source| source.to_owned(), &mut free_marks(&text));
    assert_eq!((inputs.len(), parts.len()), (3, 4), "a file that is shown twice is one input");
    let urls = parts.iter().map(|part| match part {
        touchstone_providers::Part::Image(file) => format!("data:image/png;base64,{}", file.stand_in()),
        other => panic!("{other:?} is no picture"),
    });
    let body = json!({"model": text, "messages": [], "user": urls.collect::<Vec<_>>()});
    let (base, provider) = ("https://a.example".to_owned(), Provider::Custom);
    let speech = Speech::OpenAi { base, api_version: None };
    let wire = Wire { url: "https://a.example".to_owned(), headers: Vec::new(), secrets: Vec::new(), body, speech };
    Asked { title: "T.".to_owned(), task: "task 1".to_owned(), wire, provider, model: "m".to_owned(), inputs }
}

#[test]
fn files_are_read_where_the_task_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("it's \"a\" $HOME `id`.png");
    // Every letter of base64, and more than a line of it.
    let bytes: Vec<u8> = (0..=255).chain(0..=255).collect();
    std::fs::write(&file, &bytes).expect("written");
    let elsewhere = "https://a.example/a.png?sig=$HOME&x={1}";
    let asked = with_files(file.to_str().expect("text"), elsewhere);
    use base64::Engine as _;
    let [read, fetched, held] =
        [bytes.as_slice(), elsewhere.as_bytes(), b"PNG"].map(|bytes| base64::prelude::BASE64_STANDARD.encode(bytes));
    let url = |base64: &str| format!("data:image/png;base64,{base64}");
    let sent = json!([url(&read), url(&fetched), url(&held), url(&read)]);
    let note = " A run makes this picture smaller first, to 64 pixels on its longer side; here it is sent as it is.";

    // What is fetched is the address itself.
    let (python, typescript, curl) = (python::write(&asked), typescript::write(&asked), curl::write(&asked));
    let client = PYTHON_CLIENT
        .replace("import json", "import io, urllib.request, json")
        .replace("exec(", "urllib.request.urlopen = lambda url: io.BytesIO(url.encode())\nexec(");
    let told: Value = serde_json::from_slice(&said("python3", &["-c", &client], &python)).expect("JSON");
    assert_eq!((&told["told"]["user"], &told["told"]["model"]), (&sent, &asked.wire.body["model"]), "{python}");
    let client = format!("globalThis.fetch = async (url) => new Response(url);\n{NODE_CLIENT}");
    let code = typescript.replace("import OpenAI from \"openai\";", &client);
    let told: Value = serde_json::from_slice(&said("node", &["--input-type=module"], &code)).expect("JSON");
    assert_eq!((&told["told"]["user"], &told["told"]["model"]), (&sent, &asked.wire.body["model"]), "{typescript}");
    let code = format!("curl() {{ if [ \"$1\" = -gsSfL ]; then printf %s \"$2\"; else cat; fi; }}\n{curl}");
    let told: Value = serde_json::from_slice(&said("bash", &["-eu"], &code)).expect("JSON");
    assert_eq!((&told["user"], &told["model"]), (&sent, &asked.wire.body["model"]), "{curl}");
    for (code, sign) in [(python, "#"), (typescript, "//"), (curl, "#")] {
        assert!(code.contains(&format!("{sign}{note}\n")), "{code}");
    }
}

#[test]
fn a_large_picture_of_the_task_itself_is_no_part_of_the_code() {
    let wanted = Wanted { source: "data:".to_owned(), kind: crate::media::MediaKind::Pdf, message: 0, part: 0 };
    let original =
        |bytes: usize| Original { origin: Origin::Task(vec![0; bytes]), mime: "application/pdf", smaller_to: None };
    let of = |bytes: usize| {
        let marks = &mut free_marks("");
        inputs::files(std::slice::from_ref(&wanted), vec![original(bytes)], |_| "scan".to_owned(), marks).0.remove(0)
    };
    assert!(matches!(of(9).value, Supply::Base64(base64) if base64 == "AAAAAAAAAAAA"));
    let large = of(100 << 10);
    assert!(matches!(&large.value, Supply::File(path) if path == "file.pdf"));
    assert_eq!(large.note.as_deref(), Some("It stands in the task itself; save it as this file."));
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
