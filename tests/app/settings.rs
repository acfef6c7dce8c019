//! Settings that the window and the command line both obey.

use crate::Page;
use serde_json::json;

#[test]
fn settings_are_kept_or_refused_as_a_whole() {
    let page = Page::open();
    let mut settings = page.ok("settings", json!({}));
    settings["concurrency"] = json!(3);
    settings["media_from_web"] = json!(false);
    page.ok("set_settings", json!({ "settings": settings }));
    assert!(page.has_heard(r#""kind":"settings""#), "the change is told");
    assert_eq!(page.ok("settings", json!({})), settings);
    let mut wrong = settings.clone();
    wrong["concurrency"] = json!(5);
    wrong["media_side_px"] = json!(0);
    page.refused("set_settings", json!({ "settings": wrong }), "invalid");
    assert_eq!(page.ok("settings", json!({})), settings);
}
