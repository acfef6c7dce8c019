//! What pasting brings along, and what can be seen of it to be no key, no address and no model's id.
//!
//! Whoever enters something, in the window or at the command line, comes through here. The window takes most of it off a key
//! as it is pasted already, so that what was pasted can be looked at.

use crate::{Error, Result};
use touchstone_domain::secret::Secret;

/// Longest key or token, in bytes: the longest tokens that are given out have some thousands.
const KEY_BYTES_MAX: usize = 8 << 10;

/// Characters that nobody sees. Documents and web pages have them within words.
const UNSEEN: [char; 6] = ['\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{ad}'];

/// Letters of other alphabets, by the first and the last of each.
const ALPHABETS: [(char, char, &str); 4] = [
    ('\u{370}', '\u{3ff}', "a Greek letter"),
    ('\u{400}', '\u{52f}', "a Cyrillic letter"),
    ('\u{530}', '\u{58f}', "an Armenian letter"),
    ('\u{ff01}', '\u{ff5e}', "a character of full width"),
];

/// A pasted secret often brings blanks, a line end, quotes, a comma, its variable's name or the words of its header along.
pub(crate) fn cleaned(secret: Secret) -> Secret {
    let seen: String = secret.expose().chars().filter(|char| !UNSEEN.contains(char)).collect();
    Secret::new(to_the_core(&seen, |text| behind_its_name(text).or_else(|| with_less(text))).to_owned())
}

/// An address without quotes, commas and its variable's name around it, as in a file of settings.
pub(super) fn address(text: &str) -> String {
    let is_name = |name: &str| has_end(name, &["URL", "ENDPOINT", "BASE"]);
    let value = |text| behind_name_of(text, is_name).filter(|value| value.contains("://"));
    let text = to_the_core(text, |text| value(text).or_else(|| unwrapped(text)));
    text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text).to_owned()
}

/// The id of a model or deployment without quotes and commas around it, and not as it stands in an address.
pub(super) fn id(field: &'static str, text: &str) -> Result<String> {
    let text = to_the_core(text, unwrapped);
    let Some(decoded) = percent_decoded(text) else { return Ok(text.to_owned()) };
    if decoded.contains(|char: char| char.is_whitespace() || char.is_control()) {
        let words = format!("“{text}” is written as in an address, where %20 is a blank; enter the id itself");
        return Err(Error::invalid_field(field, words));
    }
    Ok(decoded)
}

/// `text` after `less` took off all that it could.
fn to_the_core<'t>(text: &'t str, less: impl Fn(&'t str) -> Option<&'t str>) -> &'t str {
    let mut text = text.trim();
    while let Some(rest) = less(text) {
        text = rest.trim();
    }
    text
}

/// `text` without the quotes around it, or the sign behind it.
fn unwrapped(text: &str) -> Option<&str> {
    const QUOTES: [(char, &str); 9] = [
        ('"', "\""),
        ('\'', "'"),
        ('`', "`"),
        ('“', "”"),
        ('„', "“”"),
        ('‘', "’"),
        ('‚', "‘’"),
        ('«', "»"),
        ('‹', "›"),
    ];
    if let Some(text) = text.strip_suffix([',', ';']) {
        return Some(text);
    }
    QUOTES.into_iter().find_map(|(begin, ends)| {
        let ends = |char: char| ends.contains(char);
        text.strip_prefix(begin).and_then(|text| text.strip_suffix(ends))
    })
}

/// `text` without the outermost of what belongs to no secret, but the name before it.
fn with_less(text: &str) -> Option<&str> {
    let begins = |word: &str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let within = || text.strip_prefix('{')?.strip_suffix('}').filter(|pair| behind_its_name(pair.trim()).is_some());
    unwrapped(text).or_else(within).or_else(|| {
        let words = ["Authorization:", "Bearer ", "export ", "set ", "$env:", "- "];
        words.into_iter().find(|word| begins(word)).map(|word| &text[word.len()..])
    })
}

/// What stands behind `OPENAI_API_KEY=`, `api_key: ` or `"x-api-key":`.
fn behind_its_name(text: &str) -> Option<&str> {
    behind_name_of(text, |name| has_end(name, &["KEY", "TOKEN", "SECRET"]))
}

fn behind_name_of(text: &str, is_name: impl Fn(&str) -> bool) -> Option<&str> {
    let (name, value) = text.split_at(text.find(['=', ':'])?);
    let (sign, value) = value.split_at(1);
    let quoted = ['"', '\''].into_iter().find_map(|quote| name.trim().strip_prefix(quote)?.strip_suffix(quote));
    let is_quoted = quoted.is_some();
    let name = quoted.unwrap_or(name.trim()).to_ascii_uppercase();
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let is_value = if sign == "=" {
        // The sign may also end a key, as it does in base64.
        !value.trim_start_matches('=').is_empty()
    } else {
        // A colon may also part a user from a password.
        is_quoted || name.contains(['_', '-']) || value.starts_with([' ', '"', '\''])
    };
    (is_word && is_value && !value.trim().is_empty() && is_name(&name)).then_some(value)
}

fn has_end(name: &str, ends: &[&str]) -> bool {
    ends.iter().any(|end| name.ends_with(end))
}

/// What `text` means in an address; `None` if it is not written as there.
fn percent_decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    let mut is_encoded = false;
    for part in parts {
        let (code, rest) =
            part.split_at_checked(2).filter(|(code, _)| code.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(code, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
        is_encoded = true;
    }
    String::from_utf8(bytes).ok().filter(|_| is_encoded)
}

/// Why it can be no key or token, without repeating it.
pub(crate) fn why_no_key(secret: &Secret) -> Option<String> {
    let text = secret.expose();
    let is_address = ["http://", "https://"]
        .iter()
        .any(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    if text.len() > KEY_BYTES_MAX {
        Some("this is longer than any key; enter the key alone".to_owned())
    } else if text.contains(['•', '●', '∙', '·', '…', '⋯']) || text.contains("***") || text.contains("...") {
        let words = "this is only a key's picture, as it is shown once it is kept, without its middle";
        Some(format!("{words}; copy the key where it was made"))
    } else if is_address {
        Some("this is an address; enter the key itself".to_owned())
    } else if text.contains(char::is_control) {
        Some("this has several lines; enter the key alone".to_owned())
    } else {
        let (at, char) = text.chars().enumerate().find(|(_, char)| !char.is_ascii())?;
        Some(format!(
            "its character {} is {}, which a request cannot carry; copy the key again where it was made",
            at + 1,
            described(char)
        ))
    }
}

fn described(char: char) -> String {
    let code = u32::from(char);
    match ALPHABETS.iter().find(|(first, last, _)| (*first..=*last).contains(&char)) {
        Some((_, _, kind)) => format!("“{char}” (U+{code:04X}), {kind}"),
        None if char.is_whitespace() => format!("a blank of another kind (U+{code:04X})"),
        None => format!("“{char}” (U+{code:04X})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_key(pasted: &str, key: &str) {
        assert_eq!(cleaned(Secret::new(pasted.to_owned())).expose(), key, "{pasted:?}");
    }

    #[test]
    fn what_pasting_brings_along_is_taken_off() {
        for pasted in
            ["sk-1", " sk-1\r\n", "\"sk-1\"", "'sk-1' ", "Bearer sk-1", "\u{feff}`sk-1`", "sk\u{200b}-\u{ad}1"]
                .into_iter()
                .chain(["“sk-1”", "‘sk-1’", "„sk-1“", "«sk-1»", "sk-1,", "\"sk-1\",", "bearer  sk-1"])
                .chain([
                    "OPENAI_API_KEY=sk-1",
                    "export HF_TOKEN=\"sk-1\"",
                    "api_key = 'sk-1'",
                    "Authorization: Bearer sk-1",
                ])
                .chain([
                    "api_key: \"sk-1\"",
                    "api_key:sk-1",
                    "key: sk-1",
                    "- token: 'sk-1'",
                    "\"apiKey\":\"sk-1\",",
                    "{\"api_key\": \"sk-1\"}",
                    "x-api-key: sk-1",
                    "$env:OPENAI_API_KEY = \"sk-1\"",
                    "set OPENAI_API_KEY=sk-1",
                ])
        {
            check_key(pasted, "sk-1");
        }
    }

    #[test]
    fn what_may_belong_to_a_key_stays() {
        for key in ["c2VjcmV0a2V5=", "TESTKEY==", "a=b", "sk-1'", "x\"y", "key:secret", "user:a=b", "{\"type\": \"a\"}"]
        {
            check_key(key, key);
        }
    }

    #[test]
    fn what_can_be_no_key_is_refused_and_not_repeated() {
        let long = "planted".repeat(2_000);
        for (text, says) in [
            (long.as_str(), "longer"),
            ("•••• planted", "only a key's picture"),
            ("planted…4f2a", "only a key's picture"),
            ("planted****4f2a", "only a key's picture"),
            ("planted...4f2a", "only a key's picture"),
            ("HTTPS://planted.example/keys", "an address"),
            ("planted\nplanted", "several lines"),
            ("sk-planted-\u{410}", "character 12 is “\u{410}” (U+0410), a Cyrillic letter"),
            ("\u{441}planted", "character 1 is “\u{441}” (U+0441), a Cyrillic letter"),
            ("planted\u{3bf}", "a Greek letter"),
            ("planted\u{a0}x", "a blank of another kind (U+00A0)"),
            ("planted–x", "“–” (U+2013), which a request cannot carry"),
        ] {
            let words = why_no_key(&Secret::new(text.to_owned())).expect(text);
            assert!(words.contains(says) && !words.contains("planted"), "{words}");
        }
        for key in ["k".repeat(KEY_BYTES_MAX), "sk-1_a.b*c".to_owned()] {
            assert_eq!(why_no_key(&Secret::new(key)), None);
        }
    }

    #[test]
    fn an_address_is_taken_out_of_its_quotes() {
        let endpoint = "https://models.example/v1";
        for pasted in [
            endpoint,
            " \"https://models.example/v1\",",
            "'https://models.example/v1'",
            "OPENAI_BASE_URL=https://models.example/v1",
            "base_url: \"https://models.example/v1\"",
            "<https://models.example/v1>",
        ] {
            assert_eq!(address(pasted), endpoint);
        }
        assert_eq!(address("http://a.example/v1?api-version=1"), "http://a.example/v1?api-version=1");
    }

    #[test]
    fn an_id_is_taken_out_of_its_quotes_and_of_an_address() {
        let check = |pasted: &str, want: &str| assert_eq!(id("model", pasted).expect(pasted), want);
        check(" \"gpt-6\",", "gpt-6");
        check("meta-llama%2FLlama-4", "meta-llama/Llama-4");
        check("qwen3%3A8b", "qwen3:8b");
        check("a 100% model", "a 100% model");
        check("half%zz", "half%zz");
        let error = id("model", "gpt%206").expect_err("it means a blank");
        assert_eq!(error.field(), Some("model"));
        assert!(error.to_string().contains("“gpt%206”"), "{error}");
    }
}
