//! Whose key a pasted text looks like.

use touchstone_domain::prompt::Provider;
use touchstone_domain::secret::Secret;

/// What to tell somebody who enters `key` for `provider`, if it has the shape of another vendor's. A warning and no more:
/// gateways give out keys of any shape.
pub fn key_warning(provider: Provider, key: &Secret) -> Option<String> {
    let looks_like = shape(key.expose().trim())?;
    // A gateway may want any key, and Azure's are named by nobody's prefix.
    (looks_like != provider && provider != Provider::Custom).then(|| {
        format!("This looks like a key of {}, and the connection is for {}.", looks_like.label(), provider.label())
    })
}

fn shape(key: &str) -> Option<Provider> {
    let shapes = [
        ("sk-ant-", Provider::Anthropic),
        ("sk-", Provider::OpenAi),
        ("AIza", Provider::Gemini),
        ("AQ.", Provider::Gemini),
        ("{", Provider::VertexAi),
    ];
    shapes.into_iter().find(|(start, _)| key.starts_with(start)).map(|(_, provider)| provider)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(provider: Provider, key: &str, want: Option<&str>) {
        let got = key_warning(provider, &Secret::new(key.to_owned()));
        assert_eq!(got.as_deref(), want, "{key}");
    }

    #[test]
    fn a_key_of_another_vendor_is_noticed_and_not_repeated() {
        check(Provider::OpenAi, "sk-proj-1", None);
        check(
            Provider::OpenAi,
            " sk-ant-api03-1",
            Some("This looks like a key of Anthropic, and the connection is for OpenAI."),
        );
        check(
            Provider::Gemini,
            "{\"type\":",
            Some("This looks like a key of Vertex AI, and the connection is for Gemini."),
        );
        check(Provider::Anthropic, "0123abcd", None);
        check(Provider::Custom, "sk-or-1", None);
    }
}
