//! The `media:` scheme: how the page gets at the pictures of tasks, and at no other file.
//!
//! An address is `media://localhost/` and one component, encoded as a whole: the task's id, the place in the field, the
//! longer side in pixels, and the field, with slashes between them; before them `here/`, where nobody else is to be asked
//! for it. (Windows knows schemes only as `http://media.localhost/`.)

use crate::state::App;
use std::str::FromStr;
use tauri::http::{Request, Response, StatusCode, header};
use tauri::{AppHandle, Manager, Runtime};
use touchstone_engine::ErrorCode;
use touchstone_engine::domain::TaskId;
use touchstone_engine::media::Media;

pub(crate) const SCHEME: &str = "media";

/// A piece of media as an address names it.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    /// Only if it is on this machine.
    is_here: bool,
    task: TaskId,
    index: u32,
    side: u32,
    variable: String,
}

impl FromStr for Place {
    type Err = ();

    /// From the path of an address.
    fn from_str(path: &str) -> Result<Self, ()> {
        let decoded = percent_encoding::percent_decode_str(path.trim_start_matches('/')).decode_utf8().map_err(drop)?;
        let (is_here, place) = decoded.strip_prefix("here/").map_or((false, &*decoded), |place| (true, place));
        let mut parts = place.splitn(4, '/');
        let mut number = || parts.next().and_then(|part| part.parse::<u32>().ok()).ok_or(());
        let (task, index, side) = (number()?, number()?, number()?);
        let variable = parts.next().filter(|variable| !variable.is_empty()).ok_or(())?.to_owned();
        Ok(Self { is_here, task: TaskId(i64::from(task)), index, side, variable })
    }
}

/// What the page is answered. Errors are texts: the page asks for the reason by a command.
pub(crate) async fn answer<R: Runtime>(app: AppHandle<R>, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
    let Ok(place) = request.uri().path().parse::<Place>() else {
        return refused(StatusCode::BAD_REQUEST, "this is no address of media");
    };
    match media(&app, place).await {
        Ok(Media { bytes, mime }) => reply(StatusCode::OK, mime, bytes),
        Err(error) if error.code == ErrorCode::NotFound => refused(StatusCode::NOT_FOUND, &error.message),
        Err(error) => refused(StatusCode::UNPROCESSABLE_ENTITY, &error.message),
    }
}

async fn media<R: Runtime>(app: &AppHandle<R>, place: Place) -> Result<Media, crate::ipc::IpcError> {
    let state = app.state::<App>();
    let Place { is_here, task, index, side, variable } = place;
    let engine = state.engine().await?;
    Ok(match is_here {
        true => engine.media_here(task, variable, index, Some(side)).await?,
        false => engine.media(task, variable, index, Some(side)).await?,
    })
}

fn refused(status: StatusCode, why: &str) -> Response<Vec<u8>> {
    reply(status, "text/plain; charset=utf-8", why.as_bytes().to_vec())
}

fn reply(status: StatusCode, mime: &str, body: Vec<u8>) -> Response<Vec<u8>> {
    let response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, mime)
        // What a type says is what it is taken for, and a file that changes is read again.
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::CACHE_CONTROL, "no-store")
        .body(body);
    response.unwrap_or_else(|error| {
        tracing::error!(%error, "answering the page");
        Response::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_one_piece_of_one_task() {
        let place = "/12%2F0%2F800%2Fimages%2Ffront%20page".parse();
        let named = |is_here| {
            let variable = "images/front page".to_owned();
            Ok(Place { is_here, task: TaskId(12), index: 0, side: 800, variable })
        };
        assert_eq!(place, named(false));
        assert_eq!("/here%2F12%2F0%2F800%2Fimages%2Ffront%20page".parse(), named(true));
        for path in ["", "/", "/12", "/12%2F0%2F800%2F", "/-1%2F0%2F8%2Fa", "/1%2Fx%2F8%2Fa", "/here%2F12", "/%FF"] {
            assert_eq!(path.parse::<Place>(), Err(()), "{path}");
        }
    }
}
