//! Whether a workspace file is whole.

use crate::backups::{beside, look};
use crate::database::Store;
use crate::error::Result;
use rusqlite::Connection;
use std::path::Path;

/// So many problems are listed at most; there may be more.
const LISTED: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Every page, and that rows are what their table takes: about as long as reading the file.
    Quick,
    /// Also that indexes say what tables say, and that rows which others name are there: several times as long.
    Whole,
}

/// What a look at a workspace file found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// See [`bytes_on_disk`].
    pub bytes: u64,
    /// How many migrations it has had.
    pub schema: i64,
    /// In SQLite's words; empty for a file that is whole.
    pub problems: Vec<String>,
}

/// Looks at the workspace at `path`, which others may have open, and changes nothing. A file that cannot be read at all is an
/// error.
pub fn check(path: &Path, depth: Depth) -> Result<Check> {
    let file = look(path)?;
    let number = |name: &str| file.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok(Check {
        bytes: bytes_on_disk(path).unwrap_or(0),
        schema: number("user_version")?,
        problems: problems(&file, depth)?,
    })
}

/// What a workspace takes: its file, and the log that holds what was written last. `None` where there is no file.
pub fn bytes_on_disk(path: &Path) -> Option<u64> {
    let bytes = |path: &Path| std::fs::metadata(path).ok().map(|file| file.len());
    bytes(path).map(|file| file + bytes(&beside(path, "-wal")).unwrap_or(0))
}

impl Store {
    /// How many rows the tables have that grow with what is done.
    pub fn row_counts(&self) -> Result<Vec<(&'static str, i64)>> {
        const TABLES: [&str; 9] =
            ["project", "task", "annotation", "space", "prompt", "version", "run", "prediction", "answer"];
        self.read(|reader| {
            let count = |table| {
                let sql = format!("SELECT count(*) FROM {table}");
                Ok((table, reader.query_row(&sql, [], |row| row.get(0))?))
            };
            TABLES.into_iter().map(count).collect()
        })
    }

    /// How many connections there are of each provider.
    pub fn connection_counts(&self) -> Result<Vec<(String, i64)>> {
        self.read(|reader| {
            let mut counts =
                reader.prepare("SELECT provider, count(*) FROM connection GROUP BY provider ORDER BY provider")?;
            let counts = counts.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(counts.collect::<rusqlite::Result<_>>()?)
        })
    }
}

pub(crate) fn problems(file: &Connection, depth: Depth) -> Result<Vec<String>> {
    let pragma = match depth {
        Depth::Quick => "quick_check",
        Depth::Whole => "integrity_check",
    };
    let mut found = Vec::new();
    let listed = (|| {
        let mut lines = file.prepare(&format!("PRAGMA {pragma}({LISTED})"))?;
        let mut lines = lines.query([])?;
        while let Some(line) = lines.next()? {
            // One row may hold several lines.
            found.extend(line.get::<_, String>(0)?.lines().filter(|line| *line != "ok").map(str::to_owned));
        }
        if depth == Depth::Whole {
            let mut rows = file.prepare("PRAGMA foreign_key_check")?;
            let mut rows = rows.query([])?;
            while found.len() < LISTED
                && let Some(row) = rows.next()?
            {
                let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
                found.push(format!("a row of {table} names a row of {parent} that is not there"));
            }
        }
        Ok(())
    })();
    match listed {
        Ok(()) => {}
        // Where the check itself cannot go on, that is what it found.
        Err(error @ rusqlite::Error::SqliteFailure(failure, _))
            if matches!(failure.code, rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) =>
        {
            found.push(error.to_string());
        }
        Err(error) => return Err(error.into()),
    }
    found.truncate(LISTED);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::workspace_with_run;

    #[test]
    fn what_is_whole_has_no_problems_and_what_dangles_is_found() {
        let (_folder, store, run) = workspace_with_run();
        let whole = check(store.path(), Depth::Whole).expect("checked");
        assert!(whole.problems.is_empty(), "{whole:?}");
        let file = std::fs::metadata(store.path()).expect("a file").len();
        assert!(whole.bytes > file, "with what is in the log: {} and {file}", whole.bytes);
        assert_eq!(whole.schema, crate::database::newest_schema());
        let other = Connection::open(store.path()).expect("opened");
        other.pragma_update(None, "foreign_keys", false).expect("off");
        other.execute("DELETE FROM task WHERE position = 1", []).expect("deleted");
        other
            .execute("INSERT INTO prediction (run_key, task_id, cached, attempts) VALUES (?1, 99, 0, 1)", [run.key])
            .expect("a row of a task that is not there");
        assert!(check(store.path(), Depth::Quick).expect("checked").problems.is_empty(), "no page is damaged");
        let problems = check(store.path(), Depth::Whole).expect("checked").problems;
        assert_eq!(problems, ["a row of prediction names a row of task that is not there"]);
    }
}
