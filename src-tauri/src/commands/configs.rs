//! Labeling configs while they are written.

use super::Reply;
use crate::state::App;
use tauri::State;
use touchstone_engine::configs::{self, ClassRename, ConfigCheck, ConfigImpact};
use touchstone_engine::domain::ProjectId;
use touchstone_engine::labeling::{ConfigEdit, ConfigTemplate, Tag};
use touchstone_engine::projects::ProjectDetail;

/// What a labeling config says, and its problems.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn check_config(xml: String) -> Reply<ConfigCheck> {
    Ok(configs::check_config(&xml))
}

/// The tags that a config is written with.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn config_tags() -> Reply<Vec<Tag>> {
    Ok(configs::config_tags())
}

/// Configs for the common jobs.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn config_templates() -> Reply<Vec<ConfigTemplate>> {
    Ok(configs::config_templates()?)
}

/// The config after a change of its classes.
#[tauri::command(async)]
#[specta::specta]
pub(crate) fn edit_config(xml: String, edit: ConfigEdit) -> Reply<String> {
    Ok(configs::edit_config(&xml, &edit)?)
}

/// What another config would mean for a project; ends an earlier call of this.
#[tauri::command]
#[specta::specta]
pub(crate) async fn config_impact(
    app: State<'_, App>,
    project_id: ProjectId,
    xml: String,
    renames: Vec<ClassRename>,
) -> Reply<ConfigImpact> {
    Ok(app.engine().await?.config_impact(project_id, xml, renames).await?)
}

/// Gives a project another config.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_config(
    app: State<'_, App>,
    project_id: ProjectId,
    xml: String,
    renames: Vec<ClassRename>,
) -> Reply<ProjectDetail> {
    Ok(app.engine().await?.save_config(project_id, xml, renames).await?)
}
