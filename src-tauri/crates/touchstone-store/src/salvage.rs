//! What can still be read of a damaged workspace, brought into a new one.
//!
//! Each table is read row by row in the order of its key, from both ends; where a page between cannot be read, the reading
//! goes on behind it, at a key that is found by leaps that grow. What is lost of one row or page is that row or page. Rows
//! that name lost ones go too, and counts are made anew of what is left.

use crate::backups::{beside, into_place, look};
use crate::database::{APPLICATION_ID, MIGRATIONS, add_functions, connect, newest_schema, run_migrations};
use crate::error::{Result, StoreError};
use crate::removal;
use rusqlite::types::Value;
use rusqlite::{Connection, Statement, params_from_iter};
use std::fs;
use std::path::Path;

/// What became of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SalvagedTable {
    pub name: String,
    /// Rows of the new workspace.
    pub kept: u64,
    /// Rows that could not be read; `None` where some could not and nothing says how many.
    pub lost: Option<u64>,
    /// Rows that were read, and left out because what they belong to is lost.
    pub orphaned: u64,
}

/// So many leaps in a row that end where nothing can be read; what is behind them is given up.
const LEAPS_MAX: u32 = 1_000;

/// The longest leap within one part of a key, before the next part in front of it is counted up.
const LEAP_MAX: u64 = 1 << 40;

/// The same within a hash, whose twelve digits are as far apart as there are few rows.
const HASH_LEAP_MAX: u64 = 1 << 47;

/// Makes a new workspace at `to` of what can be read of the one at `from`, which stays as it is. Fails where something is at
/// `to`, and where not even the list of tables can be read.
pub fn salvage(from: &Path, to: &Path) -> Result<Vec<SalvagedTable>> {
    if to.exists() {
        let reason = "there is a file already; choose another name".to_owned();
        return Err(StoreError::File { path: to.display().to_string(), reason });
    }
    let source = look(from)?;
    let application: i32 = source.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let schema: i64 = source.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if application != APPLICATION_ID {
        return Err(StoreError::NotAWorkspace(from.display().to_string()));
    }
    if !(1..=newest_schema()).contains(&schema) {
        return Err(StoreError::Newer { found: schema, newest: newest_schema() });
    }
    let part = beside(to, ".part");
    let clear =
        || ["", "-wal", "-shm", "-journal"].iter().for_each(|ending| drop(fs::remove_file(beside(&part, ending))));
    clear();
    let outcome = fill(&source, &part, schema).and_then(|tables| into_place(&part, to).map(|()| tables));
    if outcome.is_err() {
        clear();
    }
    outcome
}

fn fill(source: &Connection, part: &Path, schema: i64) -> Result<Vec<SalvagedTable>> {
    let plan = Connection::open_in_memory()?;
    add_functions(&plan)?;
    for migration in &MIGRATIONS[..usize::try_from(schema).unwrap_or(0)] {
        plan.execute_batch(migration)?;
    }
    let parts = |what: &str| -> Result<Vec<String>> {
        let sql = format!(
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' AND {what} ORDER BY rowid"
        );
        let mut parts = plan.prepare(&sql)?;
        let parts = parts.query_map([], |row| row.get(0))?;
        Ok(parts.collect::<rusqlite::Result<_>>()?)
    };
    let mut target = connect(part)?;
    target.pragma_update(None, "synchronous", "OFF")?;
    target.pragma_update(None, "foreign_keys", false)?;
    let transaction = target.transaction()?;
    // Indexes and triggers come when the rows are there: rows need not come in an order that suits triggers.
    for sql in parts("type = 'table'")? {
        transaction.execute_batch(&sql)?;
    }
    let mut tables = Vec::new();
    for table in tables_of(&plan)? {
        tables.push(table.copy(source, &transaction)?);
    }
    remove_orphans(&transaction, &mut tables)?;
    for sql in parts("type <> 'table'")? {
        transaction.execute_batch(&sql)?;
    }
    run_migrations(&transaction, schema)?;
    if tables.iter().any(|table| table.lost != Some(0) || table.orphaned > 0) {
        transaction.execute_batch(TRUTHS_ANEW)?;
        removal::close_gaps(&transaction, None)?;
    }
    transaction.commit()?;
    target.pragma_update(None, "journal_mode", "DELETE")?;
    Ok(tables)
}

/// What was ground truth without an annotation that says so is none.
const TRUTHS_ANEW: &str = "
    UPDATE task SET has_ground_truth = 0 WHERE has_ground_truth = 1
      AND NOT EXISTS (SELECT 1 FROM annotation WHERE task_id = task.id AND ground_truth = 1);
    UPDATE prediction SET correct = NULL, score = NULL
      WHERE (SELECT has_ground_truth FROM task WHERE id = task_id) = 0;
";

/// A table as its schema has it.
struct Table {
    name: String,
    /// What its rows are ordered by: `rowid`, or the columns of its primary key.
    key: Vec<String>,
    columns: Vec<String>,
}

/// The tables of a workspace, each after those that SQLite lists before it.
fn tables_of(plan: &Connection) -> Result<Vec<Table>> {
    let mut names = plan.prepare(
        "SELECT s.name, l.wr FROM sqlite_schema s JOIN pragma_table_list l ON l.name = s.name AND l.schema = 'main'
         WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite%' ORDER BY s.rowid",
    )?;
    let names = names.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let names: Vec<(String, bool)> = names.collect::<rusqlite::Result<_>>()?;
    let mut columns = plan.prepare("SELECT name, type, pk FROM pragma_table_info(?1) ORDER BY cid")?;
    let mut tables = Vec::new();
    for (name, is_without_rowid) in names {
        let found = columns.query_map([&name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let found: Vec<(String, String, i64)> = found.collect::<rusqlite::Result<_>>()?;
        let mut key: Vec<_> = found.iter().filter(|(_, _, pk)| *pk > 0).collect();
        key.sort_by_key(|(_, _, pk)| *pk);
        let is_rowid = matches!(key[..], [(_, kind, _)] if kind == "INTEGER");
        let mut columns: Vec<_> = found.iter().map(|(name, _, _)| name.clone()).collect();
        let key = if is_without_rowid {
            key.iter().map(|(name, _, _)| name.clone()).collect()
        } else {
            if !is_rowid {
                columns.push("rowid".to_owned());
            }
            vec!["rowid".to_owned()]
        };
        tables.push(Table { name, key, columns });
    }
    Ok(tables)
}

/// How a reading of rows ended.
struct Reading {
    first: Option<Vec<Value>>,
    last: Option<Vec<Value>>,
    is_whole: bool,
}

/// A table on its way.
struct Copying<'c> {
    table: &'c Table,
    source: &'c Connection,
    insert: Statement<'c>,
    kept: u64,
    /// Rows that were read and do not fit into their table: what they hold was damaged.
    unfit: u64,
}

impl Table {
    fn copy(&self, source: &Connection, target: &Connection) -> Result<SalvagedTable> {
        let slots = vec!["?"; self.columns.len()].join(", ");
        let insert = format!("INSERT INTO {} ({}) VALUES ({slots})", self.name, self.columns.join(", "));
        let mut copying = Copying { table: self, source, insert: target.prepare(&insert)?, kept: 0, unfit: 0 };
        let is_whole = copying.all()?;
        let lost = if is_whole {
            Some(copying.unfit)
        } else {
            // An index may know it, where the table does not.
            let counted =
                source.query_row(&format!("SELECT count(*) FROM {}", self.name), [], |row| row.get::<_, i64>(0));
            let counted = counted.ok().and_then(|counted| u64::try_from(counted).ok());
            counted.and_then(|counted| counted.checked_sub(copying.kept)).filter(|lost| *lost > 0)
        };
        Ok(SalvagedTable { name: self.name.clone(), kept: copying.kept, lost, orphaned: 0 })
    }
}

impl Copying<'_> {
    /// Copies what can be read; whether that is all of it.
    fn all(&mut self) -> Result<bool> {
        let start = self.read(None, None, false)?;
        if start.is_whole {
            return Ok(true);
        }
        let end = self.read(start.last.as_deref(), None, true)?;
        if end.is_whole {
            return Ok(false);
        }
        let Some(mut base) = start.last.or_else(|| self.lowest(end.last.as_deref())) else { return Ok(false) };
        let mut done = base.clone();
        let (mut leap, mut in_vain) = (1, 0);
        while in_vain < LEAPS_MAX {
            let Some(at) = leapt(&base, leap) else { break };
            let found = self.read(Some(&at), end.last.as_deref(), false)?;
            if let Some(first) = &found.first {
                self.read(Some(&done), Some(first), true)?;
            }
            if found.is_whole {
                break;
            }
            match found.last {
                Some(last) => (done, base, leap, in_vain) = (last.clone(), last, 1, 0),
                None if leap < longest(&base) => (leap, in_vain) = (leap * 2, in_vain + 1),
                None => match next_group(&base) {
                    Some(next) => (base, leap, in_vain) = (next, 1, in_vain + 1),
                    None => break,
                },
            }
        }
        Ok(false)
    }

    /// A key before all, where keys are as numbers are made: from 1 upwards.
    fn lowest(&self, like: Option<&[Value]>) -> Option<Vec<Value>> {
        match like {
            Some(like) => like.iter().map(least).collect(),
            None if self.table.key == ["rowid"] => Some(vec![Value::Integer(0)]),
            None => None,
        }
    }

    /// Copies the rows after one key and before another, from the last of them backwards if that is wanted, until they end or
    /// one cannot be read.
    fn read(&mut self, after: Option<&[Value]>, before: Option<&[Value]>, backwards: bool) -> Result<Reading> {
        let Table { name, key, columns } = self.table;
        let slots = vec!["?"; key.len()].join(", ");
        let keys = key.join(", ");
        let bounds: Vec<_> = [(after, ">"), (before, "<")]
            .into_iter()
            .filter_map(|(bound, sign)| bound.map(|_| format!("({keys}) {sign} ({slots})")))
            .collect();
        let order = key.iter().map(|key| if backwards { format!("{key} DESC") } else { key.clone() });
        let sql = format!(
            "SELECT {keys}, {} FROM {name} NOT INDEXED{}{} ORDER BY {}",
            columns.join(", "),
            if bounds.is_empty() { "" } else { " WHERE " },
            bounds.join(" AND "),
            order.collect::<Vec<_>>().join(", ")
        );
        let mut reading = Reading { first: None, last: None, is_whole: false };
        // A table that is not in the list of tables any more is lost whole.
        let Ok(mut rows) = self.source.prepare_cached(&sql) else { return Ok(reading) };
        let bounds = after.into_iter().chain(before).flatten();
        let Ok(mut rows) = rows.query(params_from_iter(bounds)) else { return Ok(reading) };
        loop {
            let Ok(row) = rows.next() else { return Ok(reading) };
            let Some(row) = row else { break };
            let values =
                (0..key.len() + columns.len()).map(|at| row.get::<_, Value>(at)).collect::<rusqlite::Result<Vec<_>>>();
            // Such as a text that is none.
            let Ok(mut values) = values else {
                self.unfit += 1;
                continue;
            };
            let content = values.split_off(key.len());
            match self.insert.execute(params_from_iter(content)) {
                Ok(_) => self.kept += 1,
                Err(error) if is_unfit(&error) => self.unfit += 1,
                Err(error) => return Err(error.into()),
            }
            if reading.first.is_none() {
                reading.first = Some(values.clone());
            }
            reading.last = Some(values);
        }
        reading.is_whole = true;
        Ok(reading)
    }
}

/// The row is not what its table takes, or there twice.
fn is_unfit(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::ConstraintViolation | rusqlite::ErrorCode::TypeMismatch)
    )
}

fn least(value: &Value) -> Option<Value> {
    match value {
        Value::Integer(_) => Some(Value::Integer(0)),
        Value::Text(_) => Some(Value::Text(String::new())),
        _ => None,
    }
}

fn longest(key: &[Value]) -> u64 {
    if matches!(key.last(), Some(Value::Text(_))) { HASH_LEAP_MAX } else { LEAP_MAX }
}

/// A key so far after another, by its last part.
fn leapt(key: &[Value], far: u64) -> Option<Vec<Value>> {
    let (last, parts) = key.split_last()?;
    let last = match last {
        // One less: rows after it are wanted, which begin with the next.
        Value::Integer(number) => Value::Integer(number.checked_add(i64::try_from(far - 1).ok()?)?),
        // A hash: as far in its first twelve digits, of 48 bits.
        Value::Text(text) => {
            let digits = text.get(..12).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
            let number = u64::from_str_radix(digits.unwrap_or("0"), 16).ok()?.checked_add(far)?;
            if number >> 48 > 0 {
                return None;
            }
            Value::Text(format!("{number:012x}"))
        }
        _ => return None,
    };
    Some(parts.iter().cloned().chain([last]).collect())
}

/// The key before all with the next number in the part before the last one: of predictions those of the next run.
fn next_group(key: &[Value]) -> Option<Vec<Value>> {
    let [parts @ .., group, last] = key else { return None };
    let Value::Integer(group) = group else { return None };
    Some(parts.iter().cloned().chain([Value::Integer(group.checked_add(1)?), least(last)?]).collect())
}

/// Removes rows that name others which are not there, or lets them name none where their table lets them.
fn remove_orphans(target: &Connection, tables: &mut [SalvagedTable]) -> Result<()> {
    let mut references = target.prepare(
        "SELECT m.name, f.\"table\", f.\"from\", f.\"to\", c.\"notnull\" = 0 AND c.pk = 0
         FROM sqlite_schema m, pragma_foreign_key_list(m.name) f, pragma_table_info(m.name) c
         WHERE m.type = 'table' AND c.name = f.\"from\"",
    )?;
    let references = references
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?
        .collect::<rusqlite::Result<Vec<(String, String, String, Option<String>, bool)>>>()?;
    let mut key = target.prepare("SELECT name FROM pragma_table_info(?1) WHERE pk = 1")?;
    loop {
        let mut removed = 0;
        for (table, parent, from, to, may_be_none) in &references {
            let to = match to {
                Some(to) => to.clone(),
                None => key.query_row([parent], |row| row.get(0))?,
            };
            let is_orphan = format!(
                "{table}.{from} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {parent} AS p WHERE p.{to} = {table}.{from})"
            );
            if *may_be_none {
                target.execute(&format!("UPDATE {table} SET {from} = NULL WHERE {is_orphan}"), [])?;
                continue;
            }
            let gone = target.execute(&format!("DELETE FROM {table} WHERE {is_orphan}"), [])? as u64;
            if let Some(table) = tables.iter_mut().find(|found| found.name == *table) {
                table.orphaned += gone;
                table.kept -= gone;
            }
            removed += gone;
        }
        // What names a row that just went is an orphan now.
        if removed == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::workspace_with_run;
    use crate::{Depth, Store, check};
    use std::path::PathBuf;
    use tempfile::TempDir;

    const TASKS: i64 = 1500;

    /// A workspace of some thousand tasks with an annotation each, two runs over them and answers, closed.
    fn large() -> (TempDir, PathBuf) {
        let (folder, store, run) = workspace_with_run();
        store
            .write(|transaction| {
                transaction.execute_batch(&format!(
                    "DELETE FROM task;
                     CREATE TEMP TABLE number AS
                       WITH RECURSIVE n (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < {TASKS}) SELECT n FROM n;
                     INSERT INTO task (id, project_key, position, data, has_ground_truth)
                       SELECT n, {project}, n - 1, '{{\"text\":\"' || hex(randomblob(20)) || '\"}}', n % 2 FROM number;
                     INSERT INTO annotation (id, task_id, result, ground_truth, was_cancelled)
                       SELECT n, n, '[]', n % 2, 0 FROM number;
                     INSERT INTO answer (hash, content, latency_ms, created_at)
                       SELECT lower(hex(randomblob(32))), '{{}}', 1, 't' FROM number;
                     INSERT INTO run (key, id, prompt_key, number, version_key, project_key, subset, position_end,
                         config_hash, status, total, created_at)
                       SELECT key + 1, 'second', prompt_key, number + 1, version_key, project_key, subset, {TASKS},
                         config_hash, status, total, created_at FROM run;
                     INSERT INTO prediction (run_key, task_id, cached, attempts, correct, score, result)
                       SELECT run.key, n, 0, 1, n % 2, 1.0, '[]' FROM run, number;
                     UPDATE run SET position_end = {TASKS}, total = {TASKS}, done = {TASKS};",
                    project = run.project_key
                ))?;
                Ok(())
            })
            .expect("filled");
        let path = store.path().to_owned();
        drop(store);
        (folder, path)
    }

    /// The leaves of a table in the order of its keys: where each is in the file, and how many rows it has.
    fn leaves(path: &Path, table: &str) -> Vec<(usize, u64)> {
        let file = Connection::open(path).expect("opened");
        let mut leaves = file
            .prepare("SELECT pgoffset, ncell FROM dbstat WHERE name = ?1 AND pagetype = 'leaf' ORDER BY path")
            .expect("its pages");
        let leaves = leaves.query_map([table], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).expect("read");
        leaves.map(|leaf| leaf.expect("a page")).map(|(at, rows)| (at as usize, rows as u64)).collect()
    }

    /// Overwrites these leaves, and says how many rows were in them.
    fn damage(path: &Path, table: &str, which: impl Fn(usize, usize) -> bool) -> u64 {
        let leaves = leaves(path, table);
        let mut bytes = fs::read(path).expect("the file");
        let mut rows = 0;
        for (at, (offset, count)) in leaves.iter().enumerate() {
            if which(at, leaves.len()) {
                bytes[*offset..offset + 4096].fill(0xff);
                rows += count;
            }
        }
        fs::write(path, bytes).expect("damaged");
        rows
    }

    fn of<'t>(tables: &'t [SalvagedTable], name: &str) -> &'t SalvagedTable {
        tables.iter().find(|table| table.name == name).expect("a table of the workspace")
    }

    fn number(path: &Path, sql: &str) -> i64 {
        look(path).expect("opened").query_row(sql, [], |row| row.get(0)).expect("a number")
    }

    #[test]
    fn all_of_an_undamaged_workspace_is_kept() {
        let (folder, path) = large();
        let to = folder.path().join("salvaged");
        let tables = salvage(&path, &to).expect("salvaged");
        assert!(tables.iter().all(|table| table.lost == Some(0) && table.orphaned == 0), "{tables:?}");
        assert_eq!(of(&tables, "task").kept, TASKS as u64);
        assert!(check(&to, Depth::Whole).expect("checked").problems.is_empty());
        drop(Store::open(&to).expect("a workspace"));
        assert!(matches!(salvage(&path, &to), Err(StoreError::File { .. })), "what is there stays");
    }

    #[test]
    fn what_is_lost_is_what_stood_on_damaged_pages() {
        type Which = fn(usize, usize) -> bool;
        const SIDE_BY_SIDE: &str = "two side by side";
        let damages: [(&str, Which); 6] = [
            ("the first", |at, _| at == 0),
            ("one in the middle", |at, of| at == of / 2),
            ("several apart", |at, of| at == of / 4 || at == of / 2),
            (SIDE_BY_SIDE, |at, of| at == of / 2 || at == of / 2 + 1),
            ("the last", |at, of| at == of - 1),
            ("one in the middle and the last", |at, of| at == of / 2 || at == of - 1),
        ];
        let (folder, undamaged) = large();
        for table in ["task", "prediction", "answer"] {
            for (what, which) in damages {
                let path = folder.path().join("damaged");
                fs::copy(&undamaged, &path).expect("copied");
                let all = number(&path, &format!("SELECT count(*) FROM {table}")) as u64;
                let damaged = damage(&path, table, which);
                assert!(damaged > 0 && !check(&path, Depth::Quick).expect("checked").problems.is_empty(), "{what}");
                let to = folder.path().join(format!("{what} of {table}"));
                let tables = salvage(&path, &to).expect("salvaged");
                let found = of(&tables, table);
                // A table without rowids has a row between two of its leaves, on the page above, where no reading comes to.
                let between = u64::from(what == SIDE_BY_SIDE && table != "task");
                assert_eq!(found.kept, all - damaged - between, "{what} of {table}: {found:?}");
                assert!(found.lost.is_none_or(|lost| lost == damaged + between), "{what} of {table}: {found:?}");
                assert!(check(&to, Depth::Whole).expect("checked").problems.is_empty(), "{what} of {table}");
                drop(Store::open(&to).expect("a workspace"));
            }
        }
    }

    #[test]
    fn what_belongs_to_lost_rows_goes_and_counts_are_those_of_what_is_left() {
        let (folder, path) = large();
        let lost = damage(&path, "task", |at, of| at == of / 2);
        let to = folder.path().join("salvaged");
        let tables = salvage(&path, &to).expect("salvaged");
        assert_eq!((of(&tables, "annotation").orphaned, of(&tables, "prediction").orphaned), (lost, 2 * lost));
        let left = TASKS - lost as i64;
        for (sql, expected) in [
            ("SELECT count(*) FROM task", left),
            ("SELECT max(position) + 1 FROM task", left),
            ("SELECT tasks FROM project", left),
            ("SELECT annotations FROM project", left),
            ("SELECT ground_truths FROM project", number(&to, "SELECT count(*) FROM task WHERE has_ground_truth = 1")),
            ("SELECT min(position_end) FROM run", left),
            ("SELECT max(done) FROM run", left),
            ("SELECT max(correct) FROM run", number(&to, "SELECT sum(correct) FROM prediction WHERE run_key = 1")),
        ] {
            assert_eq!(number(&to, sql), expected, "{sql}");
        }
    }

    #[test]
    fn a_workspace_that_says_nothing_of_its_tables_is_refused_in_words() {
        let (folder, path) = large();
        let mut bytes = fs::read(&path).expect("the file");
        bytes[100..4096].fill(0xff);
        fs::write(&path, bytes).expect("damaged");
        let to = folder.path().join("salvaged");
        assert!(matches!(salvage(&path, &to), Err(StoreError::Damaged(_))));
        let Err(error) = Store::open(&path) else { panic!("it is not to be used") };
        assert!(error.to_string().contains("touchstone workspace restore"), "{error}");
        assert!(!to.exists() && !beside(&to, ".part").exists());
    }
}
