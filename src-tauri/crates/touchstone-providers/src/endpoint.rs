//! The address of a server, as a user types or pastes it.

/// Reads the base URL of an OpenAI-compatible server, such as `http://localhost:11434/v1`, and gives it back without
/// what pasting often brings along: blanks, slashes at the end, the path of the chat call. In words why it cannot be
/// used, otherwise.
pub fn parse_endpoint(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("enter the server's address, for example http://localhost:11434/v1".to_owned());
    }
    let Some(address) = touchstone_net::parse_address(text) else {
        // What stands before an @ may be a password; it is not shown back.
        let is_other = text.contains("://") || text.contains('@') || is_of_other_scheme(text);
        return Err(if is_other {
            "the address must start with http:// or https:// and name a host".to_owned()
        } else {
            format!("start the address with http:// or https://, for example http://{text}")
        });
    };
    if address.has_credentials {
        return Err("take the user name and password out of the address; keys have fields of their own".to_owned());
    }
    if address.has_query {
        return Err("take everything after ? or # out of the address".to_owned());
    }
    let url = address.url.strip_suffix("/chat/completions").unwrap_or(&address.url);
    Ok(url.trim_end_matches('/').to_owned())
}

/// Whether it is like `mailto:me`: with a colon that no port follows, or what no address begins with.
fn is_of_other_scheme(text: &str) -> bool {
    let is_host_and_port = |(_, rest): (&str, &str)| rest.starts_with(|char: char| char.is_ascii_digit());
    let has_scheme = !text.starts_with('[') && text.split_once(':').is_some_and(|parts| !is_host_and_port(parts));
    has_scheme || touchstone_net::parse_address(&format!("http://{text}")).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: Result<&str, &str>) {
        let got = parse_endpoint(text);
        assert_eq!(got.as_deref().map_err(String::as_str), want, "{text:?}");
    }

    #[test]
    fn pasted_addresses_are_cleaned() {
        check(" http://localhost:11434/v1/ ", Ok("http://localhost:11434/v1"));
        check("https://example.org/v1/chat/completions", Ok("https://example.org/v1"));
        check("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080"));
    }

    #[test]
    fn what_cannot_be_used_is_said_in_words() {
        check("", Err("enter the server's address, for example http://localhost:11434/v1"));
        check("localhost", Err("start the address with http:// or https://, for example http://localhost"));
        check("[::1]:8080", Err("start the address with http:// or https://, for example http://[::1]:8080"));
        check("gpu.lan:8080/v1", Err("start the address with http:// or https://, for example http://gpu.lan:8080/v1"));
        for other in ["javascript:alert(1)", "file:/etc/hosts", "mailto:me", "my server", "<host>"] {
            check(other, Err("the address must start with http:// or https:// and name a host"));
        }
        check("ftp://a", Err("the address must start with http:// or https:// and name a host"));
        check("me:secret@host", Err("the address must start with http:// or https:// and name a host"));
        check(
            "https://me:secret@example.org/v1",
            Err("take the user name and password out of the address; keys have fields of their own"),
        );
        check("https://example.org/v1?key=1", Err("take everything after ? or # out of the address"));
    }
}
