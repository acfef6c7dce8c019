//! Changing the labeling config of a project, and looking at what it is used by.

use crate::database::Store;
use crate::error::Result;
use crate::projects::ProjectRow;
use crate::tallies;
use rusqlite::{OptionalExtension, Transaction, params};

/// Rows that are held at a time.
const PAGE: u32 = 500;

/// Tasks that are looked at between two looks at whether to stop.
const TASKS_PAGE: u32 = 20_000;

/// A labeling config to store.
#[derive(Clone, Copy, Debug)]
pub struct NewConfig<'a> {
    pub xml: &'a str,
    pub hash: &'a str,
    pub now: &'a str,
}

/// What became of a config that was to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigSaved {
    Saved,
    /// Nothing was written: the run of this number is at work with the config that is there.
    RunActive(u32),
}

/// Gives regions in their new words, as JSON like before, or `None` for those that stay.
pub type Rewrite<'r> = dyn Fn(&str) -> Option<String> + 'r;

impl Store {
    /// Gives each annotation of a project as its regions and whether it is ground truth, in no order that means
    /// anything, until `look` returns `false`.
    pub fn each_annotation(&self, project_key: i64, mut look: impl FnMut(&str, bool) -> bool) -> Result<()> {
        let mut after = 0i64;
        loop {
            let page = self.read(|reader| {
                let mut statement = reader.prepare_cached(
                    "SELECT annotation.id, result, ground_truth = 1 AND was_cancelled = 0
                     FROM annotation JOIN task ON task.id = annotation.task_id
                     WHERE task.project_key = ?1 AND annotation.id > ?2 ORDER BY annotation.id LIMIT ?3",
                )?;
                let rows = statement.query_map(params![project_key, after, PAGE], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, bool>(2)?))
                })?;
                Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?)
            })?;
            let Some((last, ..)) = page.last() else { return Ok(()) };
            after = *last;
            if !page.iter().all(|(_, result, is_truth)| look(result, *is_truth)) {
                return Ok(());
            }
        }
    }

    /// How many tasks of a project lack a key of their data, or have null there. `None` once `go_on` returns `false`.
    pub fn tasks_without(
        &self,
        project: &ProjectRow,
        key: &str,
        mut go_on: impl FnMut() -> bool,
    ) -> Result<Option<u32>> {
        let mut count = 0;
        for from in (0..project.tasks).step_by(TASKS_PAGE as usize) {
            if !go_on() {
                return Ok(None);
            }
            count += self.read(|reader| {
                let mut statement = reader.prepare_cached(
                    "SELECT count(*) FROM task WHERE project_key = ?1 AND position >= ?2 AND position < ?3
                       AND NOT EXISTS (SELECT 1 FROM json_each(task.data) AS field
                                       WHERE field.key = ?4 AND field.type <> 'null')",
                )?;
                let to = from.saturating_add(TASKS_PAGE);
                Ok(statement.query_row(params![project.key, from, to, key], |row| row.get::<_, u32>(0))?)
            })?;
        }
        Ok(Some(count))
    }

    /// Stores another config of a project. `rewrite`, if there is one, gives the regions of an annotation or a
    /// prediction in their new words, or `None` for those that stay; all of it is written, or nothing.
    pub fn save_config(
        &self,
        project_key: i64,
        config: NewConfig<'_>,
        rewrite: Option<&Rewrite<'_>>,
    ) -> Result<ConfigSaved> {
        self.write(|transaction| {
            let active = transaction
                .query_row(
                    "SELECT number FROM run WHERE project_key = ?1 AND status IN ('queued', 'in_progress') LIMIT 1",
                    [project_key],
                    |row| row.get(0),
                )
                .optional()?;
            if let Some(number) = active {
                return Ok(ConfigSaved::RunActive(number));
            }
            transaction.execute(
                "UPDATE project SET config_xml = ?2, config_hash = ?3, updated_at = ?4 WHERE key = ?1",
                params![project_key, config.xml, config.hash, config.now],
            )?;
            tallies::forget_all(transaction, project_key)?;
            if let Some(rewrite) = rewrite {
                rewrite_annotations(transaction, project_key, rewrite)?;
                rewrite_predictions(transaction, project_key, rewrite)?;
            }
            Ok(ConfigSaved::Saved)
        })
    }
}

fn rewrite_annotations(transaction: &Transaction<'_>, project_key: i64, rewrite: &Rewrite) -> Result<()> {
    let mut select = transaction.prepare_cached(
        "SELECT annotation.id, result FROM annotation JOIN task ON task.id = annotation.task_id
         WHERE task.project_key = ?1 AND annotation.id > ?2 ORDER BY annotation.id LIMIT ?3",
    )?;
    let mut update = transaction.prepare_cached("UPDATE annotation SET result = ?2 WHERE id = ?1")?;
    let mut after = 0i64;
    loop {
        let rows = select.query_map(params![project_key, after, PAGE], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let page = rows.collect::<rusqlite::Result<Vec<(i64, String)>>>()?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = *last;
        for (id, result) in &page {
            if let Some(result) = rewrite(result) {
                update.execute(params![id, result])?;
            }
        }
    }
}

fn rewrite_predictions(transaction: &Transaction<'_>, project_key: i64, rewrite: &Rewrite) -> Result<()> {
    let mut runs = transaction.prepare_cached("SELECT key FROM run WHERE project_key = ?1")?;
    let runs = runs.query_map([project_key], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    let mut select = transaction.prepare_cached(
        "SELECT task_id, result FROM prediction WHERE run_key = ?1 AND task_id > ?2 AND result IS NOT NULL
         ORDER BY task_id LIMIT ?3",
    )?;
    let mut update =
        transaction.prepare_cached("UPDATE prediction SET result = ?3 WHERE run_key = ?1 AND task_id = ?2")?;
    for run in runs {
        let mut after = 0i64;
        loop {
            let rows = select.query_map(params![run, after, PAGE], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let page = rows.collect::<rusqlite::Result<Vec<(i64, String)>>>()?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            for (task, result) in &page {
                if let Some(result) = rewrite(result) {
                    update.execute(params![run, task, result])?;
                }
            }
        }
    }
    Ok(())
}
