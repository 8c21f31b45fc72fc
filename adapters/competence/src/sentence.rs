//! What decided, in the languages of those who read it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::decimal::Decimal;
use crate::finding::{Basis, Comparison, Component, Missing};
use crate::table::Status;
use crate::time;

/// A language in which explanations are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Norwegian (bokmål).
    Nb,
    /// Swedish.
    Sv,
    /// English.
    #[default]
    En,
}

impl Language {
    /// Every language.
    pub const EACH: [Self; 3] = [Self::Nb, Self::Sv, Self::En];

    /// Returns the language's tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::Nb => "nb",
            Self::Sv => "sv",
            Self::En => "en",
        }
    }

    /// Chooses between words of the languages.
    pub(crate) fn say<'a>(self, nb: &'a str, sv: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Nb => nb,
            Self::Sv => sv,
            Self::En => en,
        }
    }

    /// Writes a decimal number.
    fn number(self, text: &str) -> String {
        match self {
            Self::Nb | Self::Sv => text.replace('.', ","),
            Self::En => text.to_owned(),
        }
    }

    /// Writes a time, given in seconds.
    fn time(self, seconds: Option<Decimal>) -> String {
        let Some((whole, fraction)) = seconds.and_then(Decimal::split) else {
            return String::new();
        };
        let (hours, minutes) = (whole / 3600, whole / 60 % 60);
        let seconds = self.number(&format!("{}{fraction}", whole % 60));
        let hour = self.say("t", "tim", "h");
        let parts = [
            (hours > 0, format!("{hours} {hour}")),
            (minutes > 0, format!("{minutes} min")),
            (seconds != "0" || whole == 0, format!("{seconds} s")),
        ];
        let parts: Vec<_> = parts.into_iter().filter(|(any, _)| *any).collect();
        let parts: Vec<_> = parts.into_iter().map(|(_, part)| part).collect();
        parts.join(" ")
    }

    fn yes_or_no(self, yes: bool) -> &'static str {
        if yes {
            self.say("ja", "ja", "true")
        } else {
            self.say("nei", "nej", "false")
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// A text that names no language of explanations.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("explanations are written in nb, sv and en, found {0:?}")]
pub struct LanguageError(pub String);

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, LanguageError> {
        let mut each = Self::EACH.into_iter();
        each.find(|language| language.tag() == text)
            .ok_or_else(|| LanguageError(text.to_owned()))
    }
}

impl Basis {
    /// Returns the basis in words.
    pub fn in_words(self, language: Language) -> &'static str {
        match self {
            Self::Assessed => language.say("vurdert", "bedömd", "assessed"),
            Self::Observed => language.say("observert", "observerad", "observed"),
            Self::Own => language.say("egen vurdering", "egen bedömning", "self-assessed"),
        }
    }
}

impl Status {
    /// Returns the status in words.
    pub fn in_words(self, language: Language) -> &'static str {
        match self {
            Self::Current => language.say("gjeldende", "gällande", "current"),
            Self::Lapsed => language.say("utløpt", "upphörd", "lapsed"),
            Self::Revoked => language.say("trukket tilbake", "återkallad", "revoked"),
        }
    }
}

impl Comparison {
    /// Returns what decided as a sentence without its full stop: `0.58 is below 0.60`.
    pub fn sentence(&self, language: Language) -> String {
        let side = |value: String, min: &str, reached: bool| {
            format!(
                "{value} {} {}",
                side(language, reached),
                language.number(min)
            )
        };
        match self {
            Self::Score {
                scaled,
                min,
                reached,
            } => side(language.number(scaled), min, *reached),
            Self::Share {
                part,
                whole,
                min,
                reached,
            } => {
                let of = language.say("av", "av", "of");
                let share = language.number(&share(part, whole));
                let (part, whole) = (language.number(part), language.number(whole));
                side(format!("{part} {of} {whole}{share}"), min, *reached)
            }
            Self::Level {
                asserted,
                min,
                reached,
            } => side(asserted_level(language, asserted), min, *reached),
            Self::Count {
                number,
                min,
                reached,
            } => side(count(language, *number), min, *reached),
            Self::Duration {
                seconds,
                min,
                reached,
            } => {
                let time = language.time(Decimal::parse(seconds));
                side(time, &language.time(time::seconds(min)), *reached)
            }
            Self::Several {
                each,
                number,
                least,
                reached,
            } => {
                let each = each.sentence(language);
                let enough = side(count(language, *number), &least.to_string(), *reached);
                format!("{each}, {} {enough}", and(language, *reached))
            }
            Self::Rules { shown, of, least } => rules(language, shown, *of, *least),
            Self::Success { value } => {
                let success = language.say("bestått:", "godkänt:", "success is");
                format!("{success} {}", language.yes_or_no(*value))
            }
            Self::Completion { value } => {
                let completion = language.say("fullført:", "slutfört:", "completion is");
                format!("{completion} {}", language.yes_or_no(*value))
            }
            Self::Missing { what } => what.reason(language).to_owned(),
        }
    }
}

/// Says on which side of the least value something is.
fn side(language: Language, reached: bool) -> &'static str {
    if reached {
        language.say("er minst", "är minst", "is at least")
    } else {
        language.say("er under", "är under", "is below")
    }
}

/// Binds what one statement did to how many did as well.
fn and(language: Language, enough: bool) -> &'static str {
    if enough {
        language.say("og", "och", "and")
    } else {
        language.say("men", "men", "but")
    }
}

fn asserted_level(language: Language, level: &str) -> String {
    let asserted = language.say(
        "det oppgitte nivået",
        "den angivna nivån",
        "the asserted level",
    );
    format!("{asserted} {}", language.number(level))
}

fn count(language: Language, number: usize) -> String {
    let count = language.say("antallet", "antalet", "the count");
    format!("{count} {number}")
}

fn share(part: &str, whole: &str) -> String {
    let quotient = || Decimal::parse(part)?.share_of(Decimal::parse(whole)?);
    quotient().map_or_else(String::new, |share| format!(" ({share})"))
}

fn rules(language: Language, shown: &[Component], of: usize, least: usize) -> String {
    let level = language.say("nivå", "nivå", "level");
    let shown_by: Vec<_> = shown
        .iter()
        .map(|component| format!("{} ({level} {})", component.rule, component.level))
        .collect();
    let (number, shown_by) = (shown.len(), shown_by.join(", "));
    match language {
        Language::Nb => format!("{number} av {of} regler er oppfylt, {least} trengs: {shown_by}"),
        Language::Sv => format!("{number} av {of} regler är uppfyllda, {least} krävs: {shown_by}"),
        Language::En => format!("{number} of {of} rules are met, {least} are needed: {shown_by}"),
    }
}

impl Missing {
    fn reason(self, language: Language) -> &'static str {
        match self {
            Self::Score => language.say(
                "registreringen har verken en skalert poengsum eller en råpoengsum med høyeste verdi",
                "registreringen har varken en skalad poäng eller en råpoäng med högsta värde",
                "the statement has neither a scaled score nor a raw one with its greatest value",
            ),
            Self::ExactScore => language.say(
                "poengsummen har for mange sifre til å sammenlignes nøyaktig",
                "poängen har för många siffror för att jämföras exakt",
                "the score has too many digits to be compared exactly",
            ),
            Self::Level => language.say(
                "registreringen har ingen råpoengsum som oppgir et nivå",
                "registreringen har ingen råpoäng som anger en nivå",
                "the statement has no raw score that names a level",
            ),
            Self::Success => language.say(
                "registreringen sier ikke om det var bestått",
                "registreringen säger inte om det var godkänt",
                "the statement does not say whether it was a success",
            ),
            Self::Completion => language.say(
                "registreringen sier ikke om det var fullført",
                "registreringen säger inte om det var slutfört",
                "the statement does not say whether it was completed",
            ),
            Self::Duration => language.say(
                "registreringen sier ikke hvor lenge det varte",
                "registreringen säger inte hur länge det varade",
                "the statement does not say how long it took",
            ),
            Self::ExactDuration => language.say(
                "varigheten er oppgitt i år eller måneder, eller for fint, og har ingen nøyaktig lengde",
                "varaktigheten anges i år eller månader, eller för fint, och har ingen exakt längd",
                "the duration is told in years or months, or too finely, and has no exact length",
            ),
            Self::Expiry => language.say(
                "registreringen sier at den utløper, men ikke leselig når",
                "registreringen säger att den upphör, men inte läsbart när",
                "the statement says that it expires, but not legibly when",
            ),
            Self::Object => language.say(
                "registreringen gjelder ingen aktivitet som kan telles",
                "registreringen gäller ingen aktivitet som kan räknas",
                "the statement is not about an activity that could be counted",
            ),
            Self::Registration => language.say(
                "registreringen har ingen påmelding som kan telles",
                "registreringen har ingen anmälan som kan räknas",
                "the statement has no registration that could be counted",
            ),
        }
    }
}
