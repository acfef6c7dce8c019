//! Who signs in: by a legacy token, which goes along as it is, or by a personal access token, which is exchanged for an access
//! token that holds for some minutes.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::json;
use std::borrow::Cow;
use std::sync::{Mutex as Held, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;
use touchstone_domain::secret::Secret;
use touchstone_net::Credential;

/// An access token is replaced this long before it ends, so that none ends on its way.
const EARLY: Duration = Duration::from_secs(30);

/// How long one holds that does not say so; the server makes them for five minutes.
const LIFE: Duration = Duration::from_secs(300);

/// Which kind of token a server was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Personal,
    Legacy,
}

impl TokenKind {
    /// What Label Studio calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Personal => "personal access token",
            Self::Legacy => "legacy token",
        }
    }

    /// A personal access token is a JSON Web Token (RFC 7519): three parts between dots. A legacy one is a row of digits.
    fn of(token: &str) -> Self {
        if token.split('.').count() == 3 { Self::Personal } else { Self::Legacy }
    }
}

#[derive(Debug)]
pub(crate) struct SignIn {
    pub(crate) kind: TokenKind,
    token: Secret,
    /// Held while one is made: many calls make one request.
    pub(crate) access: Mutex<Option<Access>>,
    /// The one that is held now, for errors, which must not repeat it.
    last: Held<Option<Secret>>,
}

/// What a personal access token was exchanged for.
#[derive(Debug)]
pub(crate) struct Access {
    secret: Secret,
    good_until: Instant,
}

impl Access {
    pub(crate) fn is_good(&self, rejected: Option<&Credential>) -> bool {
        Instant::now() < self.good_until && rejected.is_none_or(|rejected| *rejected.secret() != self.secret)
    }

    pub(crate) fn credential(&self) -> Credential {
        Credential::Bearer(self.secret.clone())
    }
}

impl SignIn {
    pub(crate) fn new(token: &Secret) -> Self {
        let token = Secret::new(token.expose().trim().to_owned());
        Self { kind: TokenKind::of(token.expose()), token, access: Mutex::new(None), last: Held::new(None) }
    }

    /// What every call signs in with, where nothing needs to be exchanged.
    pub(crate) fn standing(&self) -> Option<Credential> {
        let header = || Secret::new(format!("Token {}", self.token.expose()));
        (self.kind == TokenKind::Legacy).then(|| Credential::Header(Cow::Borrowed("authorization"), header()))
    }

    /// The body that asks for an access token.
    pub(crate) fn exchange(&self) -> String {
        json!({ "refresh": self.token.expose() }).to_string()
    }

    /// An access token that was asked for at `asked`.
    pub(crate) fn exchanged(&self, access: String, asked: Instant) -> Access {
        let good_until = asked + life(&access).unwrap_or(LIFE).saturating_sub(EARLY);
        let secret = Secret::new(access);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret.clone());
        Access { secret, good_until }
    }

    /// A server's words without the tokens that it may repeat.
    pub(crate) fn redacted(&self, words: &str) -> String {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let secrets = last.iter().chain([&self.token]).map(Secret::expose).filter(|secret| !secret.is_empty());
        secrets.fold(words.to_owned(), |words, secret| words.replace(secret.as_str(), "<token>"))
    }
}

/// How long a token holds from the moment in which it is made, by what it says of itself; no clock needs to be right.
fn life(token: &str) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Claims {
        exp: u64,
        iat: u64,
    }
    let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let Claims { exp, iat } = serde_json::from_slice(&claims).ok()?;
    Some(Duration::from_secs(exp.saturating_sub(iat)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_tells_its_kind_and_how_long_it_holds() {
        let claims = BASE64_URL_SAFE_NO_PAD.encode(r#"{"token_type":"access","exp":1300,"iat":1000}"#);
        let token = format!("e30.{claims}.sig");
        assert_eq!((TokenKind::of(&token), life(&token)), (TokenKind::Personal, Some(Duration::from_secs(300))));
        assert_eq!(TokenKind::of("0123456789abcdef0123456789abcdef01234567"), TokenKind::Legacy);
        assert_eq!(life("e30.e30.sig"), None);
    }
}
