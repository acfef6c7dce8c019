//! A whole piece of work, timed: tasks imported, a model asked about each, answers compared and kept. Nothing here takes a
//! shorter way than the window does.

use super::peak_rss_mb;
use crate::output::Report;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;
use touchstone_engine::connections::{ConnectionEdit, NewConnection, StructuredMode};
use touchstone_engine::domain::PromptId;
use touchstone_engine::domain::json::Object;
use touchstone_engine::domain::prompt::{Message, Provider, Role};
use touchstone_engine::domain::run::{RunStatus, Subset};
use touchstone_engine::domain::template::VariableFormat;
use touchstone_engine::imports::{ConfigSource, ImportTarget, NewImport};
use touchstone_engine::labeling::escaped;
use touchstone_engine::prompts::NewPrompt;
use touchstone_engine::runs::{NewRun, RunSummary};
use touchstone_engine::{Engine, Error, Result};

/// What everything that has a name is called.
const NAME: &str = "Bench";

/// What a model is asked, as the file says it that every program under comparison reads.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// With `{text}` where the task's text goes.
    prompt: String,
    text_field: String,
    /// The name of the choice.
    from_name: String,
    labels: Vec<String>,
    temperature: Option<Value>,
    max_tokens: Option<Value>,
}

impl Asked {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let wrong = |why: &dyn std::fmt::Display| Error::invalid(format!("{}: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
        serde_json::from_str(&text).map_err(|error| wrong(&error))
    }

    /// A text and one choice between the labels.
    fn labeling_config(&self) -> String {
        let choices: String =
            self.labels.iter().map(|label| format!("<Choice value=\"{}\"/>", escaped(label))).collect();
        format!(
            "<View><Text name=\"text\" value=\"${}\"/><Choices name=\"{}\" toName=\"text\">{choices}</Choices></View>",
            escaped(&self.text_field),
            escaped(&self.from_name)
        )
    }

    fn message(&self) -> Message {
        let variable = VariableFormat::FString.written(&self.text_field);
        Message::new(Role::User, self.prompt.replace("{text}", &variable))
    }

    fn params(&self) -> Object {
        let given = [("temperature", &self.temperature), ("max_tokens", &self.max_tokens)];
        Object(given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.as_ref()?.into()))).collect())
    }
}

pub(super) struct Work {
    pub tasks: String,
    pub asked: Asked,
    pub endpoint: String,
    pub model: String,
    pub concurrency: u32,
}

impl Work {
    /// Does all of it in the workspace that `open` makes, and says how long it took.
    pub(super) async fn measured(self, open: impl FnOnce() -> Result<Engine>) -> Result<Report> {
        let began = Instant::now();
        let engine = open()?;
        let prompt_id = self.prepared(&engine).await?;
        let import_s = began.elapsed().as_secs_f64();
        let started = Instant::now();
        let run = NewRun {
            prompt_id,
            version_id: None,
            model: None,
            repetition: None,
            ask_again: false,
            subset: Subset::All,
            picked: None,
            only: None,
            concurrency: Some(self.concurrency),
            batch: false,
            limit_micros: None,
        };
        let run = engine.start_run(run).await?;
        let run = engine.wait_for_run(run.run_id).await?;
        let run_s = started.elapsed().as_secs_f64();
        // Closing brings what is in the journal into the file.
        drop(engine);
        let wall_s = began.elapsed().as_secs_f64();
        Ok(self.report(&run, [wall_s, import_s, run_s]))
    }

    /// Imports the tasks, and makes a prompt that asks the server about them.
    async fn prepared(&self, engine: &Engine) -> Result<PromptId> {
        let config = ConfigSource::Text { xml: self.asked.labeling_config() };
        let import = NewImport {
            target: ImportTarget::New { name: NAME.to_owned(), config },
            tasks_path: Some(self.tasks.clone()),
            mapping: Vec::new(),
            skip_duplicates: false,
        };
        let project_id = engine.import_project(import).await?.project_id;
        let entered = ConnectionEdit {
            name: Some(NAME.to_owned()),
            model: Some(self.model.clone()),
            endpoint: Some(self.endpoint.clone()),
            ..ConnectionEdit::default()
        };
        let connection = engine.add_connection(NewConnection::of(Provider::Custom, entered)).await?.connection;
        // A test would find it out, by questions that the measured ones must not be mixed with.
        let id = connection.id.clone();
        engine.set_model_structure(id.to_string(), self.model.clone(), StructuredMode::JsonSchema).await?;
        let prompt = NewPrompt { name: NAME.to_owned(), description: String::new(), project_id, space_id: None };
        let prompt_id = engine.create_prompt(prompt).await?;
        let mut draft = engine.prompt(prompt_id.to_string()).await?.draft.content;
        draft.messages = vec![self.asked.message()];
        draft.input_variable_format = VariableFormat::FString;
        draft.connection_id = Some(id);
        draft.model.clone_from(&self.model);
        draft.invocation_params = self.asked.params();
        engine.save_draft(prompt_id.clone(), draft).await?;
        Ok(prompt_id)
    }

    fn report(&self, run: &RunSummary, [wall_s, import_s, run_s]: [f64; 3]) -> Report {
        let json = json!({
            "peer": "touchstone",
            "version": env!("CARGO_PKG_VERSION"),
            "n": run.total,
            "concurrency": self.concurrency,
            "wall_s": wall_s,
            "import_s": import_s,
            "run_s": run_s,
            "correct": run.correct,
            "failures": run.failed,
            "requests": run.requests,
            "retries": run.retries,
            "peak_rss_mb": peak_rss_mb(),
            "status": run.status,
            "reason": run.reason,
        });
        Report { ok: run.status == RunStatus::Completed, text: json.to_string(), json }
    }
}
