//! What of requests goes to a collector.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::exit::{Exit, Failure};
use crate::web::is_safe;

/// `[telemetry]`
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TelemetrySection {
    /// The address of an OpenTelemetry collector that takes OTLP over HTTP, such as `http://127.0.0.1:4318`; no
    /// spans of requests are made where absent.
    pub(crate) otlp_endpoint: Option<String>,
}

impl TelemetrySection {
    pub(super) fn validate(&self) -> Result<(), Failure> {
        match &self.otlp_endpoint {
            Some(at) if !is_safe(at) => {
                let sentence = format!(
                    "telemetry.otlp_endpoint is `{at}`: expected an address of https, or of http on this machine"
                );
                Err(Failure::new(Exit::Config, sentence))
            }
            _ => Ok(()),
        }
    }
}
