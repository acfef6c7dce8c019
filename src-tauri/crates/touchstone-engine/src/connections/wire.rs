//! How a connection's requests leave, without its secrets: for code that sends the same.

use super::access::{Place, connect, where_to};
use super::{ConnectionSettings, provider};
use crate::{Error, Inner, Result};
use serde_json::Value;
use touchstone_domain::prompt::Provider;
use touchstone_domain::secret::Secret;
use touchstone_net::Purpose;
use touchstone_providers::{Options, SecretPlace, Wire, vertex_endpoint, vertex_wire};
use touchstone_store::ConnectionRow;

/// How `body` would be sent through the connection. No keychain is asked: where a secret stands is known without it.
pub(crate) fn wire(inner: &Inner, row: &ConnectionRow, body: &Value) -> Result<Wire> {
    let settings = ConnectionSettings::of(row);
    let cannot = |why: &str| Error::invalid(format!("“{}” cannot be asked: {why}", row.name));
    if provider(row) == Provider::VertexAi {
        let endpoint = vertex_place(row)?;
        let mut wire = vertex_wire(&endpoint, body).ok_or_else(|| cannot("its address is not one of Vertex AI"))?;
        wire.secrets.extend(settings.header_names.into_iter().map(SecretPlace::Header));
        return Ok(wire);
    }
    let nothing = || Secret::new(String::new());
    let stand_in = |has: bool| has.then(nothing);
    let headers = settings.header_names.into_iter().map(|name| (name, nothing())).collect();
    let client = inner.network.client(Purpose::Check);
    let (api_key, auth_token) = (stand_in(row.has_api_key), stand_in(row.has_auth_token));
    let model = connect(client, &Place::of(row), api_key, auth_token, headers).map_err(|why| cannot(&why))?;
    model.wire(body).ok_or_else(|| cannot("it is no server"))
}

/// Where a project's models are, as far as it is known without the account.
fn vertex_place(row: &ConnectionRow) -> Result<String> {
    if let Some(endpoint) = &row.endpoint {
        return Ok(endpoint.clone());
    }
    let settings = ConnectionSettings::of(row);
    let project = settings.project_id.ok_or_else(|| {
        let where_to = where_to("edit");
        Error::invalid(format!("the project of “{}” is not known; enter its id, {where_to}", row.name))
    })?;
    let options = Options { base_url: settings.base_url, headers: Vec::new() };
    vertex_endpoint(&project, settings.location.as_deref(), &options).map_err(Error::invalid)
}
