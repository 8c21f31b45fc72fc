//! Making attempts.

use super::delivery::{ATTEMPTS_MAX, Attempt, Delivery, DeliveryId, Outcome};
use super::queue::Kept;
use super::{Answer, Outbox, Subject};
use crate::ports::StoreError;

impl<S: Subject> Outbox<S> {
    /// Puts an attempt on record, has it made, and records its outcome. Returns the lines that the
    /// log got; none where somebody else was faster.
    pub async fn attempt(
        &self,
        found: &Kept<S>,
        carried: impl Future<Output = Result<Answer, Answer>> + Send,
    ) -> Result<Vec<Attempt>, StoreError> {
        let mut lines = Vec::new();
        let now = self.clock.now();
        let mut delivery = found.delivery.clone();
        if let Some(began) = delivery.begun {
            // It may have arrived, and is repeated all the same: better twice than never.
            let is_last = delivery.attempts >= ATTEMPTS_MAX;
            if is_last {
                delivery.failed(now);
            }
            let detail = "the process ended before it was known whether it arrived";
            let line = Attempt {
                detail: detail.to_owned(),
                ..delivery.line(began, Outcome::CutShort)
            };
            lines.push(line);
            if is_last {
                let settled = self.replace(found, delivery, lines.last()).await?;
                return Ok(settled.map(|_| lines).unwrap_or_default());
            }
        }
        delivery.attempts = delivery.attempts.saturating_add(1);
        delivery.begun = Some(now);
        let begun = self.replace(found, delivery, lines.last()).await?;
        let Some(begun) = begun else {
            // Another process was faster.
            return Ok(Vec::new());
        };
        let carried = carried.await;
        let mut delivery = begun.delivery.clone();
        let (outcome, answer) = match carried {
            Ok(answer) => {
                delivery.arrived();
                (Outcome::Delivered, answer)
            }
            Err(answer) => {
                delivery.failed(self.clock.now());
                (Outcome::Failed, answer)
            }
        };
        let line = Attempt {
            status: answer.status,
            detail: answer.detail,
            ..delivery.line(now, outcome)
        };
        let ended = self.replace(&begun, delivery, Some(&line)).await?;
        if ended.is_some() {
            lines.push(line);
        }
        Ok(lines)
    }

    /// Returns all deliveries, in the order in which what they deliver happened.
    pub async fn all(&self) -> Result<Vec<Delivery<S>>, StoreError> {
        let mut kept = self.waiting().await?;
        kept.extend(self.settled().await?);
        let mut all: Vec<_> = kept.into_iter().map(|kept| kept.delivery).collect();
        // One that was settled while these were read stands in both.
        all.sort_by_key(|one| (one.happened, one.id));
        all.dedup_by_key(|delivery| delivery.id);
        Ok(all)
    }

    /// Has a delivery attempted now, wherever it stands, as often as a new one.
    pub async fn retry(&self, id: DeliveryId) -> Result<Retried<S>, StoreError> {
        let Some(found) = self.find(id).await? else {
            return Ok(Retried::Absent);
        };
        let mut delivery = found.delivery.clone();
        delivery.again(self.clock.now());
        let kept = self.replace(&found, delivery, None).await?;
        Ok(kept.map_or(Retried::Changed, |kept| Retried::Again(kept.delivery)))
    }
}

/// What became of the wish to have a delivery attempted again.
#[derive(Debug)]
pub enum Retried<S> {
    /// It is attempted now.
    Again(Delivery<S>),
    /// There is none of this id.
    Absent,
    /// Somebody else has changed it meanwhile.
    Changed,
}
