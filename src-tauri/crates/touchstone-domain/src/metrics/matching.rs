//! Which extents of two sides belong together: spans of a text, boxes of a picture.

/// Something with a label that lies somewhere.
pub trait Extent {
    /// Empty for one without.
    fn label(&self) -> &str;

    /// Whether both lie at exactly the same place, whatever their labels.
    fn is_same_place(&self, other: &Self) -> bool;

    /// Intersection over union, in [0, 1], whatever their labels.
    fn overlap(&self, other: &Self) -> f64;
}

/// One extent of each side, which overlap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Places in the lists of both sides.
    pub truth: usize,
    pub predicted: usize,
    /// Intersection over union, above 0.
    pub overlap: f64,
    pub is_same_place: bool,
    pub has_same_label: bool,
}

/// All pairs that overlap.
pub fn pairs<E: Extent>(truth: &[E], predicted: &[E]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (truth_place, of_truth) in truth.iter().enumerate() {
        for (predicted_place, of_prediction) in predicted.iter().enumerate() {
            let is_same_place = of_truth.is_same_place(of_prediction);
            let overlap = if is_same_place { 1.0 } else { of_truth.overlap(of_prediction) };
            if overlap > 0.0 {
                pairs.push(Pair {
                    truth: truth_place,
                    predicted: predicted_place,
                    overlap,
                    is_same_place,
                    has_same_label: of_truth.label() == of_prediction.label(),
                });
            }
        }
    }
    pairs
}

/// Of `pairs` those that belong together, each extent once: the ones with a higher `rank` first, then those that overlap
/// more, then those at the same place, then in the order of the truth.
pub fn one_to_one(pairs: impl IntoIterator<Item = Pair>, rank: impl Fn(&Pair) -> u8) -> Vec<Pair> {
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    pairs.sort_by(|a, b| {
        let ranks = rank(b).cmp(&rank(a));
        let overlaps = || b.overlap.total_cmp(&a.overlap);
        ranks.then_with(overlaps).then(b.is_same_place.cmp(&a.is_same_place)).then(place(a).cmp(&place(b)))
    });
    let end = |side: fn(&Pair) -> usize| pairs.iter().map(|pair| side(pair) + 1).max().unwrap_or(0);
    let (mut truth_taken, mut predicted_taken) =
        (vec![false; end(|pair| pair.truth)], vec![false; end(|pair| pair.predicted)]);
    pairs.retain(|pair| {
        let is_free = !truth_taken[pair.truth] && !predicted_taken[pair.predicted];
        if is_free {
            (truth_taken[pair.truth], predicted_taken[pair.predicted]) = (true, true);
        }
        is_free
    });
    pairs
}

fn place(pair: &Pair) -> (usize, usize) {
    (pair.truth, pair.predicted)
}
