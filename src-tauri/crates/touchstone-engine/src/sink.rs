//! What leaves the engine unasked: which data changed, and how far long work has come.

use crate::connections::LocalTestProgress;
use crate::imports::ImportProgress;
use crate::label_studio::{PullProgress, PushProgress};
use crate::media::MediaProgress;
use crate::runs::RunProgress;
use crate::tasks::TaskViewProgress;
use serde::{Deserialize, Serialize};
use specta::Type;
use touchstone_domain::{ProjectId, PromptId};

/// What a write changed. Whoever shows data derives from it what to read again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Changed {
    Connections,
    Projects,
    /// Annotations of one project, and with them its counts and the scores of its runs.
    Annotations {
        project_id: ProjectId,
    },
    /// The labeling config of one project, and what its annotations and predictions call their classes.
    Config {
        project_id: ProjectId,
    },
    /// The list of prompts, or what it shows of one.
    Prompts,
    /// One prompt's draft, and nothing else: it is written while the user types.
    Draft {
        prompt_id: PromptId,
    },
    /// One prompt's versions, and its draft with them.
    Prompt {
        prompt_id: PromptId,
    },
    /// Runs of one prompt, or their results.
    Runs {
        prompt_id: PromptId,
    },
    /// The list of spaces, or the link of one.
    Spaces,
    /// The Label Studio servers, or what is linked with them.
    LabelStudio,
    /// What is given back to servers.
    Pushes,
    Settings,
    /// The list of hosts that were contacted.
    Contacts,
    /// What is known of the workspace file.
    Workspace,
    /// Another process wrote to the workspace, or tasks were taken out of it.
    Everything,
}

/// Where the engine reports to. Calls must return at once.
pub trait Sink: Send + Sync {
    fn changed(&self, changed: Changed);
    fn run_progress(&self, progress: RunProgress);
    fn import_progress(&self, progress: ImportProgress);
    fn task_view(&self, progress: TaskViewProgress);
    fn media_progress(&self, progress: MediaProgress);
    fn local_test(&self, progress: LocalTestProgress);
    fn pull_progress(&self, progress: PullProgress);
    fn push_progress(&self, progress: PushProgress);
}

/// Nobody listens.
pub struct Silent;

impl Sink for Silent {
    fn changed(&self, _: Changed) {}
    fn run_progress(&self, _: RunProgress) {}
    fn import_progress(&self, _: ImportProgress) {}
    fn task_view(&self, _: TaskViewProgress) {}
    fn media_progress(&self, _: MediaProgress) {}
    fn local_test(&self, _: LocalTestProgress) {}
    fn pull_progress(&self, _: PullProgress) {}
    fn push_progress(&self, _: PushProgress) {}
}
