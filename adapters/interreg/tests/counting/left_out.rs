//! What is considered and left out, each with its reason; what counts beside it; candidates and breaches.

use jiff::civil::{Date, date};
use varde_interreg::{Amount, IndicatorTable, Reason};

use crate::deeds::{
    ACTION, Deed, EVENT, ORGANISATIONS, PILOT, SCHEME, SOLUTION, STRATEGY, THING, Verb, Who,
};
use crate::whole_set;
use crate::world::World;

const PROJECT: &str = "\
project: sing
title: { nb: Prosjekt, sv: Projekt, en: Project }
zone: Europe/Oslo
start: 2024-01-01
end: 2025-12-31
partners: [{ organisation: NO-100000016, country: NO, role: lead }]
";
const ORGANISATION_TABLE: &str = "\
country,orgnr,name,nuts3,nuts_version,nace,headcount,turnover_meur,balance_meur,founded_on
NO,100000016,Eldre,NO060,2024,31.09,6,0.7,0.3,2015-01-01
NO,100000024,Stor,NO060,2024,31.09,300,60,50,2023-01-01
SE,402000-0008,Ukjent,,,,,,,
";
const ACTIVITIES: &str = "\
iri,kind,title,project,start,end,public,cancelled,inclusion,nuts3
https://example.org/scheme,training-scheme,S,sing,,,,,,
https://example.org/action,joint-action,A,sing,,,,,yes,
https://example.org/event,public-event,E,sing,,,,,,
https://example.org/held,public-event,H,sing,,2025-03-01,yes,,,SE322
https://example.org/called-off,public-event,C,sing,,2025-03-01,yes,yes,,
https://example.org/closed,public-event,P,sing,,2025-03-01,no,,,
https://example.org/alone,public-event,N,sing,,2025-03-01,yes,,,
";
const ORGANISERS: &str = "\
iri,orgnr
https://example.org/scheme,100000016
https://example.org/scheme,402000-0008
https://example.org/event,100000016
https://example.org/event,402000-0008
https://example.org/held,100000016
https://example.org/held,402000-0008
https://example.org/alone,100000016
";
const PEOPLE: &str = "pseudonym,gender,birth_year_band,nuts3\np-1,female,1980-1989,NO060\n";
const IDENTITIES: &str = "ifi,pseudonym\nmailto:learner-1@example.org,p-1\n";
const AFFILIATIONS: &str = "pseudonym,orgnr,from,to\np-1,100000024,,\n";
const END: Date = date(2026, 11, 30);

/// A small enterprise of 2015.
const OLD: &str = ORGANISATIONS[0];
/// A large one of 2023.
const LARGE: &str = ORGANISATIONS[1];
/// One of which the register tells nothing.
const UNKNOWN: &str = ORGANISATIONS[2];
/// One that is not in the register.
const OTHER: &str = ORGANISATIONS[3];

fn deed(number: u64, by: &'static str, verb: Verb, object: &'static str, day: &str) -> Deed {
    Deed {
        number,
        space: "sing",
        at: format!("{day}T10:00:00Z").parse().unwrap(),
        who: Who::Organisation(by),
        verb,
        object,
        parents: Vec::new(),
        kind: match verb {
            Verb::Received => "non-financial",
            Verb::Introduced => "product",
            _ => "partner",
        },
        minutes: 60,
        uptake: false,
        legal: false,
        evidence: false,
        quarters: None,
        until: None,
    }
}

async fn table(deeds: Vec<Deed>) -> IndicatorTable {
    let world = World::counting_by(&whole_set::file()).await;
    let tables = [
        PROJECT,
        ORGANISATION_TABLE,
        ACTIVITIES,
        ORGANISERS,
        PEOPLE,
        IDENTITIES,
        AFFILIATIONS,
    ];
    world.tables(&tables).await;
    for deed in deeds {
        world.append(deed.statement()).await;
    }
    let mut report = world.report(END, None).await;
    report.tables.remove(0)
}

fn reasons(table: &IndicatorTable, code: &str, about: &str) -> Vec<Reason> {
    let value = table
        .indicators
        .iter()
        .find(|value| value.code.to_string() == code)
        .unwrap();
    let about = value.exclusions.iter().filter(|one| {
        one.organisation.as_deref() == Some(about)
            || one.units.first().is_some_and(|unit| unit == about)
    });
    about.map(|one| one.reason).collect()
}

fn value(table: &IndicatorTable, code: &str) -> Amount {
    let mut values = table.indicators.iter();
    values
        .find(|value| value.code.to_string() == code)
        .unwrap()
        .value
}

#[tokio::test]
async fn enterprises_are_left_out_with_the_reason() {
    let day = "2025-02-03";
    let told = table(vec![
        deed(1, OLD, Verb::Received, THING, day),
        deed(2, LARGE, Verb::Received, THING, day),
        deed(3, UNKNOWN, Verb::Received, THING, day),
        deed(4, OTHER, Verb::Received, THING, "2026-02-03"),
        deed(5, LARGE, Verb::Introduced, THING, day),
        deed(6, OTHER, Verb::Introduced, THING, day),
        Deed {
            quarters: Some((4, 9)),
            ..deed(7, OLD, Verb::Employed, THING, "2025-06-01")
        },
        deed(8, LARGE, Verb::Employed, THING, "2025-06-01"),
        Deed {
            quarters: Some((9, 4)),
            ..deed(9, UNKNOWN, Verb::Employed, THING, "2025-06-01")
        },
    ])
    .await;
    let cases = [
        ("RCO01", OTHER, Reason::AfterProjectEnd),
        ("RCO04", OLD, Reason::SupportTooShort),
        ("RCO05", OLD, Reason::NotNew),
        ("RCO05", UNKNOWN, Reason::AgeUnknown),
        ("RCR03", LARGE, Reason::LargeEnterprise),
        ("RCR03", OTHER, Reason::AfterProjectEnd),
        ("RCR01", LARGE, Reason::NoFigures),
    ];
    for (code, about, reason) in cases {
        assert_eq!(reasons(&told, code, about), [reason], "{code} of {about}");
    }
    assert_eq!(value(&told, "RCO01"), 3.into());
    assert_eq!(value(&told, "RCO05"), 1.into());
    // Jobs that one enterprise lost do not lessen those of another.
    assert_eq!(value(&told, "RCR01").to_string(), "1.25");
    let jobs = told
        .indicators
        .iter()
        .find(|value| value.code.to_string() == "RCR01")
        .unwrap();
    assert_eq!(
        jobs.provisional, 2,
        "a year has not passed since the project's end"
    );
    let supported = &told.indicators[0];
    let sizes = &supported.breakdowns["size"];
    assert_eq!(
        sizes
            .iter()
            .map(|(size, n)| format!("{size} {n}"))
            .collect::<Vec<_>>(),
        ["large 1", "micro 1", "unknown 1"]
    );
    assert_eq!(told.breaches, []);
}

/// A strategy of one country, adopted without evidence; a solution without actions; a pilot.
fn developed() -> Vec<Deed> {
    let day = "2025-02-03";
    vec![
        deed(1, OLD, Verb::Developed, STRATEGY, day),
        deed(2, OLD, Verb::Adopted, STRATEGY, "2025-02-04"),
        deed(3, OLD, Verb::Developed, SOLUTION, day),
        deed(4, UNKNOWN, Verb::Developed, SOLUTION, day),
        deed(5, OLD, Verb::Developed, PILOT, day),
        deed(6, UNKNOWN, Verb::Developed, PILOT, day),
    ]
}

#[tokio::test]
async fn what_is_developed_and_adopted_is_left_out_with_the_reason() {
    let mut told = developed();
    told.push(Deed {
        evidence: true,
        ..deed(7, OTHER, Verb::Adopted, SOLUTION, "2025-02-05")
    });
    let told = table(told).await;
    // None of the three is registered, so nothing says what they are.
    assert_eq!(value(&told, "RCO83"), 0.into());
    let world = World::counting_by(&whole_set::file()).await;
    let kinds = "iri,kind,title,project\n\
        https://example.org/strategy,strategy,S,sing\n\
        https://example.org/solution,solution,S,sing\n\
        https://example.org/pilot,pilot-action,P,sing\n";
    world.tables(&[PROJECT, kinds]).await;
    for deed in developed() {
        world.append(deed.statement()).await;
    }
    let told = world.report(END, None).await.tables.remove(0);
    let cases = [
        ("RCO83", STRATEGY, Reason::NotJointlyDeveloped),
        ("RCR79", STRATEGY, Reason::NoEvidence),
        ("RCO116", SOLUTION, Reason::NoUptakeActions),
        ("RCO84", PILOT, Reason::NotFinished),
    ];
    for (code, about, reason) in cases {
        assert_eq!(reasons(&told, code, about), [reason], "{code} of {about}");
    }
    let more = [
        Deed {
            uptake: true,
            legal: true,
            ..deed(8, OLD, Verb::Developed, SOLUTION, "2025-02-06")
        },
        Deed {
            evidence: true,
            ..deed(9, OTHER, Verb::Adopted, SOLUTION, "2025-02-07")
        },
        Deed {
            evidence: true,
            ..deed(10, OTHER, Verb::Adopted, STRATEGY, "2025-02-07")
        },
    ];
    for deed in more {
        world.append(deed.statement()).await;
    }
    let told = world.report(END, None).await.tables.remove(0);
    assert_eq!(value(&told, "RCO116"), 1.into());
    assert_eq!(
        reasons(&told, "RCR104", SOLUTION),
        [Reason::LegalOrAdministrative]
    );
    assert_eq!(
        reasons(&told, "RCR79", STRATEGY),
        [Reason::NotJointlyDeveloped]
    );
}

#[tokio::test]
async fn partners_and_events_are_left_out_with_the_reason() {
    let told = table(vec![
        deed(1, OLD, Verb::Joined, THING, "2025-02-03"),
        deed(2, LARGE, Verb::Joined, THING, "2025-02-03"),
        Deed {
            until: Some(date(2025, 12, 31)),
            ..deed(3, OLD, Verb::Signed, THING, "2025-05-01")
        },
        Deed {
            until: Some(date(2026, 12, 31)),
            ..deed(4, OTHER, Verb::Signed, THING, "2025-05-01")
        },
    ])
    .await;
    let cases = [
        ("RCO87", OLD, Reason::OneCountryOnly),
        ("RCR84", OLD, Reason::EndsWithProject),
        ("RCR84", OTHER, Reason::NotInPartnership),
        ("RCO115", EVENT, Reason::NoEndDay),
        (
            "RCO115",
            "https://example.org/called-off",
            Reason::Cancelled,
        ),
        ("RCO115", "https://example.org/closed", Reason::NotPublic),
        ("RCO115", "https://example.org/alone", Reason::NotJoint),
    ];
    for (code, about, reason) in cases {
        assert_eq!(reasons(&told, code, about), [reason], "{code} of {about}");
    }
    // Nobody told of the event that was held; the register's word is enough.
    let events = told
        .indicators
        .iter()
        .find(|value| value.code.to_string() == "RCO115")
        .unwrap();
    assert_eq!(
        events.keys[0].unit.as_deref(),
        Some("https://example.org/held")
    );
    assert_eq!(
        (events.keys[0].day, events.keys[0].statements.len()),
        (date(2025, 3, 1), 0)
    );
    assert_eq!(events.breakdowns["country"]["SE"], 1.into());
}

#[tokio::test]
async fn who_trained_without_support_on_record_is_a_candidate_and_no_more() {
    let person = |number, verb, day| Deed {
        who: Who::Person(1),
        ..deed(number, OLD, verb, SCHEME, day)
    };
    let completed = || {
        vec![
            person(1, Verb::Started, "2025-02-03"),
            person(2, Verb::Completed, "2025-03-03"),
        ]
    };
    let told = table(completed()).await;
    let supported = told
        .indicators
        .iter()
        .find(|value| value.code.to_string() == "RCO04")
        .unwrap();
    assert_eq!(supported.value, 0.into());
    let candidate = &supported.candidates[0];
    assert_eq!(
        (
            candidate.organisation.as_str(),
            candidate.completions,
            candidate.day
        ),
        (LARGE, 1, date(2025, 3, 3))
    );
    assert_eq!(candidate.statements.len(), 2);
    // Once support is on record, long enough or not, it is one no more.
    let mut deeds = completed();
    deeds.push(deed(3, LARGE, Verb::Received, THING, "2025-02-03"));
    let told = table(deeds).await;
    let supported = told
        .indicators
        .iter()
        .find(|value| value.code.to_string() == "RCO04")
        .unwrap();
    assert_eq!(supported.candidates, []);
}

#[tokio::test]
async fn training_counts_as_a_joint_action_where_the_set_says_so() {
    let attended = |object| Deed {
        who: Who::Person(1),
        ..deed(1, OLD, Verb::Attended, object, "2025-02-03")
    };
    let off = "training_counts_as_joint_action: false";
    assert!(whole_set::file().contains(off));
    let switched = whole_set::file().replace(off, "training_counts_as_joint_action: true");
    for (set, expected) in [(whole_set::file(), 0_u64), (switched, 1)] {
        let world = World::counting_by(&set).await;
        world.tables(&[PROJECT, ACTIVITIES, ORGANISERS]).await;
        world.append(attended(SCHEME).statement()).await;
        assert_eq!(world.value("RCO81", END).await.value, expected.into());
        assert_eq!(world.value("RCO85", END).await.value, 1.into());
    }
    // An action that nobody of another country organises is listed.
    let told = table(vec![attended(ACTION)]).await;
    assert_eq!(reasons(&told, "RCO81", ACTION), [Reason::NotJoint]);
}
