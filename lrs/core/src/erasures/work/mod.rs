//! Carrying an erasure out, in an order in which it can be cut short anywhere and done again.
//!
//! First documents, by which identifiers are still found when this is done again; then each
//! statement, in acts of bounded size; last, in one act, the register rows and the identities by
//! which all the rest is found. Statements that came meanwhile are looked for once more, and then
//! the files are made anew. What is done again has the id, the names and the holder of what was begun.

mod act;
mod begun;
mod statements;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use varde_xapi::{ANONYMOUS_HOME_PAGE, Anonyms, Ifi, Iri, parameter};

pub(super) use self::act::Act;
use super::restriction::Restriction;
use super::retention::forgotten;
use super::rows::RegisterRows;
use super::whom::Named;
use super::{ErasureError, ErasureId, Erasures, Left, ListedErasure, Manner, Receipt, Until};
use crate::documents::keys_of_agents;
use crate::people::{
    Identities, IdentityId, IdentityKind, IdentityName, PersonKeys, Pseudonyms, Vault,
};
use crate::ports::{
    AttachmentName, Change, Changes, Collection, EraseError, EventKind, Expected, NewEvent,
    StoreError,
};
use crate::{Position, Space};

/// erasure → [`Receipt`].
const ERASURE: Collection = Collection("erasure");
/// How often a scrub is tried while a reader holds on.
const SCRUBS: usize = 3;

/// An erasure under way.
struct Work<'a> {
    erasures: &'a Erasures,
    manner: &'a Manner,
    named: Named,
    ids: HashMap<IdentityName, IdentityId>,
    anonyms: Anonyms,
    keys: PersonKeys,
    /// Under whose key is held what must be kept.
    holder: Option<IdentityId>,
    today: Date,
    spaces: Vec<Space>,
    /// Whether the act that closes keys was done before.
    is_closed: bool,
    /// The last statement that was looked at.
    after: Option<Position>,
    definitions: BTreeMap<(Space, String), BTreeSet<String>>,
    attachments: BTreeSet<AttachmentName>,
    receipt: Receipt,
}

impl Erasures {
    /// Carries an erasure out, or only tells what it would do.
    pub(super) async fn act(
        &self,
        named: Named,
        manner: &Manner,
        dry_run: bool,
    ) -> Result<Receipt, ErasureError> {
        let id = ErasureId(self.entropy.uuid());
        self.act_as(id, named, manner, dry_run).await
    }

    /// The same for an erasure that has an id already.
    pub(super) async fn act_as(
        &self,
        id: ErasureId,
        named: Named,
        manner: &Manner,
        dry_run: bool,
    ) -> Result<Receipt, ErasureError> {
        let mut work = Work::begin(self, id, named, manner, dry_run).await?;
        work.documents().await?;
        work.statements().await?;
        work.keys_that_name().await?;
        if dry_run {
            work.count().await?;
            return Ok(work.receipt);
        }
        work.finish().await
    }

    /// Erases statements that no duty keeps any longer, whoever is named in them, who stay known.
    pub(super) async fn release(
        &self,
        released: &BTreeMap<Position, BTreeSet<String>>,
    ) -> Result<Receipt, ErasureError> {
        let id = ErasureId(self.entropy.uuid());
        let mut work = Work::begin(self, id, Named::default(), &Manner::Erase, false).await?;
        work.released(released).await?;
        work.finish().await
    }

    /// Returns every space that a key names.
    pub(super) async fn spaces(&self) -> Result<Vec<Space>, StoreError> {
        let keys = self.keys.all().await?.into_iter();
        let spaces = keys.flat_map(|key| std::iter::once(key.space).chain(key.also_reads));
        let spaces: BTreeSet<Space> = spaces.collect();
        Ok(spaces.into_iter().collect())
    }

    /// Returns the receipt of an erasure that was carried out to the end in this store.
    pub async fn receipt(&self, id: ErasureId) -> Result<Option<Receipt>, ErasureError> {
        let record = self.records.get(ERASURE, id.0.as_bytes()).await?;
        let receipt = record.map(|record| serde_json::from_slice(&record.value));
        Ok(receipt.transpose().map_err(StoreError::failed)?)
    }

    /// Leaves nothing of what was erased in the store's files, or returns what it cannot remove there.
    pub(super) async fn scrub(&self) -> Result<Option<Left>, ErasureError> {
        for _ in 1..SCRUBS {
            match self.log.scrub().await {
                Err(StoreError::Busy) => {}
                done => return Ok(done?.map(in_files)),
            }
        }
        Ok(self.log.scrub().await?.map(in_files))
    }
}

fn in_files(why: &str) -> Left {
    Left {
        what: "what the database's own files still hold".to_owned(),
        why: why.to_owned(),
    }
}

impl<'a> Work<'a> {
    async fn begin(
        erasures: &'a Erasures,
        id: ErasureId,
        named: Named,
        manner: &'a Manner,
        dry_run: bool,
    ) -> Result<Self, ErasureError> {
        let at = erasures.clock.now();
        let anonym = |text: &String| (text.clone(), erasures.entropy.uuid().simple().to_string());
        let receipt = Receipt {
            erasure: id,
            dry_run,
            at,
            persons: named.persons.iter().copied().collect(),
            identifiers: named.identifiers.len(),
            statements: Vec::new(),
            mentions: Vec::new(),
            documents: 0,
            attachments: 0,
            definitions: 0,
            register_rows: 0,
            register_rows_kept: 0,
            restricted: Vec::new(),
            left: Vec::new(),
        };
        let mut work = Self {
            erasures,
            manner,
            anonyms: named.identifiers.iter().map(anonym).collect(),
            named,
            ids: HashMap::new(),
            keys: PersonKeys::default(),
            holder: None,
            today: jiff::tz::TimeZone::UTC.to_datetime(at.instant()).date(),
            spaces: erasures.spaces().await?,
            is_closed: false,
            after: None,
            definitions: BTreeMap::new(),
            attachments: BTreeSet::new(),
            receipt,
        };
        work.meet().await?;
        work.take_up().await?;
        Ok(work)
    }

    /// Sees to it that each name has an id, that there is a key to hold things under, and that the
    /// erasure stands on the list, before anything is erased.
    async fn meet(&mut self) -> Result<(), ErasureError> {
        let identities = self.erasures.registers.identities();
        let resolved = identities.resolve(self.named.names()).await?;
        self.ids = resolved.ids;
        self.holder = self.holder_of().await?;
        let holders: BTreeSet<_> = self.holder.into_iter().collect();
        // A restriction that was cut short has closed keys already.
        self.keys = identities.vault().all_keys_of(holders.clone()).await?;
        let mut changes = resolved.new;
        changes.extend(identities.vault().complete(&mut self.keys, holders)?);
        if self.receipt.dry_run {
            return Ok(());
        }
        self.erasures.list.add(&self.listed()?).await?;
        // Before the accounts stand anywhere: what is cut short moves no number either.
        changes.extend(self.anonyms_assigned()?);
        self.commit(changes).await
    }

    fn listed(&self) -> Result<ListedErasure, StoreError> {
        let identities = self.erasures.registers.identities();
        let names = self.named.names();
        let names = names.iter().map(|name| identities.keyed(name));
        let mut names: BTreeSet<String> = names.collect::<Result<_, _>>()?;
        names.extend(self.named.keyed.iter().cloned());
        Ok(ListedErasure {
            erasure: self.receipt.erasure,
            at: self.receipt.at,
            names: names.into_iter().collect(),
            restricted: match self.manner {
                Manner::Erase => None,
                Manner::Restrict(until) => Some(until.clone()),
            },
            lifted: false,
        })
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<(), ErasureError> {
        let changes = Changes {
            changes,
            ..Changes::default()
        };
        let done = self.erasures.records.commit(changes).await;
        done.map_err(EraseError::from)?;
        Ok(())
    }

    /// Notes the API keys whose own account is one of the identifiers.
    async fn keys_that_name(&mut self) -> Result<(), ErasureError> {
        for key in self.erasures.keys.all().await? {
            let authority = parameter::agent_or_group("authority", &key.authority).ok();
            let ifi = authority.as_ref().and_then(|authority| authority.ifi());
            if ifi.is_some_and(|ifi| self.anonyms.contains_key(&ifi.canonical())) {
                self.receipt.left.push(Left {
                    what: "an API key whose account is one of the identifiers".to_owned(),
                    why: "what it writes names that account; revoke the key first".to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Counts what a dry run does not touch.
    async fn count(&mut self) -> Result<(), ErasureError> {
        let rows = self.register_rows().await?;
        self.receipt.register_rows = rows.emptied;
        self.receipt.register_rows_kept = rows.kept;
        self.receipt.attachments = self.attachments.len();
        self.receipt.definitions = self.definitions.len();
        Ok(())
    }

    async fn finish(mut self) -> Result<Receipt, ErasureError> {
        let rows = self.register_rows().await?;
        self.receipt.register_rows = rows.emptied;
        self.receipt.register_rows_kept = rows.kept;
        let mut act = Act {
            rows: rows.events,
            ..Act::default()
        };
        if *self.manner == Manner::Erase {
            self.erasures.keys.unbind(&self.named.persons).await?;
        }
        act.change(match self.manner {
            Manner::Erase => self.names_removed()?,
            Manner::Restrict(until) => self.keys_closed(until).await?,
        });
        let event = NewEvent {
            kind: EventKind::Erasure,
            body: serde_json::json!({
                "erasure": self.receipt.erasure,
                "persons": self.receipt.persons,
                "statements": self.receipt.statements.len(),
                "mentions": self.receipt.mentions.len(),
            })
            .to_string(),
        };
        if !self.is_closed {
            self.erasures.log.erase(act.erasure(vec![event])).await?;
        }
        self.erasures.registers.forget();
        let identities = self.erasures.registers.identities();
        identities.forget(&self.named.names())?;
        let keyed: Vec<String> = self.named.keyed.iter().cloned().collect();
        identities.forget_keyed(&keyed);
        // What came while the others were erased was found under the same names.
        self.statements().await?;
        let touched = self.unlearn().await?;
        let (gone, later) = self.erasures.attachments(&self.attachments).await?;
        self.receipt.attachments = gone;
        if later > 0 {
            self.receipt.left.push(Left {
                what: format!("the data of {later} attachments"),
                why: "it came within the last hour; the daily sweep removes it".to_owned(),
            });
        }
        self.receipt.left.extend(self.erasures.scrub().await?);
        let value = serde_json::to_vec(&self.receipt).map_err(StoreError::failed)?;
        let key = self.receipt.erasure.0.as_bytes().to_vec();
        let mut changes = vec![put(ERASURE, key, Some(value))];
        changes.extend(touched);
        self.erasures.commit_import(changes).await?;
        Ok(self.receipt)
    }

    /// Deletes the person's documents, or holds them where everything is held.
    async fn documents(&mut self) -> Result<(), ErasureError> {
        let erasures = self.erasures;
        let agents = &self.named.identifiers;
        let keys = keys_of_agents(&*erasures.records, agents).await?;
        self.receipt.documents += keys.len();
        if self.receipt.dry_run {
            return Ok(());
        }
        match (self.manner, self.holder) {
            (Manner::Restrict(_), Some(holder)) => {
                let under = (&self.keys, holder);
                erasures
                    .hold_documents(self.receipt.erasure, under, keys)
                    .await
            }
            _ => erasures.delete_documents(&keys).await,
        }
    }

    /// Returns the register rows that lose their values; a restriction only closes them.
    async fn register_rows(&self) -> Result<RegisterRows, ErasureError> {
        match self.manner {
            Manner::Erase => self.erasures.register_rows(&self.named.persons).await,
            Manner::Restrict(_) => Ok(RegisterRows::default()),
        }
    }

    /// Returns what gives the ids of the names to the anonymous accounts that stand for them, so
    /// that what statements of others count as stays the same.
    fn anonyms_assigned(&self) -> Result<Vec<Change>, StoreError> {
        let identities = self.erasures.registers.identities();
        let mut changes = Vec::new();
        for (text, account) in &self.anonyms {
            let old = IdentityName::of(IdentityKind::Agent, text);
            if let (Some(id), Some(home_page)) =
                (self.ids.get(&old), Iri::parse(ANONYMOUS_HOME_PAGE))
            {
                let name = account.clone();
                let ifi = Ifi::Account { home_page, name };
                changes.push(identities.assignment(&IdentityName::agent(&ifi), *id)?);
            }
        }
        Ok(changes)
    }

    /// Returns what takes the names away, and destroys the persons' keys under which nothing is
    /// held.
    fn names_removed(&self) -> Result<Vec<Change>, StoreError> {
        let identities = self.erasures.registers.identities();
        let mut changes = Vec::new();
        for name in self.named.names() {
            changes.push(identities.removal(&name)?);
            changes.push(forgotten(&identities.keyed(&name)?));
            changes.push(Pseudonyms::removal(identities, &name)?);
        }
        let keyed = self.named.keyed.iter();
        for keyed in keyed {
            changes.extend(Identities::keyed_removal(keyed));
            changes.push(forgotten(keyed));
            changes.extend(Pseudonyms::keyed_removal(keyed));
        }
        let holds = !self.receipt.restricted.is_empty();
        for person in self.named.persons.iter().chain(&self.holder) {
            if !(holds && self.holder == Some(*person)) {
                changes.extend(Vault::key_removal(*person));
            }
        }
        Ok(changes)
    }

    /// Returns what closes the keys of the persons: nothing that is sealed under them is read before
    /// they are opened again. The names stay known by their hashes, so that whoever acts under them
    /// meanwhile is the same person.
    async fn keys_closed(&self, until: &Until) -> Result<Vec<Change>, ErasureError> {
        let vault = self.erasures.registers.identities().vault();
        let persons = self.named.persons.iter().chain(&self.holder);
        let persons: BTreeSet<IdentityId> = persons.copied().collect();
        let mut changes = Vec::new();
        for person in &persons {
            changes.extend(vault.closing(*person).await?);
        }
        let restriction = Restriction {
            erasure: self.receipt.erasure,
            persons,
            holder: self.holder,
            names: self.listed()?.names,
            until: until.clone(),
        };
        changes.push(restriction.recorded()?);
        Ok(changes)
    }
}

fn put(collection: Collection, key: Vec<u8>, value: Option<Vec<u8>>) -> Change {
    Change {
        collection,
        key,
        value,
        expected: Expected::Anything,
    }
}
