//! The one window: when it shows, what it may load, and the files that are dropped on it.

use crate::commands::app::{Theme, read_preferences};
use crate::ipc::events::{FileDrop, emit};
use std::path::Path;
use std::time::Duration;
use tauri::webview::{Color, NewWindowResponse};
use tauri::{AppHandle, DragDropEvent, Manager, Runtime, Url, WebviewWindow, WebviewWindowBuilder, WindowEvent};

pub(crate) const LABEL: &str = "main";

/// The window shows when the page has painted, and after this time in any case.
const SHOWN_AFTER: Duration = Duration::from_millis(800);

/// The page's background in each theme, so that opening does not flash. As in `ui/src/styles`.
const LIGHT: Color = Color(0xFD, 0xFD, 0xFC, 0xFF);
const DARK: Color = Color(0x26, 0x25, 0x22, 0xFF);

/// Opens the window, hidden until it has something to show.
pub(crate) fn open<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    let config = app.config().app.windows.iter().find(|window| window.label == LABEL);
    let config = config.ok_or(tauri::Error::WindowNotFound)?.clone();
    let window = WebviewWindowBuilder::from_config(app, &config)?
        // The page is all there is: links and redirects lead nowhere.
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_document_title_changed(|window, title| {
            if let Err(error) = window.set_title(&title) {
                tracing::warn!(%error, "naming the window after its screen");
            }
        })
        .build()?;
    let theme = match read_preferences(app).theme {
        Theme::System => window.theme().unwrap_or(tauri::Theme::Light),
        Theme::Light => tauri::Theme::Light,
        Theme::Dark => tauri::Theme::Dark,
    };
    window.set_background_color(Some(if theme == tauri::Theme::Dark { DARK } else { LIGHT }))?;
    let handle = app.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::DragDrop(drop) = event {
            dropped(&handle, drop);
        }
    });
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(SHOWN_AFTER).await;
        show(&window);
    });
    Ok(())
}

/// Shows the window if it is still hidden.
pub(crate) fn show<R: Runtime>(window: &WebviewWindow<R>) {
    if window.is_visible().unwrap_or(false) {
        return;
    }
    if let Err(error) = window.show().and_then(|()| window.set_focus()) {
        tracing::warn!(%error, "showing the window");
    }
}

/// Whether a URL is that of the page itself; in development Vite serves it.
fn is_own_page(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    match url.scheme() {
        "tauri" => host == "localhost",
        // WebView2 has no schemes of our own, so Tauri maps them to hosts.
        "http" if cfg!(windows) => host == "tauri.localhost",
        "http" if tauri::is_dev() => host == "localhost",
        _ => false,
    }
}

fn dropped<R: Runtime>(app: &AppHandle<R>, event: &DragDropEvent) {
    match event {
        DragDropEvent::Enter { .. } => emit(app, FileDrop::Over),
        DragDropEvent::Leave => emit(app, FileDrop::Left),
        DragDropEvent::Drop { paths, .. } => emit(app, FileDrop::Dropped { paths: texts(paths) }),
        // Each move of the pointer.
        _ => {}
    }
}

/// Paths as the page sees them: text to hand back. One that is not Unicode is left out, because it could not come back.
pub(crate) fn texts(paths: impl IntoIterator<Item = impl AsRef<Path>>) -> Vec<String> {
    paths.into_iter().filter_map(|path| path.as_ref().to_str().map(str::to_owned)).collect()
}

/// WebKit's fast path through the graphics driver leaves a blank window with NVIDIA's driver and with none. Where one
/// of these is found and the user has said nothing, the program replaces itself by one that is told to do without.
#[cfg(target_os = "linux")]
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

#[cfg(not(target_os = "linux"))]
pub(crate) fn prefer_safe_graphics() -> std::io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn has_nvidia_driver() -> bool {
    Path::new("/proc/driver/nvidia/version").exists()
}

/// Without a render node everything is drawn in software.
#[cfg(target_os = "linux")]
fn has_no_graphics_card() -> bool {
    let nodes = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
    !nodes.into_iter().any(|node| node.file_name().to_string_lossy().starts_with("renderD"))
}

/// The window, which is there as long as the program runs.
pub(crate) fn main<R: Runtime>(app: &AppHandle<R>) -> Option<WebviewWindow<R>> {
    app.get_webview_window(LABEL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_page_itself_can_be_loaded() {
        for (url, allowed) in [
            ("tauri://localhost/#/prompts", true),
            ("https://example.com/", false),
            ("http://tauri.localhost.example.com/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,hello", false),
        ] {
            assert_eq!(is_own_page(&url.parse().expect("a URL")), allowed, "{url}");
        }
    }
}
