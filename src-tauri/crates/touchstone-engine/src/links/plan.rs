//! What would change if both sides of a link were brought together, from what each of them has and nothing else.
//!
//! Versions only ever come on top, on either side; what can be lost by it is who the newest is, so that is asked first.
//! Labels and descriptions are compared with what both sides agreed on last, which tells who changed them.

mod words;

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use touchstone_arize::client::{self, RemotePrompt, RemoteVersion};
use touchstone_domain::PromptId;
use touchstone_domain::prompt::PromptContent;
pub(super) use words::is_about;
pub use words::{ChangedVersion, LabelChange, PromptChange, PromptNote};
use words::{NAMED_MAX, count, id_of, losses, named_here, named_there, number};

/// Longest name that the API takes, in characters.
const REMOTE_NAME_CHARS_MAX: usize = 255;

/// A prompt here.
pub(super) struct LocalPrompt {
    pub(super) key: i64,
    pub(super) id: PromptId,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) is_deleted: bool,
    /// The space of this workspace that it was moved to from the linked one, by name.
    pub(super) moved_to: Option<String>,
    pub(super) link: Option<KnownPrompt>,
    /// Oldest first.
    pub(super) versions: Vec<LocalVersion>,
    /// Places in `versions`.
    pub(super) labels: BTreeMap<String, usize>,
}

pub(super) struct LocalVersion {
    pub(super) key: i64,
    pub(super) number: u32,
    pub(super) message: String,
    pub(super) created_at: String,
    pub(super) content: PromptContent,
    /// What it is there, where that is known.
    pub(super) remote_id: Option<String>,
}

pub(super) struct KnownPrompt {
    pub(super) remote_id: String,
    pub(super) agreed: Agreed,
}

/// What can change and was the same on both sides last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Agreed {
    pub(super) description: String,
    /// By the id that the version has there.
    pub(super) labels: BTreeMap<String, String>,
}

/// A prompt there; versions oldest first.
pub(super) struct TheirPrompt {
    pub(super) prompt: RemotePrompt,
    pub(super) versions: Vec<RemoteVersion>,
}

/// A change and how it is made; places are those in the lists that the plan was made of.
pub(super) struct Step {
    pub(super) change: PromptChange,
    pub(super) todo: Todo,
}

pub(super) enum Todo {
    /// Make a prompt here of one there.
    TakePrompt {
        theirs: usize,
    },
    Take(Between),
    /// Make a prompt there of one here.
    GivePrompt {
        ours: usize,
    },
    Give(Between),
    /// Nothing can be done.
    Nothing,
}

/// What goes from one side of a pair to the other.
pub(super) struct Between {
    pub(super) ours: usize,
    pub(super) theirs: usize,
    /// Keys of versions here that are versions there, by their ids, which was not known yet.
    pub(super) recognised: Vec<(i64, String)>,
    /// Places of the versions that are given, in the list of the side that gives, oldest first.
    pub(super) versions: Vec<usize>,
    pub(super) labels: Vec<(String, Target)>,
    pub(super) description: Option<String>,
}

/// The version that a label points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    None,
    /// By its id there.
    Theirs(String),
    /// By its place here: it is not there yet.
    Ours(usize),
}

#[derive(Default)]
pub(super) struct Plan {
    pub(super) pull: Vec<Step>,
    pub(super) push: Vec<Step>,
    /// Pairs that are not the same in every way though nothing is to be brought over.
    pub(super) notes: Vec<PromptNote>,
    /// Pairs in which nothing differs.
    pub(super) in_step: u32,
    /// Those of both that were not known, or not wholly, to be pairs.
    pub(super) recognised: Vec<Between>,
}

/// `unreadable` are prompts there that cannot be read, and why: they stay as they are, on both sides. `is_exact`: the other
/// side keeps everything, so nothing is lost on the way.
pub(super) fn plan(
    ours: &[LocalPrompt],
    theirs: &[TheirPrompt],
    unreadable: &[(RemotePrompt, String)],
    is_exact: bool,
) -> Plan {
    let mut plan = Plan::default();
    for (prompt, why) in unreadable {
        let mut step = taken_whole(&TheirPrompt { prompt: prompt.clone(), versions: Vec::new() }, 0);
        step.refuse(why);
        plan.pull.push(step);
    }
    let is_unreadable = |own: &LocalPrompt| {
        unreadable.iter().any(|(prompt, _)| match &own.link {
            Some(link) => link.remote_id == prompt.id,
            None => own.name == prompt.name,
        })
    };
    let by_id: HashMap<&str, usize> =
        theirs.iter().enumerate().map(|(place, their)| (their.prompt.id.as_str(), place)).collect();
    let mut paired = vec![false; theirs.len()];
    for own in ours.iter().filter(|own| own.moved_to.is_none()) {
        if let Some(place) = own.link.as_ref().and_then(|link| by_id.get(link.remote_id.as_str())) {
            paired[*place] = true;
        }
    }
    let stays = |own: &LocalPrompt| own.moved_to.is_none() && !is_unreadable(own);
    for (place, own) in ours.iter().enumerate().filter(|(_, own)| stays(own)) {
        let called_the_same = theirs.iter().position(|their| their.prompt.name == own.name);
        match &own.link {
            Some(link) => match by_id.get(link.remote_id.as_str()) {
                Some(&their) => {
                    let pair = Pair::of(ours, theirs, place, their, Vec::new(), is_exact);
                    if own.is_deleted { pair.of_bin(&mut plan) } else { pair.compare(&mut plan) }
                }
                None if own.is_deleted || own.versions.is_empty() => {}
                None => {
                    let mut step = given_whole(own, place, is_exact);
                    match called_the_same {
                        Some(_) => step.refuse("it was deleted there, and another prompt has its name"),
                        None => step.ask("it is not there any more; pushed, it is made anew"),
                    }
                    plan.push.push(step);
                }
            },
            None if own.is_deleted => {}
            None => match called_the_same {
                None if own.versions.is_empty() => {}
                None => plan.push.push(given_whole(own, place, is_exact)),
                Some(their) if paired[their] => {
                    if !own.versions.is_empty() {
                        let mut step = given_whole(own, place, is_exact);
                        step.refuse("a prompt there has this name; rename this one");
                        plan.push.push(step);
                    }
                }
                Some(their) => {
                    paired[their] = true;
                    match common_start(own, &theirs[their], is_exact) {
                        Some(recognised) => {
                            Pair::of(ours, theirs, place, their, recognised, is_exact).compare(&mut plan);
                        }
                        None => unrelated(ours, theirs, place, their, is_exact, &mut plan),
                    }
                }
            },
        }
    }
    for (place, their) in theirs.iter().enumerate().filter(|(place, _)| !paired[*place]) {
        let mut step = taken_whole(their, place);
        let is_it = |own: &&LocalPrompt| own.link.as_ref().is_some_and(|link| link.remote_id == their.prompt.id);
        if let Some(moved) = ours.iter().find(is_it) {
            step.move_away(moved);
        }
        plan.pull.push(step);
    }
    for step in plan.pull.iter_mut().chain(&mut plan.push) {
        step.change.is_offered &= step.change.conflicts.is_empty();
    }
    plan
}

/// Whether both sides say the same. An account keeps less than we do, and calls some things otherwise.
fn same(own: &PromptContent, their: &PromptContent, is_exact: bool) -> bool {
    own == their || (!is_exact && client::as_kept_there(own) == client::as_kept_there(their))
}

/// The versions that are the same from the first one on, where one history is the beginning of the other: both are of one
/// prompt, which came here or went there by another way, or when a push broke off.
fn common_start(own: &LocalPrompt, their: &TheirPrompt, is_exact: bool) -> Option<Vec<(i64, String)>> {
    let pairs = || own.versions.iter().zip(&their.versions);
    let is_start = !own.versions.is_empty()
        && !their.versions.is_empty()
        && pairs().all(|(own, their)| same(&own.content, &their.content, is_exact));
    is_start.then(|| pairs().map(|(own, their)| (own.key, their.id.clone())).collect())
}

/// Two prompts that have nothing in common but their name.
fn unrelated(
    ours: &[LocalPrompt],
    theirs: &[TheirPrompt],
    place: usize,
    their: usize,
    is_exact: bool,
    plan: &mut Plan,
) {
    let own = &ours[place];
    if own.versions.is_empty() {
        let pair = Pair::of(ours, theirs, place, their, Vec::new(), is_exact);
        for mut step in pair.taken() {
            step.ask(
                "a prompt of this name is here, with a draft only; its versions come into it, and the draft stays",
            );
            plan.pull.push(step);
        }
        return;
    }
    let mut step = taken_whole(&theirs[their], their);
    step.ask("a prompt of this name with another history is here; pulled, it comes under the next free name");
    plan.pull.push(step);
    let mut step = given_whole(own, place, is_exact);
    step.refuse("a prompt of this name with another history is there; rename one of them");
    plan.push.push(step);
}

fn taken_whole(their: &TheirPrompt, place: usize) -> Step {
    let labels = their.versions.iter().enumerate().flat_map(|(place, version)| {
        version.labels.iter().map(move |name| LabelChange { name: name.clone(), from: None, to: Some(number(place)) })
    });
    let mut change = PromptChange {
        id: String::new(),
        name: their.prompt.name.clone(),
        prompt_id: None,
        is_new: true,
        version_count: count(their.versions.len()),
        versions: their.versions.iter().rev().take(NAMED_MAX).map(named_there).collect(),
        labels: labels.collect(),
        description: Some(their.prompt.description.clone()).filter(|words| !words.is_empty()),
        notes: Vec::new(),
        conflicts: Vec::new(),
        is_offered: true,
        can_apply: true,
        losses: Vec::new(),
    };
    let newest = their.versions.last().map_or("", |version| version.id.as_str());
    change.id = id_of("pull", &their.prompt.id, &[newest], &change);
    Step { change, todo: Todo::TakePrompt { theirs: place } }
}

fn given_whole(own: &LocalPrompt, place: usize, is_exact: bool) -> Step {
    let labels =
        own.labels.iter().map(|(name, place)| LabelChange { name: name.clone(), from: None, to: Some(number(*place)) });
    let mut change = PromptChange {
        id: String::new(),
        name: own.name.clone(),
        prompt_id: Some(own.id.clone()),
        is_new: true,
        version_count: count(own.versions.len()),
        versions: own.versions.iter().rev().take(NAMED_MAX).map(named_here).collect(),
        labels: labels.collect(),
        description: Some(own.description.clone()).filter(|words| !words.is_empty()),
        notes: Vec::new(),
        conflicts: Vec::new(),
        is_offered: true,
        can_apply: true,
        losses: losses(own.versions.iter(), is_exact),
    };
    let newest = own.versions.last().map_or(0, |version| version.key);
    change.id = id_of("push", own.id.as_str(), &[&newest.to_string()], &change);
    let mut step = Step { change, todo: Todo::GivePrompt { ours: place } };
    if own.name.chars().count() > REMOTE_NAME_CHARS_MAX {
        step.refuse(&format!("its name is longer than the {REMOTE_NAME_CHARS_MAX} characters that are taken there"));
    }
    step
}

impl Step {
    /// It was moved to another space here, so it comes once more only where somebody says so.
    fn move_away(&mut self, moved: &LocalPrompt) {
        let change = &mut self.change;
        change.is_offered = false;
        change.prompt_id = Some(moved.id.clone());
        let bin = if moved.is_deleted { "the bin of " } else { "" };
        let space = moved.moved_to.as_deref().unwrap_or_default();
        change.notes.push(format!("here it is in {bin}the space “{space}” now; pulled, it comes once more"));
    }

    /// It is done only when it is asked for by name.
    fn ask(&mut self, why: &str) {
        self.change.conflicts.push(why.to_owned());
    }

    /// It cannot be done.
    fn refuse(&mut self, why: &str) {
        self.ask(why);
        self.change.can_apply = false;
        self.todo = Todo::Nothing;
    }
}

/// A prompt that is on both sides.
struct Pair<'a> {
    own: &'a LocalPrompt,
    their: &'a TheirPrompt,
    places: (usize, usize),
    agreed: Agreed,
    recognised: Vec<(i64, String)>,
    /// Ids there of the versions here, as far as they are known.
    known: Vec<Option<String>>,
    is_exact: bool,
}

/// Which way differences of labels go.
#[derive(Default)]
struct LabelsApart {
    to_us: Vec<(String, Target)>,
    to_them: Vec<(String, Target)>,
    /// Both sides moved them.
    both: Vec<String>,
}

impl<'a> Pair<'a> {
    fn of(
        ours: &'a [LocalPrompt],
        theirs: &'a [TheirPrompt],
        place: usize,
        their: usize,
        recognised: Vec<(i64, String)>,
        is_exact: bool,
    ) -> Self {
        let (own, their_prompt) = (&ours[place], &theirs[their]);
        let ids: BTreeSet<&str> = their_prompt.versions.iter().map(|version| version.id.as_str()).collect();
        let known = own.versions.iter().map(|version| {
            let new = || recognised.iter().find(|(key, _)| *key == version.key).map(|(_, id)| id.clone());
            version.remote_id.clone().filter(|id| ids.contains(id.as_str())).or_else(new)
        });
        let mut pair = Self {
            own,
            their: their_prompt,
            places: (place, their),
            agreed: own.link.as_ref().map(|link| link.agreed.clone()).unwrap_or_default(),
            known: known.collect(),
            recognised,
            is_exact,
        };
        pair.recognise_equal_beginnings();
        pair
    }

    /// A version that was made on both sides, first of all new ones, is one: a push may have broken off behind it.
    fn recognise_equal_beginnings(&mut self) {
        let new_here = self.new_here();
        let new_there = self.new_there();
        for (here, there) in new_here.into_iter().zip(new_there) {
            let (own, their) = (&self.own.versions[here], &self.their.versions[there]);
            if own.message != their.commit_message || !same(&own.content, &their.content, self.is_exact) {
                return;
            }
            self.recognised.push((own.key, their.id.clone()));
            self.known[here] = Some(their.id.clone());
        }
    }

    fn new_here(&self) -> Vec<usize> {
        (0..self.known.len()).filter(|place| self.known[*place].is_none()).collect()
    }

    fn new_there(&self) -> Vec<usize> {
        let known: BTreeSet<&str> = self.known.iter().flatten().map(String::as_str).collect();
        let versions = self.their.versions.iter().enumerate();
        versions.filter(|(_, version)| !known.contains(version.id.as_str())).map(|(place, _)| place).collect()
    }

    fn is_known(&self, id: &str) -> bool {
        self.known.iter().flatten().any(|known| known == id)
    }

    fn target_here(&self, label: &str) -> Target {
        match self.own.labels.get(label) {
            None => Target::None,
            Some(&place) => self.known[place].clone().map_or(Target::Ours(place), Target::Theirs),
        }
    }

    fn target_there(&self, label: &str) -> Target {
        let found = self.their.versions.iter().find(|version| version.labels.iter().any(|name| name == label));
        found.map_or(Target::None, |version| Target::Theirs(version.id.clone()))
    }

    fn labels_apart(&self) -> LabelsApart {
        let there = self.their.versions.iter().flat_map(|version| &version.labels);
        let names: BTreeSet<&String> = self.own.labels.keys().chain(there).chain(self.agreed.labels.keys()).collect();
        let mut apart = LabelsApart::default();
        for name in names {
            let (here, there) = (self.target_here(name), self.target_there(name));
            let agreed = self.agreed.labels.get(name).map_or(Target::None, |id| Target::Theirs(id.clone()));
            match (here == agreed, there == agreed) {
                _ if here == there => {}
                (true, _) => apart.to_us.push((name.clone(), there)),
                (false, true) => apart.to_them.push((name.clone(), here)),
                (false, false) => apart.both.push(name.clone()),
            }
        }
        apart
    }

    /// One that is in the bin here; what is new there is told and not brought.
    fn of_bin(&self, plan: &mut Plan) {
        for mut step in self.taken().into_iter().filter(|step| step.change.version_count > 0) {
            step.change.conflicts.clear();
            step.refuse("it is in the bin here; restore it first");
            plan.pull.push(step);
        }
    }

    fn compare(&self, plan: &mut Plan) {
        let before = plan.pull.len() + plan.push.len();
        plan.pull.extend(self.taken());
        plan.push.extend(self.given());
        plan.pull.extend(self.disputed(true));
        plan.push.extend(self.disputed(false));
        if before == plan.pull.len() + plan.push.len() {
            match self.notes(true) {
                words if words.is_empty() => plan.in_step += 1,
                words => {
                    plan.notes.push(PromptNote { prompt_id: self.own.id.clone(), name: self.own.name.clone(), words })
                }
            }
            if self.own.link.is_none() || !self.recognised.is_empty() {
                plan.recognised.push(self.between(Vec::new(), Vec::new(), None));
            }
        }
    }

    /// A description that was changed on one side only, for the other; with nothing agreed on yet, a side that says
    /// nothing follows the other.
    fn described(&self, for_us: bool) -> Option<String> {
        let (own, their, agreed) = (&self.own.description, &self.their.prompt.description, &self.agreed.description);
        match for_us {
            true if own == agreed && their != agreed => Some(their.clone()),
            false if their == agreed && own != agreed => Some(own.clone()),
            _ => None,
        }
    }

    fn between(&self, versions: Vec<usize>, labels: Vec<(String, Target)>, description: Option<String>) -> Between {
        let (ours, theirs) = self.places;
        Between { ours, theirs, recognised: self.recognised.clone(), versions, labels, description }
    }

    /// What comes from there.
    fn taken(&self) -> Vec<Step> {
        let all = self.between(self.new_there(), self.labels_apart().to_us, self.described(true));
        let dispute = self.dispute_of_taking(&all.versions);
        let needs_new = |target: &Target| matches!(target, Target::Theirs(id) if !self.is_known(id));
        self.parted(all, dispute.is_some(), needs_new).map(|between| self.taking(between)).collect()
    }

    fn taking(&self, between: Between) -> Step {
        let given = between.versions.iter().rev().map(|place| &self.their.versions[*place]);
        let mut change = self.change(true, &between, given.take(NAMED_MAX).map(named_there).collect());
        change.labels = between.labels.iter().map(|(name, to)| self.moved_here(name, to)).collect();
        change.conflicts.extend(self.dispute_of_taking(&between.versions));
        change.id = self.id_of("pull", &between, &change);
        Step { change, todo: Todo::Take(between) }
    }

    /// What goes there.
    fn given(&self) -> Vec<Step> {
        let all = self.between(self.new_here(), self.labels_apart().to_them, self.described(false));
        let dispute = self.dispute_of_giving(&all.versions);
        let needs_new = |target: &Target| matches!(target, Target::Ours(_));
        self.parted(all, dispute.is_some(), needs_new).map(|between| self.giving(between)).collect()
    }

    fn giving(&self, between: Between) -> Step {
        let given = || between.versions.iter().map(|place| &self.own.versions[*place]);
        let named = given().rev().take(NAMED_MAX).map(named_here).collect();
        let mut change = self.change(false, &between, named);
        change.labels = between.labels.iter().map(|(name, to)| self.moved_there(name, to)).collect();
        change.losses = losses(given(), self.is_exact);
        change.conflicts.extend(self.dispute_of_giving(&between.versions));
        change.id = self.id_of("push", &between, &change);
        Step { change, todo: Todo::Give(between) }
    }

    /// What goes over at once, nothing of it empty. Where its versions are disputed, what needs none of them, as `is_new`
    /// tells of where a label points to, goes by itself.
    fn parted(
        &self,
        all: Between,
        is_disputed: bool,
        is_new: impl Fn(&Target) -> bool,
    ) -> impl Iterator<Item = Between> {
        let parts = if is_disputed {
            let (with, without) = all.labels.into_iter().partition(|(_, to)| is_new(to));
            [self.between(Vec::new(), without, all.description), self.between(all.versions, with, None)]
        } else {
            [self.between(Vec::new(), Vec::new(), None), all]
        };
        parts.into_iter().filter(|between| !between.is_nothing())
    }

    /// What both sides changed since they agreed: it is brought only where it is asked for.
    fn disputed(&self, for_us: bool) -> Option<Step> {
        let target = |name: &String| if for_us { self.target_there(name) } else { self.target_here(name) };
        let labels: Vec<_> = self.labels_apart().both.into_iter().map(|name| (name.clone(), target(&name))).collect();
        let (own, their) = (&self.own.description, &self.their.prompt.description);
        let is_described = own != their && self.described(true).is_none() && self.described(false).is_none();
        if labels.is_empty() && !is_described {
            return None;
        }
        let description = is_described.then(|| if for_us { their.clone() } else { own.clone() });
        let moves = labels.iter().map(|(name, to)| match for_us {
            true => self.moved_here(name, to),
            false => self.moved_there(name, to),
        });
        let moves = moves.collect();
        let way = if for_us { "pull" } else { "push" };
        let between = self.between(Vec::new(), labels, description);
        let mut change = self.change(for_us, &between, Vec::new());
        change.labels = moves;
        if !change.labels.is_empty() {
            change.conflicts.push("both sides moved the label, each to another version".to_owned());
        }
        if is_described {
            change.conflicts.push("both sides changed the description".to_owned());
        }
        change.id = self.id_of(&format!("{way}-disputed"), &between, &change);
        Some(Step { change, todo: if for_us { Todo::Take(between) } else { Todo::Give(between) } })
    }
}

impl Between {
    fn is_nothing(&self) -> bool {
        self.versions.is_empty() && self.labels.is_empty() && self.description.is_none()
    }
}

/// What both sides agree on once `between` was brought over: what was brought, and what is the same already.
pub(super) fn agreed_after(
    own: &LocalPrompt,
    their: &TheirPrompt,
    between: &Between,
    labels: &[(String, Option<String>)],
) -> Agreed {
    let pair = Pair::of(std::slice::from_ref(own), std::slice::from_ref(their), 0, 0, between.recognised.clone(), true);
    let mut agreed = pair.agreed.clone();
    let there = their.versions.iter().flat_map(|version| &version.labels);
    let names: BTreeSet<&String> = own.labels.keys().chain(there).chain(pair.agreed.labels.keys()).collect();
    for name in names {
        match (pair.target_here(name), pair.target_there(name)) {
            (Target::None, Target::None) => drop(agreed.labels.remove(name)),
            (Target::Theirs(here), Target::Theirs(there)) if here == there => {
                agreed.labels.insert(name.clone(), here);
            }
            _ => {}
        }
    }
    for (name, to) in labels {
        match to {
            Some(id) => drop(agreed.labels.insert(name.clone(), id.clone())),
            None => drop(agreed.labels.remove(name)),
        }
    }
    if let Some(description) = &between.description {
        agreed.description.clone_from(description);
    } else if own.description == their.prompt.description {
        agreed.description.clone_from(&own.description);
    }
    agreed
}
