use super::*;
use proptest::prelude::*;

#[track_caller]
fn check(schema: Value, openai: Value, anthropic: Value, gemini: Value) {
    assert_eq!(for_openai(&schema), openai, "OpenAI");
    assert_eq!(for_anthropic(&schema), anthropic, "Anthropic");
    assert_eq!(for_gemini(&schema), gemini, "Gemini");
}

#[test]
fn what_is_optional_may_be_null_in_the_strict_form_and_missing_elsewhere() {
    let closed = |properties: Value, required: Value| json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    let properties = json!({"a": {"type": "string", "enum": ["x"]}, "b": {"type": "integer"}});
    check(
        json!({"type": "object", "properties": properties, "required": ["b"]}),
        closed(
            json!({"a": {"type": ["string", "null"], "enum": ["x", null]}, "b": {"type": "integer"}}),
            json!(["a", "b"]),
        ),
        closed(properties.clone(), json!(["b"])),
        json!({"type": "object", "properties": properties, "required": ["b"]}),
    );
}

#[test]
fn bounds_that_a_vendor_does_not_take_are_said_in_words() {
    check(
        json!({"type": "integer", "minimum": 0, "maximum": 5, "description": "Rating"}),
        json!({"type": "integer", "minimum": 0, "maximum": 5, "description": "Rating"}),
        json!({"type": "integer", "description": "Rating (minimum: 0; maximum: 5)"}),
        json!({"type": "integer", "minimum": 0, "maximum": 5, "description": "Rating"}),
    );
    check(
        json!({"type": "string", "minLength": 2, "pattern": "^a\\b"}),
        json!({"type": "string", "pattern": "^a\\b", "description": "minLength: 2"}),
        json!({"type": "string", "description": "minLength: 2; pattern: \"^a\\\\b\""}),
        json!({"type": "string", "description": "minLength: 2; pattern: \"^a\\\\b\""}),
    );
    check(
        json!({"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 3, "uniqueItems": true}),
        json!({"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 3, "description": "uniqueItems: true"}),
        json!({"type": "array", "items": {"type": "string"}, "description": "minItems: 2; maxItems: 3; uniqueItems: true"}),
        json!({"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 3, "description": "uniqueItems: true"}),
    );
}

#[test]
fn one_of_is_read_as_any_of_and_all_of_is_merged() {
    let either = json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]});
    check(
        json!({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
        either.clone(),
        either.clone(),
        either,
    );
    let merged = json!({"type": "string", "description": "d"});
    check(json!({"allOf": [{"type": "string"}, {"description": "d"}]}), merged.clone(), merged.clone(), merged);
}

#[test]
fn a_constant_and_a_null_choice_are_spelled_for_gemini() {
    assert_eq!(for_gemini(&json!({"const": "x"})), json!({"enum": ["x"]}));
    assert_eq!(
        for_gemini(&json!({"type": ["string", "null"], "enum": ["x", null]})),
        json!({"anyOf": [{"type": "string", "enum": ["x"]}, {"type": "null"}]})
    );
}

#[test]
fn a_reference_stands_alone_and_recursion_ends_where_it_is_not_taken() {
    let schema = json!({
        "type": "object",
        "properties": {"tree": {"$ref": "#/definitions/node", "description": "The tree"}},
        "required": ["tree"],
        "definitions": {"node": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/definitions/node"}}},
            "required": ["name", "children"],
        }},
    });
    let strict = for_openai(&schema);
    let around = json!({"description": "The tree", "anyOf": [{"$ref": "#/$defs/node"}]});
    assert_eq!(strict["properties"]["tree"], around);
    assert_eq!(strict["$defs"]["node"]["properties"]["children"]["items"], json!({"$ref": "#/$defs/node"}));
    let unrolled = for_anthropic(&schema);
    assert!(!unrolled.to_string().contains("$ref") && unrolled.get("$defs").is_none(), "{unrolled}");
    assert_eq!(unrolled["properties"]["tree"]["properties"]["children"]["items"]["properties"], json!({}));
    let gemini = for_gemini(&schema);
    assert_eq!(gemini["$defs"]["node"]["required"], json!(["name"]), "recursion only through what may be missing");
}

#[test]
fn enums_beyond_the_limits_become_words() {
    let labels = |count: usize, length: usize| (0..count).map(|at| format!("{at:0length$}")).collect::<Vec<_>>();
    let schema = json!({"type": "object", "properties": {
        "many": {"type": "string", "enum": labels(900, 3)},
        "few": {"type": "string", "enum": labels(200, 3)},
    }, "required": ["many", "few"]});
    let strict = for_openai(&schema);
    assert!(strict["properties"]["many"].get("enum").is_none(), "1,100 values are too many");
    assert!(strict["properties"]["many"]["description"].as_str().is_some_and(|said| said.contains("\"899\"")));
    assert!(strict["properties"]["few"].get("enum").is_some());
    let long = for_openai(&json!({"type": "string", "enum": labels(300, 60)}));
    assert!(long.get("enum").is_none(), "18,000 characters are too long");
    assert!(for_openai(&json!({"type": "string", "enum": labels(300, 30)})).get("enum").is_some());
}

#[test]
fn a_property_may_be_named_like_a_keyword() {
    let properties = json!({"enum": {"type": "string"}, "pattern": {"type": "string"}, "$ref": {"type": "string"}});
    let schema = json!({"type": "object", "properties": properties, "required": ["enum", "pattern", "$ref"]});
    for compiled in [for_openai(&schema), for_anthropic(&schema), for_gemini(&schema)] {
        assert_eq!(compiled["properties"], properties);
    }
}

/// Schemas of every keyword that a config or its author may write, sensible or not.
fn schemas() -> impl Strategy<Value = Value> {
    let keyword = |name: &'static str, value: Value| Just((name.to_owned(), value));
    let leaf = prop::collection::vec(
        prop_oneof![
            keyword("type", json!("string")),
            keyword("type", json!(["integer", "null"])),
            keyword("description", json!("words")),
            keyword("enum", json!(["a", "b", null])),
            keyword("enum", json!([true, {"a": 1}])),
            keyword("const", json!([1])),
            keyword("const", json!("a")),
            keyword("format", json!("date-time")),
            keyword("format", json!("iban")),
            keyword("pattern", json!("(?=a)")),
            keyword("minimum", json!(0)),
            keyword("exclusiveMaximum", json!(9)),
            keyword("multipleOf", json!(2)),
            keyword("minLength", json!(1)),
            keyword("minItems", json!(3)),
            keyword("uniqueItems", json!(true)),
            keyword("default", json!("a")),
            keyword("examples", json!(["a"])),
            keyword("not", json!({"type": "null"})),
            keyword("if", json!({"type": "null"})),
            keyword("$schema", json!("x")),
            keyword("$ref", json!("#/$defs/node")),
            keyword("$ref", json!("#/$defs/nowhere")),
        ],
        0..5,
    )
    .prop_map(|members| Value::Object(members.into_iter().collect()));
    leaf.prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            (prop::collection::vec(("[a-c]", inner.clone()), 0..4), prop::collection::vec("[a-d]", 0..3)).prop_map(
                |(properties, required)| {
                    let properties: Map<_, _> = properties.into_iter().collect();
                    json!({"type": "object", "properties": properties, "required": required, "patternProperties": {}})
                }
            ),
            inner.clone().prop_map(|items| json!({"type": "array", "items": items, "maxItems": 2})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|branches| json!({"oneOf": branches, "title": "t"})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|branches| json!({"allOf": branches})),
            prop::collection::vec(inner, 1..3).prop_map(|branches| json!({"anyOf": branches})),
        ]
    })
}

/// Every keyword of `schema` is one of `supported`, and every object is as strict as `is_strict` wants it.
fn holds_only(schema: &Value, supported: &[&str], is_closed: bool, is_strict: bool) -> Result<(), String> {
    let members = schema.as_object().ok_or_else(|| format!("{schema} is no schema"))?;
    let below = |schema: &Value| holds_only(schema, supported, is_closed, is_strict);
    for (keyword, value) in members {
        if !supported.contains(&keyword.as_str()) {
            return Err(format!("{keyword} in {schema}"));
        }
        match keyword.as_str() {
            "properties" | "$defs" => value.as_object().into_iter().flat_map(Map::values).try_for_each(below)?,
            "anyOf" => value.as_array().into_iter().flatten().try_for_each(below)?,
            "items" => below(value)?,
            "$ref" if members.len() > 1 => return Err(format!("$ref with siblings in {schema}")),
            _ => {}
        }
    }
    if is_closed && members.contains_key("properties") && members.get("additionalProperties") != Some(&json!(false)) {
        return Err(format!("open object {schema}"));
    }
    if is_strict && let Some(properties) = members.get("properties").and_then(Value::as_object) {
        let required = members["required"].as_array().ok_or("no list of required names")?;
        if required.len() != properties.len() {
            return Err(format!("optional properties in {schema}"));
        }
    }
    Ok(())
}

const COMMON: &[&str] = &[
    "type",
    "description",
    "title",
    "enum",
    "anyOf",
    "$ref",
    "$defs",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "format",
    "minItems",
];

#[test]
fn no_reference_is_left_at_the_top() {
    let node = json!({"type": "string"});
    for schema in [
        json!({"allOf": [{"$ref": "#/$defs/node"}], "$defs": {"node": node}}),
        json!({"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"allOf": [{"$ref": "#/$defs/node"}]}, "node": node}}),
    ] {
        for compiled in [for_openai(&schema), for_anthropic(&schema), for_gemini(&schema)] {
            assert_eq!(compiled["type"], "string", "{compiled}");
        }
    }
    let circle = json!({"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}});
    assert!(for_openai(&circle).get("$ref").is_none() && for_gemini(&circle).get("$ref").is_none());
}

proptest! {
    // A failure is reproduced by what it prints; no file is left behind.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_supported_keywords_are_left(mut schema in schemas(), node in schemas()) {
        schema["$defs"] = json!({"node": node});
        let with = |more: &[&'static str]| [COMMON, more].concat();
        let openai = with(&["const", "pattern", "minimum", "maximum", "multipleOf", "maxItems"]);
        holds_only(&for_openai(&schema), &openai, true, true).map_err(TestCaseError::fail)?;
        holds_only(&for_anthropic(&schema), &with(&["const", "pattern", "default"]), true, false).map_err(TestCaseError::fail)?;
        let gemini = with(&["prefixItems", "minimum", "maximum", "maxItems", "propertyOrdering", "$id", "$anchor"]);
        holds_only(&for_gemini(&schema), &gemini, false, false).map_err(TestCaseError::fail)?;
    }
}
