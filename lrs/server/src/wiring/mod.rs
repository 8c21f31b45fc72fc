//! The parts of the program and how they fit together.

mod use_cases;

use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::MutexGuard;
use varde_competence::Outcomes;
use varde_core::definitions::DefinitionBook;
use varde_core::keys::{KeyError, Keys, NewKey};
use varde_core::lease::Lease;
use varde_core::ledger::{Adapter, Ledger, Runner};
use varde_core::people::{Identities, Vault, VaultError};
use varde_core::ports::{Records, StatementLog};
use varde_core::refusals::Refusals;
use varde_core::registers::RegisterBook;
use varde_core::{Clock, Entropy};
use varde_embedded::{DataFolder, OpenError};
use varde_interreg::Indicators;
use varde_interreg::handover::Handovers;
use varde_interreg::packs::Signers;
use varde_interreg::reports::Reports;

use crate::alarms::{Alarms, Conditions, Disk, Memory};
use crate::ambient::{SystemClock, SystemEntropy};
use crate::background_check::{BackgroundCheck, Damage};
use crate::config::{AlarmSection, Config, StoreKind, StoreSection};
use crate::exit::{Exit, Failure, chain};
use crate::followers::{Carrier, Follower};
use crate::gains::CompetenceGains;
use crate::handover::Couriers;
use crate::leased::{Forgetting, Held, Keeper};
use crate::metered_log::MeteredLog;
use crate::metrics::Metrics;
use crate::retention::ScheduledRetention;
use crate::scratch::Scratch;
use crate::store::Store;
use crate::web::Web;

/// The lease under which one process of a database follows the log.
const FOLLOWERS: &str = "followers";

/// Everything that works on one open store.
#[derive(Debug)]
pub(crate) struct Parts {
    /// The folder of the store.
    pub(crate) data: PathBuf,
    /// The store itself, to close it.
    pub(crate) store: Arc<Store>,
    /// With a database: which of its processes follows the log.
    pub(crate) keeper: Option<Arc<Keeper>>,
    /// What the background check has found.
    pub(crate) damage: Arc<Damage>,
    /// The store's log, metered.
    pub(crate) log: Arc<dyn StatementLog>,
    /// The store's records.
    pub(crate) records: Arc<dyn Records>,
    /// What is measured.
    pub(crate) metrics: Metrics,
    /// Tells the time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Gives random bytes.
    pub(crate) entropy: Arc<dyn Entropy>,
    /// What compiles definitions, one adapter for each subject.
    pub(crate) adapters: Vec<Arc<dyn Adapter>>,
    /// API keys.
    pub(crate) keys: Arc<Keys>,
    /// Notes of refused requests.
    pub(crate) refusals: Arc<Refusals>,
    /// The definitions.
    pub(crate) definitions: DefinitionBook,
    /// The registers.
    pub(crate) registers: Arc<RegisterBook>,
    /// Which ids persons have, and the vault of their keys.
    pub(crate) identities: Arc<Identities>,
    /// The file of the key-encryption key, where opening made it.
    pub(crate) kek_made: Option<PathBuf>,
    /// Carries the log into the ledgers.
    pub(crate) runner: Arc<Runner>,
    /// Lets one at a time have the runner do so.
    pub(crate) carrier: Arc<Carrier>,
    /// Competence outcomes.
    pub(crate) outcomes: Outcomes,
    /// Indicators.
    pub(crate) indicators: Indicators,
    /// The reports of projects.
    pub(crate) reports: Reports,
    /// The keys that sign packs of reports.
    pub(crate) signers: Signers,
    /// Hands over what is submitted and published, where a server has targets.
    pub(crate) handovers: Option<Arc<Handovers>>,
    /// Tells people what they have to look at, where a server has targets.
    pub(crate) alarms: Option<Arc<Alarms>>,
    /// How many days after one run of retention the next begins.
    retention_days: Option<NonZeroU16>,
}

/// Returns an adapter for each subject.
pub(crate) fn adapters() -> Vec<Arc<dyn Adapter>> {
    vec![
        Arc::new(varde_competence::EvidenceRule),
        Arc::new(varde_competence::Frameworks),
        Arc::new(varde_interreg::IndicatorSets),
    ]
}

impl Parts {
    /// Opens the store in a folder, made when absent, and puts everything together on it.
    pub(crate) async fn open(section: &StoreSection) -> Result<Self, Failure> {
        let locked = DataFolder::lock(section.data()?).map_err(|error| unopened(&error))?;
        Self::open_locked(section, locked).await
    }

    /// Opens the store in a folder that this process has locked.
    pub(crate) async fn open_locked(
        section: &StoreSection,
        locked: DataFolder,
    ) -> Result<Self, Failure> {
        Scratch::sweep(section.data()?)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Arc::new(Store::open(section, locked, Arc::clone(&clock)).await?);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let records = store.records();
        let (identities, kek_made) = open_identities(section, &records, &entropy).await?;
        let keys = Arc::new(Keys::new(
            Arc::clone(&records),
            Arc::clone(&entropy),
            Arc::clone(&clock),
        ));
        let metrics = Metrics::new(&keys, &store)?;
        let log: Arc<dyn StatementLog> = Arc::new(MeteredLog::new(
            store.log(),
            metrics.statements_stored.clone(),
        ));
        let ledger = Ledger::new(Arc::clone(&log), Arc::clone(&records));
        let registers = Arc::new(RegisterBook::new(
            Arc::clone(&log),
            Arc::clone(&records),
            Arc::clone(&identities),
        ));
        let runner = Arc::new(Runner::new(
            Arc::clone(&log),
            Arc::clone(&records),
            Arc::clone(&registers),
            adapters(),
        ));
        let keeper = keeper(section, &records, &clock, &entropy);
        let outcomes = Outcomes::new(ledger.clone(), Arc::clone(&registers));
        let gains = Arc::new(CompetenceGains(outcomes.clone()));
        let indicators = Indicators::new(ledger, Arc::clone(&registers)).with_gains(gains);
        let reports = Reports::new(
            indicators.clone(),
            Arc::clone(&log),
            Arc::clone(&records),
            Arc::clone(&keys),
            Arc::clone(&clock),
        );
        let signers = open_signers(section, &records, &clock, &entropy)?;
        Ok(Self {
            data: section.data()?.to_owned(),
            damage: Arc::default(),
            refusals: refusals(&records, &keys, &clock),
            keys,
            definitions: DefinitionBook::new(Arc::clone(&records)),
            carrier: Arc::new(Carrier::new(Arc::clone(&runner))),
            runner,
            outcomes,
            indicators,
            reports,
            signers,
            registers,
            identities,
            kek_made,
            store,
            keeper,
            handovers: None,
            alarms: None,
            retention_days: None,
            log,
            records,
            metrics,
            clock,
            entropy,
            adapters: adapters(),
        })
    }

    /// Makes an API key.
    pub(crate) async fn make_key(&self, new: NewKey) -> Result<(), Failure> {
        match self.keys.create(new).await {
            Ok(_) => Ok(()),
            Err(KeyError::Store(error)) => Err(error.into()),
            Err(refused) => Err(Failure::new(Exit::Config, refused.to_string())),
        }
    }

    /// Returns what follows the log while the server lives.
    pub(crate) fn followers(&self) -> Vec<Arc<dyn Follower>> {
        let mut followers = vec![
            Arc::clone(&self.carrier) as Arc<dyn Follower>,
            Arc::new(self.arrivals()),
            Arc::new(self.activities()),
            Arc::new(self.daily_sweep()),
        ];
        followers.extend(self.handovers.clone().map(|one| one as Arc<dyn Follower>));
        followers.extend(self.alarms.clone().map(|one| one as Arc<dyn Follower>));
        if let Some(every_days) = self.retention_days {
            followers.push(Arc::new(ScheduledRetention {
                retention: self.retention(),
                every_days,
                carrier: Arc::clone(&self.carrier),
                clock: Arc::clone(&self.clock),
            }));
        }
        if let Some(keeper) = &self.keeper {
            let leased = followers.into_iter().map(|one| keeper.lease(one));
            followers = leased.collect();
            followers.push(Arc::clone(keeper) as Arc<dyn Follower>);
            followers.push(Arc::new(Forgetting::new(
                Arc::clone(&self.registers),
                Arc::clone(&self.log),
            )));
        }
        followers.push(Arc::clone(&self.keys) as Arc<dyn Follower>);
        followers.push(Arc::clone(&self.refusals) as Arc<dyn Follower>);
        if let Some(store) = self.store.embedded() {
            followers.push(Arc::new(BackgroundCheck::new(
                Arc::clone(store),
                Arc::clone(&self.damage),
                self.metrics.index_rebuilds.clone(),
                self.metrics.store_checks.clone(),
            )));
        }
        followers
    }

    /// Makes the targets of hand-overs known, and has them be served with what follows the log. To be
    /// done before anything can be submitted.
    pub(crate) async fn hand_over(&mut self, config: &Config) -> Result<(), Failure> {
        if config.handover.is_empty() {
            return Ok(());
        }
        let (targets, couriers) = Couriers::of(&config.handover)?;
        let handovers = Handovers::new(
            (
                self.reports.clone(),
                self.signers.clone(),
                self.publication(),
            ),
            Arc::clone(&self.records),
            Arc::clone(&self.clock),
            (targets, couriers),
            &config.http.public_url,
        );
        handovers.prepare().await?;
        self.handovers = Some(Arc::new(handovers));
        Ok(())
    }

    /// Has people be told of what they have to look at, where the configuration names some.
    pub(crate) fn raise_alarms(&mut self, config: &Config) -> Result<(), Failure> {
        if config.alarm.is_empty() {
            return Ok(());
        }
        let targets: Result<Vec<_>, _> = config.alarm.iter().map(AlarmSection::target).collect();
        let embedded = self.store.embedded();
        let folder = embedded.map(|store| (self.data.clone(), Arc::clone(store) as Arc<dyn Disk>));
        let conditions = Conditions {
            keys: Arc::clone(&self.keys),
            log: Arc::clone(&self.log),
            runner: Arc::clone(&self.runner),
            reports: self.reports.clone(),
            folder,
            bounds: config.alarms.clone(),
            clock: Arc::clone(&self.clock),
        };
        self.alarms = Some(Arc::new(Alarms {
            conditions,
            targets: targets?,
            book: self.alarm_book(),
            web: Web::new(),
            url: config.http.public_url.clone(),
            messages: self.metrics.alarm_messages.clone(),
            clock: Arc::clone(&self.clock),
            memory: Memory::default(),
        }));
        Ok(())
    }

    /// Has what no duty keeps any longer be erased of itself, where the configuration says so.
    pub(crate) fn retain(&mut self, config: &Config) {
        self.retention_days = config.retention.every_days;
    }

    /// Keeps everybody from carrying the log into ledgers while the answer lives: in this process,
    /// and in the others on a database.
    pub(crate) async fn hold(&self) -> Result<(MutexGuard<'_, ()>, Option<Held>), Failure> {
        let held = match &self.keeper {
            Some(keeper) => Some(keeper.hold().await?),
            None => None,
        };
        Ok((self.carrier.hold().await, held))
    }

    /// Writes out what waits and closes the store.
    pub(crate) async fn close(&self) -> Result<(), Failure> {
        if let Some(keeper) = &self.keeper {
            keeper.give_up().await;
        }
        self.store.close().await.map_err(Failure::from)
    }
}

/// Returns what keeps the lease of what follows the log, where several processes share a store.
fn keeper(
    section: &StoreSection,
    records: &Arc<dyn Records>,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> Option<Arc<Keeper>> {
    let is_shared = section.kind == StoreKind::Mongodb;
    is_shared.then(|| {
        let (records, clock) = (Arc::clone(records), Arc::clone(clock));
        let lease = Lease::new(records, clock, &**entropy, FOLLOWERS);
        Arc::new(Keeper::new(lease))
    })
}

/// Returns the notes of refused requests.
fn refusals(records: &Arc<dyn Records>, keys: &Arc<Keys>, clock: &Arc<dyn Clock>) -> Arc<Refusals> {
    let (records, keys) = (Arc::clone(records), Arc::clone(keys));
    Arc::new(Refusals::new(records, keys, Arc::clone(clock)))
}

/// Finds the keys that sign packs: the private one beside the key-encryption key.
fn open_signers(
    section: &StoreSection,
    records: &Arc<dyn Records>,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> Result<Signers, Failure> {
    Ok(Signers::new(
        Arc::new(section.signing_key_file()?),
        Arc::clone(records),
        Arc::clone(clock),
        Arc::clone(entropy),
    ))
}

/// Opens the vault, with a new key where the store is new and has none.
async fn open_identities(
    section: &StoreSection,
    records: &Arc<dyn Records>,
    entropy: &Arc<dyn Entropy>,
) -> Result<(Arc<Identities>, Option<PathBuf>), Failure> {
    let file = section.kek_file()?;
    let is_new = !Vault::is_founded(&**records).await? && !file.path.exists();
    if is_new && section.kind == StoreKind::Mongodb {
        let sentence = format!(
            "there is no key-encryption key in {}: every process on a database needs the same one, \
             so none is made by itself; make the first with `varde key make-kek`, and give its copies \
             to the others with --kek-file",
            file.path.display()
        );
        return Err(Failure::new(Exit::Config, sentence));
    }
    if is_new {
        file.make(&**entropy)?;
    }
    let made = is_new.then(|| file.path.clone());
    let vault = Vault::open(Arc::clone(records), Arc::clone(entropy), Arc::new(file)).await;
    let vault = vault.map_err(|error| match error {
        VaultError::Store(error) => error.into(),
        refused => Failure::new(Exit::Config, refused.to_string()),
    })?;
    Ok((Arc::new(Identities::new(Arc::new(vault))), made))
}

/// Says why a folder was not opened.
pub(crate) fn unopened(error: &OpenError) -> Failure {
    let exit = match error {
        OpenError::Locked(_) => Exit::TryLater,
        OpenError::NotAFolder(_) | OpenError::Unfinished(_) => Exit::CannotCreate,
        OpenError::Inaccessible { .. } => Exit::NoPermission,
        OpenError::Foreign(_) | OpenError::Newer { .. } => Exit::Data,
        OpenError::Outdated { .. } => Exit::Outdated,
        OpenError::Database { .. } => Exit::Io,
    };
    // That it is inaccessible is said with its reason already.
    let sentence = match error {
        OpenError::Inaccessible { .. } => error.to_string(),
        error => chain(error),
    };
    Failure::new(exit, sentence)
}
