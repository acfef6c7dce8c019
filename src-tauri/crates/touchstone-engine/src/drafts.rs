//! Drafts: what the editor edits, one for each prompt, written at once and kept over a crash.

use crate::connections::provider;
use crate::prompts::draft_from_nothing;
use crate::versions::{parsed, unchanged_base, usable_connection};
use crate::{Changed, Engine, Error, Inner, Result, clock};
use serde::{Deserialize, Serialize};
use specta::Type;
use touchstone_domain::json::Object;
use touchstone_domain::prompt::{Message, PromptContent, Provider};
use touchstone_domain::template::VariableFormat;
use touchstone_domain::{ConnectionId, PromptId, VersionId};
use touchstone_store::{DraftRow, PromptRow, VersionRow};

/// What the editor edits: a version's content, with the connection in place of the provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct DraftContent {
    pub messages: Vec<Message>,
    pub input_variable_format: VariableFormat,
    pub connection_id: Option<ConnectionId>,
    /// Whose model it is. That of the connection, where there is one.
    pub provider: Provider,
    /// The model id as the provider knows it; empty while none is chosen.
    pub model: String,
    /// Sampling parameters, `response_format` and `tool_config`, by their Arize names.
    pub invocation_params: Object,
    /// What only the provider knows, by its Arize names.
    pub provider_params: Object,
    /// Whatever else goes into the request's body as it is.
    pub extra: Object,
}

impl DraftContent {
    /// What a version of this draft would hold.
    pub fn into_content(self) -> PromptContent {
        PromptContent {
            messages: self.messages,
            input_variable_format: self.input_variable_format,
            provider: self.provider,
            model: self.model,
            invocation_params: self.invocation_params,
            provider_params: self.provider_params,
            extra: self.extra,
        }
    }

    pub(crate) fn from_content(content: PromptContent, connection_id: Option<ConnectionId>) -> Self {
        Self {
            messages: content.messages,
            input_variable_format: content.input_variable_format,
            connection_id,
            provider: content.provider,
            model: content.model,
            invocation_params: content.invocation_params,
            provider_params: content.provider_params,
            extra: content.extra,
        }
    }
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct Draft {
    pub content: DraftContent,
    /// Number of the version that it was started from.
    pub based_on: Option<u32>,
    /// Its content differs from that version's, or it was started from none: running it saves a version first.
    pub changed: bool,
    pub updated_at: String,
}

impl Engine {
    /// Replaces the draft. When this returns, it survives a crash.
    pub async fn save_draft(&self, id: PromptId, content: DraftContent) -> Result<Draft> {
        self.save_draft_on(id, content, |before| before).await
    }

    async fn save_draft_on(
        &self,
        id: PromptId,
        content: DraftContent,
        base: impl FnOnce(Option<u32>) -> Option<u32> + Send + 'static,
    ) -> Result<Draft> {
        self.change_draft(id, move |inner, prompt, before| {
            let known = parsed(&before.content)?;
            let connection_id = content.connection_id.clone();
            let mut content = content.into_content();
            content.provider = match &connection_id {
                Some(id) => provider(&inner.store.connection(id.as_str())?),
                // Without a connection the provider stays as it was, so that losing one is no change of content.
                None => known.provider,
            };
            let after = DraftRow {
                connection_id,
                content: content.restored(&known).canonical_json(),
                based_on: base(before.based_on),
                updated_at: clock::now(),
            };
            if let Some(number) = after.based_on
                && inner.store.version_by_number(prompt.key, number)?.is_none()
            {
                return Err(Error::invalid(format!("“{}” has no version {number}", prompt.name)));
            }
            Ok(inner.store.save_draft(prompt.key, &after)?)
        })
        .await
    }

    /// Puts the draft back to the version that it was started from; to the first draft where there is none.
    pub async fn discard_draft(&self, id: PromptId) -> Result<Draft> {
        self.change_draft(id, |inner, prompt, before| {
            let based_on = match before.based_on {
                Some(number) => inner.store.version_by_number(prompt.key, number)?,
                None => None,
            };
            let after = match based_on {
                Some(version) => draft_of(inner, &version)?,
                None => draft_from_nothing(inner, prompt)?,
            };
            Ok(inner.store.save_draft(prompt.key, &after)?)
        })
        .await
    }

    /// Makes a version's content the draft of its prompt, which then starts from that version.
    pub async fn restore_version(&self, id: VersionId) -> Result<Draft> {
        let prompt = self
            .blocking({
                let id = id.clone();
                move |inner| Ok(inner.store.prompt_by_key(inner.store.version(&id)?.prompt_key)?.0)
            })
            .await?;
        self.change_draft(prompt, move |inner, prompt, _| {
            let version = inner.store.version(&id)?;
            Ok(inner.store.save_draft(prompt.key, &draft_of(inner, &version)?)?)
        })
        .await
    }

    /// Puts a draft back as it was, with the version that it was started from: the way back from a version that was
    /// restored over it.
    pub async fn restore_draft(&self, id: PromptId, content: DraftContent, based_on: Option<u32>) -> Result<Draft> {
        self.save_draft_on(id, content, move |_| based_on).await
    }

    /// Lets `change` write another draft, given the one that is there.
    async fn change_draft(
        &self,
        id: PromptId,
        change: impl FnOnce(&Inner, &PromptRow, DraftRow) -> Result<()> + Send + 'static,
    ) -> Result<Draft> {
        let (draft, asks_another, prompt_id) = self
            .blocking(move |inner| {
                let prompt = inner.store.prompt(id.as_str())?;
                let before = inner.store.draft(prompt.key)?;
                let asked_before = before.connection_id.clone();
                change(inner, &prompt, before)?;
                let draft = draft(inner, &prompt)?;
                let asks_another = draft.content.connection_id != asked_before;
                Ok((draft, asks_another, prompt.id))
            })
            .await?;
        self.changed(Changed::Draft { prompt_id });
        if asks_another {
            self.changed(Changed::Connections);
        }
        Ok(draft)
    }
}

pub(crate) fn draft(inner: &Inner, prompt: &PromptRow) -> Result<Draft> {
    let row = inner.store.draft(prompt.key)?;
    Ok(Draft {
        changed: unchanged_base(inner, prompt, &row)?.is_none(),
        content: DraftContent::from_content(parsed(&row.content)?, row.connection_id),
        based_on: row.based_on,
        updated_at: row.updated_at,
    })
}

pub(crate) fn draft_of(inner: &Inner, version: &VersionRow) -> Result<DraftRow> {
    Ok(DraftRow {
        content: version.content.clone(),
        connection_id: usable_connection(inner, version)?,
        based_on: Some(version.number),
        updated_at: clock::now(),
    })
}
