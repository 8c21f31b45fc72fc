//! What is logged.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cli::{LogFormat, ServeArgs};

/// `[log]`
#[derive(Debug, Clone, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LogSection {
    /// Which log lines are written, such as `info` or `warn,varde=debug`.
    #[schemars(extend("x-variable" = "VARDE_LOG_FILTER"))]
    pub(crate) filter: String,
    /// How they look; where it is not set, `text` on a terminal and `json` otherwise.
    #[schemars(extend("x-variable" = "VARDE_LOG_FORMAT"))]
    pub(crate) format: Option<LogFormat>,
}

impl Default for LogSection {
    fn default() -> Self {
        Self {
            filter: "info".to_owned(),
            format: None,
        }
    }
}

impl LogSection {
    pub(super) fn overlay(&mut self, args: &ServeArgs) {
        if let Some(filter) = &args.log_filter {
            self.filter.clone_from(filter);
        }
        if let Some(format) = args.log_format {
            self.format = Some(format);
        }
    }
}
