//! Which tasks are equal, among any number of them and in bounded memory: what is known of each waits in a file of its
//! own, and is looked through a part of the hashes at a time.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// Tasks that are compared at a time, 16 bytes each.
const PART: u64 = 400_000;

/// Bytes of a task in the file.
const SIZE: usize = 16;

/// A task whose hash was seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Duplicate {
    /// Its place in the file; the first is 1.
    pub item: u32,
    pub line: Option<u32>,
    /// The first item with the same hash; `None` if the project had it before.
    pub first: Option<u32>,
}

/// The tasks of an import, and the hashes that were there before it.
pub(super) struct Tasks {
    /// Made with the first task.
    file: Option<BufWriter<File>>,
    count: u64,
}

impl Tasks {
    pub(super) fn new() -> Self {
        Self { file: None, count: 0 }
    }

    /// A task that was there before.
    pub(super) fn add_earlier(&mut self, hash: i64) -> io::Result<()> {
        self.add(hash, 0, None)
    }

    /// A task of the import. Hashes are never negative.
    pub(super) fn add(&mut self, hash: i64, item: u32, line: Option<u32>) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(BufWriter::with_capacity(1 << 16, tempfile::tempfile()?)),
        };
        let mut bytes = [0; SIZE];
        bytes[..8].copy_from_slice(&hash.to_le_bytes());
        bytes[8..12].copy_from_slice(&item.to_le_bytes());
        bytes[12..].copy_from_slice(&line.unwrap_or(0).to_le_bytes());
        self.count += 1;
        file.write_all(&bytes)
    }

    /// The tasks of the import whose hash an earlier task has: the first `kept` of them, and how many there are.
    pub(super) fn duplicates(self, kept: usize) -> io::Result<(Vec<Duplicate>, u32)> {
        let Some(file) = self.file else { return Ok((Vec::new(), 0)) };
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let parts = self.count.div_ceil(PART);
        let mut found = Vec::new();
        let mut total = 0;
        for part in 0..parts {
            file.rewind()?;
            let mut reader = BufReader::with_capacity(1 << 16, &file);
            let mut tasks = Vec::new();
            for _ in 0..self.count {
                let mut bytes = [0; SIZE];
                reader.read_exact(&mut bytes)?;
                let task = decoded(bytes);
                if part_of(task.0, parts) == part {
                    tasks.push(task);
                }
            }
            tasks.sort_unstable();
            for pair in tasks.chunk_by(|one, other| one.0 == other.0) {
                let first = (pair[0].1 > 0).then_some(pair[0].1);
                for &(_, item, line) in pair[1..].iter().filter(|task| task.1 > 0) {
                    total += 1;
                    found.push(Duplicate { item, line: (line > 0).then_some(line), first });
                }
            }
            if found.len() > kept {
                found.sort_unstable();
                found.truncate(kept);
            }
        }
        found.sort_unstable();
        Ok((found, total))
    }
}

fn decoded(bytes: [u8; SIZE]) -> (i64, u32, u32) {
    let [a, b, c, d, e, f, g, h, item @ .., s, t, u, v] = bytes;
    (i64::from_le_bytes([a, b, c, d, e, f, g, h]), u32::from_le_bytes(item), u32::from_le_bytes([s, t, u, v]))
}

/// Which of `parts` equal ranges of the hashes this one is in; hashes have 63 bits.
fn part_of(hash: i64, parts: u64) -> u64 {
    ((u128::from(hash.cast_unsigned()) * u128::from(parts)) >> 63) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_tasks_are_found_in_the_order_of_the_file() {
        let mut tasks = Tasks::new();
        tasks.add_earlier(i64::MAX).expect("a file");
        for (item, hash) in [(1, 7), (2, i64::MAX), (3, 5), (4, 7), (5, 7), (6, 0)] {
            tasks.add(hash, item, Some(item * 10)).expect("a file");
        }
        let (found, total) = tasks.duplicates(2).expect("a file");
        let of = |item: u32, first| Duplicate { item, line: Some(item * 10), first };
        assert_eq!((found, total), (vec![of(2, None), of(4, Some(1))], 3));
    }

    #[test]
    fn many_tasks_are_compared_in_parts() {
        let mut tasks = Tasks::new();
        let count = u32::try_from(PART).expect("small") + 10;
        // Spread over all hashes, each twice.
        let hash = |item: u32| (i64::from(item / 2).wrapping_mul(0x5851_F42D_4C95) << 8) & i64::MAX;
        for item in 1..=count {
            tasks.add(hash(item), item, None).expect("a file");
        }
        let (found, total) = tasks.duplicates(3).expect("a file");
        assert_eq!(total, count / 2 - 1 + count % 2);
        assert_eq!(found[0], Duplicate { item: 3, line: None, first: Some(2) });
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn without_tasks_there_are_no_duplicates() {
        assert_eq!(Tasks::new().duplicates(10).expect("no file"), (Vec::new(), 0));
    }
}
