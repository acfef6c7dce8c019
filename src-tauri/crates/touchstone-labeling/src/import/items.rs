//! Cutting a JSON text into its items without reading it whole: the members of a list, or the one value there is.
//!
//! Only what is needed to find where an item ends is looked at: strings, escapes and brackets. Whether the item is
//! well-formed is left to the parser, so one broken item costs that item and not the file, and the parser works on a
//! slice, which is faster than parsing from a stream.

use super::ImportError;
use memchr::{memchr_iter, memchr2};
use std::io::{self, Read};

/// An item larger than this is not kept, so that a text that never ends does not fill the memory.
pub(crate) const ITEM_BYTES_MAX: usize = 32 << 20;

/// How much is read at once.
const CHUNK: usize = 256 << 10;

/// An item of a JSON text.
pub(crate) struct Item<'a> {
    /// Where it begins, the first line is 1.
    pub line: u64,
    /// The text is this value and no list.
    pub is_only: bool,
    /// `None` if it is larger than [`ITEM_BYTES_MAX`].
    pub bytes: Option<&'a [u8]>,
}

/// The items of a JSON text, one after the other.
pub(crate) struct Items<R> {
    reader: R,
    /// What was read; from `start` on it was not handed out yet.
    buffer: Vec<u8>,
    start: usize,
    /// Of the byte at `start`.
    line: u64,
    column: usize,
    place: Place,
    is_at_end: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Beginning,
    /// In a list: before its first item, or after a comma.
    BeforeItem {
        is_first: bool,
    },
    AfterItem,
    /// After the list, or after the value that is not one.
    End {
        was_list: bool,
    },
}

impl<R: Read> Items<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), start: 0, line: 1, column: 1, place: Place::Beginning, is_at_end: false }
    }

    /// The next item, `None` after the last.
    pub(crate) fn next(&mut self) -> Result<Option<Item<'_>>, ImportError> {
        loop {
            let Some(byte) = self.skip_blanks()? else {
                return match self.place {
                    Place::Beginning => Err(ImportError::Empty),
                    Place::End { .. } => Ok(None),
                    Place::BeforeItem { .. } | Place::AfterItem => Err(self.broken("the file ends too early")),
                };
            };
            match (self.place, byte) {
                (Place::Beginning, b'[') => {
                    self.advance(1);
                    self.place = Place::BeforeItem { is_first: true };
                }
                (Place::Beginning, _) => {
                    self.place = Place::End { was_list: false };
                    return self.item().map(Some);
                }
                (Place::BeforeItem { is_first: true } | Place::AfterItem, b']') => {
                    self.advance(1);
                    self.place = Place::End { was_list: true };
                }
                (Place::BeforeItem { .. }, b']' | b',') => return Err(self.broken("expected value")),
                (Place::BeforeItem { .. }, _) => {
                    self.place = Place::AfterItem;
                    return self.item().map(Some);
                }
                (Place::AfterItem, b',') => {
                    self.advance(1);
                    self.place = Place::BeforeItem { is_first: false };
                }
                (Place::AfterItem, _) => return Err(self.broken("expected `,` or `]`")),
                (Place::End { was_list: false }, _) => return Err(ImportError::More { line: self.line }),
                (Place::End { was_list: true }, _) => return Err(self.broken("trailing characters")),
            }
        }
    }

    fn broken(&self, message: &str) -> ImportError {
        ImportError::Syntax { item: 0, line: self.line, column: self.column, message: message.to_owned() }
    }

    /// Goes to the next byte that is no blank, which it gives.
    fn skip_blanks(&mut self) -> Result<Option<u8>, ImportError> {
        loop {
            let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
            let blanks = self.buffer[self.start..].iter().take_while(is_blank).count();
            self.advance(blanks);
            if let Some(&byte) = self.buffer.get(self.start) {
                return Ok(Some(byte));
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Takes the item that begins at `start`.
    fn item(&mut self) -> Result<Item<'_>, ImportError> {
        let line = self.line;
        let is_only = matches!(self.place, Place::End { was_list: false });
        let mut scan = Scan::default();
        let mut is_too_large = false;
        let length = loop {
            if let Some(length) = scan.run(&self.buffer[self.start..]) {
                break length;
            }
            if self.buffer.len() - self.start > ITEM_BYTES_MAX {
                is_too_large = true;
                self.advance(scan.position);
                scan.position = 0;
            }
            if !self.fill()? {
                if scan.is_open() {
                    return Err(self.broken_at_the_end());
                }
                break self.buffer.len() - self.start;
            }
        };
        let begin = self.start;
        self.advance(length);
        Ok(Item { line, is_only, bytes: (!is_too_large).then(|| &self.buffer[begin..begin + length]) })
    }

    fn broken_at_the_end(&mut self) -> ImportError {
        self.advance(self.buffer.len() - self.start);
        self.broken("the file ends too early")
    }

    /// Hands out the next `count` bytes.
    fn advance(&mut self, count: usize) {
        let bytes = &self.buffer[self.start..self.start + count];
        let mut last_end = None;
        for end in memchr_iter(b'\n', bytes) {
            self.line += 1;
            last_end = Some(end);
        }
        self.column = match last_end {
            Some(end) => count - end,
            None => self.column + count,
        };
        self.start += count;
    }

    /// Reads more behind what is there; whether there was more.
    fn fill(&mut self) -> Result<bool, ImportError> {
        if self.is_at_end {
            return Ok(false);
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let kept = self.buffer.len();
        // A long item is read in steps that grow with it, so that its bytes are not moved again and again.
        let more = CHUNK.max(kept / 2);
        self.buffer.reserve_exact(more);
        self.buffer.resize(kept + more, 0);
        let read = loop {
            match self.reader.read(&mut self.buffer[kept..]) {
                Ok(read) => break read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.buffer.truncate(kept);
                    return Err(ImportError::Io(error));
                }
            }
        };
        self.buffer.truncate(kept + read);
        self.is_at_end = read == 0;
        Ok(read > 0)
    }
}

/// How far the end of an item was looked for.
#[derive(Default)]
struct Scan {
    /// Of the next byte to look at, from the item's first.
    position: usize,
    /// Brackets that are open.
    depth: usize,
    is_in_string: bool,
    /// It is a value without brackets, which ends before the next comma, bracket or blank.
    is_bare: bool,
}

impl Scan {
    fn is_open(&self) -> bool {
        self.depth > 0 || self.is_in_string
    }

    /// Looks through the item's bytes as far as they are there; its length once its end was found.
    fn run(&mut self, bytes: &[u8]) -> Option<usize> {
        while self.position < bytes.len() {
            if self.is_in_string {
                let Some(found) = memchr2(b'"', b'\\', &bytes[self.position..]) else {
                    self.position = bytes.len();
                    return None;
                };
                self.position += found;
                if bytes[self.position] == b'\\' {
                    // The escaped byte may not have been read yet.
                    if self.position + 1 >= bytes.len() {
                        return None;
                    }
                    self.position += 2;
                    continue;
                }
                self.is_in_string = false;
                self.position += 1;
                if self.depth == 0 && !self.is_bare {
                    return Some(self.position);
                }
                continue;
            }
            match bytes[self.position] {
                b'"' => self.is_in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth > 1 => self.depth -= 1,
                b'}' | b']' if self.depth == 1 => return Some(self.position + 1),
                b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n' if self.depth == 0 => {
                    // A stray closing bracket must not be an item of no length.
                    return Some(self.position.max(1));
                }
                _ if self.depth == 0 => self.is_bare = true,
                _ => {}
            }
            self.position += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes one at a time, so that everything is cut everywhere.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let (Some((first, rest)), Some(place)) = (self.0.split_first(), buffer.first_mut()) else { return Ok(0) };
            *place = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    fn items(reader: impl Read) -> (Vec<String>, String) {
        let mut items = Items::new(reader);
        let mut found = Vec::new();
        loop {
            match items.next() {
                Ok(Some(item)) => {
                    let text = item.bytes.map_or("too large".into(), String::from_utf8_lossy);
                    found.push(format!("{} {text}", item.line));
                }
                Ok(None) => return (found, String::new()),
                Err(error) => return (found, error.to_string()),
            }
        }
    }

    #[test]
    fn items_are_cut_where_they_end_however_they_are_read() {
        for (text, expected, end) in [
            (
                r#" [ {"a": "]}\\\""} , [1, [2]],"x\"y" , 7,true ] "#,
                vec![r#"1 {"a": "]}\\\""}"#, "1 [1, [2]]", r#"1 "x\"y""#, "1 7", "1 true"],
                "",
            ),
            ("[\n{\"a\":\n1},\n{}\n]\n", vec!["2 {\"a\":\n1}", "4 {}"], ""),
            ("[]", vec![], ""),
            ("{\"a\": [1]}\n", vec!["1 {\"a\": [1]}"], ""),
            ("[1,]", vec!["1 1"], "it is not well-formed JSON: expected value (line 1, column 4)"),
            ("[1 2]", vec!["1 1"], "it is not well-formed JSON: expected `,` or `]` (line 1, column 4)"),
            ("[{\"a\": \"b", vec![], "it is not well-formed JSON: the file ends too early (line 1, column 10)"),
            ("[1] 2", vec!["1 1"], "it is not well-formed JSON: trailing characters (line 1, column 5)"),
            ("}", vec!["1 }"], ""),
            ("", vec![], "it is empty"),
        ] {
            let expected = (expected.into_iter().map(str::to_owned).collect::<Vec<_>>(), end.to_owned());
            assert_eq!(items(text.as_bytes()), expected, "{text}");
            assert_eq!(items(Slow(text.as_bytes())), expected, "{text}, a byte at a time");
        }
    }

    #[test]
    fn an_item_without_end_is_left_out_without_being_kept() {
        let long = io::repeat(b'x').take((ITEM_BYTES_MAX + CHUNK * 4) as u64);
        let text = (&b"[{\"a\": \""[..]).chain(long).chain(&b"\"}, {\"a\": 1}]"[..]);
        let mut items = Items::new(text);
        assert!(items.next().expect("an item").expect("there is one").bytes.is_none());
        let second = items.next().expect("an item").expect("there is one");
        assert_eq!(second.bytes, Some(&br#"{"a": 1}"#[..]));
        assert!(items.buffer.capacity() < 2 * ITEM_BYTES_MAX, "{}", items.buffer.capacity());
    }
}
