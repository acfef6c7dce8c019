//! Goes on with a run that paused because its model could not be reached, once it can be: after a night's sleep, a train's
//! tunnel, a server that was started anew, or when Offline is switched off. Only in a program that stays, see
//! [`Engine::watch`], or that was told to, see [`Engine::keep_trying`].

use super::worker::Work;
use crate::{Engine, ErrorCode};
use std::sync::Arc;
use std::time::Duration;
use touchstone_domain::run::{PauseCause, RunStatus};
use touchstone_providers::{ChatError, ChatErrorKind, ChatModel, KeyCheck};

/// How long to wait before the model is looked for, at first; twice as long each time after.
const WAIT: Duration = Duration::from_secs(1);
const WAIT_MAX: Duration = Duration::from_secs(60);

/// The codes of failures that say that nobody was reached.
pub(super) fn is_outage(code: &str) -> bool {
    [ChatErrorKind::Network, ChatErrorKind::Timeout].iter().any(|kind| kind.code() == code)
}

/// Waits until the model of a paused run can be reached, and queues it, unless somebody resumed it or wants otherwise meanwhile.
pub(super) async fn go_on(engine: Engine, work: Arc<Work>, paused_at: Option<String>) {
    let mut wait = WAIT;
    loop {
        tokio::time::sleep(wait).await;
        if !engine.inner.active.is_looked_after(work.id()) {
            return;
        }
        let run = match engine.run(work.id().clone()).await {
            Ok(run) if run.status == RunStatus::Paused && run.finished_at == paused_at => run,
            Ok(run) if run.status == RunStatus::Paused => return,
            Ok(_) => break,
            Err(error) => {
                tracing::warn!(%error, "looking at a run that waits for its model");
                break;
            }
        };
        // A switch is looked at as often as it is obeyed. Whether anybody is reached then, the run finds out.
        let may_go_on = if run.cause == Some(PauseCause::Offline) {
            !engine.is_offline()
        } else {
            wait = (wait * 2).min(WAIT_MAX);
            is_reached(work.model(), work.model_id()).await
        };
        if !may_go_on || !engine.inner.active.is_looked_after(work.id()) {
            continue;
        }
        // Others may wait for the same model. Looked after until it is queued: whoever waits for it out would find it paused
        // for good in between.
        match engine.queue_runs(vec![work.id().clone()]).await {
            Ok(_) => {}
            Err(error) if error.code() == ErrorCode::RunActive => {}
            Err(error) => tracing::warn!(%error, "going on with a run whose model is there again"),
        }
        break;
    }
    engine.inner.active.leave_alone(work.id());
}

/// Whether anything answers, whatever it says, to a call that costs nothing.
async fn is_reached(model: &dyn ChatModel, id: &str) -> bool {
    let reached = |error: &ChatError| !is_outage(error.kind.code()) && error.kind != ChatErrorKind::Offline;
    match model.check_key(id).await {
        Ok(KeyCheck::Unknown) => model.models().await.as_ref().err().is_none_or(reached),
        Ok(_) => true,
        Err(error) => reached(&error),
    }
}
