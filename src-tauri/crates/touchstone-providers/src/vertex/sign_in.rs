//! A token for a service account: a claim signed on this machine is exchanged for it. Source: RFC 7523, and Google's
//! "Using OAuth 2.0 for Server to Server Applications".

use super::account::{ServiceAccount, encoding_key};
use crate::chat::{ChatError, ChatErrorKind, Fault};
use crate::clock;
use crate::line::no_reply;
use crate::reply::{Reader, Rules, Verdict};
use jsonwebtoken::{Algorithm, Header, encode};
use serde_json::{Value, json};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Mutex;
use touchstone_domain::secret::Secret;
use touchstone_net::{Client, Credential, Purpose, Reply, parse_address};

const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
const AUDIENCE: &str = "https://oauth2.googleapis.com/token";
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// How long a claim holds; Google accepts no more.
const CLAIM_SECONDS: u64 = 3600;

/// A token is replaced this long before it ends, so that none ends on its way.
const EARLY: Duration = Duration::from_secs(300);

/// A clock that is further off than this is what is wrong.
const CLOCK_OFF_MAX: Duration = Duration::from_secs(120);

/// How long signing in may take: less than a step of a test, so that it says which of the two hosts is silent.
const SIGN_IN_TIMEOUT: Duration = Duration::from_secs(8);

static RULES: Rules = Rules { sort, endpoint_hint: "", key_hint: "", request_id: "x-goog-request-id" };

#[derive(Debug)]
pub(super) struct SignIn {
    client: Client,
    account: ServiceAccount,
    /// Held while a token is fetched: thousands of tasks make one request.
    token: Mutex<Option<Token>>,
}

#[derive(Debug)]
struct Token {
    secret: Secret,
    good_until: Instant,
}

impl SignIn {
    pub(super) fn new(client: &Client, account: ServiceAccount) -> Self {
        Self { client: client.for_purpose(Purpose::SignIn), account, token: Mutex::new(None) }
    }

    /// A token that holds for some minutes. Not `rejected`, which a server did not take.
    pub(super) async fn token(&self, rejected: Option<&Secret>) -> Result<Secret, ChatError> {
        let mut held = self.token.lock().await;
        if let Some(token) = held.as_ref()
            && Instant::now() < token.good_until
            && rejected != Some(&token.secret)
        {
            return Ok(token.secret.clone());
        }
        let token = self.fetch().await?;
        let secret = token.secret.clone();
        *held = Some(token);
        Ok(secret)
    }

    async fn fetch(&self) -> Result<Token, ChatError> {
        let uri = &self.account.token_uri;
        let host = parse_address(uri).map_or_else(|| uri.clone(), |address| address.host);
        let assertion = self.claim(clock::now())?;
        let fields = [("grant_type", GRANT_TYPE), ("assertion", assertion.expose().as_str())];
        let asked = Instant::now();
        let reply = self
            .client
            .post_form(uri, &fields, SIGN_IN_TIMEOUT)
            .await
            .map_err(|error| no_reply(&self.client, uri, &host, error, SIGN_IN_TIMEOUT))?;
        let credentials = [Credential::Bearer(assertion.clone())];
        let reader = Reader { host: &host, model: "", credentials: &credentials, rules: &RULES };
        let body = reader.json(&reply).map_err(|error| self.in_words(error, &reply))?;
        let Some(secret) = body["access_token"].as_str() else {
            return Err(reader.malformed(&reply, format!("{host} sent no token.")));
        };
        let lasts = Duration::from_secs(body["expires_in"].as_u64().unwrap_or(0));
        Ok(Token { secret: Secret::new(secret.to_owned()), good_until: asked + lasts.saturating_sub(EARLY) })
    }

    /// What the account claims to be, signed by its key.
    fn claim(&self, now: SystemTime) -> Result<Secret, ChatError> {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let mut header = Header::new(Algorithm::RS256);
        header.kid.clone_from(&self.account.private_key_id);
        let claims = json!({
            "iss": self.account.client_email,
            "scope": SCOPE,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + CLAIM_SECONDS,
        });
        encoding_key(&self.account.private_key)
            .and_then(|key| encode(&header, &claims, &key).ok())
            .map(Secret::new)
            .ok_or_else(|| {
                let words = "The service account's private key cannot sign; add its key file again.";
                ChatError::new(ChatErrorKind::KeyRejected, words)
            })
    }

    /// A refused claim, by what to do about it.
    fn in_words(&self, error: ChatError, reply: &Reply) -> ChatError {
        if error.kind != ChatErrorKind::KeyRejected {
            return error;
        }
        let said = error.vendor.message.as_deref().unwrap_or_default().to_ascii_lowercase();
        let email = &self.account.client_email;
        let words = if let Some(off) = clock_off(reply).filter(|off| *off > CLOCK_OFF_MAX) {
            format!(
                "This computer's clock is {} minutes off, so Google refuses to sign in. Set it.",
                off.as_secs() / 60
            )
        } else if said.contains("signature") {
            format!("Google does not know this key of {email} any more: it was deleted. Create a new one.")
        } else if said.contains("account not found") || said.contains("not a valid email") {
            format!("Google has no service account {email} any more.")
        } else {
            format!("Google refuses to sign {email} in.")
        };
        let its_words = error.vendor.message.as_deref().map(|said| format!(" It said: “{said}”.")).unwrap_or_default();
        ChatError { message: words + &its_words, ..error }
    }
}

/// How far this computer's clock is from the server's.
fn clock_off(reply: &Reply) -> Option<Duration> {
    let theirs = httpdate::parse_http_date(reply.header("date")?).ok()?;
    let ours = clock::now();
    Some(ours.duration_since(theirs).unwrap_or_else(|error| error.duration()))
}

fn sort(status: u16, body: &Value, _: &str) -> Option<Verdict> {
    match (status, body["error"].as_str()) {
        (400 | 401, Some("invalid_grant" | "invalid_scope" | "invalid_client" | "unauthorized_client")) => {
            Some((ChatErrorKind::KeyRejected, Fault::Key))
        }
        _ => None,
    }
}
