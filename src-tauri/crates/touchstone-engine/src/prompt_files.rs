//! Prompts as files: written for other programs and people, and read from theirs.
//!
//! Our own format (`own.rs`) keeps everything, exactly, both ways: content byte for byte, hashes, authors, times, labels,
//! the draft. Those of other programs (`foreign.rs` and its neighbours) keep what they can say.

mod foreign;
mod langfuse;
mod mustache;
mod own;
mod phoenix;
mod promptfoo;
mod yaml;

use crate::files::write_file;
use crate::sample::with_free_name;
use crate::spaces;
use crate::{Changed, Engine, Error, Inner, Result, clock};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::io::Write;
use std::path::{Path, PathBuf};
use touchstone_domain::json::{Json, Object};
use touchstone_domain::prompt::{PromptContent, sha256_hex};
use touchstone_domain::text::file_problem;
use touchstone_domain::{PromptId, SpaceId};
use touchstone_store::{DraftRow, LabelMoveRow, LabelRow, NewPrompt, PromptRow, VersionContent, VersionRow};

/// A file of prompts is text that people write; one that is larger is none.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// How often a config in YAML may say what it said before.
const CONFIG_ALIASES_MAX: usize = 10_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PromptFormat {
    /// Everything, to be read here again.
    Touchstone,
    /// As the Arize prompts API has prompts and their versions.
    Arize,
    /// The newest version of each, as Phoenix's REST API has one.
    Phoenix,
    /// Every version of each, as Langfuse's API has them.
    Langfuse,
    /// Every version of each, as a config of promptfoo.
    Promptfoo,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct ExportedPrompts {
    /// How many have something in the file.
    pub prompts: u32,
    pub path: String,
    /// What the format cannot say and was left out, each in words.
    pub refused: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct ImportedPrompt {
    pub id: PromptId,
    /// That of the file, or the next that was free.
    pub name: String,
    pub version_count: u32,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct ImportedPrompts {
    /// Where they are now.
    pub space_id: SpaceId,
    pub space_name: String,
    pub prompts: Vec<ImportedPrompt>,
    /// What could not be read, each in words.
    pub refused: Vec<String>,
}

impl Engine {
    /// Writes prompts to a file; all outside the bin where `ids` is empty. One that is there is replaced once the new one
    /// is complete. What the format cannot say does not keep the others from it; only a file of nothing is an error.
    pub async fn export_prompts(
        &self,
        ids: Vec<PromptId>,
        format: PromptFormat,
        path: PathBuf,
    ) -> Result<ExportedPrompts> {
        self.blocking(move |inner| {
            let mut prompts: Vec<_> = match ids.is_empty() {
                true => inner.store.prompts()?,
                false => ids.iter().map(|id| Ok(inner.store.prompt(id.as_str())?)).collect::<Result<_>>()?,
            };
            // What is read last is the newest of a list, so it has to be written last.
            prompts.sort_by(|a, b| (&a.updated_at, a.key).cmp(&(&b.updated_at, b.key)));
            let mut all = prompts.into_iter().map(|prompt| History::of(inner, prompt)).collect::<Result<Vec<_>>>()?;
            if format == PromptFormat::Promptfoo {
                // It has versions alone, so a prompt without one is not there, and is not counted.
                all.retain(|history| !history.versions.is_empty());
            }
            let mut refused = Vec::new();
            let mut listed = |written: Written| -> Result<(String, usize)> {
                let mut prompts = Vec::new();
                for history in &all {
                    prompts.extend(written(history, &mut refused)?);
                }
                if prompts.is_empty() && !refused.is_empty() {
                    return Err(Error::invalid(refused.join("; ")));
                }
                let count = prompts.len();
                Ok((json_text(&alone_or_listed(prompts))?, count))
            };
            let (file, count) = match format {
                PromptFormat::Touchstone => (json_text(&own::file(inner, &all)?)?, all.len()),
                PromptFormat::Arize => listed(foreign::arize)?,
                PromptFormat::Phoenix => listed(phoenix::written)?,
                PromptFormat::Langfuse => listed(langfuse::written)?,
                PromptFormat::Promptfoo => promptfoo::file(&all, &mut refused)?,
            };
            write_file(&path, |out| Ok(out.write_all(file.as_bytes())?))?;
            let path = path.display().to_string();
            Ok(ExportedPrompts { prompts: u32::try_from(count).unwrap_or(u32::MAX), path, refused })
        })
        .await
    }

    /// Reads the prompts of files, whose format is told by what they hold. Each prompt is taken whole or not at all, under
    /// the next free name where its own is taken. They come into `space`; into the default one where it is `None`.
    pub async fn import_prompts(&self, paths: Vec<PathBuf>, space: Option<SpaceId>) -> Result<ImportedPrompts> {
        let imported = self
            .blocking(move |inner| {
                let space = inner.store.space(spaces::chosen(inner, space.as_ref())?.as_str())?;
                let mut imported = ImportedPrompts {
                    space_id: space.id,
                    space_name: space.name,
                    prompts: Vec::new(),
                    refused: Vec::new(),
                };
                for path in &paths {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    match read(path) {
                        Ok(found) => {
                            for found in found {
                                match found {
                                    Ok(found) => imported.prompts.push(take(inner, &imported.space_id, &found)?),
                                    Err(why) => imported.refused.push(format!("“{name}”: {why}")),
                                }
                            }
                        }
                        Err(why) => imported.refused.push(format!("“{name}”: {why}")),
                    }
                }
                Ok(imported)
            })
            .await?;
        if !imported.prompts.is_empty() {
            self.changed(Changed::Prompts);
        }
        Ok(imported)
    }
}

/// Writes a prompt for another program, and says what of it was refused; `None` where nothing is left.
type Written = fn(&History, &mut Vec<String>) -> Result<Option<Json>>;

/// A prompt as it is written to a file.
struct History {
    prompt: PromptRow,
    /// Newest first.
    versions: Vec<VersionRow>,
    labels: Vec<LabelRow>,
}

impl History {
    fn of(inner: &Inner, prompt: PromptRow) -> Result<Self> {
        let versions = inner.store.version_page(prompt.key, "", u32::MAX, u32::MAX)?;
        let labels = inner.store.labels(prompt.key)?;
        Ok(Self { prompt, versions, labels })
    }

    fn labels_of(&self, version: &VersionRow) -> Vec<String> {
        let here = self.labels.iter().filter(|label| label.version_key == version.key);
        here.map(|label| label.name.clone()).collect()
    }
}

fn json_text(json: &Json) -> Result<String> {
    let text = serde_json::to_string_pretty(json);
    text.map(|text| text + "\n").map_err(|error| Error::Internal(anyhow::Error::new(error).context("writing JSON")))
}

/// One thing stands alone, as other programs give it out.
fn alone_or_listed(written: Vec<Json>) -> Json {
    match <[Json; 1]>::try_from(written) {
        Ok([only]) => only,
        Err(several) => Json::Array(several),
    }
}

fn object<const N: usize>(entries: [(&str, Json); N]) -> Object {
    Object(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn text(value: &str) -> Json {
    Json::String(value.to_owned())
}

/// A prompt that a file holds.
struct Found {
    name: String,
    description: String,
    folder: String,
    /// Oldest first.
    versions: Vec<FoundVersion>,
    /// Of its labels, oldest first; empty where the file does not tell.
    moves: Vec<LabelMoveRow>,
    draft: Option<(PromptContent, Option<u32>)>,
}

struct FoundVersion {
    /// Canonical JSON, byte for byte where our own format has it.
    content: String,
    commit_message: Option<String>,
    author: Option<String>,
    created_at: Option<String>,
    labels: Vec<String>,
}

impl FoundVersion {
    fn of(content: &PromptContent, commit_message: Option<String>, labels: Vec<String>) -> Self {
        Self { content: content.canonical_json(), commit_message, author: None, created_at: None, labels }
    }
}

type Read<T> = std::result::Result<T, String>;

fn read(path: &Path) -> Read<Vec<Read<Found>>> {
    let length =
        std::fs::metadata(path).map_err(|error| format!("it could not be read: {}", file_problem(&error)))?.len();
    if length > FILE_BYTES_MAX {
        return Err(format!("it is larger than {} MB", FILE_BYTES_MAX >> 20));
    }
    let bytes = std::fs::read(path).map_err(|error| format!("it could not be read: {}", file_problem(&error)))?;
    // The mark that editors of Windows put before UTF-8.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    let called_yaml = ending == "yaml" || ending == "yml";
    let (json, is_yaml) = match serde_json::from_slice::<Json>(bytes) {
        Ok(json) => (json, called_yaml),
        Err(error) => match std::str::from_utf8(bytes) {
            Ok(text) if called_yaml || text.lines().any(|line| line.starts_with("prompts:")) => {
                (yaml::read(text, CONFIG_ALIASES_MAX)?, true)
            }
            _ => return Err(format!("it is not JSON: {error}")),
        },
    };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    match own::read(&json) {
        Some(prompts) => prompts,
        None if is_yaml || promptfoo::is_config(&json) => promptfoo::read(&json, path),
        None => foreign::read(&json, &stem),
    }
}

/// Versions of one name, which some programs give out one by one, as one prompt.
fn joined(found: Vec<Read<(Found, Option<u32>)>>) -> Vec<Read<Found>> {
    let mut prompts: Vec<Read<Found>> = Vec::new();
    let mut numbered: Vec<(Found, u32)> = Vec::new();
    for one in found {
        match one {
            Ok((found, Some(number))) => numbered.push((found, number)),
            Ok((found, None)) => prompts.push(Ok(found)),
            Err(why) => prompts.push(Err(why)),
        }
    }
    numbered.sort_by_key(|(_, number)| *number);
    for (found, _) in numbered {
        let known = prompts.iter_mut().flatten().find(|known| known.name == found.name);
        match known {
            Some(known) => known.versions.extend(found.versions),
            None => prompts.push(Ok(found)),
        }
    }
    prompts
}

fn texts(list: Option<&Json>) -> Vec<String> {
    let items = list.and_then(Json::as_array).unwrap_or_default().iter();
    items.filter_map(Json::as_str).filter(|item| !item.trim().is_empty()).map(str::to_owned).collect()
}

/// Keeps a prompt, under the next free name where its own is taken.
fn take(inner: &Inner, space: &SpaceId, found: &Found) -> Result<ImportedPrompt> {
    let now = clock::now();
    let author = clock::author();
    let hashes: Vec<_> = found.versions.iter().map(|version| sha256_hex(version.content.as_bytes())).collect();
    let tails: Vec<_> = found.versions.iter().map(|_| clock::tail()).collect();
    let versions: Vec<_> = found
        .versions
        .iter()
        .enumerate()
        .map(|(place, version)| VersionContent {
            content: &version.content,
            commit_hash: &hashes[place],
            commit_message: version.commit_message.as_deref(),
            connection_id: None,
            author: version.author.as_deref().unwrap_or(&author),
            tail: &tails[place],
            now: version.created_at.as_deref().unwrap_or(&now),
        })
        .collect();
    let mut labels: Vec<(String, usize)> = Vec::new();
    for (place, version) in found.versions.iter().enumerate() {
        labels.extend(version.labels.iter().map(|name| (name.clone(), place)));
    }
    let (content, based_on) = match &found.draft {
        Some((content, based_on)) => (content.canonical_json(), *based_on),
        None => (found.versions.last().map(|version| version.content.clone()).unwrap_or_default(), None),
    };
    let draft = DraftRow { content, connection_id: None, based_on, updated_at: now.clone() };
    with_free_name(&found.name, |name| {
        let prompt = NewPrompt {
            space,
            project: None,
            name,
            description: &found.description,
            folder: &found.folder,
            is_sample: false,
            draft: &draft,
            tail: &clock::tail(),
        };
        let id = inner.store.insert_prompt_with_history(&prompt, &versions, &labels, &found.moves)?;
        let version_count = u32::try_from(versions.len()).unwrap_or(u32::MAX);
        Ok(ImportedPrompt { id, name: name.to_owned(), version_count })
    })
}
