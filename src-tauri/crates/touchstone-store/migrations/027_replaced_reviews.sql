-- How many predictions of a run were decided about, and how often one was decided about or such a decision taken back. Kept by
-- the transaction that does.
ALTER TABLE run ADD COLUMN reviewed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN review_changes INTEGER NOT NULL DEFAULT 0;
UPDATE run SET reviewed = (SELECT count(*) FROM review WHERE review.run_key = run.key);

-- Decisions that later ones took the place of. They hold again once those are taken back.
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
