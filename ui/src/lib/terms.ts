/** What the words of the field mean, for who meets them the first time: each once, in a sentence or two. */
export const terms = {
  accuracy:
    "Of the answers that have ground truth, the share that says the same. The interval beside it says where the true value is likely to be, by Wilson's formula at 95 %: more ground truth makes it narrower.",
  meanScore:
    "How far answers agree with the ground truth, on the average: one that is right in part counts in part. Its interval comes from drawing the scores anew thousands of times (bootstrap), at 95 %, and so differs from that of an accuracy which is as high.",
  failed:
    "No answer: the model was out of reach, or what it wrote could not be read. Failed is never counted as wrong.",
  unscored: "Answered, but without ground truth there is nothing to compare with.",
  groundTruth: "An annotation that is known to be right. Answers are compared with it.",
  outcome: "Correct says the same as the ground truth, wrong something else. Failed has no answer.",
  score: "How far this answer agrees with its ground truth: 100 % is the same.",
  confidence: "How sure the model was, by the probabilities that it gave the words of its answer. Not how right it is.",
  review: "What a person decided about the answer: accepted, corrected by hand, or rejected.",
  needsReview: "Failed, answered otherwise by another run, or with low confidence, and not decided about.",
  macroF1: "The F1 of each class, each counted alike: a rare class which is always missed is seen.",
  kappa: "Agreement beyond what chance alone would give: 0 is chance, 1 is perfect.",
  f1: "The harmonic mean of precision and recall: high only where both are.",
  precision: "Of the answers with this class, the share that is right.",
  recall: "Of what has this class in truth, the share that was found.",
  support: "How often the class is true.",
  latency: "Half of the answers are faster than p50, and 95 of 100 are faster than p95.",
  bestAccuracy:
    "Of all runs, the highest share of answers that say the same as the ground truth, and below it where the true value may be.",
  hash: "Made of all that the version holds (SHA-256): versions with the same hash are the same, here and elsewhere.",
  verdict:
    "Whether one run is better than the other, or chance alone could do that: McNemar's test over the tasks that both have answered.",
  difference:
    "A difference in points is of the exact shares, and rounded apart from them: it may be 0.1 away from what the rounded ones give.",
  heldOut:
    "Ground truth that is kept to judge a finished prompt by: improve it on the other part, Dev. Which tasks it is depends on their content alone.",
} as const;

export type TermName = keyof typeof terms;
