-- Why a run is not faster now, in words, for programs that look on: written each time its lease is renewed.
ALTER TABLE run ADD COLUMN waiting TEXT;
