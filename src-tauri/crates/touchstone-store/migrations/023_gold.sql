-- What somebody decided about ground truth that good runs contradict. It holds for the annotation that was ground truth then,
-- with the regions that it had.
CREATE TABLE gold_mark (
  task_id        INTEGER PRIMARY KEY REFERENCES task ON DELETE CASCADE,
  mark           TEXT NOT NULL CHECK (mark IN ('kept', 'ambiguous')),
  annotation_id  INTEGER NOT NULL,
  result         TEXT NOT NULL,
  marked_at      TEXT NOT NULL
) STRICT;
