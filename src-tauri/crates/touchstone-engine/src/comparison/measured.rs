//! How well each control is filled by runs that are compared, on the tasks that were scored in all of them.

use super::side_by_side::in_pieces;
use crate::metrics::tally;
use crate::requests::{capabilities_for, media_fields};
use crate::runs::content_of;
use crate::{Inner, Result};
use touchstone_domain::metrics::SEED;
use touchstone_domain::metrics::{ControlMetrics, ControlTally};
use touchstone_labeling::{Config, RegionReader};
use touchstone_store::RunRow;

/// Of each run, in their order. A run that was scored on no more than the `shared` tasks has it counted already.
pub(super) fn measured(
    inner: &Inner,
    runs: &[RunRow],
    config: &Config,
    shared: u32,
) -> Result<Vec<Vec<ControlMetrics>>> {
    let counted = runs.iter().map(|run| counted(inner, run, shared)).collect::<Result<Vec<_>>>()?;
    if counted.iter().all(Option::is_some) {
        return Ok(counted.into_iter().flatten().collect());
    }
    let read = read(inner, runs, config)?;
    Ok(counted.into_iter().zip(read).map(|(counted, read)| counted.unwrap_or(read)).collect())
}

/// `None` where what is counted of the run is about other tasks too.
fn counted(inner: &Inner, run: &RunRow, shared: u32) -> Result<Option<Vec<ControlMetrics>>> {
    if run.scored != shared || run.status.is_active() {
        return Ok(None);
    }
    let (_, tally) = tally(inner, &run.id, false)?;
    Ok((tally.tallied().scored == i64::from(shared)).then(|| tally.controls(SEED)))
}

/// The same by reading predictions and ground truth of the shared tasks.
fn read(inner: &Inner, runs: &[RunRow], config: &Config) -> Result<Vec<Vec<ControlMetrics>>> {
    let asked = runs
        .iter()
        .map(|run| Ok(capabilities_for(&media_fields(&content_of(inner, run)?, config))))
        .collect::<Result<Vec<_>>>()?;
    let none = || asked.iter().map(|asked| config.tallies(*asked)).collect::<Vec<_>>();
    let pieces = in_pieces(inner, runs, |keys, tasks| {
        let (mut tallies, mut truths, mut guesses) = (none(), RegionReader::default(), RegionReader::default());
        inner.store.walk_beside_truth(keys, tasks, |_, truth, sides| {
            let Some(truth) = truth.filter(|_| sides.iter().all(|side| side.correct.is_some())) else { return };
            let truth = truths.read(truth);
            for ((tallies, asked), side) in tallies.iter_mut().zip(&asked).zip(sides) {
                let controls = config.measure(truth, guesses.read(side.result), *asked).controls;
                for (tally, control) in tallies.iter_mut().zip(&controls) {
                    if let Some(control) = control {
                        tally.add(control);
                    }
                }
            }
        })?;
        Ok(tallies)
    })?;
    let mut all = none();
    for piece in &pieces {
        for (run, of_piece) in all.iter_mut().zip(piece) {
            run.iter_mut().zip(of_piece).for_each(|(tally, more)| tally.merge(more));
        }
    }
    let metrics = |tallies: &Vec<ControlTally>| tallies.iter().map(|tally| tally.metrics(SEED)).collect();
    Ok(all.iter().map(metrics).collect())
}
