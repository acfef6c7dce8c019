//! From what a connection holds to a model that can be asked.

use crate::anthropic::AnthropicModel;
use crate::azure::AzureModel;
use crate::chat::ChatModel;
use crate::custom::CustomModel;
use crate::endpoint::parse_endpoint;
use crate::gemini::GeminiModel;
use crate::line::Options;
use crate::openai::OpenAiModel;
use crate::practice::PracticeModel;
use crate::vertex::{ServiceAccount, VertexModel};
use touchstone_domain::secret::Secret;
use touchstone_net::Client;

/// What each provider needs to be asked, with its secrets.
#[derive(Clone, Debug)]
pub enum Access {
    OpenAi {
        key: Secret,
    },
    Anthropic {
        key: Secret,
    },
    Gemini {
        key: Secret,
    },
    Vertex {
        account: ServiceAccount,
        project: Option<String>,
        location: Option<String>,
    },
    AzureOpenAi {
        endpoint: String,
        deployment: String,
        key: Secret,
        base_model: Option<String>,
        batch_deployment: Option<String>,
        /// As [`ChatModel::has_found_dated`] told.
        is_dated: bool,
    },
    Foundry {
        endpoint: String,
        model: String,
        key: Secret,
        is_dated: bool,
    },
    /// `endpoint` is a base URL as [`crate::parse_endpoint`] gives it.
    Custom {
        endpoint: String,
        key: Option<Secret>,
        token: Option<Secret>,
    },
    Practice,
}

/// A model that is reached by `access`; in words what of it cannot be used, otherwise. Nothing is sent.
pub fn connect(client: Client, access: Access, options: &Options) -> Result<Box<dyn ChatModel>, String> {
    // An address is shown and kept, so a password must not be in it.
    let base_url = options.base_url.as_deref().map(parse_endpoint).transpose()?;
    let options = &Options { base_url, ..options.clone() };
    Ok(match access {
        Access::OpenAi { key } => Box::new(OpenAiModel::new(client, key, options)),
        Access::Anthropic { key } => Box::new(AnthropicModel::new(client, key, options)),
        Access::Gemini { key } => Box::new(GeminiModel::new(client, key, options)),
        Access::Vertex { account, project, location } => {
            Box::new(VertexModel::new(client, account, project.as_deref(), location.as_deref(), options)?)
        }
        Access::AzureOpenAi { endpoint, deployment, key, base_model, is_dated, batch_deployment } => {
            let model = AzureModel::openai(client, &endpoint, &deployment, key, base_model.as_deref(), options)?;
            Box::new(model.known_as(is_dated).with_batches(batch_deployment.as_deref()))
        }
        Access::Foundry { endpoint, model, key, is_dated } => {
            Box::new(AzureModel::foundry(client, &endpoint, &model, key, options)?.known_as(is_dated))
        }
        Access::Custom { endpoint, key, token } => {
            Box::new(CustomModel::new(client, endpoint, key, token).with(options))
        }
        Access::Practice => Box::new(PracticeModel),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{PLANTED, at, client, planted};
    use touchstone_domain::prompt::Provider;

    #[test]
    fn every_provider_is_reached_where_its_connection_says() {
        let file = include_str!("../../../../tests/fixtures/providers/service-account.json");
        let account = ServiceAccount::parse(file).expect("an account");
        let azure = "https://res.openai.azure.com".to_owned();
        let cases = [
            (Access::OpenAi { key: planted() }, Provider::OpenAi, "/v1"),
            (Access::Anthropic { key: planted() }, Provider::Anthropic, ""),
            (Access::Gemini { key: planted() }, Provider::Gemini, "/v1beta"),
            (
                Access::Vertex { account, project: None, location: None },
                Provider::VertexAi,
                "/v1/projects/labels-1/locations/global",
            ),
            (
                Access::AzureOpenAi {
                    endpoint: azure.clone(),
                    deployment: "d".to_owned(),
                    key: planted(),
                    base_model: None,
                    batch_deployment: None,
                    is_dated: true,
                },
                Provider::AzureOpenAi,
                "/openai/v1/chat/completions",
            ),
            (
                Access::Foundry {
                    endpoint: azure,
                    model: "claude-opus-5-5".to_owned(),
                    key: planted(),
                    is_dated: false,
                },
                Provider::Foundry,
                "/anthropic/v1/messages",
            ),
            (
                Access::Custom { endpoint: "http://127.0.0.1:1".to_owned(), key: Some(planted()), token: None },
                Provider::Custom,
                "",
            ),
        ];
        for (access, provider, path) in cases {
            assert!(!format!("{access:?}").contains(PLANTED), "{access:?}");
            let model = connect(client(), access, &at("http://127.0.0.1:9/")).expect("a model");
            assert_eq!((model.provider(), model.endpoint()), (provider, format!("http://127.0.0.1:9{path}").as_str()));
        }
        let practice = connect(client(), Access::Practice, &Options::default()).expect("a model");
        assert_eq!((practice.provider(), practice.endpoint()), (Provider::Practice, ""));
    }

    #[test]
    fn a_password_in_a_base_url_is_refused_and_not_repeated() {
        let refused = connect(client(), Access::OpenAi { key: planted() }, &at("https://me:secret@gateway.example"));
        let words = refused.err().expect("refused");
        assert!(words.contains("password") && !words.contains("secret"), "{words}");
    }
}
