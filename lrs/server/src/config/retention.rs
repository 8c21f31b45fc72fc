//! When what no duty keeps any longer is erased.

use std::num::NonZeroU16;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[retention]`
///
/// What is kept and until when is for the project files to say: each project has rules of its own.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RetentionSection {
    /// How many days after one run the next begins; none begins of itself when absent.
    pub(crate) every_days: Option<NonZeroU16>,
}
