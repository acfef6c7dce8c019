//! Something for each label, in an order that does not depend on who came first.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Labels that are told apart. Where tasks bring so many of their own, no number per label says anything, and a tally must
/// not grow with the project.
pub(super) const LABELS_MAX: usize = 1_000;

/// A value for each label: those of the config first, in its order, then others that occur.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct LabelTable<T> {
    names: Vec<String>,
    values: Vec<T>,
    /// How many of the names the config gives.
    given: usize,
    /// There were more than can be told apart, and nothing is known of any.
    has_too_many: bool,
    #[serde(skip)]
    places: HashMap<String, usize>,
}

impl<T: Default> LabelTable<T> {
    pub(super) fn new(labels: &[String]) -> Self {
        let mut table = Self {
            names: Vec::new(),
            values: Vec::new(),
            given: 0,
            has_too_many: false,
            places: HashMap::with_capacity(labels.len()),
        };
        // Of a config with more of them, those are told apart that occur.
        for label in labels.iter().filter(|_| labels.len() <= LABELS_MAX) {
            table.place(label);
        }
        table.given = table.names.len();
        table
    }

    /// Where the label stands; `None` once there are too many to be told apart.
    pub(super) fn place(&mut self, label: &str) -> Option<usize> {
        if self.has_too_many {
            return None;
        }
        if self.places.len() != self.names.len() {
            // It was read.
            self.places = self.names.iter().cloned().zip(0..).collect();
        }
        if let Some(&place) = self.places.get(label) {
            return Some(place);
        }
        if self.names.len() == LABELS_MAX {
            self.give_up();
            return None;
        }
        self.places.insert(label.to_owned(), self.names.len());
        self.names.push(label.to_owned());
        self.values.push(T::default());
        Some(self.names.len() - 1)
    }

    pub(super) fn value(&mut self, label: &str) -> Option<&mut T> {
        let place = self.place(label)?;
        Some(&mut self.values[place])
    }

    fn give_up(&mut self) {
        *self = Self { has_too_many: true, ..Self::new(&[]) };
    }

    /// Adds the values of another table by `add`.
    pub(super) fn merge(&mut self, other: &Self, add: impl Fn(&mut T, &T)) {
        if other.has_too_many {
            self.give_up();
        }
        for (label, value) in other.names.iter().zip(&other.values) {
            if let Some(mine) = self.value(label) {
                add(mine, value);
            }
        }
    }

    pub(super) fn has_too_many(&self) -> bool {
        self.has_too_many
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn name(&self, place: usize) -> &str {
        &self.names[place]
    }

    pub(super) fn at(&self, place: usize) -> &T {
        &self.values[place]
    }

    /// The places of all labels: those of the config in its order, then the others by name.
    pub(super) fn in_order(&self) -> Vec<usize> {
        let mut places: Vec<_> = (0..self.names.len()).collect();
        let given = self.given.min(places.len());
        places[given..].sort_by(|a, b| self.names[*a].cmp(&self.names[*b]));
        places
    }

    /// Labels and values, in that order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.in_order().into_iter().map(|place| (self.name(place), self.at(place)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_the_config_come_first_and_others_by_name() {
        let mut table = LabelTable::<u32>::new(&["z".to_owned(), "a".to_owned()]);
        for label in ["y", "b", "a", "y"] {
            *table.value(label).expect("few labels") += 1;
        }
        let written = serde_json::to_string(&table).expect("JSON");
        let mut read: LabelTable<u32> = serde_json::from_str(&written).expect("a table");
        *read.value("b").expect("few labels") += 1;
        assert_eq!(read.iter().collect::<Vec<_>>(), [("z", &0), ("a", &1), ("b", &2), ("y", &2)]);
    }

    #[test]
    fn too_many_labels_are_not_told_apart() {
        let mut table = LabelTable::<u32>::new(&[]);
        for number in 0..=LABELS_MAX {
            if let Some(count) = table.value(&number.to_string()) {
                *count += 1;
            }
        }
        assert!(table.has_too_many() && table.len() == 0);
        let mut other = LabelTable::<u32>::new(&["a".to_owned()]);
        other.merge(&table, |mine, more| *mine += more);
        assert!(other.has_too_many(), "nor together with others");
    }
}
