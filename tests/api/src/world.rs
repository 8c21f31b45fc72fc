use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use varde_competence::{Catalogue, EvidenceRule, Frameworks, Outcomes};
use varde_core::activities::Activities;
use varde_core::arrivals::{Arrivals, Sources};
use varde_core::attachments::AttachmentData;
use varde_core::audit::Audit;
use varde_core::definitions::{Definition, DefinitionBook};
use varde_core::documents::Documents;
use varde_core::erasures::{Manner, Receipt, Whom};
use varde_core::keys::{Keys, NewKey};
use varde_core::ledger::{Adapter, Ledger, Runner};
use varde_core::memory::MemoryStore;
use varde_core::people::IdentityId;
use varde_core::people::Pseudonyms;
use varde_core::ports::{Records, StatementLog};
use varde_core::refusals::Refusals;
use varde_core::registers::files::{self, RegisterFile};
use varde_core::registers::{RegisterBook, Roster};
use varde_core::sessions::Sessions;
use varde_core::statements::{Evidence, NationalIdNotes, Repeats, Statements, Uncounted};
use varde_core::tokens::TokenVerifier;
use varde_core::users::Users;
use varde_core::{Clock, Entropy, Scope, Tolerance};
use varde_http::{Deployment, Limits, PersonRecords, Services, System};
use varde_interreg::handover::Deliveries;
use varde_interreg::imports::Imports;
use varde_interreg::pack::SigningKey;
use varde_interreg::packs::{Packs, SignerFile, SignerUnread, Signers};
use varde_interreg::publication::Publication;
use varde_interreg::reports::Reports;
use varde_interreg::{Directory, IndicatorSets, Indicators};
use varde_test_support::{SeededEntropy, TestClock, erasures, registers, space};
use varde_xapi::Stored;

use crate::{Call, FaultyLog, KnownTokens};

/// The secret of every key of a world.
pub const SECRET: &str = "a secret for tests";

/// For how many hours a key of a world may be silent.
const SILENT_HOURS: u32 = 168;

/// The most statements on a page of a world.
const PAGE_MAX: usize = 100;

/// One server over an empty memory store, with a key `front-end` that may do everything in the
/// space `sing`.
#[derive(Debug)]
pub struct World {
    /// The store's clock, which stands until it is set.
    pub clock: Arc<TestClock>,
    /// The log, which fails when it is told to.
    pub log: Arc<FaultyLog>,
    store: Arc<MemoryStore>,
    keys: Arc<Keys>,
    registers: Arc<RegisterBook>,
    /// The issuer whose tokens are trusted.
    pub tokens: Arc<KnownTokens>,
    /// Notes of refused requests.
    pub refusals: Arc<Refusals>,
    /// People with an account.
    pub users: Arc<Users>,
    router: Router,
}

impl World {
    /// Makes a world with the default limits.
    pub async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    /// Makes a world with other limits.
    pub async fn with(limits: Limits) -> Self {
        let clock = Arc::new(TestClock::default());
        let store = Arc::new(MemoryStore::new(Arc::clone(&clock) as Arc<dyn Clock>));
        let log = Arc::new(FaultyLog::new(Arc::clone(&store) as Arc<dyn StatementLog>));
        let registers = registers(
            Arc::clone(&log) as Arc<dyn StatementLog>,
            Arc::clone(&store) as Arc<dyn Records>,
        );
        let registers = registers.await;
        let tokens = Arc::new(KnownTokens::default());
        let services = services((&log, &store), &clock, &registers, &tokens);
        let keys = Arc::clone(&services.keys);
        let users = Arc::clone(&services.users);
        let refusals = Arc::clone(&services.refusals);
        let world = Self {
            clock,
            log,
            store,
            keys,
            registers,
            tokens,
            users,
            refusals,
            router: varde_http::router(
                services,
                limits,
                varde_dashboard::pages(&varde_dashboard::Works::default()),
            ),
        };
        world.key("front-end", "sing", &[Scope::All]).await;
        world
    }

    /// Returns the router, to be served.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Makes one more key, in a space, that may do what the scopes say.
    pub async fn key(&self, name: &str, home: &str, scopes: &[Scope]) {
        let key = NewKey {
            scopes: scopes.to_vec(),
            ..Self::new_key(name, home)
        };
        self.make_key(key).await;
    }

    /// Begins a key of a space that [`World::make_key`] makes.
    pub fn new_key(name: &str, home: &str) -> NewKey {
        NewKey::new(name, SECRET, "https://varde.example.org", space(home))
    }

    /// Makes one more key.
    pub async fn make_key(&self, key: NewKey) {
        self.keys.create(key).await.expect("a test's key is new");
    }

    /// Returns the id of a person of the register.
    pub async fn person(&self, pseudonym: &str) -> IdentityId {
        let person = self.registers.person(pseudonym).await.expect("read");
        let person = person.expect("the register has them");
        person.as_str().parse().expect("an id")
    }

    /// Makes one more key in the space `sing` that may do everything and is let off some rules.
    pub async fn let_off(&self, name: &str, tolerances: &[Tolerance]) {
        let key = NewKey {
            scopes: vec![Scope::All],
            tolerances: tolerances.to_vec(),
            ..Self::new_key(name, "sing")
        };
        self.make_key(key).await;
    }

    /// Returns the keys as a process of its own on the same store sees them.
    pub fn keys_of_another_process(&self) -> Keys {
        let entropy = Arc::new(SeededEntropy::new(11));
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        Keys::new(self.records(), entropy, clock)
    }

    /// Returns the keys of the server.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Returns the trail of who was told what.
    pub fn audit(&self) -> Audit {
        Audit::new(self.records())
    }

    /// Returns how often a tolerance was used.
    pub fn uses(&self, tolerance: Tolerance) -> u64 {
        self.keys.uses_since_start(tolerance)
    }

    /// Flags everything in the log that repeats something, and counts what came in.
    pub async fn flag_repeats(&self) {
        let arrivals = Arrivals::new(self.log(), self.records());
        while arrivals.step().await.expect("the store answers") {}
    }

    /// Starts a request by the key `front-end` that speaks 1.0.3.
    pub fn call(&self, method: Method, target: &str) -> Call {
        Call::new(self.router.clone(), method, target)
            .version("1.0.3")
            .by("front-end", SECRET)
    }

    /// Starts a GET.
    pub fn get(&self, target: &str) -> Call {
        self.call(Method::GET, target)
    }

    /// Starts a POST.
    pub fn post(&self, target: &str) -> Call {
        self.call(Method::POST, target)
    }

    /// Starts a PUT.
    pub fn put(&self, target: &str) -> Call {
        self.call(Method::PUT, target)
    }

    /// Starts a DELETE.
    pub fn delete(&self, target: &str) -> Call {
        self.call(Method::DELETE, target)
    }

    /// Makes a definition current, given as the text of its file, and carries the log into its
    /// ledger.
    pub async fn activate(&self, text: &str) {
        let document = varde_schemas::read(text).expect("the definition fits its schema");
        let definition = Definition {
            kind: document.kind.name().to_owned(),
            id: document.id,
            version: document.version,
            body: document.value.into(),
        };
        let book = DefinitionBook::new(self.records());
        book.install(definition, &adapters())
            .await
            .expect("the definition compiles");
        self.settle().await;
    }

    /// Takes in register files, each a name and a text.
    pub async fn import(&self, given: &[(&str, &str)]) {
        let file = |&(name, text): &(&str, &str)| RegisterFile {
            name: name.to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let read = files::read(&given.iter().map(file).collect::<Vec<_>>());
        let rows = read.expect("the files are right").rows;
        self.registers
            .import(rows)
            .await
            .expect("the store takes them");
    }

    /// Carries everything in the log into the ledgers.
    pub async fn settle(&self) {
        let registers = Arc::clone(&self.registers);
        let runner = Runner::new(self.log(), self.records(), registers, adapters());
        runner
            .catch_up()
            .await
            .expect("the ledgers take everything");
    }

    /// Erases a person; what a duty keeps is held.
    pub async fn erase(&self, whom: &Whom) -> Receipt {
        let erasures = erasures(&self.store, &self.clock, &self.registers, adapters());
        let erased = erasures.carry_out(whom, &Manner::Erase).await;
        erased.expect("the person is known")
    }

    fn log(&self) -> Arc<dyn StatementLog> {
        Arc::clone(&self.log) as Arc<dyn StatementLog>
    }

    fn records(&self) -> Arc<dyn Records> {
        Arc::clone(&self.store) as Arc<dyn Records>
    }

    /// Stores statements and returns their ids.
    pub async fn stored(&self, statements: &Value) -> Vec<String> {
        let answer = self
            .post("/xapi/statements")
            .json(statements)
            .send()
            .await
            .expect(200);
        let ids = answer.json();
        let ids = ids.as_array().expect("an array of ids");
        ids.iter()
            .map(|id| id.as_str().expect("an id").to_owned())
            .collect()
    }
}

fn users(
    keys: &Arc<Keys>,
    records: &Arc<dyn Records>,
    entropy: &Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
) -> Users {
    let (keys, records) = (Arc::clone(keys), Arc::clone(records));
    let entropy = Arc::clone(entropy);
    Users::new(records, keys, entropy, clock, "https://varde.example.org")
}

#[expect(clippy::too_many_lines, reason = "a line for each use case")]
fn services(
    (log, store): (&Arc<FaultyLog>, &Arc<MemoryStore>),
    clock: &Arc<TestClock>,
    registers: &Arc<RegisterBook>,
    tokens: &Arc<KnownTokens>,
) -> Services {
    let log = Arc::clone(log) as Arc<dyn StatementLog>;
    let records = Arc::clone(store) as Arc<dyn Records>;
    let entropy = Arc::new(SeededEntropy::new(7)) as Arc<dyn Entropy>;
    let of_world = Arc::clone(clock) as Arc<dyn Clock>;
    let (keys, sessions) = keys_and_sessions(&records, &entropy, &of_world);
    let users = users(&keys, &records, &entropy, of_world);
    let statements = Statements::new(
        Arc::clone(&log),
        Arc::clone(&records),
        Arc::clone(&entropy),
        PAGE_MAX,
    );
    let runner = runner(&log, &records, registers);
    let evidence = Evidence::new(Arc::new(runner), Arc::clone(&keys));
    let pseudonyms = Pseudonyms::new(Arc::clone(registers.identities()));
    let statements = statements.with_evidence(evidence);
    let statements = statements.with_pseudonyms(pseudonyms.clone());
    let ledger = Ledger::new(Arc::clone(&log), Arc::clone(&records));
    let indicators = Indicators::new(ledger.clone(), Arc::clone(registers));
    let outcomes = Outcomes::new(ledger, Arc::clone(registers));
    let audit = Audit::new(Arc::clone(&records));
    let of_world = Arc::clone(clock) as Arc<dyn Clock>;
    let roster = Roster::new(Arc::clone(registers), Arc::clone(&keys), audit, of_world);
    let person_records = PersonRecords {
        roster: roster.clone(),
        catalogue: Catalogue::new(DefinitionBook::new(Arc::clone(&records))),
        erasures: erasures(store, clock, registers, adapters()),
        outcomes: outcomes.clone(),
        indicators: indicators.clone(),
    };
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    let reports = Reports::new(
        indicators.clone(),
        Arc::clone(&log),
        Arc::clone(&records),
        Arc::clone(&keys),
        Arc::clone(&clock),
    );
    let directory = Directory::new(
        indicators.clone(),
        Arc::clone(&log),
        Arc::clone(&records),
        Arc::clone(&clock),
    );
    Services {
        attachments: AttachmentData::new(statements.clone(), store.clone()),
        imports: Imports::new(
            statements.clone(),
            Arc::clone(registers),
            Arc::clone(&clock),
        ),
        repeats: Repeats::new(Arc::clone(&log), Arc::clone(&records)),
        sources: Sources::new(
            Arc::clone(&log),
            Arc::clone(&records),
            Arc::clone(&keys),
            Arc::clone(&clock),
            SILENT_HOURS,
        ),
        national_ids: NationalIdNotes::new(Arc::clone(&records)),
        activities: Activities::new(Arc::clone(&log), Arc::clone(&records), Arc::clone(&keys)),
        audit: Audit::new(Arc::clone(&records)),
        definitions: DefinitionBook::new(Arc::clone(&records)),
        system: system(
            &log,
            &records,
            registers,
            signers(&records, &clock, &entropy),
        ),
        refusals: Arc::new(Refusals::new(
            Arc::clone(&records),
            Arc::clone(&keys),
            Arc::clone(&clock),
        )),
        keys,
        sessions: Arc::new(sessions),
        users: Arc::new(users),
        tokens: Arc::clone(tokens) as Arc<dyn TokenVerifier>,
        public_url: "https://varde.example.org".into(),
        documents: Documents::new(Arc::clone(&records), Arc::clone(&clock))
            .with_pseudonyms(pseudonyms),
        catalogue: Catalogue::new(DefinitionBook::new(Arc::clone(&records))),
        outcomes,
        indicators,
        packs: Packs::new(reports.clone(), signers(&records, &clock, &entropy)),
        publication: Publication::new(reports.clone(), Arc::clone(&records), Arc::clone(&clock)),
        deliveries: Deliveries::new(Arc::clone(&records), Arc::clone(&clock)),
        reports,
        roster,
        person_records,
        directory,
        uncounted: Uncounted::new(log, Arc::clone(registers)),
        statements,
        clock,
        entropy,
    }
}

/// A process that knows of no backup.
#[derive(Debug)]
struct InMemory;

impl Deployment for InMemory {
    fn version(&self) -> &'static str {
        "0.0.0-test"
    }

    fn store(&self) -> &'static str {
        "memory"
    }

    fn last_backup(&self) -> Option<Stored> {
        None
    }
}

fn system(
    log: &Arc<dyn StatementLog>,
    records: &Arc<dyn Records>,
    registers: &Arc<RegisterBook>,
    signers: Signers,
) -> System {
    System {
        log: Arc::clone(log),
        runner: Arc::new(runner(log, records, registers)),
        signers,
        deployment: Arc::new(InMemory),
    }
}

fn keys_and_sessions(
    records: &Arc<dyn Records>,
    entropy: &Arc<dyn Entropy>,
    clock: &Arc<dyn Clock>,
) -> (Arc<Keys>, Sessions) {
    let parts = || (Arc::clone(records), Arc::clone(entropy), Arc::clone(clock));
    let (records, entropy, clock) = parts();
    let keys = Arc::new(Keys::new(records, entropy, clock));
    let (records, entropy, clock) = parts();
    let sessions = Sessions::new(Arc::clone(&keys), records, entropy, clock);
    (keys, sessions)
}

fn runner(
    log: &Arc<dyn StatementLog>,
    records: &Arc<dyn Records>,
    registers: &Arc<RegisterBook>,
) -> Runner {
    let (log, records) = (Arc::clone(log), Arc::clone(records));
    Runner::new(log, records, Arc::clone(registers), adapters())
}

fn signers(
    records: &Arc<dyn Records>,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> Signers {
    let key = Arc::new(signing_key(&**entropy));
    let (records, clock) = (Arc::clone(records), Arc::clone(clock));
    Signers::new(key, records, clock, Arc::clone(entropy))
}

/// A signing key that is kept nowhere.
#[derive(Debug)]
struct SigningKeyInMemory(Mutex<String>);

fn signing_key(entropy: &dyn Entropy) -> SigningKeyInMemory {
    SigningKeyInMemory(Mutex::new(SigningKey::generate(entropy)))
}

impl SignerFile for SigningKeyInMemory {
    fn read(&self) -> Result<Option<String>, SignerUnread> {
        let pem = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Some(pem.clone()))
    }

    fn write(&self, pem: &str) -> Result<(), SignerUnread> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pem.clone_into(&mut kept);
        Ok(())
    }
}

fn adapters() -> Vec<Arc<dyn Adapter>> {
    vec![
        Arc::new(EvidenceRule),
        Arc::new(Frameworks),
        Arc::new(IndicatorSets),
    ]
}

/// Returns the value of an `Authorization` header.
pub fn basic(name: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")))
}

/// Returns a plain valid statement about a learner, told apart by number.
pub fn statement(learner: u32) -> Value {
    json!({
        "actor": { "mbox": format!("mailto:learner-{learner}@example.org") },
        "verb": { "id": "https://example.org/verbs/finished" },
        "object": { "id": "https://example.org/courses/welding" },
    })
}
