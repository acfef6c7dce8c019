//! How large a request and a reply are with their headers, as HTTP/1.1 writes them. A later version packs them: the list of
//! hosts says about how much left this machine, not what a cable carried.

use crate::Request;
use reqwest::header::HeaderMap;

/// What stands in every request beside its own headers: the version, `host`, `accept`, `user-agent`, `content-length`.
const REQUEST_REST: usize = " HTTP/1.1\r\nhost: \r\naccept: */*\r\nuser-agent: Touchstone/0.0.0\r\n\r\n".len();

/// A status line, and the empty line that ends the headers.
const REPLY_REST: usize = "HTTP/1.1 200 OK\r\n\r\n".len();

/// Of a request that is sent, with its body.
pub(crate) fn of_request(request: &Request) -> usize {
    let Request { method, target, headers, body, .. } = request;
    let url = &target.url;
    let host = url.host_str().map_or(0, str::len);
    let path = url.path().len() + url.query().map_or(0, |query| query.len() + 1);
    let body = body.as_ref().map_or(0, String::len);
    method.as_str().len() + 1 + path + host + of_headers(headers) + REQUEST_REST + body
}

/// Of a reply before its body.
pub(crate) fn of_reply_head(reply: &reqwest::Response) -> usize {
    REPLY_REST + of_headers(reply.headers())
}

fn of_headers(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum()
}
