//! Adding tasks to a project, all or nothing.

use crate::database::Store;
use crate::error::{Result, StoreError, name_taken};
use crate::projects::{PROJECT_COLUMNS, ProjectRow, project_row};
use crate::tasks::AnnotationRow;
use rusqlite::{Transaction, params};
use touchstone_domain::ProjectId;
use touchstone_domain::task::data_hash;

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
                "INSERT INTO task (project_key, position, source_id, data, data_hash, meta, has_ground_truth)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                self.project_key,
                self.tasks,
                task.source_id,
                task.data,
                data_hash(task.data),
                task.meta,
                has_ground_truth
            ])?;
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
}
