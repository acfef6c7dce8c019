//! Whether the media of a whole project can be read.

use super::{MediaError, MediaKind, Reading, named, shown};
use crate::projects::stored_config;
use crate::tasks::stored_data;
use crate::{Engine, Error, Result};
use futures_util::StreamExt as _;
use futures_util::stream;
use serde::Serialize;
use specta::Type;
use std::sync::PoisonError;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use touchstone_domain::ProjectId;
use touchstone_labeling::{Config, value_at};

/// Tasks that are read from the workspace at once.
const PAGE_TASKS: u32 = 200;

/// Pieces that are looked at side by side.
const SIDE_BY_SIDE: usize = 8;

/// Faults that are listed; all of them are counted.
const FAULTS_MAX: usize = 1_000;

const REPORT_EVERY: Duration = Duration::from_millis(100);

/// Media that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct MediaFault {
    /// The id that exports give to the task: that which it was imported with, or else its id in this workspace.
    #[specta(type = f64)]
    pub task_id: i64,
    /// The task's place in the project, from 0.
    pub position: u32,
    /// The name of the object that shows it.
    pub object: String,
    /// What the task says, shortened.
    pub source: String,
    pub problem: String,
}

/// What a look at all media of a project found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Type)]
pub struct MediaCheck {
    /// Tasks that were looked at.
    pub tasks: u32,
    /// Pieces of media that were looked at.
    pub pieces: u32,
    /// Tasks of which some media cannot be used.
    pub faulty_tasks: u32,
    /// The first of the faults, in the project's order.
    pub faults: Vec<MediaFault>,
    /// It was canceled before the last task.
    pub canceled: bool,
}

/// How far a look at a project's media has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct MediaProgress {
    pub project_id: ProjectId,
    pub tasks: u32,
    pub total: u32,
    pub faulty_tasks: u32,
}

impl Engine {
    /// Reads all pictures and documents of a project, from the web too if the settings allow that. One such look at a
    /// time: another one ends it, and so does [`Self::cancel_media_check`].
    pub async fn check_media(&self, project_id: ProjectId) -> Result<MediaCheck> {
        let cancel = CancellationToken::new();
        {
            let mut latest = self.inner.media_check.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(before) = latest.replace(cancel.clone()) {
                before.cancel();
            }
        }
        let id = project_id.clone();
        let (project, config, reading) = self
            .blocking(move |inner| {
                let project = inner.store.project(id.as_str())?;
                let config = stored_config(&project)?;
                let reading = Reading::of(inner, project.key)?;
                Ok((project, config, reading))
            })
            .await?;
        let objects = objects(&config);
        if objects.is_empty() {
            return Err(Error::invalid("the labeling config of this project shows no pictures and no PDFs"));
        }
        let mut check = MediaCheck::default();
        let mut reported = Instant::now();
        while check.tasks < project.tasks && !cancel.is_cancelled() {
            let (key, offset) = (project.key, check.tasks);
            let rows = self.blocking(move |inner| Ok(inner.store.tasks(key, offset, PAGE_TASKS)?)).await?;
            if rows.is_empty() {
                break;
            }
            let looks = stream::iter(rows).map(|row| {
                let (objects, reading) = (&objects, &reading);
                async move {
                    let data = stored_data(&row.data);
                    let mut pieces = 0;
                    let mut faults = Vec::new();
                    for (object, variable) in objects {
                        let sources = named(value_at(&data, variable));
                        let missing = sources.is_empty().then(|| (String::new(), Err(MediaError::Missing)));
                        let mut outcomes: Vec<_> = missing.into_iter().collect();
                        for source in sources {
                            pieces += 1;
                            // What is only looked at is not kept in memory.
                            let looked = self.look_once(&source, reading).await;
                            outcomes.push((source, looked));
                        }
                        faults.extend(outcomes.into_iter().filter_map(|(source, outcome)| {
                            let error = outcome.err()?;
                            Some(MediaFault {
                                task_id: row.source_id.unwrap_or(row.id.0),
                                position: row.position,
                                object: object.clone(),
                                source: shown(&source),
                                problem: error.to_string(),
                            })
                        }));
                    }
                    (pieces, faults)
                }
            });
            let mut looks = looks.buffered(SIDE_BY_SIDE);
            while let Some((pieces, faults)) = looks.next().await {
                check.tasks += 1;
                check.pieces += pieces;
                check.faulty_tasks += u32::from(!faults.is_empty());
                let room = FAULTS_MAX - check.faults.len();
                check.faults.extend(faults.into_iter().take(room));
                if cancel.is_cancelled() {
                    break;
                }
                if reported.elapsed() >= REPORT_EVERY {
                    reported = Instant::now();
                    self.inner.sink.media_progress(MediaProgress {
                        project_id: project_id.clone(),
                        tasks: check.tasks,
                        total: project.tasks,
                        faulty_tasks: check.faulty_tasks,
                    });
                }
            }
        }
        check.canceled = cancel.is_cancelled();
        Ok(check)
    }

    /// Ends the look that is at work; what it found until then is its result.
    pub fn cancel_media_check(&self) {
        if let Some(cancel) = &*self.inner.media_check.lock().unwrap_or_else(PoisonError::into_inner) {
            cancel.cancel();
        }
    }
}

/// The objects that show media, each with what it shows.
fn objects(config: &Config) -> Vec<(String, String)> {
    let shown = config.objects().iter().filter(|object| MediaKind::of_tag(&object.tag).is_some());
    shown.filter_map(|object| Some((object.name.clone(), object.variable.clone()?))).collect()
}
