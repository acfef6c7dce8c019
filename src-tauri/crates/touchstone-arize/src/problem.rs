//! Errors as RFC 9457 problem details.

use crate::prompts::Refusal;
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;

/// Longest explanation of a problem, in characters.
const DETAIL_CHARS_MAX: usize = 500;

/// What went wrong, for the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) detail: String,
}

impl Problem {
    pub(crate) const CONTENT_TYPE: &str = "application/problem+json";

    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let mut detail = detail.into();
        // It may repeat what was sent, which may be long.
        if let Some((cut, _)) = detail.char_indices().nth(DETAIL_CHARS_MAX) {
            detail.truncate(cut);
            detail.push('…');
        }
        Self { status, detail }
    }

    /// What cannot be read: broken JSON, a text where a list belongs, an id of another form.
    pub(crate) fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// What can be read and is not right: a field that is missing or unknown, an empty list, an unknown word.
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    pub(crate) fn long_target() -> Self {
        Self::new(StatusCode::URI_TOO_LONG, "The path and the query are too long.")
    }

    pub(crate) fn large_headers() -> Self {
        Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too large or too many.")
    }

    /// The documented name of the kind of error, and its title.
    fn kind(&self) -> (&'static str, &'static str) {
        match self.status.as_u16() {
            400 => ("invalid-request", "Invalid request"),
            401 => ("authentication-required", "Authentication required"),
            403 => ("access-forbidden", "Access forbidden"),
            404 => ("resource-not-found", "Resource not found"),
            405 => ("method-not-allowed", "Method not allowed"),
            409 => ("resource-conflict", "Resource conflict"),
            413 => ("content-too-large", "Content too large"),
            414 => ("uri-too-long", "URI too long"),
            422 => ("unprocessable-entity", "Unprocessable entity"),
            431 => ("request-header-fields-too-large", "Request header fields too large"),
            503 => ("service-unavailable", "Service unavailable"),
            _ => ("internal-error", "Internal error"),
        }
    }

    /// `path` is that of the call, where it could be read.
    pub(crate) fn json(&self, path: Option<&str>) -> String {
        let (slug, title) = self.kind();
        let mut body = json!({
            "type": format!("https://arize.com/docs/ax/rest-reference/errors#{slug}"),
            "title": title,
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if let Some(path) = path {
            body["instance"] = path.into();
        }
        body.to_string()
    }

    pub(crate) fn response(&self, path: &str) -> Response<Body> {
        let mut response = Response::new(Body::from(self.json(Some(path))));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Self::CONTENT_TYPE));
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match &refusal {
            Refusal::NotFound(_) => StatusCode::NOT_FOUND,
            Refusal::NameTaken(_) | Refusal::InUse(_) => StatusCode::CONFLICT,
            Refusal::BadCursor => StatusCode::BAD_REQUEST,
            Refusal::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, format!("{refusal}."))
    }
}
