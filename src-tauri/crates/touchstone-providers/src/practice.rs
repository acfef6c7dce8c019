//! The built-in practice model: deterministic, in-process, free. It is not a language model.
//!
//! It lets anyone try everything without a key and a network. It knows words, not meaning: it picks the class whose
//! name and definition in the prompt share most with the task's text, so its mistakes are honest and a prompt with
//! better definitions really scores better. It sees what any provider sees and which part of that came from the task;
//! it knows no ground truth and no particular project.
//!
//! Start reading at [`PracticeModel`]. `practice/reading.rs` finds definitions in a prompt, `practice/classes.rs`
//! compares a text with them, `practice/spans.rs` marks pieces of a text.

mod classes;
mod reading;
mod spans;
mod words;

use crate::body::Body;
use crate::chat::{ChatError, ChatModel, ChatReply, ChatRequest, Part, Usage};
use async_trait::async_trait;
use classes::Classes;
use serde_json::{Map, Number, Value, json};
use touchstone_domain::prompt::{Provider, Role};
use words::words;

/// The id of the one model that the practice provider offers.
pub const PRACTICE_MODEL_ID: &str = "practice";

/// A class belongs to a multiple choice if it scores at least this share of the best.
const CHOICE_SHARE: f64 = 0.6;

/// A shorter value may well be a word of the instructions, so it is cut out of them only where it stands last.
const LONG_INPUT_CHARS: usize = 24;

/// The built-in practice model. Not a language model; see the module's documentation.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PracticeModel;

#[async_trait]
impl ChatModel for PracticeModel {
    fn provider(&self) -> Provider {
        Provider::Practice
    }

    fn endpoint(&self) -> &str {
        ""
    }

    fn body(&self, request: &ChatRequest) -> Body {
        let messages: Vec<_> = request
            .messages
            .iter()
            .map(|message| json!({ "role": message.role.as_str(), "content": message.text() }))
            .collect();
        let mut body = json!({ "model": request.model, "messages": messages, "schema": *request.schema });
        if !request.params.is_empty() {
            body["params"] = Value::Object(request.params.clone());
        }
        body.into()
    }

    async fn ask(&self, request: &ChatRequest, _: &Body) -> Result<ChatReply, ChatError> {
        Ok(ChatReply {
            content: Question::of(request).answer(&request.schema).to_string(),
            usage: Usage { prompt_tokens: Some(0), completion_tokens: Some(0), ..Usage::default() },
            latency_ms: 0,
            model: None,
            request_id: None,
            limits: None,
            has_logprobs: false,
        })
    }
}

/// A request, taken apart into what the prompt's author wrote and what the task contributed.
struct Question<'r> {
    instructions: String,
    inputs: Vec<&'r str>,
}

impl<'r> Question<'r> {
    fn of(request: &'r ChatRequest) -> Self {
        let mut messages: Vec<_> = request.messages.iter().map(|message| message.text().into_owned()).collect();
        let mut inputs: Vec<_> =
            request.inputs.iter().map(String::as_str).filter(|input| !input.trim().is_empty()).collect();
        if inputs.is_empty() {
            // A prompt without variables: what the user says is all there is to judge.
            let said = request.messages.iter().rev().find(|message| message.role == Role::User);
            inputs.extend(said.into_iter().flat_map(|message| &message.content).filter_map(Part::text));
        }
        // Longest first, so that no input is torn by cutting out a shorter one that is part of it.
        let mut longest_first = inputs.clone();
        longest_first.sort_by_key(|input| std::cmp::Reverse(input.len()));
        for input in longest_first {
            if input.chars().count() >= LONG_INPUT_CHARS {
                for message in &mut messages {
                    *message = message.replace(input, "\n");
                }
            } else if let Some((message, at)) =
                messages.iter_mut().rev().find_map(|message| message.rfind(input).map(|at| (message, at)))
            {
                message.replace_range(at..at + input.len(), "\n");
            }
        }
        Self { instructions: messages.join("\n\n"), inputs }
    }

    /// The text to judge: everything that the task contributed.
    fn text(&self) -> String {
        self.inputs.join("\n")
    }

    /// The input that spans are marked in.
    fn longest_input(&self) -> &'r str {
        self.inputs
            .iter()
            .copied()
            .reduce(|best, input| if input.len() > best.len() { input } else { best })
            .unwrap_or("")
    }

    /// A value that is valid under `schema`, as far as this model understands it.
    fn answer(&self, schema: &Value) -> Value {
        self.fill("", schema)
    }

    fn fill(&self, name: &str, schema: &Value) -> Value {
        if let Some(constant) = schema.get("const") {
            return constant.clone();
        }
        if let Some(names) = enumeration(schema) {
            return self.choose(names);
        }
        if let Some(branches) = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(key)?.as_array()) {
            return branches.first().map_or(Value::Null, |first| self.fill(name, first));
        }
        match schema["type"].as_str() {
            Some("object") => self.object(schema),
            Some("array") => self.array(name, schema),
            Some("integer") => self.rating(schema),
            Some("number") => self.number(schema),
            Some("boolean") => self.is_about(name, schema).into(),
            Some("string") if schema["format"] == "date-time" => self.date_time().into(),
            Some("string") => self.first_sentence().into(),
            _ => Value::Null,
        }
    }

    fn object(&self, schema: &Value) -> Value {
        let properties = schema["properties"].as_object().into_iter().flatten();
        Value::Object(properties.map(|(name, schema)| (name.clone(), self.fill(name, schema))).collect())
    }

    fn array(&self, name: &str, schema: &Value) -> Value {
        let items = &schema["items"];
        if let Some(names) = enumeration(items) {
            return self.choose_several(schema, names);
        }
        if let Some(nodes) = items.get("items").and_then(enumeration) {
            // A taxonomy: one path, to the node that fits best.
            return json!([[self.choose(nodes)]]);
        }
        if let Some((key, labels)) = span_labels(items) {
            return self.mark(key, labels);
        }
        let is_demanded = schema["minItems"].as_u64().is_some_and(|least| least > 0);
        is_demanded.then(|| self.fill(name, items)).into_iter().collect()
    }

    fn choose(&self, names: Vec<&str>) -> Value {
        if names == ["left", "right"] && self.inputs.len() > 1 {
            return self.better_side().into();
        }
        let classes = Classes::read(&self.instructions, names);
        let best = classes.best(&classes.scores(&self.text()));
        best.map_or("", |class| classes.names()[class]).into()
    }

    /// All classes that come near the best one, in the order of the schema.
    fn choose_several(&self, schema: &Value, names: Vec<&str>) -> Value {
        let classes = Classes::read(&self.instructions, names);
        let scores = classes.scores(&self.text());
        let Some(best) = classes.best(&scores) else { return json!([]) };
        let most = schema["maxItems"].as_u64().and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
        if most == 1 {
            return json!([classes.names()[best]]);
        }
        let is_near =
            |class: &usize| *class == best || (scores[*class] > 0.0 && scores[*class] >= CHOICE_SHARE * scores[best]);
        (0..scores.len()).filter(is_near).take(most).map(|class| classes.names()[class]).collect()
    }

    fn mark(&self, key: &str, labels: Vec<&str>) -> Value {
        let text = self.longest_input();
        let classes = Classes::read(&self.instructions, labels);
        let code_points = |end: usize| text[..end].chars().count();
        spans::spans(text, &classes)
            .into_iter()
            .map(|span| {
                json!({
                    "start": code_points(span.start),
                    "end": code_points(span.end),
                    key: [classes.names()[span.label]],
                    "text": &text[span.start..span.end],
                })
            })
            .collect()
    }

    /// Which of the last two inputs shares more with the rest of the prompt; the left one on a tie.
    fn better_side(&self) -> &'static str {
        let [context @ .., left, right] = self.inputs.as_slice() else { return "left" };
        let asked = format!("{}\n{}", self.instructions, context.join("\n"));
        let asked = words(&asked);
        let shared = |side: &str| {
            let side = words(side);
            let is_shared = |stem: &str| side.iter().any(|word| word.has_content && word.stem == stem);
            let mut stems: Vec<_> = asked.iter().filter(|word| is_shared(&word.stem)).map(|word| &word.stem).collect();
            stems.sort_unstable();
            stems.dedup();
            stems.len()
        };
        if shared(right) > shared(left) { "right" } else { "left" }
    }

    fn first_sentence(&self) -> String {
        let text = self.longest_input().trim();
        let mut ends =
            text.char_indices().filter(|(_, char)| matches!(char, '.' | '!' | '?' | '。' | '！' | '？' | '\n'));
        let end = ends.find_map(|(at, char)| {
            let after = at + char.len_utf8();
            // "3.5" and "e.g." do not end a sentence at every full stop.
            let is_end = !char.is_ascii() || text[after..].chars().next().is_none_or(char::is_whitespace);
            is_end.then_some(after)
        });
        text[..end.unwrap_or(text.len())].trim_end().to_owned()
    }

    /// The tone of the text on the scale from the schema's minimum to its maximum.
    fn rating(&self, schema: &Value) -> Value {
        let (low, high) = (schema["minimum"].as_i64(), schema["maximum"].as_i64());
        let (Some(low), Some(high)) = (low, high) else { return self.number(schema) };
        let text = self.text();
        let (kind, unkind) = words::sentiment(&words(&text));
        let kindness = f64::from(kind + 1) / f64::from(kind + unkind + 2);
        let step = (kindness * high.saturating_sub(low) as f64).round();
        json!(low.saturating_add(step as i64).min(high))
    }

    /// The first number of the text that the schema allows, else the allowed one that is nearest to 0.
    fn number(&self, schema: &Value) -> Value {
        let low = schema["minimum"].as_f64().unwrap_or(f64::NEG_INFINITY);
        let high = schema["maximum"].as_f64().unwrap_or(f64::INFINITY);
        let is_whole = schema["type"] == "integer";
        let fits = |number: &f64| *number >= low && *number <= high && (!is_whole || number.fract() == 0.0);
        let number = numbers(&self.text()).into_iter().find(fits).unwrap_or(0.0_f64.max(low).min(high));
        if number.fract() == 0.0 && number.abs() < 1e15 {
            json!(number as i64)
        } else {
            Number::from_f64(number).map_or(json!(0), Value::Number)
        }
    }

    /// Whether the text has a word of the property's name or description.
    fn is_about(&self, name: &str, schema: &Value) -> bool {
        let asked = format!("{name} {}", schema["description"].as_str().unwrap_or_default());
        let asked = words(&asked);
        let text = self.text();
        words(&text).iter().any(|word| word.has_content && asked.iter().any(|asked| asked.stem == word.stem))
    }

    /// The first date of the text in ISO form, at midnight; the beginning of 1970 without one.
    fn date_time(&self) -> String {
        let text = self.text();
        let is_iso = |piece: &&str| {
            piece.len() == 10
                && piece.bytes().enumerate().all(|(at, byte)| match at {
                    4 | 7 => byte == b'-',
                    _ => byte.is_ascii_digit(),
                })
                && matches!(piece[5..7].parse(), Ok(1..=12))
                && matches!(piece[8..].parse(), Ok(1..=28))
        };
        let pieces = text.split(|char: char| !char.is_ascii_digit() && char != '-');
        format!("{}T00:00:00Z", pieces.into_iter().find(is_iso).unwrap_or("1970-01-01"))
    }
}

/// The texts of an `enum`.
fn enumeration(schema: &Value) -> Option<Vec<&str>> {
    Some(schema.get("enum")?.as_array()?.iter().filter_map(Value::as_str).collect())
}

/// If objects of this schema mark a piece of a text: the key of their labels, and the labels.
fn span_labels(items: &Value) -> Option<(&str, Vec<&str>)> {
    let properties: &Map<String, Value> = items.get("properties")?.as_object()?;
    if !properties.contains_key("start") || !properties.contains_key("end") {
        return None;
    }
    properties.iter().find_map(|(key, schema)| Some((key.as_str(), enumeration(schema.get("items")?)?)))
}

/// The numbers of a text as they are written in digits, from left to right.
fn numbers(text: &str) -> Vec<f64> {
    let is_part = |char: char| char.is_ascii_digit() || char == '.';
    let mut numbers = Vec::new();
    let mut before = None;
    for piece in text.split_inclusive(|char| !is_part(char)) {
        let digits = piece.trim_end_matches(|char| !is_part(char)).trim_matches('.');
        if let Ok(number) = digits.parse::<f64>() {
            numbers.push(if before == Some('-') { -number } else { number });
        }
        before = piece.chars().next_back();
    }
    numbers
}

#[cfg(test)]
mod tests;
