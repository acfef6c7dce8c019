//! What the desktop learns of the runs that this program is at work on: how far they are (taskbar, dock), that a long one
//! has ended (a notification, while another window is in use), and that closing would pause them (a question).

use crate::ipc::events::{AppEvent, CloseAsked, emit};
use crate::openings::{self, Opening};
use crate::platform;
use crate::state::App;
use crate::window;
use notify_rust::{Notification, NotificationResponse};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tauri::{AppHandle, Manager, Runtime};
use touchstone_engine::domain::RunId;
use touchstone_engine::domain::run::RunStatus;
use touchstone_engine::domain::text::number;
use touchstone_engine::runs::{RunProgress, RunSummary};

/// A run that took less has hardly been left alone.
const LONG: Duration = Duration::from_secs(30);

/// Managed by Tauri.
#[derive(Default)]
pub(crate) struct Desktop {
    at_work: Mutex<AtWork>,
    has_focus: AtomicBool,
    /// Whoever closes the window is being asked what becomes of the runs.
    asks: AtomicBool,
    /// The program ends: what happens now, the user has wanted.
    ends: AtomicBool,
}

/// The runs at work, and what the taskbar shows of them.
#[derive(Default)]
struct AtWork {
    runs: HashMap<RunId, (Instant, Share)>,
    shown: Option<u64>,
}

#[derive(Clone, Copy)]
struct Share {
    done: u32,
    total: u32,
}

impl AtWork {
    /// Takes in where a run stands. Answers how long it was at work, once it no longer is.
    fn follow(&mut self, run: &RunId, is_at_work: bool, share: Share, now: Instant) -> Option<Duration> {
        if !is_at_work {
            return self.runs.remove(run).map(|(since, _)| now.duration_since(since));
        }
        self.runs.entry(run.clone()).or_insert((now, share)).1 = share;
        None
    }

    /// How much of all runs together is done, where that is another whole percentage than the last one asked for.
    fn news(&mut self) -> Option<Option<u64>> {
        let sum = |part: fn(&Share) -> u32| self.runs.values().map(|(_, share)| u64::from(part(share))).sum::<u64>();
        let (done, total) = (sum(|share| share.done), sum(|share| share.total));
        let percent = (!self.runs.is_empty()).then(|| (done * 100).checked_div(total).unwrap_or(0).min(100));
        (percent != self.shown).then(|| {
            self.shown = percent;
            percent
        })
    }
}

impl Desktop {
    fn at_work(&self) -> std::sync::MutexGuard<'_, AtWork> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_focus(&self, has_focus: bool) {
        self.has_focus.store(has_focus, Ordering::Relaxed);
    }

    /// From now on nothing is told any more.
    pub(crate) fn end(&self) {
        self.ends.store(true, Ordering::Relaxed);
    }
}

/// Tells the desktop where a run stands. Returns at once.
pub(crate) fn follow<R: Runtime>(app: &AppHandle<R>, progress: &RunProgress) {
    let Some(desktop) = app.try_state::<Desktop>() else { return };
    let run = &progress.run;
    let share = Share { done: run.done, total: run.total };
    let (lasted, news) = {
        let mut at_work = desktop.at_work();
        let lasted = at_work.follow(&run.id, run.status == RunStatus::InProgress, share, Instant::now());
        (lasted, at_work.news())
    };
    if desktop.ends.load(Ordering::Relaxed) {
        return;
    }
    if let Some(percent) = news {
        show_progress(app, percent);
    }
    let is_unseen = !desktop.has_focus.load(Ordering::Relaxed);
    if lasted.is_some_and(|lasted| lasted >= LONG) && is_unseen && is_news(run) {
        tauri::async_runtime::spawn(tell(app.clone(), run.clone()));
    }
}

/// Whether the user learns something by the end of a run: who stopped or paused it knows.
fn is_news(run: &RunSummary) -> bool {
    match run.status {
        RunStatus::Completed | RunStatus::Failed => true,
        RunStatus::Paused => run.reason.is_some(),
        RunStatus::Queued | RunStatus::InProgress | RunStatus::Canceled => false,
    }
}

fn show_progress<R: Runtime>(app: &AppHandle<R>, percent: Option<u64>) {
    let Some(window) = window::main(app) else { return };
    if let Err(error) = platform::show_progress(&window, percent) {
        tracing::debug!(%error, "showing progress beside the window");
    }
}

/// Says that a run has ended, and opens it when that is clicked.
async fn tell<R: Runtime>(app: AppHandle<R>, run: RunSummary) {
    let name = match app.state::<App>().engine().await {
        Ok(engine) => engine.prompt(run.prompt_id.to_string()).await.ok().map(|prompt| prompt.summary.name),
        Err(_) => None,
    };
    let (title, body) = words(&run, name.as_deref());
    // Waiting for the click takes a thread for as long as the desktop keeps the notification.
    let waiting = std::thread::Builder::new().name("notification".to_owned()).spawn(move || {
        let mut notification = Notification::new();
        notification.appname("Touchstone").summary(&title).body(&body);
        platform::address_notification(&mut notification);
        let clicked = |response: &NotificationResponse| {
            if matches!(response, NotificationResponse::Default | NotificationResponse::Action(_)) {
                openings::ask(&app, vec![Opening::Run { id: run.id.clone() }]);
            }
        };
        // A desktop without notifications has none to show, which is no error.
        if let Err(error) = notification.show().and_then(|shown| shown.wait_for_response(clicked)) {
            tracing::debug!(%error, "notifying of a run's end");
        }
    });
    if let Err(error) = waiting {
        tracing::warn!(%error, "notifying of a run's end");
    }
}

/// Title and text of the notification.
fn words(run: &RunSummary, prompt: Option<&str>) -> (String, String) {
    let what = match run.status {
        RunStatus::Completed => "has finished",
        RunStatus::Paused => "is paused",
        _ => "has failed",
    };
    let title = format!("{}: run {} {what}", prompt.unwrap_or("Touchstone"), run.number);
    let failed = if run.failed == 0 { String::new() } else { format!(", {} failed", number(run.failed)) };
    let counts = format!("{} of {} tasks{failed}", number(run.done), number(run.total));
    match &run.reason {
        Some(reason) => (title, format!("{counts}. {reason}")),
        None => (title, counts),
    }
}

/// Whether the window may close now. If runs are at work the page asks first; who closes a second time has answered,
/// which also holds for a page that does not answer any more.
pub(crate) fn may_close<R: Runtime>(app: &AppHandle<R>) -> bool {
    let desktop = app.state::<Desktop>();
    let runs = desktop.at_work().runs.len();
    if runs == 0 || desktop.asks.swap(true, Ordering::Relaxed) {
        return true;
    }
    // Whoever quits by the menu or the dock may not see it.
    window::raise(app);
    emit(app, AppEvent::CloseAsked(CloseAsked { runs: u32::try_from(runs).unwrap_or(u32::MAX) }));
    false
}

/// The answer is no: the window stays.
pub(crate) fn stay_open<R: Runtime>(app: &AppHandle<R>) {
    app.state::<Desktop>().asks.store(false, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_runs_together_are_one_bar_that_moves_by_whole_percent() {
        let mut at_work = AtWork::default();
        let now = Instant::now();
        let run = |name: &str| RunId(name.to_owned());
        let share = |done, total| Share { done, total };
        assert_eq!(at_work.news(), None, "no run, no bar");
        assert_eq!(at_work.follow(&run("a"), true, share(0, 1000), now), None);
        assert_eq!(at_work.news(), Some(Some(0)));
        at_work.follow(&run("a"), true, share(9, 1000), now);
        assert_eq!(at_work.news(), None, "not a whole percent further");
        at_work.follow(&run("b"), true, share(500, 1000), now);
        assert_eq!(at_work.news(), Some(Some(25)));
        let later = now + Duration::from_secs(40);
        assert_eq!(at_work.follow(&run("a"), false, share(1000, 1000), later), Some(Duration::from_secs(40)));
        assert_eq!(at_work.news(), Some(Some(50)));
        assert_eq!(at_work.follow(&run("a"), false, share(1000, 1000), later), None, "it has ended once");
        at_work.follow(&run("b"), false, share(1000, 1000), later);
        assert_eq!(at_work.news(), Some(None), "the bar goes");
    }

    #[test]
    fn a_run_without_tasks_is_no_division_by_zero() {
        let mut at_work = AtWork::default();
        at_work.follow(&RunId("a".to_owned()), true, Share { done: 0, total: 0 }, Instant::now());
        assert_eq!(at_work.news(), Some(Some(0)));
    }
}
