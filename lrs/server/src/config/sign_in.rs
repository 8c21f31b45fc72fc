//! Where people sign in, and for how long they stay signed in.

use std::path::PathBuf;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use varde_core::users::Lifetimes;

use super::OidcSection;
use crate::exit::{Exit, Failure};

/// `[sign_in]`
#[derive(Debug, Clone, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SignInSection {
    /// After how many minutes without a request one is signed out, 2 or more.
    pub(crate) idle_minutes_max: u32,
    /// After how many minutes one is signed out in any case, no fewer than when idle.
    pub(crate) minutes_max: u32,
    /// The issuers that people can sign in at; each is one of `[[oidc.issuers]]` too.
    pub(crate) issuers: Vec<SignInIssuerSection>,
}

/// `[[sign_in.issuers]]`
#[derive(Debug, Clone, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInIssuerSection {
    /// Its name here, of small letters, digits and hyphens; people come back from it to `/sign-in/NAME/callback`.
    pub(crate) name: String,
    /// Its address, as `[[oidc.issuers]]` has it.
    pub(crate) issuer: String,
    /// What this Varde is called there.
    pub(crate) client_id: String,
    /// The file of the secret that goes with it.
    pub(crate) client_secret_file: PathBuf,
    /// What is asked for beside `openid`, so that the claim with the roles comes.
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    /// The claim of the ID token that holds a person's roles: a text, or a list of texts.
    pub(crate) role_claim: String,
    /// Which of them let in; the first that a person has counts.
    pub(crate) roles: Vec<SignInRoleSection>,
}

/// `[[sign_in.issuers.roles]]`
#[derive(Debug, Clone, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInRoleSection {
    /// What the claim holds.
    pub(crate) value: String,
    /// The name of the API key that whoever has it acts through.
    pub(crate) key: String,
}

impl SignInIssuerSection {
    fn fault(&self, sentence: &str) -> Failure {
        let sentence = format!(
            "the issuer `{}` of [[sign_in.issuers]] {sentence}",
            self.name
        );
        Failure::new(Exit::Config, sentence)
    }

    fn validate(&self, oidc: &OidcSection) -> Result<(), Failure> {
        let plain = |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if !(1..=NAME_MAX).contains(&self.name.len()) || !self.name.bytes().all(plain) {
            let expected = "has another name than 1 to 64 small letters, digits and hyphens";
            return Err(self.fault(expected));
        }
        if self.name == "everywhere" {
            return Err(self.fault("has a name that stands for something else"));
        }
        let mut issuers = oidc.issuers.iter();
        let Some(issuer) = issuers.find(|one| one.issuer == self.issuer) else {
            let sentence = format!("is at `{}`; expected one of [[oidc.issuers]]", self.issuer);
            return Err(self.fault(&sentence));
        };
        if self.client_id.is_empty() || self.client_id == issuer.audience {
            let sentence = "has a `client_id` that is empty, or the `audience` of its bearer \
                            tokens; expected another text, so that neither passes for the other";
            return Err(self.fault(sentence));
        }
        if self.roles.is_empty() {
            return Err(self.fault("lets in nobody: expected some `roles`"));
        }
        Ok(())
    }

    /// Returns the secret from its file; a line break at its end is no part of it.
    pub(crate) fn secret(&self) -> Result<SecretString, Failure> {
        let file = &self.client_secret_file;
        let text = std::fs::read_to_string(file).map_err(|error| {
            self.fault(&format!("has the secret file {}: {error}", file.display()))
        })?;
        Ok(text.trim_end_matches(['\r', '\n']).into())
    }
}

/// Whether somebody is idle is noted by the minute.
const IDLE_MINUTES_MIN: u32 = 2;
/// The most characters of an issuer's name.
const NAME_MAX: usize = 64;
const MINUTE_MICROS: i64 = 60_000_000;

impl Default for SignInSection {
    fn default() -> Self {
        Self {
            idle_minutes_max: 60,
            minutes_max: 720,
            issuers: Vec::new(),
        }
    }
}

impl SignInSection {
    /// Returns for how long people stay signed in.
    pub(crate) fn lifetimes(&self) -> Lifetimes {
        Lifetimes {
            idle: i64::from(self.idle_minutes_max) * MINUTE_MICROS,
            absolute: i64::from(self.minutes_max) * MINUTE_MICROS,
        }
    }

    /// Checks what single values cannot say of themselves.
    pub(super) fn validate(&self, oidc: &OidcSection) -> Result<(), Failure> {
        let Self {
            idle_minutes_max: idle,
            minutes_max: all,
            issuers,
        } = self;
        for (index, issuer) in issuers.iter().enumerate() {
            issuer.validate(oidc)?;
            let mut before = issuers.iter().take(index);
            if before.any(|other| other.name == issuer.name) {
                return Err(issuer.fault("is there twice; expected another name for each"));
            }
        }
        if *idle < IDLE_MINUTES_MIN {
            let sentence =
                format!("sign_in.idle_minutes_max is {idle}; expected {IDLE_MINUTES_MIN} or more");
            return Err(Failure::new(Exit::Config, sentence));
        }
        if all < idle {
            let sentence = format!(
                "sign_in.minutes_max is {all}; expected sign_in.idle_minutes_max ({idle}) or more"
            );
            return Err(Failure::new(Exit::Config, sentence));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::cli::{ServeArgs, StoreArgs};
    use crate::config::{Config, Environment};

    fn read(text: &str) -> Result<Config, String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        let store = StoreArgs {
            config: Some(file.path().to_owned()),
            ..StoreArgs::default()
        };
        let args = ServeArgs {
            store,
            ..ServeArgs::default()
        };
        Config::of_server(&args, Environment::default()).map_err(|failure| failure.sentence)
    }

    #[test]
    fn people_are_signed_out_after_the_minutes_that_are_set() {
        let set = read("[sign_in]\nidle_minutes_max = 5\nminutes_max = 5\n").expect("a config");
        let lifetimes = set.sign_in.lifetimes();
        assert_eq!(
            (lifetimes.idle, lifetimes.absolute),
            (300_000_000, 300_000_000)
        );
        let refused = read("[sign_in]\nidle_minutes_max = 1\n").expect_err("too short");
        assert!(
            refused.contains("idle_minutes_max is 1; expected 2"),
            "{refused}"
        );
        let refused = read("[sign_in]\nminutes_max = 59\n").expect_err("shorter than idle");
        assert!(refused.contains("minutes_max is 59; expected"), "{refused}");
    }
}
