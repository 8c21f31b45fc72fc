//! `varde user create | list | password | disable`

use std::path::PathBuf;

use async_trait::async_trait;
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use varde_core::audit::{Audit, Told};
use varde_core::users::UserError;
use varde_xapi::Stored;

use super::report::operator;
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::terminal::columns;
use crate::wiring::Parts;

/// Work with people's accounts.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub(crate) enum User {
    /// Makes an account that signs in with a password and acts through an API key with a role.
    Create(UserCreateArgs),
    /// Lists the accounts.
    List(UserListArgs),
    /// Gives a user another password, ends a lock-out, and signs them out everywhere.
    Password(UserPasswordArgs),
    /// Lets a user in no more, and signs them out everywhere.
    Disable(UserDisableArgs),
}

/// The flags of `varde user create`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct UserCreateArgs {
    /// The name to sign in by.
    pub(crate) name: String,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// The API key that the user acts through, which has a role: see `varde key create --role`.
    #[arg(long, value_name = "KEY")]
    pub(crate) key: String,
    /// The file that holds the password; a line break at its end is no part of it [default: standard input].
    #[arg(
        long,
        value_name = "FILE",
        default_value = "-",
        hide_default_value = true
    )]
    pub(crate) password_file: PathBuf,
}

/// The flags of `varde user list`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct UserListArgs {
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
}

/// The flags of `varde user password`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct UserPasswordArgs {
    /// The user's name.
    pub(crate) name: String,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// The file that holds the password; a line break at its end is no part of it [default: standard input].
    #[arg(
        long,
        value_name = "FILE",
        default_value = "-",
        hide_default_value = true
    )]
    pub(crate) password_file: PathBuf,
}

/// The flags of `varde user disable`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct UserDisableArgs {
    /// The user's name.
    pub(crate) name: String,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
}

fn refused(error: UserError) -> Failure {
    let exit = match error {
        UserError::Name | UserError::Password => Exit::Usage,
        UserError::Key(_) | UserError::Absent => Exit::NoInput,
        UserError::Taken => Exit::CannotCreate,
        UserError::Store(error) => return error.into(),
    };
    Failure::new(exit, error.to_string())
}

/// Reads a password from the file that was named.
async fn password(desk: &mut Desk) -> Result<String, Failure> {
    let Some(file) = desk.next_file().await? else {
        return Err(Failure::new(Exit::NoInput, "there is no password"));
    };
    let (_, text) = file.text().await?;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    Ok(password.strip_suffix('\r').unwrap_or(password).to_owned())
}

async fn note(parts: &Parts, desk: &Desk, what: &str) -> Result<(), Failure> {
    let caller = operator(parts, desk.config()).await?;
    let audit = Audit::new(parts.records.clone());
    let told = Told::new(what, &[], 0);
    Ok(audit.add(parts.clock.now(), &caller, &told).await?)
}

#[async_trait]
impl StoreCommand for UserCreateArgs {
    fn name(&self) -> &'static str {
        "user create"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.password_file.clone()]
    }

    /// Makes the account, noted in the audit log.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let password = password(desk).await?;
        let parts = desk.open_existing().await?;
        let users = parts.users(&desk.config().http);
        let made = users.create(&self.name, &password, &self.key).await;
        made.map_err(refused)?;
        note(&parts, desk, "user create").await?;
        let made = format!("  {} signs in and acts through {}\n", self.name, self.key);
        desk.print(made).await
    }
}

#[async_trait]
impl StoreCommand for UserListArgs {
    fn name(&self) -> &'static str {
        "user list"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Prints the accounts, without their passwords.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let users = parts.users(&desk.config().http);
        let heads = [
            "User",
            "Key",
            "Made",
            "Disabled",
            "Failures",
            "Locked until",
            "Id",
        ];
        let mut rows = vec![heads.map(str::to_owned).to_vec()];
        let at = |at: Option<Stored>| at.map_or("-".to_owned(), |at| at.to_string());
        for user in users.all().await? {
            let id = users.id(&user).await?;
            rows.push(vec![
                user.name,
                user.key,
                user.made.to_string(),
                at(user.disabled),
                user.failures.to_string(),
                at(user.locked_until),
                id.map_or("-".to_owned(), |id| id.0.to_string()),
            ]);
        }
        desk.print(columns(&rows, &[])).await
    }
}

#[async_trait]
impl StoreCommand for UserPasswordArgs {
    fn name(&self) -> &'static str {
        "user password"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.password_file.clone()]
    }

    /// Gives the user another password, noted in the audit log.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let password = password(desk).await?;
        let parts = desk.open_existing().await?;
        let users = parts.users(&desk.config().http);
        let changed = users.set_password(&self.name, &password).await;
        changed.map_err(refused)?;
        note(&parts, desk, "user password").await?;
        let changed = format!("  {} has another password and is signed out\n", self.name);
        desk.print(changed).await
    }
}

#[async_trait]
impl StoreCommand for UserDisableArgs {
    fn name(&self) -> &'static str {
        "user disable"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Lets the user in no more, noted in the audit log.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        let users = parts.users(&desk.config().http);
        users.disable(&self.name).await.map_err(refused)?;
        note(&parts, desk, "user disable").await?;
        desk.print(format!("  {} is let in no more\n", self.name))
            .await
    }
}
