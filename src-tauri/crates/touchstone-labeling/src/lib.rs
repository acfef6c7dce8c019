//! Label Studio labeling configs: what one says, and what its rules make of a model's answer.
//!
//! A config is XML that names objects (what is shown), controls (what is asked) and labels (the possible answers).
//! From it follow the JSON schema that a model is asked to satisfy, the regions that an answer becomes, the verdict of
//! Label Studio on regions, scores of a prediction against ground truth, and the tasks of an import file.
//!
//! Nothing here does I/O of its own, is async, or reads a clock. It must never learn about prompts, models or storage:
//! it takes text and JSON and gives back values. The behaviour follows label-studio 1.23 and label-studio-sdk 2.1 and
//! is held to the conformance vectors in `tests/fixtures/labeling`.
//!
//! Start reading at `config`, then `schema`, `answer` and `spans` (how an answer becomes regions), `score`, `measure`
//! and `import`. Writing configs is in `tags`, `lint`, `edit` and `templates`.

mod answer;
mod attributes;
mod check;
mod config;
mod data;
mod dynamic;
mod edit;
mod fillable;
mod gate;
mod import;
mod kind;
mod letters;
mod levenshtein;
mod lint;
mod measure;
mod numbers;
mod outline;
mod outputs;
mod region;
mod rename;
mod repairs;
mod satisfy;
mod schema;
mod score;
mod spans;
mod table;
mod tags;
mod templates;
mod upload;
mod value;
pub mod vectors;
mod xml;

pub use answer::{AnswerError, Placed, Repair};
pub use attributes::Attributes;
pub use config::{Conditional, Config, Control, Object};
pub use data::value_at;
pub use edit::{ConfigEdit, EditError, edit};
pub use fillable::{Capabilities, Fillable, FillableControl, Skipped};
pub use import::{
    ImportError, ImportedAnnotation, ImportedPrediction, ImportedTask, Place, Refusal, TaskRules, TextFormat,
    read_tasks,
};
pub use lint::{Fix, Problem, ProblemSeverity, escaped, problems};
pub use measure::confidence;
pub use outline::{Outline, OutlineBucket, OutlineClass, OutlineKind, OutlineNode, VisibleKind, VisibleWhen};
pub use region::{Region, RegionReader};
pub use rename::Renames;
pub use score::{ControlScore, TaskScore};
pub use tags::{Tag, TagAttribute, TagKind, tags};
pub use templates::{ConfigTemplate, template_ids, templates};
pub use xml::ConfigError;
