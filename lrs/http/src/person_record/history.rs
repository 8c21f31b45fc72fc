//! What is known of a person, and what happened on which day: what pages show of somebody. It reads no
//! statements, only what rests on them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use varde_competence::{CatalogueQuery, ExplainQuery, Explanation, Sentences};
use varde_core::erasures::ErasureError;
use varde_core::registers::{Affiliation, MergeNote, PersonCard, PersonState};
use varde_core::{Caller, ProjectCode};
use varde_interreg::{IndicatorCode, Names};
use varde_xapi::{StatementId, Stored};

use super::{CountedIn, PersonRecordError, PersonRecords, reading};

/// The zone whose day it is when something becomes known: that of Oslo and Stockholm.
const ZONE: &str = "Europe/Oslo";

/// A person with what was concluded of them and what happened.
#[derive(Debug, Serialize)]
pub struct PersonHistory {
    /// What the register says.
    #[serde(flatten)]
    pub card: PersonCard,
    /// The day that conclusions are as of.
    pub as_of: Date,
    /// Everything stored up to this instant is taken in; `None` while no definition is current.
    pub complete_through: Option<Stored>,
    /// Levels of competences, with the reasons. Whoever counts for another has theirs there.
    pub outcomes: Vec<Explanation>,
    /// How the frameworks name those competences, by IRI.
    pub names: BTreeMap<String, CompetenceName>,
    /// The indicators that count the person.
    pub counted: Vec<CountedIn>,
    /// What happened, the latest first; what holds since always comes last.
    pub events: Vec<PersonEvent>,
}

/// How a framework names a competence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CompetenceName {
    /// Its statement.
    pub name: String,
    /// The statement in other languages, by tag.
    pub translations: BTreeMap<String, String>,
}

/// Something that happened to a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PersonEvent {
    /// The day; `None` for what holds since always.
    pub day: Option<Date>,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum What {
    /// An indicator counts the person from the day on.
    Counted(CountedIn),
    /// Statements showed a level of a competence.
    Shown {
        /// The competence's IRI.
        competence: String,
        /// The level.
        level: u32,
        /// The level's name.
        level_name: Option<String>,
        /// The rule, `id@version`.
        rule: String,
        /// Why, in words.
        sentences: Sentences,
        /// The statements, the deciding one first.
        statements: Vec<StatementId>,
    },
    /// The person began to belong to an organisation.
    Affiliated(Affiliation),
    /// Two persons became one, or two again.
    Merged(MergeNote),
}

/// Two persons beside each other, before they are said to be one.
#[derive(Debug, Serialize)]
pub struct MergePreview {
    /// Whose statements are to count for the other.
    pub person: Side,
    /// For whom they are to count.
    pub into: Side,
    /// What counts both today: each of these would count one person instead of two.
    pub shared: Vec<SharedKey>,
    /// The day that figures are as of.
    pub as_of: Date,
}

/// One of two persons.
#[derive(Debug, Serialize)]
pub struct Side {
    /// What the register says.
    pub card: PersonCard,
    /// The indicators that count the person.
    pub counted: Vec<CountedIn>,
    /// In how many competences the person has a level, on whatever basis.
    pub outcomes: usize,
}

/// Something of which two persons are each counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SharedKey {
    /// The project.
    pub project: ProjectCode,
    /// The indicator.
    pub code: IndicatorCode,
    /// Its name.
    pub name: Names,
    /// Of what; none where a person counts once in all.
    pub unit: Option<String>,
    /// What the register calls that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

impl PersonRecords {
    /// Returns what is known of a person in the projects that the caller reads, as of the end of a day.
    /// A person whom the caller is told nothing of is not found.
    pub async fn history(
        &self,
        caller: &Caller,
        named: &str,
        as_of: Date,
    ) -> Result<PersonHistory, PersonRecordError> {
        let card = self.roster.show(caller, named, as_of).await?;
        self.of_card(caller, card.ok_or(ErasureError::Unknown)?, as_of)
            .await
    }

    /// Returns the same to somebody of themselves, in the projects of their credential. That two were said
    /// to be one is left out: the other may be somebody else.
    pub async fn own_history(
        &self,
        caller: &Caller,
        as_of: Date,
    ) -> Result<PersonHistory, PersonRecordError> {
        let card = self.roster.own(caller, as_of).await?;
        let card = card.ok_or(ErasureError::Unknown)?;
        let mut history = self.of_card(&reading(caller), card, as_of).await?;
        let is_own = |event: &PersonEvent| !matches!(event.what, What::Merged(_));
        history.events.retain(is_own);
        Ok(history)
    }

    /// Returns two persons beside each other, with what would count one instead of two were the first
    /// merged into the second. Nothing is changed.
    pub async fn merge_preview(
        &self,
        caller: &Caller,
        (person, into): (&str, &str),
        as_of: Date,
    ) -> Result<MergePreview, PersonRecordError> {
        let person = self.side(caller, person, as_of).await?;
        let into = self.side(caller, into, as_of).await?;
        let is_shared = |one: &&CountedIn| {
            let key = |key: &CountedIn| (key.project.clone(), key.code.clone(), key.unit.clone());
            let is_same = into.card.listed.id == person.card.listed.id;
            !is_same && into.counted.iter().any(|other| key(other) == key(one))
        };
        let shared = person.counted.iter().filter(is_shared);
        let shared = shared.map(|key| SharedKey {
            project: key.project.clone(),
            code: key.code.clone(),
            name: key.name.clone(),
            unit: key.unit.clone(),
            title: key.title.clone(),
        });
        Ok(MergePreview {
            shared: shared.collect(),
            person,
            into,
            as_of,
        })
    }

    async fn side(
        &self,
        caller: &Caller,
        named: &str,
        as_of: Date,
    ) -> Result<Side, PersonRecordError> {
        let history = self.history(caller, named, as_of).await?;
        let levels = history.outcomes.iter().filter(|one| one.outcome.is_some());
        Ok(Side {
            outcomes: levels.count(),
            card: history.card,
            counted: history.counted,
        })
    }

    async fn of_card(
        &self,
        caller: &Caller,
        card: PersonCard,
        as_of: Date,
    ) -> Result<PersonHistory, PersonRecordError> {
        let id = card.listed.id.clone();
        let query = ExplainQuery {
            person: id.to_string(),
            competence: None,
            basis: None,
            as_of,
            known_at: None,
        };
        let table = self.outcomes.explain(caller, &query).await?;
        let counts_for_another = matches!(card.listed.state, PersonState::MergedInto(_));
        let outcomes = if counts_for_another {
            Vec::new()
        } else {
            table.explanations
        };
        let (counted, through) = self.counted_through(caller, &[id], as_of).await?;
        let through = table.complete_through.into_iter().chain(through);
        Ok(PersonHistory {
            as_of,
            complete_through: through.min(),
            events: events(&card, &outcomes, &counted),
            names: self.names(caller, &outcomes).await?,
            outcomes,
            counted,
            card,
        })
    }

    async fn names(
        &self,
        caller: &Caller,
        outcomes: &[Explanation],
    ) -> Result<BTreeMap<String, CompetenceName>, PersonRecordError> {
        let wanted: BTreeSet<&str> = outcomes.iter().map(|one| one.competence.as_str()).collect();
        if wanted.is_empty() {
            return Ok(BTreeMap::new());
        }
        let all = CatalogueQuery::default();
        let competences = self.catalogue.competences(caller, &all).await?.into_iter();
        // One that no framework has is named by its IRI alone.
        let known = competences.filter(|one| one.framework.is_some());
        let known = known.map(|one| one.competence);
        let known = known.filter(|one| wanted.contains(one.uri.as_str()));
        let named = known.map(|one| {
            let name = CompetenceName {
                name: one.name,
                translations: one.translations,
            };
            (one.uri, name)
        });
        Ok(named.collect())
    }
}

/// Puts what happened in order.
fn events(card: &PersonCard, outcomes: &[Explanation], counted: &[CountedIn]) -> Vec<PersonEvent> {
    let counted = counted.iter().map(|one| PersonEvent {
        day: Some(one.day),
        what: What::Counted(one.clone()),
    });
    let affiliations = card.affiliations.iter().map(|one| PersonEvent {
        day: one.from,
        what: What::Affiliated(one.clone()),
    });
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    let merges = card.merges.iter().map(|one| PersonEvent {
        day: Some(zone.to_datetime(one.known.instant()).date()),
        what: What::Merged(one.clone()),
    });
    let shown = outcomes.iter().flat_map(shown);
    let mut events: Vec<_> = counted
        .chain(affiliations)
        .chain(merges)
        .chain(shown)
        .collect();
    // What was there first stays first within a day.
    events.sort_by_key(|event| Reverse(event.day));
    events
}

fn shown(outcome: &Explanation) -> impl Iterator<Item = PersonEvent> {
    outcome.evidence.iter().filter_map(|piece| {
        Some(PersonEvent {
            day: Some(piece.day),
            what: What::Shown {
                competence: outcome.competence.clone(),
                level: piece.level?,
                level_name: piece.level_name.clone(),
                rule: piece.rule.clone(),
                sentences: piece.sentences.clone(),
                statements: piece.statements.clone(),
            },
        })
    })
}
