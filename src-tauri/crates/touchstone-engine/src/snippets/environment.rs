//! Where code looks for keys: the environment variables that the vendors' own clients read.

use super::Asked;
use touchstone_domain::prompt::Provider;
use touchstone_providers::{SecretPlace, Speech};

/// Google's clients find the file of a service account by it.
pub(super) const GOOGLE_CREDENTIALS: &str = "GOOGLE_APPLICATION_CREDENTIALS";

/// The variables of everything secret, in the order of the wire.
pub(super) fn variables(asked: &Asked) -> Vec<String> {
    let is_vertex = matches!(asked.wire.speech, Speech::Vertex { .. });
    let secrets = asked.wire.secrets.iter().enumerate();
    let called = |(at, place): (usize, &SecretPlace)| match place {
        SecretPlace::Bearer if is_vertex => GOOGLE_CREDENTIALS.to_owned(),
        _ => variable(asked, at, place),
    };
    secrets.map(called).collect()
}

/// The variable of the secret at `at`, which is the key if [`is_key`], and else is called as its header is.
pub(super) fn variable(asked: &Asked, at: usize, place: &SecretPlace) -> String {
    match place {
        SecretPlace::Header(name) if !is_key(asked, at) => {
            let upper = |char: char| if char.is_ascii_alphanumeric() { char.to_ascii_uppercase() } else { '_' };
            let name: String = name.chars().map(upper).collect();
            // One word may be a variable that the shell itself lives by, such as PATH.
            if name.contains('_') { name } else { format!("HEADER_{name}") }
        }
        _ => key(asked).to_owned(),
    }
}

/// Whether the secret at `at` is the key of the connection. A custom server that wants none may want a header.
pub(super) fn is_key(asked: &Asked, at: usize) -> bool {
    at == 0 && (asked.provider != Provider::Custom || asked.wire.secrets.first() == Some(&SecretPlace::Bearer))
}

/// The variable of the key, if the server wants one.
pub(super) fn key_variable(asked: &Asked) -> Option<&'static str> {
    (!asked.wire.secrets.is_empty() && is_key(asked, 0)).then(|| key(asked))
}

fn key(asked: &Asked) -> &'static str {
    match asked.provider {
        Provider::Anthropic => "ANTHROPIC_API_KEY",
        Provider::Gemini | Provider::VertexAi => "GEMINI_API_KEY",
        Provider::AzureOpenAi => "AZURE_OPENAI_API_KEY",
        Provider::Foundry if matches!(asked.wire.speech, Speech::Anthropic { .. }) => "ANTHROPIC_FOUNDRY_API_KEY",
        Provider::Foundry => "AZURE_AI_API_KEY",
        // A key for OpenAI must not go to somebody else's server.
        Provider::Custom => "LLM_API_KEY",
        Provider::OpenAi | Provider::AwsBedrock | Provider::Practice => "OPENAI_API_KEY",
    }
}
