//! Media as a model is sent them: of the types and sizes that its server takes.

use super::{Kept, MediaError, MediaKind, Source, off_thread, shown};
use crate::Engine;
use crate::requests::Wanted;
use crate::settings::Settings;
use std::sync::Arc;
use std::time::Duration;
use touchstone_providers::{Media as File, MediaLimits, Part};

/// How media go to one model.
#[derive(Clone, Debug)]
pub(crate) struct Sending {
    pub settings: Settings,
    pub limits: MediaLimits,
    /// Who takes them, for words.
    pub to: &'static str,
    /// What was read lately will do: for a request that is shown. One that is sent is of what is there now.
    pub may_be_kept: bool,
}

/// Why media cannot be sent, in words and with a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unsent {
    pub code: &'static str,
    pub message: String,
    /// Trying again may help.
    pub is_passing: bool,
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
                parts.read.push(part_of(wanted.kind, File::unread(wanted.kind.word(), &why.message)));
                unsent.push(why);
            }
        }
        (parts.read, unsent)
    }

    async fn part(&self, wanted: &Wanted, pictures: usize, sending: &Sending) -> Result<Part, MediaError> {
        let Sending { settings, limits, to, may_be_kept } = sending;
        let limit = limits.side_px_max(pictures).unwrap_or(u32::MAX);
        let side = settings.media_side_px.min(limit);
        let kept = if *may_be_kept {
            self.kept(&wanted.source, Some(side), settings).await?
        } else {
            self.fresh(&wanted.source, side, settings).await?
        };
        if kept.looked.kind != wanted.kind {
            return Err(MediaError::OtherKind { is: kept.looked.kind.word(), shown_as: wanted.kind.word() });
        }
        if wanted.kind == MediaKind::Image && !limits.image_types.contains(&kept.media.mime) {
            return Err(MediaError::NotTaken { to, mime: kept.media.mime });
        }
        let kind = wanted.kind;
        // Hashing takes a while.
        off_thread(move || Ok(part_of(kind, File::new(kept.media.mime, kept.media.bytes.as_slice())))).await
    }

    /// What is there now. It is not kept: the media of a whole project do not fit.
    async fn fresh(&self, source: &str, side: u32, settings: &Settings) -> Result<Arc<Kept>, MediaError> {
        let source = Source::parse(source)?;
        self.check_readable(&source, settings).await?;
        let whole = self.read(source, settings).await?;
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

fn part_of(kind: MediaKind, file: File) -> Part {
    match kind {
        MediaKind::Image => Part::Image(file),
        MediaKind::Pdf => Part::Pdf(file),
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
