//! Runs that ask another model than their version names, or the same several times; several started at once.

use crate::support::{Asked, Desk, Gate, Reply, Server, bugs, by_text, custom, draft, new_run, until};
use serde_json::Value;
use std::sync::Arc;
use touchstone_engine::domain::run::{Only, Repetition, RunStatus, Subset};
use touchstone_engine::domain::{ConnectionId, PromptId, RunId};
use touchstone_engine::export::ExportFormat;
use touchstone_engine::results::{RowFilter, RowQuery, RowSort};
use touchstone_engine::runs::{AskedModel, NewRun, RunSummary};

/// A connection of the same server whose model is called “other”.
async fn connect_other(desk: &Desk, server: &Server) -> ConnectionId {
    desk.engine.add_connection(custom("other", server.endpoint())).await.expect("connection is added").connection.id
}

fn asked_of(connection: &ConnectionId, model: &str) -> Option<AskedModel> {
    Some(AskedModel { connection_id: Some(connection.clone()), model: model.to_owned() })
}

fn over_all(prompt: &PromptId) -> NewRun {
    new_run(prompt, Subset::All)
}

fn repeated(run: &NewRun, of: u32) -> Vec<NewRun> {
    (1..=of).map(|number| NewRun { repetition: Repetition::among(number, of), ..run.clone() }).collect()
}

/// Starts them together and waits for all.
async fn run_together(desk: &Desk, runs: Vec<NewRun>) -> Vec<RunSummary> {
    let started = desk.engine.start_runs(runs, None).await.expect("they start");
    let mut ended = Vec::new();
    for started in started {
        ended.push(desk.engine.wait_for_run(started.run_id).await.expect("it ends"));
    }
    ended
}

fn requests(runs: &[RunSummary]) -> Vec<u32> {
    runs.iter().map(|run| run.requests).collect()
}

fn models(server: &Server) -> Vec<String> {
    server.asked().iter().map(|asked| asked.body["model"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn exported(desk: &Desk, run: &RunId) -> String {
    let path = desk.folder.path().join("out.json");
    desk.engine.export_predictions(run.clone(), ExportFormat::LabelStudio, None, path.clone()).await.expect("export");
    let tasks: Value = serde_json::from_slice(&std::fs::read(&path).expect("the file")).expect("JSON");
    tasks[0]["predictions"][0]["model_version"].as_str().expect("a text").to_owned()
}

/// What was sent about the first task of a run, and whether that is still known.
async fn shown(desk: &Desk, run: &RunId) -> (Value, bool) {
    let query = RowQuery { filter: RowFilter::All, sort: RowSort::Position, search: String::new(), cell: None };
    let page = desk.result_rows(run.clone(), query, 0, 1).await;
    let result = desk.engine.result(run.clone(), page.rows[0].task_id).await.expect("a result");
    (serde_json::from_str(&result.request).expect("JSON"), !result.has_changed)
}

#[tokio::test]
async fn another_model_is_asked_without_a_new_version_and_its_answers_are_owned_whoever_asked() {
    let server = Server::start(|asked: &Asked| match asked.body["model"].as_str() {
        Some("other") => Reply::class("Praise"),
        _ => by_text(asked),
    });
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(3)).await;
    let own = desk.run(&prompt, Subset::All).await;
    assert_eq!((own.model.as_str(), own.is_other_model, own.correct), ("scripted", false, 3));

    let other = connect_other(&desk, &server).await;
    let elsewhere = NewRun { model: asked_of(&other, "other"), ..over_all(&prompt) };
    let first = run_together(&desk, vec![elsewhere.clone()]).await.remove(0);
    assert_eq!((first.model.as_str(), first.is_other_model, first.requests), ("other", true, 3));
    assert_eq!((first.version_number, first.connection_id.clone(), first.correct), (1, other.clone(), 0));
    assert_eq!(models(&server)[3..], ["other", "other", "other"]);
    let again = run_together(&desk, vec![elsewhere]).await.remove(0);
    assert_eq!((again.requests, again.cached), (0, 3), "nothing is paid twice");

    let (request, is_known) = shown(&desk, &first.id).await;
    assert_eq!((request["model"].as_str(), is_known), (Some("other"), true));
    assert!(exported(&desk, &own.id).await.ends_with(" v1"), "the version names its model");
    assert!(exported(&desk, &first.id).await.ends_with(" v1, other"));
    let version = desk.engine.version(own.version_id.clone()).await.expect("the version").summary;
    assert_eq!((version.run_count, version.best_accuracy.map(|best| best.correct)), (3, Some(3)));

    let named = NewRun { model: asked_of(&own.connection_id, "scripted"), ..over_all(&prompt) };
    let named = run_together(&desk, vec![named]).await.remove(0);
    assert_eq!((named.is_other_model, named.cached), (false, 3), "it is the version's own");

    let content =
        touchstone_engine::drafts::DraftContent { model: "other".to_owned(), ..draft("Topic of: {text}", &other) };
    desk.engine.save_draft(prompt.clone(), content).await.expect("draft is saved");
    let saved = desk.run(&prompt, Subset::All).await;
    assert_eq!((saved.version_number, saved.is_other_model, saved.requests, saved.cached), (2, false, 0, 3));
}

#[tokio::test]
async fn each_repetition_is_asked_once_and_the_first_is_what_is_owned_already() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(3)).await;
    desk.run(&prompt, Subset::All).await;

    let runs = run_together(&desk, repeated(&over_all(&prompt), 3)).await;
    assert_eq!(requests(&runs), [0, 3, 3]);
    let told: Vec<_> = runs.iter().filter_map(|run| run.repetition).map(|repetition| repetition.to_string()).collect();
    assert_eq!(told, ["repetition 1 of 3", "repetition 2 of 3", "repetition 3 of 3"]);
    assert!(runs.iter().all(|run| (run.status, run.done, run.correct) == (RunStatus::Completed, 3, 3)));
    assert_eq!(server.asked().len(), 9);
    assert!(exported(&desk, &runs[1].id).await.ends_with(" v1, repetition 2 of 3"));
    assert!(shown(&desk, &runs[2].id).await.1, "what was sent for it is known");

    let more = run_together(&desk, repeated(&over_all(&prompt), 4)).await;
    assert_eq!(requests(&more), [0, 0, 0, 3], "only the fourth is new");

    let other = connect_other(&desk, &server).await;
    let elsewhere = NewRun { model: asked_of(&other, "other"), ..over_all(&prompt) };
    let both = [repeated(&over_all(&prompt), 2), repeated(&elsewhere, 2)].concat();
    assert_eq!(requests(&run_together(&desk, both.clone()).await), [0, 0, 3, 3]);
    assert_eq!(requests(&run_together(&desk, both).await), [0, 0, 0, 0]);
    assert_eq!(server.asked().len(), 18);
}

#[tokio::test]
async fn what_is_asked_again_is_asked_anew_under_a_number_of_its_own_and_loses_nothing_owned() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(4)).await;
    let all = new_run(&prompt, Subset::All);
    let again = NewRun { ask_again: true, ..all.clone() };
    let ended = async |new: &NewRun| run_together(&desk, vec![new.clone()]).await.remove(0);
    let asked = |run: &RunSummary| (run.repetition, run.requests, run.cached);
    assert_eq!(asked(&ended(&all).await), (None, 4, 0));

    let estimate = async |new: &NewRun| desk.engine.estimate_run(new.clone()).await.expect("an estimate");
    let (owned, anew) = (estimate(&all).await, estimate(&again).await);
    assert_eq!((owned.owned, owned.requests, anew.owned, anew.requests), (4, 0, 0, 4));

    let second = ended(&again).await;
    assert_eq!(asked(&second), (Repetition::among(2, 2), 4, 0));
    // Far beyond what is started together.
    for number in 3..=12 {
        assert_eq!(asked(&ended(&again).await), (Repetition::among(number, number), 4, 0));
    }
    assert_eq!(server.asked().len(), 48);
    assert_eq!(asked(&ended(&all).await), (None, 0, 4), "what was owned still is");
    let last = NewRun { version_id: Some(second.version_id), repetition: Repetition::among(12, 12), ..all.clone() };
    assert_eq!(asked(&ended(&last).await), (Repetition::among(12, 12), 0, 4), "and so is each of these");

    let both: Vec<_> = repeated(&again, 2);
    let both: Vec<_> = run_together(&desk, both).await.iter().map(asked).collect();
    assert_eq!(both, [(Repetition::among(13, 14), 4, 0), (Repetition::among(14, 14), 4, 0)]);
}

#[tokio::test]
async fn what_is_asked_again_goes_on_under_its_own_number() {
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server = Server::start(move |asked: &Asked| match asked.number {
        ..=8 => by_text(asked),
        _ => Reply::After(Arc::clone(&held), Box::new(by_text(asked))),
    });
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(6)).await;
    let all = NewRun { concurrency: Some(1), ..over_all(&prompt) };
    run_together(&desk, vec![all.clone()]).await;
    let again = desk.engine.start_run(NewRun { ask_again: true, ..all.clone() }).await.expect("it starts").run_id;
    until("two are done", async || desk.engine.run(again.clone()).await.expect("run").done == 2).await;
    desk.engine.pause_run(again.clone()).await.expect("paused");
    gate.open();
    let paused = desk.engine.wait_for_run(again.clone()).await.expect("it pauses");
    assert!(paused.status == RunStatus::Paused && paused.done < 6, "{:?} {}", paused.status, paused.done);

    let other = desk.another_engine();
    other.resume_run(again.clone()).await.expect("it resumes");
    let run = other.wait_for_run(again).await.expect("it ends");
    assert_eq!((run.status, run.repetition, run.requests), (RunStatus::Completed, Repetition::among(2, 2), 6));
    assert_eq!(server.asked().len(), 12, "each task was asked twice");
}

#[tokio::test]
async fn a_repetition_that_could_not_be_used_is_asked_again_and_kept_as_its_own() {
    let server = Server::start(|asked: &Asked| match asked.body["messages"].as_array().map(Vec::len) {
        Some(1) => Reply::class("Weather"),
        _ => by_text(asked),
    });
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(1)).await;
    assert_eq!(requests(&run_together(&desk, repeated(&over_all(&prompt), 2)).await), [2, 2]);
    let runs = run_together(&desk, repeated(&over_all(&prompt), 2)).await;
    assert_eq!((requests(&runs), server.asked().len()), (vec![0, 0], 4));
    assert!(shown(&desk, &runs[1].id).await.1);
}

#[tokio::test]
async fn what_is_missing_is_told_for_each_model_and_repetition() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(4)).await;
    let other = connect_other(&desk, &server).await;
    let sample =
        NewRun { model: asked_of(&other, "other"), ..new_run(&prompt, Subset::Sample { tasks: 3, seed: None }) };
    desk.run(&prompt, Subset::All).await;
    run_together(&desk, vec![sample]).await;

    let missing = NewRun { only: Some(Only::Missing), ..over_all(&prompt) };
    let size = async |run: NewRun| desk.engine.run_size(run).await.expect("counted");
    assert_eq!(size(missing.clone()).await, 0);
    let of_other = NewRun { model: asked_of(&other, "other"), ..missing.clone() };
    assert_eq!(size(of_other.clone()).await, 1);
    assert_eq!(size(NewRun { repetition: Repetition::among(2, 2), ..missing }).await, 4);
    let rest = run_together(&desk, vec![of_other]).await.remove(0);
    assert_eq!((rest.total, rest.requests), (1, 1));
}

#[tokio::test]
async fn what_several_would_take_is_what_they_take() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(5)).await;
    let other = connect_other(&desk, &server).await;
    desk.run(&prompt, Subset::Sample { tasks: 2, seed: None }).await;
    let elsewhere = NewRun { model: asked_of(&other, "other"), ..over_all(&prompt) };
    let runs = [repeated(&over_all(&prompt), 2), vec![elsewhere]].concat();
    let estimate = desk.engine.estimate_runs(runs.clone(), None).await.expect("estimated");
    assert_eq!((estimate.tasks, estimate.owned, estimate.requests), (15, 2, 13));
    assert_eq!(requests(&run_together(&desk, runs.clone()).await), [3, 5, 5]);
    let estimate = desk.engine.estimate_runs(runs, None).await.expect("estimated");
    assert_eq!((estimate.owned, estimate.requests), (15, 0));
}

#[tokio::test]
async fn several_are_refused_before_any_is_started() {
    let server = Server::start(by_text);
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(3)).await;
    let other = connect_other(&desk, &server).await;
    let own = over_all(&prompt);
    let with = |model| NewRun { model, ..over_all(&prompt) };
    let nobodys = Some(AskedModel { connection_id: None, model: "gone".to_owned() });
    let named = asked_of(&ConnectionId("none".to_owned()), "scripted");
    let many = (0..9).flat_map(|_| repeated(&own, 10)).collect();
    let of = |number, of| vec![NewRun { repetition: Some(Repetition { number, of }), ..over_all(&prompt) }];
    for (runs, words) in [
        (vec![own.clone(), with(asked_of(&other, "unknown"))], "“other” offers no model “unknown”"),
        (vec![own.clone(), with(nobodys)], "“scripted” offers no model “gone”"),
        (vec![own.clone(), with(named)], "none"),
        (vec![own.clone(), own.clone()], "the draft with scripted was chosen twice"),
        (many, "these are 90 runs; choose at most 50"),
        (of(0, 3), "choose a number of repetitions from 1 to 10"),
        (of(1, 11), "choose a number of repetitions from 1 to 10"),
        (Vec::new(), "choose what to run"),
    ] {
        let refused = desk.engine.start_runs(runs, None).await.expect_err(words).to_string();
        assert!(refused.contains(words), "{refused} instead of {words}");
    }
    assert_eq!((server.asked().len(), desk.engine.runs(None).await.expect("runs").len()), (0, 0));
    assert!(desk.engine.prompt(prompt.to_string()).await.expect("prompt").summary.latest_version.is_none());
}

#[tokio::test]
async fn a_run_whose_process_is_gone_goes_on_with_its_model_and_its_repetition() {
    const ANSWERED: usize = 4;
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server = Server::start(move |asked: &Asked| match asked.number {
        ..=ANSWERED => by_text(asked),
        _ => Reply::After(Arc::clone(&held), Box::new(by_text(asked))),
    });
    let desk = Desk::new();
    let prompt = desk.prompt_on(&server, &bugs(10)).await;
    let other = connect_other(&desk, &server).await;
    let elsewhere = NewRun { model: asked_of(&other, "other"), ..over_all(&prompt) };
    let second = repeated(&elsewhere, 2).remove(1);

    // The first process: a runtime that is dropped in the middle of its work, without a goodbye.
    let (path, wanted) = (desk.workspace(), second.clone());
    let run = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let run = runtime.block_on(async {
            let engine = crate::support::open(&path, &Arc::default());
            let started = engine.start_runs(vec![wanted], None).await.expect("the run starts").remove(0);
            let done = async || engine.run(started.run_id.clone()).await.expect("run").done;
            until("some are done", async || done().await == 4).await;
            started.run_id
        });
        runtime.shutdown_background();
        run
    })
    .await
    .expect("the first process");

    assert_eq!(desk.abandon_runs("gone"), 1);
    gate.open();
    desk.engine.resume_run(run.clone()).await.expect("it resumes");
    let run = desk.engine.wait_for_run(run).await.expect("it ends");
    assert_eq!((run.status, run.done, run.model.as_str()), (RunStatus::Completed, 10, "other"));
    assert_eq!(run.repetition, Some(Repetition { number: 2, of: 2 }));
    assert!(models(&server).iter().all(|model| model == "other"), "no other was asked");
    for first in &server.asked()[..ANSWERED] {
        assert_eq!(server.asked_about(first.text()), 1, "{:?} had been answered", first.text());
    }
    let again = run_together(&desk, vec![second]).await.remove(0);
    assert_eq!((again.requests, again.cached), (0, 10));
    let first = run_together(&desk, repeated(&elsewhere, 2)[..1].to_vec()).await.remove(0);
    assert_eq!((first.requests, first.cached), (10, 0), "the first has answers of its own");
}
