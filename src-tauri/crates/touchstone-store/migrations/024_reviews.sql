-- How sure a prediction is of its least certain region, in [0, 1], so that results can be sorted by it; null unless all of its
-- regions say how sure they are.
ALTER TABLE prediction ADD COLUMN confidence REAL;
UPDATE prediction SET confidence =
  (SELECT CASE WHEN count(*) = count(CASE WHEN json_type(value, '$.score') IN ('integer', 'real')
                                           AND json_extract(value, '$.score') BETWEEN 0 AND 1 THEN 1 END)
               THEN min(json_extract(value, '$.score')) END
   FROM json_each(prediction.result))
  WHERE instr(result, '"score"') > 0;

-- What was decided together about predictions of a run. Its id is never used again: whoever takes it back means this.
CREATE TABLE review_batch (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  run_key     INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  decided_at  TEXT NOT NULL
) STRICT;
CREATE INDEX review_batch_run ON review_batch (run_key);

-- What was decided about a prediction last.
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
