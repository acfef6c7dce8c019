//! Windows.

use notify_rust::Notification;
use std::path::Path;
use tauri::window::{ProgressBarState, ProgressBarStatus};
use tauri::{AppHandle, RunEvent, Runtime, WebviewWindow};
use tauri_plugin_window_state::StateFlags;

/// Where the page is served from: scheme and host. WebView2 has no schemes of our own, so Tauri maps them to hosts.
pub(crate) const PAGE: (&str, &str) = ("http", "tauri.localhost");

/// The menu is the page's own.
pub(crate) const HAS_MENU_BAR: bool = false;

/// The program ends with its window.
pub(crate) const STAYS_WITHOUT_WINDOW: bool = false;

/// WebView2 needs to be told nothing: it falls back to drawing in software by itself.
pub(crate) fn set_up_webview() -> std::io::Result<()> {
    Ok(())
}

/// Starts the program anew, beside this one, which is about to end.
pub(crate) fn start_again(program: &Path) -> std::io::Result<()> {
    std::process::Command::new(program).spawn().map(drop)
}

/// What is remembered of the window.
pub(crate) fn window_state() -> StateFlags {
    StateFlags::SIZE | StateFlags::MAXIMIZED | StateFlags::FULLSCREEN | StateFlags::POSITION
}

/// A notification belongs to the program that the Start menu knows under this name; without it, it is PowerShell's.
pub(crate) fn address_notification(notification: &mut Notification) {
    notification.app_id("app.touchstone.desktop");
}

/// Shows how much of all runs is done, in per cent, on the taskbar's button; `None` when none is at work.
pub(crate) fn show_progress<R: Runtime>(window: &WebviewWindow<R>, percent: Option<u64>) -> tauri::Result<()> {
    let status = if percent.is_some() { ProgressBarStatus::Normal } else { ProgressBarStatus::None };
    window.set_progress_bar(ProgressBarState { status: Some(status), progress: percent })
}

/// Files and links come as arguments.
pub(crate) fn on_run_event<R: Runtime>(_: &AppHandle<R>, _: &RunEvent) {}
