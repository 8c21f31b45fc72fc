//! Carrying an erasure out, in an order in which it can be cut short anywhere and done again.
//!
//! First each statement, in acts of bounded size; then what is kept beside statements; last, in one
//! act, the register rows and the identities by which all the rest is found. Statements that came
//! meanwhile are looked for once more, and then the files are made anew.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use varde_xapi::{ANONYMOUS_HOME_PAGE, Anonyms, Ifi, Iri, Place, Statement, Term, parameter};

use super::duty::duty;
use super::held::Holding;
use super::statements::{Fate, fate};
use super::whom::Named;
use super::{
    ErasureError, ErasureId, Erasures, Left, ListedErasure, Manner, Receipt, RecordClass,
    Restricted, Until,
};
use crate::attachments::attachments_of;
use crate::people::{IdentityId, IdentityKind, IdentityName, PersonKeys, Vault};
use crate::ports::{
    AttachmentName, Change, Changes, Collection, EraseError, Erasure, EventKind, Expected,
    Happened, LogEvent, NewEvent, PageQuery, Rewrite, StoreError, StoredStatement, TermKey,
    row_bytes,
};
use crate::statements::unflagged;
use crate::{Position, Space};

/// erasure → [`Receipt`].
const ERASURE: Collection = Collection("erasure");
/// How many statements are looked at at a time.
const STATEMENTS_AT_A_TIME: usize = 200;
/// Statements are rewritten once what becomes of them weighs this many bytes.
const BYTES_ENOUGH: usize = 2 * 1024 * 1024;
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
        work.statements().await?;
        let agents = &work.named.identifiers;
        work.receipt.documents = self.documents(agents, dry_run).await?;
        work.keys_that_name().await?;
        if dry_run {
            work.count().await?;
            return Ok(work.receipt);
        }
        work.finish().await
    }

    /// Returns the receipt of an erasure that was carried out to the end in this store.
    pub async fn receipt(&self, id: ErasureId) -> Result<Option<Receipt>, ErasureError> {
        let record = self.records.get(ERASURE, id.0.as_bytes()).await?;
        let receipt = record.map(|record| serde_json::from_slice(&record.value));
        Ok(receipt.transpose().map_err(StoreError::failed)?)
    }

    /// Leaves nothing of what was erased in the store's files.
    pub(super) async fn scrub(&self) -> Result<(), ErasureError> {
        for _ in 1..SCRUBS {
            match self.log.scrub().await {
                Err(StoreError::Busy) => {}
                done => return Ok(done?),
            }
        }
        Ok(self.log.scrub().await?)
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
        let spaces = erasures.keys.all().await?.into_iter();
        let spaces: BTreeSet<Space> = spaces
            .flat_map(|key| std::iter::once(key.space).chain(key.also_reads))
            .collect();
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
            spaces: spaces.into_iter().collect(),
            after: None,
            definitions: BTreeMap::new(),
            attachments: BTreeSet::new(),
            receipt,
        };
        work.meet().await?;
        Ok(work)
    }

    /// Sees to it that each name has an id, that there is a key to hold things under, and that the
    /// erasure stands on the list, before anything is erased.
    async fn meet(&mut self) -> Result<(), ErasureError> {
        let identities = self.erasures.registers.identities();
        let resolved = identities.resolve(self.named.names()).await?;
        self.ids = resolved.ids;
        let any = self.ids.values().min().copied();
        self.holder = self.named.persons.first().copied().or(any);
        let holders: BTreeSet<_> = self.holder.into_iter().collect();
        self.keys = identities.vault().keys_of(holders.clone()).await?;
        let mut changes = resolved.new;
        changes.extend(identities.vault().complete(&mut self.keys, holders)?);
        if self.receipt.dry_run {
            return Ok(());
        }
        self.erasures.list.add(&self.listed()?).await?;
        self.commit(changes).await
    }

    fn listed(&self) -> Result<ListedErasure, StoreError> {
        let identities = self.erasures.registers.identities();
        let names = self.named.names();
        let names = names.iter().map(|name| identities.keyed(name));
        Ok(ListedErasure {
            erasure: self.receipt.erasure,
            at: self.receipt.at,
            names: names.collect::<Result<_, _>>()?,
            restricted: match self.manner {
                Manner::Erase => None,
                Manner::Restrict(until) => Some(until.clone()),
            },
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

    /// Looks at every statement that names the person, behind the last that was looked at.
    async fn statements(&mut self) -> Result<(), ErasureError> {
        if self.spaces.is_empty() || self.named.identifiers.is_empty() {
            return Ok(());
        }
        loop {
            let page = self.erasures.log.page(&self.query()).await?;
            let Some(last) = page.statements.last() else {
                return Ok(());
            };
            self.after = Some(last.position);
            let mut act = Act::default();
            for statement in page.statements {
                self.statement(&statement, &mut act).await?;
                if act.bytes() >= BYTES_ENOUGH {
                    self.rewrite(std::mem::take(&mut act)).await?;
                }
            }
            self.rewrite(act).await?;
        }
    }

    fn query(&self) -> PageQuery {
        let mut terms = Vec::new();
        for space in &self.spaces {
            for value in &self.named.identifiers {
                for place in [Place::Agent, Place::RelatedAgent] {
                    let value = value.clone();
                    terms.push(TermKey::of(space, &Term { place, value }));
                }
            }
        }
        PageQuery {
            spaces: self.spaces.clone(),
            scope: Vec::new(),
            filters: vec![terms],
            since: None,
            until: None,
            ascending: true,
            limit: STATEMENTS_AT_A_TIME,
            after: self.after,
            through: None,
            voided: true,
        }
    }

    async fn statement(
        &mut self,
        stored: &StoredStatement,
        act: &mut Act,
    ) -> Result<(), ErasureError> {
        let statement = varde_xapi::read(&stored.text()).map_err(StoreError::failed)?;
        let Some(fate) = fate(&self.anonyms, stored, &statement)? else {
            return Ok(());
        };
        let event = LogEvent {
            position: stored.position,
            stored: stored.stored,
            what: Happened::Statement(Box::new(stored.clone())),
        };
        let facts = self.erasures.runner.erased_facts(&event, &self.ids).await?;
        let held = self.hold(stored, &statement, facts.is_some(), act).await?;
        let place = (stored.position, stored.id);
        let rewrite = match fate {
            Fate::Goes => {
                self.note_belongings(stored, &statement, held);
                self.receipt.statements.push(place);
                act.change(unflagged(&*self.erasures.records, stored, None).await?);
                let facts = facts.map(|facts| facts.text()).transpose()?;
                Rewrite::Erase {
                    facts: facts.unwrap_or_default(),
                }
            }
            Fate::Changes(changed) => {
                self.receipt.mentions.push(place);
                let body = Some(changed.body.as_str());
                act.change(unflagged(&*self.erasures.records, stored, body).await?);
                Rewrite::Change(changed)
            }
        };
        act.rows.insert(stored.position, rewrite);
        Ok(())
    }

    /// Holds a statement where it must be kept, and tells whether it is.
    async fn hold(
        &mut self,
        stored: &StoredStatement,
        statement: &Statement,
        counts: bool,
        act: &mut Act,
    ) -> Result<bool, ErasureError> {
        let Some(person) = self.holder else {
            return Ok(false);
        };
        let (class, until) = match self.manner {
            Manner::Restrict(until) => (None, until.clone()),
            Manner::Erase => {
                let registers = self.erasures.registers.refresh().await?;
                let when = (counts, self.today);
                let Some(duty) = duty(&registers, &stored.space, statement, when) else {
                    return Ok(false);
                };
                let (day, rule) = (duty.last_day(), duty.source);
                (Some(duty.class), Until { day, rule })
            }
        };
        self.note_restricted(class, &until);
        let attachments = names(stored, statement);
        let holding = Holding {
            erasure: self.receipt.erasure,
            class,
            until,
            person,
            attachments: &attachments,
        };
        act.change(self.erasures.hold(&self.keys, stored, holding)?);
        Ok(true)
    }

    fn note_restricted(&mut self, class: Option<RecordClass>, until: &Until) {
        let is_same = |noted: &&mut Restricted| {
            (noted.class, noted.until, &noted.rule) == (class, until.day, &until.rule)
        };
        match self.receipt.restricted.iter_mut().find(is_same) {
            Some(noted) => noted.statements += 1,
            None => self.receipt.restricted.push(Restricted {
                class,
                until: until.day,
                rule: until.rule.clone(),
                statements: 1,
            }),
        }
    }

    fn note_belongings(&mut self, stored: &StoredStatement, statement: &Statement, held: bool) {
        for mention in varde_xapi::mentions(&stored.body) {
            let activity = (stored.space.clone(), mention.activity);
            let definitions = self.definitions.entry(activity).or_default();
            definitions.insert(mention.definition);
        }
        if !held {
            self.attachments.extend(names(stored, statement));
        }
    }

    async fn rewrite(&self, act: Act) -> Result<(), ErasureError> {
        if self.receipt.dry_run || act.rows.is_empty() {
            return Ok(());
        }
        self.erasures.log.erase(act.erasure(Vec::new())).await?;
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
        let rows = self.erasures.register_rows(&self.named.persons).await?;
        self.receipt.register_rows = rows.emptied;
        self.receipt.register_rows_kept = rows.kept;
        self.receipt.attachments = self.attachments.len();
        self.receipt.definitions = self.definitions.len();
        Ok(())
    }

    async fn finish(mut self) -> Result<Receipt, ErasureError> {
        let rows = self.erasures.register_rows(&self.named.persons).await?;
        self.receipt.register_rows = rows.emptied;
        self.receipt.register_rows_kept = rows.kept;
        let act = Act {
            rows: rows.events,
            changes: self.names_removed()?,
        };
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
        self.erasures.log.erase(act.erasure(vec![event])).await?;
        self.erasures.registers.forget();
        let identities = self.erasures.registers.identities();
        identities.forget(&self.named.names())?;
        // What came while the others were erased was found under the same names.
        self.statements().await?;
        let unlearned = self.erasures.activities.unlearn(&self.definitions).await?;
        self.receipt.definitions = unlearned;
        let (gone, later) = self.erasures.attachments(&self.attachments).await?;
        self.receipt.attachments = gone;
        if later > 0 {
            self.receipt.left.push(Left {
                what: format!("the data of {later} attachments"),
                why: "it came within the last hour; the daily sweep removes it".to_owned(),
            });
        }
        self.erasures.scrub().await?;
        let value = serde_json::to_vec(&self.receipt).map_err(StoreError::failed)?;
        let key = self.receipt.erasure.0.as_bytes().to_vec();
        self.commit(vec![put(ERASURE, key, Some(value))]).await?;
        Ok(self.receipt)
    }

    /// Returns what takes the names away, gives their ids to the anonymous accounts, and destroys
    /// the persons' keys under which nothing is held.
    fn names_removed(&self) -> Result<BTreeMap<(Collection, Vec<u8>), Change>, StoreError> {
        let identities = self.erasures.registers.identities();
        let mut act = Act::default();
        for name in self.named.names() {
            act.change([identities.removal(&name)?]);
        }
        for (text, account) in &self.anonyms {
            let old = IdentityName::of(IdentityKind::Agent, text);
            if let (Some(id), Some(home_page)) =
                (self.ids.get(&old), Iri::parse(ANONYMOUS_HOME_PAGE))
            {
                let name = account.clone();
                let ifi = Ifi::Account { home_page, name };
                act.change([identities.assignment(&IdentityName::agent(&ifi), *id)?]);
            }
        }
        let holds = !self.receipt.restricted.is_empty();
        for person in self.named.persons.iter().chain(&self.holder) {
            if !(holds && self.holder == Some(*person)) {
                act.change([Vault::key_removal(*person)]);
            }
        }
        Ok(act.changes)
    }
}

/// What is done in one act of the log.
#[derive(Debug, Default)]
struct Act {
    rows: BTreeMap<Position, Rewrite>,
    /// By collection and key: the last word counts.
    changes: BTreeMap<(Collection, Vec<u8>), Change>,
}

impl Act {
    fn change(&mut self, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            let place = (change.collection, change.key.clone());
            self.changes.insert(place, change);
        }
    }

    fn bytes(&self) -> usize {
        let values = self.changes.values().filter_map(|one| one.value.as_ref());
        values.map(Vec::len).sum::<usize>() + row_bytes(&self.rows)
    }

    fn erasure(self, events: Vec<NewEvent>) -> Erasure {
        Erasure {
            rows: self.rows,
            changes: Changes {
                changes: self.changes.into_values().collect(),
                events,
                // One statement, or the rows of one import, may be larger than a commit.
                import: true,
            },
        }
    }
}

fn names(stored: &StoredStatement, statement: &Statement) -> Vec<AttachmentName> {
    let name = |sha2: &str| AttachmentName {
        space: stored.space.clone(),
        sha2: sha2.to_owned(),
    };
    attachments_of(statement)
        .map(|attachment| name(&attachment.sha2))
        .collect()
}

fn put(collection: Collection, key: Vec<u8>, value: Option<Vec<u8>>) -> Change {
    Change {
        collection,
        key,
        value,
        expected: Expected::Anything,
    }
}
