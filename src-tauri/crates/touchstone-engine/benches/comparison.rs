//! How long two runs over a million tasks take to compare, and the metrics of one. Run with
//! `cargo bench -p touchstone-engine --bench comparison`; making the runs takes some minutes before.
//!
//! Goals: metrics within two seconds where nothing is counted yet, and within 100 ms after any change from there on.

mod million;

use divan::Bencher;
use divan::counter::ItemsCount;
use million::{Bench, SCREEN_ROWS, TASKS, open};
use serde_json::json;
use std::sync::LazyLock;
use touchstone_engine::annotations::AnnotationContent;
use touchstone_engine::comparison::{ComparedQuery, ComparedSegment};
use touchstone_engine::metrics::RunMetrics;
use touchstone_store::Store;

fn main() {
    divan::main();
}

static BENCH: LazyLock<Bench> = LazyLock::new(|| Bench::new(true));

/// By a program that was just opened.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn compare_runs(bencher: Bencher<'_, '_>) {
    let bench = &*BENCH;
    bencher.counter(ItemsCount::new(TASKS)).with_inputs(|| open(&bench.workspace)).bench_local_values(|engine| {
        let comparison = bench.runtime.block_on(engine.compare_runs(bench.runs.clone())).expect("compared");
        assert_eq!(comparison.shared as usize, TASKS);
        comparison
    });
}

/// Once the runs were compared.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn a_page_of_fixed_tasks(bencher: Bencher<'_, '_>) {
    let bench = &*BENCH;
    let query =
        ComparedQuery { run_ids: bench.runs.clone(), other: bench.runs[1].clone(), segment: ComparedSegment::Fixed };
    bench.runtime.block_on(bench.engine.compare_runs(bench.runs.clone())).expect("compared");
    bencher.bench_local(|| {
        let rows = bench.engine.compared_rows(query.clone(), 100_000, SCREEN_ROWS);
        let page = bench.runtime.block_on(rows).expect("a page");
        assert_eq!(page.rows.len(), SCREEN_ROWS as usize);
        page
    });
}

/// Where nothing is counted, as in a workspace of an older program.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn metrics_of_predictions(bencher: Bencher<'_, '_>) {
    let bench = &*BENCH;
    let store = Store::open(&bench.workspace).expect("the workspace opens");
    let run_key = store.run(&bench.runs[0]).expect("the run").key;
    let forget = || store.forget_tally(run_key).expect("forgotten");
    bencher.counter(ItemsCount::new(TASKS)).with_inputs(forget).bench_local_values(|()| metrics(bench));
}

/// From what is counted beside the predictions.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn metrics_from_counts(bencher: Bencher<'_, '_>) {
    let bench = &*BENCH;
    metrics(bench);
    bencher.bench_local(|| metrics(bench));
}

/// A task gets another ground truth, and its runs other metrics.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn metrics_after_an_edit(bencher: Bencher<'_, '_>) {
    let bench = &*BENCH;
    let project = bench.runtime.block_on(bench.engine.projects()).expect("projects").remove(0).id;
    let task = bench.runtime.block_on(bench.engine.tasks(project, 7, 1)).expect("a task").rows.remove(0).id;
    let mut topics = ["Bug", "Praise"].into_iter().cycle();
    metrics(bench);
    bencher.bench_local(|| {
        let value = json!({ "choices": [topics.next()] });
        let region = json!({ "from_name": "topic", "to_name": "text", "type": "choices", "value": value });
        let content = AnnotationContent { id: None, result: vec![region], ground_truth: true };
        bench.runtime.block_on(bench.engine.save_annotation(task, content)).expect("saved");
        metrics(bench)
    });
}

fn metrics(bench: &Bench) -> RunMetrics {
    let metrics = bench.runtime.block_on(bench.engine.run_metrics(bench.runs[0].clone())).expect("metrics");
    assert_eq!(metrics.controls[0].compared as usize, TASKS);
    metrics
}
