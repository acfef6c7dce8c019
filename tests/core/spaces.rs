//! Spaces: names of their own, prompts that move between them, and what becomes of an empty one.

use crate::support::{Desk, bugs};
use touchstone_engine::domain::{PromptId, SpaceId};
use touchstone_engine::prompts::NewPrompt;
use touchstone_engine::spaces::SpaceWords;
use touchstone_engine::{Engine, ErrorCode};

fn words(name: &str) -> SpaceWords {
    SpaceWords { name: name.to_owned(), description: String::new() }
}

async fn prompt(desk: &Desk, name: &str, space: Option<&SpaceId>) -> touchstone_engine::Result<PromptId> {
    let project = match desk.engine.projects().await?.into_iter().next() {
        Some(project) => project.id,
        None => desk.import("Feedback", &bugs(1)).await,
    };
    let prompt =
        NewPrompt { name: name.to_owned(), description: String::new(), project_id: project, space_id: space.cloned() };
    desk.engine.create_prompt(prompt).await
}

async fn default_space(engine: &Engine) -> SpaceId {
    engine.space("Default".to_owned()).await.expect("the space of every workspace").id
}

#[tokio::test]
async fn a_name_is_unique_within_its_space_only() {
    let desk = Desk::new();
    let team = desk.engine.create_space(words("Team")).await.expect("a space");
    let taken = desk.engine.create_space(words("Team")).await.expect_err("the name is taken");
    assert_eq!((taken.code(), taken.field()), (ErrorCode::NameTaken, Some("name")));
    assert_eq!(desk.engine.create_space(words(" ")).await.expect_err("no name").field(), Some("name"));

    let here = prompt(&desk, "Tone", None).await.expect("a prompt");
    let there = prompt(&desk, "Tone", Some(&team)).await.expect("the same name in another space");
    assert_eq!(prompt(&desk, "Tone", Some(&team)).await.expect_err("taken").code(), ErrorCode::NameTaken);

    let ambiguous = desk.engine.prompt("Tone".to_owned()).await.expect_err("which one?");
    assert!(ambiguous.to_string().contains("by its id"), "{ambiguous}");
    for (id, space) in [(&here, "Default"), (&there, "Team")] {
        assert!(ambiguous.to_string().contains(&format!("{id} in the space “{space}”")), "{ambiguous}");
        assert_eq!(desk.engine.prompt(id.to_string()).await.expect("by id").summary.id, *id);
    }
}

#[tokio::test]
async fn prompts_move_all_or_none() {
    let desk = Desk::new();
    let team = desk.engine.create_space(words("Team")).await.expect("a space");
    let one = prompt(&desk, "One", None).await.expect("a prompt");
    let two = prompt(&desk, "Two", None).await.expect("a prompt");
    prompt(&desk, "Two", Some(&team)).await.expect("a prompt");
    let refused = desk.engine.move_prompts(vec![one.clone(), two], team.clone()).await.expect_err("a name is taken");
    assert_eq!(refused.code(), ErrorCode::NameTaken);
    let space_of = async |id: &PromptId| desk.engine.prompt(id.to_string()).await.expect("prompt").summary.space_name;
    assert_eq!(space_of(&one).await, "Default", "none was moved");
    desk.engine.move_prompts(vec![one.clone()], team).await.expect("moved");
    assert_eq!(space_of(&one).await, "Team", "under the same id");
}

#[tokio::test]
async fn only_an_empty_space_is_removed_and_its_bin_stays() {
    let desk = Desk::new();
    let team = desk.engine.create_space(words("Team")).await.expect("a space");
    let id = prompt(&desk, "Tone", Some(&team)).await.expect("a prompt");
    assert!(desk.engine.delete_space(team.clone()).await.is_err(), "it has a prompt");
    assert!(desk.engine.delete_space(default_space(&desk.engine).await).await.is_err(), "every workspace has it");
    desk.engine.delete_prompt(id.clone()).await.expect("into the bin");
    desk.engine.delete_space(team).await.expect("removed");
    assert_eq!(desk.engine.spaces().await.expect("spaces").len(), 1);
    desk.engine.restore_prompt(id.clone(), None).await.expect("back");
    assert_eq!(desk.engine.prompt(id.to_string()).await.expect("prompt").summary.space_name, "Default");
}

#[tokio::test]
async fn a_space_is_renamed() {
    let desk = Desk::new();
    let team = desk.engine.create_space(words("Team")).await.expect("a space");
    let edit = SpaceWords { name: "Support".to_owned(), description: "Who answers".to_owned() };
    desk.engine.edit_space(team.clone(), edit).await.expect("renamed");
    let space = desk.engine.space(team.to_string()).await.expect("by its id as before");
    assert_eq!((space.name.as_str(), space.description.as_str()), ("Support", "Who answers"));
    assert_eq!(desk.engine.edit_space(team, words("Default")).await.expect_err("taken").code(), ErrorCode::NameTaken);
}

#[tokio::test]
async fn a_prompt_is_renamed_and_moved_at_once_or_not_at_all() {
    let desk = Desk::new();
    let team = desk.engine.create_space(words("Team")).await.expect("a space");
    let id = prompt(&desk, "Here", None).await.expect("a prompt");
    prompt(&desk, "Taken", Some(&team)).await.expect("a prompt");
    let edit = async |name: &str| {
        desk.engine.edit_prompt(id.clone(), name.to_owned(), "Words".to_owned(), Some(team.clone())).await
    };
    assert_eq!(edit("Taken").await.expect_err("taken there").code(), ErrorCode::NameTaken);
    let before = desk.engine.prompt(id.to_string()).await.expect("prompt").summary;
    assert_eq!(
        (before.name.as_str(), before.space_name.as_str(), before.description.as_str()),
        ("Here", "Default", "")
    );
    edit("There").await.expect("renamed and moved");
    let after = desk.engine.prompt(id.to_string()).await.expect("prompt").summary;
    assert_eq!((after.name.as_str(), after.space_name.as_str()), ("There", "Team"));
}
