//! What can be typed about Label Studio servers.

use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum LabelStudioCommand {
    /// Connect a server, which must let its user sign in; the token goes to the system's keychain
    ///
    /// JSON: id, name, address, key_storage (keychain, or until_quit with --no-key: this command has forgotten it by then), version,
    /// edition (community or enterprise), user, role (null where there are none), proxy, custom_ca, checked_at, linked (projects
    /// here that came from it), token_kind (personal or legacy), abilities (what its user may do there, in words)
    Connect {
        /// What it is called here
        #[arg(long)]
        name: String,
        /// Of the server, such as https://label.example.org or http://127.0.0.1:8080
        #[arg(long, value_name = "URL")]
        url: String,
        /// The environment variable that holds a personal access token or a legacy token
        #[arg(long, value_name = "VAR")]
        token_env: String,
        /// Store no token, for where no keychain answers; give it to the other commands
        #[arg(long)]
        no_key: bool,
        /// The proxy that leads to it: http, https, socks5 or socks5h, with host and port
        #[arg(long, value_name = "URL")]
        proxy: Option<String>,
        /// The certificate of an authority that is trusted for it too, as PEM or DER
        #[arg(long, value_name = "FILE")]
        custom_ca: Option<PathBuf>,
    },
    /// List the servers
    ///
    /// JSON: servers (as `connect` gives one, without token_kind and abilities)
    Servers,
    /// Forget a server and its token; projects that came from it stay, and are no longer linked
    ///
    /// JSON: removed
    Remove {
        /// Name or id
        server: String,
        /// Also where projects are linked with it: they are not pulled again, and their runs not given back, even if it is connected anew
        #[arg(long)]
        force: bool,
    },
    /// List the projects of a server
    ///
    /// JSON: projects [{id, title, description, tasks, annotations, ground_truths, workspace, ineligible (why no prompt can aim at it, or
    /// null), project_id (of the one here that came from it)}]; with --details also updated_at (of its tasks), warning (what to mind
    /// though it can be used, such as a machine learning backend that is connected, or null)
    Projects {
        /// Name or id
        server: String,
        /// Those whose title contains this
        #[arg(long)]
        search: Option<String>,
        /// Also say when each changed last, and what to mind about it, which asks the server about one after the other
        #[arg(long)]
        details: bool,
        /// The environment variable that holds the token, where no keychain does
        #[arg(long, value_name = "VAR")]
        token_env: Option<String>,
    },
    /// Bring a project of a server here, or what changed of it since
    ///
    /// What was read before it was interrupted is kept, and the next goes on from there.
    ///
    /// JSON: new, changed, kept_here (changed there, and edited here, so left), gone (there; they stay here), removed (here, because
    /// they are gone there), config_taken, project_id, tasks, annotations, ground_truth (of the project after it),
    /// ground_truth_implied, refused, duplicates, first_issues (as of `project import`), warnings; with --dry-run: is_new, title,
    /// tasks (there), changed (written to there since), new, gone, kept (gone, and to be kept), edited_here, config ({before, after,
    /// faults, ineligible}, or null where it is the same)
    Pull {
        /// Name or id
        server: String,
        /// The id that the project has there
        #[arg(value_name = "PROJECT_ID")]
        project: i64,
        /// Take its labeling config too, if it is another by now
        #[arg(long)]
        take_config: bool,
        /// Keep the tasks that are gone there, and tell of them no more
        #[arg(long)]
        keep_gone: bool,
        /// Remove the tasks that are gone there, those that were kept before included, with their annotations and what runs predicted
        /// for them; it cannot be undone
        #[arg(long, conflicts_with = "keep_gone")]
        remove_gone: bool,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
        /// The environment variable that holds the token, where no keychain does
        #[arg(long, value_name = "VAR")]
        token_env: Option<String>,
    },
    /// Give the predictions of a run back to the server that its project came from
    ///
    /// Writes what is not there: a second push changes nothing. Exits non-zero where something failed or waits. Ctrl+C ends it within a
    /// moment; the next push goes on from there.
    ///
    /// JSON: written, unchanged, replaced, annotations, ground_truths, not_there (tasks that the project there has not), failed, reasons
    /// (why, each way once), model_version, prelabels (tasks there begin with it, and did not before), waiting (why the rest waits, or
    /// null); with --dry-run: model_version, server_name, title, url, predictions, of_other_data (those of them whose task was changed
    /// by a pull after the run had begun), unchanged, replaced, failed_tasks (of the run: nothing to give), not_there, annotations,
    /// ground_truths, prelabels_with (the version that the project names for tasks to begin with, or null), prelabels_replaced (of the
    /// predictions that would be deleted, those of that version), covers_all (there is one for each task there), waiting
    Push {
        /// Name or id
        server: String,
        /// Its id, or the start of it
        #[arg(long)]
        run: String,
        /// Delete the predictions there of other versions of the prompt
        #[arg(long)]
        replace: bool,
        /// Write what was accepted or corrected as annotations
        #[arg(long)]
        annotations: bool,
        /// Set the ground-truth marks of here; each takes the mark from the other annotations of its task
        #[arg(long)]
        ground_truth: bool,
        /// Let tasks there that nobody annotated begin with them, instead of with nothing or another version: annotators see a
        /// prediction of such a task only if the project there names its version
        #[arg(long)]
        prelabel: bool,
        /// Only say what would be written
        #[arg(long)]
        dry_run: bool,
        /// The environment variable that holds the token, where no keychain does
        #[arg(long, value_name = "VAR")]
        token_env: Option<String>,
    },
    /// List what waits to be given back, is under way or failed
    ///
    /// JSON: pushes [{id, run_id, prompt_name, version, server_name, title, state (waiting, under_way, done or failed), written,
    /// unchanged, failed, reason, created_at, finished_at}]
    Waiting {
        /// Also what was given back
        #[arg(long)]
        all: bool,
        /// Take one out of the list first, or end it; what is written stays there
        #[arg(long, value_name = "ID")]
        drop: Option<i64>,
    },
}
