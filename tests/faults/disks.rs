//! A disk that is full, and a workspace file that cannot be written: said in words, nothing is lost, and it goes on when
//! there is room again.

use crate::support::{Desk, START, Server, count, skipped, word};
use serde_json::json;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const TASKS: usize = 400;

/// Tasks that are alive at once, with 8 requests in flight.
const ALIVE: usize = 24;

/// A file system in memory with little room. It goes with the value.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None`, and said why, where this computer does not let the test mount one.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"]).arg(folder.path()).output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(folder)),
            Ok(output) => skipped(String::from_utf8_lossy(&output.stderr).trim()),
            Err(error) => skipped(&format!("mount: {error}")),
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn remount(&self, how: &str) {
        let options = format!("remount,{how}");
        let output = Command::new("mount").args(["-o", &options]).arg(self.path()).output().expect("mount starts");
        assert!(output.status.success(), "{output:?}");
    }

    /// Takes all the room that is left; removing the file gives it back.
    fn fill(&self) -> PathBuf {
        let path = self.path().join("filler");
        let mut file = File::create(&path).expect("an empty file has room");
        for size in [4096, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).output();
    }
}

#[test]
fn a_disk_that_fills_up_in_mid_run_is_said_and_the_run_goes_on_when_there_is_room_again() {
    let Some(disk) = SmallDisk::mount() else { return };
    let server = Server::well();
    let desk = Desk::in_folder(disk.path());
    desk.prompt_on(&server, TASKS);
    server.limit(Some(20));
    let program = desk.start(&START);
    server.until_answered(20);
    server.until_in_flight(8);
    let filler = disk.fill();
    server.limit(None);
    let (ok, run) = program.end();
    assert!(!ok && word(&run, "status") == "paused", "{run}");
    assert!(word(&run, "reason").contains("disk is full"), "{run}");
    let id = word(&run, "run_id");

    // Little may still fit in. What does not is refused whole.
    let elsewhere = tempfile::tempdir().expect("temporary folder");
    let large = elsewhere.path().join("large.json");
    let text = "words ".repeat(5_000);
    let tasks: Vec<_> = (0..500).map(|number| json!({"data": {"text": format!("{number} {text}")}})).collect();
    std::fs::write(&large, json!(tasks).to_string()).expect("file is written");
    let (ok, said) = desk.ask(&["project", "import", large.to_str().expect("text"), "--into", "P"]);
    assert!(!ok && word(&said["error"], "message").contains("disk is full"), "{said}");

    std::fs::remove_file(filler).expect("room is made");
    server.hang_up();
    // Its pause may not have been written either; then its lease has to become old.
    if desk.run().is_some_and(|run| word(&run, "status") == "in_progress") {
        desk.wait_for_lease();
    }
    let kept = desk.rows(id);
    let asked = server.asked().len();
    assert!(kept.len() >= 20, "what was answered before stays: {}", kept.len());
    assert!(asked - kept.len() <= ALIVE, "{asked} were asked and {} kept", kept.len());
    let run = desk.get(&["run", "resume", id]);
    assert_eq!((count(&run, "done"), count(&run, "failed")), (TASKS, 0), "{run}");
    let rows = desk.rows(id);
    assert!(kept.iter().all(|(task, row)| rows.get(task) == Some(row)), "what was kept stays as it is");
    let again = &server.asked()[asked..];
    assert!(again.iter().all(|asked| !kept.contains_key(&asked.task)), "what was kept is not asked again");
    assert_eq!(again.len(), TASKS - kept.len());
}

#[test]
fn a_workspace_that_cannot_be_written_is_said_and_left_as_it_is() {
    let Some(disk) = SmallDisk::mount() else { return };
    let server = Server::well();
    let desk = Desk::in_folder(disk.path());
    desk.prompt_on(&server, 20);
    let first = desk.get(&["run", "start", "--prompt", "Topics", "--subset", "sample:10"]);
    let before = std::fs::read(desk.workspace()).expect("a file");
    disk.remount("ro");
    for refused in [&["run", "resume", word(&first, "run_id")][..], &START[..], &["run", "list"]] {
        let (ok, said) = desk.ask(refused);
        assert!(!ok && word(&said["error"], "message").contains("cannot be written"), "{refused:?}: {said}");
    }
    assert_eq!(std::fs::read(desk.workspace()).expect("a file"), before);
    assert_eq!(server.asked().len(), 10, "nothing was asked whose answer could not be kept");
    disk.remount("rw");
    let run = desk.get(&START);
    assert_eq!((count(&run, "done"), count(&run, "cached"), count(&run, "requests")), (20, 10, 10), "{run}");
}
