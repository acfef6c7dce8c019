//! Tasks with their annotations and predictions, page by page, named ones, and which there are.
//!
//! A page is the tasks behind the last one that is known, by id, so that none is missed or read twice while others come and go.

use crate::line::{Question, with_query};
use crate::{Asked, Client, Error};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use touchstone_net::NetError;

/// Tasks of a page, at the most.
const PAGE_ROWS_MAX: u32 = 1_000;

/// Tasks of a page that has their last changes only.
const CHANGES_ROWS: u32 = 5_000;

/// Longest list of ids in one address, in bytes: many servers take no line of a request above 4,094.
const IDS_BYTES_MAX: usize = 3_000;

/// What is left out of a task and its annotations: drafts, which are somebody's own, and what a data manager shows.
const OMITTED: &str = "drafts,annotators,annotations_results,annotations_ids,predictions_results,predictions_score,\
                       predictions_model_versions,avg_lead_time,completed_at,draft_exists,storage_filename,updated_by,\
                       comment_authors,created_username,created_ago";

/// Which tasks of a project are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskQuery {
    /// Those whose id is greater.
    pub after_id: Option<i64>,
    /// Those that were changed then or later, they or their annotations; a time that the server told.
    pub changed_since: Option<String>,
}

/// Tasks in the order of their ids.
#[derive(Clone, Debug)]
pub struct TaskPage {
    /// How many tasks the query has with these. They are the last if they are as many.
    pub total: u32,
    pub tasks: Vec<RemoteTask>,
}

/// A task as the server gave it.
#[derive(Clone, Debug)]
pub struct RemoteTask {
    pub id: i64,
    /// When the task or one of its annotations was changed last, by the server's clock.
    pub updated_at: Option<String>,
    /// An object in the form of an export: `id`, `data`, `meta`, `annotations`, `predictions`, and what else there is.
    pub json: Box<RawValue>,
}

#[derive(Deserialize)]
struct Tasks<'b> {
    total: u32,
    #[serde(borrow)]
    tasks: Vec<&'b RawValue>,
}

#[derive(Deserialize)]
struct Head {
    id: i64,
    updated_at: Option<String>,
}

/// How many tasks a page holds, which becomes less where so many are too large for one reply.
#[derive(Debug)]
pub(crate) struct PageRows(AtomicU32);

impl Default for PageRows {
    fn default() -> Self {
        Self(AtomicU32::new(PAGE_ROWS_MAX))
    }
}

impl Client {
    /// A page of tasks: 1,000, or fewer where these are too large for one reply; see [`TaskPage::total`].
    pub async fn tasks(&self, project: i64, query: &TaskQuery) -> Asked<TaskPage> {
        loop {
            let rows = self.line.page_rows.0.load(Ordering::Relaxed);
            let filters = filters(query.after_id, query.changed_since.as_deref());
            let asked = json!({ "filters": filters, "ordering": ["tasks:id"] });
            let path = tasks_path(project, rows, &asked, &[("fields", "all"), ("omit", OMITTED)]);
            match self.page(&path).await {
                Err(Error::Unreachable { error: NetError::TooLarge(_), .. }) if rows > 1 => {
                    self.line.page_rows.0.store(rows / 2, Ordering::Relaxed);
                }
                outcome => return outcome,
            }
        }
    }

    /// The ids of `limit` tasks whose id is greater than `after_id`, in their order; of fewer only where there are no more. It is
    /// cheap beside whole tasks: thousands fit.
    pub async fn task_ids(&self, project: i64, after_id: Option<i64>, limit: NonZeroU32) -> Asked<Vec<i64>> {
        let limit = limit.get();
        let mut ids: Vec<i64> = Vec::new();
        loop {
            let after_id = ids.last().copied().or(after_id);
            let asked = json!({ "filters": filters(after_id, None), "ordering": ["tasks:id"] });
            let rows = limit - u32::try_from(ids.len()).unwrap_or(limit);
            let page = self.page(&tasks_path(project, rows, &asked, &[("include", "id")])).await?;
            let (count, total) = (page.tasks.len(), page.total as usize);
            ids.extend(page.tasks.iter().map(|task| task.id));
            // A server may take no page so large.
            if count == 0 || count >= total || ids.len() >= limit as usize {
                return Ok(ids);
            }
        }
    }

    /// A page of tasks with nothing of each but its id and its last change, thousands at once.
    pub async fn changes(&self, project: i64, query: &TaskQuery) -> Asked<TaskPage> {
        let filters = filters(query.after_id, query.changed_since.as_deref());
        let asked = json!({ "filters": filters, "ordering": ["tasks:id"] });
        self.page(&tasks_path(project, CHANGES_ROWS, &asked, &[("include", "id,updated_at")])).await
    }

    /// When a task of the project, or one of its annotations, was changed last, by the server's clock; `None` where there is no
    /// task. The server tells of no other change: not of its config, and not of tasks that were deleted.
    pub async fn changed_at(&self, project: i64) -> Asked<Option<String>> {
        let path =
            tasks_path(project, 1, &json!({ "ordering": ["-tasks:updated_at"] }), &[("include", "id,updated_at")]);
        Ok(self.page(&path).await?.tasks.pop().and_then(|task| task.updated_at))
    }

    /// The tasks of `ids` that are there, in the order of their ids; as many at once as an address and a reply can hold.
    pub async fn tasks_by_id(&self, project: i64, ids: &[i64]) -> Asked<Vec<RemoteTask>> {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let mut left = pieces(&ids, IDS_BYTES_MAX);
        left.reverse();
        let mut tasks = Vec::with_capacity(ids.len());
        while let Some(piece) = left.pop() {
            let asked = json!({ "selectedItems": { "all": false, "included": piece }, "ordering": ["tasks:id"] });
            let rows = u32::try_from(piece.len()).expect("a short list");
            match self.page(&tasks_path(project, rows, &asked, &[("fields", "all"), ("omit", OMITTED)])).await {
                Err(Error::Unreachable { error: NetError::TooLarge(_), .. }) if piece.len() > 1 => {
                    let (first, second) = piece.split_at(piece.len() / 2);
                    left.extend([second, first]);
                }
                // A server that takes no page so large gives the rest when it is asked for it.
                Ok(page) if !page.tasks.is_empty() && (page.tasks.len() as u32) < page.total => {
                    let last = page.tasks.last().map_or(i64::MAX, |task| task.id);
                    left.push(&piece[piece.partition_point(|id| *id <= last)..]);
                    tasks.extend(page.tasks);
                }
                outcome => tasks.extend(outcome?.tasks),
            }
        }
        Ok(tasks)
    }

    async fn page(&self, path: &str) -> Asked<TaskPage> {
        let body = self.line.ask(&Question::get(path, "project")).await?;
        let page: Tasks<'_> = self.line.parsed(&body)?;
        let read = |task: &RawValue| {
            let Head { id, updated_at } = self.line.parsed(task.get().as_bytes())?;
            Ok(RemoteTask { id, updated_at, json: task.to_owned() })
        };
        Ok(TaskPage { total: page.total, tasks: page.tasks.into_iter().map(read).collect::<Asked<_>>()? })
    }
}

fn tasks_path(project: i64, rows: u32, asked: &Value, shown: &[(&str, &str)]) -> String {
    let (project, rows, asked) = (project.to_string(), rows.to_string(), asked.to_string());
    // Links into cloud storages stay as they are, as in an export.
    let mut query = vec![("project", &*project), ("page", "1"), ("page_size", &*rows), ("resolve_uri", "false")];
    query.extend_from_slice(shown);
    query.push(("query", &*asked));
    with_query("/api/tasks/", &query)
}

/// Filters in the words of the server's data manager.
fn filters(after_id: Option<i64>, changed_since: Option<&str>) -> Value {
    let after = after_id.map(|id| filter("id", "greater", "Number", id.into()));
    let changed = changed_since.map(|time| filter("updated_at", "greater_or_equal", "Datetime", moment(time).into()));
    json!({ "conjunction": "and", "items": after.into_iter().chain(changed).collect::<Vec<_>>() })
}

fn filter(column: &str, operator: &str, kind: &str, value: Value) -> Value {
    json!({ "filter": format!("filter:tasks:{column}"), "operator": operator, "type": kind, "value": value })
}

/// A time that the server told, in the one form in which it reads one: with a fraction, and with a Z, whatever zone it is told
/// in.
fn moment(time: &str) -> String {
    let clock = time.find('T').map_or(0, |at| at + 1);
    let end = time[clock..].find(['Z', '+', '-']).map_or(time.len(), |at| clock + at);
    let local = &time[..end];
    if local.contains('.') { format!("{local}Z") } else { format!("{local}.000000Z") }
}

/// `ids` cut into pieces that are written in `bytes_max` bytes.
fn pieces(ids: &[i64], bytes_max: usize) -> Vec<&[i64]> {
    let mut pieces = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (index, id) in ids.iter().enumerate() {
        let length = id.to_string().len() + 1;
        if bytes + length > bytes_max && index > start {
            pieces.push(&ids[start..index]);
            (start, bytes) = (index, 0);
        }
        bytes += length;
    }
    if start < ids.len() {
        pieces.push(&ids[start..]);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_sent_in_the_form_that_is_read() {
        for (told, sent) in [
            ("2026-11-29T20:00:00.123456Z", "2026-11-29T20:00:00.123456Z"),
            ("2026-11-29T20:00:00Z", "2026-11-29T20:00:00.000000Z"),
            ("2026-11-29T20:00:00.5+02:00", "2026-11-29T20:00:00.5Z"),
            ("2026-11-29T20:00:00-05:00", "2026-11-29T20:00:00.000000Z"),
        ] {
            assert_eq!(moment(told), sent);
        }
    }

    #[test]
    fn lists_of_ids_are_cut_to_what_an_address_holds() {
        assert_eq!(pieces(&[1, 22, 333, 4], 8), [&[1, 22][..], &[333, 4][..]]);
        assert_eq!(pieces(&[1_000_000_000], 3), [&[1_000_000_000][..]], "one is never cut");
        assert!(pieces(&[], 8).is_empty());
        let ids: Vec<_> = (1_000_000..1_001_000).collect();
        let (project, rows, asked) =
            (1, 1_000, json!({ "selectedItems": { "included": pieces(&ids, IDS_BYTES_MAX)[0] } }));
        assert!(tasks_path(project, rows, &asked, &[("omit", OMITTED)]).len() < 4_000, "an address that servers take");
    }
}
