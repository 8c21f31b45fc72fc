//! For how long people stay signed in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use varde_core::users::Lifetimes;

use crate::exit::{Exit, Failure};

/// `[sign_in]`
#[derive(Debug, Clone, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SignInSection {
    /// After how many minutes without a request one is signed out, 2 or more.
    pub(crate) idle_minutes_max: u32,
    /// After how many minutes one is signed out in any case, no fewer than when idle.
    pub(crate) minutes_max: u32,
}

/// Whether somebody is idle is noted by the minute.
const IDLE_MINUTES_MIN: u32 = 2;
const MINUTE_MICROS: i64 = 60_000_000;

impl Default for SignInSection {
    fn default() -> Self {
        Self {
            idle_minutes_max: 60,
            minutes_max: 720,
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
    pub(super) fn validate(&self) -> Result<(), Failure> {
        let Self {
            idle_minutes_max: idle,
            minutes_max: all,
        } = self;
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
