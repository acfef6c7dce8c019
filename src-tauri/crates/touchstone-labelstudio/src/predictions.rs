//! Predictions that are on a server, and new ones for it.

use crate::line::{Question, WORK_TIMEOUT};
use crate::{Asked, Client, Error};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use touchstone_net::Method;

/// A prediction as a [`crate::RemoteTask`] has it.
#[derive(Clone, Debug, Deserialize)]
pub struct RemotePrediction {
    pub id: i64,
    pub model_version: Option<String>,
    pub score: Option<f64>,
    /// A list of regions.
    pub result: Box<RawValue>,
}

/// A prediction that is to be added.
#[derive(Clone, Debug, Serialize)]
pub struct NewPrediction<'a> {
    pub task: i64,
    /// A list of regions.
    pub result: &'a RawValue,
    /// From 0 to 1; the server takes no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    pub model_version: &'a str,
}

#[derive(Deserialize)]
struct Created {
    created: u32,
}

impl Client {
    /// Adds predictions, and says how many were. Once: after a failure that [`Error::is_passing`] they may be there.
    ///
    /// The server adds what is there already once more. It leaves out without a word what does not fit the project's config
    /// or has a score beyond 0 to 1, so that fewer were added than were given; and it takes none if one of the tasks is not
    /// the project's. Each call costs it time for all tasks of the project: thousands at once are better than hundreds.
    pub async fn add_predictions(&self, project: i64, predictions: &[NewPrediction<'_>]) -> Asked<u32> {
        let json = serde_json::to_string(predictions).expect("numbers and texts");
        let path = format!("/api/projects/{project}/import/predictions");
        let question = Question::write(Method::Post, &path, json, "project");
        let Created { created } = self.line.read(&Question { timeout: WORK_TIMEOUT, ..question }).await?;
        Ok(created)
    }

    /// Removes a prediction; `false` where it is gone already.
    pub async fn remove_prediction(&self, id: i64) -> Asked<bool> {
        let path = format!("/api/predictions/{id}/");
        let question = Question { method: Method::Delete, ..Question::get(&path, "prediction") };
        match self.line.ask(&question).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
