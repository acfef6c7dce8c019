-- Prompts as the Arize prompts API keeps them: labels that move, prompts without a project, folders, an order of updates.
-- Runs with foreign keys off, so that a table can be made anew; they are checked before the transaction ends.

DROP TRIGGER version_is_never_removed_alone;
CREATE TABLE prompt_anew (
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
INSERT INTO prompt_anew (key, id, space_id, project_id, name, description, is_sample, created_at, updated_at, deleted_at)
  SELECT key, id, space_id, project_id, name, description, is_sample, created_at, updated_at, deleted_at FROM prompt;
DROP TABLE prompt;
ALTER TABLE prompt_anew RENAME TO prompt;
-- The bin does not count.
CREATE UNIQUE INDEX prompt_name ON prompt (space_id, name) WHERE deleted_at IS NULL;
CREATE TRIGGER version_is_never_removed_alone BEFORE DELETE ON version
WHEN EXISTS (SELECT 1 FROM prompt WHERE key = OLD.prompt_key)
BEGIN
  SELECT RAISE(ABORT, 'a version is never removed alone');
END;

ALTER TABLE space ADD COLUMN description TEXT NOT NULL DEFAULT '';

-- One row for each change of a prompt, so that a list can be read page by page in the order that it had when it was begun.
CREATE TABLE prompt_update (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  prompt_key  INTEGER NOT NULL REFERENCES prompt ON DELETE CASCADE
) STRICT;
CREATE INDEX prompt_update_prompt ON prompt_update (prompt_key, id);
INSERT INTO prompt_update (prompt_key) SELECT key FROM prompt ORDER BY updated_at, key;

-- Movable names for versions.
CREATE TABLE label (
  prompt_key   INTEGER NOT NULL REFERENCES prompt ON DELETE CASCADE,
  name         TEXT NOT NULL,
  version_key  INTEGER NOT NULL REFERENCES version ON DELETE CASCADE,
  moved_at     TEXT NOT NULL,
  PRIMARY KEY (prompt_key, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX label_version ON label (version_key);

-- Every move that a label ever made.
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
