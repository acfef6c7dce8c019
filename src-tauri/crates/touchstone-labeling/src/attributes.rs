//! The attributes of a config's elements. A config is mostly attributes, so all their texts are in one, which elements,
//! controls and labels share.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// All attributes of a config, element by element.
#[derive(Default)]
pub(crate) struct AttributeStore {
    text: String,
    places: Vec<Place>,
}

/// Where the name of an attribute begins in the text, where its value does, and where that ends. A config has at most
/// [`crate::xml::CONFIG_BYTES_MAX`] bytes, so that small numbers do.
struct Place {
    name: u32,
    value: u32,
    end: u32,
}

impl AttributeStore {
    /// Room for the attributes of a config of so many bytes.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        AttributeStore { text: String::with_capacity(bytes), places: Vec::with_capacity(bytes / 24) }
    }

    /// How many attributes there are so far.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.places.len()).unwrap_or(u32::MAX)
    }

    /// Adds an attribute; the name is `{uri}local` in a namespace.
    pub(crate) fn push(&mut self, namespace: Option<&str>, name: &str, value: &str) {
        let name_start = self.at();
        if let Some(uri) = namespace.filter(|uri| !uri.is_empty()) {
            self.text.extend(["{", uri, "}"]);
        }
        self.text.push_str(name);
        let value_start = self.at();
        self.text.push_str(value);
        self.places.push(Place { name: name_start, value: value_start, end: self.at() });
    }

    fn at(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }
}

/// The attributes of one element, in document order.
#[derive(Clone, Default)]
pub struct Attributes {
    store: Arc<AttributeStore>,
    first: u32,
    end: u32,
}

impl Attributes {
    /// Those of a range of a store that is complete.
    pub(crate) fn of(store: &Arc<AttributeStore>, range: Range<u32>) -> Self {
        Attributes { store: Arc::clone(store), first: range.start, end: range.end }
    }

    /// Those of a range of what will be in the store: until it is complete, there are none.
    pub(crate) fn promised(nothing: &Attributes, range: Range<u32>) -> Self {
        Attributes { store: Arc::clone(&nothing.store), first: range.start, end: range.end }
    }

    /// Keeps the promise.
    pub(crate) fn keep(&mut self, store: &Arc<AttributeStore>) {
        self.store = Arc::clone(store);
    }

    /// Names and values; a name in a namespace is `{uri}local`.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let text = &self.store.text;
        let part = |from: u32, to: u32| text.get(from as usize..to as usize).unwrap_or_default();
        let places = self.store.places.get(self.first as usize..self.end as usize).unwrap_or_default();
        places.iter().map(move |place| (part(place.name, place.value), part(place.value, place.end)))
    }

    /// The value of the attribute of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The attribute, if it is there and not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self.iter()).finish()
    }
}
