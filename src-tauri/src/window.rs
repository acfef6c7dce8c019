//! The one window: when it shows and where, what it may load, what closing it does, and the
//! files that are dropped on it.

use crate::commands::app::{Theme, read_preferences};
use crate::desktop::{self, Desktop};
use crate::ipc::events::{AppEvent, FileDrop, emit};
use crate::platform;
use std::path::Path;
use std::time::Duration;
use tauri::webview::{Color, NewWindowResponse};
use tauri::{AppHandle, DragDropEvent, Manager, Runtime, Url, WebviewWindow, WebviewWindowBuilder, WindowEvent};
use tauri_plugin_window_state::WindowExt;

pub(crate) const LABEL: &str = "main";

/// The window shows when the page has read what its first screen shows, and after this time in any case.
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
    // Before it shows, so that nothing jumps. One whose screen is gone is put where the system puts windows.
    if let Err(error) = window.restore_state(platform::window_state()) {
        tracing::warn!(%error, "restoring the window's place");
    }
    let theme = match read_preferences(app).theme {
        Theme::System => window.theme().unwrap_or(tauri::Theme::Light),
        Theme::Light => tauri::Theme::Light,
        Theme::Dark => tauri::Theme::Dark,
    };
    window.set_background_color(Some(if theme == tauri::Theme::Dark { DARK } else { LIGHT }))?;
    let handle = app.clone();
    window.on_window_event(move |event| match event {
        WindowEvent::DragDrop(drop) => dropped(&handle, drop),
        WindowEvent::Focused(has_focus) => handle.state::<Desktop>().set_focus(*has_focus),
        WindowEvent::CloseRequested { api, .. } => {
            if platform::STAYS_WITHOUT_WINDOW {
                api.prevent_close();
                hide(&handle);
            } else if !desktop::may_close(&handle) {
                api.prevent_close();
            }
        }
        _ => {}
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

/// Brings the window to the front, wherever it is.
pub(crate) fn raise<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = main(app) else { return };
    if let Err(error) = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus()) {
        tracing::warn!(%error, "bringing the window to the front");
    }
}

fn hide<R: Runtime>(app: &AppHandle<R>) {
    if let Some(Err(error)) = main(app).map(|window| window.hide()) {
        tracing::warn!(%error, "hiding the window");
    }
}

/// Fills the screen, or no longer does.
pub(crate) fn toggle_fullscreen<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    window.set_fullscreen(!window.is_fullscreen()?)
}

/// Whether a URL is that of the page itself; in development Vite serves it.
fn is_own_page(url: &Url) -> bool {
    let at = (url.scheme(), url.host_str().unwrap_or_default());
    at == platform::PAGE || (tauri::is_dev() && at == ("http", "localhost"))
}

fn dropped<R: Runtime>(app: &AppHandle<R>, event: &DragDropEvent) {
    match event {
        DragDropEvent::Enter { .. } => emit(app, AppEvent::FileDrop(FileDrop::Over)),
        DragDropEvent::Leave => emit(app, AppEvent::FileDrop(FileDrop::Left)),
        DragDropEvent::Drop { paths, .. } => emit(app, AppEvent::FileDrop(FileDrop::Dropped { paths: texts(paths) })),
        // Each move of the pointer.
        _ => {}
    }
}

/// Paths as the page sees them: text to hand back. One that is not Unicode is left out, because it could not come back.
pub(crate) fn texts(paths: impl IntoIterator<Item = impl AsRef<Path>>) -> Vec<String> {
    paths.into_iter().filter_map(|path| path.as_ref().to_str().map(str::to_owned)).collect()
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
