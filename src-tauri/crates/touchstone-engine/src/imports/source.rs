//! Reading tasks from whatever was chosen: a file of any format, or a folder.

use super::{TaskFormat, file_name};
use crate::files::read_text;
use crate::{Error, Result};
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use touchstone_domain::text::file_problem;
use touchstone_labeling::{Config, ImportedTask, Place, Refusal, TaskRules, TextFormat, read_tasks};
use url::Url;

/// A text file of a folder that is larger than this is not a task.
const TEXT_BYTES_MAX: u64 = 32 << 20;

/// Folders deeper than this below the chosen one are left out.
const DEPTH_MAX: usize = 16;

const IMAGES: [&str; 10] = ["avif", "bmp", "gif", "jpeg", "jpg", "png", "svg", "tif", "tiff", "webp"];
const TEXTS: [&str; 6] = ["htm", "html", "log", "markdown", "md", "txt"];

/// What is told of an item: where it is, and the task that it is or why it is none.
pub(crate) type Each<'e> = &'e mut dyn FnMut(Place, std::result::Result<ImportedTask, Refusal>) -> ControlFlow<()>;

/// Something that tasks are read from.
pub(crate) enum Source {
    File {
        file: File,
        format: TextFormat,
        name: String,
        bytes: u64,
    },
    Parquet {
        file: File,
        name: String,
        bytes: u64,
    },
    Folder {
        path: PathBuf,
        /// The data key that gets what a file of it is.
        key: String,
        is_of_images: bool,
    },
    /// The text of a file that is part of the program.
    Text {
        json: &'static str,
        name: &'static str,
    },
}

/// The format of what is at this path, by its ending or, of a folder, by what it holds; `None` if it is none of ours.
pub(super) fn format_of(path: &Path) -> Option<TaskFormat> {
    if path.is_dir() {
        return folder_format(path, 0);
    }
    match extension(path).as_str() {
        "json" => Some(TaskFormat::LabelStudioJson),
        "jsonl" | "ndjson" => Some(TaskFormat::JsonLines),
        "csv" => Some(TaskFormat::Csv),
        "tsv" | "tab" => Some(TaskFormat::Tsv),
        "txt" => Some(TaskFormat::Text),
        "parquet" => Some(TaskFormat::Parquet),
        _ => None,
    }
}

/// Of images, if there is one; else of texts, if there is one.
fn folder_format(folder: &Path, depth: usize) -> Option<TaskFormat> {
    let entries: Vec<_> = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    if entries.iter().any(|path| IMAGES.contains(&extension(path).as_str())) {
        return Some(TaskFormat::ImageFolder);
    }
    let below = entries.iter().filter(|path| depth < DEPTH_MAX && path.is_dir() && !path.is_symlink());
    let below: Vec<_> = below.filter_map(|path| folder_format(path, depth + 1)).collect();
    if below.contains(&TaskFormat::ImageFolder) {
        return Some(TaskFormat::ImageFolder);
    }
    let has_text = !below.is_empty() || entries.iter().any(|path| TEXTS.contains(&extension(path).as_str()));
    has_text.then_some(TaskFormat::TextFolder)
}

fn extension(path: &Path) -> String {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_ascii_lowercase()
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::invalid_field("tasks_path", format!("“{}” could not be read: {}", path.display(), file_problem(error)))
}

impl Source {
    /// Opens what is at `path`. A folder's files go where the config shows an image or a text, and under `image` or
    /// `text` while there is no config.
    pub(crate) fn open(path: &Path, config: Option<&Config>) -> Result<Self> {
        let name = file_name(path.to_str().unwrap_or("the tasks")).to_owned();
        let format = format_of(path).ok_or_else(|| {
            let message = match path.is_dir() {
                true => format!("the folder “{name}” holds neither images nor texts"),
                false => format!("“{name}” is none of the files that tasks are read from"),
            };
            Error::invalid_field("tasks_path", message)
        })?;
        let format = match format {
            TaskFormat::LabelStudioJson => Some(TextFormat::Json),
            TaskFormat::JsonLines => Some(TextFormat::JsonLines),
            TaskFormat::Csv => Some(TextFormat::Csv),
            TaskFormat::Tsv => Some(TextFormat::Tsv),
            TaskFormat::Text => Some(TextFormat::Lines),
            TaskFormat::Parquet => None,
            TaskFormat::ImageFolder | TaskFormat::TextFolder => {
                let is_of_images = format == TaskFormat::ImageFolder;
                let key = match config {
                    Some(config) => folder_key(config, is_of_images, &name)?,
                    None => if is_of_images { "image" } else { "text" }.to_owned(),
                };
                return Ok(Self::Folder { path: path.to_owned(), key, is_of_images });
            }
        };
        let file = File::open(path).map_err(|error| unreadable(path, &error))?;
        let bytes = file.metadata().map_or(0, |metadata| metadata.len());
        Ok(match format {
            Some(format) => Self::File { file, format, name, bytes },
            None => Self::Parquet { file, name, bytes },
        })
    }

    /// A file of tasks that is called `name` in messages and issues, whatever it is called on the disk.
    pub(crate) fn file(path: &Path, format: TextFormat, name: &str) -> Result<Self> {
        let file = File::open(path).map_err(|error| unreadable(path, &error))?;
        let bytes = file.metadata().map_or(0, |metadata| metadata.len());
        Ok(Self::File { file, format, name: name.to_owned(), bytes })
    }

    /// What it is called in messages and issues.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::File { name, .. } | Self::Parquet { name, .. } => name,
            Self::Folder { path, .. } => path.to_str().map_or("the folder", file_name),
            Self::Text { name, .. } => name,
        }
    }

    /// How large it is; 0 where that is not known beforehand.
    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::File { bytes, .. } | Self::Parquet { bytes, .. } => *bytes,
            Self::Folder { .. } => 0,
            Self::Text { json, .. } => json.len() as u64,
        }
    }

    /// Reads it item by item until `each` breaks; `bytes_done` is kept current. The error says why it could not be read
    /// to its end, a clause that goes on from "it could not be imported".
    pub(crate) fn read(
        self,
        rules: &TaskRules,
        bytes_done: &AtomicU64,
        each: Each<'_>,
    ) -> std::result::Result<(), String> {
        match self {
            Self::File { file, format, .. } => {
                read_tasks(Counted { reader: file, bytes: bytes_done }, format, rules, each)
                    .map_err(|error| error.to_string())
            }
            Self::Parquet { file, bytes, .. } => super::parquet::read_rows(file, bytes, rules, bytes_done, each),
            Self::Text { json, .. } => {
                read_tasks(json.as_bytes(), TextFormat::Json, rules, each).map_err(|error| error.to_string())
            }
            Self::Folder { path, key, is_of_images } => {
                let mut walk = Walk { root: &path, key: &key, is_of_images, rules, item: 0, each };
                walk.folder(&path, 0).map(drop).map_err(|error| error.to_string())
            }
        }
    }
}

/// The key of the data that the first object for images, or for texts, shows.
fn folder_key(config: &Config, is_of_images: bool, name: &str) -> Result<String> {
    let tags: &[&str] = if is_of_images { &["Image"] } else { &["Text", "HyperText"] };
    let found = config.objects().iter().find(|object| tags.contains(&object.tag.as_str()));
    found.and_then(|object| object.variable.clone()).ok_or_else(|| {
        let what = if is_of_images { "images" } else { "texts" };
        Error::invalid_field("tasks_path", format!("“{name}” is a folder of {what}, which the config does not show"))
    })
}

/// Counts what is read through it.
struct Counted<'c, R> {
    reader: R,
    bytes: &'c AtomicU64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// On the way through a folder and those below it, each in the order of its names.
struct Walk<'w> {
    root: &'w Path,
    key: &'w str,
    is_of_images: bool,
    rules: &'w TaskRules,
    item: u64,
    each: Each<'w>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) -> io::Result<ControlFlow<()>> {
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            paths.push(entry?.path());
        }
        paths.sort();
        for path in paths {
            let is_hidden = path.file_name().and_then(|name| name.to_str()).is_none_or(|name| name.starts_with('.'));
            // A link may lead in circles.
            let flow = if is_hidden {
                ControlFlow::Continue(())
            } else if path.is_dir() {
                if depth < DEPTH_MAX && !path.is_symlink() {
                    self.folder(&path, depth + 1)?
                } else {
                    ControlFlow::Continue(())
                }
            } else {
                self.file(&path)
            };
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Files of other kinds are refused one by one, so that none is left out silently.
    fn file(&mut self, path: &Path) -> ControlFlow<()> {
        let (known, what): (&[&str], _) = if self.is_of_images { (&IMAGES, "images") } else { (&TEXTS, "texts") };
        self.item += 1;
        let name = path.strip_prefix(self.root).unwrap_or(path).display();
        if !known.contains(&extension(path).as_str()) {
            let message = format!("“{name}” is none of the {what} that the folder is imported for");
            return (self.each)(Place { item: self.item, line: None }, Err(Refusal::new(message)));
        }
        let value = if self.is_of_images { file_url(path) } else { text_of(path) };
        let task = value
            .and_then(|value| self.rules.data(Map::from_iter([(self.key.to_owned(), Value::from(value))])))
            .map_err(|refusal| Refusal::new(format!("“{name}”: {}", refusal.message)));
        (self.each)(Place { item: self.item, line: None }, task)
    }
}

fn file_url(path: &Path) -> std::result::Result<String, Refusal> {
    let refuse = || Refusal::new("it is not at a place that a URL can name");
    let path = std::path::absolute(path).map_err(|_| refuse())?;
    Url::from_file_path(path).map(String::from).map_err(|()| refuse())
}

fn text_of(path: &Path) -> std::result::Result<String, Refusal> {
    let text = read_text(path, TEXT_BYTES_MAX).map_err(|unread| Refusal::new(format!("it {unread}")))?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}
