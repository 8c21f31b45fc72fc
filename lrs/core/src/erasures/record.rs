//! Everything that is held of a person, for the person who asks for it (GDPR Art. 15 and 20).

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::value::RawValue;
use varde_xapi::{Anonyms, Stored};

use super::statements::{Fate, fate};
use super::whom::Named;
use super::{ErasureError, Erasures, Whom};
use crate::audit::{Audit, Told};
use crate::documents::{self, Document, Subject};
use crate::people::{IdentityId, IdentityKind, IdentityName};
use crate::ports::StoreError;
use crate::registers::{Entity, EntityKind, KnownRow, PersonId};
use crate::{Caller, KeyId, Need, Role, Space};

/// Begins the fields that hold identifiers.
const IDENTIFIER_FIELD: &str = "identifier";

/// What is held of one person, in full: it names the person, and others where their statements do.
#[derive(Serialize)]
pub struct PersonRecord {
    /// When it was put together.
    pub made_at: Stored,
    /// The ids that ledgers may hold: of persons of the register, merged ones too, and of identifiers.
    pub ids: Vec<PersonId>,
    /// The office's names for the person.
    pub pseudonyms: BTreeSet<String>,
    /// The identifiers that were looked for, in canonical form; mail addresses also as digests.
    pub identifiers: BTreeSet<String>,
    /// What the registers say or said of the person.
    pub registers: Vec<PersonRow>,
    /// Each statement that names the person in any place, oldest first; for the person, each of theirs.
    pub statements: Vec<PersonStatement>,
    /// How many statements of others name the person, where it is the person who reads: what of those
    /// they may have, the office decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_others: Option<usize>,
    /// Each state and profile document of the person.
    pub documents: Vec<PersonDocument>,
    /// Who was told of the person by name, oldest first.
    pub readings: Vec<PersonReading>,
}

/// It holds what nobody may find in a log.
impl fmt::Debug for PersonRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonRecord")
            .field("ids", &self.ids)
            .finish_non_exhaustive()
    }
}

/// A register row of a person or of one of the identifiers.
#[derive(Serialize)]
pub struct PersonRow {
    /// Whether it is of the person or of an identifier.
    pub kind: EntityKind,
    /// The field.
    pub field: String,
    /// The value; `None` where the row takes one back.
    pub value: Option<String>,
    /// The first day; `None` since always.
    pub valid_from: Option<Date>,
    /// The last day; `None` until further notice.
    pub valid_to: Option<Date>,
    /// Since when it is known.
    pub known_from: Stored,
}

/// A statement that names the person.
#[derive(Serialize)]
pub struct PersonStatement {
    /// Where it is.
    pub space: Space,
    /// The statement as a reader sees it.
    pub statement: Box<RawValue>,
}

/// A document of the person.
#[derive(Serialize)]
pub struct PersonDocument {
    /// Where it is.
    pub space: Space,
    /// What it is about.
    pub subject: Subject,
    /// Its id.
    pub id: String,
    /// The content type, as sent.
    pub content_type: String,
    /// When it was last changed.
    pub updated: Stored,
    /// The bytes as text, where they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The bytes in base64 where they are no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
}

/// An answer that told of the person by name.
#[derive(Serialize)]
pub struct PersonReading {
    /// When.
    pub at: Stored,
    /// Who: the key, without a name.
    pub key: KeyId,
    /// What the person behind the key is here for.
    pub role: Option<Role>,
    /// The use case and the names of its filters.
    pub query: String,
}

impl Erasures {
    /// Returns everything that is held of a person in the spaces that the caller reads. The audit log
    /// has a line of it before this returns.
    ///
    /// It takes as much memory as the answer. Of somebody who is restricted, or who is several
    /// persons in turn, nothing is told: an erasure would not find everything either. Nor is anything of
    /// somebody of whom nothing is in these spaces, unless they are all there are: the registers are
    /// those of all projects.
    pub async fn record(&self, caller: &Caller, whom: &Whom) -> Result<PersonRecord, ErasureError> {
        caller.may(Need::ReviewPeople)?;
        self.recorded(caller, self.named(whom).await?, false).await
    }

    /// Returns the same to the person to whom the caller's credential is bound, but for the statements of
    /// others.
    pub async fn own_record(&self, caller: &Caller) -> Result<PersonRecord, ErasureError> {
        let own = self.own(caller).await?;
        let named = self.named(&Whom::Person(own.to_string())).await?;
        self.recorded(caller, named, true).await
    }

    /// Returns the id of a person of the register, by pseudonym or id.
    pub async fn person(&self, text: &str) -> Result<IdentityId, ErasureError> {
        let person = self.registers.person(text).await?;
        let person = person.and_then(|person| person.as_str().parse().ok());
        person.ok_or(ErasureError::Unknown)
    }

    /// Returns the person to whom the caller's credential is bound, if there is one who is neither erased
    /// nor restricted.
    pub async fn own(&self, caller: &Caller) -> Result<IdentityId, ErasureError> {
        caller.may(Need::ReadOwn)?;
        let own = caller.person.ok_or(ErasureError::Unknown)?;
        self.named(&Whom::Person(own.to_string())).await?;
        Ok(own)
    }

    async fn recorded(
        &self,
        caller: &Caller,
        named: Named,
        is_own: bool,
    ) -> Result<PersonRecord, ErasureError> {
        let audit = Audit::new(self.records.clone());
        let ids = self.ids_of(&named).await?;
        let (statements, of_others) = self.statements_of(&named, &caller.reads, is_own).await?;
        let record = PersonRecord {
            made_at: self.clock.now(),
            registers: self.rows_of(&named).await?,
            of_others: is_own.then_some(of_others),
            statements,
            documents: self.documents_of(&named, &caller.reads).await?,
            readings: readings(&audit, &ids).await?,
            ids,
            pseudonyms: named.pseudonyms,
            identifiers: named.identifiers,
        };
        if record.statements.is_empty() && record.documents.is_empty() {
            let spaces = self.spaces().await?;
            if !spaces.iter().all(|space| caller.reads.contains(space)) {
                return Err(ErasureError::Unknown);
            }
        }
        let rows = record.statements.len() + record.documents.len() + record.registers.len();
        let told = Told {
            persons: record.ids.clone(),
            ..Told::new("people record", &[("person", true)], rows)
        };
        audit.add(record.made_at, caller, &told).await?;
        Ok(record)
    }

    /// Returns the ids under which ledgers may hold the person: also those of identifiers that no
    /// register row explains.
    async fn ids_of(&self, named: &Named) -> Result<Vec<PersonId>, ErasureError> {
        let persons = named.persons.iter().copied().map(PersonId::registered);
        let mut ids: Vec<_> = persons.collect();
        for id in self.identities_of(named).await? {
            ids.push(PersonId::unresolved(id));
        }
        Ok(ids)
    }

    async fn identities_of(&self, named: &Named) -> Result<Vec<IdentityId>, ErasureError> {
        let mut found = Vec::new();
        for identifier in &named.identifiers {
            let name = IdentityName::of(IdentityKind::Agent, identifier);
            let id = self.registers.identities().find(&name).await?;
            found.extend(id);
        }
        Ok(found)
    }

    async fn rows_of(&self, named: &Named) -> Result<Vec<PersonRow>, ErasureError> {
        let registers = self.registers.refresh().await?;
        let mut rows = Vec::new();
        for person in &named.persons {
            let entity = Entity::new(EntityKind::Person, person.to_string());
            rows.extend(registers.rows(&entity).iter().map(PersonRow::of));
        }
        for id in self.identities_of(named).await? {
            let entity = Entity::new(EntityKind::Identifier, id.to_string());
            rows.extend(registers.rows(&entity).iter().map(PersonRow::of));
        }
        Ok(rows)
    }

    async fn statements_of(
        &self,
        named: &Named,
        spaces: &[Space],
        is_own: bool,
    ) -> Result<(Vec<PersonStatement>, usize), ErasureError> {
        let (mut statements, mut of_others) = (Vec::new(), 0);
        if named.identifiers.is_empty() || spaces.is_empty() {
            return Ok((statements, of_others));
        }
        let persons = named.identifiers.iter();
        let persons: Anonyms = persons.map(|text| (text.clone(), String::new())).collect();
        let mut after = None;
        loop {
            let page = self.log.page(&named.statements(spaces, after)).await?;
            let Some(last) = page.statements.last() else {
                return Ok((statements, of_others));
            };
            after = Some(last.position);
            for stored in page.statements {
                let text = stored.text();
                let statement = varde_xapi::read(&text).map_err(StoreError::failed)?;
                let Some(fate) = fate(&persons, &stored, &statement)? else {
                    continue;
                };
                if is_own && matches!(fate, Fate::Changes(_)) {
                    of_others += 1;
                } else {
                    statements.push(PersonStatement {
                        statement: RawValue::from_string(text).map_err(StoreError::failed)?,
                        space: stored.space,
                    });
                }
            }
        }
    }

    async fn documents_of(
        &self,
        named: &Named,
        spaces: &[Space],
    ) -> Result<Vec<PersonDocument>, ErasureError> {
        let found = documents::of_agents(&*self.records, &named.identifiers, spaces).await?;
        Ok(found.into_iter().map(PersonDocument::of).collect())
    }
}

async fn readings(audit: &Audit, ids: &[PersonId]) -> Result<Vec<PersonReading>, StoreError> {
    let mut readings = Vec::new();
    let mut after = 0;
    loop {
        let lines = audit.lines(after).await?;
        let Some(last) = lines.last() else {
            return Ok(readings);
        };
        after = last.number;
        let of_person = lines
            .into_iter()
            .filter(|line| line.told.persons.iter().any(|told| ids.contains(told)));
        readings.extend(of_person.map(|line| PersonReading {
            at: line.at,
            key: line.key,
            role: line.role,
            query: line.told.query,
        }));
    }
}

impl PersonRow {
    fn of(known: &KnownRow) -> Self {
        let row = &known.row;
        // What follows the colon tells one of several from another in the store.
        let identifier = row.field.split_once(':').map(|(field, _)| field);
        let identifier = identifier.filter(|field| *field == IDENTIFIER_FIELD);
        Self {
            kind: row.entity.kind,
            field: identifier.unwrap_or(&row.field).to_owned(),
            value: row.value.clone(),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            known_from: known.known_from,
        }
    }
}

impl PersonDocument {
    fn of((space, subject, document): (Space, Subject, Document)) -> Self {
        let (text, base64) = match String::from_utf8(document.bytes) {
            Ok(text) => (Some(text), None),
            Err(bytes) => (None, Some(STANDARD.encode(bytes.into_bytes()))),
        };
        Self {
            space,
            subject,
            id: document.id,
            content_type: document.content_type,
            updated: document.updated,
            text,
            base64,
        }
    }
}
