//! Versions: what a prompt said once, hashed, and never changed.
//!
//! The same words asked of another connection are the same words: who is asked is kept beside the content and makes no
//! version of its own.

use crate::connections::{models, provider};
use crate::drafts::DraftContent;
use crate::prompts::connection_name;
use crate::runs::best_accuracy;
use crate::{Changed, Engine, Error, Inner, Result, clock};
use serde::Serialize;
use specta::Type;
use touchstone_domain::prompt::{PromptContent, Provider, sha256_hex};
use touchstone_domain::stats::Accuracy;
use touchstone_domain::{ConnectionId, PromptId, VersionId};
use touchstone_store::{ConnectionRow, DraftRow, DraftThen, LabelRow, PromptRow, RunRow, VersionContent, VersionRow};

/// Shortest start of a commit hash that is taken for one.
const HASH_START_MIN: usize = 6;

#[derive(Clone, Debug, Serialize, Type)]
pub struct VersionSummary {
    pub id: VersionId,
    pub number: u32,
    pub commit_hash: String,
    pub message: String,
    pub author: String,
    pub created_at: String,
    pub provider: Provider,
    pub model: String,
    pub connection_id: Option<ConnectionId>,
    /// `None` once the connection is removed.
    pub connection_name: Option<String>,
    pub labels: Vec<String>,
    pub run_count: u32,
    /// Of the runs that asked its own model.
    pub best_accuracy: Option<Accuracy>,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct VersionDetail {
    pub summary: VersionSummary,
    pub content: DraftContent,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct SavedVersion {
    pub version: VersionSummary,
    /// The content equals the latest version's, which `version` is: nothing was saved.
    pub unchanged: bool,
}

/// Some of the versions that a search found.
#[derive(Clone, Debug, Serialize, Type)]
pub struct VersionPage {
    pub total: u32,
    pub rows: Vec<VersionSummary>,
}

impl Engine {
    /// Saves the draft as a version. Content that equals the latest version's makes none. Without a message it gets the
    /// usual "Version 4".
    pub async fn save_version(&self, id: PromptId, message: Option<String>) -> Result<SavedVersion> {
        self.new_version(id, move |inner, prompt| save(inner, prompt, message.as_deref())).await
    }

    /// Saves what a program says as a version. A draft that says something unsaved of its own stays as it is, with the
    /// version that it was started from; any other follows.
    pub async fn add_version(
        &self,
        id: PromptId,
        content: DraftContent,
        message: Option<String>,
    ) -> Result<SavedVersion> {
        self.new_version(id, move |inner, prompt| add(inner, prompt, content, message.as_deref())).await
    }

    async fn new_version(
        &self,
        id: PromptId,
        save: impl FnOnce(&Inner, &PromptRow) -> Result<(VersionRow, bool)> + Send + 'static,
    ) -> Result<SavedVersion> {
        let (saved, prompt_id) = self
            .blocking(move |inner| {
                let prompt = inner.store.prompt(id.as_str())?;
                let (version, unchanged) = save(inner, &prompt)?;
                let version = version_summary(inner, &version)?;
                Ok((SavedVersion { version, unchanged }, prompt.id))
            })
            .await?;
        self.changed(Changed::Prompt { prompt_id });
        if !saved.unchanged {
            self.changed(Changed::Prompts);
        }
        Ok(saved)
    }

    /// How many versions of a prompt a search finds, all for an empty one, and those at `offset..offset + limit` of them,
    /// newest first. Found is what holds `search` in its message or its content, in any case of letters.
    pub async fn version_page(&self, id: PromptId, search: String, offset: u32, limit: u32) -> Result<VersionPage> {
        self.blocking(move |inner| {
            let prompt = inner.store.prompt(id.as_str())?;
            let numbers = inner.store.version_numbers(prompt.key, &search)?;
            let total = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            let Some(first) = numbers.get(offset as usize) else {
                return Ok(VersionPage { total, rows: Vec::new() });
            };
            let connections = inner.store.connections()?;
            let runs = if prompt.runs == 0 { Vec::new() } else { inner.store.runs(Some(prompt.key))? };
            let labels = inner.store.labels(prompt.key)?;
            let versions = inner.store.version_page(prompt.key, &search, first.saturating_add(1), limit)?;
            let rows = versions.iter().map(|version| summary_among(version, &connections, &runs, &labels));
            Ok(VersionPage { total, rows: rows.collect::<Result<_>>()? })
        })
        .await
    }

    /// The version of a prompt that `wanted` names: a number with or without `v`, an id, a label, or the start of a
    /// commit hash.
    pub async fn find_version(&self, prompt: PromptId, wanted: String) -> Result<VersionSummary> {
        self.blocking(move |inner| {
            let prompt = inner.store.prompt(prompt.as_str())?;
            let number = wanted.strip_prefix('v').unwrap_or(&wanted).parse().ok();
            let mut found = match number {
                Some(number) => inner.store.version_by_number(prompt.key, number)?,
                None => None,
            };
            if found.is_none() {
                let label = inner.store.labels(prompt.key)?.into_iter().find(|label| label.name == wanted);
                let id = label.map_or_else(|| VersionId(wanted.clone()), |label| label.version_id);
                found = inner.store.version(&id).ok().filter(|version| version.prompt_key == prompt.key);
            }
            if found.is_none() && wanted.len() >= HASH_START_MIN {
                found = inner.store.version_by_hash(prompt.key, &wanted)?;
            }
            version_summary(inner, &found.ok_or_else(|| Error::not_found("version", wanted))?)
        })
        .await
    }

    pub async fn version(&self, id: VersionId) -> Result<VersionDetail> {
        self.blocking(move |inner| {
            let version = inner.store.version(&id)?;
            Ok(VersionDetail {
                summary: version_summary(inner, &version)?,
                content: DraftContent::from_content(parsed(&version.content)?, usable_connection(inner, &version)?),
            })
        })
        .await
    }
}

/// Saves the draft as a version; `true` when it equals the latest one, which is given back then.
pub(crate) fn save(inner: &Inner, prompt: &PromptRow, message: Option<&str>) -> Result<(VersionRow, bool)> {
    let draft = inner.store.draft(prompt.key)?;
    if let Some(latest) = inner.store.latest_version(prompt.key)?
        && same_content(&latest.content, &draft.content)
    {
        // A restored older draft that was edited into the latest version starts from that one now.
        inner.store.save_draft(prompt.key, &DraftRow { based_on: Some(latest.number), ..draft })?;
        return Ok((latest, true));
    }
    let content = parsed(&draft.content)?.canonical_json();
    let made = made_of(&content, said(message), draft.connection_id.as_ref());
    Ok((made.with(|version| inner.store.insert_version(prompt.key, version, DraftThen::Follows))?, false))
}

/// See [`Engine::add_version`]; `true` when the latest version says the same, which is given back then.
fn add(inner: &Inner, prompt: &PromptRow, content: DraftContent, message: Option<&str>) -> Result<(VersionRow, bool)> {
    let connection_id = content.connection_id.clone();
    let mut content = content.into_content();
    if let Some(id) = &connection_id {
        content.provider = provider(&inner.store.connection(id.as_str())?);
    }
    let content = content.canonical_json();
    if let Some(latest) = inner.store.latest_version(prompt.key)?
        && same_content(&latest.content, &content)
    {
        let draft = inner.store.draft(prompt.key)?;
        if unchanged_base(inner, prompt, &draft)?.is_some() {
            let (content, based_on) = (latest.content.clone(), Some(latest.number));
            inner.store.save_draft(prompt.key, &DraftRow { content, connection_id, based_on, ..draft })?;
        }
        return Ok((latest, true));
    }
    let made = made_of(&content, said(message), connection_id.as_ref());
    let keep =
        |version: &VersionContent<'_>| inner.store.insert_version(prompt.key, version, DraftThen::FollowsUnlessChanged);
    Ok((made.with(keep)?, false))
}

fn said(message: Option<&str>) -> Option<&str> {
    message.map(str::trim).filter(|message| !message.is_empty())
}

/// A version of this computer's user, made now.
pub(crate) struct Made<'a> {
    content: &'a str,
    commit_hash: String,
    commit_message: Option<&'a str>,
    connection_id: Option<&'a ConnectionId>,
    author: String,
    tail: String,
    now: String,
}

/// What the store needs of a version with this canonical content.
pub(crate) fn made_of<'a>(
    content: &'a str,
    commit_message: Option<&'a str>,
    connection_id: Option<&'a ConnectionId>,
) -> Made<'a> {
    Made {
        content,
        commit_hash: sha256_hex(content.as_bytes()),
        commit_message,
        connection_id,
        author: clock::author(),
        tail: clock::tail(),
        now: clock::now(),
    }
}

impl Made<'_> {
    pub(crate) fn with<T>(&self, keep: impl FnOnce(&VersionContent<'_>) -> T) -> T {
        keep(&VersionContent {
            content: self.content,
            commit_hash: &self.commit_hash,
            commit_message: self.commit_message,
            connection_id: self.connection_id,
            author: &self.author,
            tail: &self.tail,
            now: &self.now,
        })
    }
}

/// Whether two stored contents say the same. Those from before a field was added lack it.
pub(crate) fn same_content(a: &str, b: &str) -> bool {
    a == b || matches!((parsed(a), parsed(b)), (Ok(a), Ok(b)) if a == b)
}

/// Stored content; it was written by us, so failing means a damaged file.
pub(crate) fn parsed(content: &str) -> Result<PromptContent> {
    serde_json::from_str(content)
        .map_err(|error| Error::Internal(anyhow::Error::new(error).context("reading a prompt's content")))
}

/// The version that the draft was started from, if the draft has not changed since.
pub(crate) fn unchanged_base(inner: &Inner, prompt: &PromptRow, draft: &DraftRow) -> Result<Option<VersionRow>> {
    let Some(number) = draft.based_on else { return Ok(None) };
    let version = inner.store.version_by_number(prompt.key, number)?;
    Ok(version.filter(|version| same_content(&version.content, &draft.content)))
}

/// Whom a version can ask: the connection that it was saved with, or, once that is gone, one that offers its model.
pub(crate) fn usable_connection(inner: &Inner, version: &VersionRow) -> Result<Option<ConnectionId>> {
    let content = parsed(&version.content)?;
    let connections = inner.store.connections()?;
    let saved = connections.iter().find(|row| version.connection_id.as_ref() == Some(&row.id));
    let offering =
        || connections.iter().find(|row| provider(row) == content.provider && models(row).contains(&content.model));
    Ok(saved.or_else(offering).map(|row| row.id.clone()))
}

pub(crate) fn version_summary(inner: &Inner, version: &VersionRow) -> Result<VersionSummary> {
    let runs = if version.runs == 0 { Vec::new() } else { inner.store.runs(Some(version.prompt_key))? };
    summary_among(version, &inner.store.connections()?, &runs, &inner.store.labels(version.prompt_key)?)
}

/// `runs` and `labels` are those of the version's prompt.
fn summary_among(
    version: &VersionRow,
    connections: &[ConnectionRow],
    runs: &[RunRow],
    labels: &[LabelRow],
) -> Result<VersionSummary> {
    let content = parsed(&version.content)?;
    Ok(VersionSummary {
        id: version.id.clone(),
        number: version.number,
        commit_hash: version.commit_hash.clone(),
        message: version.commit_message.clone(),
        author: version.author.clone(),
        created_at: version.created_at.clone(),
        provider: content.provider,
        model: content.model,
        connection_id: version.connection_id.clone(),
        connection_name: connection_name(connections, version.connection_id.as_ref()),
        labels: labels
            .iter()
            .filter(|label| label.version_key == version.key)
            .map(|label| label.name.clone())
            .collect(),
        run_count: version.runs,
        best_accuracy: best_accuracy(
            runs.iter().filter(|run| run.version_id == version.id && run.other_model.is_none()),
        ),
    })
}
