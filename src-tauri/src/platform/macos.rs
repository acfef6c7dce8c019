//! macOS.

use crate::{openings, window};
use notify_rust::Notification;
use std::path::Path;
use tauri::window::{ProgressBarState, ProgressBarStatus};
use tauri::{AppHandle, RunEvent, Runtime, WebviewWindow};
use tauri_plugin_window_state::StateFlags;

/// Where the page is served from: scheme and host.
pub(crate) const PAGE: (&str, &str) = ("tauri", "localhost");

/// One for the program, of which the Edit menu is also what makes copying and pasting work in a web view.
pub(crate) const HAS_MENU_BAR: bool = true;

/// A program stays in the dock without its window, and so do the runs at work.
pub(crate) const STAYS_WITHOUT_WINDOW: bool = true;

/// WebKit here has nothing to be set.
pub(crate) fn set_up_webview() -> std::io::Result<()> {
    Ok(())
}

/// Starts the program anew, beside this one, which is about to end.
pub(crate) fn start_again(program: &Path) -> std::io::Result<()> {
    std::process::Command::new(program).spawn().map(drop)
}

/// What is remembered of the window. A window in full screen is a space of its own, which the system restores.
pub(crate) fn window_state() -> StateFlags {
    StateFlags::SIZE | StateFlags::MAXIMIZED | StateFlags::POSITION
}

/// The system shows the icon of the program that asks.
pub(crate) fn address_notification(_: &mut Notification) {
    // Fails for a program that is not installed, which is then shown as Finder's.
    drop(notify_rust::set_application("app.touchstone.desktop"));
}

/// Shows how much of all runs is done, in per cent, on the icon in the dock; `None` when none is at work.
pub(crate) fn show_progress<R: Runtime>(window: &WebviewWindow<R>, percent: Option<u64>) -> tauri::Result<()> {
    let status = if percent.is_some() { ProgressBarStatus::Normal } else { ProgressBarStatus::None };
    window.set_progress_bar(ProgressBarState { status: Some(status), progress: percent })
}

/// Files and links come as events, also while the program runs; a click on the dock's icon brings the window back.
pub(crate) fn on_run_event<R: Runtime>(app: &AppHandle<R>, event: &RunEvent) {
    match event {
        RunEvent::Opened { urls } => openings::ask(app, openings::of_urls(urls)),
        RunEvent::Reopen { has_visible_windows: false, .. } => window::raise(app),
        _ => {}
    }
}
