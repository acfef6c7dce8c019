//! A request as a shell with curl sends it.

use super::Asked;
use super::environment::variable;
use super::inputs::{Input, Supply, filled, is_used, marked};
use super::literal::is_unseen;
use touchstone_providers::{SecretPlace, Speech};

pub(super) fn write(asked: &Asked) -> String {
    let wire = &asked.wire;
    let mut lines = vec![format!("curl {}", quoted(&wire.url)), "-H 'content-type: application/json'".to_owned()];
    if wire.url.contains(['[', ']', '{', '}']) {
        // They would be ranges and lists of addresses.
        lines[0] = format!("curl --globoff {}", quoted(&wire.url));
    }
    for (name, value) in &wire.headers {
        lines.push(format!("-H {}", quoted(&format!("{name}: {value}"))));
    }
    for (at, place) in wire.secrets.iter().enumerate() {
        let secret = match (&wire.speech, place) {
            (Speech::Vertex { .. }, SecretPlace::Bearer) => {
                "$(gcloud auth application-default print-access-token)".to_owned()
            }
            _ => format!("${}", variable(asked, at, place)),
        };
        lines.push(match place {
            SecretPlace::Bearer => format!("-H \"authorization: Bearer {secret}\""),
            SecretPlace::Header(name) => format!("-H {}\"{secret}\"", quoted(&format!("{name}: "))),
        });
    }
    let files: Vec<&Input> = asked.inputs.iter().filter(|input| is_read(input) && is_used(&wire.body, input)).collect();
    // Between quoted words a shell reads nothing but text, and no line of JSON is this word. Without the quotes it fills
    // in what files hold.
    lines.push(if files.is_empty() { "--data-binary @- <<'JSON'" } else { "--data-binary @- <<JSON" }.to_owned());
    let body = format!("{:#}", filled(&wire.body, &asked.inputs));
    let body = if files.is_empty() { seen(&body) } else { with_files(&body, &asked.inputs) };
    let mut head = format!("# {} Here it asks about {}.\n", asked.title, asked.task);
    for input in asked.inputs.iter().filter(|input| is_used(&wire.body, input)) {
        head.extend(input.note.iter().map(|note| format!("# {note}\n")));
        if let Supply::File(place) | Supply::Web(place) = &input.value {
            head.push_str(&format!("{}={}\n", variable_of(&asked.inputs, input), quoted(place)));
        }
    }
    format!("{head}{}\n{body}\nJSON\n", lines.join(" \\\n  "))
}

/// Whether the shell itself reads it.
fn is_read(input: &Input) -> bool {
    input.value.literal().is_none()
}

/// What the place of a file is called, whatever the prompt calls it: a field may have the name of a variable that the
/// shell itself lives by.
fn variable_of(inputs: &[Input], input: &Input) -> String {
    let before = inputs.iter().take_while(|other| other.mark != input.mark).filter(|other| is_read(other)).count();
    if before == 0 { "file".to_owned() } else { format!("file_{}", before + 1) }
}

/// JSON for a shell that fills in what files hold and nothing else.
fn with_files(json: &str, inputs: &[Input]) -> String {
    let mut out = String::with_capacity(json.len());
    let mut text = String::new();
    for char in json.chars() {
        let Some(input) = marked(inputs, char).map(|index| &inputs[index]) else {
            text.push(char);
            continue;
        };
        out.push_str(&unexpanded(&seen(&std::mem::take(&mut text))));
        let variable = variable_of(inputs, input);
        out.push_str(&match input.value {
            Supply::Web(_) => format!("$(curl -gsSfL \"${variable}\" | base64 | tr -d '\\n')"),
            _ => format!("$(base64 < \"${variable}\" | tr -d '\\n')"),
        });
    }
    out.push_str(&unexpanded(&seen(&text)));
    out
}

/// A text in which a shell finds nothing to fill in.
fn unexpanded(text: &str) -> String {
    text.replace('\\', r"\\").replace('$', r"\$").replace('`', r"\`")
}

/// A word for a shell, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// JSON with escapes for what is not seen, which stands in texts alone.
fn seen(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for char in json.chars() {
        if char != '\n' && is_unseen(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(char);
        }
    }
    out
}
