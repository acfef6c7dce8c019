//! What Touchstone can do, without a window: one file per feature, one method per use case.
//!
//! The desktop shell and the command line call the same methods of [`Engine`] and translate their results. The engine
//! knows the store, the providers and the labeling rules; it must never learn about Tauri, and its progress leaves by
//! one door, [`Sink`].
//!
//! Start reading at [`Engine`], then `drafts.rs` and `versions.rs` (what a prompt says) and `runs.rs` (how a run works).

pub mod annotations;
mod clock;
pub mod comparison;
pub mod configs;
pub mod connections;
pub mod diagnostics;
pub mod dollars;
pub mod drafts;
mod error;
pub mod export;
mod files;
pub mod gold;
pub mod imports;
pub mod label_studio;
pub mod labels;
pub mod links;
pub mod local_api;
pub mod logs;
pub mod media;
pub mod metrics;
mod names;
pub mod network;
pub mod project_export;
pub mod projects;
pub mod prompt_files;
pub mod prompts;
pub mod report;
pub mod requests;
pub mod results;
pub mod reviews;
pub mod runs;
pub mod sample;
pub mod settings;
mod sink;
pub mod snippets;
pub mod spaces;
pub mod tasks;
pub mod versions;
pub mod workspace;

pub use error::{Error, ErrorCode, Result};
pub use sink::{Changed, Silent, Sink};
pub use touchstone_store::Keychain;
pub use {touchstone_domain as domain, touchstone_labeling as labeling};

use runs::ActiveRuns;
use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use touchstone_domain::SpaceId;
use touchstone_domain::text::file_problem;
use touchstone_net::{Network, Observer};
use touchstone_store::Store;

/// What the workspace is called in the folder where the window keeps it.
pub const WORKSPACE_FILE: &str = "workspace.touchstone";

/// One open workspace and everything that can be done with it. Clones share it.
///
/// Methods are called inside a tokio runtime; those that read the disk do so on its blocking threads.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<Store>,
    keychain: Keychain,
    network: Network,
    contacts: Arc<network::Contacts>,
    /// This process reaches nothing but this machine, whatever the switch says.
    forced_offline: AtomicBool,
    /// This process stays until its user closes it, see [`Engine::watch`].
    is_watching: AtomicBool,
    /// This process goes on with runs that could not reach their model, see [`Engine::keep_trying`].
    keeps_trying: AtomicBool,
    /// Held while the switch is read and obeyed.
    offline_turn: Mutex<()>,
    sink: Arc<dyn Sink>,
    space: SpaceId,
    /// Names this process in the leases of its runs.
    owner: String,
    active: ActiveRuns,
    batch_rules: Mutex<runs::BatchRules>,
    counts: runs::Counts,
    views: results::Views,
    reviews: reviews::Queues,
    comparisons: comparison::Comparisons,
    task_views: tasks::Views,
    import: std::sync::Mutex<Option<CancellationToken>>,
    /// The latest look at what another config would mean.
    impact: std::sync::Mutex<Option<CancellationToken>>,
    media: media::Library,
    local_server: local_api::LocalServer,
    /// Held by whoever looks at a link, pulls or pushes.
    link_turn: tokio::sync::Mutex<()>,
    /// The latest look at a project's media.
    media_check: std::sync::Mutex<Option<CancellationToken>>,
    local_tests: connections::LocalTests,
    /// The pull of a Label Studio project that is at work.
    pull: std::sync::Mutex<Option<CancellationToken>>,
    pushing: label_studio::Pushing,
    label_studio: label_studio::Clients,
    /// What was found wrong with the file, if something was.
    damage: OnceLock<workspace::WorkspaceCheck>,
}

/// Refuses a file that is no workspace, without touching it.
pub fn require_workspace(path: &Path) -> Result<()> {
    match touchstone_store::is_workspace(path) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::invalid(format!("{} is not a Touchstone workspace", path.display()))),
        Err(error) => Err(Error::invalid(format!("{} could not be read: {}", path.display(), file_problem(&error)))),
    }
}

impl Engine {
    /// Opens the workspace at `path`, making it and its folder if they do not exist.
    ///
    /// Runs whose process is gone are marked as paused, so that they can be resumed, once that is certain: see
    /// [`Self::watch`] and [`Self::settle_abandoned_runs`].
    pub fn open(path: &Path, keychain: Keychain, sink: Arc<dyn Sink>) -> Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| {
                Error::invalid(format!("the folder {} could not be made: {}", folder.display(), file_problem(&error)))
            })?;
        }
        let store = Arc::new(Store::open(path)?);
        let space = store.default_space(&clock::tail(), &clock::now())?;
        let contacts = network::Contacts::new(Arc::clone(&store), Arc::clone(&sink));
        let engine = Self {
            inner: Arc::new(Inner {
                store,
                keychain,
                network: Network::new(Arc::clone(&contacts) as Arc<dyn Observer>),
                contacts,
                forced_offline: AtomicBool::new(false),
                is_watching: AtomicBool::new(false),
                keeps_trying: AtomicBool::new(false),
                offline_turn: Mutex::default(),
                sink,
                space,
                owner: clock::new_id(),
                active: ActiveRuns::default(),
                batch_rules: Mutex::default(),
                counts: runs::Counts::default(),
                views: results::Views::default(),
                reviews: reviews::Queues::default(),
                comparisons: comparison::Comparisons::default(),
                task_views: tasks::Views::default(),
                import: std::sync::Mutex::default(),
                impact: std::sync::Mutex::default(),
                media: media::Library::default(),
                local_server: local_api::LocalServer::default(),
                link_turn: tokio::sync::Mutex::default(),
                media_check: std::sync::Mutex::default(),
                local_tests: connections::LocalTests::default(),
                pull: std::sync::Mutex::default(),
                pushing: label_studio::Pushing::default(),
                label_studio: label_studio::Clients::default(),
                damage: OnceLock::new(),
            }),
        };
        engine.inner.obey_offline_switch()?;
        engine.ensure_practice_connection()?;
        engine.pause_abandoned_runs()?;
        engine.empty_bin()?;
        Ok(engine)
    }

    pub fn workspace_path(&self) -> &Path {
        self.inner.store.path()
    }

    /// Whether the operating system's keychain answers. May take as long as the system takes to ask the user.
    pub async fn keychain_available(&self) -> bool {
        self.blocking(|inner| Ok(inner.keychain.is_available())).await.unwrap_or(false)
    }

    /// For a program that stays until its user closes it. Watches what other processes do to the workspace: reports their
    /// writes, and pauses runs whose process is gone. Until it closes, runs that wait for a batch are gone on with, and those
    /// that pause because their model cannot be reached go on by themselves once it can be.
    pub async fn watch(self) {
        self.inner.is_watching.store(true, Ordering::Relaxed);
        let checked = self.clone();
        tokio::spawn(async move { checked.check_after_cut().await });
        let mut taken_up = HashSet::new();
        let mut seen = None;
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let engine = self.clone();
            let version = self
                .blocking(move |inner| {
                    engine.pause_abandoned_runs()?;
                    inner.obey_offline_switch()?;
                    Ok(inner.store.data_version()?)
                })
                .await;
            match version {
                Ok(version) if seen.is_some_and(|seen| seen != version) => {
                    seen = Some(version);
                    // The journal writes through a connection of its own, so a run of this process counts too.
                    if self.inner.active.is_empty() {
                        self.inner.sink.changed(Changed::Everything);
                    }
                }
                Ok(version) => seen = Some(version),
                Err(error) => tracing::warn!(%error, "looking for changes of the workspace"),
            }
            // A program that closes leaves them to the next.
            if self.inner.is_watching.load(Ordering::Relaxed) {
                self.take_up_batches(&mut taken_up).await;
                self.go_on_with_pushes().await;
            }
        }
    }

    /// Does work that blocks (disk, keychain) off the async threads.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let inner = Arc::clone(&self.inner);
        match tokio::task::spawn_blocking(move || work(&inner)).await {
            Ok(outcome) => outcome,
            Err(panic) => Err(Error::Internal(anyhow::anyhow!("a background task ended early: {panic}"))),
        }
    }

    pub(crate) fn changed(&self, changed: Changed) {
        self.inner.changed(changed);
    }
}

impl Inner {
    /// Tells whoever shows it, and forgets what was read of it.
    fn changed(&self, changed: Changed) {
        self.comparisons.note(&changed);
        self.sink.changed(changed);
    }
}
