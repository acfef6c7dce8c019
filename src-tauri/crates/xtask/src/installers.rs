//! `cargo installers`: packs the built programs for a system, with the bundler of the Tauri tools and without compiling
//! anything again.
//!
//! The bundler takes the programs out of a target folder and writes into one of them how it was packed, so they are copied
//! into a folder of their own first. The command line goes along as an “external binary”. `tauri.conf.json` must not name
//! it: the shell's build script would then want to see it before it is built.

use crate::command::{output, run};
use crate::{Workshop, app, setup};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Both halves of a Mac in one program.
const UNIVERSAL: &str = "universal-apple-darwin";

/// Where files of ours go on a Linux system, whatever the package. The desktop entry is the bundler's, from our template.
const LINUX_FILES: &[(&str, &str)] = &[
    ("/usr/share/icons/hicolor/scalable/apps/touchstone-desktop.svg", "icons/touchstone.svg"),
    ("/usr/share/icons/hicolor/scalable/mimetypes/application-x-touchstone-workspace.svg", "icons/workspace.svg"),
    (
        "/usr/share/metainfo/app.touchstone.desktop.metainfo.xml",
        "src-tauri/packaging/linux/app.touchstone.desktop.metainfo.xml",
    ),
    ("/usr/share/mime/packages/app.touchstone.desktop.xml", "src-tauri/packaging/linux/app.touchstone.desktop.xml"),
];

/// Sizes of icons, in pixels, that launchers and software centres look for; `tauri.conf.json` names the other ones.
const LINUX_ICONS: &[u32] = &[16, 24, 48, 64, 256, 512];

/// What to make, and of what.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options<'a> {
    /// Of the programs that the checks built, without the optimisation across crates that a release has.
    built: bool,
    /// The machine that the programs are for; this one if it is not named.
    target: Option<&'a str>,
    /// The bundler's names of formats; what this system can make by itself if none is named.
    bundles: Vec<&'a str>,
}

impl<'a> Options<'a> {
    pub(crate) fn read(arguments: &[&'a str]) -> Result<Self> {
        let mut options = Self::default();
        let mut rest = arguments;
        loop {
            rest = match rest {
                [] => return Ok(options),
                ["--built", rest @ ..] => {
                    options.built = true;
                    rest
                }
                ["--target", target, rest @ ..] => {
                    options.target = Some(target);
                    rest
                }
                ["--bundles", list, rest @ ..] => {
                    options.bundles = list.split(',').collect();
                    rest
                }
                [other, ..] => bail!("{other} is no option of cargo installers, or lacks its value"),
            }
        }
    }
}

/// The two programs of one build, for one machine.
pub(crate) struct Programs {
    /// As rustc names it, or [`UNIVERSAL`].
    target: String,
    desktop: PathBuf,
    command_line: PathBuf,
}

impl Programs {
    /// Those that `cargo verify` built.
    pub(crate) fn built(workshop: &Workshop) -> Self {
        Self { target: host(), desktop: workshop.program(), command_line: workshop.command_line() }
    }

    /// Builds what a release ships.
    fn shipped(workshop: &Workshop, target: &str) -> Result<Self> {
        let build = |target: &str| {
            let mut command = workshop.cargo(["build", "--locked", "--profile", "dist"]);
            command.args(["--bin", "touchstone-desktop", "--bin", "touchstone"]);
            // Named, this machine's programs would be built once more beside those that `cargo verify --long` built.
            let folder = if target == host() {
                workshop.target.join("dist")
            } else {
                command.args(["--target", target]);
                workshop.target.join(target).join("dist")
            };
            run(&mut command).map(|()| folder)
        };
        let folder = if target == UNIVERSAL {
            let halves = [build("aarch64-apple-darwin")?, build("x86_64-apple-darwin")?];
            let whole = workshop.target.join(UNIVERSAL).join("dist");
            std::fs::create_dir_all(&whole).with_context(|| format!("making {}", whole.display()))?;
            for name in ["touchstone-desktop", "touchstone"] {
                let mut lipo = workshop.command("lipo", ["-create", "-output"]);
                run(lipo.arg(whole.join(name)).args(halves.iter().map(|half| half.join(name))))?;
            }
            whole
        } else {
            build(target)?
        };
        let program = |name: &str| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        Ok(Self { target: target.into(), desktop: program("touchstone-desktop"), command_line: program("touchstone") })
    }
}

/// Makes installers, and says where they are.
pub(crate) fn make(workshop: &Workshop, options: &Options) -> Result<()> {
    setup::to_build(workshop)?;
    let programs = if options.built {
        Programs::built(workshop)
    } else {
        app::build_ui(workshop)?;
        Programs::shipped(workshop, options.target.unwrap_or(&host()))?
    };
    let bundles = if options.bundles.is_empty() { usual_bundles() } else { &options.bundles };
    let folder = workshop.target.join("installers");
    pack(workshop, &programs, &folder, bundles, None)?;
    println!("\nThe installers are in {}", folder.join(&programs.target).join("release/bundle").display());
    Ok(())
}

/// What the bundler can make here; an AppImage takes tools that it downloads.
fn usual_bundles() -> &'static [&'static str] {
    match std::env::consts::OS {
        "macos" => &["app", "dmg"],
        "windows" => &["nsis", "msi"],
        _ => &["deb", "rpm"],
    }
}

/// Packs `programs` into `folder`, below which the bundler makes its own. `version` instead of the workspace's is for tests
/// of an upgrade. Signs with what the environment has for it (`.github/workflows/release.yml` lists it), or not at all.
pub(crate) fn pack(
    workshop: &Workshop,
    programs: &Programs,
    folder: &Path,
    bundles: &[&str],
    version: Option<&str>,
) -> Result<()> {
    let target = &programs.target;
    // What an earlier build left would be taken for a part of this one.
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("clearing {}", folder.display()))?;
    }
    copy(&programs.desktop, &folder.join(target).join("release").join(file_name(&programs.desktop)))?;
    let suffix = std::env::consts::EXE_SUFFIX;
    copy(&programs.command_line, &folder.join(format!("touchstone-{target}{suffix}")))?;

    let mut config = json!({ "bundle": { "externalBin": [folder.join("touchstone")] } });
    if let Some(version) = version {
        config["version"] = version.into();
    }
    if cfg!(target_os = "linux") {
        let files = linux_files(workshop, folder)?;
        let linux = json!({
            "deb": { "files": files, "depends": debian_packages(programs, folder)? },
            "rpm": { "files": files, "depends": rpm_libraries(programs)? },
            "appimage": { "files": files },
        });
        config["bundle"]["linux"] = linux;
    }
    if let Ok(sign) = std::env::var("TAURI_WINDOWS_SIGN_COMMAND") {
        config["bundle"]["windows"] = json!({ "signCommand": sign });
    }
    if let Ok(key) = std::env::var("TAURI_UPDATER_PUBLIC_KEY") {
        // Signatures to check a download by; the program itself looks for no update.
        config["bundle"]["createUpdaterArtifacts"] = true.into();
        config["plugins"] = json!({ "updater": { "pubkey": key, "endpoints": [] } });
    }
    let merged = folder.join("tauri.json");
    std::fs::write(&merged, config.to_string()).with_context(|| format!("writing {}", merged.display()))?;

    let mut command =
        workshop.npm(["run", "--silent", "tauri", "--", "bundle", "--ci", "--target", target, "--bundles"]);
    command.arg(bundles.join(",")).arg("--config").arg(&merged).env("CARGO_TARGET_DIR", folder);
    run(&mut command)
}

/// Path in the package and source of each file, the icons drawn in the sizes that are missing.
fn linux_files(workshop: &Workshop, folder: &Path) -> Result<Value> {
    let icons = folder.join("icons");
    let sizes = LINUX_ICONS.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let mut draw = workshop.npm(["run", "--silent", "tauri", "--", "icon", "icons/touchstone.svg", "--output"]);
    run(draw.arg(&icons).args(["--png", &sizes]))?;
    let mut files: Map<String, Value> =
        LINUX_FILES.iter().map(|(path, source)| ((*path).to_owned(), (*source).into())).collect();
    for size in LINUX_ICONS {
        let path = format!("/usr/share/icons/hicolor/{size}x{size}/apps/touchstone-desktop.png");
        files.insert(path, json!(icons.join(format!("{size}x{size}.png"))));
    }
    Ok(files.into())
}

/// The Debian packages, with the versions, that have the symbols which the programs use. None where Debian's tools are not.
fn debian_packages(programs: &Programs, folder: &Path) -> Result<Vec<String>> {
    // The tool wants to find the description of a source package.
    let source = folder.join("shlibdeps");
    let control = source.join("debian/control");
    std::fs::create_dir_all(source.join("debian")).with_context(|| format!("making {}", control.display()))?;
    std::fs::write(&control, "Source: touchstone\n\nPackage: touchstone\nArchitecture: any\n")
        .with_context(|| format!("writing {}", control.display()))?;
    let mut tool = Command::new("dpkg-shlibdeps");
    tool.current_dir(&source).arg("-O").arg(&programs.desktop).arg(&programs.command_line);
    let text = output(&mut tool).unwrap_or_default();
    let list = text.lines().find_map(|line| line.strip_prefix("shlibs:Depends=")).unwrap_or_default();
    Ok(list.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

/// The libraries that the programs load, in the words in which RPM packages say that they have them.
fn rpm_libraries(programs: &Programs) -> Result<BTreeSet<String>> {
    let mut libraries = BTreeSet::new();
    for program in [&programs.desktop, &programs.command_line] {
        let text = output(Command::new("objdump").arg("-p").arg(program))
            .with_context(|| format!("reading what {} loads with objdump", program.display()))?;
        libraries.extend(libraries_of(&text));
    }
    Ok(libraries)
}

/// From what `objdump -p` prints of a 64-bit program: each library it needs, and of the C library the newest version too.
fn libraries_of(headers: &str) -> Vec<String> {
    let needed = headers.lines().filter_map(|line| line.trim().strip_prefix("NEEDED "));
    let mut libraries: Vec<String> = needed.map(|library| format!("{}()(64bit)", library.trim())).collect();
    let versions = headers.split_whitespace().filter_map(|word| word.strip_prefix("GLIBC_"));
    let numbers = |version: &&str| version.split('.').map(|part| part.parse::<u32>().unwrap_or(0)).collect::<Vec<_>>();
    if let Some(version) = versions.max_by_key(numbers) {
        libraries.push(format!("libc.so.6(GLIBC_{version})(64bit)"));
    }
    libraries
}

/// This machine, as rustc names it.
fn host() -> String {
    let text = output(Command::new("rustc").arg("-vV")).unwrap_or_default();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().to_owned()
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    std::fs::copy(from, to).with_context(|| format!("copying {} to {}", from.display(), to.display()))?;
    Ok(())
}

fn file_name(path: &Path) -> &std::ffi::OsStr {
    path.file_name().unwrap_or(path.as_os_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_in_any_order_and_others_refused() {
        let read = Options::read(&["--bundles", "deb,rpm", "--built"]).expect("known options");
        assert_eq!(read, Options { built: true, target: None, bundles: vec!["deb", "rpm"] });
        assert!(Options::read(&["--target"]).is_err(), "a value is missing");
        assert!(Options::read(&["--quick"]).is_err());
    }

    #[test]
    fn a_program_asks_for_the_newest_c_library_that_it_uses() {
        let headers = "
  NEEDED               libgtk-3.so.0
  NEEDED               libc.so.6
Version References:
  required from libc.so.6:
    0x06969189 0x00 05 GLIBC_2.9
    0x069691b4 0x00 03 GLIBC_2.34
    0x09691a75 0x00 02 GLIBC_2.2.5
";
        let libraries = libraries_of(headers);
        assert_eq!(libraries, ["libgtk-3.so.0()(64bit)", "libc.so.6()(64bit)", "libc.so.6(GLIBC_2.34)(64bit)"]);
    }
}
