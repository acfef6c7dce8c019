-- Whether a run paused because its program ended, by a crash or because it was closed: offered at the next start, until
-- somebody goes on with it or stops it.
ALTER TABLE run ADD COLUMN interrupted INTEGER NOT NULL DEFAULT 0;
