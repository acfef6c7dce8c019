//! From the one neutral JSON Schema to the subset that each vendor takes.
//!
//! Pure: the same schema gives the same text, which is part of an answer's identity. What a vendor cannot take is said
//! in the `description`, where the model reads it, and is checked after the answer came, against the neutral schema.

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// More values than this in one enum, and OpenAI limits their length.
const OPENAI_ENUM_VALUES_MAX: usize = 250;

/// Longest a large enum's values together may be, in characters.
const OPENAI_ENUM_CHARS_MAX: usize = 15_000;

/// Most values of all enums of a schema together.
const OPENAI_ALL_ENUM_VALUES_MAX: usize = 1_000;

/// The formats that every vendor knows.
const FORMATS: &[&str] = &["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"];

/// What says nothing about answers, and is left out without a word.
const SILENT: &[&str] = &["$schema", "$comment", "$vocabulary", "deprecated", "readOnly", "writeOnly"];

/// The schema that an answer must satisfy. Clones share it, and what was made of it for a vendor: it is the same for
/// thousands of requests.
#[derive(Clone, Default)]
pub struct Schema(Arc<Forms>);

#[derive(Default)]
struct Forms {
    neutral: Value,
    written: OnceLock<Box<RawValue>>,
    openai: OnceLock<Box<RawValue>>,
}

impl Schema {
    /// It as JSON.
    pub fn written(&self) -> &RawValue {
        self.0.written.get_or_init(|| text_of(self))
    }

    /// It in [`for_openai`]'s form, as JSON.
    pub(crate) fn written_for_openai(&self) -> &RawValue {
        self.0.openai.get_or_init(|| text_of(&for_openai(self)))
    }
}

fn text_of(schema: &Value) -> Box<RawValue> {
    to_raw_value(schema).expect("a JSON value has text keys")
}

impl From<Value> for Schema {
    fn from(neutral: Value) -> Self {
        Self(Arc::new(Forms { neutral, ..Forms::default() }))
    }
}

impl Deref for Schema {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0.neutral
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subset {
    OpenAi,
    Anthropic,
    Gemini,
}

/// OpenAI's strict form: every property is required, what was optional may be null, and nothing may be added.
pub(crate) fn for_openai(schema: &Value) -> Value {
    let mut schema = compiled(schema, Subset::OpenAi);
    limit_enums(&mut schema);
    schema
}

/// Anthropic's form: no bounds, no recursion, nothing may be added.
pub(crate) fn for_anthropic(schema: &Value) -> Value {
    compiled(schema, Subset::Anthropic)
}

/// Gemini's form: what it would ignore in silence stands in descriptions instead.
pub(crate) fn for_gemini(schema: &Value) -> Value {
    compiled(schema, Subset::Gemini)
}

fn compiled(schema: &Value, subset: Subset) -> Value {
    let definitions = [&schema["$defs"], &schema["definitions"]]
        .into_iter()
        .filter_map(Value::as_object)
        .flatten()
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    let compiler = Compiler { subset, definitions };
    let mut compiled = compiler.top(schema);
    let defined: Map<_, _> = compiler
        .definitions
        .iter()
        .filter(|(name, _)| !compiler.is_unrolled(name))
        .map(|(name, schema)| (name.clone(), compiler.schema(schema, &mut Vec::new())))
        .collect();
    if !defined.is_empty() {
        compiled["$defs"] = Value::Object(defined);
    }
    compiled
}

struct Compiler {
    subset: Subset,
    definitions: Map<String, Value>,
}

impl Compiler {
    /// All of `schema`, with no reference at the top. The branches of an `allOf` may leave one there, too.
    fn top(&self, schema: &Value) -> Value {
        let mut compiled = self.schema(self.root(schema), &mut Vec::new());
        for _ in 0..=self.definitions.len() {
            match compiled.get("$ref").and_then(target).and_then(|name| self.definitions.get(name)) {
                Some(referred) => compiled = self.schema(self.root(referred), &mut Vec::new()),
                None => return compiled,
            }
        }
        self.schema(&Value::Null, &mut Vec::new())
    }

    /// What stands at the top is written out: definitions stand beside it, and a reference stands alone.
    fn root<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let mut root = schema;
        for _ in 0..=self.definitions.len() {
            match root.get("$ref").and_then(target).and_then(|name| self.definitions.get(name)) {
                Some(referred) => root = referred,
                None => return root,
            }
        }
        // The references lead in a circle, and so to nothing.
        &Value::Null
    }

    /// `inside` are the unrolled definitions that are being compiled, from the outermost in.
    fn schema(&self, schema: &Value, inside: &mut Vec<String>) -> Value {
        // `true` and `false` allow anything and nothing; no subset knows either.
        let given = schema.as_object().map(merged).unwrap_or_default();
        if let Some(name) = given.get("$ref").and_then(target) {
            if self.is_unrolled(name) && !inside.iter().any(|open| open == name) {
                inside.push(name.to_owned());
                let unrolled = self.schema(&self.definitions[name], inside);
                inside.pop();
                return unrolled;
            }
            if self.is_unrolled(name) || !self.definitions.contains_key(name) {
                return json!({
                    "type": "object",
                    "description": format!("{name}, left empty here"),
                    "properties": {},
                    "required": [],
                    "additionalProperties": false,
                });
            }
        }
        let mut out = Map::new();
        let mut dropped = Vec::new();
        for (keyword, value) in &given {
            if let Some(value) = self.keyword(keyword, value, &given, inside) {
                let (keyword, value) = value;
                out.insert(keyword.to_owned(), value);
            } else if !SILENT.contains(&keyword.as_str())
                && !matches!(keyword.as_str(), "$defs" | "definitions" | "additionalProperties" | "required")
            {
                dropped.push(format!("{keyword}: {value}"));
            }
        }
        if is_object(&given) {
            self.close(&given, &mut out);
        }
        match self.subset {
            Subset::Gemini => take_null_out_of_enum(&mut out),
            Subset::OpenAi | Subset::Anthropic => name_type(&mut out),
        }
        if out.contains_key("$ref")
            && (out.len() > 1 || !dropped.is_empty())
            && let Some(reference) = out.shift_remove("$ref")
        {
            // A reference stands alone; what stood beside it goes around it, as words.
            let said = out.shift_remove("description");
            dropped.extend(out.iter().map(|(keyword, value)| format!("{keyword}: {value}")));
            out = said.into_iter().map(|said| ("description".to_owned(), said)).collect();
            out.insert("anyOf".to_owned(), json!([{"$ref": reference}]));
        }
        if !dropped.is_empty() {
            let said = out.get("description").and_then(Value::as_str).filter(|said| !said.is_empty());
            let dropped = dropped.join("; ");
            let said = said.map_or_else(|| dropped.clone(), |said| format!("{said} ({dropped})"));
            out.insert("description".to_owned(), Value::String(said));
        }
        Value::Object(out)
    }

    /// A keyword in the vendor's form, or `None` if it has none for it.
    fn keyword<'k>(
        &self,
        keyword: &'k str,
        value: &Value,
        given: &Map<String, Value>,
        inside: &mut Vec<String>,
    ) -> Option<(&'k str, Value)> {
        use Subset::*;
        let as_it_is = Some((keyword, value.clone()));
        match (keyword, self.subset) {
            ("type" | "description" | "title", _) => as_it_is,
            ("properties", _) => {
                let properties = value.as_object()?.iter();
                let compiled = properties.map(|(name, schema)| (name.clone(), self.schema(schema, inside)));
                Some((keyword, Value::Object(compiled.collect())))
            }
            ("items", _) if value.is_object() => Some((keyword, self.schema(value, inside))),
            ("prefixItems", Gemini) => Some((keyword, self.each(value, inside)?)),
            ("anyOf", _) => Some((keyword, self.each(value, inside)?)),
            // Read as `anyOf` by those who know it at all; where both are given, one must do.
            ("oneOf", _) if !given.contains_key("anyOf") => Some(("anyOf", self.each(value, inside)?)),
            ("$ref", _) => {
                let name = target(value)?;
                Some((keyword, Value::from(format!("#/$defs/{name}"))))
            }
            ("enum", OpenAi) => as_it_is.filter(|_| is_all(value, is_primitive)),
            ("enum", Anthropic) => as_it_is.filter(|_| is_all(value, is_primitive)),
            ("enum", Gemini) => {
                as_it_is.filter(|_| is_all(value, |value| value.is_string() || value.is_number() || value.is_null()))
            }
            ("const", Gemini) => (value.is_string() || value.is_number()).then(|| ("enum", json!([value]))),
            ("const", _) => as_it_is.filter(|_| is_primitive(value)),
            ("format", _) => as_it_is.filter(|_| {
                let format = value.as_str().unwrap_or_default();
                FORMATS.contains(&format) || self.subset == Anthropic && format == "uri"
            }),
            ("pattern", OpenAi) => as_it_is,
            ("pattern", Anthropic) => as_it_is.filter(|_| value.as_str().is_some_and(is_simple_pattern)),
            ("minimum" | "maximum", OpenAi | Gemini) => as_it_is,
            ("multipleOf", OpenAi) => as_it_is,
            ("minItems" | "maxItems", OpenAi | Gemini) => as_it_is,
            ("minItems", Anthropic) => as_it_is.filter(|_| matches!(value.as_u64(), Some(0 | 1))),
            ("default", Anthropic) => as_it_is,
            ("$id" | "$anchor" | "propertyOrdering", Gemini) => as_it_is,
            _ => None,
        }
    }

    fn each(&self, branches: &Value, inside: &mut Vec<String>) -> Option<Value> {
        Some(branches.as_array()?.iter().map(|branch| self.schema(branch, inside)).collect())
    }

    /// What an object demands and forbids, in the vendor's form.
    fn close(&self, given: &Map<String, Value>, out: &mut Map<String, Value>) {
        let required: Vec<&str> =
            given.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = out.entry("properties").or_insert_with(|| json!({}));
        let Some(properties) = properties.as_object_mut() else { return };
        let required: Vec<Value> = match self.subset {
            Subset::OpenAi => {
                for (name, schema) in properties.iter_mut() {
                    if !required.contains(&name.as_str()) {
                        allow_null(schema);
                    }
                }
                properties.keys().map(|name| Value::from(name.as_str())).collect()
            }
            Subset::Anthropic => {
                required.into_iter().filter(|name| properties.contains_key(*name)).map(Value::from).collect()
            }
            // Recursion is taken through what may be missing only.
            Subset::Gemini => required
                .into_iter()
                .filter(|name| properties.get(*name).is_some_and(|schema| !self.recurs(schema)))
                .map(Value::from)
                .collect(),
        };
        out.insert("required".to_owned(), Value::Array(required));
        match (self.subset, given.get("additionalProperties")) {
            (Subset::Gemini, Some(Value::Bool(allowed))) => {
                out.insert("additionalProperties".to_owned(), Value::Bool(*allowed));
            }
            (Subset::Gemini, _) => {}
            (Subset::OpenAi | Subset::Anthropic, _) => {
                out.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
        }
    }

    /// Whether a definition is written out where it is referred to, once, because its recursion is not taken.
    fn is_unrolled(&self, name: &str) -> bool {
        self.subset == Subset::Anthropic && self.definitions.contains_key(name) && self.reaches_itself(name)
    }

    fn reaches_itself(&self, name: &str) -> bool {
        let mut seen = Vec::new();
        let mut open = vec![name.to_owned()];
        while let Some(next) = open.pop() {
            let Some(schema) = self.definitions.get(&next) else { continue };
            for reached in references(schema) {
                if reached == name {
                    return true;
                }
                if !seen.contains(&reached) {
                    seen.push(reached.clone());
                    open.push(reached);
                }
            }
        }
        false
    }

    /// Whether a schema refers to something that refers to itself.
    fn recurs(&self, schema: &Value) -> bool {
        references(schema).iter().any(|name| self.reaches_itself(name))
    }
}

/// The name of the definition that a reference points to.
fn target(reference: &Value) -> Option<&str> {
    reference.as_str()?.rsplit('/').next()
}

/// Where a vendor wants a type and the schema names none, anything simple may stand.
fn name_type(schema: &mut Map<String, Value>) {
    let anything = || json!(["string", "number", "boolean", "null"]);
    if !["type", "anyOf", "enum", "const", "$ref"].iter().any(|keyword| schema.contains_key(*keyword)) {
        let kind = if schema.contains_key("properties") { json!("object") } else { anything() };
        schema.insert("type".to_owned(), kind);
    }
    if schema.get("type").is_some_and(|kind| kind == "array") && !schema.contains_key("items") {
        schema.insert("items".to_owned(), json!({"type": anything()}));
    }
}

/// The names of all definitions that `schema` refers to.
fn references(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(members) => members
            .iter()
            .flat_map(|(keyword, value)| match value.as_str() {
                Some(_) if keyword == "$ref" => target(value).map(str::to_owned).into_iter().collect(),
                _ => references(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// The schema with its `allOf` branches laid over it: no subset takes them well.
fn merged(given: &Map<String, Value>) -> Map<String, Value> {
    let Some(branches) = given.get("allOf").and_then(Value::as_array) else { return given.clone() };
    let mut out = given.clone();
    out.shift_remove("allOf");
    for branch in branches.iter().filter_map(Value::as_object) {
        for (keyword, value) in merged(branch) {
            match (out.get_mut(&keyword), value) {
                (Some(Value::Object(known)), Value::Object(more)) => {
                    for (name, value) in more {
                        known.entry(name).or_insert(value);
                    }
                }
                (Some(Value::Array(known)), Value::Array(more)) if keyword == "required" => {
                    let more: Vec<_> = more.into_iter().filter(|name| !known.contains(name)).collect();
                    known.extend(more);
                }
                (Some(_), _) => {}
                (None, value) => {
                    out.insert(keyword, value);
                }
            }
        }
    }
    out
}

fn is_object(schema: &Map<String, Value>) -> bool {
    let is_kind = |kind: &Value| kind == "object";
    let kind = schema.get("type");
    schema.contains_key("properties")
        || kind.is_some_and(|kind| is_kind(kind) || kind.as_array().is_some_and(|kinds| kinds.iter().any(is_kind)))
}

fn is_all(values: &Value, is: impl Fn(&Value) -> bool) -> bool {
    values.as_array().is_some_and(|values| !values.is_empty() && values.iter().all(is))
}

fn is_primitive(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

/// Without what needs more than a finite automaton.
fn is_simple_pattern(pattern: &str) -> bool {
    let escapes = pattern.as_bytes().windows(2).filter(|pair| pair[0] == b'\\').map(|pair| pair[1]);
    !pattern.contains("(?") && !escapes.into_iter().any(|escaped| matches!(escaped, b'b' | b'B' | b'1'..=b'9'))
}

/// What was optional is required in the strict form, and null where there is nothing to say.
fn allow_null(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else { return };
    if let Some(branches) = members.get_mut("anyOf").and_then(Value::as_array_mut) {
        if !branches.iter().any(|branch| branch["type"] == "null") {
            branches.push(json!({"type": "null"}));
        }
        return;
    }
    if members.contains_key("$ref") || members.contains_key("const") {
        let inner = std::mem::take(members);
        members.insert("anyOf".to_owned(), json!([inner, {"type": "null"}]));
        return;
    }
    match members.get_mut("type") {
        Some(Value::Array(kinds)) if !kinds.iter().any(|kind| kind == "null") => kinds.push(Value::from("null")),
        Some(Value::String(kind)) if kind != "null" => {
            let kinds = json!([kind.as_str(), "null"]);
            members.insert("type".to_owned(), kinds);
        }
        _ => {}
    }
    if let Some(Value::Array(values)) = members.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
}

/// Gemini's enums hold texts and numbers: null is a branch of its own.
fn take_null_out_of_enum(schema: &mut Map<String, Value>) {
    let Some(Value::Array(values)) = schema.get_mut("enum") else { return };
    let before = values.len();
    values.retain(|value| !value.is_null());
    if values.len() == before {
        return;
    }
    let kind = match values.first() {
        Some(Value::String(_)) => "string",
        Some(_) => "number",
        None => "null",
    };
    let values = std::mem::take(values);
    schema.shift_remove("enum");
    schema.shift_remove("type");
    if values.is_empty() {
        schema.insert("type".to_owned(), Value::from("null"));
    } else {
        schema.insert("anyOf".to_owned(), json!([{"type": kind, "enum": values}, {"type": "null"}]));
    }
}

/// Enums beyond OpenAI's limits become words: the largest first, until the rest fits.
fn limit_enums(schema: &mut Value) {
    loop {
        let (total, largest, longest) = enum_sizes(schema);
        let is_too_long = longest > 0;
        if total <= OPENAI_ALL_ENUM_VALUES_MAX && !is_too_long {
            return;
        }
        let limit = if is_too_long { longest } else { largest };
        loosen_enums(schema, limit);
    }
}

/// The values of all enums together, the count of the largest one, and that of the largest whose values are too long.
fn enum_sizes(schema: &Value) -> (usize, usize, usize) {
    let inner = |values: &mut dyn Iterator<Item = &Value>| {
        values.map(enum_sizes).fold((0, 0, 0), |all, one| (all.0 + one.0, all.1.max(one.1), all.2.max(one.2)))
    };
    match schema {
        Value::Object(members) => {
            let mut sizes = inner(&mut members.values());
            if let Some(values) = enum_of(members) {
                let chars: usize = values.iter().filter_map(Value::as_str).map(|text| text.chars().count()).sum();
                let is_too_long = values.len() > OPENAI_ENUM_VALUES_MAX && chars > OPENAI_ENUM_CHARS_MAX;
                sizes.0 += values.len();
                sizes.1 = sizes.1.max(values.len());
                sizes.2 = sizes.2.max(if is_too_long { values.len() } else { 0 });
            }
            sizes
        }
        Value::Array(items) => inner(&mut items.iter()),
        _ => (0, 0, 0),
    }
}

/// The values of a schema's enum. A property of that name has a schema there, not a list.
fn enum_of(members: &Map<String, Value>) -> Option<&Vec<Value>> {
    members.get("enum")?.as_array()
}

fn loosen_enums(schema: &mut Value, at_least: usize) {
    match schema {
        Value::Object(members) => {
            if enum_of(members).is_some_and(|values| values.len() >= at_least)
                && let Some(values) = members.shift_remove("enum")
            {
                let words = format!("enum: {values}");
                let said = members.get("description").and_then(Value::as_str);
                let said = said.map_or_else(|| words.clone(), |said| format!("{said} ({words})"));
                members.insert("description".to_owned(), Value::String(said));
            }
            members.values_mut().for_each(|value| loosen_enums(value, at_least));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| loosen_enums(item, at_least)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
