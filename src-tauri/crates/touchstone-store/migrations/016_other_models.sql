-- Runs that ask another model than their version names, and runs that ask the same several times.

-- Set where the version's own was not asked; null is what the version says.
ALTER TABLE run ADD COLUMN provider TEXT;
ALTER TABLE run ADD COLUMN model TEXT;
-- Which of how many: every one but the first has answers of its own.
ALTER TABLE run ADD COLUMN repetition INTEGER NOT NULL DEFAULT 1;
ALTER TABLE run ADD COLUMN repetitions INTEGER NOT NULL DEFAULT 1;
-- The same for all that were started at once; null for one alone.
ALTER TABLE run ADD COLUMN together TEXT;
