//! The projects of a server, and whether a prompt can aim at them.

use crate::projects::ineligible;
use crate::{Engine, Result};
use serde::Serialize;
use specta::Type;
use touchstone_domain::{ProjectId, ServerId};
use touchstone_labeling::Config;
use touchstone_labelstudio::{Client, RemoteProject};

/// A project of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct ServerProject {
    #[specta(type = f64)]
    pub id: i64,
    pub title: String,
    pub description: String,
    pub tasks: u32,
    pub annotations: u32,
    /// `None` where the server does not tell.
    pub ground_truths: Option<u32>,
    /// `None` where the list does not tell.
    pub updated_at: Option<String>,
    pub workspace: Option<String>,
    /// Why no prompt can use it, in words.
    pub ineligible: Option<String>,
    /// What to mind though it can be used.
    pub warning: Option<String>,
    /// The project here that came from it.
    pub project_id: Option<ProjectId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct ServerProjectPage {
    pub total: u32,
    pub projects: Vec<ServerProject>,
}

impl Engine {
    /// A page of a server's projects, the first is 1, whose titles contain `search`. What costs the server a question for each
    /// of them is left out; [`Self::server_project`] has it.
    pub async fn server_projects(&self, id: ServerId, search: String, page: u32) -> Result<ServerProjectPage> {
        let (row, client) = self.server_client(id).await?;
        let found = client.projects(page, search.trim()).await?;
        let links = self.blocking(|inner| Ok(inner.store.project_links()?)).await?;
        let here = |remote_id: i64| {
            let link = links.iter().find(|link| link.server_id == row.id && link.remote_id == remote_id);
            link.map(|link| link.project_id.clone())
        };
        let projects = found.items.into_iter().map(|project| {
            let project_id = here(project.id);
            shown(project, project_id)
        });
        Ok(ServerProjectPage { total: found.total, projects: projects.collect() })
    }

    /// One of them, with its last change, and what to mind.
    pub async fn server_project(&self, id: ServerId, remote_id: i64) -> Result<ServerProject> {
        let (row, client) = self.server_client(id).await?;
        let (project, updated_at, warning) =
            tokio::try_join!(client.project(remote_id), client.changed_at(remote_id), warning(&client, remote_id))?;
        let link = self.blocking(move |inner| Ok(inner.store.linked_project(&row.id, remote_id)?)).await?;
        Ok(ServerProject { updated_at, warning, ..shown(project, link.map(|link| link.project_id)) })
    }
}

pub(super) async fn warning(client: &Client, remote_id: i64) -> touchstone_labelstudio::Asked<Option<String>> {
    Ok(client.has_ml_backend(remote_id).await?.then(|| {
        "A machine learning backend is connected: it writes predictions of its own, which may take the place of those that are \
         given back and disturb what is said of accuracy."
            .to_owned()
    }))
}

pub(super) fn why_ineligible(project: &RemoteProject) -> Option<String> {
    if project.workspace.as_ref().is_some_and(|workspace| workspace.is_personal) {
        return Some(
            "It is in a personal sandbox, which only its owner works in; move it to a workspace there.".to_owned(),
        );
    }
    match Config::parse(&project.label_config) {
        Ok(config) => ineligible(&config),
        Err(error) => Some(format!("Its labeling config cannot be read: {error}.")),
    }
}

fn shown(project: RemoteProject, project_id: Option<ProjectId>) -> ServerProject {
    ServerProject {
        ineligible: why_ineligible(&project),
        id: project.id,
        title: project.title,
        description: project.description,
        tasks: project.tasks,
        annotations: project.annotations,
        ground_truths: project.ground_truths,
        updated_at: None,
        workspace: project.workspace.map(|workspace| workspace.title),
        warning: None,
        project_id,
    }
}
