//! Whether the disk has room enough to go on writing.
//!
//! A disk that is full in the middle of a write is survived too, but it may be full for others as
//! well, and for what brings room: a checkpoint, an erasure, a backup.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use varde_core::ports::StoreError;

/// The bound below which nothing is written, and whether it was met when last looked at.
#[derive(Debug, Default)]
pub(crate) struct FreeSpace {
    bytes_min: AtomicU64,
    short: AtomicBool,
}

impl FreeSpace {
    pub(crate) fn keep(&self, bytes_min: u64) {
        self.bytes_min.store(bytes_min, Ordering::Relaxed);
    }

    /// Refuses when the folder's disk has less room than is to be kept.
    pub(crate) fn check(&self, folder: &Path) -> Result<(), StoreError> {
        let bytes_min = self.bytes_min.load(Ordering::Relaxed);
        if bytes_min == 0 {
            return Ok(());
        }
        let free = free(folder)?;
        let short = free < bytes_min;
        self.tell(short, free, bytes_min);
        if short {
            let reason = format!(
                "the disk of the data folder has {free} bytes free, and {bytes_min} are kept free: \
                 make room, or lower the bound"
            );
            return Err(StoreError::Unwritable { reason });
        }
        Ok(())
    }

    /// Logs a change, and only that.
    fn tell(&self, short: bool, free: u64, bytes_min: u64) {
        if self.short.swap(short, Ordering::Relaxed) == short {
            return;
        }
        if short {
            tracing::error!(
                free,
                bytes_min,
                "the disk is nearly full: writes are refused"
            );
        } else {
            tracing::info!(free, bytes_min, "the disk has room again: writes are taken");
        }
    }
}

/// Returns how many bytes an ordinary user can still write to the folder's disk.
pub(crate) fn free(folder: &Path) -> Result<u64, StoreError> {
    let found = rustix::fs::statvfs(folder).map_err(StoreError::failed)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}
