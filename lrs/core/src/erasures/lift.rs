//! Lifting a restriction: what was taken out of use comes back to where it was.
//!
//! In an order in which it can be cut short anywhere and done again: the list first, then each
//! statement and document, last the keys together with the restriction's own record.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use varde_xapi::{Place, Statement};

use super::held::{Held, Kept, release};
use super::restriction::Restriction;
use super::work::Act;
use super::{ErasureError, ErasureId, Erasures, Left, ListedErasure};
use crate::audit::{Audit, Told};
use crate::documents::DOCUMENT;
use crate::people::{IdentityKind, IdentityName, PersonKeys};
use crate::ports::{
    Change, EventKind, Expected, Happened, NewEvent, Position, RestoredStatement, Rewrite,
    StoreError,
};
use crate::registers::PersonId;
use crate::{Caller, Need, Space};

/// Statements are put back once they weigh this many bytes.
const BYTES_ENOUGH: usize = 2 * 1024 * 1024;

/// What a lifting did, without a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifted {
    /// The restriction that was lifted.
    pub erasure: ErasureId,
    /// How many statements are in use again.
    pub statements: usize,
    /// How many documents are.
    pub documents: usize,
    /// What was left, and why.
    pub left: Vec<Left>,
}

impl Erasures {
    /// Lifts a restriction: statements stand at their places in the log again, documents where they
    /// were, and the persons are read by their pseudonyms. No number moves by it. The runner must
    /// not step meanwhile.
    ///
    /// A statement stays held where its place in the log was changed since, or where it names
    /// somebody who was erased or restricted since.
    pub async fn lift(&self, caller: &Caller, erasure: ErasureId) -> Result<Lifted, ErasureError> {
        caller.may(Need::LiftRestrictions)?;
        let restriction = self.restriction(erasure).await?;
        let restriction = restriction.ok_or(ErasureError::NotRestricted { erasure })?;
        let persons = restriction.persons.iter();
        let told = Told {
            persons: persons
                .map(|person| PersonId::registered(*person))
                .collect(),
            ..Told::new("people restrict", &[("lift", true)], 0)
        };
        self.note(caller, &told).await?;
        self.lift_restriction(&restriction).await
    }

    /// Notes in the audit log what a caller is about to be told or to do.
    pub(super) async fn note(&self, caller: &Caller, told: &Told) -> Result<(), StoreError> {
        let audit = Audit::new(self.records.clone());
        audit.add(self.clock.now(), caller, told).await
    }

    pub(super) async fn lift_restriction(
        &self,
        restriction: &Restriction,
    ) -> Result<Lifted, ErasureError> {
        let vault = self.registers.identities().vault();
        let keys = vault.all_keys_of(restriction.persons.clone()).await?;
        let gone = self.gone_since(restriction).await?;
        let mut lifted = Lifted {
            erasure: restriction.erasure,
            statements: 0,
            documents: 0,
            left: Vec::new(),
        };
        let again = self
            .put_back(restriction, &keys, &gone, &mut lifted)
            .await?;
        self.put_documents_back(restriction, &keys, &mut lifted)
            .await?;
        self.open(restriction, &lifted).await?;
        self.activities.relearn(&again).await?;
        lifted.left.extend(self.scrub().await?);
        Ok(lifted)
    }

    /// Marks the restriction as lifted on the list, and returns the keyed hashes of all names that
    /// later entries of the list took out of use.
    async fn gone_since(
        &self,
        restriction: &Restriction,
    ) -> Result<BTreeSet<String>, ErasureError> {
        let all = self.list.all().await?;
        let own = all
            .iter()
            .position(|one| one.erasure == restriction.erasure);
        if let Some(own) = own.and_then(|own| all.get(own)) {
            let lifted = ListedErasure {
                lifted: true,
                ..own.clone()
            };
            self.list.add(&lifted).await?;
        }
        // The list is in the order of time.
        let later = all.into_iter().skip(own.map_or(0, |own| own + 1));
        let names = later.filter(|one| !one.lifted).flat_map(|one| one.names);
        Ok(names.collect())
    }

    /// Puts statements back and returns the activities that they may say something of.
    async fn put_back(
        &self,
        restriction: &Restriction,
        keys: &PersonKeys,
        gone: &BTreeSet<String>,
        lifted: &mut Lifted,
    ) -> Result<BTreeSet<(Space, String)>, ErasureError> {
        let mut again = BTreeSet::new();
        let (mut moved, mut named, mut act) = (0, 0, Act::default());
        for held in self.all_held().await? {
            if held.erasure != restriction.erasure {
                continue;
            }
            let Some(kept) = held.opened(keys)? else {
                continue;
            };
            let statement = varde_xapi::read(&kept.text(&held)).map_err(StoreError::failed)?;
            let Some(rewrite) = self.rewrite_back(&held, &kept, &statement).await? else {
                moved += 1;
                continue;
            };
            if self.names_any(&statement, gone)? {
                named += 1;
                continue;
            }
            lifted.statements += 1;
            let mentions = varde_xapi::mentions(&kept.body).into_iter();
            again.extend(mentions.map(|mention| (held.space.clone(), mention.activity)));
            act.rows.insert(held.position, rewrite);
            act.change(release(&held));
            if act.bytes() >= BYTES_ENOUGH {
                let full = std::mem::take(&mut act);
                self.log.erase(full.erasure(Vec::new())).await?;
            }
        }
        if !act.rows.is_empty() {
            self.log.erase(act.erasure(Vec::new())).await?;
        }
        for (count, why) in [
            (moved, "their places in the log were changed since"),
            (
                named,
                "they name somebody who was erased or restricted since",
            ),
        ] {
            if count > 0 {
                let what = format!("{count} statements, which stay held");
                let why = why.to_owned();
                lifted.left.push(Left { what, why });
            }
        }
        Ok(again)
    }

    /// Returns what puts a statement back; `None` where its place is not as the restriction left it.
    async fn rewrite_back(
        &self,
        held: &Held,
        kept: &Kept,
        statement: &Statement,
    ) -> Result<Option<Rewrite>, ErasureError> {
        let before = Position(held.position.0.saturating_sub(1));
        let events = self.log.follow(before, 1).await?;
        let says = kept.says(held, statement);
        Ok(match events.first().map(|event| &event.what) {
            Some(Happened::Erased(left)) if kept.was_left_as(&left.facts) => {
                Some(Rewrite::Restore(Box::new(RestoredStatement {
                    id_text: kept.id_text.clone(),
                    key: kept.key,
                    version: kept.version.clone(),
                    timestamp: kept.timestamp,
                    equality: kept.equality,
                    says,
                })))
            }
            Some(Happened::Statement(changed)) if kept.was_left_as(&changed.body) => {
                Some(Rewrite::Change(says))
            }
            _ => None,
        })
    }

    /// Tells whether a statement names anybody of whom these are the keyed hashes.
    fn names_any(
        &self,
        statement: &Statement,
        gone: &BTreeSet<String>,
    ) -> Result<bool, StoreError> {
        if gone.is_empty() {
            return Ok(false);
        }
        let identities = self.registers.identities();
        for term in varde_xapi::match_terms(statement) {
            if matches!(term.place, Place::Agent | Place::RelatedAgent) {
                let name = IdentityName::of(IdentityKind::Agent, term.value);
                if gone.contains(&identities.keyed(&name)?) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    async fn put_documents_back(
        &self,
        restriction: &Restriction,
        keys: &PersonKeys,
        lifted: &mut Lifted,
    ) -> Result<(), ErasureError> {
        let mut replaced = 0;
        for place in self.held_documents(restriction).await? {
            let Some(document) = self.held_document(restriction, keys, place).await? else {
                continue;
            };
            let mut changes = vec![document.removal()];
            if self.records.get(DOCUMENT, &document.key).await?.is_some() {
                replaced += 1;
            } else {
                lifted.documents += 1;
                changes.push(Change {
                    collection: DOCUMENT,
                    key: document.key,
                    value: Some(document.value),
                    expected: Expected::Absent,
                });
            }
            self.commit_import(changes).await?;
        }
        if replaced > 0 {
            lifted.left.push(Left {
                what: format!("{replaced} documents"),
                why: "newer ones have come into their places".to_owned(),
            });
        }
        Ok(())
    }

    /// Opens the persons' keys again and takes the restriction off the record.
    async fn open(&self, restriction: &Restriction, lifted: &Lifted) -> Result<(), ErasureError> {
        let vault = self.registers.identities().vault();
        let mut act = Act::default();
        for person in &restriction.persons {
            act.change(vault.opening(*person).await?);
        }
        act.change([restriction.forgotten()]);
        let body = serde_json::json!({
            "lifted": restriction.erasure,
            "statements": lifted.statements,
        });
        let event = NewEvent {
            kind: EventKind::Erasure,
            body: body.to_string(),
        };
        self.log.erase(act.erasure(vec![event])).await?;
        self.registers.forget();
        Ok(())
    }
}

impl Lifted {
    /// Returns what was done as lines to read.
    pub fn text(&self) -> String {
        let counts = BTreeMap::from([
            ("statements in use again", self.statements),
            ("documents in use again", self.documents),
        ]);
        let mut lines = vec![format!("Restriction {} lifted.", self.erasure)];
        lines.extend(
            counts
                .into_iter()
                .map(|(name, count)| format!("{name}: {count}")),
        );
        let left = self.left.iter();
        lines.extend(left.map(|left| format!("left: {}: {}", left.what, left.why)));
        lines.push(String::new());
        lines.join("\n")
    }
}
