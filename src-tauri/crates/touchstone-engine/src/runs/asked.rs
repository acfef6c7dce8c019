//! Which model a run asks: the one that its version names, unless another was named for the run.
//!
//! A version is the same words whoever is asked, so another model makes no version of its own. What a run asks is its
//! version's content with provider and model in their places; all that is made of it (requests, hashes, prices, exports)
//! is made of [`content_of`].

use crate::connections::{models, provider};
use crate::versions::parsed;
use crate::{Error, Inner, Result};
use serde::Deserialize;
use specta::Type;
use touchstone_domain::ConnectionId;
use touchstone_domain::prompt::PromptContent;
use touchstone_store::{ConnectionRow, OtherModel, RunRow};

/// A model that is asked in place of the one that a version names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
pub struct AskedModel {
    /// Who offers it; `None` is the version's own connection.
    pub connection_id: Option<ConnectionId>,
    /// As the provider knows it.
    pub model: String,
}

impl AskedModel {
    /// `content` as this model is asked, and who is asked. `own` is the connection that `content` would ask.
    pub(super) fn instead(
        &self,
        inner: &Inner,
        mut content: PromptContent,
        own: Option<ConnectionRow>,
    ) -> Result<(PromptContent, ConnectionRow)> {
        let connection = match (&self.connection_id, own) {
            (Some(id), _) => inner.store.connection(id.as_str())?,
            (None, Some(own)) => own,
            (None, None) => {
                let words = format!("say which connection offers the model “{}”", self.model);
                return Err(Error::invalid_field("model", words));
            }
        };
        let provider = provider(&connection);
        // What a version names may be asked though nobody lists it.
        let is_own = provider == content.provider && self.model == content.model;
        if !is_own && !models(&connection).contains(&self.model) {
            let words = format!("“{}” offers no model “{}”", connection.name, self.model);
            return Err(Error::invalid_field("model", words));
        }
        content.provider = provider;
        content.model.clone_from(&self.model);
        Ok((content, connection))
    }
}

/// The model that a run asks in place of the one that `own`, what its version says, names; `None` where that is it.
pub(super) fn other_model(
    inner: &Inner,
    asked: Option<&AskedModel>,
    own: &PromptContent,
) -> Result<Option<OtherModel>> {
    let Some(AskedModel { connection_id, model }) = asked else { return Ok(None) };
    let provider = match connection_id {
        Some(id) => provider(&inner.store.connection(id.as_str())?),
        None => own.provider,
    };
    let is_own = own.provider == provider && own.model == *model;
    Ok((!is_own).then(|| OtherModel { provider, model: model.clone() }))
}

/// What a run asks.
pub(crate) fn content_of(inner: &Inner, run: &RunRow) -> Result<PromptContent> {
    let mut content = parsed(&inner.store.version(&run.version_id)?.content)?;
    if let Some(OtherModel { provider, model }) = &run.other_model {
        content.provider = *provider;
        content.model.clone_from(model);
    }
    Ok(content)
}
