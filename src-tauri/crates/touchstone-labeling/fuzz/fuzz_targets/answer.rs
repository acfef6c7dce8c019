//! Any JSON as a model's answer about any text. The input is the text and the answer, parted by a zero byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};
use std::sync::LazyLock;
use touchstone_labeling::{Capabilities, Config};

static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    Config::parse(
        r#"<View><Text name="t" value="$t"/><Image name="i" value="$i"/><List name="l" value="$l"/>
        <Labels name="s" toName="t"><Label value="A"/><Label value="B"/></Labels></View>"#,
    )
    .expect("the config is well-formed")
});

fuzz_target!(|input: &str| {
    let (text, answer) = input.split_once('\0').unwrap_or((input, r#"{"s": []}"#));
    let Ok(answer) = serde_json::from_str::<Value>(answer) else { return };
    let data = Map::from_iter([("t".to_owned(), Value::from(text))]);
    let Ok(placed) = CONFIG.place_answer(&answer, &data, Capabilities::ALL) else { return };
    let letters: Vec<char> = text.chars().collect();
    for region in &placed.regions {
        let offset = |key: &str| region.value[key].as_u64().expect("an offset") as usize;
        let slice: String = letters[offset("start")..offset("end")].iter().collect();
        assert_eq!(region.value["text"].as_str(), Some(slice.as_str()));
    }
    assert!(CONFIG.score(&placed.regions, &placed.regions, Capabilities::ALL).correct);
});
