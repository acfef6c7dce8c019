-- Money: what a run may cost, and what was spent on which day.

-- In millionths of a dollar; without it a run may cost whatever it costs.
ALTER TABLE run ADD COLUMN limit_micros INTEGER;

-- What the replies to runs cost, for budgets of a day. A run knows its sum, but not of which days it is.
CREATE TABLE spending (
  -- In UTC, as 2026-01-02.
  day            TEXT NOT NULL,
  connection_id  TEXT NOT NULL,
  -- The program that paid, as in `run.lease_owner`: each knows at once what it paid itself.
  owner          TEXT NOT NULL,
  -- Millionths of a dollar, of the replies whose price is known.
  cost_micros    INTEGER NOT NULL,
  PRIMARY KEY (day, connection_id, owner)
) STRICT, WITHOUT ROWID;
