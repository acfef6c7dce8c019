//! A request as a shell with curl sends it.

use super::environment::variable;
use super::literal::is_unseen;
use super::{Asked, filled};
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
    // Between quoted words a shell reads nothing but text, and no line of JSON is this word.
    lines.push("--data-binary @- <<'JSON'".to_owned());
    let body = format!("{:#}", filled(&wire.body, &asked.inputs));
    format!("# {} Here it asks about {}.\n{}\n{}\nJSON\n", asked.title, asked.task, lines.join(" \\\n  "), seen(&body))
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
