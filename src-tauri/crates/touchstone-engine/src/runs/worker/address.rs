//! At which of its addresses the server answers, where only asking tells.

use super::Work;
use crate::Changed;
use crate::connections::remember_dated;
use std::sync::atomic::Ordering;

impl Work {
    /// An answer came; where it came from is remembered with the connection, unless that is where a model is asked first.
    pub(super) async fn address_holds(&self) {
        if !self.model.has_found_dated() || self.is_address_kept.swap(true, Ordering::SeqCst) {
            return;
        }
        let id = self.run.connection_id.clone();
        match self.engine.blocking(move |inner| remember_dated(inner, &id)).await {
            Ok(()) => self.engine.changed(Changed::Connections),
            Err(error) => tracing::warn!(%error, "remembering at which address a model answers"),
        }
    }
}
