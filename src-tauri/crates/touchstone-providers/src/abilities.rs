//! Finding out what a model at a server can do beside answering: see pictures, read PDF files, tell how sure it is, and
//! work on several requests at once.

#[cfg(test)]
mod tests;

use crate::catalogue::Model;
use crate::chat::{Asker, ChatError, ChatErrorKind, ChatMessage, ChatModel, ChatRequest, Part};
use crate::media::Media;
use crate::params::takes_logprobs;
use crate::structured::StructuredMode;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use specta::Type;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;
use touchstone_domain::prompt::{Provider, Role};

/// Pictures of 64 by 64 pixels, each of one colour, and what it is called. Some models take none that is smaller.
const PICTURES: [(&str, &str); 2] = [
    (
        "red",
        "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAS0lEQVR42u3PQQkAAAgAsetfWiP4FgYrsKZeS0BAQEBAQEBAQEBAQEBA\
         QEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEDgsqnc8OJg6Ln3AAAAAElFTkSuQmCC",
    ),
    (
        "blue",
        "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAS0lEQVR42u3PQQkAAAgAsetfWiP4FgYrsGqeExAQEBAQEBAQEBAQEBAQ\
         EBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBA4LMf88OL0EKXAAAAAAElFTkSuQmCC",
    ),
];

/// A document of one page, and the word on it that nobody would guess.
const WORD: &str = "lantern";
const PAGE: &[u8] = b"%PDF-1.4\n\
    1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n\
    2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n\
    3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 80]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>\nendobj\n\
    4 0 obj\n<</Length 49>>\nstream\nBT /F 24 Tf 30 30 Td (The word is lantern.) Tj ET\nendstream\nendobj\n\
    5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\n\
    xref\n0 6\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n0000000105 00000 n \n\
    0000000215 00000 n \n0000000312 00000 n \n\
    trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n375\n%%EOF\n";

/// The output limit of a question about a picture or a document, in tokens: some models think first.
const SHOWN_TOKENS_MAX: u32 = 1_000;

/// What each answer may hold whose speed is measured, in tokens: long enough that it is no chance, short enough that a
/// slow computer is done soon.
const PACE_TOKENS_MAX: u32 = 64;

/// More requests at once help if they bring at least this much more.
const GAIN_MIN: f64 = 1.15;

/// More than this is not tried: no computer of one person works on more at once to any use.
const PARALLEL_MAX: u32 = 16;

/// How long one step of measuring the speed may take.
const PACE_TIME_MAX: Duration = Duration::from_secs(120);

/// What a model can do where it is asked. What nobody found out is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Abilities {
    /// The server holds every answer to the schema.
    pub schema: Option<bool>,
    /// The server holds every answer to JSON.
    pub json: Option<bool>,
    pub images: Option<bool>,
    pub pdf: Option<bool>,
    /// It tells how likely each token of its answer was.
    pub logprobs: Option<bool>,
}

impl Abilities {
    pub const UNKNOWN: Self = Self { schema: None, json: None, images: None, pdf: None, logprobs: None };

    /// What is known without asking anybody: what the catalogue says, and what was found out of the form.
    pub fn known(provider: Provider, model: Option<&Model>, structure: Option<StructuredMode>) -> Self {
        let form = Self::default().with_structure(structure);
        Self {
            images: model.map(|model| model.vision),
            pdf: model.map(|model| model.pdf),
            logprobs: match provider {
                // Their APIs have no such parameter.
                Provider::Anthropic | Provider::Practice => Some(false),
                _ => model.filter(|model| !takes_logprobs(Some(model))).map(|_| false),
            },
            ..form
        }
    }

    #[must_use]
    pub fn with_structure(self, structure: Option<StructuredMode>) -> Self {
        use StructuredMode::*;
        Self {
            schema: structure.map(|mode| matches!(mode, JsonSchema | JsonObjectWithSchema)).or(self.schema),
            json: structure.map(|mode| mode != Instruction).or(self.json),
            ..self
        }
    }

    /// What is said here, and not by `other`. What is known of the form goes by the form that is used.
    #[must_use]
    pub fn beside(self, other: Self) -> Self {
        Self {
            schema: None,
            json: None,
            images: self.images.filter(|_| other.images.is_none()),
            pdf: self.pdf.filter(|_| other.pdf.is_none()),
            logprobs: self.logprobs.filter(|_| other.logprobs.is_none()),
        }
    }

    /// What is said here, and what `other` says beside it.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            schema: self.schema.or(other.schema),
            json: self.json.or(other.json),
            images: self.images.or(other.images),
            pdf: self.pdf.or(other.pdf),
            logprobs: self.logprobs.or(other.logprobs),
        }
    }
}

/// Where it is known from what a model can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum AbilitySource {
    /// This test tried it.
    Test,
    /// A test before this one did.
    EarlierTest,
    /// The catalogue says it of the model, or the vendor's API of all.
    Catalogue,
}

/// The same of each ability; `None` of those that nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AbilitySources {
    pub schema: Option<AbilitySource>,
    pub json: Option<AbilitySource>,
    pub images: Option<AbilitySource>,
    pub pdf: Option<AbilitySource>,
    pub logprobs: Option<AbilitySource>,
}

impl AbilitySources {
    /// Of `known`, of which `tried` was found out just now, and `earlier` before.
    pub fn of(known: Abilities, tried: Abilities, earlier: Abilities) -> Self {
        let source = |of: fn(&Abilities) -> Option<bool>| {
            of(&known).map(|_| match (of(&tried), of(&earlier)) {
                (Some(_), _) => AbilitySource::Test,
                (None, Some(_)) => AbilitySource::EarlierTest,
                (None, None) => AbilitySource::Catalogue,
            })
        };
        Self {
            schema: source(|of| of.schema),
            json: source(|of| of.json),
            images: source(|of| of.images),
            pdf: source(|of| of.pdf),
            logprobs: source(|of| of.logprobs),
        }
    }
}

/// How fast a model answers on the computer that it runs on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct Speed {
    /// How many requests at once still help; more only wait for each other.
    pub parallel: u32,
    /// Of one request alone; `None` where the server counts no tokens.
    pub tokens_per_second: Option<f64>,
    /// Of all of them together.
    pub tokens_per_second_parallel: Option<f64>,
}

/// Whether a model sees a picture: it names the colours of two. A server that drops pictures answers all the same, and
/// one that takes none says so.
pub async fn sees_images(asker: &impl Asker, id: &str, structure: Option<StructuredMode>) -> Result<bool, ChatError> {
    for (colour, picture) in PICTURES {
        let request = about_picture(id, structure, picture);
        match asker.put(&request).await {
            Ok(reply) if is_colour(&reply.content, colour) => {}
            Ok(_) => return Ok(false),
            Err(error) if refuses_images(&error) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

fn is_colour(content: &str, colour: &str) -> bool {
    match crate::json_of(content) {
        Ok(answer) => answer["colour"].as_str().is_some_and(|named| named.trim().eq_ignore_ascii_case(colour)),
        Err(_) => false,
    }
}

/// Whether a model reads a PDF file: it names the word on its page. One question, because no model would guess that word;
/// a server that drops the file answers all the same, and one that takes none says so.
pub async fn reads_pdf(asker: &impl Asker, id: &str, structure: Option<StructuredMode>) -> Result<bool, ChatError> {
    let request = about_page(id, structure);
    match asker.put(&request).await {
        Ok(reply) => Ok(is_word(&reply.content)),
        Err(error) if refuses_pdf(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_word(content: &str) -> bool {
    match crate::json_of(content) {
        Ok(answer) => answer["word"].as_str().is_some_and(|named| named.to_lowercase().contains(WORD)),
        Err(_) => false,
    }
}

/// Whether the server says that it takes no picture. Local servers say so with 500 as well.
fn refuses_images(error: &ChatError) -> bool {
    refuses(error, &["image", "vision", "multimodal", "multi-modal", "media"])
}

/// Whether the server says that it takes no file. Those that know no such part of a message name the part or its type.
fn refuses_pdf(error: &ChatError) -> bool {
    refuses(
        error,
        &["file", "pdf", "document", "multimodal", "multi-modal", "media", "content", "type", "message format"],
    )
}

fn refuses(error: &ChatError, words: &[&str]) -> bool {
    use ChatErrorKind::{BadRequest, NotFound, Refused, ServerError, Unsupported};
    let says_so = || {
        let said = error.vendor.message.as_deref().unwrap_or_default().to_lowercase();
        words.iter().any(|word| said.contains(word))
    };
    error.kind == Refused || matches!(error.kind, BadRequest | Unsupported | NotFound | ServerError) && says_so()
}

fn about_picture(model: &str, structure: Option<StructuredMode>, picture: &str) -> ChatRequest {
    let bytes = BASE64_STANDARD.decode(picture).expect("the pictures are written in base64");
    let mut message = ChatMessage::new(
        Role::User,
        "Which colour is the picture? Answer with a JSON object, for example {\"colour\": \"green\"}.",
    );
    message.content.push(Part::Image(Media::new("image/png", bytes)));
    let colours = ["red", "green", "blue", "yellow", "black", "white", "none"];
    question(model, structure, message, json!({"colour": {"type": "string", "enum": colours}}), SHOWN_TOKENS_MAX)
}

fn about_page(model: &str, structure: Option<StructuredMode>) -> ChatRequest {
    let mut message = ChatMessage::new(
        Role::User,
        "Which word does the document name? Answer with a JSON object, for example {\"word\": \"none\"}.",
    );
    message.content.push(Part::Pdf(Media::new("application/pdf", PAGE)));
    question(model, structure, message, json!({"word": {"type": "string"}}), SHOWN_TOKENS_MAX)
}

/// How fast `model` answers, and how many requests at once still help: twice as many each time, as long as they bring
/// more. `slots` is what the server says it works on at once, and `told` hears how many are tried. Only the first step
/// can fail; a server that breaks under more is asked with less.
pub async fn measure_speed(
    model: &Arc<dyn ChatModel>,
    id: &str,
    structure: Option<StructuredMode>,
    slots: Option<u32>,
    told: impl Fn(u32),
) -> Result<Speed, ChatError> {
    let parallel_max = slots.unwrap_or(PARALLEL_MAX).clamp(1, PARALLEL_MAX);
    told(1);
    let alone = pace(model, id, structure, 1).await?;
    let (mut best, mut parallel) = (alone, 1);
    while parallel < parallel_max {
        let more = (parallel * 2).min(parallel_max);
        told(more);
        match pace(model, id, structure, more).await {
            Ok(faster) if faster.gain_over(best) >= GAIN_MIN => (best, parallel) = (faster, more),
            _ => break,
        }
    }
    Ok(Speed { parallel, tokens_per_second: alone.tokens, tokens_per_second_parallel: best.tokens })
}

/// What comes in a second.
#[derive(Clone, Copy, Debug)]
struct Pace {
    answers: f64,
    tokens: Option<f64>,
}

impl Pace {
    fn gain_over(self, other: Self) -> f64 {
        match (self.tokens, other.tokens) {
            (Some(tokens), Some(before)) if before > 0.0 => tokens / before,
            _ => self.answers / other.answers,
        }
    }
}

async fn pace(
    model: &Arc<dyn ChatModel>,
    id: &str,
    structure: Option<StructuredMode>,
    parallel: u32,
) -> Result<Pace, ChatError> {
    let mut asked = JoinSet::new();
    let started = Instant::now();
    for number in 1..=parallel {
        let model = Arc::clone(model);
        let request = lengthy(id, structure, parallel * 100 + number);
        asked.spawn(async move {
            let outcome = tokio::time::timeout(PACE_TIME_MAX, model.ask(&request, &model.body(&request))).await;
            match outcome {
                Ok(Ok(reply)) => Ok(reply.usage),
                // The limit is meant to be reached.
                Ok(Err(error)) if error.kind == ChatErrorKind::Truncated => Ok(error.usage),
                Ok(Err(error)) => Err(error),
                Err(_) => Err(ChatError::new(
                    ChatErrorKind::Timeout,
                    format!("{} is too slow to be measured.", request.model),
                )),
            }
        });
    }
    let mut tokens = Some(0);
    while let Some(outcome) = asked.join_next().await {
        let usage = match outcome {
            Ok(outcome) => outcome?,
            Err(panic) => return Err(ChatError::new(ChatErrorKind::Network, panic.to_string())),
        };
        tokens = tokens.zip(usage.completion_tokens).map(|(sum, more)| sum + more);
    }
    let seconds = started.elapsed().as_secs_f64().max(1e-6);
    Ok(Pace { answers: f64::from(parallel) / seconds, tokens: tokens.map(|tokens| f64::from(tokens) / seconds) })
}

/// A question with a long answer. `number` makes it another one: a server may keep what it read before.
fn lengthy(model: &str, structure: Option<StructuredMode>, number: u32) -> ChatRequest {
    let words = format!("{number}: Write a long story about a ship, as the JSON object {{\"story\": \"…\"}}.");
    let schema = json!({"story": {"type": "string"}});
    question(model, structure, ChatMessage::new(Role::User, words), schema, PACE_TOKENS_MAX)
}

fn question(
    model: &str,
    structure: Option<StructuredMode>,
    message: ChatMessage,
    properties: Value,
    tokens_max: u32,
) -> ChatRequest {
    let required: Vec<_> = properties.as_object().into_iter().flat_map(Map::keys).cloned().collect();
    let mut params = Map::new();
    params.insert("max_completion_tokens".to_owned(), Value::from(tokens_max));
    ChatRequest {
        model: model.to_owned(),
        messages: vec![message],
        schema: json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
        .into(),
        structure,
        params,
        inputs: Vec::new(),
        shares_beginning: false,
    }
}
