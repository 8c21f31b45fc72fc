//! Who is erased with what is released: persons of whom nothing else is held.

use std::collections::{BTreeMap, BTreeSet};

use super::scan::{Scan, Trace};
use crate::documents::{agents_of, of_agents};
use crate::erasures::duty::is_over;
use crate::erasures::whom::{Named, gather, owners};
use crate::erasures::{ErasureError, Erasures, Held};
use crate::people::{IdentityId, IdentityKind, IdentityName};
use crate::ports::{Change, Collection, Expected, KeyRange, StoreError};

/// keyed hash of an identifier → the projects in which statements that named it were released.
const RELEASED: Collection = Collection("released");
/// How many records are read at a time.
const AT_A_TIME: usize = 500;

/// Returns what forgets that somebody's statements were released.
pub(in crate::erasures) fn forgotten(keyed: &str) -> Change {
    change(keyed, None)
}

fn change(keyed: &str, value: Option<Vec<u8>>) -> Change {
    Change {
        collection: RELEASED,
        key: keyed.as_bytes().to_vec(),
        value,
        expected: Expected::Anything,
    }
}

impl Erasures {
    /// Returns what remembers who is named in a statement that is released: when the last of theirs
    /// is, they go too.
    pub(in crate::erasures) async fn remembered(
        &self,
        agents: impl Iterator<Item = String> + Send,
        projects: &BTreeSet<String>,
    ) -> Result<Vec<Change>, StoreError> {
        let mut changes = Vec::new();
        for text in agents {
            let name = IdentityName::of(IdentityKind::Agent, &text);
            let keyed = self.registers.identities().keyed(&name)?;
            let record = self.records.get(RELEASED, keyed.as_bytes()).await?;
            let before = record.map(|record| serde_json::from_slice(&record.value));
            let mut all: BTreeSet<String> = before
                .transpose()
                .map_err(StoreError::failed)?
                .unwrap_or_default();
            all.extend(projects.iter().cloned());
            let value = serde_json::to_vec(&all).map_err(StoreError::failed)?;
            changes.push(change(&keyed, Some(value)));
        }
        Ok(changes)
    }

    /// Returns those of whom nothing is held once a look's findings are erased: no statement names
    /// them, nothing of theirs is held apart, and every project that they had to do with is over.
    pub(super) async fn leaving(
        &self,
        scan: &Scan,
        held: impl Iterator<Item = &Held>,
    ) -> Result<Vec<Named>, ErasureError> {
        let held: BTreeSet<IdentityId> = held.map(|held| held.person).collect();
        let traces = self.traces(scan).await?;
        let (mut leaving, mut seen) = (Vec::new(), BTreeSet::new());
        for (keyed, trace) in &traces {
            if seen.contains(keyed) || !over(scan, &trace.projects)? {
                continue;
            }
            let Some(named) = self.behind(scan, keyed, trace).await? else {
                continue;
            };
            let also = &named.keyed;
            seen.extend(also.iter().cloned());
            let others = also.iter().filter_map(|keyed| traces.get(keyed));
            let mut is_over = true;
            for trace in others {
                is_over &= over(scan, &trace.projects)?;
            }
            if is_over && also.is_disjoint(&scan.named) && !self.stays(scan, &named, &held).await? {
                leaving.push(named);
            }
        }
        Ok(leaving)
    }

    /// Returns everybody whose statements are released, now or before.
    async fn traces(&self, scan: &Scan) -> Result<BTreeMap<String, Trace>, StoreError> {
        let mut traces: BTreeMap<String, Trace> = BTreeMap::new();
        let mut range = KeyRange {
            prefix: Vec::new(),
            after: None,
            limit: AT_A_TIME,
        };
        loop {
            let records = self.records.range(RELEASED, &range).await?;
            let Some(last) = records.last() else { break };
            range.after = Some(last.key.clone());
            for record in records {
                let keyed = String::from_utf8(record.key).map_err(StoreError::failed)?;
                let projects = serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
                let trace = Trace {
                    projects,
                    ..Trace::default()
                };
                traces.insert(keyed, trace);
            }
        }
        for (keyed, found) in &scan.traces {
            let trace = traces.entry(keyed.clone()).or_default();
            trace.text.clone_from(&found.text);
            trace.projects.extend(found.projects.iter().cloned());
        }
        // Of whom no statement is left, a document may still say the identifier.
        for text in agents_of(&*self.records).await? {
            let name = IdentityName::of(IdentityKind::Agent, &text);
            if let Some(trace) = traces.get_mut(&self.registers.identities().keyed(&name)?) {
                trace.text = Some(text);
                trace.has_documents = true;
            }
        }
        Ok(traces)
    }

    /// Returns all that names whoever is behind an identifier; `None` where it leads to nobody any
    /// more, or the register gives it to several.
    async fn behind(
        &self,
        scan: &Scan,
        keyed: &str,
        trace: &Trace,
    ) -> Result<Option<Named>, ErasureError> {
        let identities = self.registers.identities();
        let id = identities.find_keyed(keyed).await?;
        if id.is_none() && !trace.has_documents {
            return Ok(None);
        }
        let mut named = Named::default();
        named.keyed.insert(keyed.to_owned());
        if let Some(text) = &trace.text {
            named.add(text);
        }
        if let Some(id) = id {
            named.persons = match owners(&scan.registers, id) {
                Ok(persons) => persons,
                Err(ErasureError::Ambiguous) => return Ok(None),
                Err(error) => return Err(error),
            };
        }
        gather(&scan.registers, &mut named);
        self.pseudonymous(&mut named).await?;
        for name in named.names() {
            if name.kind == IdentityKind::Agent {
                named.keyed.insert(identities.keyed(&name)?);
            }
        }
        Ok(Some(named))
    }

    /// Tells whether something else is held of somebody whom no statement names: something held
    /// apart, a restriction, or a document of a project that is not over.
    async fn stays(
        &self,
        scan: &Scan,
        named: &Named,
        held: &BTreeSet<IdentityId>,
    ) -> Result<bool, ErasureError> {
        let identities = self.registers.identities();
        let mut ids = named.persons.clone();
        for keyed in &named.keyed {
            ids.extend(identities.find_keyed(keyed).await?);
        }
        for id in &ids {
            if held.contains(id) || identities.vault().is_closed(*id).await? {
                return Ok(true);
            }
        }
        let spaces = self.spaces().await?;
        let documents = of_agents(&*self.records, &named.identifiers, &spaces).await?;
        let projects = documents
            .iter()
            .map(|(space, ..)| space.project().to_owned());
        Ok(!over(scan, &projects.collect())?)
    }
}

fn over(scan: &Scan, projects: &BTreeSet<String>) -> Result<bool, StoreError> {
    for code in projects {
        if !is_over(&scan.registers, code, scan.today)? {
            return Ok(false);
        }
    }
    Ok(true)
}
