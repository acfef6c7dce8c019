//! Pacing against servers that are simulated, in time that is simulated: what comes of it is the same on every machine.

use super::*;
use std::collections::HashMap;
use std::convert::Infallible;
use touchstone_providers::{Allowance, Fault, LimitKind, VendorWords};

/// A reply of a simulated server: how long it takes, and what it is.
struct Answer {
    takes: Duration,
    is_refused: bool,
    wait: Option<Duration>,
    limits: Option<Limits>,
}

impl Answer {
    fn good(takes: Duration) -> Self {
        Self { takes, is_refused: false, wait: None, limits: None }
    }

    fn refusal(wait: Option<Duration>) -> Self {
        Self { takes: Duration::from_millis(2), is_refused: true, wait, limits: None }
    }
}

/// What a run saw, and how long it took.
#[derive(Debug, Default)]
struct Report {
    took: Duration,
    succeeded: usize,
    failed: usize,
    refused: usize,
    in_flight_max: usize,
    words: HashMap<String, usize>,
}

const NEAR: Reach = Reach { ceiling: 32, connection_limit: None, measured: None, at_once: true, is_built_in: false };
const FAR: Reach = Reach { at_once: false, ..NEAR };

/// Waits until a request may leave that needs nothing else.
async fn leave(lane: &Lane) -> Permit {
    let Ok((permit, ())) = lane.admit(|| Ok::<_, Infallible>(())).await;
    permit
}

/// Runs `tasks` through a lane as the worker does: three tasks alive for each place, which waits for a retry outside of it.
async fn simulate(tasks: usize, reach: Reach, server: impl FnMut(Instant) -> Answer + Send + 'static) -> Report {
    let pacing = Arc::new(Pacing::default());
    let lane = Arc::new(pacing.open(reach));
    let slots = Arc::new(tokio::sync::Semaphore::new(reach.ceiling));
    let server = Arc::new(Mutex::new(server));
    let report = Arc::new(Mutex::new(Report::default()));
    let began = Instant::now();
    let mut alive = tokio::task::JoinSet::new();
    let watched = Arc::clone(&lane);
    let watching = Arc::clone(&report);
    let watch = tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let words = watched.held_back().or_else(|| watched.queued()).unwrap_or_default();
            *watching.lock().expect("no panic").words.entry(words).or_default() += 1;
        }
    });
    for _ in 0..tasks {
        while alive.len() >= reach.ceiling * 3 {
            alive.join_next().await;
        }
        let (lane, slots) = (Arc::clone(&lane), Arc::clone(&slots));
        let (server, report) = (Arc::clone(&server), Arc::clone(&report));
        alive.spawn(async move {
            let mut tries = Tries::default();
            loop {
                let place = slots.acquire().await.expect("open");
                let mut permit = leave(&lane).await;
                let at_once = lane.pacing.lock().in_flight;
                let answer = (server.lock().expect("no panic"))(Instant::now());
                tokio::time::sleep(answer.takes).await;
                let asked = reply(&answer);
                let verdict = permit.outcome(&asked);
                drop((permit, place));
                {
                    let mut report = report.lock().expect("no panic");
                    report.in_flight_max = report.in_flight_max.max(at_once);
                    if asked.is_ok() {
                        report.succeeded += 1;
                        return;
                    }
                    report.refused += 1;
                    if !tries.failed(verdict, Instant::now()) {
                        report.failed += 1;
                        return;
                    }
                }
                tokio::time::sleep(tries.wait(0.5, answer.wait)).await;
            }
        });
    }
    while alive.join_next().await.is_some() {}
    watch.abort();
    let mut report = std::mem::take(&mut *report.lock().expect("no panic"));
    report.took = began.elapsed();
    report
}

fn reply(answer: &Answer) -> Result<ChatReply, ChatError> {
    let limits = answer.limits.map(Box::new);
    let usage = Usage { prompt_tokens: Some(300), completion_tokens: Some(100), ..Usage::default() };
    if !answer.is_refused {
        return Ok(ChatReply {
            content: String::new(),
            usage,
            latency_ms: 0,
            model: None,
            request_id: None,
            limits,
            has_logprobs: false,
        });
    }
    Err(ChatError {
        kind: ChatErrorKind::RateLimited,
        fault: Fault::Quota,
        message: String::new(),
        retry_after_ms: answer.wait.and_then(|wait| u32::try_from(wait.as_millis()).ok()),
        vendor: Box::new(VendorWords::default()),
        usage: Usage::default(),
        said: None,
        limits,
    })
}

const MINUTE: Duration = Duration::from_secs(60);

/// What a server with a quota of 500 requests a minute says when it refuses.
#[derive(Clone, Copy, Debug)]
enum Says {
    /// How long the window still lasts.
    Wait,
    /// A wait that is too short.
    ASecond,
    Nothing,
}

/// A new quota with each minute.
fn windows(says: Says, takes: Duration) -> impl FnMut(Instant) -> Answer {
    let began = Instant::now();
    let (mut window, mut left) = (0, 500);
    move |now| {
        let minutes = now.duration_since(began).as_secs() / 60;
        if minutes > window {
            (window, left) = (minutes, 500);
        }
        if left > 0 {
            left -= 1;
            return Answer::good(takes);
        }
        let until = MINUTE - Duration::from_secs_f64(now.duration_since(began).as_secs_f64() % 60.0);
        Answer::refusal(match says {
            Says::Wait => Some(until),
            Says::ASecond => Some(Duration::from_secs(1)),
            Says::Nothing => None,
        })
    }
}

/// A quota that fills up all the time, and holds `most` requests at a time.
fn bucket(most: f64, says: Says, takes: Duration) -> impl FnMut(Instant) -> Answer {
    let mut filled = (Instant::now(), most);
    move |now| {
        let (at, level) = filled;
        let level = (level + now.duration_since(at).as_secs_f64() * 500.0 / 60.0).min(most);
        filled = (now, level);
        if level >= 1.0 {
            filled.1 -= 1.0;
            return Answer::good(takes);
        }
        Answer::refusal(matches!(says, Says::ASecond).then_some(Duration::from_secs(1)))
    }
}

/// Asserts that a run of five minutes' quota ends with every task done, at nine tenths of the quota or better. `at_start`
/// requests were allowed before any time had passed.
fn assert_at_quota(report: &Report, at_start: f64, what: &str) {
    let done = report.succeeded as f64;
    assert_eq!((report.succeeded, report.failed), (2500, 0), "{what}: {report:?}");
    let share = done / (at_start + report.took.as_secs_f64() * 500.0 / 60.0);
    assert!(share >= 0.9, "{what}: {share:.3} of the quota; {report:?}");
    assert!(report.in_flight_max <= 32, "{what}: {report:?}");
}

#[tokio::test(start_paused = true)]
async fn in_a_storm_every_task_succeeds_at_the_quota() {
    let mut found = Vec::new();
    for takes in [1, 300, 1500].map(Duration::from_millis) {
        for reach in [NEAR, FAR] {
            for says in [Says::Wait, Says::ASecond, Says::Nothing] {
                let what = format!("windows, {says:?}, {takes:?}, at once {}", reach.at_once);
                let report = simulate(2500, reach, windows(says, takes)).await;
                found.push((what, 0.0, report));
            }
            for most in [500.0, 500.0 / 60.0] {
                for says in [Says::ASecond, Says::Nothing] {
                    let what = format!("bucket of {most:.0}, {says:?}, {takes:?}, at once {}", reach.at_once);
                    let report = simulate(2500, reach, bucket(most, says, takes)).await;
                    found.push((what, most, report));
                }
            }
        }
    }
    for (what, at_start, report) in &found {
        assert_at_quota(report, *at_start, what);
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_wait_of_the_server_one_goes_ahead_and_no_volley_follows_a_refusal() {
    const WINDOW: Duration = Duration::from_secs(12);
    let takes = Duration::from_millis(100);
    for (ceiling, quota) in [(8, 37), (8, 40), (32, 61), (32, 90)] {
        let reach = Reach { ceiling, ..NEAR };
        let arrivals = Arc::new(Mutex::new(Vec::new()));
        let (arriving, began) = (Arc::clone(&arrivals), Instant::now());
        let (mut window, mut left) = (0, quota);
        let report = simulate(3 * quota, reach, move |now| {
            let since = now.duration_since(began);
            let windows = since.as_secs() / WINDOW.as_secs();
            if windows > window {
                (window, left) = (windows, quota);
            }
            let is_refused = left == 0;
            arriving.lock().expect("no panic").push((since, is_refused));
            if is_refused {
                let until = WINDOW * u32::try_from(windows + 1).expect("few");
                return Answer::refusal(Some(until - since));
            }
            left -= 1;
            Answer::good(takes)
        })
        .await;
        assert_eq!((report.succeeded, report.failed), (3 * quota, 0), "{report:?}");
        let arrivals = arrivals.lock().expect("no panic").clone();
        for number in 0..2 {
            let (from, to) = (WINDOW * number, WINDOW * (number + 1));
            let of_window: Vec<_> = arrivals.iter().filter(|(at, _)| *at >= from && *at < to).collect();
            let Some((first, _)) = of_window.iter().find(|(_, is_refused)| *is_refused) else { continue };
            // Where requests are spread by then, a short wait may be what the server always says.
            if to - *first <= Duration::from_secs(2) {
                continue;
            }
            let late = of_window.iter().filter(|(at, _)| *at > *first + Duration::from_millis(5)).count();
            assert_eq!(late, 0, "{quota} at {ceiling} at once: nothing leaves after the refusal is known");
            let next: Vec<_> = arrivals.iter().filter(|(at, _)| *at >= to).map(|(at, _)| *at - to).collect();
            let early = next.iter().filter(|at| **at < takes).count();
            let then = next.iter().filter(|at| (takes..takes * 2).contains(*at)).count();
            assert!(early == 1 && then <= 2, "one goes ahead, and no more than two follow its answer: {early}, {then}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_single_refusal_in_fifty_takes_its_share_and_no_more() {
    let takes = Duration::from_millis(100);
    let plain = simulate(5000, NEAR, move |_| Answer::good(takes)).await;
    let mut asked = 0;
    let faulty = simulate(5000, NEAR, move |_| {
        asked += 1;
        if asked % 50 == 7 { Answer::refusal(Some(Duration::from_secs(1))) } else { Answer::good(takes) }
    })
    .await;
    assert_eq!((faulty.succeeded, faulty.failed), (5000, 0));
    let share = plain.took.as_secs_f64() / faulty.took.as_secs_f64();
    assert!(share > 0.9, "{share:.3} of the speed");
}

/// The time that a simple client takes: so many workers, each of which waits for as long as it is told, and asks again.
async fn simple(tasks: usize, workers: usize, server: impl FnMut(Instant) -> Answer + Send + 'static) -> Duration {
    let began = Instant::now();
    let left = Arc::new(AtomicUsize::new(tasks));
    let server = Arc::new(Mutex::new(server));
    let mut working = tokio::task::JoinSet::new();
    for _ in 0..workers {
        let (left, server) = (Arc::clone(&left), Arc::clone(&server));
        working.spawn(async move {
            while left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
                loop {
                    let answer = (server.lock().expect("no panic"))(Instant::now());
                    tokio::time::sleep(answer.takes).await;
                    if !answer.is_refused {
                        break;
                    }
                    tokio::time::sleep(answer.wait.unwrap_or_default()).await;
                }
            }
        });
    }
    while working.join_next().await.is_some() {}
    began.elapsed()
}

/// Refuses one request in `each`, at random and in the same way each time, and wants it to wait for a second.
fn moody(each: u64, takes: Duration) -> impl FnMut(Instant) -> Answer {
    let mut random = 7_u64;
    move |_| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let is_refused = (random >> 33).is_multiple_of(each);
        if is_refused { Answer::refusal(Some(Duration::from_secs(1))) } else { Answer::good(takes) }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_at_random_is_asked_as_fast_as_by_a_simple_client() {
    for each in [20, 10, 5] {
        for takes in [2, 100, 1000].map(Duration::from_millis) {
            for reach in [NEAR, FAR, Reach { ceiling: 8, ..NEAR }] {
                let what = format!("one in {each}, {takes:?}, {} at once, near {}", reach.ceiling, reach.at_once);
                let report = simulate(4000, reach, moody(each, takes)).await;
                assert_eq!((report.succeeded, report.failed), (4000, 0), "{what}");
                let share = simple(4000, reach.ceiling, moody(each, takes)).await.div_duration_f64(report.took);
                assert!(share >= 0.9, "{what}: {share:.2} of the speed");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_task_is_lost_though_all_are_told_to_wait_for_the_same_moment() {
    // One request for each second of the last minute, and all that are refused are told when the oldest of them is over.
    let mut taken = std::collections::VecDeque::new();
    let report = simulate(400, NEAR, move |now| {
        while taken.front().is_some_and(|at| now.duration_since(*at) >= MINUTE) {
            taken.pop_front();
        }
        if taken.len() < 60 {
            taken.push_back(now);
            return Answer::good(Duration::from_millis(5));
        }
        Answer::refusal(taken.front().map(|oldest| MINUTE.saturating_sub(now.duration_since(*oldest))))
    })
    .await;
    assert_eq!((report.succeeded, report.failed), (400, 0), "{report:?}");
    assert!(report.took < MINUTE * 7, "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_announced_is_kept_to_without_a_refusal() {
    for (kind, limit) in [(LimitKind::Requests, 500), (LimitKind::Tokens, 200_000)] {
        let per_request = limit / 500;
        let mut quota = windows(Says::Wait, Duration::from_millis(700));
        let began = Instant::now();
        let (mut window, mut used) = (0, 0);
        let report = simulate(2500, FAR, move |now| {
            let since = now.duration_since(began);
            if since.as_secs() / 60 > window {
                (window, used) = (since.as_secs() / 60, 0);
            }
            let mut answer = quota(now);
            used += u64::from(!answer.is_refused);
            let reset_ms = 60_000 - u32::try_from(since.as_millis() % 60_000).expect("less");
            let remaining = limit - used * per_request;
            answer.limits = Some(Limits::default().with(kind, Allowance { limit, remaining, reset_ms }));
            answer
        })
        .await;
        assert_at_quota(&report, 0.0, "announced");
        assert!(report.refused <= 10, "{kind:?}: {} were refused", report.refused);
        let says = |words: &str| report.words.keys().any(|told| told.starts_with(words));
        let spread = if kind == LimitKind::Requests { "Requests per minute " } else { "Tokens per minute " };
        assert!(says(spread) && says("Climbing: "), "{:?}", report.words.keys());
    }
}

#[tokio::test(start_paused = true)]
async fn it_climbs_in_a_few_round_trips_and_shares_one_limit_between_runs() {
    let report = simulate(2000, FAR, |_| Answer::good(Duration::from_secs(1))).await;
    assert_eq!(report.in_flight_max, 32);
    let round_trips = report.took.as_secs();
    assert!(round_trips <= 2000 / 32 + 4, "{round_trips} round trips");

    let pacing = Arc::new(Pacing::default());
    let lanes = [pacing.open(Reach { ceiling: 3, ..NEAR }), pacing.open(Reach { ceiling: 2, ..NEAR })];
    let mut permits = Vec::new();
    for lane in [&lanes[0], &lanes[1], &lanes[0]] {
        permits.push(leave(lane).await);
    }
    let more = tokio::time::timeout(MINUTE, leave(&lanes[1])).await;
    assert!(more.is_err(), "three are in flight");
    lanes[1].set_ceiling(4);
    permits.push(tokio::time::timeout(MINUTE, leave(&lanes[1])).await.expect("a fourth may leave"));
    permits.pop();
    assert_eq!(lanes[1].at_ceiling(4).as_deref(), Some("4 at once is your limit."));
    lanes[1].set_ceiling(1);
    assert!(tokio::time::timeout(MINUTE, leave(&lanes[1])).await.is_err(), "three are out");
    permits.clear();
    let permit = leave(&lanes[1]).await;
    drop((permit, lanes));
    assert_eq!(pacing.lock().in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_stops_waiting_leaves_the_way_free() {
    let pacing = Arc::new(Pacing::default());
    let lane = Arc::new(pacing.open(Reach { ceiling: 1, ..NEAR }));
    let permit = leave(&lane).await;
    let waiting: Vec<_> = (0..5)
        .map(|_| {
            let lane = Arc::clone(&lane);
            tokio::spawn(async move { leave(&lane).await })
        })
        .collect();
    tokio::task::yield_now().await;
    for gone in &waiting[..4] {
        gone.abort();
    }
    drop(permit);
    let mut waiting = waiting;
    let last = waiting.pop().expect("five").await.expect("it is not aborted");
    drop(last);
    assert_eq!((pacing.lock().in_flight, pacing.queued.load(Ordering::SeqCst)), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn what_lacks_something_does_not_leave_and_what_it_waits_for_skips_no_pause() {
    let pacing = Arc::new(Pacing::default());
    let lane = pacing.open(Reach { ceiling: 2, ..NEAR });
    let mut first = leave(&lane).await;
    assert_eq!(lane.admit(|| Err::<(), _>("no money")).await.err(), Some("no money"));
    let state = || {
        let state = pacing.lock();
        (state.in_flight, state.sent)
    };
    assert_eq!(state(), (1, 1), "it did not leave, and takes no place");
    let refused = reply(&Answer::refusal(Some(Duration::from_secs(7))));
    first.outcome(&refused);
    drop(first);
    let began = Instant::now();
    let (second, ()) = lane.admit(|| Ok::<_, Infallible>(())).await.expect("there is some now");
    assert_eq!(began.elapsed(), Duration::from_secs(7));
    drop(second);
    assert_eq!(state(), (0, 2));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_is_said_and_holds_nobody_back() {
    let pacing = Arc::new(Pacing::default());
    let lane = pacing.open(Reach { ceiling: 1, ..NEAR });
    let long = Duration::from_secs(300);
    for kind in [ChatErrorKind::RateLimited, ChatErrorKind::Overloaded, ChatErrorKind::ServerError] {
        let error = reply(&Answer::refusal(Some(long))).expect_err("a refusal");
        let verdict = leave(&lane).await.outcome(&Err(ChatError { kind, ..error }));
        assert_eq!(verdict, Verdict::TooLong(long), "{kind:?}");
    }
    let began = Instant::now();
    drop(leave(&lane).await);
    assert_eq!(began.elapsed(), Duration::ZERO);
}
