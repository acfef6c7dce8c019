-- What calls of a run may cost that are in flight, or soon will be, under a limit: written down before they are sent. Once its
-- program is found to be gone, nobody will say what became of them, and it counts as lost. In picodollars.
ALTER TABLE run ADD COLUMN calls_out INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN calls_out_picos INTEGER NOT NULL DEFAULT 0;
