//! The committed TypeScript describes the commands as they are, and every one of them is called by these tests.

use std::path::PathBuf;
use tauri::Wry;
use touchstone_desktop::ipc::{builder, typescript};

#[test]
fn the_committed_bindings_are_current() {
    let committed = root().join("ui/src/ipc/bindings.ts");
    let folder = tempfile::tempdir().expect("temporary folder");
    let exported = folder.path().join("bindings.ts");
    builder::<Wry>().export(typescript(), &exported).expect("bindings");
    let exported = std::fs::read_to_string(&exported).expect("bindings");
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        std::fs::write(&committed, &exported).expect("writing the bindings");
    }
    let committed = std::fs::read_to_string(&committed).unwrap_or_default();
    assert!(
        committed == exported,
        "ui/src/ipc/bindings.ts is out of date; run `UPDATE_BINDINGS=1 cargo test --test app bindings` and commit it"
    );
}

#[test]
fn every_command_is_called_by_a_test() {
    /// They open windows of the operating system, which the mock runtime has not, or its file manager.
    const DIALOGS: [&str; 13] = [
        "choose_files",
        "choose_workspace",
        "choose_folder",
        "choose_issues_path",
        "choose_export_path",
        "choose_project_export_path",
        "choose_report_path",
        "choose_prompts_path",
        "choose_prompt_files",
        "choose_workspace_path",
        "choose_backup",
        "show_logs",
        "show_workspace",
    ];
    let root = root();
    let bindings = std::fs::read_to_string(root.join("ui/src/ipc/bindings.ts")).expect("the bindings");
    let commands: Vec<_> =
        bindings.split("__TAURI_INVOKE(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(commands.len() > DIALOGS.len(), "the bindings list commands");
    let mut tests = String::new();
    for entry in std::fs::read_dir(root.join("tests/app")).expect("the tests").flatten() {
        tests += &std::fs::read_to_string(entry.path()).expect("a test");
    }
    let untested: Vec<_> = commands
        .into_iter()
        .filter(|command| !DIALOGS.contains(command) && !tests.contains(&format!("\"{command}\"")))
        .collect();
    assert!(untested.is_empty(), "no test calls {untested:?}");
}

/// Asked of cargo at run time: clones share the target folder, so another one may have compiled this.
fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).expect("cargo runs the tests")
}
