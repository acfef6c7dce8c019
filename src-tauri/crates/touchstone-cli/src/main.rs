//! `touchstone`: what the window can do, from a terminal, a script or a build server.
//!
//! Every command is one or two calls of [`touchstone_engine::Engine`], translated from arguments and into text or JSON.
//! The last line on standard output is the result, with `--json` one JSON object; everything else goes to standard
//! error. The exit status is 0 only if what was asked for was done.
//!
//! Start reading at `arguments.rs`.

mod arguments;
mod commands;
mod output;

use arguments::{Arguments, Command};
use output::{Progress, Report};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tempfile::TempDir;
use touchstone_engine::settings::Settings;
use touchstone_engine::{Engine, Error, Keychain, Result, WORKSPACE_FILE};

fn main() -> ExitCode {
    share_one_heap();
    let arguments = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(error) => return output::explain(&error),
    };
    let json = arguments.json;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(arguments)),
        Err(error) => Err(Error::invalid(format!("the program could not start its threads: {error}"))),
    };
    match outcome {
        Ok(report) => output::tell(&report, json),
        Err(error) => output::complain(&error, json),
    }
}

/// glibc gives each thread a heap of its own, and each keeps what it once needed: 6 MB of a long run. What is made for a task is
/// freed by whichever thread keeps its answer, so threads wait for each other's heaps anyway; for one, half a time more a task.
fn share_one_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "the allocator is told only through its own function")]
    // SAFETY: it sets a number, and no other thread is there yet.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

async fn run(arguments: Arguments) -> Result<Report> {
    if let Command::LabelingVectors = arguments.command {
        return commands::vectors::answer();
    }
    if let Command::TemplateVariables = arguments.command {
        return commands::templates::answer();
    }
    if let Command::Config(command) = &arguments.command
        && let Some(report) = commands::configs::without_workspace(command)
    {
        return report;
    }
    let open = |path: &Path| Engine::open(path, Keychain::system(), Arc::new(Progress::on_terminal()));
    if let Command::Bench(command) = arguments.command {
        return commands::bench::run(command, open).await;
    }
    let place = Place::of(&arguments)?;
    if let Command::Workspace(command) = arguments.command {
        return commands::workspace::run(&place.path, command).await;
    }
    let engine = open(&place.path)?;
    if arguments.offline {
        engine.force_offline();
    }
    match arguments.command {
        Command::Project(command) => commands::projects::run(&engine, command).await,
        Command::Config(command) => commands::configs::run(&engine, command).await,
        Command::Connection(command) => commands::connections::run(&engine, *command).await,
        Command::Prompt(command) => commands::prompts::run(&engine, command).await,
        Command::LabelStudio(command) => commands::label_studio::run(&engine, command).await,
        Command::Space(command) => commands::spaces::run(&engine, command).await,
        Command::Version(command) => commands::versions::run(&engine, command).await,
        Command::Run(command) => commands::runs::run(&engine, command).await,
        Command::Compare { a, b } => commands::comparison::run(&engine, &a, &b).await,
        Command::Review { run, accept, reject, ground_truth, undo } => {
            commands::reviews::run(&engine, &run, accept, reject, ground_truth, undo).await
        }
        Command::Report { run, out, examples, against } => {
            commands::report::run(&engine, &run, out, examples, against.as_deref()).await
        }
        Command::Export(command) => commands::exports::run(&engine, command).await,
        Command::Settings {
            concurrency,
            media_side_px,
            media_megabytes_max,
            media_from_web,
            budget_usd,
            stay_offline,
        } => {
            let was = engine.settings().await?;
            let settings = Settings {
                concurrency: concurrency.unwrap_or(was.concurrency),
                media_side_px: media_side_px.unwrap_or(was.media_side_px),
                media_megabytes_max: media_megabytes_max.unwrap_or(was.media_megabytes_max),
                media_from_web: media_from_web.unwrap_or(was.media_from_web),
                // None is written as nothing to spend, which nobody means.
                budget_micros: budget_usd.or(was.budget_micros).filter(|budget| *budget > 0),
                offline: stay_offline.unwrap_or(was.offline),
            };
            commands::settings::keep(&engine, settings, &was).await
        }
        Command::Network { clear } => commands::network::run(&engine, clear).await,
        Command::Serve { port, token_env, token_stdin: _, spelling } => {
            commands::serve::run(&engine, port, token_env.as_deref(), spelling).await
        }
        Command::Demo => commands::demo::run(&engine).await,
        Command::Bench(_) | Command::Workspace(_) | Command::LabelingVectors | Command::TemplateVariables => {
            unreachable!("answered above, without opening a workspace")
        }
    }
}

/// What the window is called where the system keeps the data of its programs: the identifier in `tauri.conf.json`.
const WINDOW: &str = "app.touchstone.desktop";

/// Where the workspace of this call is: the one that was named, or else that of the window.
struct Place {
    path: PathBuf,
    /// A demo needs no workspace of its own; this folder goes when the program ends.
    _temporary: Option<TempDir>,
}

impl Place {
    fn of(arguments: &Arguments) -> Result<Self> {
        match (&arguments.workspace, &arguments.command) {
            (Some(path), _) => Ok(Self { path: path.clone(), _temporary: None }),
            (None, Command::Demo) => {
                let folder = tempfile::tempdir()
                    .map_err(|error| Error::invalid(format!("no temporary folder could be made: {error}")))?;
                Ok(Self { path: folder.path().join("demo.touchstone"), _temporary: Some(folder) })
            }
            (None, _) => {
                let folder = dirs::data_dir().ok_or_else(|| {
                    Error::invalid(
                        "the system names no folder for data; say which workspace: touchstone --workspace FILE …",
                    )
                })?;
                Ok(Self { path: folder.join(WINDOW).join(WORKSPACE_FILE), _temporary: None })
            }
        }
    }
}
