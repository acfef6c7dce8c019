//! The order of a project's tasks by one field of their data: made once, then kept in the workspace.

use super::field::field_of;
use crate::Inner;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use touchstone_store::{ProjectRow, ScanColumns, StoreError, TaskRow as StoredTask};

/// Orders in memory, of four bytes a task each.
const ORDERS_MAX: usize = 4;

/// Characters of a text that its place is decided by; after them equal texts keep the project's order. Bounds the
/// memory that sorting long texts takes.
const KEY_CHARACTERS: usize = 64;

/// Projects of fewer tasks are sorted faster than anyone notices.
const PREPARED_TASKS_MIN: u32 = 20_000;

/// Fields whose order is made before anyone asks for it.
const PREPARED_FIELDS_MAX: usize = 6;

#[derive(Clone, Debug, PartialEq, Eq)]
struct OrderKey {
    project_key: i64,
    field: String,
    tasks: u32,
}

/// Orders that were looked at last, last used first.
#[derive(Default)]
pub(super) struct Orders {
    known: Mutex<Vec<(OrderKey, Arc<Vec<u32>>)>>,
    /// Held while one is made, so that two who want it do not both make it.
    making: Mutex<()>,
}

impl Orders {
    /// The positions of the first `tasks` tasks, ascending by `field`. `None` when `is_wanted` turned false meanwhile.
    pub(super) fn by_field(
        &self,
        inner: &Inner,
        project_key: i64,
        field: &str,
        tasks: u32,
        is_wanted: impl Fn() -> bool,
    ) -> Result<Option<Arc<Vec<u32>>>, StoreError> {
        let key = OrderKey { project_key, field: field.to_owned(), tasks };
        if let Some(order) = self.recall(&key) {
            return Ok(Some(order));
        }
        if let Some(order) = inner.store.task_order(project_key, field, tasks)? {
            return Ok(Some(self.remember(key, order)));
        }
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(order) = self.recall(&key) {
            return Ok(Some(order));
        }
        let Some(order) = sorted(inner, project_key, field, tasks, is_wanted)? else { return Ok(None) };
        inner.store.keep_task_order(project_key, field, &order)?;
        Ok(Some(self.remember(key, order)))
    }

    pub(super) fn forget(&self, project_key: i64) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(known, _)| known.project_key != project_key);
    }

    fn recall(&self, key: &OrderKey) -> Option<Arc<Vec<u32>>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let place = known.iter().position(|(known, _)| known == key)?;
        known[..=place].rotate_right(1);
        Some(Arc::clone(&known[0].1))
    }

    fn remember(&self, key: OrderKey, order: Vec<u32>) -> Arc<Vec<u32>> {
        let order = Arc::new(order);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(0, (key, Arc::clone(&order)));
        known.truncate(ORDERS_MAX);
        order
    }
}

/// Makes, in the background, the orders of a large project that are not kept yet, so that a click on a column is
/// answered at once. `first` is the project's first task, whose simple fields are those that columns show.
pub(super) fn prepare(inner: &Arc<Inner>, project: &ProjectRow, first: Option<&StoredTask>) {
    let Some(first) = first.filter(|_| project.tasks >= PREPARED_TASKS_MIN) else { return };
    if !inner.task_views.is_first_look(project.key, project.tasks) {
        return;
    }
    let data = super::stored_data(&first.data);
    let is_simple = |value: &Value| !value.is_array() && !value.is_object();
    let fields: Vec<String> = data
        .into_iter()
        .filter(|(_, value)| is_simple(value))
        .map(|(field, _)| field)
        .take(PREPARED_FIELDS_MAX)
        .collect();
    let (inner, project_key, tasks) = (Arc::clone(inner), project.key, project.tasks);
    let work = move || {
        for field in fields {
            let views = &inner.task_views;
            let gives_way = || {
                views.give_way();
                true
            };
            let made = views.orders().by_field(&inner, project_key, &field, tasks, gives_way);
            if let Err(error) = made {
                tracing::warn!(%error, field, "sorting tasks ahead of time");
                return;
            }
        }
    };
    // A thread, not a task: quitting must not wait for it. What it would have kept is made again when asked for.
    if let Err(error) = std::thread::Builder::new().name("task-orders".to_owned()).spawn(work) {
        tracing::warn!(%error, "sorting tasks ahead of time");
    }
}

/// One task among those being sorted.
struct Entry {
    /// The first eight bytes of the key, which decide most comparisons without a look at the rest.
    prefix: u64,
    /// Where the key is among all keys.
    start: usize,
    bytes: u16,
    position: u32,
}

fn sorted(
    inner: &Inner,
    project_key: i64,
    field: &str,
    tasks: u32,
    is_wanted: impl Fn() -> bool,
) -> Result<Option<Vec<u32>>, StoreError> {
    let mut keys: Vec<u8> = Vec::new();
    let mut entries: Vec<Entry> = Vec::with_capacity(tasks as usize);
    let columns = ScanColumns { data: true, ground_truth: false };
    let mut given_up = false;
    inner.store.scan_tasks(project_key, std::iter::once(0..tasks), &[], columns, |task| {
        let start = keys.len();
        push_key(&mut keys, field_of(task.data, field).as_ref());
        let key = &keys[start..];
        let mut prefix = [0; 8];
        let known = key.len().min(8);
        prefix[..known].copy_from_slice(&key[..known]);
        let bytes = u16::try_from(key.len()).unwrap_or(u16::MAX);
        entries.push(Entry { prefix: u64::from_be_bytes(prefix), start, bytes, position: task.position });
        given_up = task.position % 4_096 == 0 && !is_wanted();
        !given_up
    })?;
    if given_up {
        return Ok(None);
    }
    let key = |entry: &Entry| &keys[entry.start..entry.start + usize::from(entry.bytes)];
    entries.sort_unstable_by(|a, b| {
        a.prefix.cmp(&b.prefix).then_with(|| key(a).cmp(key(b))).then(a.position.cmp(&b.position))
    });
    Ok(Some(entries.into_iter().map(|entry| entry.position).collect()))
}

/// Appends bytes that compare as the values are to be ordered; see [`super::TaskSortKey::Field`].
fn push_key(keys: &mut Vec<u8>, value: Option<&Value>) {
    match value {
        Some(Value::Number(number)) => {
            let bits = number.as_f64().unwrap_or(f64::NAN).to_bits();
            // Flips what makes floats compare unlike their bits: the sign, and for negative ones everything.
            let ordered = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
            keys.push(1);
            keys.extend_from_slice(&ordered.to_be_bytes());
        }
        Some(Value::String(text)) => {
            keys.push(2);
            push_text(keys, text);
        }
        Some(value @ (Value::Bool(_) | Value::Array(_) | Value::Object(_))) => {
            keys.push(3);
            push_text(keys, &value.to_string());
        }
        Some(Value::Null) | None => keys.push(4),
    }
}

/// Lower case, and before each run of digits its length, so that 2 comes before 10.
fn push_text(keys: &mut Vec<u8>, text: &str) {
    let mut rest = text.trim_start();
    if let Some((end, _)) = rest.char_indices().nth(KEY_CHARACTERS) {
        rest = &rest[..end];
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            let number = rest[..digits].trim_start_matches('0');
            // Digits come before letters as ever; a run is at most `KEY_CHARACTERS` long.
            keys.push(b'0');
            keys.push(u8::try_from(number.len()).unwrap_or(u8::MAX));
            keys.extend_from_slice(number.as_bytes());
            rest = &rest[digits..];
        } else {
            let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
            if rest[..letters].is_ascii() {
                keys.extend(rest[..letters].bytes().map(|byte| byte.to_ascii_lowercase()));
            } else {
                keys.extend_from_slice(rest[..letters].to_lowercase().as_bytes());
            }
            rest = &rest[letters..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn key(value: Option<&Value>) -> Vec<u8> {
        let mut key = Vec::new();
        push_key(&mut key, value);
        key
    }

    #[test]
    fn keys_compare_as_people_order_values() {
        let ascending = [
            json!(-1e9),
            json!(-2),
            json!(0),
            json!(1.5),
            json!(10),
            json!(""),
            json!("  10 apples"),
            json!("Apple"),
            json!("apple pie"),
            json!("item 002"),
            json!("Item 10"),
            json!("item 10b"),
            json!("Äpfel"),
            json!(["list"]),
            json!(null),
        ];
        for pair in ascending.windows(2) {
            assert!(key(Some(&pair[0])) < key(Some(&pair[1])), "{} before {}", pair[0], pair[1]);
        }
        assert_eq!(key(Some(&json!("ÄPFEL 02"))), key(Some(&json!("äpfel 2"))), "case and zeros do not count");
        assert_eq!(key(None), key(Some(&Value::Null)));
    }
}
