//! Carrying some events into ledgers that stand at the same place.
//!
//! What the events say and what the ledgers hold of it is read beforehand, in a few questions; then
//! the events are taken one after the other.

use std::sync::Arc;

use super::memory::{Memory, WEIGHT_MAX};
use super::runner::{Cohort, Member};
use super::settling::{Ahead, Placed, Settling, Taken};
use super::workspace::Workspace;
use super::{Runner, RunnerError};
use crate::people::Acquainted;
use crate::ports::{LogEvent, StoreError};
use crate::registers::Registers;

/// A ledger that takes the events.
struct Ledger {
    member: Member,
    memory: Memory,
    /// By event: what it says, and where that belongs.
    placed: Vec<Vec<Placed>>,
}

impl Runner {
    /// Takes the events into the ledgers of a cohort, in one commit or several.
    pub(super) async fn carry(
        &self,
        cohort: Cohort,
        events: &[LogEvent],
    ) -> Result<(), RunnerError> {
        // Refreshed after the events were read, so that every row they bring is known.
        let registers = self.registers.refresh().await?;
        let mut workspace = Workspace::new(Arc::clone(&self.records));
        let members = cohort.members;
        let carried = self.take_all(&registers, members, events, &mut workspace);
        let carried = carried.await;
        // Also after a failure: who steps next must find no commit on its way.
        let committed = workspace.committed().await;
        let memories = carried?;
        committed?;
        // Only now is what they remember what the store holds.
        self.memories().extend(memories);
        Ok(())
    }

    async fn take_all(
        &self,
        registers: &Registers,
        members: Vec<Member>,
        events: &[LogEvent],
        workspace: &mut Workspace,
    ) -> Result<Vec<(super::LedgerId, Memory)>, RunnerError> {
        let weight_max = WEIGHT_MAX / members.len().max(1);
        let mut ledgers = Vec::with_capacity(members.len());
        for member in members {
            workspace.begin(member.ledger, member.progress, member.expected);
            ledgers.push(Ledger {
                memory: self.memory(&member, weight_max, workspace).await?,
                member,
                placed: Vec::new(),
            });
        }
        let taken = Taken::all(events)?;
        let mut acquainted = Acquainted::default();
        self.look_ahead(&taken, &mut ledgers, registers, &mut acquainted, workspace)
            .await?;
        for (number, (event, taken)) in events.iter().zip(&taken).enumerate() {
            for ledger in &mut ledgers {
                let placed = ledger.placed.get_mut(number).map(std::mem::take);
                let Ledger { member, memory, .. } = ledger;
                let mut settling = Settling::new(
                    (member.ledger, &member.lineage, &*member.rulebook),
                    (registers, &*self.log),
                    (self.registers.identities(), &mut acquainted),
                    (workspace, memory),
                    event.stored,
                );
                settling.take(taken, placed.unwrap_or_default()).await?;
                memory.at = event.position;
                workspace.reach(member.ledger, event.position, event.stored);
            }
            if workspace.is_full_with(0) {
                workspace.flush().await?;
            }
        }
        workspace.flush().await?;
        let memories = ledgers.into_iter().map(|mut ledger| {
            ledger.memory.end_step();
            (ledger.member.ledger, ledger.memory)
        });
        Ok(memories.collect())
    }

    /// Finds out what the events say for each ledger, and brings to hand what it holds of that.
    async fn look_ahead(
        &self,
        taken: &[Taken<'_>],
        ledgers: &mut [Ledger],
        registers: &Registers,
        acquainted: &mut Acquainted,
        workspace: &mut Workspace,
    ) -> Result<(), RunnerError> {
        let ahead = |member: &Member| Ahead {
            ledger: member.ledger,
            lineage: member.lineage.clone(),
            rulebook: Arc::clone(&member.rulebook),
        };
        let mut said = vec![vec![None; taken.len()]; ledgers.len()];
        loop {
            let mut all = true;
            for (ledger, said) in ledgers.iter().zip(&mut said) {
                all &= ahead(&ledger.member).say(taken, &ledger.memory, acquainted, said)?;
            }
            if all {
                break;
            }
            // All who are new in these events are met at once. Their ids are in the next commit, or
            // in some before it: they may be more than one commit holds.
            for first in acquainted.meet(self.registers.identities()).await? {
                workspace.first(first);
                if workspace.is_full_with(0) {
                    workspace.flush().await?;
                }
            }
        }
        workspace.committed().await?;
        for (ledger, said) in ledgers.iter_mut().zip(said) {
            let ahead = ahead(&ledger.member);
            ledger.placed = ahead.place(said, registers);
            let fetched = ahead.fetch(&ledger.placed, &mut ledger.memory, workspace);
            fetched.await?;
            ahead
                .find_unasked(taken, &mut ledger.memory, workspace)
                .await?;
        }
        Ok(())
    }

    /// Returns what is remembered of a ledger, where it stands where the store says.
    async fn memory(
        &self,
        member: &Member,
        weight_max: usize,
        workspace: &Workspace,
    ) -> Result<Memory, StoreError> {
        let at = member.progress.position;
        let kept = self.memories().remove(&member.ledger);
        let mut memory = match kept.filter(|memory| memory.at == at) {
            Some(memory) => memory,
            None => Memory::load(member.ledger, at, workspace).await?,
        };
        memory.weight_max = weight_max;
        Ok(memory)
    }
}
