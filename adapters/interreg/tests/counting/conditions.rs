//! Each condition of a key and each reason to leave it out.

use jiff::civil::{Date, date};
use serde_json::json;
use varde_core::ports::NewStatement;
use varde_interreg::{Amount, IndicatorValue, Reason, UNKNOWN};
use varde_test_support::Draft;
use varde_xapi::StatementId;

use crate::statements::{A, Act, B, BADGE, MODULE, Told, agent, told};
use crate::world::{SET, World, amount};

const PROJECT: &str = "\
project: sing
title: { nb: Prosjekt, sv: Projekt, en: Project }
zone: Europe/Oslo
start: 2024-01-01
end: 2025-12-31
partners: [{ organisation: NO-123456785, country: NO, role: lead }]
";
const PEOPLE: &str = "\
pseudonym,gender,birth_year_band,nuts3
p-1,female,1980-1989,NO060
p-2,,,SE322
";
const IDENTITIES: &str = "\
ifi,pseudonym
mailto:learner-1@example.org,p-1
mailto:learner-2@example.org,p-2
mailto:learner-11@example.org,p-1
";
const ACTIVITIES: &str = "\
iri,kind,title,project
https://example.org/a,training-scheme,A,sing
https://example.org/b,training-scheme,B,sing
https://example.org/meeting,joint-action,Meeting,sing
https://example.org/other,training-scheme,Other,merse
https://example.org/nobodys,training-scheme,Nobody's,
";
/// A is joint from the beginning, B from March 2025.
const ORGANISERS: &str = "\
iri,orgnr,from
https://example.org/a,123456785,
https://example.org/a,402000-0008,
https://example.org/b,123456785,2025-01-01
https://example.org/b,402000-0008,2025-03-01
https://example.org/other,123456785,
https://example.org/other,402000-0008,
https://example.org/nobodys,123456785,
https://example.org/nobodys,402000-0008,
";
const TABLES: [&str; 5] = [PROJECT, PEOPLE, IDENTITIES, ACTIVITIES, ORGANISERS];
const END: Date = date(2026, 11, 30);

async fn world(told: Vec<Told>) -> World {
    let world = World::new().await;
    world.tables(&TABLES).await;
    for told in told {
        world.append(told.build()).await;
    }
    world
}

async fn value(code: &str, told: Vec<Told>) -> IndicatorValue {
    world(told).await.value(code, END).await
}

/// A case: its name, what happened, the keys and the reasons of what is left out.
type Completing<'a> = (&'a str, Vec<Told>, &'a [&'a str], &'a [Reason]);

/// The keys as `scheme person day`, schemes by their last part.
fn keys(value: &IndicatorValue) -> Vec<String> {
    let last = |iri: &str| iri.rsplit('/').next().unwrap().to_owned();
    let keys = value.keys.iter();
    keys.map(|key| {
        let (unit, person) = (key.unit.as_ref().unwrap(), key.person.as_ref().unwrap());
        format!("{} {person} {}", last(unit), key.day)
    })
    .collect()
}

fn reasons(value: &IndicatorValue) -> Vec<Reason> {
    value
        .exclusions
        .iter()
        .map(|exclusion| exclusion.reason)
        .collect()
}

fn void(number: u64, target: u64) -> NewStatement {
    let body = json!({
        "actor": agent(99),
        "verb": { "id": "http://adlnet.gov/expapi/verbs/voided" },
        "object": { "objectType": "StatementRef", "id": Draft::id(target).to_string() },
    });
    Draft::new(number)
        .voids(target)
        .with(|s| s.body = body.to_string())
        .build()
}

#[tokio::test]
async fn a_participation_is_the_first_start_of_a_person_in_a_scheme() {
    let cases: [(&str, Vec<Told>, &[&str]); 7] = [
        (
            "the first of several starts decides, whichever arrived first",
            vec![
                told(1, 1, Act::Completed, A, "2025-02-02T12:00:00Z"),
                told(2, 1, Act::Started, A, "2025-02-01T12:00:00Z"),
            ],
            &["a p-1 2025-02-01"],
        ),
        (
            "signing up is no start",
            vec![told(1, 1, Act::Enrolled, A, "2025-02-01T12:00:00Z")],
            &[],
        ),
        (
            "two identifiers of one person are one key",
            vec![
                told(1, 1, Act::Started, A, "2025-02-01T12:00:00Z"),
                told(2, 11, Act::Attended, A, "2025-01-01T12:00:00Z"),
            ],
            &["a p-1 2025-01-01"],
        ),
        (
            "a part of a scheme counts for the scheme that is its parent",
            vec![told(1, 1, Act::Completed, MODULE, "2025-02-01T12:00:00Z").below("parent", &[A])],
            &["a p-1 2025-02-01"],
        ),
        (
            "a parent is nearer than a grouping",
            vec![
                told(1, 1, Act::Started, MODULE, "2025-02-01T12:00:00Z")
                    .below("parent", &[A])
                    .below("grouping", &[B]),
            ],
            &["a p-1 2025-02-01"],
        ),
        (
            "one person in two schemes is two keys, two persons in one are two",
            vec![
                told(1, 1, Act::Started, A, "2025-04-01T12:00:00Z"),
                told(2, 1, Act::Started, B, "2025-04-02T12:00:00Z"),
                told(3, 2, Act::Started, A, "2025-04-03T12:00:00Z"),
            ],
            &["a p-1 2025-04-01", "a p-2 2025-04-03", "b p-1 2025-04-02"],
        ),
        (
            "a joint action is no training scheme",
            vec![told(
                1,
                1,
                Act::Attended,
                "https://example.org/meeting",
                "2025-02-01T12:00:00Z",
            )],
            &[],
        ),
    ];
    for (name, told, expected) in cases {
        assert_eq!(keys(&value("RCO85", told).await), expected, "{name}");
    }
}

#[tokio::test]
async fn the_day_is_that_of_the_projects_zone() {
    let told = vec![
        told(1, 1, Act::Started, A, "2025-06-30T22:30:00Z"),
        told(2, 2, Act::Started, A, "2025-12-31T22:30:00Z"),
    ];
    assert_eq!(
        keys(&value("RCO85", told).await),
        ["a p-1 2025-07-01", "a p-2 2025-12-31"]
    );
}

#[tokio::test]
async fn each_member_of_a_group_is_a_person_and_a_group_without_members_is_nobody() {
    let team = json!({ "objectType": "Group", "member": [agent(1), agent(2), agent(11)] });
    let mut firm = agent(1);
    firm["objectType"] = json!("Group");
    let told = vec![
        told(1, 1, Act::Attended, A, "2025-02-01T12:00:00Z").with("actor", team),
        told(2, 1, Act::Attended, B, "2025-04-01T12:00:00Z").with("actor", firm),
    ];
    assert_eq!(
        keys(&value("RCO85", told).await),
        ["a p-1 2025-02-01", "a p-2 2025-02-01"]
    );
}

#[tokio::test]
async fn a_scheme_counts_for_the_project_that_is_nearest() {
    let other = "https://example.org/other";
    let nobodys = "https://example.org/nobodys";
    let at = "2025-02-01T12:00:00Z";
    let cases: [(&str, Told, usize); 5] = [
        (
            "the unit's registration decides",
            told(1, 1, Act::Started, other, at),
            0,
        ),
        (
            "and not the space",
            told(1, 1, Act::Started, A, at).in_space("merse"),
            1,
        ),
        (
            "without one, the grouping's",
            told(1, 1, Act::Started, nobodys, at)
                .below("grouping", &[A])
                .in_space("merse"),
            1,
        ),
        (
            "without any, the space's",
            told(1, 1, Act::Started, nobodys, at),
            1,
        ),
        (
            "which may be another",
            told(1, 1, Act::Started, nobodys, at).in_space("merse"),
            0,
        ),
    ];
    for (name, told, expected) in cases {
        assert_eq!(
            value("RCO85", vec![told]).await.keys.len(),
            expected,
            "{name}"
        );
    }
}

#[tokio::test]
async fn what_is_left_out_is_listed_with_its_reason() {
    let at = "2025-02-01T12:00:00Z";
    let late = "2025-12-31T23:30:00Z";
    let cases: [(&str, Told, Reason); 2] = [
        (
            "RCO85",
            told(1, 1, Act::Started, MODULE, at).below("parent", &[A, B]),
            Reason::AmbiguousUnit,
        ),
        (
            "RCO85",
            told(1, 1, Act::Started, A, late),
            Reason::AfterProjectEnd,
        ),
    ];
    for (code, told, reason) in cases {
        let value = value(code, vec![told]).await;
        assert_eq!((value.value, reasons(&value)), (amount(0), vec![reason]));
        assert_eq!(value.excluded[&reason], 1);
        assert_eq!(value.exclusions[0].statements, [Draft::id(1)]);
    }
}

#[tokio::test]
async fn a_key_counts_from_the_day_on_which_the_second_country_is_on_record() {
    let world = world(vec![told(1, 1, Act::Started, B, "2025-02-01T12:00:00Z")]).await;
    let before = world.value("RCO85", date(2025, 1, 31)).await;
    assert_eq!((before.value, reasons(&before)), (amount(0), vec![]));
    let waiting = world.value("RCO85", date(2025, 2, 28)).await;
    assert_eq!(
        (waiting.value, reasons(&waiting)),
        (amount(0), vec![Reason::CountsLater])
    );
    let joint = world.value("RCO85", date(2025, 3, 1)).await;
    assert_eq!(keys(&joint), ["b p-1 2025-03-01"]);
}

#[tokio::test]
async fn an_organiser_recorded_late_moves_what_was_not_joint() {
    let world = World::new().await;
    let one_country = "iri,orgnr\nhttps://example.org/a,123456785\n";
    world
        .tables(&[PROJECT, PEOPLE, IDENTITIES, ACTIVITIES, one_country])
        .await;
    let sent = world
        .append(told(1, 1, Act::Started, A, "2025-02-01T12:00:00Z").build())
        .await;
    let alone = world.value("RCO85", END).await;
    assert_eq!(
        (alone.value, reasons(&alone)),
        (amount(0), vec![Reason::NotJoint])
    );
    world.tables(&[ORGANISERS]).await;
    assert_eq!(keys(&world.value("RCO85", END).await), ["a p-1 2025-02-01"]);
    let as_known_then = world.report(END, Some(sent)).await;
    assert_eq!(as_known_then.tables[0].indicators[0].value, amount(0));
}

#[tokio::test]
async fn a_completion_is_one_of_the_scheme_itself() {
    let start = || told(1, 1, Act::Started, A, "2025-02-01T12:00:00Z");
    let then = |act, object: &str| vec![start(), told(2, 1, act, object, "2025-03-01T12:00:00Z")];
    let counted: &[&str] = &["a p-1 2025-03-01"];
    let cases: [Completing<'_>; 9] = [
        ("completed", then(Act::Completed, A), counted, &[]),
        ("satisfied", then(Act::Satisfied, A), counted, &[]),
        ("a listed badge", then(Act::Awarded, BADGE), counted, &[]),
        (
            "a badge that is not listed",
            then(Act::Awarded, "https://example.org/x"),
            &[],
            &[],
        ),
        (
            "denied by success",
            then(Act::Unsuccessful, A),
            &[],
            &[Reason::CompletionDenied],
        ),
        (
            "denied by completion",
            then(Act::Partly, A),
            &[],
            &[Reason::CompletionDenied],
        ),
        (
            "a part completed is not the whole",
            vec![
                start(),
                told(2, 1, Act::Completed, MODULE, "2025-03-01T12:00:00Z").below("parent", &[A]),
            ],
            &[],
            &[],
        ),
        (
            "satisfied without ever starting",
            vec![told(2, 1, Act::Satisfied, A, "2025-03-01T12:00:00Z")],
            &[],
            &[Reason::NoParticipation],
        ),
        (
            "a completion that is a start as well needs no other",
            vec![told(2, 1, Act::Completed, A, "2025-03-01T12:00:00Z")],
            counted,
            &[],
        ),
    ];
    for (name, told, expected, excluded) in cases {
        let value = value("RCR81", told).await;
        assert_eq!(keys(&value), expected, "{name}");
        assert_eq!(reasons(&value), excluded, "{name}");
    }
}

#[tokio::test]
async fn the_latest_of_completed_and_uncompleted_counts() {
    let day = |n: u64, act, object| told(n, 1, act, object, &format!("2025-03-0{n}T12:00:00Z"));
    let cases: [Completing<'_>; 5] = [
        (
            "taken back",
            vec![day(1, Act::Completed, A), day(2, Act::Uncompleted, A)],
            &[],
            &[Reason::CompletionUndone],
        ),
        (
            "and completed again",
            vec![
                day(1, Act::Completed, A),
                day(2, Act::Uncompleted, A),
                day(3, Act::Completed, A),
            ],
            &["a p-1 2025-03-03"],
            &[],
        ),
        (
            "a module taken back leaves the scheme completed",
            vec![
                day(1, Act::Completed, A),
                day(2, Act::Uncompleted, MODULE).below("parent", &[A]),
            ],
            &["a p-1 2025-03-01"],
            &[],
        ),
        (
            "a badge taken back",
            vec![
                day(1, Act::Started, A),
                day(2, Act::Awarded, BADGE),
                day(3, Act::Forfeited, BADGE),
            ],
            &[],
            &[Reason::CompletionUndone],
        ),
        (
            "a badge taken back leaves the front end's own word",
            vec![
                day(1, Act::Awarded, BADGE),
                day(2, Act::Completed, A),
                day(3, Act::Forfeited, BADGE),
            ],
            &["a p-1 2025-03-02"],
            &[],
        ),
    ];
    for (name, told, expected, excluded) in cases {
        let value = value("RCR81", told).await;
        assert_eq!(keys(&value), expected, "{name}");
        assert_eq!(reasons(&value), excluded, "{name}");
    }
}

#[tokio::test]
async fn a_completion_waits_for_its_participation_and_never_outnumbers_it() {
    let world = world(vec![told(1, 1, Act::Completed, B, "2025-02-01T12:00:00Z")]).await;
    for day in [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 1), END] {
        let began = world.value("RCO85", day).await.value;
        let completed = world.value("RCR81", day).await.value;
        assert_eq!(began, completed, "{day}");
    }
    assert_eq!(keys(&world.value("RCR81", END).await), ["b p-1 2025-03-01"]);
}

#[tokio::test]
async fn the_months_after_the_end_are_the_sets_to_give() {
    let set = SET.replace(
        "rule: joint-training-completions",
        "rule: joint-training-completions, months_after_end: 2",
    );
    let world = World::counting_by(&set).await;
    world.tables(&TABLES).await;
    for (number, learner, act, at) in [
        (1, 1, Act::Started, "2025-12-01T12:00:00Z"),
        (2, 1, Act::Completed, "2026-02-28T12:00:00Z"),
        (3, 2, Act::Started, "2025-12-01T12:00:00Z"),
        (4, 2, Act::Completed, "2026-03-01T12:00:00Z"),
    ] {
        world
            .append(told(number, learner, act, A, at).build())
            .await;
    }
    let value = world.value("RCR81", END).await;
    assert_eq!(keys(&value), ["a p-1 2026-02-28"]);
    assert_eq!(reasons(&value), [Reason::AfterProjectEnd]);
}

#[tokio::test]
async fn a_voided_start_gives_way_to_the_next_one() {
    let world = world(vec![
        told(1, 1, Act::Started, A, "2025-02-01T12:00:00Z"),
        told(2, 1, Act::Started, A, "2025-02-02T12:00:00Z"),
    ])
    .await;
    world.append(void(3, 1)).await;
    assert_eq!(keys(&world.value("RCO85", END).await), ["a p-1 2025-02-02"]);
    world.append(void(4, 2)).await;
    assert_eq!(world.value("RCO85", END).await.value, amount(0));
}

#[tokio::test]
async fn an_unknown_person_counts_and_is_marked_and_an_alias_joins_two_keys() {
    let world = world(vec![
        told(1, 1, Act::Started, A, "2025-02-01T12:00:00Z"),
        told(2, 77, Act::Started, A, "2025-02-02T12:00:00Z"),
    ])
    .await;
    let value = world.value("RCO85", END).await;
    assert_eq!((value.value, value.unresolved), (amount(2), 1));
    assert_eq!(value.breakdowns["country"][UNKNOWN], amount(1));
    world
        .tables(&["ifi,pseudonym\nmailto:learner-77@example.org,p-1\n"])
        .await;
    let value = world.value("RCO85", END).await;
    assert_eq!((value.value, value.unresolved), (amount(1), 0));
}

#[tokio::test]
async fn breakdowns_are_those_of_the_keys_day_and_sum_to_the_value() {
    let world = world(vec![
        told(1, 1, Act::Started, A, "2025-02-01T12:00:00Z"),
        told(2, 2, Act::Started, A, "2025-02-01T12:00:00Z")
            .team("https://bolagsverket.se/organisationsnummer", "402000-0008"),
        told(3, 77, Act::Started, A, "2025-02-01T12:00:00Z"),
        told(4, 1, Act::Started, B, "2025-04-01T12:00:00Z"),
    ])
    .await;
    world
        .tables(&["pseudonym,orgnr,from,to\np-1,123456785,2025-01-01,2025-02-28\np-1,100000016,2025-04-01,\np-1,100000024,2025-04-01,\n"])
        .await;
    let value = world.value("RCO85", END).await;
    let cells = |dimension: &str| {
        let cells = value.breakdowns[dimension].iter();
        cells
            .map(|(cell, count)| format!("{cell}={count}"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(cells("country"), "NO=2 SE=1 unknown=1");
    assert_eq!(cells("nuts3"), "NO060=2 SE322=1 unknown=1");
    assert_eq!(cells("gender"), "female=2 unknown=2");
    assert_eq!(cells("birth_year_band"), "1980-1989=2 unknown=2");
    assert_eq!(
        cells("organisation"),
        "NO-123456785=1 SE-402000-0008=1 several=1 unknown=1"
    );
    assert_eq!(
        cells("scheme"),
        "https://example.org/a=3 https://example.org/b=1"
    );
    for (dimension, cells) in &value.breakdowns {
        assert_eq!(
            cells.values().copied().sum::<Amount>(),
            value.value,
            "{dimension}"
        );
    }
}

#[tokio::test]
async fn a_key_names_the_statements_and_the_register_rows_that_it_rests_on() {
    let world = world(vec![
        told(1, 1, Act::Started, A, "2025-02-01T12:00:00Z"),
        told(2, 1, Act::Completed, A, "2025-02-02T12:00:00Z"),
    ])
    .await;
    let value = world.value("RCR81", END).await;
    let ids: [StatementId; 2] = [Draft::id(2), Draft::id(1)];
    assert_eq!(value.keys[0].statements, ids);
    // Zone, end, identity, kind, project, two organisers, and three of the person.
    assert_eq!(value.keys[0].rows.len(), 10);
}

#[tokio::test]
async fn without_a_project_file_the_zone_is_oslos_and_nothing_is_too_late() {
    let world = World::new().await;
    world
        .tables(&[PEOPLE, IDENTITIES, ACTIVITIES, ORGANISERS])
        .await;
    world
        .append(told(1, 1, Act::Started, A, "2026-06-30T22:30:00Z").build())
        .await;
    // The clock stands at March 2026, so this statement lies too far ahead to count.
    assert_eq!(world.value("RCO85", END).await.value, amount(0));
    world
        .append(told(2, 1, Act::Started, A, "2026-01-31T23:30:00Z").build())
        .await;
    assert_eq!(keys(&world.value("RCO85", END).await), ["a p-1 2026-02-01"]);
    world.tables(&[PROJECT]).await;
    let late = world.value("RCO85", END).await;
    assert_eq!(reasons(&late), [Reason::AfterProjectEnd]);
}
