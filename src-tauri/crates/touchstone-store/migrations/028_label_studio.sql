-- Label Studio servers that the workspace is connected to.
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

-- The project of a server that one of ours came from.
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

-- The tasks of a linked project by the ids that they have there.
CREATE TABLE linked_task (
  project_key  INTEGER NOT NULL REFERENCES project_link (project_key) ON DELETE CASCADE,
  remote_id    INTEGER NOT NULL,
  task_id      INTEGER NOT NULL REFERENCES task ON DELETE CASCADE,
  PRIMARY KEY (project_key, remote_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX linked_task_task ON linked_task (task_id);

-- What is to be given back, or was.
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
