//! What the page hears unasked. Each event is named after what it carries.

use crate::desktop;
use serde::Serialize;
use specta::Type;
use tauri::{AppHandle, Runtime};
use tauri_specta::Event;
use touchstone_engine::connections::LocalTestProgress;
use touchstone_engine::imports::ImportProgress;
use touchstone_engine::label_studio::{PullProgress, PushProgress};
use touchstone_engine::media::MediaProgress;
use touchstone_engine::runs::RunProgress;
use touchstone_engine::tasks::TaskViewProgress;
use touchstone_engine::{Changed, Sink};

#[derive(Clone, Debug, Serialize, Type, Event)]
#[tauri_specta(event_name = "changed")]
pub struct ChangedEvent(pub Changed);

#[derive(Clone, Debug, Serialize, Type, Event)]
#[tauri_specta(event_name = "run-progress")]
pub struct RunProgressEvent(pub RunProgress);

#[derive(Clone, Debug, Serialize, Type, Event)]
#[tauri_specta(event_name = "import-progress")]
pub struct ImportProgressEvent(pub ImportProgress);

#[derive(Clone, Debug, Serialize, Type, Event)]
#[tauri_specta(event_name = "task-view")]
pub struct TaskViewEvent(pub TaskViewProgress);

#[derive(Clone, Debug, Serialize, Type, Event)]
#[tauri_specta(event_name = "media-progress")]
pub struct MediaProgressEvent(pub MediaProgress);

#[derive(Clone, Debug, Serialize, Type, Event)]
#[tauri_specta(event_name = "local-test")]
pub struct LocalTestEvent(pub LocalTestProgress);

/// Files over the window, or dropped on it.
#[derive(Clone, Debug, Serialize, Type, Event)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FileDrop {
    Over,
    Left,
    Dropped { paths: Vec<String> },
}

#[derive(Clone, Debug, Serialize, Type, Event)]
#[tauri_specta(event_name = "pull-progress")]
pub struct PullProgressEvent(pub PullProgress);

#[derive(Clone, Debug, Serialize, Type, Event)]
#[tauri_specta(event_name = "push-progress")]
pub struct PushProgressEvent(pub PushProgress);

/// Something waits to be taken by `take_openings`.
#[derive(Clone, Debug, Serialize, Type, Event)]
#[tauri_specta(event_name = "opened")]
pub struct OpenedEvent;

/// The user closes the window while runs are at work: `quit` or `stay_open` answers.
#[derive(Clone, Debug, Serialize, Type, Event)]
#[tauri_specta(event_name = "close-asked")]
pub struct CloseAskedEvent {
    /// How many runs closing would pause.
    pub runs: u32,
}

/// A command was chosen in the system's menu bar.
#[derive(Clone, Debug, Serialize, Type, Event)]
#[tauri_specta(event_name = "menu-chosen")]
pub struct MenuChosenEvent {
    /// As the page's table of commands names it.
    pub command: String,
}

/// Passes on what the engine reports.
pub(crate) struct Reporter<R: Runtime>(AppHandle<R>);

impl<R: Runtime> Reporter<R> {
    pub(crate) fn new(app: AppHandle<R>) -> Self {
        Self(app)
    }

    fn emit(&self, event: impl Event + Serialize + Clone) {
        emit(&self.0, event);
    }
}

impl<R: Runtime> Sink for Reporter<R> {
    fn changed(&self, changed: Changed) {
        self.emit(ChangedEvent(changed));
    }

    fn run_progress(&self, progress: RunProgress) {
        desktop::follow(&self.0, &progress);
        self.emit(RunProgressEvent(progress));
    }

    fn import_progress(&self, progress: ImportProgress) {
        self.emit(ImportProgressEvent(progress));
    }

    fn pull_progress(&self, progress: PullProgress) {
        self.emit(PullProgressEvent(progress));
    }

    fn push_progress(&self, progress: PushProgress) {
        self.emit(PushProgressEvent(progress));
    }

    fn task_view(&self, progress: TaskViewProgress) {
        self.emit(TaskViewEvent(progress));
    }

    fn media_progress(&self, progress: MediaProgress) {
        self.emit(MediaProgressEvent(progress));
    }

    fn local_test(&self, progress: LocalTestProgress) {
        self.emit(LocalTestEvent(progress));
    }
}

/// A window that is gone hears nothing, which is no error.
pub(crate) fn emit<R: Runtime>(app: &AppHandle<R>, event: impl Event + Serialize + Clone) {
    if let Err(error) = event.emit(app) {
        tracing::warn!(%error, "telling the window");
    }
}
