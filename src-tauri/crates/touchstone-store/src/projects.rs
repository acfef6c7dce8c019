//! Projects.

use crate::database::Store;
use crate::error::{Result, StoreError, name_taken};
use rusqlite::{OptionalExtension, Row, params};
use touchstone_domain::ProjectId;

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
    /// Those of them that are held out.
    pub held_out: u32,
    /// Prompts, outside the bin, that aim at it.
    pub prompts: u32,
    pub created_at: String,
    pub updated_at: String,
}

pub(crate) const PROJECT_COLUMNS: &str =
    "key, id, name, config_xml, config_hash, is_sample, tasks, annotations, ground_truths, held_out,
    (SELECT count(*) FROM prompt WHERE prompt.project_id = project.id AND prompt.deleted_at IS NULL) AS prompts,
    created_at, updated_at";

pub(crate) fn project_row(row: &Row<'_>) -> rusqlite::Result<ProjectRow> {
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
        held_out: row.get("held_out")?,
        prompts: row.get("prompts")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

impl Store {
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

    /// Renames a project outside the bin.
    pub fn rename_project(&self, id: &ProjectId, name: &str, now: &str) -> Result<()> {
        self.write(|transaction| {
            let sql = "UPDATE project SET name = ?2, updated_at = ?3 WHERE id = ?1 AND deleted_at IS NULL";
            let renamed = transaction.execute(sql, params![id.as_str(), name, now]).map_err(name_taken(name))?;
            if renamed == 0 { Err(StoreError::not_found("project", id)) } else { Ok(()) }
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
}
