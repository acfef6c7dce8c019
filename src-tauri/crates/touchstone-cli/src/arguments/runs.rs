//! Runs, on the command line.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::str::FromStr;
use touchstone_engine::dollars;
use touchstone_engine::domain::run::{REPETITIONS_MAX, Subset};

/// Which tasks a run covers, as it is typed.
#[derive(Debug, Clone)]
pub(crate) enum SubsetArgument {
    Named(Subset),
    /// The tasks whose ids stand in this file.
    Custom(PathBuf),
}

impl FromStr for SubsetArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "ground-truth:dev" => Ok(Self::Named(Subset::GroundTruthDev)),
            "ground-truth:held-out" => Ok(Self::Named(Subset::GroundTruthHeldOut)),
            _ => match text.strip_prefix("custom:") {
                Some(path) if !path.is_empty() => Ok(Self::Custom(path.into())),
                _ => Subset::parse(text).filter(|subset| *subset != Subset::Custom).map(Self::Named).ok_or_else(|| {
                    "it is one of all, sample, sample:N, sample:N@SEED, ground-truth, ground-truth:dev, \
                     ground-truth:held-out, custom:FILE"
                        .to_owned()
                }),
            },
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum OnlyArgument {
    /// Those that no run of the version with this model has a usable answer for
    Missing,
    /// Those that failed when it ran over them last
    Failed,
}

/// A run that may be started, or one for each version, model and repetition.
#[derive(Debug, Args)]
pub(crate) struct RunOf {
    /// Name or id
    #[arg(long)]
    pub prompt: String,
    /// The version; the latest if not given. Given several times, each of them is run
    #[arg(long = "version", value_name = "V")]
    pub versions: Vec<String>,
    /// Ask this model in place of the one that the version names: its id where the version's connection offers it, or
    /// CONNECTION/ID. Given several times, each of them is asked
    #[arg(long = "model", value_name = "MODEL")]
    pub models: Vec<String>,
    /// Ask the same so many times, each with answers of its own; those of the first are the ones that any run has
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=i64::from(REPETITIONS_MAX)))]
    pub repetitions: u32,
    /// Ask everything anew and pay for it, also what is answered already, which stays: as a repetition that no run had yet
    #[arg(long)]
    pub ask_again: bool,
    /// Which tasks: all, sample (the first 20), sample:N (the first N), sample:N@SEED (N at random, the same ones for the
    /// same seed), ground-truth, ground-truth:dev (not held out), ground-truth:held-out, or custom:FILE (task ids, one a
    /// line or as a JSON list: the task_id of `export predictions`, which is the id that a task came with from Label Studio,
    /// or else the one that it has here)
    #[arg(long, value_name = "WHICH")]
    pub subset: SubsetArgument,
    /// What it may cost before it pauses, in dollars; of several runs each
    #[arg(long, value_name = "AMOUNT", value_parser = dollars::parsed)]
    pub limit_usd: Option<u64>,
    /// Of these tasks only some, by what runs that asked the same made of them before
    #[arg(long, value_enum)]
    pub only: Option<OnlyArgument>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunCommand {
    /// Run a version over a subset of its project's tasks and wait for it; Ctrl-C stops it and keeps its results
    ///
    /// Several versions, models or repetitions are a run each: --model A --model B --repetitions 3 are six. Unless all of them
    /// can be started, none is. Each is a line, ordered by version, model and repetition.
    ///
    /// Runs that ask the same connection go one after the other, whichever program started them; a batch waits for nothing.
    /// `run resume` begins one that is queued at once.
    ///
    /// With --batch, Ctrl-C leaves the batch at the vendor: `run resume` waits for it again, and `run stop` cancels it.
    ///
    /// Exits non-zero unless the status is completed, of each.
    ///
    /// JSON: run_id, number, prompt_id, version_id,
    /// version_number, repetition (null for the only one: number, from 1, of), subset, only (missing, failed or null),
    /// status (queued, in_progress, paused, completed, failed, canceled), waiting (why it is not faster now, in words, while it
    /// is at work; else null), reason (null where a run was paused by hand,
    /// or waits for its batch), cause (of a pause: offline, refused, money_stop,
    /// daily_budget, or null for any other), is_held (it goes on with the others that wait for the same), is_interrupted (the program that was at work on it ended), queue_place (how many runs go before it while it is queued, or null), total, done,
    /// correct, scored, failed, cached (answers that were reused), requests, probes (those of them that found out
    /// the form of answers), retries, prompt_tokens, completion_tokens, cached_tokens (the part of prompt_tokens that was
    /// read from a cache), reasoning_tokens (the part of completion_tokens that the model thought), tokens (prompt and
    /// completion), cost_usd (null when not known), cost_micros (of replies whose price is known, in millionths of a
    /// dollar, rounded up), unpriced (paid replies whose price is not), uncounted (paid replies whose tokens the server
    /// did not count), lost (calls that may be charged for though nobody says what), lost_micros (what they may have cost at the
    /// most, in millionths of a dollar; it counts against limits and is no part of the cost), limit_micros (its money stop, or null),
    /// accuracy (correct / scored; null when nothing was scored), accuracy_low, accuracy_high, accuracy_with_failed,
    /// mean_score, notes (what of its parameters is not sent, and why), model (that was asked), is_other_model (the
    /// version names another), provider, connection_id, connection_name, created_at, started_at, finished_at, wall_s,
    /// retires (the day on which the model stops to answer, or null), is_retired, batch (null unless it asks by batch:
    /// parts, open (parts that are still at the vendor), requests, done, submitted_at, waiting (what is waited for, in
    /// words, or null))
    Start {
        #[command(flatten)]
        run: RunOf,
        /// Requests at once, for this run only; as many as the settings say if not given
        #[arg(long, value_name = "C")]
        concurrency: Option<u32>,
        /// As a batch, at OpenAI, Azure OpenAI, Anthropic and Gemini: ready within 24 hours, at about half the price
        #[arg(long)]
        batch: bool,
        /// Wait so long for a server that is not reached, or for the end of Offline, before the run is left paused
        #[arg(long, value_name = "MINUTES")]
        keep_trying: Option<u32>,
        /// Take the connection's API key from this environment variable, for this run only
        #[arg(long, value_name = "VAR")]
        key_env: Option<String>,
        /// Take the token of the Label Studio server that the project came from, for its pictures, from this environment variable
        #[arg(long, value_name = "VAR")]
        token_env: Option<String>,
    },
    /// Say what a run would take if it were started now: requests, tokens, money and time
    ///
    /// Of several versions, models or repetitions it is the sum of their runs, in which a task counts once for each.
    ///
    /// Nothing is sent, but where no earlier answer tells: then Anthropic, Gemini and Vertex AI count the tokens of up to five
    /// tasks, which is free, for up to ten seconds, unless Offline is on.
    ///
    /// Amounts are ranges: from the 10th to the 90th percentile, as earlier answers tell; by rule of thumb, from the least that
    /// is likely to the most that is possible.
    ///
    /// JSON: tasks, owned (those whose answer is here already and is reused), unaskable (those without a value for a variable),
    /// with_media (those that show files, which are not read), requests (that would be sent), looked_at (tasks; if fewer
    /// than tasks, the four numbers before are concluded from them), input_tokens_low, input_tokens_high,
    /// output_tokens_low, output_tokens_high (null where nobody says how long an answer can get), cost (free, on this
    /// computer; known or unknown), is_assumed_free (some of it is free for that alone: what answers there may pass requests
    /// on to a paid service), cost_unknown (price, model or answer_length, or null), cost_usd_low, cost_usd_high
    /// (null when not known), batch_usd_low, batch_usd_high (at the vendor's price of batches; null without one),
    /// time_s_low, time_s_high (null without an earlier run), basis (pilot, version, prompt, model, counted
    /// or rule_of_thumb), basis_answers (earlier answers that were looked at, or tasks that the vendor counted), refused (why the run would be refused for its limit of money,
    /// or null), short (that its limit cannot pay for the dearest of its requests, or null), batch_refused (why it would be refused as a batch, or null)
    Estimate {
        #[command(flatten)]
        run: RunOf,
        /// Take the connection's API key from this environment variable, for this count only
        #[arg(long, value_name = "VAR")]
        key_env: Option<String>,
    },
    /// Go on with runs that were paused or stopped and wait for them; what they have answered is not asked again
    ///
    /// One goes on at once, whatever else is at work, and one that is queued begins; several go one after the other where they
    /// ask the same connection, in the order in which they were started. Each is a line, in the order in which it was named.
    ///
    /// Runs that were queued behind one that its connection refused (a rejected key, no money, an unknown model) wait with it:
    /// whichever of them is resumed, the others follow, and are lines after those that were named.
    ///
    /// JSON: as `run start`
    Resume {
        /// Their ids, or the start of each
        #[arg(required = true, value_name = "RUN")]
        runs: Vec<String>,
        /// What it may cost from now on, with what it has cost or may have, in dollars; 0 for whatever it costs
        #[arg(long, value_name = "AMOUNT", value_parser = dollars::parsed)]
        limit_usd: Option<u64>,
        /// Requests at once, for this run only; as before if not given
        #[arg(long, value_name = "C")]
        concurrency: Option<u32>,
        /// Wait so long for a server that is not reached, or for the end of Offline, before the run is left paused
        #[arg(long, value_name = "MINUTES")]
        keep_trying: Option<u32>,
        /// Take the connection's API key from this environment variable, for this run only
        #[arg(long, value_name = "VAR")]
        key_env: Option<String>,
        /// Take the token of the Label Studio server that the project came from, for its pictures, from this environment variable
        #[arg(long, value_name = "VAR")]
        token_env: Option<String>,
    },
    /// Pause a run that some program is at work on, and wait until what it has asked is answered
    ///
    /// What that waits for is said on standard error if it takes longer than a moment.
    ///
    /// Exits non-zero unless the status is paused.
    ///
    /// JSON: as `run start`
    Pause {
        /// Its id, or the start of it
        run: String,
    },
    /// Stop a run and keep its results; what is in flight is given up, and a batch canceled
    ///
    /// Refused where the batch cannot be canceled: the run stays paused, so that its answers can be fetched.
    ///
    /// Exits non-zero unless the status is canceled.
    ///
    /// JSON: as `run start`
    Stop {
        /// Its id, or the start of it
        run: String,
        /// Take the connection's API key from this environment variable, to cancel a batch with
        #[arg(long, value_name = "VAR")]
        key_env: Option<String>,
    },
    /// Change how many requests a run may have in flight at once, even while it is at work
    ///
    /// JSON: run_id, concurrency
    Concurrency {
        /// Its id, or the start of it
        run: String,
        #[arg(value_name = "C")]
        concurrency: u32,
    },
    /// Show a run, and while it is at work what limits it
    ///
    /// JSON: as `run start`
    Show {
        /// Its id, or the start of it
        run: String,
    },
    /// Say how good the predictions of a run are, beside ground truth: with 95 % intervals, also while it is at work
    ///
    /// JSON: run_id, scored, failed, unscored (answered tasks without ground truth), accuracy (value, low, high, correct,
    /// scored; null when nothing was scored), if_failed_wrong (the same if failed tasks with ground truth counted as wrong),
    /// mean_score, mean_score_low, mean_score_high, control (the first that chooses among classes, whose are the next ones up
    /// to confusion; null without one), macro_f1, weighted_f1, micro_f1, kappa (Cohen's), alpha (Krippendorff's), per_class
    /// [class, precision, recall, f1 (each null where nothing tells, and with _low and _high), support (tasks of the class),
    /// predicted, true_positives], confusion (labels, of the 200 most frequent classes, and "" for nothing chosen; counts, a
    /// row for each true class; null where a task can have several), controls [all of them: name, tag, compared, accuracy,
    /// mean_score, classes, and what goes with the tag: sets, paths, spans, boxes, numbers, texts, ranking, pairwise],
    /// calibration (null unless predictions say how sure they are), latency (p50_ms, p95_ms, p99_ms, bins [up_to_ms,
    /// count]), cost (total_usd, per_task_usd, prompt_tokens, completion_tokens)
    Metrics {
        /// Its id, or the start of it
        run: String,
    },
    /// List runs, newest first
    ///
    /// JSON: runs [as `run start`]
    List {
        /// Only those of this prompt
        #[arg(long)]
        prompt: Option<String>,
    },
}
