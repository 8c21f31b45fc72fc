//! The use cases that handlers reach.

use std::sync::Arc;

use axum::extract::FromRef;
use varde_competence::{Catalogue, Outcomes};
use varde_core::activities::Activities;
use varde_core::agents::Agents;
use varde_core::arrivals::Sources;
use varde_core::attachments::AttachmentData;
use varde_core::audit::Audit;
use varde_core::definitions::DefinitionBook;
use varde_core::documents::Documents;
use varde_core::keys::Keys;
use varde_core::refusals::Refusals;
use varde_core::registers::Roster;
use varde_core::sessions::Sessions;
use varde_core::statements::{NationalIdNotes, Repeats, Statements, TestStatements, Uncounted};
use varde_core::tokens::TokenVerifier;
use varde_core::users::Users;
use varde_core::{Clock, Entropy};
use varde_interreg::handover::Deliveries;
use varde_interreg::imports::Imports;
use varde_interreg::packs::Packs;
use varde_interreg::publication::Publication;
use varde_interreg::reports::Reports;
use varde_interreg::{Directory, Indicators};

use crate::extract::Gate;
use crate::limits::Limits;
use crate::person_record::PersonRecords;
use crate::system::System;

/// What the surface serves.
#[derive(Debug, Clone)]
pub struct Services {
    /// Who may call.
    pub keys: Arc<Keys>,
    /// Tokens for learners' browsers.
    pub sessions: Arc<Sessions>,
    /// Checks tokens that other issuers signed.
    pub tokens: Arc<dyn TokenVerifier>,
    /// People with a local account.
    pub users: Arc<Users>,
    /// Who was told what.
    pub audit: Audit,
    /// What counts.
    pub definitions: DefinitionBook,
    /// How the server fares.
    pub system: System,
    /// Notes of refused requests.
    pub refusals: Arc<Refusals>,
    /// The address that names this Varde in the authority of keys made here.
    pub public_url: Arc<str>,
    /// Storing and reading statements.
    pub statements: Statements,
    /// The data of statements' attachments.
    pub attachments: AttachmentData,
    /// Statements that probably repeat others.
    pub repeats: Repeats,
    /// The keys that statements come by.
    pub sources: Sources,
    /// Statements that came with national identity numbers.
    pub national_ids: NationalIdNotes,
    /// Statements that count for no project.
    pub uncounted: Uncounted,
    /// What statements said of activities.
    pub activities: Activities,
    /// Keeping documents.
    pub documents: Documents,
    /// Frameworks, competences and rules.
    pub catalogue: Catalogue,
    /// What learners attained.
    pub outcomes: Outcomes,
    /// What projects achieved.
    pub indicators: Indicators,
    /// Taking the project office's files in.
    pub imports: Imports,
    /// What projects hand in.
    pub reports: Reports,
    /// The files that are handed in with them.
    pub packs: Packs,
    /// What is published of them.
    pub publication: Publication,
    /// What is handed over of reports and releases.
    pub deliveries: Deliveries,
    /// What the registers say of projects and their parts.
    pub directory: Directory,
    /// The persons of the register.
    pub roster: Roster,
    /// What is held of a person.
    pub person_records: PersonRecords,
    /// Tells the present day, for answers as of today.
    pub clock: Arc<dyn Clock>,
    /// Gives request ids.
    pub entropy: Arc<dyn Entropy>,
}

/// The services and limits as handlers and extractors take them apart. Every layer of every
/// request has a clone.
#[derive(Debug, Clone)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    services: Services,
    limits: Limits,
    gate: Gate,
}

impl App {
    pub(crate) fn new(services: Services, limits: Limits) -> Self {
        let gate = Gate::new(&services, &limits);
        Self(Arc::new(Inner {
            services,
            limits,
            gate,
        }))
    }

    /// Returns the use cases, for who needs several of them.
    pub fn services(&self) -> &Services {
        &self.0.services
    }
}

impl FromRef<App> for Limits {
    fn from_ref(app: &App) -> Self {
        app.0.limits
    }
}

impl FromRef<App> for Gate {
    fn from_ref(app: &App) -> Self {
        app.0.gate.clone()
    }
}

impl FromRef<App> for Arc<Keys> {
    fn from_ref(app: &App) -> Self {
        Arc::clone(&app.0.services.keys)
    }
}

impl FromRef<App> for Arc<Sessions> {
    fn from_ref(app: &App) -> Self {
        Arc::clone(&app.0.services.sessions)
    }
}

impl FromRef<App> for Arc<Users> {
    fn from_ref(app: &App) -> Self {
        Arc::clone(&app.0.services.users)
    }
}

impl FromRef<App> for Audit {
    fn from_ref(app: &App) -> Self {
        app.0.services.audit.clone()
    }
}

impl FromRef<App> for DefinitionBook {
    fn from_ref(app: &App) -> Self {
        app.0.services.definitions.clone()
    }
}

impl FromRef<App> for System {
    fn from_ref(app: &App) -> Self {
        app.0.services.system.clone()
    }
}

impl FromRef<App> for Arc<Refusals> {
    fn from_ref(app: &App) -> Self {
        Arc::clone(&app.0.services.refusals)
    }
}

impl FromRef<App> for Statements {
    fn from_ref(app: &App) -> Self {
        app.0.services.statements.clone()
    }
}

impl FromRef<App> for Repeats {
    fn from_ref(app: &App) -> Self {
        app.0.services.repeats.clone()
    }
}

impl FromRef<App> for Sources {
    fn from_ref(app: &App) -> Self {
        app.0.services.sources.clone()
    }
}

impl FromRef<App> for TestStatements {
    fn from_ref(app: &App) -> Self {
        let services = &app.0.services;
        Self::new(services.statements.clone(), Arc::clone(&services.clock))
    }
}

impl FromRef<App> for NationalIdNotes {
    fn from_ref(app: &App) -> Self {
        app.0.services.national_ids.clone()
    }
}

impl FromRef<App> for Uncounted {
    fn from_ref(app: &App) -> Self {
        app.0.services.uncounted.clone()
    }
}

impl FromRef<App> for Activities {
    fn from_ref(app: &App) -> Self {
        app.0.services.activities.clone()
    }
}

impl FromRef<App> for AttachmentData {
    fn from_ref(app: &App) -> Self {
        app.0.services.attachments.clone()
    }
}

impl FromRef<App> for Agents {
    fn from_ref(app: &App) -> Self {
        Self::new(app.0.services.statements.clone())
    }
}

impl FromRef<App> for Documents {
    fn from_ref(app: &App) -> Self {
        app.0.services.documents.clone()
    }
}

impl FromRef<App> for Catalogue {
    fn from_ref(app: &App) -> Self {
        app.0.services.catalogue.clone()
    }
}

impl FromRef<App> for Outcomes {
    fn from_ref(app: &App) -> Self {
        app.0.services.outcomes.clone()
    }
}

impl FromRef<App> for Indicators {
    fn from_ref(app: &App) -> Self {
        app.0.services.indicators.clone()
    }
}

impl FromRef<App> for Imports {
    fn from_ref(app: &App) -> Self {
        app.0.services.imports.clone()
    }
}

impl FromRef<App> for Packs {
    fn from_ref(app: &App) -> Self {
        app.0.services.packs.clone()
    }
}

impl FromRef<App> for Deliveries {
    fn from_ref(app: &App) -> Self {
        app.0.services.deliveries.clone()
    }
}

impl FromRef<App> for Publication {
    fn from_ref(app: &App) -> Self {
        app.0.services.publication.clone()
    }
}

impl FromRef<App> for Reports {
    fn from_ref(app: &App) -> Self {
        app.0.services.reports.clone()
    }
}

impl FromRef<App> for Directory {
    fn from_ref(app: &App) -> Self {
        app.0.services.directory.clone()
    }
}

impl FromRef<App> for Roster {
    fn from_ref(app: &App) -> Self {
        app.0.services.roster.clone()
    }
}

impl FromRef<App> for PersonRecords {
    fn from_ref(app: &App) -> Self {
        app.0.services.person_records.clone()
    }
}

impl FromRef<App> for Arc<dyn Clock> {
    fn from_ref(app: &App) -> Self {
        Arc::clone(&app.0.services.clock)
    }
}

impl FromRef<App> for Arc<dyn Entropy> {
    fn from_ref(app: &App) -> Self {
        Arc::clone(&app.0.services.entropy)
    }
}
