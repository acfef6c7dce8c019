//! Finding model servers on this computer: who listens on a port of loopback, and what it serves.
//!
//! All of them list models as OpenAI does; what else there is to know, each says in a place of its own. Nothing here
//! makes a model answer, and nothing is asked of any other host.

#[cfg(test)]
mod tests;

use crate::reply::tokens;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use specta::Type;
use std::time::Duration;
use tokio::task::JoinSet;
use touchstone_domain::secret::Secret;
use touchstone_net::{Call, Client, Credential, Method, Reply};

/// Where Ollama, LM Studio, llama.cpp, vLLM and SGLang listen unless they are told otherwise.
pub const LOCAL_PORTS: [u16; 5] = [11434, 1234, 8080, 8000, 30000];

/// How long a port may take to say whether a model server is there. A free port refuses at once; a server that is busy
/// with an answer may be slow.
const LOOK_TIME_MAX: Duration = Duration::from_millis(1_500);

/// How long a server that was found may take to say more of itself.
const DETAIL_TIME_MAX: Duration = Duration::from_secs(4);

/// Models of which Ollama is asked what they can do, one call each.
const SHOWN_MAX: usize = 60;

/// Who answers on a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum LocalKind {
    Ollama,
    LmStudio,
    LlamaCpp,
    Vllm,
    Sglang,
    /// Somebody who speaks the OpenAI format.
    Other,
}

impl LocalKind {
    pub fn label(self) -> &'static str {
        match self {
            Self::Ollama => "Ollama",
            Self::LmStudio => "LM Studio",
            Self::LlamaCpp => "llama.cpp",
            Self::Vllm => "vLLM",
            Self::Sglang => "SGLang",
            Self::Other => "a model server",
        }
    }
}

/// Why a server that was found offers no model now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum LocalProblem {
    /// It is still loading its model.
    Loading,
    NeedsKey,
    NoModels,
}

/// A model that can be talked to. What its server does not say is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalModel {
    pub id: String,
    /// What one request may hold as the server runs now, which is often less than the model could.
    pub context_tokens: Option<u32>,
    pub has_vision: Option<bool>,
    /// Requests that the server works on at once.
    pub slots: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalServer {
    pub kind: LocalKind,
    pub port: u16,
    /// The base URL of a connection to it.
    pub endpoint: String,
    pub version: Option<String>,
    pub models: Vec<LocalModel>,
    /// Models that are not offered: they embed or rank and do not answer, or answer from another computer.
    pub left_out: u32,
    pub problem: Option<LocalProblem>,
}

/// The servers that listen on `ports` of this computer, in the order of the ports. All are looked at in parallel.
pub async fn find_local_servers(client: &Client, ports: &[u16]) -> Vec<LocalServer> {
    let mut looks = JoinSet::new();
    for (at, &port) in ports.iter().enumerate() {
        let client = client.clone();
        looks.spawn(async move { (at, look(Place::new(client, port, Vec::new())).await) });
    }
    let mut found: Vec<_> = looks.join_all().await.into_iter().filter_map(|(at, server)| Some((at, server?))).collect();
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, server)| server).collect()
}

/// The server that listens on `port` of this computer, asked with the key that it wants.
pub async fn find_locked_server(client: &Client, port: u16, key: Secret) -> Option<LocalServer> {
    look(Place::new(client.clone(), port, vec![Credential::Bearer(key)])).await
}

/// What listens there, if it is a model server.
async fn look(place: Place) -> Option<LocalServer> {
    let reply = place.get("/v1/models", LOOK_TIME_MAX).await?;
    let body: Value = serde_json::from_slice(&reply.body).ok()?;
    let is_loading = says_loading(&reply, &body);
    let says_llama_cpp = reply.header("server").is_some_and(|server| server.eq_ignore_ascii_case("llama.cpp"));
    let is_llama_cpp = says_llama_cpp || is_loading;
    let mut server = LocalServer {
        kind: if is_llama_cpp { LocalKind::LlamaCpp } else { LocalKind::Other },
        port: place.port,
        endpoint: format!("{}/v1", place.base),
        version: None,
        models: Vec::new(),
        left_out: 0,
        problem: None,
    };
    // Anything may listen on these ports: only what speaks as a model server does is taken for one.
    let says_error = body.get("error").is_some();
    match reply.status {
        200 if body["data"].is_array() => {}
        401 | 403 => return closed(&place, server, says_error, is_llama_cpp).await,
        503 if is_loading || says_error && says_llama_cpp => {
            return Some(LocalServer { problem: Some(LocalProblem::Loading), ..server });
        }
        _ => return None,
    }
    let owner = |name: &str| body["data"].as_array().into_iter().flatten().any(|model| model["owned_by"] == name);
    if is_llama_cpp || owner("llamacpp") {
        server.kind = LocalKind::LlamaCpp;
        if place.is_loading().await {
            return Some(LocalServer { problem: Some(LocalProblem::Loading), ..server });
        }
        llama_cpp(&place, &body, &mut server).await;
    } else if owner("vllm") {
        server.kind = LocalKind::Vllm;
        server.version = text_at(place.json("/version").await.as_ref(), "version");
        server.take(listed(&body), |_| None);
    } else if owner("sglang") {
        server.kind = LocalKind::Sglang;
        sglang(&place, &body, &mut server).await;
    } else if let Some(said) = place.json("/api/version").await.filter(|said| said["version"].is_string()) {
        server.kind = LocalKind::Ollama;
        server.version = text_at(Some(&said), "version");
        ollama(&place, &mut server).await;
    } else if !lm_studio(&place, &mut server).await {
        server.take(listed(&body), |_| None);
    }
    if server.models.is_empty() {
        server.problem = Some(LocalProblem::NoModels);
    }
    Some(server)
}

/// A server that lists its models for a key only. vLLM says its version to anybody.
async fn closed(place: &Place, mut server: LocalServer, says_error: bool, is_llama_cpp: bool) -> Option<LocalServer> {
    server.problem = Some(LocalProblem::NeedsKey);
    if !is_llama_cpp && let Some(version) = text_at(place.json("/version").await.as_ref(), "version") {
        (server.kind, server.version) = (LocalKind::Vllm, Some(version));
        return Some(server);
    }
    says_error.then_some(server)
}

/// How llama.cpp answers until its model is there, behind whatever passes its answers on.
fn says_loading(reply: &Reply, body: &Value) -> bool {
    let error = &body["error"];
    reply.status == 503 && (error["message"] == "Loading model" || error["type"] == "unavailable_error")
}

impl LocalServer {
    /// Offers the models that can be talked to: `answers` is what the server says of one, if it says so.
    fn take(&mut self, models: Vec<LocalModel>, answers: impl Fn(&LocalModel) -> Option<bool>) {
        let all = models.len();
        let is_offered = |model: &LocalModel| may_answer(&model.id, answers(model));
        self.models.extend(models.into_iter().filter(is_offered));
        let left_out = all - self.models.len();
        self.left_out = u32::try_from(left_out).unwrap_or(u32::MAX);
    }
}

/// How words in the names of models begin that turn a text into a vector, for servers that do not say what a model is for.
const EMBEDS: [&str; 5] = ["minilm", "bge-", "gte-", "e5-", "paraphrase-"];

/// Whether a model may answer in words, by what its server says, else by its name. No server has a word for models that
/// rank texts: most are told of as if they answered.
fn may_answer(id: &str, said: Option<bool>) -> bool {
    let id = id.to_ascii_lowercase();
    let begins = |part: &str| {
        // `e5-` begins a word: `base5-chat` is another model.
        id.match_indices(part).any(|(at, _)| !id[..at].ends_with(|before: char| before.is_ascii_alphanumeric()))
    };
    let embeds = || id.contains("embed") || EMBEDS.into_iter().any(begins);
    !id.contains("rerank") && said.unwrap_or_else(|| !embeds())
}

/// The models of a list in OpenAI's form, with what servers of this kind add to it.
fn listed(body: &Value) -> Vec<LocalModel> {
    let models = body["data"].as_array().into_iter().flatten();
    models
        .filter_map(|model| {
            Some(LocalModel {
                id: model["id"].as_str()?.to_owned(),
                context_tokens: tokens(&model["max_model_len"]).or_else(|| tokens(&model["meta"]["n_ctx"])),
                ..LocalModel::default()
            })
        })
        .collect()
}

/// llama.cpp says in `/props` what one of its slots holds; a router with several models says it of none.
async fn llama_cpp(place: &Place, body: &Value, server: &mut LocalServer) {
    let props = place.json("/props").await.unwrap_or_default();
    server.version = text_at(Some(&props), "build_info");
    let embeds = |id: &str| {
        let models = body["models"].as_array().into_iter().flatten();
        models.filter(|model| model["name"] == id || model["model"] == id).any(|model| {
            let can = model["capabilities"].as_array();
            can.is_some_and(|can| !can.is_empty() && !can.iter().any(|word| word == "completion"))
        })
    };
    let mut models = listed(body);
    if let [only] = models.as_mut_slice() {
        only.context_tokens = tokens(&props["default_generation_settings"]["n_ctx"]).or(only.context_tokens);
        only.has_vision = props["modalities"]["vision"].as_bool();
        only.slots = tokens(&props["total_slots"]);
    }
    // Of one that it has loaded it says that it answers, whatever it is for.
    server.take(models, |model| embeds(&model.id).then_some(false));
}

async fn sglang(place: &Place, body: &Value, server: &mut LocalServer) {
    let info = place.json("/get_model_info").await.unwrap_or_default();
    let mut models = listed(body);
    for model in &mut models {
        model.has_vision = info["has_image_understanding"].as_bool();
    }
    server.take(models, |_| info["is_generation"].as_bool());
}

/// Ollama lists what is on the disk; what a model can do is told of each, and how much it holds once it is loaded.
async fn ollama(place: &Place, server: &mut LocalServer) {
    let tags = place.json("/api/tags").await.unwrap_or_default();
    let loaded = place.json("/api/ps").await.unwrap_or_default();
    let names = |body: &Value| body["models"].as_array().cloned().unwrap_or_default();
    let mut left_out = 0;
    for (at, tag) in names(&tags).iter().enumerate() {
        let Some(id) = tag["name"].as_str() else { continue };
        let shown = if at < SHOWN_MAX { place.show(id).await } else { None };
        let can = shown.as_ref().and_then(|shown| shown["capabilities"].as_array());
        let is_able = |word: &str| can.map(|can| can.iter().any(|able| able == word));
        // Models of its cloud are listed beside those of this computer.
        let is_elsewhere = tag["remote_host"].as_str().is_some_and(|host| !host.is_empty());
        // Older ones do not say what a model can do, and neither does one whose details are slow to come.
        let said = is_able("completion").or_else(|| is_encoder(tag).then_some(false));
        if is_elsewhere || !may_answer(id, said) {
            left_out += 1;
            continue;
        }
        let running = names(&loaded).into_iter().find(|running| running["name"] == id);
        server.models.push(LocalModel {
            id: id.to_owned(),
            context_tokens: running.and_then(|running| tokens(&running["context_length"])),
            has_vision: is_able("vision"),
            slots: None,
        });
    }
    server.left_out = left_out;
}

/// Whether a model is built to read and not to write, by the family of its file.
fn is_encoder(tag: &Value) -> bool {
    tag["details"]["family"].as_str().is_some_and(|family| family.ends_with("bert"))
}

/// LM Studio tells of its models in two forms, the older one since 0.3.6. Whether this is one.
async fn lm_studio(place: &Place, server: &mut LocalServer) -> bool {
    let (models, embeds) =
        if let Some(body) = place.json("/api/v1/models").await.filter(|body| body["models"].is_array()) {
            let models = body["models"].as_array().cloned().unwrap_or_default();
            let read = |model: &Value| {
                let id = model["key"].as_str()?.to_owned();
                let config = &model["loaded_instances"][0]["config"];
                Some(LocalModel {
                    id,
                    context_tokens: tokens(&config["context_length"]),
                    has_vision: model["capabilities"]["vision"].as_bool(),
                    slots: tokens(&config["parallel"]),
                })
            };
            let embeds: Vec<_> = ids(&models, "key", "embedding");
            (models.iter().filter_map(read).collect::<Vec<_>>(), embeds)
        } else if let Some(body) = place.json("/api/v0/models").await.filter(|body| body["data"].is_array()) {
            let models = body["data"].as_array().cloned().unwrap_or_default();
            let read = |model: &Value| {
                Some(LocalModel {
                    id: model["id"].as_str()?.to_owned(),
                    context_tokens: tokens(&model["loaded_context_length"]),
                    has_vision: model["type"].as_str().map(|kind| kind == "vlm"),
                    slots: None,
                })
            };
            let embeds = ids(&models, "id", "embeddings");
            (models.iter().filter_map(read).collect(), embeds)
        } else {
            return false;
        };
    server.kind = LocalKind::LmStudio;
    server.take(models, |model| Some(!embeds.contains(&model.id)));
    true
}

/// The values of `key` of the models of this type.
fn ids(models: &[Value], key: &str, kind: &str) -> Vec<String> {
    models.iter().filter(|model| model["type"] == kind).filter_map(|model| text_at(Some(model), key)).collect()
}

fn text_at(body: Option<&Value>, key: &str) -> Option<String> {
    body?[key].as_str().map(str::to_owned)
}

/// One port of loopback.
struct Place {
    client: Client,
    port: u16,
    base: String,
    credentials: Vec<Credential>,
}

impl Place {
    fn new(client: Client, port: u16, credentials: Vec<Credential>) -> Self {
        Self { client, port, base: format!("http://127.0.0.1:{port}"), credentials }
    }

    async fn get(&self, path: &str, timeout: Duration) -> Option<Reply> {
        let call = Call { method: Method::Get, headers: &[], credentials: &self.credentials, json: None };
        self.client.call(&format!("{}{path}", self.base), call, timeout).await.ok()
    }

    /// Whether llama.cpp is loading its model: it lists it before.
    async fn is_loading(&self) -> bool {
        let Some(reply) = self.get("/health", DETAIL_TIME_MAX).await else { return false };
        serde_json::from_slice(&reply.body).is_ok_and(|body| says_loading(&reply, &body))
    }

    /// What is found at `path`, if it is JSON.
    async fn json(&self, path: &str) -> Option<Value> {
        let reply = self.get(path, DETAIL_TIME_MAX).await.filter(|reply| reply.status == 200)?;
        serde_json::from_slice(&reply.body).ok()
    }

    /// What Ollama knows of a model. It is read from the model's file; nothing is loaded.
    async fn show(&self, model: &str) -> Option<Value> {
        let json = Some(json!({ "model": model }).to_string());
        let call = Call { method: Method::Post, headers: &[], credentials: &self.credentials, json };
        let reply = self.client.call(&format!("{}/api/show", self.base), call, DETAIL_TIME_MAX).await.ok()?;
        serde_json::from_slice(&reply.body).ok().filter(|_| reply.status == 200)
    }
}
