//! What several runs say of the tasks that all of them have answered.

use super::sameness::Sameness;
use crate::results::Stamp;
use crate::{Changed, Inner, Result};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use touchstone_domain::TaskId;
use touchstone_domain::comparison::{PairedCounts, ScoreDifferences};
use touchstone_domain::metrics::{LatencyTally, ScoreTally};
use touchstone_labeling::Config;
use touchstone_store::{RunRow, SidePrediction};

/// Comparisons that are remembered, of nine bytes a task each: the one on the screen and the one before it.
const REMEMBERED_MAX: usize = 2;

/// Threads that read at once. The disk is the limit beyond.
const THREADS_MAX: usize = 4;

/// Below this many tasks, one thread is done before others have begun.
const TASKS_OF_ONE_THREAD: u32 = 4_000;

/// Pieces that each thread takes, one after the other: none waits long for the last.
const PIECES_OF_A_THREAD: usize = 8;

/// While a run is at work, what was read holds for so many times as long as reading it took: most of the time is left for the
/// run.
const AGE_IN_READINGS: u32 = 10;

/// What is remembered of a task: which runs are right, whether it was scored in all, and which predict something else than the
/// first. Runs are named by their places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks(u8);

impl Marks {
    const SCORED: u8 = 1 << 4;

    fn correct(run: usize) -> u8 {
        1 << run
    }

    fn differing(run: usize) -> u8 {
        Self::SCORED << run
    }

    /// Only where it was scored in all.
    pub(super) fn is_correct(self, run: usize) -> bool {
        self.0 & Self::correct(run) != 0
    }

    pub(super) fn are_scored(self) -> bool {
        self.0 & Self::SCORED != 0
    }

    /// Of a run but the first.
    pub(super) fn differs(self, run: usize) -> bool {
        self.0 & Self::differing(run) != 0
    }
}

/// What was counted of one run.
#[derive(Clone, Debug, Default)]
pub(super) struct Side {
    pub(super) correct: u32,
    pub(super) scores: ScoreTally,
    /// Of all answered tasks.
    pub(super) latency: LatencyTally,
}

/// What was counted of one run beside the first.
#[derive(Clone, Debug, Default)]
pub(super) struct Pair {
    pub(super) counts: PairedCounts,
    pub(super) scores: ScoreDifferences,
    /// Answered tasks for which they predict something else.
    pub(super) different: u32,
}

/// What several runs say of the tasks that all of them have answered.
#[derive(Clone, Debug)]
pub(super) struct SideBySide {
    /// Ascending, which is the project's order.
    tasks: Vec<TaskId>,
    /// Of each task.
    marks: Vec<Marks>,
    scored: u32,
    runs: Vec<Side>,
    pairs: Vec<Pair>,
}

impl SideBySide {
    fn of_none(runs: usize) -> Self {
        let (runs, pairs) = (vec![Side::default(); runs], vec![Pair::default(); runs - 1]);
        Self { tasks: Vec::new(), marks: Vec::new(), scored: 0, runs, pairs }
    }

    /// Tasks that all have answered.
    pub(super) fn answered(&self) -> u32 {
        u32::try_from(self.tasks.len()).unwrap_or(u32::MAX)
    }

    /// Those of them that were scored in all.
    pub(super) fn scored(&self) -> u32 {
        self.scored
    }

    /// In the order of the runs.
    pub(super) fn runs(&self) -> &[Side] {
        &self.runs
    }

    /// Of the runs after the first, in their order.
    pub(super) fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    pub(super) fn tasks_where(&self, wanted: impl Fn(Marks) -> bool) -> Vec<TaskId> {
        let all = self.tasks.iter().zip(&self.marks);
        all.filter(|(_, marks)| wanted(**marks)).map(|(task, _)| *task).collect()
    }

    fn add(&mut self, task: TaskId, sides: &[SidePrediction<'_>], same: &mut Sameness<'_>) {
        let mut marks = Marks::default();
        let outcomes = sides.iter().map(|side| side.correct.zip(side.score));
        if let Some(outcomes) = outcomes.collect::<Option<Vec<_>>>() {
            marks.0 |= Marks::SCORED;
            self.scored += 1;
            for (place, (run, &(correct, score))) in self.runs.iter_mut().zip(&outcomes).enumerate() {
                run.correct += u32::from(correct);
                run.scores.count(score, 1);
                marks.0 |= if correct { Marks::correct(place) } else { 0 };
            }
            let (first_correct, first_score) = outcomes[0];
            for (pair, &(correct, score)) in self.pairs.iter_mut().zip(&outcomes[1..]) {
                pair.counts.add(first_correct, correct);
                pair.scores.add(first_score, score);
            }
        }
        for (run, side) in self.runs.iter_mut().zip(sides) {
            if let Some(latency_ms) = side.latency_ms {
                run.latency.count(latency_ms, 1);
            }
        }
        for (place, (pair, side)) in (1..).zip(self.pairs.iter_mut().zip(&sides[1..])) {
            if !same.holds(&sides[0], side) {
                pair.different += 1;
                marks.0 |= Marks::differing(place);
            }
        }
        self.tasks.push(task);
        self.marks.push(marks);
    }

    /// Adds what was read of later tasks.
    fn append(&mut self, later: Self) {
        self.tasks.extend(later.tasks);
        self.marks.extend(later.marks);
        self.scored += later.scored;
        for (run, more) in self.runs.iter_mut().zip(later.runs) {
            run.correct += more.correct;
            run.scores.merge(&more.scores);
            run.latency.merge(&more.latency);
        }
        for (pair, more) in self.pairs.iter_mut().zip(later.pairs) {
            pair.counts.merge(&more.counts);
            pair.scores.merge(&more.scores);
            pair.different += more.different;
        }
    }
}

/// Has `work` done for ranges of the tasks that these runs may share, in as many threads as help, and gives back what came of
/// it in the order of the tasks.
pub(super) fn in_pieces<T: Send>(
    inner: &Inner,
    runs: &[RunRow],
    work: impl Fn(&[i64], Range<i64>) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let keys: Vec<_> = runs.iter().map(|run| run.key).collect();
    let fewest = runs.iter().map(|run| run.done).min().unwrap_or(0);
    let threads = match thread::available_parallelism() {
        Ok(threads) if fewest > TASKS_OF_ONE_THREAD => threads.get().min(THREADS_MAX),
        _ => 1,
    };
    let pieces = if threads == 1 { 1 } else { threads * PIECES_OF_A_THREAD };
    let ranges = inner.store.shared_ranges(&keys, u32::try_from(pieces).unwrap_or(1))?;
    let next = AtomicUsize::new(0);
    let one_after_the_other = || -> Result<Vec<(usize, T)>> {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(range) = ranges.get(place) else { return Ok(done) };
            done.push((place, work(&keys, range.clone())?));
        }
    };
    let outcomes: Vec<_> = if threads == 1 {
        vec![one_after_the_other()]
    } else {
        thread::scope(|scope| {
            let started: Vec<_> = (0..threads).map(|_| scope.spawn(one_after_the_other)).collect();
            let ended = started.into_iter().map(|thread| thread.join());
            ended.map(|outcome| outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        })
    };
    let mut pieces: Vec<_> = outcomes.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    pieces.sort_by_key(|(place, _)| *place);
    Ok(pieces.into_iter().map(|(_, piece)| piece).collect())
}

/// Reads what these runs say.
fn read(inner: &Inner, runs: &[RunRow], config: &Config) -> Result<SideBySide> {
    let pieces = in_pieces(inner, runs, |keys, tasks| {
        let mut piece = SideBySide::of_none(keys.len());
        let mut same = Sameness::by(config);
        inner.store.walk_side_by_side(keys, tasks, |task, sides| piece.add(task, sides, &mut same))?;
        Ok(piece)
    })?;
    let mut whole = SideBySide::of_none(runs.len());
    for piece in pieces {
        whole.append(piece);
    }
    Ok(whole)
}

struct Remembered {
    runs: Vec<Stamp>,
    read_at: Instant,
    reading: Duration,
    side_by_side: Arc<SideBySide>,
}

/// What was read last, so that no page of rows reads the runs again. Last used first.
#[derive(Default)]
pub(crate) struct Comparisons {
    remembered: Mutex<Memory>,
    /// Held while runs are read, unlike the memory, which writes ask for too.
    turn: Mutex<()>,
}

#[derive(Default)]
struct Memory {
    readings: Vec<Remembered>,
    /// How often all was forgotten.
    forgotten: u64,
}

impl Comparisons {
    /// Forgets what a write of this program may have changed, also where the counts of the runs are the same after it. One of
    /// another program shows in the stamps.
    pub(crate) fn note(&self, changed: &Changed) {
        let changes_runs =
            matches!(changed, Changed::Annotations { .. } | Changed::Config { .. } | Changed::Runs { .. });
        if changes_runs {
            let mut memory = self.memory();
            memory.readings.clear();
            memory.forgotten += 1;
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn of(&self, inner: &Inner, runs: &[RunRow], config: &Config) -> Result<Arc<SideBySide>> {
        let stamps = runs.iter().map(|run| Stamp::of(inner, run)).collect::<Result<Vec<_>>>()?;
        if let Ok(known) = self.known(runs, &stamps) {
            return Ok(known);
        }
        // A comparison and its first page are asked for at once, and read once.
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let forgotten = match self.known(runs, &stamps) {
            Ok(known) => return Ok(known),
            Err(forgotten) => forgotten,
        };
        let began = Instant::now();
        let side_by_side = Arc::new(read(inner, runs, config)?);
        let mut memory = self.memory();
        // What was written meanwhile may have been read in part.
        if memory.forgotten == forgotten {
            memory.readings.retain(|reading| !is_of(reading, runs));
            let reading = Remembered {
                runs: stamps,
                read_at: Instant::now(),
                reading: began.elapsed(),
                side_by_side: Arc::clone(&side_by_side),
            };
            memory.readings.insert(0, reading);
            memory.readings.truncate(REMEMBERED_MAX);
        }
        Ok(side_by_side)
    }

    /// What is remembered of these runs, if it still holds; else how often all was forgotten.
    fn known(&self, runs: &[RunRow], stamps: &[Stamp]) -> std::result::Result<Arc<SideBySide>, u64> {
        let mut memory = self.memory();
        let place = memory.readings.iter().position(|reading| is_of(reading, runs)).ok_or(memory.forgotten)?;
        let reading = memory.readings.remove(place);
        let is_at_work = runs.iter().any(|run| run.status.is_active());
        let is_young = reading.read_at.elapsed() < reading.reading * AGE_IN_READINGS;
        if reading.runs != stamps && !(is_at_work && is_young) {
            return Err(memory.forgotten);
        }
        let side_by_side = Arc::clone(&reading.side_by_side);
        memory.readings.insert(0, reading);
        Ok(side_by_side)
    }
}

fn is_of(reading: &Remembered, runs: &[RunRow]) -> bool {
    reading.runs.iter().map(|stamp| stamp.run_key).eq(runs.iter().map(|run| run.key))
}
