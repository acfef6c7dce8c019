//! Finding the JSON in what a model wrote.

use serde_json::Value;

/// The JSON of a model's text: all of it; else what stands in the first code fence; else the first object in it.
///
/// Models that were not constrained wrap their answer in prose, fences or `<think>` blocks. Nothing inside the JSON is
/// mended. In words what is wrong, otherwise.
pub fn json_of(content: &str) -> Result<Value, String> {
    let content = content.trim_start_matches('\u{feff}').trim();
    let whole = match serde_json::from_str(content) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    if content.is_empty() {
        return Err("the answer is empty".to_owned());
    }
    let spoken = match content.rsplit_once("</think>") {
        Some((_, spoken)) => spoken.trim(),
        None => content,
    };
    if let Some(value) = fenced(spoken).and_then(|inside| serde_json::from_str(inside).ok()) {
        return Ok(value);
    }
    match first_object(spoken) {
        Some(value) => Ok(value),
        None if spoken.starts_with('{') && whole.is_eof() => {
            Err("the answer ends before its JSON is complete".to_owned())
        }
        None => Err("the answer holds no JSON object".to_owned()),
    }
}

fn fenced(text: &str) -> Option<&str> {
    let (_, after) = text.split_once("```")?;
    let (_language, inside) = after.split_once('\n')?;
    inside.split_once("```").map(|(inside, _)| inside.trim())
}

/// The first `{` from which an object can be read. Tried at few places, so that a text of nothing but braces is cheap.
fn first_object(text: &str) -> Option<Value> {
    const TRIES: usize = 16;
    text.match_indices('{').take(TRIES).find_map(|(start, _)| {
        let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
        values.next()?.ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(content: &str, want: Result<Value, &str>) {
        assert_eq!(json_of(content), want.map_err(str::to_owned), "{content:?}");
    }

    #[test]
    fn json_is_found_in_what_surrounds_it() {
        let want = || Ok(json!({"a": 1}));
        check("{\"a\": 1}", want());
        check("\u{feff} {\"a\": 1}\n", want());
        check("Here you are:\n```json\n{\"a\": 1}\n```\nDone.", want());
        check("<think>{\"a\": 2}?</think>{\"a\": 1}", want());
        check("The answer is {\"a\": 1}.", want());
        check("{not json} {\"a\": 1}", want());
    }

    #[test]
    fn what_holds_none_is_said_in_words() {
        check("", Err("the answer is empty"));
        check("Positive", Err("the answer holds no JSON object"));
        check("{\"a\": \"ha", Err("the answer ends before its JSON is complete"));
        check(&"{".repeat(1_000), Err("the answer holds no JSON object"));
    }
}
