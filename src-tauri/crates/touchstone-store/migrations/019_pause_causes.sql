-- Why a run is paused, for those who act on it: 'offline', 'refused', or NULL; `reason` says it in words.
ALTER TABLE run ADD COLUMN cause TEXT;
-- The key of the run that was refused, of itself and of those that were queued behind it: they go on together.
ALTER TABLE run ADD COLUMN held_by INTEGER;
CREATE INDEX run_held ON run (held_by) WHERE held_by IS NOT NULL;
