//! What can be typed. The help of each command lists the fields of its JSON.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const EXIT: &str = "\
With --json the last line on standard output is one JSON object. A command that fails exits non-zero; its object is
{\"error\": {\"code\": …, \"message\": …}}. Projects, connections and prompts are named by name or id; a version by its
number (2 or v2), its id or the start of its commit hash; a run by its id or the start of it.";

/// Label data with language models, headless.
#[derive(Debug, Parser)]
#[command(name = "touchstone", version, after_help = EXIT)]
pub(crate) struct Arguments {
    /// The workspace file; made if it does not exist
    #[arg(long, global = true, value_name = "FILE")]
    pub workspace: Option<PathBuf>,
    /// Print the result as one JSON object on the last line
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Labeling projects: import, list
    #[command(subcommand)]
    Project(ProjectCommand),
    /// Connections to model providers: add, list, test, remove
    #[command(subcommand)]
    Connection(ConnectionCommand),
    /// Prompts: create, list
    #[command(subcommand)]
    Prompt(PromptCommand),
    /// Versions of a prompt: list, create
    #[command(subcommand)]
    Version(VersionCommand),
    /// Runs: start, show, list
    #[command(subcommand)]
    Run(RunCommand),
    /// Write results to a file
    #[command(subcommand)]
    Export(ExportCommand),
    /// Make the sample, with its two versions and two runs on the practice model, and show the better run
    ///
    /// Works without a key and without a network, in the given workspace or, without one, in a temporary one.
    /// JSON: as `run start`.
    Demo,
    /// Read labeling conformance vectors as JSON lines from standard input and answer each with a line
    #[command(hide = true)]
    LabelingVectors,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Import a labeling config and its tasks, all or nothing
    ///
    /// JSON: project_id, tasks, annotations, ground_truth, ground_truth_implied, refused, first_refusals [{item, message}],
    /// warnings.
    Import {
        /// Label Studio JSON export, or a list of objects
        tasks: PathBuf,
        /// Label Studio labeling config
        #[arg(long, value_name = "CONFIG.xml")]
        config: PathBuf,
        #[arg(long)]
        name: String,
    },
    /// List projects
    ///
    /// JSON: projects [{id, name, task_count, annotation_count, ground_truth_count, controls, ineligible, prompt_count, …}].
    List,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum AddedProvider {
    /// Any server that speaks the OpenAI chat format
    Custom,
}

/// Where a key comes from. A key is never an argument: arguments are seen by every process and kept by shells.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct KeySource {
    /// Take the API key from this environment variable
    #[arg(long, value_name = "VAR")]
    pub key_env: Option<String>,
    /// Read the API key from standard input
    #[arg(long)]
    pub key_stdin: bool,
    /// Store the connection without a key; give the key to `run start` and `connection test` by --key-env
    #[arg(long)]
    pub no_key: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConnectionCommand {
    /// Add a connection; its secrets go to the system's keychain
    ///
    /// JSON: connection_id, name, provider, endpoint, has_api_key, has_auth_token, key_storage.
    Add {
        #[arg(long, value_enum)]
        provider: AddedProvider,
        /// The model's name as the server knows it
        #[arg(long)]
        name: String,
        /// Base URL, usually ending in /v1
        #[arg(long, value_name = "URL")]
        endpoint: String,
        #[command(flatten)]
        key: KeySource,
        /// Take the auth token from this environment variable
        #[arg(long, value_name = "VAR")]
        auth_token_env: Option<String>,
    },
    /// List connections
    ///
    /// JSON: connections [{id, provider, name, endpoint, models, has_api_key, has_auth_token, key_storage, last_test, …}].
    List,
    /// Ask the model one short question
    ///
    /// JSON: ok, message, latency_ms, suggested_endpoint, tested_at. Exits non-zero unless it works.
    Test {
        connection: String,
        /// Take the API key from this environment variable, for this call only
        #[arg(long, value_name = "VAR")]
        key_env: Option<String>,
    },
    /// Remove a connection and its secrets
    ///
    /// JSON: removed.
    Remove { connection: String },
}

/// What a version says. What is not given stays as the draft has it.
#[derive(Debug, Args)]
pub(crate) struct Words {
    /// The user message, or @FILE to read it from a file; {name} inserts the task's value
    #[arg(long, value_name = "TEXT|@FILE")]
    pub user: Option<String>,
    /// The system message, or @FILE
    #[arg(long, value_name = "TEXT|@FILE")]
    pub system: Option<String>,
    /// The model's id, where the connection offers several
    #[arg(long, value_name = "ID")]
    pub model: Option<String>,
    /// Why: the version's commit message; "Version N" if not given
    #[arg(long, value_name = "TEXT")]
    pub message: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PromptCommand {
    /// Create a prompt aimed at a project, with its first version
    ///
    /// JSON: prompt_id, version_id, number, commit_hash.
    Create {
        #[arg(long)]
        name: String,
        #[arg(long, default_value = "")]
        description: String,
        #[arg(long)]
        project: String,
        #[arg(long)]
        connection: String,
        #[command(flatten)]
        words: Words,
    },
    /// List prompts
    ///
    /// JSON: prompts [{id, name, project_name, latest_version, version_count, best_accuracy, run_count, …}].
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VersionCommand {
    /// List the versions of a prompt, newest first
    ///
    /// JSON: versions [{id, number, commit_hash, message, author, created_at, provider, model, run_count, best_accuracy, …}].
    List { prompt: String },
    /// Save a new version of a prompt; content that is the latest version's makes none
    ///
    /// JSON: prompt_id, version_id, number, commit_hash, unchanged.
    Create {
        prompt: String,
        #[arg(long)]
        connection: Option<String>,
        #[command(flatten)]
        words: Words,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SubsetArgument {
    /// Every task
    All,
    /// The first 20 tasks
    Sample,
    /// Every task that has ground truth
    GroundTruth,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunCommand {
    /// Run a version over a subset of its project's tasks and wait for it; Ctrl-C stops it and keeps its results
    ///
    /// JSON: run_id, status, total, done, correct, scored, failed, accuracy (0 to 1, null when nothing was scored),
    /// accuracy_low, accuracy_high, mean_score, cached, requests, retries, prompt_tokens, completion_tokens, cost_usd,
    /// wall_s, prompt_id, version_id, version_number, subset, reason. Exits non-zero unless the status is completed.
    Start {
        #[arg(long)]
        prompt: String,
        /// The version; the latest if not given
        #[arg(long, value_name = "V")]
        version: Option<String>,
        #[arg(long, value_enum)]
        subset: SubsetArgument,
        /// Take the connection's API key from this environment variable, for this run only
        #[arg(long, value_name = "VAR")]
        key_env: Option<String>,
    },
    /// Show a run
    ///
    /// JSON: as `run start`.
    Show { run: String },
    /// List runs, newest first
    ///
    /// JSON: runs, each as `run start`.
    List {
        /// Only those of this prompt
        #[arg(long)]
        prompt: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FormatArgument {
    /// JSON Lines: task_id, data, result, correct (null when not scored), score, error, tokens, cost_usd
    Jsonl,
    /// Tasks with predictions, as Label Studio imports them
    LabelStudio,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Write the predictions of a run
    ///
    /// JSON: rows, out.
    Predictions {
        #[arg(long)]
        run: String,
        #[arg(long, value_enum)]
        format: FormatArgument,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}
