//! `cargo licences`: whose work the programs contain, with the licences, as the data of the page Licences.

use crate::Workshop;
use crate::inventory::{self, Kind, Package};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use spdx::{Expression, LicenseItem, ParseMode};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

/// How the names of files begin that say under which terms something is given.
const FILES: &[&str] = &["COPYING", "COPYRIGHT", "LICENCE", "LICENSE", "NOTICE", "UNLICENSE"];

/// Writes the page's data.
pub(crate) fn write(workshop: &Workshop) -> Result<()> {
    let path = path(workshop);
    std::fs::write(&path, page(workshop)?).with_context(|| format!("writing {}", path.display()))
}

/// Says when the page's data is not that of the lock files.
pub(crate) fn check(workshop: &Workshop) -> Result<()> {
    let path = path(workshop);
    let written = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    if written != page(workshop)? {
        bail!("{} is not of today's dependencies: run `cargo licences`", path.display());
    }
    Ok(())
}

fn path(workshop: &Workshop) -> PathBuf {
    workshop.ui().join("src/features/settings/licences.json")
}

/// `{ packages: [{ kind, name, version, licence, texts }], texts: [text] }`, where a package names its texts by their
/// places. One package, and one text, is a line, so that a change of dependencies is a change of lines.
fn page(workshop: &Workshop) -> Result<String> {
    let mut packages = inventory::crates(workshop)?;
    packages.extend(inventory::npm(workshop)?);
    packages.retain(|package| !package.own);
    packages.sort_by(|a, b| (&a.name, &a.version, a.kind).cmp(&(&b.name, &b.version, b.kind)));

    let mut texts = Texts::default();
    let mut lines = Vec::new();
    for package in &packages {
        let places: Vec<usize> = texts_of(package)?.into_iter().map(|text| texts.place(text)).collect();
        let kind = if package.kind == Kind::Crate { "crate" } else { "npm" };
        let line = json!({
            "kind": kind, "name": package.name, "version": package.version, "licence": package.licence, "texts": places,
        });
        lines.push(line.to_string());
    }
    let texts: Vec<String> = texts.all.into_iter().map(|text| Value::from(text).to_string()).collect();
    let mut page = String::new();
    write!(page, "{{\"packages\":[\n{}\n],\"texts\":[\n{}\n]}}\n", lines.join(",\n"), texts.join(",\n"))?;
    Ok(page)
}

/// Each text once, whatever its line breaks.
#[derive(Default)]
struct Texts {
    all: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl Texts {
    fn place(&mut self, text: String) -> usize {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        *self.places.entry(words).or_insert_with(|| {
            self.all.push(text);
            self.all.len() - 1
        })
    }
}

/// What comes with the package, or else the words of the licences that it names, with its authors. Of one that may be used under
/// the MIT licence alone, and has that in a file of its own, the other licences are left out.
fn texts_of(package: &Package) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    let folder = &package.folder;
    for entry in std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        let code = path.extension().is_some_and(|extension| extension == "rs" || extension == "js");
        if path.is_file() && !code && FILES.iter().any(|begin| name.starts_with(begin)) {
            paths.push(path);
        }
    }
    paths.sort();
    let named = |path: &PathBuf, words: &[&str]| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        words.iter().any(|word| name.contains(word))
    };
    if paths.iter().any(|path| named(path, &["MIT"])) && is_mit(package)? {
        paths.retain(|path| named(path, &["MIT", "NOTICE", "COPYRIGHT"]));
    }
    let mut texts = Vec::new();
    for path in paths {
        let bytes = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
        texts.push(text.trim_end().trim_start_matches(['\u{feff}', '\n']).to_owned());
    }
    texts.retain(|text| !text.is_empty());
    if texts.is_empty() {
        texts = canonical(package)?;
    }
    Ok(texts)
}

/// Whether it may be used under the MIT licence alone.
fn is_mit(package: &Package) -> Result<bool> {
    Ok(expression(package)?.evaluate(|need| need.license.id().is_some_and(|id| id.name == "MIT")))
}

fn expression(package: &Package) -> Result<Expression> {
    Expression::parse_mode(&package.licence, ParseMode::LAX)
        .with_context(|| format!("reading the licence of {} {}: {:?}", package.name, package.version, package.licence))
}

fn canonical(package: &Package) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for requirement in expression(package)?.requirements() {
        let LicenseItem::Spdx { id, .. } = requirement.req.license else {
            bail!("{} {} has neither a text nor a known licence: {:?}", package.name, package.version, package.licence)
        };
        let by =
            if package.authors.is_empty() { String::new() } else { format!("By {}\n\n", package.authors.join(", ")) };
        texts.push(format!("{by}{}", id.text().trim_end()));
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_once_whatever_its_line_breaks() {
        let mut texts = Texts::default();
        assert_eq!([texts.place("a\nb".into()), texts.place("c".into()), texts.place("a  b\n".into())], [0, 1, 0]);
        assert_eq!(texts.all, ["a\nb", "c"]);
    }
}
