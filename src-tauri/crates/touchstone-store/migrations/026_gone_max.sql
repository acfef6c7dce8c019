-- What a run under a limit may have cost at the most, with the calls that its program has in flight or soon will (`calls_out`):
-- written down before they are sent, in picodollars. Once that program is found to be gone, what of it nobody has accounted for
-- counts as lost. It takes the place of what the calls alone may cost: that missed a call that was lost and not committed yet.
ALTER TABLE run ADD COLUMN gone_max_picos INTEGER NOT NULL DEFAULT 0;
UPDATE run SET gone_max_picos = min(cost_picos + lost_picos + calls_out_picos, 9223372036854775807) WHERE calls_out_picos > 0;
ALTER TABLE run DROP COLUMN calls_out_picos;
