use super::runs::find;
use crate::output::{Report, columns, shown};
use serde_json::json;
use std::time::Duration;
use touchstone_engine::domain::RunId;
use touchstone_engine::reviews::{ReviewItem, ReviewPage, ReviewReason, ReviewTasks, ReviewVerdict, Reviewed};
use touchstone_engine::{Engine, Result};

/// Tasks that are listed, the most doubtful first.
const LISTED_MAX: usize = 1_000;

/// Tasks that are read together.
const PAGE: u32 = 500;

/// How often a queue is looked at while more is found.
const LOOK: Duration = Duration::from_millis(50);

pub(crate) async fn run(
    engine: &Engine,
    run: &str,
    accept: Vec<i64>,
    reject: Vec<i64>,
    ground_truth: bool,
) -> Result<Report> {
    let run = find(engine, run).await?.id;
    let (ids, verdict) = match (accept.is_empty(), reject.is_empty()) {
        (true, true) => return list(engine, run).await,
        (false, _) => (accept, ReviewVerdict::Accept { ground_truth }),
        (true, false) => (reject, ReviewVerdict::Reject),
    };
    let task_ids = engine.tasks_shown_as(run.clone(), ids).await?;
    let Reviewed { decided, passed_over, .. } =
        engine.decide_reviews(run, ReviewTasks::These { task_ids }, verdict).await?;
    let mut text = format!("{decided} decided");
    if passed_over > 0 {
        text.push_str(&format!(", {passed_over} passed over: they failed"));
    }
    Ok(Report::done(json!({ "decided": decided, "passed_over": passed_over }), text))
}

async fn list(engine: &Engine, run: RunId) -> Result<Report> {
    let page = loop {
        let page = engine.review_queue(run.clone(), Vec::new(), 0, PAGE).await?;
        if page.total_is_final {
            break page;
        }
        tokio::time::sleep(LOOK).await;
    };
    let ReviewPage { total, counts, mut items, .. } = page;
    while items.len() < LISTED_MAX {
        let offset = u32::try_from(items.len()).unwrap_or(u32::MAX);
        let more = engine.review_queue(run.clone(), Vec::new(), offset, PAGE).await?.items;
        if more.is_empty() {
            break;
        }
        items.extend(more);
    }
    items.truncate(LISTED_MAX);
    let ids = engine.shown_ids(run, items.iter().map(|item| item.task_id).collect()).await?;
    let task = |(item, id): (&ReviewItem, &i64)| {
        json!({
            "task_id": id,
            "reasons": item.reasons,
            "confidence": item.confidence,
            "answered": item.answered,
            "differing": item.others.len(),
        })
    };
    let tasks: Vec<_> = items.iter().zip(&ids).map(task).collect();
    let json = json!({
        "total": total,
        "failed": counts.failed,
        "disagreement": counts.disagreement,
        "low_confidence": counts.low_confidence,
        "tasks": tasks,
    });
    let rows: Vec<_> = items.iter().zip(&ids).map(|(item, id)| [id.to_string(), why(item)]).collect();
    Ok(Report::done(json, format!("{total} worth a look\n{}", columns(&rows))))
}

/// “2 of 3 runs say something else, 54 % sure”
fn why(item: &ReviewItem) -> String {
    let word = |reason: &ReviewReason| match reason {
        ReviewReason::Failed => item.error.as_ref().map_or_else(String::new, |error| shown(&error.message)),
        ReviewReason::Disagreement => format!("{} of {} runs say something else", item.others.len(), item.answered),
        ReviewReason::LowConfidence => format!("{:.0} % sure", item.confidence.unwrap_or_default() * 100.0),
    };
    item.reasons.iter().map(word).collect::<Vec<_>>().join(", ")
}
