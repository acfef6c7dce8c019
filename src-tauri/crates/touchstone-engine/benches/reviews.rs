//! How long the review queue of a run over a million tasks takes beside another run that denies a third of them. Run with
//! `cargo bench -p touchstone-engine --bench reviews`; making the runs takes some minutes before.
//!
//! Goals: a first page of the queue, and of any filter, within 150 ms, and no wait after a decision.

mod million;

use divan::Bencher;
use divan::counter::ItemsCount;
use million::{Bench, SCREEN_ROWS, TASKS, open};
use std::sync::LazyLock;
use std::time::Duration;
use touchstone_engine::Engine;
use touchstone_engine::results::{RowFilter, RowPage, RowQuery, RowSort};
use touchstone_engine::reviews::{ReviewPage, ReviewTasks, ReviewVerdict};

fn main() {
    divan::main();
}

static BENCH: LazyLock<Bench> = LazyLock::new(|| Bench::new(false));

fn queue(bench: &Bench, engine: &Engine) -> ReviewPage {
    let page = engine.review_queue(bench.runs[1].clone(), Vec::new(), 0, SCREEN_ROWS);
    let page = bench.runtime.block_on(page).expect("a page");
    assert_eq!(page.items.len(), SCREEN_ROWS as usize);
    page
}

fn whole_queue(bench: &Bench, engine: &Engine) -> ReviewPage {
    loop {
        let page = queue(bench, engine);
        if page.total_is_final {
            return page;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// By a program that was just opened.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn first_page_of_the_queue(bencher: Bencher<'_, '_>) {
    let bench = &*BENCH;
    bencher.with_inputs(|| open(&bench.workspace)).bench_local_values(|engine| queue(bench, &engine));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn all_of_the_queue(bencher: Bencher<'_, '_>) {
    let bench = &*BENCH;
    let engine = || open(&bench.workspace);
    bencher
        .counter(ItemsCount::new(TASKS))
        .with_inputs(engine)
        .bench_local_values(|engine| whole_queue(bench, &engine));
}

/// A decision, and the page after it.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn decide_and_look_on(bencher: Bencher<'_, '_>) {
    let bench = &*BENCH;
    let mut first = whole_queue(bench, &bench.engine).items.remove(0).task_id;
    bencher.bench_local(|| {
        let tasks = ReviewTasks::These { task_ids: vec![first] };
        let verdict = ReviewVerdict::Accept { ground_truth: true };
        let decided = bench.engine.decide_reviews(bench.runs[1].clone(), tasks, verdict);
        bench.runtime.block_on(decided).expect("decided");
        first = queue(bench, &bench.engine).items.remove(0).task_id;
    });
}

fn rows(bencher: Bencher<'_, '_>, filter: RowFilter) {
    let bench = &*BENCH;
    let query = RowQuery { filter, sort: RowSort::Position, search: String::new(), cell: None };
    bencher.with_inputs(|| open(&bench.workspace)).bench_local_values(|engine| -> RowPage {
        let page = engine.result_rows(bench.runs[1].clone(), query.clone(), 0, SCREEN_ROWS);
        let page = bench.runtime.block_on(page).expect("a page");
        assert_eq!(page.rows.len(), SCREEN_ROWS as usize);
        page
    });
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn first_rows_that_need_review(bencher: Bencher<'_, '_>) {
    rows(bencher, RowFilter::NeedsReview);
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn first_rows_that_changed(bencher: Bencher<'_, '_>) {
    rows(bencher, RowFilter::Changed);
}
