-- The first workspace. A migration, once released, is never edited: add the next one.
-- Times are RFC 3339 in UTC. Integer keys stay inside this file; the `id` columns are what the rest of the program sees.

CREATE TABLE space (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,
  created_at  TEXT NOT NULL
) STRICT;

CREATE TABLE connection (
  id              TEXT PRIMARY KEY,
  provider        TEXT NOT NULL,
  name            TEXT NOT NULL UNIQUE,
  endpoint        TEXT,
  -- What the keychain holds for this row; never the secret itself.
  has_api_key     INTEGER NOT NULL DEFAULT 0,
  has_auth_token  INTEGER NOT NULL DEFAULT 0,
  key_storage     TEXT NOT NULL DEFAULT 'none' CHECK (key_storage IN ('none', 'keychain', 'until_quit')),
  -- JSON of the last test, null before the first.
  last_test       TEXT,
  created_at      TEXT NOT NULL
) STRICT;

CREATE TABLE project (
  key            INTEGER PRIMARY KEY,
  id             TEXT NOT NULL UNIQUE,
  name           TEXT NOT NULL,
  config_xml     TEXT NOT NULL,
  config_hash    TEXT NOT NULL,
  is_sample      INTEGER NOT NULL DEFAULT 0,
  tasks          INTEGER NOT NULL DEFAULT 0,
  annotations    INTEGER NOT NULL DEFAULT 0,
  -- Tasks that have ground truth, not ground-truth annotations: a task may have several.
  ground_truths  INTEGER NOT NULL DEFAULT 0,
  created_at     TEXT NOT NULL,
  updated_at     TEXT NOT NULL,
  deleted_at     TEXT
) STRICT;
CREATE UNIQUE INDEX project_name ON project (name) WHERE deleted_at IS NULL;

CREATE TABLE task (
  id                INTEGER PRIMARY KEY,
  project_key       INTEGER NOT NULL REFERENCES project ON DELETE CASCADE,
  -- 0, 1, 2, … without holes, in the order of the import, so that a page is a range of keys.
  position          INTEGER NOT NULL,
  -- Label Studio's own id of the task, where it came with one.
  source_id         INTEGER,
  data              TEXT NOT NULL,
  meta              TEXT,
  has_ground_truth  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX task_position ON task (project_key, position);
CREATE INDEX task_ground_truth ON task (project_key, position) WHERE has_ground_truth = 1;

CREATE TABLE annotation (
  id             INTEGER PRIMARY KEY,
  task_id        INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
  result         TEXT NOT NULL,
  ground_truth   INTEGER NOT NULL,
  was_cancelled  INTEGER NOT NULL,
  created_at     TEXT,
  -- The other fields that the annotation was imported with (completed_by, lead_time, …), for exports.
  source         TEXT
) STRICT;
CREATE INDEX annotation_task ON annotation (task_id);

CREATE TABLE prompt (
  key          INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  space_id     TEXT NOT NULL REFERENCES space,
  project_id   TEXT NOT NULL REFERENCES project (id),
  name         TEXT NOT NULL,
  description  TEXT NOT NULL,
  is_sample    INTEGER NOT NULL DEFAULT 0,
  created_at   TEXT NOT NULL,
  updated_at   TEXT NOT NULL,
  deleted_at   TEXT
) STRICT;
-- The bin does not count.
CREATE UNIQUE INDEX prompt_name ON prompt (space_id, name) WHERE deleted_at IS NULL;

CREATE TABLE version (
  key             INTEGER PRIMARY KEY,
  id              TEXT NOT NULL UNIQUE,
  prompt_key      INTEGER NOT NULL REFERENCES prompt ON DELETE CASCADE,
  number          INTEGER NOT NULL,
  -- The canonical JSON that `commit_hash` is the SHA-256 of.
  content         TEXT NOT NULL,
  commit_hash     TEXT NOT NULL,
  commit_message  TEXT NOT NULL,
  -- Who is asked is beside the content, not in it: the same words through another connection are the same words.
  connection_id   TEXT,
  parent_id       TEXT,
  author          TEXT NOT NULL,
  created_at      TEXT NOT NULL,
  UNIQUE (prompt_key, number)
) STRICT;
CREATE TRIGGER version_is_immutable BEFORE UPDATE ON version
BEGIN
  SELECT RAISE(ABORT, 'a version never changes');
END;
CREATE TRIGGER version_is_never_removed_alone BEFORE DELETE ON version
WHEN EXISTS (SELECT 1 FROM prompt WHERE key = OLD.prompt_key)
BEGIN
  SELECT RAISE(ABORT, 'a version is never removed alone');
END;

CREATE TABLE draft (
  prompt_key     INTEGER PRIMARY KEY REFERENCES prompt ON DELETE CASCADE,
  content        TEXT NOT NULL,
  connection_id  TEXT,
  -- Number of the version it was started from; null before the first.
  based_on       INTEGER,
  updated_at     TEXT NOT NULL
) STRICT;

CREATE TABLE run (
  key                INTEGER PRIMARY KEY,
  id                 TEXT NOT NULL UNIQUE,
  prompt_key         INTEGER NOT NULL REFERENCES prompt ON DELETE CASCADE,
  number             INTEGER NOT NULL,
  version_key        INTEGER NOT NULL REFERENCES version ON DELETE CASCADE,
  project_key        INTEGER NOT NULL REFERENCES project,
  subset             TEXT NOT NULL,
  -- Tasks at or after this position came after the run started and are not part of it.
  position_end       INTEGER NOT NULL,
  config_hash        TEXT NOT NULL,
  status             TEXT NOT NULL,
  reason             TEXT,
  total              INTEGER NOT NULL,
  -- Counts over `prediction`, kept by the transaction that writes the predictions.
  done               INTEGER NOT NULL DEFAULT 0,
  scored             INTEGER NOT NULL DEFAULT 0,
  correct            INTEGER NOT NULL DEFAULT 0,
  -- Failed tasks, and those of them that have ground truth.
  failed             INTEGER NOT NULL DEFAULT 0,
  failed_with_truth  INTEGER NOT NULL DEFAULT 0,
  cached             INTEGER NOT NULL DEFAULT 0,
  requests           INTEGER NOT NULL DEFAULT 0,
  prompt_tokens      INTEGER NOT NULL DEFAULT 0,
  completion_tokens  INTEGER NOT NULL DEFAULT 0,
  score_sum          REAL NOT NULL DEFAULT 0,
  created_at         TEXT NOT NULL,
  started_at         TEXT,
  finished_at        TEXT,
  -- Time at work, without pauses.
  wall_ms            INTEGER NOT NULL DEFAULT 0,
  -- Which process is at work on it, and when it last said so (milliseconds since 1970).
  lease_owner        TEXT,
  lease_beat_ms      INTEGER,
  -- Set by any process; obeyed by the owner of the lease.
  stop_requested     INTEGER NOT NULL DEFAULT 0,
  UNIQUE (prompt_key, number)
) STRICT;
CREATE INDEX run_version ON run (version_key);
CREATE INDEX run_active ON run (status) WHERE status IN ('pending', 'in_progress');

-- Replies by the hash of the exact request, so that nothing is paid for twice.
CREATE TABLE answer (
  hash               TEXT PRIMARY KEY,
  content            TEXT NOT NULL,
  prompt_tokens      INTEGER,
  completion_tokens  INTEGER,
  latency_ms         INTEGER NOT NULL,
  created_at         TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE prediction (
  run_key            INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  task_id            INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
  answer_hash        TEXT,
  -- Regions as JSON; null when the task failed.
  result             TEXT,
  -- Every repair made while placing the answer, as JSON; null when there was none.
  repairs            TEXT,
  -- 1 or 0 when scored, null otherwise. A failed task is not scored.
  correct            INTEGER,
  score              REAL,
  error_code         TEXT,
  error_message      TEXT,
  cached             INTEGER NOT NULL,
  attempts           INTEGER NOT NULL,
  prompt_tokens      INTEGER,
  completion_tokens  INTEGER,
  latency_ms         INTEGER,
  PRIMARY KEY (run_key, task_id)
) STRICT, WITHOUT ROWID;

-- What the command line obeys too; preferences of the window are kept by the shell.
CREATE TABLE setting (
  name   TEXT PRIMARY KEY,
  value  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
