//! Label Studio servers: projects that come from one, and predictions that are given back.

use super::Reply;
use crate::ipc::IpcError;
use crate::state::App;
use tauri::State;
use touchstone_engine::Error;
use touchstone_engine::domain::{ProjectId, RunId, ServerId};
use touchstone_engine::label_studio::{
    LabelStudioServer, NewServer, PullOptions, PullPlan, PullReport, Push, PushOptions, PushPlan, PushReport,
    ServerProject, ServerProjectPage, ServerReport,
};

#[tauri::command]
#[specta::specta]
pub(crate) async fn label_studio_servers(app: State<'_, App>) -> Reply<Vec<LabelStudioServer>> {
    Ok(app.engine().await?.label_studio_servers().await?)
}

/// Signs in and says what the server is, and who; nothing is kept.
#[tauri::command]
#[specta::specta]
pub(crate) async fn look_at_server(app: State<'_, App>, server: NewServer) -> Reply<ServerReport> {
    Ok(app.engine().await?.look_at_server(server).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn connect_server(app: State<'_, App>, server: NewServer) -> Reply<LabelStudioServer> {
    Ok(app.engine().await?.connect_server(server).await?.0)
}

/// Without a token, the one that is there stays.
#[tauri::command]
#[specta::specta]
pub(crate) async fn edit_server(
    app: State<'_, App>,
    server_id: ServerId,
    server: NewServer,
) -> Reply<LabelStudioServer> {
    Ok(app.engine().await?.edit_server(server_id, server).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn check_server(app: State<'_, App>, server_id: ServerId) -> Reply<ServerReport> {
    Ok(app.engine().await?.check_server(server_id).await?)
}

/// Projects that came from it stay.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_server(app: State<'_, App>, server_id: ServerId) -> Reply<()> {
    Ok(app.engine().await?.remove_server(server_id).await?)
}

/// The first page is 1.
#[tauri::command]
#[specta::specta]
pub(crate) async fn server_projects(
    app: State<'_, App>,
    server_id: ServerId,
    search: String,
    page: u32,
) -> Reply<ServerProjectPage> {
    Ok(app.engine().await?.server_projects(server_id, search, page).await?)
}

/// One of them, with its last change and what to mind.
#[tauri::command]
#[specta::specta]
pub(crate) async fn server_project(app: State<'_, App>, server_id: ServerId, remote_id: i64) -> Reply<ServerProject> {
    Ok(app.engine().await?.server_project(server_id, remote_id).await?)
}

/// Shows the project there that one came from, in the user's browser. The page names no address: it is that of the link.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_linked_project(app: State<'_, App>, project_id: ProjectId) -> Reply<()> {
    let project = app.engine().await?.project(project_id.0).await?;
    let Some(link) = project.summary.link else {
        return Err(Error::invalid("this project came from no Label Studio server").into());
    };
    open::that_detached(&link.url)
        .map_err(|error| IpcError::internal(format!("no browser could be opened for {}: {error}", link.url)))
}

/// What pulling would bring and change; nothing is changed by it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn plan_pull(app: State<'_, App>, server_id: ServerId, remote_id: i64) -> Reply<PullPlan> {
    Ok(app.engine().await?.plan_pull(server_id, remote_id).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn pull_project(
    app: State<'_, App>,
    server_id: ServerId,
    remote_id: i64,
    options: PullOptions,
) -> Reply<PullReport> {
    Ok(app.engine().await?.pull_project(server_id, remote_id, options).await?)
}

/// Ends the pull at work; the next goes on from what it has read.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_pull(app: State<'_, App>) -> Reply<()> {
    app.engine().await?.cancel_pull();
    Ok(())
}

/// What a push would write; nothing is written by it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn plan_push(app: State<'_, App>, run_id: RunId, options: PushOptions) -> Reply<PushPlan> {
    Ok(app.engine().await?.plan_push(run_id, options).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn push_run(app: State<'_, App>, run_id: RunId, options: PushOptions) -> Reply<PushReport> {
    Ok(app.engine().await?.push_run(run_id, options).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn pushes(app: State<'_, App>) -> Reply<Vec<Push>> {
    Ok(app.engine().await?.pushes().await?)
}

/// Does one again that waits or failed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn resume_push(app: State<'_, App>, push_id: i64) -> Reply<()> {
    app.engine().await?.resume_push(push_id).await?;
    Ok(())
}

/// What is written stays there.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_push(app: State<'_, App>, push_id: i64) -> Reply<()> {
    Ok(app.engine().await?.cancel_push(push_id).await?)
}
