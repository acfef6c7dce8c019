//! Which language tag the page's numbers and dates follow.
//!
//! WebKit on Linux takes `C` of `LANG=C.UTF-8` for a language, which its own `Intl` then refuses; so the page is told a
//! tag that is always valid.

/// Where nothing usable is said.
const FALLBACK: &str = "en-US";

/// The user's language as a BCP 47 tag, from the environment in the order that POSIX gives it.
pub(crate) fn from_environment() -> String {
    let set = ["LC_ALL", "LC_TIME", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    tag(set.into_iter().find(|value| !value.is_empty()).as_deref().unwrap_or_default())
}

/// `de_AT.UTF-8@euro` → `de-AT`. Anything that is no language, like `C`, becomes the fallback.
fn tag(locale: &str) -> String {
    let name = locale.split(['.', '@']).next().unwrap_or_default();
    let mut parts = name.split(['_', '-']);
    let letters = |part: &&str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let language = parts.next().filter(|part| (2..=3).contains(&part.len())).filter(letters);
    let Some(language) = language else { return FALLBACK.to_owned() };
    let language = language.to_ascii_lowercase();
    match parts.next_back().filter(|part| part.len() == 2).filter(letters) {
        Some(region) => format!("{language}-{}", region.to_ascii_uppercase()),
        None => language,
    }
}

#[cfg(test)]
mod tests {
    use super::tag;

    #[test]
    fn a_locale_becomes_a_valid_tag() {
        for (locale, expected) in [
            ("de_AT.UTF-8@euro", "de-AT"),
            ("en_GB", "en-GB"),
            ("sr-Latn-RS", "sr-RS"),
            ("eo", "eo"),
            ("C.UTF-8", "en-US"),
            ("POSIX", "en-US"),
            ("", "en-US"),
        ] {
            assert_eq!(tag(locale), expected, "{locale}");
        }
    }
}
