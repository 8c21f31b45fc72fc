//! Lines of fact tables as facts.

use jiff::civil::Date;
use serde_json::{Map, Value, json};
use uuid::Uuid;
use varde_core::ProjectCode;
use varde_core::registers::files::{Cells, Organisation, OrganisationNumber, identifier};
use varde_xapi::Ifi;

use super::tables::FactTable;
use crate::vocabulary::{ATTENDED, COMPLETED, activity_type, extension, home_page, project, verb};

/// The most seconds that a fact may last: more than a year of working days.
const SECONDS_MAX: f64 = 3_600.0 * 2_000.0;

/// Who did what a line says.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Who {
    /// An organisation.
    Organisation(OrganisationNumber),
    /// A person of the register, by pseudonym.
    Pseudonym(String),
    /// Whoever has an identifier.
    Identifier(Ifi),
}

/// What a line says, apart from who did it.
#[derive(Debug, Default)]
pub(super) struct Deed {
    /// What makes it the same fact when it is said again, beside table and actor.
    pub(super) key: Vec<String>,
    pub(super) day: Date,
    pub(super) verb: String,
    pub(super) object: String,
    /// The name of the object's type in the profile.
    pub(super) object_type: Option<&'static str>,
    pub(super) title: Option<String>,
    pub(super) result: Map<String, Value>,
    pub(super) extensions: Map<String, Value>,
    pub(super) team: Option<OrganisationNumber>,
    pub(super) instructor: Option<OrganisationNumber>,
}

/// What lines are read by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) project: &'a ProjectCode,
    /// The present day in the project's zone.
    pub(super) today: Date,
}

impl Reading<'_> {
    /// Reads one line of a table; what does not fit becomes a fault.
    pub(super) fn line(self, table: FactTable, mut cells: Cells<'_>) -> Option<(Who, Deed)> {
        let before = cells.faults.len();
        let day = cells.day("date");
        if day > self.today {
            let sentence = "found a day that has not come; expected one that has".to_owned();
            cells.faults.push(cells.line.fault("date", sentence));
        }
        let who = match table {
            FactTable::Attendance => person(&mut cells),
            _ => organisation(&mut cells, "country", "orgnr").map(Who::Organisation),
        };
        let deed = match table {
            FactTable::Attendance => attendance(&mut cells, day),
            FactTable::Support => self.support(&mut cells, day),
            FactTable::Partners => self.partner(&mut cells),
            FactTable::Solutions => solution(&mut cells),
            FactTable::Adoptions => adoption(&mut cells),
            FactTable::Innovations => self.innovation(&mut cells, who.as_ref()),
            FactTable::Employment => self.employment(&mut cells, day),
            FactTable::Agreements => self.agreement(&mut cells),
        };
        let fits = cells.faults.len() == before;
        Some((who.filter(|_| fits)?, Deed { day, ..deed }))
    }

    /// Names an activity of the project that has no address of its own.
    fn own(self, what: &str) -> String {
        format!("{}/{what}", project(self.project))
    }

    fn support(self, cells: &mut Cells<'_>, day: Date) -> Deed {
        let kinds = ["non-financial", "grant", "financial-instrument"];
        let kind = cells.word("support_kind", &kinds);
        let title = cells.note("title");
        let service = cells.optional_iri("service").unwrap_or_else(|| {
            let named = title.as_ref().map(|title| own_id(&[title]));
            self.own(&format!(
                "support/{}",
                named.unwrap_or_else(|| kind.clone())
            ))
        });
        let provider = cells.line.text("provider");
        let provider = (!provider.is_empty()).then(|| organisation(cells, "", "provider"));
        Deed {
            key: vec![kind.clone(), day.to_string(), service.clone()],
            verb: verb("received-support"),
            object: service,
            object_type: Some("support-service"),
            title,
            result: with_duration(duration(cells)),
            extensions: extensions([("support-kind", Some(kind.into()))]),
            instructor: provider.flatten(),
            ..Deed::default()
        }
    }

    fn partner(self, cells: &mut Cells<'_>) -> Deed {
        let role = cells.word("role", &["lead", "partner", "associated"]);
        Deed {
            verb: verb("joined-partnership"),
            object: project(self.project),
            object_type: Some("cooperation-project"),
            extensions: extensions([("partner-role", Some(role.into()))]),
            ..Deed::default()
        }
    }

    fn innovation(self, cells: &mut Cells<'_>, who: Option<&Who>) -> Deed {
        let kinds = ["product", "process", "marketing", "organisational"];
        let kind = cells.word("innovation_kind", &kinds);
        let title = cells.title("title");
        let iri = cells.optional_iri("iri").unwrap_or_else(|| {
            let by = match who {
                Some(Who::Organisation(number)) => number.to_string(),
                _ => String::new(),
            };
            self.own(&format!("innovations/{}", own_id(&[&by, &title])))
        });
        Deed {
            key: vec![iri.clone()],
            verb: verb("introduced"),
            object: iri,
            object_type: Some("innovation"),
            title: Some(title),
            extensions: extensions([("innovation-kind", Some(kind.into()))]),
            ..Deed::default()
        }
    }

    fn employment(self, cells: &mut Cells<'_>, day: Date) -> Deed {
        let figures = [
            (
                "fte-before",
                Some(plain(&cells.number("fte_before")).into()),
            ),
            ("fte-after", Some(plain(&cells.number("fte_after")).into())),
        ];
        let mut result = Map::new();
        result.insert("extensions".to_owned(), extensions(figures).into());
        Deed {
            key: vec![day.to_string()],
            verb: verb("reported-employment"),
            object: self.own("employment"),
            object_type: Some("employment-measurement"),
            result,
            ..Deed::default()
        }
    }

    fn agreement(self, cells: &mut Cells<'_>) -> Deed {
        let agreement = cells.optional_iri("agreement");
        let agreement = agreement.unwrap_or_else(|| self.own("agreement"));
        let (from, until) = (cells.day("valid_from"), cells.day("valid_until"));
        if until < from {
            let sentence = "found a day before the one in valid_from; expected one not before it";
            let fault = cells.line.fault("valid_until", sentence.to_owned());
            cells.faults.push(fault);
        }
        let evidence = evidence(cells);
        Deed {
            key: vec![agreement.clone()],
            verb: verb("signed"),
            object: agreement,
            object_type: Some("cooperation-agreement"),
            title: cells.note("title"),
            extensions: extensions([
                ("valid-from", Some(from.to_string().into())),
                ("valid-until", Some(until.to_string().into())),
                ("evidence", Some(evidence)),
            ]),
            ..Deed::default()
        }
    }
}

fn attendance(cells: &mut Cells<'_>, day: Date) -> Deed {
    let activity = cells.iri("activity");
    let completed = cells.one_of("completion", &["yes", "no"]).as_deref() == Some("yes");
    let mut result = with_duration(duration(cells));
    if completed {
        result.insert("completion".to_owned(), true.into());
    }
    let number = cells.line.text("orgnr");
    let team = (!number.is_empty()).then(|| organisation(cells, "country", "orgnr"));
    Deed {
        key: vec![activity.clone(), day.to_string()],
        verb: if completed { COMPLETED } else { ATTENDED }.to_owned(),
        object: activity,
        result,
        team: team.flatten(),
        ..Deed::default()
    }
}

fn solution(cells: &mut Cells<'_>) -> Deed {
    let (iri, title) = (cells.iri("iri"), cells.title("title"));
    let kind = kind_of(
        cells,
        &["solution", "strategy", "action-plan", "pilot-action"],
    );
    let event = cells.one_of("event", &["developed", "completed"]);
    let completed = event.as_deref() == Some("completed");
    if completed && kind != "pilot-action" {
        let sentence =
            "found `completed`; expected `developed`, as only a pilot-action is completed";
        let fault = cells.line.fault("event", sentence.to_owned());
        cells.faults.push(fault);
    }
    let uptake = cells.note("uptake_actions");
    if kind == "solution" && uptake.is_none() {
        let sentence = "found nothing; expected the actions that the uptake of a solution needs, as \
                        text or address";
        let fault = cells.line.fault("uptake_actions", sentence.to_owned());
        cells.faults.push(fault);
    }
    let legal = cells.one_of("legal_or_administrative", &["yes", "no"]);
    let mut result = Map::new();
    if completed {
        result.insert("completion".to_owned(), true.into());
    }
    Deed {
        key: vec![iri.clone(), event.unwrap_or_else(|| "developed".to_owned())],
        verb: if completed {
            COMPLETED.to_owned()
        } else {
            verb("developed")
        },
        object: iri,
        object_type: Some(kind),
        title: Some(title),
        result,
        extensions: extensions([
            ("uptake-actions", uptake.map(Value::from)),
            (
                "legal-or-administrative",
                legal.map(|word| (word == "yes").into()),
            ),
        ]),
        ..Deed::default()
    }
}

fn adoption(cells: &mut Cells<'_>) -> Deed {
    let iri = cells.iri("iri");
    let kind = kind_of(cells, &["solution", "strategy", "action-plan"]);
    let adoption = cells.word("adoption_kind", &["taken-up", "up-scaled"]);
    let evidence = evidence(cells);
    Deed {
        key: vec![iri.clone(), adoption.clone()],
        verb: verb("adopted"),
        object: iri,
        object_type: Some(kind),
        title: cells.note("title"),
        extensions: extensions([
            ("adoption-kind", Some(adoption.into())),
            ("evidence", Some(evidence)),
        ]),
        ..Deed::default()
    }
}

/// Returns a number without zeros that say nothing: spreadsheet programs add and drop them.
fn plain(number: &str) -> &str {
    if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    }
}

/// Reads the column `kind`, the name of an activity type.
fn kind_of(cells: &mut Cells<'_>, kinds: &[&'static str]) -> &'static str {
    let kind = cells.word("kind", kinds);
    let known = kinds.iter().copied().find(|known| *known == kind);
    known.unwrap_or_default()
}

/// Reads who was there: a pseudonym or an identifier.
fn person(cells: &mut Cells<'_>) -> Option<Who> {
    let (pseudonym, ifi) = (cells.line.text("pseudonym"), cells.line.text("ifi"));
    match (pseudonym.is_empty(), ifi.is_empty()) {
        (false, true) => Some(Who::Pseudonym(cells.pseudonym())),
        (true, false) => match identifier(ifi) {
            Ok(ifi) => Some(Who::Identifier(ifi)),
            Err(sentence) => {
                cells.faults.push(cells.line.fault("ifi", sentence));
                None
            }
        },
        (is_empty, _) => {
            let found = if is_empty {
                "nothing"
            } else {
                "an ifi beside it"
            };
            let sentence = format!("found {found}; expected either a pseudonym or an ifi");
            let fault = cells.line.fault("pseudonym", sentence);
            cells.faults.push(fault);
            None
        }
    }
}

/// Reads the number of an organisation that statements can name.
fn organisation(cells: &mut Cells<'_>, country: &str, number: &str) -> Option<OrganisationNumber> {
    let is_country = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
    let country = cells.matching(country, "a country of two letters, such as NO", is_country);
    let sentence = match Organisation::parse(country.as_deref(), cells.line.text(number)) {
        Ok(Organisation::Numbered(number)) if home_page(number.country()).is_some() => {
            return Some(number);
        }
        Ok(Organisation::Numbered(_)) => {
            "found an organisation of another country; expected a Norwegian or Swedish one, as \
             statements name no others"
                .to_owned()
        }
        Ok(Organisation::SoleTrader(_)) => {
            "found the number of a Swedish sole trader, which is the owner's personal identity \
             number; statements would carry it, so this fact cannot be imported"
                .to_owned()
        }
        Err(error) => error.to_string(),
    };
    cells.faults.push(cells.line.fault(number, sentence));
    None
}

/// Reads `hours` and `minutes`, added up, as a duration in ISO 8601 format.
fn duration(cells: &mut Cells<'_>) -> Option<String> {
    let mut amount = |column: &str, seconds: f64| {
        let text = cells.decimal(column)?;
        Some(text.parse::<f64>().unwrap_or(f64::MAX) * seconds)
    };
    let (hours, minutes) = (amount("hours", 3_600.0), amount("minutes", 60.0));
    let seconds = match (hours, minutes) {
        (None, None) => return None,
        (hours, minutes) => hours.unwrap_or_default() + minutes.unwrap_or_default(),
    };
    if seconds > SECONDS_MAX {
        let column = if hours.is_some() { "hours" } else { "minutes" };
        let sentence = "found more than 2,000 hours; expected what one fact lasted".to_owned();
        cells.faults.push(cells.line.fault(column, sentence));
        return None;
    }
    Some(iso_duration(seconds))
}

fn iso_duration(seconds: f64) -> String {
    // At most 7,200,000 and not negative.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounded above, and read as a number of 0 or more"
    )]
    let seconds = seconds.round() as u64;
    let parts = [
        (seconds / 3_600, 'H'),
        (seconds / 60 % 60, 'M'),
        (seconds % 60, 'S'),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let text = parts.fold(String::new(), |text, (count, unit)| {
        format!("{text}{count}{unit}")
    });
    if text.is_empty() {
        "PT0S".to_owned()
    } else {
        format!("PT{text}")
    }
}

fn with_duration(duration: Option<String>) -> Map<String, Value> {
    let members = duration.map(|duration| ("duration".to_owned(), duration.into()));
    members.into_iter().collect()
}

/// Reads the document that proves a fact.
fn evidence(cells: &mut Cells<'_>) -> Value {
    let iri = cells.iri("evidence_iri");
    let hash = cells.required("evidence_sha256", "64 hexadecimal digits", |text| {
        let is_hash = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        is_hash.then(|| text.to_ascii_lowercase())
    });
    json!({ "iri": iri, "sha256": hash })
}

fn extensions<const N: usize>(values: [(&str, Option<Value>); N]) -> Map<String, Value> {
    let values = values.into_iter();
    values
        .filter_map(|(name, value)| Some((extension(name), value?)))
        .collect()
}

/// Returns a name for what has no address but a title: the same for the same title.
fn own_id(of: &[&str]) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, of.join("\n").as_bytes()).to_string()
}

impl Deed {
    /// Returns the object as a statement holds it.
    pub(super) fn object(&self) -> Value {
        let mut definition = Map::new();
        if let Some(name) = self.object_type {
            definition.insert("type".to_owned(), activity_type(name).into());
        }
        if let Some(title) = &self.title {
            definition.insert("name".to_owned(), json!({ "und": title }));
        }
        let mut object = json!({ "objectType": "Activity", "id": self.object });
        if let (false, Some(object)) = (definition.is_empty(), object.as_object_mut()) {
            object.insert("definition".to_owned(), definition.into());
        }
        object
    }
}
