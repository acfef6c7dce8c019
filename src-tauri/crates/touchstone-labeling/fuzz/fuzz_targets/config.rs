//! Any text as a labeling config: it is read or refused, and all that follows from it is made.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Map;
use touchstone_labeling::{Capabilities, Config};

fuzz_target!(|xml: &str| {
    let Ok(config) = Config::parse(xml) else { return };
    config.outline();
    config.schema();
    config.faults();
    for control in config.controls() {
        control.paths();
    }
    for capabilities in [Capabilities::TEXT, Capabilities::ALL] {
        let schema = config.prompt_schema(capabilities);
        let asked = schema["properties"].as_object().map_or(0, Map::len);
        assert_eq!(asked, config.fillable(capabilities).controls.len());
    }
});
