-- What is counted of the predictions of a run, so that its metrics need not read them. Whoever writes predictions, or scores
-- them again, keeps it; where it does not count what the run counts, it is made anew.
CREATE TABLE run_tally (
  run_key      INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE,
  -- The labeling config by which it was counted.
  config_hash  TEXT NOT NULL,
  -- Grows with every write: whoever makes it anew from the predictions knows whether they were scored again meanwhile.
  changes      INTEGER NOT NULL DEFAULT 0,
  -- JSON; empty for one that counts nothing.
  state        TEXT NOT NULL DEFAULT ''
) STRICT;
