//! How the model is held to the schema, where nobody knows before it is asked.
//!
//! The first reply decides. One that can be used settles that the model is asked as usual, then and later. One that is outside
//! the form, or an error that is about it, is the reason to find out once what holds the model; the run goes on with that. The
//! questions for it are few and short. They are requests of the run, paid for within its limits and counted with what it took,
//! and their answers are those of no task.
//!
//! The connection remembers what the server enforces, or takes where it refused the usual form. Where it ignores every schema,
//! all that is left is a form that asks by words: the connection remembers that one only after an answer in it that can be used.

use super::{End, Subject, Work, lock};
use crate::connections::{ConnectionSettings, remember_answered, remember_structure};
use crate::runs::budget::Reserved;
use crate::runs::spent::{Account, Spent, may_be_paid};
use crate::{Changed, Inner, Result};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use touchstone_providers::{Asker, ChatError, ChatErrorKind, ChatModel, ChatReply, ChatRequest, StructuredMode, probe};
use touchstone_store::{AnswerRow, Entry};

/// A form in which a model is to be asked.
struct Found {
    mode: StructuredMode,
    /// The connection says so.
    is_known: bool,
}

/// How long finding out may take: some calls to a model that may think.
const PROBE_TIME_MAX: Duration = Duration::from_secs(60);

/// How far it is found out.
pub(super) struct Form {
    state: Mutex<State>,
    /// Whoever finds out holds it, and the others wait for what comes of it.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::runs) enum State {
    Open,
    /// This run asks so; whether it is any better shows its first answer.
    OnTrial(StructuredMode),
    Settled,
}

impl Form {
    pub(super) fn new(state: State) -> Self {
        Self { state: Mutex::new(state), turn: tokio::sync::Mutex::default() }
    }

    pub(super) fn is_open(&self) -> bool {
        *lock(&self.state) == State::Open
    }

    /// Settles it where nothing is known yet; `true` for the first who does.
    fn settle(&self) -> bool {
        let mut state = lock(&self.state);
        let is_open = *state == State::Open;
        if is_open {
            *state = State::Settled;
        }
        is_open
    }

    /// What an answer in the form `structure` settles, for the first who has one.
    fn proven_by(&self, structure: Option<StructuredMode>) -> Option<State> {
        let mut state = lock(&self.state);
        match *state {
            State::Settled => None,
            State::OnTrial(mode) if structure != Some(mode) => None,
            State::OnTrial(_) | State::Open => Some(std::mem::replace(&mut *state, State::Settled)),
        }
    }
}

/// Why another form is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stumble {
    /// The server does not take how the form was asked for.
    Refusal,
    /// An answer outside of it.
    Answer,
}

impl Work {
    /// Whether a request asks for its answer in the form that holds, as far as that is known.
    pub(super) fn is_in_form(&self, request: &ChatRequest) -> bool {
        request.structure == self.template.structure()
    }

    /// A reply to `request` came in the form that was asked for.
    pub(super) async fn form_holds(&self, request: &ChatRequest) {
        let Some(was) = self.form.proven_by(request.structure) else { return };
        let (id, model) = (self.run.connection_id.clone(), self.template.model().to_owned());
        let remember = move |inner: &Inner| match was {
            State::OnTrial(mode) => remember_structure(inner, &id, &model, mode),
            State::Open | State::Settled => remember_answered(inner, &id, &model),
        };
        match self.engine.blocking(remember).await {
            Ok(()) if matches!(was, State::OnTrial(_)) => self.engine.changed(Changed::Connections),
            Ok(()) => {}
            Err(error) => tracing::warn!(%error, "remembering in which form a model answers"),
        }
    }

    /// The reply to `request` was outside the form, or none because of it. Whether it is to be asked in another form from
    /// now on, which is found out first if nobody did.
    pub(super) async fn has_another_form(
        &self,
        subject: Subject,
        request: &ChatRequest,
        stumble: Stumble,
    ) -> Result<bool> {
        let _turn = self.form.turn.lock().await;
        if self.form.settle()
            && let Some(Found { mode, is_known }) = self.found_form(subject).await?
        {
            let is_better = is_known || stumble == Stumble::Refusal || mode.is_enforced();
            let (key, id, model) = (self.run.key, self.run.connection_id.clone(), self.template.model().to_owned());
            let remember = move |inner: &Inner| {
                inner.store.set_run_structure(key, mode.as_str(), !is_better)?;
                if is_better { remember_structure(inner, &id, &model, mode) } else { Ok(()) }
            };
            self.engine.blocking(remember).await?;
            if !is_better {
                *lock(&self.form.state) = State::OnTrial(mode);
            }
            self.template.hold_by(mode);
            self.engine.changed(Changed::Connections);
        }
        Ok(!self.is_in_form(request))
    }

    /// Keeps what was said to `request`, which is no answer, as said to the same request in the form that was found since: the
    /// model is asked there with what is wrong, by this run or a later one, and not from the beginning.
    pub(super) async fn bring_along(
        &self,
        subject: Subject,
        request: &Arc<ChatRequest>,
        said: &AnswerRow,
        account: &mut Account,
    ) -> Result<()> {
        let mut request = Arc::clone(request);
        self.template.bring_up_to_date(&mut request);
        let hash = self.turn(request).hash;
        let replies = self.replies(&hash).await?;
        if replies.is_empty() {
            account.receive(AnswerRow { hash: replies.key(&hash, &said.content, false), ..said.clone() });
        }
        self.keep(subject, account).await;
        Ok(())
    }

    /// What holds the model: a test may have found it out since the run was made. `None` where it cannot be found out now.
    async fn found_form(&self, subject: Subject) -> Result<Option<Found>> {
        let (id, model) = (self.run.connection_id.clone(), self.template.model().to_owned());
        let read = move |inner: &Inner| {
            let row = inner.store.connection(id.as_str())?;
            Ok(ConnectionSettings::of(&row).structure(&model))
        };
        if let Some(mode) = self.engine.blocking(read).await? {
            return Ok(Some(Found { mode, is_known: true }));
        }
        let asker = Probing { work: self, subject };
        let probing = tokio::time::timeout(PROBE_TIME_MAX, probe(&asker, self.template.model()));
        match self.unless_closing(probing).await {
            Some(Ok(Ok(mode))) => Ok(Some(Found { mode, is_known: false })),
            Some(Ok(Err(error))) if error.kind.ends_run() && error.kind != ChatErrorKind::Unsupported => {
                self.end(End::by(&error));
                Ok(None)
            }
            Some(Ok(Err(_)) | Err(_)) | None => Ok(None),
        }
    }
}

/// Asks the questions of a probe as requests of the run. `subject` is the task that it came up at.
struct Probing<'w> {
    work: &'w Work,
    subject: Subject,
}

impl Asker for Probing<'_> {
    fn model(&self) -> &dyn ChatModel {
        &*self.work.model
    }

    /// Where there is no money for it, the run ends, and whoever waits gives it up with the run.
    async fn put(&self, question: &ChatRequest) -> std::result::Result<ChatReply, ChatError> {
        let Self { work, subject } = *self;
        let turn = work.turn(Arc::new(question.clone()));
        let room = match &work.budget {
            None => None,
            Some(budget) => {
                let written = async {
                    let room = budget.room_for(&turn).await?;
                    room.write_down(&work.engine, work.run.key).await?;
                    Ok(room)
                };
                match written.await {
                    Ok(room) => Some(room),
                    Err(shortage) => {
                        work.end(End::Short(shortage));
                        return std::future::pending().await;
                    }
                }
            }
        };
        let mut sent = Sent { work, subject, room, spent: Spent { attempts: 1, ..Spent::default() }, is_over: false };
        let outcome = work.model.ask(&turn.request, &turn.body).await;
        sent.came(&outcome).await;
        outcome
    }
}

/// A question that was sent. Dropped before its answer is there, it was asked all the same, and may have to be paid.
struct Sent<'w> {
    work: &'w Work,
    subject: Subject,
    room: Option<Reserved<'w>>,
    spent: Spent,
    is_over: bool,
}

impl Sent<'_> {
    async fn came(&mut self, outcome: &std::result::Result<ChatReply, ChatError>) {
        let billed = match outcome {
            Ok(reply) => Some((&reply.usage, reply.model.as_deref())),
            Err(error) => error.is_billed().then_some((&error.usage, None)),
        };
        let room = self.room.take();
        match (billed, outcome) {
            (Some((usage, answered_by)), _) => {
                let cost_picos = self.work.pricing.cost_picos(usage, answered_by);
                self.spent.add(usage, cost_picos);
                if let Some(room) = room {
                    self.spent.lose(room.settle(cost_picos));
                }
            }
            (None, Err(error)) if may_be_paid(error) => {
                if let Some(room) = room {
                    self.spent.lose(room.lose());
                }
            }
            (None, _) => {}
        }
        self.is_over = true;
        self.work.commit(self.entry()).await;
    }

    fn entry(&self) -> Entry {
        let account = Account { spent: self.spent, ..Account::default() };
        Entry { is_given_up: true, is_probe: true, ..self.work.entry(self.subject, account) }
    }
}

impl Drop for Sent<'_> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        if let Some(room) = self.room.take() {
            self.spent.lose(room.lose());
        }
        // Handed over at once, whether or not anybody waits for it.
        drop(self.work.commit(self.entry()));
    }
}
