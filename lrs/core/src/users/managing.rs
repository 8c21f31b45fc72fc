//! People's accounts as an administrator looks after them: those that act through keys of the administrator's own
//! projects.

use serde::Serialize;
use thiserror::Error;
use varde_xapi::Stored;

use super::{User, UserError, Users};
use crate::keys::{KeyError, UnmanagedKey};
use crate::ports::StoreError;
use crate::{Caller, Forbidden, KeyId, Need, Role};

/// Everything of an account that may be shown: no password and no hash of one.
#[derive(Debug, Clone, Serialize)]
pub struct UserView {
    /// The name to sign in by.
    pub name: String,
    /// The id by which the audit log names them; `None` where their key is let in no more.
    pub id: Option<KeyId>,
    /// The name of the API key that they act through.
    pub key: String,
    /// What the key is for.
    pub role: Option<Role>,
    /// When the account was made.
    pub made: Stored,
    /// From when on it is let in no more.
    pub disabled: Option<Stored>,
    /// Until when no attempt to sign in is let in.
    pub locked_until: Option<Stored>,
}

/// Why a caller's wish about accounts was not granted.
#[derive(Debug, Error)]
pub enum UnmanagedUser {
    /// The caller may not look after accounts.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The account cannot be made or changed so.
    #[error(transparent)]
    User(#[from] UserError),
}

impl From<StoreError> for UnmanagedUser {
    fn from(error: StoreError) -> Self {
        Self::User(error.into())
    }
}

impl Users {
    /// Returns the accounts that act through keys at home in the caller's projects.
    pub async fn managed(&self, caller: &Caller) -> Result<Vec<UserView>, UnmanagedUser> {
        caller.may(Need::ManageKeys)?;
        let keys = self.keys.all().await?;
        let mut views = Vec::new();
        for user in self.all().await? {
            let key = keys.iter().find(|key| key.name == user.key);
            let own = key.filter(|key| caller.projects.contains(key.space.project_code()));
            if let Some(key) = own {
                views.push(self.view(user, key.role).await?);
            }
        }
        Ok(views)
    }

    async fn view(&self, user: User, role: Option<Role>) -> Result<UserView, StoreError> {
        Ok(UserView {
            id: self.id(&user).await?,
            name: user.name,
            key: user.key,
            role,
            made: user.made,
            disabled: user.disabled,
            locked_until: user.locked_until,
        })
    }

    /// Makes an account that acts through a key which reaches into projects of the caller only.
    pub async fn make(
        &self,
        caller: &Caller,
        name: &str,
        password: &str,
        key: &str,
    ) -> Result<UserView, UnmanagedUser> {
        caller.may(Need::ManageKeys)?;
        if !self.is_of_caller(caller, key).await? {
            return Err(UserError::Key(key.to_owned()).into());
        }
        let user = self.create(name, password, key).await?;
        let role = self.keys.find(key).await?.and_then(|key| key.role);
        let view = self.view(user, role).await?;
        self.note("user create", caller).await?;
        Ok(view)
    }

    /// Does what [`Users::disable`] does, for an account of a key that reaches into projects of the caller only.
    pub async fn disable_managed(&self, caller: &Caller, name: &str) -> Result<(), UnmanagedUser> {
        self.of_caller(caller, name).await?;
        self.disable(name).await?;
        Ok(self.note("user disable", caller).await?)
    }

    /// Does what [`Users::set_password`] does, for an account of a key that reaches into projects of the caller
    /// only.
    pub async fn set_password_managed(
        &self,
        caller: &Caller,
        name: &str,
        password: &str,
    ) -> Result<(), UnmanagedUser> {
        self.of_caller(caller, name).await?;
        self.set_password(name, password).await?;
        Ok(self.note("user password", caller).await?)
    }

    /// Checks that an account acts through a key of the caller's projects only. Of any other it is not told that
    /// it is there.
    async fn of_caller(&self, caller: &Caller, name: &str) -> Result<(), UnmanagedUser> {
        caller.may(Need::ManageKeys)?;
        let user = self.find(name).await?.ok_or(UserError::Absent)?;
        if self.is_of_caller(caller, &user.key).await? {
            Ok(())
        } else {
            Err(UserError::Absent.into())
        }
    }

    async fn is_of_caller(&self, caller: &Caller, key: &str) -> Result<bool, UnmanagedUser> {
        match self.keys.of_caller(caller, key).await {
            Ok(()) => Ok(true),
            Err(UnmanagedKey::Forbidden(forbidden)) => Err(forbidden.into()),
            Err(UnmanagedKey::Key(KeyError::Store(error))) => Err(error.into()),
            Err(UnmanagedKey::Key(_) | UnmanagedKey::Foreign { .. }) => Ok(false),
        }
    }
}
