//! Models on this computer, found and made connections.

use crate::output::{Report, counted, shown};
use serde_json::json;
use touchstone_engine::connections::{
    AbilitySource, LocalModel, LocalProblem, LocalServer, LocalTest, Speed, TestRecord, TestUsage,
};
use touchstone_engine::domain::text::duration;
use touchstone_engine::{Engine, Error, Result};

pub(super) async fn discover(
    engine: &Engine,
    ports: Vec<u16>,
    only: &[String],
    test: bool,
    add: bool,
) -> Result<Report> {
    if !only.is_empty() && !test {
        return Err(Error::invalid_field("model", "--model says what --test or --add is about; give one of them"));
    }
    let mut servers = engine.find_local_servers(ports).await?;
    let is_served = |id: &&String| servers.iter().any(|server| server.models.iter().any(|model| model.id == **id));
    let mut problems: Vec<_> =
        only.iter().filter(|id| !is_served(id)).map(|id| format!("{id}: no server on this computer has it")).collect();
    if add && servers.is_empty() {
        problems.push("no model server was found on this computer".to_owned());
    }
    let (mut all_work, mut added) = (true, Vec::new());
    for server in &mut servers {
        for model in &mut server.models {
            let is_meant = only.is_empty() || only.contains(&model.id);
            if !test || !is_meant {
                continue;
            }
            // What one model's fault ends must not hide what was done about the others.
            let tested = match engine.test_local_model(server.port, model.id.clone()).await {
                Ok(tested) => tested,
                Err(error) => {
                    problems.push(format!("{}: {error}", shown(&model.id)));
                    continue;
                }
            };
            all_work &= tested.record.ok;
            if add && tested.record.ok && model.connection_name.is_none() {
                match engine.add_local_model(server.port, model.id.clone()).await {
                    Ok(saved) => {
                        model.connection_name = Some(saved.connection.name.clone());
                        added.push(saved.connection);
                    }
                    Err(error) => problems.push(format!("{}: {error}", shown(&model.id))),
                }
            }
            model.test = Some(tested);
        }
    }
    let ok = all_work && problems.is_empty();
    let mut lines: Vec<_> = servers.iter().flat_map(server_lines).collect();
    if lines.is_empty() && !add {
        lines.push("no model server was found on this computer".to_owned());
    }
    lines.extend(problems.iter().cloned());
    lines.extend(added.iter().map(|connection| format!("added {} ({})", connection.name, connection.id)));
    Ok(Report { ok, json: json!({ "servers": servers, "added": added, "problems": problems }), text: lines.join("\n") })
}

fn server_lines(server: &LocalServer) -> Vec<String> {
    let version = server.version.as_ref().map_or_else(String::new, |version| format!(" {}", shown(version)));
    let problem = match server.problem {
        Some(LocalProblem::Loading) => ", still loading its model",
        Some(LocalProblem::NeedsKey) => ", which wants a key: add it with connection add",
        Some(LocalProblem::NoModels) => ", without a model to talk to",
        None => "",
    };
    let left_out = match server.left_out {
        0 => String::new(),
        count => format!(" ({count} left out: they embed or rank texts, or answer from another computer)"),
    };
    let mut lines = vec![format!("{}{version} at {}{problem}{left_out}", server.name, server.endpoint)];
    lines.extend(server.models.iter().map(|model| format!("  {}", model_words(model))));
    lines
}

fn model_words(model: &LocalModel) -> String {
    let LocalModel { id, test, connection_name, .. } = model;
    let id = shown(id);
    let asked = connection_name.as_ref().map_or_else(String::new, |name| format!(" (connection {name})"));
    let Some(LocalTest { record, context_tokens, speed }) = test else { return format!("{id}{asked}") };
    if !record.ok {
        return format!("{id}{asked}: {}", test_words(record));
    }
    let context = context_tokens.map(|tokens| format!("{tokens} tokens"));
    let speed = speed.map(speed_words);
    let words: Vec<_> = [abilities_words(record), context, speed].into_iter().flatten().collect();
    format!("{id}{asked}: {}", words.join(", "))
}

/// What the questions of a test took: “5 questions: 120 tokens in, 40 out, $0.00012”.
pub(super) fn usage_words(usage: &TestUsage) -> String {
    let TestUsage { questions, prompt_tokens, completion_tokens, cost_usd } = usage;
    let tokens = match prompt_tokens.zip(*completion_tokens) {
        Some((prompt, completion)) => format!("{prompt} tokens in, {completion} out"),
        None => "tokens unknown: the server gives no usage".to_owned(),
    };
    let cost = cost_usd.map_or_else(|| "cost unknown".to_owned(), |usd| format!("${usd}"));
    format!("This test took {}: {tokens}, {cost}", counted(*questions, "question"))
}

/// How a test went; of one that failed after how long it did, and what a support ticket needs.
pub(super) fn test_words(record: &TestRecord) -> String {
    if record.ok {
        return record.message.clone();
    }
    let vendor = record.vendor.as_ref();
    let status = vendor.and_then(|said| Some(format!("status {}", said.status?)));
    let code = vendor.and_then(|said| Some(format!("code: {}", shown(said.code.as_ref()?))));
    let id = vendor.and_then(|said| Some(format!("request id: {}", shown(said.request_id.as_ref()?))));
    let time = record.latency_ms.map(|latency_ms| duration(latency_ms.into()));
    let facts: Vec<_> = [time, status, code, id].into_iter().flatten().collect();
    if facts.is_empty() { record.message.clone() } else { format!("{} ({})", record.message, facts.join(", ")) }
}

pub(super) fn speed_words(speed: Speed) -> String {
    let rate = speed.tokens_per_second.map_or_else(String::new, |rate| format!("{rate:.1} tokens/s, "));
    let most = speed.tokens_per_second_parallel.map_or_else(String::new, |rate| format!(" ({rate:.1} tokens/s)"));
    match speed.parallel {
        1 => format!("{rate}one request at a time"),
        parallel => format!("{rate}{parallel} requests at once{most}"),
    }
}

/// What is known of a model's abilities, and where from if this test did not try it, as “schema yes, images no (by the
/// catalogue)”.
pub(super) fn abilities_words(record: &TestRecord) -> Option<String> {
    let (can, from) = (record.abilities?, record.ability_sources.unwrap_or_default());
    let named = [
        ("schema", can.schema, from.schema),
        ("JSON", can.json, from.json),
        ("images", can.images, from.images),
        ("PDF", can.pdf, from.pdf),
        ("logprobs", can.logprobs, from.logprobs),
    ];
    let said = named.into_iter().filter_map(|(name, able, source)| {
        let able = if able? { "yes" } else { "no" };
        let source = match source {
            Some(AbilitySource::Catalogue) => " (by the catalogue)",
            Some(AbilitySource::EarlierTest) => " (by an earlier test)",
            Some(AbilitySource::Test) | None => "",
        };
        Some(format!("{name} {able}{source}"))
    });
    Some(said.collect::<Vec<_>>().join(", "))
}
