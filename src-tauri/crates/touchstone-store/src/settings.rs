//! Settings that every process on the workspace obeys.

use crate::database::Store;
use crate::error::Result;
use rusqlite::{OptionalExtension, params};

impl Store {
    pub fn setting(&self, name: &str) -> Result<Option<String>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached("SELECT value FROM setting WHERE name = ?1")?;
            Ok(statement.query_row([name], |row| row.get(0)).optional()?)
        })
    }

    /// The setting, or `value` from now on where there is none. Of several that ask at once all get the same.
    pub fn setting_or(&self, name: &str, value: &str) -> Result<String> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
                params![name, value],
            )?;
            Ok(transaction.query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| row.get(0))?)
        })
    }

    pub fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO setting (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                params![name, value],
            )?;
            Ok(())
        })
    }
}
