//! Headers that every request of a connection carries: their names stand in its settings, their values, which may be
//! secrets, in the keychain.

use super::{ConnectionSettings, access};
use crate::{Error, Inner, Result};
use serde::Deserialize;
use specta::Type;
use touchstone_domain::prompt::Provider;
use touchstone_domain::secret::Secret;
use touchstone_store::{ConnectionRow, SecretKind};

const HEADERS_MAX: usize = 20;
const NAME_CHARS_MAX: usize = 100;
const VALUE_CHARS_MAX: usize = 8_192;

/// What requests set by themselves: another value would break them, or belongs into a field of its own.
const OWN: [&str; 15] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The same for the words of each vendor. What one of them sets, another's gateway may want.
fn own_of(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::Anthropic => &["x-api-key", "anthropic-version"],
        Provider::Gemini => &["x-goog-api-key"],
        Provider::AzureOpenAi => &["api-key"],
        Provider::Foundry => &["api-key", "x-api-key", "anthropic-version", "extra-parameters"],
        Provider::Custom => &["x-auth-token"],
        Provider::OpenAi | Provider::VertexAi | Provider::AwsBedrock | Provider::Practice => &[],
    }
}

/// A header as it is entered.
#[derive(Debug, Deserialize, Type)]
pub struct EnteredHeader {
    pub name: String,
    /// `None` stays what it is.
    #[specta(type = Option<String>)]
    pub value: Option<Secret>,
}

/// Names in lower case, and values.
pub(super) type Headers = Vec<(String, Secret)>;

/// The headers of a connection with their values.
pub(super) fn stored(inner: &Inner, row: &ConnectionRow, settings: &ConnectionSettings) -> Result<Headers> {
    if settings.header_names.is_empty() {
        return Ok(Vec::new());
    }
    let gone = || {
        let where_to = access::where_to("edit");
        let words = "are not in the keychain any more; enter them again";
        Error::invalid(format!("the headers of “{}” {words}, {where_to}", row.name))
    };
    let kept = access::stored(inner, row, SecretKind::Headers)?.ok_or_else(gone)?;
    let pairs: Vec<(String, String)> = serde_json::from_str(kept.expose()).map_err(|_| gone())?;
    // Those of an earlier place, which a locked keychain could not be rid of, must not go to this one.
    if !pairs.iter().map(|(name, _)| name).eq(&settings.header_names) {
        return Err(gone());
    }
    Ok(pairs.into_iter().map(|(name, value)| (name, Secret::new(value))).collect())
}

/// What is entered, checked; a value that was left out is taken from `before`.
pub(super) fn checked(
    provider: Provider,
    entered: &[EnteredHeader],
    before: impl FnOnce() -> Result<Headers>,
) -> Result<Headers> {
    let refuse = |words: String| Err(Error::invalid_field("headers", words));
    if entered.len() > HEADERS_MAX {
        return refuse(format!("a connection has at most {HEADERS_MAX} headers"));
    }
    let before = if entered.iter().any(|header| header.value.is_none()) { before()? } else { Vec::new() };
    let mut headers = Headers::new();
    for EnteredHeader { name, value } in entered {
        let name = name.trim().to_ascii_lowercase();
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.bytes().all(is_token) {
            return refuse("a header's name has letters, digits and dashes only".to_owned());
        }
        if OWN.contains(&name.as_str()) || own_of(provider).contains(&name.as_str()) {
            let instead = match name.as_str() {
                "x-auth-token" => "enter the token in its own field",
                "authorization" | "x-api-key" | "x-goog-api-key" | "api-key" => "enter the key in its own field",
                "proxy-authorization" => "name them in HTTPS_PROXY and HTTP_PROXY, as http://name:password@host:port",
                _ => "leave it out",
            };
            return refuse(format!("{name} is set by every request itself; {instead}"));
        }
        if headers.iter().any(|(other, _)| *other == name) {
            return refuse(format!("{name} is there twice"));
        }
        let value = match value {
            Some(value) => Secret::new(value.expose().trim().to_owned()),
            None => match before.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => value.clone(),
                None => return refuse(format!("enter the value of {name}")),
            },
        };
        let text = value.expose();
        if text.is_empty() || text.len() > VALUE_CHARS_MAX || !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return refuse(format!("the value of {name} is empty, too long, or holds a character that cannot be sent"));
        }
        headers.push((name, value));
    }
    Ok(headers)
}

/// The headers in the form in which the keychain has them.
pub(super) fn packed(headers: &Headers) -> Secret {
    let pairs: Vec<_> = headers.iter().map(|(name, value)| (name, value.expose())).collect();
    Secret::new(serde_json::to_string(&pairs).expect("texts are written as JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(name: &str, value: Option<&str>) -> EnteredHeader {
        EnteredHeader { name: name.to_owned(), value: value.map(|value| Secret::new(value.to_owned())) }
    }

    #[test]
    fn a_value_that_is_left_out_stays_and_names_are_in_lower_case() {
        let before = || Ok(vec![("x-team".to_owned(), Secret::new("old".to_owned()))]);
        let headers = checked(Provider::OpenAi, &[entered("X-Team", None), entered("X-New", Some(" v "))], before)
            .expect("headers");
        let plain: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.expose().as_str())).collect();
        assert_eq!(plain, [("x-team", "old"), ("x-new", "v")]);
    }

    #[test]
    fn what_requests_set_themselves_is_refused_and_no_value_is_repeated() {
        for (name, value, says) in [
            ("Authorization", Some("planted"), "key in its own field"),
            ("HOST", Some("planted"), "leave it out"),
            ("content-length", Some("planted"), "leave it out"),
            ("two words", Some("planted"), "letters, digits and dashes"),
            ("", Some("planted"), "letters, digits and dashes"),
            ("x-a", Some("planted\nx: y"), "cannot be sent"),
            ("x-a", None, "enter the value"),
            ("x-auth-token", Some("planted"), "token in its own field"),
        ] {
            let error =
                checked(Provider::Custom, &[entered(name, value)], || Ok(Vec::new())).expect_err(name).to_string();
            assert!(error.contains(says) && !error.contains("planted"), "{name}: {error}");
        }
        let twice = [entered("x-a", Some("1")), entered("X-A", Some("2"))];
        assert!(checked(Provider::OpenAi, &twice, || Ok(Vec::new())).expect_err("twice").to_string().contains("twice"));
    }

    #[test]
    fn the_header_of_a_vendors_key_is_refused_there_and_taken_elsewhere() {
        let taken = |provider| checked(provider, &[entered("x-api-key", Some("v"))], || Ok(Vec::new())).is_ok();
        assert!(!taken(Provider::Anthropic) && taken(Provider::Custom));
    }
}
