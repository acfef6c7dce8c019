//! The desktop shell: one window over the engine, and the only code that may name Tauri.
//!
//! It translates: a command of the page becomes a call of the engine ([`commands`]), what the engine reports becomes an
//! event ([`ipc::events`]), an error becomes a code and a text ([`ipc::IpcError`]). It decides nothing about prompts or
//! runs. Start reading at [`assemble`], then `state.rs`.

mod commands;
mod desktop;
pub mod ipc;
mod locale;
mod logs;
mod media;
mod menu;
mod openings;
mod platform;
mod state;
mod window;

pub use state::Start;

use std::path::Path;
use std::process::ExitCode;
use tauri::{App, Builder, Context, Manager, RunEvent, Runtime, Wry};
use touchstone_engine::Keychain;

/// Opens the window and stays until it is closed. `context` holds the configuration and the built UI.
pub fn run(context: Context<Wry>) -> ExitCode {
    logs::begin();
    if let Err(error) = platform::set_up_webview() {
        tracing::warn!(%error, "starting again with settings for the web view");
    }
    match open(context) {
        Ok(app) => {
            let handle = app.handle().clone();
            let code = app.run_return(|app, event| {
                platform::on_run_event(app, &event);
                if let RunEvent::Exit = event {
                    app.state::<desktop::Desktop>().end();
                    tauri::async_runtime::block_on(app.state::<state::App>().close());
                }
            });
            if handle.state::<state::App>().starts_again() {
                // Without its arguments, which were for this time.
                let program = tauri::process::current_binary(&handle.env());
                if let Err(error) = program.and_then(|program| platform::start_again(&program)) {
                    tracing::error!(%error, "starting again");
                }
            }
            ExitCode::from(u8::try_from(code).unwrap_or(1))
        }
        Err(error) => {
            tracing::error!("Touchstone could not start: {error}");
            ExitCode::FAILURE
        }
    }
}

fn open(context: Context<Wry>) -> tauri::Result<App<Wry>> {
    let builder = Builder::default()
        // Before all others: a second start hands over what it was asked to open, and ends here.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, folder| {
            let arguments = arguments.into_iter().skip(1).map(Into::into);
            openings::ask(app, openings::of_arguments(arguments, Path::new(&folder)));
        }))
        .plugin(
            tauri_plugin_window_state::Builder::new()
                .with_state_flags(platform::window_state())
                .skip_initial_state(window::LABEL)
                .build(),
        )
        .on_menu_event(|app, event| menu::chosen(app, event.id().as_ref()))
        .setup(|app| {
            logs::keep_in(app.path().app_log_dir()?);
            if let Some(path) = commands::app::chosen_workspace(app.handle()) {
                app.state::<state::App>().choose_workspace(path);
            }
            window::open(app.handle())?;
            state::start(app.handle().clone());
            Ok(())
        });
    assemble(builder, context, |app| {
        Ok(Start {
            folder: app.path().app_data_dir()?,
            keychain: Keychain::system(),
            arguments: std::env::args_os().skip(1).collect(),
        })
    })
}

/// The program without its window: plugins, commands, events and state. Tests assemble it on Tauri's mock runtime.
pub fn assemble<R: Runtime>(
    builder: Builder<R>,
    context: Context<R>,
    start: impl FnOnce(&App<R>) -> tauri::Result<Start>,
) -> tauri::Result<App<R>> {
    let app = builder
        .register_asynchronous_uri_scheme_protocol(media::SCHEME, |context, request, responder| {
            let app = context.app_handle().clone();
            tauri::async_runtime::spawn(async move { responder.respond(media::answer(app, request).await) });
        })
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_store::Builder::new().build())
        .invoke_handler(ipc::handler())
        .build(context)?;
    app.manage(ipc::events::Outbox::default());
    app.manage(desktop::Desktop::default());
    let state = state::App::new(start(&app)?, ipc::events::Reporter::new(app.handle().clone()));
    app.manage(state);
    Ok(app)
}
