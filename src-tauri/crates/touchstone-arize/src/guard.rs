//! Who may call: programs of this machine that know the token.

use crate::problem::Problem;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use subtle::ConstantTimeEq;
use touchstone_domain::secret::Secret;

/// A path and a query may have so many bytes together. The longest that is needed has two filters of 255 characters, each
/// of which is percent-encoded in twelve bytes at most.
const TARGET_BYTES_MAX: usize = 16 << 10;

/// Names and values of all headers may have so many bytes.
const HEADERS_BYTES_MAX: usize = 32 << 10;

/// Limits below those of the HTTP library, so that what is a little too long is read to its end and answered.
pub(crate) fn check_size(headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
    if uri.path_and_query().is_some_and(|target| target.as_str().len() > TARGET_BYTES_MAX) {
        return Err(Problem::long_target());
    }
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > HEADERS_BYTES_MAX { Err(Problem::large_headers()) } else { Ok(()) }
}

/// A page of the web can make a browser send requests here under a name of its own (DNS rebinding); such a name is in
/// the Host header.
pub(crate) fn check_host(headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
    let mut given = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (given.next(), given.next()) else {
        return Err(Problem::unreadable("A request has one Host header."));
    };
    let is_whole = uri.authority().is_none_or(|target| is_loopback(target.as_str()));
    if host.to_str().is_ok_and(is_loopback) && is_whole {
        return Ok(());
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "This server answers under a loopback address only."))
}

/// Whether `host` is a name of this machine, with or without a port.
fn is_loopback(host: &str) -> bool {
    let names = ["127.0.0.1", "[::1]", "localhost"];
    names.iter().any(|name| {
        let Some((start, rest)) = host.split_at_checked(name.len()) else { return false };
        let is_port = |port: &str| !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit());
        start.eq_ignore_ascii_case(name) && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port))
    })
}

pub(crate) fn check_token(headers: &HeaderMap, token: &Secret) -> Result<(), Problem> {
    let given = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes()).unwrap_or_default();
    let (scheme, given) = given.split_at_checked("Bearer ".len()).unwrap_or_default();
    let is_bearer = scheme.eq_ignore_ascii_case(b"Bearer ");
    if is_bearer && bool::from(given.ct_eq(token.expose().as_bytes())) {
        return Ok(());
    }
    let detail = "Send the token of the local API as “Authorization: Bearer …”. Whoever switched the API on has it, from \
                  Touchstone's settings or from `touchstone serve`.";
    Err(Problem::new(StatusCode::UNAUTHORIZED, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let check = |host: &'static str| {
            let headers = HeaderMap::from_iter([(header::HOST, host.parse().expect("a header"))]);
            check_host(&headers, &Uri::from_static("/")).is_ok()
        };
        for host in ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "LOCALHOST", "[::1]", "[::1]:80"] {
            assert!(check(host), "{host}");
        }
        for host in [
            "example.org",
            "127.0.0.1.example.org",
            "localhost.example.org:80",
            "",
            "[::2]",
            "0.0.0.0",
            "[::1].example.org",
            "127.0.0.1:example.org",
        ] {
            assert!(!check(host), "{host}");
        }
        assert!(check_host(&HeaderMap::new(), &Uri::from_static("/")).is_err());
    }

    #[test]
    fn the_token_is_the_whole_token() {
        let token = Secret::new("s3cret".to_owned());
        let check = |value: &'static str| {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().expect("a header"))]);
            check_token(&headers, &token).is_ok()
        };
        assert!(check("Bearer s3cret") && check("bearer s3cret"));
        for value in ["Bearer s3cre", "Bearer s3crets", "Basic s3cret", "s3cret", "Bearer ", ""] {
            assert!(!check(value), "{value}");
        }
    }
}
