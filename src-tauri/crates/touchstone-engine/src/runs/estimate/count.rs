//! The tasks of a run before it is started: which of them are answered already, which cannot be asked, and how long the
//! requests about the others are.
//!
//! The requests are made as the run makes them, so what is owned is exact as long as all tasks are looked at. Where they
//! are too many, or it takes too long, as many as were looked at stand for all: they lie evenly among them at any moment.

use super::of_all;
use crate::connections::{Silenced, provider};
use crate::requests::{Filled, Template};
use crate::runs::budget::{Money, Most};
use crate::runs::pacing::Tries;
use crate::runs::replies::{Replies, Turn, Whom, placed};
use crate::tasks::stored_data;
use crate::{Inner, Result};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use touchstone_domain::TaskId;
use touchstone_domain::answer::answer_hash;
use touchstone_domain::prompt::Provider;
use touchstone_labeling::{Capabilities, Config};
use touchstone_providers::{Body, ChatRequest, Schema};
use touchstone_store::{ConnectionRow, ProjectRow};

/// Tasks that are looked at, at most.
const LOOKED_AT_MAX: usize = 4_000;

/// Tasks that are looked at however long it takes: fewer would say too little.
const LOOKED_AT_MIN: u32 = 500;

/// How long others are looked at: whoever waits for an estimate is about to press a button.
const LOOKING: Duration = Duration::from_millis(800);

/// Tasks that are read at a time.
const TASKS_TOGETHER: usize = 100;

/// Requests that are kept for the vendor to count.
const SAMPLES_MAX: usize = 5;

/// A request that would be sent.
pub(super) struct Sample {
    /// The same for the same request, whichever repetition sends it.
    pub hash: String,
    pub body: Body,
    /// See [`Filled::weight`].
    pub weight: u64,
}

/// What was found, brought up to all tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    pub tasks: u32,
    pub looked_at: u32,
    pub owned: u32,
    pub unaskable: u32,
    pub with_media: u32,
    pub requests: u32,
    /// Of all requests together (see [`Filled::weight`]).
    pub weight: u64,
    /// What the dearest request that was looked at can cost, of those that show no files; `None` where no limit is set.
    pub dearest: Option<Most>,
}

/// What is asked about each task, and who.
pub(super) struct Look<'l> {
    pub inner: &'l Inner,
    pub project: &'l ProjectRow,
    pub config: &'l Config,
    pub template: &'l Template,
    pub asked: Capabilities,
    /// Of tasks that have none of their own.
    pub schema: Schema,
    pub silenced: &'l Silenced,
    pub connection: &'l ConnectionRow,
    /// From 1.
    pub repetition: u32,
    /// The keys of earlier runs that asked the same: what shows files is owned where one of them has an answer.
    pub answered_in: Vec<i64>,
    /// Where it is limited.
    pub money: Option<&'l Money>,
    pub is_batch: bool,
}

/// A task that could be asked.
struct Askable {
    task: TaskId,
    data: Map<String, Value>,
    weight: u64,
    /// `None` where it depends on media.
    turn: Option<Turn>,
}

impl Look<'_> {
    /// What the tasks at `positions` would take, and some of the requests; so many looks share the time.
    pub(super) fn at(&self, mut positions: Vec<u32>, looks: u32) -> Result<(Counted, Vec<Sample>)> {
        let tasks = positions.len();
        spread(&mut positions, LOOKED_AT_MAX);
        let began = Instant::now();
        let mut counted = Counted::default();
        let mut wanted = HashSet::new();
        let mut samples = Vec::new();
        for together in positions.chunks(TASKS_TOGETHER) {
            if counted.looked_at >= LOOKED_AT_MIN && began.elapsed() > LOOKING / looks.max(1) {
                break;
            }
            self.look(together, &mut counted, &mut wanted, &mut samples)?;
        }
        Ok((counted.of(u32::try_from(tasks).unwrap_or(u32::MAX)), samples))
    }

    /// `wanted` are the requests that would be sent so far.
    fn look(
        &self,
        positions: &[u32],
        counted: &mut Counted,
        wanted: &mut HashSet<String>,
        samples: &mut Vec<Sample>,
    ) -> Result<()> {
        let mut askable = Vec::with_capacity(positions.len());
        for (task, data) in self.inner.store.task_data_at(self.project.key, positions)? {
            counted.looked_at += 1;
            let data = stored_data(&data);
            match self.filled(&data) {
                None => counted.unaskable += 1,
                Some(filled) => askable.push(self.askable(task, data, filled)),
            }
        }
        let hashes: Vec<_> = askable.iter().filter_map(|task| Some(task.turn.as_ref()?.hash.as_str())).collect();
        let mut replies = Replies::read_all(self.inner, &hashes)?.into_iter();
        let shown: Vec<_> = askable.iter().filter(|task| task.turn.is_none()).map(|task| task.task).collect();
        let answered = self.inner.store.answered_in(&self.answered_in, &shown)?;
        for Askable { task, data, weight, turn } in askable {
            let (is_owned, is_new) = match turn {
                None => {
                    counted.with_media += 1;
                    (answered.contains(&task), true)
                }
                Some(turn) => {
                    let replies = replies.next().unwrap_or_default();
                    let is_owned = self.is_owned(&replies, &turn, &data)?;
                    if !is_owned {
                        counted.dearest =
                            counted.dearest.into_iter().chain(self.most(&turn)).max_by_key(|most| most.picos);
                    }
                    let is_new = is_owned || wanted.insert(turn.hash);
                    if !is_owned && is_new && samples.len() < SAMPLES_MAX {
                        samples.push(self.sample(turn.body, weight));
                    }
                    (is_owned, is_new)
                }
            };
            if is_owned {
                counted.owned += 1;
            } else if is_new {
                counted.requests += 1;
                counted.weight += weight;
            }
        }
        Ok(())
    }

    /// The request about a task as its run would make it; `None` for a task that would fail without being asked.
    fn filled(&self, data: &Map<String, Value>) -> Option<Filled> {
        let own = match self.config.for_task(data) {
            Cow::Borrowed(_) => None,
            Cow::Owned(config) if config.fillable(self.asked).controls.is_empty() => return None,
            Cow::Owned(config) => Some(Schema::from(config.prompt_schema(self.asked))),
        };
        self.template.filled(own.as_ref().unwrap_or(&self.schema), data).ok()
    }

    fn askable(&self, task: TaskId, data: Map<String, Value>, filled: Filled) -> Askable {
        let weight = filled.weight();
        let turn = filled.wanted.is_empty().then(|| self.turn(filled.with(Vec::new())));
        Askable { task, data, weight, turn }
    }

    fn turn(&self, request: ChatRequest) -> Turn {
        self.whom().turn(Arc::new(request))
    }

    fn whom(&self) -> Whom<'_> {
        let endpoint = self.silenced.endpoint.as_deref().unwrap_or_default();
        Whom {
            model: &*self.silenced.model,
            provider: provider(self.connection),
            endpoint,
            repetition: self.repetition,
        }
    }

    fn most(&self, turn: &Turn) -> Option<Most> {
        self.money?.most(&turn.body, Some(turn.body.text().len()), self.is_batch).ok()
    }

    fn sample(&self, body: Body, weight: u64) -> Sample {
        let endpoint = self.silenced.endpoint.as_deref().unwrap_or_default();
        Sample { hash: answer_hash(provider(self.connection), endpoint, body.text()), body, weight }
    }

    /// Whether a run would take one of these replies, or what came after the last of them, without asking.
    fn is_owned(&self, replies: &Replies, turn: &Turn, data: &Map<String, Value>) -> Result<bool> {
        let use_of = |said: &str| placed(self.config, data, self.asked, said);
        let mut tries = Tries::default();
        let mut further: Option<(Turn, Replies)> = None;
        loop {
            let (turn, replies) = further.as_ref().map_or((turn, replies), |(turn, replies)| (turn, replies));
            if replies.all().any(|reply| use_of(&reply.content).is_ok()) {
                return Ok(true);
            }
            // The practice model is never asked again.
            let last = replies.last().filter(|_| provider(self.connection) != Provider::Practice);
            let Some(Err(unusable)) = last.map(|last| use_of(&last.content)) else { return Ok(false) };
            let Some(last) = last.filter(|_| tries.unusable(&unusable)) else { return Ok(false) };
            let next = self.whom().turn_after(turn, &last.content, &unusable);
            let replies = Replies::read(self.inner, &next.hash)?;
            further = Some((next, replies));
        }
    }
}

impl Counted {
    fn of(self, tasks: u32) -> Self {
        let counted = (self.looked_at, tasks);
        let all = |part: u32| u32::try_from(of_all(part.into(), counted)).unwrap_or(u32::MAX);
        Self {
            tasks,
            looked_at: self.looked_at,
            owned: all(self.owned),
            unaskable: all(self.unaskable),
            with_media: all(self.with_media),
            requests: all(self.requests),
            weight: of_all(self.weight, counted),
            dearest: self.dearest,
        }
    }
}

/// Leaves up to `limit` of the positions, in an order in which those up to any one lie evenly among all: each is as far
/// from the last as the golden section of their number.
fn spread(positions: &mut Vec<u32>, limit: usize) {
    let count = positions.len();
    if count < 2 {
        return;
    }
    let golden = (count as f64 * 0.618_033_988_75) as usize;
    let is_coprime = |step: &usize| greatest_common_divisor(*step, count) == 1;
    let step = (golden.max(1)..count).find(is_coprime).unwrap_or(1);
    *positions = (0..count.min(limit)).map(|index| positions[(index * step) % count]).collect();
}

fn greatest_common_divisor(mut one: usize, mut other: usize) -> usize {
    while other > 0 {
        (one, other) = (other, one % other);
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_beginning_of_what_is_looked_at_lies_evenly_among_all() {
        for count in [1, 2, 3, 4, 10, 99, 100, 4_000, 100_000] {
            let mut positions: Vec<u32> = (0..count).collect();
            spread(&mut positions, 4_000);
            let distinct: HashSet<_> = positions.iter().collect();
            assert_eq!((positions.len(), distinct.len()), (count.min(4_000) as usize, count.min(4_000) as usize));
        }
        let mut positions: Vec<u32> = (0..100_000).collect();
        spread(&mut positions, 4_000);
        for tenth in 0..10 {
            let from_it = positions[..1_000].iter().filter(|position| *position / 10_000 == tenth).count();
            assert!((90..=110).contains(&from_it), "{from_it} of the tenth number {tenth}");
        }
    }

    #[test]
    fn what_was_not_looked_at_is_concluded_from_what_was() {
        let found =
            Counted { looked_at: 400, owned: 100, unaskable: 1, requests: 299, weight: 400, ..Counted::default() };
        let all = found.of(100_000);
        assert_eq!((all.tasks, all.looked_at, all.owned, all.unaskable), (100_000, 400, 25_000, 250));
        assert_eq!((all.requests, all.weight), (74_750, 100_000));
        assert_eq!(found.of(400), Counted { tasks: 400, ..found }, "all that were looked at are exact");
    }
}
