//! Alarms on a store in a folder, told to a receiver and a mail server on this machine.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use prometheus::{IntCounterVec, Opts};
use serde_json::Value;
use tokio::net::TcpListener;
use varde_core::keys::{Keys, NewKey};
use varde_core::ledger::{Lag, Ledger};
use varde_core::outbox::{DeliveryId, Outcome};
use varde_core::registers::{Entity, EntityKind, Row};
use varde_core::{Clock, Scope, StoreError};
use varde_embedded::EmbeddedStore;
use varde_interreg::Indicators;
use varde_interreg::reports::Reports;
use varde_test_support::{TestClock, erasures, registers, space};
use varde_xapi::Stored;

use super::smtp::Smtp;
use super::*;
use crate::config::AlarmsSection;
use crate::handover::Webhook;
use crate::noted::Noted;
use crate::web::Web;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Noon of 1 March 2026.
const NOON: i64 = 1_772_366_400_000_000;

/// A disk that has as much left as a test says.
#[derive(Debug)]
struct TestDisk(AtomicU64);

impl Disk for TestDisk {
    fn free(&self) -> Result<u64, StoreError> {
        Ok(self.0.load(Ordering::SeqCst))
    }
}

/// What a receiver was told, and with which status it answers.
#[derive(Debug, Clone)]
struct Receiver {
    url: String,
    calls: Arc<Mutex<Vec<Value>>>,
    status: Arc<Mutex<StatusCode>>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let address = listener.local_addr().expect("an address");
        let receiver = Self {
            url: format!("http://{address}/hook"),
            calls: Arc::default(),
            status: Arc::new(Mutex::new(StatusCode::NO_CONTENT)),
        };
        let take = async |State(receiver): State<Self>, body: String| {
            let message = serde_json::from_str(&body).expect("JSON");
            let status = *receiver.status.lock().expect("whole");
            if status.is_success() {
                receiver.calls.lock().expect("whole").push(message);
            }
            status
        };
        let routes = Router::new().route("/hook", post(take));
        let routes = routes.with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        receiver
    }

    fn answer(&self, status: StatusCode) {
        *self.status.lock().expect("whole") = status;
    }

    /// Returns the type and the alarm of each message since it was asked last.
    fn told(&self) -> Vec<(String, String)> {
        let calls = std::mem::take(&mut *self.calls.lock().expect("whole"));
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let each = calls.iter();
        each.map(|call| (text(&call["type"]), text(&call["data"]["alarm"])))
            .collect()
    }
}

fn said(event: &str, alarm: &str) -> Vec<(String, String)> {
    vec![(format!("alarm.{event}"), alarm.to_owned())]
}

/// A process with a store in a folder.
struct World {
    store: Arc<EmbeddedStore>,
    clock: Arc<TestClock>,
    keys: Arc<Keys>,
    disk: Arc<TestDisk>,
    registers: Arc<varde_core::registers::RegisterBook>,
    alarms: Alarms,
}

impl World {
    /// Opens a store at an instant, with alarms told to a receiver.
    async fn open(folder: &Path, now: i64, receiver: &Receiver) -> Self {
        let clock = Arc::new(TestClock::at(now));
        let store = EmbeddedStore::open(folder, Arc::clone(&clock) as Arc<dyn Clock>);
        let store = Arc::new(store.expect("a store"));
        let registers = registers(store.clone(), store.clone()).await;
        let erasures = erasures(&store, &clock, &registers, Vec::new());
        let indicators = Indicators::new(
            Ledger::new(store.clone(), store.clone()),
            Arc::clone(&registers),
        );
        let reports = Reports::new(
            indicators,
            store.clone(),
            store.clone(),
            Arc::clone(&erasures.keys),
            clock.clone(),
        );
        let disk = Arc::new(TestDisk(AtomicU64::new(u64::MAX)));
        let webhook = Webhook::new(receiver.url.parse().expect("an address"), SECRET);
        let hook = AlarmTarget {
            name: "hook".to_owned(),
            on: Condition::EACH.into(),
            way: AlarmWay::Webhook(Box::new(webhook.expect("a secret"))),
        };
        let counter = Opts::new("varde_alarm_messages_total", "Messages.");
        let alarms = Alarms {
            conditions: Conditions {
                keys: Arc::clone(&erasures.keys),
                log: store.clone(),
                runner: Arc::clone(&erasures.runner),
                reports,
                folder: Some((folder.to_owned(), Arc::clone(&disk) as Arc<dyn Disk>)),
                bounds: AlarmsSection::default(),
                clock: clock.clone(),
            },
            targets: vec![hook],
            book: AlarmBook::new(store.clone(), clock.clone()),
            web: Web::new(),
            url: "https://varde.example.org".to_owned(),
            messages: IntCounterVec::new(counter, &["target", "outcome"]).expect("a counter"),
            clock: clock.clone(),
            memory: Memory::default(),
        };
        Self {
            keys: Arc::clone(&erasures.keys),
            store,
            clock,
            disk,
            registers,
            alarms,
        }
    }

    /// Steps until there is nothing to do.
    async fn settle(&self) {
        while !self.alarms.advance().await.expect("a step").is_empty() {}
    }

    async fn after(&self, micros: i64) {
        self.clock.advance(micros);
        self.settle().await;
    }

    async fn close(self) {
        self.store.close().await.expect("closed");
    }

    /// Has the present be when everything was backed up.
    fn back_up(&self, folder: &Path) {
        Noted::Backup.note(folder, self.clock.now());
    }

    async fn use_key(&self, name: &str) {
        let key = self.keys.find(name).await.expect("read");
        assert!(self.keys.check(key.as_ref(), "a secret").is_some());
        self.keys.record_last_uses().await.expect("recorded");
    }
}

#[tokio::test]
async fn a_silent_source_is_told_once_again_daily_and_once_when_it_sends_over_restarts() {
    let folder = tempfile::tempdir().expect("a folder");
    let receiver = Receiver::start().await;
    let world = World::open(folder.path(), NOON, &receiver).await;
    world.back_up(folder.path());
    for (name, scopes) in [
        ("course", vec![Scope::StatementsWrite]),
        ("reader", vec![Scope::AllRead]),
        ("unused", vec![Scope::StatementsWrite]),
    ] {
        let new = NewKey::new(name, "a secret", "https://example.org", space("sing"));
        let new = NewKey { scopes, ..new };
        world.keys.create(new).await.expect("a key");
    }
    world.use_key("course").await;
    world.use_key("reader").await;
    world.clock.advance(7 * DAY);
    world.back_up(folder.path());
    world.settle().await;
    assert_eq!(receiver.told(), [], "not yet");
    world.after(MINUTE).await;
    let began = said("began", "source-silent/course");
    assert_eq!(
        receiver.told(),
        began,
        "neither the one that reads nor the one never used"
    );
    world.after(MINUTE).await;
    world.close().await;

    // Another process on the same folder knows what was told.
    let now = NOON + 7 * DAY + 3 * MINUTE;
    let world = World::open(folder.path(), now, &receiver).await;
    world.settle().await;
    world.after(23 * HOUR).await;
    assert_eq!(receiver.told(), [], "once");
    world.back_up(folder.path());
    world.after(HOUR).await;
    assert_eq!(
        receiver.told(),
        said("lasts", "source-silent/course"),
        "daily"
    );
    world.use_key("course").await;
    world.after(MINUTE).await;
    world.after(9 * MINUTE).await;
    assert_eq!(receiver.told(), [], "it may come and go");
    world.after(MINUTE).await;
    assert_eq!(receiver.told(), said("ended", "source-silent/course"));
    world.after(HOUR).await;
    assert_eq!(receiver.told(), [], "once");
    let all = world.alarms.book.all().await.expect("read");
    assert!(all.iter().all(|alarm| alarm.ended.is_some()), "{all:?}");
    world.close().await;
}

#[tokio::test]
async fn a_backup_that_is_overdue_is_told_until_one_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let receiver = Receiver::start().await;
    let world = World::open(folder.path(), NOON, &receiver).await;
    world.after(3 * DAY).await;
    assert_eq!(receiver.told(), [], "there is nothing to back up yet");
    world.import_period("2030-12-31").await;
    world.after(36 * HOUR).await;
    assert_eq!(receiver.told(), []);
    world.after(MINUTE).await;
    assert_eq!(receiver.told(), said("began", "backup-overdue"));
    world.back_up(folder.path());
    world.after(MINUTE).await;
    world.after(10 * MINUTE).await;
    assert_eq!(receiver.told(), said("ended", "backup-overdue"));
    world.close().await;
}

impl World {
    async fn import_period(&self, end: &str) {
        let row = Row {
            entity: Entity::new(EntityKind::Project, "sing"),
            field: format!("period:{end}"),
            value: Some(end.to_owned()),
            valid_from: None,
            valid_to: None,
        };
        self.registers.import(vec![row]).await.expect("imported");
    }
}

#[tokio::test]
async fn a_period_is_due_so_many_days_before_its_end_and_no_more_when_it_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let receiver = Receiver::start().await;
    let world = World::open(folder.path(), NOON, &receiver).await;
    world.back_up(folder.path());
    world.import_period("2026-03-09").await;
    world.settle().await;
    assert_eq!(receiver.told(), [], "eight days before");
    world.after(DAY).await;
    assert_eq!(receiver.told(), said("began", "period-due/sing/2026-03-09"));
    let all = world.alarms.book.all().await.expect("read");
    assert!(all[0].found.contains("ends soon"), "{all:?}");
    let row = Row {
        entity: Entity::new(EntityKind::Project, "sing"),
        field: "period:2026-03-09".to_owned(),
        value: None,
        valid_from: None,
        valid_to: None,
    };
    world.registers.import(vec![row]).await.expect("imported");
    world.after(MINUTE).await;
    world.after(10 * MINUTE).await;
    assert_eq!(receiver.told(), said("ended", "period-due/sing/2026-03-09"));
    world.close().await;
}

#[tokio::test]
async fn a_disk_that_fills_is_told_and_so_is_one_on_which_nothing_is_written_any_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let receiver = Receiver::start().await;
    let world = World::open(folder.path(), NOON, &receiver).await;
    world.settle().await;
    world.disk.0.store(1_000_000_000, Ordering::SeqCst);
    // As if all room were gone at once: the store takes nothing, also no record of an alarm.
    world.store.keep_free(u64::MAX);
    world.after(MINUTE).await;
    world.after(MINUTE).await;
    assert_eq!(receiver.told(), said("began", "free-space-low"), "once");
    world.store.keep_free(0);
    world.after(MINUTE).await;
    assert_eq!(receiver.told(), [], "it was told");
    assert_eq!(world.alarms.book.all().await.expect("read").len(), 1);
    world.disk.0.store(u64::MAX, Ordering::SeqCst);
    world.after(MINUTE).await;
    world.after(10 * MINUTE).await;
    assert_eq!(receiver.told(), said("ended", "free-space-low"));
    world.close().await;
}

#[test]
fn what_is_behind_is_found_from_the_bound_on_and_no_more_when_it_caught_up() {
    let bounds = AlarmsSection::default();
    let now = Stored(NOON);
    let keys = |behind: i64, through: i64| -> Vec<String> {
        let lag = Lag {
            events: 4,
            since: (behind > 0).then_some(Stored(NOON - behind)),
        };
        let found = bounds.behind(lag, Stored(NOON - through), now);
        found.iter().map(Finding::key).collect()
    };
    assert_eq!(keys(0, 0), Vec::<String>::new());
    assert_eq!(keys(10 * MINUTE, 10 * MINUTE), Vec::<String>::new());
    assert_eq!(keys(10 * MINUTE + 1, 0), ["lag/results"]);
    assert_eq!(keys(0, 10 * MINUTE + 1), ["lag/reading"]);
}

#[tokio::test]
async fn who_does_not_take_a_message_gets_it_later_and_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let receiver = Receiver::start().await;
    receiver.answer(StatusCode::SERVICE_UNAVAILABLE);
    let world = World::open(folder.path(), NOON, &receiver).await;
    world.disk.0.store(0, Ordering::SeqCst);
    let lines = world.alarms.advance().await.expect("a step");
    assert_eq!(
        (lines[0].outcome, lines[0].status),
        (Outcome::Failed, Some(503))
    );
    world.settle().await;
    world.disk.0.store(u64::MAX, Ordering::SeqCst);
    world.after(MINUTE).await;
    world.after(10 * MINUTE).await;
    receiver.answer(StatusCode::OK);
    world.after(DAY).await;
    let each = [
        said("began", "free-space-low"),
        said("ended", "free-space-low"),
    ];
    assert_eq!(receiver.told(), each.concat());
    let count = |outcome| {
        world
            .alarms
            .messages
            .with_label_values(&["hook", outcome])
            .get()
    };
    assert_eq!(count("told"), 2);
    assert!(count("failed") >= 2, "each attempt is counted");
    world.close().await;
}

fn id() -> DeliveryId {
    let id = "5a4d0000-0000-5000-8000-000000000001";
    DeliveryId(id.parse().expect("an id"))
}

fn mail(smtp: &Smtp, security: Security, authority: bool) -> Mail {
    let relay = Relay {
        host: "localhost",
        port: Some(smtp.port),
        security,
        authority: authority.then(|| smtp.authority.clone().into_bytes()),
        login: Some(("varde".to_owned(), "a-password".to_owned())),
    };
    let address = |text: &str| text.parse().expect("an address");
    let to = ["ops@example.org", "Office <office@example.org>"];
    let to = to.map(address).into();
    Mail::new(relay, address("Varde <varde@example.org>"), to).expect("a mail")
}

#[tokio::test]
async fn a_mail_is_sent_with_and_without_tls_and_names_what_to_do() {
    for security in [Security::None, Security::Starttls, Security::Implicit] {
        let mut smtp = Smtp::start(security, "250 well").await;
        let way = AlarmWay::Mail(Box::new(mail(&smtp, security, true)));
        let finding = AlarmsSection::default().room(7).expect("little room");
        let message = book::Alarm::new(&finding, Stored(NOON)).message(Event::Began);
        let delivery = Delivery::of(message, Stored(NOON), "ops", None);
        let sent = (Stored(NOON), "https://varde.example.org");
        let answer = way
            .carry(&Web::new(), &delivery, sent)
            .await
            .expect("taken");
        assert_eq!(answer.status, Some(250), "{answer:?}");
        assert!(answer.detail.contains("queued as 7"), "{answer:?}");
        let taken = smtp.taken.recv().await.expect("a mail");
        assert_eq!(taken.encrypted, security != Security::None);
        assert_eq!(taken.login, "\0varde\0a-password");
        assert_eq!(taken.envelope.len(), 3, "{:?}", taken.envelope);
        for line in [
            "From: Varde <varde@example.org>",
            "Subject: Varde: the disk is nearly full",
            "Date: Sun, 01 Mar 2026 12:00:00 +0000",
            "Auto-Submitted: auto-generated",
            "What to do: Make room",
            "Varde: https://varde.example.org",
        ] {
            assert!(taken.mail.contains(line), "{line} in\n{}", taken.mail);
        }
        let message_id = format!("Message-ID: <{}@example.org>", delivery.id);
        assert!(taken.mail.contains(&message_id), "{}", taken.mail);
        assert!(!taken.mail.contains("a-password"));
    }
}

#[tokio::test]
async fn a_mail_that_is_refused_says_why_and_no_password_goes_to_a_server_that_is_not_trusted() {
    let smtp = Smtp::start(Security::None, "550 no such mailbox").await;
    let refused = mail(&smtp, Security::None, false);
    let send = |mail: Mail| async move {
        let said = (id(), Stored(NOON));
        let sent = mail.send(said, "Varde".to_owned(), "x".to_owned()).await;
        sent.expect_err("refused")
    };
    let refused = send(refused).await;
    assert_eq!(refused.status, Some(550));
    assert!(refused.detail.contains("no such mailbox"), "{refused:?}");
    for security in [Security::Starttls, Security::Implicit] {
        let mut smtp = Smtp::start(security, "250 well").await;
        let refused = send(mail(&smtp, security, false)).await;
        assert_eq!(refused.status, None, "{refused:?}");
        assert!(smtp.taken.try_recv().is_err(), "nothing is sent");
    }
    // A server that offers no TLS gets nothing either.
    let mut plain = Smtp::start(Security::None, "250 well").await;
    let refused = send(mail(&plain, Security::Implicit, true)).await;
    assert!(!refused.detail.contains("a-password"), "{refused:?}");
    assert!(plain.taken.try_recv().is_err());
}
