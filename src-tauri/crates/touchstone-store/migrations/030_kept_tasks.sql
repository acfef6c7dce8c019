-- The task is gone on its server, and the user said that it stays here.
ALTER TABLE linked_task ADD COLUMN is_kept INTEGER NOT NULL DEFAULT 0;
