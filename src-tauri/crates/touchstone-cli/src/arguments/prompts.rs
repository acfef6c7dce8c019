//! Prompts, their versions and the spaces that they are in, on the command line.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What a version says. What is not given stays as the draft has it, or the latest version where the draft is unsaved.
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
    /// Parameters of its requests, as a JSON object such as '{"temperature": 0, "max_tokens": 200}'; they take the place of
    /// all that were set
    #[arg(long, value_name = "JSON")]
    pub params: Option<String>,
    /// Why: the version's commit message; "Version N" if not given
    #[arg(long, value_name = "TEXT")]
    pub message: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PromptCommand {
    /// Create a prompt aimed at a project, with its first version
    ///
    /// JSON: prompt_id, version_id, number, commit_hash
    Create {
        /// What the prompt is called; no two of a space have the same name
        #[arg(long)]
        name: String,
        /// What it is for
        #[arg(long, default_value = "", hide_default_value = true)]
        description: String,
        /// Its space, by name or id; the default space if not given
        #[arg(long)]
        space: Option<String>,
        /// Its target, by name or id
        #[arg(long)]
        project: String,
        /// Whom it asks, by name or id
        #[arg(long)]
        connection: String,
        #[command(flatten)]
        words: Words,
    },
    /// List prompts
    ///
    /// JSON: prompts [{id, name, description, space_id, space_name, folder, project_id (null for one that came from
    /// elsewhere), project_name, latest_version, labels [{name, version_id, number, moved_at}], version_count,
    /// best_accuracy ({value, low, high, correct, scored} or null), run_count, last_run, has_draft (changes that no
    /// version has), is_sample, updated_at}]
    List,
    /// Move prompts to another space, all or none; they keep their ids
    ///
    /// JSON: moved (how many), space_id
    Move {
        /// By name or id
        #[arg(required = true)]
        prompts: Vec<String>,
        /// Where to, by name or id
        #[arg(long)]
        space: String,
    },
    /// Write prompts with their versions to a file
    ///
    /// JSON: prompts (how many), path
    Export {
        /// By name or id; all if none is given
        prompts: Vec<String>,
        /// Only prompts of this space, by name or id
        #[arg(long)]
        space: Option<String>,
        #[arg(long, value_enum, default_value_t = PromptFormatArgument::Touchstone)]
        format: PromptFormatArgument,
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Print code that asks a model what a version asks it, as a run does
    ///
    /// It holds no key: the environment variables that it reads are named on standard error, and in its JSON.
    ///
    /// JSON: version_number, position (of the task whose values it has, from 0), environment (names of variables), left_out
    /// (why parameters are not sent, one each), snippets [{language (curl, python, typescript), code}]
    Snippet {
        #[command(flatten)]
        prompt: WhichPrompt,
        /// A number, an id, a label, or the start of a commit hash; the latest if not given
        #[arg(long, value_name = "VERSION")]
        version: Option<String>,
        /// All of them if not given
        #[arg(long, value_enum)]
        language: Option<SnippetLanguageArgument>,
        /// Which task of the project gives the values, counted from 1; the first that has all if not given
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        task: Option<u32>,
    },
    /// Read prompts from files: ours, JSON of the Arize API, Phoenix and Langfuse, and configs of promptfoo
    ///
    /// JSON: space_id, space_name, prompts [{id, name (the next free one where its own is taken), version_count}],
    /// refused (why, one each)
    Import {
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The space that they come into, by name or id; the default space if not given
        #[arg(long)]
        space: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SnippetLanguageArgument {
    /// For a shell
    Curl,
    /// By openai, anthropic or google-genai
    Python,
    /// By openai, @anthropic-ai/sdk or @google/genai
    Typescript,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SpaceCommand {
    /// List spaces
    ///
    /// JSON: spaces [{id, name, description, prompt_count, is_default, link ({address, remote_space_id, remote_space_name,
    /// key_storage (none, keychain or until_quit), synced_at} or null), created_at}]
    List,
    /// Make a space
    ///
    /// JSON: space_id
    Create {
        /// What it is called; no two have the same name
        #[arg(long)]
        name: String,
        /// What it is for
        #[arg(long, default_value = "", hide_default_value = true)]
        description: String,
    },
    /// Remove a space that has no prompts
    ///
    /// JSON: removed
    Remove {
        /// Name or id
        space: String,
    },
    /// Let a space follow one of an Arize account or of another Touchstone; changes no prompt
    ///
    /// JSON: address, remote_space_id, remote_space_name, key_storage (keychain, or until_quit with --no-key: this command
    /// has forgotten it by then), synced_at
    Link {
        /// Name or id
        space: String,
        /// Of the server, such as https://api.arize.com or http://127.0.0.1:47360
        #[arg(long, value_name = "URL")]
        url: String,
        /// The space there, by name or id
        #[arg(long, value_name = "SPACE")]
        remote: String,
        /// The environment variable that holds the API key of the account, or the token of the other Touchstone
        #[arg(long, value_name = "VAR")]
        token_env: String,
        /// Store no key, for where no keychain answers; give it to pull and push
        #[arg(long)]
        no_key: bool,
    },
    /// Forget the link of a space and its key; prompts stay, here and there
    ///
    /// JSON: unlinked
    Unlink {
        /// Name or id
        space: String,
    },
    /// Bring the prompts, versions and labels here that are new in the linked space
    ///
    /// Exits non-zero where something was refused, or left because of a conflict.
    ///
    /// JSON: changes [{id, name, prompt_id (null where it would be made), is_new, version_count, versions [{message,
    /// created_at}] (the newest twenty), labels [{name, from, to}], description, notes, conflicts (why it is not done
    /// unasked), is_offered (done unless --dry-run; not where it conflicts or its prompt was moved to another space),
    /// can_apply, losses}], notes [{prompt_id, name, words}] (prompts that differ in what cannot be brought over), in_step
    /// (prompts that are the same), pulled, pushed, refused (why, one each), left (changes that were not made because of
    /// conflicts)
    Pull(Exchange),
    /// Bring the prompts, versions and labels there that are new here
    ///
    /// JSON: as `space pull`
    Push(Exchange),
}

#[derive(Debug, Args)]
pub(crate) struct Exchange {
    /// Name or id
    pub space: String,
    /// Only say what would change
    #[arg(long)]
    pub dry_run: bool,
    /// Make changes that conflict too, as far as they can be made, and pull prompts once more that were moved elsewhere
    #[arg(long)]
    pub with_conflicts: bool,
    /// Take the key from this environment variable, for this call only
    #[arg(long, value_name = "VAR")]
    pub token_env: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PromptFormatArgument {
    /// Everything, to be imported here again
    Touchstone,
    /// As the Arize prompts API has prompts and their versions
    Arize,
    /// The newest version, as Phoenix has one
    Phoenix,
    /// Every version, as Langfuse has them
    Langfuse,
    /// Every version, as a config of promptfoo, in YAML
    Promptfoo,
}

/// A prompt that is there.
#[derive(Debug, Args)]
pub(crate) struct WhichPrompt {
    /// Name or id
    pub prompt: String,
    /// Its space, by name or id, where prompts of several spaces have the name
    #[arg(long)]
    pub space: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VersionCommand {
    /// List the versions of a prompt, newest first
    ///
    /// JSON: versions [{id, number, commit_hash, message, author, created_at, provider, model, connection_id,
    /// connection_name, labels (names), run_count, best_accuracy (as prompt list)}]
    List {
        #[command(flatten)]
        prompt: WhichPrompt,
    },
    /// Let a label point to a version; it leaves the one that it pointed to
    ///
    /// JSON: prompt_id, version_id, number, labels (all of the version)
    Label {
        #[command(flatten)]
        prompt: WhichPrompt,
        /// A number, an id, another label, or the start of a commit hash
        version: String,
        /// Such as production
        label: String,
        /// Take the label away instead
        #[arg(long)]
        remove: bool,
    },
    /// Save a new version of a prompt; content that is the latest version's makes none
    ///
    /// A draft with unsaved changes is left alone, unless nothing of the version is given here: it is the version then.
    ///
    /// JSON: prompt_id, version_id, number, commit_hash, unchanged
    Create {
        #[command(flatten)]
        prompt: WhichPrompt,
        /// Whom it asks, by name or id; as before if not given
        #[arg(long)]
        connection: Option<String>,
        #[command(flatten)]
        words: Words,
    },
}
