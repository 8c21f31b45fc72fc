//! Every indicator reckoned from nothing but the list of what happened, as an auditor would who goes
//! through the project day by day. Written apart from the counting, to be plainly right and slow.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use jiff::{Span, ToSpan as _};
use varde_core::registers::{EntityKind, Row};
use varde_xapi::Stored;

use crate::deeds::{Deed, Event, Verb, Who};
use crate::whole_set::SUPPORT_MINUTES;

/// Days before this one are not looked at: nothing happens then.
const BEGINNING: Date = date(2024, 12, 1);
/// Nor are days behind this one, on which nothing changes any more.
const QUIET: Date = date(2025, 4, 15);

/// By key, the day from which it counts and what it adds, in hundredths.
pub(crate) type Keys = BTreeMap<String, (Date, u64)>;

/// Everything known at one instant.
pub(crate) struct Known<'a> {
    deeds: Vec<&'a Deed>,
    rows: Vec<&'a Row>,
    /// Since when activities that were asked for are joint.
    joint: RefCell<BTreeMap<String, Option<Date>>>,
}

impl<'a> Known<'a> {
    pub(crate) fn at(history: &'a [(Stored, Event)], instant: Stored) -> Self {
        let known = || {
            history
                .iter()
                .filter(|(stored, _)| *stored <= instant)
                .map(|(_, event)| event)
        };
        let voided: BTreeSet<u64> = known()
            .filter_map(|event| match event {
                Event::Void(target) => Some(*target),
                _ => None,
            })
            .collect();
        let mut deeds: Vec<&Deed> = known()
            .filter_map(|event| match event {
                Event::Deed(deed) if !voided.contains(&deed.number) => Some(deed),
                _ => None,
            })
            .collect();
        deeds.sort_by_key(|deed| (deed.at, deed.number));
        let rows = known().filter_map(|event| match event {
            Event::Rows(rows) => Some(rows),
            _ => None,
        });
        Self {
            deeds,
            rows: rows.flatten().collect(),
            joint: RefCell::default(),
        }
    }

    fn value(&self, kind: EntityKind, id: &str, field: &str, day: Date) -> Option<&'a str> {
        let mut found = None;
        for row in &self.rows {
            let here = row.entity.kind == kind && row.entity.id == id && row.field == field;
            let from = row.valid_from.unwrap_or(Date::MIN);
            if here && from <= day && day <= row.valid_to.unwrap_or(Date::MAX) {
                found = row.value.as_deref();
            }
        }
        found
    }

    fn of_activity(&self, iri: &str, field: &str, day: Date) -> Option<&'a str> {
        self.value(EntityKind::Activity, iri, field, day)
    }

    fn project_day(&self, field: &str, day: Date) -> Option<Date> {
        let found = self.value(EntityKind::Project, "sing", field, day)?;
        Some(found.parse().unwrap())
    }

    /// The nearest activities of some kinds.
    fn near(&self, deed: &Deed, kinds: &[&str]) -> BTreeSet<&'static str> {
        let is = |iri: &&'static str| {
            let kind = self.of_activity(iri, "kind", deed.day());
            kind.is_some_and(|kind| kinds.is_empty() || kinds.contains(&kind))
        };
        let object: BTreeSet<_> = [deed.object].into_iter().filter(is).collect();
        if object.is_empty() {
            deed.parents.iter().copied().filter(is).collect()
        } else {
            object
        }
    }

    /// Whether a deed counts for the project, being about these units.
    fn counts(&self, deed: &Deed, units: &BTreeSet<&str>) -> bool {
        let day = deed.day();
        let mut registered = false;
        for unit in units {
            if self.of_activity(unit, "project:sing", day).is_some() {
                return true;
            }
            registered |= self.of_activity(unit, "project:merse", day).is_some();
        }
        let has_project = ["start", "end"]
            .iter()
            .any(|field| self.project_day(field, day).is_some());
        !registered && deed.space == "sing" && has_project
    }

    /// The deeds of organisations that count, up to a day.
    fn of_organisations(&self, verb: Verb, through: Date) -> Vec<(&'static str, &'a Deed)> {
        let deeds = self
            .deeds
            .iter()
            .filter(|deed| deed.verb == verb && deed.day() <= through);
        let deeds = deeds.filter(|deed| self.counts(deed, &self.near(deed, &[])));
        deeds
            .filter_map(|deed| match deed.who {
                Who::Organisation(organisation) => Some((organisation, *deed)),
                Who::Person(_) => None,
            })
            .collect()
    }

    fn person(&self, deed: &Deed) -> Option<String> {
        let Who::Person(learner) = deed.who else {
            return None;
        };
        let identifier = format!("mbox:mailto:learner-{learner}@example.org");
        let person = self.value(EntityKind::Identifier, &identifier, "person", deed.day());
        Some(person.map_or_else(|| format!("learner {learner}"), str::to_owned))
    }

    /// What persons did in units of one kind, by unit and person.
    fn of_persons(&self, kind: &str, verbs: &[Verb]) -> BTreeMap<(String, String), Vec<&'a Deed>> {
        let mut by: BTreeMap<_, Vec<&Deed>> = BTreeMap::new();
        for deed in self.deeds.iter().filter(|deed| verbs.contains(&deed.verb)) {
            let units = self.near(deed, &[kind]);
            let Some(person) = self.person(deed) else {
                continue;
            };
            if units.len() == 1 && self.counts(deed, &units) {
                let unit = units.first().unwrap();
                by.entry(((*unit).to_owned(), person))
                    .or_default()
                    .push(deed);
            }
        }
        by
    }

    /// Whether organisers of two countries have been on record on some day until this one.
    fn is_joint(&self, activity: &str, through: Date) -> bool {
        let known = self.joint.borrow().get(activity).copied();
        let first = known.unwrap_or_else(|| {
            let first = days(Date::MAX).find(|day| self.has_two_countries(activity, *day));
            self.joint.borrow_mut().insert(activity.to_owned(), first);
            first
        });
        first.is_some_and(|first| first <= through)
    }

    fn has_two_countries(&self, activity: &str, day: Date) -> bool {
        let registered = self.rows.iter().filter_map(|row| {
            let organiser = row.field.strip_prefix("organiser:")?;
            let here = row.entity.id == activity;
            let holds = here && self.of_activity(activity, &row.field, day).is_some();
            holds.then(|| organiser.to_owned())
        });
        let told = self.of_organisations(Verb::Organised, day).into_iter();
        let told = told.filter(|(_, deed)| deed.object == activity);
        countries(registered.chain(told.map(|(organisation, _)| organisation.to_owned()))) >= 2
    }

    /// The keys of an indicator as of a day.
    pub(crate) fn keys(&self, code: &str, as_of: Date) -> Keys {
        match code {
            "RCO01" => self.supported("", as_of),
            "RCO02" => self.supported("grant", as_of),
            "RCO03" => self.supported("financial-instrument", as_of),
            "RCO04" => self.supported_long(as_of),
            "RCO05" => self.new_enterprises(as_of),
            "RCO81" => self.in_actions(as_of, |_, _| true),
            "RCO82" => self.in_actions(as_of, |action, deed| {
                self.of_activity(action, "inclusion", deed.day()) == Some("yes")
            }),
            "RCR85" => self.in_actions_afterwards(as_of),
            "RCO85" | "PS02" | "PS03" => self.in_schemes(as_of),
            "RCR81" => self.completed(as_of),
            "PS01" => self.participants(as_of),
            "RCO83" => self.objects("strategy", as_of, 0, |known, object, day| {
                known.is_developed(object, day)
            }),
            "RCO84" => self.objects("pilot-action", as_of, 0, |known, object, day| {
                let completed = known.of_organisations(Verb::Completed, day);
                known.is_developed(object, day)
                    && completed.iter().any(|(_, deed)| deed.object == object)
            }),
            "RCO116" => self.objects("solution", as_of, 0, |known, object, day| {
                known.is_solution(object, day)
            }),
            "RCR79" => self.objects("strategy", as_of, 12, |known, object, day| {
                known.was_in_time(object, day, Self::is_developed) && known.is_adopted(object, day)
            }),
            "RCR104" => self.objects("solution", as_of, 12, |known, object, day| {
                let legal = known.deeds.iter().any(|deed| {
                    deed.object == object
                        && deed.legal
                        && known.counts(deed, &known.near(deed, &[]))
                        && matches!(deed.verb, Verb::Developed | Verb::Adopted)
                        && matches!(deed.who, Who::Organisation(_))
                });
                !legal
                    && known.was_in_time(object, day, Self::is_solution)
                    && known.is_adopted(object, day)
            }),
            "RCO87" => self.partners(as_of),
            "RCR84" => self.partners_afterwards(as_of),
            "RCO115" => self.events(as_of),
            "RCR01" => self.jobs(as_of),
            "RCR03" => self.innovations(&["product", "process"], as_of),
            "RCR04" => self.innovations(&["marketing", "organisational"], as_of),
            _ => panic!("{code}"),
        }
    }

    /// The keys for which something holds on some day, by the first such day, no later than as many
    /// months after the project's end.
    fn first_days(
        &self,
        keys: BTreeSet<String>,
        (as_of, months): (Date, i8),
        holds: impl Fn(&str, Date) -> bool,
    ) -> Keys {
        let mut found = Keys::new();
        for key in keys {
            let first = days(as_of).find(|day| holds(&key, *day));
            if let Some(day) = first.filter(|day| self.is_in_time(*day, months)) {
                found.insert(key, (day, 100));
            }
        }
        found
    }

    fn is_in_time(&self, day: Date, months: i8) -> bool {
        let end = self.project_day("end", day);
        end.is_none_or(|end| day <= end.saturating_add(i32::from(months).months()))
    }

    fn enterprises(&self) -> BTreeSet<String> {
        let all = [
            Verb::Received,
            Verb::Introduced,
            Verb::Employed,
            Verb::Joined,
            Verb::Signed,
        ];
        let deeds = all
            .iter()
            .flat_map(|verb| self.of_organisations(*verb, Date::MAX));
        deeds
            .map(|(organisation, _)| organisation.to_owned())
            .collect()
    }

    fn first_support(&self, enterprise: &str, kind: &str) -> Option<&'a Deed> {
        let mut received = self.of_organisations(Verb::Received, Date::MAX).into_iter();
        let is = |by: &str, deed: &Deed| by == enterprise && (kind.is_empty() || deed.kind == kind);
        Some(received.find(|(by, deed)| is(by, deed))?.1)
    }

    fn supported(&self, kind: &str, as_of: Date) -> Keys {
        self.first_days(self.enterprises(), (as_of, 0), |enterprise, day| {
            self.first_support(enterprise, kind)
                .is_some_and(|deed| deed.day() <= day)
        })
    }

    fn supported_long(&self, as_of: Date) -> Keys {
        self.first_days(self.enterprises(), (as_of, 0), |enterprise, day| {
            let received = self.of_organisations(Verb::Received, day).into_iter();
            let minutes =
                received.filter(|(by, deed)| *by == enterprise && deed.kind == "non-financial");
            minutes.map(|(_, deed)| deed.minutes).sum::<u32>() >= SUPPORT_MINUTES
        })
    }

    fn new_enterprises(&self, as_of: Date) -> Keys {
        let mut keys = self.supported("", as_of);
        keys.retain(|enterprise, (day, _)| {
            let founded = self.value(EntityKind::Organisation, enterprise, "founded-on", *day);
            let start = self.project_day("start", *day);
            let founded = founded.map(|founded| founded.parse::<Date>().unwrap());
            let limit = start.map(|start| start.saturating_sub(3.years()));
            founded
                .zip(limit)
                .is_some_and(|(founded, limit)| founded > limit)
        });
        keys
    }

    fn in_units(
        &self,
        kind: &str,
        verbs: &[Verb],
        (as_of, months): (Date, i8),
        fits: impl Fn(&str, &Deed) -> bool,
    ) -> Keys {
        let mut found = Keys::new();
        for ((unit, person), deeds) in self.of_persons(kind, verbs) {
            let Some(first) = deeds.into_iter().find(|deed| fits(&unit, deed)) else {
                continue;
            };
            let key = BTreeSet::from([format!("{unit}|{person}")]);
            found.extend(self.first_days(key, (as_of, months), |_, day| {
                first.day() <= day && self.is_joint(&unit, day)
            }));
        }
        found
    }

    fn in_actions(&self, as_of: Date, fits: impl Fn(&str, &Deed) -> bool) -> Keys {
        let mut keys = self.in_units("joint-action", &[Verb::Attended], (as_of, 0), |_, _| true);
        keys.retain(|key, _| {
            let all = self.of_persons("joint-action", &[Verb::Attended]);
            let (unit, person) = key.split_once('|').unwrap();
            fits(unit, all[&(unit.to_owned(), person.to_owned())][0])
        });
        keys
    }

    fn in_actions_afterwards(&self, as_of: Date) -> Keys {
        self.in_units("joint-action", &[Verb::Attended], (as_of, 12), |_, deed| {
            let end = self.project_day("end", deed.day());
            end.is_some_and(|end| deed.day() > end)
        })
    }

    fn in_schemes(&self, as_of: Date) -> Keys {
        let starts = [Verb::Started, Verb::Attended, Verb::Completed];
        self.in_units("training-scheme", &starts, (as_of, 0), |_, _| true)
    }

    fn completed(&self, as_of: Date) -> Keys {
        let began = self.in_schemes(Date::MAX.min(date(2026, 12, 31)));
        let mut found = Keys::new();
        for ((unit, person), deeds) in self.of_persons("training-scheme", &[Verb::Completed]) {
            let key = format!("{unit}|{person}");
            let itself = deeds.into_iter().find(|deed| deed.object == unit);
            if let (Some(completed), Some((day, _))) = (itself, began.get(&key)) {
                let day = completed.day().max(*day);
                if day <= as_of && self.is_in_time(day, 0) {
                    found.insert(key, (day, 100));
                }
            }
        }
        found
    }

    /// How many participations are completed, dropped and in progress.
    pub(crate) fn states(&self, as_of: Date) -> [usize; 3] {
        let (keys, completed) = (self.in_schemes(as_of), self.completed(as_of));
        let starts = [Verb::Started, Verb::Attended, Verb::Completed];
        let all = self.of_persons("training-scheme", &starts);
        let mut states = [0; 3];
        for key in keys.keys() {
            let (unit, person) = key.split_once('|').unwrap();
            let deeds = &all[&(unit.to_owned(), person.to_owned())];
            let recent = as_of.saturating_sub(Span::new().days(180));
            let active = deeds
                .iter()
                .any(|deed| recent < deed.day() && deed.day() <= as_of);
            let state = match (completed.contains_key(key), active) {
                (true, _) => 0,
                (false, false) => 1,
                (false, true) => 2,
            };
            states[state] += 1;
        }
        states
    }

    fn participants(&self, as_of: Date) -> Keys {
        let mut found = Keys::new();
        for deed in &self.deeds {
            let starts = matches!(deed.verb, Verb::Started | Verb::Attended | Verb::Completed);
            let Some(person) = self.person(deed) else {
                continue;
            };
            if starts && self.counts(deed, &self.near(deed, &[])) {
                found.entry(person).or_insert((deed.day(), 100));
            }
        }
        found.retain(|_, (day, _)| *day <= as_of && self.is_in_time(*day, 0));
        found
    }

    fn is_developed(&self, object: &str, day: Date) -> bool {
        let developed = self.of_organisations(Verb::Developed, day).into_iter();
        let developed = developed.filter(|(_, deed)| deed.object == object);
        countries(developed.map(|(by, _)| by.to_owned())) >= 2
    }

    fn is_solution(&self, object: &str, day: Date) -> bool {
        let developed = self.of_organisations(Verb::Developed, day);
        let named = developed
            .iter()
            .any(|(_, deed)| deed.object == object && deed.uptake);
        named && self.is_developed(object, day)
    }

    fn is_adopted(&self, object: &str, day: Date) -> bool {
        let adopted = self.of_organisations(Verb::Adopted, day);
        adopted
            .iter()
            .any(|(_, deed)| deed.object == object && deed.evidence)
    }

    /// Whether something held first on a day of the project.
    fn was_in_time(
        &self,
        object: &str,
        through: Date,
        holds: impl Fn(&Self, &str, Date) -> bool,
    ) -> bool {
        let first = days(through).find(|day| holds(self, object, *day));
        first.is_some_and(|day| self.is_in_time(day, 0))
    }

    /// Objects whose kind is that of the register on the day of the first that was told of them.
    fn objects(
        &self,
        kind: &str,
        as_of: Date,
        months: i8,
        holds: impl Fn(&Self, &str, Date) -> bool,
    ) -> Keys {
        let told = self.deeds.iter().filter(|deed| {
            let is_org = matches!(deed.who, Who::Organisation(_));
            let is_pilot =
                || self.of_activity(deed.object, "kind", deed.day()) == Some("pilot-action");
            let about = matches!(deed.verb, Verb::Developed | Verb::Adopted)
                || (deed.verb == Verb::Completed && is_pilot());
            is_org && about && self.counts(deed, &self.near(deed, &[]))
        });
        let mut kinds: BTreeMap<&str, Option<&str>> = BTreeMap::new();
        for deed in told {
            let kind = self.of_activity(deed.object, "kind", deed.day());
            kinds.entry(deed.object).or_insert(kind);
        }
        let of_kind = kinds.into_iter().filter(|(_, found)| *found == Some(kind));
        let keys = of_kind.map(|(object, _)| object.to_owned()).collect();
        self.first_days(keys, (as_of, months), |object, day| {
            holds(self, object, day)
        })
    }

    fn is_partner(&self, organisation: &str, day: Date) -> bool {
        let joined = self.of_organisations(Verb::Joined, day);
        let has_joined = joined.iter().any(|(by, _)| *by == organisation);
        has_joined && countries(joined.iter().map(|(by, _)| (*by).to_owned())) >= 2
    }

    fn partners(&self, as_of: Date) -> Keys {
        let holds = |organisation: &str, day| self.is_partner(organisation, day);
        self.first_days(self.enterprises(), (as_of, 0), holds)
    }

    fn partners_afterwards(&self, as_of: Date) -> Keys {
        self.first_days(self.enterprises(), (as_of, 12), |organisation, day| {
            let signed = self.of_organisations(Verb::Signed, day);
            let beyond = signed.iter().any(|(by, deed)| {
                let end = self.project_day("end", deed.day());
                *by == organisation && end.zip(deed.until).is_some_and(|(end, until)| end < until)
            });
            beyond && self.was_in_time(organisation, day, Self::is_partner)
        })
    }

    fn events(&self, as_of: Date) -> Keys {
        let iris: BTreeSet<String> = self.rows.iter().map(|row| row.entity.id.clone()).collect();
        let of = |iri: &str, field: &str| self.of_activity(iri, field, Date::MAX);
        let events = iris.into_iter().filter(|iri| {
            let told = self.of_organisations(Verb::Organised, Date::MAX);
            let told = told.iter().any(|(_, deed)| {
                let kind = self.of_activity(iri, "kind", deed.day());
                deed.object == iri && kind == Some("public-event")
            });
            let registered =
                of(iri, "kind") == Some("public-event") && of(iri, "project:sing").is_some();
            (registered || told)
                && of(iri, "cancelled") != Some("yes")
                && of(iri, "public") != Some("no")
        });
        self.first_days(events.collect(), (as_of, 0), |event, day| {
            let end = of(event, "end").map(|end| end.parse::<Date>().unwrap());
            end.is_some_and(|end| end <= day) && self.is_joint(event, day)
        })
    }

    /// The first day of support, where that is in time.
    fn supported_since(&self, enterprise: &str) -> Option<Date> {
        let day = self.first_support(enterprise, "")?.day();
        self.is_in_time(day, 0).then_some(day)
    }

    fn jobs(&self, as_of: Date) -> Keys {
        let mut found = Keys::new();
        for enterprise in self.enterprises() {
            let Some(since) = self
                .supported_since(&enterprise)
                .filter(|since| *since <= as_of)
            else {
                continue;
            };
            let measured = self.of_organisations(Verb::Employed, as_of).into_iter();
            let mut measured = measured.filter(|(by, deed)| {
                *by == enterprise && deed.quarters.is_some() && self.is_in_time(deed.day(), 12)
            });
            if let Some((_, last)) = measured.next_back() {
                let (before, after) = last.quarters.unwrap();
                let hundredths = u64::from(after.saturating_sub(before)) * 25;
                found.insert(enterprise, (last.day().max(since), hundredths));
            }
        }
        found
    }

    fn innovations(&self, kinds: &[&str], as_of: Date) -> Keys {
        self.first_days(self.enterprises(), (as_of, 12), |enterprise, day| {
            let introduced = self.of_organisations(Verb::Introduced, day);
            let introduced = introduced
                .iter()
                .any(|(by, deed)| *by == enterprise && kinds.contains(&deed.kind));
            let since = self
                .supported_since(enterprise)
                .filter(|since| *since <= day);
            let large = |day| {
                let headcount = self.value(EntityKind::Organisation, enterprise, "headcount", day);
                headcount.is_some_and(|headcount| headcount.parse::<u32>().unwrap() >= 250)
            };
            introduced && since.is_some_and(|since| !large(since))
        })
    }
}

/// The days up to one, in order.
fn days(through: Date) -> impl Iterator<Item = Date> {
    let last = through.min(QUIET);
    let next = |day: &Date| day.tomorrow().ok();
    std::iter::successors(Some(BEGINNING), next).take_while(move |day| *day <= last)
}

fn countries(organisations: impl Iterator<Item = String>) -> usize {
    let countries: BTreeSet<String> = organisations.map(|id| id[..2].to_owned()).collect();
    countries.len()
}
