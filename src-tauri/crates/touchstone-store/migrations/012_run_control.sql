-- Runs under control: paused by hand, limited by hand, and over any tasks.

-- Set by any process; obeyed by the owner of the lease, which lets the calls in flight come home.
ALTER TABLE run ADD COLUMN pause_requested INTEGER NOT NULL DEFAULT 0;
-- Requests at once, where somebody said so for this run; null is what the settings and its connection let it.
ALTER TABLE run ADD COLUMN concurrency INTEGER;
-- Which tasks of its subset it covers, by what became of them under this version before: 'missing' or 'failed'; null is
-- every one.
ALTER TABLE run ADD COLUMN only_those TEXT;

-- The tasks of a run, by position, where the subset does not say them for good: picked, sampled at random, or chosen by
-- what earlier runs had left open.
CREATE TABLE run_task (
  run_key   INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  position  INTEGER NOT NULL,
  PRIMARY KEY (run_key, position)
) STRICT, WITHOUT ROWID;
