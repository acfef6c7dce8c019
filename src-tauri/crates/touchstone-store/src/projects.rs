//! Projects, their tasks and annotations.

use crate::database::Store;
use crate::error::{Result, StoreError, name_taken};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use touchstone_domain::run::Subset;
use touchstone_domain::{ProjectId, TaskId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectRow {
    pub key: i64,
    pub id: ProjectId,
    pub name: String,
    pub config_xml: String,
    pub config_hash: String,
    pub is_sample: bool,
    pub tasks: u32,
    pub annotations: u32,
    /// Tasks that have ground truth.
    pub ground_truths: u32,
    /// Prompts, outside the bin, that aim at it.
    pub prompts: u32,
    pub created_at: String,
    pub updated_at: String,
}

/// A project about to be imported.
pub struct NewProject<'a> {
    pub id: ProjectId,
    pub name: &'a str,
    pub config_xml: &'a str,
    pub config_hash: &'a str,
    pub is_sample: bool,
    pub now: &'a str,
}

/// A task about to be imported; the JSON members are compact JSON text.
pub struct NewTask<'a> {
    pub source_id: Option<i64>,
    pub data: &'a str,
    pub meta: Option<&'a str>,
    pub annotations: &'a [AnnotationRow],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnotationRow {
    /// JSON list of regions.
    pub result: String,
    pub ground_truth: bool,
    pub was_cancelled: bool,
    pub created_at: Option<String>,
    /// JSON of the other fields it was imported with.
    pub source: Option<String>,
}

impl AnnotationRow {
    /// Whether predictions are compared with it.
    pub fn is_ground_truth(&self) -> bool {
        self.ground_truth && !self.was_cancelled
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRow {
    pub id: TaskId,
    pub position: u32,
    pub source_id: Option<i64>,
    /// JSON object.
    pub data: String,
    pub annotations: u32,
    /// JSON list of regions of the newest ground truth, if there is one.
    pub ground_truth: Option<String>,
}

/// Why an import kept nothing.
#[derive(Debug)]
pub enum ImportFailure<E> {
    Store(StoreError),
    /// The caller gave up.
    Aborted(E),
}

/// Adds tasks to a project that is being imported.
pub struct TaskWriter<'t> {
    transaction: &'t Transaction<'t>,
    project_key: i64,
    tasks: u32,
    annotations: u32,
    ground_truths: u32,
}

impl TaskWriter<'_> {
    pub fn add(&mut self, task: &NewTask<'_>) -> Result<()> {
        let has_ground_truth = task.annotations.iter().any(AnnotationRow::is_ground_truth);
        self.transaction
            .prepare_cached(
                "INSERT INTO task (project_key, position, source_id, data, meta, has_ground_truth)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![self.project_key, self.tasks, task.source_id, task.data, task.meta, has_ground_truth])?;
        let task_id = self.transaction.last_insert_rowid();
        for annotation in task.annotations {
            self.transaction
                .prepare_cached(
                    "INSERT INTO annotation (task_id, result, ground_truth, was_cancelled, created_at, source)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    task_id,
                    annotation.result,
                    annotation.ground_truth,
                    annotation.was_cancelled,
                    annotation.created_at,
                    annotation.source
                ])?;
        }
        self.tasks += 1;
        self.annotations += u32::try_from(task.annotations.len()).unwrap_or(u32::MAX);
        self.ground_truths += u32::from(has_ground_truth);
        Ok(())
    }
}

const PROJECT_COLUMNS: &str = "key, id, name, config_xml, config_hash, is_sample, tasks, annotations, ground_truths,
    (SELECT count(*) FROM prompt WHERE prompt.project_id = project.id AND prompt.deleted_at IS NULL) AS prompts,
    created_at, updated_at";

/// The newest ground truth of the task in scope counts.
pub(crate) const GROUND_TRUTH: &str = "(SELECT result FROM annotation
    WHERE annotation.task_id = task.id AND ground_truth = 1 AND was_cancelled = 0
    ORDER BY created_at DESC, annotation.id DESC LIMIT 1)";

fn project_row(row: &Row<'_>) -> rusqlite::Result<ProjectRow> {
    Ok(ProjectRow {
        key: row.get("key")?,
        id: ProjectId(row.get("id")?),
        name: row.get("name")?,
        config_xml: row.get("config_xml")?,
        config_hash: row.get("config_hash")?,
        is_sample: row.get("is_sample")?,
        tasks: row.get("tasks")?,
        annotations: row.get("annotations")?,
        ground_truths: row.get("ground_truths")?,
        prompts: row.get("prompts")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

fn task_row(row: &Row<'_>) -> rusqlite::Result<TaskRow> {
    Ok(TaskRow {
        id: TaskId(row.get("id")?),
        position: row.get("position")?,
        source_id: row.get("source_id")?,
        data: row.get("data")?,
        annotations: row.get("annotations")?,
        ground_truth: row.get("ground_truth")?,
    })
}

fn task_columns() -> String {
    format!(
        "task.id, task.position, task.source_id, task.data,
         (SELECT count(*) FROM annotation WHERE annotation.task_id = task.id) AS annotations,
         {GROUND_TRUTH} AS ground_truth"
    )
}

impl Store {
    /// Makes a project and fills it, in one transaction: either all that `fill` added is there afterwards, or nothing.
    pub fn import_project<E>(
        &self,
        project: &NewProject<'_>,
        fill: impl FnOnce(&mut TaskWriter<'_>) -> std::result::Result<(), ImportFailure<E>>,
    ) -> std::result::Result<ProjectRow, ImportFailure<E>> {
        // The failure of `fill` travels beside the transaction's own, so that an abort rolls back too.
        let mut aborted = None;
        let outcome = self.write(|transaction| {
            transaction
                .execute(
                    "INSERT INTO project (id, name, config_xml, config_hash, is_sample, created_at, updated_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
                    params![
                        project.id.as_str(),
                        project.name,
                        project.config_xml,
                        project.config_hash,
                        project.is_sample,
                        project.now
                    ],
                )
                .map_err(name_taken(project.name))?;
            let project_key = transaction.last_insert_rowid();
            let mut writer = TaskWriter { transaction, project_key, tasks: 0, annotations: 0, ground_truths: 0 };
            match fill(&mut writer) {
                Ok(()) => {}
                Err(ImportFailure::Store(error)) => return Err(error),
                Err(ImportFailure::Aborted(error)) => {
                    aborted = Some(error);
                    return Err(StoreError::not_found("project", project.name));
                }
            }
            transaction.execute(
                "UPDATE project SET tasks = ?2, annotations = ?3, ground_truths = ?4 WHERE key = ?1",
                params![project_key, writer.tasks, writer.annotations, writer.ground_truths],
            )?;
            Ok(transaction.query_row(
                &format!("SELECT {PROJECT_COLUMNS} FROM project WHERE key = ?1"),
                [project_key],
                project_row,
            )?)
        });
        match (outcome, aborted) {
            (_, Some(error)) => Err(ImportFailure::Aborted(error)),
            (outcome, None) => outcome.map_err(ImportFailure::Store),
        }
    }

    /// Every project outside the bin, newest first.
    pub fn projects(&self) -> Result<Vec<ProjectRow>> {
        self.read(|reader| {
            let sql = format!("SELECT {PROJECT_COLUMNS} FROM project WHERE deleted_at IS NULL ORDER BY key DESC");
            let mut statement = reader.prepare_cached(&sql)?;
            Ok(statement.query_map([], project_row)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The project with this id, or outside the bin with this name.
    pub fn project(&self, id_or_name: &str) -> Result<ProjectRow> {
        self.read(|reader| {
            let sql = format!(
                "SELECT {PROJECT_COLUMNS} FROM project
                 WHERE (id = ?1 OR name = ?1) AND deleted_at IS NULL ORDER BY id = ?1 DESC LIMIT 1"
            );
            let found = reader.prepare_cached(&sql)?.query_row([id_or_name], project_row).optional()?;
            found.ok_or_else(|| StoreError::not_found("project", id_or_name))
        })
    }

    /// The project of a run, in the bin or not.
    pub fn project_by_key(&self, key: i64) -> Result<ProjectRow> {
        self.read(|reader| {
            let sql = format!("SELECT {PROJECT_COLUMNS} FROM project WHERE key = ?1");
            let found = reader.prepare_cached(&sql)?.query_row([key], project_row).optional()?;
            found.ok_or_else(|| StoreError::not_found("project", key))
        })
    }

    /// Moves a project into the bin, or back out of it when `deleted_at` is `None`.
    pub fn set_project_deleted(&self, id: &ProjectId, deleted_at: Option<&str>) -> Result<()> {
        self.write(|transaction| {
            let name: String = transaction
                .query_row("SELECT name FROM project WHERE id = ?1", [id.as_str()], |row| row.get(0))
                .optional()?
                .ok_or_else(|| StoreError::not_found("project", id))?;
            transaction
                .execute("UPDATE project SET deleted_at = ?2 WHERE id = ?1", params![id.as_str(), deleted_at])
                .map_err(name_taken(&name))?;
            Ok(())
        })
    }

    /// Tasks from `offset` on, at most `limit`, in the project's order.
    pub fn tasks(&self, project_key: i64, offset: u32, limit: u32) -> Result<Vec<TaskRow>> {
        self.read(|reader| {
            let sql = format!(
                "SELECT {} FROM task WHERE project_key = ?1 AND position >= ?2 ORDER BY position LIMIT ?3",
                task_columns()
            );
            let mut statement = reader.prepare_cached(&sql)?;
            let rows = statement.query_map(params![project_key, offset, limit], task_row)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// One task of any project.
    pub fn task(&self, id: TaskId) -> Result<TaskRow> {
        self.read(|reader| {
            let sql = format!("SELECT {} FROM task WHERE id = ?1", task_columns());
            let found = reader.prepare_cached(&sql)?.query_row([id.0], task_row).optional()?;
            found.ok_or_else(|| StoreError::not_found("task", id))
        })
    }

    /// The annotations of a task, oldest first.
    pub fn annotations(&self, task: TaskId) -> Result<Vec<AnnotationRow>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT result, ground_truth, was_cancelled, created_at, source FROM annotation
                 WHERE task_id = ?1 ORDER BY id",
            )?;
            let rows = statement.query_map([task.0], |row| {
                Ok(AnnotationRow {
                    result: row.get(0)?,
                    ground_truth: row.get(1)?,
                    was_cancelled: row.get(2)?,
                    created_at: row.get(3)?,
                    source: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// How many tasks of the project a subset has now, and the position after its last one.
    pub fn subset_size(&self, project: &ProjectRow, subset: Subset) -> (u32, u32) {
        match subset {
            Subset::All => (project.tasks, project.tasks),
            Subset::Sample => {
                let size = project.tasks.min(touchstone_domain::run::SAMPLE_TASKS);
                (size, size)
            }
            Subset::GroundTruth => (project.ground_truths, project.tasks),
        }
    }
}
