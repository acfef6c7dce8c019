-- Written by a test of database.rs: what the migrations make of an empty file.

CREATE TABLE space (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,
  created_at  TEXT NOT NULL
, description TEXT NOT NULL DEFAULT '') STRICT;

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
, settings TEXT NOT NULL DEFAULT '{}', key_hint TEXT, key_added_at TEXT) STRICT;

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
, held_out INTEGER NOT NULL DEFAULT 0) STRICT;

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
, data_hash INTEGER NOT NULL DEFAULT 0, predictions TEXT) STRICT;

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
, updated_at TEXT) STRICT;

CREATE INDEX annotation_task ON annotation (task_id);

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
  stop_requested     INTEGER NOT NULL DEFAULT 0, connection_id TEXT NOT NULL DEFAULT '', retries INTEGER NOT NULL DEFAULT 0, cost_picos INTEGER NOT NULL DEFAULT 0, unpriced INTEGER NOT NULL DEFAULT 0, structure TEXT, limit_micros INTEGER, pause_requested INTEGER NOT NULL DEFAULT 0, concurrency INTEGER, only_those TEXT, interrupted INTEGER NOT NULL DEFAULT 0, is_batch INTEGER NOT NULL DEFAULT 0, cached_tokens INTEGER NOT NULL DEFAULT 0, reasoning_tokens INTEGER NOT NULL DEFAULT 0, provider TEXT, model TEXT, repetition INTEGER NOT NULL DEFAULT 1, repetitions INTEGER NOT NULL DEFAULT 1, probes INTEGER NOT NULL DEFAULT 0, uncounted INTEGER NOT NULL DEFAULT 0, is_structure_on_trial INTEGER NOT NULL DEFAULT 0, cause TEXT, held_by INTEGER, lost INTEGER NOT NULL DEFAULT 0, lost_picos INTEGER NOT NULL DEFAULT 0, waiting TEXT, calls_out INTEGER NOT NULL DEFAULT 0, gone_max_picos INTEGER NOT NULL DEFAULT 0, reviewed INTEGER NOT NULL DEFAULT 0, review_changes INTEGER NOT NULL DEFAULT 0,
  UNIQUE (prompt_key, number)
) STRICT;

CREATE INDEX run_version ON run (version_key);

CREATE TABLE answer (
  hash               TEXT PRIMARY KEY,
  content            TEXT NOT NULL,
  prompt_tokens      INTEGER,
  completion_tokens  INTEGER,
  latency_ms         INTEGER NOT NULL,
  created_at         TEXT NOT NULL
, cached_tokens INTEGER, reasoning_tokens INTEGER, cost_picos INTEGER, request_id TEXT) STRICT, WITHOUT ROWID;

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
  latency_ms         INTEGER, cost_picos INTEGER, error_vendor TEXT, cached_tokens INTEGER, reasoning_tokens INTEGER, confidence REAL,
  PRIMARY KEY (run_key, task_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
  name   TEXT PRIMARY KEY,
  value  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE import_issue (
  id           INTEGER PRIMARY KEY,
  project_key  INTEGER NOT NULL REFERENCES project ON DELETE CASCADE,
  kind         TEXT NOT NULL CHECK (kind IN ('refused', 'duplicate', 'changed')),
  file         TEXT NOT NULL,
  -- The first item is 1, and so is the first line; null where the format has no lines.
  item         INTEGER NOT NULL,
  line         INTEGER,
  message      TEXT NOT NULL
, remote_id INTEGER) STRICT;

CREATE INDEX import_issue_project ON import_issue (project_key, id);

CREATE TABLE task_order (
  key          INTEGER PRIMARY KEY,
  project_key  INTEGER NOT NULL REFERENCES project ON DELETE CASCADE,
  field        TEXT NOT NULL,
  -- How many tasks it orders; fewer than the project has once more were imported.
  tasks        INTEGER NOT NULL,
  -- Their positions, ascending by the field, each as four bytes, the lowest first.
  positions    BLOB NOT NULL,
  UNIQUE (project_key, field)
) STRICT;

CREATE TABLE "prompt" (
  key          INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  space_id     TEXT NOT NULL REFERENCES space,
  -- Null for a prompt that came from elsewhere and is not aimed at a project yet.
  project_id   TEXT REFERENCES project (id),
  name         TEXT NOT NULL,
  description  TEXT NOT NULL,
  -- Path of the folder that it is listed in, with slashes; empty for none.
  folder       TEXT NOT NULL DEFAULT '',
  is_sample    INTEGER NOT NULL DEFAULT 0,
  created_at   TEXT NOT NULL,
  updated_at   TEXT NOT NULL,
  deleted_at   TEXT
) STRICT;

CREATE UNIQUE INDEX prompt_name ON prompt (space_id, name) WHERE deleted_at IS NULL;

CREATE TRIGGER version_is_never_removed_alone BEFORE DELETE ON version
WHEN EXISTS (SELECT 1 FROM prompt WHERE key = OLD.prompt_key)
BEGIN
  SELECT RAISE(ABORT, 'a version is never removed alone');
END;

CREATE TABLE prompt_update (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  prompt_key  INTEGER NOT NULL REFERENCES prompt ON DELETE CASCADE
) STRICT;

CREATE INDEX prompt_update_prompt ON prompt_update (prompt_key, id);

CREATE TABLE label (
  prompt_key   INTEGER NOT NULL REFERENCES prompt ON DELETE CASCADE,
  name         TEXT NOT NULL,
  version_key  INTEGER NOT NULL REFERENCES version ON DELETE CASCADE,
  moved_at     TEXT NOT NULL,
  PRIMARY KEY (prompt_key, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX label_version ON label (version_key);

CREATE TABLE label_move (
  id                INTEGER PRIMARY KEY,
  prompt_key        INTEGER NOT NULL REFERENCES prompt ON DELETE CASCADE,
  name              TEXT NOT NULL,
  -- Numbers of versions; null where the label was new, or was removed.
  from_number       INTEGER,
  to_number         INTEGER,
  author            TEXT NOT NULL,
  moved_at          TEXT NOT NULL
) STRICT;

CREATE INDEX label_move_prompt ON label_move (prompt_key, id);

CREATE TABLE space_link (
  space_id           TEXT PRIMARY KEY REFERENCES space ON DELETE CASCADE,
  -- Base URL of the server, without a slash at the end.
  address            TEXT NOT NULL,
  remote_space_id    TEXT NOT NULL,
  remote_space_name  TEXT NOT NULL,
  -- Where its key is; never the key itself.
  key_storage        TEXT NOT NULL CHECK (key_storage IN ('none', 'keychain', 'until_quit')),
  -- When something was last pulled or pushed; null before that.
  synced_at          TEXT
, lease_owner TEXT, lease_beat_ms INTEGER) STRICT;

CREATE TABLE "prompt_link" (
  -- The space whose link it is of; the prompt may be in another one by now.
  space_id    TEXT NOT NULL REFERENCES space ON DELETE CASCADE,
  prompt_key  INTEGER NOT NULL REFERENCES prompt ON DELETE CASCADE,
  remote_id   TEXT NOT NULL,
  -- JSON of what can change and was the same on both sides last: {"description", "labels": {name: remote version id}}.
  agreed      TEXT NOT NULL,
  PRIMARY KEY (space_id, prompt_key),
  UNIQUE (space_id, remote_id)
) STRICT;

CREATE INDEX prompt_link_prompt ON prompt_link (prompt_key);

CREATE TABLE "version_link" (
  space_id     TEXT NOT NULL REFERENCES space ON DELETE CASCADE,
  version_key  INTEGER NOT NULL REFERENCES version ON DELETE CASCADE,
  remote_id    TEXT NOT NULL,
  PRIMARY KEY (space_id, version_key)
) STRICT;

CREATE INDEX version_link_version ON version_link (version_key);

CREATE TRIGGER version_is_never_replaced BEFORE INSERT ON version
WHEN EXISTS (SELECT 1 FROM version WHERE key = NEW.key OR id = NEW.id
               OR (prompt_key = NEW.prompt_key AND number = NEW.number))
BEGIN
  SELECT RAISE(ABORT, 'a version never changes');
END;

CREATE TABLE contact (
  -- In UTC, as 2026-01-02.
  day             TEXT NOT NULL,
  -- With its port, where that is not the scheme's own.
  host            TEXT NOT NULL,
  purpose         TEXT NOT NULL,
  requests        INTEGER NOT NULL,
  bytes_sent      INTEGER NOT NULL,
  bytes_received  INTEGER NOT NULL,
  last_at         TEXT NOT NULL,
  PRIMARY KEY (day, host, purpose)
) STRICT, WITHOUT ROWID;

CREATE TABLE spending (
  -- In UTC, as 2026-01-02.
  day            TEXT NOT NULL,
  connection_id  TEXT NOT NULL,
  -- The program that paid, as in `run.lease_owner`: each knows at once what it paid itself.
  owner          TEXT NOT NULL,
  -- Millionths of a dollar, of the replies whose price is known.
  cost_picos    INTEGER NOT NULL, lost INTEGER NOT NULL DEFAULT 0, lost_picos INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (day, connection_id, owner)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_task (
  run_key   INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  position  INTEGER NOT NULL,
  PRIMARY KEY (run_key, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE batch (
  key           INTEGER PRIMARY KEY,
  run_key       INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  -- 1, 2, 3, …; with the run's id it names the batch at the vendor, and is never used again.
  part          INTEGER NOT NULL,
  -- Null from before it is handed over until the vendor's id is known.
  vendor_id     TEXT,
  -- 'open' while anything may come of it, 'merged' once what came is kept, 'void' if nothing of it was ever asked.
  state         TEXT NOT NULL DEFAULT 'open',
  requests      INTEGER NOT NULL,
  -- Those that have an outcome, as the vendor said last.
  done          INTEGER NOT NULL DEFAULT 0,
  -- What it can cost, in millionths of a dollar.
  most_picos   INTEGER NOT NULL,
  created_at    TEXT NOT NULL,
  submitted_at  TEXT,
  UNIQUE (run_key, part)
) STRICT;

CREATE TABLE batch_request (
  key        INTEGER PRIMARY KEY,
  batch_key  INTEGER NOT NULL REFERENCES batch ON DELETE CASCADE,
  -- The key of its answer, and its key at the vendor.
  hash       TEXT NOT NULL,
  task_id    INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
  UNIQUE (batch_key, hash)
) STRICT;

CREATE INDEX batch_request_hash ON batch_request (hash);

CREATE INDEX batch_request_task ON batch_request (task_id);

CREATE INDEX run_active ON run (status) WHERE status IN ('queued', 'in_progress');

CREATE INDEX run_held ON run (held_by) WHERE held_by IS NOT NULL;

CREATE TABLE run_tally (
  run_key      INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE,
  -- The labeling config by which it was counted.
  config_hash  TEXT NOT NULL,
  -- Grows with every write: whoever makes it anew from the predictions knows whether they were scored again meanwhile.
  changes      INTEGER NOT NULL DEFAULT 0,
  -- JSON; empty for one that counts nothing.
  state        TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE gold_mark (
  task_id        INTEGER PRIMARY KEY REFERENCES task ON DELETE CASCADE,
  mark           TEXT NOT NULL CHECK (mark IN ('kept', 'ambiguous')),
  annotation_id  INTEGER NOT NULL,
  result         TEXT NOT NULL,
  marked_at      TEXT NOT NULL
) STRICT;

CREATE TABLE review_batch (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  run_key     INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  decided_at  TEXT NOT NULL
) STRICT;

CREATE INDEX review_batch_run ON review_batch (run_key);

CREATE TABLE review (
  run_key        INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  task_id        INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
  decision       TEXT NOT NULL CHECK (decision IN ('accepted', 'corrected', 'rejected')),
  batch          INTEGER NOT NULL REFERENCES review_batch ON DELETE CASCADE,
  -- What an accepted one became, or what it was corrected to; null where nothing was annotated. It may be gone.
  annotation_id  INTEGER,
  PRIMARY KEY (run_key, task_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX review_of_batch ON review (batch, task_id);

CREATE TABLE replaced_review (
  run_key        INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  task_id        INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
  batch          INTEGER NOT NULL REFERENCES review_batch ON DELETE CASCADE,
  decision       TEXT NOT NULL CHECK (decision IN ('accepted', 'corrected', 'rejected')),
  annotation_id  INTEGER,
  -- The annotation that it had made, if that was taken away for the later one.
  result         TEXT,
  ground_truth   INTEGER,
  source         TEXT,
  PRIMARY KEY (run_key, task_id, batch)
) STRICT, WITHOUT ROWID;

CREATE INDEX replaced_review_of_batch ON replaced_review (batch);

CREATE TABLE label_studio_server (
  id           TEXT PRIMARY KEY,
  name         TEXT NOT NULL UNIQUE,
  -- Base URL, without a slash at the end.
  address      TEXT NOT NULL,
  -- Where its token is; never the token itself.
  key_storage  TEXT NOT NULL CHECK (key_storage IN ('none', 'keychain', 'until_quit')),
  proxy        TEXT,
  custom_ca    TEXT,
  -- What it said of itself and of who signs in, when it was looked at last: JSON.
  about        TEXT NOT NULL,
  checked_at   TEXT NOT NULL
) STRICT;

CREATE TABLE project_link (
  project_key  INTEGER PRIMARY KEY REFERENCES project ON DELETE CASCADE,
  server_id    TEXT NOT NULL REFERENCES label_studio_server ON DELETE CASCADE,
  remote_id    INTEGER NOT NULL,
  title        TEXT NOT NULL,
  -- The newest change to its tasks that is known to be here; null where the server told none.
  pulled_to    TEXT,
  pulled_at    TEXT NOT NULL,
  UNIQUE (server_id, remote_id)
) STRICT;

CREATE TABLE linked_task (
  project_key  INTEGER NOT NULL REFERENCES project_link (project_key) ON DELETE CASCADE,
  remote_id    INTEGER NOT NULL,
  task_id      INTEGER NOT NULL REFERENCES task ON DELETE CASCADE, is_kept INTEGER NOT NULL DEFAULT 0, data_changed_at TEXT,
  PRIMARY KEY (project_key, remote_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX linked_task_task ON linked_task (task_id);

CREATE TABLE push (
  key          INTEGER PRIMARY KEY,
  run_key      INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  server_id    TEXT NOT NULL REFERENCES label_studio_server ON DELETE CASCADE,
  -- JSON of what was chosen.
  options      TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('waiting', 'under_way', 'done', 'failed')),
  written      INTEGER NOT NULL DEFAULT 0,
  unchanged    INTEGER NOT NULL DEFAULT 0,
  failed       INTEGER NOT NULL DEFAULT 0,
  -- Why it waits or failed, in words.
  reason       TEXT,
  created_at   TEXT NOT NULL,
  finished_at  TEXT,
  -- The program that is at it, and when it last said so, in milliseconds since 1970.
  lease_owner    TEXT,
  lease_beat_ms  INTEGER
) STRICT;

CREATE INDEX push_run ON push (run_key);

