//! Small workspaces for the tests of this crate.

use crate::{
    Coverage, DraftRow, DraftThen, ImportTarget, NewProject, NewPrompt, NewRun, NewTask, Positions, RunRow, Store,
    VersionContent, VersionRow,
};
use std::sync::LazyLock;
use tempfile::TempDir;
use touchstone_domain::prompt::sha256_hex;
use touchstone_domain::run::Subset;
use touchstone_domain::{ConnectionId, ProjectId, RunId};

pub(crate) const NOW: &str = "2026-01-01T00:00:00Z";

/// A project of three tasks and a prompt on it that has one version. The folder is removed with its handle.
pub(crate) fn workspace_with_version() -> (TempDir, Store, VersionRow) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let store = Store::open(&folder.path().join("workspace.touchstone")).expect("a workspace");
    let space = store.default_space("aBcD", NOW).expect("space");
    let project = NewProject {
        id: ProjectId("p".to_owned()),
        name: "Project",
        config_xml: "<View/>",
        config_hash: "h",
        is_sample: false,
        now: NOW,
    };
    let project = store
        .import::<()>(&ImportTarget::New(project), |writer| {
            for _ in 0..3 {
                writer.add(&NewTask { data: "{}".to_owned(), ..NewTask::default() })?;
            }
            Ok(())
        })
        .expect("project")
        .project;
    let content = r#"{"messages":[]}"#.to_owned();
    let draft = DraftRow { content, connection_id: None, based_on: None, updated_at: NOW.to_owned() };
    let prompt = NewPrompt {
        space: &space,
        project: Some(&project.id),
        name: "Prompt",
        description: "",
        folder: "",
        is_sample: false,
        draft: &draft,
        tail: "aBcD",
    };
    let (_, version) = store
        .insert_prompt_with_version(&prompt, &version_of(&draft.content, &sha256_hex(draft.content.as_bytes())))
        .expect("prompt");
    (folder, store, version)
}

fn version_of<'a>(content: &'a str, commit_hash: &'a str) -> VersionContent<'a> {
    VersionContent {
        content,
        commit_hash,
        commit_message: None,
        connection_id: None,
        author: "test",
        tail: "aBcD",
        now: NOW,
    }
}

/// Another version of the prompt that `version` is of.
pub(crate) fn next_version(store: &Store, version: &VersionRow) -> VersionRow {
    let content = format!(r#"{{"messages":[],"model":"{}"}}"#, version.number);
    let hash = sha256_hex(content.as_bytes());
    store.insert_version(version.prompt_key, &version_of(&content, &hash), DraftThen::Follows).expect("version")
}

/// A run of the version over the three tasks, leased by `me` at 1000 ms.
pub(crate) fn new_run(version: &VersionRow, project_key: i64) -> NewRun<'static> {
    static NONE: LazyLock<Positions> = LazyLock::new(Positions::default);
    static CONNECTION: LazyLock<ConnectionId> = LazyLock::new(|| ConnectionId("c".to_owned()));
    NewRun {
        id: RunId("r".to_owned()),
        prompt_key: version.prompt_key,
        version_key: version.key,
        project_key,
        connection_id: &CONNECTION,
        other_model: None,
        repetition: None,
        coverage: Coverage { subset: Subset::All, picked: &NONE, only: None, before: &[] },
        tasks: 3,
        total: 3,
        config_hash: "h",
        structure: None,
        limit_micros: None,
        concurrency: None,
        is_batch: false,
        owner: "me",
        now_ms: 1_000,
        now: NOW,
    }
}

/// The same with a run over the three tasks, leased by `me` at 1000 ms.
pub(crate) fn workspace_with_run() -> (TempDir, Store, RunRow) {
    let (folder, store, version) = workspace_with_version();
    let project_key = store.project("Project").expect("project").key;
    store.insert_runs(&[new_run(&version, project_key)]).expect("run");
    let id = RunId("r".to_owned());
    let run = store.run(&id).expect("run");
    (folder, store, run)
}
