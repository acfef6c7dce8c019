//! What must hold whatever comes in: placed spans quote their text, regions survive JSON, nothing panics, the same
//! question has the same answer.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use touchstone_labeling::vectors::answer_vector;
use touchstone_labeling::{Capabilities, Config, Region, TaskRules, TextFormat, read_tasks};

/// Pieces that texts break on: emoji sequences, flags, combining marks, line ends, right-to-left letters, letters that
/// change their length in lower case, and plain words.
const PIECES: [&str; 24] = [
    "a",
    "Ab",
    "ab",
    "Ada",
    " ",
    "\r\n",
    "\n",
    "\t",
    ".",
    "-",
    "👩‍🚀",
    "👨‍👩‍👧",
    "🇩🇪",
    "🏳️‍🌈",
    "e\u{301}",
    "é",
    "שלום",
    "مرحبا",
    "\u{200f}",
    "नामा",
    "İ",
    "ΣΑΣ",
    "ẞ",
    "東京",
];

fn text(pieces: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&PIECES[..]), pieces).prop_map(|pieces| pieces.concat())
}

/// Any JSON value, of the names and values that configs and answers have in common more often than not.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(
        &["", "labels", "label", "text", "start", "end", "choices", "c", "s", "A", "B", "to_name", "ranker", "value"][..],
    );
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-3i64..120).prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        word.clone().prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..5)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

/// XML-like texts: pieces of configs in any order, and anything between them.
fn any_xml() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => prop::sample::select(
            &[
                "<View>", "</View>", "<Text name=\"t\" value=\"$t\"/>", "<Choices name='c' toName=\"t\">", "</Choices>",
                "<Choice value=\"A\"/>", "<Choice", " alias=\"b\"", ">", "/>", "<!--", "-->", "<![CDATA[", "]]>", "<?pi ?>",
                "<!DOCTYPE View>", "&amp;", "&#x0;", "&lol;", "xmlns=\"u\"", "<a:b xmlns:a='u'/>", "\u{0}", "{{idx}}",
                "<Taxonomy name=\"x\" toName=\"t\">", "</Taxonomy>", "<ReactCode name=\"r\" outputs=\"a:number(1,)\"/>",
                "<Ranker name=\"k\" toName=\"t,t\"><Bucket name=\"b\"/></Ranker>", "perRegion=\"true\"", "<Chat name=\"c\"/>",
            ][..],
        ).prop_map(str::to_owned),
        1 => ".{0,8}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

const CONFIG: &str = r#"<View><Text name="t" value="$t"/><List name="l" value="$l"/><Image name="i" value="$i"/>
    <Labels name="s" toName="t"><Label value="A"/><Label value="B"/></Labels>
    <Choices name="c" toName="t" choice="multiple"><Choice value="A"/><Choice value="B"/></Choices>
    <Taxonomy name="x" toName="t"><Choice value="A"><Choice value="B"/></Choice></Taxonomy>
    <TextArea name="text" toName="t"/><Number name="n" toName="t"/><Rating name="r" toName="t"/>
    <Ranker name="k" toName="l"/><DateTime name="d" toName="t"/>
    <RectangleLabels name="b" toName="i"><Label value="A"/></RectangleLabels></View>"#;

const SPANS: &str = r#"<View><Text name="t" value="$t"/>
    <Labels name="s" toName="t"><Label value="A"/><Label value="B"/></Labels></View>"#;

fn config(xml: &str) -> Config {
    Config::parse(xml).expect("the config is well-formed")
}

/// Half of the config's controls answered well, so that answers get past the schema, the rest with anything.
fn any_answer() -> impl Strategy<Value = Value> {
    let good = json!({
        "s": [], "c": ["A"], "x": [["A", "B"]], "text": "x", "n": 1, "r": 3, "k": {"ranker": {"k": ["1"]}},
        "d": "2024-05-07", "b": [],
    });
    let names = prop::sample::select(&["s", "c", "x", "text", "n", "r", "k", "d", "b", "other"][..]);
    prop::collection::vec((names, any_json()), 0..3).prop_map(move |changes| {
        let mut answer = good.clone();
        for (name, value) in changes {
            answer[name] = value;
        }
        answer
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_placed_span_quotes_its_own_text(
        body in text(0..40),
        cuts in prop::collection::vec((0usize..80, 0usize..12, any::<bool>(), 0usize..90), 0..8),
    ) {
        let letters: Vec<char> = body.chars().collect();
        let slice = |from: usize, to: usize| letters[from.min(letters.len())..to.min(letters.len())].iter().collect::<String>();
        let spans: Vec<Value> = cuts
            .into_iter()
            .map(|(from, length, upper, hint)| {
                let quote = slice(from, from + length);
                let quote = if upper { quote.to_uppercase() } else { quote };
                json!({"text": quote, "labels": ["A"], "start": hint, "end": hint + length})
            })
            .collect();
        let asked = spans.len();
        let data = Map::from_iter([("t".to_owned(), Value::from(body.as_str()))]);
        let placed = config(SPANS).place_answer(&json!({"s": spans}), &data, Capabilities::TEXT).expect("the answer fits");
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for region in &placed.regions {
            let offset = |key: &str| region.value[key].as_u64().and_then(|at| usize::try_from(at).ok()).expect("an offset");
            let (start, end) = (offset("start"), offset("end"));
            prop_assert!(start < end && end <= letters.len());
            prop_assert_eq!(&region.value["text"], &json!(slice(start, end)));
            ranges.push((start, end));
        }
        ranges.sort_unstable();
        prop_assert!(ranges.windows(2).all(|pair| pair[0].1 <= pair[1].0), "spans of a control do not overlap");
        prop_assert!(placed.repairs.len() >= asked - placed.regions.len(), "no span is dropped silently");
    }

    #[test]
    fn what_stands_once_is_found_where_it_stands(before in text(0..20), after in text(0..20)) {
        // No piece has these letters, so the quote stands in one place, whatever is around it.
        let body = format!("{before}Quux 🚀{after}");
        let data = Map::from_iter([("t".to_owned(), Value::from(body))]);
        let answer = json!({"s": [{"text": "quux 🚀", "labels": ["B"], "start": 0, "end": 0}]});
        let placed = config(SPANS).place_answer(&answer, &data, Capabilities::TEXT).expect("the answer fits");
        prop_assert_eq!(&placed.regions[0].value["start"], &json!(before.chars().count()));
        prop_assert_eq!(&placed.regions[0].value["text"], &json!("Quux 🚀"));
    }

    #[test]
    fn parsing_never_panics(xml in any_xml(), answer in any_json()) {
        let Ok(config) = Config::parse(&xml) else { return Ok(()) };
        config.outline();
        config.schema();
        config.faults();
        for capabilities in [Capabilities::TEXT, Capabilities::ALL] {
            let schema = config.prompt_schema(capabilities);
            let asked = schema["properties"].as_object().map_or(0, Map::len);
            prop_assert_eq!(asked, config.fillable(capabilities).controls.len());
            let _ = config.place_answer(&answer, &Map::new(), capabilities);
        }
    }

    #[test]
    fn a_number_survives_to_its_last_digit(number in prop::num::f64::NORMAL) {
        let data = Map::from_iter([("t".to_owned(), Value::from("x"))]);
        let xml = r#"<View><Text name="t" value="$t"/><Number name="n" toName="t"/></View>"#;
        let placed = config(xml).place_answer(&json!({"n": number}), &data, Capabilities::TEXT).expect("the answer fits");
        let json = serde_json::to_string(&placed.regions).expect("regions are JSON");
        prop_assert_eq!(serde_json::from_str::<Vec<Region>>(&json).expect("regions are read again"), placed.regions);
    }

    #[test]
    fn any_answer_is_placed_or_refused_and_its_regions_survive(answer in any_answer(), data in any_json()) {
        let data = match data {
            Value::Object(data) => data,
            other => Map::from_iter([("t".to_owned(), other.clone()), ("l".to_owned(), other)]),
        };
        let config = config(CONFIG);
        let placed = config.place_answer(&answer, &data, Capabilities::ALL);
        prop_assert_eq!(&placed, &config.place_answer(&answer, &data, Capabilities::ALL));
        if let Ok(placed) = placed {
            let json = serde_json::to_string(&placed.regions).expect("regions are JSON");
            let read: Vec<Region> = serde_json::from_str(&json).expect("regions are read again");
            prop_assert_eq!(&read, &placed.regions);
            let score = config.score(&placed.regions, &read, Capabilities::ALL);
            prop_assert!(score.correct && (score.score - 1.0).abs() < 1e-9, "an answer equals itself");
        }
    }

    #[test]
    fn any_value_is_a_region_that_is_written_as_it_is_read(value in any_json()) {
        let region = Region::from_json(value);
        let written = serde_json::to_value(&region).expect("a region is JSON");
        prop_assert_eq!(Region::from_json(written), region);
    }

    #[test]
    fn a_verdict_is_stable(payload in any_json(), result in prop::collection::vec(any_json(), 0..3)) {
        for payload in [payload, json!({"result": result})] {
            let vector = json!({"id": 1, "kind": "validate", "config": CONFIG, "target": "prediction", "payload": payload});
            let verdict = answer_vector(&vector);
            prop_assert!(verdict["valid"].is_boolean());
            prop_assert_eq!(verdict, answer_vector(&vector));
        }
    }

    #[test]
    fn any_file_is_read_or_refused(content in prop_oneof![any_json().prop_map(|value| value.to_string()), ".{0,60}"]) {
        let config = config(CONFIG);
        let rules = TaskRules::upload(&config);
        for format in [TextFormat::Json, TextFormat::JsonLines, TextFormat::Csv, TextFormat::Tsv, TextFormat::Lines] {
            let _ = read_tasks(content.as_bytes(), format, &rules, |_, _| std::ops::ControlFlow::Continue(()));
        }
    }
}
