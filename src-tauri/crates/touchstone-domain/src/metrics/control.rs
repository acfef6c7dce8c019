//! What is counted of one control, and what follows from it.

use super::{
    BoxMetrics, BoxTally, ClassMetrics, ClassTally, ControlMeasure, Interval, Measure, NumberMetrics, NumberTally,
    PairwiseMetrics, PathMetrics, PathTally, RankingMetrics, RankingTally, ScoreTally, SetMetrics, SetTally,
    SpanMetrics, SpanTally, TextMetrics, TextTally, shown,
};
use crate::stats::Accuracy;
use serde::{Deserialize, Serialize};
use specta::Type;

/// What is counted of the measures of one control.
///
/// One tally counts measures of one family; of another, as after another config, only score and exactness are counted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ControlTally {
    pub name: String,
    /// As written in the config.
    pub tag: String,
    exact: i64,
    scores: ScoreTally,
    family: FamilyTally,
}

/// What is counted beside score and exactness, by what the control asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FamilyTally {
    Classes(ClassTally),
    /// Which of two texts, “left” or “right”.
    Pairwise(ClassTally),
    Sets(SetTally),
    Paths(PathTally),
    Spans(SpanTally),
    Boxes(BoxTally),
    Numbers(NumberTally),
    Texts(TextTally),
    Rankings(RankingTally),
    Other,
}

/// How well a control is filled. What is `None` does not go with its tag, or nothing was compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct ControlMetrics {
    pub name: String,
    /// As written in the config, as “Choices”.
    pub tag: String,
    /// Tasks with ground truth and a prediction, of which one at least says something on the control.
    pub compared: u32,
    /// Share of them that match exactly.
    pub accuracy: Option<Accuracy>,
    pub mean_score: Option<Interval>,
    /// Also of labels of sets, spans and boxes, and of paths, each on its own.
    pub classes: Option<ClassMetrics>,
    pub sets: Option<SetMetrics>,
    pub paths: Option<PathMetrics>,
    pub spans: Option<SpanMetrics>,
    pub boxes: Option<BoxMetrics>,
    pub numbers: Option<NumberMetrics>,
    pub texts: Option<TextMetrics>,
    pub ranking: Option<RankingMetrics>,
    pub pairwise: Option<PairwiseMetrics>,
}

impl ControlTally {
    /// One that counts nothing yet.
    pub fn new(name: &str, tag: &str, family: FamilyTally) -> Self {
        Self { name: name.to_owned(), tag: tag.to_owned(), exact: 0, scores: ScoreTally::default(), family }
    }

    pub fn add(&mut self, measure: &ControlMeasure<'_>) {
        self.count(measure, 1);
    }

    /// Takes away what was added, or will be.
    pub fn remove(&mut self, measure: &ControlMeasure<'_>) {
        self.count(measure, -1);
    }

    pub(super) fn count(&mut self, measure: &ControlMeasure<'_>, times: i64) {
        let &ControlMeasure { score, is_exact, ref measure } = measure;
        self.exact += if is_exact { times } else { 0 };
        self.scores.count(score, times);
        match (&mut self.family, measure) {
            (FamilyTally::Classes(tally) | FamilyTally::Pairwise(tally), Measure::Class { truth, predicted }) => {
                tally.count(truth.as_deref(), predicted.as_deref(), times);
            }
            (FamilyTally::Sets(tally), Measure::Set { truth, predicted }) => tally.count(truth, predicted, times),
            (FamilyTally::Paths(tally), Measure::Paths { truth, predicted }) => tally.count(truth, predicted, times),
            (FamilyTally::Spans(tally), Measure::Spans { truth, predicted }) => tally.count(truth, predicted, times),
            (FamilyTally::Boxes(tally), Measure::Boxes { truth, predicted }) => tally.count(truth, predicted, times),
            (FamilyTally::Numbers(tally), &Measure::Number { truth, predicted }) => {
                tally.count(truth, predicted, is_exact, times);
            }
            (FamilyTally::Texts(tally), &Measure::Text { similarity, exact, token_f1 }) => {
                tally.count(similarity, exact, token_f1, times);
            }
            (FamilyTally::Rankings(tally), &Measure::Ranking { tau }) => tally.count(tau, times),
            _ => {}
        }
    }

    /// Adds what another tally of the same control counts.
    pub fn merge(&mut self, other: &Self) {
        self.exact += other.exact;
        self.scores.merge(&other.scores);
        match (&mut self.family, &other.family) {
            (FamilyTally::Classes(mine), FamilyTally::Classes(other))
            | (FamilyTally::Pairwise(mine), FamilyTally::Pairwise(other)) => mine.merge(other),
            (FamilyTally::Sets(mine), FamilyTally::Sets(other)) => mine.merge(other),
            (FamilyTally::Paths(mine), FamilyTally::Paths(other)) => mine.merge(other),
            (FamilyTally::Spans(mine), FamilyTally::Spans(other)) => mine.merge(other),
            (FamilyTally::Boxes(mine), FamilyTally::Boxes(other)) => mine.merge(other),
            (FamilyTally::Numbers(mine), FamilyTally::Numbers(other)) => mine.merge(other),
            (FamilyTally::Texts(mine), FamilyTally::Texts(other)) => mine.merge(other),
            (FamilyTally::Rankings(mine), FamilyTally::Rankings(other)) => mine.merge(other),
            _ => {}
        }
    }

    /// What follows from it. The same counts and seed give the same numbers.
    pub fn metrics(&self, seed: u64) -> ControlMetrics {
        let compared = shown(self.scores.scores());
        let mut metrics = ControlMetrics {
            name: self.name.clone(),
            tag: self.tag.clone(),
            compared,
            accuracy: Accuracy::of(shown(self.exact), compared),
            mean_score: self.scores.mean(seed),
            classes: None,
            sets: None,
            paths: None,
            spans: None,
            boxes: None,
            numbers: None,
            texts: None,
            ranking: None,
            pairwise: None,
        };
        if compared == 0 {
            return metrics;
        }
        match &self.family {
            FamilyTally::Classes(tally) => metrics.classes = tally.metrics(),
            FamilyTally::Pairwise(tally) => {
                (metrics.classes, metrics.pairwise) = (tally.metrics(), tally.pairwise());
            }
            FamilyTally::Sets(tally) => (metrics.classes, metrics.sets) = (tally.classes(), tally.metrics()),
            FamilyTally::Paths(tally) => {
                (metrics.classes, metrics.paths) = (tally.classes(), Some(tally.metrics()));
            }
            FamilyTally::Spans(tally) => {
                (metrics.classes, metrics.spans) = (tally.classes(), Some(tally.metrics()));
            }
            FamilyTally::Boxes(tally) => {
                (metrics.classes, metrics.boxes) = (tally.classes(), Some(tally.metrics()));
            }
            FamilyTally::Numbers(tally) => metrics.numbers = tally.metrics(),
            FamilyTally::Texts(tally) => metrics.texts = tally.metrics(),
            FamilyTally::Rankings(tally) => metrics.ranking = Some(tally.metrics()),
            FamilyTally::Other => {}
        }
        metrics
    }
}
