//! What must come out of the demonstration, worked out by hand from `demo/programme.csv`.
//!
//! **Who began and who finished which scheme.** T is Trøndelag (p-001 to p-016, in Norway), J is
//! Jämtland (p-017 to p-028) and V is Västernorrland (p-029 to p-040, both in Sweden).
//!
//! | scheme | taught in | joint | began: T | J | V | all | finished: T | J | V | all |
//! |---|---|---|---|---|---|---|---|---|---|---|
//! | Start a business together | Moodle | yes | 10 (001–010) | 6 (017–022) | 4 (029–032) | 20 | 8 (001–008) | 5 (017–021) | 3 (029–031) | 16 |
//! | Working across the border | cmi5 | yes | 6 (009–014) | 5 (021–025) | 5 (031–035) | 16 | 4 (009, 010, 012, 013) | 4 (021–024) | 3 (031, 032, 034) | 11 |
//! | Book of ideas | H5P | no | 2 | 4 | 6 | 12 | 1 | 3 | 3 | 7 |
//! | **RCO85, RCR81** | | | **16** | **11** | **9** | **36** | **12** | **9** | **6** | **27** |
//!
//! **As of 28 February.** Everybody who began in Moodle had by then (the quiz is begun the day after
//! the first), p-022 among them; in cmi5 p-009, p-010, p-011 and p-012: 24. The eight of T had
//! finished in Moodle: 8.
//!
//! **The reports.** By 31 March 35 had begun and 22 had finished; with the one who was ticked on the list by
//! mistake, and the 12 of earlier reports, 48. By 30 June one more had begun and five more had finished, and
//! the mistake was taken back.
//!
//! What must not change these numbers:
//!
//! - p-011 and p-033 signed up in Moodle and never began there.
//! - p-003's statements came from Moodle twice, the second time under other ids.
//! - p-012 began the cmi5 course under an old account and finished under a new one: one learner.
//! - p-013's launch was sent twice under one id.
//! - p-036's launch was voided, and there is no other statement of p-036 in that course.
//! - p-022's beginning in Moodle, in February, arrived after everything of April.
//! - The answers to single questions in H5P and the quiz attempts in Moodle complete no scheme.
//!
//! **Competences.** Planning, by the best quiz attempt in Moodle (points of 10; 9 and more show
//! level 4, 8 level 3, 6 level 2, 4 level 1): five learners at level 4 (001, 004, 007, 019, 021),
//! four at 3 (002, 006, 017, 030), five at 2 (003, 005, 018, 020, 031), two at 1 (008, 029);
//! below the first level stay 009 and 032. p-006 improved from 5 to 8; p-007 fell from 9 to 4 and
//! keeps level 4. Working with others, by passing the cmi5 unit, level 3: the eleven who finished
//! and p-033, who passed without finishing; p-014 and p-025 failed. Spotting opportunities, by
//! completing the book, level 2: seven.
//!
//! **Before and after.** Of the thirteen who took the quiz before the course, p-020 reached no level in it. The
//! others, before and after: 001 1 4, 002 1 3, 003 1 2, 004 2 4, 005 1 2, 008 1 1, 017 2 3, 018 1 2, 019 2 4,
//! 021 2 4, 029 1 1, 030 1 3: 16 of 12 before, 33 of 12 after.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use super::Shown;
use super::material::{AS_OF, PLANNING};
use super::page::distribution;
use super::play;
use super::reporting::{Figures, Submitted};
use super::results::{Change, Indicator, Results};
use super::stage::Stage;
use crate::terminal::Look;

const MOODLE: &str = "https://moodle.example.org/course/view.php?id=7";
const CMI5: &str = "https://cmi5.example.net/courses/across-the-border";

/// An indicator's value with its cells.
struct Expected {
    code: &'static str,
    value: u64,
    country: [(&'static str, u64); 2],
    nuts3: [(&'static str, u64); 3],
    scheme: [(&'static str, u64); 2],
    gender: [(&'static str, u64); 2],
}

/// Odd pseudonyms are women in `people.csv`, even ones men.
const INDICATORS: [Expected; 2] = [
    Expected {
        code: "RCO85",
        value: 36,
        country: [("NO", 16), ("SE", 20)],
        nuts3: [("NO060", 16), ("SE321", 9), ("SE322", 11)],
        scheme: [(CMI5, 16), (MOODLE, 20)],
        gender: [("female", 19), ("male", 17)],
    },
    Expected {
        code: "RCR81",
        value: 27,
        country: [("NO", 12), ("SE", 15)],
        nuts3: [("NO060", 12), ("SE321", 6), ("SE322", 9)],
        scheme: [(CMI5, 11), (MOODLE, 16)],
        gender: [("female", 14), ("male", 13)],
    },
];

/// Competence (the end of its IRI), level, learners.
const OUTCOMES: [(&str, u32, u64); 6] = [
    ("planning-and-management", 1, 2),
    ("planning-and-management", 2, 5),
    ("planning-and-management", 3, 4),
    ("planning-and-management", 4, 5),
    ("spotting-opportunities", 2, 7),
    ("working-with-others", 3, 12),
];

async fn once() -> (Shown, [u64; 2], String) {
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let stage = Stage::set_up(anywhere).await.expect("a stage");
    let messages = play::messages().expect("a programme");
    let shown = super::perform(&stage, &messages, |_| {})
        .await
        .expect("results");
    let in_february = values(&stage, "2025-02-28").await;
    let page = super::page::opening(Look::PLAIN, &shown.played, 40)
        + &super::page::results(Look::PLAIN, &shown.results)
        + &super::page::reports(Look::PLAIN, &shown.reports)
        + &super::page::closing(Look::PLAIN, &stage.base(), &stage.key(), stage.account());
    stage.tear_down().await.expect("an orderly end");
    (shown, in_february, page)
}

/// Returns the values of both indicators as of a day.
async fn values(stage: &Stage, as_of: &str) -> [u64; 2] {
    let path = format!("/api/v1/indicators?as_of={as_of}");
    let answer = stage.client().get(&path).await.expect("an answer");
    let indicators = &answer.body["tables"][0]["indicators"];
    [0, 1].map(|n| indicators[n]["value"].as_u64().expect("a value"))
}

/// Returns what is said of a learner's planning, in English, and follows it by hand to the level.
async fn planning_of(stage: &Stage, person: &str) -> Vec<String> {
    let path =
        format!("/api/v1/outcomes/explanation?person={person}&competence={PLANNING}&as_of={AS_OF}");
    let answer = stage.client().get(&path).await.expect("an answer");
    let explanation = &answer.body["explanations"][0];
    let pieces = ["evidence", "near_misses"].map(|key| explanation[key].as_array());
    let pieces = pieces.into_iter().flatten().flatten();
    pieces
        .map(|piece| {
            let text = piece["sentences"]["en"].as_str().expect("a sentence");
            let (said, by) = text.split_once(". Rule ").expect("a rule");
            let statement = piece["statements"][0].as_str().expect("an id");
            assert!(by.starts_with("demo/planning-quiz@1; statement"), "{text}");
            assert!(by.contains(statement), "{text}");
            let (_, said) = said.split_once(": ").expect("a day");
            said.to_owned()
        })
        .collect()
}

#[tokio::test]
async fn the_explanation_of_a_learner_can_be_followed_by_hand() {
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let stage = Stage::set_up(anywhere).await.expect("a stage");
    let messages = play::messages().expect("a programme");
    let performed = super::perform(&stage, &messages, |_| {}).await;
    performed.expect("results");
    // Fell from 9 to 4 points, and keeps level 4.
    assert_eq!(
        planning_of(&stage, "p-007").await,
        [
            "level 4 (Dare), because 0.9 is at least 0.90",
            "level 1 (Discover), because 0.4 is at least 0.40",
        ]
    );
    // Improved from 5 to 8 points.
    assert_eq!(
        planning_of(&stage, "p-006").await,
        [
            "level 3 (Experiment), because 0.8 is at least 0.80",
            "level 1 (Discover), because 0.5 is at least 0.40",
        ]
    );
    // Below the first level.
    let none = planning_of(&stage, "p-009").await;
    assert!(
        none.iter()
            .all(|said| said.starts_with("no level, because ")),
        "{none:?}"
    );
    assert!(!none.is_empty());
    stage.tear_down().await.expect("an orderly end");
}

fn check(indicator: &Indicator, expected: &Expected) {
    let code = expected.code;
    assert_eq!(
        (indicator.code.as_str(), indicator.value),
        (code, expected.value)
    );
    let cells = |cells: &[(&str, u64)]| -> BTreeMap<String, u64> {
        cells
            .iter()
            .map(|(cell, count)| ((*cell).to_owned(), *count))
            .collect()
    };
    for (dimension, expected) in [
        ("country", cells(&expected.country)),
        ("nuts3", cells(&expected.nuts3)),
        ("scheme", cells(&expected.scheme)),
        ("gender", cells(&expected.gender)),
    ] {
        assert_eq!(
            indicator.breakdowns[dimension], expected,
            "{code} by {dimension}"
        );
    }
    assert_eq!(indicator.keys.len() as u64, expected.value);
    assert!(
        indicator.keys.iter().all(|key| !key.statements.is_empty()),
        "{code} has evidence"
    );
}

/// Code, previous, new, correction and total of each indicator.
type Line = (&'static str, [&'static str; 4]);

/// Of participations 12 had been reported before; one of the first report was a mistake.
const REPORTS: [(&str, [Line; 2]); 2] = [
    (
        "2025-03-31",
        [
            ("RCO85", ["12", "36", "0", "48"]),
            ("RCR81", ["0", "22", "0", "22"]),
        ],
    ),
    (
        "2025-06-30",
        [
            ("RCO85", ["48", "1", "-1", "48"]),
            ("RCR81", ["22", "5", "0", "27"]),
        ],
    ),
];

fn check_reports(reports: &[Submitted; 2]) {
    for (submitted, (period, lines)) in reports.iter().zip(REPORTS) {
        assert_eq!(submitted.period, period);
        assert_eq!(submitted.report.indicators.len(), lines.len());
        for (indicator, (code, [previous, new, correction, total])) in
            submitted.report.indicators.iter().zip(lines)
        {
            let expected = Figures {
                previous: previous.to_owned(),
                new: new.to_owned(),
                correction: correction.to_owned(),
                total: total.to_owned(),
            };
            assert_eq!(indicator.code, code);
            assert_eq!(
                indicator.figures.as_ref(),
                Some(&expected),
                "{code} to {period}"
            );
        }
    }
    let [first, second] = reports
        .each_ref()
        .map(|submitted| &submitted.report.indicators[0].corrections);
    assert_eq!(first, &[]);
    assert_eq!(second.len(), 1);
    assert_eq!(second[0].amount, "-1");
    assert!(
        second[0].sentence.contains("was voided by"),
        "{}",
        second[0].sentence
    );
}

fn counts(results: &Results) -> Vec<(String, u32, u64)> {
    let levels = distribution(&results.outcomes);
    let end = |competence: &str| competence.rsplit('/').next().unwrap_or_default().to_owned();
    levels
        .into_iter()
        .map(|((iri, level, _), count)| (end(iri), level, count))
        .collect()
}

#[tokio::test]
async fn the_demonstration_gives_the_known_answer_each_time() {
    let (shown, in_february, page) = once().await;
    let Shown {
        played,
        results: first,
        reports,
    } = shown;
    for (indicator, expected) in first.indicators.iter().zip(&INDICATORS) {
        check(indicator, expected);
    }
    assert_eq!(first.indicators.len(), INDICATORS.len());
    let participations = &first.indicators[0];
    assert_eq!(
        participations.excluded["not-joint"], 12,
        "who began the book of ideas"
    );
    assert_eq!(
        first.indicators[1].excluded["not-joint"], 7,
        "who finished it"
    );
    assert_eq!(in_february, [24, 8]);
    let change = Change {
        paired: 12,
        mean_pre: Some("1.3333".to_owned()),
        mean_post: Some("2.75".to_owned()),
    };
    assert_eq!(first.change, change);
    let expected = OUTCOMES.map(|(end, level, count)| (end.to_owned(), level, count));
    assert_eq!(counts(&first), expected);
    assert!(
        first
            .outcomes
            .iter()
            .all(|outcome| !outcome.statements.is_empty())
    );

    // One learner under two accounts: one key, resting on what both accounts did.
    let twice: Vec<_> = participations
        .keys
        .iter()
        .filter(|key| key.person.as_deref() == Some("p-012"))
        .collect();
    assert_eq!(twice.len(), 1);

    for line in page.lines() {
        assert!(line.chars().count() <= 80, "over 80 columns: {line}");
    }
    assert!(
        !page.contains("mailto:") && !page.contains("Learner "),
        "nobody is named"
    );

    check_reports(&reports);
    let (again, in_february_again, _) = once().await;
    let (played_again, second) = (again.played, again.results);
    check_reports(&again.reports);
    assert_eq!(in_february_again, in_february);
    assert_eq!(played.statements, played_again.statements);
    assert_eq!(counts(&second), counts(&first));
    for (indicator, expected) in second.indicators.iter().zip(&INDICATORS) {
        check(indicator, expected);
    }
}
