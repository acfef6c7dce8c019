use super::*;
use crate::body::Body;
use crate::chat::{ChatReply, Usage};
use crate::custom::CustomModel;
use crate::testing::{client, http, ok, server};
use async_trait::async_trait;

fn says(content: &str) -> String {
    ok(&json!({"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}))
}

async fn sees(replies: Vec<String>) -> Result<bool, ChatErrorKind> {
    let (base, served) = server(replies).await;
    let model = CustomModel::new(client(), base, None, None);
    let outcome = sees_images(&model, "m", None).await.map_err(|error| error.kind);
    let received = served.await.expect("every reply is asked for");
    assert!(received[0].contains("data:image/png;base64,iVBOR"), "a picture is sent");
    outcome
}

#[tokio::test]
async fn a_model_that_sees_names_both_colours() {
    assert_eq!(sees(vec![says("{\"colour\":\"red\"}"), says("{\"colour\": \"Blue\"}")]).await, Ok(true));
    let always_red = vec![says("{\"colour\":\"red\"}"), says("{\"colour\":\"red\"}")];
    assert_eq!(sees(always_red).await, Ok(false), "a server that drops the picture guesses");
    assert_eq!(sees(vec![says("I cannot see it.")]).await, Ok(false));
    let refused = "{\"error\":{\"code\":500,\"message\":\"image input is not supported\"}}";
    assert_eq!(sees(vec![http("500 Oops", "", refused)]).await, Ok(false));
    let broken = http("500 Oops", "", "{\"error\":{\"message\":\"out of memory\"}}");
    assert_eq!(sees(vec![broken]).await, Err(ChatErrorKind::ServerError), "which says nothing of pictures");
}

async fn reads(reply: String) -> Result<bool, ChatErrorKind> {
    let (base, served) = server(vec![reply]).await;
    let model = CustomModel::new(client(), base, None, None);
    let outcome = reads_pdf(&model, "m", None).await.map_err(|error| error.kind);
    let received = served.await.expect("it is asked once");
    assert!(received[0].contains("data:application/pdf;base64,JVBERi0xLjQK"), "a document is sent");
    outcome
}

#[tokio::test]
async fn a_model_that_reads_names_the_word_on_the_page() {
    assert_eq!(reads(says("{\"word\":\"Lantern.\"}")).await, Ok(true));
    assert_eq!(reads(says("{\"word\":\"document\"}")).await, Ok(false), "a server that drops the file guesses");
    assert_eq!(reads(says("I see no document.")).await, Ok(false));
    for (status, refused) in [
        ("400 No", "Unknown part type: file"),
        ("400 No", "unsupported content[].type"),
        ("400 No", "invalid message format"),
        ("500 Oops", "PDF input is not supported"),
    ] {
        let reply = http(status, "", &json!({"error": {"message": refused}}).to_string());
        assert_eq!(reads(reply).await, Ok(false), "{refused}");
    }
    let broken = http("500 Oops", "", "{\"error\":{\"message\":\"out of memory\"}}");
    assert_eq!(reads(broken).await, Err(ChatErrorKind::ServerError), "which says nothing of documents");
}

#[test]
fn the_page_is_found_where_the_document_says() {
    let text = std::str::from_utf8(PAGE).expect("plain text");
    let table = text.find("xref").expect("a table");
    assert!(text.ends_with(&format!("startxref\n{table}\n%%EOF\n")));
    let offsets: Vec<usize> =
        text[table..].lines().filter_map(|line| line.strip_suffix(" 00000 n ")?.parse().ok()).collect();
    assert_eq!(offsets.len(), 5);
    for (at, offset) in offsets.into_iter().enumerate() {
        assert!(text[offset..].starts_with(&format!("{} 0 obj\n", at + 1)), "{offset}");
    }
    let (_, stream) = text.split_once("stream\n").expect("a stream");
    assert_eq!(stream.find("\nendstream"), Some(49), "as it says");
    assert!(stream.contains(WORD));
}

#[tokio::test]
async fn logprobs_are_there_if_they_come() {
    let with = json!({"choices": [{
        "message": {"content": "{}"}, "finish_reason": "stop",
        "logprobs": {"content": [{"token": "{", "logprob": -0.1}]},
    }]});
    let cases =
        [(ok(&with), Some(true)), (says("{}"), Some(false)), (http("400 Bad", "", "{\"error\":\"no\"}"), Some(false))];
    for (reply, want) in cases {
        let (base, served) = server(vec![reply]).await;
        let model = CustomModel::new(client(), base, None, None);
        assert_eq!(
            model.gives_logprobs("m").await.map(|told| told.map(|told| told.are_given)).map_err(|error| error.kind),
            Ok(want)
        );
        assert!(served.await.expect("asked")[0].contains("\"logprobs\":true"));
    }
}

/// A computer that works on so many requests at once, and lets the others wait.
struct Busy {
    slots: tokio::sync::Semaphore,
    counts_tokens: bool,
}

#[async_trait]
impl ChatModel for Busy {
    fn provider(&self) -> Provider {
        Provider::Custom
    }

    fn endpoint(&self) -> &str {
        ""
    }

    fn body(&self, _: &ChatRequest) -> Body {
        Value::Null.into()
    }

    async fn ask(&self, _: &ChatRequest, _: &Body) -> Result<ChatReply, ChatError> {
        let _slot = self.slots.acquire().await.expect("it is never closed");
        tokio::time::sleep(Duration::from_millis(60)).await;
        let usage = Usage { completion_tokens: self.counts_tokens.then_some(30), ..Usage::default() };
        Err(ChatError { usage, ..ChatError::new(ChatErrorKind::Truncated, "long") })
    }
}

#[tokio::test(start_paused = true)]
async fn more_at_once_is_tried_for_as_long_as_it_helps() {
    for (slots, said, parallel) in [(1, None, 1), (4, None, 4), (4, Some(3), 3)] {
        for counts_tokens in [true, false] {
            let model: Arc<dyn ChatModel> = Arc::new(Busy { slots: tokio::sync::Semaphore::new(slots), counts_tokens });
            let speed = measure_speed(&model, "m", None, said, |_| {}).await.expect("measured");
            assert_eq!(speed.parallel, parallel, "{slots} {said:?}");
            assert_eq!(speed.tokens_per_second.is_some(), counts_tokens);
            if parallel > 1 && counts_tokens {
                assert!(speed.tokens_per_second_parallel > speed.tokens_per_second, "{speed:?}");
            }
        }
    }
}

#[test]
fn the_catalogue_says_what_is_known_without_asking() {
    let known = Abilities::known(
        Provider::OpenAi,
        crate::find_model(Provider::OpenAi, "gpt-4"),
        Some(StructuredMode::JsonObject),
    );
    assert_eq!((known.schema, known.json, known.images), (Some(false), Some(true), Some(false)));
    let unknown = Abilities::known(Provider::Custom, None, None);
    assert_eq!(unknown, Abilities::default());
    assert_eq!(unknown.or(known), known);
}
