//! A statement of the log, read once for all definitions.

use std::borrow::Cow;
use std::sync::OnceLock;

use serde::Deserialize;
use varde_xapi::{Statement, StatementId, Stored};

use super::{ErasedFacts, Fact, KnownFact, Rulebook, Witness};
use crate::definitions::Lineage;
use crate::people::Acquainted;
use crate::ports::{Happened, LogEvent, Position, StoreError, StoredStatement};
use crate::space::Space;

/// A statement of the log, or what is left of an erased one.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub(super) id: StatementId,
    pub(super) space: &'a Space,
    pub(super) position: Position,
    pub(super) voids: Option<StatementId>,
    /// Whether an earlier event of the same step voids it: then whom it names nobody need meet, as
    /// nobody meets them when the voiding came in an earlier step.
    pub(super) came_voided: bool,
    stored: Stored,
    content: Content<'a>,
}

#[derive(Debug)]
enum Content<'a> {
    /// As sent.
    Sent(Box<Sent<'a>>),
    /// The facts that outlived it.
    Erased(Option<ErasedFacts>),
}

/// What was sent; read when the first definition wants to know.
#[derive(Debug)]
struct Sent<'a> {
    statement: &'a StoredStatement,
    verb: OnceLock<Option<Cow<'a, str>>>,
    typed: OnceLock<Statement>,
}

/// The one member that tells most statements apart from those that anybody wants.
#[derive(Deserialize)]
struct Glance<'a> {
    #[serde(borrow)]
    verb: Verb<'a>,
}

#[derive(Deserialize)]
struct Verb<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
}

impl<'a> Reading<'a> {
    /// Reads an event; `None` for one that is no statement.
    pub(super) fn of(event: &'a LogEvent) -> Result<Option<Self>, StoreError> {
        let (id, space, voids, content) = match &event.what {
            Happened::Statement(statement) => {
                let content = Content::Sent(Box::new(Sent {
                    statement,
                    verb: OnceLock::new(),
                    typed: OnceLock::new(),
                }));
                (statement.id, &statement.space, statement.voids, content)
            }
            Happened::Erased(left) => {
                let content = Content::Erased(ErasedFacts::read(left)?);
                (left.id, &left.space, left.voids, content)
            }
            Happened::Event(..) => return Ok(None),
        };
        Ok(Some(Self {
            id,
            space,
            position: event.position,
            voids,
            came_voided: false,
            stored: event.stored,
            content,
        }))
    }

    /// Returns what the statement says for a definition, which means nothing unless those who were
    /// asked for are known.
    pub(super) fn facts(
        &self,
        lineage: &Lineage,
        rulebook: &dyn Rulebook,
        acquainted: &Acquainted,
    ) -> Result<Vec<KnownFact>, StoreError> {
        if self.voids.is_some() || self.came_voided || self.space.is_test() {
            return Ok(Vec::new());
        }
        let (happened, facts, carried) = match &self.content {
            Content::Sent(sent) => {
                let facts = self.of_sent(sent, rulebook, acquainted)?;
                (sent.statement.happened(), facts, false)
            }
            Content::Erased(Some(left)) => {
                let (facts, carried) = left.of(lineage);
                (left.happened, facts.to_vec(), carried)
            }
            Content::Erased(None) => return Ok(Vec::new()),
        };
        let known = facts.into_iter().zip(0..).map(|(fact, number)| KnownFact {
            statement: self.id,
            position: self.position,
            number,
            stored: self.stored,
            happened,
            space: self.space.clone(),
            carried,
            fact,
        });
        Ok(known.collect())
    }

    fn of_sent(
        &self,
        sent: &Sent<'_>,
        rulebook: &dyn Rulebook,
        acquainted: &Acquainted,
    ) -> Result<Vec<Fact>, StoreError> {
        let happened = sent.statement.happened();
        let unwanted = || sent.verb().is_some_and(|verb| !rulebook.wants(verb));
        if sent.statement.is_from_the_future() || unwanted() {
            return Ok(Vec::new());
        }
        Ok(rulebook.facts(&Witness {
            statement: sent.typed()?,
            id: self.id,
            stored: self.stored,
            happened,
            space: self.space,
            acquainted,
        }))
    }
}

impl Sent<'_> {
    /// Returns the verb without reading more of the statement than that; `None` sends the asker
    /// to the statement itself.
    fn verb(&self) -> Option<&str> {
        let glance = || serde_json::from_str::<Glance<'_>>(&self.statement.body).ok();
        let verb = self.verb.get_or_init(|| Some(glance()?.verb.id));
        verb.as_deref()
    }

    fn typed(&self) -> Result<&Statement, StoreError> {
        if let Some(typed) = self.typed.get() {
            return Ok(typed);
        }
        let typed = varde_xapi::read(&self.statement.text()).map_err(StoreError::failed)?;
        Ok(self.typed.get_or_init(|| typed))
    }
}
