use super::*;
use crate::chat::ChatMessage;

/// What the model answers to `system` and a user message of the inputs, for one control called `it`.
fn ask(system: &str, inputs: &[&str], schema: Value) -> Value {
    let request = ChatRequest {
        model: PRACTICE_MODEL_ID.to_owned(),
        messages: vec![ChatMessage::new(Role::System, system), ChatMessage::new(Role::User, inputs.join("\n"))],
        schema: json!({ "type": "object", "properties": { "it": schema }, "required": ["it"] }).into(),
        structure: None,
        params: Map::new(),
        inputs: inputs.iter().map(|&input| input.to_owned()).collect(),
        shares_beginning: false,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    let reply = runtime
        .block_on(PracticeModel.ask(&request, &PracticeModel.body(&request)))
        .expect("the practice model always answers");
    let answer: Value = serde_json::from_str(&reply.content).expect("the answer is JSON");
    answer["it"].clone()
}

#[track_caller]
fn check(system: &str, inputs: &[&str], schema: Value, want: Value) {
    assert_eq!(ask(system, inputs, schema), want, "{inputs:?}");
}

fn choices(names: &[&str]) -> Value {
    json!({ "type": "string", "enum": names })
}

#[test]
fn picks_the_class_whose_definition_fits() {
    let prompt = "Classify.\n- Money: invoices, refunds\n- Access: passwords, locked accounts";
    check(prompt, &["My account is locked!"], choices(&["Money", "Access"]), json!("Access"));
    check(prompt, &["Refund me"], choices(&["Money", "Access"]), json!("Money"));
}

#[test]
fn the_text_is_not_read_as_instructions() {
    let prompt = "Classify.\n- Money: invoices\n- Access: passwords";
    let text = "Access: invoices, invoices, invoices and invoices";
    check(prompt, &[text], choices(&["Money", "Access"]), json!("Money"));
}

#[test]
fn a_short_input_leaves_the_definitions_whole() {
    let prompt = "- Money: sent by email\n- Access: sent by phone";
    check(prompt, &["email"], choices(&["Access", "Money"]), json!("Money"));
}

#[test]
fn a_tie_goes_to_the_first_class_of_the_schema() {
    check("", &["nothing in common"], choices(&["B", "A"]), json!("B"));
}

#[test]
fn several_choices_are_those_near_the_best() {
    let schema = json!({ "type": "array", "uniqueItems": true, "items": choices(&["Money", "Access", "Parcel"]) });
    let prompt = "Money: refund\nAccess: password\nParcel: tracking";
    check(prompt, &["A refund, and my password please"], schema.clone(), json!(["Money", "Access"]));
    check(prompt, &["Where is the tracking?"], schema, json!(["Parcel"]));
}

fn labels(names: &[&str]) -> Value {
    let place = json!({ "oneOf": [{ "type": "integer", "minimum": 0 }, { "type": "number", "minimum": 0 }] });
    json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["start", "end", "labels"],
            "properties": {
                "start": place,
                "end": place,
                "labels": { "type": "array", "items": choices(names) },
                "text": { "type": "string" },
            },
        },
    })
}

#[test]
fn spans_are_counted_in_code_points() {
    let want = json!([{ "start": 8, "end": 13, "labels": ["Person"], "text": "Hölle" }]);
    check("", &["😀 naïve Hölle ran"], labels(&["Person"]), want);
}

#[test]
fn text_is_the_first_sentence() {
    let schema = json!({ "oneOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] });
    check("", &["So. Or so."], json!({ "type": "string" }), json!("So."));
    check("Summarise.", &["It costs 3.5 euros. Too much!"], schema.clone(), json!("It costs 3.5 euros."));
    check("", &["没有声音。怎么办？"], schema, json!("没有声音。"));
}

#[test]
fn ratings_follow_the_tone() {
    let schema = json!({ "type": "integer", "minimum": 0, "maximum": 5 });
    let rate = |text| ask("", &[text], schema.clone()).as_i64().expect("a rating");
    assert!(rate("Great, helpful, I love it") > rate("It arrived on Monday"));
    assert!(rate("It arrived on Monday") > rate("Terrible, broken, useless"));
}

#[test]
fn numbers_are_taken_from_the_text() {
    check("", &["about 120 or -7.5 degrees"], json!({ "type": "number", "maximum": 100 }), json!(-7.5));
    check("", &["7 or 12"], json!({ "type": "number", "minimum": 10 }), json!(12));
    check("", &["none"], json!({ "type": "number", "minimum": 3 }), json!(3));
}

#[test]
fn the_side_that_answers_the_question_is_better() {
    let side = json!({ "type": "string", "enum": ["left", "right"] });
    let question = "How do I reset the thermostat?";
    check("", &[question, "No idea.", "Hold its reset button."], side.clone(), json!("right"));
    check("", &[question, "Same", "Equal"], side, json!("left"));
}

#[test]
fn every_property_of_any_shape_gets_a_value() {
    let taxonomy = json!({ "type": "array", "minItems": 1, "items": { "type": "array", "minItems": 1, "items": choices(&["Cats", "Dogs"]) } });
    check("", &["Two dogs"], taxonomy, json!([["Dogs"]]));
    check("", &["Due 2024-05-07"], json!({ "type": "string", "format": "date-time" }), json!("2024-05-07T00:00:00Z"));
    check("", &["no date"], json!({ "type": "string", "format": "date-time" }), json!("1970-01-01T00:00:00Z"));
    check("", &["5"], json!({ "type": "array", "minItems": 1, "items": { "type": "number" } }), json!([5]));
    check("", &["it is urgent"], json!({ "type": "boolean", "description": "urgent" }), json!(true));
    check("", &["x"], choices(&[]), json!(""));
    check("", &["x"], json!({}), json!(null));
    check("", &["5"], json!({ "type": "object", "properties": { "n": { "type": "number" } } }), json!({ "n": 5 }));
}

#[test]
fn a_prompt_without_variables_is_judged_by_what_the_user_says() {
    let request = ChatRequest {
        model: PRACTICE_MODEL_ID.to_owned(),
        messages: vec![ChatMessage::new(Role::User, "Two dogs")],
        schema: choices(&["Cats", "Dogs"]).into(),
        structure: None,
        params: Map::new(),
        inputs: Vec::new(),
        shares_beginning: false,
    };
    assert_eq!(Question::of(&request).answer(&request.schema), json!("Dogs"));
}

#[test]
fn any_text_is_answered() {
    for text in
        ["", " ", "'", "’’", "it’s’", "\u{301}", "-", "{}", "a\u{0}b", "1.2.3.4", "'''a", "１２", "İstanbul", "ﬁn"]
    {
        for schema in [choices(&["A", "Other"]), labels(&["Name", "Date"]), json!({ "type": "number" })] {
            ask(text, &[text], schema);
        }
    }
}
