//! Replies that only the enterprise edition gives. They are not of a server that was asked: their shapes are recorded from its
//! public client, `label-studio-sdk` 2.1.2 on PyPI (types `VersionResponse`, `WhoAmIUser`, `OrganizationMembership`,
//! `AllRolesProjectList`, `Workspace`).

use crate::testing::{LEGACY, json, served, taken_apart};
use crate::{Edition, Role};

const VERSION: &str = r#"{"release":"2.34.0","backend":{"version":"2.34.0"},"edition":"Enterprise",
    "label-studio-os-package":{"version":"1.23.2"},"label-studio-os-backend":{},"label-studio-frontend":{},"dm2":{},
    "label-studio-converter":{},"lsf":{}}"#;

fn who(role: &str, permissions: &str) -> String {
    json(
        200,
        &format!(
            r#"{{"id":9,"first_name":"Grace","last_name":"Hopper","username":"grace","email":"grace@example.org",
            "active_organization":4,"active_organization_meta":{{"title":"Navy","email":"admin@example.org"}},
            "organization_membership":{{"role":"{role}","active":true,"organization_id":4,"user_type":null}},
            "org_membership":[{{"role":"{role}","active":true,"organization_id":4}}],"lse_fields":{{}},"pause":null,
            "permissions":{permissions}}}"#
        ),
    )
}

const PROJECT: &str = r#"{"id":3,"title":"Tickets","description":"","label_config":"<View/>","task_number":10,
    "total_annotations_number":4,"ground_truth_number":2,"created_at":"2026-11-29T20:00:00Z","is_draft":false,
    "workspace":WORKSPACE,"workspace_title":"Grace's Sandbox"}"#;
const WORKSPACES: &str = r##"[{"id":7,"title":"Grace's Sandbox","description":"","color":"#FFF","is_personal":true,
    "is_archived":false,"created_by":9},{"id":8,"title":"Team","is_personal":false,"is_archived":false}]"##;

#[tokio::test]
async fn a_role_is_told_with_what_it_may_do() {
    let annotator = r#"["projects.view","tasks.view","annotations.create","annotations.change"]"#;
    let replies = vec![json(200, VERSION), who("AN", annotator), json(200, VERSION), who("XX", "[]")];
    let (client, _served) = served(LEGACY, replies).await;
    let server = client.server().await.expect("a server");
    assert_eq!((server.edition, server.role.clone()), (Edition::Enterprise, Some(Role::Annotator)));
    assert_eq!((&*server.user.name, &*server.version), ("Grace Hopper", "2.34.0"));
    assert!(server.may_read() && server.may_annotate() && !server.may_predict() && !server.may_export());
    let server = client.server().await.expect("a server");
    assert_eq!(server.role.as_ref().map(Role::label), Some("XX"), "one that came later");
    assert!(server.may_predict(), "what is not told is tried");
}

#[tokio::test]
async fn a_project_says_whether_it_is_in_a_personal_sandbox() {
    let project = |workspace: &str| json(200, &PROJECT.replace("WORKSPACE", workspace));
    let hidden = json(403, r#"{"detail":"You do not have permission to perform this action."}"#);
    let replies = vec![
        project("7"),
        json(200, WORKSPACES),
        project("8"),
        json(200, WORKSPACES),
        project("7"),
        hidden,
        project("null"),
    ];
    let (client, served) = served(LEGACY, replies).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let workspace = client.project(3).await.expect("a project").workspace;
        seen.push(workspace.map(|workspace| workspace.is_personal));
    }
    assert_eq!(seen, [Some(true), Some(false), Some(false), None]);
    let received = served.await.expect("served");
    assert_eq!(taken_apart(&received[1]).0, "GET /api/workspaces/?include_all_workspaces=true");
}

#[tokio::test]
async fn a_snapshot_is_made_in_the_background() {
    let started = r#"{"id":11,"title":"ours","status":"in_progress","created_by":{"id":9},"counters":{},"md5":"",
        "finished_at":null,"converted_formats":[]}"#;
    let (client, _served) = served(LEGACY, vec![json(201, started)]).await;
    let snapshot = client.start_snapshot(3, "ours").await.expect("a snapshot");
    assert_eq!(snapshot.state, crate::SnapshotState::UnderWay);
}
