//! Bringing what happened to the targets.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;
use varde_core::outbox::{Attempt, Outbox};
use varde_core::ports::{Records, StoreError};
use varde_core::{Caller, Clock, Ingest, KeyId, ProjectCode, Scope, Space, Tolerances};
use varde_xapi::Stored;

use super::occasion::{Delivery, Occasion, outbox};
use super::parcel::Parcel;
use super::watches::Watches;
use super::{Answer, Courier, Event, Target};
use crate::packs::{Packs, PacksError, SignerError, Signers};
use crate::publication::Publication;
use crate::reports::{ReportQuery, Reports};

/// Hands over what is submitted and published, to the targets that are named.
///
/// Of several processes on one store one should step at a time; two that do so all the same may
/// deliver something twice, and never lose anything.
#[derive(Debug)]
pub struct Handovers {
    targets: Vec<Target>,
    reports: Reports,
    packs: Packs,
    signers: Signers,
    publication: Publication,
    outbox: Outbox<Occasion>,
    watches: Watches,
    courier: Arc<dyn Courier>,
    clock: Arc<dyn Clock>,
    public_url: Arc<str>,
    /// By project and event, the version of the record that was looked through last.
    seen: Mutex<BTreeMap<(ProjectCode, Event), u64>>,
}

impl Handovers {
    /// Hands over what stands in a store's records; the other parts must be those of the same store.
    pub fn new(
        (reports, signers, publication): (Reports, Signers, Publication),
        records: Arc<dyn Records>,
        clock: Arc<dyn Clock>,
        (targets, courier): (Vec<Target>, Arc<dyn Courier>),
        public_url: &str,
    ) -> Self {
        Self {
            targets,
            packs: Packs::new(reports.clone(), signers.clone()),
            reports,
            signers,
            publication,
            outbox: outbox(Arc::clone(&records), Arc::clone(&clock)),
            watches: Watches::new(records),
            courier,
            clock,
            public_url: public_url.trim_end_matches('/').into(),
            seen: Mutex::default(),
        }
    }

    /// Makes the targets known: what had happened before is noted as earlier, and not delivered. To
    /// be done once before the first step, and before anything else is submitted.
    pub async fn prepare(&self) -> Result<(), StoreError> {
        for target in &self.targets {
            for project in &target.projects {
                for event in &target.on {
                    self.make_known(target, project, *event).await?;
                }
            }
        }
        Ok(())
    }

    /// Notes what has happened, and makes the attempt that is due first, if one is. Returns the lines
    /// that the log got; none where there was nothing to do.
    pub async fn step(&self) -> Result<Vec<Attempt>, StoreError> {
        self.note().await?;
        let now = self.clock.now();
        let waiting = self.outbox.waiting().await?.into_iter();
        let due = waiting.filter_map(|kept| {
            let next = kept.delivery.next.filter(|next| *next <= now)?;
            let of = |target: &&Target| target.name == kept.delivery.target;
            let target = self.targets.iter().find(of)?;
            Some((next, kept, target))
        });
        match due.min_by_key(|(next, kept, _)| (*next, kept.delivery.happened)) {
            Some((_, kept, target)) => {
                let carried = self.carry(&kept.delivery, target);
                self.outbox.attempt(&kept, carried).await
            }
            None => Ok(Vec::new()),
        }
    }

    async fn make_known(
        &self,
        target: &Target,
        project: &ProjectCode,
        event: Event,
    ) -> Result<(), StoreError> {
        let name = format!("{}/{project}/{}", target.name, event.name());
        if self.watches.is_watched(&name).await? {
            return Ok(());
        }
        let occasions = self.occasions(project, event, None).await?;
        let earlier = occasions.iter().flat_map(|(_, occasions)| occasions);
        let earlier = earlier.map(|(occasion, happened)| {
            Delivery::of(occasion.clone(), *happened, &target.name, None)
        });
        self.outbox.add(&earlier.collect::<Vec<_>>()).await?;
        self.watches.watch(&name, self.clock.now()).await
    }

    /// Puts what happened since it was looked for last into the queue.
    async fn note(&self) -> Result<(), StoreError> {
        let mut wanted: Vec<(&ProjectCode, Event)> = Vec::new();
        for target in &self.targets {
            let events = |project| target.on.iter().map(move |event| (project, *event));
            wanted.extend(target.projects.iter().flat_map(events));
        }
        wanted.sort_unstable();
        wanted.dedup();
        for (project, event) in wanted {
            let of = (project.clone(), event);
            let seen = self.seen().get(&of).copied();
            let Some((version, occasions)) = self.occasions(project, event, seen).await? else {
                continue;
            };
            let now = self.clock.now();
            let targets = self.targets.iter();
            let targets = targets.filter(|target| target.wants(project, event));
            let each = targets.flat_map(|target| {
                occasions.iter().map(|(occasion, happened)| {
                    Delivery::of(occasion.clone(), *happened, &target.name, Some(now))
                })
            });
            self.outbox.add(&each.collect::<Vec<_>>()).await?;
            self.seen().insert(of, version);
        }
        Ok(())
    }

    fn seen(&self) -> MutexGuard<'_, BTreeMap<(ProjectCode, Event), u64>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns all that happened of a kind, with the version of the record that tells of it; `None`
    /// where that is the one that was seen.
    async fn occasions(
        &self,
        project: &ProjectCode,
        event: Event,
        seen: Option<u64>,
    ) -> Result<Option<(u64, Vec<(Occasion, Stored)>)>, StoreError> {
        let found = match event {
            Event::Submitted => self.reports.submissions(project, seen).await?,
            Event::Released => self.publication.published(project, seen).await?,
        };
        Ok(found.map(|(version, all)| {
            let occasion = |(period, number, snapshot, happened)| {
                let occasion = Occasion {
                    event,
                    project: project.clone(),
                    period,
                    number,
                    snapshot,
                };
                (occasion, happened)
            };
            (version, all.into_iter().map(occasion).collect())
        }))
    }

    async fn carry(&self, delivery: &Delivery, target: &Target) -> Result<Answer, Answer> {
        let parcel = match self.parcel(delivery, target).await {
            Ok(parcel) => parcel,
            Err(detail) => {
                let status = None;
                return Err(Answer { status, detail });
            }
        };
        self.courier.carry(&target.name, &parcel).await
    }

    async fn parcel(&self, delivery: &Delivery, target: &Target) -> Result<Parcel, String> {
        let sending = (delivery, self.clock.now(), &*self.public_url);
        let occasion = &delivery.subject;
        let parcel = match occasion.event {
            Event::Submitted => {
                let query = ReportQuery {
                    project: occasion.project.clone(),
                    period: occasion.period,
                    revision: Some(occasion.number),
                    known_at: None,
                };
                let caller = itself(&occasion.project)?;
                let pack = self.packs.made(&caller, &query, &target.languages).await;
                let pack = pack.map_err(|error| without_path(&error))?;
                Parcel::of_report(sending, pack)
            }
            Event::Released => {
                let all = self.publication.public(&occasion.project).await;
                let all = all.map_err(|error| error.to_string())?;
                let mut all = all.into_iter();
                let release = all.find(|release| release.number == occasion.number);
                let release = release.ok_or("the release is not there")?;
                let key = self.signers.current().await;
                let key = key.map_err(|error| without_path(&error.into()))?;
                Parcel::of_release(sending, &release, &key)
            }
        };
        parcel.map_err(|error| error.to_string())
    }
}

/// Says why there is nothing to hand over, without the path of a file: others than the operator read
/// the log.
fn without_path(error: &PacksError) -> String {
    match error {
        PacksError::Signer(SignerError::Unread(_)) => {
            "the file of the signing key cannot be used".to_owned()
        }
        error => error.to_string(),
    }
}

/// Who reads a report to hand it over: Varde itself, which has the nil key.
fn itself(project: &ProjectCode) -> Result<Caller, String> {
    let space = Space::live(project.as_str()).map_err(|error| error.to_string())?;
    Ok(Caller {
        key: KeyId(Uuid::nil()),
        name: "handover".into(),
        authority: "{}".into(),
        reads: vec![space.clone()],
        space,
        projects: [project.clone()].into(),
        partner: None,
        role: None,
        person: None,
        scopes: vec![Scope::AllRead],
        tolerances: Tolerances::default(),
        ingest: Ingest::default(),
        bound: None,
    })
}
