use super::*;
use crate::testing::{ask, at, client, http, planted, request, server};
use crate::{AnthropicModel, ChatErrorKind, ChatModel, openai};
use serde_json::json;

fn allowance(limit: u64, remaining: u64, reset_ms: u32) -> Allowance {
    Allowance { limit, remaining, reset_ms }
}

/// What is told by an answer of OpenAI with `headers`.
async fn of_openai(headers: &str) -> Option<Limits> {
    let body = json!({"choices": [{"message": {"content": "{}"}, "finish_reason": "stop"}]});
    let (base, _served) = server(vec![http("200 OK", headers, &body.to_string())]).await;
    let model = openai::OpenAiModel::new(client(), planted(), &at(&base));
    ask(&model, &request("gpt-6-luna", json!({}))).await.expect("an answer").limits.map(|limits| *limits)
}

#[tokio::test]
async fn what_is_left_is_read_beside_an_answer() {
    let limits = of_openai(
        "x-ratelimit-limit-requests: 500\r\nx-ratelimit-remaining-requests: 499\r\nx-ratelimit-reset-requests: 120ms\r\n\
         X-RateLimit-Limit-Tokens: 200000\r\nx-ratelimit-remaining-tokens: 20000\r\nx-ratelimit-reset-tokens: 54s\r\n",
    )
    .await
    .expect("limits");
    let told: Vec<_> = limits.told().collect();
    let requests = (LimitKind::Requests, allowance(500, 499, 120));
    assert_eq!(told, [requests, (LimitKind::Tokens, allowance(200_000, 20_000, 54_000))]);
}

#[tokio::test]
async fn a_limit_that_is_not_told_whole_is_none() {
    let with = |limit: &str, remaining: &str, reset: &str| {
        format!(
            "x-ratelimit-limit-requests: {limit}\r\nx-ratelimit-remaining-requests: {remaining}\r\n\
             x-ratelimit-reset-requests: {reset}\r\n"
        )
    };
    assert_eq!(of_openai("").await, None);
    assert_eq!(of_openai("x-ratelimit-remaining-requests: 7\r\n").await, None);
    assert_eq!(of_openai(&with("-1", "-1", "0")).await, None, "as Azure says that it does not know");
    assert_eq!(of_openai(&with("0", "0", "0")).await, None);
    assert_eq!(of_openai(&with("10", "3", "soon")).await, None);
    let limits = of_openai(&with("10", "3", "2")).await.expect("limits");
    assert_eq!(limits.of(LimitKind::Requests), Some(allowance(10, 3, 2_000)), "bare numbers are seconds");
}

#[tokio::test]
async fn what_is_left_is_read_beside_a_refusal_and_moments_go_by_the_servers_clock() {
    let mut headers = "date: Wed, 21 Oct 2026 07:28:00 GMT\r\n".to_owned();
    for (kind, limit, remaining, reset) in [
        ("requests", 50, 0, "2026-10-21T07:28:30Z"),
        ("input-tokens", 40_000, 39_000, "2026-10-21T07:28:01.5Z"),
        ("output-tokens", 8_000, 8_000, "2026-10-21T07:27:59Z"),
    ] {
        headers.push_str(&format!(
            "anthropic-ratelimit-{kind}-limit: {limit}\r\nanthropic-ratelimit-{kind}-remaining: {remaining}\r\n\
             anthropic-ratelimit-{kind}-reset: {reset}\r\n"
        ));
    }
    let body = json!({"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}});
    let (base, _served) = server(vec![http("429 Too Many Requests", &headers, &body.to_string())]).await;
    let model: Box<dyn ChatModel> = Box::new(AnthropicModel::new(client(), planted(), &at(&base)));
    let error = ask(model.as_ref(), &request("claude-haiku-5-5", json!({}))).await.expect_err("refused");
    assert_eq!(error.kind, ChatErrorKind::RateLimited);
    let limits = error.limits.expect("limits");
    assert_eq!(limits.of(LimitKind::Requests), Some(allowance(50, 0, 30_000)));
    assert_eq!(limits.of(LimitKind::InputTokens), Some(allowance(40_000, 39_000, 1_500)));
    assert_eq!(limits.of(LimitKind::OutputTokens), Some(allowance(8_000, 8_000, 0)), "it is whole already");
    assert_eq!(limits.of(LimitKind::Tokens), None);
}
