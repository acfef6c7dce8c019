-- Projects at full size: equal tasks, ground truth held out, what an import refused, edited annotations, sorted views.

-- `domain::task::data_hash` of `data`: equal data, equal hash. Says which tasks are duplicates and which are held out.
ALTER TABLE task ADD COLUMN data_hash INTEGER NOT NULL DEFAULT 0;
UPDATE task SET data_hash = data_hash(data);
-- JSON list of the predictions that it was imported with, for exports; null when there was none.
ALTER TABLE task ADD COLUMN predictions TEXT;

-- Null until somebody edits it here.
ALTER TABLE annotation ADD COLUMN updated_at TEXT;

-- What an import did not take as it was, in the order of the file.
CREATE TABLE import_issue (
  id           INTEGER PRIMARY KEY,
  project_key  INTEGER NOT NULL REFERENCES project ON DELETE CASCADE,
  kind         TEXT NOT NULL CHECK (kind IN ('refused', 'duplicate', 'changed')),
  file         TEXT NOT NULL,
  -- The first item is 1, and so is the first line; null where the format has no lines.
  item         INTEGER NOT NULL,
  line         INTEGER,
  message      TEXT NOT NULL
) STRICT;
CREATE INDEX import_issue_project ON import_issue (project_key, id);

-- The project's tasks in the order of one field of their data: made when first asked for, then kept.
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
