use crate::output::{Report, columns, counted};
use serde_json::json;
use touchstone_engine::network::{ContactPurpose, HostContacts};
use touchstone_engine::{Engine, Result};

/// Shows whom this workspace's programs contacted, or forgets it.
pub(crate) async fn run(engine: &Engine, clear: bool) -> Result<Report> {
    if clear {
        engine.clear_contacts().await?;
    }
    let contacts = engine.contacts().await?;
    let offline = engine.is_offline();
    let mut text = columns(&contacts.iter().map(row).collect::<Vec<_>>());
    if contacts.is_empty() {
        text.push_str("no host was contacted");
    }
    if offline {
        text.push_str("\nOffline is switched on; only this computer is reached");
    }
    Ok(Report::done(json!({ "offline": offline, "contacts": contacts }), text.trim_start()))
}

fn row(contact: &HostContacts) -> [String; 5] {
    let purpose = match contact.purpose {
        ContactPurpose::Model => "asked a model",
        ContactPurpose::Check => "tested or listed models",
        ContactPurpose::Count => "counted tokens for an estimate",
        ContactPurpose::SignIn => "signed in",
        ContactPurpose::Media => "read pictures or PDFs of tasks",
        ContactPurpose::Link => "compared a linked space",
        ContactPurpose::LabelStudio => "worked with Label Studio",
    };
    let requests = counted(contact.requests, "request");
    let received = if contact.has_answered {
        format!("{} received", contact.bytes_received)
    } else {
        "nothing answered".to_owned()
    };
    let bytes = format!("{} bytes sent, {received}", contact.bytes_sent);
    [contact.host.clone(), purpose.to_owned(), requests, bytes, contact.last_at.clone()]
}
