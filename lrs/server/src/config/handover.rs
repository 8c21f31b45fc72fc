//! Who is handed what is submitted and published.

use std::collections::BTreeSet;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use varde_core::ProjectCode;
use varde_interreg::handover::{Event, Target};
use varde_interreg::pack::Language;

use super::schema;
use crate::exit::{Exit, Failure};
use crate::handover::{Way, Webhook};
use crate::web::is_safe;

/// The most characters of a name.
const NAME_MAX: usize = 64;

/// `[[handover]]`
#[derive(Debug, Clone, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandoverSection {
    /// Its name, by which deliveries are kept.
    pub(crate) name: String,
    /// Of which projects; each is named, since packs say more than is for everybody.
    #[schemars(with = "BTreeSet<String>")]
    pub(crate) projects: BTreeSet<ProjectCode>,
    /// What.
    #[schemars(schema_with = "schema::events")]
    #[serde(default = "every_event")]
    pub(crate) on: BTreeSet<Event>,
    /// The folder that files are put into.
    pub(crate) folder: Option<PathBuf>,
    /// The languages of packs in the folder; all where absent.
    #[schemars(schema_with = "schema::languages")]
    #[serde(default)]
    pub(crate) languages: Option<BTreeSet<Language>>,
    /// The address that is called.
    pub(crate) url: Option<String>,
    /// The file of the secret that is shared with who is called.
    pub(crate) secret_file: Option<PathBuf>,
}

/// Checks the name of a target.
pub(super) fn check_name(name: &str) -> Result<(), &'static str> {
    let plain = |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-');
    if !(1..=NAME_MAX).contains(&name.len()) || !name.bytes().all(plain) {
        return Err("has another name than 1 to 64 small letters, digits and hyphens");
    }
    Ok(())
}

fn every_event() -> BTreeSet<Event> {
    Event::EACH.into()
}

/// Checks what single values cannot say of themselves.
pub(super) fn validate(sections: &[HandoverSection]) -> Result<(), Failure> {
    for (index, section) in sections.iter().enumerate() {
        section.validate()?;
        let mut before = sections.iter().take(index);
        if before.any(|other| other.name == section.name) {
            return Err(section.fault("is there twice; expected another name for each"));
        }
    }
    Ok(())
}

impl HandoverSection {
    fn fault(&self, sentence: &str) -> Failure {
        let sentence = format!("the target `{}` of [[handover]] {sentence}", self.name);
        Failure::new(Exit::Config, sentence)
    }

    fn validate(&self) -> Result<(), Failure> {
        check_name(&self.name).map_err(|sentence| self.fault(sentence))?;
        if self.projects.is_empty() || self.on.is_empty() {
            return Err(self.fault("is told of nothing: expected some `projects` and some `on`"));
        }
        let languages = self.languages.as_ref().map(BTreeSet::len);
        let sentence = match (&self.folder, &self.url, &self.secret_file, languages) {
            (Some(_), None, None, Some(0)) => "has no language; expected some of nb, sv and en",
            (Some(folder), None, None, _) if folder.is_absolute() => return Ok(()),
            (Some(_), None, None, _) => "has a `folder` that does not begin at the root",
            (None, Some(_), _, Some(_)) => {
                "has `languages` beside its `url`: who is called reads the whole pack at its address"
            }
            (None, Some(url), Some(_), None) if is_safe(url) => return Ok(()),
            (None, Some(_), Some(_), None) => {
                "has another `url` than an address of https, or of http on this machine"
            }
            (None, Some(_), None, None) => "has a `url` without a `secret_file` to sign by",
            _ => "has to have a `folder`, or a `url` with a `secret_file`",
        };
        Err(self.fault(sentence))
    }

    /// Returns who is told of what.
    pub(crate) fn target(&self) -> Target {
        let languages = self.languages.clone();
        let languages = languages.unwrap_or_else(|| Language::EACH.into());
        Target {
            name: self.name.clone(),
            projects: self.projects.clone(),
            on: self.on.clone(),
            languages: languages.into_iter().collect(),
        }
    }

    /// Returns how it is reached, with the secret from its file.
    pub(crate) fn way(&self) -> Result<Way, Failure> {
        if let Some(folder) = &self.folder {
            return Ok(Way::Folder(folder.clone()));
        }
        let (Some(url), Some(file)) = (&self.url, &self.secret_file) else {
            return Err(self.fault("has to have a `folder`, or a `url` with a `secret_file`"));
        };
        let unread = |why: &dyn std::fmt::Display| {
            self.fault(&format!("has the secret file {}: {why}", file.display()))
        };
        let secret = std::fs::read_to_string(file).map_err(|error| unread(&error))?;
        let uri = url
            .parse()
            .map_err(|_| self.fault("has a `url` that is no address"))?;
        let webhook = Webhook::new(uri, &secret).map_err(|sentence| unread(&sentence))?;
        Ok(Way::Webhook(Box::new(webhook)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn read(text: &str) -> Result<Vec<HandoverSection>, String> {
        let text = format!("[[handover]]\n{text}\n");
        let config = Config::parse(&text, "varde.toml").map_err(|failure| failure.sentence)?;
        validate(&config.handover).map_err(|failure| failure.sentence)?;
        Ok(config.handover)
    }

    #[test]
    fn a_target_is_told_of_everything_in_every_language_unless_it_is_said_otherwise() {
        let read = |text| read(text).expect("a target").remove(0).target();
        let all = read("name = \"a\"\nprojects = [\"sing\"]\nfolder = \"/srv/a\"");
        assert_eq!(all.on, Event::EACH.into());
        assert_eq!(all.languages, Language::EACH);
        let some = read(
            "name = \"a\"\nprojects = [\"sing\"]\nfolder = \"/srv/a\"\non = [\"released\"]\n\
             languages = [\"sv\"]",
        );
        assert_eq!(some.on, [Event::Released].into());
        assert_eq!(some.languages, [Language::Sv]);
    }

    #[test]
    fn what_is_wrong_with_a_target_is_told_by_name() {
        let url = "url = \"https://example.org/hook\"";
        let named = |rest: &str| format!("name = \"a\"\nprojects = [\"sing\"]\n{rest}");
        let cases = [
            (
                named("folder = \"/a\"\nfolders = 1"),
                "unknown field `folders`",
            ),
            (named(""), "has to have a `folder`"),
            (
                named(&format!("folder = \"/a\"\n{url}")),
                "has to have a `folder`",
            ),
            (named("folder = \"a\""), "does not begin at the root"),
            (named("folder = \"/a\"\nlanguages = []"), "has no language"),
            (
                named("folder = \"/a\"\nlanguages = [\"fi\"]"),
                "unknown variant `fi`",
            ),
            (
                named("folder = \"/a\"\non = [\"returned\"]"),
                "unknown variant `returned`",
            ),
            (named("folder = \"/a\"\non = []"), "is told of nothing"),
            (named(url), "without a `secret_file`"),
            (
                named("url = \"http://example.org\"\nsecret_file = \"/s\""),
                "an address of https",
            ),
            (
                named(&format!(
                    "{url}\nsecret_file = \"/s\"\nlanguages = [\"nb\"]"
                )),
                "has `languages` beside its `url`",
            ),
            (
                "name = \"A b\"\nprojects = [\"sing\"]\nfolder = \"/a\"".to_owned(),
                "the target `A b` of [[handover]] has another name",
            ),
            (
                format!("{0}\n[[handover]]\n{0}", named("folder = \"/a\"")),
                "the target `a` of [[handover]] is there twice",
            ),
        ];
        for (text, expected) in cases {
            let refused = read(&text).expect_err("refused");
            assert!(refused.contains(expected), "{refused}");
        }
    }

    #[test]
    fn a_secret_that_cannot_be_read_is_named_by_its_file_and_never_quoted() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secret");
        let text = format!(
            "name = \"a\"\nprojects = [\"sing\"]\nurl = \"https://example.org/hook\"\n\
             secret_file = \"{}\"",
            file.display()
        );
        let section = read(&text).expect("a target").remove(0);
        let path = file.display().to_string();
        let refused = || section.way().expect_err("refused").sentence;
        assert!(refused().contains(&path), "{}", refused());
        std::fs::write(&file, "hush").expect("written");
        assert!(
            refused().contains(&path) && !refused().contains("hush"),
            "{}",
            refused()
        );
        std::fs::write(&file, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").expect("written");
        assert!(matches!(section.way(), Ok(Way::Webhook(_))));
    }
}
