//! Any bytes as a tasks file, in every format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::ops::ControlFlow;
use touchstone_labeling::{Config, TaskRules, TextFormat, read_tasks};

fuzz_target!(|content: &[u8]| {
    let xml =
        r#"<View><Text name="t" value="$text"/><Choices name="c" toName="t"><Choice value="A"/></Choices></View>"#;
    let config = Config::parse(xml).expect("the config is well-formed");
    let rules = TaskRules::upload(&config);
    for format in [TextFormat::Json, TextFormat::JsonLines, TextFormat::Csv, TextFormat::Tsv, TextFormat::Lines] {
        let _ = read_tasks(content, format, &rules, |_, _| ControlFlow::Continue(()));
    }
});
