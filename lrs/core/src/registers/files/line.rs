//! Lines of register tables as register rows.

use jiff::civil::Date;

use super::cell::{is_birth_year_band, is_nace, is_year};
use super::kind::FileKind;
use super::{Cells, identifier};
use crate::registers::{Entity, EntityKind, Row};

/// The value of a field that says only that its entities belong together.
const YES: &str = "yes";

const GENDERS: [&str; 3] = ["female", "male", "other"];
const ACTIVITY_KINDS: [&str; 7] = [
    "training-scheme",
    "joint-action",
    "public-event",
    "solution",
    "strategy",
    "action-plan",
    "pilot-action",
];

/// What one line or file says.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// What it introduces, so that others may refer to it.
    pub(super) defines: Option<Entity>,
    /// What it refers to.
    pub(super) refers: Vec<Entity>,
    /// The rows.
    pub(super) rows: Vec<Row>,
}

/// Rows of one entity and one span of days.
struct Rows {
    entity: Entity,
    from: Option<Date>,
    to: Option<Date>,
    told: Vec<Row>,
}

impl Rows {
    fn of(entity: Entity, from: Option<Date>, to: Option<Date>) -> Self {
        Self {
            entity,
            from,
            to,
            told: Vec::new(),
        }
    }

    /// Adds a field; `None` takes back what an earlier import said.
    fn field(mut self, field: &str, value: Option<String>) -> Self {
        self.told.push(Row {
            entity: self.entity.clone(),
            field: field.to_owned(),
            value,
            valid_from: self.from,
            valid_to: self.to,
        });
        self
    }
}

/// Reads one line of a table.
pub(super) fn read(kind: FileKind, cells: Cells<'_>) -> Said {
    match kind {
        FileKind::People => person(cells),
        FileKind::Identities => identity(cells),
        FileKind::Organisations => organisation(cells),
        FileKind::Affiliations => affiliation(cells),
        FileKind::Activities => activity(cells),
        FileKind::Organisers => organiser(cells),
        FileKind::Project => Said::default(),
    }
}

fn person(mut cells: Cells<'_>) -> Said {
    let entity = Entity::new(EntityKind::Person, cells.pseudonym());
    let band = cells.matching(
        "birth_year_band",
        "two years such as 1980-1989, the earlier one first",
        is_birth_year_band,
    );
    let rows = Rows::of(entity.clone(), None, None)
        .field("gender", cells.one_of("gender", &GENDERS))
        .field("birth-year-band", band)
        .field("nuts3", cells.nuts3());
    Said {
        defines: Some(entity),
        refers: Vec::new(),
        rows: rows.told,
    }
}

fn identity(mut cells: Cells<'_>) -> Said {
    let pseudonym = cells.pseudonym();
    let (from, to) = cells.span("valid_from", "valid_to");
    let identifier = match identifier::read(cells.line.text("ifi")) {
        Ok(identifier) => identifier,
        Err(sentence) => {
            cells.faults.push(cells.line.fault("ifi", sentence));
            return Said::default();
        }
    };
    let entity = Entity::new(EntityKind::Identifier, identifier.canonical());
    let refers = vec![Entity::new(EntityKind::Person, pseudonym.clone())];
    let rows = Rows::of(entity, from, to).field("person", Some(pseudonym));
    Said {
        defines: None,
        refers,
        rows: rows.told,
    }
}

fn organisation(mut cells: Cells<'_>) -> Said {
    let from = cells.date("valid_from");
    let id = cells.organisation().unwrap_or_default();
    let entity = Entity::new(EntityKind::Organisation, id);
    let nace = cells.matching("nace", "a NACE code such as 85.59", is_nace);
    let nuts_version = cells.matching("nuts_version", "a year such as 2024", is_year);
    let rows = Rows::of(entity.clone(), from, None)
        .field("name", Some(cells.title("name")))
        .field("nuts3", cells.nuts3())
        .field("nuts-version", nuts_version)
        .field("nace", nace)
        .field("headcount", cells.decimal("headcount"))
        .field("turnover-meur", cells.decimal("turnover_meur"))
        .field("balance-meur", cells.decimal("balance_meur"))
        .field(
            "founded-on",
            cells.date("founded_on").map(|day| day.to_string()),
        );
    Said {
        defines: Some(entity),
        refers: Vec::new(),
        rows: rows.told,
    }
}

fn affiliation(mut cells: Cells<'_>) -> Said {
    let person = Entity::new(EntityKind::Person, cells.pseudonym());
    let (from, to) = cells.span("from", "to");
    let id = cells.organisation().unwrap_or_default();
    let rows = Rows::of(person.clone(), from, to)
        .field(&format!("organisation:{id}"), Some(YES.to_owned()));
    let refers = vec![person, Entity::new(EntityKind::Organisation, id)];
    Said {
        defines: None,
        refers,
        rows: rows.told,
    }
}

fn activity(mut cells: Cells<'_>) -> Said {
    let entity = Entity::new(EntityKind::Activity, cells.iri("iri"));
    let (start, end) = cells.span("start", "end");
    let mut rows = Rows::of(entity.clone(), None, None)
        .field("kind", Some(cells.word("kind", &ACTIVITY_KINDS)))
        .field("title", Some(cells.title("title")))
        .field("start", start.map(|day| day.to_string()))
        .field("end", end.map(|day| day.to_string()))
        .field("public", cells.one_of("public", &["yes", "no"]))
        .field("cancelled", cells.one_of("cancelled", &["yes", "no"]))
        .field("inclusion", cells.one_of("inclusion", &["yes", "no"]))
        .field("nuts3", cells.nuts3());
    let project = cells.matching("project", "a project's code such as sing", is_project);
    let refers = project
        .iter()
        .map(|code| Entity::new(EntityKind::Project, code))
        .collect();
    if let Some(code) = project {
        rows = rows.field(&format!("project:{code}"), Some(YES.to_owned()));
    }
    Said {
        defines: Some(entity),
        refers,
        rows: rows.told,
    }
}

fn organiser(mut cells: Cells<'_>) -> Said {
    let activity = Entity::new(EntityKind::Activity, cells.iri("iri"));
    let from = cells.date("from");
    let id = cells.organisation().unwrap_or_default();
    let rows = Rows::of(activity.clone(), from, None)
        .field(&format!("organiser:{id}"), Some(YES.to_owned()));
    let refers = vec![activity, Entity::new(EntityKind::Organisation, id)];
    Said {
        defines: None,
        refers,
        rows: rows.told,
    }
}

/// A project's code is the name of its space.
fn is_project(code: &str) -> bool {
    crate::Space::live(code).is_ok()
}
