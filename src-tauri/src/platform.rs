//! What differs between the systems: one module each, with the same surface, and nothing of it anywhere else in the
//! shell. ARCHITECTURE.md lists what each of them does and how it was tried.

#[cfg(target_os = "linux")]
#[path = "platform/linux.rs"]
mod system;
#[cfg(target_os = "macos")]
#[path = "platform/macos.rs"]
mod system;
#[cfg(target_os = "windows")]
#[path = "platform/windows.rs"]
mod system;

pub(crate) use system::{
    HAS_MENU_BAR, PAGE, STAYS_WITHOUT_WINDOW, address_notification, on_run_event, set_up_webview, show_progress,
    start_again, window_state,
};
