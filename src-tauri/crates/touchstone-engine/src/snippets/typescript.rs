//! A request as TypeScript sends it by the vendor's own client. What is written is JavaScript too.

use super::environment::key_variable;
use super::inputs::Supply;
use super::literal::{Piece, Tongue, Writer, Written, escaped};
use super::{
    ANTHROPIC_ADDRESS, ANTHROPIC_MEMBERS, Asked, GEMINI_ADDRESS, OPENAI_ADDRESS, OPENAI_MEMBERS, divided, gemini_config,
};
use serde_json::{Map, Value, json};
use touchstone_providers::Speech;

static TONGUE: Tongue = Tongue {
    indent: 2,
    null: "null",
    yes: "true",
    no: "false",
    key: key_of,
    text,
    woven,
    lines,
    file: |path| format!("readFileSync({path}, \"base64\")"),
    web: |url| format!("Buffer.from(await (await fetch({url})).arrayBuffer()).toString(\"base64\")"),
    environment,
    reserved: &[
        "Buffer",
        "arguments",
        "await",
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "debugger",
        "default",
        "delete",
        "do",
        "else",
        "enum",
        "eval",
        "export",
        "extends",
        "false",
        "fetch",
        "finally",
        "for",
        "function",
        "if",
        "implements",
        "import",
        "in",
        "instanceof",
        "interface",
        "let",
        "new",
        "null",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "static",
        "super",
        "switch",
        "this",
        "throw",
        "true",
        "try",
        "typeof",
        "undefined",
        "var",
        "void",
        "while",
        "with",
        "yield",
        "client",
        "completion",
        "console",
        "message",
        "process",
        "readFileSync",
        "response",
    ],
};

/// The largest whole number that is sent as it is written.
const SAFE_INTEGER_MAX: u64 = (1 << 53) - 1;

pub(super) fn write(asked: &Asked) -> String {
    let writer = Writer::new(&TONGUE, &asked.inputs);
    let wire = &asked.wire;
    // The client insists on a key, even if the server does not.
    let key = key_variable(asked).map_or_else(|| text("none"), environment);
    let headers = writer.headers(asked);
    let mut options: Vec<String> = Vec::new();
    let (package, import, class, call, answer, arguments, second);
    match &wire.speech {
        Speech::OpenAi { base, api_version } => {
            (package, import, class) = ("openai", "import OpenAI from \"openai\";", "OpenAI");
            options.push(format!("apiKey: {key}"));
            if base != OPENAI_ADDRESS {
                options.push(format!("baseURL: {}", text(base)));
            }
            if let Some(version) = api_version {
                options.push(format!("defaultQuery: {}", writer.value(&json!({"api-version": version}), 1)));
            }
            (call, answer) = openai_call();
            (arguments, second) = (openai_members(&writer, &wire.body), None);
        }
        Speech::AzureOpenAi { endpoint, api_version } => {
            (package, import, class) = ("openai", "import { AzureOpenAI } from \"openai\";", "AzureOpenAI");
            options.push(format!("apiKey: {key}"));
            options.push(format!("endpoint: {}", text(endpoint)));
            options.push(format!("apiVersion: {}", text(api_version)));
            (call, answer) = openai_call();
            (arguments, second) = (openai_members(&writer, &wire.body), None);
        }
        Speech::Anthropic { base } => {
            (package, import, class) =
                ("@anthropic-ai/sdk", "import Anthropic from \"@anthropic-ai/sdk\";", "Anthropic");
            options.push(format!("apiKey: {key}"));
            if base != ANTHROPIC_ADDRESS {
                options.push(format!("baseURL: {}", text(base)));
            }
            call = "const message = await client.messages.create";
            answer = "for (const block of message.content) if (block.type === \"text\") console.log(block.text);";
            let (known, others) = divided(&wire.body, ANTHROPIC_MEMBERS);
            let mut written = members(&writer, &known);
            written.extend(beyond_types(&writer, others));
            let headers: Map<_, _> = wire.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
            arguments = written;
            second = Some(writer.value(&json!({ "headers": headers }), 0));
        }
        Speech::Gemini { base, version } => {
            (package, import, class) = gemini_client();
            options.push(format!("apiKey: {key}"));
            let base = Some(base).filter(|base| *base != GEMINI_ADDRESS);
            options.push(http_options(&writer, base, version, headers.as_deref()));
            (call, answer) = gemini_call();
            (arguments, second) = (gemini_members(&writer, asked), None);
        }
        Speech::Vertex { base, version, project, location } => {
            (package, import, class) = gemini_client();
            options.push("vertexai: true".to_owned());
            options.push(format!("project: {}", text(project)));
            options.push(format!("location: {}", text(location)));
            options.push(http_options(&writer, Some(base), version, headers.as_deref()));
            (call, answer) = gemini_call();
            (arguments, second) = (gemini_members(&writer, asked), None);
        }
    }
    if let Some(headers) = headers
        && !matches!(wire.speech, Speech::Gemini { .. } | Speech::Vertex { .. })
    {
        options.push(format!("defaultHeaders: {headers}"));
    }
    let mut code = format!("// {}\n// npm install {package}\n", asked.title);
    if matches!(wire.speech, Speech::Vertex { .. }) {
        code.push_str("// GOOGLE_APPLICATION_CREDENTIALS names the key file of a service account.\n");
    }
    if is_beyond_doubles(&wire.body) {
        code.push_str("// JavaScript rounds whole numbers as long as one of those below.\n");
    }
    let inputs = writer.inputs(&wire.body);
    if inputs.iter().any(|written| matches!(written.input.value, Supply::File(_))) {
        code.push_str("import { readFileSync } from \"node:fs\";\n");
    }
    code.push_str(&format!("{import}\n\n"));
    if !inputs.is_empty() {
        code.push_str(&format!("// The inputs; here they are those of {}.\n", asked.task));
        for Written { name, value, input } in &inputs {
            code.extend(input.note.iter().map(|note| format!("// {note}\n")));
            code.push_str(&format!("const {name} = {value};\n"));
        }
        code.push('\n');
    }
    code.push_str(&format!("const client = new {};\n", writer.enclosed(&format!("{class}({{"), options, "})", 0)));
    let second = second.map_or_else(String::new, |second| format!(", {second}"));
    code.push_str(&format!("{call}({{\n"));
    for argument in arguments {
        code.push_str(&format!("  {argument},\n"));
    }
    code.push_str(&format!("}}{second});\n{answer}\n"));
    code
}

fn environment(variable: &str) -> String {
    format!("process.env.{variable}")
}

fn openai_call() -> (&'static str, &'static str) {
    ("const completion = await client.chat.completions.create", "console.log(completion.choices[0]?.message.content);")
}

fn openai_members(writer: &Writer<'_>, body: &Value) -> Vec<String> {
    let (mut known, others) = divided(body, OPENAI_MEMBERS);
    // The schema beside JSON mode is what local servers read, and the types do not know.
    let format = known.get_mut("response_format").and_then(Value::as_object_mut);
    let schema = format.and_then(|format| format.shift_remove("schema"));
    let mut written = members(writer, &known);
    if let Some(schema) = schema
        && let Some(format) = written.iter_mut().find(|member| member.starts_with("response_format:"))
    {
        let kind = writer.value(&known["response_format"]["type"], 2);
        let schema = writer.value(&json!({ "schema": schema }), 2);
        let items = vec![format!("type: {kind}"), format!("...{schema}")];
        *format = format!("response_format: {}", writer.enclosed("{", items, "}", 1));
    }
    written.extend(beyond_types(writer, others));
    written
}

fn members(writer: &Writer<'_>, known: &Map<String, Value>) -> Vec<String> {
    writer.arguments(known, ": ", 1)
}

/// What the client's types do not know; what is spread is not held against them.
fn beyond_types(writer: &Writer<'_>, others: Map<String, Value>) -> Option<String> {
    (!others.is_empty()).then(|| format!("...{}", writer.value(&Value::Object(others), 1)))
}

fn gemini_client() -> (&'static str, &'static str, &'static str) {
    ("@google/genai", "import { GoogleGenAI } from \"@google/genai\";", "GoogleGenAI")
}

fn gemini_call() -> (&'static str, &'static str) {
    ("const response = await client.models.generateContent", "console.log(response.text);")
}

fn gemini_members(writer: &Writer<'_>, asked: &Asked) -> Vec<String> {
    let mut members = vec![
        format!("model: {}", text(asked.bare_model())),
        format!("contents: {}", writer.value(&asked.wire.body["contents"], 1)),
    ];
    let (mut config, others) = gemini_config(&asked.wire.body);
    if !others.is_empty() {
        config.insert("httpOptions".to_owned(), json!({"extraBody": others}));
    }
    if !config.is_empty() {
        members.push(format!("config: {}", writer.value(&Value::Object(config), 1)));
    }
    members
}

fn http_options(writer: &Writer<'_>, base: Option<&String>, version: &str, headers: Option<&str>) -> String {
    let mut options = Vec::new();
    if let Some(base) = base {
        options.push(format!("baseUrl: {}", text(base)));
    }
    options.push(format!("apiVersion: {}", text(version)));
    options.extend(headers.map(|headers| format!("headers: {headers}")));
    format!("httpOptions: {}", writer.enclosed("{", options, "}", 1))
}

/// Whether a whole number is larger than a double holds.
fn is_beyond_doubles(value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            number.as_u64().is_some_and(|number| number > SAFE_INTEGER_MAX)
                || number.as_i64().is_some_and(|number| number.unsigned_abs() > SAFE_INTEGER_MAX)
        }
        Value::Array(items) => items.iter().any(is_beyond_doubles),
        Value::Object(members) => members.values().any(is_beyond_doubles),
        _ => false,
    }
}

/// A member's name. The one that would be taken for the object's prototype is a name like any other in brackets.
fn key_of(name: &str) -> String {
    let is_first = |char: char| char.is_ascii_alphabetic() || char == '_' || char == '$';
    if name == "__proto__" {
        format!("[{}]", text(name))
    } else if name.starts_with(is_first) && name.chars().all(|char| is_first(char) || char.is_ascii_digit()) {
        name.to_owned()
    } else {
        text(name)
    }
}

fn coded(code: u32) -> String {
    if code <= 0xFFFF { format!("\\u{code:04x}") } else { format!("\\u{{{code:x}}}") }
}

fn text(text: &str) -> String {
    format!("\"{}\"", escaped(text, &['\\', '"'], coded))
}

fn woven(pieces: &[Piece<'_>]) -> String {
    let piece = |piece: &Piece<'_>| match piece {
        Piece::Text(text) => escaped(text, &['\\', '`', '$'], coded),
        Piece::Input(name) => format!("${{{name}}}"),
    };
    format!("`{}`", pieces.iter().map(piece).collect::<String>())
}

fn lines(lines: &[String], inner: &str, _: &str) -> String {
    lines.join(&format!(" +\n{inner}"))
}
