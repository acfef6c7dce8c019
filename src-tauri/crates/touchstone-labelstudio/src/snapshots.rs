//! Snapshots: all tasks of a project in one file that the server makes.

use crate::line::{Question, WORK_TIMEOUT};
use crate::{Asked, Client, Error};
use serde::Deserialize;
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;
use touchstone_net::{Credential, Method, NetError, Reply};

/// Longest reply that is no file, in bytes.
const WORDS_BYTES_MAX: usize = 1 << 20;

/// How long a server may send nothing of a file.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// How often a download that breaks off is gone on with before anything more has come.
const ATTEMPTS_MAX: u32 = 3;

/// A snapshot that a server makes or has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub id: i64,
    pub title: String,
    pub state: SnapshotState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotState {
    UnderWay,
    Ready,
    Failed,
}

#[derive(Deserialize)]
struct Export {
    id: i64,
    #[serde(default)]
    title: String,
    #[serde(default)]
    status: String,
}

impl From<Export> for Snapshot {
    fn from(export: Export) -> Self {
        let state = match export.status.as_str() {
            "completed" => SnapshotState::Ready,
            "failed" => SnapshotState::Failed,
            _ => SnapshotState::UnderWay,
        };
        Self { id: export.id, title: export.title, state }
    }
}

impl Client {
    /// Has a snapshot made of all tasks, annotations and predictions of a project. A small server answers only when it is
    /// ready, which takes minutes for many tasks. `title` is one that no other has: by it a snapshot is found whose answer was
    /// lost.
    pub async fn start_snapshot(&self, project: i64, title: &str) -> Asked<Snapshot> {
        let json = json!({
            "title": title,
            "serialization_options": {
                "predictions": { "only_id": false },
                "drafts": { "only_id": true },
                "annotations__completed_by": { "only_id": true },
                "include_annotation_history": false,
                "interpolate_key_frames": false,
            },
        });
        let path = format!("/api/projects/{project}/exports/");
        let question = Question::write(Method::Post, &path, json.to_string(), "project");
        match self.line.read(&Question { timeout: WORK_TIMEOUT, ..question }).await {
            Ok(export) => Ok(Export::into(export)),
            Err(error) if error.is_passing() => match self.find_snapshot(project, title).await {
                Ok(Some(snapshot)) => Ok(snapshot),
                _ => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// The newest snapshot of this title.
    pub async fn find_snapshot(&self, project: i64, title: &str) -> Asked<Option<Snapshot>> {
        let path = format!("/api/projects/{project}/exports/");
        let exports: Vec<Export> = self.line.read(&Question::get(&path, "project")).await?;
        Ok(exports.into_iter().find(|export| export.title == title).map(Export::into))
    }

    pub async fn snapshot(&self, project: i64, snapshot: i64) -> Asked<Snapshot> {
        let path = format!("/api/projects/{project}/exports/{snapshot}");
        self.line.read(&Question::get(&path, "snapshot")).await.map(Export::into)
    }

    /// Reads a snapshot that is ready into the file at `path`, a JSON array of tasks. What the file has already is the
    /// beginning of it, from which it goes on. `told` hears how many bytes there are.
    pub async fn download_snapshot(
        &self,
        project: i64,
        snapshot: i64,
        path: &Path,
        mut told: impl FnMut(u64) + Send,
    ) -> Asked<()> {
        let from = format!("/api/projects/{project}/exports/{snapshot}/download?exportType=JSON");
        let mut kept = Kept::open(path).map_err(|error| self.not_kept(&error))?;
        let (mut rejected, mut attempt) = (None, 1);
        loop {
            let credential = self.line.credential(rejected.as_ref()).await?;
            let before = kept.length;
            match self.read_on(&from, &credential, &mut kept, &mut told).await {
                Ok(None) => return Ok(()),
                Ok(Some(reply)) if self.line.is_ended(&reply) && rejected.is_none() => rejected = Some(credential),
                Ok(Some(reply)) if reply.status == 416 && before > 0 => {
                    // Nothing is behind what is there: that is all of it, unless it is of something else.
                    if reply.header("content-range").is_some_and(|range| range.ends_with(&format!("/{before}"))) {
                        return Ok(());
                    }
                    kept.start_again().map_err(|error| self.not_kept(&error))?;
                }
                Ok(Some(reply)) => {
                    self.line.checked(&reply, &from, "snapshot")?;
                    return Err(self.line.not_label_studio());
                }
                Err(error) => {
                    let is_broken = matches!(
                        &error,
                        Error::Unreachable { error: NetError::Broken | NetError::Refused | NetError::Timeout, .. }
                    );
                    attempt = if kept.length > before { 1 } else { attempt + 1 };
                    if !is_broken || attempt > ATTEMPTS_MAX {
                        return Err(error);
                    }
                    rejected = None;
                }
            }
        }
    }

    /// Reads from the path `from` what comes behind what is kept, or else gives the reply that is no file.
    async fn read_on(
        &self,
        from: &str,
        credential: &Credential,
        kept: &mut Kept,
        told: &mut (impl FnMut(u64) + Send),
    ) -> Asked<Option<Reply>> {
        let url = format!("{}{from}", self.line.address);
        let opened = self.line.net.open_file(&url, std::slice::from_ref(credential), kept.length, SILENCE_MAX).await;
        let mut incoming = opened.map_err(|error| self.line.unreachable(error))?;
        match incoming.status() {
            206 if incoming.header("content-range").is_some_and(|range| {
                range.strip_prefix("bytes ").is_some_and(|range| range.starts_with(&format!("{}-", kept.length)))
            }) => {}
            206 => return Err(self.line.not_label_studio()),
            // A page to sign in on is no snapshot.
            200 if !incoming.header("content-type").is_some_and(|kind| kind.contains("html")) => {
                kept.start_again().map_err(|error| self.not_kept(&error))?;
            }
            _ => return incoming.read(WORDS_BYTES_MAX).await.map(Some).map_err(|error| self.line.unreachable(error)),
        }
        while let Some(piece) = incoming.piece().await.map_err(|error| self.line.unreachable(error))? {
            kept.add(piece.as_ref()).map_err(|error| self.not_kept(&error))?;
            told(kept.length);
        }
        Ok(None)
    }

    fn not_kept(&self, error: &io::Error) -> Error {
        Error::NotKept { host: self.line.host.clone(), words: error.to_string() }
    }

    /// Deletes a snapshot; one that is gone is deleted already.
    pub async fn delete_snapshot(&self, project: i64, snapshot: i64) -> Asked<()> {
        let path = format!("/api/projects/{project}/exports/{snapshot}");
        let question = Question { method: Method::Delete, ..Question::get(&path, "snapshot") };
        match self.line.ask(&question).await {
            Ok(_) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A file that grows. What is written comes in small pieces, and the system takes them without waiting for a disk.
struct Kept {
    file: File,
    length: u64,
}

impl Kept {
    fn open(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        let length = file.seek(SeekFrom::End(0))?;
        Ok(Self { file, length })
    }

    fn start_again(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.length = 0;
        Ok(())
    }

    fn add(&mut self, piece: &[u8]) -> io::Result<()> {
        self.file.write_all(piece)?;
        self.length += piece.len() as u64;
        Ok(())
    }
}
