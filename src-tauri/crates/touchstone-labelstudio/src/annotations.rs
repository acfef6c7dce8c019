//! Annotations for a server.

use crate::line::Question;
use crate::{Asked, Client, Error};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use touchstone_net::Method;

/// An annotation that is to be added.
#[derive(Clone, Debug, Serialize)]
pub struct NewAnnotation<'a> {
    /// A UUID that only this annotation has, by which the server knows it again.
    pub unique_id: &'a str,
    /// A list of regions.
    pub result: &'a RawValue,
    /// One of a task is: the server takes the mark from its others.
    pub ground_truth: bool,
}

#[derive(Deserialize)]
struct Added {
    id: i64,
}

impl Client {
    /// Adds an annotation of the user who signed in, and gives its id; `None` where one with this `unique_id` is there already,
    /// so that it may be done again.
    pub async fn add_annotation(&self, task: i64, annotation: &NewAnnotation<'_>) -> Asked<Option<i64>> {
        let json = serde_json::to_string(annotation).expect("numbers and texts");
        let path = format!("/api/tasks/{task}/annotations/");
        let question = Question::write(Method::Post, &path, json, "task");
        match self.line.read(&Question { is_repeatable: true, ..question }).await {
            Ok(Added { id }) => Ok(Some(id)),
            Err(Error::Refused { status: 409, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Marks an annotation as ground truth, which takes the mark from the others of its task, or takes the mark away.
    pub async fn set_ground_truth(&self, annotation: i64, is_ground_truth: bool) -> Asked<()> {
        let json = json!({ "ground_truth": is_ground_truth }).to_string();
        let path = format!("/api/annotations/{annotation}/");
        let question = Question::write(Method::Patch, &path, json, "annotation");
        self.line.ask(&Question { is_repeatable: true, ..question }).await.map(drop)
    }
}
