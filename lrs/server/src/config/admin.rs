//! The operator's listener.

use std::net::{Ipv4Addr, SocketAddr};

use serde::Deserialize;

use crate::cli::ServeArgs;

/// `[admin]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AdminSection {
    /// Where `/livez`, `/readyz` and `/metrics` are served; it asks for no credentials.
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
