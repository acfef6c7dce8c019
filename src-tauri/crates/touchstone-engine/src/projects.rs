//! Projects: what each is, and moving them to and from the bin.

use crate::label_studio::{ProjectLink, project_link};
use crate::names::checked_name;
use crate::{Changed, Engine, Error, Result, clock};
use serde::Serialize;
use serde_json::Value;
use specta::Type;
use touchstone_domain::ProjectId;
use touchstone_domain::prompt::NAME_CHARS_MAX;
use touchstone_labeling::{Capabilities, Config, Outline};
use touchstone_store::ProjectRow;

#[derive(Clone, Debug, Serialize, Type)]
pub struct ProjectSummary {
    pub id: ProjectId,
    pub name: String,
    pub is_sample: bool,
    pub task_count: u32,
    pub annotation_count: u32,
    /// Tasks that have ground truth.
    pub ground_truth_count: u32,
    /// Those of them that are held out from improving prompts.
    pub held_out_count: u32,
    /// The controls of its config, as "Choices sentiment".
    pub controls: Vec<String>,
    /// Why no prompt can aim at it, in words; `None` when one can.
    pub ineligible: Option<String>,
    pub prompt_count: u32,
    /// The project of a Label Studio server that it came from.
    pub link: Option<ProjectLink>,
    pub created_at: String,
    pub updated_at: String,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct ProjectDetail {
    pub summary: ProjectSummary,
    pub config_xml: String,
    pub outline: Outline,
    pub variables: Vec<String>,
    /// Pretty JSON of the schema that a model's answer must satisfy.
    pub answer_schema: String,
    /// What Label Studio would object to in the config; empty when it would save it.
    pub config_faults: Vec<String>,
}

impl Engine {
    pub async fn projects(&self) -> Result<Vec<ProjectSummary>> {
        self.blocking(|inner| {
            let links = inner.store.project_links()?;
            let link_of = |key| links.iter().find(|link| link.project_key == key).cloned().map(project_link);
            let of = |row: ProjectRow| ProjectSummary { link: link_of(row.key), ..summary(&row) };
            Ok(inner.store.projects()?.into_iter().map(of).collect())
        })
        .await
    }

    /// The project with this id or name, with what its labeling config says.
    pub async fn project(&self, id_or_name: String) -> Result<ProjectDetail> {
        self.blocking(move |inner| {
            let row = inner.store.project(&id_or_name)?;
            let config = stored_config(&row)?;
            Ok(ProjectDetail {
                summary: ProjectSummary { link: inner.store.project_link(row.key)?.map(project_link), ..summary(&row) },
                outline: config.outline(),
                variables: config.variables(),
                answer_schema: pretty(&config.prompt_schema(Capabilities::ALL)),
                config_faults: config.faults(),
                config_xml: row.config_xml,
            })
        })
        .await
    }

    /// Renames a project, with the same rules for its name as when it was imported.
    pub async fn rename_project(&self, id: ProjectId, name: String) -> Result<()> {
        self.blocking(move |inner| {
            Ok(inner.store.rename_project(
                &id,
                checked_name(name.trim(), "the project", NAME_CHARS_MAX)?,
                &clock::now(),
            )?)
        })
        .await?;
        self.changed(Changed::Projects);
        // Their lists say what they aim at.
        self.changed(Changed::Prompts);
        Ok(())
    }

    /// Moves a project into the bin. Refused while prompts aim at it.
    pub async fn delete_project(&self, id: ProjectId) -> Result<()> {
        self.blocking(move |inner| {
            let row = inner.store.project(id.as_str())?;
            if row.prompts > 0 {
                return Err(Error::ProjectInUse { prompts: row.prompts });
            }
            Ok(inner.store.set_project_deleted(&id, Some(&clock::now()))?)
        })
        .await?;
        self.changed(Changed::Projects);
        Ok(())
    }

    /// Takes a project back out of the bin.
    pub async fn restore_project(&self, id: ProjectId) -> Result<()> {
        self.blocking(move |inner| Ok(inner.store.set_project_deleted(&id, None)?)).await?;
        self.changed(Changed::Projects);
        Ok(())
    }
}

/// The config of a stored project. It was parsed before it was stored, so failing means a damaged file.
pub(crate) fn stored_config(row: &ProjectRow) -> Result<Config> {
    Config::parse(&row.config_xml)
        .map_err(|error| Error::invalid(format!("the labeling config of “{}” cannot be read: {error}", row.name)))
}

pub(crate) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}

/// Why no prompt can aim at a project with this config, in words.
pub(crate) fn ineligible(config: &Config) -> Option<String> {
    let fillable = config.fillable(Capabilities::ALL);
    if !fillable.controls.is_empty() {
        return None;
    }
    Some(match fillable.skipped.first() {
        None => "The labeling config has no control that a prompt could fill.".to_owned(),
        Some(first) => format!("No control of it can be filled: for “{}”, {}", first.name, first.reason),
    })
}

pub(crate) fn summary(row: &ProjectRow) -> ProjectSummary {
    let (controls, ineligible) = match stored_config(row) {
        Ok(config) => {
            let controls = config.controls().iter().map(|control| format!("{} {}", control.tag, control.name));
            (controls.collect(), ineligible(&config))
        }
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    ProjectSummary {
        id: row.id.clone(),
        name: row.name.clone(),
        is_sample: row.is_sample,
        task_count: row.tasks,
        annotation_count: row.annotations,
        ground_truth_count: row.ground_truths,
        held_out_count: row.held_out,
        controls,
        ineligible,
        prompt_count: row.prompts,
        link: None,
        created_at: row.created_at.clone(),
        updated_at: row.updated_at.clone(),
    }
}
