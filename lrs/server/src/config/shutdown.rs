//! How the server ends.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cli::ServeArgs;

/// `[shutdown]`
#[derive(Debug, Clone, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ShutdownSection {
    /// How long requests under way may take after a stop, in seconds.
    #[schemars(extend("x-variable" = "VARDE_DRAIN_SECONDS_MAX"))]
    pub(crate) drain_seconds_max: u64,
    /// How many seconds after a stop `/readyz` says so while requests are still taken, so that a
    /// proxy that asks there sends them elsewhere.
    #[schemars(extend("x-variable" = "VARDE_NOTICE_SECONDS"))]
    pub(crate) notice_seconds: u64,
}

impl Default for ShutdownSection {
    fn default() -> Self {
        Self {
            drain_seconds_max: 30,
            notice_seconds: 0,
        }
    }
}

impl ShutdownSection {
    pub(super) fn overlay(&mut self, args: &ServeArgs) {
        if let Some(seconds) = args.drain_seconds_max {
            self.drain_seconds_max = seconds;
        }
        if let Some(seconds) = args.notice_seconds {
            self.notice_seconds = seconds;
        }
    }
}
