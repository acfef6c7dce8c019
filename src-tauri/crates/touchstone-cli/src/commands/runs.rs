mod estimate;
mod metrics;
mod several;

use super::secret_from;
use crate::arguments::RunCommand;
use crate::output::{Report, listed, remark, shown};
use serde_json::{Value, json};
use several::Several;
use std::time::Duration;
use touchstone_engine::dollars;
use touchstone_engine::domain::run::RunStatus;
use touchstone_engine::domain::{PromptId, RunId};
use touchstone_engine::runs::{RunLimit, RunSummary, RunWorker};
use touchstone_engine::{Engine, Error, Result};

pub(crate) async fn run(engine: &Engine, command: RunCommand) -> Result<Report> {
    engine.settle_abandoned_runs().await?;
    match command {
        RunCommand::Start { run, concurrency, batch, keep_trying, key_env, token_env } => {
            let mut wanted = Several::of(engine, run).await?;
            if let Some(variable) = key_env {
                engine.lend_api_key(wanted.connection()?.to_string(), secret_from(&variable)?).await?;
            }
            lend_token(engine, wanted.runs.iter().map(|run| &run.prompt_id), token_env).await?;
            wanted.warn_of_retirement(engine).await?;
            for run in &mut wanted.runs {
                (run.concurrency, run.batch) = (concurrency, batch);
            }
            let patience = patience(engine, keep_trying);
            let started = engine.start_runs(wanted.runs, wanted.tasks).await?;
            let ids: Vec<_> = started.into_iter().map(|started| started.run_id).collect();
            remark_queued(engine, &ids).await?;
            let mut reports = Vec::new();
            for run in finish(engine, &ids, patience).await? {
                let report = told(engine, &run).await?;
                let text = if ids.len() > 1 { format!("{}:\n{}", which(&run), report.text) } else { report.text };
                reports.push(Report { text, ..report });
            }
            Ok(several::report(reports))
        }
        RunCommand::Estimate { run, key_env } => {
            let limit = run.limit_usd;
            let wanted = Several::of(engine, run).await?;
            if let Some(variable) = key_env {
                engine.lend_api_key(wanted.connection()?.to_string(), secret_from(&variable)?).await?;
            }
            let runs = wanted.runs.len() as u64;
            let estimate = engine.counted_estimate(wanted.runs, wanted.tasks).await?;
            Ok(estimate::report(&estimate, limit.map(|limit| limit.saturating_mul(runs))))
        }
        RunCommand::Resume { runs: wanted, concurrency, limit_usd, keep_trying, key_env, token_env } => {
            let mut runs = Vec::with_capacity(wanted.len());
            for wanted in &wanted {
                runs.push(find(engine, wanted).await?);
            }
            if let Some(variable) = key_env {
                engine.lend_api_key(one_connection(&runs)?, secret_from(&variable)?).await?;
            }
            lend_token(engine, runs.iter().map(|run| &run.prompt_id), token_env).await?;
            for run in &runs {
                if let Some(limit) = limit_usd {
                    let limit_micros = Some(limit).filter(|limit| *limit > 0);
                    engine.set_run_limit(run.id.clone(), RunLimit { limit_micros }).await?;
                }
                if let Some(concurrency) = concurrency {
                    engine.set_run_concurrency(run.id.clone(), concurrency).await?;
                }
            }
            let patience = patience(engine, keep_trying);
            let mut ids: Vec<_> = runs.into_iter().map(|run| run.id).collect();
            let others = match ids.as_slice() {
                [run] => engine.resume_run(run.clone()).await?,
                several => {
                    let others = engine.queue_runs(several.to_vec()).await?;
                    remark_queued(engine, several).await?;
                    others
                }
            };
            ids.extend(others);
            let mut reports = Vec::new();
            for run in finish(engine, &ids, patience).await? {
                reports.push(told(engine, &run).await?);
            }
            Ok(several::report(reports))
        }
        RunCommand::Pause { run } => {
            let run = find(engine, &run).await?;
            engine.pause_run(run.id.clone()).await?;
            let run = wait_aloud(engine, &run.id).await?;
            Ok(Report { ok: run.status == RunStatus::Paused, ..told(engine, &run).await? })
        }
        RunCommand::Stop { run, key_env } => {
            let run = find(engine, &run).await?;
            if let Some(variable) = key_env {
                engine.lend_api_key(one_connection(std::slice::from_ref(&run))?, secret_from(&variable)?).await?;
            }
            engine.stop_run(run.id.clone()).await?;
            let run = engine.wait_for_run(run.id).await?;
            Ok(Report { ok: run.status == RunStatus::Canceled, ..told(engine, &run).await? })
        }
        RunCommand::Concurrency { run, concurrency } => {
            let run = find(engine, &run).await?;
            engine.set_run_concurrency(run.id.clone(), concurrency).await?;
            let text = format!("{concurrency} requests at once");
            Ok(Report::done(json!({ "run_id": run.id, "concurrency": concurrency }), text))
        }
        RunCommand::Show { run } => {
            let run = find(engine, &run).await?;
            let waiting = limit_of(engine, &run.id).await?;
            let Report { text, mut json, .. } = told(engine, &run).await?;
            json["waiting"] = json!(waiting);
            let text = waiting.map_or(text.clone(), |waiting| format!("{waiting}\n{text}"));
            // Showing a stopped run is no failure.
            Ok(Report { ok: true, text, json })
        }
        RunCommand::Metrics { run } => {
            let run = find(engine, &run).await?;
            Ok(metrics::report(&engine.run_metrics(run.id).await?))
        }
        RunCommand::List { prompt } => {
            let prompt = match prompt {
                Some(prompt) => Some(engine.prompt(prompt).await?.summary.id),
                None => None,
            };
            let none = if prompt.is_some() { "no runs of this prompt yet" } else { "no runs yet" };
            let runs = engine.runs(prompt).await?;
            let headings = ["id", "version", "model", "tasks", "status", "answered", "accuracy"];
            let rows = runs
                .iter()
                .map(|run| {
                    [
                        run.id.to_string(),
                        format!("v{}", run.version_number),
                        asked(run),
                        covered(run),
                        run.status.as_str().to_owned(),
                        format!("{} of {}", run.done, run.total),
                        super::accuracy_text(run.accuracy),
                    ]
                })
                .collect();
            let runs: Vec<_> = runs.iter().map(members).collect();
            Ok(Report::done(json!({ "runs": runs }), listed(headings, rows, none)))
        }
    }
}

/// “qwen3:8b, repetition 2 of 3”
fn asked(run: &RunSummary) -> String {
    let repetition = run.repetition.map(|repetition| format!(", {repetition}"));
    format!("{}{}", shown(&run.model), repetition.unwrap_or_default())
}

/// “sample:20, only failed”
fn covered(run: &RunSummary) -> String {
    let only = run.only.map(|only| format!(", only {}", only.as_str()));
    format!("{}{}", run.subset, only.unwrap_or_default())
}

/// How long a server that is not reached is waited for. To be called before anything is asked of it.
fn patience(engine: &Engine, minutes: Option<u32>) -> Duration {
    if minutes.is_some() {
        engine.keep_trying();
    }
    Duration::from_secs(60 * u64::from(minutes.unwrap_or(0)))
}

/// Waits for the runs; an interrupt stops them and keeps their results, and leaves a batch at its vendor.
async fn finish(engine: &Engine, ids: &[RunId], patience: Duration) -> Result<Vec<RunSummary>> {
    let over = async {
        let mut runs = Vec::with_capacity(ids.len());
        for id in ids {
            runs.push(engine.wait_out(id.clone(), patience).await?);
        }
        Ok(runs)
    };
    tokio::pin!(over);
    tokio::select! {
        runs = &mut over => return runs,
        () = interrupt() => {
            engine.stop_trying();
            stop(engine, ids).await?;
        }
    }
    over.await
}

/// Waits until a run is paused, and says what that waits for once it takes longer than a moment.
async fn wait_aloud(engine: &Engine, id: &RunId) -> Result<RunSummary> {
    let over = engine.wait_for_run(id.clone());
    tokio::pin!(over);
    for look in 0_u32.. {
        match tokio::time::timeout(A_MOMENT, &mut over).await {
            Ok(run) => return run,
            // Whoever is at work on it says so within a second or two.
            Err(_) if look == 0 || look % LOOKS_PER_REMARK != 1 => {}
            Err(_) => {
                if let Some(words) = limit_of(engine, id).await? {
                    remark(&format!("{words}\n"));
                }
            }
        }
    }
    over.await
}

/// How long a pause takes at least before anything is said of it, and how often it is looked at.
const A_MOMENT: Duration = Duration::from_millis(1500);

/// So many looks are half a minute.
const LOOKS_PER_REMARK: u32 = 20;

/// What limits a run that is at work, in words.
async fn limit_of(engine: &Engine, id: &RunId) -> Result<Option<String>> {
    let active = engine.active_runs().await?.into_iter().find(|active| active.run.id == *id);
    Ok(active.and_then(|active| match active.worker {
        RunWorker::Silent { gone_in_ms } => {
            let seconds = gone_in_ms.div_ceil(1000);
            Some(format!("The program that is at work on it does not answer; in {seconds} s it counts as gone."))
        }
        RunWorker::Here | RunWorker::Elsewhere => active.waiting.filter(|_| active.run.status != RunStatus::Queued),
    }))
}

/// Says what runs are waited for that others started, as nothing else is to be seen meanwhile.
async fn remark_queued(engine: &Engine, ids: &[RunId]) -> Result<()> {
    if let Some(first) = ids.first()
        && let Some(words) = engine.run(first.clone()).await?.queued_words()
    {
        remark(&format!("{words} It begins once those before it are done; `run resume {first}` begins it at once.\n"));
    }
    Ok(())
}

/// Signs in to the server that the projects of these prompts came from, whose pictures are asked for.
async fn lend_token(engine: &Engine, prompts: impl Iterator<Item = &PromptId>, variable: Option<String>) -> Result<()> {
    let Some(variable) = variable else { return Ok(()) };
    let mut server = None;
    for prompt in prompts {
        let Some(project) = engine.prompt(prompt.to_string()).await?.summary.project_id else { continue };
        let Some(link) = engine.project(project.0).await?.summary.link else { continue };
        // A token is shown to no other server.
        if server.replace(link.server_id.clone()).is_some_and(|other| other != link.server_id) {
            return Err(Error::invalid("--token-env is for one server, and these projects came from several"));
        }
    }
    let Some(server) = server else {
        return Err(Error::invalid("--token-env is for a project that came from a Label Studio server"));
    };
    engine.label_studio_server(server.0, Some(secret_from(&variable)?)).await?;
    Ok(())
}

/// The one connection that these runs ask. A key is for one, and shown to no other.
fn one_connection(runs: &[RunSummary]) -> Result<String> {
    let Some((first, others)) = runs.split_first() else { return Err(Error::invalid("choose what to resume")) };
    if others.iter().any(|run| run.connection_id != first.connection_id) {
        return Err(Error::invalid("--key-env is for one connection, and these runs ask several"));
    }
    first.connection_name.clone().ok_or_else(|| Error::invalid("its connection was removed"))
}

async fn stop(engine: &Engine, ids: &[RunId]) -> Result<()> {
    let mut waits_for_batch = false;
    // Those that wait first: each would begin once those before it are stopped.
    for id in ids.iter().rev() {
        let run = engine.run(id.clone()).await?;
        match run.batch {
            Some(batch) if batch.open > 0 => waits_for_batch = true,
            _ if run.status.is_active() => engine.stop_run(id.clone()).await?,
            _ => {}
        }
    }
    if waits_for_batch { engine.pause_runs().await } else { Ok(()) }
}

/// What `work` gives back. Where the program is asked to end meanwhile, `end` asks the work to, and what it gives back then is waited for.
pub(super) async fn until_interrupted<T>(work: impl Future<Output = T>, end: impl FnOnce()) -> T {
    tokio::pin!(work);
    tokio::select! {
        outcome = &mut work => return outcome,
        () = interrupt() => end(),
    }
    work.await
}

/// Ends when the user, or the system, asks the program to end.
pub(super) async fn interrupt() {
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        return;
    }
    // Where interrupts cannot be noticed, they end the program as they always do, and the run can be resumed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The run with this id, or the one whose id starts with it.
pub(super) async fn find(engine: &Engine, wanted: &str) -> Result<RunSummary> {
    let is_it = |run: &RunSummary| !wanted.is_empty() && run.id.as_str().starts_with(wanted);
    let mut found = engine.runs(None).await?.into_iter().filter(is_it);
    match (found.next(), found.next()) {
        (Some(run), None) => Ok(run),
        (Some(_), Some(_)) => Err(Error::invalid(format!("“{wanted}” is the start of several runs' ids"))),
        (None, _) => Err(Error::not_found("run", wanted)),
    }
}

/// The result of a run, and that the days of its model are counted.
async fn told(engine: &Engine, run: &RunSummary) -> Result<Report> {
    let Report { ok, text, mut json } = report(run);
    let retirement = match &run.connection_name {
        Some(connection) => engine.retirement(connection.clone(), run.model.clone()).await?,
        None => None,
    };
    super::add_retirement(&mut json, retirement.as_ref());
    Ok(Report { ok, text: super::with_retirement(text, &run.model, retirement.as_ref()), json })
}

/// The result of a run; what is asked for is that it completes.
pub(super) fn report(run: &RunSummary) -> Report {
    let mut text = format!(
        "{}: {} of {} tasks, {} failed, accuracy {}\n{}{}",
        run.status.as_str(),
        run.done,
        run.total,
        run.failed,
        super::accuracy_text(run.accuracy),
        usage_line(run),
        run.id
    );
    match run.cached {
        0 => {}
        cached if cached == run.total && run.requests == 0 => {
            text = format!("every answer was reused: nothing was asked, and nothing is to be paid\n{text}");
        }
        1 => text = format!("1 of the answers was reused, and cost nothing\n{text}"),
        cached => text = format!("{cached} of the answers were reused, and cost nothing\n{text}"),
    }
    if run.is_other_model {
        text = format!("{} was asked\n{text}", shown(&run.model));
    }
    for note in &run.notes {
        text = format!("{note}\n{text}");
    }
    let queued = run.queued_words();
    let waiting = run.batch.as_ref().and_then(|batch| batch.waiting.as_ref()).or(queued.as_ref());
    match run.reason.as_ref().or(waiting) {
        Some(reason) => text = format!("{reason}\n{text}"),
        None if run.status == RunStatus::Paused => text = format!("Paused by hand; `run resume` goes on.\n{text}"),
        None => {}
    }
    Report { ok: run.status == RunStatus::Completed, text, json: members(run) }
}

/// “12300 tokens in (4100 cached), 2050 out (800 reasoning), $0.0123”, as a line where the run asked for anything; and
/// “14 requests, 2 of them to find out the form of answers”, as one before it where there are such.
fn usage_line(run: &RunSummary) -> String {
    let found_out = match run.probes {
        0 => String::new(),
        probes => format!("{} requests, {probes} of them to find out the form of answers\n", run.requests),
    };
    let no_usage = match run.uncounted {
        0 => None,
        1 => Some("the server gives no usage (1 reply)".to_owned()),
        replies => Some(format!("the server gives no usage ({replies} replies)")),
    };
    let may_have_cost = match run.lost {
        _ if run.lost_micros == 0 => String::new(),
        1 => format!("{} may have been charged for an answer whose cost is not known\n", micros(run.lost_micros)),
        lost => {
            format!("{} may have been charged for {lost} answers whose cost is not known\n", micros(run.lost_micros))
        }
    };
    let cost = match (run.cost_usd, &no_usage) {
        (Some(usd), None) => format!("${usd}"),
        (Some(usd), Some(why)) => format!("${usd}, tokens unknown: {why}"),
        (None, Some(why)) => format!("cost unknown: {why}"),
        (None, None) => "price unknown".to_owned(),
    };
    if run.prompt_tokens + run.completion_tokens == 0 {
        let cost = if no_usage.is_some() { format!("{cost}\n") } else { String::new() };
        return format!("{found_out}{cost}{may_have_cost}");
    }
    let part = |count: u64, what| if count > 0 { format!(" ({count} {what})") } else { String::new() };
    format!(
        "{found_out}{} tokens in{}, {} out{}, {cost}\n{may_have_cost}",
        run.prompt_tokens,
        part(run.cached_tokens, "cached"),
        run.completion_tokens,
        part(run.reasoning_tokens, "reasoning")
    )
}

fn micros(micros: u64) -> String {
    format!("${}", dollars::of_micros(micros))
}

/// What tells a run from the others that were started with it: “version 2 with qwen3:8b, repetition 2 of 3”.
fn which(run: &RunSummary) -> String {
    format!("version {} with {}", run.version_number, asked(run))
}

fn members(run: &RunSummary) -> Value {
    let mut members = super::members_with_id(run, "run_id");
    members.shift_remove("wall_ms");
    members.insert("waiting".to_owned(), Value::Null);
    members.insert("subset".to_owned(), json!(run.subset.to_string()));
    members.insert("tokens".to_owned(), json!(run.prompt_tokens + run.completion_tokens));
    // Milliseconds are far below 2^53.
    #[expect(clippy::cast_precision_loss, reason = "see above")]
    members.insert("wall_s".to_owned(), json!(run.wall_ms as f64 / 1000.0));
    members.insert("accuracy".to_owned(), json!(run.accuracy.map(|accuracy| accuracy.value)));
    members.insert("accuracy_low".to_owned(), json!(run.accuracy.map(|accuracy| accuracy.low)));
    members.insert("accuracy_high".to_owned(), json!(run.accuracy.map(|accuracy| accuracy.high)));
    members.into()
}
