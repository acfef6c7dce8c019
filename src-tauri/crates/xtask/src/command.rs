//! Starting other programs, and saying which of them failed.

use crate::Workshop;
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

impl Workshop {
    /// `cargo` at the root of the clone, building into the shared folder.
    pub(crate) fn cargo<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), arguments);
        command.env("CARGO_TARGET_DIR", &self.target);
        command
    }

    /// `npm` in the folder of the UI.
    pub(crate) fn npm<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.command(if cfg!(windows) { "npm.cmd" } else { "npm" }, arguments);
        command.current_dir(self.ui()).env("npm_config_update_notifier", "false");
        command
    }

    /// Any program at the root of the clone. It gets no input: a check that asks would wait forever.
    pub(crate) fn command<S: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.root).stdin(Stdio::null());
        // Cargo tells us about our own package; build scripts of the builds below must not see that.
        for (name, _) in std::env::vars_os() {
            let foreign = name.to_str().is_some_and(|name| {
                name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name.starts_with("CARGO_BIN_")
            });
            if foreign {
                command.env_remove(name);
            }
        }
        command
    }
}

/// Runs to the end, its output shown; failing is an error that names the program.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let name = described(command);
    println!("$ {name}");
    let status = command.status().with_context(|| format!("starting {name}"))?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}

/// Whether a program can be started and says that all is well, without showing what it prints.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}

/// What a program prints; `None` when it cannot be started or fails.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn described(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut words = vec![program.file_stem().unwrap_or(command.get_program()).to_string_lossy()];
    words.extend(command.get_args().map(OsStr::to_string_lossy));
    words.join(" ")
}
