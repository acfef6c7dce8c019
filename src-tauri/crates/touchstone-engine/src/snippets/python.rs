//! A request as Python sends it by the vendor's own client.

use super::environment::key_variable;
use super::inputs::{Input, Supply};
use super::literal::{Piece, Tongue, Writer, Written, escaped};
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
    file: |path| format!("base64.b64encode(Path({path}).read_bytes()).decode()"),
    web: |url| format!("base64.b64encode(urlopen({url}).read()).decode()"),
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
        "Path",
        "anthropic",
        "base64",
        "client",
        "completion",
        "contents",
        "genai",
        "message",
        "openai",
        "os",
        "print",
        "response",
        "urlopen",
    ],
};

pub(super) fn write(asked: &Asked) -> String {
    let writer = Writer::new(&TONGUE, &asked.inputs);
    let wire = &asked.wire;
    // The client insists on a key, even if the server does not.
    let key = key_variable(asked).map_or_else(|| text("none"), environment);
    let headers = writer.headers(asked);
    let is_google = matches!(wire.speech, Speech::Gemini { .. } | Speech::Vertex { .. });
    let has_files = asked.inputs.iter().any(Input::is_file);
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
            arguments = gemini_arguments(&writer, asked, has_files);
        }
        Speech::Vertex { base, version, project, location } => {
            (package, import, class) = ("google-genai", "from google import genai", "genai.Client");
            options.push("vertexai=True".to_owned());
            options.push(format!("project={}", text(project)));
            options.push(format!("location={}", text(location)));
            options.push(http_options(&writer, Some(base), version, headers.as_deref()));
            (call, answer) = gemini_call();
            arguments = gemini_arguments(&writer, asked, has_files);
        }
    }
    if let Some(headers) = headers
        && !is_google
    {
        options.push(format!("default_headers={headers}"));
    }
    let mut code = format!("# {}\n# pip install {package}\n", asked.title);
    if matches!(wire.speech, Speech::Vertex { .. }) {
        code.push_str("# GOOGLE_APPLICATION_CREDENTIALS names the key file of a service account.\n");
    }
    let inputs = writer.inputs(&wire.body);
    let reads = inputs.iter().any(|written| matches!(written.input.value, Supply::File(_)));
    let fetches = inputs.iter().any(|written| matches!(written.input.value, Supply::Web(_)));
    let imports: String = [
        ("import base64\n", reads || fetches),
        ("import os\n", options.iter().any(|option| option.contains("os.environ"))),
        ("from pathlib import Path\n", reads),
        ("from urllib.request import urlopen\n", fetches),
    ]
    .into_iter()
    .filter_map(|(import, is_used)| is_used.then_some(import))
    .collect();
    if !imports.is_empty() {
        code.push_str(&format!("{imports}\n"));
    }
    code.push_str(&format!("{import}\n\n"));
    if !inputs.is_empty() {
        code.push_str(&format!("# The inputs; here they are those of {}.\n", asked.task));
        for Written { name, value, input } in &inputs {
            code.extend(input.note.iter().map(|note| format!("# {note}\n")));
            code.push_str(&format!("{name} = {value}\n"));
        }
        code.push('\n');
    }
    if has_files && is_google {
        // The client reads base64 and writes it in the other alphabet, and calls the type of a file `mime_type`.
        code.push_str("# Given twice: as the client takes them, and as they are sent to the letter.\n");
        code.push_str(&format!("contents = {}\n\n", writer.value(&wire.body["contents"], 0)));
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

/// The arguments of a call; `has_files` tells whether the contents stand before it.
fn gemini_arguments(writer: &Writer<'_>, asked: &Asked, has_files: bool) -> Vec<String> {
    let contents = &asked.wire.body["contents"];
    let mut arguments = vec![
        format!("model={}", text(asked.bare_model())),
        if has_files { "contents=contents".to_owned() } else { format!("contents={}", writer.value(contents, 1)) },
    ];
    let (config, others) = gemini_config(&asked.wire.body);
    let member = |(name, value): (String, Value)| format!("{}: {}", text(&snake(&name)), writer.value(&value, 2));
    let mut config: Vec<_> = config.into_iter().map(member).collect();
    let mut extra: Vec<_> =
        others.iter().map(|(name, value)| format!("{}: {}", text(name), writer.value(value, 4))).collect();
    if has_files {
        extra.push("\"contents\": contents".to_owned());
    }
    if !extra.is_empty() {
        let extra = format!("\"extra_body\": {}", writer.enclosed("{", extra, "}", 3));
        config.push(format!("\"http_options\": {}", writer.enclosed("{", vec![extra], "}", 2)));
    }
    if !config.is_empty() {
        arguments.push(format!("config={}", writer.enclosed("{", config, "}", 1)));
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
