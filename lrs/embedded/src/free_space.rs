//! Whether the disk has room enough to go on writing.
//!
//! A disk that is full in the middle of a write is survived too, but it may be full for others as
//! well, and for what brings room: a checkpoint, an erasure, a backup.
//!
//! The disk is asked once for each group that is written, by the first of those that want to write
//! the next one.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use varde_core::ports::StoreError;

/// The bound below which nothing is written, and what is known of it.
#[derive(Debug)]
pub(crate) struct FreeSpace {
    bytes_min: AtomicU64,
    /// Whether there was too little when last looked at.
    short: AtomicBool,
    /// Whether something was written since.
    stale: AtomicBool,
}

impl Default for FreeSpace {
    fn default() -> Self {
        Self {
            bytes_min: AtomicU64::default(),
            short: AtomicBool::default(),
            stale: AtomicBool::new(true),
        }
    }
}

impl FreeSpace {
    pub(crate) fn keep(&self, bytes_min: u64) {
        self.bytes_min.store(bytes_min, Ordering::Relaxed);
        self.written();
    }

    /// Notes that there may be less room than before.
    pub(crate) fn written(&self) {
        self.stale.store(true, Ordering::Relaxed);
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

    /// Does the same before a write, without asking the disk again where nothing was written since
    /// it last had room.
    pub(crate) fn check_again(&self, folder: &Path) -> Result<(), StoreError> {
        if !self.stale.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let checked = self.check(folder);
        if checked.is_err() {
            // So that writing goes on as soon as it can.
            self.written();
        }
        checked
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
