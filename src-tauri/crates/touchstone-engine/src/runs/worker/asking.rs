//! One task from its template to its answer: what is owned, what is asked, and what is asked again.

use super::ahead::{Opening, Prepared};
use super::form::Stumble;
use super::outcome::Settled;
use super::streak::Failure;
use super::{End, Question, Subject, Usable, Work, lock};
use crate::connections::{RefusedParam, remember_refused};
use crate::media::{MediaError, Unsent};
use crate::requests::Filled;
use crate::runs::budget::{Reserved, Short, Shortage};
use crate::runs::pacing::{Permit, RETRIES_MAX, Tries, Verdict, backoff, span};
use crate::runs::replies::{Replies, Turn, Unusable, Whom, placed};
use crate::runs::spent::{Account, answer_row, evidence, may_be_paid, vendor_json};
use crate::tasks::stored_regions;
use crate::{Changed, Error, Result, clock};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::SemaphorePermit;
use tokio::time::Instant;
use touchstone_domain::prompt::Provider;
use touchstone_domain::template::TemplateError;
use touchstone_labeling::confidence;
use touchstone_providers::{ChatError, ChatErrorKind, ChatRequest, Schema, is_about_form, refused_param};
use touchstone_store::{AnswerRow, Entry};

/// Conversations that are remembered as hopeless; memory must not grow with the tasks that fail.
const HOPELESS_MAX: usize = 10_000;

/// What an attempt at a task comes to.
enum Attempt {
    /// It is to be asked otherwise, without a parameter that the server refused or in another form: what it took so far.
    Again(Account),
    /// What is to be committed.
    Settled(Vec<Entry>),
    /// The run ends before it; what it took is kept.
    GivenUp,
}

/// How far the conversation about a task came, as far as its replies are kept.
enum Standing {
    /// Something was said that this task can use.
    Owned(AnswerRow, Usable),
    /// A run began it that ended before the next turn, which is this.
    Begun(Turn, Tries),
    /// It ended without a usable answer, or was never begun.
    Over,
}

/// The right to have one request in flight, and the money for it.
struct Slot<'w> {
    permit: Permit,
    place: SemaphorePermit<'w>,
    reserved: Option<Reserved<'w>>,
}

impl Work {
    /// Sees a task through, up to what is to be committed of it.
    pub(super) async fn attend(&self, Prepared { question, mut opening }: Prepared) -> Settled {
        let mut _room = None;
        let mut request = if let Some(opening) = &opening {
            Arc::clone(&opening.turn.request)
        } else {
            let filled = match self.filled(&question.data) {
                Ok(filled) => filled,
                Err(failure) => return self.unasked(&question, failure).into(),
            };
            // Held until the task is done: the media of so many tasks, and no more, are in memory.
            let Some(room) = self.unless_closing(self.room_for_media(&filled)).await else {
                return Settled::default();
            };
            _room = room;
            // Apart, like all that few tasks need: the others would carry room for it.
            match self.unless_closing(Box::pin(self.with_media(filled))).await {
                Some(Ok(request)) => Arc::new(request),
                Some(Err(failure)) if failure.code == MediaError::OFFLINE => {
                    self.end(End::Offline(failure.message));
                    return Settled::default();
                }
                Some(Err(failure)) => return self.unasked(&question, failure).into(),
                None => return Settled::default(),
            }
        };
        let mut account = Account::default();
        // Once more for each parameter that is refused, and where another form of the answer is found to hold.
        loop {
            // What was prepared in a form that was given up since is prepared anew.
            let prepared = opening.take().filter(|opening| self.is_in_form(&opening.turn.request));
            let Opening { turn, flight, replies } = match prepared {
                Some(opening) => opening,
                None => match self.unless_closing(self.opening(&mut request)).await {
                    Some(Ok(opening)) => opening,
                    Some(Err(error)) => {
                        self.end(End::Paused(error.to_string()));
                        return Settled::default();
                    }
                    None => {
                        self.give_up(Subject::of(&question.task), account).await;
                        return Settled::default();
                    }
                },
            };
            account = match self.attend_to(&question, turn, replies, account).await {
                Ok(Attempt::Again(so_far)) => so_far,
                Ok(Attempt::Settled(due)) => return Settled { due, flight: Some(flight) },
                Ok(Attempt::GivenUp) => return Settled::default(),
                Err(error) => {
                    self.end(End::Paused(error.to_string()));
                    return Settled::default();
                }
            };
        }
    }

    /// Waits until nobody else asks this request, without what was refused since it was made and in the form that holds,
    /// and looks up what is kept of its replies.
    async fn opening(&self, request: &mut Arc<ChatRequest>) -> Result<Opening> {
        loop {
            self.template.bring_up_to_date(request);
            let turn = self.turn(Arc::clone(request));
            let flight = self.engine.inner.active.flights.board(&turn.hash).await;
            // Whoever was waited for may have found another form.
            if self.is_in_form(request) {
                let replies = self.replies(&turn.hash).await?;
                return Ok(Opening { turn, flight, replies });
            }
        }
    }

    /// Answers a task with what is owned, or asks.
    async fn attend_to(
        &self,
        question: &Question,
        turn: Turn,
        replies: Replies,
        mut account: Account,
    ) -> Result<Attempt> {
        let subject = Subject::of(&question.task);
        if let Some((answer, usable)) = self.usable_of(&replies, question) {
            self.form_holds(&turn.request).await;
            self.keep(subject, &mut account).await;
            return Ok(Attempt::Settled(self.settle(self.cached(subject, answer, usable), None)));
        }
        if self.form.is_open()
            && let Some(said) = replies.last()
            && self.usable(&said.content, question).is_err()
            && self.has_another_form(subject, &turn.request, Stumble::Answer).await?
        {
            self.bring_along(subject, &turn.request, said, &mut account).await?;
            return Ok(Attempt::Again(account));
        }
        let standing = if replies.is_empty() {
            Standing::Over
        } else {
            // Apart, like all that few tasks need: the others would carry room for it.
            Box::pin(self.standing(question, &turn, &replies)).await?
        };
        match standing {
            Standing::Owned(answer, usable) => {
                self.keep(subject, &mut account).await;
                return Ok(Attempt::Settled(self.settle(self.cached(subject, &answer, usable), None)));
            }
            Standing::Begun(next, tries) => {
                return Box::pin(self.ask(question, account, next, Replies::default(), tries)).await;
            }
            Standing::Over => {}
        }
        if lock(&self.hopeless).contains(&turn.hash)
            && let Some(said) = replies.last()
            && let Err(unusable) = self.usable(&said.content, question)
        {
            // This run has asked exactly this, and was not helped.
            account.last = Some(said.hash.clone());
            let failure = Failure::of_task(unusable.code, unusable.message());
            return Ok(Attempt::Settled(self.settle(self.failed(subject, failure.clone(), account), Some(failure))));
        }
        self.ask(question, account, turn, replies, Tries::default()).await
    }

    /// Follows the conversation that began with `turn`, of which `replies` are kept and none can be used.
    async fn standing(&self, question: &Question, turn: &Turn, replies: &Replies) -> Result<Standing> {
        let mut tries = Tries::default();
        let mut further: Option<(Turn, Replies)> = None;
        loop {
            let (turn, replies) = further.as_ref().map_or((turn, replies), |(turn, replies)| (turn, replies));
            let Some(said) = replies.last() else { return Ok(Standing::Over) };
            let Err(unusable) = self.usable(&said.content, question) else { return Ok(Standing::Over) };
            let Some(next) = self.turn_after(turn, &said.content, &unusable, &mut tries) else {
                return Ok(Standing::Over);
            };
            let replies = self.replies(&next.hash).await?;
            if let Some((answer, usable)) = self.usable_of(&replies, question) {
                return Ok(Standing::Owned(answer.clone(), usable));
            }
            if replies.is_empty() {
                return Ok(Standing::Begun(next, tries));
            }
            further = Some((next, replies));
        }
    }

    /// A conversation ended without a usable answer: other tasks of this run that ask the same do not pay for it again.
    fn give_up_on(&self, opening: String) {
        let mut hopeless = lock(&self.hopeless);
        if hopeless.len() < HOPELESS_MAX {
            hopeless.insert(opening);
        }
    }

    pub(super) fn turn(&self, request: Arc<ChatRequest>) -> Turn {
        self.whom().turn(request)
    }

    fn whom(&self) -> Whom<'_> {
        let (model, repetition) = (&*self.model, self.run.repetition);
        Whom { model, provider: model.provider(), endpoint: model.endpoint(), repetition }
    }

    /// The conversation after an answer that cannot be used, if it goes on. The practice model would say the same again.
    fn turn_after(&self, turn: &Turn, said: &str, unusable: &Unusable, tries: &mut Tries) -> Option<Turn> {
        let goes_on = self.model.provider() != Provider::Practice && tries.unusable(unusable);
        goes_on.then(|| self.whom().turn_after(turn, said, unusable))
    }

    /// What is kept of the replies to a request.
    pub(super) async fn replies(&self, hash: &str) -> Result<Replies> {
        let _turn = self.lookups.acquire().await.expect("the semaphores of a run are never closed");
        let hash = hash.to_owned();
        self.engine.blocking(move |inner| Replies::read(inner, &hash)).await
    }

    /// The first of the replies that this task can use.
    fn usable_of<'r>(&self, replies: &'r Replies, question: &Question) -> Option<(&'r AnswerRow, Usable)> {
        replies.all().find_map(|reply| Some((reply, self.usable(&reply.content, question).ok()?)))
    }

    /// Records why a task cannot be asked. Nothing was sent, so there is nothing to save by pausing, unless it is a network
    /// that fails.
    pub(super) fn unasked(&self, question: &Question, failure: Failure) -> Vec<Entry> {
        let entry = self.failed(Subject::of(&question.task), failure.clone(), Account::default());
        if failure.is_systemic { self.settle(entry, Some(failure)) } else { vec![entry] }
    }

    async fn room_for_media(&self, filled: &Filled) -> Option<SemaphorePermit<'_>> {
        let shows_media = !filled.wanted.is_empty();
        if shows_media { Some(self.media.take().await) } else { None }
    }

    /// The request with its media, which are read until they are there or the budget is spent.
    async fn with_media(&self, filled: Filled) -> std::result::Result<ChatRequest, Failure> {
        let mut tries = 0;
        loop {
            let Unsent { code, message, is_passing } =
                match self.engine.media_to_send(&filled.wanted, &self.sending).await {
                    Ok(parts) => return Ok(filled.with(parts)),
                    Err(unsent) => unsent,
                };
            tries += 1;
            if !is_passing || tries > RETRIES_MAX {
                return Err(Failure { is_systemic: is_passing, ..Failure::of_task(code, message) });
            }
            let wait = backoff(tries, clock::random_share(), None);
            let _waiting = self.wait(wait, message);
            tokio::time::sleep(wait).await;
        }
    }

    /// Asks until there is a usable answer, or the budget is spent. `replies` are those to the request that are kept, and
    /// `tries` what the conversation took before it.
    async fn ask(
        &self,
        question: &Question,
        mut account: Account,
        mut turn: Turn,
        mut replies: Replies,
        mut tries: Tries,
    ) -> Result<Attempt> {
        let subject = Subject::of(&question.task);
        loop {
            let slot = match self.unless_closing(self.slot(&turn)).await {
                Some(Ok(slot)) => slot,
                Some(Err(shortage)) => {
                    self.end(End::Short(shortage));
                    self.give_up(subject, account).await;
                    return Ok(Attempt::GivenUp);
                }
                None => {
                    self.give_up(subject, account).await;
                    return Ok(Attempt::GivenUp);
                }
            };
            if turn.is_opening() && !self.is_in_form(&turn.request) {
                return Ok(Attempt::Again(account));
            }
            if let Some(why) = self.held_back() {
                self.end(End::Offline(why));
                self.give_up(subject, account).await;
                return Ok(Attempt::GivenUp);
            }
            let Slot { mut permit, place, mut reserved } = slot;
            account.spent.attempts += 1;
            let asked = {
                let away = self.out.send(std::time::Instant::now());
                let asked = self.unless_given_up(self.model.ask(&turn.request, &turn.body)).await;
                // One that waited in vain is no sign of life.
                if asked.as_ref().is_some_and(|asked| !asked.as_ref().is_err_and(is_timeout)) {
                    away.is_back(matches!(asked, Some(Ok(_))), std::time::Instant::now());
                }
                asked
            };
            let Some(asked) = asked else {
                if let Some(room) = reserved {
                    account.spent.lose(room.lose());
                }
                self.give_up(subject, account).await;
                return Ok(Attempt::GivenUp);
            };
            // The pacing learns of it before the money is free: whoever waits for that must find what the server asked for.
            let verdict = permit.outcome(&asked);
            if verdict == Verdict::Fault {
                self.retries.ended(!asked.as_ref().is_err_and(ChatError::is_retryable));
            }
            // The slot is held until it is known whether anything may be asked after this.
            let error = match asked {
                Err(error) => error,
                Ok(reply) => {
                    let cost_picos = self.pricing.cost_picos(&reply.usage, reply.model.as_deref());
                    account.spent.add(&reply.usage, cost_picos);
                    account.spent.latency_ms = Some(reply.latency_ms);
                    self.address_holds().await;
                    if let Some(room) = reserved {
                        account.spent.lose(room.settle(cost_picos));
                    }
                    let outcome = self.usable(&reply.content, question);
                    let key = replies.key(&turn.hash, &reply.content, outcome.is_ok());
                    let row = answer_row(key, reply, cost_picos);
                    let unusable = match outcome {
                        Ok(usable) => {
                            account.receive(row);
                            drop((permit, place));
                            self.form_holds(&turn.request).await;
                            return Ok(Attempt::Settled(self.settle(self.answered(subject, account, usable), None)));
                        }
                        Err(unusable) => unusable,
                    };
                    account.receive(row.clone());
                    if turn.is_opening() && self.has_another_form(subject, &turn.request, Stumble::Answer).await? {
                        self.bring_along(subject, &turn.request, &row, &mut account).await?;
                        return Ok(Attempt::Again(account));
                    }
                    drop((permit, place));
                    let Some(next) = self.turn_after(&turn, &row.content, &unusable, &mut tries) else {
                        self.give_up_on(turn.opening);
                        let failure = Failure::of_task(unusable.code, unusable.message());
                        return Ok(Attempt::Settled(
                            self.settle(self.failed(subject, failure.clone(), account), Some(failure)),
                        ));
                    };
                    // Kept before the next question is sent: after a program that is killed, a run goes on from here.
                    self.keep(subject, &mut account).await;
                    turn = next;
                    replies = self.replies(&turn.hash).await?;
                    if let Some((answer, usable)) = self.usable_of(&replies, question) {
                        account.last = Some(answer.hash.clone());
                        return Ok(Attempt::Settled(self.settle(self.answered(subject, account, usable), None)));
                    }
                    if unusable.code == Unusable::NOT_JSON && !self.waits(&tries, unusable.message(), None).await {
                        return Ok(Attempt::GivenUp);
                    }
                    continue;
                }
            };
            if let Some(name) = refused_param(&turn.request, &error)
                && let Some(value) = turn.request.params.get(&name)
            {
                self.leave_out(RefusedParam { name, value: value.clone() }).await;
                return Ok(Attempt::Again(account));
            }
            if turn.is_opening() && is_about_form(&error) {
                // It is not billed, and the questions that find out another form need room of their own.
                drop(reserved.take());
                if self.has_another_form(subject, &turn.request, Stumble::Refusal).await? {
                    return Ok(Attempt::Again(account));
                }
                if self.closing.is_cancelled() {
                    // It could not be found out now; the resumed run does.
                    self.give_up(subject, account).await;
                    return Ok(Attempt::GivenUp);
                }
            }
            // Before the money is free too: nothing more is to be asked with it.
            let standstill = standstill(&error, verdict);
            let is_over = standstill.is_some();
            if let Some(end) = standstill {
                self.end(end);
            }
            if error.is_billed() {
                let cost_picos = self.pricing.cost_picos(&error.usage, None);
                account.spent.add(&error.usage, cost_picos);
                if let Some(room) = reserved.take() {
                    account.spent.lose(room.settle(cost_picos));
                }
                if let Some(said) = evidence(&turn.hash, &error, cost_picos) {
                    account.receive(said);
                }
            }
            if let Some(room) = reserved.take()
                && may_be_paid(&error)
            {
                account.spent.lose(room.lose());
            }
            if is_over {
                self.give_up(subject, account).await;
                return Ok(Attempt::GivenUp);
            }
            drop((permit, place));
            let may_be_asked_again = error.is_retryable() && tries.failed(verdict, Instant::now());
            let retry_after = error.retry_after_ms.map(|wait| Duration::from_millis(wait.into()));
            let failure = Failure {
                code: error.kind.code(),
                vendor: vendor_json(&error.vendor),
                is_systemic: error.kind.is_retryable(),
                message: error.message,
            };
            if !may_be_asked_again {
                return Ok(Attempt::Settled(
                    self.settle(self.failed(subject, failure.clone(), account), Some(failure)),
                ));
            }
            if !self.waits(&tries, failure.message, retry_after).await {
                self.give_up(subject, account).await;
                return Ok(Attempt::GivenUp);
            }
        }
    }

    /// Waits until a task may be asked again, which `trouble` is the reason for. `false` once nothing more is to be asked.
    async fn waits(&self, tries: &Tries, trouble: String, retry_after: Option<Duration>) -> bool {
        let wait = tries.wait(clock::random_share(), retry_after);
        let _waiting = self.wait(wait, trouble);
        self.unless_closing(tokio::time::sleep(wait)).await.is_some()
    }

    /// Leaves a parameter out that the server does not take, in this run and those after it.
    async fn leave_out(&self, param: RefusedParam) {
        if !self.template.refuse(param.clone()) {
            return;
        }
        let (id, model) = (self.run.connection_id.clone(), self.template.model().to_owned());
        match self.engine.blocking(move |inner| remember_refused(inner, &id, &model, param)).await {
            Ok(()) => self.engine.changed(Changed::Connections),
            Err(error) => tracing::warn!(%error, "remembering a parameter that was refused"),
        }
    }

    /// Why nothing may be asked at all now, in words. Answers that are owned are used nevertheless.
    pub(super) fn held_back(&self) -> Option<String> {
        let host = self.elsewhere.as_ref().filter(|_| self.engine.inner.network.is_offline())?;
        Some(format!("{}, and {host} is not on it.", Error::Offline))
    }

    /// Waits until one more request may be in flight and there is money for it. An error says why there will be none.
    async fn slot(&self, turn: &Turn) -> std::result::Result<Slot<'_>, Shortage> {
        let budget = self.budget.as_ref();
        loop {
            let place = self.slots.take().await;
            let take = || budget.map(|budget| budget.take(turn)).transpose();
            let picos = match self.lane.admit(take).await {
                Ok((permit, reserved)) => {
                    if let Some(room) = &reserved {
                        room.write_down(&self.engine, self.run.key).await?;
                    }
                    return Ok(Slot { permit, place, reserved });
                }
                Err(Short::Never(shortage)) => return Err(shortage),
                Err(Short::Wait(picos)) => picos,
            };
            drop(place);
            if let Some(budget) = budget {
                budget.wait_for(picos).await;
            }
        }
    }

    /// What the model is asked about a task, or why it cannot be asked.
    pub(super) fn filled(&self, data: &Map<String, Value>) -> std::result::Result<Filled, Failure> {
        let asked = self.asked;
        let own = match self.config.for_task(data) {
            Cow::Borrowed(_) => None,
            Cow::Owned(config) if config.fillable(asked).controls.is_empty() => {
                let why = "The task has nothing to choose from: what its choices come from is missing or no list.";
                return Err(Failure::of_task("nothing_to_choose", why.to_owned()));
            }
            Cow::Owned(config) => Some(Schema::from(config.prompt_schema(asked))),
        };
        let schema = own.as_ref().unwrap_or(&self.schema);
        let filled = self.template.filled(schema, data).map(|mut filled| {
            if own.is_some() || self.run.total == 1 {
                filled.shares_nothing();
            }
            filled
        });
        filled.map_err(|error| match error {
            TemplateError::Missing(names) => {
                let format = self.template.format();
                let names: Vec<_> = names.iter().map(|name| format.written(name)).collect();
                Failure::of_task("missing_variables", format!("The task has no value for {}.", names.join(", ")))
            }
            TemplateError::Syntax(_) | TemplateError::TooLarge => {
                Failure::of_task("broken_template", format!("The prompt cannot be filled: {error}."))
            }
        })
    }

    /// What the model's text makes of the task, or why it makes nothing.
    pub(super) fn usable(&self, content: &str, question: &Question) -> std::result::Result<Usable, Unusable> {
        let placed = placed(&self.config, &question.data, self.asked, content)?;
        let measure = question.task.ground_truth.as_deref().map(|truth| {
            Box::new(self.config.measure(&stored_regions(truth), &placed.regions, self.asked).into_owned())
        });
        let json = |value: serde_json::Result<String>| value.expect("regions are maps with text keys");
        Ok(Usable {
            result: json(serde_json::to_string(&placed.regions)),
            repairs: (!placed.repairs.is_empty()).then(|| json(serde_json::to_string(&placed.repairs))),
            measure,
            confidence: confidence(&placed.regions),
        })
    }
}

fn is_timeout(error: &ChatError) -> bool {
    error.kind == ChatErrorKind::Timeout
}

/// How the run ends by an answer after which nothing more is to be asked, if it says so.
fn standstill(error: &ChatError, verdict: Verdict) -> Option<End> {
    let said = error.in_full();
    match verdict {
        _ if error.kind.ends_run() => Some(End::by(error)),
        // A moment, because nobody knows when the words are read.
        Verdict::TooLong(wait) => Some(End::Paused(format!("{said} Resume after {}.", clock::minute_in(wait)))),
        Verdict::Hopeless(since) => Some(End::Paused(format!("{said} Nothing got through for {}.", span(since)))),
        Verdict::Fault | Verdict::TooFast { .. } => None,
    }
}
