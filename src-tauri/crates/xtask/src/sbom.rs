//! `cargo sbom FOLDER`: software bills of materials (CycloneDX 1.6) of the programs and of the page in them, from the lock
//! files alone. The same lock files give the same bytes.

use crate::Workshop;
use crate::inventory::{self, Package};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use spdx::{Expression, ParseMode};
use std::path::Path;

/// Writes `touchstone-crates.cdx.json` and `touchstone-npm.cdx.json`.
pub(crate) fn write(workshop: &Workshop, folder: &Path) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    for (name, packages) in [("crates", inventory::crates(workshop)?), ("npm", inventory::npm(workshop)?)] {
        let path = folder.join(format!("touchstone-{name}.cdx.json"));
        let text = serde_json::to_string_pretty(&bill(&packages, version))?;
        std::fs::write(&path, text + "\n").with_context(|| format!("writing {}", path.display()))?;
        println!("{}: {} packages", path.display(), packages.len());
    }
    Ok(())
}

fn bill(packages: &[Package], version: &str) -> Value {
    let whole = "touchstone";
    let needed: std::collections::BTreeSet<&String> = packages.iter().flat_map(|package| &package.depends_on).collect();
    let top: Vec<String> = packages.iter().map(Package::url).filter(|url| !needed.contains(url)).collect();
    let mut graph = vec![json!({ "ref": whole, "dependsOn": top })];
    graph.extend(packages.iter().map(|package| json!({ "ref": package.url(), "dependsOn": package.depends_on })));
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": { "type": "application", "bom-ref": whole, "name": "Touchstone", "version": version },
        },
        "components": packages.iter().map(component).collect::<Vec<_>>(),
        "dependencies": graph,
    })
}

fn component(package: &Package) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": package.url(),
        "name": package.name,
        "version": package.version,
        "purl": package.url(),
    });
    // Older crates write MIT/Apache-2.0 for what SPDX spells with OR.
    let licence = package.licence.replace('/', " OR ");
    if Expression::parse_mode(&licence, ParseMode::STRICT).is_ok() {
        component["licenses"] = json!([{ "expression": licence }]);
    }
    if let Some((algorithm, digits)) = &package.hash {
        component["hashes"] = json!([{ "alg": algorithm, "content": digits }]);
    }
    component
}
