//! How long configs and answers take. Run with `cargo bench -p touchstone-labeling`.
//!
//! Goals: a config of 100 kB is parsed and its schemas are made within 1 ms; 100,000 spans a second are placed in texts
//! of 2 kB, whether a text holds one span or ten; what a prediction says beside ground truth is known and counted within 2 µs
//! for one choice.

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use serde_json::{Map, Value, json};
use touchstone_labeling::{Capabilities, Config, Region, problems};

fn main() {
    divan::main();
}

/// Many controls with many classes, as much XML as `bytes`.
fn config_of(bytes: usize) -> String {
    let mut xml = String::from(r#"<View><Text name="text" value="$text"/>"#);
    let mut control = 0;
    while xml.len() < bytes {
        xml.push_str(&format!(r#"<Choices name="control{control}" toName="text" choice="multiple">"#));
        for class in 0..50 {
            xml.push_str(&format!(
                r##"<Choice value="Class {class} &amp; more" alias="class-{class}" background="#ff00{class:02}" hotkey="{class}"/>"##
            ));
        }
        xml.push_str("</Choices>\n  ");
        control += 1;
    }
    xml.push_str("</View>");
    xml
}

/// One taxonomy, as much XML as `bytes`.
fn taxonomy_of(bytes: usize) -> String {
    let mut xml = String::from(r#"<View><Text name="text" value="$text"/><Taxonomy name="area" toName="text">"#);
    let mut branch = 0;
    while xml.len() < bytes {
        xml.push_str(&format!(r#"<Choice value="Branch {branch}">"#));
        for leaf in 0..20 {
            xml.push_str(&format!(r#"<Choice value="Leaf {leaf} of {branch}"/>"#));
        }
        xml.push_str("</Choice>");
        branch += 1;
    }
    xml.push_str("</Taxonomy></View>");
    xml
}

#[divan::bench(args = ["choices", "taxonomy"])]
fn parse_and_schema_of_100_kb(bencher: Bencher, shape: &str) {
    let xml = if shape == "choices" { config_of(100_000) } else { taxonomy_of(100_000) };
    bencher.counter(BytesCount::of_str(&xml)).bench(|| {
        let config = Config::parse(black_box(&xml)).expect("the config is well-formed");
        (config.prompt_schema(Capabilities::TEXT), config)
    });
}

/// What is done at every pause in typing.
#[divan::bench(args = ["choices", "taxonomy"])]
fn problems_of_100_kb(bencher: Bencher, shape: &str) {
    let xml = if shape == "choices" { config_of(100_000) } else { taxonomy_of(100_000) };
    bencher.counter(BytesCount::of_str(&xml)).bench(|| problems(black_box(&xml)));
}

/// A text of 2 kB with ten names in it, ASCII or not, and an answer that marks the first `spans` of them.
fn task(spans: usize, letters: &str) -> (Config, Value, Map<String, Value>) {
    let xml = r#"<View><Text name="text" value="$text"/><Labels name="spans" toName="text"><Label value="Person"/>
        <Label value="Place"/></Labels></View>"#;
    let mut text = String::new();
    let mut marked = Vec::new();
    for index in 0..10 {
        let name = format!("Name{index}");
        text.push_str(&format!("{letters} of what {name} saw in the town. "));
        while text.len() < 200 * (index + 1) {
            text.push_str("and so it went on ");
        }
        if index < spans {
            marked.push(json!({"text": name, "labels": ["Person"], "start": 100 * index, "end": 100 * index + 5}));
        }
    }
    let data = Map::from_iter([("text".to_owned(), Value::from(text))]);
    (Config::parse(xml).expect("the config is well-formed"), json!({"spans": marked}), data)
}

#[divan::bench(args = [1, 10])]
fn place_spans_in_2_kb(bencher: Bencher, spans: usize) {
    let (config, answer, data) = task(spans, "The story");
    bencher
        .counter(ItemsCount::new(spans))
        .bench(|| config.place_answer(black_box(&answer), black_box(&data), Capabilities::TEXT));
}

#[divan::bench(args = [1, 10])]
fn place_spans_in_2_kb_of_unicode(bencher: Bencher, spans: usize) {
    let (config, answer, data) = task(spans, "Die Erzählung 👩‍🚀");
    bencher
        .counter(ItemsCount::new(spans))
        .bench(|| config.place_answer(black_box(&answer), black_box(&data), Capabilities::TEXT));
}

/// A config, and two sides that answer it differently.
fn sides(shape: &str) -> (Config, Vec<Region>, Vec<Region>) {
    let (control, truth, guess) = match shape {
        "choice" => (
            r#"<Choices name="c" toName="text"><Choice value="Good"/><Choice value="Bad"/></Choices>"#,
            json!([{"choices": ["Good"]}]),
            json!([{"choices": ["Bad"]}]),
        ),
        "choices" => (
            r#"<Choices name="c" toName="text" choice="multiple"><Choice value="A"/><Choice value="B"/><Choice value="C"/></Choices>"#,
            json!([{"choices": ["A", "B"]}]),
            json!([{"choices": ["B", "C"]}]),
        ),
        "spans" => {
            let span = |start: u32, end: u32| json!({"start": start, "end": end, "labels": ["Person"], "text": "x"});
            let spans = |off: u32| (0..5).map(|place| span(place * 20 + off, place * 20 + 10)).collect::<Vec<_>>();
            (r#"<Labels name="c" toName="text"><Label value="Person"/></Labels>"#, json!(spans(0)), json!(spans(2)))
        }
        _ => (
            r#"<TextArea name="c" toName="text"/>"#,
            json!([{"text": ["A short summary of what was said."]}]),
            json!([{"text": ["The summary of what was said, in short."]}]),
        ),
    };
    let xml = format!(r#"<View><Text name="text" value="$text"/>{control}</View>"#);
    let regions = |values: Value| -> Vec<Region> {
        let region =
            |value: &Value| json!({"id": "r", "from_name": "c", "to_name": "text", "type": "x", "value": value});
        values.as_array().expect("a list").iter().map(|value| Region::from_json(region(value))).collect()
    };
    (Config::parse(&xml).expect("the config is well-formed"), regions(truth), regions(guess))
}

/// As a run does with each task: what it says is measured, handed on and counted.
#[divan::bench(args = ["choice", "choices", "spans", "text"])]
fn measure_and_count(bencher: Bencher, shape: &str) {
    let (config, truth, guess) = sides(shape);
    let mut tally = config.tallies(Capabilities::TEXT).remove(0);
    bencher.bench_local(|| {
        let measure = config.measure(black_box(&truth), black_box(&guess), Capabilities::TEXT).into_owned();
        measure.controls.iter().flatten().for_each(|control| tally.add(control));
    });
}

/// As where nothing is counted yet: both sides are read first.
#[divan::bench(args = ["choice", "choices", "spans", "text"])]
fn read_measure_and_count(bencher: Bencher, shape: &str) {
    let (config, truth, guess) = sides(shape);
    let written = |side: &[Region]| serde_json::to_string(side).expect("regions are JSON");
    let (truth, guess) = (written(&truth), written(&guess));
    let mut tally = config.tallies(Capabilities::TEXT).remove(0);
    let read = |json: &str| -> Vec<Region> { serde_json::from_slice(json.as_bytes()).expect("regions") };
    bencher.bench_local(|| {
        let (truth, guess) = (read(black_box(&truth)), read(black_box(&guess)));
        let measure = config.measure(&truth, &guess, Capabilities::TEXT);
        measure.controls.iter().flatten().for_each(|control| tally.add(control));
    });
}

#[divan::bench(args = ["choice", "choices", "spans", "text"])]
fn score(bencher: Bencher, shape: &str) {
    let (config, truth, guess) = sides(shape);
    bencher.bench(|| config.score(black_box(&truth), black_box(&guess), Capabilities::TEXT));
}
