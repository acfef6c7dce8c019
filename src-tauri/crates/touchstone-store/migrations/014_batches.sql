-- Runs that ask by batch: what was handed over to a vendor, and what of it is still out.

ALTER TABLE run ADD COLUMN is_batch INTEGER NOT NULL DEFAULT 0;

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
  most_micros   INTEGER NOT NULL,
  created_at    TEXT NOT NULL,
  submitted_at  TEXT,
  UNIQUE (run_key, part)
) STRICT;

-- Its requests, each by the task that it was made for. Other tasks with the same request find its answer owned.
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
