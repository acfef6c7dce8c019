//! Our own format: everything, byte for byte.

use super::{Found, FoundVersion, History, Read, object, text, texts};
use crate::versions::parsed;
use crate::{Error, Inner, Result};
use touchstone_domain::json::{Json, Object};
use touchstone_domain::prompt::sha256_hex;
use touchstone_store::{LabelMoveRow, VersionRow};

/// What our own files call themselves, and the newest form that is read.
const FORMAT: &str = "touchstone-prompts";
const FORM: &str = "1";

pub(super) fn file(inner: &Inner, all: &[History]) -> Result<Json> {
    let prompts = all.iter().map(|history| prompt(inner, history)).collect::<Result<_>>()?;
    Ok(Json::Object(object([
        ("format", text(FORMAT)),
        ("form", Json::Number(FORM.to_owned())),
        ("prompts", Json::Array(prompts)),
    ])))
}

fn prompt(inner: &Inner, history: &History) -> Result<Json> {
    let version = |version: &VersionRow| {
        let labels = history.labels_of(version);
        Ok(Json::Object(object([
            ("commit_hash", text(&version.commit_hash)),
            ("commit_message", text(&version.commit_message)),
            ("author", text(&version.author)),
            ("created_at", text(&version.created_at)),
            ("labels", Json::Array(labels.iter().map(|label| text(label)).collect())),
            ("content", exact(&version.content)?),
        ])))
    };
    let versions = history.versions.iter().rev().map(version).collect::<Result<_>>()?;
    let draft = inner.store.draft(history.prompt.key)?;
    let based_on = draft.based_on.map_or(Json::Null, |number| Json::Number(number.to_string()));
    Ok(Json::Object(object([
        ("name", text(&history.prompt.name)),
        ("description", text(&history.prompt.description)),
        ("folder", text(&history.prompt.folder)),
        ("versions", Json::Array(versions)),
        ("label_moves", Json::Array(inner.store.label_moves(history.prompt.key)?.iter().rev().map(moved).collect())),
        ("draft", Json::Object(object([("based_on", based_on), ("content", exact(&draft.content)?)]))),
    ])))
}

fn moved(row: &LabelMoveRow) -> Json {
    let number = |number: Option<u32>| number.map_or(Json::Null, |number| Json::Number(number.to_string()));
    Json::Object(object([
        ("name", text(&row.name)),
        ("from", number(row.from)),
        ("to", number(row.to)),
        ("author", text(&row.author)),
        ("moved_at", text(&row.moved_at)),
    ]))
}

/// A move of a label among `versions` versions; `None` where it is none.
fn found_move(json: &Json, versions: usize) -> Option<LabelMoveRow> {
    let object = json.as_object()?;
    let word = |name: &str| object.get(name).and_then(Json::as_str).map(str::to_owned);
    let number = |name: &str| match object.get(name)? {
        Json::Null => Some(None),
        Json::Number(digits) => {
            let number = digits.parse::<u32>().ok()?;
            (1..=versions).contains(&usize::try_from(number).ok()?).then_some(Some(number))
        }
        _ => None,
    };
    let (from, to) = (number("from")?, number("to")?);
    Some(LabelMoveRow { name: word("name")?, from, to, author: word("author")?, moved_at: word("moved_at")? })
}

/// JSON that we wrote; failing means a damaged file.
fn exact(content: &str) -> Result<Json> {
    serde_json::from_str(content)
        .map_err(|error| Error::Internal(anyhow::Error::new(error).context("reading a prompt's content")))
}

/// The prompts of a file of ours; `None` where it is none.
pub(super) fn read(json: &Json) -> Option<Read<Vec<Read<Found>>>> {
    let file = json.as_object()?;
    (file.get("format")?.as_str()? == FORMAT).then(|| prompts(file))
}

fn prompts(file: &Object) -> Read<Vec<Read<Found>>> {
    if file.get("form") != Some(&Json::Number(FORM.to_owned())) {
        return Err("it was written by a newer Touchstone".to_owned());
    }
    let prompts = file.get("prompts").and_then(Json::as_array).ok_or("it has no prompts")?;
    Ok(prompts.iter().map(found).collect())
}

fn found(json: &Json) -> Read<Found> {
    let object = json.as_object().ok_or("a prompt is no object")?;
    let word = |name: &str| object.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let name = word("name");
    if name.trim().is_empty() {
        return Err("a prompt has no name".to_owned());
    }
    let mut versions = Vec::new();
    for (place, version) in object.get("versions").and_then(Json::as_array).unwrap_or_default().iter().enumerate() {
        let at = format!("version {} of “{name}”", place + 1);
        let version = version.as_object().ok_or_else(|| format!("{at} is no object"))?;
        let word = |name: &str| version.get(name).and_then(Json::as_str).map(str::to_owned);
        let content = serde_json::to_string(version.get("content").ok_or_else(|| format!("{at} has no content"))?)
            .map_err(|error| format!("{at}: {error}"))?;
        parsed(&content).map_err(|error| format!("{at}: {error}"))?;
        if word("commit_hash").is_some_and(|hash| hash != sha256_hex(content.as_bytes())) {
            return Err(format!("{at} is not what its hash says; the file was changed"));
        }
        versions.push(FoundVersion {
            content,
            commit_message: word("commit_message"),
            author: word("author"),
            created_at: word("created_at"),
            labels: texts(version.get("labels")),
        });
    }
    let moves = object.get("label_moves").and_then(Json::as_array).unwrap_or_default().iter();
    let moves = moves.map(|json| found_move(json, versions.len())).collect::<Option<Vec<_>>>();
    let moves = moves.ok_or_else(|| format!("“{name}” has a move of a label that cannot be read"))?;
    let draft = match object.get("draft").and_then(Json::as_object) {
        None => None,
        Some(draft) => {
            let content = serde_json::to_string(draft.get("content").unwrap_or(&Json::Null)).unwrap_or_default();
            let content = parsed(&content).map_err(|error| format!("the draft of “{name}”: {error}"))?;
            let based_on = match draft.get("based_on") {
                Some(Json::Number(digits)) => digits.parse().ok(),
                _ => None,
            };
            Some((content, based_on))
        }
    };
    if versions.is_empty() && draft.is_none() {
        return Err(format!("“{name}” has neither a version nor a draft"));
    }
    Ok(Found { name, description: word("description"), folder: word("folder"), versions, moves, draft })
}
