//! Positions of a term on disk: blocks of rising positions, kept as the distances between them.
//!
//! A distance is written seven bits at a time, the lowest first, with the eighth bit set on all
//! bytes but the last. The first position of a block is its key and is not repeated in it.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension};

use super::ListKey;

/// The most bytes of a block, so that one that grows is cheap to write again.
const BLOCK_BYTES_MAX: usize = 512;

/// A block in the making.
struct Block {
    first: i64,
    last: i64,
    distances: Vec<u8>,
}

impl Block {
    fn of(first: i64) -> Self {
        Self {
            first,
            last: first,
            distances: Vec::new(),
        }
    }

    fn push(&mut self, position: i64) {
        let mut left = position.abs_diff(self.last);
        while left >= 0x80 {
            self.distances.push((left & 0x7f) as u8 | 0x80);
            left >>= 7;
        }
        self.distances.push((left & 0x7f) as u8);
        self.last = position;
    }

    fn is_full(&self) -> bool {
        self.distances.len() >= BLOCK_BYTES_MAX
    }

    fn write(&self, connection: &Connection, key: ListKey) -> rusqlite::Result<()> {
        let mut write = connection
            .prepare_cached("INSERT OR REPLACE INTO posting VALUES (?1, ?2, ?3, ?4, ?5)")?;
        write.execute((key.term, key.scope, self.first, self.last, &self.distances))?;
        Ok(())
    }
}

/// Returns the positions of a block; what makes no sense ends it.
pub(crate) fn positions(first: i64, distances: &[u8]) -> impl Iterator<Item = i64> {
    let (mut last, mut distance, mut shift) = (first, 0u64, 0u32);
    let behind = distances.iter().filter_map(move |byte| {
        distance |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        shift += 7;
        if byte & 0x80 != 0 {
            return None;
        }
        last = last.saturating_add_unsigned(distance);
        (distance, shift) = (0, 0);
        Some(last)
    });
    std::iter::once(first).chain(behind)
}

/// Puts rising positions behind those that a list has on disk; what is there already stays.
pub(crate) fn extend(
    connection: &Connection,
    key: ListKey,
    positions: &[i64],
) -> rusqlite::Result<()> {
    let mut open = last_block(connection, key)?;
    let last = open.as_ref().map_or(0, |block| block.last);
    let mut changed = false;
    for position in positions.iter().filter(|position| **position > last) {
        match &mut open {
            Some(block) if !block.is_full() => block.push(*position),
            full => {
                if let Some(block) = full.as_ref().filter(|_| changed) {
                    block.write(connection, key)?;
                }
                *full = Some(Block::of(*position));
            }
        }
        changed = true;
    }
    match open.filter(|_| changed) {
        Some(block) => block.write(connection, key),
        None => Ok(()),
    }
}

/// Puts a position into a list on disk, wherever it belongs, or takes it out.
pub(crate) fn change(
    connection: &Connection,
    key: ListKey,
    position: i64,
    put_in: bool,
) -> rusqlite::Result<()> {
    let mut select = connection.prepare_cached(
        "SELECT first, distances FROM posting WHERE term = ?1 AND scope = ?2 AND first <= ?3
         ORDER BY first DESC LIMIT 1",
    )?;
    let block = |row: &rusqlite::Row<'_>| {
        let distances: Vec<u8> = row.get(1)?;
        Ok(positions(row.get(0)?, &distances).collect::<BTreeSet<_>>())
    };
    let found = select.query_row((key.term, key.scope, position), block);
    let mut listed = found.optional()?.unwrap_or_default();
    let first = listed.first().copied();
    let changed = if put_in {
        listed.insert(position)
    } else {
        listed.remove(&position)
    };
    if !changed {
        return Ok(());
    }
    let mut delete = connection
        .prepare_cached("DELETE FROM posting WHERE term = ?1 AND scope = ?2 AND first = ?3")?;
    delete.execute((key.term, key.scope, first))?;
    write_all(connection, key, listed)
}

/// Writes rising positions as blocks of their own.
fn write_all(
    connection: &Connection,
    key: ListKey,
    positions: impl IntoIterator<Item = i64>,
) -> rusqlite::Result<()> {
    let mut open: Option<Block> = None;
    for position in positions {
        match &mut open {
            Some(block) if !block.is_full() => block.push(position),
            full => {
                if let Some(block) = full {
                    block.write(connection, key)?;
                }
                *full = Some(Block::of(position));
            }
        }
    }
    open.map_or(Ok(()), |block| block.write(connection, key))
}

fn last_block(connection: &Connection, key: ListKey) -> rusqlite::Result<Option<Block>> {
    let mut select = connection.prepare_cached(
        "SELECT first, last, distances FROM posting WHERE term = ?1 AND scope = ?2
         ORDER BY first DESC LIMIT 1",
    )?;
    let block = |row: &rusqlite::Row<'_>| {
        Ok(Block {
            first: row.get(0)?,
            last: row.get(1)?,
            distances: row.get(2)?,
        })
    };
    select.query_row((key.term, key.scope), block).optional()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_read_as_they_were_written() {
        let written = [1, 2, 130, 131, 20_000, 3_000_000, i64::from(u32::MAX)];
        let mut block = Block::of(written[0]);
        written[1..]
            .iter()
            .for_each(|position| block.push(*position));
        assert_eq!(block.last, written[6]);
        let read: Vec<_> = positions(block.first, &block.distances).collect();
        assert_eq!(read, written);
    }

    #[test]
    fn no_bytes_make_reading_fail() {
        for bytes in [&[0xff; 40][..], &[0x80; 3], &[0xff, 0xff, 0x7f, 0], &[]] {
            assert!(positions(i64::MAX - 3, bytes).count() <= bytes.len() + 1);
        }
    }
}
