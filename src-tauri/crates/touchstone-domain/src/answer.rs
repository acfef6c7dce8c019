//! The identity of an answer: the hash of the exact request that it answers.

use crate::prompt::{Provider, in_hex, sha256_hex};
use sha2::{Digest, Sha256};

/// The key under which an answer is kept: SHA-256 in lower-case hex over who is asked and what is asked.
///
/// `endpoint` is where the request goes, because two servers may serve different models under one name; keys and
/// tokens are not part of it, so replacing a key does not pay for an answer again. `body` is the request body as sent,
/// which is JSON; what is hashed is the JSON list of the three.
pub fn answer_hash(provider: Provider, endpoint: &str, body: &str) -> String {
    let asked = serde_json::to_string(&(provider.as_str(), endpoint)).expect("texts are written as JSON");
    let mut hash = Sha256::new();
    hash.update(asked.strip_suffix(']').unwrap_or(&asked));
    hash.update(",");
    hash.update(body);
    hash.update("]");
    in_hex(&hash.finalize())
}

/// The key of the answer to a request that is asked several times on purpose. The first repetition has the key of the
/// request itself, so that an answer that is owned without any counts as the first. `hash` is that of the request.
pub fn repeated_hash(hash: String, repetition: u32) -> String {
    match repetition {
        0 | 1 => hash,
        number => sha256_hex(format!("{hash}\nrepetition {number}").as_bytes()),
    }
}

/// The key of the `number`th reply, from 0, that came to a request and could not be used as its answer. No request has
/// this key, but whoever goes on with what was begun finds it. `hash` is that of the request.
pub fn unusable_hash(hash: &str, number: u32) -> String {
    sha256_hex(format!("{hash}\nunusable {number}").as_bytes())
}

/// The key under which is kept what a model said before it broke off. No request has this key, so it can be looked at but
/// is never taken for the answer. `hash` is that of the request.
pub fn evidence_hash(hash: &str, content: &str) -> String {
    sha256_hex(format!("{hash}\n{content}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn another_endpoint_or_body_is_another_answer() {
        let body = r#"{"model":"m","messages":[]}"#;
        let key = answer_hash(Provider::Custom, "http://127.0.0.1:1/v1", body);
        // Answers that were paid for are found by it for good.
        let list = json!(["custom", "http://127.0.0.1:1/v1", {"model": "m", "messages": []}]);
        assert_eq!(key, sha256_hex(list.to_string().as_bytes()));
        assert_eq!(key, answer_hash(Provider::Custom, "http://127.0.0.1:1/v1", body));
        assert_ne!(key, answer_hash(Provider::Custom, "http://127.0.0.1:2/v1", body));
        assert_ne!(key, answer_hash(Provider::Custom, "http://127.0.0.1:1/v1", &body.replace("\"m\"", "\"n\"")));
    }

    #[test]
    fn each_repetition_is_another_answer_and_the_first_is_the_one_without_any() {
        let repeated = |number| repeated_hash("h".to_owned(), number);
        assert_eq!(repeated(1), "h");
        // Answers that were paid for are found by it for good.
        assert_eq!(repeated(2), sha256_hex(b"h\nrepetition 2"));
        assert_ne!(repeated(2), repeated(3));
        assert_ne!(repeated(2), unusable_hash("h", 2));
    }
}
