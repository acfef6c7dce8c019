fn main() {
    tauri_build::build();
    // The built UI is taken into the program; nothing else tells cargo that it changed.
    println!("cargo::rerun-if-changed=ui/dist");
    // Compressed files of an earlier UI are taken again by name, whole or not: each UI begins with none.
    if let Some(out) = std::env::var_os("OUT_DIR") {
        let _ = std::fs::remove_dir_all(std::path::Path::new(&out).join("tauri-codegen-assets"));
    }
}
