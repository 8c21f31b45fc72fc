//! The use cases on an open store.

use std::sync::Arc;

use varde_competence::Catalogue;
use varde_core::activities::Activities;
use varde_core::arrivals::{Arrivals, Sources};
use varde_core::attachments::{AttachmentData, Sweep};
use varde_core::audit::Audit;
use varde_core::documents::Documents;
use varde_core::erasures::Erasures;
use varde_core::people::Pseudonyms;
use varde_core::ports::Attachments;
use varde_core::registers::Roster;
use varde_core::sessions::Sessions;
use varde_core::statements::{Evidence, NationalIdNotes, Repeats, Statements, Uncounted};
use varde_core::tokens::NoIssuers;
use varde_core::users::Users;
use varde_http::{PersonRecords, Services, System};
use varde_interreg::Directory;
use varde_interreg::handover::Deliveries;
use varde_interreg::imports::Imports;
use varde_interreg::packs::Packs;
use varde_interreg::publication::Publication;

use super::Parts;
use crate::alarms::AlarmBook;
use crate::config::{AlarmsSection, HttpSection};
use crate::daily_sweep::DailySweep;
use crate::deployment::ThisProcess;
use crate::metered_attachments::MeteredAttachments;
use crate::retention::Retention;

impl Parts {
    /// Returns what the HTTP surface serves; no issuer of tokens is trusted yet.
    pub(crate) fn services(&self, section: &HttpSection) -> Services {
        let statements = Statements::new(
            Arc::clone(&self.log),
            Arc::clone(&self.records),
            Arc::clone(&self.entropy),
            section.statements_per_page_max,
        );
        let evidence = Evidence::new(Arc::clone(&self.runner), Arc::clone(&self.keys));
        let pseudonyms = Pseudonyms::new(Arc::clone(&self.identities));
        let statements = statements
            .with_evidence(evidence)
            .with_pseudonyms(pseudonyms.clone());
        let sessions = Sessions::new(
            Arc::clone(&self.keys),
            Arc::clone(&self.records),
            Arc::clone(&self.entropy),
            Arc::clone(&self.clock),
        );
        Services {
            keys: Arc::clone(&self.keys),
            refusals: Arc::clone(&self.refusals),
            audit: Audit::new(Arc::clone(&self.records)),
            definitions: self.definitions.clone(),
            system: self.system(),
            sessions: Arc::new(sessions),
            tokens: Arc::new(NoIssuers),
            users: Arc::new(self.users(section)),
            public_url: section.public_url.as_str().into(),
            attachments: AttachmentData::new(statements.clone(), self.metered_attachments()),
            imports: Imports::new(
                statements.clone(),
                Arc::clone(&self.registers),
                Arc::clone(&self.clock),
            ),
            statements,
            repeats: self.repeats(),
            sources: self.sources(AlarmsSection::default().silent_hours),
            national_ids: NationalIdNotes::new(Arc::clone(&self.records)),
            uncounted: Uncounted::new(Arc::clone(&self.log), Arc::clone(&self.registers)),
            activities: self.activities(),
            documents: Documents::new(Arc::clone(&self.records), Arc::clone(&self.clock))
                .with_pseudonyms(pseudonyms),
            catalogue: Catalogue::new(self.definitions.clone()),
            outcomes: self.outcomes.clone(),
            indicators: self.indicators.clone(),
            reports: self.reports.clone(),
            roster: self.roster(),
            person_records: self.person_records(),
            packs: self.packs(),
            publication: self.publication(),
            deliveries: self.deliveries(),
            directory: Directory::new(
                self.indicators.clone(),
                Arc::clone(&self.log),
                Arc::clone(&self.records),
                Arc::clone(&self.clock),
            ),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
        }
    }

    /// Returns what tells how the server fares.
    fn system(&self) -> System {
        System {
            log: Arc::clone(&self.log),
            runner: Arc::clone(&self.runner),
            signers: self.signers.clone(),
            deployment: Arc::new(ThisProcess {
                data: self.data.clone(),
                is_embedded: self.store.embedded().is_some(),
            }),
        }
    }

    /// Returns the people with a local account.
    pub(crate) fn users(&self, section: &HttpSection) -> Users {
        Users::new(
            Arc::clone(&self.records),
            Arc::clone(&self.keys),
            Arc::clone(&self.entropy),
            Arc::clone(&self.clock),
            &section.public_url,
        )
    }

    /// Returns the alarms that last and what was told of them.
    pub(crate) fn alarm_book(&self) -> AlarmBook {
        AlarmBook::new(Arc::clone(&self.records), Arc::clone(&self.clock))
    }

    /// Returns what shows deliveries and their log.
    pub(crate) fn deliveries(&self) -> Deliveries {
        Deliveries::new(Arc::clone(&self.records), Arc::clone(&self.clock))
    }

    /// Returns what makes the files that are handed in with reports.
    pub(crate) fn packs(&self) -> Packs {
        Packs::new(self.reports.clone(), self.signers.clone())
    }

    /// Returns what publishes tables of reports.
    pub(crate) fn publication(&self) -> Publication {
        let (records, clock) = (Arc::clone(&self.records), Arc::clone(&self.clock));
        Publication::new(self.reports.clone(), records, clock)
    }

    /// Returns what tells data stewards of persons.
    pub(crate) fn roster(&self) -> Roster {
        let audit = Audit::new(Arc::clone(&self.records));
        let keys = Arc::clone(&self.keys);
        Roster::new(
            Arc::clone(&self.registers),
            keys,
            audit,
            Arc::clone(&self.clock),
        )
    }

    /// Returns what erases and restricts persons.
    pub(crate) fn erasures(&self) -> Erasures {
        Erasures {
            log: Arc::clone(&self.log),
            records: Arc::clone(&self.records),
            attachments: self.store.attachments(),
            keys: Arc::clone(&self.keys),
            registers: Arc::clone(&self.registers),
            activities: self.activities(),
            runner: Arc::clone(&self.runner),
            list: self.store.erasures(&self.data),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
        }
    }

    /// Returns what erases what no duty keeps any longer.
    pub(crate) fn retention(&self) -> Retention {
        Retention {
            reports: self.reports.clone(),
            erasures: self.erasures(),
        }
    }

    /// Returns what tells a person what is held.
    pub(crate) fn person_records(&self) -> PersonRecords {
        PersonRecords {
            erasures: self.erasures(),
            roster: self.roster(),
            catalogue: Catalogue::new(self.definitions.clone()),
            outcomes: self.outcomes.clone(),
            indicators: self.indicators.clone(),
        }
    }

    /// Returns the attachments, with the bytes counted that come.
    fn metered_attachments(&self) -> Arc<dyn Attachments> {
        let bytes = self.metrics.attachment_bytes.clone();
        Arc::new(MeteredAttachments::new(self.store.attachments(), bytes))
    }

    pub(super) fn daily_sweep(&self) -> DailySweep {
        let attachments = self.store.attachments();
        DailySweep {
            erasures: self.erasures(),
            sweep: Sweep::new(
                Arc::clone(&self.log),
                Arc::clone(&self.records),
                attachments,
            ),
            clock: Arc::clone(&self.clock),
        }
    }

    /// Returns what flags repeats and counts what came in.
    pub(super) fn arrivals(&self) -> Arrivals {
        Arrivals::new(Arc::clone(&self.log), Arc::clone(&self.records))
    }

    /// Returns what tells of the keys that statements come by. A key is silent after as many hours as alarms
    /// are told.
    pub(crate) fn sources(&self, silent_hours: u32) -> Sources {
        Sources::new(
            Arc::clone(&self.log),
            Arc::clone(&self.records),
            Arc::clone(&self.keys),
            Arc::clone(&self.clock),
            silent_hours,
        )
    }

    fn repeats(&self) -> Repeats {
        Repeats::new(Arc::clone(&self.log), Arc::clone(&self.records))
    }

    pub(super) fn activities(&self) -> Activities {
        Activities::new(
            Arc::clone(&self.log),
            Arc::clone(&self.records),
            Arc::clone(&self.keys),
        )
    }
}
