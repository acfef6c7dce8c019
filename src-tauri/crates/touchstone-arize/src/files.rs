//! The API's objects in files.

use crate::fields::Others;
use crate::params;
use crate::prompts::{NewVersion, VersionRecord};
use crate::spelling::Caller;
use crate::wire;
use touchstone_domain::json::Object;

/// What only the server says of a version.
const MANAGED: [&str; 6] = ["id", "prompt_id", "commit_hash", "created_at", "created_by_user_id", "labels"];

/// Whether the API knows a parameter of this name.
pub fn is_param(name: &str) -> bool {
    params::is_param(name)
}

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

/// A version that a file or an account holds, in any spelling. Parameters and keys that the API does not know, or not yet,
/// are kept as they are; the error says what else is wrong with it.
pub fn version_of(object: &Object) -> Result<NewVersion, String> {
    let mut object = object.clone();
    for name in MANAGED {
        object.remove(name);
    }
    wire::version_of(object, Others::Kept, "").map_err(|problem| problem.detail)
}
