//! `cargo app`, `cargo verify`, `cargo screenshots` and `cargo installers`: set-up, checks and packages, started through
//! the aliases of `.cargo/config.toml`.
//!
//! They assume a machine with git, Rust and Node and install the rest, or say exactly what is missing. Everything is
//! built into one target folder outside the clone and under one profile, so that the shell and its dependencies are
//! built once for the window, the tests and the journeys. Start reading at [`verify`].

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for terminals")]

mod app;
mod command;
mod installers;
mod inventory;
mod licences;
mod sbom;
mod setup;
mod steps;
mod verify;

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
cargo app [FILE…]             set up what is missing, build, and open the window
cargo verify [--long]         every check, cheapest first; --long adds many kills and the build that is shipped
cargo screenshots FOLDER      build, and keep pictures of every screen of the real window
cargo installers [--built] [--target TRIPLE] [--bundles LIST]
                              build what a release ships, and its installers; --built packs what `cargo verify` built
cargo licences                write anew which licences the page Licences shows, after a change of dependencies
cargo sbom FOLDER             write what the programs are made of, as CycloneDX";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let workshop = Workshop::find()?;
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["app", files @ ..] => app::open(&workshop, files),
        ["screenshots", folder] => app::screenshots(&workshop, Path::new(folder)),
        ["installers", options @ ..] => installers::make(&workshop, &installers::Options::read(options)?),
        ["licences"] => {
            setup::node_modules(&workshop)?;
            licences::write(&workshop)
        }
        ["sbom", folder] => {
            setup::node_modules(&workshop)?;
            sbom::write(&workshop, &std::path::absolute(folder)?)
        }
        ["verify"] => verify::verify(&workshop, verify::Extent::Usual),
        ["verify", "--long"] => verify::verify(&workshop, verify::Extent::Long),
        _ => bail!("{USAGE}"),
    }
}

/// Where things are: the clone, and the folders outside of it that clones share.
struct Workshop {
    root: PathBuf,
    /// Of every build that is started here.
    target: PathBuf,
    /// Programs that the checks need and that cargo builds.
    tools: PathBuf,
}

impl Workshop {
    fn find() -> Result<Self> {
        // Asked of cargo at run time: clones share the target folder, so another one may have compiled this.
        let package = std::env::var_os("CARGO_MANIFEST_DIR").context("run this as `cargo app` or `cargo verify`")?;
        let root = Path::new(&package).join("../../..");
        let root = root.canonicalize().with_context(|| format!("looking for the clone at {}", root.display()))?;
        let home = std::env::home_dir().context("there is no home folder to keep builds in; set HOME")?;
        let shared = home.join(".cache/touchstone");
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shared.join("target"), PathBuf::from);
        // Relative to where the user is, but the commands below run at the root.
        let target = std::path::absolute(&target).with_context(|| format!("finding {}", target.display()))?;
        Ok(Self { root, target, tools: shared.join("tools") })
    }

    fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    /// The desktop program, once it is built.
    fn program(&self) -> PathBuf {
        self.target.join("release").join(format!("touchstone-desktop{}", std::env::consts::EXE_SUFFIX))
    }

    /// The command line that the same build made.
    fn command_line(&self) -> PathBuf {
        self.target.join("release").join(format!("touchstone{}", std::env::consts::EXE_SUFFIX))
    }

    fn tool(&self, name: &str) -> PathBuf {
        self.tools.join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}
