use super::*;
use crate::custom::CustomModel;
use crate::testing::{client, http, ok, server, taken_apart};

fn says(content: &str) -> String {
    ok(&json!({"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}))
}

/// The rung that is found on a server with these replies, and how many it took.
async fn found(replies: Vec<String>) -> (Result<StructuredMode, ChatErrorKind>, Vec<String>) {
    let count = replies.len();
    let (base, served) = server(replies).await;
    let model = CustomModel::new(client(), base, None, None);
    let outcome = probe(&model, "m").await.map_err(|error| error.kind);
    let received = served.await.expect("every reply is asked for");
    assert_eq!(received.len(), count);
    (outcome, received)
}

#[tokio::test]
async fn an_answer_against_the_prompt_proves_the_schema() {
    let (outcome, received) = found(vec![says("{\"label\":\"a\"}"), says("{\"label\":\"b\"}")]).await;
    assert_eq!(outcome, Ok(StructuredMode::JsonSchema));
    let (_, _, sent) = taken_apart(&received[0]);
    assert_eq!((&sent["response_format"]["type"], &sent["max_tokens"]), (&json!("json_schema"), &json!(1000)));
}

#[tokio::test]
async fn a_rung_that_is_refused_or_ignored_gives_way_to_the_next() {
    let refused = || http("500 Oops", "", "{\"error\":{\"message\":\"'json_schema' is not a response_format\"}}");
    let (outcome, _) =
        found(vec![refused(), says("{\"label\":\"a\"}"), says("zebra"), says("{\"label\":\"a\"}")]).await;
    assert_eq!(outcome, Ok(StructuredMode::JsonObjectWithSchema), "one miss of three is forgiven");

    let wants_json = || {
        let words =
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
        let error = json!({"error": {"message": words, "type": "invalid_request_error", "param": "messages"}});
        http("400 Bad Request", "", &error.to_string())
    };
    let spoken_of = vec![refused(), wants_json(), says("{\"animal\":\"zebra\"}"), says("{}")];
    let (outcome, received) = found(spoken_of).await;
    assert_eq!(outcome, Ok(StructuredMode::JsonObject));
    assert!(received[2].to_lowercase().contains("json schema"), "the prompt speaks of JSON: {}", received[2]);

    let ignored = vec![refused(), says("zebra"), says("zebra"), says("{\"animal\":\"zebra\"}"), says("{}")];
    assert_eq!(found(ignored).await.0, Ok(StructuredMode::JsonObject));

    let prose = vec![refused(), says("zebra"), says("zebra"), says("zebra"), says("zebra")];
    assert_eq!(found(prose).await.0, Ok(StructuredMode::Instruction));
}

#[test]
fn fault_with_the_schema_or_another_parameter_is_no_matter_of_the_form() {
    let check = |param: Option<&str>, code: Option<&str>, message: &str, want: bool| {
        let mut error = ChatError::new(ChatErrorKind::Unsupported, "");
        error.vendor.status = Some(400);
        error.vendor.param = param.map(str::to_owned);
        error.vendor.code = code.map(str::to_owned);
        error.vendor.message = Some(message.to_owned());
        assert_eq!(is_about_form(&error), want, "{message}");
    };
    check(Some("response_format"), None, "response_format type json_schema is not supported", true);
    check(None, None, "'response_format' not supported", true);
    check(None, None, "output_config.format: Extra inputs are not permitted", true);
    let invalid = "Invalid schema for response_format 'labels': 'required' is required to be supplied";
    check(Some("response_format"), Some("invalid_json_schema"), invalid, false);
    check(Some("response_format"), None, invalid, false);
    check(Some("max_tokens"), Some("unsupported_parameter"), "Not supported with this response_format", false);
    let wants_json =
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
    check(Some("messages"), None, wants_json, true);
    check(Some("messages"), None, "'messages' must not be empty", false);
    check(None, None, "top_p: Extra inputs are not permitted", false);
}

#[tokio::test]
async fn a_failure_that_is_not_about_the_form_ends_the_probe() {
    let (outcome, _) = found(vec![http("401 Unauthorized", "", "{}")]).await;
    assert_eq!(outcome, Err(ChatErrorKind::KeyRejected));
    let (outcome, _) = found(vec![http("500 Oops", "", "{\"error\":\"out of memory\"}")]).await;
    assert_eq!(outcome, Err(ChatErrorKind::ServerError));
}
