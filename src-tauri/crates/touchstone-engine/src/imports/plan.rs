//! What chosen files would import, from a first look at them.

use super::source::{Source, format_of};
use super::{
    Column, ConfigPreview, ConfigSource, ImportPlan, ImportTarget, Mapping, PreviewRow, TaskFormat, file_name,
    read_config,
};
use crate::projects::{ineligible, stored_config};
use crate::{Inner, Result};
use serde_json::{Map, Value};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use touchstone_domain::prompt::NAME_CHARS_MAX;
use touchstone_labeling::{Config, TaskRules};

/// Items that a first look takes in.
const PREVIEW_ROWS: usize = 20;

/// Letters of a sample value.
const SAMPLE_CHARS: usize = 120;

/// Names that people give to the same thing.
const SYNONYMS: [&[&str]; 3] = [
    &["text", "content", "body", "message", "comment", "review", "sentence", "document", "description", "question"],
    &["image", "img", "imageurl", "picture", "photo", "url", "file", "path"],
    &["title", "subject", "heading", "headline", "name"],
];

pub(super) fn plan(inner: &Inner, paths: &[String], target: Option<&ImportTarget>) -> ImportPlan {
    let mut plan = ImportPlan {
        config_path: None,
        tasks_path: None,
        format: None,
        suggested_name: String::new(),
        config: None,
        columns: Vec::new(),
        preview: Vec::new(),
        mapping: Vec::new(),
        unmapped: Vec::new(),
        problems: Vec::new(),
    };
    for path in paths {
        sort(path, &mut plan);
    }
    let config = match config(inner, &plan, target) {
        Some(Ok(config)) => Some(config),
        Some(Err(error)) => {
            plan.problems.push(error.to_string());
            None
        }
        None => {
            plan.problems.push("Add the labeling config, an .xml file.".to_owned());
            None
        }
    };
    plan.config = config.as_ref().map(|config| ConfigPreview {
        outline: config.outline(),
        variables: config.variables(),
        ineligible: ineligible(config),
        config_faults: config.faults(),
    });
    match plan.tasks_path.clone() {
        Some(path) => look(&mut plan, Path::new(&path), config.as_ref()),
        None if matches!(target, Some(ImportTarget::Existing { .. })) || config.is_none() => {
            plan.problems.push("Add the tasks, a file such as .json, .jsonl or .csv, or a folder.".to_owned());
        }
        None => {}
    }
    plan.suggested_name = suggested_name(inner, plan.tasks_path.as_ref().or(plan.config_path.as_ref()));
    plan
}

/// Gives a path its part in the import.
fn sort(path: &str, plan: &mut ImportPlan) {
    let name = file_name(path);
    let is_config = Path::new(path).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xml"));
    let format = if is_config { None } else { format_of(Path::new(path)) };
    let slot = match (is_config, format) {
        (true, _) => &mut plan.config_path,
        (false, Some(_)) => &mut plan.tasks_path,
        (false, None) => {
            plan.problems.push(format!("“{name}” is neither a labeling config (.xml) nor tasks; it is left out."));
            return;
        }
    };
    if slot.is_some() {
        let what = if is_config { "labeling config" } else { "file of tasks" };
        plan.problems.push(format!("“{name}” is a second {what}; it is left out."));
        return;
    }
    *slot = Some(path.to_owned());
    if !is_config {
        plan.format = format;
    }
}

/// The config that the tasks are held to, if there is one.
fn config(inner: &Inner, plan: &ImportPlan, target: Option<&ImportTarget>) -> Option<Result<Config>> {
    match (target, &plan.config_path) {
        (Some(ImportTarget::Existing { project_id }), _) => {
            let row = inner.store.project(project_id.as_str()).map_err(Into::into);
            Some(row.and_then(|row| stored_config(&row)))
        }
        (Some(ImportTarget::New { config, .. }), _) => Some(read_config(config).map(|(_, config)| config)),
        (None, Some(path)) => Some(read_config(&ConfigSource::File { path: path.clone() }).map(|(_, config)| config)),
        (None, None) => None,
    }
}

/// Looks at the first items: what columns they have, which of them fit the config's variables, what would be refused.
fn look(plan: &mut ImportPlan, path: &Path, config: Option<&Config>) {
    let any = TaskRules::any();
    let upload = config.map(TaskRules::upload);
    // The lines of a text have no names of their own.
    let has_columns =
        !matches!(plan.format, Some(TaskFormat::Text | TaskFormat::ImageFolder | TaskFormat::TextFolder) | None);
    let rules = if has_columns { &any } else { upload.as_ref().unwrap_or(&any) };
    let first = Source::open(path, config).map(|source| first_items(source, rules));
    plan.preview = match first {
        Ok((rows, None)) => rows,
        Ok((rows, Some(reason))) => {
            let name = file_name(path.to_str().unwrap_or("the tasks")).to_owned();
            if rows.is_empty() {
                plan.problems.push(format!("“{name}” cannot be imported: {reason}."));
            }
            rows
        }
        Err(error) => {
            plan.problems.push(error.to_string());
            return;
        }
    };
    let variables = plan.config.as_ref().map(|config| config.variables.clone()).unwrap_or_default();
    if !has_columns {
        return;
    }
    plan.columns = columns(&plan.preview);
    plan.mapping = suggested(&variables, &plan.columns);
    let is_found = |variable: &String| {
        plan.columns.iter().any(|column| column.name == *variable)
            || plan.mapping.iter().any(|mapping| mapping.variable == *variable)
    };
    plan.unmapped = variables.iter().filter(|variable| !is_found(variable)).cloned().collect();
    // Read once more, as the import would.
    let Some(upload) = upload else { return };
    let mapping = plan.mapping.iter().map(|mapping| (mapping.variable.clone(), mapping.column.clone())).collect();
    if let Ok((held, _)) = Source::open(path, config).map(|source| first_items(source, &upload.with_mapping(mapping))) {
        for (row, held) in plan.preview.iter_mut().zip(held) {
            row.problem = held.problem;
        }
    }
}

/// The first items of a source, and why there are no more of them if it is broken.
fn first_items(source: Source, rules: &TaskRules) -> (Vec<PreviewRow>, Option<String>) {
    let mut rows = Vec::new();
    let outcome = source.read(rules, &AtomicU64::new(0), &mut |place, task| {
        let short = |number| u32::try_from(number).unwrap_or(u32::MAX);
        let (data, problem) = match task {
            Ok(task) => (task.data, None),
            Err(refusal) => (Map::new(), Some(refusal.message)),
        };
        rows.push(PreviewRow { item: short(place.item), line: place.line.map(short), data, problem });
        if rows.len() < PREVIEW_ROWS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    (rows, outcome.err())
}

fn columns(rows: &[PreviewRow]) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for (name, value) in rows.iter().flat_map(|row| &row.data) {
        let sample = sample(value);
        match columns.iter_mut().find(|column| column.name == *name) {
            Some(column) if column.sample.is_empty() => column.sample = sample,
            Some(_) => {}
            None => columns.push(Column { name: name.clone(), sample }),
        }
    }
    columns
}

fn sample(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(SAMPLE_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A column for each variable that none is named after: the one whose name says the same, or the only one there is.
fn suggested(variables: &[String], columns: &[Column]) -> Vec<Mapping> {
    let missing: Vec<_> =
        variables.iter().filter(|variable| columns.iter().all(|column| column.name != **variable)).collect();
    let mut free: Vec<_> = columns.iter().filter(|column| !variables.contains(&column.name)).collect();
    let mut mapping = Vec::new();
    let rules: [fn(&str, &str) -> bool; 2] = [
        |variable, column| variable == column,
        |variable, column| SYNONYMS.iter().any(|names| names.contains(&variable) && names.contains(&column)),
    ];
    let mut left = missing;
    for is_same in rules {
        left.retain(|variable| {
            let name = plain(variable);
            let Some(place) = free.iter().position(|column| is_same(&name, &plain(&column.name))) else { return true };
            mapping.push(Mapping { variable: (*variable).clone(), column: free.remove(place).name.clone() });
            false
        });
    }
    if let ([variable], [column], 1) = (left.as_slice(), free.as_slice(), variables.len()) {
        mapping.push(Mapping { variable: (*variable).clone(), column: column.name.clone() });
    }
    mapping
}

/// A name without case and separators.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The file's name without its ending, made free by a number if a project has it already.
fn suggested_name(inner: &Inner, path: Option<&String>) -> String {
    let stem = path.and_then(|path| Path::new(path).file_stem()?.to_str()).unwrap_or("New project");
    let base: String = stem.replace(['_', '-'], " ").chars().take(NAME_CHARS_MAX - 10).collect();
    let mut name = base.clone();
    for number in 2.. {
        if inner.store.project(&name).is_err() {
            break;
        }
        name = format!("{base} {number}");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(variables: &[&str], columns: &[&str]) -> Vec<(String, String)> {
        let variables: Vec<_> = variables.iter().map(ToString::to_string).collect();
        let column = |name: &&str| Column { name: (*name).to_owned(), sample: String::new() };
        let columns: Vec<_> = columns.iter().map(column).collect();
        suggested(&variables, &columns).into_iter().map(|mapping| (mapping.variable, mapping.column)).collect()
    }

    #[test]
    fn columns_are_suggested_for_the_variables_they_are_named_like() {
        let one = |variable: &str, column: &str| vec![(variable.to_owned(), column.to_owned())];
        assert_eq!(mapped(&["text"], &["id", "Text"]), one("text", "Text"));
        assert_eq!(mapped(&["customer_name"], &["Customer Name", "text"]), one("customer_name", "Customer Name"));
        assert_eq!(mapped(&["text"], &["id", "body"]), one("text", "body"));
        assert_eq!(mapped(&["text"], &["colonne"]), one("text", "colonne"), "there is only one");
        assert_eq!(mapped(&["text"], &["text", "body"]), [], "it is named after one");
        assert_eq!(mapped(&["text"], &["id", "colonne"]), [], "nobody knows");
        assert_eq!(mapped(&["text", "title"], &["title", "colonne"]), [], "nobody knows");
        let two = [one("text", "TEXT"), one("message", "body")].concat();
        assert_eq!(mapped(&["text", "message"], &["body", "TEXT"]), two, "a column is used once");
    }
}
