//! What `src-tauri/SECURITY.md` claims: that the tests it names are there, and that the page may do no more than it says.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Asked of cargo when it runs: clones share what they build.
fn root() -> PathBuf {
    Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").expect("run by cargo")).join("../../..")
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files below a folder that are written here.
fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !matches!(name, "node_modules" | "target" | "dist" | ".git") {
                sources(&path, found);
            }
        } else if [".rs", ".ts", ".tsx", ".mjs", ".py"].iter().any(|ending| name.ends_with(ending)) {
            found.extend(fs::read_to_string(&path));
        }
    }
}

#[test]
fn every_claim_names_tests_that_are_there() {
    let page = text("src-tauri/SECURITY.md");
    let mut files = Vec::new();
    for folder in ["src-tauri", "tests", "ui/src", "ui/tests"] {
        sources(&root().join(folder), &mut files);
    }
    let claims: Vec<_> = page.lines().filter(|line| line.starts_with("| ") && !line.contains("---")).collect();
    let claims: Vec<_> = claims.iter().filter(|line| !line.starts_with("| claim ")).collect();
    assert!(claims.len() > 20, "the claims are the rows of tables: {}", claims.len());
    for claim in claims {
        let tests = claim.trim_end().trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        // A function's name, or in „quotes“ the title of a test of the page or the window.
        let functions: Vec<_> = tests.split('`').skip(1).step_by(2).collect();
        let titles: Vec<_> = tests.split('“').skip(1).filter_map(|title| title.split('”').next()).collect();
        assert!(!functions.is_empty() || !titles.is_empty(), "no test holds this: {claim}");
        for name in functions {
            assert!(files.iter().any(|file| file.contains(&format!("fn {name}("))), "there is no test {name}: {claim}");
        }
        for title in titles {
            let quoted = format!("\"{title}\"");
            assert!(files.iter().any(|file| file.contains(&quoted)), "there is no test {quoted}: {claim}");
        }
    }
}

#[test]
fn the_page_may_load_its_own_parts_and_nothing_else() {
    let config: Value = serde_json::from_str(&text("tauri.conf.json")).expect("JSON");
    let security = &config["app"]["security"];
    let policy = security["csp"].as_str().expect("a text");
    let own =
        ["'self'", "data:", "blob:", "media:", "http://media.localhost", "ipc:", "http://ipc.localhost", "'none'"];
    let mut named = BTreeSet::new();
    for directive in policy.split(';') {
        let mut words = directive.split_whitespace();
        let name = words.next().expect("a directive has a name");
        named.insert(name);
        for source in words {
            // Styles that components set on elements; a style runs nothing, and can load nothing from elsewhere.
            let is_style = name == "style-src" && source == "'unsafe-inline'";
            assert!(own.contains(&source) || is_style, "{name} lets {source} in");
        }
        if name == "script-src" {
            assert_eq!(directive.trim(), "script-src 'self'", "no script but those of the program");
        }
    }
    assert!(policy.starts_with("default-src 'none'"), "what is not named is refused");
    for needed in ["script-src", "connect-src", "img-src", "base-uri", "form-action", "object-src"] {
        assert!(named.contains(needed), "{needed} does not follow from what is named");
    }
    let modified = &security["dangerousDisableAssetCspModification"];
    assert_eq!(modified, &json!(["style-src"]), "Tauri adds the hashes of its own scripts, and of nothing else");
    assert!(security["assetProtocol"].is_null(), "no scheme of Tauri's reads files for the page");
}

#[test]
fn the_page_may_ask_tauri_for_its_zoom_only() {
    let config: Value = serde_json::from_str(&text("tauri.conf.json")).expect("JSON");
    let capabilities = config["app"]["security"]["capabilities"].as_array().expect("a list").clone();
    let mut given = BTreeSet::new();
    for capability in &capabilities {
        assert!(capability["remote"].is_null(), "no page from elsewhere has any: {capability}");
        for permission in capability["permissions"].as_array().expect("a list") {
            given.insert(permission.as_str().unwrap_or_else(|| panic!("with a scope: {permission}")).to_owned());
        }
    }
    assert_eq!(given, ["core:webview:allow-set-webview-zoom".to_owned()].into(), "SECURITY.md says what is given");
    assert!(!root().join("src-tauri/capabilities").exists() && !root().join("capabilities").exists());
}
