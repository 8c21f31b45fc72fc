//! Bodies of statements, each compressed by itself with a dictionary.
//!
//! A row says which dictionary its body needs; every version is kept in the database. Version 0
//! is plain text. Version 1 comes with the program; later ones are trained on the store's own
//! statements, whose names and free text are replaced first ([`sample`]).

mod sample;
mod training;

use std::collections::HashMap;
use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension};
use zstd::bulk::{Compressor, Decompressor};

pub(crate) use training::{Training, train};

/// The dictionary that a new store begins with: the members that statements have in common.
pub(crate) const FIRST: &str = include_str!("first.txt");
/// Its version.
pub(crate) const FIRST_VERSION: i64 = 1;
/// The version of text that is not compressed.
pub(crate) const PLAIN: i64 = 0;
/// The level of compression: beyond it, time grows much faster than size falls.
const LEVEL: i32 = 3;
/// The most compressors that are kept for the next statement.
const IDLE_MAX: usize = 4;

/// A dictionary and its version.
#[derive(Debug)]
pub(crate) struct Dictionary {
    pub(crate) version: i64,
    pub(crate) bytes: Vec<u8>,
}

/// Reads the newest dictionary.
pub(crate) fn newest(connection: &Connection) -> rusqlite::Result<Option<Dictionary>> {
    let sql = "SELECT version, bytes FROM dictionary ORDER BY version DESC LIMIT 1";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Dictionary {
            version: row.get(0)?,
            bytes: row.get(1)?,
        })
    };
    connection.query_row(sql, [], read).optional()
}

/// A body as a row keeps it.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) dictionary: i64,
    pub(crate) bytes: Vec<u8>,
}

impl Packed {
    /// Keeps a text as it is.
    pub(crate) fn plain(text: String) -> Self {
        Self {
            dictionary: PLAIN,
            bytes: text.into_bytes(),
        }
    }
}

/// Compresses bodies with the newest dictionary, on whichever thread asks.
pub(crate) struct Packer(Mutex<Packing>);

struct Packing {
    dictionary: Option<Arc<Dictionary>>,
    idle: Vec<Compressor<'static>>,
}

impl Debug for Packer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packer").finish_non_exhaustive()
    }
}

impl Packer {
    pub(crate) fn new(dictionary: Option<Dictionary>) -> Self {
        Self(Mutex::new(Packing {
            dictionary: dictionary.map(Arc::new),
            idle: Vec::new(),
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Packing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Uses another dictionary from now on.
    pub(crate) fn use_from_now_on(&self, dictionary: Dictionary) {
        let mut packing = self.lock();
        packing.dictionary = Some(Arc::new(dictionary));
        packing.idle.clear();
    }

    /// Compresses a text; what does not become smaller stays as it is.
    pub(crate) fn pack(&self, text: String) -> Packed {
        let mut packing = self.lock();
        let (dictionary, idle) = (packing.dictionary.clone(), packing.idle.pop());
        drop(packing);
        let Some(dictionary) = dictionary else {
            return Packed::plain(text);
        };
        let compressor =
            idle.map_or_else(|| Compressor::with_dictionary(LEVEL, &dictionary.bytes), Ok);
        let packed = compressor.and_then(|mut compressor| {
            let packed = compressor.compress(text.as_bytes());
            self.put_back(compressor, dictionary.version);
            packed
        });
        match packed {
            Ok(bytes) if bytes.len() < text.len() => Packed {
                dictionary: dictionary.version,
                bytes,
            },
            Ok(_) => Packed::plain(text),
            Err(error) => {
                tracing::warn!(%error, "a body was not compressed");
                Packed::plain(text)
            }
        }
    }

    fn put_back(&self, compressor: Compressor<'static>, version: i64) {
        let mut packing = self.lock();
        let is_current = packing
            .dictionary
            .as_ref()
            .is_some_and(|now| now.version == version);
        if is_current && packing.idle.len() < IDLE_MAX {
            packing.idle.push(compressor);
        }
    }
}

/// Decompresses bodies that one connection reads.
#[derive(Default)]
pub(crate) struct Unpacker(HashMap<i64, Decompressor<'static>>);

impl Debug for Unpacker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unpacker").finish_non_exhaustive()
    }
}

impl Unpacker {
    /// Returns the text of a body; `None` when it cannot be had.
    pub(crate) fn unpack(
        &mut self,
        connection: &Connection,
        dictionary: i64,
        bytes: &[u8],
    ) -> rusqlite::Result<Option<String>> {
        let text = if dictionary == PLAIN {
            Some(bytes.to_vec())
        } else {
            self.decompress(connection, dictionary, bytes)?
        };
        Ok(text.and_then(|text| String::from_utf8(text).ok()))
    }

    fn decompress(
        &mut self,
        connection: &Connection,
        version: i64,
        bytes: &[u8],
    ) -> rusqlite::Result<Option<Vec<u8>>> {
        let decompressor = match self.0.entry(version) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(unknown) => {
                let Some(loaded) = load(connection, version)? else {
                    return Ok(None);
                };
                unknown.insert(loaded)
            }
        };
        // The row's checksum was verified, so the length is the one that was written.
        let length = zstd::zstd_safe::get_frame_content_size(bytes)
            .ok()
            .flatten();
        let length = length.and_then(|length| usize::try_from(length).ok());
        Ok(length.and_then(|length| decompressor.decompress(bytes, length).ok()))
    }
}

fn load(connection: &Connection, version: i64) -> rusqlite::Result<Option<Decompressor<'static>>> {
    let mut select = connection.prepare("SELECT bytes FROM dictionary WHERE version = ?1")?;
    let bytes = select
        .query_row([version], |row| row.get::<_, Vec<u8>>(0))
        .optional()?;
    Ok(bytes.and_then(|bytes| Decompressor::with_dictionary(&bytes).ok()))
}
