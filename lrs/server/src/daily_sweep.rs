//! What is done at the start and once a day: the data of attachments that no statement names is
//! removed, and so is what a duty kept that has ended.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::tz::TimeZone;
use varde_core::Clock;
use varde_core::attachments::Sweep;
use varde_core::erasures::Erasures;

use crate::followers::{Follower, Trouble};

/// How long after one sweep the next begins.
const REST: Duration = Duration::from_hours(24);

/// A sweep that comes again.
#[derive(Debug)]
pub(crate) struct DailySweep {
    /// What sweeps.
    pub(crate) sweep: Sweep,
    /// What ends duties.
    pub(crate) erasures: Erasures,
    /// Tells which data is old enough.
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Follower for DailySweep {
    fn name(&self) -> &'static str {
        "the daily sweep"
    }

    async fn step(&self) -> Result<bool, Trouble> {
        let removed = self.sweep.run(self.clock.now()).await?;
        if removed > 0 {
            tracing::info!(removed, "removed attachments that no statement names");
        }
        let today = TimeZone::UTC.to_datetime(self.clock.now().instant()).date();
        let ended = self.erasures.end_duties(today).await?;
        if ended > 0 {
            tracing::info!(ended, "erased statements that no duty keeps any longer");
        }
        Ok(false)
    }

    async fn rest(&self) -> Result<(), Trouble> {
        tokio::time::sleep(REST).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use varde_core::erasures::{Manner, Whom};
    use varde_core::keys::NewKey;
    use varde_core::memory::MemoryStore;
    use varde_core::ports::{AttachmentName, Attachments as _};
    use varde_core::registers::{Entity, EntityKind, RegisterBook, Row};
    use varde_core::statements::Statements;
    use varde_core::{Caller, Scope, Space};
    use varde_test_support::{SeededEntropy, TestClock, caller, erasures, registers, space};
    use varde_xapi::attachment::Digester;
    use varde_xapi::{Family, Ifi, Stored};

    use super::*;

    const DAY: i64 = 24 * 60 * 60 * 1_000_000;

    /// Two statements of one learner, of which a duty through 31 December 2026 keeps one.
    async fn kept(store: &Arc<MemoryStore>, registers: &RegisterBook, erasures: &Erasures) {
        let key = NewKey::new("course", "a secret", "https://example.org", space("sing"));
        let key = erasures.keys.create(key).await.expect("a key");
        let duties = r#"[{"class":"audit","years":1,"after":"2025-12-31","source":"a rule"}]"#;
        let row = Row {
            entity: Entity::new(EntityKind::Project, "sing"),
            field: "keep".to_owned(),
            value: Some(duties.to_owned()),
            valid_from: None,
            valid_to: None,
        };
        registers.import(vec![row]).await.expect("imported");
        let entropy = Arc::new(SeededEntropy::new(3));
        let statements = Statements::new(store.clone(), store.clone(), entropy, 100);
        let caller = Caller {
            key: key.id,
            ..caller("sing", &[Scope::All])
        };
        for verb in ["completed", "answered"] {
            let statement = format!(
                r#"{{"actor":{{"mbox":"{LEARNER}"}},"object":{{"id":"https://example.org/course"}},
                "verb":{{"id":"http://adlnet.gov/expapi/verbs/{verb}"}}}}"#
            );
            let received = varde_xapi::receive(statement.as_bytes(), Family::V2);
            let received = received.expect("valid").statements;
            let stored = statements.store(&caller, Family::V2, received).await;
            stored.expect("stored");
        }
        let whom = Whom::Identifier(Ifi::Mbox(LEARNER.to_owned()));
        let receipt = erasures.carry_out(&whom, &Manner::Erase).await;
        let receipt = receipt.expect("erased");
        assert_eq!(receipt.restricted[0].statements, 1);
    }

    const LEARNER: &str = "mailto:learner@example.org";

    #[tokio::test]
    async fn what_a_duty_kept_is_erased_by_the_first_step_after_its_last_day() {
        let clock = Arc::new(TestClock::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let registers = registers(store.clone(), store.clone()).await;
        let erasures = erasures(&store, &clock, &registers, Vec::new());
        kept(&store, &registers, &erasures).await;
        let daily = DailySweep {
            erasures: erasures.clone(),
            sweep: Sweep::new(store.clone(), store.clone(), store.clone()),
            clock: clock.clone(),
        };
        let reader = caller("sing", &[Scope::All]);
        for (now, held) in [
            ("2026-12-31T23:59:59.999999Z", 1),
            ("2027-01-01T00:00:00Z", 0),
        ] {
            clock.set(Stored::parse(now).expect("an instant"));
            assert!(!daily.step().await.expect("it sweeps"), "then it rests");
            let found = erasures.held(&reader).await.expect("read");
            assert_eq!(found.len(), held, "{now}");
            let opened = found.iter().all(|one| one.text.is_some());
            assert!(opened, "the key lasts as long as what is held");
        }
    }

    #[tokio::test]
    async fn a_step_removes_what_nobody_names_any_more() {
        let clock = Arc::new(TestClock::at(0));
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let registers = registers(store.clone(), store.clone()).await;
        let name = AttachmentName {
            space: Space::live("sing").expect("a space"),
            sha2: Digester::of("").finish(),
        };
        let writer = store.write(name.clone()).await.expect("a writer");
        writer.keep().await.expect("the data is kept");
        let daily = DailySweep {
            erasures: erasures(&store, &clock, &registers, Vec::new()),
            sweep: Sweep::new(store.clone(), store.clone(), store.clone()),
            clock: clock.clone(),
        };
        for (now, kept) in [(DAY, true), (DAY + 1, false)] {
            clock.set(Stored(now));
            assert!(!daily.step().await.expect("it sweeps"), "then it rests");
            let reader = store.read(&name).await.expect("it is looked up");
            assert_eq!(reader.is_some(), kept);
        }
    }
}
