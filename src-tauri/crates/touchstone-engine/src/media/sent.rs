//! Media as a model is sent them: of the types and sizes that its server takes.

use super::{Kept, MediaError, MediaKind, Reading, Source, off_thread, shown};
use crate::Engine;
use crate::requests::Wanted;
use std::sync::Arc;
use std::time::Duration;
use touchstone_providers::{Media as File, MediaLimits, Part};

/// How media go to one model.
#[derive(Clone, Debug)]
pub(crate) struct Sending {
    pub reading: Reading,
    pub limits: MediaLimits,
    /// Who takes them, for words.
    pub to: &'static str,
    /// What was read lately will do: for a request that is shown. One that is sent is of what is there now.
    pub may_be_kept: bool,
}

impl Sending {
    /// Pixels that the longer side of a picture may have in a request of so many.
    fn side(&self, pictures: usize) -> u32 {
        self.reading.settings.media_side_px.min(self.limits.side_px_max(pictures).unwrap_or(u32::MAX))
    }
}

/// Why media cannot be sent, in words and with a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unsent {
    pub code: &'static str,
    pub message: String,
    /// Trying again may help.
    pub is_passing: bool,
}

/// A file of a request for code that reads it itself.
#[derive(Clone, Debug)]
pub(crate) struct Original {
    pub origin: Origin,
    /// Of the file as it is.
    pub mime: &'static str,
    /// Pixels of the longer side that a run makes it smaller to first.
    pub smaller_to: Option<u32>,
}

/// Where the bytes of a file come from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// A path on this computer.
    File(String),
    /// `http` or `https`.
    Web(String),
    /// They stand in the task itself.
    Task(Vec<u8>),
}

/// How long a request that is only shown waits for one piece of media.
const SHOWN_WITHIN: Duration = Duration::from_secs(5);

impl Engine {
    /// Reads the media of a request, in its order.
    pub(crate) async fn media_to_send(&self, wanted: &[Wanted], sending: &Sending) -> Result<Vec<Part>, Unsent> {
        let mut parts = Parts::of(wanted);
        for wanted in wanted {
            let part = self.part(wanted, parts.pictures, sending).await;
            parts.add(wanted, part, sending)?;
        }
        Ok(parts.read)
    }

    /// The media of a request that is shown: words stand for what cannot be sent, and are given back too.
    pub(crate) async fn media_to_show(&self, wanted: &[Wanted], sending: &Sending) -> (Vec<Part>, Vec<Unsent>) {
        let mut parts = Parts::of(wanted);
        let mut unsent = Vec::new();
        for wanted in wanted {
            let reading = tokio::time::timeout(SHOWN_WITHIN, self.part(wanted, parts.pictures, sending));
            let part = reading.await.unwrap_or(Err(MediaError::Slow));
            if let Err(why) = parts.add(wanted, part, sending) {
                parts.read.push(wanted.kind.part(File::unread(wanted.kind.word(), &why.message)));
                unsent.push(why);
            }
        }
        (parts.read, unsent)
    }

    /// Where the media of a request come from, in its order, once they can be sent.
    pub(crate) async fn originals(&self, wanted: &[Wanted], sending: &Sending) -> Result<Vec<Original>, Unsent> {
        self.media_to_send(wanted, sending).await?;
        let pictures = Parts::of(wanted).pictures;
        let mut originals = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            let original = self.original(&wanted.source, sending.side(pictures), &sending.reading).await;
            originals.push(original.map_err(|error| Unsent::of(wanted, &error))?);
        }
        Ok(originals)
    }

    async fn original(&self, source: &str, side: u32, reading: &Reading) -> Result<Original, MediaError> {
        let whole = self.kept(source, None, reading).await?;
        let is_smaller = whole.looked.size.is_some_and(|(width, height)| width.max(height) > side);
        let origin = match reading.source(source)? {
            Source::File(path) => Origin::File(path.to_string_lossy().into_owned()),
            // Code that reads it itself needs the server's token for it.
            Source::Web(url) | Source::Server(url) => Origin::Web(url),
            Source::Inline(bytes) => Origin::Task(bytes),
        };
        Ok(Original { origin, mime: whole.media.mime, smaller_to: is_smaller.then_some(side) })
    }

    async fn part(&self, wanted: &Wanted, pictures: usize, sending: &Sending) -> Result<Part, MediaError> {
        let Sending { reading, limits, to, may_be_kept } = sending;
        let side = sending.side(pictures);
        let kept = if *may_be_kept {
            self.kept(&wanted.source, Some(side), reading).await?
        } else {
            self.fresh(&wanted.source, side, reading).await?
        };
        if kept.looked.kind != wanted.kind {
            return Err(MediaError::OtherKind { is: kept.looked.kind.word(), shown_as: wanted.kind.word() });
        }
        if wanted.kind == MediaKind::Image && !limits.image_types.contains(&kept.media.mime) {
            return Err(MediaError::NotTaken { to, mime: kept.media.mime });
        }
        let kind = wanted.kind;
        // Hashing takes a while.
        off_thread(move || Ok(kind.part(File::new(kept.media.mime, kept.media.bytes.as_slice())))).await
    }

    /// What is there now. It is not kept: the media of a whole project do not fit.
    async fn fresh(&self, source: &str, side: u32, reading: &Reading) -> Result<Arc<Kept>, MediaError> {
        let source = reading.source(source)?;
        self.check_readable(&source, &reading.settings).await?;
        let whole = self.read(source, reading).await?;
        self.made_smaller(Arc::new(whole), side).await
    }
}

/// Media of one request that were read.
struct Parts {
    read: Vec<Part>,
    /// On the wire.
    bytes: usize,
    /// All that the request shows.
    pictures: usize,
}

impl Parts {
    fn of(wanted: &[Wanted]) -> Self {
        let pictures = wanted.iter().filter(|wanted| wanted.kind == MediaKind::Image).count();
        Self { read: Vec::with_capacity(wanted.len()), bytes: 0, pictures }
    }

    fn add(&mut self, wanted: &Wanted, part: Result<Part, MediaError>, sending: &Sending) -> Result<(), Unsent> {
        let part = part.map_err(|error| Unsent::of(wanted, &error))?;
        if let Part::Image(file) | Part::Pdf(file) = &part {
            self.bytes += file.sent_bytes();
        }
        if let Some(most) = sending.limits.request_bytes_max.filter(|most| self.bytes > *most) {
            let error = MediaError::TooLargeToSend { to: sending.to, megabytes: most / 1_000_000 };
            return Err(Unsent::of(wanted, &error));
        }
        self.read.push(part);
        Ok(())
    }
}

impl MediaKind {
    /// A part of a message that is a file of this kind.
    pub(crate) fn part(self, file: File) -> Part {
        match self {
            Self::Image => Part::Image(file),
            Self::Pdf => Part::Pdf(file),
        }
    }
}

impl Unsent {
    fn of(wanted: &Wanted, error: &MediaError) -> Self {
        let source = shown(&wanted.source);
        let source = if source.is_empty() { source } else { format!(" “{source}”") };
        Self {
            code: error.code(),
            message: format!("The {}{source} cannot be sent: {error}.", wanted.kind.word()),
            is_passing: error.is_passing(),
        }
    }
}
