//! The API's objects in files.

use crate::params::is_param;
use crate::prompts::{NewVersion, VersionRecord};
use crate::spelling::Caller;
use crate::wire;
use touchstone_domain::json::{Json, Object};

/// What only the server says of a version.
const MANAGED: [&str; 6] = ["id", "prompt_id", "commit_hash", "created_at", "created_by_user_id", "labels"];

/// A version as the API's current spelling has it.
pub fn version_object(version: &VersionRecord, user: &str) -> Object {
    wire::version(version, user, Caller::of_files())
}

/// The body that makes a version with this content and message.
pub(crate) fn new_version_object(version: &VersionRecord) -> Object {
    let mut object = version_object(version, "");
    for name in MANAGED {
        object.remove(name);
    }
    object
}

/// A version that a file holds, in any spelling; parameters that the API does not know become extra ones. The error says
/// what is wrong with it.
pub fn version_of(object: &Object) -> Result<NewVersion, String> {
    let mut object = object.clone();
    for name in MANAGED {
        object.remove(name);
    }
    let mut extra = Object::default();
    if let Some(Json::Object(mut params)) = object.get("invocation_params").cloned() {
        let unknown: Vec<_> = params.0.iter().map(|(name, _)| name.clone()).filter(|name| !is_param(name)).collect();
        for name in unknown {
            if let Some(value) = params.remove(&name) {
                extra.set(&name, value);
            }
        }
        object.set("invocation_params", Json::Object(params));
    }
    let mut version = wire::version_of(object, "").map_err(|problem| problem.detail)?;
    version.content.extra = extra;
    Ok(version)
}
