//! The clock of the computer is set, forwards or back, while a run is at work or its program is gone.

use crate::support::{Desk, Program, START, Server, count, skipped, under_way, word};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

const TASKS: usize = 60;
const HOURS: [&str; 2] = ["+7200", "-7200"];

/// The library that stands between programs and the clock. `None`, and said why, where it is not installed.
fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut found = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    found.find(|path| path.exists()).or_else(|| skipped("the Debian package faketime is not installed"))
}

/// A workspace on a computer whose clock can be set.
struct Clock {
    desk: Desk,
    library: PathBuf,
}

impl Clock {
    fn of(desk: Desk, library: PathBuf) -> Self {
        let clock = Self { desk, library };
        clock.set("+0");
        clock
    }

    /// So many seconds from what it is, for every program of this computer.
    fn set(&self, seconds: &str) {
        // In one step: programs read it at any moment.
        let (written, path) = (self.desk.file("clock.new"), self.path());
        std::fs::write(&written, format!("{seconds}\n")).expect("the clock is set");
        std::fs::rename(written, path).expect("the clock is set");
    }

    fn path(&self) -> PathBuf {
        self.desk.file("clock")
    }

    fn start(&self, arguments: &[&str]) -> Program {
        Program::start(self.command(arguments))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.desk.command(arguments);
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", self.path())
            .env("FAKETIME_NO_CACHE", "1")
            // Setting the clock leaves the one alone that only ever goes on.
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        command
    }

    #[track_caller]
    fn get(&self, arguments: &[&str]) -> Value {
        let (ok, json) = self.start(arguments).end();
        assert!(ok, "{arguments:?}: {json}");
        json
    }
}

#[test]
fn a_clock_that_is_set_in_mid_run_takes_the_run_from_nobody() {
    let Some(library) = library() else { return };
    for hours in HOURS {
        let server = Server::well();
        let clock = Clock::of(Desk::new(), library.clone());
        clock.desk.prompt_on(&server, TASKS);
        let program = under_way(&server, 20, || clock.start(&START));
        clock.set(hours);
        // At once, before the run's program has renewed its lease by the new time: it looks as if it were given up.
        let listed = clock.get(&["run", "list"]);
        let run = &listed["runs"][0];
        assert_eq!(word(run, "status"), "in_progress", "{hours}: its program is at work: {run}");
        let (taken, said) = clock.start(&["run", "resume", word(run, "run_id")]).end();
        assert!(!taken && word(&said["error"], "code") == "run_active", "{hours}: {said}");
        server.limit(None);
        let (ok, run) = program.end();
        assert!(ok, "{hours}: {run}");
        assert_eq!((count(&run, "done"), count(&run, "failed")), (TASKS, 0), "{hours}: {run}");
        assert_eq!(server.asked().len(), TASKS, "{hours}: nothing was given up and asked again");
    }
}

#[test]
fn a_clock_that_is_set_while_no_program_is_at_work_keeps_no_run_from_being_resumed() {
    let Some(library) = library() else { return };
    for hours in HOURS {
        let server = Server::well();
        let clock = Clock::of(Desk::new(), library.clone());
        clock.desk.prompt_on(&server, TASKS);
        let program = under_way(&server, 20, || clock.start(&START));
        program.kill();
        server.hang_up();
        clock.set(hours);
        // However far the clock is from the one that the dead program saw.
        let paused = clock.get(&["run", "list"])["runs"][0].clone();
        assert_eq!(word(&paused, "status"), "paused", "{hours}: {paused}");
        assert!(word(&paused, "reason").contains("that was at work on it ended"), "{hours}: {paused}");
        let kept = count(&paused, "done");
        server.limit(None);
        let run = clock.get(&["run", "resume", word(&paused, "run_id")]);
        assert_eq!((count(&run, "done"), count(&run, "failed")), (TASKS, 0), "{hours}: {run}");
        assert_eq!(count(&run, "requests"), TASKS, "{hours}: what was kept is not asked again: {run}");
        assert!(kept <= 20, "{hours}: {paused}");
    }
}
