//! What is handed over: the tasks without an answer whose requests nobody owns, as many as one batch holds.

use super::BatchRules;
use crate::Result;
use crate::runs::replies::{Replies, Turn};
use crate::runs::worker::ahead::Prepared;
use crate::runs::worker::streak::EQUAL_FAILURES_MAX;
use crate::runs::worker::{End, Question, Work, lock};
use crate::tasks::stored_data;
use serde_json::Value;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use touchstone_domain::TaskId;
use touchstone_providers::{BatchApi, NewBatch};
use touchstone_store::{PendingTask, RunRow};

/// One batch, ready to be handed over.
pub(super) struct Part {
    /// The hash of each request, and the task that it is made for.
    pub requests: Vec<(String, TaskId)>,
    /// Not yet named.
    pub batch: NewBatch,
    /// What it can cost, in picodollars.
    pub most_picos: u64,
}

/// Where the tasks of the next batch come from.
pub(super) struct Source {
    after: Option<u32>,
    page: VecDeque<(Question, Turn)>,
    is_over: bool,
    /// Tasks that may yet be asked online until one is answered.
    tries_left: u32,
}

impl Source {
    pub(super) fn new(run: &RunRow) -> Self {
        let has_parts = run.batch.as_ref().is_some_and(|sums| sums.parts > 0);
        let tries_left = if has_parts || run.total < 2 { 0 } else { EQUAL_FAILURES_MAX };
        Self { after: None, page: VecDeque::new(), is_over: false, tries_left }
    }

    /// Goes through all tasks once more.
    pub(super) fn begin_anew(&mut self) {
        (self.after, self.is_over) = (None, false);
        self.page.clear();
    }
}

impl Work {
    /// The next batch; `None` when nothing is left to hand over, or the run ends.
    pub(super) async fn next_part(
        &self,
        api: &dyn BatchApi,
        rules: BatchRules,
        source: &mut Source,
    ) -> Result<Option<Part>> {
        let limits = api.limits();
        let requests_max = limits.requests.min(rules.requests_max).max(1);
        let mut part = Part { requests: Vec::new(), batch: NewBatch::default(), most_picos: 0 };
        let mut in_part = HashSet::new();
        let mut bytes = 0;
        while !self.closing.is_cancelled() {
            let Some((question, turn)) = source.page.pop_front() else {
                if source.is_over {
                    break;
                }
                self.fill(source, &in_part).await?;
                continue;
            };
            if source.tries_left > 0 {
                self.try_online(question, source).await;
                continue;
            }
            let line = api.line(&turn.hash, &turn.body);
            if !part.batch.lines.is_empty() && bytes + line.len() >= limits.bytes {
                source.page.push_front((question, turn));
                break;
            }
            if let Some(budget) = &self.budget {
                match budget.most_of_batch(&turn) {
                    Ok(picos) => part.most_picos = part.most_picos.saturating_add(picos),
                    Err(shortage) => {
                        self.end(End::Short(shortage));
                        return Ok(None);
                    }
                }
            }
            in_part.insert(turn.hash.clone());
            // With what stands between lines.
            bytes += line.len() + 1;
            part.requests.push((turn.hash, question.task.id));
            if part.batch.lines.is_empty() {
                part.batch.body = Value::clone(&turn.body);
            }
            part.batch.lines.push(line);
            if part.batch.lines.len() >= requests_max {
                break;
            }
        }
        Ok(Some(part).filter(|part| !part.batch.lines.is_empty() && !self.closing.is_cancelled()))
    }

    /// Asks one task online. What a vendor refuses of it, it would refuse of all, and of a batch it says so late.
    async fn try_online(&self, question: Question, source: &mut Source) {
        let settled = Box::pin(self.attend(Prepared { question, opening: None })).await;
        self.committed(settled).await;
        source.tries_left -= 1;
        // The form of the answer, or the parameters that are sent, may have changed by it.
        source.begin_anew();
        let streak = lock(&self.streak);
        if streak.had_answer {
            source.tries_left = 0;
        } else if !streak.held.is_empty() {
            self.end(streak.end(streak.with_open(streak.message.clone())));
        }
    }

    /// Reads the next tasks, and puts those aside that have to be asked and are not in the part already; of those with the same
    /// request one.
    async fn fill(&self, source: &mut Source, in_part: &HashSet<String>) -> Result<()> {
        let tasks = self.page(source.after).await;
        let Some(last) = tasks.back() else {
            source.is_over = true;
            return Ok(());
        };
        source.after = Some(last.position);
        let mut asked = Vec::new();
        for task in tasks {
            asked.extend(self.batchable(task).await);
        }
        let requests: Vec<_> = asked.iter().map(|(question, turn)| (turn.hash.clone(), question.task.id)).collect();
        let run_key = self.run.key;
        let open: Vec<bool> = self
            .engine
            .blocking(move |inner| {
                let batched = inner.store.are_batched(run_key, &requests)?;
                let hashes: Vec<_> = requests.iter().map(|(hash, _)| hash).collect();
                let replies = Replies::read_all(inner, &hashes)?;
                // What is owned costs nothing, and a conversation that was begun goes on online.
                Ok(batched.iter().zip(replies).map(|(batched, replies)| !batched && replies.is_empty()).collect())
            })
            .await?;
        let mut in_page = HashSet::new();
        let mut is_new = |turn: &Turn| !in_part.contains(&turn.hash) && in_page.insert(turn.hash.clone());
        let open = asked.into_iter().zip(open).filter(|((_, turn), is_open)| *is_open && is_new(turn));
        source.page.extend(open.map(|(asked, _)| asked));
        Ok(())
    }

    /// What is asked about a task, if that can stand in a batch. A task that cannot be asked at all is told so.
    async fn batchable(&self, task: PendingTask) -> Option<(Question, Turn)> {
        let question = Question { data: stored_data(&task.data), task };
        match self.filled(&question.data) {
            Ok(filled) if filled.wanted.is_empty() => {
                let turn = self.turn(Arc::new(filled.with(Vec::new())));
                Some((question, turn))
            }
            Ok(_) => None,
            Err(failure) => {
                self.committed(self.unasked(&question, failure).into()).await;
                None
            }
        }
    }
}
