-- What a connection says beside its name and endpoint, and what calls cost.

-- JSON of the engine's connection settings: addresses, names, models, how each is held to a schema. No secret.
ALTER TABLE connection ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
-- The last four characters of the key, by which its owner knows it; null for a short one.
ALTER TABLE connection ADD COLUMN key_hint TEXT;
ALTER TABLE connection ADD COLUMN key_added_at TEXT;

-- Parts of the tokens that are there already: input that was read from a cache, output that the model thought.
ALTER TABLE answer ADD COLUMN cached_tokens INTEGER;
ALTER TABLE answer ADD COLUMN reasoning_tokens INTEGER;
-- Millionths of a dollar; null when the price is not known, which is not zero.
ALTER TABLE answer ADD COLUMN cost_micros INTEGER;
-- What the provider finds the call by.
ALTER TABLE answer ADD COLUMN request_id TEXT;

-- What all its requests cost the run, null when that is not known; nothing for an answer that was owned already.
ALTER TABLE prediction ADD COLUMN cost_micros INTEGER;
-- JSON of what the provider said of the failure.
ALTER TABLE prediction ADD COLUMN error_vendor TEXT;

-- What its priced replies cost, and how many were paid whose price is not known: a cost only if there are none.
ALTER TABLE run ADD COLUMN cost_micros INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN unpriced INTEGER NOT NULL DEFAULT 0;
-- How its model is held to the schema; null is what the provider is known for.
ALTER TABLE run ADD COLUMN structure TEXT;

UPDATE run SET unpriced = requests WHERE connection_id <> 'practice';
UPDATE prediction SET cost_micros = 0
 WHERE cached = 1 OR run_key IN (SELECT key FROM run WHERE connection_id = 'practice');
