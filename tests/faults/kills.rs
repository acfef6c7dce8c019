//! SIGKILL at any moment of a run, once or again and again: what was kept stays, nothing that was kept is asked again, and
//! the end is that of a run that nobody disturbed.

use crate::support::{Asked, CLASSES, Desk, Random, Reply, START, Server, class, count, number, without_times, word};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const CONCURRENCY: usize = 8;

/// Tasks that are alive at once for each request that may be in flight: what was asked of them is in memory only.
const ALIVE: usize = 3 * CONCURRENCY;

/// A kill falls within so many requests, or as many after the program has started.
const REQUESTS: usize = 60;

/// Requests that are answered after the one that the kill follows. The next ones wait for the kill, however late it comes.
const REQUESTS_AFTER: usize = 40;

/// A workspace whose run is killed so often.
fn tasks(kills: usize) -> usize {
    (kills + 1) * (REQUESTS + REQUESTS_AFTER)
}

/// Answers after up to 12 ms. Of some tasks the first answer cannot be used, of fewer the second neither.
fn answer(asked: &Asked) -> Reply {
    let is_hard = asked.task % 11 == 3;
    let is_hopeless = asked.task % 44 == 3;
    let said = match (is_hard, asked.is_second) {
        (true, false) => "Weather",
        (true, true) if is_hopeless => "Rain",
        _ => class(asked.task),
    };
    let time = Duration::from_millis(u64::try_from(asked.task * 7919 % 13).unwrap_or(0));
    Reply::After(time, Box::new(Reply::class(said)))
}

/// A run that went undisturbed, and what it left.
fn undisturbed(kills: usize) -> (Value, BTreeMap<usize, Value>) {
    let server = Server::start(answer);
    let desk = Desk::new();
    desk.prompt_on(&server, tasks(kills));
    let run = desk.get(&START);
    let rows = desk.rows(word(&run, "run_id"));
    assert_eq!((count(&run, "done"), rows.len()), (tasks(kills), tasks(kills)), "{run}");
    assert_eq!(server.asked().len(), count(&run, "requests"));
    (run, rows)
}

/// The state of affairs after a kill.
struct Killed {
    /// Requests that the server had received since the program was started, the first and the one after the last.
    asked: (usize, usize),
    kept: BTreeMap<usize, Value>,
}

/// Kills a run so often, and sees it through then.
fn killed(workspace: usize, kills: usize, (whole, rows): &(Value, BTreeMap<usize, Value>)) -> Cost {
    let mut random = Random::of(u64::try_from(workspace).expect("it fits"));
    let server = Server::start(answer);
    let desk = Desk::new();
    desk.prompt_on(&server, tasks(kills));
    let mut history = Vec::new();
    let mut id: Option<String> = None;
    for kill in 0..kills {
        let before = server.asked().len();
        // Every fifth falls while the program starts.
        let after = if random.below(5) == 0 { 0 } else { 1 + random.below(REQUESTS) };
        let then =
            Duration::from_micros(random.below(if after == 0 { 300_000 } else { 15_000 }).try_into().expect("fits"));
        println!("workspace {workspace}, kill {kill}: {then:?} after {after} requests");
        server.limit(Some(before + after + REQUESTS_AFTER));
        let program = match &id {
            None => desk.start(&START),
            Some(id) => desk.start(&["run", "resume", id]),
        };
        server.until_asked(before + after);
        std::thread::sleep(then);
        program.kill();
        server.hang_up();

        let asked = (before, server.asked().len());
        let run = desk.run();
        let kept = run.as_ref().map(|run| desk.rows(word(run, "run_id"))).unwrap_or_default();
        history.push(Killed { asked, kept });
        let Some(run) = run else { continue };
        if matches!(word(&run, "status"), "queued" | "in_progress") {
            desk.wait_for_lease();
        }
        id = Some(word(&run, "run_id").to_owned());
    }
    server.limit(None);
    let run = match &id {
        None => desk.get(&START),
        Some(id) => desk.get(&["run", "resume", id]),
    };
    assert_same(&run, &desk.rows(word(&run, "run_id")), whole, rows);
    assert!(server.in_flight_max() <= CONCURRENCY, "{} at once", server.in_flight_max());
    asked_again(&server.asked(), &history, rows)
}

/// Asserts that a run that was killed ended as the one that was not.
#[track_caller]
fn assert_same(run: &Value, rows: &BTreeMap<usize, Value>, whole: &Value, whole_rows: &BTreeMap<usize, Value>) {
    // A second question that a program asks after the death of the one that asked the first repeats nothing.
    let counted = |run: &Value| {
        let mut run = without_times(run);
        run.remove("retries");
        run
    };
    assert_eq!(counted(run), counted(whole));
    // Each program tells the tokens that it paid for.
    let told = |rows: &BTreeMap<usize, Value>| {
        let mut rows = rows.clone();
        for row in rows.values_mut() {
            assert!(row.as_object_mut().expect("a row").remove("tokens").is_some(), "{row}");
        }
        rows
    };
    assert_eq!(told(rows), told(whole_rows));
}

/// What kills cost.
#[derive(Default)]
struct Cost {
    /// Tasks that were asked about again.
    again: usize,
    /// Those whose answer had left the server in full.
    answered: usize,
    /// The most that one kill cost.
    again_max: usize,
}

/// Asserts that nothing that was kept was lost, changed or asked again, and that all else was asked as often as it had to be.
fn asked_again(asked: &[Asked], history: &[Killed], rows: &BTreeMap<usize, Value>) -> Cost {
    let mut again = BTreeMap::<usize, usize>::new();
    let mut cost = Cost::default();
    for Killed { asked: (first, end), kept } in history {
        for asked in &asked[*end..] {
            assert!(!kept.contains_key(&asked.task), "task {} had been answered and kept: {asked:?}", asked.task);
        }
        let lost: BTreeSet<_> =
            asked[*first..*end].iter().map(|asked| asked.task).filter(|task| !kept.contains_key(task)).collect();
        assert!(lost.len() <= ALIVE, "{} tasks were under way", lost.len());
        cost.again += lost.len();
        cost.again_max = cost.again_max.max(lost.len());
        for task in lost {
            *again.entry(task).or_default() += 1;
            let is_it = |asked: &&Asked| asked.task == task && asked.is_answered;
            cost.answered += usize::from(asked[*first..*end].iter().any(|asked| is_it(&asked)));
        }
    }
    for pair in history.windows(2) {
        for (task, row) in &pair[0].kept {
            assert_eq!(pair[1].kept.get(task), Some(row), "what was kept of task {task} stays as it is");
        }
    }
    for task in rows.keys() {
        let times = asked.iter().filter(|asked| asked.task == *task && !asked.is_second).count();
        let most = 1 + again.get(task).copied().unwrap_or(0);
        if asked.iter().any(|asked| asked.task == *task && asked.is_second) {
            // Where the first answer was kept, only the second question is asked again.
            assert!((1..=most).contains(&times), "task {task}: asked {times} times, {most} at most");
        } else {
            assert_eq!(times, most, "task {task}");
        }
    }
    cost
}

#[test]
fn a_run_that_is_killed_at_any_moment_loses_nothing_and_asks_nothing_again_that_was_kept() {
    // Those of one workspace wait for its lease, those of all together.
    let (workspaces, kills) = match std::env::var("TOUCHSTONE_FAULTS").as_deref() {
        Ok("long") => (20, 10),
        _ => (10, 2),
    };
    let whole = undisturbed(kills);
    assert!(CLASSES.iter().all(|class| whole.1.values().any(|row| row.to_string().contains(class))));
    assert!(whole.1.values().any(|row| word(&row["error"], "code") == "outside_schema"), "some cannot be used");
    assert!(whole.1.iter().all(|(task, row)| number(word(&row["data"], "text")) == *task));
    let mut cost = Cost::default();
    std::thread::scope(|scope| {
        let whole = &whole;
        let all: Vec<_> =
            (0..workspaces).map(|workspace| scope.spawn(move || killed(workspace, kills, whole))).collect();
        for one in all {
            let of_one = one.join().expect("its assertions hold");
            cost.again += of_one.again;
            cost.answered += of_one.answered;
            cost.again_max = cost.again_max.max(of_one.again_max);
        }
    });
    println!(
        "{} kills: {} tasks asked again, at most {} for one; of {} the answer had left the server",
        workspaces * kills,
        cost.again,
        cost.again_max,
        cost.answered
    );
}
