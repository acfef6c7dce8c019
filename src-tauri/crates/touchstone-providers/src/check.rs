//! Testing a connection: first what is free, then one short question whose only allowed answer is known.

use crate::chat::{
    Asker, ChatError, ChatErrorKind, ChatMessage, ChatModel, ChatReply, ChatRequest, Fault, KeyCheck, Usage,
    VendorWords,
};
use crate::line::{Line, asked_for_it};
use crate::probe::is_about_form;
use crate::structured::StructuredMode;
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};
use touchstone_domain::prompt::Role;
use touchstone_domain::text::duration;
use touchstone_net::Via;

/// The question's output limit, in tokens: room for a model that thinks first, and a bound on what a test costs.
const OUTPUT_TOKENS_MAX: u32 = 2_000;

/// How much of an answer outside the form is shown, in characters.
const QUOTED_CHARS_MAX: usize = 300;

/// What a test of a connection found, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestReport {
    pub ok: bool,
    pub message: String,
    /// What to look at, if it is not ok.
    pub fault: Option<Fault>,
    /// Of the question, or of what failed.
    pub latency_ms: Option<u32>,
    /// An endpoint that answers where the given one does not.
    pub suggested_endpoint: Option<String>,
    /// The model that answered, as the server names it.
    pub model: Option<String>,
    /// What the vendor said of a failure.
    pub vendor: VendorWords,
    /// The server does not take how the form of the answer was asked for, whatever it says that by.
    pub is_about_form: bool,
    /// What the server counted of the question; `None` where it was not billed.
    pub took: Option<Usage>,
    /// The answer came with the likelihood of its tokens, for which the question asked too; `None` if it did not ask.
    pub logprobs: Option<bool>,
}

impl TestReport {
    /// Of a step that began at `started` and has just failed.
    fn failed(error: ChatError, started: Instant) -> Self {
        let is_about_form = is_about_form(&error);
        let took = error.is_billed().then_some(error.usage);
        let message = match error.retry_after_ms {
            Some(wait) => format!("{} It asks for a wait of {}.", error.message, in_words(wait)),
            // Nobody can raise the limit of a test.
            None if error.kind == ChatErrorKind::Truncated => format!(
                "The model did not come to an end within the {OUTPUT_TOKENS_MAX} tokens that a test lets it have. It thinks \
                 for long, or repeats itself."
            ),
            None => error.message,
        };
        Self {
            ok: false,
            message,
            fault: Some(error.fault),
            latency_ms: Some(u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX)),
            suggested_endpoint: None,
            model: None,
            vendor: *error.vendor,
            is_about_form,
            took,
            logprobs: None,
        }
    }

    pub(crate) fn adding(mut self, words: &str) -> Self {
        self.message = format!("{} {words}", self.message);
        self
    }

    pub(crate) fn suggest(self, endpoint: String) -> Self {
        let words = format!("The server answers at {endpoint}.");
        Self { suggested_endpoint: Some(endpoint), ..self.adding(&words) }
    }
}

/// A wait for people: whole seconds, minutes or hours, none of them shorter than it is.
fn in_words(wait_ms: u32) -> String {
    let seconds = wait_ms.div_ceil(1000);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{} hours", seconds.div_ceil(3600)),
    }
}

/// A test over `line`.
pub(crate) async fn test<M: ChatModel + ?Sized>(model: &M, line: &Line, id: &str) -> TestReport {
    let report = ask_test_question(model, id, line.test_timeout).await;
    if line.is_exposed && !line.credentials.is_empty() {
        return report.adding("The key travels unencrypted: the endpoint is http, and not on this computer.");
    }
    report
}

/// What is free, and then the question; each of the two has `timeout`.
pub(crate) async fn ask_test_question<M: ChatModel + ?Sized>(model: &M, id: &str, timeout: Duration) -> TestReport {
    let started = Instant::now();
    let checked = match within(timeout, Whom::of(model, id), model.check_key(id)).await {
        Ok(checked) => checked,
        // What else can go wrong may be the matter of that one call: the question decides.
        Err(error) if stops_test(error.kind) => return TestReport::failed(error, started),
        Err(_) => KeyCheck::Unknown,
    };
    let put = async |question: &ChatRequest| {
        let asked = Instant::now();
        let body = model.body(question);
        (within(timeout, Whom::of(model, id), model.ask(question, &body)).await, asked)
    };
    let question = test_question(id);
    let (reply, asked, logprobs) = if model.may_give_logprobs(id) {
        let mut telling = question.clone();
        telling.params.insert(LOGPROBS.to_owned(), Value::from(true));
        match put(&telling).await {
            // A refusal costs nothing.
            (Err(error), _) if refuses_logprobs(&error) => {
                let (reply, asked) = put(&question).await;
                (reply, asked, Some(false))
            }
            (reply, asked) => {
                let are_given = reply.as_ref().ok().map(|reply| reply.has_logprobs);
                (reply, asked, are_given)
            }
        }
    } else {
        let (reply, asked) = put(&question).await;
        (reply, asked, None)
    };
    let report = TestReport { logprobs, ..report_of(id, reply, asked) };
    match checked {
        KeyCheck::CannotList if report.ok => report.adding("The key may not list models, which does no harm."),
        _ => report,
    }
}

/// The parameter that asks for the likelihood of tokens, and a part of whatever vendors call it.
const LOGPROBS: &str = "logprobs";

/// Whether the server says that it does not tell how likely tokens are, and not that something else is wrong.
fn refuses_logprobs(error: &ChatError) -> bool {
    let vendor = &error.vendor;
    let is_refusal = matches!(error.kind, ChatErrorKind::BadRequest | ChatErrorKind::Unsupported);
    let mut said = [&vendor.param, &vendor.message].into_iter().flatten();
    is_refusal && said.any(|said| said.to_lowercase().contains(LOGPROBS))
}

/// A test in one form of the answer and nothing else: whether the model `id` really answers so within `timeout`.
pub async fn test_in(asker: &impl Asker, id: &str, mode: StructuredMode, timeout: Duration) -> TestReport {
    let started = Instant::now();
    let question = ChatRequest { structure: Some(mode), ..test_question(id) };
    let whom = Whom::of(asker.model(), id);
    report_of(id, within(timeout, whom, asker.put(&question)).await, started)
}

/// Who is asked, for words: the host, or the id of a model that has none, and through which proxy.
struct Whom {
    host: String,
    via: Option<Via>,
}

impl Whom {
    fn of<M: ChatModel + ?Sized>(model: &M, id: &str) -> Self {
        let address = touchstone_net::parse_address(model.endpoint());
        Self { host: address.map_or_else(|| id.to_owned(), |at| at.host), via: model.via() }
    }
}

/// What comes of a step, unless it takes too long.
async fn within<T>(
    timeout: Duration,
    Whom { host, via }: Whom,
    step: impl Future<Output = Result<T, ChatError>>,
) -> Result<T, ChatError> {
    tokio::time::timeout(timeout, step).await.unwrap_or_else(|_| {
        let seconds = timeout.as_secs_f64();
        let proxy = via.as_ref().map_or_else(String::new, |via| format!(" {}", asked_for_it(via)));
        let words = format!("{host} did not answer within {seconds} s, and a test waits no longer.{proxy}");
        Err(ChatError::new(ChatErrorKind::Timeout, words))
    })
}

fn stops_test(kind: ChatErrorKind) -> bool {
    use ChatErrorKind::*;
    matches!(kind, KeyRejected | OutOfMoney | Network | Offline | Timeout)
}

/// Of the question to the model `id`, asked at `started`.
fn report_of(id: &str, reply: Result<ChatReply, ChatError>, started: Instant) -> TestReport {
    match reply {
        Ok(reply) => answered(id, reply),
        Err(error) => TestReport::failed(error, started),
    }
}

fn answered(id: &str, reply: ChatReply) -> TestReport {
    let time = duration(reply.latency_ms.into());
    let ok = crate::json_of(&reply.content).is_ok_and(|answer| answer["ready"] == "yes");
    let message = if ok {
        format!("Works: {id} answered in {time}, in the form that was asked for.")
    } else if reply.content.trim().is_empty() {
        format!("{id} answered in {time}, but its answer is empty.")
    } else {
        let said: String = reply.content.trim().chars().take(QUOTED_CHARS_MAX).collect();
        format!(
            "{id} answered in {time}, but not in the form that was asked for: “{said}”. \
             Answers that leave the form count as failed."
        )
    };
    TestReport {
        ok,
        message,
        fault: (!ok).then_some(Fault::Answer),
        latency_ms: Some(reply.latency_ms),
        suggested_endpoint: None,
        model: reply.model,
        vendor: VendorWords { request_id: reply.request_id, ..VendorWords::default() },
        is_about_form: false,
        took: Some(reply.usage),
        logprobs: None,
    }
}

pub(crate) fn test_question(model: &str) -> ChatRequest {
    let mut params = Map::new();
    params.insert("max_completion_tokens".to_owned(), Value::from(OUTPUT_TOKENS_MAX));
    ChatRequest {
        model: model.to_owned(),
        messages: vec![ChatMessage::new(
            Role::User,
            "Answer with the JSON object {\"ready\": \"yes\"} and nothing else.",
        )],
        schema: json!({
            "type": "object",
            "properties": {"ready": {"type": "string", "enum": ["yes"]}},
            "required": ["ready"],
            // A small model that may add members adds them until its context is full.
            "additionalProperties": false,
        })
        .into(),
        structure: None,
        params,
        inputs: Vec::new(),
        shares_beginning: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_advises_nothing_that_nobody_can_set() {
        let cut = ChatError::new(ChatErrorKind::Truncated, "m reached its output limit. Raise max tokens.");
        let words = TestReport::failed(cut, Instant::now()).message;
        assert!(
            words.contains("within the 2000 tokens that a test lets it have") && !words.contains("Raise"),
            "{words}"
        );
    }

    #[test]
    fn a_quick_answer_took_some_time_all_the_same() {
        let reply = ChatReply {
            content: "{\"ready\": \"yes\"}".to_owned(),
            usage: crate::Usage::default(),
            latency_ms: 8,
            model: None,
            request_id: None,
            limits: None,
            has_logprobs: false,
        };
        assert_eq!(answered("m", reply).message, "Works: m answered in 8 ms, in the form that was asked for.");
    }

    #[test]
    fn a_test_says_how_long_a_limit_lasts() {
        for (wait_ms, words) in [(1, "1 s"), (119_000, "119 s"), (150_000, "3 minutes"), (3_600_000, "60 minutes")] {
            assert_eq!(in_words(wait_ms), words);
        }
        assert_eq!(in_words(u32::MAX), "1194 hours");
        let limited =
            ChatError { retry_after_ms: Some(3_600_000), ..ChatError::new(ChatErrorKind::RateLimited, "No.") };
        assert_eq!(TestReport::failed(limited, Instant::now()).message, "No. It asks for a wait of 60 minutes.");
    }
}
