//! How the model is held to the schema, where nobody knows before it is asked.
//!
//! The first reply decides. One that can be used settles that the model is asked as usual, then and later. One that is outside
//! the form, or an error that is about it, is the reason to find out once what holds the model; the run goes on with that,
//! and the connection remembers it. The questions for it are few and short, and are no requests of the run.

use super::{End, Work};
use crate::connections::{ConnectionSettings, remember_answered, remember_structure};
use crate::{Changed, Inner, Result};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use touchstone_providers::{ChatErrorKind, ChatRequest, StructuredMode, probe};

/// How long finding out may take: some calls to a model that may think.
const PROBE_TIME_MAX: Duration = Duration::from_secs(60);

/// Whether it is still to be found out.
pub(super) struct Form {
    is_open: AtomicBool,
    /// Whoever finds out holds it, and the others wait for what comes of it.
    turn: tokio::sync::Mutex<()>,
}

impl Form {
    pub(super) fn new(is_open: bool) -> Self {
        Self { is_open: AtomicBool::new(is_open), turn: tokio::sync::Mutex::default() }
    }

    pub(super) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::SeqCst)
    }

    /// Settles it; `true` for the first who does.
    fn settle(&self) -> bool {
        self.is_open.swap(false, Ordering::SeqCst)
    }
}

impl Work {
    /// Whether a request asks for its answer in the form that holds, as far as that is known.
    pub(super) fn is_in_form(&self, request: &ChatRequest) -> bool {
        request.structure == self.template.structure()
    }

    /// A reply came in the form that was asked for.
    pub(super) async fn form_holds(&self) {
        if !self.form.settle() {
            return;
        }
        let (id, model) = (self.run.connection_id.clone(), self.template.model().to_owned());
        if let Err(error) = self.engine.blocking(move |inner| remember_answered(inner, &id, &model)).await {
            tracing::warn!(%error, "remembering that a model answers as usual");
        }
    }

    /// The reply to `request` was outside the form, or none because of it. Whether it is to be asked in another form from
    /// now on, which is found out first if nobody did.
    pub(super) async fn has_another_form(&self, request: &ChatRequest) -> Result<bool> {
        let _turn = self.form.turn.lock().await;
        if self.form.settle()
            && let Some(mode) = self.found_form().await?
        {
            let (key, id, model) = (self.run.key, self.run.connection_id.clone(), self.template.model().to_owned());
            let remember = move |inner: &Inner| {
                inner.store.set_run_structure(key, mode.as_str())?;
                remember_structure(inner, &id, &model, mode)
            };
            self.engine.blocking(remember).await?;
            self.template.hold_by(mode);
            self.engine.changed(Changed::Connections);
        }
        Ok(!self.is_in_form(request))
    }

    /// What holds the model: a test may have found it out since the run was made. `None` where it cannot be found out now.
    async fn found_form(&self) -> Result<Option<StructuredMode>> {
        let (id, model) = (self.run.connection_id.clone(), self.template.model().to_owned());
        let read = move |inner: &Inner| {
            let row = inner.store.connection(id.as_str())?;
            Ok(ConnectionSettings::of(&row).structure(&model))
        };
        if let Some(mode) = self.engine.blocking(read).await? {
            return Ok(Some(mode));
        }
        let probing = tokio::time::timeout(PROBE_TIME_MAX, probe(&*self.model, self.template.model()));
        match self.unless_closing(probing).await {
            Some(Ok(Ok(mode))) => Ok(Some(mode)),
            Some(Ok(Err(error))) if error.kind.ends_run() && error.kind != ChatErrorKind::Unsupported => {
                self.end(End::Paused(error.in_full()));
                Ok(None)
            }
            Some(Ok(Err(_)) | Err(_)) | None => Ok(None),
        }
    }
}
