//! Servers that refuse, fail, babble, hang and break off: every task is answered, or says exactly what went wrong with it.

use crate::support::{Asked, Desk, Random, Reply, START, Server, class, count, word};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// As a server counts that allows 500 requests a minute, but in windows of a second, so that a test sees several.
struct Quota {
    requests: usize,
    /// When its window began, and how many came in it.
    state: Mutex<(Instant, usize)>,
}

/// The first requests are refused, however slowly they come: somebody else has used up what was left.
const REFUSED_FIRST: usize = 10;

impl Quota {
    fn a_second(requests: usize) -> Self {
        Self { requests, state: Mutex::new((Instant::now(), 0)) }
    }

    fn lets_pass(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0.elapsed() >= Duration::from_secs(1) {
            *state = (Instant::now(), 0);
        }
        state.1 += 1;
        state.1 <= self.requests
    }
}

#[test]
fn a_quota_costs_time_and_no_task() {
    const TASKS: usize = 250;
    for headers in ["retry-after: 1\r\n", ""] {
        let quota = Quota::a_second(50);
        let server = Server::start(move |asked| match asked.number > REFUSED_FIRST && quota.lets_pass() {
            true => Reply::class(class(asked.task)),
            false => Reply::status(429, headers),
        });
        let desk = Desk::new();
        desk.prompt_on(&server, TASKS);
        let run = desk.get(&START);
        assert_eq!((count(&run, "done"), count(&run, "failed")), (TASKS, 0), "{headers:?}: {run}");
        let asked = server.asked();
        assert!(asked.len() >= TASKS + REFUSED_FIRST, "{headers:?}: the server did refuse some");
        assert_eq!(count(&run, "requests"), asked.len(), "{headers:?}: {run}");
        let mut rows = desk.rows(word(&run, "run_id")).into_iter();
        assert!(rows.all(|(task, row)| row["result"].to_string().contains(class(task))), "each by its own answer");
    }
}

/// As a server counts that allows so many requests a minute, and lets them come evenly.
struct Bucket {
    a_minute: f64,
    /// When it was looked at last, and how many it would have let pass then.
    state: Mutex<(Instant, f64)>,
}

impl Bucket {
    fn of(a_minute: f64) -> Self {
        Self { a_minute, state: Mutex::new((Instant::now(), 1.0)) }
    }

    fn lets_pass(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let a_second = self.a_minute / 60.0;
        let left = (state.1 + state.0.elapsed().as_secs_f64() * a_second).min(a_second);
        let passes = left >= 1.0;
        *state = (Instant::now(), if passes { left - 1.0 } else { left });
        passes
    }
}

#[test]
fn at_500_requests_a_minute_every_task_is_answered_at_nine_tenths_of_the_quota_or_better() {
    const A_MINUTE: f64 = 500.0;
    // A share of a quota is that of minutes; what a storm at the start costs weighs less then.
    let is_long = std::env::var("TOUCHSTONE_FAULTS").is_ok_and(|wanted| wanted == "long");
    let tasks = if is_long { 1_500 } else { 100 };
    let bucket = Bucket::of(A_MINUTE);
    let server = Server::start(move |asked| match bucket.lets_pass() {
        true => Reply::class(class(asked.task)),
        false => Reply::status(429, ""),
    });
    let desk = Desk::new();
    desk.prompt_on(&server, tasks);
    let run = desk.get(&START);
    assert_eq!((count(&run, "done"), count(&run, "failed")), (tasks, 0), "{run}");
    assert!(server.asked().len() > tasks, "the server did refuse some");
    let minutes = run["wall_s"].as_f64().expect("a number") / 60.0;
    let share = f64::from(u32::try_from(tasks).expect("few")) / (minutes * A_MINUTE);
    println!("{share:.3} of the quota");
    assert!(!is_long || share >= 0.9, "{share:.3} of the quota: {run}");
}

/// What the server does with the requests for a task, one after the other; then it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Busy,
    Failing,
    Html,
    Empty,
    BreaksOff,
    Closes,
    /// An answer in pieces.
    Slow,
    Prose,
    Outside,
    CutOff,
    Refused,
}

use Fault::*;

/// With the code of a task that meets it again and again, and whether another try may help.
const FAULTS: [(Fault, &str, bool); 11] = [
    (Busy, "rate_limited", true),
    (Failing, "server_error", true),
    (Html, "malformed", true),
    (Empty, "malformed", true),
    (BreaksOff, "network", true),
    (Closes, "network", true),
    (Slow, "", true),
    (Prose, "not_json", true),
    (Outside, "outside_schema", true),
    (CutOff, "truncated", false),
    (Refused, "bad_request", false),
];

impl Fault {
    fn reply(self, asked: &Asked) -> Reply {
        let well = Reply::class(class(asked.task));
        let page = |body: &str| Reply::Http { status: 200, headers: "", body: body.to_owned() };
        match self {
            Busy => Reply::status(429, ""),
            Failing => Reply::status(500, ""),
            Html => page("<!doctype html><title>Sign in</title>"),
            Empty => page("{}"),
            BreaksOff => Reply::BreaksOff,
            Closes => Reply::Closes,
            Slow => Reply::Trickles(Duration::from_millis(20), Box::new(well)),
            Prose => Reply::Says("It is about something else.".to_owned()),
            Outside => Reply::class("Weather"),
            CutOff => Reply::CutOff("{\"topic\": \"Qu".to_owned()),
            Refused => Reply::status(400, ""),
        }
    }
}

/// What a task meets, what it takes, and how it ends.
struct Fate {
    faults: Vec<Fault>,
    requests: usize,
    /// Empty where it is answered.
    code: &'static str,
}

impl Fate {
    /// `times` in a row the same, and then it is answered.
    fn of((fault, code, may_be_asked_again): (Fault, &'static str, bool), times: usize) -> Self {
        let tries = match fault {
            _ if !may_be_asked_again || fault == Slow => 1,
            // What is wrong with an answer is said to the model, of one that is JSON once.
            Outside => 2,
            _ => 4,
        };
        let fails = fault != Slow && times >= tries;
        let requests = if fails || fault == Slow { tries } else { times + 1 };
        Self { faults: vec![fault; times], requests, code: if fails { code } else { "" } }
    }
}

#[test]
fn in_a_mixed_storm_every_task_is_answered_or_says_what_went_wrong_with_it() {
    const TASKS: usize = 300;
    let mut random = Random::of(1);
    let mut fates: Vec<_> = (0..TASKS).map(|_| Fate { faults: Vec::new(), requests: 1, code: "" }).collect();
    // Fewer than ten of a code, which in a row would be no matter of the tasks. A rate limit that never ends is none.
    for round in 0..2 {
        for known in FAULTS {
            for times in [1, 2, 3] {
                set(&mut fates, &mut random, Fate::of(known, times));
            }
            if round == 0 && known.0 != Busy {
                set(&mut fates, &mut random, Fate::of(known, 4));
            }
        }
    }
    let expected: BTreeMap<_, _> =
        fates.iter().enumerate().map(|(task, fate)| (task, (fate.requests, fate.code))).collect();
    let mut codes = BTreeMap::<_, usize>::new();
    for fate in &fates {
        *codes.entry(fate.code).or_default() += 1;
    }
    println!("{codes:?}");

    let script: Vec<_> = fates.into_iter().map(|fate| fate.faults).collect();
    let server = Server::start(move |asked| {
        // Each further turn of a conversation is one more request for the task.
        let met = if asked.is_second { asked.time + 1 } else { asked.time };
        match script[asked.task].get(met - 1) {
            Some(fault) => fault.reply(asked),
            None => Reply::class(class(asked.task)),
        }
    });
    let desk = Desk::new();
    desk.prompt_on(&server, TASKS);
    let run = desk.get(&[&START[..], &["--concurrency", "32"]].concat());

    let mut asked = BTreeMap::<usize, usize>::new();
    for one in server.asked() {
        *asked.entry(one.task).or_default() += 1;
    }
    let rows = desk.rows(word(&run, "run_id"));
    let became: BTreeMap<_, _> = rows
        .iter()
        .map(|(task, row)| (*task, (asked.get(task).copied().unwrap_or(0), word(&row["error"], "code"))))
        .collect();
    assert_eq!(became, expected, "requests and outcome of each task");
    assert!(rows.iter().all(|(task, row)| row["result"].is_null() || row["result"].to_string().contains(class(*task))));
    let failed = expected.values().filter(|(_, code)| !code.is_empty()).count();
    let requests: usize = expected.values().map(|(requests, _)| requests).sum();
    assert_eq!((count(&run, "done"), count(&run, "failed")), (TASKS, failed), "{run}");
    assert_eq!((count(&run, "requests"), count(&run, "retries")), (requests, requests - TASKS), "{run}");
}

/// Gives a task that has none yet a fate.
fn set(fates: &mut [Fate], random: &mut Random, fate: Fate) {
    loop {
        let task = random.below(fates.len());
        if fates[task].faults.is_empty() {
            fates[task] = fate;
            return;
        }
    }
}

#[test]
fn requests_that_hang_keep_no_other_task_and_are_asked_again_after_a_stop() {
    const TASKS: usize = 60;
    let hangs = |task: usize| task % 12 == 5;
    let server = Server::start(move |asked: &Asked| match asked.time {
        1 if hangs(asked.task) => Reply::Hangs,
        _ => Reply::class(class(asked.task)),
    });
    let desk = Desk::new();
    desk.prompt_on(&server, TASKS);
    let hanging = (0..TASKS).filter(|task| hangs(*task)).count();
    let program = desk.start(&START);
    server.until_answered(TASKS - hanging);
    server.until_in_flight(hanging);
    let id = word(&desk.run().expect("a run"), "run_id").to_owned();
    let stopped = desk.get(&["run", "stop", &id]);
    assert_eq!((word(&stopped, "status"), count(&stopped, "done")), ("canceled", TASKS - hanging), "{stopped}");
    assert!(!program.end().0, "it was not completed");
    let run = desk.get(&["run", "resume", &id]);
    assert_eq!((count(&run, "done"), count(&run, "failed")), (TASKS, 0), "{run}");
    assert_eq!(server.asked().len(), TASKS + hanging, "only what hung is asked again");
}
