//! What can be typed. The help of each command lists the fields of its JSON.

mod connections;
mod label_studio;
mod prompts;
mod runs;

pub(crate) use connections::{AddedConnection, AddedProvider, ConnectionCommand, EnteredConnection, KeySource};
pub(crate) use label_studio::LabelStudioCommand;
pub(crate) use prompts::{
    Exchange, PromptCommand, PromptFormatArgument, SnippetLanguageArgument, SpaceCommand, VersionCommand, Words,
};
pub(crate) use runs::{OnlyArgument, RunCommand, RunOf, SubsetArgument};

use clap::builder::PossibleValuesParser;
use clap::error::{ContextKind, ContextValue};
use clap::{Args, Command as Parsed, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use touchstone_engine::configs::{ClassRename, template_ids};
use touchstone_engine::dollars;

/// A paragraph is one line, here as in the comments below, which are read so: how wide the terminal is decides where it is broken.
const MANNERS: &str = "\
Projects, connections and prompts are named by name or id; a version by its number (2 or v2), its id or the start of its \
commit hash; a run by its id or the start of it; a task by the id that it came with from Label Studio, or else the one \
that it has here, as exports write it. Keys come from standard input or a named environment variable only.

With --json the last line on standard output is one JSON object. The exit status is 0 only if what was asked for was \
done; where it was not, the object is {\"error\": {\"code\", \"message\", \"field\"}}, with one of the codes name_taken, \
not_found, invalid, keychain_unavailable, offline, server_unreachable, server_sign_in, project_in_use, run_active, \
no_shared_tasks, different_projects, canceled, internal.";

/// Where the fields of a command's JSON begin in its comment.
const FIELDS: &str = "JSON: ";

/// The options that every command has.
const EVERYWHERE: &str = "Options of every command";

/// Label data with language models, headless
#[derive(Debug, Parser)]
#[command(name = "touchstone", version)]
pub(crate) struct Arguments {
    /// The workspace file, made if it does not exist; without it, the workspace that the window opens
    #[arg(long, global = true, value_name = "FILE", help_heading = EVERYWHERE)]
    pub workspace: Option<PathBuf>,
    /// Print the result as one JSON object on the last line
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
    /// Reach nothing but this computer, whatever the settings say
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub offline: bool,
    #[command(subcommand)]
    pub command: Command,
}

impl Arguments {
    /// Reads the command line. Asking for help is an error too, whose exit status is 0.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        let command = Self::command();
        let help = format!("{MANNERS}\n\nThe fields of each command's JSON:\n{}", fields(&command, ""));
        let command = command.mut_subcommands(fields_last).after_help(MANNERS).after_long_help(help);
        let hidden: Vec<_> = command.get_subcommands().filter(|inner| inner.is_hide_set()).map(named).collect();
        let matches = command.try_get_matches().map_err(|mut error| {
            for offered in [ContextKind::ValidSubcommand, ContextKind::SuggestedSubcommand] {
                if let Some(ContextValue::Strings(names)) = error.get(offered) {
                    let shown = names.iter().filter(|name| !hidden.contains(name)).cloned().collect();
                    error.insert(offered, ContextValue::Strings(shown));
                }
            }
            error
        })?;
        Self::from_arg_matches(&matches)
    }
}

fn named(command: &Parsed) -> String {
    command.get_name().to_owned()
}

/// What a command's comment says of it, and of the fields of its JSON.
fn parts(command: &Parsed) -> Option<(String, String)> {
    let help = command.get_long_about()?.to_string();
    let (about, named) = help.split_once(FIELDS)?;
    Some((about.trim_end().to_owned(), named.trim().to_owned()))
}

/// The fields that the help of each command below `command` names, for the help of the whole.
fn fields(command: &Parsed, before: &str) -> String {
    let mut text = String::new();
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        let name = format!("{before}{}", inner.get_name());
        if let Some((_, named)) = parts(inner) {
            text.push_str(&format!("\n  {name}\n    {}\n", named.replace("\n\n", "\n\n    ")));
        }
        text.push_str(&fields(inner, &format!("{name} ")));
    }
    text
}

/// The fields come after the options, which are looked for more often.
fn fields_last(command: Parsed) -> Parsed {
    let command = match parts(&command) {
        Some((about, named)) => {
            let named = named.replace("\n\n", "\n\n  ");
            command.long_about(about).after_long_help(format!("Fields of its JSON:\n  {named}"))
        }
        None => command,
    };
    command.mut_subcommands(fields_last)
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Labeling projects: import, list, what was not imported, pictures that cannot be used
    #[command(subcommand)]
    Project(ProjectCommand),
    /// Labeling configs: check one, templates, change that of a project
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Connections to model providers: add, edit, list, test, discover, remove; their models and prices
    #[command(subcommand)]
    Connection(Box<ConnectionCommand>),
    /// Prompts: create, list, move, export, import; code that asks what they ask
    #[command(subcommand)]
    Prompt(PromptCommand),
    /// Spaces of prompts: create, list, remove, link with an Arize account or another Touchstone, pull, push
    #[command(subcommand)]
    Space(SpaceCommand),
    /// Label Studio servers: connect, their projects, pull one here, push predictions back
    #[command(subcommand, name = "labelstudio")]
    LabelStudio(LabelStudioCommand),
    /// Versions of a prompt: list, create, label
    #[command(subcommand)]
    Version(VersionCommand),
    /// Runs: estimate, start, pause, stop, resume, concurrency, show, metrics, list
    #[command(subcommand)]
    Run(RunCommand),
    /// Say which of two runs is better, on the tasks that both have answered
    ///
    /// The runs may be of any prompts, versions and models of one project. A difference is called one only where chance would
    /// rarely make it, and of 30 tasks or more.
    ///
    /// JSON: shared (tasks with ground truth that both have answered), a {value, low, high} (the accuracy of RUN_A on them;
    /// null where there are none), b {value, low, high}, difference {value, low, high} (b minus a, or null), mcnemar_p (of the
    /// exact test), fixed (wrong in RUN_A, correct in RUN_B), broken (the other way round), verdict (of RUN_B: better, worse,
    /// cannot_tell or same), more_tasks_needed (how many more with ground truth would probably tell; null where that is settled
    /// or cannot be said)
    Compare {
        /// The run that is compared with: its id, or the start of it
        #[arg(value_name = "RUN_A")]
        a: String,
        /// The run that is better, or not
        #[arg(value_name = "RUN_B")]
        b: String,
    },
    /// List the predictions of a run that are worth a look, or decide about some
    ///
    /// These are tasks that failed, or that have no ground truth while other runs answer otherwise or the model was not sure. The
    /// most doubtful come first.
    ///
    /// JSON: total, failed, disagreement, low_confidence (of the total; a task may count in several), tasks [{task_id, reasons
    /// (failed, disagreement, low_confidence), confidence (or null), answered (other runs that answered it), differing (those
    /// that say something else)}], the first 1000 of them; with --accept or --reject: batch (what --undo takes), decided,
    /// passed_over (there is nothing to accept: they failed, or their answer does not fit the labeling config any more); with
    /// --undo: undone (tasks; annotations that somebody has changed since stay, with their decisions)
    Review {
        /// Its id, or the start of it
        run: String,
        /// Make annotations of the predictions for these tasks
        #[arg(long, value_name = "TASK", num_args = 1.., conflicts_with = "reject")]
        accept: Vec<i64>,
        /// Remember that the predictions for these tasks are wrong
        #[arg(long, value_name = "TASK", num_args = 1..)]
        reject: Vec<i64>,
        /// What is accepted is ground truth
        #[arg(long, requires = "accept")]
        ground_truth: bool,
        /// Take back what was decided together, as --accept and --reject said its number
        #[arg(long, value_name = "BATCH", conflicts_with_all = ["accept", "reject"])]
        undo: Option<i64>,
    },
    /// Write a run up to be read and sent around: what was asked, how good the answers are and how sure that is
    ///
    /// One file that needs nothing else, HTML or Markdown by its ending. Tasks are shown only if examples are asked for.
    ///
    /// JSON: out, against (the run that it is compared with, or null)
    Report {
        /// Its id, or the start of it
        run: String,
        /// Where to, ending in .html or .md; a file that is there is replaced
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Show so many tasks that went wrong, with their data
        #[arg(long, value_name = "N", default_value_t = 0)]
        examples: u32,
        /// Compare with this run; if not given, with the newest one of an earlier version, else of another model
        #[arg(long, value_name = "RUN")]
        against: Option<String>,
    },
    /// Write results or whole projects to a file
    #[command(subcommand)]
    Export(ExportCommand),
    /// Show the settings of the workspace, or change those that are named
    ///
    /// JSON: concurrency (requests of a run at once), media_side_px (pictures are made smaller to it), media_megabytes_max,
    /// media_from_web (pictures are read from web addresses too), budget_micros (what all runs together may cost a day, in
    /// millionths of a dollar; null for whatever they cost), offline (nothing but this computer is reached)
    Settings {
        /// Requests that a run has in flight at once, 1 to 512; a run or a connection may say otherwise
        #[arg(long, value_name = "N")]
        concurrency: Option<u32>,
        /// Make pictures smaller for a model whose longer side has more pixels than this, 256 to 8192
        #[arg(long, value_name = "PIXELS")]
        media_side_px: Option<u32>,
        /// Leave out pictures and documents that are larger than this many megabytes, 1 to 500
        #[arg(long, value_name = "MB")]
        media_megabytes_max: Option<u32>,
        /// Read pictures and documents from the web addresses that tasks name, too
        #[arg(long, value_name = "true|false")]
        media_from_web: Option<bool>,
        /// What all runs together may cost a day (UTC) before they pause, in dollars; 0 for no budget
        #[arg(long, value_name = "AMOUNT", value_parser = dollars::parsed)]
        budget_usd: Option<u64>,
        /// Reach nothing but this computer, in every program on this workspace, until it is switched off
        #[arg(long, value_name = "true|false")]
        stay_offline: Option<bool>,
    },
    /// The workspace file: whether it is whole, backups, what can be read of a damaged one
    #[command(subcommand)]
    Workspace(WorkspaceCommand),
    /// Show which hosts were contacted in the last 90 days, and what for; never what was asked or answered
    ///
    /// JSON: offline, contacts [{host, purpose (model, check, count, sign_in, media, link), is_loopback, requests, has_answered,
    /// bytes_sent, bytes_received (with headers), first_day, last_at}]
    Network {
        /// Forget them
        #[arg(long)]
        clear: bool,
    },
    /// Serve the prompts of the workspace on loopback, as the Arize prompts API has them, until interrupted
    ///
    /// Prints one JSON object once it answers, with --json or without.
    ///
    /// JSON: address, port, spelling
    Serve {
        /// Where it listens, on 127.0.0.1 and ::1; 0 takes a free port
        #[arg(long, value_name = "N")]
        port: u16,
        /// The environment variable that holds the token which callers must send
        #[arg(long, value_name = "NAME", required_unless_present = "token_stdin", conflicts_with = "token_stdin")]
        token_env: Option<String>,
        /// Read the token from the first line of standard input
        #[arg(long)]
        token_stdin: bool,
        /// The words that callers get which do not say who they are
        #[arg(long, value_enum, default_value_t = SpellingArgument::Current)]
        spelling: SpellingArgument,
    },
    /// Measure how fast the program is
    #[command(subcommand)]
    Bench(BenchCommand),
    /// Make the sample, with its two versions and two runs on the practice model, and show the better run
    ///
    /// Works without a key and without a network, in the given workspace or, without one, in a temporary one.
    ///
    /// JSON: as `run start`
    Demo,
    /// Read labeling conformance vectors as JSON lines from standard input and answer each with a line
    #[command(hide = true)]
    LabelingVectors,
    /// Read templates as JSON lines ({format, template}) from standard input and answer each with its variables
    #[command(hide = true)]
    TemplateVariables,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WorkspaceCommand {
    /// Look at the whole file; fails if something is wrong with it
    ///
    /// Changes nothing, and others may have it open.
    ///
    /// JSON: is_whole, problems (in the database's words; the first 100), bytes, schema (the format of the file), backups [{path,
    /// reason (update: its format changed after it; replaced: a backup took its place), bytes, written_at}], those that Touchstone
    /// keeps beside it
    Check,
    /// Copy it as it is at this moment; others may be at work in it
    ///
    /// JSON: out, bytes
    Backup {
        /// Where to; a file that is there is replaced, once the copy is whole
        file: PathBuf,
    },
    /// Put a copy of a backup in its place; no program may have it open
    ///
    /// What was there is kept beside it, the last three times.
    ///
    /// JSON: restored, replaced (where what was there is kept, or null)
    Restore {
        /// A workspace file, of this version of Touchstone or an earlier one
        file: PathBuf,
    },
    /// Make a new workspace of what can be read of a damaged one, which stays as it is
    ///
    /// JSON: out, is_complete, tables [{name, kept (rows), lost (rows that could not be read; null where nothing says how many),
    /// orphaned (rows left out because what they belong to is lost)}]
    Salvage {
        /// The new workspace; there must be no file yet
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SpellingArgument {
    /// `openAI`, `f_string`: Python clients up to 8.17
    First,
    /// `open_ai`, `f_string`: up to 8.39
    Second,
    /// `OPEN_AI`, `F_STRING`
    Current,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Import tasks into a new project or one that is there, all or nothing
    ///
    /// TASKS is a file or a folder: a Label Studio export or a list of objects (.json), JSON Lines (.jsonl, .ndjson), a table
    /// (.csv, .tsv, .parquet), a text whose lines are tasks (.txt), a folder of images or of texts. Items that cannot be read are left
    /// out and reported; everything else stops the import.
    ///
    /// JSON: project_id, tasks, annotations, ground_truth (tasks that have it), ground_truth_implied (annotations that
    /// count as such by Label Studio's upload rule), refused, duplicates (tasks whose data equals that of an earlier one),
    /// first_issues [{kind (refused, duplicate, changed), file, item, line, remote_id (of a task of a server), message}],
    /// warnings
    Import {
        /// What is imported; without it the new project is empty
        #[arg(required_unless_present_any = ["config", "template"])]
        tasks: Option<PathBuf>,
        /// Label Studio labeling config of the new project
        #[arg(long, value_name = "CONFIG.xml", required_unless_present_any = ["into", "template"])]
        config: Option<PathBuf>,
        /// Make a project of this template and the tasks that it brings to try it on
        #[arg(
            long,
            value_name = "ID",
            value_parser = PossibleValuesParser::new(template_ids()),
            conflicts_with_all = ["tasks", "config", "into", "map", "skip_duplicates"]
        )]
        template: Option<String>,
        /// What the new project is called; no two have the same name. One of a template is called as that is otherwise
        #[arg(long, required_unless_present_any = ["into", "template"])]
        name: Option<String>,
        /// Add the tasks to this project, by name or id
        #[arg(long, value_name = "PROJECT", conflicts_with_all = ["config", "name"], requires = "tasks")]
        into: Option<String>,
        /// Let a variable of the config have what the data has under another name
        #[arg(long, value_name = "VARIABLE=COLUMN", value_parser = mapping)]
        map: Vec<(String, String)>,
        /// Leave out tasks whose data the project has already
        #[arg(long)]
        skip_duplicates: bool,
    },
    /// List what imports of a project did not take as it was
    ///
    /// JSON: total, issues [{kind (refused, duplicate, changed), file, item, line, remote_id (of a task of a server), message}],
    /// the first 1000 of them; with --out: rows, out
    Issues {
        /// Name or id
        project: String,
        /// Write all of them there as CSV; a file that is there is replaced
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Read all pictures and documents of a project, and list those that cannot be used; fails if there are any
    ///
    /// JSON: tasks, pieces, faulty_tasks, faults [{task_id, position, object, source, problem}], canceled
    CheckMedia {
        /// Name or id
        project: String,
    },
    /// Rename a project
    ///
    /// JSON: id, name
    Rename {
        /// Name or id
        project: String,
        /// What it is to be called; no two have the same name
        name: String,
    },
    /// List projects
    ///
    /// JSON: projects [{id, name, is_sample, task_count, annotation_count, ground_truth_count, held_out_count, controls, ineligible (why no
    /// prompt can aim at it, or null), prompt_count, link (of the Label Studio project that it came from, {server_id, server_name,
    /// remote_id, title, url, pulled_at}, or null), created_at, updated_at}]
    List,
}

/// Reads `VARIABLE=COLUMN`.
fn mapping(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((variable, column)) if !variable.is_empty() && !column.is_empty() => {
            Ok((variable.to_owned(), column.to_owned()))
        }
        _ => Err("write it as VARIABLE=COLUMN, such as text=body".to_owned()),
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Look for mistakes in a labeling config; fails if Label Studio would not save it
    ///
    /// Needs no workspace.
    ///
    /// JSON: valid, eligible (a prompt can aim at it), ineligible (why not, or null), variables, problems [{severity (error,
    /// warning, info), line, message, fix {label, from, to, insert} or null, from, to}] with UTF-16 offsets into the file
    Check {
        /// A Label Studio labeling config
        #[arg(value_name = "CONFIG.xml")]
        file: PathBuf,
    },
    /// List the configs for common jobs, or print one
    ///
    /// Needs no workspace.
    ///
    /// JSON: templates [{id, group, title, description, xml, controls (their tags), sample (the data of the first task), task_count (that
    /// `project import --template` brings)}]; with ID: these fields of one
    Template {
        /// Print this one
        id: Option<String>,
    },
    /// Tell what another config would mean for the annotations of a project
    ///
    /// JSON: annotations (looked at), removed_controls [{control, annotations}], removed_labels [{control, label,
    /// annotations}], changed_controls [{control, from, to, annotations}], missing_variables [{variable, tasks}],
    /// invalid_annotations (that fit now and would not any more), ground_truths (of these)
    Impact(NewConfig),
    /// Give a project another config; annotations stay, also those that do not fit any more
    ///
    /// JSON: project_id, config_faults, variables
    Save(NewConfig),
}

#[derive(Debug, Args)]
pub(crate) struct NewConfig {
    /// Name or id
    pub project: String,
    /// A Label Studio labeling config
    #[arg(value_name = "CONFIG.xml")]
    pub file: PathBuf,
    /// Let annotations and predictions call a class by its new name
    #[arg(long, value_name = "CONTROL:FROM=TO", value_parser = rename)]
    pub rename: Vec<ClassRename>,
}

/// Reads `CONTROL:FROM=TO`.
fn rename(text: &str) -> Result<ClassRename, String> {
    let parts = text.split_once(':').and_then(|(control, names)| Some((control, names.split_once('=')?)));
    match parts {
        Some((control, (from, to))) if !control.is_empty() && !to.is_empty() => {
            Ok(ClassRename { control: control.to_owned(), from: from.to_owned(), to: to.to_owned() })
        }
        _ => Err("write it as CONTROL:FROM=TO, such as topic:Bug=Defect".to_owned()),
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FormatArgument {
    /// One JSON object a line: task_id, data, result, correct, score, error, tokens, cost_usd
    Jsonl,
    /// A table with every field of the data and everything that is known of a result, for spreadsheets
    Csv,
    /// Tasks with predictions, as Label Studio imports them
    LabelStudio,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FilterArgument {
    /// Every result
    All,
    /// Answered as the ground truth says
    Correct,
    /// Answered otherwise than the ground truth says
    Wrong,
    /// Those without a usable answer
    Failed,
    /// Answered, where the task has no ground truth
    Unscored,
    /// What the review queue holds
    NeedsReview,
    /// Answered otherwise by the newest run of an earlier version
    Changed,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Write the predictions of a run
    ///
    /// JSON: rows, out. A line of the jsonl format: task_id (the id that the task came with, or else the one that it has
    /// here), data, result (regions, null when the task failed), correct (true, false, or null when not scored), score, error
    /// ({code, message} or null), tokens {prompt, completion, cached (the part of prompt that was read from a cache),
    /// reasoning (the part of completion that the model thought)}, cost_usd
    ///
    /// Columns of the csv format: task_id, the fields of the data (those named like another column begin with _data_), for each
    /// control prediction_, ground_truth_ and match_ with its name, outcome (correct, wrong, failed, unscored), score,
    /// confidence, error_code, error_message, cached, attempts, prompt_tokens, completion_tokens, cached_tokens,
    /// reasoning_tokens, cost_usd, latency_ms, repaired, review (accepted, corrected, rejected). A text that a spreadsheet
    /// would take for a formula has an apostrophe before it
    Predictions {
        /// Its id, or the start of it
        #[arg(long)]
        run: String,
        /// How it is written
        #[arg(long, value_enum)]
        format: FormatArgument,
        /// Which results
        #[arg(long, value_enum, default_value_t = FilterArgument::All)]
        filter: FilterArgument,
        /// Only results whose data contains this text, in any case of letters
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        search: String,
        /// Where to; a file that is there is replaced
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Write a project with its annotations
    ///
    /// JSON: tasks, path
    Project {
        /// Name or id
        #[arg(long)]
        project: String,
        /// How it is written
        #[arg(long, value_enum)]
        format: ProjectFormatArgument,
        /// Where to; a file that is there is replaced
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Take the predictions of this run along (label-studio and jsonl); its id, or the start of it
        #[arg(long)]
        run: Option<String>,
        /// Leave out tasks without an annotation
        #[arg(long)]
        annotated: bool,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ProjectFormatArgument {
    /// Tasks with annotations and predictions, as Label Studio exports and imports them
    LabelStudio,
    /// Label Studio's flat JSON: a record per annotation
    JsonMin,
    /// The same records as a table
    Csv,
    /// The tasks of label-studio, one a line
    Jsonl,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BenchCommand {
    /// Import a file of tasks into a workspace made for it, as the app does, and say how fast that was
    ///
    /// JSON: n (tasks), annotations, wall_s, rows_per_s, mb_per_s, peak_rss_mb (null where the system does not say), preview_ms
    /// (until the file's first rows are there to look at), first_rows_ms (from the import's end to the first rows of the table)
    Import {
        /// What is imported
        tasks: PathBuf,
        /// The workspace; it must not exist yet
        #[arg(long, value_name = "FILE")]
        db: PathBuf,
        /// Labeling config; if not given, a text and its sentiment
        #[arg(long, value_name = "CONFIG.xml")]
        config: Option<PathBuf>,
    },
    /// Import tasks into a workspace made for it, ask a model about all of them as a run does, and say how fast that was
    ///
    /// CONFIG.json says what is asked: prompt ({text} in it is the task's), text_field (the field of a task's data that it
    /// stands for), from_name and labels (the choice that is made), perhaps temperature and max_tokens. The model is held
    /// to its answers by a strict JSON schema; it is asked without a key. Prints one JSON object, with --json or without,
    /// and ends well as long as every task was attended to.
    ///
    /// JSON: peer, version, n (tasks), concurrency, wall_s (of everything), import_s, run_s (from the start of the run to
    /// its end), correct, failures (tasks without an answer), requests, retries, peak_rss_mb (null where the system does
    /// not say), status, reason
    Run {
        /// What is imported: a list of Label Studio tasks, with ground truth
        #[arg(long, value_name = "TASKS.json")]
        tasks: PathBuf,
        /// What is asked
        #[arg(long, value_name = "CONFIG.json")]
        config: PathBuf,
        /// The base URL of a server that speaks the OpenAI chat format; it usually ends in /v1
        #[arg(long, value_name = "URL")]
        endpoint: String,
        /// The model that is asked
        #[arg(long, value_name = "NAME")]
        model: String,
        /// Requests in flight at once, 1 to 512
        #[arg(long, value_name = "N")]
        concurrency: u32,
        /// The workspace; it must not exist yet
        #[arg(long, value_name = "FILE")]
        db: PathBuf,
    },
    /// Filter and sort the tasks of a workspace's largest project, and say how soon the first rows are there
    ///
    /// JSON: n (tasks), views [{view (what it filters and sorts by), first_page_ms, rows}]
    Tasks {
        /// The workspace, such as `bench import` makes
        #[arg(long, value_name = "FILE")]
        db: PathBuf,
    },
}
