//! Which pages of a database's file belong to a table, by the file's format alone
//! (<https://www.sqlite.org/fileformat2.html>).

use std::error::Error;
use std::fs;
use std::path::Path;

/// The kinds of page, as the first byte of their heads says them.
const INNER_OF_INDEX: u8 = 2;
const INNER_OF_TABLE: u8 = 5;
const LEAF_OF_INDEX: u8 = 10;
const LEAF_OF_TABLE: u8 = 13;
/// What stands before the head of the first page.
const FILE_HEAD: usize = 100;

/// A database's file.
#[derive(Debug)]
pub(super) struct File {
    bytes: Vec<u8>,
    /// How many bytes a page has.
    pub(super) page_bytes: usize,
}

/// The name of a table or index, and the page that it begins with.
type Root<'a> = (&'a [u8], usize);

impl File {
    pub(super) fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let bytes = fs::read(path)?;
        let page_bytes = match number(&bytes, 16, 2)? {
            1 => 65_536,
            bytes => bytes,
        };
        Ok(Self { bytes, page_bytes })
    }

    /// Returns the pages of the tree that a table or index is, but those that long values run over to.
    pub(super) fn pages_of(&self, name: &str) -> Result<Vec<usize>, Box<dyn Error>> {
        for page in self.tree(1)? {
            for cell in self.cells(page)? {
                if let Some((found, root)) = self.schema(page, cell)?
                    && found == name.as_bytes()
                {
                    return self.tree(root);
                }
            }
        }
        Err(format!("there is no table {name}").into())
    }

    fn tree(&self, root: usize) -> Result<Vec<usize>, Box<dyn Error>> {
        let (mut pages, mut next) = (Vec::new(), vec![root]);
        while let Some(page) = next.pop() {
            pages.push(page);
            let (at, kind) = self.head(page)?;
            if kind == INNER_OF_INDEX || kind == INNER_OF_TABLE {
                next.push(number(&self.bytes, at + 8, 4)?);
                for cell in self.cells(page)? {
                    next.push(number(&self.bytes, cell, 4)?);
                }
            }
        }
        pages.sort_unstable();
        Ok(pages)
    }

    /// Returns where the head of a page is, and its kind.
    fn head(&self, page: usize) -> Result<(usize, u8), Box<dyn Error>> {
        let begin = (page - 1) * self.page_bytes;
        let at = if page == 1 { FILE_HEAD } else { begin };
        let kind = *self.bytes.get(at).ok_or("a page behind the end")?;
        match kind {
            INNER_OF_INDEX | INNER_OF_TABLE | LEAF_OF_INDEX | LEAF_OF_TABLE => Ok((at, kind)),
            kind => Err(format!("page {page} is of the kind {kind}").into()),
        }
    }

    /// Returns where the cells of a page are.
    fn cells(&self, page: usize) -> Result<Vec<usize>, Box<dyn Error>> {
        let (at, kind) = self.head(page)?;
        let is_leaf = kind == LEAF_OF_INDEX || kind == LEAF_OF_TABLE;
        let pointers = at + if is_leaf { 8 } else { 12 };
        let begin = (page - 1) * self.page_bytes;
        let count = number(&self.bytes, at + 3, 2)?;
        (0..count)
            .map(|cell| Ok(begin + number(&self.bytes, pointers + 2 * cell, 2)?))
            .collect()
    }

    /// Returns the name of a table or index, and the page that it begins with, by a row of the schema:
    /// its columns are type, name, table, page, and text.
    fn schema(&self, page: usize, cell: usize) -> Result<Option<Root<'_>>, Box<dyn Error>> {
        if self.head(page)?.1 != LEAF_OF_TABLE {
            return Ok(None);
        }
        let (_, at) = self.varint(cell)?;
        let (_, head) = self.varint(at)?;
        let (length, mut at) = self.varint(head)?;
        let mut value = head + length;
        let mut columns = Vec::new();
        while at < head + length {
            let (kind, next) = self.varint(at)?;
            let bytes = match kind {
                0 | 8 | 9 => 0,
                1..=4 => kind,
                5 => 6,
                6 | 7 => 8,
                text => (text - 12) / 2,
            };
            columns.push((value, bytes));
            (at, value) = (next, value + bytes);
        }
        let [_, (name, length), _, (root, bytes), ..] = columns[..] else {
            return Err("a row of the schema is short".into());
        };
        let name = self.bytes.get(name..name + length).ok_or("no name")?;
        Ok(Some((name, number(&self.bytes, root, bytes)?)))
    }

    /// Reads a number of one to nine bytes, seven bits each, and returns where it ends.
    fn varint(&self, at: usize) -> Result<(usize, usize), Box<dyn Error>> {
        let mut read = 0;
        for index in at..at + 8 {
            let byte = *self.bytes.get(index).ok_or("a number behind the end")?;
            read = read << 7 | usize::from(byte & 0x7f);
            if byte < 0x80 {
                return Ok((read, index + 1));
            }
        }
        Err("a number of nine bytes".into())
    }
}

/// Reads a number, the most significant byte first.
fn number(bytes: &[u8], at: usize, length: usize) -> Result<usize, Box<dyn Error>> {
    let bytes = bytes
        .get(at..at + length)
        .ok_or("a number behind the end")?;
    Ok(bytes
        .iter()
        .fold(0, |read, byte| read << 8 | usize::from(*byte)))
}
