//! Which hosts were contacted: sums of a day for each host and purpose, of a bounded number.

use crate::database::Store;
use crate::error::Result;
use crate::journal::column;
use rusqlite::params;
use std::time::Duration;

/// Sums that are kept; of more, the oldest go.
const ROWS_MAX: u32 = 2_000;

/// A list of hosts must not hold up who waits to write something of weight.
const WAIT: Duration = Duration::from_secs(1);

/// Contacts of one day with a host for one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactRow {
    pub day: String,
    pub host: String,
    pub purpose: String,
    pub requests: u64,
    pub bytes_sent: u64,
    pub bytes_received: u64,
    pub last_at: String,
}

/// All contacts that are kept with a host for one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactSum {
    pub host: String,
    pub purpose: String,
    pub requests: u64,
    pub bytes_sent: u64,
    pub bytes_received: u64,
    pub first_day: String,
    pub last_at: String,
}

impl Store {
    /// Adds `contacts` to what is kept of their days. Forgets what is from before `day_min`.
    pub fn add_contacts(&self, contacts: &[ContactRow], day_min: &str) -> Result<()> {
        self.write_within(WAIT, |transaction| {
            let mut add = transaction.prepare_cached(
                "INSERT INTO contact (day, host, purpose, requests, bytes_sent, bytes_received, last_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (day, host, purpose) DO UPDATE SET
                   requests = requests + excluded.requests,
                   bytes_sent = bytes_sent + excluded.bytes_sent,
                   bytes_received = bytes_received + excluded.bytes_received,
                   last_at = max(last_at, excluded.last_at)",
            )?;
            for contact in contacts {
                add.execute(params![
                    contact.day,
                    contact.host,
                    contact.purpose,
                    column(contact.requests),
                    column(contact.bytes_sent),
                    column(contact.bytes_received),
                    contact.last_at
                ])?;
            }
            transaction.execute("DELETE FROM contact WHERE day < ?1", [day_min])?;
            transaction.execute(
                "DELETE FROM contact WHERE (day, host, purpose) IN
                   (SELECT day, host, purpose FROM contact ORDER BY last_at DESC LIMIT -1 OFFSET ?1)",
                [ROWS_MAX],
            )?;
            Ok(())
        })
    }

    /// The one contacted last first.
    pub fn contacts(&self) -> Result<Vec<ContactSum>> {
        self.read(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT host, purpose, sum(requests) AS requests, sum(bytes_sent) AS bytes_sent,
                   sum(bytes_received) AS bytes_received, min(day) AS first_day, max(last_at) AS last_at
                 FROM contact GROUP BY host, purpose ORDER BY max(last_at) DESC, host, purpose",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(ContactSum {
                    host: row.get("host")?,
                    purpose: row.get("purpose")?,
                    requests: row.get::<_, i64>("requests")?.unsigned_abs(),
                    bytes_sent: row.get::<_, i64>("bytes_sent")?.unsigned_abs(),
                    bytes_received: row.get::<_, i64>("bytes_received")?.unsigned_abs(),
                    first_day: row.get("first_day")?,
                    last_at: row.get("last_at")?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    pub fn clear_contacts(&self) -> Result<()> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM contact", [])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(day: &str, host: &str, last_at: &str) -> ContactRow {
        ContactRow {
            day: day.to_owned(),
            host: host.to_owned(),
            purpose: "model".to_owned(),
            requests: 2,
            bytes_sent: 10,
            bytes_received: 100,
            last_at: last_at.to_owned(),
        }
    }

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("temporary folder");
        let store = Store::open(&folder.path().join("workspace.touchstone")).expect("a workspace");
        (folder, store)
    }

    #[test]
    fn contacts_are_summed_by_host_and_old_days_are_forgotten() {
        let (_folder, store) = store();
        store
            .add_contacts(
                &[contact("2026-01-01", "a", "2026-01-01T05"), contact("2026-01-02", "b", "2026-01-02T01")],
                "",
            )
            .expect("added");
        store
            .add_contacts(
                &[contact("2026-01-02", "a", "2026-01-02T03"), contact("2026-01-02", "a", "2026-01-02T02")],
                "",
            )
            .expect("added");
        let contacts = store.contacts().expect("contacts");
        let hosts: Vec<_> = contacts.iter().map(|contact| contact.host.as_str()).collect();
        assert_eq!(hosts, ["a", "b"], "the last one first");
        let a = &contacts[0];
        assert_eq!((a.requests, a.bytes_sent, a.bytes_received), (6, 30, 300));
        assert_eq!((a.first_day.as_str(), a.last_at.as_str()), ("2026-01-01", "2026-01-02T03"));
        store.add_contacts(&[], "2026-01-02").expect("forgotten");
        assert_eq!(store.contacts().expect("contacts")[0].requests, 4);
        store.clear_contacts().expect("cleared");
        assert_eq!(store.contacts().expect("contacts"), []);
    }

    #[test]
    fn a_list_of_many_hosts_stays_bounded() {
        let (_folder, store) = store();
        let many: Vec<_> =
            (0..ROWS_MAX + 500).map(|at| contact("2026-01-01", &format!("h{at}"), &format!("{at:05}"))).collect();
        store.add_contacts(&many, "").expect("added");
        let kept = store.contacts().expect("contacts");
        assert_eq!((kept.len(), kept[0].host.as_str()), (2_000, "h2499"), "the newest stay");
    }
}
