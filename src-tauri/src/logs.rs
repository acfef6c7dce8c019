//! The log of the program and the reports of its crashes: begun before everything else, and kept in files once the system's
//! folder for logs is known. Nothing of it leaves this computer.

use crate::state::App;
use std::backtrace::Backtrace;
use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::path::PathBuf;
use std::sync::OnceLock;
use touchstone_engine::logs::{LogFile, keep_crash, redacted};
use tracing_subscriber::filter::LevelFilter;

static KEPT: OnceLock<(PathBuf, LogFile)> = OnceLock::new();

/// From here on what the program reports goes to standard error, and so does a crash of any thread: in a program that has no
/// terminal it would pass unseen otherwise.
pub(crate) fn begin() {
    tracing_subscriber::fmt().with_max_level(LevelFilter::INFO).with_writer(|| Lines).init();
    std::panic::set_hook(Box::new(crashed));
}

/// From here on it goes into files of this folder too.
pub(crate) fn keep_in(folder: PathBuf) {
    match LogFile::open(&folder) {
        // Only the first program of a process says where.
        Ok(file) => {
            drop(KEPT.set((folder, file)));
            let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
            tracing::info!("Touchstone {} begins, on {os} {arch}", env!("CARGO_PKG_VERSION"));
        }
        Err(error) => tracing::warn!(%error, "keeping a log in {}", folder.display()),
    }
}

/// Where they are, or would be if the system named no folder.
pub(crate) fn folder(app: &App) -> PathBuf {
    KEPT.get().map_or_else(|| app.preferences_path().with_file_name("logs"), |(folder, _)| folder.clone())
}

fn crashed(panic: &PanicHookInfo<'_>) {
    tracing::error!("{panic}");
    let Some((folder, _)) = KEPT.get() else { return };
    let thread = std::thread::current();
    let about = format!(
        "Touchstone {}, {} {}\nin the thread “{}”: {panic}\n\n{}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        thread.name().unwrap_or_default(),
        Backtrace::force_capture()
    );
    if let Err(error) = keep_crash(folder, &about) {
        tracing::error!(%error, "keeping a report of the crash");
    }
}

/// Takes each report as one text.
struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        // A log that cannot be written is no reason to fail, and there is nowhere to report it.
        let _ = io::stderr().write_all(redacted(&text).as_bytes());
        if let Some((_, file)) = KEPT.get() {
            let _ = file.add(&text);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
