//! What one control of one task says.

use super::matching::Extent;
use std::borrow::Cow;

/// Truth beside prediction, on one control of one task that at least one side answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure<'m> {
    /// One class of several; `None` where a side chose nothing.
    Class {
        truth: Option<Cow<'m, str>>,
        predicted: Option<Cow<'m, str>>,
    },
    /// Any number of labels, each once.
    Set {
        truth: Vec<Cow<'m, str>>,
        predicted: Vec<Cow<'m, str>>,
    },
    /// Any number of ways from the root to a node, each once.
    Paths {
        truth: Vec<Vec<Cow<'m, str>>>,
        predicted: Vec<Vec<Cow<'m, str>>>,
    },
    Spans {
        truth: Vec<Span<'m>>,
        predicted: Vec<Span<'m>>,
    },
    Boxes {
        truth: Vec<Area<'m>>,
        predicted: Vec<Area<'m>>,
    },
    /// `None` where a side gave no number.
    Number {
        truth: Option<f64>,
        predicted: Option<f64>,
    },
    Text {
        /// 1 - edit distance / length of the longer text, in [0, 1].
        similarity: f64,
        exact: bool,
        /// See [`super::token_f1`].
        token_f1: f64,
    },
    Ranking {
        /// See [`super::kendall_tau`]; `None` where the sides share fewer than two items.
        tau: Option<f64>,
    },
    /// Nothing is known of it but whether it is exact.
    Other,
}

/// A labelled stretch of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Span<'m> {
    /// Empty for a control without labels.
    pub label: Cow<'m, str>,
    /// What `start` and `end` count in: a paragraph, XPaths; empty where they count from the beginning.
    pub container: Cow<'m, str>,
    /// The first unit of it.
    pub start: f64,
    /// The first unit after it.
    pub end: f64,
}

/// A labelled box of a picture, in percent of its sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Area<'m> {
    /// Empty for a control without labels.
    pub label: Cow<'m, str>,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub rotation: f64,
}

impl Extent for Span<'_> {
    fn label(&self) -> &str {
        &self.label
    }

    fn is_same_place(&self, other: &Self) -> bool {
        self.container == other.container && self.start == other.start && self.end == other.end
    }

    fn overlap(&self, other: &Self) -> f64 {
        let shared = self.end.min(other.end) - self.start.max(other.start);
        let union = self.end.max(other.end) - self.start.min(other.start);
        if self.container == other.container && shared > 0.0 && union > 0.0 { shared / union } else { 0.0 }
    }
}

impl Extent for Area<'_> {
    fn label(&self) -> &str {
        &self.label
    }

    fn is_same_place(&self, other: &Self) -> bool {
        let place = |area: &Self| [area.x, area.y, area.width, area.height, area.rotation];
        place(self) == place(other)
    }

    /// Of the boxes before they are rotated.
    fn overlap(&self, other: &Self) -> f64 {
        let shared_width = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let shared_height = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        if shared_width <= 0.0 || shared_height <= 0.0 {
            return 0.0;
        }
        let shared = shared_width * shared_height;
        shared / (self.width * self.height + other.width * other.height - shared)
    }
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

fn all_owned(texts: Vec<Cow<'_, str>>) -> Vec<Cow<'static, str>> {
    texts.into_iter().map(owned).collect()
}

impl Span<'_> {
    fn into_owned(self) -> Span<'static> {
        let Self { label, container, start, end } = self;
        Span { label: owned(label), container: owned(container), start, end }
    }
}

impl Area<'_> {
    fn into_owned(self) -> Area<'static> {
        let Self { label, x, y, width, height, rotation } = self;
        Area { label: owned(label), x, y, width, height, rotation }
    }
}

impl Measure<'_> {
    /// The same without what it borrows.
    pub fn into_owned(self) -> Measure<'static> {
        match self {
            Self::Class { truth, predicted } => {
                Measure::Class { truth: truth.map(owned), predicted: predicted.map(owned) }
            }
            Self::Set { truth, predicted } => Measure::Set { truth: all_owned(truth), predicted: all_owned(predicted) },
            Self::Paths { truth, predicted } => Measure::Paths {
                truth: truth.into_iter().map(all_owned).collect(),
                predicted: predicted.into_iter().map(all_owned).collect(),
            },
            Self::Spans { truth, predicted } => Measure::Spans {
                truth: truth.into_iter().map(Span::into_owned).collect(),
                predicted: predicted.into_iter().map(Span::into_owned).collect(),
            },
            Self::Boxes { truth, predicted } => Measure::Boxes {
                truth: truth.into_iter().map(Area::into_owned).collect(),
                predicted: predicted.into_iter().map(Area::into_owned).collect(),
            },
            Self::Number { truth, predicted } => Measure::Number { truth, predicted },
            Self::Text { similarity, exact, token_f1 } => Measure::Text { similarity, exact, token_f1 },
            Self::Ranking { tau } => Measure::Ranking { tau },
            Self::Other => Measure::Other,
        }
    }
}
