use crate::output::{Report, listed};
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
    let headings = ["host", "for", "requests", "bytes sent", "received", "last"];
    let mut text = listed(headings, contacts.iter().map(row).collect(), "no host was contacted");
    if offline {
        text.push_str("\nOffline is switched on; only this computer is reached");
    }
    Ok(Report::done(json!({ "offline": offline, "contacts": contacts }), text.trim_start()))
}

fn row(contact: &HostContacts) -> [String; 6] {
    let purpose = match contact.purpose {
        ContactPurpose::Model => "asked a model",
        ContactPurpose::Check => "tested or listed models",
        ContactPurpose::Count => "counted tokens for an estimate",
        ContactPurpose::SignIn => "signed in",
        ContactPurpose::Media => "read pictures or PDFs of tasks",
        ContactPurpose::Link => "compared a linked space",
        ContactPurpose::LabelStudio => "worked with Label Studio",
    };
    let received =
        if contact.has_answered { contact.bytes_received.to_string() } else { "nothing answered".to_owned() };
    let (requests, sent) = (contact.requests.to_string(), contact.bytes_sent.to_string());
    [contact.host.clone(), purpose.to_owned(), requests, sent, received, contact.last_at.clone()]
}
