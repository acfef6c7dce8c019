-- When a pull gave the task other data last: what runs of before predicted is of other data than the task has.
ALTER TABLE linked_task ADD COLUMN data_changed_at TEXT;
