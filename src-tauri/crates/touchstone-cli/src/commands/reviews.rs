use super::runs::find;
use crate::output::{Report, listed, shown};
use serde_json::json;
use std::time::Duration;
use touchstone_engine::domain::RunId;
use touchstone_engine::reviews::{ReviewItem, ReviewPage, ReviewReason, ReviewTasks, ReviewVerdict, Reviewed};
use touchstone_engine::{Engine, Error, Result};

/// Tasks that are listed, the most doubtful first: one page, so that all are of one queue.
const LISTED_MAX: u32 = 1_000;

/// How often a queue is looked at while more is found.
const LOOK: Duration = Duration::from_millis(50);

pub(crate) async fn run(
    engine: &Engine,
    run: &str,
    accept: Vec<i64>,
    reject: Vec<i64>,
    ground_truth: bool,
    undo: Option<i64>,
) -> Result<Report> {
    let run = find(engine, run).await?.id;
    if let Some(batch) = undo {
        return take_back(engine, &run, batch).await;
    }
    let (ids, verdict) = match (accept.is_empty(), reject.is_empty()) {
        (true, true) => return list(engine, run).await,
        (false, _) => (accept, ReviewVerdict::Accept { ground_truth }),
        (true, false) => (reject, ReviewVerdict::Reject),
    };
    let task_ids = engine.tasks_shown_as(run.clone(), ids).await?;
    let Reviewed { batch, decided, passed_over } =
        engine.decide_reviews(run, ReviewTasks::These { task_ids }, verdict).await?;
    let mut text = format!("{decided} decided");
    if passed_over > 0 {
        text.push_str(&format!(
            ", {passed_over} passed over: they failed, or their answer does not fit the labeling config any more"
        ));
    }
    text.push_str(&format!("; take back with --undo {batch}"));
    Ok(Report::done(json!({ "batch": batch, "decided": decided, "passed_over": passed_over }), text))
}

async fn take_back(engine: &Engine, run: &RunId, batch: i64) -> Result<Report> {
    if engine.run_decided_about(batch).await? != *run {
        return Err(Error::invalid(format!(
            "{batch} was decided about another run; name that, or the number that was said when this one was decided about"
        )));
    }
    let undone = engine.undo_reviews(batch).await?;
    Ok(Report::done(json!({ "undone": undone }), format!("{undone} taken back")))
}

async fn list(engine: &Engine, run: RunId) -> Result<Report> {
    let ReviewPage { total, counts, items, .. } = loop {
        let page = engine.review_queue(run.clone(), Vec::new(), 0, LISTED_MAX).await?;
        if page.total_is_final {
            break page;
        }
        tokio::time::sleep(LOOK).await;
    };
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
    let rows = items.iter().zip(&ids).map(|(item, id)| [id.to_string(), why(item)]).collect();
    Ok(Report::done(json, format!("{total} worth a look\n{}", listed(["task", "why"], rows, ""))))
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
