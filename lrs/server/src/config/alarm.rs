//! Who is told of what has to be looked at, and from where on.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use lettre::message::Mailbox;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::handover::check_name;
use crate::alarms::{AlarmTarget, AlarmWay, Condition, Mail, Relay, Security};
use crate::exit::{Exit, Failure};
use crate::handover::Webhook;
use crate::web::is_safe;

/// `[alarms]`
#[derive(Debug, Clone, Deserialize, JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AlarmsSection {
    /// For how many hours a key that used to send may be silent.
    pub(crate) silent_hours: u32,
    /// How many seconds results, and what readers are told to be complete, may be behind.
    pub(crate) lag_seconds: u32,
    /// How many hours old the last backup of a data folder may be.
    pub(crate) backup_hours: u32,
    /// How many bytes the disk of the data folder has to have left; more than `store.free_bytes_min`.
    pub(crate) free_bytes: u64,
    /// How many days before the end of a reporting period its report is told to be due.
    pub(crate) period_days: u16,
    /// After how many hours an alarm that lasts is told again; 0 for never.
    pub(crate) again_hours: u32,
}

impl Default for AlarmsSection {
    fn default() -> Self {
        Self {
            silent_hours: 7 * 24,
            lag_seconds: 600,
            backup_hours: 36,
            free_bytes: 1024 * 1024 * 1024,
            period_days: 7,
            again_hours: 24,
        }
    }
}

/// `[[alarm]]`
#[derive(Debug, Clone, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlarmSection {
    /// Its name, by which what was told is kept.
    pub(crate) name: String,
    /// Of what it is told.
    #[serde(default = "every_condition")]
    pub(crate) on: BTreeSet<Condition>,
    /// The address that is called.
    pub(crate) url: Option<String>,
    /// The file of the secret that is shared with who is called.
    pub(crate) secret_file: Option<PathBuf>,
    /// The mail that is sent.
    pub(crate) mail: Option<MailSection>,
}

/// Who is sent mails, and by which server.
#[derive(Debug, Clone, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailSection {
    /// The name of the mail server.
    pub(crate) host: String,
    /// Its port; 465, 587 or 25 where absent, by `tls`.
    pub(crate) port: Option<u16>,
    /// How the connection is kept from others.
    #[serde(default)]
    pub(crate) tls: Security,
    /// The file of certificates (PEM) that are trusted beside Mozilla's.
    pub(crate) ca_file: Option<PathBuf>,
    /// The address that mails come from.
    pub(crate) from: String,
    /// The addresses that they go to.
    pub(crate) to: Vec<String>,
    /// The user, where the server wants one.
    pub(crate) user: Option<String>,
    /// The file of the user's password.
    pub(crate) password_file: Option<PathBuf>,
}

fn every_condition() -> BTreeSet<Condition> {
    Condition::EACH.into()
}

/// Checks what single values cannot say of themselves.
pub(super) fn validate(sections: &[AlarmSection]) -> Result<(), Failure> {
    for (index, section) in sections.iter().enumerate() {
        section.validate()?;
        let mut before = sections.iter().take(index);
        if before.any(|other| other.name == section.name) {
            return Err(section.fault("is there twice; expected another name for each"));
        }
    }
    Ok(())
}

impl AlarmSection {
    fn fault(&self, sentence: impl Display) -> Failure {
        let sentence = format!("the target `{}` of [[alarm]] {sentence}", self.name);
        Failure::new(Exit::Config, sentence)
    }

    fn validate(&self) -> Result<(), Failure> {
        check_name(&self.name).map_err(|sentence| self.fault(sentence))?;
        if self.on.is_empty() {
            return Err(self.fault("is told of nothing: expected some `on`"));
        }
        let sentence = match (&self.url, &self.secret_file, &self.mail) {
            (None, None, Some(mail)) => {
                let checked = mail.validate();
                return checked.map_err(|sentence| self.fault(sentence));
            }
            (Some(url), Some(_), None) if is_safe(url) => return Ok(()),
            (Some(_), Some(_), None) => {
                "has another `url` than an address of https, or of http on this machine"
            }
            (Some(_), None, None) => "has a `url` without a `secret_file` to sign by",
            _ => "has to have a `mail`, or a `url` with a `secret_file`",
        };
        Err(self.fault(sentence))
    }

    /// Returns who is told and how, with secrets from their files.
    pub(crate) fn target(&self) -> Result<AlarmTarget, Failure> {
        self.validate()?;
        Ok(AlarmTarget {
            name: self.name.clone(),
            on: self.on.clone(),
            way: self.way()?,
        })
    }

    fn way(&self) -> Result<AlarmWay, Failure> {
        if let Some(mail) = &self.mail {
            let mail = mail.mail().map_err(|sentence| self.fault(sentence))?;
            return Ok(AlarmWay::Mail(Box::new(mail)));
        }
        let (Some(url), Some(file)) = (&self.url, &self.secret_file) else {
            return Err(self.fault("has to have a `mail`, or a `url` with a `secret_file`"));
        };
        let secret = text(file).map_err(|sentence| self.fault(sentence))?;
        let uri = url.parse();
        let uri = uri.map_err(|_| self.fault("has a `url` that is no address"))?;
        let webhook = Webhook::new(uri, &secret);
        let webhook =
            webhook.map_err(|why| self.fault(format!("has the file {}: {why}", file.display())))?;
        Ok(AlarmWay::Webhook(Box::new(webhook)))
    }
}

impl MailSection {
    fn validate(&self) -> Result<(), String> {
        let is_local = ["localhost", "127.0.0.1", "::1"].contains(&&*self.host);
        if self.tls == Security::None && !is_local {
            return Err(
                "sends mails in the clear: expected `tls` of implicit or starttls, or a `host` on this machine"
                    .to_owned(),
            );
        }
        if self.host.is_empty() || self.to.is_empty() {
            return Err("sends mails to nobody: expected a `host` and some `to`".to_owned());
        }
        if self.user.is_some() != self.password_file.is_some() {
            return Err("has to have both `user` and `password_file`, or neither".to_owned());
        }
        for address in self.to.iter().chain([&self.from]) {
            mailbox(address)?;
        }
        Ok(())
    }

    fn mail(&self) -> Result<Mail, String> {
        let login = match (&self.user, &self.password_file) {
            (Some(user), Some(file)) => {
                let password = text(file)?;
                Some((
                    user.clone(),
                    password.trim_end_matches(['\r', '\n']).to_owned(),
                ))
            }
            _ => None,
        };
        let authority = self.ca_file.as_deref().map(text).transpose()?;
        let relay = Relay {
            host: &self.host,
            port: self.port,
            security: self.tls,
            authority: authority.map(String::into_bytes),
            login,
        };
        let to: Result<Vec<_>, _> = self.to.iter().map(|to| mailbox(to)).collect();
        Mail::new(relay, mailbox(&self.from)?, to?)
            .map_err(|error| format!("cannot send mails: {error}"))
    }
}

fn mailbox(address: &str) -> Result<Mailbox, String> {
    address.parse().map_err(|_| {
        format!("has the address `{address}`: expected one such as `Varde <varde@example.org>`")
    })
}

fn text(file: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(file);
    text.map_err(|error| format!("has the file {}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    const MAIL: &str = "[alarm.mail]\nhost = \"mail.example.org\"\nfrom = \"varde@example.org\"";

    fn read(text: &str) -> Result<Vec<AlarmSection>, String> {
        let text = format!("[[alarm]]\nname = \"ops\"\n{text}\n");
        let config = Config::parse(&text, "varde.toml").map_err(|failure| failure.sentence)?;
        validate(&config.alarm).map_err(|failure| failure.sentence)?;
        Ok(config.alarm)
    }

    #[test]
    fn a_target_is_told_of_everything_unless_it_is_said_otherwise() {
        let mail = format!("{MAIL}\nto = [\"ops@example.org\"]");
        let one = read(&mail).expect("a target").remove(0);
        assert_eq!(one.on, Condition::EACH.into());
        assert_eq!(one.mail.as_ref().expect("a mail").tls, Security::Implicit);
        assert!(matches!(
            one.target().expect("a way").way,
            AlarmWay::Mail(_)
        ));
        let some = read(&format!("on = [\"lag\"]\n{mail}")).expect("a target");
        assert_eq!(some[0].on, [Condition::Lag].into());
    }

    #[test]
    fn what_is_wrong_with_a_target_is_told_by_name() {
        let url = "url = \"https://example.org/hook\"";
        let mail = |rest: &str| format!("{MAIL}\nto = [\"ops@example.org\"]\n{rest}");
        let cases = [
            (String::new(), "has to have a `mail`"),
            (format!("{url}\n{}", mail("")), "has to have a `mail`"),
            (url.to_owned(), "without a `secret_file`"),
            (
                "url = \"http://example.org\"\nsecret_file = \"/s\"".to_owned(),
                "an address of https",
            ),
            (format!("on = []\n{}", mail("")), "is told of nothing"),
            (
                format!("on = [\"silence\"]\n{}", mail("")),
                "unknown variant `silence`",
            ),
            (mail("tls = \"none\""), "in the clear"),
            (mail("user = \"u\""), "both `user` and `password_file`"),
            (mail("ports = 1"), "unknown field `ports`"),
            (format!("{MAIL}\nto = []"), "to nobody"),
            (format!("{MAIL}\nto = [\"ops\"]"), "the address `ops`"),
            (
                format!("{0}\n[[alarm]]\nname = \"ops\"\n{0}", mail("")),
                "is there twice",
            ),
        ];
        for (text, expected) in cases {
            let refused = read(&text).expect_err("refused");
            assert!(refused.contains(expected), "{refused}");
        }
    }

    #[test]
    fn a_secret_that_cannot_be_used_is_named_by_its_file_and_never_quoted() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secret");
        let path = file.display().to_string();
        let text = format!("url = \"https://example.org/hook\"\nsecret_file = \"{path}\"");
        let section = read(&text).expect("a target").remove(0);
        let refused = || section.target().expect_err("refused").sentence;
        assert!(refused().contains(&path), "{}", refused());
        std::fs::write(&file, "hush").expect("written");
        assert!(refused().contains(&path) && !refused().contains("hush"));
    }
}
