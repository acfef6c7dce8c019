//! Vertex AI: Gemini's words in Google Cloud, with a service account. Wire format:
//! `POST {base}/v1/projects/{project}/locations/{location}/publishers/google/models/{model}:generateContent`.
//!
//! `vertex/account.rs` reads the credentials, `vertex/sign_in.rs` turns them into a token.

mod account;
mod sign_in;
#[cfg(test)]
mod tests;

pub use account::ServiceAccount;

use crate::anthropic::members;
use crate::body::Body;
use crate::chat::{ChatError, ChatErrorKind, ChatModel, ChatReply, ChatRequest, Fault, KeyCheck, LeftOut};
use crate::check::{self, TestReport};
use crate::gemini;
use crate::limits;
use crate::line::{Line, Options};
use crate::media::{self, MediaLimits};
use crate::reply::{Rules, Verdict, tokens};
use crate::structured::StructuredMode;
use crate::wire::{SecretPlace, Speech, Wire};
use async_trait::async_trait;
use serde_json::{Value, json};
use sign_in::SignIn;
use std::time::Duration;
use touchstone_domain::prompt::Provider;
use touchstone_domain::secret::Secret;
use touchstone_net::{Client, Credential, Reply, Via};

/// Where the newest models are; the regions have but some of them.
pub(crate) const LOCATION_DEFAULT: &str = "global";

const VERSION: &str = "v1";

/// What its free count of tokens takes of a request.
const COUNTED: [&str; 4] = ["contents", "systemInstruction", "tools", "generationConfig"];

static RULES: Rules = Rules { sort, endpoint_hint: "", key_hint: "", request_id: "x-goog-request-id" };

/// Where the location is the one that has most models, a model that is not there is no matter of the location.
static RULES_GLOBAL: Rules = Rules { sort: sort_global, ..RULES };

/// Google's models by a service account.
#[derive(Debug)]
pub(crate) struct VertexModel {
    /// Without the token, which every call adds.
    line: Line,
    sign_in: SignIn,
    /// Somebody else's server stands for Google's.
    is_gateway: bool,
}

impl VertexModel {
    /// Without a project, that of the account's own file; without a location, [`LOCATION_DEFAULT`]. In words if there is
    /// no project, or one of the two cannot be a part of an address.
    pub(crate) fn new(
        client: Client,
        account: ServiceAccount,
        project: Option<&str>,
        location: Option<&str>,
        options: &Options,
    ) -> Result<Self, String> {
        let given = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let project = given(project).or_else(|| account.project_id().map(str::to_owned));
        let project = project.ok_or("the credentials name no project; enter the project's id")?;
        let endpoint = vertex_endpoint(&project, location, options)?;
        let sign_in = SignIn::new(&client, account);
        let rules = if endpoint.ends_with("/locations/global") { &RULES_GLOBAL } else { &RULES };
        let is_gateway = options.base_url.is_some();
        Ok(Self { sign_in, line: Line::new(client, endpoint, Vec::new(), rules).with(options), is_gateway })
    }

    /// Calls a method of a model. A token that is not taken any more is replaced, once.
    async fn call(
        &self,
        model: &str,
        method: &str,
        json: String,
        timeout: Duration,
    ) -> Result<(Line, Reply, u32), ChatError> {
        let url = url(&self.line.endpoint, model, method);
        let token = self.sign_in.token(None).await?;
        let line = self.line_with(token.clone());
        let (reply, latency_ms) = line.post(&url, &[], json.clone(), timeout).await?;
        if reply.status != 401 {
            return Ok((line, reply, latency_ms));
        }
        let line = self.line_with(self.sign_in.token(Some(&token)).await?);
        let (reply, latency_ms) = line.post(&url, &[], json, timeout).await?;
        Ok((line, reply, latency_ms))
    }

    fn line_with(&self, token: Secret) -> Line {
        let mut line = self.line.clone();
        line.credentials.push(Credential::Bearer(token));
        line
    }
}

/// Where a project's models are asked; without a location, at [`LOCATION_DEFAULT`]. In words if one of the two cannot be
/// a part of an address.
pub fn vertex_endpoint(project: &str, location: Option<&str>, options: &Options) -> Result<String, String> {
    let location = location.map(str::trim).filter(|location| !location.is_empty());
    let location = location.unwrap_or(LOCATION_DEFAULT).to_ascii_lowercase();
    let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte));
    if !is_name(project) {
        return Err(
            "a project's id has letters, digits and dashes, such as labels-1 or example.com:labels-1".to_owned()
        );
    }
    if !location.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err("a location is a word such as global, eu or us-central1".to_owned());
    }
    let base = match location.as_str() {
        "global" => "https://aiplatform.googleapis.com".to_owned(),
        "us" | "eu" => format!("https://aiplatform.{location}.rep.googleapis.com"),
        _ => format!("https://{location}-aiplatform.googleapis.com"),
    };
    Ok(format!("{}/{VERSION}/projects/{project}/locations/{location}", options.base(&base)))
}

/// How `body` is sent to a project's model, without the account that signs in; `None` if `endpoint` is not one that
/// [`vertex_endpoint`] gives.
pub fn vertex_wire(endpoint: &str, body: &Value) -> Option<Wire> {
    let (rest, location) = endpoint.rsplit_once("/locations/")?;
    let (rest, project) = rest.rsplit_once("/projects/")?;
    let (base, version) = rest.rsplit_once('/')?;
    let [base, version, project, location] = [base, version, project, location].map(str::to_owned);
    let (model, sent) = gemini::split(body);
    Some(Wire {
        url: url(endpoint, &model, "generateContent"),
        headers: Vec::new(),
        secrets: vec![SecretPlace::Bearer],
        body: sent,
        speech: Speech::Vertex { base, version, project, location },
    })
}

fn url(endpoint: &str, model: &str, method: &str) -> String {
    format!("{endpoint}/publishers/google/models/{model}:{method}")
}

fn sort_global(status: u16, body: &Value, everything: &str) -> Option<Verdict> {
    sort(status, body, everything)
        .map(|(kind, fault)| (kind, if fault == Fault::Region { Fault::Model } else { fault }))
}

fn sort(status: u16, body: &Value, everything: &str) -> Option<Verdict> {
    match status {
        404 if body["error"]["status"] == "NOT_FOUND" => Some((ChatErrorKind::NotFound, Fault::Region)),
        // Everybody shares one pool, which has no daily quota.
        429 => None,
        _ => gemini::sort(status, body, everything),
    }
}

#[async_trait]
impl ChatModel for VertexModel {
    fn provider(&self) -> Provider {
        Provider::VertexAi
    }

    fn endpoint(&self) -> &str {
        &self.line.endpoint
    }

    fn body(&self, request: &ChatRequest) -> Body {
        gemini::body(request).into()
    }

    fn left_out(&self, request: &ChatRequest) -> Vec<LeftOut> {
        gemini::left_out(request)
    }

    fn wire(&self, body: &Value) -> Option<Wire> {
        vertex_wire(&self.line.endpoint, body)
    }

    fn via(&self) -> Option<Via> {
        self.line.via()
    }

    fn media_limits(&self) -> MediaLimits {
        gemini::MEDIA_LIMITS
    }

    fn structures(&self, _: &str) -> &'static [StructuredMode] {
        gemini::STRUCTURES
    }

    fn must_be_probed(&self) -> bool {
        self.is_gateway
    }

    async fn ask(&self, request: &ChatRequest, body: &Body) -> Result<ChatReply, ChatError> {
        let (model, sent) = gemini::split(body);
        let sent = media::written(&sent, request);
        let (line, reply, latency_ms) = self.call(&model, "generateContent", sent, self.line.ask_timeout).await?;
        limits::noted(&reply, gemini::read(&line.reader(&request.model), &reply, latency_ms))
    }

    fn counts_tokens(&self) -> bool {
        true
    }

    async fn count_tokens(&self, body: &Body) -> Result<Option<u32>, ChatError> {
        let (model, sent) = gemini::split(body);
        let sent = members(&sent, &COUNTED).to_string();
        let (line, reply, _) = self.call(&model, "countTokens", sent, self.line.test_timeout).await?;
        let counted = line.reader(body["model"].as_str().unwrap_or_default()).json(&reply)?;
        Ok(tokens(&counted["totalTokens"]))
    }

    /// Counting tokens is free, and proves that the API is switched on, permitted, and has the model at this location.
    async fn check_key(&self, model: &str) -> Result<KeyCheck, ChatError> {
        let body = json!({"contents": [{"role": "user", "parts": [{"text": "ready"}]}]}).to_string();
        let id = gemini::path_segment(gemini::bare_id(model));
        let (line, reply, _) = self.call(&id, "countTokens", body, self.line.test_timeout).await?;
        line.reader(model).json(&reply)?;
        Ok(KeyCheck::Accepted)
    }

    fn may_give_logprobs(&self, model: &str) -> bool {
        gemini::may_give_logprobs(model)
    }

    async fn test(&self, model: &str) -> TestReport {
        check::test(self, &self.line, model).await
    }
}
