//! Answers conformance vectors: one JSON object in, one out.
//!
//! A vector asks what this crate makes of a config, an answer, regions, a tasks file or two sides to compare. Kinds
//! and members are those of `tests/fixtures/labeling/README.md`; `touchstone labeling-vectors` answers a stream of
//! them, so that any other implementation's vectors can be tried.

use crate::answer::{Quotes, reference_regions, regions};
use crate::attributes::Attributes;
use crate::check::{check_result, check_task};
use crate::config::{Config, Control};
use crate::import::ImportedTask;
use crate::kind::Kind;
use crate::region::Region;
use crate::upload;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Answers one line that holds a vector. One that is no JSON, or nested deeper than our reader follows, is answered with
/// an error if its id can be made out; `Err` says in words why it cannot.
pub fn answer_line(line: &[u8]) -> Result<Value, String> {
    #[derive(Deserialize)]
    struct Head {
        id: Value,
    }
    match serde_json::from_slice::<Value>(line) {
        Ok(vector) => Ok(answer_vector(&vector)),
        Err(error) => {
            // What is not asked for is skipped without following it down.
            let text = String::from_utf8_lossy(line);
            let head: Head = serde_json::from_str(&text).map_err(|_| error.to_string())?;
            Ok(json!({"id": head.id, "error": error.to_string(), "valid": false, "regions": []}))
        }
    }
}

/// Answers one vector. Never fails: what cannot be read is answered with an error.
pub fn answer_vector(vector: &Value) -> Value {
    let id = vector.get("id").cloned().unwrap_or_default();
    let mut answer = match Config::parse(vector.get("config").and_then(Value::as_str).unwrap_or_default()) {
        Ok(config) => match vector.get("kind").and_then(Value::as_str) {
            Some("config") => config_answer(&config),
            Some("answer") => answer_answer(&config, vector),
            Some("validate") => validate_answer(&config, vector),
            Some("import") => import_answer(&config, vector),
            Some("score") => score_answer(&config, vector),
            _ => json!({"error": "this kind of vector is not known"}),
        },
        Err(error) => json!({"error": error.to_string(), "valid": false}),
    };
    answer["id"] = id;
    answer
}

fn config_answer(config: &Config) -> Value {
    let objects: Vec<_> = config
        .objects()
        .iter()
        .map(|object| {
            json!({"name": object.name, "tag": object.tag, "value": object.value, "variable": object.variable})
        })
        .collect();
    json!({
        "error": null,
        "controls": config.controls().iter().map(control).collect::<Vec<_>>(),
        "objects": objects,
        "json_schema": config.schema(),
        "valid": config.faults().is_empty(),
    })
}

fn control(control: &Control) -> Value {
    let attributes = |attributes: &Attributes| -> Value {
        attributes.iter().map(|(key, value)| (key.to_owned(), Value::from(value))).collect()
    };
    let label_attributes: Map<_, _> =
        control.labels.iter().cloned().zip(control.label_attributes.iter().map(attributes)).collect();
    let conditional = control.conditional.as_ref();
    let mut described = json!({
        "name": control.name,
        "tag": control.tag,
        "type": control.tag.to_lowercase(),
        "to_name": control.to_name,
        "labels": control.labels,
        "label_attrs": label_attributes,
        "dynamic": control.dynamic,
        "required": control.required,
        "conditionals": conditional.map(|condition| json!({"type": condition.kind, "name": condition.name})),
    });
    if control.kind == Kind::Taxonomy {
        described["paths"] = json!(control.paths());
    }
    described
}

fn answer_answer(config: &Config, vector: &Value) -> Value {
    let empty = Map::new();
    let data = vector.get("task").and_then(|task| task.get("data")).and_then(Value::as_object).unwrap_or(&empty);
    let answer = vector.get("llm_answer").unwrap_or(&Value::Null);
    let made = match (vector.get("pipeline").and_then(Value::as_str), answer) {
        (Some("direct"), Value::Object(members)) => {
            regions(config, members, Quotes::Dropped, &mut Vec::new()).map_err(|error| error.to_string())
        }
        (Some("direct"), _) => Err("the answer is not an object".to_owned()),
        _ => reference_regions(config, answer, data).map_err(|error| error.to_string()),
    };
    match made {
        Ok(regions) => {
            let valid = check_result(config, &json!({"result": regions})).is_valid();
            json!({"error": null, "regions": regions, "valid": valid})
        }
        Err(error) => json!({"error": error, "regions": null, "valid": null}),
    }
}

fn validate_answer(config: &Config, vector: &Value) -> Value {
    let payload = vector.get("payload").unwrap_or(&Value::Null);
    if vector.get("target").and_then(Value::as_str) == Some("task") {
        return json!({"valid": check_task(config, payload), "regions": []});
    }
    let verdict = check_result(config, payload);
    json!({"valid": verdict.is_valid(), "regions": verdict.faulty})
}

fn import_answer(config: &Config, vector: &Value) -> Value {
    let text = |key: &str| vector.get(key).and_then(Value::as_str).unwrap_or_default();
    let tasks = match text("loader") {
        "storage" => upload::storage(config, text("content")),
        _ => upload::upload(config, text("filename"), text("content")),
    };
    match tasks {
        Ok(tasks) => json!({"error": null, "tasks": tasks.into_iter().map(task).collect::<Vec<_>>()}),
        Err(error) => json!({"error": error, "tasks": null}),
    }
}

fn task(task: ImportedTask) -> Value {
    let annotations: Vec<_> = task
        .annotations
        .into_iter()
        .map(|annotation| {
            json!({
                "result": serde_json::from_str::<Value>(&annotation.result).unwrap_or_default(),
                "ground_truth": annotation.ground_truth,
                "was_cancelled": annotation.was_cancelled,
            })
        })
        .collect();
    let predictions: Vec<_> = task
        .predictions
        .into_iter()
        .map(|prediction| {
            json!({
                "result": prediction.result,
                "score": prediction.score,
                "model_version": prediction.model_version,
            })
        })
        .collect();
    json!({"data": task.data, "annotations": annotations, "predictions": predictions})
}

fn score_answer(config: &Config, vector: &Value) -> Value {
    let regions = |side: &str| -> Vec<Region> {
        let regions = vector.get(side).and_then(Value::as_array).into_iter().flatten();
        regions.cloned().map(Region::from_json).collect()
    };
    let score = config.score_all(&regions("truth"), &regions("guess"));
    let controls: Map<_, _> = score
        .controls
        .into_iter()
        .map(|control| {
            let described = control
                .score
                .zip(control.exact)
                .map(|(score, exact)| json!({"score": score, "exact": u8::from(exact)}));
            (control.name, described.unwrap_or_default())
        })
        .collect();
    json!({"score": score.score, "controls": controls})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_cannot_be_read_is_answered_if_it_has_an_id() {
        let nested = format!(r#"{{"payload": {}{}, "id": "deep"}}"#, "[".repeat(100_000), "]".repeat(100_000));
        let answer = answer_line(nested.as_bytes()).expect("the id can be made out");
        assert_eq!((&answer["id"], answer["error"].is_string()), (&json!("deep"), true));
        let answer = answer_line(b"{\"id\": 7, \"config\": \"\xff\"}").expect("the id can be made out");
        assert_eq!((&answer["id"], answer["error"].is_string()), (&json!(7), true));
        assert!(answer_line(b"{").is_err());
    }
}
