//! The address of a database, and how it is asked.

use std::time::Duration;

use mongodb::options::{ClientOptions, ConnectionString};

use crate::abandoned;
use crate::error::OpenError;

/// How long a primary is waited for, unless the address says otherwise.
const SELECTION_MAX: Duration = Duration::from_secs(5);
/// How long a connection may take, unless the address says otherwise. A member that is silent for
/// this and a [`HEARTBEAT`] is taken to be dead, and what it was asked is given up. That must come
/// before the others can have elected another primary: the driver forgets the former one when it
/// learns of that, and gives up what hangs on it only some checks later.
const CONNECT_MAX: Duration = Duration::from_secs(2);
/// How often members are asked whether they are alive, unless the address says otherwise.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// How a store works, beside the address.
#[derive(Debug, Clone, Copy)]
pub struct Tuning {
    /// How long an instant that was shown as Consistent-Through is shown again before a later one
    /// is written; zero to write whenever one is asked for.
    pub shown_again: Duration,
    /// How far the clock of this process may lie from the primary's; with more, nothing is
    /// written. `None` for a clock that shows no real time.
    pub skew_max: Option<Duration>,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            shown_again: Duration::from_millis(100),
            skew_max: Some(Duration::from_secs(1)),
        }
    }
}

/// Reads an address, and returns the driver's options and the database's name.
pub(crate) async fn parse(uri: &str) -> Result<(ClientOptions, String), OpenError> {
    let refused = |error: mongodb::error::Error| OpenError::Address {
        reason: without_secrets(&error.to_string(), uri),
    };
    let read = ConnectionString::parse(uri).map_err(refused)?;
    let mut options = ClientOptions::parse(read).await.map_err(refused)?;
    let name = options.default_database.clone();
    let name = name.ok_or(OpenError::NoDatabase)?;
    options.app_name.get_or_insert_with(|| "varde".to_owned());
    options.driver_info = Some(abandoned::driver_info());
    options
        .server_selection_timeout
        .get_or_insert(SELECTION_MAX);
    options.connect_timeout.get_or_insert(CONNECT_MAX);
    options.heartbeat_freq.get_or_insert(HEARTBEAT);
    Ok((options, name))
}

/// Returns what was said of an address, without what stands in it before the hosts.
fn without_secrets(said: &str, uri: &str) -> String {
    let Some((_, rest)) = uri.split_once("://") else {
        // Not even the beginning of an address: nobody knows what it holds.
        return "it does not begin with mongodb:// or mongodb+srv://".to_owned();
    };
    let secrets = rest.rsplit_once('@').map_or("", |(secrets, _)| secrets);
    let parts = secrets.split(':').chain([secrets, rest, uri]);
    let tells = parts
        .filter(|part| !part.is_empty())
        .any(|part| said.contains(part));
    if tells {
        "user, password or hosts are not written as they must be".to_owned()
    } else {
        said.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "geheim/nis";

    async fn refused(uri: &str) -> String {
        let error = parse(uri).await.expect_err("it is refused");
        format!("{error} {error:?}")
    }

    #[tokio::test]
    async fn what_is_wrong_with_an_address_is_told_without_its_password() {
        for uri in [
            format!("mongodb://user:{SECRET}@127.0.0.1/varde"),
            format!("mongodb://user:{SECRET}@127.0.0.1:none/varde"),
            format!("mongodb://user:%zz{SECRET}@127.0.0.1/varde"),
            format!("mongodb://user:{SECRET}@/varde"),
            format!("mongo://user:{SECRET}@127.0.0.1/varde"),
            format!("user:{SECRET}@127.0.0.1/varde"),
            format!("mongodb://user:{SECRET}@127.0.0.1/varde?w=none&{SECRET}"),
        ] {
            let said = refused(&uri).await;
            assert!(!said.contains(SECRET), "{said}");
            assert!(
                said.contains("mongodb://"),
                "it says what is expected: {said}"
            );
        }
    }

    #[tokio::test]
    async fn an_address_names_a_database() {
        let said = refused("mongodb://127.0.0.1/?replicaSet=x").await;
        assert!(said.contains("names no database"), "{said}");
    }

    #[tokio::test]
    async fn what_an_address_says_is_kept() {
        let uri = "mongodb://127.0.0.1/varde?connectTimeoutMS=1&tls=true";
        let (options, name) = parse(uri).await.expect("it is read");
        assert_eq!(name, "varde");
        assert_eq!(options.connect_timeout, Some(Duration::from_millis(1)));
        assert_eq!(options.server_selection_timeout, Some(SELECTION_MAX));
        assert!(options.tls.is_some());
    }
}
