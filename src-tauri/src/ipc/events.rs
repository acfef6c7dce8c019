//! What the page hears unasked. It asks for what there is, and is answered once there is something: Tauri's own events are
//! scripts that the page is made to evaluate, for whose answers WebKit keeps a JavaScript machine in our process too.

use crate::desktop;
use serde::Serialize;
use specta::Type;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::Notify;
use touchstone_engine::connections::LocalTestProgress;
use touchstone_engine::imports::ImportProgress;
use touchstone_engine::label_studio::{PullProgress, PushProgress};
use touchstone_engine::media::MediaProgress;
use touchstone_engine::runs::RunProgress;
use touchstone_engine::tasks::TaskViewProgress;
use touchstone_engine::{Changed, Sink};

#[derive(Clone, Debug, Serialize, Type)]
#[serde(tag = "name", content = "payload", rename_all = "camelCase")]
pub enum AppEvent {
    Changed(Changed),
    RunProgress(Box<RunProgress>),
    ImportProgress(ImportProgress),
    PullProgress(PullProgress),
    PushProgress(PushProgress),
    TaskView(TaskViewProgress),
    MediaProgress(MediaProgress),
    LocalTest(LocalTestProgress),
    FileDrop(FileDrop),
    /// Something waits to be taken by `take_openings`.
    Opened,
    CloseAsked(CloseAsked),
    MenuChosen(MenuChosen),
}

/// Files over the window, or dropped on it.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FileDrop {
    Over,
    Left,
    Dropped { paths: Vec<String> },
}

/// The user closes the window while runs are at work: `quit` or `stay_open` answers.
#[derive(Clone, Debug, Serialize, Type)]
pub struct CloseAsked {
    /// How many runs closing would pause.
    pub runs: u32,
}

/// A command was chosen in the system's menu bar.
#[derive(Clone, Debug, Serialize, Type)]
pub struct MenuChosen {
    /// As the page's table of commands names it.
    pub command: String,
}

impl AppEvent {
    /// Whether it says all that an earlier one did.
    fn replaces(&self, earlier: &Self) -> bool {
        match (self, earlier) {
            (Self::Changed(now), Self::Changed(then)) => now == then,
            (Self::RunProgress(now), Self::RunProgress(then)) => now.run.id == then.run.id,
            (Self::PullProgress(now), Self::PullProgress(then)) => {
                (&now.server_id, now.remote_id) == (&then.server_id, then.remote_id)
            }
            (Self::PushProgress(now), Self::PushProgress(then)) => now.push_id == then.push_id,
            (Self::TaskView(now), Self::TaskView(then)) => now.view_id == then.view_id,
            (Self::MediaProgress(now), Self::MediaProgress(then)) => now.project_id == then.project_id,
            // There is one at a time.
            (Self::ImportProgress(_), Self::ImportProgress(_))
            | (Self::LocalTest(_), Self::LocalTest(_))
            | (Self::CloseAsked(_), Self::CloseAsked(_))
            | (Self::Opened, Self::Opened) => true,
            _ => false,
        }
    }
}

/// What the page has not heard yet.
#[derive(Default)]
pub(crate) struct Outbox {
    waiting: Mutex<Waiting>,
    arrived: Notify,
}

#[derive(Default)]
struct Waiting {
    events: Vec<AppEvent>,
    /// Who listens; whoever did before is a page that is gone.
    listener: u64,
}

impl Outbox {
    fn put(&self, event: AppEvent) {
        let mut waiting = self.waiting();
        // A page that sleeps, as one of a hidden window may, would find hours of progress when it wakes.
        waiting.events.retain(|earlier| !event.replaces(earlier));
        waiting.events.push(event);
        drop(waiting);
        self.arrived.notify_waiters();
    }

    /// All that was put since the last time, the earliest first, as soon as there is something. Empty once somebody else
    /// listens.
    pub(crate) async fn take(&self) -> Vec<AppEvent> {
        let listener = {
            let mut waiting = self.waiting();
            waiting.listener += 1;
            waiting.listener
        };
        self.arrived.notify_waiters();
        loop {
            let mut arrived = pin!(self.arrived.notified());
            // Before looking, so that nothing arrives in between.
            arrived.as_mut().enable();
            {
                let mut waiting = self.waiting();
                if waiting.listener != listener {
                    return Vec::new();
                }
                if !waiting.events.is_empty() {
                    return std::mem::take(&mut waiting.events);
                }
            }
            arrived.await;
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Passes on what the engine reports.
pub(crate) struct Reporter<R: Runtime>(AppHandle<R>);

impl<R: Runtime> Reporter<R> {
    pub(crate) fn new(app: AppHandle<R>) -> Self {
        Self(app)
    }
}

impl<R: Runtime> Sink for Reporter<R> {
    fn changed(&self, changed: Changed) {
        emit(&self.0, AppEvent::Changed(changed));
    }

    fn run_progress(&self, progress: RunProgress) {
        desktop::follow(&self.0, &progress);
        emit(&self.0, AppEvent::RunProgress(Box::new(progress)));
    }

    fn import_progress(&self, progress: ImportProgress) {
        emit(&self.0, AppEvent::ImportProgress(progress));
    }

    fn pull_progress(&self, progress: PullProgress) {
        emit(&self.0, AppEvent::PullProgress(progress));
    }

    fn push_progress(&self, progress: PushProgress) {
        emit(&self.0, AppEvent::PushProgress(progress));
    }

    fn task_view(&self, progress: TaskViewProgress) {
        emit(&self.0, AppEvent::TaskView(progress));
    }

    fn media_progress(&self, progress: MediaProgress) {
        emit(&self.0, AppEvent::MediaProgress(progress));
    }

    fn local_test(&self, progress: LocalTestProgress) {
        emit(&self.0, AppEvent::LocalTest(progress));
    }
}

/// Tells the page, or keeps it until there is one to tell.
pub fn emit<R: Runtime>(app: &AppHandle<R>, event: AppEvent) {
    app.state::<Outbox>().put(event);
}

#[cfg(test)]
mod tests {
    use super::*;
    use touchstone_engine::domain::PromptId;

    fn chosen(command: &str) -> AppEvent {
        AppEvent::MenuChosen(MenuChosen { command: command.to_owned() })
    }

    fn names(events: &[AppEvent]) -> Vec<String> {
        events.iter().map(|event| serde_json::to_value(event).expect("JSON").to_string()).collect()
    }

    #[tokio::test]
    async fn what_waits_is_taken_once_and_in_its_order() {
        let outbox = Outbox::default();
        outbox.put(chosen("first"));
        outbox.put(AppEvent::Opened);
        let taken = names(&outbox.take().await);
        assert_eq!(taken, [r#"{"name":"menuChosen","payload":{"command":"first"}}"#, r#"{"name":"opened"}"#]);
        outbox.put(chosen("second"));
        assert_eq!(names(&outbox.take().await).len(), 1);
    }

    #[tokio::test]
    async fn a_listener_is_woken_by_what_is_put_and_by_another_listener() {
        let outbox = std::sync::Arc::new(Outbox::default());
        let listen = |outbox: &std::sync::Arc<Outbox>| {
            let outbox = std::sync::Arc::clone(outbox);
            tokio::spawn(async move { outbox.take().await })
        };
        let gone = listen(&outbox);
        tokio::task::yield_now().await;
        let heard = listen(&outbox);
        assert!(gone.await.expect("no panic").is_empty());
        outbox.put(AppEvent::Opened);
        assert_eq!(names(&heard.await.expect("no panic")), [r#"{"name":"opened"}"#]);
    }

    #[tokio::test]
    async fn a_page_that_slept_hears_the_same_once_and_what_differs_in_its_order() {
        let outbox = Outbox::default();
        let draft = |id: &str| AppEvent::Changed(Changed::Draft { prompt_id: PromptId(id.to_owned()) });
        for _ in 0..1000 {
            outbox.put(draft("a"));
            outbox.put(draft("b"));
            outbox.put(AppEvent::Opened);
        }
        outbox.put(draft("a"));
        outbox.put(chosen("one"));
        outbox.put(chosen("one"));
        let taken = names(&outbox.take().await);
        assert_eq!(taken.len(), 5, "{taken:?}");
        assert!(taken[0].contains(r#""b""#) && taken[1].contains("opened") && taken[2].contains(r#""a""#), "{taken:?}");
    }
}
