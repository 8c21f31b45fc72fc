//! The operator's listener.

use std::net::{Ipv4Addr, SocketAddr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cli::ServeArgs;

/// `[admin]`
#[derive(Debug, Clone, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AdminSection {
    /// Where `/livez`, `/readyz` and `/metrics` are served; it asks for no credentials.
    #[schemars(extend("x-variable" = "VARDE_ADMIN_LISTEN"))]
    pub(crate) listen: SocketAddr,
}

impl Default for AdminSection {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)),
        }
    }
}

impl AdminSection {
    pub(super) fn overlay(&mut self, args: &ServeArgs) {
        if let Some(listen) = args.admin_listen {
            self.listen = listen;
        }
    }
}
