//! Installs what is missing: Debian packages, the UI's packages, and two tools that cargo builds.

use crate::Workshop;
use crate::command::{output, run, succeeds};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// Debian packages that building the window takes.
const TO_BUILD: &[&str] = &["build-essential", "pkg-config", "libwebkit2gtk-4.1-dev"];

/// Debian packages that the journeys, the screens' tests, the round trip through Label Studio and the tests of faults take on
/// top of that: a display and what tells of windows on it, a keychain, browsers and a font for them, what a screen reader reads a
/// window by, Python, a clock that can be set, and what looks into packages.
const TO_VERIFY: &[&str] = &[
    "webkit2gtk-driver",
    "xvfb",
    "gnome-keyring",
    "dbus",
    "libglib2.0-bin",
    "fonts-dejavu-core",
    "chromium",
    "at-spi2-core",
    "gir1.2-atspi-2.0",
    "python3-gi",
    "python3-venv",
    "faketime",
    "x11-utils",
    "appstream",
    "desktop-file-utils",
    "rpm",
    "cpio",
];

/// Programs that the checks need and that cargo builds, each with its version.
const TOOLS: &[(&str, &str)] = &[("cargo-deny", "0.20.2"), ("tauri-driver", "2.1.0")];

/// Written into `node_modules` once it holds what the lock file says.
const LOCK_STAMP: &str = ".installed-package-lock.json";

/// What is needed to build the window and open it.
pub(crate) fn to_build(workshop: &Workshop) -> Result<()> {
    debian_packages(workshop, TO_BUILD)?;
    node_modules(workshop)
}

/// What the checks need.
pub(crate) fn to_verify(workshop: &Workshop) -> Result<()> {
    debian_packages(workshop, &[TO_BUILD, TO_VERIFY].concat())?;
    node_modules(workshop)?;
    tools(workshop)
}

fn debian_packages(workshop: &Workshop, wanted: &[&str]) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    if !succeeds(Command::new("dpkg-query").arg("--version")) {
        println!("This is not Debian or Ubuntu: the counterparts of {} are needed.", wanted.join(" "));
        return Ok(());
    }
    let missing: Vec<&str> = wanted.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let Some(prefix) = root_prefix() else {
        bail!(
            "these Debian packages are missing, and installing them takes root:\n\n    sudo apt-get install {}",
            missing.join(" ")
        );
    };
    let apt = |arguments: &[&str]| {
        let words = [prefix, &["apt-get", "-o", "DPkg::Lock::Timeout=600", "-q"], arguments].concat();
        let mut command = workshop.command(words[0], &words[1..]);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        run(&mut command)
    };
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"], missing.as_slice()].concat())
}

fn is_installed(package: &str) -> bool {
    output(Command::new("dpkg-query").args(["--show", "--showformat", "${db:Status-Status}", package]))
        .is_some_and(|status| status == "installed")
}

/// The words before a command that must run as root; `None` when we may not.
fn root_prefix() -> Option<&'static [&'static str]> {
    if output(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0") {
        // Through `env`, so that there is a word in both cases.
        return Some(&["env"]);
    }
    succeeds(Command::new("sudo").args(["-n", "true"])).then_some(&["sudo", "-n", "--preserve-env=DEBIAN_FRONTEND"])
}

/// What the lock file of the UI says, where it is not installed yet.
pub(crate) fn node_modules(workshop: &Workshop) -> Result<()> {
    let lock = read(&workshop.ui().join("package-lock.json"))?;
    let stamp = workshop.ui().join("node_modules").join(LOCK_STAMP);
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    // No install scripts: nothing in the tree needs one, and what needs none cannot run one.
    run(&mut workshop.npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    std::fs::write(&stamp, &lock).with_context(|| format!("writing {}", stamp.display()))
}

fn tools(workshop: &Workshop) -> Result<()> {
    for (name, version) in TOOLS {
        if is_built(workshop, name, version) {
            continue;
        }
        let mut command = workshop.cargo(["install", "--locked", "--force", "--root"]);
        // Cargo's own temporary folder: the shared one must not fill up with the dependencies of tools.
        command.env_remove("CARGO_TARGET_DIR").arg(&workshop.tools).arg(format!("{name}@{version}"));
        run(&mut command)?;
    }
    Ok(())
}

/// Whether cargo's record of its installations under our folder lists this version.
fn is_built(workshop: &Workshop, name: &str, version: &str) -> bool {
    let record = std::fs::read_to_string(workshop.tools.join(".crates.toml")).unwrap_or_default();
    workshop.tool(name).exists() && record.contains(&format!("\"{name} {version} "))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("reading {}", path.display()))
}
