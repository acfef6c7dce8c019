-- What a link knows of a prompt outlives that the prompt is moved to another space here, and who pulls or pushes says so.
-- Runs with foreign keys off, so that tables can be made anew.

CREATE TABLE prompt_link_anew (
  -- The space whose link it is of; the prompt may be in another one by now.
  space_id    TEXT NOT NULL REFERENCES space ON DELETE CASCADE,
  prompt_key  INTEGER NOT NULL REFERENCES prompt ON DELETE CASCADE,
  remote_id   TEXT NOT NULL,
  -- JSON of what can change and was the same on both sides last: {"description", "labels": {name: remote version id}}.
  agreed      TEXT NOT NULL,
  PRIMARY KEY (space_id, prompt_key),
  UNIQUE (space_id, remote_id)
) STRICT;
INSERT OR IGNORE INTO prompt_link_anew (space_id, prompt_key, remote_id, agreed)
  SELECT space_id, prompt_key, remote_id, agreed FROM prompt_link JOIN prompt ON prompt.key = prompt_key
  ORDER BY deleted_at IS NOT NULL, prompt_key;
DROP TABLE prompt_link;
ALTER TABLE prompt_link_anew RENAME TO prompt_link;
CREATE INDEX prompt_link_prompt ON prompt_link (prompt_key);

CREATE TABLE version_link_anew (
  space_id     TEXT NOT NULL REFERENCES space ON DELETE CASCADE,
  version_key  INTEGER NOT NULL REFERENCES version ON DELETE CASCADE,
  remote_id    TEXT NOT NULL,
  PRIMARY KEY (space_id, version_key)
) STRICT;
INSERT INTO version_link_anew (space_id, version_key, remote_id)
  SELECT space_id, version_key, remote_id FROM version_link JOIN version ON version.key = version_key
  JOIN prompt ON prompt.key = prompt_key;
DROP TABLE version_link;
ALTER TABLE version_link_anew RENAME TO version_link;
CREATE INDEX version_link_version ON version_link (version_key);

-- Which process pulls or pushes, and when it last said so, in milliseconds since 1970; null while none does.
ALTER TABLE space_link ADD COLUMN lease_owner TEXT;
ALTER TABLE space_link ADD COLUMN lease_beat_ms INTEGER;
