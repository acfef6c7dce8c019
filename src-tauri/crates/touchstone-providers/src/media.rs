//! Files inside requests: what stands for their bytes in a body, and how the bytes get into what is sent.
//!
//! A body holds a stand-in for each file, which names its type, its size and the hash of its bytes. So it stays small
//! enough to be shown, and its own hash, which is the key of the answer, still depends on every byte of the file. The
//! bytes come in when the body is written for the wire.

use crate::body::Body;
use crate::chat::{ChatRequest, Part};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;
use touchstone_domain::prompt::sha256_hex;

/// The members that adapters put files into. Elsewhere a text may say what it likes.
const MEMBERS: [&str; 3] = ["url", "data", "file_data"];

/// A file inside a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Media {
    /// As `image/png`.
    mime: String,
    bytes: Arc<[u8]>,
    stand_in: String,
}

impl Media {
    pub fn new(mime: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Self {
        let (mime, bytes) = (mime.into(), bytes.into());
        let stand_in = format!("<{mime}, {} bytes, SHA-256 {}>", bytes.len(), sha256_hex(&bytes));
        Self { mime, bytes, stand_in }
    }

    /// A file that could not be read, for a request that is shown and not sent.
    pub fn unread(mime: &str, why: &str) -> Self {
        Self::put_in_elsewhere(mime, format!("<{mime}, not read: {why}>"))
    }

    /// A file whose bytes somebody else puts in where `stand_in` is: code that is written for a request.
    pub fn put_in_elsewhere(mime: &str, stand_in: String) -> Self {
        Self { mime: mime.to_owned(), bytes: Arc::from([]), stand_in }
    }

    pub fn mime(&self) -> &str {
        &self.mime
    }

    /// What stands for its bytes in a body: its type, its size and the hash of its bytes.
    pub fn stand_in(&self) -> &str {
        &self.stand_in
    }

    /// What it takes on the wire, in bytes.
    pub fn sent_bytes(&self) -> usize {
        self.bytes.len().div_ceil(3) * 4
    }

    /// A `data:` URL of it, in a body.
    pub(crate) fn data_url(&self) -> String {
        format!("data:{};base64,{}", self.mime, self.stand_in)
    }
}

/// A file's content is the user's data: debug output shows how much there is, not what.
impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Media({}, {} bytes)", self.mime, self.bytes.len())
    }
}

/// What of pictures and documents a server takes, as far as its vendor says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaLimits {
    /// Types of pictures, as `image/png`.
    pub image_types: &'static [&'static str],
    /// Pixels of a picture's longer side.
    pub side_px_max: Option<u32>,
    /// The same in a request of more than so many pictures.
    pub side_px_max_of_many: Option<(usize, u32)>,
    /// Of a whole request as it is sent.
    pub request_bytes_max: Option<usize>,
}

impl MediaLimits {
    /// Of a server of which nothing is known: it says itself what it does not take, and memory has an end.
    pub const UNKNOWN: Self = Self {
        image_types: &["image/png", "image/jpeg", "image/gif", "image/webp"],
        side_px_max: None,
        side_px_max_of_many: None,
        request_bytes_max: Some(100 << 20),
    };

    /// Pixels of the longer side in a request of so many pictures.
    pub fn side_px_max(&self, pictures: usize) -> Option<u32> {
        let of_many = self.side_px_max_of_many.filter(|(few, _)| pictures > *few).map(|(_, side)| side);
        of_many.or(self.side_px_max)
    }
}

/// The files of a request, in its order.
fn files(request: &ChatRequest) -> Vec<&Media> {
    let parts = request.messages.iter().flat_map(|message| &message.content);
    parts
        .filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Image(media) | Part::Pdf(media) => Some(media),
        })
        .collect()
}

/// `body` as it is sent, with the bytes of the request's files in place of what stands for them.
pub(crate) fn sent(body: &Body, request: &ChatRequest) -> String {
    if files(request).is_empty() { body.text().to_owned() } else { written(body, request) }
}

/// The same for a body that is not sent as it was hashed. Written straight into one text, because a body of files in base64
/// beside it would be as large again.
pub(crate) fn written(body: &Value, request: &ChatRequest) -> String {
    let files = files(request);
    if files.is_empty() {
        // Faster than what `Display` writes, piece by piece through a formatter.
        return serde_json::to_string(body).expect("a JSON value has text keys");
    }
    let mut text = String::with_capacity(files.iter().map(|file| file.sent_bytes()).sum::<usize>() + (8 << 10));
    write(&mut text, body, false, &files);
    text
}

fn write(text: &mut String, value: &Value, may_hold_file: bool, files: &[&Media]) {
    match value {
        Value::Object(members) => {
            let mut before = '{';
            for (name, value) in members {
                text.push(before);
                before = ',';
                let _ = write!(text, "{}:", Value::from(name.as_str()));
                write(text, value, MEMBERS.contains(&name.as_str()), files);
            }
            text.push_str(if before == '{' { "{}" } else { "}" });
        }
        Value::Array(items) => {
            let mut before = '[';
            for item in items {
                text.push(before);
                before = ',';
                write(text, item, false, files);
            }
            text.push_str(if before == '[' { "[]" } else { "]" });
        }
        Value::String(said) if may_hold_file => {
            let stands_for = |file: &&&Media| *said == file.stand_in || *said == file.data_url();
            match files.iter().find(stands_for) {
                Some(file) => {
                    // Neither the type of a file nor base64 has a letter that JSON escapes.
                    let _ = write!(text, "\"{}", said.strip_suffix(&file.stand_in).unwrap_or_default());
                    BASE64_STANDARD.encode_string(&file.bytes, text);
                    text.push('"');
                }
                None => {
                    let _ = write!(text, "{value}");
                }
            }
        }
        other => {
            let _ = write!(text, "{other}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::ChatMessage;
    use serde_json::json;
    use touchstone_domain::prompt::Role;

    fn request(parts: Vec<Part>) -> ChatRequest {
        let mut request = crate::check::test_question("m");
        request.messages = vec![ChatMessage { content: parts, ..ChatMessage::new(Role::User, "") }];
        request
    }

    #[test]
    fn bytes_stand_on_the_wire_alone_and_nothing_else_changes() {
        let picture = Media::new("image/png", *b"PNG");
        assert_eq!(picture.stand_in(), format!("<image/png, 3 bytes, SHA-256 {}>", sha256_hex(b"PNG")));
        let (stand_in, url) = (picture.stand_in().to_owned(), picture.data_url());
        let asked = request(vec![Part::Image(picture), Part::Text("\"é\"\n".to_owned())]);
        let body = json!({
            "é\"": [1.5, null, true, {}, [], -3],
            "part": {"url": url, "text": stand_in, "data": [stand_in]},
            "data": stand_in, "file_data": "data:text/plain;base64,AAAA", "said": "\"é\"\n",
        });
        let mut wanted = body.clone();
        wanted["part"]["url"] = "data:image/png;base64,UE5H".into();
        wanted["data"] = "UE5H".into();
        let sent = written(&body, &asked);
        assert_eq!(serde_json::from_str::<Value>(&sent).expect("JSON"), wanted);
        assert_eq!(sent, wanted.to_string(), "to the letter");
        let plain = request(vec![Part::Text("a".to_owned())]);
        assert_eq!(written(&body, &plain), body.to_string());
    }

    #[test]
    fn other_bytes_are_another_body() {
        let body = |bytes: &[u8]| Media::new("image/png", bytes.to_vec()).data_url();
        assert_ne!(body(b"a"), body(b"b"));
        assert_eq!(body(b"a"), body(b"a"));
    }

    #[test]
    fn many_pictures_have_a_limit_of_their_own() {
        let limits = MediaLimits { side_px_max: Some(9), side_px_max_of_many: Some((2, 5)), ..MediaLimits::UNKNOWN };
        assert_eq!((limits.side_px_max(2), limits.side_px_max(3)), (Some(9), Some(5)));
        assert_eq!(MediaLimits::UNKNOWN.side_px_max(100), None);
    }
}
