-- Spaces that follow a space of another server: what stands for what on both sides, and what both agreed on last.

CREATE TABLE space_link (
  space_id           TEXT PRIMARY KEY REFERENCES space ON DELETE CASCADE,
  -- Base URL of the server, without a slash at the end.
  address            TEXT NOT NULL,
  remote_space_id    TEXT NOT NULL,
  remote_space_name  TEXT NOT NULL,
  -- Where its key is; never the key itself.
  key_storage        TEXT NOT NULL CHECK (key_storage IN ('none', 'keychain', 'until_quit')),
  -- When something was last pulled or pushed; null before that.
  synced_at          TEXT
) STRICT;

CREATE TABLE prompt_link (
  prompt_key  INTEGER PRIMARY KEY REFERENCES prompt ON DELETE CASCADE,
  remote_id   TEXT NOT NULL,
  -- JSON of what can change and was the same on both sides last: {"description", "labels": {name: remote version id}}.
  agreed      TEXT NOT NULL
) STRICT;

CREATE TABLE version_link (
  version_key  INTEGER PRIMARY KEY REFERENCES version ON DELETE CASCADE,
  remote_id    TEXT NOT NULL
) STRICT;
