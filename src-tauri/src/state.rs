//! What the commands share: the engine of the one open workspace, and what the program was started with.

use crate::ipc::IpcError;
use crate::openings::{self, Opening};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
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
    /// What was given to open, for instance by a file manager: files, folders and links.
    pub arguments: Vec<OsString>,
}

/// Managed by Tauri; commands get it as `State<'_, App>`.
pub(crate) struct App {
    folder: PathBuf,
    /// The workspace that was chosen instead of the one in the folder.
    chosen: OnceLock<PathBuf>,
    /// Taken by whoever opens the workspace.
    opening: Mutex<Option<(Keychain, Arc<dyn Sink>)>>,
    /// The open workspace, or why it could not be opened, in words.
    workspace: OnceCell<Result<Engine, String>>,
    openings: Mutex<Vec<Opening>>,
    starts_again: AtomicBool,
}

impl App {
    pub(crate) fn new(start: Start, sink: impl Sink + 'static) -> Self {
        let here = std::env::current_dir().unwrap_or_default();
        Self {
            folder: start.folder,
            chosen: OnceLock::new(),
            opening: Mutex::new(Some((start.keychain, Arc::new(sink)))),
            workspace: OnceCell::new(),
            openings: Mutex::new(openings::of_arguments(start.arguments, &here)),
            starts_again: AtomicBool::new(false),
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
                // Only the program's own place is filled where it is empty.
                if self.is_chosen() && !path.exists() {
                    return Err(format!("the workspace {} is not there", path.display()));
                }
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
        self.chosen.get().cloned().unwrap_or_else(|| self.folder.join(WORKSPACE_FILE))
    }

    /// Works with this file instead of the one in the program's folder. Without effect once that has been done.
    pub(crate) fn choose_workspace(&self, path: PathBuf) {
        if path != self.folder.join(WORKSPACE_FILE) {
            // Whoever came first is at work already.
            drop(self.chosen.set(path));
        }
    }

    /// Whether it is not the one in the program's folder.
    pub(crate) fn is_chosen(&self) -> bool {
        self.chosen.get().is_some()
    }

    /// Once it has ended the program starts anew.
    pub(crate) fn start_again(&self) {
        self.starts_again.store(true, Ordering::Relaxed);
    }

    pub(crate) fn starts_again(&self) -> bool {
        self.starts_again.load(Ordering::Relaxed)
    }

    pub(crate) fn preferences_path(&self) -> PathBuf {
        self.folder.join(PREFERENCES)
    }

    pub(crate) fn ask_to_open(&self, openings: Vec<Opening>) {
        self.openings.lock().unwrap_or_else(PoisonError::into_inner).extend(openings);
    }

    /// What the program was asked to open; nothing the second time. The workspace that is open is open already.
    pub(crate) fn take_openings(&self) -> Vec<Opening> {
        let openings = std::mem::take(&mut *self.openings.lock().unwrap_or_else(PoisonError::into_inner));
        let open = self.workspace_path();
        let is_open = |path: &str| {
            open.to_str() == Some(path)
                || open.canonicalize().is_ok_and(|open| Path::new(path).canonicalize().ok() == Some(open))
        };
        let others = openings.into_iter().filter(|it| !matches!(it, Opening::Workspace { path } if is_open(path)));
        others.map(openings::looked_at).collect()
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
        tracing::info!("the workspace is open");
        tauri::async_runtime::spawn(engine.clone().watch());
        if let Err(error) = engine.start_local_api().await {
            tracing::warn!(%error, "starting the local API");
        }
        if let Err(error) = engine.open_sample_once().await {
            tracing::warn!(%error, "making the sample");
        }
    });
}
