//! Linux, and what else has WebKitGTK.

use notify_rust::Notification;
use std::path::Path;
use tauri::{AppHandle, RunEvent, Runtime};
use tauri_plugin_window_state::StateFlags;

/// Where the page is served from: scheme and host.
pub(crate) const PAGE: (&str, &str) = ("tauri", "localhost");

/// The menu is the page's own.
pub(crate) const HAS_MENU_BAR: bool = false;

/// The program ends with its window.
pub(crate) const STAYS_WITHOUT_WINDOW: bool = false;

/// WebKit's fast path through the graphics driver leaves a blank window with NVIDIA's driver and with none. Where one
/// of these is found and the user has said nothing, the program replaces itself by one that is told to do without.
pub(crate) fn prefer_safe_graphics() -> std::io::Result<()> {
    use std::os::unix::process::CommandExt;
    const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    if std::env::var_os(SWITCH).is_some() || !(has_nvidia_driver() || has_no_graphics_card()) {
        return Ok(());
    }
    let mut again = std::process::Command::new(std::env::current_exe()?);
    // Returns only when it failed; the environment of a running program cannot be changed safely.
    Err(again.args(std::env::args_os().skip(1)).env(SWITCH, "1").exec())
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

/// Files and links come as arguments.
pub(crate) fn on_run_event<R: Runtime>(_: &AppHandle<R>, _: &RunEvent) {}
