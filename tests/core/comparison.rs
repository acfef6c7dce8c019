//! Runs compared on the tasks that they share.

use crate::support::{Asked, Desk, Reply, Server, draft, new_run, task};
use serde_json::json;
use touchstone_engine::annotations::AnnotationContent;
use touchstone_engine::comparison::{ComparedPage, ComparedQuery, ComparedSegment, Comparison};
use touchstone_engine::domain::comparison::Verdict;
use touchstone_engine::domain::run::Subset;
use touchstone_engine::domain::{ConnectionId, PromptId, RunId};
use touchstone_engine::{Error, ErrorCode};

/// Answers “Bug”, which is the truth of all tasks here, where the text has a 1 at the place of the version that asks, “Praise”
/// where it has a 0, and fails where it has an x.
fn by_plan(asked: &Asked) -> Reply {
    let (version, text) = asked.text().split_once(": ").expect("a version and a text");
    let place = version.trim_start_matches('v').parse::<usize>().expect("its number") - 1;
    match text.as_bytes()[place] {
        b'1' => Reply::class("Bug"),
        b'0' => Reply::class("Praise"),
        _ => Reply::status(400, "no"),
    }
}

struct Setting {
    desk: Desk,
    _server: Server,
    connection: ConnectionId,
    prompt: PromptId,
}

impl Setting {
    /// So many tasks of each plan, in this order; those that end in a question mark have no ground truth.
    async fn of(plans: &[(&str, usize)]) -> Self {
        let desk = Desk::new();
        let server = Server::start(by_plan);
        let tasks: Vec<_> = plans
            .iter()
            .flat_map(|(plan, count)| (0..*count).map(move |number| task(&format!("{plan} {number}"), truth(plan))))
            .collect();
        let project = desk.import("Plans", &json!(tasks)).await;
        let connection = desk.connect(&server).await;
        let prompt = desk.prompt(&project, &connection).await;
        Self { desk, _server: server, connection, prompt }
    }

    /// Runs the version of this number, whose words are saved before.
    async fn run(&self, version: usize, subset: Subset) -> RunId {
        self.desk
            .engine
            .save_draft(self.prompt.clone(), draft(&format!("v{version}: {{text}}"), &self.connection))
            .await
            .expect("saved");
        self.desk.run(&self.prompt, subset).await.id
    }

    async fn compare(&self, runs: &[&RunId]) -> Result<Comparison, Error> {
        self.desk.engine.compare_runs(runs.iter().map(|run| (*run).clone()).collect()).await
    }

    async fn page(
        &self,
        runs: &[&RunId],
        other: &RunId,
        segment: ComparedSegment,
        offset: u32,
        limit: u32,
    ) -> ComparedPage {
        let run_ids = runs.iter().map(|run| (*run).clone()).collect();
        let query = ComparedQuery { run_ids, other: other.clone(), segment };
        self.desk.engine.compared_rows(query, offset, limit).await.expect("rows")
    }

    /// The plans of the tasks in a segment, each once with how many there are.
    async fn plans(&self, runs: &[&RunId], other: &RunId, segment: ComparedSegment) -> Vec<(String, usize)> {
        let page = self.page(runs, other, segment, 0, 500).await;
        assert_eq!(page.total as usize, page.rows.len());
        let mut plans: Vec<(String, usize)> = Vec::new();
        for row in page.rows {
            let plan = row.data["text"].as_str().and_then(|text| text.split(' ').next()).expect("a plan").to_owned();
            match plans.last_mut() {
                Some((last, count)) if *last == plan => *count += 1,
                _ => plans.push((plan, 1)),
            }
        }
        plans
    }
}

fn truth(plan: &str) -> Option<&'static str> {
    (!plan.ends_with('?')).then_some("Bug")
}

fn plans(of: &[(&str, usize)]) -> Vec<(String, usize)> {
    of.iter().map(|(plan, count)| ((*plan).to_owned(), *count)).collect()
}

#[tokio::test]
async fn two_versions_are_compared_on_the_tasks_that_both_answered() {
    let setting =
        Setting::of(&[("11", 20), ("01", 12), ("10", 2), ("00", 6), ("x1", 3), ("1x", 1), ("01?", 4), ("11?", 5)])
            .await;
    let (first, second) = (setting.run(1, Subset::All).await, setting.run(2, Subset::All).await);
    let both = [&first, &second];
    let comparison = setting.compare(&both).await.expect("compared");
    assert_eq!((comparison.answered, comparison.shared), (49, 40));
    let [a, b] = comparison.runs.as_slice() else { panic!("two runs: {comparison:?}") };
    let told = |run: &touchstone_engine::comparison::ComparedRun| {
        let accuracy = run.accuracy.expect("scored");
        (run.version, accuracy.correct, accuracy.scored, run.failed, run.cost_per_task_usd)
    };
    assert_eq!((told(a), told(b)), ((1, 22, 40, 3, Some(0.0)), (2, 32, 40, 1, Some(0.0))));
    assert_eq!((a.model.as_str(), a.prompt_id.clone()), ("scripted", setting.prompt.clone()));
    let [pair] = comparison.pairs.as_slice() else { panic!("one pair: {comparison:?}") };
    assert_eq!((&pair.run_id, &pair.baseline_id), (&second, &first));
    assert_eq!((pair.both_correct, pair.fixed, pair.broken, pair.both_wrong, pair.different), (20, 12, 2, 6, 18));
    let difference = pair.difference.expect("scored");
    assert_eq!(difference.value, 0.25);
    assert!(difference.low > 0.05 && difference.high < 0.45, "{difference:?}");
    let of_scores = pair.score_difference.expect("scored");
    assert!((of_scores.value - 0.25).abs() < 1e-9, "a choice scores 0 or 1: {of_scores:?}");
    assert!((pair.mcnemar_p - 0.012_939_453_125).abs() < 1e-12 && pair.adjusted_p == pair.mcnemar_p, "{pair:?}");
    assert_eq!((pair.verdict, pair.more_tasks_needed), (Verdict::Better, None));
    let macro_f1 = [a, b].map(|run| run.macro_f1.expect("a choice has classes"));
    // “Bug” is found with an F1 of 44 / 62 and 64 / 72; “Praise” never is, where it is predicted.
    assert!((macro_f1[0] - 22.0 / 62.0).abs() < 1e-12 && (macro_f1[1] - 32.0 / 72.0).abs() < 1e-12, "{macro_f1:?}");
    let [class] = pair.per_class.as_slice() else { panic!("one class occurs: {pair:?}") };
    assert_eq!((class.control.as_str(), class.class.as_str(), class.support), ("topic", "Bug", 40));
    assert!((class.f1_before - 44.0 / 62.0).abs() < 1e-12 && (class.f1_after - 64.0 / 72.0).abs() < 1e-12, "{class:?}");
    assert!(a.p95_ms.is_some() && b.p95_ms.is_some(), "{comparison:?}");
    assert_eq!(comparison.frontier, std::slice::from_ref(&second), "both cost nothing");

    let backwards = setting.compare(&[&second, &first]).await.expect("compared");
    assert_eq!((backwards.pairs[0].fixed, backwards.pairs[0].verdict), (2, Verdict::Worse));

    for (segment, want) in [
        (ComparedSegment::All, plans(&[("11", 20), ("01", 12), ("10", 2), ("00", 6), ("01?", 4), ("11?", 5)])),
        (ComparedSegment::Fixed, plans(&[("01", 12)])),
        (ComparedSegment::Broken, plans(&[("10", 2)])),
        (ComparedSegment::Different, plans(&[("01", 12), ("10", 2), ("01?", 4)])),
        (ComparedSegment::Same, plans(&[("11", 20), ("00", 6), ("11?", 5)])),
    ] {
        assert_eq!(setting.plans(&both, &second, segment).await, want, "{segment:?}");
    }
    let page = setting.page(&both, &second, ComparedSegment::Different, 10, 3).await;
    assert_eq!(page.total, 18);
    let rows: Vec<_> = page.rows.iter().map(|row| row.data["text"].as_str().expect("a text").to_owned()).collect();
    assert_eq!(rows, ["01 10", "01 11", "10 0"]);
    let broken = &page.rows[2];
    assert_eq!(broken.ground_truth.as_ref().map(|truth| truth[0].value["choices"].clone()), Some(json!(["Bug"])));
    let said: Vec<_> = broken
        .predictions
        .iter()
        .map(|said| (said.prediction[0].value["choices"].clone(), said.correct, said.score))
        .collect();
    assert_eq!(said, [(json!(["Bug"]), Some(true), Some(1.0)), (json!(["Praise"]), Some(false), Some(0.0))]);
}

#[tokio::test]
async fn a_comparison_follows_its_ground_truth() {
    let setting = Setting::of(&[("11", 3), ("10", 1), ("01", 1)]).await;
    let (first, second) = (setting.run(1, Subset::All).await, setting.run(2, Subset::All).await);
    let both = [&first, &second];
    let counts = |comparison: &Comparison| (comparison.pairs[0].fixed, comparison.pairs[0].broken);
    assert_eq!(counts(&setting.compare(&both).await.expect("compared")), (1, 1));
    let broken = setting.page(&both, &second, ComparedSegment::Broken, 0, 9).await.rows.remove(0);
    let task = setting.desk.engine.task(broken.task_id).await.expect("the task");
    let mut result = task.annotations[0].result.clone();
    result[0]["value"]["choices"] = json!(["Praise"]);
    let content = AnnotationContent { id: Some(task.annotations[0].id), result, ground_truth: true };
    setting.desk.engine.save_annotation(broken.task_id, content).await.expect("saved");
    assert_eq!(counts(&setting.compare(&both).await.expect("compared")), (2, 0));
    assert_eq!(setting.page(&both, &second, ComparedSegment::Broken, 0, 9).await.total, 0);
}

#[tokio::test]
async fn several_runs_are_compared_with_the_first_on_what_all_of_them_answered() {
    let setting = Setting::of(&[("111", 15), ("011", 10), ("010", 2), ("101", 3), ("000", 5), ("11x", 4)]).await;
    let mut runs = Vec::new();
    for version in 1..=3 {
        runs.push(setting.run(version, Subset::All).await);
    }
    let all: Vec<_> = runs.iter().collect();
    let comparison = setting.compare(&all).await.expect("compared");
    assert_eq!((comparison.answered, comparison.shared, comparison.pairs.len()), (35, 35, 2));
    let correct: Vec<_> = comparison.runs.iter().filter_map(|run| Some(run.accuracy?.correct)).collect();
    assert_eq!(correct, [18, 27, 28]);
    let [second, third] = comparison.pairs.as_slice() else { panic!("two pairs: {comparison:?}") };
    assert_eq!((second.fixed, second.broken, third.fixed, third.broken), (12, 3, 10, 0));
    assert!((third.adjusted_p - 2.0 * third.mcnemar_p).abs() < 1e-12, "the smaller of two: {third:?}");
    assert_eq!(second.adjusted_p, second.mcnemar_p, "the larger of two");
    assert_eq!(setting.plans(&all, &runs[1], ComparedSegment::Broken).await, plans(&[("101", 3)]));
    assert_eq!(setting.plans(&all, &runs[2], ComparedSegment::Fixed).await, plans(&[("011", 10)]));
    assert_eq!(
        setting.plans(&all, &runs[2], ComparedSegment::Same).await,
        plans(&[("111", 15), ("010", 2), ("101", 3), ("000", 5)])
    );
}

#[tokio::test]
async fn few_tasks_tell_nothing_and_no_ground_truth_still_shows_what_differs() {
    let setting = Setting::of(&[("01", 8), ("11", 4)]).await;
    let (first, second) = (setting.run(1, Subset::All).await, setting.run(2, Subset::All).await);
    let few = setting.compare(&[&first, &second]).await.expect("compared").pairs.remove(0);
    assert!(few.mcnemar_p < 0.01, "{few:?}");
    assert_eq!((few.verdict, few.more_tasks_needed), (Verdict::CannotTell, Some(18)));

    let setting = Setting::of(&[("01?", 2), ("11?", 4)]).await;
    let (first, second) = (setting.run(1, Subset::All).await, setting.run(2, Subset::All).await);
    let comparison = setting.compare(&[&first, &second]).await.expect("compared");
    assert_eq!((comparison.answered, comparison.shared), (6, 0));
    let pair = &comparison.pairs[0];
    assert_eq!((pair.difference, pair.verdict, pair.more_tasks_needed), (None, Verdict::CannotTell, None));
    assert_eq!((pair.different, comparison.runs[0].accuracy, comparison.frontier.len()), (2, None, 0));
}

#[tokio::test]
async fn what_cannot_be_compared_says_what_to_do() {
    let setting = Setting::of(&[("1x", 2), ("x1", 2)]).await;
    let (first, second) = (setting.run(1, Subset::All).await, setting.run(2, Subset::All).await);
    let refused = async |runs: &[&RunId]| {
        let error = setting.compare(runs).await.expect_err("refused");
        (error.code(), error.to_string())
    };
    let (code, words) = refused(&[&first, &second]).await;
    assert_eq!(code, ErrorCode::NoSharedTasks);
    assert!(words.contains("over the same tasks"), "{words}");
    assert_eq!(refused(&[&first]).await.0, ErrorCode::Invalid);
    assert_eq!(refused(&[&first, &second, &first]).await.0, ErrorCode::Invalid);
    assert_eq!(refused(&[&first, &RunId("gone".to_owned())]).await.0, ErrorCode::NotFound);

    let project = setting.desk.import("Others", &json!([task("1 a", None)])).await;
    let prompt = setting.desk.prompt(&project, &setting.connection).await;
    setting.desk.engine.save_draft(prompt.clone(), draft("v1: {text}", &setting.connection)).await.expect("saved");
    let other = setting.desk.run(&prompt, Subset::All).await.id;
    let (code, words) = refused(&[&first, &other]).await;
    assert_eq!(code, ErrorCode::DifferentProjects);
    assert!(words.contains("“Plans” and “Others”"), "{words}");

    let query = ComparedQuery {
        run_ids: vec![first.clone(), setting.run(1, Subset::All).await],
        other: first,
        segment: ComparedSegment::All,
    };
    let error = setting.desk.engine.compared_rows(query, 0, 1).await.expect_err("refused");
    assert_eq!(error.code(), ErrorCode::Invalid);
}

#[tokio::test]
async fn the_versions_of_a_prompt_are_scored_by_their_latest_completed_runs() {
    let setting = Setting::of(&[("11", 4), ("01", 4), ("x1", 1)]).await;
    setting.run(1, Subset::Sample { tasks: 2, seed: None }).await;
    let first = setting.run(1, Subset::All).await;
    let second = setting.run(2, Subset::All).await;
    let failed = touchstone_engine::runs::NewRun {
        version_id: Some(setting.desk.engine.run(first.clone()).await.expect("the run").version_id),
        only: Some(touchstone_engine::domain::run::Only::Failed),
        ..new_run(&setting.prompt, Subset::All)
    };
    let failed = setting.desk.engine.start_run(failed).await.expect("started").run_id;
    setting.desk.engine.wait_for_run(failed).await.expect("over");
    let scores = setting.desk.engine.version_scores(setting.prompt.clone()).await.expect("scores");
    let told: Vec<_> = scores
        .iter()
        .map(|score| {
            (score.run_id.clone(), score.version, score.accuracy.map(|accuracy| (accuracy.correct, accuracy.scored)))
        })
        .collect();
    assert_eq!(told, [(first, 1, Some((4, 8))), (second, 2, Some((9, 9)))]);
    let again = setting.run(2, Subset::All).await;
    let scores_again = setting.desk.engine.version_scores(setting.prompt.clone()).await.expect("scores");
    assert_eq!(scores_again[1].run_id, again, "the latest");
    assert_eq!(scores_again[1].cost_per_task_usd, Some(0.0), "all is owned, and cost nothing then");
    assert!(scores.iter().all(|score| score.model == "scripted" && score.cost_per_task_usd == Some(0.0)), "{scores:?}");
}
