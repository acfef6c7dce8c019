-- Runs of one connection go one after the other: those that wait are 'queued', in the order in which they were made.

-- What was made and not begun had no other name so far.
UPDATE run SET status = 'queued' WHERE status = 'pending';
DROP INDEX run_active;
CREATE INDEX run_active ON run (status) WHERE status IN ('queued', 'in_progress');
-- What a program had begun and queued when it ended is told by the time.
ALTER TABLE run DROP COLUMN together;
