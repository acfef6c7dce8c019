//! The fields of objects in requests, and what is said of those that are not right.

use crate::problem::Problem;
use touchstone_domain::json::{Json, Object};

pub(crate) type Read<T> = Result<T, Problem>;

/// The documented fields of an object by name, and what each of them is.
pub(crate) type Documented = [(&'static str, Kind)];

/// What a value is.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Anything,
    Number,
    WholeNumber,
    Text,
    Truth,
    Texts,
    /// A list of texts, of which some may be null.
    TextsOrNulls,
    Objects,
    AnyObject,
    Fields(&'static Documented),
}

impl Kind {
    /// The kind in words, and whether a value is of it as far as one can tell without a look at its fields.
    fn rule(self) -> (&'static str, fn(&Json) -> bool) {
        fn all(list: &Json, fits: fn(&Json) -> bool) -> bool {
            list.as_array().is_some_and(|items| items.iter().all(fits))
        }
        fn is_text(value: &Json) -> bool {
            value.as_str().is_some()
        }
        fn is_object(value: &Json) -> bool {
            value.as_object().is_some()
        }
        match self {
            Self::Anything => ("anything", |_| true),
            Self::Number => ("a number", |value| matches!(value, Json::Number(_))),
            Self::WholeNumber => ("a whole number", Json::is_integer),
            Self::Text => ("a text", is_text),
            Self::Truth => ("true or false", |value| matches!(value, Json::Bool(_))),
            Self::Texts => ("a list of texts", |value| all(value, is_text)),
            Self::TextsOrNulls => ("a list of texts", |value| all(value, |item| is_text(item) || *item == Json::Null)),
            Self::Objects => ("a list of objects", |value| all(value, is_object)),
            Self::AnyObject | Self::Fields(_) => ("an object", is_object),
        }
    }
}

/// What becomes of fields that are not documented.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Others {
    /// As the API does with what it is sent.
    Refused,
    /// What comes from an account that is newer than we are is content too.
    Kept,
}

/// Refuses an object with a field of another kind than documented, or with others where they are refused; null is as good
/// as missing. `at` is where the object stands, for errors; empty or ending in a dot.
pub(crate) fn check(object: &Object, documented: &Documented, others: Others, at: &str) -> Read<()> {
    let names: Vec<_> = documented.iter().map(|(name, _)| *name).collect();
    let fields = Fields::among(object.clone(), at, &names, others)?;
    for (name, kind) in documented {
        let (wanted, fits) = kind.rule();
        if let (Some(Json::Object(inside)), Kind::Fields(documented)) = (fields.typed(name, wanted, fits)?, kind) {
            check(inside, documented, others, &format!("{at}{name}."))?;
        }
    }
    Ok(())
}

pub(crate) fn kind_of(documented: &Documented, name: &str) -> Option<Kind> {
    documented.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
}

/// What of an object is documented. What was not created through the API may have more, which older clients refuse.
pub(crate) fn documented_of(object: &Object, fields: &Documented) -> Object {
    let known = object.0.iter().filter_map(|(name, value)| {
        let value = documented(value, kind_of(fields, name)?)?;
        Some((name.clone(), value))
    });
    Object(known.collect())
}

/// The names of what [`documented_of`] leaves out, each with its path.
pub(crate) fn undocumented_of(object: &Object, fields: &Documented, at: &str) -> Vec<String> {
    let names = object.0.iter().flat_map(|(name, value)| match (value, kind_of(fields, name)) {
        (Json::Object(inside), Some(Kind::Fields(fields))) => undocumented_of(inside, fields, &format!("{at}{name}.")),
        (_, Some(kind)) if documented(value, kind).is_some() => Vec::new(),
        _ => vec![format!("{at}{name}")],
    });
    names.collect()
}

/// What of a value is documented; nothing where it is of another kind.
pub(crate) fn documented(value: &Json, kind: Kind) -> Option<Json> {
    let (_, fits) = kind.rule();
    match (value, kind) {
        (Json::Object(object), Kind::Fields(fields)) => Some(Json::Object(documented_of(object, fields))),
        _ => (*value == Json::Null || fits(value)).then(|| value.clone()),
    }
}

/// The fields of an object that has no others than the known ones.
pub(crate) struct Fields {
    object: Object,
    at: String,
}

impl Fields {
    /// `at` is where the object stands, for errors; empty or ending in a dot.
    pub(crate) fn of(object: Object, at: &str, known: &[&str]) -> Read<Self> {
        Self::among(object, at, known, Others::Refused)
    }

    /// The known fields of an object that may have others too.
    pub(crate) fn among(object: Object, at: &str, known: &[&str], others: Others) -> Read<Self> {
        for (place, (name, _)) in object.0.iter().enumerate() {
            if object.0[..place].iter().any(|(other, _)| other == name) {
                return Err(Problem::invalid(format!("{at}{name} is given twice.")));
            }
            if others == Others::Refused && !known.contains(&name.as_str()) {
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
