//! Files of a server: what was uploaded to it, what it has in storages, and what it signs addresses of.

use crate::line::{CALL_TIMEOUT, host_of, is_of};
use crate::{Asked, Client, Error};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE;
use touchstone_net::{Call, Method, NetError, Purpose, Reply};
use url::Url;

/// Storages whose files the server reads for those who may see the project.
const STORAGES: [&str; 3] = ["s3://", "gs://", "azure-blob://"];

/// Where the paths of its files begin.
const FOLDERS: [&str; 3] = ["/data/upload/", "/data/local-files/", "/storage-data/uploaded/"];

/// Addresses that a file may lead on to on the server itself, one after the other.
const REDIRECTS_MAX: usize = 5;

impl Client {
    /// The whole address of a file of this server that a task of `project` names: by a path, as uploads have it, or in one of
    /// the project's cloud storages. `None` for whatever else.
    pub fn file_url(&self, project: i64, value: &str) -> Option<String> {
        let (address, value) = (&self.line.address, value.trim());
        if STORAGES.iter().any(|storage| value.starts_with(storage)) {
            let name = BASE64_URL_SAFE.encode(value);
            return Some(format!("{address}/projects/{project}/resolve/?fileuri={name}"));
        }
        let base = Url::parse(address).ok()?;
        let prefix = base.path().trim_end_matches('/').to_owned();
        let url = base.join(value).ok()?;
        if !is_of(address, url.as_str()) || !(value.starts_with('/') || value.contains("://")) {
            return None;
        }
        // By its path as it is asked for, in which `..` leads nowhere any more.
        let path = url.path().strip_prefix(&prefix).filter(|path| path.starts_with('/')).unwrap_or(url.path());
        let is_file = FOLDERS.iter().any(|folder| path.starts_with(folder)) || is_resolved(path);
        let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
        is_file.then(|| format!("{address}{path}{query}"))
    }

    /// A file at an address that [`Client::file_url`] gave, of at most `bytes_max` bytes. Where the server leads on to another
    /// one, as it does to files in the cloud, that one is asked without the token.
    pub async fn file(&self, url: &str, bytes_max: usize) -> Asked<Vec<u8>> {
        let line = &self.line;
        let net = line.net.for_purpose(Purpose::Media);
        let mut url = Url::parse(url).map_err(|_| line.unreachable(NetError::InvalidUrl))?;
        let mut rejected = None;
        for _ in 0..=REDIRECTS_MAX {
            if !is_of(&line.address, url.as_str()) {
                let host = host_of(url.as_str());
                let reply = net.get_file(url.as_str(), bytes_max, CALL_TIMEOUT).await;
                return match reply.map_err(|error| Error::Unreachable { host: host.clone(), error })? {
                    reply if matches!(reply.status, 200..300) => Ok(reply.body),
                    Reply { status: 404, .. } => Err(Error::NotFound { host, what: "file" }),
                    Reply { status, .. } => Err(Error::Refused { host, status, words: String::new() }),
                };
            }
            let credential = line.credential(rejected.as_ref()).await?;
            let call =
                Call { method: Method::Get, headers: &[], credentials: std::slice::from_ref(&credential), json: None };
            let reply = net.call_for(url.as_str(), call, bytes_max, CALL_TIMEOUT).await;
            let reply = reply.map_err(|error| line.unreachable(error))?;
            if line.is_ended(&reply) && rejected.is_none() {
                rejected = Some(credential);
                continue;
            }
            let next = match reply.status {
                301 | 302 | 303 | 307 | 308 => reply.header("location").and_then(|next| url.join(next).ok()),
                _ => None,
            };
            match next {
                // What it does not find, it says without a body here.
                None if reply.status == 404 => return Err(Error::NotFound { host: line.host.clone(), what: "file" }),
                None => return line.checked(&reply, url.path(), "file").map(|()| reply.body),
                Some(next) if url.scheme() == "https" && next.scheme() != "https" => break,
                Some(next) => url = next,
            }
        }
        Err(line.unreachable(NetError::Redirected))
    }
}

/// A path like `/tasks/7/resolve/`, at which the server looks for a file of a storage.
fn is_resolved(path: &str) -> bool {
    let mut steps = path.split('/').skip(1);
    let mut step = || steps.next().unwrap_or_default();
    let (owner, id, verb) = (step(), step(), step());
    matches!(owner, "tasks" | "projects")
        && !id.is_empty()
        && id.bytes().all(|digit| digit.is_ascii_digit())
        && matches!(verb, "resolve" | "presign" | "file-proxy")
}

#[cfg(test)]
mod tests {
    use crate::testing::client_of;

    #[test]
    fn files_of_the_server_have_a_whole_address_and_others_none() {
        #[track_caller]
        fn check(address: &str, value: &str, want: Option<&str>) {
            assert_eq!(client_of(address).file_url(3, value).as_deref(), want, "{value}");
        }
        let address = "https://label.example.org";
        check(address, "/data/upload/3/ab-c d.png", Some("https://label.example.org/data/upload/3/ab-c%20d.png"));
        check(address, "/data/local-files/?d=a/b.png", Some("https://label.example.org/data/local-files/?d=a/b.png"));
        check(
            address,
            "/tasks/7/resolve/?fileuri=czM6&x=1",
            Some("https://label.example.org/tasks/7/resolve/?fileuri=czM6&x=1"),
        );
        check(
            address,
            "https://label.example.org/data/upload/3/a.png",
            Some("https://label.example.org/data/upload/3/a.png"),
        );
        check(
            address,
            "s3://bucket/a.png",
            Some("https://label.example.org/projects/3/resolve/?fileuri=czM6Ly9idWNrZXQvYS5wbmc="),
        );
        // A server below a path, which its uploads name or do not.
        let below = "https://example.org/label";
        check(below, "/label/data/upload/3/a.png", Some("https://example.org/label/data/upload/3/a.png"));
        check(below, "/data/upload/3/a.png", Some("https://example.org/label/data/upload/3/a.png"));
        for other in [
            "https://elsewhere.example.org/data/upload/3/a.png",
            "//elsewhere.example.org/data/upload/3/a.png",
            "http://label.example.org/data/upload/3/a.png",
            "https://label.example.org:444/data/upload/3/a.png",
            "/data/upload/../../api/current-user/token",
            "/api/projects/3/",
            "/tasks/7/annotations/",
            "data/upload/3/a.png",
            "words",
            "data:image/png;base64,AAAA",
            "",
        ] {
            check(address, other, None);
        }
    }
}
