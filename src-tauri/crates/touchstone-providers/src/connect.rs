//! From what a connection holds to a model that can be asked.

use crate::anthropic::AnthropicModel;
use crate::azure::AzureModel;
use crate::chat::ChatModel;
use crate::custom::CustomModel;
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
    },
    Foundry {
        endpoint: String,
        model: String,
        key: Secret,
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
    Ok(match access {
        Access::OpenAi { key } => Box::new(OpenAiModel::new(client, key, options)),
        Access::Anthropic { key } => Box::new(AnthropicModel::new(client, key, options)),
        Access::Gemini { key } => Box::new(GeminiModel::new(client, key, options)),
        Access::Vertex { account, project, location } => {
            Box::new(VertexModel::new(client, account, project.as_deref(), location.as_deref(), options)?)
        }
        Access::AzureOpenAi { endpoint, deployment, key, base_model } => {
            Box::new(AzureModel::openai(client, &endpoint, &deployment, key, base_model.as_deref(), options)?)
        }
        Access::Foundry { endpoint, model, key } => {
            Box::new(AzureModel::foundry(client, &endpoint, &model, key, options)?)
        }
        Access::Custom { endpoint, key, token } => {
            Box::new(CustomModel::new(client, endpoint, key, token).with(options))
        }
        Access::Practice => Box::new(PracticeModel),
    })
}
