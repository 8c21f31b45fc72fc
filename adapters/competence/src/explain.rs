//! The use case: why somebody has a level, or has none.

use std::cmp::Reverse;

use jiff::civil::Date;
use serde::Serialize;
use varde_core::audit::Told;
use varde_core::definitions::DefinitionHash;
use varde_core::{Caller, Need};
use varde_xapi::{StatementId, Stored};

use crate::closing::Closing;
use crate::finding::{Basis, Comparison, Phase};
use crate::gain::Post;
use crate::item::{End, Item};
use crate::outcomes::{OutcomeError, Outcomes};
use crate::reading::{Selection, Whose};
use crate::sentence::Language;
use crate::table::{Outcome, attained};

/// The most pieces of evidence of one outcome that are told, and the most near misses.
const TOLD_MAX: usize = 100;
/// The most statements that a sentence names.
const NAMED_MAX: usize = 3;

/// What is to be explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainQuery {
    /// Whose outcomes, by pseudonym or id.
    pub person: String,
    /// Only those of this competence (its IRI).
    pub competence: Option<String>,
    /// Only those on this basis.
    pub basis: Option<Basis>,
    /// As of the end of this day.
    pub as_of: Date,
    /// As known at this instant; the latest complete one where absent or later than that.
    pub known_at: Option<Stored>,
}

/// One text in each language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sentences {
    /// In Norwegian (bokmål).
    pub nb: String,
    /// In Swedish.
    pub sv: String,
    /// In English.
    pub en: String,
}

impl Sentences {
    fn of(say: impl Fn(Language) -> String) -> Self {
        Self {
            nb: say(Language::Nb),
            sv: say(Language::Sv),
            en: say(Language::En),
        }
    }

    /// Returns the text in a language.
    pub fn get(&self, language: Language) -> &str {
        language.say(&self.nb, &self.sv, &self.en)
    }
}

/// A person's outcomes, explained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplanationTable {
    /// The day, at whose end they are as told.
    pub as_of: Date,
    /// The instant as known at which they are told; `None` while no rule is current.
    pub known_at: Option<Stored>,
    /// Everything stored up to this instant is taken in; `None` while no rule is current.
    pub complete_through: Option<Stored>,
    /// By competence and basis, also where there is no level.
    pub explanations: Vec<Explanation>,
}

/// Why somebody has a level in a competence on a basis, or has none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The competence's IRI.
    pub competence: String,
    /// Who says so.
    pub basis: Basis,
    /// The outcome; `None` where nothing ever showed a level.
    pub outcome: Option<Outcome>,
    /// The outcome in words.
    pub sentences: Sentences,
    /// What shows a level or did, what decides first. All rules are told of: the highest decides.
    pub evidence: Vec<Piece>,
    /// What was looked at and shows no level, the latest first.
    pub near_misses: Vec<Piece>,
    /// How many pieces of evidence and near misses there are beyond those told.
    pub not_told: usize,
}

/// What statements show by one rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Piece {
    /// The rule, `id@version`.
    pub rule: String,
    /// The rule's hash.
    pub definition: DefinitionHash,
    /// The statements that it rests on, the deciding one first.
    pub statements: Vec<StatementId>,
    /// Those of them that were erased before the rule was installed. What they count as is carried
    /// over from an earlier version of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub carried: Vec<StatementId>,
    /// The day of the deciding statement.
    pub day: Date,
    /// Whether it is from before or after the learning.
    pub phase: Phase,
    /// The training scheme that it belongs to.
    pub scheme: Option<String>,
    /// The level shown.
    pub level: Option<u32>,
    /// The level's name.
    pub level_name: Option<String>,
    /// The day from which on it does not hold, if it is told of one.
    pub ends: Option<Date>,
    /// What decided.
    pub comparison: Comparison,
    /// The whole in words.
    pub sentences: Sentences,
}

impl Outcomes {
    /// Explains a person's outcomes that the caller may see: the rules, the statements, the
    /// comparison that decided, and what shows no level with the reason.
    pub async fn explain(
        &self,
        caller: &Caller,
        query: &ExplainQuery,
    ) -> Result<ExplanationTable, OutcomeError> {
        caller.may(Need::ReadResults)?;
        let selection = Selection {
            whose: Whose::Person(&query.person),
            project: None,
            competence: query.competence.as_deref(),
            basis: query.basis,
            as_of: query.as_of,
            known_at: query.known_at,
        };
        let found = self.reader.items(caller, caller.rows(), &selection).await?;
        let view = found.view();
        let each = found.items.iter();
        let explanations: Vec<_> = each
            .filter_map(|((person, competence, basis), items)| {
                let by_then = items.iter().filter(|item| item.finding.day <= query.as_of);
                let items: Vec<Item> = by_then.cloned().collect();
                let outcome = attained(view.shown(person), &items, query.as_of, Post::default());
                (!items.is_empty())
                    .then(|| explanation((competence, *basis), outcome, items, query.as_of))
            })
            .collect();
        let given = [
            ("person", true),
            ("competence", query.competence.is_some()),
            ("basis", query.basis.is_some()),
            ("known_at", query.known_at.is_some()),
        ];
        let told = Told {
            known_at: found.known_at,
            persons: found.person.iter().cloned().collect(),
            ..Told::new("explain", &given, explanations.len())
        };
        self.reader.ledger.told(caller, &told).await?;
        Ok(ExplanationTable {
            as_of: query.as_of,
            known_at: found.known_at,
            complete_through: found.complete_through,
            explanations,
        })
    }
}

fn explanation(
    (competence, basis): (&str, Basis),
    outcome: Option<Outcome>,
    items: Vec<Item>,
    as_of: Date,
) -> Explanation {
    let number = items.len();
    let (mut evidence, mut near_misses): (Vec<_>, Vec<_>) =
        items.into_iter().partition(|item| item.level().is_some());
    // As what they amount to is found: what holds, the highest first, and the earliest of those.
    evidence.sort_by(|a, b| {
        let rank = |item: &Item| Reverse((item.holds_on(as_of), item.level()));
        (rank(a), a.order()).cmp(&(rank(b), b.order()))
    });
    near_misses.sort_by(|a, b| b.order().cmp(&a.order()));
    evidence.truncate(TOLD_MAX);
    near_misses.truncate(TOLD_MAX);
    let pieces = |items: &[Item]| items.iter().map(|item| piece(item, as_of)).collect();
    Explanation {
        competence: competence.to_owned(),
        basis,
        sentences: Sentences::of(|language| headline(language, outcome.as_ref(), as_of)),
        outcome,
        not_told: number - evidence.len() - near_misses.len(),
        evidence: pieces(&evidence),
        near_misses: pieces(&near_misses),
    }
}

fn headline(language: Language, outcome: Option<&Outcome>, as_of: Date) -> String {
    let Some(outcome) = outcome else {
        return match language {
            Language::Nb => format!("{as_of}: ingen nivå, for ingenting viser noen."),
            Language::Sv => format!("{as_of}: ingen nivå, eftersom inget visar någon."),
            Language::En => format!("{as_of}: no level, for nothing shows one."),
        };
    };
    let level = level(language, outcome.level, outcome.level_name.as_deref());
    let basis = outcome.basis.in_words(language);
    let status = outcome.status.in_words(language);
    let (day, rule) = (outcome.day, &outcome.rule);
    match language {
        Language::Nb => format!("{as_of}: {level} ({basis}, {status}), vist {day} etter {rule}."),
        Language::Sv => format!("{as_of}: {level} ({basis}, {status}), visad {day} enligt {rule}."),
        Language::En => format!("{as_of}: {level} ({basis}, {status}), shown on {day} by {rule}."),
    }
}

fn level(language: Language, number: u32, name: Option<&str>) -> String {
    let level = language.say("nivå", "nivå", "level");
    match name {
        Some(name) => format!("{level} {number} ({name})"),
        None => format!("{level} {number}"),
    }
}

fn piece(item: &Item, as_of: Date) -> Piece {
    let finding = &item.finding;
    Piece {
        rule: finding.rule.clone(),
        definition: item.definition,
        statements: item.statements.clone(),
        carried: item.carried.clone(),
        day: finding.day,
        phase: finding.phase,
        scheme: finding.scheme.clone(),
        level: item.level(),
        level_name: item.level_name().map(str::to_owned),
        ends: item.end().map(End::day),
        comparison: finding.comparison.clone(),
        sentences: Sentences::of(|language| sentence(language, item, as_of)),
    }
}

/// Says what one item shows, why, by which rule and which statements, and when it ends.
fn sentence(language: Language, item: &Item, as_of: Date) -> String {
    let day = item.finding.day;
    let shown = match item.level() {
        Some(number) => level(language, number, item.level_name()),
        None => language
            .say("ingen nivå", "ingen nivå", "no level")
            .to_owned(),
    };
    let because = language.say("fordi", "eftersom", "because");
    let comparison = item.finding.comparison.sentence(language);
    let rule = language.say("Regel", "Regel", "Rule");
    let name = &item.finding.rule;
    let statements = statements(language, &item.statements);
    let ends = item.end().map_or_else(String::new, |end| {
        format!(" {}", ending(language, end, as_of))
    });
    format!("{day}: {shown}, {because} {comparison}. {rule} {name}; {statements}.{ends}")
}

fn statements(language: Language, ids: &[StatementId]) -> String {
    let word = match ids.len() {
        1 => language.say("registrering", "registrering", "statement"),
        _ => language.say("registreringer", "registreringar", "statements"),
    };
    let named: Vec<_> = ids
        .iter()
        .take(NAMED_MAX)
        .map(ToString::to_string)
        .collect();
    let more = ids.len().saturating_sub(NAMED_MAX);
    let rest = match more {
        0 => String::new(),
        _ => format!(
            " {} {more}",
            language.say("og flere:", "och fler:", "and more:")
        ),
    };
    format!("{word} {}{rest}", named.join(", "))
}

fn ending(language: Language, end: End, as_of: Date) -> String {
    let day = end.day();
    let past = day <= as_of;
    let lapses = || {
        if past {
            language.say("Utløp", "Upphörde", "It lapsed on")
        } else {
            language.say("Utløper", "Upphör", "It lapses on")
        }
    };
    let words = match end {
        End::Lapsed(_) => lapses(),
        End::Closed(closed) => match closed.how {
            Closing::Revoked => language.say("Trukket tilbake", "Återkallad", "It was revoked on"),
            Closing::Forfeited => language.say("Gått tapt", "Förlorad", "It was forfeited on"),
            Closing::Expired => lapses(),
        },
        End::Undone(_) => language.say(
            "Fullføringen ble angret",
            "Slutförandet ångrades",
            "It was taken back on",
        ),
    };
    format!("{words} {day}.")
}
