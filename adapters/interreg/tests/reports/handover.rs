//! What is submitted and published is handed over: not before it happened, never lost, told by its
//! id when it comes twice.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::Value;
use varde_core::ports::Records;
use varde_core::{Caller, Clock};
use varde_embedded::EmbeddedStore;
use varde_interreg::handover::{
    ATTEMPTS_MAX, Answer, Attempt, Courier, Deliveries, Delivery, DeliveryId, Event, Handovers,
    Outcome, Parcel, State, Target,
};
use varde_interreg::pack::{Language, PublicKey, verify};
use varde_interreg::packs::{SignerFile, SignerUnread, Signers};
use varde_interreg::publication::{NewRelease, Publication};
use varde_interreg::reports::ReportError;
use varde_test_support::{Cut, SeededEntropy, caller};
use varde_xapi::Stored;

use crate::pack::pem;
use crate::world::{FIRST, SECOND, World, query, reports, steward};

const MINUTE: i64 = 60_000_000;
const OFFICE: &str = "office";

/// Takes every parcel, after so many refusals with these statuses.
#[derive(Debug, Default)]
struct Receiver {
    refusals: Mutex<VecDeque<u16>>,
    taken: Mutex<Vec<Parcel>>,
}

#[async_trait]
impl Courier for Receiver {
    async fn carry(&self, target: &str, parcel: &Parcel) -> Result<Answer, Answer> {
        assert_eq!(target, OFFICE);
        let refusal = self.refusals.lock().unwrap().pop_front();
        let detail = "an answer".to_owned();
        if let Some(status) = refusal {
            let status = Some(status);
            return Err(Answer { status, detail });
        }
        self.taken.lock().unwrap().push(parcel.clone());
        let status = Some(200);
        Ok(Answer { status, detail })
    }
}

impl Receiver {
    fn refusing(statuses: impl IntoIterator<Item = u16>) -> Arc<Self> {
        Arc::new(Self {
            refusals: Mutex::new(statuses.into_iter().collect()),
            taken: Mutex::default(),
        })
    }

    fn ids(&self) -> Vec<DeliveryId> {
        let taken = self.taken.lock().unwrap();
        taken.iter().map(|parcel| parcel.delivery).collect()
    }
}

#[derive(Debug)]
struct KeyInMemory(Option<String>);

impl SignerFile for KeyInMemory {
    fn read(&self) -> Result<Option<String>, SignerUnread> {
        Ok(self.0.clone())
    }

    fn write(&self, _: &str) -> Result<(), SignerUnread> {
        Err(SignerUnread("it is read only".to_owned()))
    }
}

fn office() -> Target {
    Target {
        name: OFFICE.to_owned(),
        projects: ["sing".parse().unwrap()].into(),
        on: Event::EACH.into(),
        languages: vec![Language::Sv],
    }
}

/// Hands over of a world, by deliveries that are kept in records.
fn handovers(
    world: &World,
    records: &Arc<dyn Records>,
    receiver: &Arc<Receiver>,
    (key, target): (Option<String>, Target),
) -> Handovers {
    let clock = Arc::clone(&world.clock) as Arc<dyn Clock>;
    let courier = Arc::clone(receiver) as Arc<dyn Courier>;
    let own = Arc::clone(&world.store) as Arc<dyn Records>;
    let entropy = Arc::new(SeededEntropy::new(5));
    let file = Arc::new(KeyInMemory(key));
    let signers = Signers::new(file, Arc::clone(&own), Arc::clone(&clock), entropy);
    let publication = Publication::new(world.reports.clone(), own, Arc::clone(&clock));
    Handovers::new(
        (world.reports.clone(), signers, publication),
        Arc::clone(records),
        clock,
        (vec![target], courier),
        "https://varde.example.org/",
    )
}

fn of_office(world: &World, records: &Arc<dyn Records>, receiver: &Arc<Receiver>) -> Handovers {
    handovers(world, records, receiver, (Some(pem(1)), office()))
}

fn deliveries(world: &World, records: &Arc<dyn Records>) -> Deliveries {
    let clock = Arc::clone(&world.clock) as Arc<dyn Clock>;
    Deliveries::new(Arc::clone(records), clock)
}

async fn all(world: &World, records: &Arc<dyn Records>) -> Vec<Delivery> {
    deliveries(world, records).all().await.unwrap()
}

async fn log(world: &World, records: &Arc<dyn Records>) -> Vec<Attempt> {
    deliveries(world, records).log(None).await.unwrap()
}

/// A world in which a learner began the scheme and the first period is over.
async fn world() -> (World, Arc<dyn Records>) {
    let world = World::new().await;
    world.begins(1, 1, "2025-02-01").await;
    world.after(FIRST);
    world.settle().await;
    let records = Arc::clone(&world.store) as Arc<dyn Records>;
    (world, records)
}

#[tokio::test]
async fn a_submitted_report_is_handed_over_once_with_its_pack_and_a_message() {
    let (world, records) = world().await;
    let receiver = Receiver::refusing([]);
    let handovers = of_office(&world, &records, &receiver);
    handovers.prepare().await.unwrap();
    world.open(FIRST).await;
    assert!(handovers.step().await.unwrap().is_empty(), "a draft is not");
    let submitted = world.submit(FIRST).await.listed.hash.unwrap();
    let lines = handovers.step().await.unwrap();
    assert_eq!(lines[0].outcome, Outcome::Delivered);
    assert!(handovers.step().await.unwrap().is_empty(), "once");

    let taken = receiver.taken.lock().unwrap().clone();
    let [parcel] = &taken[..] else {
        panic!("{taken:?}")
    };
    let verified = verify(&parcel.files, None).unwrap();
    assert_eq!(verified.manifest.snapshot, submitted);
    assert!(parcel.files.contains_key("sv/workbook.xlsx"));
    assert!(!parcel.files.contains_key("nb/workbook.xlsx"));
    assert!(
        parcel.name.starts_with("sing-2025-06-30-revision-1-"),
        "{}",
        parcel.name
    );
    let message: Value = serde_json::from_slice(&parcel.message).unwrap();
    assert_eq!(message["type"], "report.submitted");
    assert_eq!(message["data"]["delivery"], parcel.delivery.to_string());
    assert_eq!(message["data"]["report_sha256"], submitted.to_string());
    assert_eq!(
        message["data"]["links"]["pack"],
        "https://varde.example.org/api/v1/reports/pack?project=sing&period=2025-06-30&revision=1"
    );
    let found = all(&world, &records).await;
    assert_eq!(found[0].state, State::Delivered);
    assert_eq!(log(&world, &records).await, lines);
    assert_eq!(lines[0].status, Some(200));
}

#[tokio::test]
async fn a_release_is_handed_over_with_a_signature() {
    let (world, records) = world().await;
    for learner in 2..8 {
        world.begins(learner, learner, "2025-07-01").await;
    }
    world.reported(FIRST).await;
    world.reported(SECOND).await;
    let receiver = Receiver::refusing([]);
    let handovers = of_office(&world, &records, &receiver);
    handovers.prepare().await.unwrap();
    let clock = Arc::clone(&world.clock) as Arc<dyn Clock>;
    let publication = Publication::new(world.reports.clone(), Arc::clone(&records), clock);
    let new = NewRelease {
        report: query(SECOND, None),
        tables: [].into(),
    };
    publication.publish(&steward(1), &new).await.unwrap();
    handovers.step().await.unwrap();
    let taken = receiver.taken.lock().unwrap().clone();
    let [parcel] = &taken[..] else {
        panic!("{taken:?}")
    };
    assert!(
        parcel.name.starts_with("sing-release-1-"),
        "{}",
        parcel.name
    );
    let signer = String::from_utf8(parcel.files["signer.pem"].clone()).unwrap();
    let signer: PublicKey = signer.parse().unwrap();
    let release = &parcel.files["release.json"];
    assert!(signer.has_signed(release, &parcel.files["release.json.sig"]));
    let release: Value = serde_json::from_slice(release).unwrap();
    assert_eq!(release["by"], Value::Null, "who published it is not told");
    let message: Value = serde_json::from_slice(&parcel.message).unwrap();
    assert_eq!(message["type"], "release.published");
    assert_eq!(message["data"]["release"], 1);
}

/// Lets a receiver refuse first and accept later, by deliveries that are kept in records.
async fn refused_first(world: &World, records: &Arc<dyn Records>) {
    let receiver = Receiver::refusing([503, 500, 404]);
    let handovers = of_office(world, records, &receiver);
    handovers.prepare().await.unwrap();
    world.open(FIRST).await;
    world.submit(FIRST).await;
    for (minutes, status) in [(1, 503), (2, 500), (4, 404)] {
        let lines = handovers.step().await.unwrap();
        let [line] = &lines[..] else {
            panic!("{lines:?}")
        };
        assert_eq!((line.outcome, line.status), (Outcome::Failed, Some(status)));
        let due = Stored(world.clock.now().0 + minutes * MINUTE);
        assert_eq!(line.next, Some(due));
        world.clock.set(Stored(due.0 - 1));
        assert!(handovers.step().await.unwrap().is_empty(), "not due yet");
        world.clock.set(due);
    }
    let lines = handovers.step().await.unwrap();
    assert_eq!((lines[0].outcome, lines[0].number), (Outcome::Delivered, 4));
    assert_eq!(receiver.ids().len(), 1);
    assert_eq!(log(world, records).await.len(), 4);
    let found = all(world, records).await;
    let [delivery] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(delivery.state, State::Delivered);
    let told = deliveries(world, records);
    let told = told.of_project(&steward(1), &"sing".parse().unwrap()).await;
    assert_eq!(told.unwrap()[0].log.len(), 4);
}

#[tokio::test]
async fn a_receiver_that_refuses_first_is_tried_again_at_growing_distances() {
    let (world, records) = world().await;
    refused_first(&world, &records).await;
}

#[tokio::test]
async fn deliveries_in_the_embedded_store_are_there_when_it_is_opened_again() {
    let (world, _) = world().await;
    let folder = tempfile::tempdir().unwrap();
    let open = || Arc::new(EmbeddedStore::open(folder.path(), world.clock.clone()).unwrap());
    let store = open();
    refused_first(&world, &(Arc::clone(&store) as Arc<dyn Records>)).await;
    store.close().await.unwrap();
    drop(store);
    let store = open();
    let records = Arc::clone(&store) as Arc<dyn Records>;
    assert_eq!(all(&world, &records).await[0].state, State::Delivered);
    assert_eq!(log(&world, &records).await.len(), 4);
    let receiver = Receiver::refusing([]);
    let handovers = of_office(&world, &records, &receiver);
    handovers.prepare().await.unwrap();
    assert!(handovers.step().await.unwrap().is_empty());
    store.close().await.unwrap();
}

#[tokio::test]
async fn what_never_arrives_is_given_up_stays_visible_and_is_tried_again_when_somebody_says_so() {
    let (world, records) = world().await;
    let receiver = Receiver::refusing((0..ATTEMPTS_MAX).map(|_| 503));
    let handovers = of_office(&world, &records, &receiver);
    handovers.prepare().await.unwrap();
    world.open(FIRST).await;
    world.submit(FIRST).await;
    let mut last = None;
    while let Some(line) = handovers.step().await.unwrap().pop() {
        if let Some(next) = line.next {
            world.clock.set(next);
        }
        last = Some(line);
    }
    let last = last.unwrap();
    assert_eq!((last.number, last.next), (ATTEMPTS_MAX, None));
    let given_up = all(&world, &records).await.remove(0);
    assert_eq!(given_up.state, State::GivenUp);
    world.clock.advance(1_000 * MINUTE);
    assert!(handovers.step().await.unwrap().is_empty());

    let deliveries = deliveries(&world, &records);
    let again = deliveries.retry(given_up.id).await.unwrap();
    assert_eq!((again.state, again.attempts), (State::Waiting, 0));
    handovers.step().await.unwrap();
    assert_eq!(receiver.ids(), [given_up.id], "under the id that it had");
    assert_eq!(all(&world, &records).await[0].state, State::Delivered);
    let unknown = DeliveryId("00000000-0000-4000-8000-000000000000".parse().unwrap());
    let refused = deliveries.retry(unknown).await;
    assert!(
        matches!(refused, Err(ReportError::Absent("delivery"))),
        "{refused:?}"
    );
}

/// The process is killed behind each commit in turn, also between the arrival and its line in the log.
#[tokio::test]
async fn wherever_a_process_is_killed_nothing_is_lost_and_a_repeat_has_the_same_id() {
    let mut repeats = 0;
    for commits in 0.. {
        let (world, records) = world().await;
        let receiver = Receiver::refusing([]);
        of_office(&world, &records, &receiver)
            .prepare()
            .await
            .unwrap();
        world.open(FIRST).await;
        world.submit(FIRST).await;
        let cut = Cut::behind(commits).records(Arc::clone(&records));
        let killed = of_office(&world, &cut, &receiver).step().await;

        world.clock.advance(1_000_000);
        let next = of_office(&world, &records, &receiver);
        next.prepare().await.unwrap();
        let lines = next.step().await.unwrap();
        let ids = receiver.ids();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(all(&world, &records).await[0].state, State::Delivered);
        if ids.len() == 2 {
            repeats += 1;
            let outcomes: Vec<_> = lines.iter().map(|line| line.outcome).collect();
            assert_eq!(outcomes, [Outcome::CutShort, Outcome::Delivered]);
            assert_eq!(log(&world, &records).await, lines);
        }
        if killed.is_ok() {
            break;
        }
        assert!(ids.len() <= 2, "{ids:?}");
    }
    assert_eq!(repeats, 1, "only where it had arrived");
}

#[tokio::test]
async fn what_was_submitted_before_the_target_is_listed_and_sent_only_when_somebody_says_so() {
    let (world, records) = world().await;
    world.reported(FIRST).await;
    let receiver = Receiver::refusing([]);
    let handovers = of_office(&world, &records, &receiver);
    handovers.prepare().await.unwrap();
    assert!(handovers.step().await.unwrap().is_empty());
    let earlier = all(&world, &records).await.remove(0);
    assert_eq!(earlier.state, State::Earlier);
    world.reported(SECOND).await;
    handovers.step().await.unwrap();
    assert_eq!(receiver.ids().len(), 1, "what comes later is sent");
    deliveries(&world, &records)
        .retry(earlier.id)
        .await
        .unwrap();
    // A restart makes nothing known again.
    let handovers = of_office(&world, &records, &receiver);
    handovers.prepare().await.unwrap();
    handovers.step().await.unwrap();
    assert_eq!(receiver.ids()[1], earlier.id);
}

#[tokio::test]
async fn each_revision_is_handed_over_and_without_a_signing_key_it_waits() {
    let (world, records) = world().await;
    let receiver = Receiver::refusing([]);
    let of_submitted = || Target {
        on: [Event::Submitted].into(),
        ..office()
    };
    let unsigned = handovers(&world, &records, &receiver, (None, of_submitted()));
    unsigned.prepare().await.unwrap();
    world.open(FIRST).await;
    world.submit(FIRST).await;
    let lines = unsigned.step().await.unwrap();
    assert_eq!(lines[0].outcome, Outcome::Failed);
    assert!(
        lines[0].detail.contains("signing-key make"),
        "{}",
        lines[0].detail
    );
    let (caller, place) = (steward(1), crate::world::place(FIRST));
    let reports = reports(
        &world.store,
        Arc::clone(&records),
        &world.registers,
        &world.clock,
    );
    reports
        .give_back(&caller, &place, "a list is missing")
        .await
        .unwrap();
    world.settle().await;
    world.submit(FIRST).await;
    world.clock.advance(MINUTE);
    let signed = handovers(&world, &records, &receiver, (Some(pem(1)), of_submitted()));
    while !signed.step().await.unwrap().is_empty() {}
    let taken = receiver.taken.lock().unwrap().clone();
    assert_eq!(taken.len(), 2);
    for revision in ["sing-2025-06-30-revision-1-", "sing-2025-06-30-revision-2-"] {
        assert!(
            taken.iter().any(|parcel| parcel.name.starts_with(revision)),
            "{revision}"
        );
    }
    assert_ne!(taken[0].delivery, taken[1].delivery);
}

#[tokio::test]
async fn deliveries_of_a_project_are_told_to_who_reads_its_reports() {
    let (world, records) = world().await;
    let (deliveries, sing) = (deliveries(&world, &records), "sing".parse().unwrap());
    let of_another: Caller = Caller {
        projects: ["merse".parse().unwrap()].into(),
        ..steward(1)
    };
    let refused = deliveries.of_project(&of_another, &sing).await;
    assert!(
        matches!(refused, Err(ReportError::Absent("project"))),
        "{refused:?}"
    );
    let refused = deliveries.of_project(&caller("sing", &[]), &sing).await;
    assert!(
        matches!(refused, Err(ReportError::Forbidden(_))),
        "{refused:?}"
    );
}
