-- Which hosts were contacted, and what for: sums of a day. Never what was asked or answered, and no path.
CREATE TABLE contact (
  -- In UTC, as 2026-01-02.
  day             TEXT NOT NULL,
  -- With its port, where that is not the scheme's own.
  host            TEXT NOT NULL,
  purpose         TEXT NOT NULL,
  requests        INTEGER NOT NULL,
  bytes_sent      INTEGER NOT NULL,
  bytes_received  INTEGER NOT NULL,
  last_at         TEXT NOT NULL,
  PRIMARY KEY (day, host, purpose)
) STRICT, WITHOUT ROWID;
