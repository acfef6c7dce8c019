//! Which tasks a run covers: counted before it starts, and listed where its subset does not say them for good.

use crate::database::Store;
use crate::error::Result;
use crate::projects::ProjectRow;
use crate::tasks::split;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use touchstone_domain::TaskId;
use touchstone_domain::run::{Only, Subset};

/// Positions of tasks, one bit each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Positions(Vec<u64>);

impl Positions {
    pub fn insert(&mut self, position: u32) {
        let (word, bit) = (position as usize / 64, position % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << bit;
    }

    /// Ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        let words = (0..).step_by(64).zip(&self.0);
        words.flat_map(|(start, word)| (0..64).filter(move |bit| (word >> bit) & 1 == 1).map(move |bit| start + bit))
    }

    fn json(&self) -> String {
        let positions: Vec<_> = self.iter().map(|position| position.to_string()).collect();
        format!("[{}]", positions.join(","))
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}

impl FromIterator<u32> for Positions {
    fn from_iter<Items: IntoIterator<Item = u32>>(items: Items) -> Self {
        let mut positions = Self::default();
        items.into_iter().for_each(|position| positions.insert(position));
        positions
    }
}

/// The tasks of a project that a run is to cover.
#[derive(Clone, Copy, Debug)]
pub struct Coverage<'a> {
    pub subset: Subset,
    /// Those of a custom subset.
    pub picked: &'a Positions,
    pub only: Option<Only>,
    /// The keys of the earlier runs that `only` looks at.
    pub before: &'a [i64],
}

impl Coverage<'_> {
    /// The condition for a task of the project ?1 to be covered, where ?2 is the JSON of the positions that were picked.
    fn sql(&self) -> String {
        let subset = match self.subset {
            Subset::All => String::new(),
            Subset::Custom => "AND position IN (SELECT value FROM json_each(?2))".to_owned(),
            Subset::Sample { tasks, seed: None } => format!("AND position < {tasks}"),
            Subset::Sample { tasks, seed: Some(seed) } => format!(
                "AND position IN (SELECT position FROM task WHERE project_key = ?1
                   ORDER BY draw(position, {seed}), position LIMIT {tasks})"
            ),
            Subset::GroundTruth => "AND has_ground_truth = 1".to_owned(),
            Subset::GroundTruthDev => format!("AND {}", split(false)),
            Subset::GroundTruthHeldOut => format!("AND {}", split(true)),
        };
        // The runs of a version are few, and each knows its predictions by task.
        let keys: Vec<_> = self.before.iter().map(i64::to_string).collect();
        let before = format!("FROM prediction WHERE run_key IN ({}) AND task_id = task.id", keys.join(", "));
        let only = match self.only {
            None => String::new(),
            Some(Only::Missing) => format!("AND NOT EXISTS (SELECT 1 {before} AND error_code IS NULL)"),
            Some(Only::Failed) => {
                format!("AND (SELECT error_code IS NOT NULL {before} ORDER BY run_key DESC LIMIT 1)")
            }
        };
        format!("{subset} {only}")
    }

    /// Whether the tasks are to be listed with the run: whoever looks for them later would not find the same.
    pub(crate) fn is_listed(&self) -> bool {
        is_listed(self.subset, self.only)
    }

    /// Lists the tasks of a run, and says how many they are.
    pub(crate) fn list(&self, transaction: &Transaction<'_>, run_key: i64, project_key: i64) -> Result<u32> {
        let sql = format!(
            "INSERT INTO run_task (run_key, position) SELECT ?3, position FROM task WHERE project_key = ?1 {}",
            self.sql()
        );
        let listed = transaction.execute(&sql, params![project_key, self.picked.json(), run_key])?;
        Ok(u32::try_from(listed).unwrap_or(u32::MAX))
    }

    fn count(&self, reader: &Connection, project_key: i64) -> Result<u32> {
        // The second parameter is named in every case, so that it may be given in every case.
        let sql = format!("SELECT count(*) FROM task WHERE project_key = ?1 AND ?2 IS NOT NULL {}", self.sql());
        Ok(reader.query_row(&sql, params![project_key, self.picked.json()], |row| row.get(0))?)
    }
}

pub(crate) fn is_listed(subset: Subset, only: Option<Only>) -> bool {
    only.is_some() || matches!(subset, Subset::Custom | Subset::Sample { seed: Some(_), .. })
}

impl Store {
    /// How many tasks of the project are covered now.
    pub fn covered(&self, project: &ProjectRow, coverage: &Coverage<'_>) -> Result<u32> {
        Ok(match (coverage.subset, coverage.only) {
            (Subset::All, None) => project.tasks,
            (Subset::Sample { tasks, .. }, None) => tasks.min(project.tasks),
            (Subset::GroundTruth, None) => project.ground_truths,
            (Subset::GroundTruthDev, None) => project.ground_truths.saturating_sub(project.held_out),
            (Subset::GroundTruthHeldOut, None) => project.held_out,
            _ => self.read(|reader| coverage.count(reader, project.key))?,
        })
    }

    /// The positions of the tasks that are covered now, in no order.
    pub fn covered_positions(&self, project: &ProjectRow, coverage: &Coverage<'_>) -> Result<Vec<u32>> {
        match (coverage.subset, coverage.only) {
            (Subset::All, None) => Ok((0..project.tasks).collect()),
            (Subset::Sample { tasks, seed: None }, None) => Ok((0..tasks.min(project.tasks)).collect()),
            _ => self.read(|reader| {
                let sql =
                    format!("SELECT position FROM task WHERE project_key = ?1 AND ?2 IS NOT NULL {}", coverage.sql());
                let mut statement = reader.prepare(&sql)?;
                let positions = statement.query_map(params![project.key, coverage.picked.json()], |row| row.get(0))?;
                Ok(positions.collect::<rusqlite::Result<_>>()?)
            }),
        }
    }

    /// The positions of these tasks of a project, in no order.
    pub fn positions_of(&self, project_key: i64, tasks: &[TaskId]) -> Result<Positions> {
        self.read(|reader| {
            let moment = reader.unchecked_transaction()?;
            let mut statement =
                moment.prepare_cached("SELECT position FROM task WHERE id = ?1 AND project_key = ?2")?;
            let position =
                |task: &TaskId| Ok(statement.query_row(params![task.0, project_key], |row| row.get(0)).optional()?);
            let positions: Vec<Option<u32>> = tasks.iter().map(position).collect::<Result<_>>()?;
            Ok(positions.into_iter().flatten().collect())
        })
    }

    /// Comes by the ids that exports give to the tasks of a project, each with its position, in the project's order: the id that
    /// a task was imported with; without one, its id in this workspace. Two tasks may have the same.
    pub fn each_shown_id(&self, project_key: i64, mut each: impl FnMut(i64, u32)) -> Result<()> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT coalesce(source_id, id), position FROM task WHERE project_key = ?1 ORDER BY position",
            )?;
            let mut rows = statement.query([project_key])?;
            while let Some(row) = rows.next()? {
                each(row.get(0)?, row.get(1)?);
            }
            Ok(())
        })
    }
}
