-- Ground truth in two parts: one to improve prompts with, one that is held out.

-- Tasks that have ground truth and are held out, which 50 of 100 hashes are.
ALTER TABLE project ADD COLUMN held_out INTEGER NOT NULL DEFAULT 0;
UPDATE project SET held_out =
  (SELECT count(*) FROM task WHERE project_key = project.key AND has_ground_truth = 1 AND data_hash % 100 < 50);
