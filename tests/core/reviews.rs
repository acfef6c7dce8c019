//! Predictions that are worth a look, and what is decided about them.

use crate::support::{
    Asked, Desk, Gate, Recorder, Reply, Server, draft, new_run, open, region, review_queue, task, until,
};
use serde_json::{Value, json};
use std::sync::Arc;
use touchstone_engine::annotations::{AnnotationContent, TaskDetail};
use touchstone_engine::domain::run::Subset;
use touchstone_engine::domain::{ProjectId, PromptId, RunId, TaskId};
use touchstone_engine::project_export::{ProjectExport, ProjectFormat};
use touchstone_engine::results::{ResultRow, RowFilter, RowPage, RowQuery, RowSort};
use touchstone_engine::reviews::{ReviewDecision, ReviewPage, ReviewReason, ReviewTasks, ReviewVerdict, Reviewed};
use touchstone_engine::runs::{NewRun, Picked};
use touchstone_engine::{Engine, ErrorCode};
use touchstone_store::{Counted, Entry, Lost, PredictionRow};

const TRUTH: ReviewVerdict = ReviewVerdict::Accept { ground_truth: true };
const ANNOTATION: ReviewVerdict = ReviewVerdict::Accept { ground_truth: false };

/// Answers “Bug”, but “Praise” where the text names this version; a broken text not at all.
fn by_version(asked: &Asked) -> Reply {
    let (version, text) = asked.text().split_once(": ").expect("a version and a text");
    match text {
        text if text.contains("broken") => Reply::status(400, "no"),
        text if text.contains(version) => Reply::class("Praise"),
        _ => Reply::class("Bug"),
    }
}

struct Reviewing {
    desk: Desk,
    server: Server,
    project: ProjectId,
    prompt: PromptId,
    /// Of three versions.
    runs: Vec<RunId>,
    tasks: Vec<TaskId>,
}

impl Reviewing {
    /// Three versions over a few tasks, by their positions: 0 is known, on 1 all agree, on 2 the first alone says otherwise, on 3
    /// the third, 4 failed, so did 5 which is known, on 6 the first two say otherwise than the third.
    async fn new() -> Self {
        let desk = Desk::new();
        let server = Server::start(by_version);
        let tasks = json!([
            task("known", Some("Praise")),
            task("calm", None),
            task("split v1", None),
            task("split v3", None),
            task("broken", None),
            task("broken and known", Some("Bug")),
            task("split v1 v2", None),
        ]);
        let project = desk.import("Feedback", &tasks).await;
        let connection = desk.connect(&server).await;
        let prompt = desk.prompt(&project, &connection).await;
        let mut runs = Vec::new();
        for version in ["v1", "v2", "v3"] {
            let words = draft(&format!("{version}: {{text}}"), &connection);
            desk.engine.save_draft(prompt.clone(), words).await.expect("saved");
            let run = desk.run(&prompt, Subset::All).await;
            assert_eq!((run.done, run.failed), (7, 2));
            runs.push(run.id);
        }
        let rows = desk.engine.tasks(project.clone(), 0, 50).await.expect("tasks").rows;
        Self { desk, server, project, prompt, runs, tasks: rows.into_iter().map(|row| row.id).collect() }
    }

    fn newest(&self) -> RunId {
        self.runs[2].clone()
    }

    fn these(&self, positions: &[usize]) -> ReviewTasks {
        ReviewTasks::These { task_ids: positions.iter().map(|position| self.tasks[*position]).collect() }
    }

    async fn decide(&self, tasks: ReviewTasks, verdict: ReviewVerdict) -> Reviewed {
        self.desk.engine.decide_reviews(self.newest(), tasks, verdict).await.expect("decided")
    }

    async fn refused(&self, tasks: ReviewTasks, verdict: ReviewVerdict) -> String {
        let refused =
            self.desk.engine.decide_reviews(self.newest(), tasks, verdict).await.expect_err("it makes no sense");
        refused.to_string()
    }

    /// Positions of what the newest run's queue holds.
    async fn queue(&self) -> Vec<u32> {
        positions(&queue(&self.desk.engine, &self.newest(), &[]).await)
    }

    async fn task(&self, position: usize) -> TaskDetail {
        self.desk.engine.task(self.tasks[position]).await.expect("a task")
    }

    async fn row(&self, position: usize) -> ResultRow {
        self.desk.engine.result(self.newest(), self.tasks[position]).await.expect("a result").row
    }

    async fn rows(&self, filter: RowFilter, sort: RowSort, search: &str) -> RowPage {
        let query = RowQuery { filter, sort, search: search.to_owned(), cell: None };
        self.desk.result_rows(self.newest(), query, 0, 100).await
    }

    async fn shown(&self, filter: RowFilter, sort: RowSort, search: &str) -> Vec<u32> {
        self.rows(filter, sort, search).await.rows.iter().map(|row| row.position).collect()
    }

    /// Scored and correct tasks of the newest run.
    async fn scored(&self) -> (u32, u32) {
        let run = self.desk.engine.run(self.newest()).await.expect("a run");
        (run.scored, run.correct)
    }
}

async fn queue(engine: &Engine, run: &RunId, reasons: &[ReviewReason]) -> ReviewPage {
    let page = review_queue(engine, run, reasons, [0, 100]).await;
    assert_eq!(page.total as usize, page.items.len());
    page
}

fn positions(page: &ReviewPage) -> Vec<u32> {
    page.items.iter().map(|item| item.position).collect()
}

#[tokio::test]
async fn what_is_worth_a_look_is_told_the_most_doubtful_first_with_what_others_say() {
    let at = Reviewing::new().await;
    let runs = at.desk.engine.review_runs(at.project.clone()).await.expect("runs");
    assert_eq!(runs.iter().map(|run| (run.version, run.decided)).collect::<Vec<_>>(), [(3, 0), (2, 0), (1, 0)]);

    let found = queue(&at.desk.engine, &at.newest(), &[]).await;
    assert_eq!(positions(&found), [3, 6, 2, 4, 5], "those that all others deny first, those that failed last");
    assert_eq!((found.counts.failed, found.counts.disagreement, found.counts.low_confidence), (2, 3, 0));
    let [denied, _, doubted, failed, _] = &found.items[..] else { panic!("five are worth a look") };
    assert_eq!((denied.reasons.as_slice(), denied.answered), (&[ReviewReason::Disagreement][..], 2));
    assert_eq!(denied.others.iter().map(|other| &other.run_id).collect::<Vec<_>>(), [&at.runs[1], &at.runs[0]]);
    assert_eq!(denied.others[0].prediction[0].value["choices"], json!(["Bug"]));
    assert_eq!(denied.prediction.as_ref().expect("an answer")[0].value["choices"], json!(["Praise"]));
    assert_eq!(doubted.others.iter().map(|other| &other.run_id).collect::<Vec<_>>(), [&at.runs[0]]);
    assert_eq!((failed.reasons.as_slice(), failed.prediction.is_none()), (&[ReviewReason::Failed][..], true));
    assert_eq!(failed.error.as_ref().map(|error| error.code.as_str()), Some("bad_request"));

    let failures = queue(&at.desk.engine, &at.newest(), &[ReviewReason::Failed]).await;
    assert_eq!((positions(&failures), failures.counts), (vec![4, 5], found.counts));
    let page = review_queue(&at.desk.engine, &at.newest(), &[], [1, 2]).await;
    assert_eq!((positions(&page), page.total), (vec![6, 2], 5));
    let first = queue(&at.desk.engine, &at.runs[0], &[ReviewReason::Disagreement]).await;
    assert_eq!(positions(&first), [2, 3, 6], "the first is contradicted by both on 2, and by one on the others");
}

#[tokio::test]
async fn an_accepted_prediction_is_ground_truth_at_once_and_undone_with_all_that_followed() {
    let at = Reviewing::new().await;
    let before = (at.queue().await, at.scored().await);
    assert_eq!(at.scored().await, (1, 0));
    let decided = at.decide(at.these(&[3]), TRUTH).await;
    assert_eq!((decided.decided, decided.passed_over), (1, 0));
    assert_eq!(at.queue().await, [6, 2, 4, 5]);
    assert_eq!(at.scored().await, (2, 1), "the accepted one is right");
    let elsewhere = queue(&at.desk.engine, &at.runs[0], &[]).await;
    assert_eq!(positions(&elsewhere), [2, 6, 4, 5], "what has ground truth is no matter of doubt for any run");

    let annotations = at.task(3).await.annotations;
    let [annotation] = &annotations[..] else { panic!("one annotation") };
    assert!(annotation.ground_truth && annotation.counts && annotation.faults.is_empty());
    let made = &annotation.result[0];
    assert_eq!((&made["value"]["choices"], &made["origin"]), (&json!(["Praise"]), &json!("prediction")));
    let predicted = at.row(3).await.prediction.expect("an answer")[0].id.clone();
    assert!(made["id"].as_str().is_some_and(|id| id.len() == 10 && id != predicted), "{made}: an id of its own");
    assert_eq!(at.row(3).await.review, Some(ReviewDecision::Accepted));

    assert_eq!(at.desk.engine.undo_reviews(decided.batch).await.expect("undone"), 1);
    assert_eq!((at.queue().await, at.scored().await), before);
    assert!(at.task(3).await.annotations.is_empty());
    assert_eq!(at.row(3).await.review, None);
    let again = at.desk.engine.undo_reviews(decided.batch).await.expect_err("nothing is left of it");
    assert_eq!(again.code(), ErrorCode::Invalid);
}

#[tokio::test]
async fn an_annotation_that_is_no_ground_truth_changes_no_score() {
    let at = Reviewing::new().await;
    at.decide(at.these(&[3]), ANNOTATION).await;
    assert_eq!((at.queue().await, at.scored().await), (vec![6, 2, 4, 5], (1, 0)));
    let annotations = at.task(3).await.annotations;
    assert_eq!((annotations.len(), annotations[0].ground_truth), (1, false));
}

#[tokio::test]
async fn all_that_a_queue_holds_is_decided_about_under_one_number() {
    let at = Reviewing::new().await;
    let decided = at.decide(ReviewTasks::All { reasons: Vec::new() }, TRUTH).await;
    assert_eq!((decided.decided, decided.passed_over), (3, 2), "what failed cannot be accepted");
    assert_eq!((at.queue().await, at.scored().await), (vec![4, 5], (4, 3)));
    let failed = ReviewTasks::All { reasons: vec![ReviewReason::Failed] };
    let rejected = at.decide(failed, ReviewVerdict::Reject).await;
    assert_eq!((rejected.decided, rejected.passed_over), (2, 0));
    assert!(at.queue().await.is_empty());
    let runs = at.desk.engine.review_runs(at.project.clone()).await.expect("runs");
    assert_eq!(runs.iter().map(|run| run.decided).collect::<Vec<_>>(), [5, 0, 0]);
    let nothing = at.refused(ReviewTasks::All { reasons: Vec::new() }, TRUTH).await;
    assert!(nothing.contains("nothing to decide about"), "{nothing}");

    assert_eq!(at.desk.engine.undo_reviews(decided.batch).await.expect("undone"), 3);
    assert_eq!((at.queue().await, at.scored().await), (vec![3, 6, 2], (1, 0)));
    assert_eq!(at.desk.engine.undo_reviews(rejected.batch).await.expect("undone"), 2);
    assert_eq!(at.queue().await, [3, 6, 2, 4, 5]);
}

#[tokio::test]
async fn what_somebody_changed_since_is_left_alone() {
    let at = Reviewing::new().await;
    let decided = at.decide(at.these(&[2, 3, 6]), TRUTH).await;
    let id = at.task(3).await.annotations[0].id;
    let edit = AnnotationContent { id: Some(id), result: vec![region("Bug")], ground_truth: true };
    at.desk.engine.save_annotation(at.tasks[3], edit).await.expect("edited");
    let gone = at.task(6).await.annotations[0].id;
    at.desk.engine.delete_annotation(gone).await.expect("deleted");
    let own = AnnotationContent { id: None, result: vec![region("Praise")], ground_truth: false };
    at.desk.engine.save_annotation(at.tasks[6], own).await.expect("made by hand, perhaps under the id that was freed");

    assert_eq!(at.desk.engine.undo_reviews(decided.batch).await.expect("undone"), 1, "that of 2 alone");
    assert!(at.task(2).await.annotations.is_empty());
    let kept = at.task(3).await.annotations;
    assert_eq!((kept.len(), &kept[0].result[0]["value"]["choices"]), (1, &json!(["Bug"])));
    assert_eq!(at.task(6).await.annotations.len(), 1);
    assert_eq!(at.row(3).await.review, Some(ReviewDecision::Accepted));
    assert_eq!(at.row(2).await.review, None);
}

#[tokio::test]
async fn decisions_and_their_undo_outlive_the_program() {
    let at = Reviewing::new().await;
    at.queue().await;
    let decided = at.decide(at.these(&[3, 2]), TRUTH).await;
    let other = at.desk.another_engine();
    assert_eq!(positions(&queue(&other, &at.newest(), &[]).await), [6, 4, 5]);
    assert_eq!(other.undo_reviews(decided.batch).await.expect("undone"), 2);
    assert_eq!(positions(&queue(&other, &at.newest(), &[]).await), [3, 6, 2, 4, 5]);
    assert_eq!(at.queue().await, [3, 6, 2, 4, 5], "the first program sees what the other did");
    let reject = other.decide_reviews(at.newest(), at.these(&[6]), ReviewVerdict::Reject).await.expect("decided");
    assert_eq!(at.queue().await, [3, 2, 4, 5]);
    other.undo_reviews(reject.batch).await.expect("undone");
    assert_eq!(at.queue().await, [3, 6, 2, 4, 5]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_what_to_do() {
    let at = Reviewing::new().await;
    let failed = at.refused(at.these(&[4]), TRUTH).await;
    assert!(failed.contains("correct the task by hand, or reject it"), "{failed}");
    let failed = at.refused(at.these(&[4, 5]), ANNOTATION).await;
    assert!(failed.contains("none of these"), "{failed}");
    let elsewhere = at.task(0).await.annotations[0].id;
    let correct = ReviewVerdict::Correct { annotation_id: elsewhere };
    assert!(at.refused(at.these(&[2, 3]), correct.clone()).await.contains("the one task"));
    assert!(at.refused(ReviewTasks::All { reasons: Vec::new() }, correct.clone()).await.contains("one by one"));
    assert!(at.refused(at.these(&[2]), correct).await.contains("annotation"), "it is one of another task");
    assert!(at.refused(at.these(&[]), TRUTH).await.contains("choose tasks"));
    let unknown = ReviewTasks::These { task_ids: vec![TaskId(99_999)] };
    assert!(at.refused(unknown, TRUTH).await.contains("no result for 1 of these"));
    assert_eq!(at.queue().await, [3, 6, 2, 4, 5], "nothing was decided");
    assert!(at.desk.engine.undo_reviews(1).await.is_err(), "and nothing is left to undo");
}

#[tokio::test]
async fn a_task_that_was_labeled_by_hand_leaves_the_queue_and_stays_labeled() {
    let at = Reviewing::new().await;
    let own = AnnotationContent { id: None, result: vec![region("Praise")], ground_truth: false };
    let saved = at.desk.engine.save_annotation(at.tasks[4], own).await.expect("labeled");
    let correct = ReviewVerdict::Correct { annotation_id: saved.annotations[0].id };
    let decided = at.decide(at.these(&[4]), correct).await;
    assert_eq!((at.queue().await, at.row(4).await.review), (vec![3, 6, 2, 5], Some(ReviewDecision::Corrected)));
    assert_eq!(at.desk.engine.undo_reviews(decided.batch).await.expect("undone"), 1);
    assert_eq!(at.queue().await, [3, 6, 2, 4, 5]);
    assert_eq!(at.task(4).await.annotations.len(), 1, "nobody takes away what was made by hand");
}

#[tokio::test]
async fn whoever_decides_again_changed_their_mind() {
    let at = Reviewing::new().await;
    let first = at.decide(at.these(&[3]), TRUTH).await;
    let accepted = at.decide(at.these(&[3]), TRUTH).await;
    assert_eq!(at.task(3).await.annotations.len(), 1, "accepted twice is accepted");
    let rejected = at.decide(at.these(&[3]), ReviewVerdict::Reject).await;
    assert!(at.task(3).await.annotations.is_empty());
    assert_eq!((at.row(3).await.review, at.scored().await), (Some(ReviewDecision::Rejected), (1, 0)));
    assert_eq!(at.desk.engine.undo_reviews(accepted.batch).await.expect("nothing is left of it"), 0);
    assert_eq!(at.desk.engine.undo_reviews(rejected.batch).await.expect("undone"), 1);
    assert_eq!(at.row(3).await.review, Some(ReviewDecision::Accepted), "the one before those that were taken back");
    assert_eq!((at.queue().await, at.scored().await), (vec![6, 2, 4, 5], (2, 1)));
    assert_eq!(at.desk.engine.undo_reviews(first.batch).await.expect("undone"), 1);
    assert_eq!(at.queue().await, [3, 6, 2, 4, 5]);
    let known = at.decide(at.these(&[0]), TRUTH).await;
    assert_eq!((at.scored().await, at.task(0).await.annotations.len()), ((1, 1), 2), "the model was right all along");
    at.desk.engine.undo_reviews(known.batch).await.expect("undone");
    assert_eq!((at.scored().await, at.task(0).await.annotations.len()), ((1, 0), 1));
}

#[tokio::test]
async fn undo_brings_back_what_was_decided_before() {
    let at = Reviewing::new().await;
    let accepted = at.decide(at.these(&[2, 3, 6]), TRUTH).await;
    let made = at.task(3).await.annotations.remove(0);
    let id = at.task(6).await.annotations[0].id;
    let edit = AnnotationContent { id: Some(id), result: vec![region("Bug")], ground_truth: true };
    at.desk.engine.save_annotation(at.tasks[6], edit).await.expect("edited");
    let before = (at.queue().await, at.scored().await);

    let rejected = at.decide(at.these(&[3, 4, 6]), ReviewVerdict::Reject).await;
    assert!(at.task(3).await.annotations.is_empty());
    assert_eq!(at.task(6).await.annotations[0].id, id, "what somebody changed stays");
    let again = at.desk.another_engine();
    assert_eq!(again.undo_reviews(rejected.batch).await.expect("undone"), 3);
    assert_eq!((at.queue().await, at.scored().await), before);
    let restored = at.task(3).await.annotations.remove(0);
    assert_eq!((&restored.result, restored.ground_truth, &restored.created_at), (&made.result, true, &made.created_at));
    for (position, want) in [(2, true), (3, true), (4, false), (6, true)] {
        let review = at.row(position).await.review;
        assert_eq!(review, want.then_some(ReviewDecision::Accepted), "{position}");
    }
    let runs = at.desk.engine.review_runs(at.project.clone()).await.expect("runs");
    assert_eq!(runs[0].decided, 3);
    assert_eq!(at.desk.engine.undo_reviews(accepted.batch).await.expect("undone"), 2, "but for what was changed");
    assert!(at.task(3).await.annotations.is_empty());
}

#[tokio::test]
async fn decisions_that_fail_midway_leave_those_before_them_and_are_told() {
    let desk = Desk::new();
    let server = Server::start(|_: &Asked| Reply::class("Bug"));
    // One more than is decided about in one transaction.
    let texts: Vec<_> = (0..1_001).map(|number| task(&format!("text {number}"), None)).collect();
    let prompt = desk.prompt_on(&server, &json!(texts)).await;
    let run = desk.run(&prompt, Subset::All).await.id;
    let project = desk.engine.projects().await.expect("projects").remove(0).id;
    let mut task_ids = Vec::new();
    while task_ids.len() < 1_001 {
        let offset = u32::try_from(task_ids.len()).expect("a few");
        let rows = desk.engine.tasks(project.clone(), offset, 500).await.expect("tasks").rows;
        task_ids.extend(rows.into_iter().map(|row| row.id));
    }
    let first = task_ids[0];
    let these = |task_ids| ReviewTasks::These { task_ids };
    desk.engine.decide_reviews(run.clone(), these(vec![first]), TRUTH).await.expect("decided");
    let told = || desk.recorder.reports().iter().filter(|report| report["kind"] == "annotations").count();
    let before = told();
    task_ids.push(TaskId(99_999));
    let refused = desk.engine.decide_reviews(run.clone(), these(task_ids), ReviewVerdict::Reject).await;
    assert!(refused.expect_err("one is no task of it").to_string().contains("no result for 1 of these"));
    assert_eq!(told(), before + 1, "much was written on the way");
    let row = desk.engine.result(run.clone(), first).await.expect("a result").row;
    assert_eq!((row.review, row.correct), (Some(ReviewDecision::Accepted), Some(true)));
    assert_eq!(desk.engine.task(first).await.expect("a task").annotations.len(), 1);
    assert_eq!(desk.engine.review_runs(project).await.expect("runs")[0].decided, 1);
}

#[tokio::test]
async fn results_are_filtered_by_what_needs_review_and_by_what_changed() {
    let at = Reviewing::new().await;
    let by_position = RowSort::Position;
    assert_eq!(at.shown(RowFilter::NeedsReview, by_position, "").await, [2, 3, 4, 5, 6]);
    assert_eq!(at.shown(RowFilter::NeedsReview, by_position, "SPLIT").await, [2, 3, 6]);
    assert_eq!(at.shown(RowFilter::NeedsReview, RowSort::LatencyAscending, "known").await, [5]);
    let since = at.desk.engine.changed_since(at.newest()).await.expect("asked").expect("there is one");
    assert_eq!((&since.run_id, since.version), (&at.runs[1], 2));
    assert_eq!(at.shown(RowFilter::Changed, by_position, "").await, [3, 6]);
    assert_eq!(at.shown(RowFilter::Changed, by_position, "v2").await, [6]);
    assert_eq!(at.shown(RowFilter::Changed, RowSort::ScoreDescending, "").await, [3, 6]);
    assert!(at.desk.engine.changed_since(at.runs[0].clone()).await.expect("asked").is_none());

    let picked = |filter| Picked::Results { run_id: at.newest(), filter, search: String::new(), cell: None };
    for (filter, size) in [(RowFilter::NeedsReview, 5), (RowFilter::Changed, 2)] {
        let run = NewRun { picked: Some(picked(filter)), ..new_run(&at.prompt, Subset::Custom) };
        assert_eq!(at.desk.engine.run_size(run).await.expect("a size"), size, "{filter:?}");
    }
    let decided = at.decide(at.these(&[3]), ReviewVerdict::Reject).await;
    assert_eq!(at.shown(RowFilter::NeedsReview, by_position, "").await, [2, 4, 5, 6]);
    at.desk.engine.undo_reviews(decided.batch).await.expect("undone");
    assert_eq!(at.shown(RowFilter::NeedsReview, by_position, "").await, [2, 3, 4, 5, 6]);
}

/// Keeps an answer of a run in which the model says how sure it is, as only another program could.
async fn keep(desk: &Desk, run: &RunId, task_id: TaskId, class: &str, confidence: f64, latency_ms: u32) {
    let store = desk.store();
    let mut region = region(class);
    region["score"] = json!(confidence);
    let prediction = PredictionRow {
        task_id,
        answer_hash: None,
        result: Some(json!([region]).to_string()),
        repairs: None,
        measure: None,
        confidence: Some(confidence),
        error: None,
        error_vendor: None,
        has_truth: false,
        cached: false,
        attempts: 1,
        prompt_tokens: None,
        completion_tokens: None,
        cached_tokens: None,
        reasoning_tokens: None,
        cost_picos: u64::from(latency_ms) * 1_000,
        unpriced: 0,
        uncounted: 0,
        lost: Lost::default(),
        latency_ms: Some(latency_ms),
    };
    let entry = Entry {
        run_key: store.run(run).expect("the run").key,
        owner: "another".to_owned(),
        answers: Vec::new(),
        prediction,
        is_given_up: false,
        is_probe: false,
        counted: Counted::default(),
        now: "2026-01-01T00:00:00.000Z".to_owned(),
    };
    store.journal().commit(entry).await.expect("kept");
}

#[tokio::test]
async fn a_model_that_is_not_sure_is_worth_a_look_and_results_are_sorted_by_how_sure_it_is() {
    let desk = Desk::new();
    let server = Server::start(|_: &Asked| Reply::class("Bug"));
    let tasks: Vec<_> = (0..5).map(|number| task(&format!("text {number}"), None)).collect();
    let prompt = desk.prompt_on(&server, &json!(tasks)).await;
    let run = desk.run(&prompt, Subset::Sample { tasks: 1, seed: None }).await.id;
    let project = desk.engine.projects().await.expect("projects").remove(0).id;
    let tasks = desk.engine.tasks(project, 0, 9).await.expect("tasks").rows;
    for (position, confidence, latency_ms) in [(1, 0.95, 40), (2, 0.3, 30), (3, 0.79, 20), (4, 0.8, 10)] {
        keep(&desk, &run, tasks[position].id, "Bug", confidence, latency_ms).await;
    }
    let found = queue(&desk.engine, &run, &[]).await;
    assert_eq!((positions(&found), found.counts.low_confidence), (vec![2, 3], 2));
    assert_eq!(
        (found.items[0].confidence, &found.items[0].reasons[..]),
        (Some(0.3), &[ReviewReason::LowConfidence][..])
    );

    for (sort, want) in [
        (RowSort::ConfidenceAscending, [2, 3, 4, 1, 0]),
        (RowSort::ConfidenceDescending, [1, 4, 3, 2, 0]),
        (RowSort::CostDescending, [1, 2, 3, 4, 0]),
        (RowSort::LatencyDescending, [1, 2, 3, 4, 0]),
    ] {
        let query = RowQuery { filter: RowFilter::All, sort, search: String::new(), cell: None };
        let page = desk.result_rows(run.clone(), query, 0, 9).await;
        let positions: Vec<_> = page.rows.iter().map(|row| row.position).collect();
        match sort {
            // How long the server took, and that it has no price, is its own affair.
            RowSort::LatencyDescending | RowSort::CostDescending => {
                let known: Vec<_> = positions.into_iter().filter(|position| *position != 0).collect();
                assert_eq!(known, want[..4], "{sort:?}");
            }
            _ => assert_eq!(positions, want, "{sort:?}: what says nothing comes last"),
        }
    }
    let everything = ReviewTasks::All { reasons: vec![ReviewReason::LowConfidence] };
    let decided = desk.engine.decide_reviews(run.clone(), everything, TRUTH).await.expect("decided");
    assert_eq!(decided.decided, 2);
    let annotation = &desk.engine.task(tasks[2].id).await.expect("a task").annotations[0];
    assert_eq!(annotation.result[0].get("score"), None, "an annotation is not unsure");
}

#[tokio::test]
async fn the_queue_of_a_run_at_work_grows_and_what_was_decided_stays_decided() {
    let desk = Desk::new();
    let gate = Gate::closed();
    let held = Arc::clone(&gate);
    let server = Server::start(move |asked: &Asked| match asked.text() {
        text if text.contains("late") => Reply::After(Arc::clone(&held), Box::new(Reply::status(400, "no"))),
        text if text.contains("broken") => Reply::status(400, "no"),
        _ => Reply::class("Bug"),
    });
    let tasks = json!([task("broken 1", None), task("fine", None), task("broken 2", None), task("late", None)]);
    let prompt = desk.prompt_on(&server, &tasks).await;
    let started = desk.engine.start_run(new_run(&prompt, Subset::All)).await.expect("the run starts");
    let run = started.run_id;
    let look = async || review_queue(&desk.engine, &run, &[], [0, 9]).await;
    until("what was answered is in the queue", async || positions(&look().await) == [0, 2]).await;
    let these = ReviewTasks::These { task_ids: vec![look().await.items[0].task_id] };
    let decided = desk.engine.decide_reviews(run.clone(), these, ReviewVerdict::Reject).await.expect("decided");
    assert_eq!(positions(&look().await), [2]);
    gate.open();
    desk.engine.wait_for_run(run.clone()).await.expect("the run ends");
    until("what came later is there too", async || positions(&look().await) == [2, 3]).await;
    desk.engine.undo_reviews(decided.batch).await.expect("undone");
    assert_eq!(positions(&look().await), [0, 2, 3]);
}

#[tokio::test]
async fn accepted_predictions_are_exported_as_what_they_are() {
    let at = Reviewing::new().await;
    at.decide(at.these(&[3]), TRUTH).await;
    let path = at.desk.folder.path().join("out.json");
    let options = ProjectExport {
        format: ProjectFormat::LabelStudio,
        run_id: None,
        only_annotated: true,
        path: path.to_str().expect("text").to_owned(),
    };
    at.desk.engine.export_project(at.project.clone(), options).await.expect("exported");
    let tasks: Vec<Value> = serde_json::from_slice(&std::fs::read(path).expect("the file")).expect("JSON");
    let accepted = tasks.iter().find(|task| task["data"]["text"] == "split v3").expect("it is annotated");
    let annotation = &accepted["annotations"][0];
    assert_eq!(annotation["prediction"]["model_version"], format!("Topics of {} v3", at.project));
    assert_eq!((&annotation["ground_truth"], &annotation["result"][0]["origin"]), (&json!(true), &json!("prediction")));
}

#[tokio::test]
async fn a_closed_program_leaves_a_queue_as_it_was() {
    let at = Reviewing::new().await;
    at.decide(at.these(&[6]), ReviewVerdict::Reject).await;
    let Reviewing { desk, server, runs, .. } = at;
    let Desk { engine, folder, .. } = desk;
    drop(engine);
    drop(server);
    let later = open(&folder.path().join("workspace.touchstone"), &Arc::new(Recorder::default()));
    assert_eq!(positions(&queue(&later, &runs[2], &[]).await), [3, 2, 4, 5]);
}
