//! `cargo app` and `cargo screenshots`: the real window.

use crate::command::run;
use crate::{Workshop, setup};
use anyhow::Result;
use std::path::Path;

/// Builds the program with its UI inside, and opens its window with these files.
pub(crate) fn open(workshop: &Workshop, files: &[&str]) -> Result<()> {
    setup::to_build(workshop)?;
    build_ui(workshop)?;
    build_program(workshop)?;
    run(&mut workshop.command(workshop.program(), files))
}

/// Keeps pictures of every screen of the built program, in light and dark, in `folder`.
pub(crate) fn screenshots(workshop: &Workshop, folder: &Path) -> Result<()> {
    let folder = std::path::absolute(folder)?;
    setup::to_verify(workshop)?;
    build_ui(workshop)?;
    build_program(workshop)?;
    let mut command = workshop.command("node", ["tests/e2e/screenshots.mjs"]);
    command.arg(folder);
    run(with_program(&mut command, workshop))
}

pub(crate) fn build_ui(workshop: &Workshop) -> Result<()> {
    run(&mut workshop.npm(["run", "--silent", "build"]))
}

pub(crate) fn build_program(workshop: &Workshop) -> Result<()> {
    // The whole workspace, as the checks build it: a smaller selection would need other features of shared crates,
    // and build those again.
    run(&mut workshop.cargo(["build", "--locked", "--release", "--workspace"]))
}

/// Tells the scripts of `tests/e2e` what to drive, with what, and where to leave pictures.
pub(crate) fn with_program<'a>(
    command: &'a mut std::process::Command,
    workshop: &Workshop,
) -> &'a mut std::process::Command {
    command
        .env("TOUCHSTONE_PROGRAM", workshop.program())
        .env("TAURI_DRIVER", workshop.tool("tauri-driver"))
        .env("TOUCHSTONE_SCREENSHOTS", workshop.target.join("screenshots"))
}
