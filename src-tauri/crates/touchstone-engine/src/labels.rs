//! Labels: names that point to one version of a prompt each, and move.

use crate::names::checked_name;
use crate::{Changed, Engine, Inner, Result, clock};
use serde::Serialize;
use specta::Type;
use touchstone_domain::{PromptId, VersionId};

/// Longest name of a label, in characters.
const NAME_CHARS_MAX: usize = 255;

#[derive(Clone, Debug, Serialize, Type)]
pub struct Label {
    pub name: String,
    pub version_id: VersionId,
    /// Of the version.
    pub number: u32,
    pub moved_at: String,
}

/// A label that was moved once.
#[derive(Clone, Debug, Serialize, Type)]
pub struct LabelMove {
    pub name: String,
    /// Number of the version that it left; `None` where it was new.
    pub from: Option<u32>,
    /// Number of the version that it came to; `None` where it was removed.
    pub to: Option<u32>,
    pub author: String,
    pub moved_at: String,
}

impl Engine {
    /// Lets a label point to a version; it leaves the one that it pointed to.
    pub async fn move_label(&self, version: VersionId, name: String) -> Result<()> {
        self.change_labels(version, move |inner, version| {
            let name = checked_name(&name, "the label", NAME_CHARS_MAX)?;
            Ok(inner.store.put_labels(version, &[name.to_owned()], false, &clock::author(), &clock::now())?)
        })
        .await
    }

    pub async fn remove_label(&self, version: VersionId, name: String) -> Result<()> {
        self.change_labels(version, move |inner, version| {
            Ok(inner.store.remove_label(version, &name, &clock::author(), &clock::now())?)
        })
        .await
    }

    /// Every move of a prompt's labels, newest first.
    pub async fn label_moves(&self, prompt: PromptId) -> Result<Vec<LabelMove>> {
        self.blocking(move |inner| {
            let prompt = inner.store.prompt(prompt.as_str())?;
            let moves = inner.store.label_moves(prompt.key)?.into_iter().map(|row| LabelMove {
                name: row.name,
                from: row.from,
                to: row.to,
                author: row.author,
                moved_at: row.moved_at,
            });
            Ok(moves.collect())
        })
        .await
    }

    async fn change_labels(
        &self,
        version: VersionId,
        change: impl FnOnce(&Inner, &VersionId) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let prompt_id = self
            .blocking(move |inner| {
                change(inner, &version)?;
                Ok(inner.store.prompt_by_key(inner.store.version(&version)?.prompt_key)?.0)
            })
            .await?;
        self.changed(Changed::Prompt { prompt_id });
        Ok(())
    }
}

/// The labels of a prompt by name.
pub(crate) fn labels(inner: &Inner, prompt_key: i64) -> Result<Vec<Label>> {
    let labels = inner.store.labels(prompt_key)?.into_iter().map(|row| Label {
        name: row.name,
        version_id: row.version_id,
        number: row.number,
        moved_at: row.moved_at,
    });
    Ok(labels.collect())
}
