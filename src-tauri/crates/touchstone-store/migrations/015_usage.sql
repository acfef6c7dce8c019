-- What calls took: costs in picodollars, millionths of the millionths that they were rounded to before. A price is a whole
-- number of millionths of a dollar a million tokens, so that each cost is a whole number of these, and cheap calls add up.

ALTER TABLE answer RENAME COLUMN cost_micros TO cost_picos;
ALTER TABLE prediction RENAME COLUMN cost_micros TO cost_picos;
ALTER TABLE run RENAME COLUMN cost_micros TO cost_picos;
ALTER TABLE spending RENAME COLUMN cost_micros TO cost_picos;
ALTER TABLE batch RENAME COLUMN most_micros TO most_picos;

-- Nine million dollars are the most that fits; what claims to be more stays there.
UPDATE answer SET cost_picos = min(cost_picos, 9223372036854) * 1000000 WHERE cost_picos > 0;
UPDATE prediction SET cost_picos = min(cost_picos, 9223372036854) * 1000000 WHERE cost_picos > 0;
UPDATE run SET cost_picos = min(cost_picos, 9223372036854) * 1000000 WHERE cost_picos > 0;
UPDATE spending SET cost_picos = min(cost_picos, 9223372036854) * 1000000 WHERE cost_picos > 0;
UPDATE batch SET most_picos = min(most_picos, 9223372036854) * 1000000 WHERE most_picos > 0;

-- Of all the requests for a task: the part of the input that was read from a cache, and of the output what the model thought.
ALTER TABLE prediction ADD COLUMN cached_tokens INTEGER;
ALTER TABLE prediction ADD COLUMN reasoning_tokens INTEGER;
-- Of the answers that the run asked for.
ALTER TABLE run ADD COLUMN cached_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN reasoning_tokens INTEGER NOT NULL DEFAULT 0;

-- Of what was asked again only the last answer is known.
UPDATE prediction SET cached_tokens = answer.cached_tokens, reasoning_tokens = answer.reasoning_tokens
  FROM answer
 WHERE hash = answer_hash AND coalesce(answer.cached_tokens, answer.reasoning_tokens) IS NOT NULL;
UPDATE run SET cached_tokens = of_cache, reasoning_tokens = thought
  FROM (SELECT run_key, coalesce(sum(cached_tokens), 0) AS of_cache, coalesce(sum(reasoning_tokens), 0) AS thought
          FROM prediction WHERE cached = 0 GROUP BY run_key)
 WHERE run_key = key;
