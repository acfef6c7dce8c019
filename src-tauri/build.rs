fn main() {
    tauri_build::build();
    // The built UI is taken into the program; nothing else tells cargo that it changed.
    println!("cargo::rerun-if-changed=ui/dist");
}
