-- Calls that may be charged for though nobody says what: the server gave no usage, or no answer came. Limits count each as the
-- most that it can cost, in picodollars; none of it is shown as spent.
ALTER TABLE run ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN lost_picos INTEGER NOT NULL DEFAULT 0;
ALTER TABLE spending ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE spending ADD COLUMN lost_picos INTEGER NOT NULL DEFAULT 0;
