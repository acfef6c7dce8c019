-- What runs did not count, or not apart.

-- Those of the requests that found out in which form the model answers.
ALTER TABLE run ADD COLUMN probes INTEGER NOT NULL DEFAULT 0;
-- Paid replies whose tokens the server did not count.
ALTER TABLE run ADD COLUMN uncounted INTEGER NOT NULL DEFAULT 0;
-- Whether the structure that a run found is any better was not known yet.
ALTER TABLE run ADD COLUMN is_structure_on_trial INTEGER NOT NULL DEFAULT 0;
