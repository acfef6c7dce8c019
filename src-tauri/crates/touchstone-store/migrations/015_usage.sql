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
