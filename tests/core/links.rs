//! Linked spaces: two workspaces, one of which serves the local API, over real HTTP. An account is the same server seen
//! by a caller that it does not know: it answers in one of the API's own spellings and refuses what the API refuses.

use crate::support::{Desk, Reply, Server, bugs};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use touchstone_arize::Served;
use touchstone_engine::domain::json::Json;
use touchstone_engine::domain::prompt::{Message, Role};
use touchstone_engine::domain::secret::Secret;
use touchstone_engine::domain::{PromptId, SpaceId};
use touchstone_engine::links::{LinkPlan, NewLink, PromptChange};
use touchstone_engine::local_api::ApiSpelling;
use touchstone_engine::prompts::NewPrompt;
use touchstone_engine::spaces::SpaceWords;
use touchstone_engine::versions::VersionSummary;
use touchstone_engine::{Engine, ErrorCode};

const TOKEN: &str = "ts_a-token-of-the-tests";

/// A workspace with a prompt or two, and the way to say things in them.
struct Side {
    desk: Desk,
}

impl Side {
    fn new() -> Self {
        Self { desk: Desk::new() }
    }

    fn engine(&self) -> &Engine {
        &self.desk.engine
    }

    async fn space(&self) -> SpaceId {
        self.engine().space("Default".to_owned()).await.expect("the space of every workspace").id
    }

    async fn prompt(&self, name: &str, texts: &[&str]) -> PromptId {
        let project = match self.engine().projects().await.expect("projects").into_iter().next() {
            Some(project) => project.id,
            None => self.desk.import("Feedback", &bugs(1)).await,
        };
        let prompt =
            NewPrompt { name: name.to_owned(), description: "Why".to_owned(), project_id: project, space_id: None };
        let id = self.engine().create_prompt(prompt).await.expect("prompt");
        for text in texts {
            self.says(&id, text).await;
        }
        id
    }

    /// A new version with this user message, which is its commit message too.
    async fn says(&self, id: &PromptId, text: &str) {
        let mut content = self.engine().prompt(id.to_string()).await.expect("prompt").draft.content;
        content.messages = vec![Message::new(Role::User, text)];
        content.model = "gpt".to_owned();
        content.extra.set("seed", Json::Number("12345678901234567890".to_owned()));
        self.engine().save_draft(id.clone(), content).await.expect("draft");
        self.engine().save_version(id.clone(), Some(text.to_owned())).await.expect("version");
    }

    /// Versions of a prompt by name, oldest first.
    async fn versions(&self, name: &str) -> Vec<VersionSummary> {
        let id = self.engine().prompt(name.to_owned()).await.expect("prompt").summary.id;
        let mut rows = self.engine().version_page(id, String::new(), 0, 100).await.expect("versions").rows;
        rows.reverse();
        rows
    }

    async fn messages(&self, name: &str) -> Vec<String> {
        self.versions(name).await.into_iter().map(|version| version.message).collect()
    }

    async fn label(&self, name: &str, number: usize, label: &str) {
        let version = self.versions(name).await.remove(number - 1);
        self.engine().move_label(version.id, label.to_owned()).await.expect("labelled");
    }

    async fn labelled(&self, name: &str, label: &str) -> Option<u32> {
        let prompt = self.engine().prompt(name.to_owned()).await.expect("prompt").summary;
        prompt.labels.into_iter().find(|one| one.name == label).map(|one| one.number)
    }

    async fn serve(&self, spelling: ApiSpelling) -> Served {
        self.engine().serve(0, Secret::new(TOKEN.to_owned()), spelling).await.expect("served")
    }

    async fn follow(&self, address: &str) {
        self.engine().link_space(self.space().await, link(address, TOKEN)).await.expect("linked");
    }

    async fn plan(&self) -> LinkPlan {
        self.engine().plan_link(self.space().await).await.expect("a plan")
    }

    /// Makes these changes; all must be made.
    async fn apply(&self, changes: &[PromptChange]) {
        let ids = changes.iter().map(|change| change.id.clone()).collect();
        let report = self.engine().apply_link(self.space().await, ids).await.expect("applied");
        assert!(report.refused.is_empty(), "{:?}", report.refused);
        assert_eq!((report.pulled + report.pushed) as usize, changes.len());
    }

    /// Nothing is to be done any more in either direction.
    async fn is_in_step(&self, prompts: u32) {
        let plan = self.plan().await;
        assert!(plan.pull.is_empty() && plan.push.is_empty() && plan.notes.is_empty(), "{plan:?}");
        assert_eq!(plan.in_step, prompts);
    }
}

fn link(address: &str, key: &str) -> NewLink {
    let key = (!key.is_empty()).then(|| Secret::new(key.to_owned()));
    NewLink { address: address.to_owned(), remote_space: "Default".to_owned(), key, until_quit: true }
}

/// Hands calls on to a server under another name of the caller, so that it is not known as a Touchstone. After
/// `calls_max` requests it hangs up.
async fn stranger(to: &Served, calls_max: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("it is bound"));
    let port = to.port();
    let calls = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let calls = Arc::clone(&calls);
            tokio::spawn(async move {
                let far = TcpStream::connect(("127.0.0.1", port)).await.expect("the server");
                let ((mut near_reads, mut near_writes), (mut far_reads, mut far_writes)) =
                    (near.into_split(), far.into_split());
                let back = tokio::spawn(async move { tokio::io::copy(&mut far_reads, &mut near_writes).await });
                let mut bytes = vec![0; 256 << 10];
                while let Ok(length @ 1..) = near_reads.read(&mut bytes).await {
                    let text = String::from_utf8_lossy(&bytes[..length]);
                    if text.contains("sdk-package-name") && calls.fetch_add(1, Ordering::SeqCst) >= calls_max {
                        break;
                    }
                    let renamed = text.replace("sdk-package-name", "xxx-package-name");
                    if far_writes.write_all(renamed.as_bytes()).await.is_err() {
                        break;
                    }
                }
                back.abort();
            });
        }
    });
    address
}

#[tokio::test]
async fn a_prompt_goes_to_another_touchstone_byte_for_byte_and_changes_come_back() {
    let (ours, theirs) = (Side::new(), Side::new());
    let id = ours.prompt("Tone", &["One {text}", "Two {text}"]).await;
    ours.label("Tone", 1, "production").await;
    let served = theirs.serve(ApiSpelling::First).await;
    ours.follow(&served.address()).await;

    let plan = ours.plan().await;
    assert!(plan.pull.is_empty(), "{plan:?}");
    let [change] = plan.push.as_slice() else { panic!("one change: {plan:?}") };
    assert!(change.is_new && change.conflicts.is_empty() && change.losses.is_empty(), "{change:?}");
    assert_eq!((change.version_count, change.versions[0].message.as_str()), (2, "Two {text}"));
    assert!(theirs.engine().prompts().await.expect("prompts").is_empty(), "looking changes nothing");
    ours.apply(&plan.push).await;
    let hashes = |versions: Vec<VersionSummary>| -> Vec<String> {
        versions.into_iter().map(|version| version.commit_hash).collect()
    };
    assert_eq!(hashes(ours.versions("Tone").await), hashes(theirs.versions("Tone").await), "extra parameters too");
    assert_eq!(theirs.labelled("Tone", "production").await, Some(1));
    ours.is_in_step(1).await;

    // There: a new version, and the label moves. Here: a draft of one's own.
    let there = theirs.engine().prompt("Tone".to_owned()).await.expect("prompt").summary.id;
    theirs.says(&there, "Three {text}").await;
    theirs.label("Tone", 3, "production").await;
    theirs.engine().edit_prompt(there, "Tone".to_owned(), "Because".to_owned(), None).await.expect("described");
    let mut content = ours.engine().prompt(id.to_string()).await.expect("prompt").draft.content;
    content.messages = vec![Message::new(Role::User, "Mine")];
    ours.engine().save_draft(id.clone(), content).await.expect("draft");
    let plan = ours.plan().await;
    let [change] = plan.pull.as_slice() else { panic!("one change: {plan:?}") };
    assert!(plan.push.is_empty() && change.conflicts.is_empty(), "{plan:?}");
    assert_eq!(change.labels[0].to.as_deref(), Some("v3"));
    ours.apply(&plan.pull).await;
    assert_eq!(ours.messages("Tone").await, ["One {text}", "Two {text}", "Three {text}"]);
    assert_eq!(ours.labelled("Tone", "production").await, Some(3));
    let after = ours.engine().prompt(id.to_string()).await.expect("prompt");
    assert_eq!(after.summary.description, "Because");
    assert_eq!(after.draft.content.messages[0].text(), "Mine", "the draft stays");
    ours.is_in_step(1).await;
}

#[tokio::test]
async fn whole_prompts_are_pulled_with_history_and_labels() {
    let (ours, theirs) = (Side::new(), Side::new());
    for number in 0..3 {
        theirs.prompt(&format!("Prompt {number}"), &["One", "Two", "Three"]).await;
    }
    theirs.label("Prompt 1", 2, "staging").await;
    let served = theirs.serve(ApiSpelling::Current).await;
    ours.follow(&served.address()).await;
    let plan = ours.plan().await;
    assert_eq!(plan.pull.len(), 3);
    ours.apply(&plan.pull).await;
    assert_eq!(ours.messages("Prompt 2").await, ["One", "Two", "Three"]);
    assert_eq!(ours.labelled("Prompt 1", "staging").await, Some(2));
    let version = ours.versions("Prompt 0").await.remove(0);
    assert!(version.author.starts_with("127.0.0.1:"), "it says where it came from: {}", version.author);
    ours.is_in_step(3).await;
    // A label that is taken away on one side is taken away on the other.
    let labelled = theirs.versions("Prompt 1").await.remove(1);
    theirs.engine().remove_label(labelled.id, "staging".to_owned()).await.expect("removed");
    let plan = ours.plan().await;
    assert_eq!(plan.pull[0].labels[0].to, None);
    ours.apply(&plan.pull).await;
    assert_eq!(ours.labelled("Prompt 1", "staging").await, None);
    ours.is_in_step(3).await;
}

#[tokio::test]
async fn what_both_sides_changed_is_brought_only_when_it_is_asked_for() {
    let (ours, theirs) = (Side::new(), Side::new());
    let id = ours.prompt("Tone", &["One"]).await;
    let served = theirs.serve(ApiSpelling::Current).await;
    ours.follow(&served.address()).await;
    ours.apply(&ours.plan().await.push).await;
    let there = theirs.engine().prompt("Tone".to_owned()).await.expect("prompt").summary.id;
    theirs.says(&there, "Theirs").await;
    theirs.label("Tone", 2, "production").await;
    ours.says(&id, "Ours").await;
    ours.label("Tone", 2, "production").await;

    let plan = ours.plan().await;
    assert!(plan.pull.iter().chain(&plan.push).all(|change| !change.conflicts.is_empty()), "{plan:?}");
    let [versions, labels] = plan.pull.as_slice() else { panic!("versions and a label: {plan:?}") };
    assert!(versions.conflicts[0].contains("1 new version there and 1 new version here"), "{versions:?}");
    assert!(labels.conflicts[0].contains("both sides moved"), "{labels:?}");

    ours.apply(std::slice::from_ref(versions)).await;
    assert_eq!(ours.messages("Tone").await, ["One", "Ours", "Theirs"], "mine stays, theirs come on top");
    assert_eq!(ours.labelled("Tone", "production").await, Some(2), "the label was not asked for");
    let plan = ours.plan().await;
    let [mine, label] = plan.push.as_slice() else { panic!("mine is still not there: {plan:?}") };
    assert!(mine.conflicts[0].contains("newer one on both sides"), "{mine:?}");
    ours.apply(&[mine.clone(), label.clone()]).await;
    assert_eq!(theirs.messages("Tone").await, ["One", "Theirs", "Ours"]);
    assert_eq!(theirs.labelled("Tone", "production").await, Some(3), "moved as it was asked for");
    // Both have every version, but not in one order: nothing can be done about that, and it is said.
    let plan = ours.plan().await;
    assert!(plan.pull.is_empty() && plan.push.is_empty() && plan.in_step == 0, "{plan:?}");
    assert_eq!((plan.notes.len(), plan.notes[0].name.as_str()), (1, "Tone"));
    let words = &plan.notes[0].words[0];
    assert!(words.contains("the newest is “Theirs” (version 3) here and “Ours” (version 3) there"), "{words}");
    ours.says(&id, "Four").await;
    ours.apply(&ours.plan().await.push).await;
    ours.is_in_step(1).await;
}

#[tokio::test]
async fn a_prompt_with_another_name_on_the_other_side_says_so() {
    let (ours, theirs) = (Side::new(), Side::new());
    let id = ours.prompt("Tone", &["One"]).await;
    let served = theirs.serve(ApiSpelling::Current).await;
    ours.follow(&served.address()).await;
    ours.apply(&ours.plan().await.push).await;
    ours.engine().edit_prompt(id.clone(), "Mood".to_owned(), "Why".to_owned(), None).await.expect("renamed");
    let plan = ours.plan().await;
    assert!(plan.pull.is_empty() && plan.push.is_empty() && plan.in_step == 0, "{plan:?}");
    assert_eq!((plan.notes[0].name.as_str(), plan.notes[0].words[0].as_str()), ("Mood", "there it is called “Tone”"));
    ours.says(&id, "Two").await;
    let plan = ours.plan().await;
    assert_eq!((plan.push[0].name.as_str(), plan.push[0].notes[0].as_str()), ("Tone", "here it is called “Mood”"));
    assert!(plan.push[0].is_offered && plan.notes.is_empty(), "{plan:?}");
}

#[tokio::test]
async fn a_prompt_that_was_moved_to_another_space_does_not_come_again_unasked() {
    let (ours, theirs) = (Side::new(), Side::new());
    let there = theirs.prompt("Tone", &["One", "Two"]).await;
    theirs.label("Tone", 1, "production").await;
    let served = theirs.serve(ApiSpelling::Current).await;
    ours.follow(&served.address()).await;
    ours.apply(&ours.plan().await.pull).await;
    let id = ours.engine().prompt("Tone".to_owned()).await.expect("prompt").summary.id;
    let words = SpaceWords { name: "Attic".to_owned(), description: String::new() };
    let attic = ours.engine().create_space(words).await.expect("a space");
    ours.engine().move_prompts(vec![id.clone()], attic.clone()).await.expect("moved");
    let plan = ours.plan().await;
    let [again] = plan.pull.as_slice() else { panic!("it is told: {plan:?}") };
    assert!(!again.is_offered && again.can_apply && again.conflicts.is_empty() && plan.push.is_empty(), "{plan:?}");
    assert!(again.notes[0].contains("in the space “Attic” now"), "{again:?}");
    assert_eq!(again.prompt_id.as_ref(), Some(&id));

    // Back again, it goes on where it was: what both sides agreed on is not forgotten.
    ours.engine().move_prompts(vec![id.clone()], ours.space().await).await.expect("moved back");
    ours.is_in_step(1).await;
    theirs.says(&there, "Three").await;
    theirs.label("Tone", 3, "production").await;
    let plan = ours.plan().await;
    assert!(plan.pull[0].is_offered && plan.push.is_empty(), "only they moved the label: {plan:?}");
    ours.apply(&plan.pull).await;

    // Asked for, it comes once more, and the one in the other space is another one from then on.
    ours.engine().move_prompts(vec![id.clone()], attic).await.expect("moved");
    ours.apply(&ours.plan().await.pull).await;
    ours.is_in_step(1).await;
    ours.engine().edit_prompt(id.clone(), "Mine".to_owned(), "Why".to_owned(), None).await.expect("renamed");
    ours.engine().move_prompts(vec![id], ours.space().await).await.expect("moved back");
    let plan = ours.plan().await;
    assert!(plan.pull.is_empty() && plan.push[0].is_new && plan.push[0].name == "Mine", "{plan:?}");
}

#[tokio::test]
async fn one_process_at_a_time_pulls_or_pushes_and_counts_what_it_did() {
    let (ours, theirs) = (Side::new(), Side::new());
    for number in 0..4 {
        theirs.prompt(&format!("Prompt {number}"), &["One"]).await;
    }
    let served = theirs.serve(ApiSpelling::Current).await;
    ours.follow(&served.address()).await;
    let space = ours.space().await;
    let ids: Vec<_> = ours.plan().await.pull.into_iter().map(|change| change.id).collect();
    let engines = [ours.desk.another_engine(), ours.desk.another_engine(), ours.desk.another_engine()];
    for engine in &engines {
        engine.lend_link_key(space.clone(), Secret::new(TOKEN.to_owned())).await.expect("lent");
    }
    let pulls = engines.iter().map(|engine| engine.apply_link(space.clone(), ids.clone()));
    let mut pulled = 0;
    for outcome in futures_util::future::join_all(pulls).await {
        match outcome {
            // Who comes after the first finds that there is nothing left of what was looked at.
            Ok(report) => {
                assert_eq!(report.pulled as usize + report.refused.len(), ids.len(), "{report:?}");
                pulled += report.pulled;
            }
            Err(refused) => assert!(refused.to_string().contains("another program is pulling"), "{refused}"),
        }
    }
    assert_eq!(pulled as usize, ids.len(), "each prompt was pulled once");
    assert_eq!(ours.engine().prompts().await.expect("prompts").len(), 4);

    let store = ours.desk.store();
    assert!(store.lease_space_link(&space, "another program", i64::MAX, 0).expect("leased"), "it was given back");
    let refused = ours.engine().apply_link(space.clone(), ids).await.expect_err("another program is at it");
    assert!(refused.to_string().contains("try again when it has finished"), "{refused}");
    ours.engine().plan_link(space).await.expect("looking takes nothing away");
}

#[tokio::test]
async fn versions_in_conflict_hold_back_nothing_that_needs_none_of_them() {
    // Once with everything new there, once with everything new here.
    for is_pull in [true, false] {
        let (ours, theirs) = (Side::new(), Side::new());
        ours.prompt("Tone", &["One", "Two"]).await;
        ours.label("Tone", 1, "old").await;
        let served = theirs.serve(ApiSpelling::Current).await;
        ours.follow(&served.address()).await;
        ours.apply(&ours.plan().await.push).await;
        for (side, text) in [(&ours, "Ours"), (&theirs, "Theirs")] {
            let id = side.engine().prompt("Tone".to_owned()).await.expect("prompt").summary.id;
            side.says(&id, text).await;
        }
        let (from, to) = if is_pull { (&theirs, &ours) } else { (&ours, &theirs) };
        let id = from.engine().prompt("Tone".to_owned()).await.expect("prompt").summary.id;
        from.engine().edit_prompt(id, "Tone".to_owned(), "Because".to_owned(), None).await.expect("described");
        from.label("Tone", 2, "production").await;
        from.label("Tone", 3, "newest").await;
        let first = from.versions("Tone").await.remove(0);
        from.engine().remove_label(first.id, "old".to_owned()).await.expect("removed");

        let plan = ours.plan().await;
        let changes = if is_pull { &plan.pull } else { &plan.push };
        let [harmless, disputed] = changes.as_slice() else { panic!("two changes: {plan:?}") };
        assert!(harmless.conflicts.is_empty() && !disputed.conflicts.is_empty(), "{changes:?}");
        assert_eq!((harmless.version_count, disputed.version_count), (0, 1));
        let names: Vec<_> = harmless.labels.iter().map(|label| (label.name.as_str(), label.to.as_deref())).collect();
        assert_eq!(names, [("old", None), ("production", Some("v2"))]);
        assert_eq!((harmless.description.as_deref(), disputed.labels[0].name.as_str()), (Some("Because"), "newest"));
        ours.apply(std::slice::from_ref(harmless)).await;
        assert_eq!(to.labelled("Tone", "production").await, Some(2));
        assert_eq!(to.engine().prompt("Tone".to_owned()).await.expect("prompt").summary.description, "Because");
        assert_eq!(to.versions("Tone").await.len(), 3, "no version came");
        let plan = ours.plan().await;
        assert_eq!((plan.pull.len(), plan.push.len()), (1, 1), "the versions are left: {plan:?}");
    }
}

#[tokio::test]
async fn changes_of_one_prompt_that_go_together_leave_each_others_labels_alone() {
    let (ours, theirs) = (Side::new(), Side::new());
    let id = ours.prompt("Tone", &["One", "Two"]).await;
    ours.label("Tone", 1, "moving").await;
    let served = theirs.serve(ApiSpelling::Current).await;
    ours.follow(&served.address()).await;
    ours.apply(&ours.plan().await.push).await;
    let there = theirs.engine().prompt("Tone".to_owned()).await.expect("prompt").summary.id;
    theirs.says(&there, "Theirs").await;
    theirs.label("Tone", 3, "disputed").await;
    ours.says(&id, "Ours").await;
    ours.label("Tone", 2, "moving").await;
    ours.label("Tone", 3, "newest").await;
    ours.label("Tone", 3, "disputed").await;
    let plan = ours.plan().await;
    assert_eq!(plan.push.len(), 3, "labels by themselves, versions, and what both moved: {plan:?}");
    ours.apply(&plan.push).await;
    for (label, number) in [("moving", 2), ("newest", 4), ("disputed", 4)] {
        assert_eq!(theirs.labelled("Tone", label).await, Some(number), "{label}");
    }
    // What they agreed on is remembered of all three: who moves a label next is the only one who did.
    theirs.label("Tone", 1, "moving").await;
    let plan = ours.plan().await;
    let moved = plan.pull.iter().find(|change| !change.labels.is_empty()).expect("the label moved there");
    assert!(moved.conflicts.is_empty() && plan.push.is_empty(), "{plan:?}");
}

#[tokio::test]
async fn an_account_keeps_what_it_can_and_says_so_first() {
    for spelling in [ApiSpelling::First, ApiSpelling::Second, ApiSpelling::Current] {
        let (ours, account) = (Side::new(), Side::new());
        let id = ours.prompt("Tone", &["One", "Two"]).await;
        account.prompt("Older", &["First of all"]).await;
        let served = account.serve(spelling).await;
        ours.follow(&stranger(&served, usize::MAX).await).await;
        let plan = ours.plan().await;
        assert_eq!((plan.pull.len(), plan.push.len()), (1, 1), "{plan:?}");
        assert!(plan.push[0].losses.iter().any(|lost| lost.contains("seed")), "{:?}", plan.push[0].losses);
        ours.apply(&plan.pull).await;
        ours.apply(&plan.push).await;
        assert_eq!(account.messages("Tone").await, ["One", "Two"]);
        ours.is_in_step(2).await;
        ours.says(&id, "Three").await;
        ours.label("Tone", 3, "production").await;
        ours.apply(&ours.plan().await.push).await;
        assert_eq!(account.labelled("Tone", "production").await, Some(3));
        ours.is_in_step(2).await;
    }
}

#[tokio::test]
async fn a_push_that_breaks_off_is_gone_on_with_and_doubles_nothing() {
    let texts = ["One", "Two", "Three", "Four"];
    // Each place at which it can break: behind the plan's two lists, and behind each call that writes.
    for calls in 5..10 {
        let (ours, theirs) = (Side::new(), Side::new());
        ours.prompt("Tone", &texts).await;
        let served = theirs.serve(ApiSpelling::Current).await;
        ours.follow(&stranger(&served, calls).await).await;
        let space = ours.space().await;
        if let Ok(plan) = ours.engine().plan_link(space.clone()).await {
            let ids = plan.push.iter().map(|change| change.id.clone()).collect();
            // Refused or failed, as the case may be; what counts is what is there in the end.
            let _ = ours.engine().apply_link(space, ids).await;
        }
        ours.follow(&stranger(&served, usize::MAX).await).await;
        let plan = ours.plan().await;
        ours.apply(&plan.push).await;
        assert_eq!(theirs.messages("Tone").await, texts, "broken after {calls} calls");
        ours.is_in_step(1).await;
    }
}

#[tokio::test]
async fn a_version_that_was_pushed_but_not_noted_is_recognised() {
    let (ours, theirs) = (Side::new(), Side::new());
    ours.prompt("Tone", &["One", "Two"]).await;
    let served = theirs.serve(ApiSpelling::Current).await;
    ours.follow(&served.address()).await;
    ours.apply(&ours.plan().await.push).await;
    // All that was noted is forgotten: the histories alone tell that it is the same prompt.
    ours.engine().unlink_space(ours.space().await).await.expect("unlinked");
    ours.follow(&served.address()).await;
    ours.is_in_step(1).await;
    let there = theirs.engine().prompt("Tone".to_owned()).await.expect("prompt").summary.id;
    theirs.says(&there, "Three").await;
    ours.apply(&ours.plan().await.pull).await;
    assert_eq!(ours.messages("Tone").await, ["One", "Two", "Three"]);
}

#[tokio::test]
async fn what_stands_in_the_way_is_said() {
    let (ours, theirs) = (Side::new(), Side::new());
    ours.prompt("Same name", &["Mine"]).await;
    theirs.prompt("Same name", &["Theirs"]).await;
    let served = theirs.serve(ApiSpelling::Current).await;
    ours.follow(&served.address()).await;
    let plan = ours.plan().await;
    let ([pull], [push]) = (plan.pull.as_slice(), plan.push.as_slice()) else { panic!("{plan:?}") };
    assert!(pull.can_apply && pull.conflicts[0].contains("another history"), "{pull:?}");
    assert!(!push.can_apply && push.conflicts[0].contains("rename"), "{push:?}");
    ours.apply(std::slice::from_ref(pull)).await;
    assert_eq!(ours.messages("Same name 2").await, ["Theirs"]);
    assert_eq!(ours.messages("Same name").await, ["Mine"]);

    // One that is in the bin here comes back by hand only; one that is gone there is pushed anew only when asked.
    let taken = ours.engine().prompt("Same name 2".to_owned()).await.expect("prompt").summary.id;
    ours.engine().delete_prompt(taken.clone()).await.expect("into the bin");
    let there = theirs.engine().prompt("Same name".to_owned()).await.expect("prompt").summary.id;
    theirs.says(&there, "More").await;
    let plan = ours.plan().await;
    assert!(plan.pull[0].conflicts[0].contains("in the bin") && !plan.pull[0].can_apply, "{plan:?}");
    ours.engine().restore_prompt(taken, None).await.expect("restored");
    theirs.engine().delete_prompt(there).await.expect("into the bin");
    let plan = ours.plan().await;
    let gone = plan.push.iter().find(|change| change.name == "Same name 2").expect("it could be pushed");
    assert!(gone.conflicts[0].contains("not there any more"), "{gone:?}");
    ours.apply(std::slice::from_ref(gone)).await;
    assert_eq!(theirs.messages("Same name 2").await, ["Theirs"]);
}

#[tokio::test]
async fn a_change_that_is_another_by_now_is_refused() {
    let (ours, theirs) = (Side::new(), Side::new());
    let there = theirs.prompt("Tone", &["One"]).await;
    let served = theirs.serve(ApiSpelling::Current).await;
    ours.follow(&served.address()).await;
    let seen = ours.plan().await.pull;
    theirs.says(&there, "Two").await;
    let report = ours.engine().apply_link(ours.space().await, vec![seen[0].id.clone()]).await.expect("answered");
    assert_eq!(report.pulled, 0);
    assert_eq!(report.refused, ["“Tone” has changed since you looked"]);
    assert!(ours.engine().prompts().await.expect("prompts").is_empty());
}

#[tokio::test]
async fn a_link_says_what_is_wrong_with_its_address_or_key_and_keeps_no_key_in_the_file() {
    let (ours, theirs) = (Side::new(), Side::new());
    let served = theirs.serve(ApiSpelling::Current).await;
    let space = ours.space().await;
    for (address, key, field, words) in [
        (served.address(), "", "key", "wants an API key"),
        (served.address(), "another-token", "key", "rejected"),
        ("http://api.arize.com".to_owned(), TOKEN, "address", "unencrypted"),
        ("http://127.0.0.1:1".to_owned(), TOKEN, "address", "nothing is listening"),
    ] {
        let refused =
            ours.engine().link_space(space.clone(), link(&address, key)).await.expect_err("it cannot be linked");
        assert_eq!(refused.field(), Some(field), "{refused}");
        assert!(refused.to_string().contains(words), "{refused}");
        assert!(key.is_empty() || !refused.to_string().contains(key), "{refused}");
    }
    let mut elsewhere = link(&served.address(), TOKEN);
    elsewhere.remote_space = "Nowhere".to_owned();
    let refused = ours.engine().link_space(space.clone(), elsewhere).await.expect_err("no such space");
    assert_eq!(refused.field(), Some("remote_space"));
    let mut kept = link(&served.address(), TOKEN);
    kept.until_quit = false;
    let refused = ours.engine().link_space(space.clone(), kept).await.expect_err("no keychain answers");
    assert_eq!(refused.code(), ErrorCode::KeychainUnavailable);
    assert!(ours.engine().space(space.to_string()).await.expect("space").link.is_none(), "nothing is half made");
    let itself = theirs.engine().link_space(theirs.space().await, link(&served.address(), TOKEN)).await;
    assert!(itself.expect_err("itself").to_string().contains("this very workspace"));

    ours.follow(&served.address()).await;
    ours.plan().await;
    let file = ours.desk.workspace();
    let is_nowhere = {
        let folder = file.parent().expect("a folder");
        std::fs::read_dir(folder).expect("a folder").flatten().all(|entry| {
            let bytes = std::fs::read(entry.path()).unwrap_or_default();
            !bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes())
        })
    };
    assert!(is_nowhere, "the key is nowhere on the disk");
    served.stop().await;
    let gone = ours.engine().plan_link(space).await.expect_err("nothing answers");
    assert!(gone.to_string().contains("could not be asked"), "{gone}");
}

#[tokio::test]
async fn a_label_that_looks_like_a_step_of_a_path_is_taken_away_too() {
    let (ours, theirs) = (Side::new(), Side::new());
    ours.prompt("Tone", &["One"]).await;
    ours.label("Tone", 1, "..").await;
    ours.label("Tone", 1, "live").await;
    let served = theirs.serve(ApiSpelling::Current).await;
    ours.follow(&served.address()).await;
    ours.apply(&ours.plan().await.push).await;
    assert_eq!(theirs.labelled("Tone", "..").await, Some(1));
    let version = ours.versions("Tone").await.remove(0);
    ours.engine().remove_label(version.id, "..".to_owned()).await.expect("removed");
    ours.apply(&ours.plan().await.push).await;
    assert_eq!(theirs.labelled("Tone", "..").await, None);
    assert_eq!(theirs.labelled("Tone", "live").await, Some(1));
    ours.is_in_step(1).await;
}

/// An account with two prompts, the second of which has one version with these fields besides the usual ones.
fn account(odd: Value) -> Server {
    Server::start(move |asked| {
        let list = |name: &str, items: Value| json!({ name: items, "pagination": { "has_more": false } });
        let mut version = json!({
            "id": "v", "prompt_id": "p", "commit_hash": "c", "commit_message": "One", "provider": "OPEN_AI",
            "model": "gpt", "input_variable_format": "F_STRING", "created_at": "2026-01-01T12:00:00Z",
            "created_by_user_id": "u", "messages": [{ "role": "USER", "content": "Hi" }], "labels": [],
        });
        let body = if asked.head.starts_with("GET /v2/spaces") {
            list("spaces", json!([{ "id": "space", "name": "Default" }]))
        } else if asked.head.starts_with("GET /v2/prompts?") {
            list("prompts", json!([{ "id": "usual", "name": "Usual" }, { "id": "odd", "name": "Odd" }]))
        } else {
            if asked.head.starts_with("GET /v2/prompts/odd/") {
                for (name, value) in odd.as_object().expect("fields") {
                    version[name] = value.clone();
                }
            }
            list("prompt_versions", json!([version]))
        };
        Reply::Http {
            status: 200,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.to_string(),
        }
    })
}

#[tokio::test]
async fn a_version_that_cannot_be_read_keeps_no_other_prompt_from_coming() {
    for odd in [json!({ "provider": "NEXT_AI" }), json!({ "messages": [{ "role": "USER", "content": ["parts"] }] })] {
        let (ours, account) = (Side::new(), account(odd));
        ours.follow(account.endpoint().trim_end_matches("/v1")).await;
        let plan = ours.plan().await;
        let unread = plan.pull.iter().find(|change| change.name == "Odd").expect("it is named");
        assert!(!unread.can_apply && unread.conflicts[0].contains("cannot be read"), "{unread:?}");
        let usual = plan.pull.iter().find(|change| change.name == "Usual").expect("the other one");
        ours.apply(std::slice::from_ref(usual)).await;
        assert_eq!(ours.messages("Usual").await, ["One"]);
    }
    // What the API may say of a version one day says nothing that is kept.
    let (ours, account) = (Side::new(), account(json!({ "future": 1 })));
    ours.follow(account.endpoint().trim_end_matches("/v1")).await;
    assert!(ours.plan().await.pull.iter().all(|change| change.can_apply));
}

#[tokio::test]
async fn what_an_account_says_beyond_what_we_know_is_kept_and_named_before_it_is_lost() {
    let (ours, account) = (
        Side::new(),
        account(json!({
            "messages": [{
                "role": "ASSISTANT", "content": null, "name": "Ann", "cache": { "b": 1, "a": 2 }, "future": null,
                "tool_calls": [{
                    "id": "1", "type": "FUNCTION", "index": 0,
                    "function": { "name": "f", "arguments": "{}", "strict": true },
                }],
            }],
            "invocation_params": {
                "temperature": 0.5, "seed": 7, "future": null,
                "response_format": { "type": "GRAMMAR", "grammar": "g" },
                "tool_config": { "tools": [{ "b": 1, "a": 2 }], "parallel": true },
            },
            "provider_params": { "region": "eu", "tier": "flex", "azure_params": { "slot": "s" } },
        })),
    );
    ours.follow(account.endpoint().trim_end_matches("/v1")).await;
    let plan = ours.plan().await;
    let odd = plan.pull.iter().find(|change| change.name == "Odd").expect("it is there");
    assert!(odd.can_apply && odd.conflicts.is_empty(), "{odd:?}");
    ours.apply(std::slice::from_ref(odd)).await;
    let version = ours.versions("Odd").await.remove(0);
    let content = ours.desk.store().version(&version.id).expect("the version").content;
    assert_eq!(
        content,
        r#"{"messages":[{"role":"ASSISTANT","content":null,"name":"Ann","cache":{"b":1,"a":2},"tool_calls":[{"id":"1","type":"FUNCTION","index":0,"function":{"name":"f","arguments":"{}","strict":true}}]}],"input_variable_format":"F_STRING","provider":"open_ai","model":"gpt","invocation_params":{"temperature":0.5,"response_format":{"type":"GRAMMAR","grammar":"g"},"tool_config":{"tools":[{"b":1,"a":2}],"parallel":true}},"provider_params":{"region":"eu","tier":"flex","azure_params":{"slot":"s"}},"extra":{"seed":7}}"#
    );
    let plan = ours.plan().await;
    assert!(plan.pull.iter().chain(&plan.push).all(|change| change.name != "Odd"), "it is the same: {plan:?}");
    assert_eq!(
        touchstone_arize::client::losses(&serde_json::from_str(&content).expect("content")),
        ["left out there: response_format.grammar, tool_config.parallel, seed, tier, azure_params.slot, name, cache, \
             tool_calls.index, tool_calls.function.strict"]
    );
}

#[tokio::test]
async fn two_spaces_do_not_follow_the_same_one() {
    let (ours, theirs) = (Side::new(), Side::new());
    let served = theirs.serve(ApiSpelling::Current).await;
    ours.follow(&served.address()).await;
    let words = SpaceWords { name: "Second".to_owned(), description: String::new() };
    let second = ours.engine().create_space(words).await.expect("a space");
    for address in [served.address(), format!("http://localhost:{}", served.port())] {
        let refused = ours.engine().link_space(second.clone(), link(&address, TOKEN)).await.expect_err("taken");
        assert_eq!(refused.field(), Some("remote_space"));
        assert!(refused.to_string().contains("the space “Default” here follows it already"), "{refused}");
    }
    ours.follow(&served.address()).await;
    ours.engine().unlink_space(ours.space().await).await.expect("unlinked");
    ours.engine().link_space(second, link(&served.address(), TOKEN)).await.expect("it is free now");
}

#[tokio::test]
async fn a_key_that_ended_with_its_program_says_so() {
    let (ours, theirs) = (Side::new(), Side::new());
    let served = theirs.serve(ApiSpelling::Current).await;
    ours.follow(&served.address()).await;
    let later = ours.desk.another_engine();
    let refused = later.plan_link(ours.space().await).await.expect_err("it never had the key");
    assert_eq!(refused.field(), Some("key"));
    assert!(refused.to_string().contains("only until the program that linked it ended"), "{refused}");
    later.lend_link_key(ours.space().await, Secret::new(TOKEN.to_owned())).await.expect("lent");
    later.plan_link(ours.space().await).await.expect("now it has");
}
