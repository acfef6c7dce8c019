//! What must hold when things go wrong, shown on the real program: it is started on a workspace file of its own, against a
//! model server on loopback, and then killed, robbed of its disk, its server or its clock, or started twice.
//!
//! Nothing here measures time, but for the share of a quota in a long run. What comes at random is drawn from a seed that a failing test prints; another one is set
//! with `TOUCHSTONE_FAULTS_SEED`. `TOUCHSTONE_FAULTS=long` kills the program two hundred times instead of twenty, and
//! uses up a quota for minutes.

#![expect(clippy::print_stdout, reason = "the harness shows it where a test fails: the seed, and what was drawn")]

mod batches;
#[cfg(target_os = "linux")]
mod clock;
#[cfg(target_os = "linux")]
mod disks;
mod kills;
mod outages;
mod storms;
mod support;
mod twice;
