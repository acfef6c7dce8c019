// Windows would open a console beside the window.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    // Here, and nowhere else: this takes the built UI in, and two compilers that did so at once would read each other's
    // half-written files. The program is compiled once, the library also for its tests.
    touchstone_desktop::run(tauri::generate_context!())
}
