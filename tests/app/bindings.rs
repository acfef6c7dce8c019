//! The committed TypeScript describes the commands as they are.

use std::path::Path;
use tauri::Wry;
use touchstone_desktop::ipc::{builder, typescript};

#[test]
fn the_committed_bindings_are_current() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/ipc/bindings.ts");
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
