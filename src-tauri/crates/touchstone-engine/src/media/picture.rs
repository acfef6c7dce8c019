//! What bytes are: told from the bytes, never from a name; and pictures made smaller.

use super::{MediaError, MediaKind};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Memory that a decoded picture may take, in bytes: 64 million pixels of four bytes. A file of a few kilobytes can
/// claim many times that.
const DECODED_BYTES_MAX: u64 = 256 << 20;

/// Pixels of a side that a picture may have.
const SIDE_MAX: u32 = 32_768;

const JPEG_QUALITY: u8 = 85;

/// Where the first bytes of a PDF may stand.
const PDF_HEAD: usize = 1024;

/// Media that was looked at from its first byte to its last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Looked {
    pub(super) kind: MediaKind,
    pub(super) mime: &'static str,
    /// As it is seen, which may be turned from how it is stored; `None` where it is no picture.
    pub(super) size: Option<(u32, u32)>,
}

/// What these bytes are. A picture is decoded whole: one that is cut off in its middle is no picture.
pub(super) fn look(bytes: &[u8]) -> Result<Looked, MediaError> {
    if bytes.is_empty() {
        return Err(MediaError::Empty);
    }
    if let Some(mime) = mime_of(bytes)? {
        let picture = decode(bytes)?;
        return Ok(Looked { kind: MediaKind::Image, mime, size: Some((picture.width(), picture.height())) });
    }
    let head = &bytes[..bytes.len().min(PDF_HEAD)];
    if head.windows(5).any(|window| window == b"%PDF-") {
        return Ok(Looked { kind: MediaKind::Pdf, mime: "application/pdf", size: None });
    }
    Err(MediaError::NotMedia)
}

/// The type of a picture that can be shown and sent; an error for other pictures, `None` for what is none.
fn mime_of(bytes: &[u8]) -> Result<Option<&'static str>, MediaError> {
    match image::guess_format(bytes) {
        Ok(ImageFormat::Png) => Ok(Some("image/png")),
        Ok(ImageFormat::Jpeg) => Ok(Some("image/jpeg")),
        Ok(ImageFormat::Gif) => Ok(Some("image/gif")),
        Ok(ImageFormat::WebP) => Ok(Some("image/webp")),
        Ok(other) => Err(MediaError::OtherPicture(other.extensions_str().first().copied().unwrap_or("other"))),
        Err(_) if is_svg(bytes) => Err(MediaError::OtherPicture("svg")),
        Err(_) => Ok(None),
    }
}

fn is_svg(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(PDF_HEAD)]);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    head.starts_with("<svg") || (head.starts_with("<?xml") && head.contains("<svg"))
}

/// The picture upright; the first one of an animation.
fn decode(bytes: &[u8]) -> Result<DynamicImage, MediaError> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(DECODED_BYTES_MAX);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| MediaError::Damaged)?;
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| why(&error))?;
    if decoder.total_bytes() > DECODED_BYTES_MAX {
        return Err(MediaError::TooManyPixels);
    }
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| why(&error))?;
    picture.apply_orientation(turned);
    Ok(picture)
}

fn why(error: &image::ImageError) -> MediaError {
    match error {
        image::ImageError::Limits(_) => MediaError::TooManyPixels,
        _ => MediaError::Damaged,
    }
}

/// A picture whose longer side has at most `side` pixels, and its type. `None` when it is as it should be already.
pub(super) fn smaller(bytes: &[u8], looked: &Looked, side: u32) -> Result<Option<(Vec<u8>, &'static str)>, MediaError> {
    let Some((width, height)) = looked.size else { return Ok(None) };
    if width.max(height) <= side {
        return Ok(None);
    }
    let picture = decode(bytes)?;
    let small = picture.resize(side, side, FilterType::Triangle);
    let mut out = Vec::new();
    // What can be seen through needs a format that knows it.
    if small.color().has_alpha() {
        small.write_with_encoder(PngEncoder::new(&mut out)).map_err(|_| MediaError::Damaged)?;
        return Ok(Some((out, "image/png")));
    }
    let encoder = JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY);
    DynamicImage::ImageRgb8(small.to_rgb8()).write_with_encoder(encoder).map_err(|_| MediaError::Damaged)?;
    Ok(Some((out, "image/jpeg")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut out = Vec::new();
        let picture = RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 7]));
        DynamicImage::ImageRgb8(picture).write_with_encoder(PngEncoder::new(&mut out)).expect("a picture");
        out
    }

    #[test]
    fn a_picture_is_known_by_its_bytes_and_made_smaller() {
        let bytes = png(640, 320);
        let looked = look(&bytes).expect("a picture");
        assert_eq!((looked.kind, looked.mime, looked.size), (MediaKind::Image, "image/png", Some((640, 320))));
        let (small, mime) = smaller(&bytes, &looked, 100).expect("a picture").expect("smaller");
        assert_eq!((mime, look(&small).expect("a picture").size), ("image/jpeg", Some((100, 50))));
        assert_eq!(smaller(&bytes, &looked, 640), Ok(None));
    }

    #[test]
    fn what_can_be_seen_through_stays_so() {
        let mut bytes = Vec::new();
        let picture = RgbaImage::from_pixel(80, 80, Rgba([1, 2, 3, 0]));
        DynamicImage::ImageRgba8(picture).write_with_encoder(PngEncoder::new(&mut bytes)).expect("a picture");
        let looked = look(&bytes).expect("a picture");
        assert_eq!(smaller(&bytes, &looked, 40).expect("a picture").expect("smaller").1, "image/png");
    }

    #[test]
    fn what_is_no_picture_is_told_apart() {
        let cut = png(200, 200);
        for (bytes, error) in [
            (&b""[..], MediaError::Empty),
            (b"root:x:0:0:root", MediaError::NotMedia),
            (b"<svg onload='x'/>", MediaError::OtherPicture("svg")),
            (b"<?xml version='1.0'?><svg/>", MediaError::OtherPicture("svg")),
            (b"BM\0\0\0\0\0\0\0\0", MediaError::OtherPicture("bmp")),
            (&cut[..cut.len() / 2], MediaError::Damaged),
            (&cut[..20], MediaError::Damaged),
        ] {
            assert_eq!(look(bytes), Err(error), "{} bytes", bytes.len());
        }
        assert_eq!(look(b"%PDF-1.7 \n").map(|looked| looked.kind), Ok(MediaKind::Pdf));
    }

    #[test]
    fn a_small_file_that_claims_many_pixels_is_refused() {
        // The size in the header of a PNG, which its checksum covers.
        let mut bomb = png(8, 8);
        bomb[16..24].copy_from_slice(&[0, 0, 0x70, 0, 0, 0, 0x70, 0]);
        let sum = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&sum.to_be_bytes());
        assert_eq!(look(&bomb), Err(MediaError::TooManyPixels));
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 })
        })
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400), cut in 0usize..400) {
            let _ = look(&bytes);
            let mut damaged = png(16, 16);
            let at = cut % damaged.len();
            damaged[at] ^= bytes.first().copied().unwrap_or(1);
            let _ = look(&damaged);
        }
    }
}
