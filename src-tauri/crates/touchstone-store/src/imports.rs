//! Adding tasks to a project, all or nothing, and what was not taken as it was.

use crate::database::Store;
use crate::error::{Result, StoreError, name_taken};
use crate::projects::{PROJECT_COLUMNS, ProjectRow, project_row};
use rusqlite::{CachedStatement, Row, Transaction, params};
use touchstone_domain::ProjectId;
use touchstone_domain::task::is_held_out;

/// A project about to be imported.
pub struct NewProject<'a> {
    pub id: ProjectId,
    pub name: &'a str,
    pub config_xml: &'a str,
    pub config_hash: &'a str,
    pub is_sample: bool,
    pub now: &'a str,
}

/// Where imported tasks go.
pub enum ImportTarget<'a> {
    New(NewProject<'a>),
    /// Behind the tasks of the project with this key.
    Existing {
        project_key: i64,
        now: &'a str,
    },
}

/// A task about to be imported; the JSON members are compact JSON text.
#[derive(Clone, Debug, Default)]
pub struct NewTask {
    pub source_id: Option<i64>,
    pub data: String,
    /// [`touchstone_domain::task::data_hash`] of `data`.
    pub data_hash: i64,
    pub meta: Option<String>,
    pub predictions: Option<String>,
    pub annotations: Vec<NewAnnotation>,
}

#[derive(Clone, Debug, Default)]
pub struct NewAnnotation {
    /// JSON list of regions.
    pub result: String,
    pub ground_truth: bool,
    pub was_cancelled: bool,
    pub created_at: Option<String>,
    /// JSON of the other fields it came with.
    pub source: Option<String>,
}

/// Something that an import did not take as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportIssueRow {
    /// `refused`, `duplicate` or `changed`.
    pub kind: String,
    pub file: String,
    /// Its place in the file, the first is 1.
    pub item: u32,
    pub line: Option<u32>,
    /// The id on its server of the task that it is about; `None` where it came from a file.
    pub remote_id: Option<i64>,
    pub message: String,
}

/// Why an import kept nothing.
#[derive(Debug)]
pub enum ImportFailure<E> {
    Store(StoreError),
    /// The caller gave up.
    Aborted(E),
}

impl<E> From<StoreError> for ImportFailure<E> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Adds tasks to a project that is being imported.
pub struct TaskWriter<'t> {
    pub(crate) transaction: &'t Transaction<'t>,
    // Prepared once: looking them up for each of a million tasks takes time.
    insert_task: CachedStatement<'t>,
    insert_annotation: CachedStatement<'t>,
    pub(crate) project_key: i64,
    /// The position of the first task that is added.
    pub(crate) position: u32,
    tasks: u32,
    annotations: u32,
    ground_truths: u32,
    held_out: u32,
}

impl<'t> TaskWriter<'t> {
    fn new(transaction: &'t Transaction<'t>, project_key: i64) -> Result<Self> {
        let position =
            transaction.query_row("SELECT tasks FROM project WHERE key = ?1", [project_key], |row| row.get(0))?;
        Ok(Self {
            transaction,
            insert_task: transaction.prepare_cached(
                "INSERT INTO task
                   (project_key, position, source_id, data, data_hash, meta, predictions, has_ground_truth)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?,
            insert_annotation: transaction.prepare_cached(
                "INSERT INTO annotation (task_id, result, ground_truth, was_cancelled, created_at, source)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?,
            project_key,
            position,
            tasks: 0,
            annotations: 0,
            ground_truths: 0,
            held_out: 0,
        })
    }

    pub fn add(&mut self, task: &NewTask) -> Result<()> {
        let has_ground_truth =
            task.annotations.iter().any(|annotation| annotation.ground_truth && !annotation.was_cancelled);
        let task_id = self.insert_task.insert(params![
            self.project_key,
            self.position + self.tasks,
            task.source_id,
            task.data,
            task.data_hash,
            task.meta,
            task.predictions,
            has_ground_truth
        ])?;
        for annotation in &task.annotations {
            self.insert_annotation.execute(params![
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
        self.held_out += u32::from(has_ground_truth && is_held_out(task.data_hash));
        Ok(())
    }

    /// Tells the hash of the data of every task that the project had before.
    pub fn earlier_hashes(&self, mut each: impl FnMut(i64)) -> Result<()> {
        let mut statement =
            self.transaction.prepare("SELECT data_hash FROM task WHERE project_key = ?1 AND position < ?2")?;
        let mut rows = statement.query(params![self.project_key, self.position])?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?);
        }
        Ok(())
    }

    pub fn add_issue(&mut self, issue: &ImportIssueRow) -> Result<()> {
        self.transaction
            .prepare_cached(
                "INSERT INTO import_issue (project_key, kind, file, item, line, remote_id, message)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                self.project_key,
                issue.kind,
                issue.file,
                issue.item,
                issue.line,
                issue.remote_id,
                issue.message
            ])?;
        Ok(())
    }

    /// Label Studio's own id of the task that was added after so many others; `None` if it has none.
    pub fn source_id(&self, after: u32) -> Result<Option<i64>> {
        let sql = "SELECT source_id FROM task WHERE project_key = ?1 AND position = ?2";
        let mut select = self.transaction.prepare_cached(sql)?;
        Ok(select.query_row(params![self.project_key, self.position + after], |row| row.get(0))?)
    }

    fn finish(self, now: &str) -> Result<ProjectRow> {
        self.transaction.execute(
            "UPDATE project SET tasks = tasks + ?2, annotations = annotations + ?3, ground_truths = ground_truths + ?4,
               held_out = held_out + ?5, updated_at = ?6 WHERE key = ?1",
            params![self.project_key, self.tasks, self.annotations, self.ground_truths, self.held_out, now],
        )?;
        let sql = format!("SELECT {PROJECT_COLUMNS} FROM project WHERE key = ?1");
        Ok(self.transaction.query_row(&sql, [self.project_key], project_row)?)
    }
}

/// What an import added.
#[derive(Clone, Debug)]
pub struct Imported {
    pub project: ProjectRow,
    pub tasks: u32,
    pub annotations: u32,
    /// Added tasks that have ground truth.
    pub ground_truths: u32,
}

impl Store {
    /// Makes a project, or takes one, and fills it in one transaction: either all that `fill` added is there
    /// afterwards, or nothing.
    pub fn import<E>(
        &self,
        target: &ImportTarget<'_>,
        fill: impl FnOnce(&mut TaskWriter<'_>) -> std::result::Result<(), ImportFailure<E>>,
    ) -> std::result::Result<Imported, ImportFailure<E>> {
        // The failure of `fill` travels beside the transaction's own, so that an abort rolls back too.
        let mut aborted = None;
        let outcome = self.write(|transaction| {
            let (project_key, now) = match target {
                ImportTarget::New(project) => (insert_project(transaction, project)?, project.now),
                ImportTarget::Existing { project_key, now } => (*project_key, *now),
            };
            let mut writer = TaskWriter::new(transaction, project_key)?;
            match fill(&mut writer) {
                Ok(()) => {}
                Err(ImportFailure::Store(error)) => return Err(error),
                Err(ImportFailure::Aborted(error)) => {
                    aborted = Some(error);
                    return Err(StoreError::not_found("import", "given up"));
                }
            }
            let (tasks, annotations, ground_truths) = (writer.tasks, writer.annotations, writer.ground_truths);
            Ok(Imported { project: writer.finish(now)?, tasks, annotations, ground_truths })
        });
        // The pages of the import are of no use to whatever is written next. It is committed, whatever comes of this.
        let _ = self.forget_pages();
        match (outcome, aborted) {
            (_, Some(error)) => Err(ImportFailure::Aborted(error)),
            (outcome, None) => outcome.map_err(ImportFailure::Store),
        }
    }

    /// What imports of the project did not take as it was, from `offset` on, at most `limit`, the first first.
    pub fn import_issues(&self, project_key: i64, offset: u32, limit: u32) -> Result<Vec<ImportIssueRow>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT kind, file, item, line, remote_id, message FROM import_issue WHERE project_key = ?1
                 ORDER BY id LIMIT ?3 OFFSET ?2",
            )?;
            let rows = statement.query_map(params![project_key, offset, limit], issue_row)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    pub fn import_issue_count(&self, project_key: i64) -> Result<u32> {
        self.read(|reader| {
            let sql = "SELECT count(*) FROM import_issue WHERE project_key = ?1";
            Ok(reader.prepare_cached(sql)?.query_row([project_key], |row| row.get(0))?)
        })
    }
}

fn insert_project(transaction: &Transaction<'_>, project: &NewProject<'_>) -> Result<i64> {
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
    Ok(transaction.last_insert_rowid())
}

fn issue_row(row: &Row<'_>) -> rusqlite::Result<ImportIssueRow> {
    Ok(ImportIssueRow {
        kind: row.get(0)?,
        file: row.get(1)?,
        item: row.get(2)?,
        line: row.get(3)?,
        remote_id: row.get(4)?,
        message: row.get(5)?,
    })
}
