//! Pictures and documents that tasks name: read, looked at whole, and made smaller to be shown.
//!
//! Only what a task's own data names can be asked for, and only what is a picture or a document by its bytes is given
//! out: a task that names some other file of this machine learns nothing of it. Reading is bounded before, while and
//! after: by the settings, by what a picture may claim, and by how many are read at once.

mod check;
mod home;
mod picture;
mod sent;
mod source;

pub use check::{MediaCheck, MediaFault, MediaProgress};
pub(crate) use sent::{Origin, Original, Sending, Unsent};

use crate::settings::Settings;
use crate::tasks::stored_data;
use crate::{Engine, Error, Inner, Result};
pub(crate) use home::Home;
use picture::{Looked, look, smaller};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde::Serialize;
use serde_json::Value;
use source::{Source, shown};
use specta::Type;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use touchstone_domain::TaskId;
use touchstone_labeling::value_at;
use touchstone_net::{NetError, Purpose};

/// How long a file may take to arrive.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of media that are kept in memory.
const CACHED_BYTES: u64 = 64 << 20;

/// Files that are read at once.
const READ_AT_ONCE: usize = 8;

/// Pictures that are decoded at once, each of which may take a quarter of a gigabyte.
const DECODED_AT_ONCE: usize = 2;

/// Pieces of media that one field of a task may name.
const PIECES_MAX: usize = 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    Image,
    Pdf,
}

impl MediaKind {
    /// What an object with this tag shows. Sound and video are shown by Label Studio, and sent to no model here.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        match tag {
            _ if tag.eq_ignore_ascii_case("Image") => Some(Self::Image),
            _ if tag.eq_ignore_ascii_case("Pdf") => Some(Self::Pdf),
            _ => None,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Image => "picture",
            Self::Pdf => "PDF",
        }
    }
}

/// Why media cannot be used, in words that end a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    #[error("the task names none")]
    Missing,
    #[error("it is neither an address nor a whole path; where it begins is not known here")]
    Relative,
    #[error("it is a file of a Label Studio server, which is not on this machine")]
    ServerFile,
    #[error("it is in a cloud storage; make a signed https address of it")]
    CloudStorage,
    #[error("only http, https, file and data addresses are read")]
    Scheme,
    #[error("files of other machines are not read")]
    Elsewhere,
    #[error("it is not on this machine")]
    NotHere,
    #[error("there is no such file")]
    NotFound,
    #[error("the file may not be read")]
    Denied,
    #[error("it is no file")]
    NotAFile,
    #[error("it could not be read: {0}")]
    Unreadable(String),
    #[error("it is larger than {0} MB, the limit in the settings")]
    TooLarge(u32),
    #[error("it is empty")]
    Empty,
    #[error("it is neither a picture nor a PDF")]
    NotMedia,
    #[error("it is a picture of the type {0}; make it a PNG, JPEG, GIF or WebP")]
    OtherPicture(&'static str),
    #[error("it has too many pixels")]
    TooManyPixels,
    #[error("it is damaged")]
    Damaged,
    #[error("reading from the web is switched off in the settings")]
    WebOff,
    #[error("{}", NetError::Offline)]
    Offline,
    #[error("{host} says {status}")]
    Status { host: String, status: u16 },
    #[error("{host}: {error}")]
    Network { host: String, error: NetError },
    #[error("reading it takes long")]
    Slow,
    #[error("it is a {is}, and the labeling interface shows it as a {shown_as}")]
    OtherKind { is: &'static str, shown_as: &'static str },
    #[error("{to} takes no pictures of the type {mime}")]
    NotTaken { to: &'static str, mime: &'static str },
    #[error("the request would be larger than {megabytes} MB, which is all that {to} takes")]
    TooLargeToSend { to: &'static str, megabytes: usize },
}

impl MediaError {
    /// Not a task's failure: the run waits until Offline is switched off.
    pub(crate) const OFFLINE: &'static str = "offline";

    /// The code that is kept with a task that failed for it.
    fn code(&self) -> &'static str {
        match self {
            Self::Missing | Self::NotFound => "media_missing",
            Self::Offline => Self::OFFLINE,
            Self::WebOff | Self::Slow | Self::Status { .. } | Self::Network { .. } => "media_unreachable",
            _ => "media_unusable",
        }
    }

    /// Whether it may be gone in a moment.
    fn is_passing(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500..),
            Self::Network { error, .. } => {
                use NetError::{Broken, Refused, Timeout, Unconnected, UnknownHost, Wordless};
                matches!(error, UnknownHost | Refused | Unconnected | Timeout | Broken | Wordless)
            }
            _ => false,
        }
    }
}

impl From<MediaError> for Error {
    fn from(error: MediaError) -> Self {
        match error {
            MediaError::Missing => Self::not_found("media", "of the task"),
            MediaError::Offline => Self::Offline,
            other => Self::invalid(other.to_string()),
        }
    }
}

/// What a field of a task names.
#[derive(Clone, Debug, Serialize, Type)]
pub struct MediaInfo {
    /// Its place in the field, from 0.
    pub index: u32,
    /// What the task says, shortened, without a signature.
    pub source: String,
    /// `None` when it cannot be used.
    pub kind: Option<MediaKind>,
    pub mime: Option<String>,
    pub bytes: Option<f64>,
    /// Pixels, as it is seen; of pictures.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// Why it cannot be used, in words.
    pub problem: Option<String>,
}

/// A piece of media, whole and usable.
#[derive(Clone, Debug)]
pub struct Media {
    pub bytes: Vec<u8>,
    pub mime: &'static str,
}

/// Which bytes: where they are, how a file was when it was read, and the side they were made smaller to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    source: String,
    stamp: Option<(u64, Option<std::time::SystemTime>)>,
    side: Option<u32>,
}

#[derive(Clone, Debug)]
struct Kept {
    media: Media,
    looked: Looked,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Arc<Kept>> for Bytes {
    fn weight(&self, key: &Key, kept: &Arc<Kept>) -> u64 {
        (kept.media.bytes.len() + key.source.len()) as u64 + 64
    }
}

/// How media are read: within the limits of the settings, and through the server that the project came from where it has them.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub settings: Settings,
    /// In words, why it cannot be asked.
    pub home: Option<std::result::Result<Home, String>>,
}

impl Reading {
    pub(crate) fn of(inner: &Inner, project_key: i64) -> Result<Self> {
        Ok(Self { settings: Settings::read(inner)?, home: Home::of(inner, project_key)? })
    }

    fn source(&self, text: &str) -> std::result::Result<Source, MediaError> {
        match &self.home {
            Some(Ok(home)) => home.url(text).map_or_else(|| Source::parse(text), |url| Ok(Source::Server(url))),
            Some(Err(why)) => Source::parse(text).map_err(|error| match error {
                MediaError::ServerFile => MediaError::Unreadable(why.clone()),
                error => error,
            }),
            None => Source::parse(text),
        }
    }
}

/// What was read lately, and the limits to reading.
pub(crate) struct Library {
    kept: Cache<Key, Arc<Kept>, Bytes>,
    reading: Semaphore,
    decoding: Semaphore,
}

impl Default for Library {
    fn default() -> Self {
        Self {
            kept: Cache::with_weighter(256, CACHED_BYTES, Bytes),
            reading: Semaphore::new(READ_AT_ONCE),
            decoding: Semaphore::new(DECODED_AT_ONCE),
        }
    }
}

impl Engine {
    /// What the field `variable` of a task names, each looked at whole.
    pub async fn media_info(&self, task: TaskId, variable: String) -> Result<Vec<MediaInfo>> {
        let (sources, reading) = self.sources(task, variable).await?;
        let mut infos = Vec::with_capacity(sources.len());
        for (index, source) in (0..).zip(&sources) {
            let looked = self.kept(source, None, &reading).await;
            infos.push(info(index, source, looked.as_deref()));
        }
        Ok(infos)
    }

    /// One of them, made smaller to `side` pixels if it is a larger picture; at most as large as the settings say.
    pub async fn media(&self, task: TaskId, variable: String, index: u32, side: Option<u32>) -> Result<Media> {
        let (source, reading) = self.source_at(task, variable, index).await?;
        self.smaller(&source, side, &reading).await
    }

    /// The same, of what is on this machine: to look through tasks is not to ask others for each of their pictures.
    pub async fn media_here(&self, task: TaskId, variable: String, index: u32, side: Option<u32>) -> Result<Media> {
        let (source, reading) = self.source_at(task, variable, index).await?;
        match reading.source(&source)? {
            Source::Web(_) | Source::Server(_) => Err(MediaError::NotHere.into()),
            Source::File(_) | Source::Inline(_) => self.smaller(&source, side, &reading).await,
        }
    }

    async fn source_at(&self, task: TaskId, variable: String, index: u32) -> Result<(String, Reading)> {
        let (sources, reading) = self.sources(task, variable).await?;
        let source = sources.into_iter().nth(index as usize).ok_or(MediaError::Missing)?;
        Ok((source, reading))
    }

    async fn smaller(&self, source: &str, side: Option<u32>, reading: &Reading) -> Result<Media> {
        let side_max = reading.settings.media_side_px;
        let side = side.unwrap_or(side_max).clamp(1, side_max);
        Ok(self.kept(source, Some(side), reading).await?.media.clone())
    }

    async fn sources(&self, task: TaskId, variable: String) -> Result<(Vec<String>, Reading)> {
        self.blocking(move |inner| {
            let row = inner.store.task(task)?;
            let data = stored_data(&row.data);
            let project_key = inner.store.project_of_task(task)?.key;
            Ok((named(value_at(&data, &variable)), Reading::of(inner, project_key)?))
        })
        .await
    }

    async fn kept(
        &self,
        text: &str,
        side: Option<u32>,
        reading: &Reading,
    ) -> std::result::Result<Arc<Kept>, MediaError> {
        let source = reading.source(text)?;
        if matches!(source, Source::Web(_)) && !reading.settings.media_from_web {
            return Err(MediaError::WebOff);
        }
        let stamp = match &source {
            Source::File(path) => Some(stamp(path.clone()).await?),
            Source::Web(_) | Source::Server(_) | Source::Inline(_) => None,
        };
        // Paths are those of one server.
        let place = if let Source::Server(url) = &source { url.clone() } else { text.to_owned() };
        let key = Key { source: place, stamp, side };
        let library = &self.inner.media;
        library
            .kept
            .get_or_insert_async(&key, async {
                match side {
                    None => self.read(source, reading).await.map(Arc::new),
                    Some(side) => {
                        let whole = Box::pin(self.kept(text, None, reading)).await?;
                        self.made_smaller(whole, side).await
                    }
                }
            })
            .await
    }

    /// Whether a piece of media can be used. It is not kept: a whole project does not fit.
    async fn look_once(&self, text: &str, reading: &Reading) -> std::result::Result<(), MediaError> {
        let source = reading.source(text)?;
        self.check_readable(&source, &reading.settings).await?;
        self.read(source, reading).await.map(drop)
    }

    /// What can be said before anything is read.
    async fn check_readable(&self, source: &Source, settings: &Settings) -> std::result::Result<(), MediaError> {
        match source {
            Source::Web(_) if !settings.media_from_web => Err(MediaError::WebOff),
            Source::File(path) => stamp(path.clone()).await.map(drop),
            Source::Web(_) | Source::Server(_) | Source::Inline(_) => Ok(()),
        }
    }

    /// Reads a piece of media and looks at it.
    async fn read(&self, source: Source, reading: &Reading) -> std::result::Result<Kept, MediaError> {
        let (limit, megabytes) = (reading.settings.media_bytes_max(), reading.settings.media_megabytes_max);
        let _reading = permit(&self.inner.media.reading).await?;
        let bytes = match source {
            Source::Inline(bytes) if bytes.len() > limit => return Err(MediaError::TooLarge(megabytes)),
            Source::Inline(bytes) => bytes,
            Source::File(path) => off_thread(move || file(&path, limit, megabytes)).await?,
            Source::Web(url) => web(&self.inner, &url, limit, megabytes).await?,
            Source::Server(url) => match &reading.home {
                Some(Ok(home)) => home.file(&url, limit, megabytes).await?,
                _ => return Err(MediaError::ServerFile),
            },
        };
        let _decoding = permit(&self.inner.media.decoding).await?;
        off_thread(move || {
            let looked = look(&bytes)?;
            Ok(Kept { media: Media { bytes, mime: looked.mime }, looked })
        })
        .await
    }

    async fn made_smaller(&self, whole: Arc<Kept>, side: u32) -> std::result::Result<Arc<Kept>, MediaError> {
        if whole.looked.size.is_none_or(|(width, height)| width.max(height) <= side) {
            return Ok(whole);
        }
        let _decoding = permit(&self.inner.media.decoding).await?;
        off_thread(move || {
            Ok(match smaller(&whole.media.bytes, &whole.looked, side)? {
                None => whole,
                Some((bytes, mime)) => Arc::new(Kept { media: Media { bytes, mime }, looked: whole.looked.clone() }),
            })
        })
        .await
    }
}

/// The sources that a value names: it is one, or a list of them.
pub(crate) fn named(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(source)) => vec![source.clone()],
        Some(Value::Array(sources)) => {
            let texts = sources.iter().take(PIECES_MAX);
            texts.map(|source| source.as_str().unwrap_or_default().to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

fn info(index: u32, source: &str, kept: std::result::Result<&Kept, &MediaError>) -> MediaInfo {
    let looked = kept.ok().map(|kept| &kept.looked);
    #[expect(clippy::cast_precision_loss, reason = "files are far below 2^53 bytes")]
    let bytes = kept.ok().map(|kept| kept.media.bytes.len() as f64);
    MediaInfo {
        index,
        source: shown(source),
        kind: looked.map(|looked| looked.kind),
        mime: looked.map(|looked| looked.mime.to_owned()),
        bytes,
        width: looked.and_then(|looked| looked.size).map(|(width, _)| width),
        height: looked.and_then(|looked| looked.size).map(|(_, height)| height),
        problem: kept.err().map(ToString::to_string),
    }
}

async fn permit(semaphore: &Semaphore) -> std::result::Result<tokio::sync::SemaphorePermit<'_>, MediaError> {
    semaphore.acquire().await.map_err(|_| MediaError::Unreadable("the program is closing".to_owned()))
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> std::result::Result<T, MediaError> + Send + 'static,
) -> std::result::Result<T, MediaError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(panic) => {
            tracing::error!(%panic, "reading media");
            Err(MediaError::Damaged)
        }
    }
}

/// How a file is now, so that one that is changed is read again.
async fn stamp(path: std::path::PathBuf) -> std::result::Result<(u64, Option<std::time::SystemTime>), MediaError> {
    off_thread(move || {
        let metadata = std::fs::metadata(&path).map_err(|error| of_file(&error))?;
        // A pipe or a device might never end.
        if metadata.is_file() { Ok((metadata.len(), metadata.modified().ok())) } else { Err(MediaError::NotAFile) }
    })
    .await
}

fn file(path: &Path, limit: usize, megabytes: u32) -> std::result::Result<Vec<u8>, MediaError> {
    let file = std::fs::File::open(path).map_err(|error| of_file(&error))?;
    let mut bytes = Vec::new();
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|error| of_file(&error))?;
    if bytes.len() > limit { Err(MediaError::TooLarge(megabytes)) } else { Ok(bytes) }
}

fn of_file(error: &std::io::Error) -> MediaError {
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => MediaError::NotFound,
        std::io::ErrorKind::PermissionDenied => MediaError::Denied,
        _ => MediaError::Unreadable(error.to_string()),
    }
}

async fn web(inner: &Inner, url: &str, limit: usize, megabytes: u32) -> std::result::Result<Vec<u8>, MediaError> {
    let host = || touchstone_net::parse_address(url).map(|address| address.host).unwrap_or_default();
    match inner.network.client(Purpose::Media).get_file(url, limit, TIMEOUT).await {
        Ok(reply) if (200..300).contains(&reply.status) => Ok(reply.body),
        Ok(reply) => Err(MediaError::Status { host: host(), status: reply.status }),
        Err(NetError::TooLarge(_)) => Err(MediaError::TooLarge(megabytes)),
        Err(NetError::Offline) => Err(MediaError::Offline),
        Err(error) => Err(MediaError::Network { host: host(), error }),
    }
}
