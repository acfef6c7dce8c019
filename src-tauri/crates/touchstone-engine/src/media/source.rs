//! Where a piece of media is: what a task's data says, read as an address, a path or the bytes themselves.

use super::MediaError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use std::path::{Path, PathBuf};
use touchstone_net::parse_address;
use url::Url;

/// Letters of a source that are shown; a `data:` URI may have millions.
const SHOWN_CHARS: usize = 120;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// `http` or `https`.
    Web(String),
    /// An address of the Label Studio server that the project came from.
    Server(String),
    /// An absolute path on this machine.
    File(PathBuf),
    Inline(Vec<u8>),
}

impl Source {
    pub(super) fn parse(text: &str) -> Result<Self, MediaError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(MediaError::Missing);
        }
        if ["/data/local-files/", "/data/upload/", "/tasks/"].iter().any(|start| text.starts_with(start)) {
            return Err(MediaError::ServerFile);
        }
        // Before the schemes, so that `C:\` is none.
        if is_absolute(text) {
            return local(Path::new(text));
        }
        let Some((scheme, rest)) = text.split_once(':') else { return Err(MediaError::Relative) };
        match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" if parse_address(text).is_some() => Ok(Self::Web(text.to_owned())),
            "file" => {
                let path = Url::parse(text).ok().and_then(|url| url.to_file_path().ok());
                path.map_or(Err(MediaError::Elsewhere), |path| local(&path))
            }
            "data" => inline(rest).map(Self::Inline),
            "s3" | "gs" | "azure-blob" | "azure_blob" | "r2" => Err(MediaError::CloudStorage),
            _ => Err(MediaError::Scheme),
        }
    }
}

fn is_absolute(text: &str) -> bool {
    Path::new(text).is_absolute() || text.starts_with("\\\\")
}

/// A share of another machine is asked for with the user's own name and password, by whoever wrote the task.
fn local(path: &Path) -> Result<Source, MediaError> {
    let text = path.to_string_lossy();
    if text.starts_with("\\\\") || text.starts_with("//") {
        return Err(MediaError::Elsewhere);
    }
    Ok(Source::File(path.to_owned()))
}

/// What follows `data:`.
fn inline(rest: &str) -> Result<Vec<u8>, MediaError> {
    let (head, body) = rest.split_once(',').ok_or(MediaError::Damaged)?;
    if head.to_ascii_lowercase().ends_with(";base64") {
        let body: Vec<u8> = percent_decode_str(body).filter(|byte| !byte.is_ascii_whitespace()).collect();
        STANDARD.decode(body).map_err(|_| MediaError::Damaged)
    } else {
        Ok(percent_decode_str(body).collect())
    }
}

/// A source as people may see it: no query, which may carry a signature, and no credentials.
pub(super) fn shown(text: &str) -> String {
    let text = text.trim();
    if text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:")) {
        let kind = text[5..].split([',', ';']).next().unwrap_or_default();
        return format!("data:{}…", kind.chars().take(SHOWN_CHARS).collect::<String>());
    }
    let unsigned = if text.contains("://") { text.split(['?', '#']).next().unwrap_or(text) } else { text };
    let plain = parse_address(text).map_or_else(|| unsigned.to_owned(), |address| address.url);
    match plain.char_indices().nth(SHOWN_CHARS) {
        // The end names the file.
        Some(_) => {
            let from = plain.char_indices().rev().nth(SHOWN_CHARS - 1).map_or(0, |(at, _)| at);
            format!("…{}", &plain[from..])
        }
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_task_says_is_read_as_a_place() {
        let web = "https://host/a.png?sig=1";
        assert_eq!(Source::parse(web), Ok(Source::Web(web.to_owned())));
        assert_eq!(Source::parse("data:image/png;base64,AAEC"), Ok(Source::Inline(vec![0, 1, 2])));
        assert_eq!(Source::parse("data:,a%20b"), Ok(Source::Inline(b"a b".to_vec())));
        for (text, error) in [
            ("", MediaError::Missing),
            ("a.png", MediaError::Relative),
            ("../a.png", MediaError::Relative),
            ("s3://bucket/a.png", MediaError::CloudStorage),
            ("javascript:alert(1)", MediaError::Scheme),
            ("/data/upload/3/a.png", MediaError::ServerFile),
            ("\\\\host\\share\\a.png", MediaError::Elsewhere),
            ("file://host/share/a.png", MediaError::Elsewhere),
            ("data:image/png", MediaError::Damaged),
            ("data:image/png;base64,*", MediaError::Damaged),
            ("http://", MediaError::Scheme),
        ] {
            assert_eq!(Source::parse(text), Err(error), "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn files_are_absolute() {
        assert_eq!(Source::parse("/tmp/a b.png"), Ok(Source::File("/tmp/a b.png".into())));
        assert_eq!(Source::parse("file:///tmp/a%20b.png"), Ok(Source::File("/tmp/a b.png".into())));
        assert_eq!(Source::parse("//host/share"), Err(MediaError::Elsewhere));
    }

    #[test]
    fn what_is_shown_has_no_secret_and_is_short() {
        assert_eq!(shown("https://me:pw@host/a.png?sig=secret#x"), "https://host/a.png");
        assert_eq!(shown("data:image/png;base64,AAAA"), "data:image/png…");
        assert_eq!(shown("s3://bucket/a.png?sig=secret"), "s3://bucket/a.png");
        let long = format!("/tmp/{}/end.png", "é".repeat(500));
        assert!(shown(&long).ends_with("/end.png") && shown(&long).chars().count() <= SHOWN_CHARS + 1);
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_a_task_says_panics(text in "(data:|file:|http://|/|\\\\\\\\)?.{0,80}") {
            let _ = Source::parse(&text);
            let _ = shown(&text);
        }
    }
}
