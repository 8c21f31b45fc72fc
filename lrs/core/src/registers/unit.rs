//! Which programme activity a statement is about, and which projects it counts for.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{EntityKind, RegisterView};
use crate::{ProjectCode, Space};

/// The activities that a statement names, by how near they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedActivities<'a> {
    /// The object's IRI, where it is an activity.
    pub object: Option<&'a str>,
    /// The IRIs of `contextActivities.parent`.
    pub parents: &'a [String],
    /// The IRIs of `contextActivities.grouping`.
    pub groupings: &'a [String],
}

impl<'a> NamedActivities<'a> {
    /// Returns the IRIs by distance: the object, the parents, the groupings.
    fn by_distance(&self) -> [Vec<&'a str>; 3] {
        let texts = |iris: &'a [String]| iris.iter().map(String::as_str).collect();
        [
            self.object.into_iter().collect(),
            texts(self.parents),
            texts(self.groupings),
        ]
    }
}

/// The programme activity that a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// No activity that it names is one.
    None,
    /// One is, nearer than any other.
    One(String),
    /// Several are at the same distance, in the order of their IRIs.
    Ambiguous(Vec<String>),
}

impl Unit {
    /// Returns the IRIs of all that it may be.
    pub fn iris(&self) -> &[String] {
        match self {
            Self::None => &[],
            Self::One(iri) => std::slice::from_ref(iri),
            Self::Ambiguous(iris) => iris,
        }
    }
}

impl RegisterView<'_> {
    /// Returns the unit of a statement: the activity registered as of one of the wanted kinds that
    /// is its object, else a parent, else a grouping.
    pub fn unit(
        &self,
        named: &NamedActivities<'_>,
        wanted: impl Fn(&str) -> bool,
        day: Date,
    ) -> Unit {
        let is_unit = |iri: &&str| {
            self.value(EntityKind::Activity, iri, "kind", day)
                .is_some_and(&wanted)
        };
        for distance in named.by_distance() {
            let found: BTreeSet<&str> = distance.into_iter().filter(is_unit).collect();
            let mut found: Vec<String> = found.into_iter().map(str::to_owned).collect();
            match found.len() {
                0 => {}
                1 => return found.pop().map_or(Unit::None, Unit::One),
                _ => return Unit::Ambiguous(found),
            }
        }
        Unit::None
    }

    /// Returns the projects that a statement counts for: those in which its unit is registered,
    /// else those of its groupings, else its space's, where that project is registered. None of
    /// them means that it counts for no project.
    pub fn counts_for(
        &self,
        unit: &Unit,
        named: &NamedActivities<'_>,
        space: &Space,
        day: Date,
    ) -> BTreeSet<ProjectCode> {
        for iris in [unit.iris(), named.groupings] {
            let projects: BTreeSet<_> = iris
                .iter()
                .flat_map(|iri| self.projects_of(iri, day))
                .collect();
            if !projects.is_empty() {
                return projects;
            }
        }
        let counted = !space.is_test() && self.is_project(space.project(), day);
        counted
            .then(|| space.project_code().clone())
            .into_iter()
            .collect()
    }

    /// Returns the projects in which an activity is registered on a day.
    pub fn projects_of(&self, iri: &str, day: Date) -> Vec<ProjectCode> {
        const PROJECT: &str = "project:";
        let fields = self.values(EntityKind::Activity, iri, PROJECT, day);
        let codes = fields
            .into_iter()
            .filter_map(|(field, _)| field.strip_prefix(PROJECT));
        codes.filter_map(|code| code.parse().ok()).collect()
    }

    /// Tells whether a project is registered on a day.
    fn is_project(&self, code: &str, day: Date) -> bool {
        !self.values(EntityKind::Project, code, "", day).is_empty()
    }
}

#[cfg(test)]
mod tests {
    use varde_xapi::Stored;

    use super::*;
    use crate::people::PersonKeys;
    use crate::ports::{EventKind, Happened, LogEvent, Position};
    use crate::registers::{Entity, Registers, Row};

    fn day() -> Date {
        "2026-03-01".parse().unwrap()
    }

    fn row(kind: EntityKind, id: &str, field: &str, value: &str) -> Row {
        Row {
            entity: Entity::new(kind, id),
            field: field.to_owned(),
            value: Some(value.to_owned()),
            valid_from: None,
            valid_to: None,
        }
    }

    fn activity(iri: &str, kind: &str, projects: &[&str]) -> Vec<Row> {
        let projects = projects
            .iter()
            .map(|code| row(EntityKind::Activity, iri, &format!("project:{code}"), "yes"));
        std::iter::once(row(EntityKind::Activity, iri, "kind", kind))
            .chain(projects)
            .collect()
    }

    fn registers(rows: &[Row]) -> Registers {
        let body = serde_json::json!({ "rows": rows }).to_string();
        let mut registers = Registers::default();
        let event = LogEvent {
            position: Position(1),
            stored: Stored(1),
            what: Happened::Event(EventKind::Registers, body),
        };
        registers.add(&event, &PersonKeys::default()).unwrap();
        registers
    }

    fn world() -> Registers {
        let rows = [
            activity("https://example.org/scheme", "training-scheme", &["sing"]),
            activity(
                "https://example.org/both",
                "joint-action",
                &["merse", "sing"],
            ),
            activity("https://example.org/nowhere", "joint-action", &[]),
            vec![
                row(
                    EntityKind::Activity,
                    "https://example.org/merse",
                    "project:merse",
                    "yes",
                ),
                row(EntityKind::Project, "sing", "zone", "Europe/Oslo"),
            ],
        ];
        registers(&rows.concat())
    }

    /// What a statement names, and what it should count for.
    type Case<'a> = (
        &'a str,
        &'a [&'a str],
        &'a [&'a str],
        &'a str,
        &'a [&'a str],
    );

    #[test]
    fn the_unit_decides_then_the_groupings_then_the_space() {
        let cases: [Case<'_>; 9] = [
            ("scheme", &[], &[], "merse", &["sing"]),
            ("page", &["scheme"], &["merse"], "merse", &["sing"]),
            ("page", &[], &["scheme"], "merse", &["sing"]),
            ("both", &[], &[], "sing", &["merse", "sing"]),
            // The nearer of two units decides.
            ("both", &["scheme"], &[], "sing", &["merse", "sing"]),
            // Two at one distance count for the projects of both.
            ("page", &["scheme", "both"], &[], "sing", &["merse", "sing"]),
            // A unit of no project and no unit at all leave it to the groupings, then the space.
            ("nowhere", &[], &["merse"], "sing", &["merse"]),
            ("page", &[], &[], "sing", &["sing"]),
            ("page", &[], &[], "merse", &[]),
        ];
        let known = world();
        let view = RegisterView::new(&known, Stored(1));
        let iri = |name: &&str| format!("https://example.org/{name}");
        for (object, parents, groupings, space, expected) in cases {
            let (object, parents, groupings): (_, Vec<_>, Vec<_>) = (
                iri(&object),
                parents.iter().map(iri).collect(),
                groupings.iter().map(iri).collect(),
            );
            let named = NamedActivities {
                object: Some(&object),
                parents: &parents,
                groupings: &groupings,
            };
            let unit = view.unit(&named, |_| true, day());
            let space = Space::live(space).unwrap();
            let found = view.counts_for(&unit, &named, &space, day());
            let found: Vec<&str> = found.iter().map(ProjectCode::as_str).collect();
            assert_eq!(found, expected, "{object} {parents:?} {groupings:?}");
        }
    }

    #[test]
    fn what_is_in_a_test_space_and_names_nothing_counts_for_none() {
        let known = world();
        let view = RegisterView::new(&known, Stored(1));
        let named = NamedActivities {
            object: None,
            parents: &[],
            groupings: &[],
        };
        let found = view.counts_for(&Unit::None, &named, &Space::test("sing").unwrap(), day());
        assert!(found.is_empty());
    }

    #[test]
    fn only_wanted_kinds_are_units_and_two_at_one_distance_are_ambiguous() {
        let known = world();
        let view = RegisterView::new(&known, Stored(1));
        let parents = ["https://example.org/both", "https://example.org/scheme"];
        let parents = parents.map(str::to_owned);
        let named = NamedActivities {
            object: None,
            parents: &parents,
            groupings: &[],
        };
        let scheme = Unit::One("https://example.org/scheme".to_owned());
        let unit = |wanted: &dyn Fn(&str) -> bool| view.unit(&named, wanted, day());
        assert_eq!(unit(&|kind| kind == "training-scheme"), scheme);
        assert_eq!(unit(&|kind| kind == "public-event"), Unit::None);
        assert_eq!(unit(&|_| true), Unit::Ambiguous(parents.to_vec()));
    }
}
