//! The journal: the one writer of answers and predictions.
//!
//! A run hands over what it received and is told when it is committed; only then may it be shown. Everything that
//! arrives while one transaction is being written goes into the next (group commit), so a fast provider costs one
//! fsync for many answers and a slow one waits for none.
//!
//! It also counts what the predictions of a run say (`tallies.rs`), and hands that over with a group from time to time, as
//! adding to what is there costs as much as some predictions.

use crate::connections::OR_ADD_TO_SPENDING;
use crate::database::Store;
use crate::error::{Result, StoreError};
use crate::tallies;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use touchstone_domain::TaskId;
use touchstone_domain::answer::evidence_hash;
use touchstone_domain::metrics::{RunTally, TaskMeasure};

/// Entries in one transaction at most: bounds how long the first of them waits.
const GROUP_MAX: usize = 512;

/// After a group of so many, the next waits a little for more: a commit costs about as much as the answers in it. A run that
/// has few tasks at once waits for none, as it has no more to hand over before these are committed.
const GATHERING_MIN: usize = 16;

/// How long the first of a group waits for others at most.
const GATHERING_TIME_MAX: Duration = Duration::from_millis(10);

const GATHERING_STEP: Duration = Duration::from_millis(1);

/// How long what was counted of a run at work stays here, where other programs do not see it.
const COUNTED_HERE_MAX: Duration = Duration::from_secs(2);

/// A reply as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRow {
    pub hash: String,
    /// The model's text.
    pub content: String,
    pub prompt_tokens: Option<u32>,
    pub completion_tokens: Option<u32>,
    /// The part of the input that was read from a cache.
    pub cached_tokens: Option<u32>,
    /// The part of the output that the model thought.
    pub reasoning_tokens: Option<u32>,
    /// In picodollars, millionths of a millionth of a dollar, of which each call costs a whole number; `None` when the price
    /// is not known.
    pub cost_picos: Option<u64>,
    pub latency_ms: u32,
    /// What the provider finds the call by.
    pub request_id: Option<String>,
}

/// How a prediction compares with ground truth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    pub correct: bool,
    /// In [0, 1].
    pub score: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PredictionRow {
    pub task_id: TaskId,
    pub answer_hash: Option<String>,
    /// JSON list of regions; `None` when the task failed.
    pub result: Option<String>,
    /// JSON list of repairs; `None` when there was none.
    pub repairs: Option<String>,
    /// How it compares with ground truth; `None` when there is none, or the task failed.
    pub measure: Option<Box<TaskMeasure<'static>>>,
    /// How sure it is of its least certain region, in [0, 1]; `None` unless all regions say theirs.
    pub confidence: Option<f64>,
    /// Code and words; `Some` exactly when the task failed.
    pub error: Option<(String, String)>,
    /// JSON of what the provider said of the failure.
    pub error_vendor: Option<String>,
    pub has_truth: bool,
    /// Its answer was owned already.
    pub cached: bool,
    /// Requests that were sent for it.
    pub attempts: u32,
    /// Of all its requests; of the owned answer if it is cached.
    pub prompt_tokens: Option<u32>,
    pub completion_tokens: Option<u32>,
    pub cached_tokens: Option<u32>,
    pub reasoning_tokens: Option<u32>,
    /// What the run paid for it as far as prices are known, in picodollars.
    pub cost_picos: u64,
    /// Replies that were paid and whose price is not known.
    pub unpriced: u32,
    /// Replies that were paid and whose tokens the server did not count.
    pub uncounted: u32,
    pub lost: Lost,
    pub latency_ms: Option<u32>,
}

impl PredictionRow {
    fn scored(&self) -> Option<Scored> {
        self.measure.as_ref().map(|measure| Scored { correct: measure.is_correct, score: measure.score })
    }
}

/// Calls that may be charged for though nobody says what, each as the most that it can cost: replies whose price is not
/// known, and calls that were sent and brought none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    pub calls: u32,
    /// In picodollars.
    pub picos: u64,
}

impl Lost {
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { calls: self.calls.saturating_add(other.calls), picos: self.picos.saturating_add(other.picos) }
    }

    #[must_use]
    fn less(self, other: Self) -> Self {
        Self { calls: self.calls.saturating_sub(other.calls), picos: self.picos.saturating_sub(other.picos) }
    }
}

/// What a run hands over for one task.
#[derive(Clone, Debug)]
pub struct Entry {
    pub run_key: i64,
    /// The program that paid for it, whoever has the run's lease by now.
    pub owner: String,
    /// The replies that were received for it, usable or not.
    pub answers: Vec<AnswerRow>,
    pub prediction: PredictionRow,
    /// The task is not done yet, or the run ends before it was attended to: what it took is counted, but it has no
    /// prediction and stays open.
    pub is_given_up: bool,
    /// What it took found out in which form the model answers, and is no matter of the task.
    pub is_probe: bool,
    /// What of the prediction's numbers an earlier entry for the task has counted.
    pub counted: Counted,
    pub now: String,
}

/// What the requests for a task took, as far as a run has counted it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub attempts: u32,
    pub prompt_tokens: u32,
    pub completion_tokens: u32,
    pub cached_tokens: u32,
    pub reasoning_tokens: u32,
    pub cost_picos: u64,
    pub unpriced: u32,
    pub uncounted: u32,
    pub lost: Lost,
}

impl Entry {
    /// What the run has to count: all that the task took but for what it has counted before. Retries come with it.
    fn to_count(&self) -> (Counted, u32) {
        let (took, before) = (&self.prediction, &self.counted);
        // Tokens of an answer that was owned already were paid by the run that asked.
        let paid = |tokens: Option<u32>| if took.cached { 0 } else { tokens.unwrap_or(0) };
        let retries = |attempts: u32| attempts.saturating_sub(1);
        let counted = Counted {
            attempts: took.attempts.saturating_sub(before.attempts),
            prompt_tokens: paid(took.prompt_tokens).saturating_sub(before.prompt_tokens),
            completion_tokens: paid(took.completion_tokens).saturating_sub(before.completion_tokens),
            cached_tokens: paid(took.cached_tokens).saturating_sub(before.cached_tokens),
            reasoning_tokens: paid(took.reasoning_tokens).saturating_sub(before.reasoning_tokens),
            cost_picos: took.cost_picos.saturating_sub(before.cost_picos),
            unpriced: took.unpriced.saturating_sub(before.unpriced),
            uncounted: took.uncounted.saturating_sub(before.uncounted),
            lost: took.lost.less(before.lost),
        };
        (counted, retries(took.attempts).saturating_sub(retries(before.attempts)))
    }
}

/// How often a group waits for another program's transaction: what was paid for is worth some minutes.
const LOCKED_TRIES_MAX: u32 = 12;

type Then = Box<dyn FnOnce(Result<()>) + Send>;

// Nearly all of them are entries.
#[allow(clippy::large_enum_variant)]
enum Message {
    Entry(Entry, Then),
    /// From here on, count what the predictions of a run say, beginning with nothing as this tally says it.
    Count(i64, RunTally),
    /// Hand over what was counted of a run. If it is over, nothing more is counted of it.
    HandOver {
        run_key: i64,
        is_over: bool,
        then: Then,
    },
    /// Count nothing more of a run, and forget what was counted here: another program is at work on it.
    Forget(i64),
}

/// Handle to the writer's thread, which ends with it.
pub struct Journal {
    /// `None` once it ends.
    entries: Option<mpsc::Sender<Message>>,
    writer: Option<JoinHandle<()>>,
}

/// Waits until all is written and the connection is closed: whoever closes the last one leaves a file that is whole by itself.
impl Drop for Journal {
    fn drop(&mut self) {
        self.entries = None;
        // What is called once an entry is committed may hold the last handle, and runs on that very thread.
        let writer = self.writer.take().filter(|writer| writer.thread().id() != std::thread::current().id());
        if let Some(Err(_)) = writer.map(JoinHandle::join) {
            tracing::error!("the journal ended early");
        }
    }
}

impl Journal {
    pub(crate) fn start(connection: Connection) -> Self {
        let (entries, received) = mpsc::channel();
        let writer = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write_groups(connection, &received))
            .expect("a thread can be started while the program starts");
        Self { entries: Some(entries), writer: Some(writer) }
    }

    /// Hands `entry` over at once, to be committed whether or not anybody waits for it. Once what is given back is ready and
    /// `Ok`, the answer survives a crash and a power cut. It is small, unlike an entry.
    pub fn commit(&self, entry: Entry) -> impl Future<Output = Result<()>> + use<> {
        let (done, committed) = oneshot::channel();
        self.commit_then(entry, move |outcome| {
            // Nobody waits when the run was dropped; what it paid for is kept all the same.
            let _ = done.send(outcome);
        });
        async move { committed.await.map_err(|_| StoreError::Database(rusqlite::Error::UnwindingPanic))? }
    }

    /// The same with `then` called on the writer's thread once it is committed or has failed, which must return at once.
    pub fn commit_then(&self, entry: Entry, then: impl FnOnce(Result<()>) + Send + 'static) {
        self.send(Message::Entry(entry, Box::new(then)));
    }

    /// Counts from now on what the predictions of a run say; `empty` is a tally of its controls that counts nothing.
    pub fn count(&self, run_key: i64, empty: RunTally) {
        self.send(Message::Count(run_key, empty));
    }

    /// Adds what was counted of a run to what the workspace has, and counts on. Once what is given back is ready and `Ok`,
    /// the workspace has counted all that was committed before this call.
    pub fn hand_over(&self, run_key: i64) -> impl Future<Output = Result<()>> + use<> {
        self.hand_over_and(run_key, false)
    }

    /// The same for a run of which nothing more is to be counted.
    pub fn count_no_more(&self, run_key: i64) -> impl Future<Output = Result<()>> + use<> {
        self.hand_over_and(run_key, true)
    }

    fn hand_over_and(&self, run_key: i64, is_over: bool) -> impl Future<Output = Result<()>> + use<> {
        let (done, handed_over) = oneshot::channel();
        let then = Box::new(move |outcome| {
            let _ = done.send(outcome);
        });
        self.send(Message::HandOver { run_key, is_over, then });
        async move { handed_over.await.map_err(|_| StoreError::Database(rusqlite::Error::UnwindingPanic))? }
    }

    /// Counts nothing more of a run that another program is at work on by now, which makes its tally anew.
    pub fn forget(&self, run_key: i64) {
        self.send(Message::Forget(run_key));
    }

    fn send(&self, message: Message) {
        let entries = self.entries.as_ref().expect("there until it is dropped");
        if let Err(mpsc::SendError(Message::Entry(_, then) | Message::HandOver { then, .. })) = entries.send(message) {
            // The writer is gone, and nobody else writes.
            then(Err(StoreError::Database(rusqlite::Error::UnwindingPanic)));
        }
    }
}

/// What was counted of runs at work and is not in the workspace yet.
struct Counting {
    runs: BTreeMap<i64, CountedRun>,
    handed_over: Instant,
}

struct CountedRun {
    /// A tally of its controls that counts nothing.
    empty: RunTally,
    counted: RunTally,
}

impl CountedRun {
    fn has_counted(&self) -> bool {
        self.counted.tallied().predictions > 0
    }
}

impl Counting {
    fn hand_over(&self, transaction: &Transaction<'_>) -> Result<()> {
        for (&run_key, run) in self.runs.iter().filter(|(_, run)| run.has_counted()) {
            tallies::add(transaction, run_key, &run.counted)?;
        }
        Ok(())
    }

    fn handed_over(&mut self) {
        self.handed_over = Instant::now();
        for run in self.runs.values_mut().filter(|run| run.has_counted()) {
            run.counted = run.empty.clone();
        }
    }
}

/// What came of the messages, in order.
#[derive(Default)]
struct Received {
    group: Vec<(Entry, Then)>,
    /// Runs whose counts are wanted, once the group is written.
    wanted: Vec<(i64, bool, Then)>,
}

impl Received {
    fn take(&mut self, message: Message, counting: &mut Counting) {
        match message {
            Message::Entry(entry, then) => self.group.push((entry, then)),
            Message::Count(run_key, empty) => {
                counting.runs.insert(run_key, CountedRun { counted: empty.clone(), empty });
            }
            Message::HandOver { run_key, is_over, then } => self.wanted.push((run_key, is_over, then)),
            Message::Forget(run_key) => drop(counting.runs.remove(&run_key)),
        }
    }
}

fn write_groups(mut connection: Connection, received: &mpsc::Receiver<Message>) {
    let mut counting = Counting { runs: BTreeMap::new(), handed_over: Instant::now() };
    let mut gathers = false;
    while let Ok(first) = received.recv() {
        let mut now = Received::default();
        now.take(first, &mut counting);
        for message in received.try_iter().take(GROUP_MAX - 1) {
            now.take(message, &mut counting);
        }
        if gathers {
            gather(received, &mut now, &mut counting);
        }
        let Received { group, wanted } = now;
        gathers = group.len() >= GATHERING_MIN;
        if !group.is_empty() {
            write_and_tell(&mut connection, group, &mut counting);
        }
        if !wanted.is_empty() {
            hand_over_and_tell(&mut connection, wanted, &mut counting);
        }
    }
}

/// Each try waits for the lock as long as any statement does.
fn until_unlocked<T>(mut write: impl FnMut() -> Result<T>) -> Result<T> {
    let mut tries = 0;
    loop {
        match write() {
            Err(StoreError::Locked) if tries < LOCKED_TRIES_MAX => tries += 1,
            outcome => return outcome,
        }
    }
}

fn write_and_tell(connection: &mut Connection, group: Vec<(Entry, Then)>, counting: &mut Counting) {
    let hands_over = counting.handed_over.elapsed() > COUNTED_HERE_MAX;
    let outcome = until_unlocked(|| {
        let before = hands_over.then_some(&*counting);
        write_group(connection, group.iter().map(|(entry, _)| entry), before)
    });
    if let Ok(added) = &outcome {
        if hands_over {
            counting.handed_over();
        }
        for ((entry, _), _) in group.iter().zip(added).filter(|(_, added)| **added) {
            if let Some(run) = counting.runs.get_mut(&entry.run_key) {
                run.counted.add(entry.prediction.latency_ms, entry.prediction.measure.as_deref());
            }
        }
    }
    for (_, then) in group {
        then(match &outcome {
            Ok(_) => Ok(()),
            Err(error) => Err(again(error)),
        });
    }
}

fn hand_over_and_tell(connection: &mut Connection, wanted: Vec<(i64, bool, Then)>, counting: &mut Counting) {
    let outcome = until_unlocked(|| {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        counting.hand_over(&transaction)?;
        Ok(transaction.commit()?)
    });
    if outcome.is_ok() {
        counting.handed_over();
    }
    for (run_key, is_over, then) in wanted {
        if is_over {
            counting.runs.remove(&run_key);
        }
        then(match &outcome {
            Ok(()) => Ok(()),
            Err(error) => Err(again(error)),
        });
    }
}

/// Adds what comes while it comes thick and fast, and no longer.
fn gather(received: &mpsc::Receiver<Message>, now: &mut Received, counting: &mut Counting) {
    let began = Instant::now();
    while now.group.len() < GROUP_MAX && began.elapsed() < GATHERING_TIME_MAX {
        let before = now.group.len();
        // To sleep costs one wake-up, to wait for each would cost as many as there are.
        std::thread::sleep(GATHERING_STEP);
        for message in received.try_iter().take(GROUP_MAX - before) {
            now.take(message, counting);
        }
        if now.group.len() == before {
            return;
        }
    }
}

/// The same failure for each of the group: `StoreError` holds an error that cannot be cloned.
fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Locked => StoreError::Locked,
        StoreError::DiskFull => StoreError::DiskFull,
        StoreError::ReadOnly => StoreError::ReadOnly,
        other => StoreError::Database(rusqlite::Error::ToSqlConversionFailure(other.to_string().into())),
    }
}

/// Says of each entry whether it added a prediction. `counted` is handed over with it.
fn write_group<'e>(
    connection: &mut Connection,
    entries: impl Iterator<Item = &'e Entry>,
    counted: Option<&Counting>,
) -> Result<Vec<bool>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut have_added = Vec::with_capacity(entries.size_hint().0);
    let mut runs: BTreeMap<i64, Sums> = BTreeMap::new();
    // By run, day and owner.
    let mut spent: BTreeMap<(i64, &str, &str), (u64, Lost)> = BTreeMap::new();
    {
        let mut answers = transaction.prepare_cached(
            "INSERT INTO answer (hash, content, prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens,
               cost_picos, latency_ms, request_id, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (hash) DO NOTHING",
        )?;
        let mut kept = transaction.prepare_cached("SELECT content FROM answer WHERE hash = ?1")?;
        let mut predictions = transaction.prepare_cached(
            "INSERT INTO prediction (run_key, task_id, answer_hash, result, repairs, correct, score, error_code,
               error_message, error_vendor, cached, attempts, prompt_tokens, completion_tokens, cached_tokens,
               reasoning_tokens, cost_picos, latency_ms, confidence)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
             ON CONFLICT (run_key, task_id) DO NOTHING",
        )?;
        for entry in entries {
            let mut moved = None;
            for answer in &entry.answers {
                let mut keep = |hash: &str| {
                    answers.execute(params![
                        hash,
                        answer.content,
                        answer.prompt_tokens,
                        answer.completion_tokens,
                        answer.cached_tokens,
                        answer.reasoning_tokens,
                        answer.cost_picos.map(column),
                        answer.latency_ms,
                        answer.request_id,
                        entry.now
                    ])
                };
                if keep(&answer.hash)? == 1 {
                    continue;
                }
                let content: String = kept.query_row([&answer.hash], |row| row.get(0))?;
                // Two processes may ask the same at once, or choose the same number. Whoever comes second was paid as well.
                if content != answer.content {
                    let hash = evidence_hash(&answer.hash, &answer.content);
                    keep(&hash)?;
                    if entry.prediction.answer_hash.as_ref() == Some(&answer.hash) {
                        moved = Some(hash);
                    }
                }
            }
            let (took, _) = entry.to_count();
            if took.cost_picos > 0 || took.lost != Lost::default() {
                let day = entry.now.get(..10).unwrap_or(&entry.now);
                let (cost_picos, lost) = spent.entry((entry.run_key, day, &entry.owner)).or_default();
                *cost_picos = cost_picos.saturating_add(took.cost_picos);
                *lost = lost.plus(took.lost);
            }
            let sums = runs.entry(entry.run_key).or_default();
            if entry.is_given_up {
                sums.take(entry);
                have_added.push(false);
                continue;
            }
            let prediction = &entry.prediction;
            let scored = prediction.scored();
            let added = predictions.execute(params![
                entry.run_key,
                prediction.task_id.0,
                moved.as_ref().or(prediction.answer_hash.as_ref()),
                prediction.result,
                prediction.repairs,
                scored.map(|scored| scored.correct),
                scored.map(|scored| scored.score),
                prediction.error.as_ref().map(|(code, _)| code),
                prediction.error.as_ref().map(|(_, message)| message),
                prediction.error_vendor,
                prediction.cached,
                prediction.attempts,
                prediction.prompt_tokens,
                prediction.completion_tokens,
                prediction.cached_tokens,
                prediction.reasoning_tokens,
                (prediction.unpriced == 0).then_some(column(prediction.cost_picos)),
                prediction.latency_ms,
                prediction.confidence
            ])?;
            // A task that the run has already answered (two owners after a stale lease) counts once.
            have_added.push(added == 1);
            if added == 1 {
                sums.take(entry);
                sums.done(prediction);
            }
        }
        let mut spending = transaction.prepare_cached(&format!(
            "INSERT INTO spending (day, connection_id, owner, cost_picos, lost, lost_picos)
             SELECT ?2, connection_id, ?3, ?4, ?5, ?6 FROM run WHERE key = ?1 {OR_ADD_TO_SPENDING}"
        ))?;
        for ((run_key, day, owner), (cost_picos, lost)) in spent {
            spending.execute(params![run_key, day, owner, column(cost_picos), lost.calls, column(lost.picos)])?;
        }
        let mut counts = transaction.prepare_cached(
            "UPDATE run SET done = done + ?2, scored = scored + ?3, correct = correct + ?4, failed = failed + ?5,
               failed_with_truth = failed_with_truth + ?6, cached = cached + ?7, requests = requests + ?8,
               retries = retries + ?9, prompt_tokens = prompt_tokens + ?10,
               completion_tokens = completion_tokens + ?11, score_sum = score_sum + ?12,
               cost_picos = min(cost_picos + ?13, 9223372036854775807), unpriced = unpriced + ?14,
               cached_tokens = cached_tokens + ?15, reasoning_tokens = reasoning_tokens + ?16, probes = probes + ?17,
               uncounted = uncounted + ?18, lost = lost + ?19,
               lost_picos = min(lost_picos + ?20, 9223372036854775807)
             WHERE key = ?1",
        )?;
        for (run_key, sums) in runs {
            counts.execute(params![
                run_key,
                sums.done,
                sums.scored,
                sums.correct,
                sums.failed,
                sums.failed_with_truth,
                sums.cached,
                sums.requests,
                sums.retries,
                column(sums.prompt_tokens),
                column(sums.completion_tokens),
                sums.score,
                column(sums.cost_picos),
                sums.unpriced,
                column(sums.cached_tokens),
                column(sums.reasoning_tokens),
                sums.probes,
                sums.uncounted,
                sums.lost.calls,
                column(sums.lost.picos)
            ])?;
        }
    }
    if let Some(counting) = counted {
        counting.hand_over(&transaction)?;
    }
    transaction.commit()?;
    Ok(have_added)
}

/// What a group adds to the counts of one run: its row is written once, not once for each task.
#[derive(Default)]
struct Sums {
    done: u32,
    scored: u32,
    correct: u32,
    failed: u32,
    failed_with_truth: u32,
    cached: u32,
    requests: u32,
    retries: u32,
    prompt_tokens: u64,
    completion_tokens: u64,
    cached_tokens: u64,
    reasoning_tokens: u64,
    score: f64,
    cost_picos: u64,
    unpriced: u32,
    probes: u32,
    uncounted: u32,
    lost: Lost,
}

impl Sums {
    /// What was spent on a task.
    fn take(&mut self, entry: &Entry) {
        let (took, retries) = entry.to_count();
        self.requests += took.attempts;
        self.retries += retries;
        self.prompt_tokens += u64::from(took.prompt_tokens);
        self.completion_tokens += u64::from(took.completion_tokens);
        self.cached_tokens += u64::from(took.cached_tokens);
        self.reasoning_tokens += u64::from(took.reasoning_tokens);
        self.cost_picos = self.cost_picos.saturating_add(took.cost_picos);
        self.unpriced += took.unpriced;
        self.probes += if entry.is_probe { took.attempts } else { 0 };
        self.uncounted += took.uncounted;
        self.lost = self.lost.plus(took.lost);
    }

    /// What became of it.
    fn done(&mut self, prediction: &PredictionRow) {
        self.done += 1;
        let scored = prediction.scored();
        self.scored += u32::from(scored.is_some());
        self.correct += u32::from(scored.is_some_and(|scored| scored.correct));
        self.failed += u32::from(prediction.error.is_some());
        self.failed_with_truth += u32::from(prediction.error.is_some() && prediction.has_truth);
        self.cached += u32::from(prediction.cached);
        self.score += scored.map_or(0.0, |scored| scored.score);
    }
}

/// An amount as SQLite keeps it: nine million dollars are the most. A sum that came to more would be no whole number any
/// more, and refused with all that is written beside it, so sums stay there too.
pub(crate) fn column(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

impl Store {
    /// The answer to exactly this request, if it was ever received.
    pub fn answer(&self, hash: &str) -> Result<Option<AnswerRow>> {
        self.read(|reader| answer(reader, hash))
    }

    /// The answers to exactly these requests, in their order, as one moment has them.
    pub fn answers<'h>(&self, hashes: impl IntoIterator<Item = &'h str>) -> Result<Vec<Option<AnswerRow>>> {
        self.read(|reader| {
            let moment = reader.unchecked_transaction()?;
            hashes.into_iter().map(|hash| answer(&moment, hash)).collect()
        })
    }
}

fn answer(reader: &Connection, hash: &str) -> Result<Option<AnswerRow>> {
    let mut statement = reader.prepare_cached(
        "SELECT content, prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, cost_picos, latency_ms,
           request_id FROM answer WHERE hash = ?1",
    )?;
    Ok(statement
        .query_row([hash], |row| {
            Ok(AnswerRow {
                hash: hash.to_owned(),
                content: row.get(0)?,
                prompt_tokens: row.get(1)?,
                completion_tokens: row.get(2)?,
                cached_tokens: row.get(3)?,
                reasoning_tokens: row.get(4)?,
                cost_picos: row.get::<_, Option<i64>>(5)?.map(i64::unsigned_abs),
                latency_ms: row.get(6)?,
                request_id: row.get(7)?,
            })
        })
        .optional()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RunRow;
    use crate::fixture::{NOW, workspace_with_run};

    fn entry(run: &RunRow, task: i64, answer: &str) -> Entry {
        Entry {
            run_key: run.key,
            owner: "me".to_owned(),
            answers: vec![AnswerRow {
                hash: format!("hash of {task}"),
                content: answer.to_owned(),
                prompt_tokens: Some(10),
                completion_tokens: Some(2),
                cached_tokens: Some(4),
                reasoning_tokens: Some(1),
                cost_picos: Some(7),
                latency_ms: 5,
                request_id: Some("req".to_owned()),
            }],
            prediction: PredictionRow {
                task_id: TaskId(task),
                answer_hash: Some(format!("hash of {task}")),
                result: Some("[]".to_owned()),
                repairs: None,
                measure: Some(Box::new(TaskMeasure {
                    score: 1.0,
                    is_correct: true,
                    confidence: None,
                    controls: Vec::new(),
                })),
                confidence: None,
                error: None,
                error_vendor: None,
                has_truth: true,
                cached: false,
                attempts: 3,
                prompt_tokens: Some(10),
                completion_tokens: Some(2),
                cached_tokens: Some(4),
                reasoning_tokens: None,
                cost_picos: 7,
                unpriced: 0,
                uncounted: 0,
                lost: Lost::default(),
                latency_ms: Some(5),
            },
            is_given_up: false,
            is_probe: false,
            counted: Counted::default(),
            now: NOW.to_owned(),
        }
    }

    #[tokio::test]
    async fn another_reply_under_a_taken_key_is_kept_beside_it() {
        let (_folder, store, run) = workspace_with_run();
        let mut other = entry(&run, 2, "other");
        other.answers[0].hash = "hash of 1".to_owned();
        other.prediction.answer_hash = Some("hash of 1".to_owned());
        store.journal().commit(entry(&run, 1, "first")).await.expect("committed");
        store.journal().commit(other).await.expect("committed");
        let content = |hash: &str| store.answer(hash).expect("read").expect("kept").content;
        assert_eq!(content("hash of 1"), "first");
        assert_eq!(content(&evidence_hash("hash of 1", "other")), "other");
    }

    #[tokio::test]
    async fn a_commit_is_counted_once_whoever_repeats_it() {
        let (_folder, store, run) = workspace_with_run();
        store.journal().commit(entry(&run, 1, "first")).await.expect("committed");
        store.journal().commit(entry(&run, 1, "again")).await.expect("ignored");
        store.journal().commit(entry(&run, 2, "second")).await.expect("committed");
        let run = store.run(&run.id).expect("run");
        assert_eq!((run.done, run.correct, run.scored), (2, 2, 2));
        assert_eq!((run.requests, run.retries, run.prompt_tokens), (6, 4, 20));
        assert_eq!((run.cost_picos, run.unpriced), (14, 0));
        let owned = store.answer("hash of 1").expect("read").expect("owned");
        assert_eq!(owned.content, "first", "an answer never changes");
        assert_eq!((owned.cost_picos, owned.request_id.as_deref()), (Some(7), Some("req")));
        let left: Vec<_> =
            store.unanswered_tasks(&run, None, 10).expect("tasks").iter().map(|task| task.id.0).collect();
        assert_eq!(left, [3]);
    }

    #[test]
    fn a_group_counts_all_that_is_in_it_and_nothing_twice() {
        let (_folder, store, run) = workspace_with_run();
        let mut connection = Connection::open(store.path()).expect("a writer of its own");
        let mut failed = entry(&run, 2, "second");
        failed.prediction.error = Some(("code".to_owned(), "words".to_owned()));
        failed.prediction.measure = None;
        let begun = Entry { is_given_up: true, ..entry(&run, 3, "third") };
        let group = [entry(&run, 1, "first"), entry(&run, 1, "again"), failed, begun];
        let added = write_group(&mut connection, group.iter(), None).expect("committed");
        assert_eq!(added, [true, false, true, false]);
        let run = store.run(&run.id).expect("run");
        assert_eq!((run.done, run.correct, run.scored, run.failed, run.failed_with_truth), (2, 1, 1, 1, 1));
        assert_eq!((run.requests, run.retries, run.prompt_tokens, run.cost_picos), (9, 6, 30, 21));
        assert!((run.score_sum - 1.0).abs() < 1e-9, "{}", run.score_sum);
    }

    #[tokio::test]
    async fn answers_come_in_the_order_in_which_they_are_asked_for() {
        let (_folder, store, run) = workspace_with_run();
        for (task, said) in [(1, "first"), (3, "third")] {
            store.journal().commit(entry(&run, task, said)).await.expect("committed");
        }
        let found = store.answers(["hash of 3", "hash of 2", "hash of 1"]).expect("read");
        let said: Vec<_> = found.iter().map(|answer| answer.as_ref().map(|answer| answer.content.as_str())).collect();
        assert_eq!(said, [Some("third"), None, Some("first")]);
    }

    #[tokio::test]
    async fn a_task_that_was_given_up_stays_open_and_what_it_took_is_kept() {
        let (_folder, store, run) = workspace_with_run();
        let given_up = Entry { is_given_up: true, ..entry(&run, 1, "evidence") };
        store.journal().commit(given_up).await.expect("committed");
        let run = store.run(&run.id).expect("run");
        assert_eq!((run.done, run.requests, run.retries, run.prompt_tokens), (0, 3, 2, 10));
        assert_eq!(run.cost_picos, 7, "it was paid all the same");
        assert!(store.answer("hash of 1").expect("read").is_some(), "what was received is kept");
        assert_eq!(store.unanswered_tasks(&run, None, 10).expect("tasks").len(), 3);
    }

    #[tokio::test]
    async fn what_found_out_the_form_is_counted_apart_from_the_tasks() {
        let (_folder, store, run) = workspace_with_run();
        let mut probe = Entry { is_given_up: true, is_probe: true, answers: Vec::new(), ..entry(&run, 1, "") };
        (probe.prediction.attempts, probe.prediction.uncounted) = (1, 1);
        for entry in [probe.clone(), probe, entry(&run, 1, "first")] {
            store.journal().commit(entry).await.expect("committed");
        }
        let run = store.run(&run.id).expect("run");
        assert_eq!((run.done, run.requests, run.probes, run.retries), (1, 5, 2, 2));
        assert_eq!((run.prompt_tokens, run.cost_picos, run.uncounted), (30, 21, 2));
        assert_eq!(store.spending(&NOW[..10], "me").expect("read")[0].own_picos, 21);
    }

    #[tokio::test]
    async fn what_was_spent_is_told_by_day_connection_and_who_paid_though_the_lease_is_gone() {
        let (_folder, store, run) = workspace_with_run();
        let by_other = Entry { owner: "other".to_owned(), ..entry(&run, 2, "second") };
        let later = Entry { now: "2026-11-23T00:00:00.000Z".to_owned(), ..entry(&run, 3, "third") };
        for entry in [entry(&run, 1, "first"), by_other, later] {
            store.journal().commit(entry).await.expect("committed");
        }
        let spending = |day: &str, owner: &str| {
            let found = store.spending(day, owner).expect("read");
            assert!(found.iter().all(|spent| spent.connection_id == run.connection_id));
            found.iter().map(|spent| (spent.own_picos, spent.others_picos)).collect::<Vec<_>>()
        };
        assert_eq!(spending(&NOW[..10], "me"), [(7, 7)]);
        assert_eq!(spending(&NOW[..10], "a third"), [(0, 14)]);
        assert_eq!(spending("2026-11-23", "me"), [(7, 0)]);
        assert_eq!(spending("2026-11-24", "me"), []);
        for cost_picos in [3, u64::MAX] {
            store.add_spending("2026-11-23", &run.connection_id, "me", cost_picos).expect("a test of the connection");
        }
        assert_eq!(spending("2026-11-23", "me"), [(i64::MAX.unsigned_abs(), 0)]);
    }

    #[tokio::test]
    async fn tokens_of_an_owned_answer_are_those_of_the_run_that_asked() {
        let (_folder, store, run) = workspace_with_run();
        let mut owned = entry(&run, 1, "first");
        owned.prediction.cached = true;
        owned.prediction.reasoning_tokens = Some(1);
        store.journal().commit(owned).await.expect("committed");
        let now = store.run(&run.id).expect("run");
        assert_eq!([now.prompt_tokens, now.completion_tokens, now.cached_tokens, now.reasoning_tokens], [0; 4]);
        let row = store.result(run.key, TaskId(1)).expect("a result");
        assert_eq!((row.cached_tokens, row.reasoning_tokens), (Some(4), Some(1)));
    }

    #[tokio::test]
    async fn what_cannot_be_counted_any_more_stays_at_the_most_and_its_answers_are_kept() {
        let (_folder, store, run) = workspace_with_run();
        let other = Entry { owner: "other".to_owned(), ..entry(&run, 3, "third") };
        for mut entry in [entry(&run, 1, "first"), entry(&run, 2, "second"), other] {
            entry.prediction.cost_picos = u64::MAX - 1;
            store.journal().commit(entry).await.expect("committed");
        }
        let most = i64::MAX.unsigned_abs();
        let run = store.run(&run.id).expect("run");
        assert_eq!((run.done, run.cost_picos), (3, most));
        let spent = store.spending(&NOW[..10], "me").expect("read");
        assert_eq!((spent[0].own_picos, spent[0].others_picos), (most, most));
        let spent = store.spending(&NOW[..10], "a third").expect("read");
        assert_eq!((spent[0].own_picos, spent[0].others_picos), (0, 2 * most), "in one sum");
    }

    #[tokio::test]
    async fn what_was_counted_while_a_task_was_open_is_not_counted_again() {
        let (_folder, store, run) = workspace_with_run();
        let mut begun = entry(&run, 1, "unusable");
        begun.is_given_up = true;
        begun.prediction.attempts = 1;
        store.journal().commit(begun).await.expect("committed");
        let mut done = entry(&run, 1, "usable");
        done.prediction = PredictionRow {
            attempts: 2,
            prompt_tokens: Some(25),
            completion_tokens: Some(5),
            cached_tokens: Some(6),
            reasoning_tokens: Some(3),
            cost_picos: 20,
            unpriced: 1,
            uncounted: 1,
            ..done.prediction
        };
        done.counted = Counted {
            attempts: 1,
            prompt_tokens: 10,
            completion_tokens: 2,
            cached_tokens: 4,
            cost_picos: 7,
            ..Counted::default()
        };
        store.journal().commit(done).await.expect("committed");
        let run = store.run(&run.id).expect("run");
        assert_eq!((run.done, run.requests, run.retries), (1, 2, 1));
        assert_eq!((run.prompt_tokens, run.completion_tokens, run.cost_picos, run.unpriced), (25, 5, 20, 1));
        assert_eq!((run.cached_tokens, run.reasoning_tokens), (6, 3));
        let row = store.result(run.key, TaskId(1)).expect("a result");
        assert_eq!((row.cached_tokens, row.reasoning_tokens), (Some(6), Some(3)));
    }

    #[tokio::test]
    async fn what_may_be_charged_is_kept_apart_from_what_was_paid_once() {
        let (_folder, store, run) = workspace_with_run();
        let with = |lost: Lost, before: Lost| {
            let mut entry = entry(&run, 1, "first");
            (entry.prediction.lost, entry.counted.lost) = (lost, before);
            entry
        };
        let [one, two] = [Lost { calls: 1, picos: 100 }, Lost { calls: 2, picos: 150 }];
        let given_up = Entry { is_given_up: true, ..with(one, Lost::default()) };
        for entry in [given_up, with(two, one)] {
            store.journal().commit(entry).await.expect("committed");
        }
        let now = store.run(&run.id).expect("run");
        assert_eq!((now.cost_picos, now.lost), (14, two), "what an earlier entry counted is not counted again");
        let spent = |owner| store.spending(&NOW[..10], owner).expect("read").remove(0);
        assert_eq!((spent("me").own_picos, spent("me").own_lost, spent("me").others_lost), (14, two, Lost::default()));
        assert_eq!((spent("other").others_picos, spent("other").others_lost), (14, two), "every program knows of it");
    }

    #[tokio::test]
    async fn a_reply_without_a_price_is_counted_and_costs_no_zero() {
        let (_folder, store, run) = workspace_with_run();
        let mut unpriced = entry(&run, 1, "first");
        unpriced.answers[0].cost_picos = None;
        unpriced.prediction.unpriced = 1;
        store.journal().commit(unpriced).await.expect("committed");
        store.journal().commit(entry(&run, 2, "second")).await.expect("committed");
        let now = store.run(&run.id).expect("run");
        assert_eq!((now.cost_picos, now.unpriced), (14, 1));
        let costs = [1, 2].map(|task| store.result(run.key, TaskId(task)).expect("a result").cost_picos);
        assert_eq!(costs, [None, Some(7)]);
    }

    #[tokio::test]
    async fn a_group_that_cannot_be_written_leaves_nothing_and_says_so() {
        let (_folder, store, run) = workspace_with_run();
        let mut orphan = entry(&run, 1, "first");
        orphan.prediction.task_id = TaskId(99);
        assert!(store.journal().commit(orphan).await.is_err(), "there is no such task");
        assert_eq!(store.answer("hash of 99").expect("read"), None);
        store.journal().commit(entry(&run, 1, "first")).await.expect("the journal goes on");
        assert_eq!(store.run(&run.id).expect("run").done, 1);
    }
}
