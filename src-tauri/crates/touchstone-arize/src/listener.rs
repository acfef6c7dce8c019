//! Connections on which every refusal is a problem, also that of what is no HTTP.
//!
//! A request whose head cannot be read never comes to the router: hyper answers it with a status and no body (400; 414
//! for a target of 64 kB or more; 431 for more than 100 headers or 400 kB of them), and offers no place to say more. No
//! reply of ours with such a status is without a body, so one that is can only be hyper's, and gets its body here. What
//! stays as it is: who ends a request in the middle of its head, or speaks HTTP/2, gets no reply, since hyper gives none.

use crate::problem::Problem;
use axum::http::StatusCode;
use axum::serve::Listener;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};

/// How long who was refused while still sending may go on, so that it comes to read why: a connection that is closed over
/// unread bytes takes the reply with it.
const LINGER: Duration = Duration::from_secs(1);

/// A listener on loopback.
pub(crate) struct Loopback(pub(crate) TcpListener);

impl Listener for Loopback {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (Connection { stream, refusal: Vec::new(), linger: None }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

pub(crate) struct Connection {
    stream: TcpStream,
    /// What is left to write of a reply in place of hyper's.
    refusal: Vec<u8>,
    /// Set with the first such reply, which is also the last.
    linger: Option<Pin<Box<Sleep>>>,
}

impl Connection {
    fn poll_refusal(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.refusal.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.refusal))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.refusal.drain(..written);
        }
        Poll::Ready(Ok(()))
    }

    /// Reads what still comes until the other side has ended or `linger` is over.
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(linger) = &mut self.linger else { return Poll::Ready(()) };
        let mut bytes = [0; 8192];
        while linger.as_mut().poll(cx).is_pending() {
            let mut rest = ReadBuf::new(&mut bytes);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut rest));
            if read.is_err() || rest.filled().is_empty() {
                break;
            }
        }
        Poll::Ready(())
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

/// Without vectored writes, so that a whole reply comes in one piece.
impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match with_body(buf) {
            Some(refusal) => {
                self.refusal = refusal;
                self.linger = Some(Box::pin(sleep(LINGER)));
                Poll::Ready(Ok(buf.len()))
            }
            None => Pin::new(&mut self.stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_refusal(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_refusal(cx))?;
        ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        self.poll_rest(cx).map(Ok)
    }
}

/// A refusal of hyper's with the body that it lacks; `None` for any other reply.
fn with_body(reply: &[u8]) -> Option<Vec<u8>> {
    const NO_BODY: &str = "content-length: 0\r\n";
    if !reply.starts_with(b"HTTP/1.1 4") || !reply.ends_with(b"\r\n\r\n") {
        return None;
    }
    let head = std::str::from_utf8(reply).ok().filter(|head| head.contains(NO_BODY))?;
    let status = StatusCode::from_bytes(head.as_bytes().get(9..12)?).ok()?;
    let problem = match status {
        StatusCode::URI_TOO_LONG => Problem::long_target(),
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Problem::large_headers(),
        _ => Problem::new(status, "This is not a request of HTTP/1.1."),
    };
    let body = problem.json(None);
    let described = format!("content-type: {}\r\ncontent-length: {}\r\n", Problem::CONTENT_TYPE, body.len());
    Some((head.replacen(NO_BODY, &described, 1) + &body).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_without_a_body_gets_one() {
        let bare = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\ndate: now\r\n\r\n";
        let reply = String::from_utf8(with_body(bare).expect("a refusal")).expect("text");
        let (head, body) = reply.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
        assert!(head.contains("application/problem+json") && head.contains("connection: close"), "{head}");
        assert!(body.contains(r#""status":400"#), "{body}");
        for other in [
            &b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}"[..],
            b"HTTP/1.1 404 Not Found\r\ncontent-length: 20\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\n",
            b"",
        ] {
            assert_eq!(with_body(other), None);
        }
    }
}
