//! Projects: which there are, and how far they are.

use crate::line::{Question, with_query};
use crate::{Asked, Client, Error};
use serde::Deserialize;
use serde_json::json;
use std::collections::HashMap;
use touchstone_net::Method;

/// Projects of a page, the most that the server gives.
const PAGE_ROWS: &str = "100";

/// What is asked of a project. Fewer fields save the server counts that it would make for each.
const FIELDS: &str = "id,title,description,label_config,task_number,total_annotations_number,ground_truth_number,\
                      workspace,workspace_title,model_version,show_collab_predictions";

/// One page of a list, and how many there are in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    pub total: u32,
    pub items: Vec<T>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteProject {
    pub id: i64,
    pub title: String,
    /// Empty for none.
    pub description: String,
    pub label_config: String,
    pub tasks: u32,
    /// Without those that were skipped.
    pub annotations: u32,
    /// Annotations that are marked as ground truth.
    pub ground_truths: Option<u32>,
    /// Of the enterprise edition.
    pub workspace: Option<Workspace>,
    /// The model version whose predictions tasks begin with that nobody has annotated; `None` where they begin empty.
    pub prelabels_with: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    pub title: String,
    /// It is somebody's Personal Sandbox.
    pub is_personal: bool,
}

#[derive(Deserialize)]
struct Projects {
    count: u32,
    results: Vec<ProjectRow>,
}

#[derive(Deserialize)]
struct ProjectRow {
    id: i64,
    title: Option<String>,
    description: Option<String>,
    label_config: Option<String>,
    task_number: Option<u32>,
    total_annotations_number: Option<u32>,
    ground_truth_number: Option<u32>,
    workspace: Option<i64>,
    workspace_title: Option<String>,
    model_version: Option<String>,
    show_collab_predictions: Option<bool>,
}

#[derive(Deserialize)]
struct WorkspaceRow {
    id: i64,
    title: String,
    #[serde(default)]
    is_personal: bool,
}

impl Client {
    /// A page of the projects that the user may see, counted from 1, with those that `search` is in the title of, in the
    /// server's order: newest first.
    pub async fn projects(&self, page: u32, search: &str) -> Asked<Page<RemoteProject>> {
        let page = page.max(1).to_string();
        let mut query = vec![("page", &*page), ("page_size", PAGE_ROWS), ("include", FIELDS)];
        if !search.trim().is_empty() {
            query.push(("title", search.trim()));
        }
        let path = with_query("/api/projects/", &query);
        let projects: Projects = self.line.read(&Question::get(&path, "page of projects")).await?;
        let workspaces = self.workspaces_of(&projects.results).await?;
        let items = projects.results.into_iter().map(|row| project(row, &workspaces)).collect();
        Ok(Page { total: projects.count, items })
    }

    /// The project with this id; [`Error::NoProject`] if there is none that the user may see.
    pub async fn project(&self, id: i64) -> Asked<RemoteProject> {
        let path = with_query(&format!("/api/projects/{id}/"), &[("include", FIELDS)]);
        let row: Asked<ProjectRow> = self.line.read(&Question::get(&path, "project")).await;
        let row = row.map_err(|error| match error {
            Error::NotFound { host, .. } => Error::NoProject { host, id },
            error => error,
        })?;
        let workspaces = self.workspaces_of(std::slice::from_ref(&row)).await?;
        Ok(project(row, &workspaces))
    }

    /// Lets tasks that nobody has annotated begin with the predictions of this model version.
    pub async fn prelabel_with(&self, project: i64, model_version: &str) -> Asked<()> {
        let json = json!({ "model_version": model_version, "show_collab_predictions": true }).to_string();
        let path = format!("/api/projects/{project}/");
        let question = Question::write(Method::Patch, &path, json, "project");
        self.line.ask(&Question { is_repeatable: true, ..question }).await.map(drop)
    }

    /// A machine-learning backend is connected to the project. The server asks each how it is before it answers.
    pub async fn has_ml_backend(&self, project: i64) -> Asked<bool> {
        let path = with_query("/api/ml/", &[("project", &project.to_string())]);
        let backends: Vec<serde::de::IgnoredAny> = self.line.read(&Question::get(&path, "project")).await?;
        Ok(!backends.is_empty())
    }

    /// The workspaces that the user may see, if any of `rows` is in one; none where the server does not tell.
    async fn workspaces_of(&self, rows: &[ProjectRow]) -> Asked<HashMap<i64, WorkspaceRow>> {
        if rows.iter().all(|row| row.workspace.is_none()) {
            return Ok(HashMap::new());
        }
        let path = with_query("/api/workspaces/", &[("include_all_workspaces", "true")]);
        match self.line.read::<Vec<WorkspaceRow>>(&Question::get(&path, "workspaces")).await {
            Ok(workspaces) => Ok(workspaces.into_iter().map(|row| (row.id, row)).collect()),
            Err(Error::Forbidden { .. } | Error::NotFound { .. }) => Ok(HashMap::new()),
            Err(error) => Err(error),
        }
    }
}

fn project(row: ProjectRow, workspaces: &HashMap<i64, WorkspaceRow>) -> RemoteProject {
    let workspace = row.workspace.map(|id| {
        let known = workspaces.get(&id);
        let title = row.workspace_title.or_else(|| known.map(|known| known.title.clone()));
        Workspace { title: title.unwrap_or_default(), is_personal: known.is_some_and(|known| known.is_personal) }
    });
    RemoteProject {
        id: row.id,
        title: row.title.unwrap_or_default(),
        description: row.description.unwrap_or_default(),
        label_config: row.label_config.unwrap_or_default(),
        tasks: row.task_number.unwrap_or_default(),
        annotations: row.total_annotations_number.unwrap_or_default(),
        ground_truths: row.ground_truth_number,
        workspace,
        prelabels_with: row
            .model_version
            .filter(|version| !version.is_empty() && row.show_collab_predictions != Some(false)),
    }
}
