//! What is shown of a change: the names of versions and where labels go, by the numbers of the side that changes.

use super::{Between, LocalVersion, Pair, Target};
use serde::Serialize;
use specta::Type;
use std::collections::BTreeSet;
use touchstone_arize::client::{self, RemoteVersion};
use touchstone_domain::PromptId;
use touchstone_domain::prompt::sha256_hex;

/// So many versions of a change are named.
pub(super) const NAMED_MAX: usize = 20;

/// What one prompt would get.
#[derive(Clone, Debug, Serialize, Type)]
pub struct PromptChange {
    /// Names exactly this change: where anything of it is different later, it is another one.
    pub id: String,
    /// As the prompt is called where it changes, or would be.
    pub name: String,
    /// The prompt here, unless there is none yet.
    pub prompt_id: Option<PromptId>,
    /// The prompt would be made.
    pub is_new: bool,
    pub version_count: u32,
    /// Newest first, the first twenty.
    pub versions: Vec<ChangedVersion>,
    pub labels: Vec<LabelChange>,
    /// A description that would take the place of the other.
    pub description: Option<String>,
    /// What is worth knowing of the prompt, in words; nothing of it is in the way.
    pub notes: Vec<String>,
    /// Why this must be asked for by name, in words; none where nothing is in its way.
    pub conflicts: Vec<String>,
    /// It is done unless somebody says otherwise.
    pub is_offered: bool,
    /// `false` where it cannot be done at all before somebody mends what `conflicts` says.
    pub can_apply: bool,
    /// What the other side cannot keep, in words.
    pub losses: Vec<String>,
}

/// What is not the same on both sides of a prompt and cannot be brought over.
#[derive(Clone, Debug, Serialize, Type)]
pub struct PromptNote {
    pub prompt_id: PromptId,
    /// As it is called here.
    pub name: String,
    pub words: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct ChangedVersion {
    pub message: String,
    pub created_at: String,
}

/// Where a label would go, in words such as `v3`; `None` where it is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct LabelChange {
    pub name: String,
    pub from: Option<String>,
    pub to: Option<String>,
}

impl Pair<'_> {
    /// A change of this pair, here or there.
    pub(super) fn change(&self, is_here: bool, between: &Between, versions: Vec<ChangedVersion>) -> PromptChange {
        let name = if is_here { &self.own.name } else { &self.their.prompt.name };
        PromptChange {
            id: String::new(),
            name: name.clone(),
            prompt_id: Some(self.own.id.clone()),
            is_new: false,
            version_count: count(between.versions.len()),
            versions,
            labels: Vec::new(),
            description: between.description.clone(),
            notes: self.notes(is_here),
            conflicts: Vec::new(),
            is_offered: true,
            can_apply: true,
            losses: Vec::new(),
        }
    }

    /// What differs and stays so: the API renames no prompt, and versions only ever come on top, so that the newest may be
    /// another one after both sides took the other's. `is_here`: beside the name that the prompt has here.
    pub(super) fn notes(&self, is_here: bool) -> Vec<String> {
        let mut notes = Vec::new();
        let (here, there) = (&self.own.name, &self.their.prompt.name);
        if here != there {
            notes.push(if is_here {
                format!("there it is called “{there}”")
            } else {
                format!("here it is called “{here}”")
            });
        }
        let has_new = !self.new_here().is_empty() || !self.new_there().is_empty();
        if let (Some(here), Some(there), Some(Some(known))) =
            (self.own.versions.last(), self.their.versions.last(), self.known.last())
            && !has_new
            && *known != there.id
        {
            notes.push(format!(
                "both sides have the same versions, but the newest is “{}” (version {}) here and “{}” (version {}) there",
                here.message,
                here.number,
                there.commit_message,
                self.their.versions.len()
            ));
        }
        notes
    }

    /// Why these versions of the other side, if there are any, do not come unasked.
    pub(super) fn dispute_of_taking(&self, versions: &[usize]) -> Option<String> {
        let (new_there, new_here) = (versions.len(), self.new_here().len());
        let oldest = *versions.first()?;
        if new_here > 0 {
            let (there, here) = (new_versions(new_there), new_versions(new_here));
            return Some(format!(
                "{there} there and {here} here; pulled, theirs become the newest here, and yours stay"
            ));
        }
        (self.their.versions.len() - new_there > oldest)
            .then(|| "there is a newer one on both sides; pulled, these become the newest here".to_owned())
    }

    /// Why these versions of ours, if there are any, do not go unasked.
    pub(super) fn dispute_of_giving(&self, versions: &[usize]) -> Option<String> {
        let (new_here, new_there) = (versions.len(), self.new_there().len());
        let oldest = *versions.first()?;
        if new_there > 0 {
            let (here, there) = (new_versions(new_here), new_versions(new_there));
            return Some(format!(
                "{here} here and {there} there; pushed, yours become the newest there, and theirs stay"
            ));
        }
        (self.own.versions.len() - new_here > oldest)
            .then(|| "there is a newer one on both sides; pushed, these become the newest there".to_owned())
    }

    pub(super) fn moved_here(&self, name: &str, to: &Target) -> LabelChange {
        let from = self.own.labels.get(name).map(|place| self.words_here(&self.target_at(*place)));
        LabelChange { name: name.to_owned(), from, to: (*to != Target::None).then(|| self.words_here(to)) }
    }

    pub(super) fn moved_there(&self, name: &str, to: &Target) -> LabelChange {
        let from = self.target_there(name);
        let from = (from != Target::None).then(|| self.words_there(&from));
        LabelChange { name: name.to_owned(), from, to: (*to != Target::None).then(|| self.words_there(to)) }
    }

    fn target_at(&self, place: usize) -> Target {
        self.known[place].clone().map_or(Target::Ours(place), Target::Theirs)
    }

    /// A version by the number that it has here, or will have: those that are new there come on top.
    fn words_here(&self, target: &Target) -> String {
        match target {
            Target::None => String::new(),
            Target::Ours(place) => format!("v{}", self.own.versions[*place].number),
            Target::Theirs(id) => match self.known.iter().position(|known| known.as_ref() == Some(id)) {
                Some(place) => format!("v{}", self.own.versions[place].number),
                None => {
                    let new = self.new_there();
                    let among = new.iter().position(|place| self.their.versions[*place].id == *id).unwrap_or(0);
                    number(self.own.versions.len() + among)
                }
            },
        }
    }

    fn words_there(&self, target: &Target) -> String {
        match target {
            Target::None => String::new(),
            Target::Theirs(id) => number(self.their.versions.iter().position(|version| version.id == *id).unwrap_or(0)),
            Target::Ours(place) => {
                let among = self.new_here().iter().position(|new| new == place).unwrap_or(0);
                number(self.their.versions.len() + among)
            }
        }
    }

    pub(super) fn id_of(&self, way: &str, between: &Between, change: &PromptChange) -> String {
        let newest = self.their.versions.last().map_or("", |version| version.id.as_str());
        let labels = format!("{:?}", between.labels);
        let count = self.own.versions.len().to_string();
        id_of(way, self.own.id.as_str(), &[&self.their.prompt.id, newest, &count, &labels], change)
    }
}

pub(super) fn losses<'a>(versions: impl Iterator<Item = &'a LocalVersion>, is_exact: bool) -> Vec<String> {
    if is_exact {
        return Vec::new();
    }
    let lost: BTreeSet<String> = versions.flat_map(|version| client::losses(&version.content)).collect();
    lost.into_iter().collect()
}

fn new_versions(count: usize) -> String {
    if count == 1 { "1 new version".to_owned() } else { format!("{count} new versions") }
}

pub(super) fn named_there(version: &RemoteVersion) -> ChangedVersion {
    ChangedVersion { message: version.commit_message.clone(), created_at: version.created_at.clone() }
}

pub(super) fn named_here(version: &LocalVersion) -> ChangedVersion {
    ChangedVersion { message: version.message.clone(), created_at: version.created_at.clone() }
}

/// The version at a place, counted from 0, by its number.
pub(super) fn number(place: usize) -> String {
    format!("v{}", place + 1)
}

pub(super) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Names a change so that any difference makes another name, and still tells by [`is_about`] which prompt it is about: the
/// one with `prompt_id` here, or there where none is here.
pub(super) fn id_of(way: &str, prompt_id: &str, parts: &[&str], change: &PromptChange) -> String {
    let shown = serde_json::to_string(change).expect("a change is maps with text keys, lists and scalars");
    format!("{way}-{}-{}", short_hash(prompt_id), short_hash(&format!("{}\n{shown}", parts.join("\n"))))
}

/// Whether a change of this id is about the prompt that has `prompt_id` on either side.
pub(in super::super) fn is_about(change_id: &str, prompt_id: &str) -> bool {
    change_id.rsplit('-').nth(1) == Some(short_hash(prompt_id).as_str())
}

fn short_hash(text: &str) -> String {
    let mut hash = sha256_hex(text.as_bytes());
    hash.truncate(16);
    hash
}
