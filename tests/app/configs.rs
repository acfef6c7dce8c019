//! Labeling configs while they are written.

use crate::Page;
use serde_json::json;

const SPOILT: &str = r#"<View><Text name="doc" value="text"/><Rating name="r" toName="dok"/></View>"#;

#[test]
fn a_config_is_checked_and_its_problems_can_be_mended() {
    let page = Page::open();
    let check = page.ok("check_config", json!({ "xml": SPOILT }));
    assert_eq!(check["problems"][0]["fix"]["insert"], "$", "{check}");
    assert_eq!((&check["problems"][1]["severity"], &check["error"]), (&json!("error"), &json!(null)), "{check}");
    let unreadable = page.ok("check_config", json!({ "xml": "<View>" }));
    assert_eq!((&unreadable["error"]["line"], &unreadable["outline"]), (&json!(1), &json!(null)), "{unreadable}");
}

#[test]
fn tags_and_templates_are_there_to_write_with() {
    let page = Page::open();
    let tags = page.ok("config_tags", json!({}));
    assert_eq!(
        (&tags[0]["name"], &tags[0]["kind"], &tags[0]["fillable"]),
        (&json!("Choices"), &json!("control"), &json!(true))
    );
    let templates = page.ok("config_templates", json!({}));
    let check = page.ok("check_config", json!({ "xml": templates[0]["xml"] }));
    assert_eq!((&check["problems"], &check["ineligible"]), (&json!([]), &json!(null)));
}

#[test]
fn a_class_is_added_to_the_text() {
    let page = Page::open();
    let xml = r#"<View><Choices name="c" toName="t"><Choice value="A"/></Choices></View>"#;
    let edit = json!({ "kind": "add_class", "control": "c", "value": "B", "background": null });
    let edited = page.ok("edit_config", json!({ "xml": xml, "edit": edit }));
    assert_eq!(edited, r#"<View><Choices name="c" toName="t"><Choice value="A"/><Choice value="B"/></Choices></View>"#);
    page.refused("edit_config", json!({ "xml": edited, "edit": edit }), "invalid");
}

#[test]
fn a_changed_config_is_weighed_and_kept() {
    let page = Page::open();
    let project = page.project("News");
    let xml = page.ok("get_project", json!({ "projectId": project }))["config_xml"].clone();
    let xml = xml.as_str().expect("a text").replace("Music", "Sound");
    let renames = json!([{ "control": "topic", "from": "Music", "to": "Sound" }]);
    let asked = json!({ "projectId": project, "xml": xml, "renames": renames });
    let impact = page.ok("config_impact", asked.clone());
    assert_eq!(impact["invalid_annotations"], 0, "{impact}");
    let saved = page.ok("save_config", asked);
    assert_eq!(saved["config_xml"], xml.as_str());
    assert!(page.has_heard(r#""kind":"config""#), "the change is told");
    page.refused("save_config", json!({ "projectId": project, "xml": "<View>", "renames": [] }), "invalid");
}
