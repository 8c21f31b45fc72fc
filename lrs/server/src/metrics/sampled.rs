//! Metrics that cost something to know, and are therefore looked up now and then.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use varde_core::Clock;
use varde_core::keys::Keys;

use super::Metrics;
use crate::exit::chain;

/// For how long what was looked up is told again.
const FRESH: Duration = Duration::from_mins(1);
/// The folder of attachments in a data folder.
const ATTACHMENTS: &str = "attachments";

/// Looks up what keys and the data folder tell.
#[derive(Debug, Clone)]
pub(crate) struct Sampled {
    keys: Arc<Keys>,
    data: PathBuf,
    clock: Arc<dyn Clock>,
    last: Arc<Mutex<Option<Instant>>>,
}

impl Sampled {
    pub(crate) fn new(keys: Arc<Keys>, data: PathBuf, clock: Arc<dyn Clock>) -> Self {
        Self {
            keys,
            data,
            clock,
            last: Arc::default(),
        }
    }

    /// Looks again, unless that was done a moment ago.
    pub(crate) async fn observe(&self, metrics: &Metrics) {
        if !self.is_due() {
            return;
        }
        let observed = metrics.observe_sources(&self.keys, self.clock.now());
        if let Err(error) = observed.await {
            tracing::warn!(error = %chain(&error), "the keys were not looked up");
        }
        let data = self.data.clone();
        let sizes = tokio::task::spawn_blocking(move || {
            let attachments = bytes_below(&data.join(ATTACHMENTS))?;
            Ok::<_, io::Error>((bytes_below(&data)?.saturating_sub(attachments), attachments))
        });
        match sizes.await {
            Ok(Ok((store, attachments))) => {
                let bytes = &metrics.store.bytes;
                for (part, size) in [("record", store), (ATTACHMENTS, attachments)] {
                    let size = i64::try_from(size).unwrap_or(i64::MAX);
                    bytes.with_label_values(&[part]).set(size);
                }
            }
            Ok(Err(error)) => tracing::warn!(%error, "the data folder was not measured"),
            Err(error) => tracing::warn!(%error, "the data folder was not measured"),
        }
    }

    fn is_due(&self) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| last.elapsed() >= FRESH);
        if is_due {
            *last = Some(Instant::now());
        }
        is_due
    }
}

/// Returns the bytes of all files below a folder, 0 where there is none. Files come and go
/// meanwhile.
fn bytes_below(folder: &Path) -> io::Result<u64> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut bytes = 0;
    for entry in entries {
        let entry = entry?;
        bytes += match entry.metadata() {
            Ok(about) if about.is_dir() => bytes_below(&entry.path())?,
            Ok(about) => about.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_counted_at_every_depth_and_an_absent_folder_holds_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        fs::create_dir_all(path.join("a/b")).expect("folders");
        fs::write(path.join("one"), [0; 10]).expect("a file");
        fs::write(path.join("a/b/two"), [0; 32]).expect("a file");
        assert_eq!(bytes_below(path).expect("a size"), 42);
        assert_eq!(bytes_below(&path.join("none")).expect("a size"), 0);
    }
}
