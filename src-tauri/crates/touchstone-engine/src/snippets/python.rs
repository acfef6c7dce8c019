//! A request as Python sends it by the vendor's own client.

use super::environment::key_variable;
use super::literal::{Piece, Tongue, Writer, escaped};
use super::{
    ANTHROPIC_ADDRESS, ANTHROPIC_MEMBERS, Asked, GEMINI_ADDRESS, OPENAI_ADDRESS, OPENAI_MEMBERS, divided, gemini_config,
};
use serde_json::{Map, Value, json};
use touchstone_providers::Speech;

static TONGUE: Tongue = Tongue {
    indent: 4,
    null: "None",
    yes: "True",
    no: "False",
    key: text,
    text,
    woven,
    lines,
    environment,
    reserved: &[
        "False",
        "None",
        "True",
        "and",
        "as",
        "assert",
        "async",
        "await",
        "break",
        "class",
        "continue",
        "def",
        "del",
        "elif",
        "else",
        "except",
        "finally",
        "for",
        "from",
        "global",
        "if",
        "import",
        "in",
        "is",
        "lambda",
        "nonlocal",
        "not",
        "or",
        "pass",
        "raise",
        "return",
        "try",
        "while",
        "with",
        "yield",
        "anthropic",
        "client",
        "completion",
        "genai",
        "message",
        "openai",
        "os",
        "print",
        "response",
    ],
};

pub(super) fn write(asked: &Asked) -> String {
    let writer = Writer::new(&TONGUE, &asked.inputs);
    let wire = &asked.wire;
    // The client insists on a key, even if the server does not.
    let key = key_variable(asked).map_or_else(|| text("none"), environment);
    let headers = writer.headers(asked);
    let mut options: Vec<String> = Vec::new();
    let (package, import, class, call, answer, arguments);
    match &wire.speech {
        Speech::OpenAi { base, api_version } => {
            (package, import, class) = ("openai", "from openai import OpenAI", "OpenAI");
            options.push(format!("api_key={key}"));
            if base != OPENAI_ADDRESS {
                options.push(format!("base_url={}", text(base)));
            }
            if let Some(version) = api_version {
                options.push(format!("default_query={}", writer.value(&json!({"api-version": version}), 1)));
            }
            (call, answer) = openai_call();
            arguments = openai_arguments(&writer, &wire.body);
        }
        Speech::AzureOpenAi { endpoint, api_version } => {
            (package, import, class) = ("openai", "from openai import AzureOpenAI", "AzureOpenAI");
            options.push(format!("api_key={key}"));
            options.push(format!("azure_endpoint={}", text(endpoint)));
            options.push(format!("api_version={}", text(api_version)));
            (call, answer) = openai_call();
            arguments = openai_arguments(&writer, &wire.body);
        }
        Speech::Anthropic { base } => {
            (package, import, class) = ("anthropic", "from anthropic import Anthropic", "Anthropic");
            options.push(format!("api_key={key}"));
            if base != ANTHROPIC_ADDRESS {
                options.push(format!("base_url={}", text(base)));
            }
            call = "message = client.messages.create";
            answer = "print(\"\".join(block.text for block in message.content if block.type == \"text\"))";
            let (known, others) = divided(&wire.body, ANTHROPIC_MEMBERS);
            let mut written = writer.arguments(&known, "=", 1);
            let headers: Map<_, _> = wire.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
            written.push(format!("extra_headers={}", writer.value(&Value::Object(headers), 1)));
            written.extend(extra_body(&writer, others));
            arguments = written;
        }
        Speech::Gemini { base, version } => {
            (package, import, class) = ("google-genai", "from google import genai", "genai.Client");
            options.push(format!("api_key={key}"));
            let base = Some(base).filter(|base| *base != GEMINI_ADDRESS);
            options.push(http_options(&writer, base, version, headers.as_deref()));
            (call, answer) = gemini_call();
            arguments = gemini_arguments(&writer, asked);
        }
        Speech::Vertex { base, version, project, location } => {
            (package, import, class) = ("google-genai", "from google import genai", "genai.Client");
            options.push("vertexai=True".to_owned());
            options.push(format!("project={}", text(project)));
            options.push(format!("location={}", text(location)));
            options.push(http_options(&writer, Some(base), version, headers.as_deref()));
            (call, answer) = gemini_call();
            arguments = gemini_arguments(&writer, asked);
        }
    }
    if let Some(headers) = headers
        && !matches!(wire.speech, Speech::Gemini { .. } | Speech::Vertex { .. })
    {
        options.push(format!("default_headers={headers}"));
    }
    let mut code = format!("# {}\n# pip install {package}\n", asked.title);
    if matches!(wire.speech, Speech::Vertex { .. }) {
        code.push_str("# GOOGLE_APPLICATION_CREDENTIALS names the key file of a service account.\n");
    }
    if options.iter().any(|option| option.contains("os.environ")) {
        code.push_str("import os\n\n");
    }
    code.push_str(&format!("{import}\n\n"));
    let inputs = writer.inputs(&wire.body);
    if !inputs.is_empty() {
        code.push_str(&format!("# The inputs; here they are those of {}.\n", asked.task));
        for (name, value) in inputs {
            code.push_str(&format!("{name} = {value}\n"));
        }
        code.push('\n');
    }
    code.push_str(&format!("client = {}\n", writer.enclosed(&format!("{class}("), options, ")", 0)));
    code.push_str(&format!("{call}(\n"));
    for argument in arguments {
        code.push_str(&format!("    {argument},\n"));
    }
    code.push_str(&format!(")\n{answer}\n"));
    code
}

fn environment(variable: &str) -> String {
    format!("os.environ[{}]", text(variable))
}

fn openai_call() -> (&'static str, &'static str) {
    ("completion = client.chat.completions.create", "print(completion.choices[0].message.content)")
}

fn openai_arguments(writer: &Writer<'_>, body: &Value) -> Vec<String> {
    let (known, others) = divided(body, OPENAI_MEMBERS);
    let mut arguments = writer.arguments(&known, "=", 1);
    arguments.extend(extra_body(writer, others));
    arguments
}

/// What the client has no argument for.
fn extra_body(writer: &Writer<'_>, others: Map<String, Value>) -> Option<String> {
    (!others.is_empty()).then(|| format!("extra_body={}", writer.value(&Value::Object(others), 1)))
}

fn gemini_call() -> (&'static str, &'static str) {
    ("response = client.models.generate_content", "print(response.text)")
}

fn gemini_arguments(writer: &Writer<'_>, asked: &Asked) -> Vec<String> {
    let mut arguments = vec![
        format!("model={}", text(asked.bare_model())),
        format!("contents={}", writer.value(&asked.wire.body["contents"], 1)),
    ];
    let (config, others) = gemini_config(&asked.wire.body);
    let mut config: Map<_, _> = config.into_iter().map(|(name, value)| (snake(&name), value)).collect();
    if !others.is_empty() {
        config.insert("http_options".to_owned(), json!({"extra_body": others}));
    }
    if !config.is_empty() {
        arguments.push(format!("config={}", writer.value(&Value::Object(config), 1)));
    }
    arguments
}

fn http_options(writer: &Writer<'_>, base: Option<&String>, version: &str, headers: Option<&str>) -> String {
    let mut options = Vec::new();
    if let Some(base) = base {
        options.push(format!("\"base_url\": {}", text(base)));
    }
    options.push(format!("\"api_version\": {}", text(version)));
    options.extend(headers.map(|headers| format!("\"headers\": {headers}")));
    format!("http_options={}", writer.enclosed("{", options, "}", 1))
}

/// `maxOutputTokens` as `max_output_tokens`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for char in name.chars() {
        if char.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(char.to_ascii_lowercase());
    }
    snake
}

fn coded(code: u32) -> String {
    match code {
        0..=0xFF => format!("\\x{code:02x}"),
        0x100..=0xFFFF => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    }
}

fn text(text: &str) -> String {
    format!("\"{}\"", escaped(text, &['\\', '"'], coded))
}

fn woven(pieces: &[Piece<'_>]) -> String {
    let piece = |piece: &Piece<'_>| match piece {
        Piece::Text(text) => escaped(text, &['\\', '"'], coded).replace('{', "{{").replace('}', "}}"),
        Piece::Input(name) => format!("{{{name}}}"),
    };
    format!("f\"{}\"", pieces.iter().map(piece).collect::<String>())
}

/// Literals one after the other are one.
fn lines(lines: &[String], inner: &str, outer: &str) -> String {
    let lines: String = lines.iter().map(|line| format!("{inner}{line}\n")).collect();
    format!("(\n{lines}{outer})")
}
