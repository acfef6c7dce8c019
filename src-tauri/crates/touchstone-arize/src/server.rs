//! The server: on loopback only, for callers that know the token.

use crate::guard::{check_host, check_size, check_token};
use crate::listener::Loopback;
use crate::problem::Problem;
use crate::prompts::{Page, PromptFilter, Prompts, Refusal, Which};
use crate::spelling::{Caller, Spelling, TOUCHSTONE};
use crate::{cursor, wire};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, Response, StatusCode, header};
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Value, json};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use touchstone_domain::json::{Json, Object};
use touchstone_domain::secret::Secret;
use touchstone_domain::{PromptId, SpaceId, VersionId};

/// A body may have so many bytes. A message of a million characters takes two million with all of them escaped.
const BODY_BYTES_MAX: usize = 32 << 20;

/// So much of a longer one is read before the connection is given up.
const BODY_BYTES_READ_MAX: usize = 256 << 20;

/// Rows of a page, and the most that may be asked for.
const LIMIT_DEFAULT: u32 = 50;
const LIMIT_MAX: u32 = 100;

/// How long calls that are being answered may take once the server is to end.
const STOP_WAIT: Duration = Duration::from_secs(3);

/// Longest text that names are looked through for, in characters.
const FILTER_CHARS_MAX: usize = 255;

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("port {0} is in use by another program; choose another")]
    PortTaken(u16),
    #[error("port {port} cannot be listened on: {error}")]
    Listen { port: u16, error: io::Error },
}

/// A server at work. It ends when this is dropped.
pub struct Served {
    port: u16,
    end: CancellationToken,
    listeners: JoinSet<()>,
}

impl Served {
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where clients find it.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends it once the calls that are being answered are, or they take too long.
    pub async fn stop(mut self) {
        self.end.cancel();
        let ended = async { while self.listeners.join_next().await.is_some() {} };
        // Who sends slowly must not keep the program from closing. The port is free from the first moment on.
        if tokio::time::timeout(STOP_WAIT, ended).await.is_err() {
            tracing::debug!("a call of the local API was cut short");
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

/// Serves `prompts` on 127.0.0.1 and, where this machine has it, ::1, under the same port; 0 takes a free one.
/// `unnamed` is what callers read that do not say who they are.
pub async fn serve(
    prompts: Arc<dyn Prompts>,
    port: u16,
    token: Secret,
    unnamed: Spelling,
) -> Result<Served, ServeError> {
    let listen = async |address: SocketAddr| {
        TcpListener::bind(address).await.map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => ServeError::PortTaken(address.port()),
            _ => ServeError::Listen { port: address.port(), error },
        })
    };
    let first = listen((Ipv4Addr::LOCALHOST, port).into()).await?;
    let port = first.local_addr().map_err(|error| ServeError::Listen { port, error })?.port();
    let mut listeners = vec![first];
    match listen((Ipv6Addr::LOCALHOST, port).into()).await {
        Ok(second) => listeners.push(second),
        Err(ServeError::PortTaken(port)) => return Err(ServeError::PortTaken(port)),
        Err(error) => tracing::debug!(%error, "no IPv6 on loopback"),
    }
    let api = Arc::new(Api { prompts, token, unnamed });
    let router = Router::new().fallback(answer).with_state(api);
    let end = CancellationToken::new();
    let mut tasks = JoinSet::new();
    for listener in listeners {
        let (router, end) = (router.clone(), end.clone());
        tasks.spawn(async move {
            let served = axum::serve(Loopback(listener), router).with_graceful_shutdown(end.cancelled_owned()).await;
            if let Err(error) = served {
                tracing::error!(%error, "the local API ended");
            }
        });
    }
    Ok(Served { port, end, listeners: tasks })
}

struct Api {
    prompts: Arc<dyn Prompts>,
    token: Secret,
    unnamed: Spelling,
}

/// One call, as it was sent.
struct Call {
    caller: Caller,
    /// Parameters in the order in which they were given.
    query: Vec<(String, String)>,
    body: Vec<u8>,
}

type Answered = Result<Response<Body>, Problem>;

async fn answer(State(api): State<Arc<Api>>, request: Request) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let is_touchstone = Caller::of(request.headers(), api.unnamed).is_touchstone();
    let mut response = match dispatch(&api, request).await {
        Ok(response) => response,
        Err(problem) => problem.response(&path),
    };
    if is_touchstone {
        // So that it sends versions exactly from the first one on.
        response.headers_mut().insert(header::SERVER, HeaderValue::from_static(TOUCHSTONE));
    }
    response
}

async fn dispatch(api: &Api, request: Request) -> Answered {
    let (parts, body) = request.into_parts();
    let allowed = check_size(&parts.headers, &parts.uri)
        .and_then(|()| check_host(&parts.headers, &parts.uri))
        .and_then(|()| check_token(&parts.headers, &api.token));
    // Read in any case: who is refused while still sending does not come to read why.
    let body = read(body).await;
    allowed?;
    // Ids are percent-encoded with whatever is in them, so a path is split first and decoded then.
    let path = parts.uri.path();
    let segments: Option<Vec<String>> = path
        .strip_prefix('/')
        .unwrap_or(path)
        .split('/')
        .map(|segment| percent_decode_str(segment).decode_utf8().ok().map(String::from))
        .collect();
    let segments = segments.ok_or_else(|| Problem::unreadable("The path is not UTF-8."))?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let route = Route::of(&segments).ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, "There is no such call. See the API's eleven prompt calls.")
    })?;
    if !route.methods().contains(&parts.method) {
        return Ok(not_allowed(&route, path));
    }
    let query = parts.uri.query().unwrap_or_default();
    percent_decode_str(query).decode_utf8().map_err(|_| Problem::unreadable("The query is not UTF-8."))?;
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let call = Call { caller: Caller::of(&parts.headers, api.unnamed), query, body: body? };
    api.answer(&parts.method, route, call).await
}

/// The whole body. One that is too long is read to its end all the same, so that its sender comes to read the refusal,
/// but not for ever.
async fn read(body: Body) -> Result<Vec<u8>, Problem> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut length = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Problem::unreadable("The body broke off."))?;
        length += chunk.len();
        if length <= BODY_BYTES_MAX {
            bytes.extend_from_slice(&chunk);
        } else if length > BODY_BYTES_READ_MAX {
            break;
        } else {
            bytes = Vec::new();
        }
    }
    if length > BODY_BYTES_MAX {
        let detail = format!("A body has at most {} MB.", BODY_BYTES_MAX >> 20);
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    Ok(bytes)
}

enum Route<'a> {
    Spaces,
    Prompts,
    Prompt(&'a str),
    Versions(&'a str),
    PromptLabel(&'a str, &'a str),
    Version(&'a str),
    VersionLabels(&'a str),
    VersionLabel(&'a str, &'a str),
}

impl<'a> Route<'a> {
    fn of(path: &[&'a str]) -> Option<Self> {
        Some(match *path {
            ["v2", "spaces"] => Self::Spaces,
            ["v2", "prompts"] => Self::Prompts,
            ["v2", "prompts", prompt] => Self::Prompt(prompt),
            ["v2", "prompts", prompt, "versions"] => Self::Versions(prompt),
            ["v2", "prompts", prompt, "labels", label] => Self::PromptLabel(prompt, label),
            ["v2", "prompt-versions", version] => Self::Version(version),
            ["v2", "prompt-versions", version, "labels"] => Self::VersionLabels(version),
            ["v2", "prompt-versions", version, "labels", label] => Self::VersionLabel(version, label),
            _ => return None,
        })
    }

    fn methods(&self) -> &'static [Method] {
        // HEAD is a GET whose reply is sent without its body, by the HTTP library.
        match self {
            Self::Spaces | Self::PromptLabel(..) | Self::Version(_) => &[Method::GET, Method::HEAD],
            Self::Prompts | Self::Versions(_) => &[Method::GET, Method::HEAD, Method::POST],
            Self::Prompt(_) => &[Method::GET, Method::HEAD, Method::PATCH, Method::DELETE],
            Self::VersionLabels(_) => &[Method::PUT],
            Self::VersionLabel(..) => &[Method::DELETE],
        }
    }
}

fn not_allowed(route: &Route<'_>, path: &str) -> Response<Body> {
    let allowed: Vec<_> = route.methods().iter().map(Method::as_str).collect();
    let allowed = allowed.join(", ");
    let detail = format!("This path takes {allowed}.");
    let mut response = Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail).response(path);
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

impl Api {
    async fn answer(&self, method: &Method, route: Route<'_>, call: Call) -> Answered {
        let is = |wanted: Method| *method == wanted;
        match route {
            Route::Spaces => self.spaces(&call).await,
            Route::Prompts if is(Method::POST) => self.create(&call).await,
            Route::Prompts => self.list(&call).await,
            Route::Prompt(id) => {
                let id = PromptId(wire::checked_id(id, "prompt")?);
                if is(Method::PATCH) {
                    let description = wire::description(&call.body)?;
                    let prompt = self.prompts.describe(id, description).await?;
                    let user = self.prompts.user_id().await?;
                    return Ok(reply(StatusCode::OK, &wire::prompt(&prompt, &user)));
                }
                if is(Method::DELETE) {
                    self.prompts.delete(id).await?;
                    return Ok(empty());
                }
                self.get(id, &call).await
            }
            Route::Versions(id) => {
                let id = PromptId(wire::checked_id(id, "prompt")?);
                if is(Method::POST) { self.create_version(id, call).await } else { self.versions(id, &call).await }
            }
            Route::PromptLabel(id, label) => {
                let id = PromptId(wire::checked_id(id, "prompt")?);
                let (_, version) = self.prompts.get(id, Which::Label(label.to_owned())).await?;
                self.version(StatusCode::OK, &version, call.caller).await
            }
            Route::Version(id) => {
                let version = self.prompts.version(VersionId(wire::checked_id(id, "version")?)).await?;
                self.version(StatusCode::OK, &version, call.caller).await
            }
            Route::VersionLabels(id) => {
                let id = VersionId(wire::checked_id(id, "version")?);
                let version = self.prompts.set_labels(id, wire::labels(&call.body, call.caller)?).await?;
                if call.caller.reads_labelled_version() {
                    return self.version(StatusCode::OK, &version, call.caller).await;
                }
                Ok(reply(StatusCode::OK, &json!({ "labels": version.labels })))
            }
            Route::VersionLabel(id, label) => {
                let id = VersionId(wire::checked_id(id, "version")?);
                self.prompts.delete_label(id, label.to_owned()).await?;
                Ok(empty())
            }
        }
    }

    async fn spaces(&self, call: &Call) -> Answered {
        let name = call.filter("name")?;
        let list = cursor::list("spaces", &json!([name]));
        let (place, limit) = (call.place(&list)?, call.limit()?);
        let page = match call.parameter("org_id")? {
            None => self.prompts.spaces(name, place, limit).await?,
            // There are no organizations here.
            Some(id) => {
                wire::checked_id(id, "organization")?;
                call.unknown_scope("organization")?;
                Page { items: Vec::new(), next: None }
            }
        };
        let pagination = pagination(&list, &page);
        let spaces: Vec<_> = page.items.iter().map(|space| wire::space(space, call.caller)).collect();
        Ok(reply(StatusCode::OK, &json!({ "spaces": spaces, "pagination": pagination })))
    }

    async fn list(&self, call: &Call) -> Answered {
        let space_id = match call.parameter("space_id")? {
            Some(id) => Some(SpaceId(wire::checked_id(id, "space")?)),
            None => None,
        };
        if let Some(id) = &space_id
            && !self.prompts.has_space(id.clone()).await?
        {
            call.unknown_scope("space")?;
        }
        let filter = PromptFilter { space_id, space_name: call.filter("space_name")?, name: call.filter("name")? };
        let list = cursor::list("prompts", &json!([filter.space_id, filter.space_name, filter.name]));
        let page = self.prompts.list(filter, call.place(&list)?, call.limit()?).await?;
        let user = self.prompts.user_id().await?;
        let pagination = pagination(&list, &page);
        let prompts: Vec<_> = page.items.iter().map(|prompt| wire::prompt(prompt, &user)).collect();
        Ok(reply(StatusCode::OK, &List { name: "prompts", items: prompts, pagination }.object()))
    }

    async fn create(&self, call: &Call) -> Answered {
        let new = wire::new_prompt(&call.body, call.caller)?;
        let (prompt, version) = match self.prompts.create(new).await {
            // What a body names is not what the path asks for: the documentation has no 404 for this call.
            Err(Refusal::NotFound(what)) => {
                return Err(Problem::invalid(format!("{what}_id is not that of a {what}.")));
            }
            made => made?,
        };
        let user = self.prompts.user_id().await?;
        let wire = wire::prompt_with_version(&prompt, &version, &user, call.creating_caller());
        Ok(reply(StatusCode::CREATED, &wire))
    }

    async fn get(&self, id: PromptId, call: &Call) -> Answered {
        let which = match (call.parameter("version_id")?, call.parameter("label")?) {
            (Some(_), Some(_)) => return Err(Problem::unreadable("Give version_id or label, not both.")),
            (Some(version), None) => Which::Version(VersionId(wire::checked_id(version, "version")?)),
            (None, Some(label)) => Which::Label(label.to_owned()),
            (None, None) => Which::Latest,
        };
        let (prompt, version) = self.prompts.get(id, which).await?;
        let user = self.prompts.user_id().await?;
        Ok(reply(StatusCode::OK, &wire::prompt_with_version(&prompt, &version, &user, call.caller)))
    }

    async fn versions(&self, id: PromptId, call: &Call) -> Answered {
        let list = cursor::list("versions", &json!([id]));
        let page = self.prompts.versions(id, call.place(&list)?, call.limit()?).await?;
        let user = self.prompts.user_id().await?;
        let pagination = pagination(&list, &page);
        let versions: Vec<_> = page.items.iter().map(|version| wire::version(version, &user, call.caller)).collect();
        Ok(reply(StatusCode::OK, &List { name: "prompt_versions", items: versions, pagination }.object()))
    }

    async fn create_version(&self, id: PromptId, call: Call) -> Answered {
        let version = self.prompts.create_version(id, wire::new_version(&call.body, call.caller)?).await?;
        self.version(StatusCode::CREATED, &version, call.creating_caller()).await
    }

    async fn version(&self, status: StatusCode, version: &crate::prompts::VersionRecord, caller: Caller) -> Answered {
        let user = self.prompts.user_id().await?;
        Ok(reply(status, &wire::version(version, &user, caller)))
    }
}

impl Call {
    fn parameter(&self, name: &str) -> Result<Option<&str>, Problem> {
        let mut given = self.query.iter().filter(|(known, _)| known == name);
        match (given.next(), given.next()) {
            (Some(_), Some(_)) => Err(Problem::unreadable(format!("{name} is given twice."))),
            (found, _) => Ok(found.map(|(_, value)| value.as_str())),
        }
    }

    fn limit(&self) -> Result<u32, Problem> {
        match self.parameter("limit")?.map(str::parse) {
            None => Ok(LIMIT_DEFAULT),
            Some(Ok(limit @ 1..=LIMIT_MAX)) => Ok(limit),
            Some(_) => Err(Problem::unreadable(format!("limit is not a whole number from 1 to {LIMIT_MAX}."))),
        }
    }

    fn place(&self, list: &str) -> Result<Option<Value>, Problem> {
        let Some(text) = self.parameter("cursor")? else { return Ok(None) };
        let place = cursor::read(list, text);
        place.map(Some).ok_or_else(|| Problem::unreadable("cursor is not one that this list gave."))
    }

    fn filter(&self, name: &str) -> Result<Option<String>, Problem> {
        match self.parameter(name)? {
            Some(text) if text.chars().count() > FILTER_CHARS_MAX => {
                Err(Problem::unreadable(format!("{name} has more than {FILTER_CHARS_MAX} characters.")))
            }
            found => Ok(found.filter(|text| !text.is_empty()).map(str::to_owned)),
        }
    }

    /// A scope of a list that does not exist is an error since the current spelling, and empty before.
    fn unknown_scope(&self, what: &str) -> Result<(), Problem> {
        match self.caller.spelling {
            Spelling::Current => Err(Problem::new(StatusCode::NOT_FOUND, format!("There is no such {what}."))),
            Spelling::First | Spelling::Second => Ok(()),
        }
    }

    /// Who does not say who it is reads the spelling that it writes.
    fn creating_caller(&self) -> Caller {
        // Only of them: it reads the body once more.
        if self.caller.is_named() {
            return self.caller;
        }
        match wire::spelling_of(&self.body, self.caller.spelling) {
            Some(spelling) => self.caller.reading(spelling),
            None => self.caller,
        }
    }
}

struct List {
    name: &'static str,
    items: Vec<Object>,
    pagination: Value,
}

impl List {
    fn object(self) -> Object {
        let items = self.items.into_iter().map(Json::Object).collect();
        Object(vec![
            (self.name.to_owned(), Json::Array(items)),
            ("pagination".to_owned(), Json::from(&self.pagination)),
        ])
    }
}

/// `next_cursor` is there only where there is a next page: clients go on as long as they see one.
fn pagination<T>(list: &str, page: &Page<T>) -> Value {
    match &page.next {
        Some(place) => json!({ "has_more": true, "next_cursor": cursor::write(list, place) }),
        None => json!({ "has_more": false }),
    }
}

fn reply(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    let json = serde_json::to_vec(body).expect("replies are maps with text keys, lists and scalars");
    let mut response = Response::new(Body::from(json));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn empty() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
