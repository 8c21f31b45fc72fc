//! The project file as register rows.

use serde::Deserialize;
use varde_schemas::Kind;

use super::cell::date;
use super::line::Said;
use super::{FileFault, Organisation, RegisterFile};
use crate::erasures::{Duty, KEEP, RecordClass};
use crate::keys::{KEY_SCOPES, KEY_TOLERANCES};
use crate::registers::period::PERIOD;
use crate::registers::{Entity, EntityKind, Row};

/// A project file whose schema was checked.
#[derive(Debug, Deserialize)]
struct Project {
    #[serde(rename = "project")]
    code: String,
    title: std::collections::BTreeMap<String, String>,
    zone: String,
    start: String,
    end: String,
    partners: Vec<Partner>,
    #[serde(default)]
    periods: Vec<String>,
    #[serde(default)]
    keys: KeySettings,
    /// Duties to keep; an empty list takes all back.
    #[serde(default)]
    keep: Option<Vec<KeptFor>>,
}

/// What the keys of the project's spaces are made with when nobody says otherwise.
#[derive(Debug, Default, Deserialize)]
struct KeySettings {
    scopes: Option<Vec<String>>,
    tolerances: Option<Vec<String>>,
}

impl KeySettings {
    fn fields(&self) -> Vec<(String, String)> {
        let said = [
            (KEY_SCOPES, &self.scopes),
            (KEY_TOLERANCES, &self.tolerances),
        ];
        let said = said.into_iter();
        said.filter_map(|(field, words)| Some((field.to_owned(), words.as_ref()?.join(" "))))
            .collect()
    }
}

/// A [`Duty`] whose day may not be one of the calendar.
#[derive(Debug, Clone, Deserialize)]
struct KeptFor {
    class: RecordClass,
    years: u8,
    after: Option<String>,
    source: String,
    #[serde(default)]
    activities: Vec<String>,
}

impl KeptFor {
    /// Returns the duty; `None` where the day of its event is none.
    fn duty(&self) -> Option<Duty> {
        let after = self.after.as_deref().map(|day| date(day).ok_or(()));
        Some(Duty {
            class: self.class,
            years: self.years,
            after: after.transpose().ok()?,
            source: self.source.clone(),
            activities: self.activities.clone(),
        })
    }
}

#[derive(Debug, Deserialize)]
struct Partner {
    organisation: String,
    country: String,
    role: String,
}

/// Reads a project file (YAML or JSON).
pub(super) fn read(file: &RegisterFile) -> Result<Said, Vec<FileFault>> {
    let text = std::str::from_utf8(&file.bytes).map_err(|_| {
        vec![fault(
            file,
            None,
            "$",
            "found bytes that are not UTF-8".to_owned(),
        )]
    })?;
    let document = varde_schemas::read(text).map_err(|faults| {
        let at = |f: varde_schemas::Fault| fault(file, Some(f.line.into()), &f.path, f.sentence);
        faults.into_iter().map(at).collect::<Vec<_>>()
    })?;
    if document.kind != Kind::Project {
        let found = format!("found an {}; expected a project or a table", document.kind);
        return Err(vec![fault(file, None, "$", found)]);
    }
    let project: Project = serde_json::from_value(document.value).map_err(|error| {
        vec![fault(
            file,
            None,
            "$",
            format!("found another form: {error}"),
        )]
    })?;
    project.rows(file)
}

impl Project {
    fn rows(&self, file: &RegisterFile) -> Result<Said, Vec<FileFault>> {
        let mut faults = self.faults();
        let duties = self.duties().unwrap_or_else(|mut found| {
            faults.append(&mut found);
            None
        });
        let (mut partners, mut refers) = (Vec::new(), Vec::new());
        for (n, partner) in self.partners.iter().enumerate() {
            match Organisation::parse(Some(&partner.country), &partner.organisation) {
                Ok(organisation) => {
                    let id = organisation.given();
                    partners.push((format!("partner:{id}"), &partner.role));
                    refers.push(Entity::new(EntityKind::Organisation, id));
                }
                Err(error) => {
                    faults.push((format!("partners[{n}].organisation"), error.to_string()));
                }
            }
        }
        if !faults.is_empty() {
            let at = |(path, sentence): (String, String)| fault(file, None, &path, sentence);
            return Err(faults.into_iter().map(at).collect());
        }
        let titles = self
            .title
            .iter()
            .map(|(language, title)| (format!("title:{language}"), title));
        let rest = [
            ("zone", &self.zone),
            ("start", &self.start),
            ("end", &self.end),
        ];
        let rest = rest.map(|(field, value)| (field.to_owned(), value));
        let end = "end".to_owned();
        let periods = self
            .periods
            .iter()
            .map(|day| (format!("{PERIOD}{day}"), &end));
        let rows = titles.chain(rest).chain(partners).chain(periods);
        let rows = rows.map(|(field, value)| self.row(field, value));
        let keys = self.keys.fields().into_iter();
        let rows = rows.chain(keys.map(|(field, value)| self.row(field, &value)));
        let rows = rows.chain(duties).collect();
        Ok(Said {
            defines: Some(self.entity()),
            refers,
            rows,
        })
    }

    /// What a schema cannot see.
    fn faults(&self) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        let mut add =
            |path: &str, sentence: &str| faults.push((path.to_owned(), sentence.to_owned()));
        if crate::Space::live(&self.code).is_err() {
            add(
                "project",
                "found another code than 1 to 64 of a-z, 0-9 and -",
            );
        }
        if jiff::tz::TimeZone::get(&self.zone).is_err() {
            add(
                "zone",
                "found no known time zone; expected one such as Europe/Oslo",
            );
        }
        for (n, period) in self.periods.iter().enumerate() {
            if date(period).is_none() {
                let sentence = "found no day of the calendar; expected one such as 2024-06-30";
                add(&format!("periods[{n}]"), sentence);
            }
        }
        match (date(&self.start), date(&self.end)) {
            (Some(start), Some(end)) if end < start => {
                add(
                    "end",
                    "found a day before `start`; expected the project's last day",
                );
            }
            (Some(_), Some(_)) => {}
            (None, _) => add(
                "start",
                "found no day of the calendar; expected one such as 2024-01-01",
            ),
            (_, None) => add(
                "end",
                "found no day of the calendar; expected one such as 2026-12-31",
            ),
        }
        faults
    }

    /// Returns the row of the duties to keep, as a JSON list, where the file has any.
    fn duties(&self) -> Result<Option<Row>, Vec<(String, String)>> {
        let Some(keep) = &self.keep else {
            return Ok(None);
        };
        let (mut duties, mut faults) = (Vec::new(), Vec::new());
        for (n, kept) in keep.iter().enumerate() {
            match kept.duty() {
                Some(duty) => duties.push(duty),
                None => faults.push((
                    format!("keep[{n}].after"),
                    "found no day of the calendar; expected one such as 2029-12-31".to_owned(),
                )),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let text = serde_json::to_string(&duties).expect("duties are plain data");
        Ok(Some(self.row(KEEP.to_owned(), &text)))
    }

    fn entity(&self) -> Entity {
        Entity::new(EntityKind::Project, self.code.clone())
    }

    fn row(&self, field: String, value: &str) -> Row {
        let value = Some(value.to_owned());
        Row {
            entity: self.entity(),
            field,
            value,
            valid_from: None,
            valid_to: None,
        }
    }
}

fn fault(file: &RegisterFile, line: Option<u64>, path: &str, sentence: String) -> FileFault {
    FileFault {
        column: Some(path.to_owned()),
        ..file.fault(line, sentence)
    }
}
