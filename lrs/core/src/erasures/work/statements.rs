//! What an erasure does with each statement that names the person.

use std::collections::{BTreeMap, BTreeSet};

use varde_xapi::Statement;

use super::Work;
use super::act::Act;
use crate::attachments::attachments_of;
use crate::erasures::duty::duty;
use crate::erasures::held::Holding;
use crate::erasures::reapply::agents;
use crate::erasures::statements::{Fate, fate};
use crate::erasures::{ErasureError, Manner, RecordClass, Restricted, Until};
use crate::ports::{AttachmentName, Happened, LogEvent, Rewrite, StoreError, StoredStatement};
use crate::statements::{unflagged, unnoted};
use crate::{Position, Space};

/// Statements are rewritten once what becomes of them weighs this many bytes.
const BYTES_ENOUGH: usize = 2 * 1024 * 1024;
/// As many statements are rewritten in one act.
const ROWS_ENOUGH: usize = 200;

impl Work<'_> {
    /// Looks at every statement that names the person, behind the last that was looked at.
    pub(super) async fn statements(&mut self) -> Result<(), ErasureError> {
        if self.spaces.is_empty() || self.named.identifiers.is_empty() {
            return Ok(());
        }
        loop {
            let query = self.named.statements(&self.spaces, self.after);
            let page = self.erasures.log.page(&query).await?;
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

    async fn statement(
        &mut self,
        stored: &StoredStatement,
        act: &mut Act,
    ) -> Result<(), ErasureError> {
        let statement = varde_xapi::read(&stored.text()).map_err(StoreError::failed)?;
        let Some(fate) = fate(&self.anonyms, stored, &statement)? else {
            return Ok(());
        };
        self.becomes(stored, &statement, fate, act).await
    }

    /// Erases statements wholly, and remembers who was named in them.
    pub(super) async fn released(
        &mut self,
        released: &BTreeMap<Position, BTreeSet<String>>,
    ) -> Result<(), ErasureError> {
        let mut act = Act::default();
        for (position, projects) in released {
            let before = Position(position.0.saturating_sub(1));
            let event = self.erasures.log.follow(before, 1).await?.pop();
            // What was erased since it was found is gone already.
            let Some(Happened::Statement(stored)) = event.map(|event| event.what) else {
                continue;
            };
            let statement = varde_xapi::read(&stored.text()).map_err(StoreError::failed)?;
            let remembered = self.erasures.remembered(agents(&statement), projects);
            act.change(remembered.await?);
            self.becomes(&stored, &statement, Fate::Goes, &mut act)
                .await?;
            if act.bytes() >= BYTES_ENOUGH || act.rows.len() >= ROWS_ENOUGH {
                self.rewrite(std::mem::take(&mut act)).await?;
            }
        }
        self.rewrite(act).await
    }

    async fn becomes(
        &mut self,
        stored: &StoredStatement,
        statement: &Statement,
        fate: Fate,
        act: &mut Act,
    ) -> Result<(), ErasureError> {
        let event = LogEvent {
            position: stored.position,
            stored: stored.stored,
            what: Happened::Statement(Box::new(stored.clone())),
        };
        let facts = self.erasures.runner.erased_facts(&event, &self.ids).await?;
        let counts = facts.is_some();
        let facts = facts.map(|facts| facts.text()).transpose()?;
        let facts = facts.unwrap_or_default();
        let left = match &fate {
            Fate::Goes => facts.as_str(),
            Fate::Changes(changed) => &changed.body,
        };
        let left = (counts, left);
        let held = self.hold(stored, statement, left, act).await?;
        let place = (stored.position, stored.id);
        let rewrite = match fate {
            Fate::Goes => {
                self.note_definitions(&stored.space, &stored.body);
                act.change(self.touched(&stored.space, &stored.body)?);
                if !held {
                    self.attachments.extend(names(stored, statement));
                }
                self.receipt.statements.push(place);
                act.change(unflagged(&*self.erasures.records, stored, None).await?);
                act.change(vec![unnoted(stored)]);
                Rewrite::Erase { facts }
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
        (counts, left): (bool, &str),
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
                let Some(duty) = duty(&registers, &stored.space, statement, when)? else {
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
            left,
        };
        act.change(self.erasures.hold(&self.keys, stored, holding)?);
        Ok(true)
    }

    pub(super) fn note_restricted(&mut self, class: Option<RecordClass>, until: &Until) {
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

    /// Notes what a statement that goes says of activities, so that it is unlearned.
    pub(super) fn note_definitions(&mut self, space: &Space, body: &str) {
        for mention in varde_xapi::mentions(body) {
            let activity = (space.clone(), mention.activity);
            let definitions = self.definitions.entry(activity).or_default();
            definitions.insert(mention.definition);
        }
    }

    async fn rewrite(&self, act: Act) -> Result<(), ErasureError> {
        if self.receipt.dry_run || act.rows.is_empty() {
            return Ok(());
        }
        self.erasures.log.erase(act.erasure(Vec::new())).await?;
        Ok(())
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
