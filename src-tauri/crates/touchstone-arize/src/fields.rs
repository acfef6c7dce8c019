//! The fields of objects in requests, and what is said of those that are not right.

use crate::problem::Problem;
use touchstone_domain::json::{Json, Object};

pub(crate) type Read<T> = Result<T, Problem>;

/// The fields of an object that has no others than the known ones.
pub(crate) struct Fields {
    object: Object,
    at: String,
}

impl Fields {
    /// `at` is where the object stands, for errors; empty or ending in a dot.
    pub(crate) fn of(object: Object, at: &str, known: &[&str]) -> Read<Self> {
        for (place, (name, _)) in object.0.iter().enumerate() {
            if object.0[..place].iter().any(|(other, _)| other == name) {
                return Err(Problem::invalid(format!("{at}{name} is given twice.")));
            }
            if !known.contains(&name.as_str()) {
                return Err(Problem::invalid(format!("{at}{name} is not a field of this request.")));
            }
        }
        Ok(Self { object, at: at.to_owned() })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some()
    }

    /// `None` where it is missing or null.
    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        self.object.get(name).filter(|value| **value != Json::Null)
    }

    pub(crate) fn missing(&self, name: &str) -> Problem {
        Problem::invalid(format!("{}{name} is missing.", self.at))
    }

    pub(crate) fn unknown(&self, name: &str, word: &str, known: &str) -> Problem {
        Problem::invalid(format!("{}{name} is “{word}”; it can be {known}.", self.at))
    }

    pub(crate) fn typed(&self, name: &str, wanted: &str, fits: impl FnOnce(&Json) -> bool) -> Read<Option<&Json>> {
        match self.get(name) {
            Some(value) if !fits(value) => Err(Problem::unreadable(format!("{}{name} is not {wanted}.", self.at))),
            found => Ok(found),
        }
    }

    pub(crate) fn text(&self, name: &str) -> Read<Option<String>> {
        Ok(self.typed(name, "a text", |value| value.as_str().is_some())?.and_then(Json::as_str).map(str::to_owned))
    }

    pub(crate) fn required_text(&self, name: &str) -> Read<String> {
        self.text(name)?.ok_or_else(|| self.missing(name))
    }

    pub(crate) fn list(&self, name: &str) -> Read<Option<&[Json]>> {
        Ok(self.typed(name, "a list", |value| value.as_array().is_some())?.and_then(Json::as_array))
    }

    pub(crate) fn object(&self, name: &str) -> Read<Option<Object>> {
        Ok(self.typed(name, "an object", |value| value.as_object().is_some())?.and_then(Json::as_object).cloned())
    }
}
