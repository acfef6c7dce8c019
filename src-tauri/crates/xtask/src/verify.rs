//! `cargo verify`: every check, cheapest first.

use crate::command::{run, succeeds};
use crate::steps::Steps;
use crate::{Workshop, app, installers, licences, sbom, setup};
use anyhow::{Context, Result};
use std::process::Command;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Usual,
    /// Adds what takes too long for every change.
    Long,
}

pub(crate) fn verify(workshop: &Workshop, extent: Extent) -> Result<()> {
    let mut steps = Steps::default();
    let npm = |script: &str| run(&mut workshop.npm(["run", "--silent", script]));
    let cargo = |arguments: &[&str]| run(&mut workshop.cargo(arguments));

    steps.take("set-up", || setup::to_verify(workshop))?;
    steps.take("format", || cargo(&["fmt", "--all", "--check"]))?;
    steps.take("UI lint", || npm("lint"))?;
    steps.take("UI types", || npm("types"))?;
    steps.take("UI unused code", || npm("unused"))?;
    steps.take("workflows", || npm("workflows"))?;
    steps.take("licences and sources", || {
        run(&mut workshop.command(workshop.tool("cargo-deny"), ["--locked", "check", "bans", "licenses", "sources"]))?;
        licences::check(workshop)
    })?;
    steps.take("release", || {
        let bills = workshop.target.join("sbom");
        sbom::write(workshop, &bills)?;
        run(workshop.command(PYTHON, ["tests/install/release.py"]).arg(bills).arg(workshop.tools.join("release")))
    })?;
    steps.take("UI tests", || npm("test"))?;
    // Before anything that compiles the shell, which takes the built UI in.
    steps.take("UI build", || app::build_ui(workshop))?;
    steps.take("lint", || {
        cargo(&["clippy", "--locked", "--release", "--workspace", "--all-targets", "--", "--deny", "warnings"])
    })?;
    steps.take("build", || cargo(&["build", "--locked", "--release", "--workspace", "--all-targets"]))?;
    steps.take("core tests", || rust_tests(workshop, Tests::Core))?;
    steps.take("app tests", || rust_tests(workshop, Tests::App))?;
    steps.take("Label Studio", || label_studio(workshop))?;
    steps.take("templates", || {
        run(workshop.npm(["run", "--silent", "agreement"]).env("TOUCHSTONE_CLI", workshop.command_line()))
    })?;
    steps.take("Arize clients", || arize_clients(workshop))?;
    steps.take("providers", || providers(workshop))?;
    steps.take("data set", || data_set(workshop, extent))?;
    steps.take("packages", || packages(workshop))?;
    steps.take("screens", || npm("screens"))?;
    steps.take("journeys", || journeys(workshop))?;
    if extent == Extent::Long {
        steps.take("two hundred kills", || many_kills(workshop))?;
        steps.take("shipped build", || {
            cargo(&["build", "--locked", "--profile", "dist", "--bin", "touchstone-desktop", "--bin", "touchstone"])
        })?;
    }
    println!("\n{}\n\nAll checks passed.", steps.table());
    Ok(())
}

enum Tests {
    /// Everything that needs no window.
    Core,
    /// The shell's commands.
    App,
}

/// Both kinds select from the same build of the whole workspace.
fn rust_tests(workshop: &Workshop, tests: Tests) -> Result<()> {
    if succeeds(Command::new("cargo").args(["nextest", "--version"])) {
        let filter = match tests {
            Tests::Core => "not package(touchstone-desktop)",
            Tests::App => "package(touchstone-desktop)",
        };
        let arguments = ["nextest", "run", "--locked", "--release", "--workspace", "--filterset", filter];
        return run(&mut workshop.cargo(arguments));
    }
    let selection: &[&str] = match tests {
        Tests::Core => &["--workspace", "--exclude", "touchstone-desktop"],
        Tests::App => &["--package", "touchstone-desktop"],
    };
    run(&mut workshop.cargo([&["test", "--locked", "--release", "--lib", "--bins", "--tests"], selection].concat()))
}

/// The program killed at any moment of a run, ten times as often as among the core tests, of the same build.
fn many_kills(workshop: &Workshop) -> Result<()> {
    let arguments =
        ["test", "--locked", "--release", "--workspace", "--test", "faults", "--", "--nocapture", "kills::"];
    run(workshop.cargo(arguments).env("TOUCHSTONE_FAULTS", "long"))
}

const PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };

/// Against the real one, which has an environment of its own beside the other tools.
fn label_studio(workshop: &Workshop) -> Result<()> {
    let program = workshop.command_line();
    for script in [
        "tests/label-studio/template_schemas.py",
        "tests/label-studio/round_trip.py",
        "tests/label-studio/both_ways.py",
    ] {
        run(workshop.command(PYTHON, [script]).arg(&program).arg(workshop.tools.join("label-studio")))?;
    }
    Ok(())
}

/// The official ones, each in an environment of its own beside the other tools.
fn arize_clients(workshop: &Workshop) -> Result<()> {
    let program = workshop.command_line();
    run(workshop.command(PYTHON, ["tests/arize/clients.py"]).arg(&program).arg(workshop.tools.join("arize")))
}

/// From adding a connection of each to a run with its cost, against a server for all of them from npm; what is sent, against
/// the vendors' specifications; how rate limits and outages are taken, by the verdict of a server from PyPI; and a model on
/// this computer from being found to a run, against a real one from there.
fn providers(workshop: &Workshop) -> Result<()> {
    let program = workshop.command_line();
    let tools = |name: &str| workshop.tools.join(name);
    run(workshop.command("node", ["tests/providers/providers.mjs"]).arg(&program).arg(tools("providers")))?;
    run(workshop.command(PYTHON, ["tests/providers/vendor_specs.py"]).arg(&program).arg(tools("vendor-specs")))?;
    run(workshop.command(PYTHON, ["tests/providers/resilience.py"]).arg(&program).arg(tools("resilience")))?;
    run(workshop.command(PYTHON, ["tests/providers/local_server.py"]).arg(&program).arg(tools("local-server")))
}

/// What is said of runs on texts that others rated. A model on this computer takes minutes for them.
fn data_set(workshop: &Workshop, extent: Extent) -> Result<()> {
    let mut script = workshop.command(PYTHON, ["tests/datasets/sentiment.py"]);
    script.arg(workshop.command_line()).arg(workshop.tools.join("datasets"));
    if extent == Extent::Usual {
        script.arg("--without-local-model");
    }
    run(&mut script)
}

/// The packages of a Linux system: looked into, and one of them installed, upgraded and removed where we may.
fn packages(workshop: &Workshop) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let folder = workshop.target.join("packages");
    let package = |name: &str, bundles: &[&str], version| {
        let folder = folder.join(name);
        installers::pack(workshop, &installers::Programs::built(workshop), &folder, bundles, version).map(|()| folder)
    };
    let now = package("now", &["deb", "rpm"], None)?;
    let later = package("later", &["deb"], Some("99.0.0"))?;
    run(workshop.command(PYTHON, ["tests/install/packages.py"]).args([now, later]))
}

/// One file for each journey; one after the other, because each has a window and a keychain of its own to start.
fn journeys(workshop: &Workshop) -> Result<()> {
    let folder = workshop.root.join("tests/e2e");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.to_str().is_some_and(|path| path.ends_with(".test.mjs")) {
            files.push(path);
        }
    }
    files.sort();
    let mut command = workshop.command("node", ["--test", "--test-concurrency=1", "--test-reporter=spec"]);
    command.args(files);
    run(app::with_program(&mut command, workshop))
}
