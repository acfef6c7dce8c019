//! The local API: this workspace's prompts for other programs of this machine, as the Arize prompts API has them.
//!
//! What the API says and takes is `touchstone-arize`'s matter; here are the prompts, whether it is on, and its token.

mod keeper;

use crate::{Changed, Engine, Error, Inner, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keeper::Keeper;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::sync::Arc;
use touchstone_arize::{ServeError, Served, Spelling, serve};
use touchstone_domain::secret::Secret;
use touchstone_store::SecretKind;

/// Where it listens unless told otherwise: no well-known program's port.
const PORT: u16 = 47_360;

const ENABLED: &str = "local_api_enabled";
const PORT_SETTING: &str = "local_api_port";
const SPELLING: &str = "local_api_spelling";
const HAS_TOKEN: &str = "local_api_has_token";

/// Bytes of a token, before it is spelled in base64.
const TOKEN_BYTES: usize = 32;

/// The words that clients get which do not say who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ApiSpelling {
    First,
    Second,
    #[default]
    Current,
}

impl ApiSpelling {
    fn spelling(self) -> Spelling {
        match self {
            Self::First => Spelling::First,
            Self::Second => Spelling::Second,
            Self::Current => Spelling::Current,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
            Self::Current => "current",
        }
    }
}

/// What is wanted of the local API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct LocalApiSettings {
    pub enabled: bool,
    /// 1024 to 65535.
    pub port: u16,
    pub spelling: ApiSpelling,
}

/// How the local API is.
#[derive(Clone, Debug, Serialize, Type)]
pub struct LocalApi {
    pub settings: LocalApiSettings,
    pub has_token: bool,
    /// Where it answers now; `None` while it is off.
    pub address: Option<String>,
    /// Why it is not on though it should be.
    pub problem: Option<String>,
}

/// The server of this process, and why there is none.
#[derive(Default)]
pub(crate) struct LocalServer {
    state: tokio::sync::Mutex<ServerState>,
}

#[derive(Default)]
struct ServerState {
    served: Option<Served>,
    problem: Option<String>,
}

impl Engine {
    pub async fn local_api(&self) -> Result<LocalApi> {
        let (settings, has_token) =
            self.blocking(|inner| Ok((settings(inner)?, inner.store.setting(HAS_TOKEN)?.is_some()))).await?;
        let state = self.inner.local_server.state.lock().await;
        let address = state.served.as_ref().map(Served::address);
        Ok(LocalApi { settings, has_token, address, problem: state.problem.clone() })
    }

    /// Keeps the settings and brings the server in line with them. A server that cannot be started says so in
    /// [`LocalApi::problem`].
    pub async fn set_local_api(&self, wanted: LocalApiSettings) -> Result<LocalApi> {
        if wanted.port < 1024 {
            return Err(Error::invalid_field("port", "choose a port from 1024 to 65535"));
        }
        self.blocking(move |inner| {
            if wanted.enabled && inner.store.setting(HAS_TOKEN)?.is_none() {
                return Err(Error::invalid_field("enabled", "make a token first; programs need it to call"));
            }
            inner.store.set_setting(ENABLED, &wanted.enabled.to_string())?;
            inner.store.set_setting(PORT_SETTING, &wanted.port.to_string())?;
            Ok(inner.store.set_setting(SPELLING, wanted.spelling.as_str())?)
        })
        .await?;
        self.apply_local_api().await?;
        self.changed(Changed::Settings);
        self.local_api().await
    }

    /// Makes a token in place of the one that is there, and tells it: here and never again. Where no keychain answers it
    /// is kept until the program ends, if `until_quit` says so.
    pub async fn make_local_api_token(&self, until_quit: bool) -> Result<Secret> {
        let token = self
            .blocking(move |inner| {
                let token = Secret::new(new_token()?);
                let owner = owner(inner);
                if until_quit {
                    inner.keychain.keep_until_quit(&owner, SecretKind::LocalApiToken, token.clone());
                } else {
                    inner.keychain.keep(&owner, SecretKind::LocalApiToken, &token)?;
                }
                inner.store.set_setting(HAS_TOKEN, "true")?;
                Ok(token)
            })
            .await?;
        self.apply_local_api().await?;
        self.changed(Changed::Settings);
        Ok(token)
    }

    /// Starts the server if it is wanted; for the start of the program.
    pub async fn start_local_api(&self) -> Result<()> {
        self.apply_local_api().await
    }

    /// Serves this workspace under a token that is not kept, until the server is dropped. Port 0 takes a free one.
    pub async fn serve(&self, port: u16, token: Secret, spelling: ApiSpelling) -> Result<Served> {
        if token.expose().is_empty() || !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::invalid("a token is one word of letters, digits and signs of ASCII, without blanks"));
        }
        self.listen(port, token, spelling).await
    }

    async fn listen(&self, port: u16, token: Secret, spelling: ApiSpelling) -> Result<Served> {
        serve(Arc::new(Keeper::of(self)), port, token, spelling.spelling()).await.map_err(|error| match error {
            ServeError::PortTaken(_) | ServeError::Listen { .. } => Error::invalid_field("port", error.to_string()),
        })
    }

    async fn apply_local_api(&self) -> Result<()> {
        let mut state = self.inner.local_server.state.lock().await;
        // The port must be free before it is taken again.
        if let Some(served) = state.served.take() {
            served.stop().await;
        }
        state.problem = None;
        let settings = self.blocking(settings).await?;
        if !settings.enabled {
            return Ok(());
        }
        let token = self.blocking(|inner| Ok(inner.keychain.find(&owner(inner), SecretKind::LocalApiToken)?)).await;
        let outcome = match token {
            Ok(Some(token)) => self.listen(settings.port, token, settings.spelling).await,
            Ok(None) => Err(Error::invalid("its token is not in the keychain any more; make a new one")),
            Err(error) => Err(Error::invalid(format!("its token could not be read: {error}"))),
        };
        match outcome {
            Ok(served) => state.served = Some(served),
            Err(error) => state.problem = Some(error.to_string()),
        }
        Ok(())
    }
}

/// Whose the token is: each workspace has its own.
fn owner(inner: &Inner) -> String {
    format!("local-api/{}", inner.space)
}

fn settings(inner: &Inner) -> Result<LocalApiSettings> {
    let spelling = match inner.store.setting(SPELLING)?.as_deref() {
        Some("first") => ApiSpelling::First,
        Some("second") => ApiSpelling::Second,
        _ => ApiSpelling::Current,
    };
    Ok(LocalApiSettings {
        enabled: inner.store.setting(ENABLED)?.as_deref() == Some("true"),
        port: inner.store.setting(PORT_SETTING)?.and_then(|port| port.parse().ok()).unwrap_or(PORT),
        spelling,
    })
}

/// From the system's source of random bytes.
fn new_token() -> Result<String> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Internal(anyhow::anyhow!("the system gave no random bytes: {error}")))?;
    Ok(format!("ts_{}", URL_SAFE_NO_PAD.encode(bytes)))
}
