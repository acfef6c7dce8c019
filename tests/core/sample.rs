//! The sample: made once, really run, and honest about it.

use crate::support::{Desk, open, task};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use touchstone_engine::domain::PromptId;
use touchstone_engine::domain::run::{RunStatus, Subset};
use touchstone_engine::runs::RunSummary;
use touchstone_engine::{Engine, Keychain, Silent};

/// The runs of the sample, oldest first.
async fn runs(engine: &Engine, prompt: &PromptId) -> Vec<RunSummary> {
    let mut runs = engine.runs(Some(prompt.clone())).await.expect("runs are listed");
    runs.reverse();
    runs
}

/// Correct and scored tasks of each run, oldest first.
async fn scores(engine: &Engine, prompt: &PromptId) -> Vec<(u32, u32)> {
    runs(engine, prompt).await.iter().map(|run| (run.correct, run.scored)).collect()
}

/// One project, one prompt, two versions, a finished run of each.
async fn check_complete(engine: &Engine, prompt: &PromptId) {
    assert_eq!(engine.projects().await.expect("projects are listed").len(), 1);
    assert_eq!(engine.prompts().await.expect("prompts are listed").len(), 1);
    assert_eq!(engine.version_page(prompt.clone(), String::new(), 0, 100).await.expect("versions are listed").total, 2);
    let runs = runs(engine, prompt).await;
    let finished: Vec<_> = runs.iter().map(|run| (run.version_number, run.status)).collect();
    assert_eq!(finished, [(1, RunStatus::Completed), (2, RunStatus::Completed)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_is_there_with_two_versions_and_two_finished_runs() {
    let desk = Desk::new();
    let engine = &desk.engine;
    let prompt = engine.open_sample().await.expect("the sample is made");

    let projects = engine.projects().await.expect("projects are listed");
    let [project] = projects.as_slice() else { panic!("one project, not {}", projects.len()) };
    assert!(project.is_sample && project.ineligible.is_none());
    assert!(project.task_count >= 200 && project.ground_truth_count >= 60, "{project:?}");

    let versions = engine.version_page(prompt.clone(), String::new(), 0, 100).await.expect("versions are listed").rows;
    let messages: Vec<_> = versions.iter().rev().map(|version| version.message.as_str()).collect();
    assert_eq!(messages, ["First try: class names only", "Define each class"]);
    let detail = engine.prompt(prompt.to_string()).await.expect("the prompt opens");
    assert!(detail.summary.is_sample && !detail.draft.changed, "the draft is the second version");

    let runs = runs(engine, &prompt).await;
    assert_eq!(runs.len(), 2);
    for run in &runs {
        assert_eq!((run.status, run.subset, run.failed), (RunStatus::Completed, Subset::GroundTruth, 0));
        assert_eq!((run.done, run.scored), (project.ground_truth_count, project.ground_truth_count));
    }
    let share = |run: &RunSummary| f64::from(run.correct) / f64::from(run.scored);
    assert!((0.35..0.65).contains(&share(&runs[0])), "names alone are a fair first try: {}", share(&runs[0]));
    assert!(share(&runs[1]) > share(&runs[0]) + 0.1, "definitions really help: {}", share(&runs[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_the_sample_again_makes_nothing() {
    let desk = Desk::new();
    let engine = &desk.engine;
    let first = engine.open_sample().await.expect("the sample is made");
    let again = engine.open_sample().await.expect("the sample is found");
    assert_eq!(first, again);
    assert_eq!(runs(engine, &first).await.len(), 2);
    let files = std::fs::read_dir(desk.folder.path()).expect("the folder can be listed");
    let is_lock = |name: std::ffi::OsString| name.to_string_lossy().ends_with("-lock");
    assert!(!files.flatten().any(|file| is_lock(file.file_name())), "nothing is left beside the workspace");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workspaces_get_the_same_results() {
    let (one, other) = (Desk::new(), Desk::new());
    let first = one.engine.open_sample().await.expect("one sample is made");
    let second = other.engine.open_sample().await.expect("the other sample is made");
    assert_eq!(scores(&one.engine, &first).await, scores(&other.engine, &second).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_at_the_same_time_gets_the_same_sample() {
    let desk = Desk::new();
    let other = desk.another_engine();
    let (first, second) = tokio::join!(desk.engine.open_sample(), other.open_sample());
    let prompt = first.expect("one makes it");
    assert_eq!(prompt, second.expect("the other finds it"));
    check_complete(&desk.engine, &prompt).await;
}

#[test]
fn a_sample_that_a_killed_process_left_half_made_is_finished() {
    let desk = Desk::new();
    // However far an attempt comes before its runtime ends under it, the next one goes on from there.
    for patience_ms in [5, 40, 90] {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let engine = desk.another_engine();
        runtime.spawn(async move { engine.open_sample().await });
        std::thread::sleep(Duration::from_millis(patience_ms));
        runtime.shutdown_timeout(Duration::from_secs(10));
        desk.abandon_runs("its process is gone");
    }
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let engine = open(&desk.workspace(), &desk.recorder);
        let prompt = engine.open_sample().await.expect("the sample is finished");
        check_complete(&engine, &prompt).await;
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_sample_stays_deleted_until_it_is_asked_for() {
    let desk = Desk::new();
    let engine = &desk.engine;
    let prompt = engine.open_sample_once().await.expect("first start").expect("a new workspace gets the sample");
    assert_eq!(engine.open_sample_once().await.expect("second start"), None);
    engine.delete_prompt(prompt.clone()).await.expect("the prompt is deleted");
    assert_eq!(engine.open_sample_once().await.expect("third start"), None);
    assert!(engine.prompts().await.expect("prompts").is_empty());

    let again = engine.open_sample().await.expect("the sample is made again");
    assert_ne!(prompt, again);
    assert_eq!(scores(engine, &again).await.len(), 2);
    assert_eq!(engine.projects().await.expect("projects").len(), 1, "its project was still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_the_user_took_do_not_stand_in_the_way() {
    let desk = Desk::new();
    let engine = &desk.engine;
    desk.import("Support tickets (sample)", &json!([task("mine", None)])).await;
    assert_eq!(engine.open_sample_once().await.expect("start"), None, "this workspace is in use already");
    let prompt = engine.open_sample().await.expect("the sample is made");
    assert_eq!(
        engine.prompt(prompt.to_string()).await.expect("prompt").summary.project_name.as_deref(),
        Some("Support tickets (sample) 2")
    );
}

#[test]
fn a_new_workspace_is_opened_by_several_at_once() {
    for _ in 0..8 {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("workspace.touchstone");
        std::thread::scope(|scope| {
            let openings: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| Engine::open(&path, Keychain::none(), Arc::new(Silent)).map(drop)))
                .collect();
            for opening in openings {
                opening.join().expect("no panic").expect("the workspace opens");
            }
        });
    }
}
