//! The credentials of a service account, as a user pastes or drops them. They are input: nothing in them is trusted.

use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};
use touchstone_domain::secret::Secret;
use touchstone_net::parse_address;

const TOKEN_URI_DEFAULT: &str = "https://oauth2.googleapis.com/token";

/// What signing in needs of a service account's file.
#[derive(Clone, Debug)]
pub struct ServiceAccount {
    pub(super) private_key: Secret,
    pub(super) private_key_id: Option<String>,
    pub(super) client_email: String,
    pub(super) token_uri: String,
    project_id: Option<String>,
}

impl ServiceAccount {
    /// Reads the JSON file that Google Cloud gives out for a key of a service account, or what [`Self::stored`] made of
    /// it. In words why it cannot be used, otherwise; the words repeat nothing of the file that is secret.
    pub fn parse(json: &str) -> Result<Self, String> {
        let file: Value = serde_json::from_str(json.trim_start_matches('\u{feff}').trim())
            .map_err(|_| "this is not JSON; paste the whole key file of the service account, from { to }".to_owned())?;
        let text = |name: &str| file[name].as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let wanted =
            "create a key for a service account in Google Cloud (IAM, Service accounts, Keys) and use its JSON";
        match file["type"].as_str() {
            Some("service_account") => {}
            Some("authorized_user") => {
                return Err(format!("these are a person's own credentials, as gcloud makes them; {wanted}"));
            }
            Some("external_account") => {
                return Err(format!(
                    "these credentials lend an identity from elsewhere, which is not supported; {wanted}"
                ));
            }
            Some("impersonated_service_account") => {
                return Err(format!("these credentials borrow a service account, which is not supported; {wanted}"));
            }
            _ => return Err(format!("this is not the key file of a service account; {wanted}")),
        }
        if text("universe_domain").is_some_and(|universe| universe != "googleapis.com") {
            return Err("this service account belongs to another cloud than Google's public one".to_owned());
        }
        let private_key = text("private_key").ok_or("the file has no private_key; it may have been cut off")?;
        let client_email = text("client_email").ok_or("the file has no client_email; it may have been cut off")?;
        let private_key = Secret::new(private_key);
        encoding_key(&private_key).ok_or("the file's private_key is damaged; copy the file again")?;
        let token_uri = text("token_uri").unwrap_or_else(|| TOKEN_URI_DEFAULT.to_owned());
        if !is_trusted(&token_uri) {
            return Err(
                "the file names a place to sign in that is not Google's; get the file from Google Cloud".to_owned()
            );
        }
        Ok(Self {
            private_key,
            private_key_id: text("private_key_id"),
            client_email,
            token_uri,
            project_id: text("project_id"),
        })
    }

    /// The JSON to keep in the keychain: no more than what is needed, because Windows keeps 2,560 bytes at most.
    pub fn stored(&self) -> Secret {
        let kept = json!({
            "type": "service_account",
            "project_id": self.project_id,
            "private_key_id": self.private_key_id,
            "private_key": self.private_key.expose(),
            "client_email": self.client_email,
            "token_uri": self.token_uri,
        });
        Secret::new(kept.to_string())
    }

    pub fn project_id(&self) -> Option<&str> {
        self.project_id.as_deref()
    }

    pub fn client_email(&self) -> &str {
        &self.client_email
    }
}

pub(super) fn encoding_key(private_key: &Secret) -> Option<EncodingKey> {
    EncodingKey::from_rsa_pem(private_key.expose().as_bytes()).ok()
}

/// A signed claim goes to Google alone, and to this machine in tests.
fn is_trusted(uri: &str) -> bool {
    parse_address(uri).is_some_and(|address| {
        let is_googles = address.host == "googleapis.com" || address.host.ends_with(".googleapis.com");
        !address.has_credentials && (address.is_encrypted && is_googles || !address.is_encrypted && address.is_loopback)
    })
}
