//! The prompts of this workspace, for the server.

use crate::versions::{made_of, parsed};
use crate::{Changed, Engine, Error, Inner, Result, clock};
use async_trait::async_trait;
use serde_json::{Value, json};
use touchstone_arize::{
    NewPrompt, NewVersion, Page, PromptFilter, PromptRecord, Prompts, Refusal, SpaceRecord, VersionRecord, Which,
};
use touchstone_domain::id::wire_id;
use touchstone_domain::{PromptId, SpaceId, VersionId};
use touchstone_store::{
    DraftRow, DraftThen, LabelRow, NewPrompt as NewRow, PromptPlace, PromptRow, SpaceRow, StoreError, VersionRow,
};

/// The setting that holds the id of whoever creates things here.
const USER: &str = "user_id";

/// An engine as the server sees it. What it writes is reported like any other write, so the window follows.
pub(super) struct Keeper {
    engine: Engine,
}

impl Keeper {
    pub(super) fn of(engine: &Engine) -> Self {
        Self { engine: engine.clone() }
    }

    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Refusal> {
        self.engine.blocking(work).await.map_err(refusal)
    }

    async fn found_version(&self, id: VersionId) -> std::result::Result<VersionRecord, Refusal> {
        self.ask(move |inner| version_record(inner, &inner.store.version(&id)?)).await
    }

    fn wrote(&self, prompt_id: PromptId) {
        self.engine.changed(Changed::Prompt { prompt_id });
        self.engine.changed(Changed::Prompts);
    }
}

#[async_trait]
impl Prompts for Keeper {
    async fn user_id(&self) -> std::result::Result<String, Refusal> {
        self.ask(|inner| match inner.store.setting(USER)? {
            Some(id) => Ok(id),
            None => Ok(inner.store.setting_or(USER, &wire_id("User", 1, &clock::tail()))?),
        })
        .await
    }

    async fn spaces(
        &self,
        name: Option<String>,
        after: Option<Value>,
        limit: u32,
    ) -> std::result::Result<Page<SpaceRecord>, Refusal> {
        let after = match after {
            Some(place) => place.as_i64().ok_or(Refusal::BadCursor)?,
            None => 0,
        };
        self.ask(move |inner| {
            let mut rows = inner.store.spaces(name.as_deref(), after, limit + 1)?;
            let next = more(&mut rows, limit).then(|| rows.last().map(|row| Value::from(row.key))).flatten();
            Ok(Page { items: rows.into_iter().map(space_record).collect(), next })
        })
        .await
    }

    async fn has_space(&self, id: SpaceId) -> std::result::Result<bool, Refusal> {
        self.ask(move |inner| has_space(inner, &id)).await
    }

    async fn list(
        &self,
        filter: PromptFilter,
        after: Option<Value>,
        limit: u32,
    ) -> std::result::Result<Page<PromptRecord>, Refusal> {
        let place = match after {
            Some(place) => {
                let part = |name| place.get(name).and_then(Value::as_i64).ok_or(Refusal::BadCursor);
                Some(PromptPlace { as_of: part("as_of")?, after: part("after")? })
            }
            None => None,
        };
        self.ask(move |inner| {
            let filter = touchstone_store::PromptFilter {
                space: filter.space_id,
                space_name: filter.space_name,
                name: filter.name,
            };
            let (rows, next) = inner.store.prompt_page(&filter, place, limit)?;
            let next = next.map(|place| json!({ "as_of": place.as_of, "after": place.after }));
            Ok(Page { items: rows.into_iter().map(prompt_record).collect(), next })
        })
        .await
    }

    async fn create(&self, prompt: NewPrompt) -> std::result::Result<(PromptRecord, VersionRecord), Refusal> {
        let made = self
            .ask(move |inner| {
                if !has_space(inner, &prompt.space_id)? {
                    return Err(Error::not_found("space", prompt.space_id.as_str()));
                }
                let content = prompt.version.content.canonical_json();
                let draft = DraftRow {
                    content: content.clone(),
                    connection_id: None,
                    based_on: None,
                    updated_at: clock::now(),
                };
                let row = NewRow {
                    space: &prompt.space_id,
                    project: None,
                    name: &prompt.name,
                    description: &prompt.description,
                    folder: "",
                    is_sample: false,
                    draft: &draft,
                    tail: &clock::tail(),
                };
                let version = made_of(&content, Some(&prompt.version.commit_message), None);
                let (id, version) = version.with(|version| inner.store.insert_prompt_with_version(&row, version))?;
                Ok((prompt_record(inner.store.prompt(id.as_str())?), version_record(inner, &version)?))
            })
            .await?;
        self.wrote(made.0.id.clone());
        Ok(made)
    }

    async fn get(&self, id: PromptId, which: Which) -> std::result::Result<(PromptRecord, VersionRecord), Refusal> {
        self.ask(move |inner| {
            let prompt = by_id(inner, &id)?;
            let version = match which {
                Which::Latest => inner.store.latest_version(prompt.key)?,
                Which::Version(id) => {
                    Some(inner.store.version(&id)?).filter(|version| version.prompt_key == prompt.key)
                }
                Which::Label(name) => {
                    let labels = inner.store.labels(prompt.key)?;
                    let label = labels.into_iter().find(|label| label.name == name);
                    let label = label.ok_or_else(|| Error::not_found("label", name))?;
                    Some(inner.store.version(&label.version_id)?)
                }
            };
            let version = version.ok_or_else(|| Error::not_found("version", ""))?;
            Ok((prompt_record(prompt), version_record(inner, &version)?))
        })
        .await
    }

    async fn describe(&self, id: PromptId, description: String) -> std::result::Result<PromptRecord, Refusal> {
        let prompt = self
            .ask(move |inner| {
                let prompt = by_id(inner, &id)?;
                inner.store.update_prompt(&prompt.id, None, Some(&description), None, &clock::now())?;
                Ok(prompt_record(by_id(inner, &prompt.id)?))
            })
            .await?;
        self.wrote(prompt.id.clone());
        Ok(prompt)
    }

    async fn delete(&self, id: PromptId) -> std::result::Result<(), Refusal> {
        self.ask({
            let id = id.clone();
            move |inner| by_id(inner, &id).map(drop)
        })
        .await?;
        self.engine.delete_prompt(id).await.map_err(refusal)
    }

    async fn versions(
        &self,
        id: PromptId,
        after: Option<Value>,
        limit: u32,
    ) -> std::result::Result<Page<VersionRecord>, Refusal> {
        let before = match after {
            Some(place) => place.as_u64().and_then(|number| u32::try_from(number).ok()).ok_or(Refusal::BadCursor)?,
            None => u32::MAX,
        };
        self.ask(move |inner| {
            let prompt = by_id(inner, &id)?;
            let mut rows = inner.store.version_page(prompt.key, "", before, limit + 1)?;
            let next = more(&mut rows, limit).then(|| rows.last().map(|row| Value::from(row.number))).flatten();
            let labels = inner.store.labels(prompt.key)?;
            let items = rows.iter().map(|row| record(row, &prompt.id, &labels)).collect::<Result<_>>()?;
            Ok(Page { items, next })
        })
        .await
    }

    async fn create_version(&self, id: PromptId, version: NewVersion) -> std::result::Result<VersionRecord, Refusal> {
        let made = self
            .ask(move |inner| {
                let prompt = by_id(inner, &id)?;
                let content = version.content.canonical_json();
                let made = made_of(&content, Some(&version.commit_message), None);
                let row = made
                    .with(|version| inner.store.insert_version(prompt.key, version, DraftThen::FollowsUnlessChanged))?;
                version_record(inner, &row)
            })
            .await?;
        self.wrote(made.prompt_id.clone());
        Ok(made)
    }

    async fn version(&self, id: VersionId) -> std::result::Result<VersionRecord, Refusal> {
        self.found_version(id).await
    }

    async fn set_labels(&self, id: VersionId, labels: Vec<String>) -> std::result::Result<VersionRecord, Refusal> {
        let version = self
            .ask(move |inner| {
                // What is in the bin is not there for the API.
                let mut version = version_record(inner, &inner.store.version(&id)?)?;
                inner.store.put_labels(&id, &labels, true, &clock::author(), &clock::now())?;
                // As this call left it: another may have moved them since.
                version.labels = labels;
                version.labels.sort();
                Ok(version)
            })
            .await?;
        self.wrote(version.prompt_id.clone());
        Ok(version)
    }

    async fn delete_label(&self, id: VersionId, label: String) -> std::result::Result<(), Refusal> {
        let prompt = self
            .ask(move |inner| {
                let version = version_record(inner, &inner.store.version(&id)?)?;
                inner.store.remove_label(&id, &label, &clock::author(), &clock::now())?;
                Ok(version.prompt_id)
            })
            .await?;
        self.wrote(prompt);
        Ok(())
    }
}

/// Takes away the row that was read to learn whether there are more than `limit`.
fn more<T>(rows: &mut Vec<T>, limit: u32) -> bool {
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    has_more
}

/// The prompt with this id, outside the bin; the API knows no prompt by its name.
fn by_id(inner: &Inner, id: &PromptId) -> Result<PromptRow> {
    let prompt = inner.store.prompt(id.as_str())?;
    if prompt.id == *id { Ok(prompt) } else { Err(Error::not_found("prompt", id.as_str())) }
}

fn has_space(inner: &Inner, id: &SpaceId) -> Result<bool> {
    match inner.store.space(id.as_str()) {
        Ok(space) => Ok(space.id == *id),
        Err(StoreError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn space_record(row: SpaceRow) -> SpaceRecord {
    SpaceRecord { id: row.id, name: row.name, description: row.description, created_at: row.created_at }
}

fn prompt_record(row: PromptRow) -> PromptRecord {
    PromptRecord {
        id: row.id,
        name: row.name,
        description: row.description,
        space_id: row.space_id,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// A version of a prompt outside the bin.
fn version_record(inner: &Inner, row: &VersionRow) -> Result<VersionRecord> {
    let (prompt, _) = inner.store.prompt_by_key(row.prompt_key)?;
    by_id(inner, &prompt)?;
    record(row, &prompt, &inner.store.labels(row.prompt_key)?)
}

fn record(row: &VersionRow, prompt: &PromptId, labels: &[LabelRow]) -> Result<VersionRecord> {
    let own = labels.iter().filter(|label| label.version_key == row.key);
    Ok(VersionRecord {
        id: row.id.clone(),
        prompt_id: prompt.clone(),
        commit_hash: row.commit_hash.clone(),
        commit_message: row.commit_message.clone(),
        content: parsed(&row.content)?,
        created_at: row.created_at.clone(),
        labels: own.map(|label| label.name.clone()).collect(),
    })
}

fn refusal(error: Error) -> Refusal {
    match error {
        Error::Store(StoreError::NotFound { what, .. }) if what != "intact version" => Refusal::NotFound(what),
        Error::Store(StoreError::NameTaken(name)) => Refusal::NameTaken(name),
        Error::Store(StoreError::Locked) => Refusal::Busy,
        Error::RunActive(number) => Refusal::InUse(format!("run {number} of the prompt is at work; stop it first")),
        error => {
            tracing::error!(%error, "answering the local API");
            Refusal::Internal
        }
    }
}
