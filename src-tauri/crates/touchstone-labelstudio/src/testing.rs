//! A server on loopback that replies as a test says.

use crate::Client;
use std::sync::{Arc, LazyLock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use touchstone_domain::secret::Secret;
use touchstone_net::{Network, Purpose};

/// The token that tests plant, in every place that must not show it.
pub(crate) const LEGACY: &str = "0123456789abcdefplanted456789abcdef01234";
pub(crate) const PERSONAL: &str = "eyJhbGciOiJIUzI1NiJ9.planted-refresh.c2ln";

fn net() -> touchstone_net::Client {
    static NETWORK: LazyLock<Network> = LazyLock::new(|| Network::new(Arc::new(())));
    NETWORK.client(Purpose::Link)
}

pub(crate) fn client_of(address: &str) -> Client {
    Client::new(&net(), address, &Secret::new(LEGACY.to_owned()))
}

/// A client of a server that serves the replies in turn, one connection each, and what it receives.
pub(crate) async fn served(token: &str, replies: Vec<String>) -> (Client, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    let served = tokio::spawn(async move {
        let mut received = Vec::new();
        for reply in replies {
            let (mut stream, _) = listener.accept().await.expect("a caller");
            let mut request = Vec::new();
            let mut part = vec![0; 64 << 10];
            loop {
                let length = stream.read(&mut part).await.expect("a request");
                request.extend_from_slice(&part[..length]);
                if length == 0 || is_complete(&request) {
                    break;
                }
            }
            // One who has heard enough hangs up.
            let _ = stream.write_all(reply.as_bytes()).await;
            received.push(String::from_utf8_lossy(&request).into_owned());
        }
        received
    });
    (Client::new(&net(), &address, &Secret::new(token.to_owned())), served)
}

fn is_complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

pub(crate) fn http(status: u16, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} Said\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

pub(crate) fn json(status: u16, body: &str) -> String {
    http(status, "Content-Type: application/json\r\n", body)
}

/// The first line of a request without the version, its head in lower case, and its body.
pub(crate) fn taken_apart(received: &str) -> (&str, String, &str) {
    let (head, body) = received.split_once("\r\n\r\n").expect("a request");
    let line = head.lines().next().expect("a request line").trim_end_matches(" HTTP/1.1");
    (line, head.to_ascii_lowercase(), body)
}
