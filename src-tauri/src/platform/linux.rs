//! Linux, and what else has WebKitGTK.

use notify_rust::Notification;
use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, SendError, Sender, channel};
use tauri::{AppHandle, RunEvent, Runtime, WebviewWindow};
use tauri_plugin_window_state::StateFlags;
use zbus::zvariant::Value;

/// Where the page is served from: scheme and host.
pub(crate) const PAGE: (&str, &str) = ("tauri", "localhost");

/// The menu is the page's own.
pub(crate) const HAS_MENU_BAR: bool = false;

/// The program ends with its window.
pub(crate) const STAYS_WITHOUT_WINDOW: bool = false;

/// WebKit's fast path through the graphics driver leaves a blank window with NVIDIA's driver and with none.
const WITHOUT_DMABUF: (&str, &str) = ("WEBKIT_DISABLE_DMABUF_RENDERER", "1");

/// When JavaScript is compiled, and compiled again to be quicker: the page waits for Rust and for drawing, and hardly for
/// itself. What is used most still is, as the keys of a long prompt need. Like this the window takes 8 MB less and is there
/// no later; a release of WebKit that does not know a name says so and goes on.
const SELDOM_COMPILED: [(&str, &str); 5] = [
    ("JSC_thresholdForJITAfterWarmUp", "2000"),
    ("JSC_thresholdForJITSoon", "500"),
    ("JSC_thresholdForOptimizeAfterWarmUp", "100000"),
    ("JSC_thresholdForOptimizeAfterLongWarmUp", "100000"),
    ("JSC_thresholdForOptimizeSoon", "100000"),
];

/// WebKit reads its settings from the environment, which a running program cannot change safely: it replaces itself by
/// one that is told those of which the user has said nothing.
pub(crate) fn set_up_webview() -> std::io::Result<()> {
    use std::os::unix::process::CommandExt;
    let graphics = (has_nvidia_driver() || has_no_graphics_card()).then_some(WITHOUT_DMABUF);
    let untold: Vec<_> =
        graphics.into_iter().chain(SELDOM_COMPILED).filter(|(name, _)| std::env::var_os(name).is_none()).collect();
    if untold.is_empty() {
        return Ok(());
    }
    let mut again = std::process::Command::new(std::env::current_exe()?);
    // Returns only when it failed.
    Err(again.args(std::env::args_os().skip(1)).envs(untold).exec())
}

fn has_nvidia_driver() -> bool {
    Path::new("/proc/driver/nvidia/version").exists()
}

/// Without a render node everything is drawn in software.
fn has_no_graphics_card() -> bool {
    let nodes = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
    !nodes.into_iter().any(|node| node.file_name().to_string_lossy().starts_with("renderD"))
}

/// Becomes the program anew. In the same process: GTK would find the name taken by the one that is about to end.
pub(crate) fn start_again(program: &Path) -> std::io::Result<()> {
    use std::os::unix::process::CommandExt;
    Err(std::process::Command::new(program).exec())
}

/// What is remembered of the window. Wayland tells no program where its window is.
pub(crate) fn window_state() -> StateFlags {
    let is_wayland = std::env::var_os("WAYLAND_DISPLAY").is_some_and(|display| !display.is_empty())
        && std::env::var("GDK_BACKEND").map_or(true, |backend| !backend.starts_with("x11"));
    let anywhere = StateFlags::SIZE | StateFlags::MAXIMIZED | StateFlags::FULLSCREEN;
    if is_wayland { anywhere } else { anywhere | StateFlags::POSITION }
}

/// The icon by the name under which it is installed, and what a click does, which a daemon tells only if it is named.
pub(crate) fn address_notification(notification: &mut Notification) {
    notification.icon("touchstone-desktop").action("default", "Open");
}

/// Shows how much of all runs is done, in per cent, on the launcher's entry; `None` when none is at work. In Unity's
/// protocol, which docks and taskbars of other desktops follow too, and without its library, which is found on few systems.
pub(crate) fn show_progress<R: Runtime>(
    _: &WebviewWindow<R>,
    percent: Option<u64>,
) -> Result<(), SendError<Option<u64>>> {
    static NEWS: LazyLock<Sender<Option<u64>>> = LazyLock::new(|| {
        let (sender, news) = channel();
        // A bus may answer slowly, and the runs wait for nobody.
        std::thread::spawn(move || {
            if let Err(error) = tell_launcher(news) {
                tracing::debug!(%error, "showing progress on the launcher's entry");
            }
        });
        sender
    });
    NEWS.send(percent)
}

fn tell_launcher(news: Receiver<Option<u64>>) -> zbus::Result<()> {
    let bus = zbus::blocking::Connection::session()?;
    // Flatpak installs the entry under the id of the package.
    let entry = std::env::var("FLATPAK_ID").unwrap_or_else(|_| "Touchstone".to_owned());
    let entry = format!("application://{entry}.desktop");
    for percent in news {
        #[allow(clippy::cast_precision_loss)]
        let share = percent.unwrap_or(0) as f64 / 100.0;
        let shown = HashMap::from([("progress", Value::from(share)), ("progress-visible", percent.is_some().into())]);
        let (path, interface) = ("/app/touchstone/desktop", "com.canonical.Unity.LauncherEntry");
        bus.emit_signal(None::<&str>, path, interface, "Update", &(&entry, shown))?;
    }
    Ok(())
}

/// Files and links come as arguments.
pub(crate) fn on_run_event<R: Runtime>(_: &AppHandle<R>, _: &RunEvent) {}
