//! The boundary to the page: the table of commands, events, errors, and the TypeScript that describes them.
//!
//! `ui/src/ipc/bindings.ts` is generated from here by `tests/app` and committed, so that a changed command is a visible
//! difference and a type error in the UI.

mod error;
pub mod events;

pub use error::IpcError;

use crate::commands::{
    annotations, app, comparison, configs, connections, diagnostics, exports, gold, imports, label_studio, links,
    local_api, media, network, projects, prompt_files, prompts, results, reviews, runs, settings, spaces, tasks,
    versions, workspace,
};
use specta_typescript::{Typescript, semantic};
use tauri::ipc::Invoke;
use tauri::{Runtime, Wry, generate_handler};
use tauri_specta::{Builder, collect_commands};

/// Hands the table of commands to a macro. `Wry` only lends its name to the types' export; the commands run on any runtime.
macro_rules! commands {
    ($collect:ident) => {
        $collect![
            app::app_info,
            app::next_events,
            app::window_ready::<Wry>,
            app::take_openings,
            app::openings_of,
            app::choose_workspace::<Wry>,
            app::switch_workspace::<Wry>,
            app::quit::<Wry>,
            app::stay_open::<Wry>,
            app::toggle_fullscreen::<Wry>,
            app::set_menu::<Wry>,
            app::preferences::<Wry>,
            app::set_preferences::<Wry>,
            app::open_sample,
            imports::choose_files::<Wry>,
            imports::choose_folder::<Wry>,
            imports::choose_issues_path::<Wry>,
            projects::list_projects,
            projects::get_project,
            imports::plan_import,
            imports::import_project,
            imports::import_template,
            imports::cancel_import,
            imports::import_issues,
            imports::export_import_issues,
            projects::rename_project,
            projects::delete_project,
            projects::restore_project,
            tasks::open_tasks,
            tasks::task_rows,
            tasks::first_to_label,
            annotations::get_task,
            annotations::save_annotation,
            annotations::delete_annotation,
            annotations::restore_annotation,
            annotations::set_ground_truth,
            configs::check_config,
            configs::config_tags,
            configs::config_templates,
            configs::edit_config,
            configs::config_impact,
            configs::save_config,
            media::media_info,
            media::check_media,
            media::cancel_media_check,
            settings::settings,
            settings::set_settings,
            network::list_contacts,
            network::clear_contacts,
            workspace::workspace_file,
            workspace::check_workspace,
            workspace::choose_workspace_path::<Wry>,
            workspace::choose_backup::<Wry>,
            workspace::back_up_workspace,
            workspace::restore_workspace::<Wry>,
            workspace::salvage_workspace,
            workspace::show_workspace,
            diagnostics::diagnostics,
            diagnostics::crash_report,
            diagnostics::dismiss_crash_report,
            diagnostics::show_logs,
            connections::list_connections,
            connections::add_connection,
            connections::edit_connection,
            connections::remove_connection,
            connections::test_connection,
            connections::refresh_models,
            connections::add_model,
            connections::remove_model,
            connections::set_model_price,
            connections::find_local_servers,
            connections::test_local_model,
            connections::cancel_local_test,
            connections::add_local_model,
            prompt_files::choose_prompts_path::<Wry>,
            prompt_files::choose_prompt_files::<Wry>,
            prompt_files::export_prompts,
            prompt_files::import_prompts,
            local_api::local_api,
            local_api::set_local_api,
            local_api::make_local_api_token,
            spaces::list_spaces,
            spaces::create_space,
            spaces::edit_space,
            spaces::delete_space,
            spaces::move_prompts,
            links::look_at_link,
            links::link_space,
            links::unlink_space,
            links::plan_link,
            links::apply_link,
            label_studio::label_studio_servers,
            label_studio::look_at_server,
            label_studio::connect_server,
            label_studio::edit_server,
            label_studio::check_server,
            label_studio::remove_server,
            label_studio::server_projects,
            label_studio::server_project,
            label_studio::open_linked_project,
            label_studio::plan_pull,
            label_studio::pull_project,
            label_studio::cancel_pull,
            label_studio::plan_push,
            label_studio::push_run,
            label_studio::pushes,
            label_studio::resume_push,
            label_studio::cancel_push,
            prompts::list_prompts,
            prompts::find_prompts,
            prompts::get_prompt,
            prompts::create_prompt,
            prompts::edit_prompt,
            prompts::delete_prompt,
            prompts::restore_prompt,
            prompts::list_deleted_prompts,
            prompts::set_prompt_project,
            prompts::set_prompt_folder,
            prompts::save_draft,
            prompts::restore_draft,
            prompts::discard_draft,
            prompts::preview_request,
            versions::save_version,
            versions::list_versions,
            versions::get_version,
            versions::version_code,
            versions::restore_version,
            versions::duplicate_version,
            versions::move_label,
            versions::remove_label,
            versions::list_label_moves,
            runs::start_run,
            runs::start_runs,
            runs::run_size,
            runs::estimate_run,
            runs::estimate_runs,
            runs::counted_estimate,
            runs::stop_run,
            runs::pause_run,
            runs::set_run_concurrency,
            runs::resume_run,
            runs::queue_runs,
            runs::set_run_limit,
            runs::list_runs,
            runs::get_run,
            runs::offered_runs,
            runs::active_runs,
            results::result_rows,
            results::get_result,
            results::run_errors,
            results::run_metrics,
            results::changed_since,
            comparison::compare_runs,
            comparison::compared_rows,
            comparison::version_scores,
            gold::gold_check,
            gold::mark_gold,
            reviews::review_runs,
            reviews::review_queue,
            reviews::decide_reviews,
            reviews::undo_reviews,
            exports::choose_export_path::<Wry>,
            exports::export_predictions,
            exports::choose_report_path::<Wry>,
            exports::write_report,
            exports::choose_project_export_path::<Wry>,
            exports::export_project,
        ]
    };
}

/// Answers what the page asks.
pub(crate) fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    // Tauri's macro takes no type arguments.
    macro_rules! by_name {
        ($($module:ident::$command:ident $(::<$runtime:ident>)?),* $(,)?) => { generate_handler![$($module::$command),*] };
    }
    commands!(by_name)
}

/// Every command with its types, which only the bindings are written from: the program describes none at its start.
pub fn builder<R: Runtime>() -> Builder<R> {
    Builder::new()
        .commands(commands!(collect_commands))
        // Members are always written, so reading and writing have one shape.
        .disable_serde_phases()
        // A number in JSON data is what `JSON.parse` makes of it. Our own 64-bit counts stay far below 2^53.
        .dangerously_cast_bigints_to_number()
        // Our numbers are finite, so a float is a number and not `number | null`.
        .semantic_types(semantic::Configuration::empty().enable_lossless_floats())
}

/// How the bindings are written: with names for the two shapes that the exporter leaves nameless.
pub fn typescript() -> Typescript {
    Typescript::default().with_raw(
        "/** What a command answers. */\n\
         export type Result<T, E> = { status: \"ok\"; data: T } | { status: \"error\"; error: E };\n\n\
         /** Any JSON value. */\n\
         export type JsonValue = Value;\n",
    )
}
