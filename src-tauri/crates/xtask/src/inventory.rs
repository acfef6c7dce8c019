//! What the programs and the page are made of, by the lock files: crates that are compiled in, on any system that there are
//! installers for, and npm packages that the page may load. What only builds or tests them is left out.

use crate::Workshop;
use crate::command::output;
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Programs of ours, whose dependencies are what is shipped.
const PROGRAMS: &[&str] = &["touchstone-cli", "touchstone-desktop"];

/// The systems that there are installers for.
const TARGETS: &[&str] = &[
    "aarch64-apple-darwin",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "x86_64-unknown-linux-gnu",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Crate,
    Npm,
}

/// One version of a crate or npm package.
#[derive(Debug)]
pub(crate) struct Package {
    pub kind: Kind,
    pub name: String,
    pub version: String,
    /// An SPDX expression, as its authors wrote it.
    pub licence: String,
    pub authors: Vec<String>,
    /// Whether it is of this repository.
    pub own: bool,
    /// Where its sources are on this machine.
    pub folder: PathBuf,
    /// What the registry holds has this hash: its name as CycloneDX spells it, and its digits in hexadecimal.
    pub hash: Option<(&'static str, String)>,
    /// [`Package::url`] of what it depends on.
    pub depends_on: BTreeSet<String>,
}

impl Package {
    /// Its package URL (purl), which names it among all registries.
    pub(crate) fn url(&self) -> String {
        match self.kind {
            Kind::Crate => format!("pkg:cargo/{}@{}", self.name, self.version),
            Kind::Npm => format!("pkg:npm/{}@{}", self.name.replacen('@', "%40", 1), self.version),
        }
    }
}

/// The crates that the programs are made of, ours among them, by name and version.
pub(crate) fn crates(workshop: &Workshop) -> Result<Vec<Package>> {
    let mut command = workshop.cargo(["metadata", "--locked", "--format-version", "1"]);
    let text = output(command.args(TARGETS.iter().flat_map(|target| ["--filter-platform", *target])));
    let metadata: Value = serde_json::from_str(&text.context("asking cargo what the programs depend on")?)?;
    let lock = std::fs::read_to_string(workshop.root.join("Cargo.lock")).context("reading Cargo.lock")?;
    let hashes = hashes_of(&lock);

    let by_id: BTreeMap<&str, &Value> =
        list(&metadata["packages"]).map(|package| (text_of(&package["id"]), package)).collect();
    let needs: BTreeMap<&str, Vec<&str>> =
        list(&metadata["resolve"]["nodes"]).map(|node| (text_of(&node["id"]), compiled_in(node))).collect();

    let ours = by_id.iter().filter(|(_, package)| PROGRAMS.contains(&text_of(&package["name"])));
    let mut open: Vec<&str> = ours.map(|(id, _)| *id).collect();
    let mut found: BTreeSet<&str> = open.iter().copied().collect();
    while let Some(id) = open.pop() {
        open.extend(needs[id].iter().filter(|needed| found.insert(needed)));
    }

    let mut packages: Vec<Package> = found.iter().map(|id| crate_of(by_id[id], &hashes)).collect();
    let urls: BTreeMap<&str, String> = found.iter().zip(&packages).map(|(id, package)| (*id, package.url())).collect();
    for (id, package) in found.iter().zip(&mut packages) {
        package.depends_on = needs[id].iter().map(|needed| urls[needed].clone()).collect();
    }
    packages.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    Ok(packages)
}

/// Ids of the packages that this node of cargo's graph needs for more than its build script and its tests.
fn compiled_in(node: &Value) -> Vec<&str> {
    let normal = |dependency: &&Value| list(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null());
    list(&node["deps"]).filter(normal).map(|dependency| text_of(&dependency["pkg"])).collect()
}

fn crate_of(package: &Value, hashes: &BTreeMap<(&str, &str), &str>) -> Package {
    let (name, version) = (text_of(&package["name"]), text_of(&package["version"]));
    let folder = Path::new(text_of(&package["manifest_path"])).parent().unwrap_or(Path::new(""));
    Package {
        kind: Kind::Crate,
        name: name.into(),
        version: version.into(),
        licence: text_of(&package["license"]).into(),
        authors: list(&package["authors"]).map(|author| text_of(author).to_owned()).collect(),
        own: package["source"].is_null(),
        folder: folder.into(),
        hash: hashes.get(&(name, version)).map(|hash| ("SHA-256", (*hash).to_owned())),
        depends_on: BTreeSet::new(),
    }
}

/// SHA-256 of each crate in `Cargo.lock`, by name and version. Cargo writes one `key = "value"` on a line.
fn hashes_of(lock: &str) -> BTreeMap<(&str, &str), &str> {
    let value = |package: &'_ str, key: &str| -> Option<(usize, usize)> {
        let start = package.find(&format!("\n{key} = \""))? + key.len() + 5;
        Some((start, start + package[start..].find('"')?))
    };
    lock.split("[[package]]")
        .filter_map(|package| {
            let text = |key| value(package, key).map(|(start, end)| &package[start..end]);
            Some(((text("name")?, text("version")?), text("checksum")?))
        })
        .collect()
}

/// The npm packages that the page may load, by name and version.
pub(crate) fn npm(workshop: &Workshop) -> Result<Vec<Package>> {
    let path = workshop.ui().join("package-lock.json");
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let lock: Value = serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
    let all = lock["packages"].as_object().context("package-lock.json lists no packages")?;
    let shipped =
        |place: &str| all.get(place).filter(|package| package["dev"] != true && package["devOptional"] != true);

    let mut packages = Vec::new();
    for (place, package) in all.iter().filter(|(place, _)| !place.is_empty() && shipped(place).is_some()) {
        let mut depends_on = BTreeSet::new();
        for name in names(&package["dependencies"]).chain(names(&package["peerDependencies"])) {
            // Where node looks: beside what asks, then ever further up.
            let places = std::iter::successors(Some(place.as_str()), |place| {
                place.rsplit_once("/node_modules/").map(|(up, _)| up)
            });
            let nested = places.map(|place| format!("{place}/node_modules/{name}"));
            let found = nested.chain([format!("node_modules/{name}")]).find(|place| shipped(place).is_some());
            if let Some(found) = found {
                depends_on.insert(npm_of(workshop, &found, &all[&found])?.url());
            }
        }
        packages.push(Package { depends_on, ..npm_of(workshop, place, package)? });
    }
    packages.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    packages.dedup_by(|a, b| a.url() == b.url());
    Ok(packages)
}

fn npm_of(workshop: &Workshop, place: &str, package: &Value) -> Result<Package> {
    let name = place.rsplit_once("node_modules/").map_or(place, |(_, name)| name);
    let folder = workshop.ui().join(place);
    let manifest = folder.join("package.json");
    let text = std::fs::read_to_string(&manifest).with_context(|| format!("reading {}", manifest.display()))?;
    let manifest: Value = serde_json::from_str(&text).with_context(|| format!("reading {}", manifest.display()))?;
    let author = &manifest["author"];
    Ok(Package {
        kind: Kind::Npm,
        name: name.into(),
        version: text_of(&package["version"]).into(),
        licence: text_of(&package["license"]).into(),
        authors: [author, &author["name"]]
            .into_iter()
            .filter_map(|author| author.as_str().map(str::to_owned))
            .collect(),
        own: false,
        folder,
        hash: text_of(&package["integrity"]).strip_prefix("sha512-").map(|hash| ("SHA-512", hexadecimal(hash))),
        depends_on: BTreeSet::new(),
    })
}

/// Base64, with its padding, as hexadecimal digits. What is no base64 ends the number.
fn hexadecimal(base64: &str) -> String {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let sixes: Vec<u32> =
        base64.chars().map_while(|digit| DIGITS.find(digit)).filter_map(|six| six.try_into().ok()).collect();
    let bytes = sixes.chunks(4).flat_map(|four| {
        let word = (0..4).fold(0, |word, place| word << 6 | four.get(place).copied().unwrap_or(0));
        let [_, bytes @ ..] = word.to_be_bytes();
        bytes.into_iter().take(four.len() * 6 / 8)
    });
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

fn names(object: &Value) -> impl Iterator<Item = &String> {
    object.as_object().into_iter().flat_map(serde_json::Map::keys)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_lock_file() {
        let lock = "[[package]]\nname = \"ours\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"theirs\"\nversion = \"2.0.0\"\n\
                    source = \"registry\"\nchecksum = \"abc\"\ndependencies = [\n \"ours\",\n]\n";
        assert_eq!(hashes_of(lock), BTreeMap::from([(("theirs", "2.0.0"), "abc")]));
    }

    #[test]
    fn an_integrity_is_spelled_in_hexadecimal() {
        assert_eq!(hexadecimal("SGk="), "4869");
        assert_eq!(hexadecimal("+/+/"), "fbffbf");
    }
}
