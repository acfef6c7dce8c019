-- The id on its server of the task that an issue is about; null where it came from a file, which the item leads to.
ALTER TABLE import_issue ADD COLUMN remote_id INTEGER;
