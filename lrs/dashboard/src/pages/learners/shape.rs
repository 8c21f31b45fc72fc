//! What is shown of a person: competences with their reasons, figures, and what happened on which day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use varde_competence::{Explanation, Piece, Sentences};
use varde_core::Need;
use varde_core::registers::{MergeNote, PersonCard};
use varde_http::{CountedIn, PersonEvent, PersonHistory, What};
use varde_interreg::pack::{Language, Voice};
use varde_xapi::StatementId;

use super::super::indicator_path;
use crate::format;
use crate::visit::Visit;
use crate::words::{Learners, fill};

/// How many events a page shows.
const EVENTS_PER_PAGE: usize = 50;

/// A statement, with its page where the visitor may open it.
type Link = (String, Option<String>);

/// A person as pages show them.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) told: String,
    pub(crate) competences: Vec<Competence>,
    pub(crate) counted: Vec<Counted>,
    pub(crate) days: Vec<Day>,
    /// How many events there are, and how many are shown.
    pub(crate) events: String,
    /// How many events come before the next page, where there is one.
    pub(crate) next: Option<usize>,
}

/// A competence with why somebody has it.
#[derive(Debug)]
pub(crate) struct Competence {
    pub(crate) name: String,
    pub(crate) sentence: String,
    pub(crate) evidence: Vec<Told>,
    pub(crate) near_misses: Vec<Told>,
    pub(crate) not_told: Option<String>,
}

/// A sentence with the statements that it rests on.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) sentence: String,
    pub(crate) statements: Vec<Link>,
}

/// A figure that counts the person.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) label: String,
    /// The indicator's page, where the visitor may open it.
    pub(crate) path: Option<String>,
    pub(crate) unit: String,
    pub(crate) day: String,
    pub(crate) statements: Vec<Link>,
}

/// What happened on a day.
#[derive(Debug)]
pub(crate) struct Day {
    pub(crate) said: String,
    /// The same for programs; nothing for what holds since always.
    pub(crate) datetime: Option<String>,
    pub(crate) events: Vec<Told>,
}

impl Shape {
    /// Shapes what is known of a person, with the events behind the first `from`.
    pub(crate) fn of(history: &PersonHistory, visit: &Visit, from: usize) -> Self {
        let (language, words) = (visit.language, Learners::of(visit.language));
        let as_of = format::day(history.as_of, language);
        let told = match history.complete_through {
            Some(through) => fill(words.told, &[&as_of, &format::instant(through, language)]),
            None => fill(words.told_nothing, &[&as_of]),
        };
        let names = Names { history, language };
        let shown: Vec<_> = history.events.iter().skip(from).collect();
        let shown = shown.get(..EVENTS_PER_PAGE.min(shown.len()));
        let shown = shown.unwrap_or_default();
        let end = from.saturating_add(shown.len());
        let number = |number: usize| format::number(number, language);
        let competences = history.outcomes.iter();
        let counted = history.counted.iter();
        Self {
            told,
            competences: competences
                .map(|one| names.competence(one, visit))
                .collect(),
            counted: counted
                .map(|one| Counted::of(one, history.as_of, visit))
                .collect(),
            days: names.days(shown, visit),
            events: fill(
                words.events,
                &[&number(shown.len()), &number(history.events.len())],
            ),
            next: (end < history.events.len()).then_some(end),
        }
    }
}

/// Names what somebody's history is about.
pub(super) struct Names<'h> {
    pub(super) history: &'h PersonHistory,
    pub(super) language: Language,
}

impl Names<'_> {
    /// Names a competence in the page's language, else as its framework does, else by the end of its IRI.
    fn name(&self, iri: &str) -> String {
        let tags: &[&str] = match self.language {
            Language::Nb => &["nb", "no"],
            Language::Sv => &["sv"],
            Language::En => &["en"],
        };
        let named = self.history.names.get(iri);
        let translated = named.and_then(|named| {
            let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_owned();
            let mut texts = named.translations.iter();
            texts.find(|(tag, _)| tags.contains(&primary(tag).as_str()))
        });
        let own = named.map(|named| &named.name);
        let name = translated.map(|(_, text)| text).or(own);
        let last = || iri.rsplit(['/', '#']).find(|part| !part.is_empty());
        name.cloned()
            .unwrap_or_else(|| last().unwrap_or(iri).to_owned())
    }

    fn competence(&self, one: &Explanation, visit: &Visit) -> Competence {
        let words = Learners::of(self.language);
        let told = |pieces: &[Piece]| {
            let pieces = pieces.iter();
            let pieces = pieces.map(|piece| Told {
                sentence: said(&piece.sentences, self.language),
                statements: links(&piece.statements, visit),
            });
            pieces.collect()
        };
        let more = format::number(one.not_told, self.language);
        Competence {
            name: self.name(&one.competence),
            sentence: said(&one.sentences, self.language),
            evidence: told(&one.evidence),
            near_misses: told(&one.near_misses),
            not_told: (one.not_told > 0).then(|| fill(words.not_told, &[&more])),
        }
    }

    fn days(&self, events: &[&PersonEvent], visit: &Visit) -> Vec<Day> {
        let words = Learners::of(self.language);
        let days = events.chunk_by(|one, other| one.day == other.day);
        let days = days.map(|events| {
            let day = events.first().and_then(|event| event.day);
            Day {
                said: day.map_or_else(
                    || words.always.to_owned(),
                    |day| format::day(day, self.language),
                ),
                datetime: day.map(|day| day.to_string()),
                events: events.iter().map(|one| self.event(one, visit)).collect(),
            }
        });
        days.collect()
    }

    fn event(&self, event: &PersonEvent, visit: &Visit) -> Told {
        let statements: &[StatementId] = match &event.what {
            What::Counted(CountedIn { statements, .. }) | What::Shown { statements, .. } => {
                statements
            }
            What::Affiliated(_) | What::Merged(_) => &[],
        };
        Told {
            sentence: self.sentence(&event.what),
            statements: links(statements, visit),
        }
    }

    /// Says what happened.
    pub(super) fn sentence(&self, what: &What) -> String {
        let words = Learners::of(self.language);
        match what {
            What::Counted(one) => {
                let name = self.language.of(&one.name);
                let said = fill(words.event_counted, &[&one.code.to_string(), name]);
                match unit(one) {
                    Some(unit) => format!("{said}: {unit}"),
                    None => said,
                }
            }
            What::Shown {
                competence,
                level,
                level_name,
                ..
            } => {
                let level = match level_name {
                    Some(name) => format!("{level} ({name})"),
                    None => level.to_string(),
                };
                fill(words.event_shown, &[&level, &self.name(competence)])
            }
            What::Affiliated(one) => {
                let organisation = one.name.as_ref().unwrap_or(&one.organisation);
                let said = fill(words.event_affiliated, &[organisation]);
                match &one.to {
                    Some(to) => format!("{said} {}", self.day(words.event_until, *to)),
                    None => said,
                }
            }
            What::Merged(merge) => self.merge(merge),
        }
    }

    fn merge(&self, merge: &MergeNote) -> String {
        let words = Learners::of(self.language);
        let said = match &merge.into {
            Some(into) => fill(words.event_merged, &[&merge.person, into]),
            None => fill(words.event_parted, &[&merge.person]),
        };
        let days = match merge.from {
            Some(from) => self.day(words.event_from, from),
            None => words.event_all_days.to_owned(),
        };
        format!("{said} ({days})")
    }

    fn day(&self, words: &str, day: Date) -> String {
        fill(words, &[&format::day(day, self.language)])
    }
}

impl Counted {
    fn of(one: &CountedIn, as_of: Date, visit: &Visit) -> Self {
        let opens = visit.caller().may(Need::ReadResults).is_ok();
        Self {
            label: format!("{} {}", one.code, visit.language.of(&one.name)),
            path: opens.then(|| indicator_path(&one.project, &one.code, as_of)),
            unit: unit(one).unwrap_or_default().to_owned(),
            day: format::day(one.day, visit.language),
            statements: links(&one.statements, visit),
        }
    }
}

/// Names what somebody is counted of, else returns its IRI.
fn unit(one: &CountedIn) -> Option<&str> {
    one.title.as_deref().or(one.unit.as_deref())
}

/// Returns statements with their pages, where the visitor may open those.
fn links(statements: &[StatementId], visit: &Visit) -> Vec<Link> {
    let opens = visit.caller().may(Need::ReadStatements).is_ok();
    let links = statements.iter().map(|id| {
        let id = id.to_string();
        let path = opens.then(|| format!("/statements/{id}"));
        (id, path)
    });
    links.collect()
}

/// Returns a text in the page's language.
fn said(sentences: &Sentences, language: Language) -> String {
    match language {
        Language::Nb => &sentences.nb,
        Language::Sv => &sentences.sv,
        Language::En => &sentences.en,
    }
    .clone()
}

/// Says what the register holds in a field of a person, in words where there are some.
pub(crate) fn value(card: &PersonCard, field: &str, language: Language) -> String {
    let value = card.values.get(field);
    value.map_or_else(String::new, |value| Voice::In(language).value(value))
}

/// Says of which kinds somebody's identifiers are, and how many of each.
pub(crate) fn kinds(card: &PersonCard, words: &Learners) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for kind in &card.identifier_kinds {
        *counts.entry(named(kind, words)).or_default() += 1;
    }
    let kinds = counts.into_iter().map(|(kind, count)| match count {
        1 => kind,
        count => format!("{count} × {kind}"),
    });
    kinds
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
        .join(", ")
}

fn named(kind: &str, words: &Learners) -> String {
    match kind {
        "mbox" => words.mbox.to_owned(),
        "mbox_sha1sum" => words.mbox_sha1sum.to_owned(),
        "openid" => words.openid.to_owned(),
        "unknown" => words.unknown_kind.to_owned(),
        kind => match kind.strip_prefix("account at ") {
            Some(home_page) => fill(words.account, &[home_page]),
            None => kind.to_owned(),
        },
    }
}
