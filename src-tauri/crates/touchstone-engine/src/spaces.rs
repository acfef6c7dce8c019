//! Spaces: prompts of one have names of their own.

use crate::links::{self, SpaceLink};
use crate::names::checked_name;
use crate::{Changed, Engine, Error, Inner, Result, clock};
use serde::{Deserialize, Serialize};
use specta::Type;
use touchstone_domain::{PromptId, SpaceId};
use touchstone_store::SpaceRow;

/// Longest name, in characters: clients of the local API find a space by a filter of so many.
const NAME_CHARS_MAX: usize = 255;

#[derive(Clone, Debug, Serialize, Type)]
pub struct SpaceSummary {
    pub id: SpaceId,
    pub name: String,
    pub description: String,
    /// Outside the bin.
    pub prompt_count: u32,
    /// The one that every workspace has; it cannot be removed.
    pub is_default: bool,
    /// The space of another server that it follows.
    pub link: Option<SpaceLink>,
    pub created_at: String,
}

/// What a space is called, and what it is for.
#[derive(Clone, Debug, Deserialize, Type)]
pub struct SpaceWords {
    pub name: String,
    pub description: String,
}

impl Engine {
    /// Every space, in the order in which they were made.
    pub async fn spaces(&self) -> Result<Vec<SpaceSummary>> {
        self.blocking(|inner| {
            inner.store.spaces(None, 0, u32::MAX)?.into_iter().map(|row| summary(inner, row)).collect()
        })
        .await
    }

    /// The space with this id or name.
    pub async fn space(&self, id_or_name: String) -> Result<SpaceSummary> {
        self.blocking(move |inner| summary(inner, inner.store.space(&id_or_name)?)).await
    }

    /// The name is kept exactly as it is typed.
    pub async fn create_space(&self, space: SpaceWords) -> Result<SpaceId> {
        let id = self
            .blocking(move |inner| {
                let name = checked_name(&space.name, "the space", NAME_CHARS_MAX)?;
                Ok(inner.store.insert_space(name, &space.description, &clock::tail(), &clock::now())?)
            })
            .await?;
        self.changed(Changed::Spaces);
        Ok(id)
    }

    pub async fn edit_space(&self, id: SpaceId, space: SpaceWords) -> Result<()> {
        self.blocking(move |inner| {
            Ok(inner.store.update_space(
                &id,
                checked_name(&space.name, "the space", NAME_CHARS_MAX)?,
                &space.description,
            )?)
        })
        .await?;
        self.changed(Changed::Spaces);
        self.changed(Changed::Prompts);
        Ok(())
    }

    /// Removes a space that has no prompts. What of it is in the bin comes back into the default space.
    pub async fn delete_space(&self, id: SpaceId) -> Result<()> {
        self.blocking(move |inner| {
            let space = inner.store.space(id.as_str())?;
            if space.id == inner.space {
                return Err(Error::invalid("this space is part of every workspace and cannot be removed"));
            }
            let link = inner.store.space_link(&space.id)?;
            if !inner.store.delete_space(&space.id, &inner.space)? {
                return Err(Error::invalid("move or delete its prompts first; only an empty space can be removed"));
            }
            if let Some(link) = link {
                links::forget_key(inner, &link);
            }
            Ok(())
        })
        .await?;
        self.changed(Changed::Spaces);
        Ok(())
    }

    /// Moves prompts to another space; all of them or, where one's name is taken there, none. They keep their ids.
    pub async fn move_prompts(&self, ids: Vec<PromptId>, space: SpaceId) -> Result<()> {
        self.blocking(move |inner| {
            let space = inner.store.space(space.as_str())?;
            Ok(inner.store.set_prompt_space(&ids, &space.id, &clock::now())?)
        })
        .await?;
        self.changed(Changed::Spaces);
        self.changed(Changed::Prompts);
        Ok(())
    }
}

/// The space that is wanted, else the one that every workspace has.
pub(crate) fn chosen(inner: &Inner, space: Option<&SpaceId>) -> Result<SpaceId> {
    match space {
        Some(id) => Ok(inner.store.space(id.as_str())?.id),
        None => Ok(inner.space.clone()),
    }
}

fn summary(inner: &Inner, row: SpaceRow) -> Result<SpaceSummary> {
    let link = inner.store.space_link(&row.id)?;
    Ok(SpaceSummary {
        is_default: row.id == inner.space,
        id: row.id,
        name: row.name,
        description: row.description,
        prompt_count: row.prompts,
        link: link.as_ref().map(links::summary),
        created_at: row.created_at,
    })
}
