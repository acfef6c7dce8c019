//! The desktop shell: one window over the engine, and the only code that may name Tauri.
//!
//! It translates: a command of the page becomes a call of the engine ([`commands`]), what the engine reports becomes an
//! event ([`ipc::events`]), an error becomes a code and a text ([`ipc::IpcError`]). It decides nothing about prompts or
//! runs. Start reading at [`assemble`], then `state.rs`.

mod commands;
pub mod ipc;
mod locale;
mod logs;
mod media;
mod state;
mod window;

pub use state::Start;

use std::process::ExitCode;
use tauri::{App, Builder, Context, Manager, RunEvent, Runtime, Wry};
use touchstone_engine::Keychain;

/// Opens the window and stays until it is closed. `context` holds the configuration and the built UI.
pub fn run(context: Context<Wry>) -> ExitCode {
    logs::begin();
    if let Err(error) = window::prefer_safe_graphics() {
        tracing::warn!(%error, "starting again with other graphics settings");
    }
    match open(context) {
        Ok(app) => {
            let code = app.run_return(|app, event| {
                if let RunEvent::Exit = event {
                    tauri::async_runtime::block_on(app.state::<state::App>().close());
                }
            });
            ExitCode::from(u8::try_from(code).unwrap_or(1))
        }
        Err(error) => {
            tracing::error!("Touchstone could not start: {error}");
            ExitCode::FAILURE
        }
    }
}

fn open(context: Context<Wry>) -> tauri::Result<App<Wry>> {
    let builder = Builder::default().setup(|app| {
        logs::keep_in(app.path().app_log_dir()?);
        window::open(app.handle())?;
        state::start(app.handle().clone());
        Ok(())
    });
    assemble(builder, context, |app| {
        Ok(Start {
            folder: app.path().app_data_dir()?,
            keychain: Keychain::system(),
            files: state::files_of(std::env::args_os().skip(1)),
        })
    })
}

/// The program without its window: plugins, commands, events and state. Tests assemble it on Tauri's mock runtime.
pub fn assemble<R: Runtime>(
    builder: Builder<R>,
    context: Context<R>,
    start: impl FnOnce(&App<R>) -> tauri::Result<Start>,
) -> tauri::Result<App<R>> {
    let ipc = ipc::builder::<R>();
    let app = builder
        .register_asynchronous_uri_scheme_protocol(media::SCHEME, |context, request, responder| {
            let app = context.app_handle().clone();
            tauri::async_runtime::spawn(async move { responder.respond(media::answer(app, request).await) });
        })
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_store::Builder::new().build())
        .invoke_handler(ipc.invoke_handler())
        .build(context)?;
    ipc.mount_events(&app);
    let state = state::App::new(start(&app)?, ipc::events::Reporter::new(app.handle().clone()));
    app.manage(state);
    Ok(app)
}
