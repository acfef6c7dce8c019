//! The workspace file: opening it, bringing it up to date, reading and writing.

use crate::backups::{before_migration, beside, finish_restore};
use crate::error::{Result, StoreError};
use crate::journal::Journal;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use serde_json::{Map, Value};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use touchstone_domain::run::draw;
use touchstone_domain::task::data_hash;
use touchstone_domain::text::folded;

/// In order; the file's `user_version` is the number of those that it has had.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/001_workspace.sql"),
    include_str!("../migrations/002_runs.sql"),
    include_str!("../migrations/003_projects.sql"),
    include_str!("../migrations/004_held_out.sql"),
    include_str!("../migrations/005_labels.sql"),
    include_str!("../migrations/006_links.sql"),
    include_str!("../migrations/007_link_memory.sql"),
    include_str!("../migrations/008_providers.sql"),
    include_str!("../migrations/009_versions.sql"),
    include_str!("../migrations/010_contacts.sql"),
    include_str!("../migrations/011_spending.sql"),
    include_str!("../migrations/012_run_control.sql"),
    include_str!("../migrations/013_interrupted.sql"),
    include_str!("../migrations/014_batches.sql"),
    include_str!("../migrations/015_usage.sql"),
    include_str!("../migrations/016_other_models.sql"),
    include_str!("../migrations/017_counts.sql"),
    include_str!("../migrations/018_queue.sql"),
    include_str!("../migrations/019_pause_causes.sql"),
    include_str!("../migrations/020_lost_calls.sql"),
    include_str!("../migrations/021_run_tally.sql"),
    include_str!("../migrations/022_waiting.sql"),
    include_str!("../migrations/023_gold.sql"),
    include_str!("../migrations/024_reviews.sql"),
    include_str!("../migrations/025_calls_out.sql"),
    include_str!("../migrations/026_gone_max.sql"),
    include_str!("../migrations/027_replaced_reviews.sql"),
    include_str!("../migrations/028_label_studio.sql"),
    include_str!("../migrations/029_issue_tasks.sql"),
    include_str!("../migrations/030_kept_tasks.sql"),
    include_str!("../migrations/031_changed_tasks.sql"),
];

/// What all of them make of an empty file. A new workspace is made by it: at once, where they take ten times as long.
const SCHEMA: &str = include_str!("../migrations/schema.sql");

/// How long a statement waits for another process's transaction.
const LOCK_WAIT: Duration = Duration::from_secs(15);

/// How long it does so at least when it has waited for its turn before.
const LOCK_WAIT_MIN: Duration = Duration::from_millis(100);

/// How much of the file a connection that reads keeps in memory: what leads to the rows. Each has its own, and the system
/// keeps the rest once for all.
const READER_CACHE_KIB: i64 = 512;

/// The same of the journal: what it adds next to is there, and where the hash of an answer belongs, no cache of a long run holds.
const JOURNAL_CACHE_KIB: i64 = 1024;

/// `TSTN`, so that `file` and we can tell a workspace from any other SQLite file.
pub(crate) const APPLICATION_ID: i32 = 0x5453_544e;

/// One open workspace. Cheap calls, each a statement or a transaction; they block, so async code wraps them.
///
/// One connection writes, others read beside it (WAL), and the journal of a run has one of its own.
pub struct Store {
    path: PathBuf,
    writer: Mutex<Connection>,
    idle_readers: Mutex<Vec<Connection>>,
    journal: Journal,
    was_cut_short: bool,
}

impl Store {
    /// Opens the workspace at `path`, making it if it does not exist, and brings it up to date. One that is there is backed up
    /// before that changes it. A backup that waits to take its place does so first.
    pub fn open(path: &Path) -> Result<Self> {
        finish_restore(path)?;
        let was_cut_short = std::fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0);
        let mut writer = connect(path)?;
        migrate(&mut writer, path)?;
        let journal = connect(path)?;
        journal.pragma_update(None, "cache_size", -JOURNAL_CACHE_KIB)?;
        let journal = Journal::start(journal);
        Ok(Self {
            path: path.to_owned(),
            writer: Mutex::new(writer),
            idle_readers: Mutex::new(Vec::new()),
            journal,
            was_cut_short,
        })
    }

    /// Whether the log of the file was not empty when it was opened: whoever had it open before was ended in the middle, or has
    /// it open still.
    pub fn was_cut_short(&self) -> bool {
        self.was_cut_short
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Changes whenever any other connection, of this process or another, has written to the file.
    pub fn data_version(&self) -> Result<i64> {
        let writer = lock(&self.writer);
        Ok(writer.pragma_query_value(None, "data_version", |row| row.get(0))?)
    }

    /// Brings what is committed into the file itself, so that a copy of that one file is whole, unless another program is at work
    /// on it. The last connection that is closed does so by itself.
    pub fn settle(&self) -> Result<()> {
        lock(&self.idle_readers).clear();
        let writer = lock(&self.writer);
        Ok(writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }

    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let idle = lock(&self.idle_readers).pop();
        let reader = match idle {
            Some(reader) => reader,
            None => {
                let reader = connect(&self.path)?;
                reader.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
                reader
            }
        };
        let outcome = work(&reader);
        lock(&self.idle_readers).push(reader);
        outcome
    }

    /// Gives back what the connection that writes keeps of the file in memory, as after a long transaction.
    pub(crate) fn forget_pages(&self) -> Result<()> {
        Ok(lock(&self.writer).execute_batch("PRAGMA shrink_memory")?)
    }

    pub(crate) fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        self.write_within(LOCK_WAIT, work)
    }

    pub(crate) fn write_within<T>(
        &self,
        wait: Duration,
        work: impl FnOnce(&Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        let began = Instant::now();
        let mut writer = lock(&self.writer);
        // While another program holds the file, those before it have spent this one's time too: they all give up together
        // and not one after the other. Who had to wait for a long transaction of ours still gets a try.
        writer.busy_timeout(wait.saturating_sub(began.elapsed()).max(LOCK_WAIT_MIN))?;
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

/// A panic while a lock was held has rolled its transaction back, so the connection behind it is sound.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn connect(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(LOCK_WAIT)?;
    let not_a_workspace = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => StoreError::NotAWorkspace(path.display().to_string()),
        _ => error.into(),
    };
    // Where another process turns a new file to WAL at this moment, SQLite does not wait but gives up.
    let began = Instant::now();
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                    && began.elapsed() < LOCK_WAIT =>
            {
                std::thread::sleep(Duration::from_millis(10));
            }
            outcome => break outcome.map_err(not_a_workspace)?,
        }
    }
    // FULL: a commit survives a power cut, not only a crash, so a paid answer does too.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A file from elsewhere may bring triggers and views of its own; they may use nothing but harmless functions of SQLite.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(64);
    add_functions(&connection)?;
    Ok(connection)
}

/// The functions of ours that statements and migrations use.
pub(crate) fn add_functions(connection: &Connection) -> Result<()> {
    let pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("data_hash", 1, pure, |context| {
        Ok(data_hash(context.get_raw(0).as_str().map_err(rusqlite::Error::from)?))
    })?;
    connection.create_scalar_function("draw", 2, pure, |context| Ok(draw(context.get(0)?, context.get(1)?)))?;
    // LIKE folds the letters of English only, and has wildcards.
    connection.create_scalar_function("contains", 2, pure, |context| {
        // Made ready once for a statement, not for each row.
        let wanted = context.get_or_create_aux(1, |value| value.as_str().map(folded))?;
        Ok(folded(context.get_raw(0).as_str()?).contains(wanted.as_str()))
    })?;
    connection.create_scalar_function("says", 2, pure, |context| {
        let wanted = context.get_or_create_aux(1, |value| value.as_str().map(Wanted::of))?;
        Ok(says(context.get_raw(0).as_str()?, &wanted))
    })?;
    Ok(())
}

/// A text that is looked for in the content of prompts, in any case of letters.
struct Wanted {
    text: String,
    /// As it stands in stored JSON.
    in_json: String,
}

impl Wanted {
    fn of(text: &str) -> Self {
        let quoted = Value::from(text).to_string();
        Self { text: folded(text), in_json: folded(&quoted[1..quoted.len() - 1]) }
    }
}

/// Whether a prompt's content says what is wanted: in a text that people wrote, not in the JSON around it.
fn says(content: &str, wanted: &Wanted) -> bool {
    // Most contents are done with here, unread.
    folded(content).contains(&wanted.in_json)
        && serde_json::from_str::<Map<String, Value>>(content).is_ok_and(|content| {
            content.iter().any(|(name, value)| match name.as_str() {
                "provider" | "input_variable_format" => false,
                "messages" => holds(name, value, &["role", "type", "id", "tool_call_id"], wanted),
                _ => holds(name, value, &["type"], wanted),
            })
        })
}

/// Whether a text in `value`, which stands under `name`, holds what is wanted. Those under the names of `silent` are words
/// of the format.
fn holds(name: &str, value: &Value, silent: &[&str], wanted: &Wanted) -> bool {
    match value {
        Value::String(text) => !silent.contains(&name) && folded(text).contains(&wanted.text),
        Value::Array(items) => items.iter().any(|item| holds(name, item, silent, wanted)),
        Value::Object(fields) => fields.iter().any(|(name, value)| holds(name, value, silent, wanted)),
        _ => false,
    }
}

/// How many migrations there are.
pub(crate) fn newest_schema() -> i64 {
    i64::try_from(MIGRATIONS.len()).expect("a handful of migrations")
}

/// Brings a workspace up to date that had so many migrations, and says so in it.
pub(crate) fn run_migrations(transaction: &Connection, had: i64) -> Result<()> {
    for migration in &MIGRATIONS[usize::try_from(had).unwrap_or(0)..] {
        transaction.execute_batch(migration)?;
    }
    mark(transaction)
}

fn mark(transaction: &Connection) -> Result<()> {
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(transaction.pragma_update(None, "user_version", newest_schema())?)
}

/// Whether a file is a workspace, by its first bytes: nothing of it is opened, locked or changed.
///
/// Source: “Database File Format”, <https://www.sqlite.org/fileformat.html>, sections 1.3.1 and 1.3.16.
pub fn is_workspace(path: &Path) -> std::io::Result<bool> {
    const MAGIC: &[u8; 16] = b"SQLite format 3\0";
    let mut header = [0; 72];
    // A new one may have its mark in the file beside it only, until that is brought in.
    let is_unsettled = || Path::new(&format!("{}-wal", path.display())).exists();
    match std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut header)) {
        Ok(()) => {
            let mark = &header[68..];
            let is_marked = mark == APPLICATION_ID.to_be_bytes() || (mark == [0; 4] && is_unsettled());
            Ok(header.starts_with(MAGIC) && is_marked)
        }
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<()> {
    let newest = newest_schema();
    // A migration may make a table anew, which must not empty those that refer to it. Only outside of a transaction can
    // this be said.
    connection.pragma_update(None, "foreign_keys", false)?;
    // Immediate, so that two processes that open a new workspace at once do not both migrate it.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let application: i32 = transaction.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && tables > 0 {
        return Err(StoreError::NotAWorkspace(path.display().to_string()));
    }
    if found > newest {
        return Err(StoreError::Newer { found, newest });
    }
    if tables == 0 {
        transaction.execute_batch(SCHEMA)?;
        mark(&transaction)?;
    } else if found < newest {
        // Nobody else writes meanwhile: the copy is what the migrations change.
        before_migration(path, found)?;
        run_migrations(&transaction, found)?;
    }
    transaction.commit()?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::types::Value;
    use touchstone_domain::prompt::sha256_hex;
    use touchstone_domain::run::Subset;
    use touchstone_domain::{RunId, TaskId};

    fn workspace() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("workspace.touchstone");
        (folder, path)
    }

    #[test]
    fn a_copy_of_the_file_alone_is_whole_once_it_was_settled_or_closed() {
        let copied = |path: &Path| {
            let (_folder, copy) = workspace();
            std::fs::copy(path, &copy).expect("copied");
            let copy = Connection::open(&copy).expect("a file");
            copy.query_row("SELECT value FROM setting WHERE name = 'probe'", [], |row| row.get::<_, String>(0)).ok()
        };
        let (_folder, path) = workspace();
        let store = Store::open(&path).expect("a workspace");
        let set = |value: &str| {
            let sql =
                "INSERT INTO setting (name, value) VALUES ('probe', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1";
            store.write(|transaction| Ok(transaction.execute(sql, [value])?)).expect("written");
        };
        set("1");
        assert_eq!(copied(&path), None, "it is beside the file yet");
        store.settle().expect("settled");
        assert_eq!(copied(&path), Some("1".to_owned()));
        set("2");
        drop(store);
        assert_eq!(copied(&path), Some("2".to_owned()));
        assert!(!path.with_extension("touchstone-wal").exists(), "nothing is left beside it");
    }

    /// A store over a file that had `schema` migrations and was filled by `sql` then.
    fn brought_up_to_date(schema: usize, sql: &str) -> (tempfile::TempDir, Store) {
        let (folder, path) = workspace();
        let old = connect(&path).expect("a file");
        for migration in &MIGRATIONS[..schema] {
            old.execute_batch(migration).expect("migrated");
        }
        old.execute_batch(sql).expect("filled");
        old.execute_batch(&format!("PRAGMA user_version = {schema}; PRAGMA application_id = 0x5453544e;"))
            .expect("marked");
        drop(old);
        let store = Store::open(&path).expect("brought up to date");
        (folder, store)
    }

    #[test]
    fn merged_migrations_never_change() {
        let hashes: Vec<_> = MIGRATIONS.iter().map(|sql| sha256_hex(sql.as_bytes())).collect();
        assert_eq!(
            hashes,
            [
                "8bd1b9a422f372b2dbfa8df30893020acf07ea9a5c1b4db2e5e29bd6408492e7",
                "fb03abc27005c5c44b75197a4188c0f35d57283b3c00ce4868a73523e98fe415",
                "be4e939266c2a8858dd95663c85a531796031cd5341e8c3bab8bcaeb15415e3e",
                "55d426251794167b936afb6978dfa0bca54295b9832440b8aa91b29f63480eab",
                "119edff25e070d72f7e5ede40fdbd27f053daff390c9a88d1db4e3d26edd6c76",
                "b0f14d726d5b3a6abe6d55dcd90e190a402642b8d3fa4343f2548a660d12c949",
                "e0d8a1f3d6b8c78269630f6b049b5436065144013b3d48110d71f62604e6acb9",
                "fc89f21c6929db269b8536644ec0c480a71e29f8010bf182f7ece17c9da43c40",
                "621c168a0b9bdfa34501a44941f73b7f007afa34a31762f32e88a56871e05701",
                "5cf6276bffd94f425cdb5e758e3ae66213db4a498320c159f7969902371e31bc",
                "04ace7ea371718a1ee942d9d07ee000eedb997f340b9e2ae2de37adf4d906d0b",
                "e670d06411ea780c72c125cc40bef1dd85540cec5288e6337e3879472e67772d",
                "2696c84cdde4efbd4d669dd01eba00c3be1ffc8b2f3734ea401c9756af4599aa",
                "f2ffa42d5e674dcb085e41fa55e1277ba3e5c1e6ba63def4d058e402465c2093",
                "d0fda88655530735ee7a5e3aa73931d99fba208c1a5bcc4b4447107b02ca32e1",
                "459b4c09a99818ca238c942b033ca96cfff797623adf77bb8f864531cd92e2d9",
                "ab625bfcb272f371f20ff5a59db76b6651b92d0edad9c0a032d5cf111f35690f",
                "20abaa0b598da4a4f930f28fe87cf55b0b2887e5cf339146153204549eb4fe22",
                "62194a207381763b56baca89d3332cb89d8fc464d6228862900eb5bfa5ba1bd1",
                "ff270e1396429667e56814b373f5ea4b037ea400eef149ebaafe24b56dca6f93",
                "ab8107079cde5e9b52ad41241cad134393c0efed9a7c8be637b59398ac56ef9f",
                "76a4b3c653eb676ab2f8302b375f9124c6dfc38cbc02b7540200a88c792918ab",
                "3a2bbdda461a52d5f7e9dc7b0fb80e5c345d93f64ebf6965846d19900fc09f8e",
                "b9dea9a41a7d2b4527e0d7496a1c02b16085c9f5de93114633f3b6268e548ce7",
                "f0928b187829c77a62edad1e36cc89eda4e5ef6c067bdb48fb488daa41099ea0",
                "4128888600cca4dd2e60c050902aa3d018245dd055f6f27094fc11e44f30d282",
                "ad08fc892fd5291e635877eba1178f96d42b48dcc0b9a949f3e76d5d9a53e0d6",
                "7816c139a718cf70bb4256c40c989500708c2b6239e67ae5a12784ae41c9eb47",
                "171345e6dd9594c97e7eefff9bb0046d84fe8b9b580142a2a38ccb9b95b890c0",
                "c15a58a923b831465f20cec311c1c58ddf7c4106bb251e9f8d3fa3f8eb5e6e44",
                "2e9d6932af1a5d6e2034aa18fb2e851732f68abad1fa07bceb02b70d25ec2a61",
            ],
            "a released migration is never edited; add the next one"
        );
    }

    /// Everything that a file is made of, as SQL that makes it.
    fn schema_of(file: &Connection) -> String {
        let mut parts = file
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY rowid")
            .expect("the schema");
        let parts = parts.query_map([], |row| row.get::<_, String>(0)).expect("its parts");
        parts.map(|sql| format!("{};\n\n", sql.expect("text"))).collect()
    }

    #[test]
    fn a_new_workspace_is_what_the_migrations_make() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let migrated = connect(&folder.path().join("migrated")).expect("a file");
        for migration in MIGRATIONS {
            migrated.execute_batch(migration).expect("migrated");
        }
        let made = format!(
            "-- Written by a test of database.rs: what the migrations make of an empty file.\n\n{}",
            schema_of(&migrated)
        );
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/schema.sql");
            std::fs::write(committed, &made).expect("writing the schema");
        }
        assert!(
            made == SCHEMA,
            "migrations/schema.sql is out of date; run `UPDATE_SCHEMA=1 cargo test -p touchstone-store new_workspace` and commit it"
        );
        let at_once = folder.path().join("at_once");
        Store::open(&at_once).expect("a workspace");
        let at_once = connect(&at_once).expect("the same file");
        assert_eq!(schema_of(&at_once), schema_of(&migrated));
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
        let mut tables = migrated.prepare(tables).expect("tables");
        let tables = tables.query_map([], |row| row.get::<_, String>(0)).expect("their names");
        for table in tables.map(|name| name.expect("a name")) {
            let filled: bool = migrated
                .query_row(&format!("SELECT EXISTS (SELECT 1 FROM {table})"), [], |row| row.get(0))
                .expect("looked into");
            assert!(!filled, "a migration fills {table}, which schema.sql does not");
        }
    }

    /// Rows of every table, as workspaces had them that had so many migrations.
    fn rows_of(schema: usize) -> String {
        let since = |first: usize, sql: &str| if schema >= first { sql.to_owned() } else { String::new() };
        let (cost, most) = if schema < 15 { ("cost_micros", "most_micros") } else { ("cost_picos", "most_picos") };
        let queued = if schema < 18 { "pending" } else { "queued" };
        let link = if schema < 7 { ("", "") } else { ("space_id, ", "'s', ") };
        [
            format!(
                r#"INSERT INTO space (id, name, created_at) VALUES ('s', 'Default', 't');
                INSERT INTO connection (id, provider, name, endpoint, has_api_key, key_storage, created_at)
                  VALUES ('c', 'custom', 'Server', 'http://127.0.0.1:1', 1, 'keychain', 't');
                INSERT INTO project (key, id, name, config_xml, config_hash, tasks, annotations, ground_truths, created_at, updated_at)
                  VALUES (1, 'p', 'P', '<View/>', 'h', 2, 1, 1, 't', 't');
                INSERT INTO task (id, project_key, position, data, has_ground_truth)
                  VALUES (5, 1, 0, '{{"text":"Ünïcode"}}', 1), (6, 1, 1, '{{}}', 0);
                INSERT INTO annotation (id, task_id, result, ground_truth, was_cancelled) VALUES (3, 5, '[]', 1, 0);
                INSERT INTO prompt (key, id, space_id, project_id, name, description, created_at, updated_at, deleted_at)
                  VALUES (7, 'i', 's', 'p', 'Name', 'Words', 't1', 't2', NULL), (8, 'j', 's', 'p', 'Gone', '', 't1', 't2', 't3');
                INSERT INTO version (key, id, prompt_key, number, content, commit_hash, commit_message, author, created_at)
                  VALUES (1, 'v', 7, 1, '{{}}', 'h', 'm', 'me', 't');
                INSERT INTO draft (prompt_key, content, based_on, updated_at) VALUES (7, '{{}}', 1, 't');
                INSERT INTO run (key, id, prompt_key, number, version_key, project_key, subset, position_end, config_hash,
                    status, total, done, created_at)
                  VALUES (1, 'r', 7, 1, 1, 1, 'all', 2, 'h', 'completed', 2, 2, 't'),
                         (2, 'q', 7, 2, 1, 1, 'all', 2, 'h', '{queued}', 2, 0, 't');
                INSERT INTO answer (hash, content, latency_ms, created_at) VALUES ('a', 'Said', 1, 't');
                INSERT INTO prediction (run_key, task_id, answer_hash, result, correct, cached, attempts)
                  VALUES (1, 5, 'a', '[{{"id":"x","score":0.5}}]', 1, 0, 1);
                INSERT INTO prediction (run_key, task_id, error_code, error_message, cached, attempts)
                  VALUES (1, 6, 'timeout', 'Too late', 0, 2);
                INSERT INTO setting VALUES ('concurrency', '3');"#
            ),
            since(2, "UPDATE run SET connection_id = 'c', retries = 1;"),
            since(
                3,
                "INSERT INTO import_issue (project_key, kind, file, item, message) VALUES (1, 'refused', 'f', 1, 'No');
                 INSERT INTO task_order (project_key, field, tasks, positions) VALUES (1, 'text', 2, x'0001');",
            ),
            since(
                5,
                "INSERT INTO prompt_update (prompt_key) VALUES (7);
                 INSERT INTO label VALUES (7, 'production', 1, 't');
                 INSERT INTO label_move (prompt_key, name, to_number, author, moved_at) VALUES (7, 'production', 1, 'me', 't');",
            ),
            since(
                6,
                &format!(
                    "INSERT INTO space_link (space_id, address, remote_space_id, remote_space_name, key_storage)
                       VALUES ('s', 'http://127.0.0.1:1', 'x', 'Theirs', 'none');
                     INSERT INTO prompt_link ({0}prompt_key, remote_id, agreed) VALUES ({1}7, 'p', '{{}}');
                     INSERT INTO version_link ({0}version_key, remote_id) VALUES ({1}1, 'v1');",
                    link.0, link.1
                ),
            ),
            since(8, &format!("UPDATE prediction SET {cost} = 4; UPDATE run SET {cost} = 8;")),
            since(10, "INSERT INTO contact VALUES ('2026-01-01', '127.0.0.1:1', 'model', 1, 2, 3, 't');"),
            since(11, &format!("INSERT INTO spending (day, connection_id, owner, {cost}) VALUES ('d', 'c', 'me', 8);")),
            since(12, "INSERT INTO run_task VALUES (2, 1);"),
            since(
                14,
                &format!(
                    "INSERT INTO batch (key, run_key, part, requests, {most}, created_at) VALUES (1, 2, 1, 1, 9, 't');
                     INSERT INTO batch_request (batch_key, hash, task_id) VALUES (1, 'a', 6);"
                ),
            ),
            since(21, "INSERT INTO run_tally (run_key, config_hash) VALUES (1, 'h');"),
            since(23, "INSERT INTO gold_mark VALUES (5, 'kept', 3, '[]', 't');"),
            since(
                24,
                "INSERT INTO review_batch (id, run_key, decided_at) VALUES (1, 1, 't');
                 INSERT INTO review VALUES (1, 5, 'accepted', 1, 3);",
            ),
            since(
                27,
                "INSERT INTO replaced_review (run_key, task_id, batch, decision) VALUES (1, 5, 1, 'rejected');",
            ),
            since(
                28,
                "INSERT INTO label_studio_server (id, name, address, key_storage, about, checked_at)
                   VALUES ('ls', 'LS', 'http://127.0.0.1:1', 'none', '{}', 't');
                 INSERT INTO project_link (project_key, server_id, remote_id, title, pulled_at) VALUES (1, 'ls', 1, 'T', 't');
                 INSERT INTO linked_task (project_key, remote_id, task_id) VALUES (1, 1, 5);
                 INSERT INTO push (run_key, server_id, options, state, created_at) VALUES (1, 'ls', '{}', 'waiting', 't');",
            ),
        ]
        .concat()
    }

    /// What stands in these columns of each table; a row is a line.
    fn content(file: &Connection, columns: &[(String, Vec<String>)]) -> Vec<(String, Vec<String>)> {
        let lines = |(table, columns): &(String, Vec<String>)| {
            let values: Vec<_> = columns.iter().map(|name| format!("quote({name})")).collect();
            let sql = format!("SELECT concat_ws(', ', {}) FROM {table} ORDER BY 1", values.join(", "));
            let mut rows = file.prepare(&sql).expect("its rows");
            let rows = rows.query_map([], |row| row.get::<_, String>(0)).expect("read");
            (table.clone(), rows.map(|row| row.expect("text")).collect())
        };
        columns.iter().map(lines).collect()
    }

    /// The tables with those of their columns that stay as they are.
    fn columns(file: &Connection) -> Vec<(String, Vec<String>)> {
        let mut columns = file
            .prepare(
                "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c
                 WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid",
            )
            .expect("columns");
        let columns = columns.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("read");
        let mut tables: Vec<(String, Vec<String>)> = Vec::new();
        for column in columns {
            let (table, column): (String, String) = column.expect("texts");
            // Amounts are counted otherwise by now, which has a test of its own; these columns are gone.
            if ["cost_micros", "most_micros", "together", "calls_out_picos"].contains(&column.as_str()) {
                continue;
            }
            match tables.last_mut() {
                Some((name, columns)) if *name == table => columns.push(column),
                _ => tables.push((table, vec![column])),
            }
        }
        tables
    }

    #[test]
    fn workspaces_of_every_version_come_up_to_date_whole_and_are_backed_up_before() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let at_once = folder.path().join("at_once");
        Store::open(&at_once).expect("a workspace");
        let newest = schema_of(&connect(&at_once).expect("opened"));
        for schema in 1..=MIGRATIONS.len() {
            let path = folder.path().join(format!("from-{schema}"));
            let old = connect(&path).expect("a file");
            for migration in &MIGRATIONS[..schema] {
                old.execute_batch(migration).expect("migrated");
            }
            old.execute_batch(&rows_of(schema)).unwrap_or_else(|error| panic!("filling one of {schema}: {error}"));
            old.execute_batch(&format!("PRAGMA user_version = {schema}; PRAGMA application_id = 0x5453544e;"))
                .expect("marked");
            let columns = columns(&old);
            let had = content(&old, &columns);
            assert!(had.iter().all(|(_, rows)| !rows.is_empty()), "each table of {schema} has rows: {had:?}");
            drop(old);
            drop(Store::open(&path).unwrap_or_else(|error| panic!("from {schema}: {error}")));
            let now = connect(&path).expect("opened");
            assert_eq!(schema_of(&now), newest, "from {schema}");
            assert_eq!(crate::check(&path, crate::Depth::Whole).expect("checked").problems, [""; 0], "from {schema}");
            for ((table, had), (_, has)) in had.iter().zip(content(&now, &columns)) {
                let had: Vec<_> = had.iter().map(|row| row.replace("'pending'", "'queued'")).collect();
                assert_eq!(has, had, "{table}, from {schema}");
            }
            let backups = crate::backups(&path).expect("backups");
            let Some(backup) = backups.first() else {
                assert_eq!(schema, MIGRATIONS.len(), "whatever is changed is kept as it was");
                continue;
            };
            assert_eq!(backup.kind, crate::BackupKind::BeforeMigration(schema as i64));
            let kept = Connection::open(&backup.path).expect("opened");
            assert_eq!(content(&kept, &columns), had, "the backup of {schema}");
        }
    }

    #[test]
    fn the_three_newest_backups_of_migrations_are_kept() {
        let (_folder, path) = workspace();
        drop(Store::open(&path).expect("new"));
        for schema in [1, 9, 10, 11] {
            before_migration(&path, schema).expect("backed up");
        }
        let kept: Vec<_> = crate::backups(&path).expect("backups").into_iter().map(|backup| backup.kind).collect();
        assert_eq!(kept, [11, 10, 9].map(crate::BackupKind::BeforeMigration));
    }

    #[test]
    fn what_cannot_be_backed_up_is_not_migrated() {
        let (_folder, path) = workspace();
        let old = connect(&path).expect("a file");
        for migration in &MIGRATIONS[..6] {
            old.execute_batch(migration).expect("migrated");
        }
        old.execute_batch("PRAGMA user_version = 6; PRAGMA application_id = 0x5453544e;").expect("marked");
        let before = schema_of(&old);
        drop(old);
        let in_the_way = beside(&path, ".schema-6.backup");
        std::fs::create_dir_all(in_the_way.join("folder")).expect("something in the way");
        let Err(error) = Store::open(&path) else { panic!("it has no backup") };
        assert!(matches!(error, StoreError::NotBackedUp(_)), "{error}");
        assert!(error.to_string().contains("left as it is"), "{error}");
        let file = connect(&path).expect("opened");
        assert_eq!(schema_of(&file), before);
        drop(file);
        std::fs::remove_dir_all(&in_the_way).expect("out of the way");
        drop(Store::open(&path).expect("up to date"));
    }

    #[test]
    fn a_workspace_that_was_not_closed_says_so_when_it_is_opened_next() {
        let (folder, path) = workspace();
        let store = Store::open(&path).expect("new");
        store.set_setting("a", "1").expect("written");
        // As a program leaves it that is ended at once.
        let copy = folder.path().join("copy");
        for ending in ["", "-wal"] {
            std::fs::copy(beside(&path, ending), beside(&copy, ending)).expect("copied");
        }
        let copied = Store::open(&copy).expect("opened");
        assert!(copied.was_cut_short() && !store.was_cut_short());
        assert_eq!(copied.setting("a").expect("read").as_deref(), Some("1"), "and what it wrote is there");
        copied.settle().expect("settled");
        assert_eq!(std::fs::metadata(beside(&copy, "-wal")).expect("the log").len(), 0);
        drop(copied);
        assert!(!Store::open(&copy).expect("again").was_cut_short());
    }

    #[test]
    fn what_is_committed_is_on_the_disk() {
        let (_folder, path) = workspace();
        Store::open(&path).expect("a store");
        let connection = connect(&path).expect("opened");
        let said =
            |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, Value>(0)).expect("a pragma");
        // FULL: SQLite waits for the disk at each commit, also of its write-ahead log.
        assert_eq!((said("synchronous"), said("journal_mode")), (Value::Integer(2), Value::Text("wal".to_owned())));
    }

    #[test]
    fn a_workspace_opens_again() {
        let (_folder, path) = workspace();
        drop(Store::open(&path).expect("new"));
        Store::open(&path).expect("again");
    }

    #[test]
    fn a_workspace_from_before_labels_keeps_what_it_has() {
        let (_folder, store) = brought_up_to_date(
            4,
            "INSERT INTO space VALUES ('s', 'Default', 't');
             INSERT INTO project (key, id, name, config_xml, config_hash, created_at, updated_at)
               VALUES (1, 'p', 'P', '<View/>', 'h', 't', 't');
             INSERT INTO prompt VALUES (7, 'i', 's', 'p', 'Name', 'Words', 0, 't1', 't2', NULL);
             INSERT INTO version VALUES (1, 'v', 7, 1, '{}', 'h', 'm', NULL, NULL, 'me', 't');
             INSERT INTO draft VALUES (7, '{}', NULL, 1, 't');",
        );
        let prompt = store.prompt("Name").expect("the prompt");
        assert_eq!((prompt.key, prompt.versions, prompt.updated_at.as_str()), (7, 1, "t2"));
        store.draft(7).expect("the draft");
        let dangling = store.read(|reader| Ok(reader.prepare("PRAGMA foreign_key_check")?.exists([])?));
        assert!(!dangling.expect("checked"));
        let refused = store.write(|transaction| Ok(transaction.execute("DELETE FROM version", [])?));
        assert!(refused.is_err(), "the triggers are there again");
        store.purge_prompts("9").expect("nothing in the bin");
        let removed = store.write(|transaction| Ok(transaction.execute("DELETE FROM prompt", [])?));
        assert_eq!(removed.expect("removed"), 1);
        assert!(store.draft(7).is_err(), "a draft goes with its prompt");
    }

    #[test]
    fn links_from_before_they_named_their_space_stay() {
        let (_folder, store) = brought_up_to_date(
            6,
            "INSERT INTO space (id, name, created_at) VALUES ('s', 'Default', 't');
             INSERT INTO space_link VALUES ('s', 'http://127.0.0.1:1', 'theirs', 'Theirs', 'none', 't');
             INSERT INTO prompt VALUES (7, 'i', 's', NULL, 'Name', 'Words', '', 0, 't1', 't2', NULL);
             INSERT INTO version VALUES (1, 'v', 7, 1, '{}', 'h', 'm', NULL, NULL, 'me', 't');
             INSERT INTO prompt_link VALUES (7, 'p', '{}');
             INSERT INTO version_link VALUES (1, 'v1');",
        );
        let space = store.space("s").expect("the space").id;
        let links = store.prompt_links(&space).expect("links");
        assert_eq!((links[0].prompt_key, links[0].remote_id.as_str()), (7, "p"));
        assert_eq!(store.version_links(&space, 7).expect("versions")[&1], "v1");
    }

    #[test]
    fn what_runs_from_before_costs_cost_is_unknown_and_not_nothing() {
        let (_folder, store) = brought_up_to_date(
            6,
            "INSERT INTO space (id, name, created_at) VALUES ('s', 'Default', 't');
             INSERT INTO project (key, id, name, config_xml, config_hash, created_at, updated_at)
               VALUES (1, 'p', 'P', '<View/>', 'h', 't', 't');
             INSERT INTO task (id, project_key, position, data) VALUES (5, 1, 0, '{}');
             INSERT INTO prompt (key, id, space_id, project_id, name, description, created_at, updated_at)
               VALUES (7, 'i', 's', 'p', 'Name', '', 't', 't');
             INSERT INTO version (key, id, prompt_key, number, content, commit_hash, commit_message, author, created_at)
               VALUES (1, 'v', 7, 1, '{}', 'h', 'm', 'me', 't');
             INSERT INTO run (key, id, prompt_key, number, version_key, project_key, subset, position_end, config_hash,
                 status, total, requests, connection_id, created_at)
               VALUES (1, 'free', 7, 1, 1, 1, 'all', 1, 'h', 'completed', 1, 1, 'practice', 't'),
                      (2, 'paid', 7, 2, 1, 1, 'all', 1, 'h', 'completed', 1, 3, 'c', 't'),
                      (3, 'owned', 7, 3, 1, 1, 'all', 1, 'h', 'completed', 1, 0, 'c', 't');
             INSERT INTO prediction (run_key, task_id, cached, attempts)
               VALUES (1, 5, 0, 1), (2, 5, 0, 3), (3, 5, 1, 0);",
        );
        for (id, unpriced, cost) in [("free", 0, Some(0)), ("paid", 3, None), ("owned", 0, Some(0))] {
            let run = store.run(&RunId(id.to_owned())).expect("a run");
            let row = store.result(run.key, TaskId(5)).expect("its row");
            assert_eq!((run.cost_picos, run.unpriced, row.cost_picos), (0, unpriced, cost), "{id}");
        }
    }

    /// One prompt with one version, and two tasks, for files of earlier versions.
    const ONE_PROMPT: &str = "INSERT INTO space (id, name, created_at) VALUES ('s', 'Default', 't');
             INSERT INTO project (key, id, name, config_xml, config_hash, created_at, updated_at)
               VALUES (1, 'p', 'P', '<View/>', 'h', 't', 't');
             INSERT INTO task (id, project_key, position, data) VALUES (5, 1, 0, '{}'), (6, 1, 1, '{}');
             INSERT INTO prompt (key, id, space_id, project_id, name, description, created_at, updated_at)
               VALUES (7, 'i', 's', 'p', 'Name', '', 't', 't');
             INSERT INTO version (key, id, prompt_key, number, content, commit_hash, commit_message, author, created_at)
               VALUES (1, 'v', 7, 1, '{}', 'h', 'm', 'me', 't');";

    #[test]
    fn what_was_paid_before_costs_were_exact_is_still_as_much() {
        let (_folder, store) = brought_up_to_date(
            14,
            &format!(
                "{ONE_PROMPT}
             INSERT INTO run (key, id, prompt_key, number, version_key, project_key, subset, position_end, config_hash,
                 status, total, requests, connection_id, created_at, cost_micros, unpriced, limit_micros)
               VALUES (1, 'r', 7, 1, 1, 1, 'all', 2, 'h', 'paused', 2, 2, 'c', 't', 46, 1, 2000000),
                      (2, 'more than anybody has', 7, 2, 1, 1, 'all', 2, 'h', 'paused', 2, 2, 'c', 't',
                       9223372036854775807, 0, NULL);
             INSERT INTO answer (hash, content, latency_ms, created_at, cost_micros, cached_tokens, reasoning_tokens)
               VALUES ('priced', '', 1, 't', 46, 7, 3), ('free', '', 1, 't', 0, 5, NULL),
                      ('unknown', '', 1, 't', NULL, NULL, NULL);
             INSERT INTO prediction (run_key, task_id, cached, attempts, cost_micros, answer_hash)
               VALUES (1, 5, 0, 1, 46, 'priced'), (1, 6, 0, 1, NULL, 'unknown'), (2, 5, 0, 1, 0, 'priced'),
                      (2, 6, 1, 0, 0, 'free');
             INSERT INTO spending VALUES ('2026-11-22', 'c', 'me', 46);
             INSERT INTO batch (run_key, part, requests, most_micros, created_at) VALUES (1, 1, 2, 300, 't');"
            ),
        );
        let run = store.run(&RunId("r".to_owned())).expect("a run");
        assert_eq!((run.cost_picos, run.unpriced, run.limit_micros), (46_000_000, 1, Some(2_000_000)));
        let costs = [5, 6].map(|task| store.result(run.key, TaskId(task)).expect("its row").cost_picos);
        assert_eq!(costs, [Some(46_000_000), None]);
        let costs =
            ["priced", "free", "unknown"].map(|hash| store.answer(hash).expect("read").expect("kept").cost_picos);
        assert_eq!(costs, [Some(46_000_000), Some(0), None]);
        assert_eq!(store.spending("2026-11-22", "me").expect("read")[0].own_picos, 46_000_000);
        assert_eq!(store.open_batches(run.key).expect("read")[0].most_picos, 300_000_000);
        let tokens = |run_key, task| {
            let row = store.result(run_key, TaskId(task)).expect("its row");
            (row.cached_tokens, row.reasoning_tokens)
        };
        assert_eq!([tokens(1, 5), tokens(1, 6), tokens(2, 6)], [(Some(7), Some(3)), (None, None), (Some(5), None)]);
        assert_eq!((run.cached_tokens, run.reasoning_tokens), (7, 3));
        let rich = store.run(&RunId("more than anybody has".to_owned())).expect("a run");
        assert_eq!(rich.cost_picos, 9_223_372_036_854_000_000);
        assert_eq!((rich.cached_tokens, rich.reasoning_tokens), (7, 3), "what was owned was paid by another");
    }

    #[test]
    fn predictions_from_before_confidence_was_kept_say_how_sure_they_are() {
        let (_folder, store) = brought_up_to_date(
            23,
            &format!(
                r#"{ONE_PROMPT}
             INSERT INTO run (key, id, prompt_key, number, version_key, project_key, subset, position_end, config_hash,
                 status, total, connection_id, created_at)
               VALUES (1, 'r', 7, 1, 1, 1, 'all', 2, 'h', 'completed', 2, 'c', 't'),
                      (2, 's', 7, 2, 1, 1, 'all', 2, 'h', 'completed', 2, 'c', 't');
             INSERT INTO prediction (run_key, task_id, cached, attempts, result)
               VALUES (1, 5, 0, 1, '[{{"id":"a","score":0.9}},{{"id":"b","score":0.4}}]'),
                      (1, 6, 0, 1, '[{{"id":"a","score":0.9}},{{"id":"b"}}]'), (2, 5, 0, 1, '[{{"score":90}}]'),
                      (2, 6, 0, 1, '[{{"value":{{"text":["the \"score\": 0.5"]}}}}]');"#
            ),
        );
        let sure = [(1, 5), (1, 6), (2, 5), (2, 6)];
        let sure = sure.map(|(run_key, task)| store.result(run_key, TaskId(task)).expect("its row").confidence);
        assert_eq!(sure, [Some(0.4), None, None, None]);
    }

    #[test]
    fn runs_from_before_samples_had_a_size_are_read_as_they_were() {
        let (_folder, store) = brought_up_to_date(
            10,
            &format!(
                "{ONE_PROMPT}
             INSERT INTO run (key, id, prompt_key, number, version_key, project_key, subset, position_end, config_hash,
                 status, total, connection_id, created_at)
               VALUES (1, 'r', 7, 1, 1, 1, 'sample', 2, 'h', 'paused', 2, 'c', 't');"
            ),
        );
        let run = store.run(&RunId("r".to_owned())).expect("a run");
        assert_eq!((run.subset, run.only, run.concurrency), (Subset::SAMPLE, None, None));
        assert_eq!((&run.other_model, run.repetition()), (&None, None), "it asked what its version says, once");
        assert_eq!(store.unanswered_tasks(&run, None, 9).expect("its tasks").len(), 2);
    }

    #[test]
    fn what_a_run_had_in_flight_is_part_of_what_it_may_have_cost() {
        let (_folder, store) = brought_up_to_date(
            25,
            &format!(
                "{ONE_PROMPT}
             INSERT INTO run (key, id, prompt_key, number, version_key, project_key, subset, position_end, config_hash,
                 status, total, connection_id, lease_owner, created_at, cost_picos, lost, lost_picos, calls_out,
                 calls_out_picos)
               VALUES (1, 'r', 7, 1, 1, 1, 'all', 2, 'h', 'in_progress', 2, 'c', 'gone', 't', 70, 1, 20, 3, 9);"
            ),
        );
        let lease = store.outdated_leases("another", 0, 1).expect("read").remove(0);
        assert!(store.pause_abandoned_run(lease, "Its program is gone.", "2026-01-02T03:04:05Z").expect("paused"));
        let run = store.run(&RunId("r".to_owned())).expect("a run");
        assert_eq!((run.lost, run.cost_picos), (crate::journal::Lost { calls: 4, picos: 29 }, 70));
    }

    #[test]
    fn writers_wait_side_by_side_for_another_program() {
        let (_folder, path) = workspace();
        let store = Store::open(&path).expect("new");
        let mut other = connect(&path).expect("another program");
        let held = other.transaction_with_behavior(TransactionBehavior::Immediate).expect("it holds the file");
        let (began, wait) = (Instant::now(), Duration::from_millis(800));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert!(matches!(store.write_within(wait, |_| Ok(())), Err(StoreError::Locked))));
            }
        });
        assert!(began.elapsed() < wait * 4, "one after the other would take eight times as long");
        held.rollback().expect("let go");
        store.write(|_| Ok(())).expect("written");
    }

    #[test]
    fn a_search_sees_letters_and_not_their_case() {
        let (_folder, path) = workspace();
        let file = connect(&path).expect("a file");
        let finds = |text: &str, wanted: &str| -> bool {
            file.query_row("SELECT contains(?1, ?2)", [text, wanted], |row| row.get(0)).expect("searched")
        };
        for (text, wanted) in [
            ("Ünïcode", "üNÏ"),
            ("ΟΔΟΣ", "οδος"),
            ("ΟΔΟΣ", "οδοσ"),
            ("ΣΟΦΟΣ ΑΝΗΡ", "σοφοΣ"),
            ("σοφος", "ΟΣ"),
            ("a", ""),
        ] {
            assert!(finds(text, wanted), "{text} {wanted}");
        }
        assert!(!finds("ΟΔΟΣ", "οδος α") && !finds("100%", "1_0%"));
    }

    #[test]
    fn another_sqlite_file_is_left_alone() {
        let (_folder, path) = workspace();
        Connection::open(&path).and_then(|c| c.execute_batch("CREATE TABLE mine (x)")).expect("other file");
        assert!(matches!(Store::open(&path), Err(StoreError::NotAWorkspace(_))));
        assert!(!is_workspace(&path).expect("read"));
    }

    #[test]
    fn a_workspace_is_known_by_its_first_bytes() {
        let (_folder, path) = workspace();
        assert!(is_workspace(&path).is_err(), "there is no file");
        let store = Store::open(&path).expect("a new workspace");
        assert!(is_workspace(&path).expect("read"), "while it is open");
        drop(store);
        assert!(is_workspace(&path).expect("read"), "and after");
        std::fs::write(&path, "short").expect("written");
        assert!(!is_workspace(&path).expect("read"));
    }

    #[test]
    fn a_file_that_is_no_database_is_left_alone() {
        let (_folder, path) = workspace();
        let text = "not a database, but long enough to be taken for the header of one".repeat(20);
        std::fs::write(&path, &text).expect("write");
        assert!(matches!(Store::open(&path), Err(StoreError::NotAWorkspace(_))));
        assert!(!is_workspace(&path).expect("read"));
        assert_eq!(std::fs::read_to_string(&path).expect("read"), text);
    }

    #[test]
    fn what_a_file_brings_along_calls_none_of_our_functions() {
        let (_folder, path) = workspace();
        let store = Store::open(&path).expect("new");
        let hostile = "CREATE TRIGGER hostile AFTER INSERT ON setting BEGIN SELECT data_hash('x'); END";
        Connection::open(&path).and_then(|file| file.execute_batch(hostile)).expect("planted");
        let Err(error) = store.set_setting("a", "1") else { panic!("the trigger was run") };
        assert!(error.to_string().contains("unsafe use of data_hash"), "{error}");
    }

    #[test]
    fn a_newer_workspace_is_refused_in_words() {
        let (_folder, path) = workspace();
        drop(Store::open(&path).expect("new"));
        Connection::open(&path).and_then(|c| c.pragma_update(None, "user_version", 99)).expect("age it");
        assert!(matches!(Store::open(&path), Err(StoreError::Newer { found: 99, .. })));
    }
}
