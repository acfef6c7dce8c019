//! What the commands share: the engine of the one open workspace, and what the program was started with.

use crate::ipc::IpcError;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tauri::{AppHandle, Manager, Runtime};
use tokio::sync::OnceCell;
use touchstone_engine::{Engine, Keychain, Sink, WORKSPACE_FILE};

/// The window's preferences, beside it.
const PREFERENCES: &str = "preferences.json";

/// How long closing may wait for runs to pause.
const CLOSE_WAIT: Duration = Duration::from_secs(5);

/// What the program starts with. Tests give a temporary folder and no keychain.
pub struct Start {
    /// Where everything is kept.
    pub folder: PathBuf,
    pub keychain: Keychain,
    /// Files that were given to open, for instance by a file manager.
    pub files: Vec<PathBuf>,
}

/// Managed by Tauri; commands get it as `State<'_, App>`.
pub(crate) struct App {
    folder: PathBuf,
    /// Taken by whoever opens the workspace.
    opening: Mutex<Option<(Keychain, Arc<dyn Sink>)>>,
    /// The open workspace, or why it could not be opened, in words.
    workspace: OnceCell<Result<Engine, String>>,
    files: Mutex<Vec<PathBuf>>,
}

impl App {
    pub(crate) fn new(start: Start, sink: impl Sink + 'static) -> Self {
        Self {
            folder: start.folder,
            opening: Mutex::new(Some((start.keychain, Arc::new(sink)))),
            workspace: OnceCell::new(),
            files: Mutex::new(start.files),
        }
    }

    /// The engine, once the workspace is open.
    pub(crate) async fn engine(&self) -> Result<&Engine, IpcError> {
        self.workspace().await.as_ref().map_err(|problem| IpcError::internal(problem.clone()))
    }

    /// Opens the workspace when it is first asked for. The window does not wait for that: a file that another process
    /// holds is waited for up to a quarter of a minute.
    pub(crate) async fn workspace(&self) -> &Result<Engine, String> {
        self.workspace
            .get_or_init(|| async {
                let opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner).take();
                // Only a caller that was dropped while it waited for the file can have taken it before.
                let Some((keychain, sink)) = opening else { return Err("the workspace was left half open".to_owned()) };
                let path = self.workspace_path();
                let opened = tokio::task::spawn_blocking(move || Engine::open(&path, keychain, sink)).await;
                match opened {
                    Ok(Ok(engine)) => Ok(engine),
                    Ok(Err(error)) => Err(error.to_string()),
                    Err(panic) => Err(format!("opening the workspace ended early: {panic}")),
                }
            })
            .await
    }

    /// Pauses the runs of this program and waits until what they received is kept, so that they can be resumed at once.
    pub(crate) async fn close(&self) {
        let Some(Ok(engine)) = self.workspace.get() else { return };
        match tokio::time::timeout(CLOSE_WAIT, engine.pause_runs()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "pausing runs before closing"),
            // Nothing is lost: whoever opens the workspace next finds their lease given up.
            Err(_) => tracing::warn!("runs could not be paused in time before closing"),
        }
        if let Err(error) = engine.settle().await {
            tracing::warn!(%error, "settling the workspace before closing");
        }
    }

    pub(crate) fn workspace_path(&self) -> PathBuf {
        self.folder.join(WORKSPACE_FILE)
    }

    pub(crate) fn preferences_path(&self) -> PathBuf {
        self.folder.join(PREFERENCES)
    }

    /// The files that the program was started with; nothing the second time.
    pub(crate) fn take_files(&self) -> Vec<PathBuf> {
        std::mem::take(&mut *self.files.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Opens the workspace, gives a new one the sample, and watches what other processes do to it.
pub(crate) fn start<R: Runtime>(app: AppHandle<R>) {
    tauri::async_runtime::spawn(async move {
        let state = app.state::<App>();
        let engine = match state.workspace().await {
            Ok(engine) => engine.clone(),
            Err(problem) => return tracing::error!("the workspace could not be opened: {problem}"),
        };
        tauri::async_runtime::spawn(engine.clone().watch());
        if let Err(error) = engine.start_local_api().await {
            tracing::warn!(%error, "starting the local API");
        }
        if let Err(error) = engine.open_sample_once().await {
            tracing::warn!(%error, "making the sample");
        }
    });
}

/// The files among the program's arguments, as absolute paths. What starts with a dash is none.
pub(crate) fn files_of(arguments: impl Iterator<Item = OsString>) -> Vec<PathBuf> {
    arguments
        .filter(|argument| !argument.to_string_lossy().starts_with('-'))
        .filter_map(|argument| std::path::absolute(Path::new(&argument)).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_absolute_and_options_are_no_files() {
        let files = files_of(["--flag", "/data/config.xml", "tasks.json"].into_iter().map(OsString::from));
        assert_eq!(files[0], Path::new("/data/config.xml"));
        assert!(files[1].is_absolute() && files[1].ends_with("tasks.json"));
        assert_eq!(files.len(), 2);
    }
}
