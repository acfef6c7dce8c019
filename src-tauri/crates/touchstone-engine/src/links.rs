//! Links: a space that follows a space of an Arize account or of another Touchstone, by the Arize prompts API.
//!
//! Nothing is brought to either side that was not looked at before: [`Engine::plan_link`] says what would change, and
//! [`Engine::apply_link`] does what is chosen of it, as far as it is still the same. What stands for what is kept
//! (`store/links.rs`), so a version goes over once.
//!
//! What is compared with what is in `links/plan.rs`, and `links/lease.rs` lets one process at a time do it; here are the two sides and the way between them.

mod lease;
mod plan;

use crate::connections::KeyStorage;
use crate::runs::LEASE_STALE_MS;
use crate::sample::with_free_name;
use crate::versions::parsed;
use crate::{Changed, Engine, Error, Inner, Result, clock};
use futures_util::{StreamExt, TryStreamExt};
use plan::{
    Agreed, Between, KnownPrompt, LocalPrompt, LocalVersion, Plan, Step, Target, TheirPrompt, Todo, agreed_after,
};
pub use plan::{ChangedVersion, LabelChange, PromptChange, PromptNote};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;
use touchstone_arize::client::{Client, ClientError, RemotePrompt, RemoteVersion, parse_address};
use touchstone_domain::SpaceId;
use touchstone_domain::secret::Secret;
use touchstone_net::{NetError, Purpose};
use touchstone_store::{
    Brought, BroughtVersion, DraftRow, KnownPrompt as KnownRow, NewPrompt, PromptRow, SecretKind, SpaceLinkRow,
    VersionContent,
};

/// Prompts whose versions are read at the same time.
const READS_AT_ONCE: usize = 4;

/// The space of another server that a space follows.
#[derive(Clone, Debug, Serialize, Type)]
pub struct SpaceLink {
    pub address: String,
    pub remote_space_id: String,
    pub remote_space_name: String,
    pub key_storage: KeyStorage,
    /// When something was pulled or pushed last.
    pub synced_at: Option<String>,
}

/// What a server has to link with.
#[derive(Clone, Debug, Serialize, Type)]
pub struct LinkTarget {
    /// As it is kept: what was typed, cleaned.
    pub address: String,
    pub spaces: Vec<LinkSpace>,
    /// It is another Touchstone, to which nothing is lost on the way.
    pub is_touchstone: bool,
}

#[derive(Clone, Debug, Serialize, Type)]
pub struct LinkSpace {
    pub id: String,
    pub name: String,
}

/// A link about to be made.
#[derive(Debug, Deserialize, Type)]
pub struct NewLink {
    pub address: String,
    /// By id or by name.
    pub remote_space: String,
    #[specta(type = Option<String>)]
    pub key: Option<Secret>,
    /// Keep the key in memory until the program ends, where no keychain answers.
    pub until_quit: bool,
}

/// What would change, on either side.
#[derive(Clone, Debug, Serialize, Type)]
pub struct LinkPlan {
    pub pull: Vec<PromptChange>,
    pub push: Vec<PromptChange>,
    /// Prompts of which nothing is to be brought over though they are not the same in every way.
    pub notes: Vec<PromptNote>,
    /// Prompts that are the same on both sides.
    pub in_step: u32,
}

/// What was brought.
#[derive(Clone, Debug, Default, Serialize, Type)]
pub struct LinkReport {
    /// Changes that were made, by direction.
    pub pulled: u32,
    pub pushed: u32,
    /// What was not, in words.
    pub refused: Vec<String>,
}

impl Engine {
    /// Asks a server which spaces there are to link with.
    pub async fn look_at_link(&self, address: String, key: Option<Secret>) -> Result<LinkTarget> {
        let address = checked_address(&address)?;
        let client = Client::new(&self.inner.network.client(Purpose::Link), &address, given(key));
        let spaces = client.spaces().await.map_err(failed)?;
        let spaces = spaces.into_iter().map(|space| LinkSpace { id: space.id, name: space.name }).collect();
        Ok(LinkTarget { address, spaces, is_touchstone: client.is_touchstone() })
    }

    /// Lets a space follow one of another server. Its key goes to the keychain. Prompts stay as they are.
    pub async fn link_space(&self, space: SpaceId, link: NewLink) -> Result<SpaceLink> {
        let address = checked_address(&link.address)?;
        let key = given(link.key);
        let client = Client::new(&self.inner.network.client(Purpose::Link), &address, key.clone());
        let spaces = client.spaces().await.map_err(failed)?;
        let wanted = link.remote_space;
        let found = spaces.iter().find(|space| space.id == wanted).or_else(|| {
            let mut called = spaces.iter().filter(|space| space.name == wanted);
            called.next().filter(|_| called.next().is_none())
        });
        let Some(found) = found.cloned() else {
            return Err(Error::invalid_field("remote_space", "there is no such space; choose another"));
        };
        let linked = self
            .blocking(move |inner| {
                let space = inner.store.space(space.as_str())?;
                if inner.store.space(&found.id).is_ok_and(|own| own.id.as_str() == found.id) {
                    return Err(Error::invalid_field("address", "this server serves this very workspace"));
                }
                for other in inner.store.spaces(None, 0, u32::MAX)?.into_iter().filter(|other| other.id != space.id) {
                    let link = inner.store.space_link(&other.id)?;
                    // Two copies of a workspace have spaces of the same ids.
                    let is_it =
                        |link: SpaceLinkRow| link.remote_space_id == found.id && same_server(&link.address, &address);
                    if link.is_some_and(is_it) {
                        let why = format!("the space “{}” here follows it already; unlink that one first", other.name);
                        return Err(Error::invalid_field("remote_space", why));
                    }
                }
                let mut row = SpaceLinkRow {
                    space_id: space.id,
                    address,
                    remote_space_id: found.id,
                    remote_space_name: found.name,
                    key_storage: touchstone_store::KeyStorage::None,
                    synced_at: None,
                };
                // Keychain before database: a link without its key is worse than a key without its link.
                if let Some(key) = key {
                    let owner = owner(&row.space_id);
                    if link.until_quit {
                        inner.keychain.keep_until_quit(&owner, SecretKind::SpaceKey, key);
                        row.key_storage = touchstone_store::KeyStorage::UntilQuit;
                    } else {
                        inner.keychain.keep(&owner, SecretKind::SpaceKey, &key)?;
                        row.key_storage = touchstone_store::KeyStorage::Keychain;
                    }
                }
                inner.store.set_space_link(&row)?;
                Ok(summary(&row))
            })
            .await?;
        self.changed(Changed::Spaces);
        Ok(linked)
    }

    /// Forgets the link of a space and its key. Prompts stay, here and there.
    pub async fn unlink_space(&self, space: SpaceId) -> Result<()> {
        self.blocking(move |inner| {
            let link = linked(inner, &space)?;
            inner.store.remove_space_link(&link.space_id)?;
            forget_key(inner, &link);
            Ok(())
        })
        .await?;
        self.changed(Changed::Spaces);
        Ok(())
    }

    /// Gives this process the key of a space's link, kept in memory until it ends: how a headless command passes a key
    /// where no keychain answers.
    pub async fn lend_link_key(&self, space: SpaceId, key: Secret) -> Result<()> {
        self.blocking(move |inner| {
            if let Some(key) = given(Some(key)) {
                inner.keychain.keep_until_quit(&owner(&space), SecretKind::SpaceKey, key);
            }
            Ok(())
        })
        .await
    }

    /// What pulling and pushing would change. Changes no prompt on either side; prompts that prove to be the same are
    /// remembered as such.
    pub async fn plan_link(&self, space: SpaceId) -> Result<LinkPlan> {
        let _turn = self.inner.link_turn.lock().await;
        let sides = self.read_sides(space).await?;
        let changes = |steps: Vec<Step>| steps.into_iter().map(|step| step.change).collect();
        let Plan { pull, push, notes, in_step, recognised } = sides.plan();
        // Known by now to be the same, which is worth keeping and changes nothing that anybody sees.
        let known: Vec<_> = recognised.iter().map(|pair| sides.note_of(pair, &[])).collect();
        let link = sides.link;
        self.blocking(move |inner| {
            let agreed: Vec<_> = known.iter().map(Note::agreed_json).collect();
            let known: Vec<_> = known.iter().zip(&agreed).map(|(note, agreed)| note.row(agreed)).collect();
            let (synced_at, stale_before) = (link.synced_at.as_deref(), clock::now_ms() - LEASE_STALE_MS);
            Ok(inner.store.note_recognised(&link.space_id, synced_at, stale_before, &known)?)
        })
        .await?;
        Ok(LinkPlan { pull: changes(pull), push: changes(push), notes, in_step })
    }

    /// Makes the changes of these ids, as [`Self::plan_link`] gave them; one that is not the same any more is refused. So
    /// is everything while another process pulls or pushes this space.
    pub async fn apply_link(&self, space: SpaceId, ids: Vec<String>) -> Result<LinkReport> {
        let _turn = self.inner.link_turn.lock().await;
        let space = self.blocking(move |inner| Ok(linked(inner, &space)?.space_id)).await?;
        let report = self.alone(&space, self.apply_alone(space.clone(), ids)).await?;
        if report.pulled > 0 {
            // Versions of many prompts may have come.
            self.changed(Changed::Everything);
        }
        self.changed(Changed::Spaces);
        Ok(report)
    }

    async fn apply_alone(&self, space: SpaceId, ids: Vec<String>) -> Result<LinkReport> {
        let mut sides = self.read_sides(space.clone()).await?;
        let Plan { pull, push, .. } = sides.plan();
        let mut report = LinkReport::default();
        let steps = || pull.iter().chain(&push);
        for id in ids.iter().filter(|id| !steps().any(|step| step.change.id == **id)) {
            let name = sides.name_of(id).map_or_else(|| "A prompt".to_owned(), |name| format!("“{name}”"));
            let why = format!("{name} has changed since you looked");
            // Two changes of one prompt are one reason.
            if !report.refused.contains(&why) {
                report.refused.push(why);
            }
        }
        for (steps, done) in [(&pull, &mut report.pulled), (&push, &mut report.pushed)] {
            for step in steps.iter().filter(|step| step.change.can_apply && ids.contains(&step.change.id)) {
                match self.make(&mut sides, &step.todo).await {
                    Ok(()) => *done += 1,
                    Err(error) => report.refused.push(format!("“{}”: {error}", step.change.name)),
                }
            }
        }
        let now = clock::now();
        self.blocking(move |inner| Ok(inner.store.set_space_synced(&space, &now)?)).await?;
        Ok(report)
    }

    /// Reads both sides whole.
    async fn read_sides(&self, space: SpaceId) -> Result<Sides> {
        let (link, key, ours) = self
            .blocking(move |inner| {
                let link = linked(inner, &space)?;
                let key = key_of(inner, &link)?;
                let ours = our_prompts(inner, &link.space_id)?;
                Ok((link, key, ours))
            })
            .await?;
        let client = Client::new(&self.inner.network.client(Purpose::Link), &link.address, key);
        let prompts = client.prompts(&link.remote_space_id).await.map_err(failed)?;
        let reads = prompts.into_iter().map(|prompt| async {
            match client.versions(&prompt.id).await {
                Ok(versions) => Ok(Ok(TheirPrompt { prompt, versions })),
                Err(error @ ClientError::Unreadable { .. }) => Ok(Err((prompt, error.to_string()))),
                Err(error) => Err(error),
            }
        });
        let read: Vec<std::result::Result<TheirPrompt, (RemotePrompt, String)>> =
            futures_util::stream::iter(reads).buffered(READS_AT_ONCE).try_collect().await.map_err(failed)?;
        let (mut theirs, mut unreadable) = (Vec::new(), Vec::new());
        for prompt in read {
            match prompt {
                Ok(prompt) => theirs.push(prompt),
                Err(prompt) => unreadable.push(prompt),
            }
        }
        Ok(Sides { link, client, ours, theirs, unreadable })
    }

    async fn make(&self, sides: &mut Sides, todo: &Todo) -> Result<()> {
        match todo {
            Todo::TakePrompt { theirs } => {
                let taken = Taken::of(&sides.theirs[*theirs], sides);
                self.blocking(move |inner| taken.insert(inner)).await
            }
            Todo::Take(between) => self.take(sides, between).await,
            Todo::GivePrompt { ours } => self.give_prompt(sides, *ours).await,
            Todo::Give(between) => self.give(sides, between).await,
            Todo::Nothing => Err(Error::invalid("it cannot be done")),
        }
    }

    /// Brings what is between the two sides of a prompt here.
    async fn take(&self, sides: &mut Sides, between: &Between) -> Result<()> {
        let their = &sides.theirs[between.theirs];
        let versions: Vec<_> = between.versions.iter().map(|place| their.versions[*place].clone()).collect();
        let labels: Vec<_> = between.labels.iter().map(|(name, to)| (name.clone(), theirs_of(to))).collect();
        let note = sides.note_of(between, &labels);
        let agreed = note.agreed.clone();
        let host = sides.client.host().to_owned();
        let description = between.description.clone();
        self.blocking(move |inner| {
            let known = inner.store.version_links(&note.space, note.prompt_key)?;
            let is_here = |id: &String| {
                known.values().chain(note.versions.iter().map(|(_, id)| id)).any(|known| known == id)
                    || versions.iter().any(|version| version.id == *id)
            };
            if let Some((name, _)) = labels.iter().find(|(_, to)| to.as_ref().is_some_and(|id| !is_here(id))) {
                return Err(Error::invalid(format!("pull the version of “{name}” first")));
            }
            let kept: Vec<_> = versions.iter().map(|version| Kept::of(version, &host)).collect();
            let versions: Vec<_> = kept.iter().map(Kept::brought).collect();
            let brought = Brought { versions: &versions, labels: &labels, description: description.as_deref() };
            let agreed = note.agreed_json();
            Ok(inner.store.bring(&note.space, &note.row(&agreed), &brought, &host, &clock::now())?)
        })
        .await?;
        sides.agree(between, agreed);
        Ok(())
    }

    /// Makes a prompt there of one here. Each version is noted as soon as it is there.
    async fn give_prompt(&self, sides: &Sides, ours: usize) -> Result<()> {
        let own = &sides.ours[ours];
        let first = own.versions.first().ok_or_else(|| Error::invalid("it has no version yet"))?;
        let (prompt, made) = sides
            .client
            .create(&sides.link.remote_space_id, &own.name, &own.description, &first.content, &first.message)
            .await
            .map_err(failed)?;
        let mut agreed = Agreed { description: own.description.clone(), labels: BTreeMap::new() };
        let (key, remote_id) = (own.key, prompt.id);
        // It may have been linked with one that is gone.
        let space = sides.link.space_id.clone();
        self.blocking(move |inner| Ok(inner.store.unlink_prompt(&space, key)?)).await?;
        let mut ids = vec![made.id];
        self.note(sides.note(key, &remote_id, vec![(first.key, ids[0].clone())], &agreed)).await?;
        for version in &own.versions[1..] {
            let made = sides.client.create_version(&remote_id, &version.content, &version.message).await;
            ids.push(made.map_err(failed)?.id);
            self.note(sides.note(key, &remote_id, vec![(version.key, ids[ids.len() - 1].clone())], &agreed)).await?;
        }
        for (place, id) in ids.iter().enumerate() {
            let labels: Vec<_> =
                own.labels.iter().filter(|(_, at)| **at == place).map(|(name, _)| name.clone()).collect();
            if !labels.is_empty() {
                sides.client.set_labels(id, &labels).await.map_err(failed)?;
                agreed.labels.extend(labels.into_iter().map(|name| (name, id.clone())));
            }
        }
        self.note(sides.note(key, &remote_id, Vec::new(), &agreed)).await
    }

    /// Brings what is between the two sides of a prompt there. What is there by then is noted in `sides` too: another
    /// change of the same push goes on from it.
    async fn give(&self, sides: &mut Sides, between: &Between) -> Result<()> {
        let (key, remote_id) = (sides.ours[between.ours].key, sides.theirs[between.theirs].prompt.id.clone());
        let before = sides.ours[between.ours].link.as_ref().map(|link| link.agreed.clone()).unwrap_or_default();
        self.note(sides.note(key, &remote_id, between.recognised.clone(), &before)).await?;
        for place in &between.versions {
            let version = &sides.ours[between.ours].versions[*place];
            let made = sides.client.create_version(&remote_id, &version.content, &version.message).await;
            let made = made.map_err(failed)?;
            self.note(sides.note(key, &remote_id, vec![(version.key, made.id.clone())], &before)).await?;
            sides.ours[between.ours].versions[*place].remote_id = Some(made.id.clone());
            sides.theirs[between.theirs].versions.push(made);
        }
        let own = &sides.ours[between.ours];
        let mut labels: Vec<(String, Option<String>)> = Vec::new();
        for (name, to) in &between.labels {
            let id = match to {
                Target::Ours(place) => {
                    let id = own.versions[*place].remote_id.clone();
                    Some(id.ok_or_else(|| Error::invalid(format!("push the version of “{name}” first")))?)
                }
                other => theirs_of(other),
            };
            labels.push((name.clone(), id));
        }
        let their = &mut sides.theirs[between.theirs];
        let mut wanted: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (name, id) in &labels {
            match id {
                // The call replaces a version's labels, so those that it has there stay in the list.
                Some(id) => wanted.entry(id).or_insert_with(|| labels_there(their, id)).push(name.clone()),
                None => {
                    for version in their.versions.iter_mut().filter(|version| version.labels.contains(name)) {
                        sides.client.delete_label(&version.id, name, &version.labels).await.map_err(failed)?;
                        version.labels.retain(|label| label != name);
                    }
                }
            }
        }
        for (id, mut names) in wanted {
            names.sort();
            names.dedup();
            // One that goes elsewhere in the same push must not be drawn back.
            names.retain(|name| labels.iter().all(|(moved, to)| moved != name || to.as_deref() == Some(id)));
            sides.client.set_labels(id, &names).await.map_err(failed)?;
            for version in &mut their.versions {
                if version.id == id {
                    version.labels.clone_from(&names);
                } else {
                    version.labels.retain(|label| !names.contains(label));
                }
            }
        }
        if let Some(description) = &between.description {
            sides.client.describe(&remote_id, description).await.map_err(failed)?;
        }
        let note = sides.note_of(between, &labels);
        let agreed = note.agreed.clone();
        self.note(note).await?;
        sides.agree(between, agreed);
        Ok(())
    }

    async fn note(&self, note: Note) -> Result<()> {
        self.blocking(move |inner| note.keep(inner)).await
    }
}

/// Both sides of a link as they were when they were read.
struct Sides {
    link: SpaceLinkRow,
    client: Client,
    ours: Vec<LocalPrompt>,
    theirs: Vec<TheirPrompt>,
    /// Prompts there with a version that says something that we cannot keep, and what.
    unreadable: Vec<(RemotePrompt, String)>,
}

impl Sides {
    fn plan(&self) -> Plan {
        plan::plan(&self.ours, &self.theirs, &self.unreadable, self.is_exact())
    }

    /// What the prompt is called that a change of this id was about, if it is still on either side.
    fn name_of(&self, change_id: &str) -> Option<&str> {
        let ours = self.ours.iter().map(|own| (own.id.as_str(), &own.name));
        let theirs =
            self.theirs.iter().map(|their| &their.prompt).chain(self.unreadable.iter().map(|(prompt, _)| prompt));
        let mut all = ours.chain(theirs.map(|prompt| (prompt.id.as_str(), &prompt.name)));
        all.find(|(id, _)| plan::is_about(change_id, id)).map(|(_, name)| name.as_str())
    }

    fn is_exact(&self) -> bool {
        self.client.is_touchstone()
    }

    fn note(&self, prompt_key: i64, remote_id: &str, versions: Vec<(i64, String)>, agreed: &Agreed) -> Note {
        let (space, remote_id) = (self.link.space_id.clone(), remote_id.to_owned());
        Note { space, prompt_key, remote_id, versions, agreed: agreed.clone() }
    }

    /// What both sides of a pair agree on from now on: other changes of the same prompt go on from there.
    fn agree(&mut self, between: &Between, agreed: Agreed) {
        let remote_id = self.theirs[between.theirs].prompt.id.clone();
        self.ours[between.ours].link = Some(KnownPrompt { remote_id, agreed });
    }

    /// What is to be remembered of a pair once `between` was brought over, with its labels where they are now.
    fn note_of(&self, between: &Between, labels: &[(String, Option<String>)]) -> Note {
        let (own, their) = (&self.ours[between.ours], &self.theirs[between.theirs]);
        let agreed = agreed_after(own, their, between, labels);
        self.note(own.key, &their.prompt.id, between.recognised.clone(), &agreed)
    }
}

/// What stands for what, and what both sides agree on.
struct Note {
    space: SpaceId,
    prompt_key: i64,
    remote_id: String,
    versions: Vec<(i64, String)>,
    agreed: Agreed,
}

impl Note {
    fn agreed_json(&self) -> String {
        serde_json::to_string(&self.agreed).expect("maps with text keys and texts")
    }

    fn row<'a>(&'a self, agreed: &'a str) -> KnownRow<'a> {
        KnownRow { prompt_key: self.prompt_key, remote_id: &self.remote_id, versions: &self.versions, agreed }
    }

    fn keep(&self, inner: &Inner) -> Result<()> {
        Ok(inner.store.note_pushed(&self.space, &self.row(&self.agreed_json()))?)
    }
}

/// A version that comes from there, with what the store needs of it.
struct Kept {
    remote_id: String,
    content: String,
    commit_hash: String,
    commit_message: String,
    author: String,
    tail: String,
    created_at: String,
}

impl Kept {
    fn of(version: &RemoteVersion, host: &str) -> Self {
        Self {
            remote_id: version.id.clone(),
            content: version.content.canonical_json(),
            commit_hash: version.content.commit_hash(),
            commit_message: version.commit_message.clone(),
            // The API names its users by ids that say nothing to a reader.
            author: host.to_owned(),
            tail: clock::tail(),
            created_at: clock::moment(&version.created_at),
        }
    }

    fn brought(&self) -> BroughtVersion<'_> {
        BroughtVersion {
            remote_id: &self.remote_id,
            version: VersionContent {
                content: &self.content,
                commit_hash: &self.commit_hash,
                commit_message: Some(&self.commit_message),
                connection_id: None,
                author: &self.author,
                tail: &self.tail,
                now: &self.created_at,
            },
        }
    }
}

/// A prompt that comes from there whole.
struct Taken {
    space: SpaceId,
    remote_id: String,
    name: String,
    description: String,
    versions: Vec<Kept>,
    labels: Vec<(String, usize)>,
    agreed: Agreed,
}

impl Taken {
    fn of(their: &TheirPrompt, sides: &Sides) -> Self {
        let labels = their
            .versions
            .iter()
            .enumerate()
            .flat_map(|(place, version)| version.labels.iter().map(move |name| (name.clone(), place)));
        let labels: Vec<(String, usize)> = labels.collect();
        let agreed = Agreed {
            description: their.prompt.description.clone(),
            labels: labels.iter().map(|(name, place)| (name.clone(), their.versions[*place].id.clone())).collect(),
        };
        Self {
            space: sides.link.space_id.clone(),
            remote_id: their.prompt.id.clone(),
            name: their.prompt.name.clone(),
            description: their.prompt.description.clone(),
            versions: their.versions.iter().map(|version| Kept::of(version, sides.client.host())).collect(),
            labels,
            agreed,
        }
    }

    fn insert(&self, inner: &Inner) -> Result<()> {
        let Some(newest) = self.versions.last() else { return Err(Error::invalid("it has no version there")) };
        let draft =
            DraftRow { content: newest.content.clone(), connection_id: None, based_on: None, updated_at: clock::now() };
        let versions: Vec<_> = self.versions.iter().map(Kept::brought).collect();
        let agreed = serde_json::to_string(&self.agreed).map_err(|error| Error::Internal(error.into()))?;
        with_free_name(&self.name, |name| {
            let prompt = NewPrompt {
                space: &self.space,
                project: None,
                name,
                description: &self.description,
                folder: "",
                is_sample: false,
                draft: &draft,
                tail: &clock::tail(),
            };
            let labels = &self.labels;
            inner.store.insert_linked_prompt(&prompt, &self.remote_id, &versions, labels, &agreed)?;
            Ok(())
        })
    }
}

fn labels_there(their: &TheirPrompt, version_id: &str) -> Vec<String> {
    let found = their.versions.iter().find(|version| version.id == version_id);
    found.map(|version| version.labels.clone()).unwrap_or_default()
}

fn theirs_of(target: &Target) -> Option<String> {
    match target {
        Target::Theirs(id) => Some(id.clone()),
        Target::None | Target::Ours(_) => None,
    }
}

/// The prompts of a space, and those that are linked from its bin or from another space, which they were moved to.
fn our_prompts(inner: &Inner, space: &SpaceId) -> Result<Vec<LocalPrompt>> {
    let links = inner.store.prompt_links(space)?;
    let is_linked = |prompt: &PromptRow| links.iter().any(|link| link.prompt_key == prompt.key);
    let is_here = |prompt: &PromptRow| prompt.space_id == *space;
    let shown = inner.store.prompts()?.into_iter().filter(|prompt| is_here(prompt) || is_linked(prompt));
    let deleted = inner.store.deleted_prompts()?.into_iter().filter(is_linked);
    let mut prompts: Vec<_> = shown.chain(deleted).collect();
    prompts.sort_by(|a, b| a.name.cmp(&b.name));
    prompts
        .into_iter()
        .map(|prompt| {
            let link = match links.iter().find(|link| link.prompt_key == prompt.key) {
                None => None,
                Some(link) => Some(KnownPrompt {
                    remote_id: link.remote_id.clone(),
                    agreed: serde_json::from_str(&link.agreed).map_err(|error| Error::Internal(error.into()))?,
                }),
            };
            let known = inner.store.version_links(space, prompt.key)?;
            let mut rows = inner.store.version_page(prompt.key, "", u32::MAX, u32::MAX)?;
            rows.reverse();
            let labels = inner.store.labels(prompt.key)?;
            let place = |key: i64| rows.iter().position(|row| row.key == key);
            let labels =
                labels.iter().filter_map(|label| Some((label.name.clone(), place(label.version_key)?))).collect();
            let versions = rows.iter().map(|row| {
                Ok(LocalVersion {
                    key: row.key,
                    number: row.number,
                    message: row.commit_message.clone(),
                    created_at: row.created_at.clone(),
                    content: parsed(&row.content)?,
                    remote_id: known.get(&row.key).cloned(),
                })
            });
            Ok(LocalPrompt {
                key: prompt.key,
                id: prompt.id,
                name: prompt.name,
                description: prompt.description,
                is_deleted: prompt.deleted_at.is_some(),
                moved_to: (prompt.space_id != *space).then_some(prompt.space_name),
                link,
                versions: versions.collect::<Result<_>>()?,
                labels,
            })
        })
        .collect()
}

fn linked(inner: &Inner, space: &SpaceId) -> Result<SpaceLinkRow> {
    let link = inner.store.space_link(&inner.store.space(space.as_str())?.id)?;
    link.ok_or_else(|| Error::invalid("this space is not linked to another server"))
}

fn key_of(inner: &Inner, link: &SpaceLinkRow) -> Result<Option<Secret>> {
    let owner = owner(&link.space_id);
    // Lent, or kept until this program ends: neither must unlock the keychain.
    if let Some(key) = inner.keychain.find_in_memory(&owner, SecretKind::SpaceKey) {
        return Ok(Some(key));
    }
    let missing =
        |why: &str| Err(Error::invalid_field("key", format!("the key of this link {why}; link the space again")));
    match link.key_storage {
        touchstone_store::KeyStorage::None => Ok(None),
        touchstone_store::KeyStorage::UntilQuit => missing("was kept only until the program that linked it ended"),
        touchstone_store::KeyStorage::Keychain => match inner.keychain.find(&owner, SecretKind::SpaceKey) {
            Ok(Some(key)) => Ok(Some(key)),
            Ok(None) => missing("is not in the keychain any more"),
            Err(error) => Err(Error::invalid_field("key", format!("the key of this link could not be read: {error}"))),
        },
    }
}

/// A keychain that is locked now must not keep a link from going.
pub(crate) fn forget_key(inner: &Inner, link: &SpaceLinkRow) {
    if link.key_storage != touchstone_store::KeyStorage::None
        && let Err(error) = inner.keychain.forget(&owner(&link.space_id), SecretKind::SpaceKey)
    {
        tracing::warn!(%error, "removing a secret from the keychain");
    }
}

pub(crate) fn summary(row: &SpaceLinkRow) -> SpaceLink {
    SpaceLink {
        address: row.address.clone(),
        remote_space_id: row.remote_space_id.clone(),
        remote_space_name: row.remote_space_name.clone(),
        key_storage: row.key_storage.into(),
        synced_at: row.synced_at.clone(),
    }
}

/// Whose the key is.
fn owner(space: &SpaceId) -> String {
    format!("space-link/{space}")
}

fn checked_address(address: &str) -> Result<String> {
    parse_address(address).map_err(|message| Error::invalid_field("address", message))
}

/// Whether two addresses are of one server, as far as they tell: this machine has several names.
fn same_server(one: &str, other: &str) -> bool {
    let plain = |address: &str| address.replace("//localhost", "//127.0.0.1").replace("//[::1]", "//127.0.0.1");
    plain(one) == plain(other)
}

/// The key if there is one; an empty field is none.
fn given(key: Option<Secret>) -> Option<Secret> {
    key.map(crate::connections::cleaned).filter(|key| !key.expose().is_empty())
}

fn failed(error: ClientError) -> Error {
    match error {
        ClientError::Unreachable { error: NetError::Offline, .. } => Error::Offline,
        ClientError::KeyMissing { .. } | ClientError::KeyRejected { .. } => {
            Error::invalid_field("key", error.to_string())
        }
        ClientError::NotTheApi { .. } | ClientError::Unreachable { .. } => {
            Error::invalid_field("address", error.to_string())
        }
        _ => Error::invalid(error.to_string()),
    }
}
