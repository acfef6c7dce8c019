//! The address of a server, as a user types it or copies it from a browser.

/// Where the addresses of Label Studio's own pages and of its API begin.
const PAGES: [&str; 10] =
    ["api", "dashboard", "data", "home", "models", "organization", "people", "projects", "user", "workspaces"];

/// Reads the address of a server as a user types it, such as `label.example.org`, or copies it, such as
/// `http://localhost:8080/projects/3/data?tab=2`: its base URL without a slash at the end, or in words why it cannot be used.
/// Without a scheme it is https, and on this machine http.
pub fn parse_address(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("enter the server's address, for example https://label.example.org".to_owned());
    }
    let typed = text.split(['?', '#']).next().unwrap_or_default();
    let read = |scheme: &str| touchstone_net::parse_address(&format!("{scheme}{typed}"));
    let address = if typed.contains("://") {
        read("")
    } else {
        read("http://").filter(|address| address.is_loopback).or_else(|| read("https://"))
    };
    let Some(address) = address else {
        return Err("the address must start with http:// or https:// and name a host".to_owned());
    };
    if address.has_credentials {
        return Err("take the user name and password out of the address; the token has a field of its own".to_owned());
    }
    let after_host = address.url.find("://").map_or(0, |at| at + "://".len());
    let mut base = address.url.as_str();
    for (at, _) in address.url[after_host..].match_indices('/') {
        let at = after_host + at;
        let step = address.url[at + 1..].split('/').next().unwrap_or_default();
        if PAGES.contains(&step) {
            base = &address.url[..at];
            break;
        }
    }
    Ok(base.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, address: &str) {
        assert_eq!(parse_address(typed).as_deref(), Ok(address), "{typed}");
    }

    #[test]
    fn addresses_are_taken_as_they_are_typed_and_copied() {
        check(" label.example.org ", "https://label.example.org");
        check("localhost:8080", "http://localhost:8080");
        check("http://192.168.0.7:8080/", "http://192.168.0.7:8080");
        check("https://app.example.org/projects/3/data?tab=2&task=1", "https://app.example.org");
        check("https://example.org/label-studio/user/login/", "https://example.org/label-studio");
        check("https://example.org/label-studio", "https://example.org/label-studio");
        check("http://127.0.0.1:8080/api", "http://127.0.0.1:8080");
    }

    #[test]
    fn what_cannot_be_used_is_said_without_a_password() {
        for typed in ["", "ftp://a", "https://me:planted@a.org", "me:planted@a.org", "two words"] {
            let refused = parse_address(typed).expect_err(typed);
            assert!(!refused.contains("planted"), "{refused}");
        }
    }
}
