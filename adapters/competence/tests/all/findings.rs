//! One statement, one rule: what it shows, and why.

use std::sync::Arc;

use jiff::civil::date;
use serde_json::{Value, json};
use varde_competence::{EvidenceRule, Finding, Verdict};
use varde_core::Position;
use varde_core::ledger::{Adapter, Entry, KnownFact, Rulebook, Witness};
use varde_core::people::{IdentityId, PersonKeys};
use varde_core::ports::{EventKind, Happened, LogEvent};
use varde_core::registers::{PersonId, RegisterView, Registers};
use varde_test_support::{acquainted_with, identity, space};
use varde_xapi::{Ifi, Stored};

use crate::world::{ASSESSMENT, QUIZ, REFLECTION, Sent, definition, id};

fn compile(rule: &str) -> Arc<dyn Rulebook> {
    EvidenceRule
        .compile(&definition(rule))
        .expect("the rule compiles")
}

/// Registers with a project and these rows.
pub(crate) fn registers(rows: &Value) -> Registers {
    let mut registers = Registers::default();
    let mut rows = rows.clone();
    let project =
        json!({"entity": {"kind": "project", "id": "sing"}, "field": "title:en", "value": "SING"});
    rows.as_array_mut().expect("rows").push(project);
    let what = Happened::Event(EventKind::Registers, json!({"rows": rows}).to_string());
    let event = LogEvent {
        position: Position(1),
        stored: Stored(1),
        what,
    };
    registers
        .add(&event, &PersonKeys::default())
        .expect("register rows");
    registers
}

/// Returns the facts of a statement, told as JSON text.
fn facts(rulebook: &dyn Rulebook, number: u128, text: &str) -> Vec<KnownFact> {
    let statement = varde_xapi::read(text).expect("a statement");
    let happened = statement.timestamp.as_ref().expect("a timestamp").instant;
    let space = space("sing");
    let (id, stored) = (id(number), Stored(2));
    let acquainted = acquainted_with(statement.actor.ifi());
    let witness = Witness {
        acquainted: &acquainted,
        statement: &statement,
        id,
        stored,
        happened,
        space: &space,
    };
    let facts = rulebook.facts(&witness).into_iter().zip(0..);
    let known = facts.map(|(fact, number)| KnownFact {
        statement: id,
        position: Position(2),
        number,
        stored,
        happened,
        space: space.clone(),
        carried: false,
        fact,
    });
    known.collect()
}

/// Returns the entries of the one group that the facts of some statements fall into.
fn settle(rulebook: &dyn Rulebook, registers: &Registers, texts: &[String]) -> Vec<Entry> {
    let view = RegisterView::new(registers, Stored(9));
    let mut facts: Vec<_> = (1..)
        .zip(texts)
        .flat_map(|(number, text)| facts(rulebook, number, text))
        .collect();
    facts.sort_by_key(KnownFact::order);
    let mut groups: Vec<_> = facts
        .iter()
        .flat_map(|fact| rulebook.groups(fact, &view))
        .collect();
    groups.dedup();
    assert!(groups.len() <= 1, "one person, one group");
    groups
        .iter()
        .flat_map(|group| rulebook.settle(group, &facts, &[], &view))
        .collect()
}

fn texts(sent: &[Sent]) -> Vec<String> {
    sent.iter().map(|sent| sent.0.to_string()).collect()
}

pub(crate) fn findings(rule: &str, sent: &[Sent]) -> Vec<Finding> {
    findings_of(rule, &texts(sent))
}

fn findings_of(rule: &str, texts: &[String]) -> Vec<Finding> {
    let entries = settle(&*compile(rule), &registers(&json!([])), texts);
    let parsed = entries
        .into_iter()
        .map(|entry| serde_json::from_value(entry.body));
    parsed.collect::<Result<_, _>>().expect("findings")
}

fn level(finding: &Finding) -> Option<u32> {
    match &finding.verdict {
        Verdict::Evidence { level, .. } => Some(*level),
        Verdict::NearMiss => None,
    }
}

/// When statements happen, if it does not matter.
pub(crate) const AT: &str = "2026-03-02T10:00:00Z";

#[test]
fn a_score_shows_the_highest_level_that_it_reaches() {
    for (score, expected, words) in [
        (json!({"scaled": 0.72}), Some(3), "0.72 is at least 0.60"),
        (json!({"scaled": 0.6}), Some(3), "0.6 is at least 0.60"),
        (
            json!({"scaled": 0.599_999_9}),
            Some(2),
            "0.5999999 is at least 0.40",
        ),
        (json!({"scaled": 1}), Some(4), "1 is at least 0.80"),
        (json!({"scaled": 0.19}), None, "0.19 is below 0.20"),
        (json!({"scaled": -1}), None, "-1 is below 0.20"),
        (
            json!({"raw": 15, "max": 25}),
            Some(3),
            "15 of 25 (0.6) is at least 0.60",
        ),
        (
            json!({"raw": 18, "min": 3, "max": 28}),
            Some(3),
            "15 of 25 (0.6) is at least 0.60",
        ),
        (
            json!({"raw": 2, "min": 0, "max": 3}),
            Some(3),
            "2 of 3 (0.6667) is at least 0.60",
        ),
        (
            json!({"raw": 1, "min": 0, "max": 1, "scaled": 0.1}),
            None,
            "0.1 is below 0.20",
        ),
    ] {
        let quiz = Sent::quiz(1, 1, "0", AT).with("result", json!({"score": score}));
        let found = findings(QUIZ, &[quiz]);
        assert_eq!(
            found.iter().map(level).collect::<Vec<_>>(),
            [expected],
            "{score}"
        );
        assert_eq!(found[0].comparison.to_string(), words, "{score}");
    }
}

#[test]
fn a_score_that_cannot_be_measured_is_a_near_miss_with_its_reason() {
    let none = "the statement has neither a scaled score nor a raw one with its greatest value";
    let digits = "the score has too many digits to be compared exactly";
    for (score, reason) in [
        (r#"{"raw": 15}"#, none),
        ("{}", none),
        (
            r#"{"scaled": 0.00000000000000000000000000000000000000001}"#,
            digits,
        ),
        (r#"{"raw": 1e-30, "max": 1e30}"#, digits),
        (r#"{"raw": 0, "max": 1e400}"#, digits),
    ] {
        let text = Sent::quiz(1, 1, "0", AT).0.to_string();
        // Put in as text, so that no digit is lost on the way.
        let text = text.replace(r#"{"scaled":0}"#, score);
        let found = findings_of(QUIZ, &[text]);
        assert_eq!(
            found.iter().map(level).collect::<Vec<_>>(),
            [None],
            "{score}"
        );
        assert_eq!(found[0].comparison.to_string(), reason, "{score}");
    }
}

/// A rule that believes the levels that one platform asserts.
const ASSERTED: &str = "\
rule: sing/asserted
version: 1
competence: https://example.org/fw/entrecomp/1/planning-management
basis: observed
match:
  verb: [https://w3id.org/xapi/tla/verbs/asserted]
  authority: [https://mentors.example.org]
measure: level
levels: [{min: 2, level: 1}, {min: 4, level: 2}]
";

#[test]
fn an_asserted_level_is_believed_of_a_named_authority_only() {
    let verb = "https://w3id.org/xapi/tla/verbs/asserted";
    let competency = "https://example.org/fw/entrecomp/1/planning-management";
    let asserted = |score: &Value, home: &str| {
        Sent::new(1, 1, verb, competency, AT)
            .with("result", json!({"score": score}))
            .with(
                "authority",
                json!({"account": {"homePage": home, "name": "writer"}}),
            )
    };
    let mentors = "https://mentors.example.org";
    for (score, expected, words) in [
        (
            json!({"raw": 4, "min": 1, "max": 5}),
            Some(2),
            "the asserted level 4 is at least 4",
        ),
        (
            json!({"raw": 3}),
            Some(1),
            "the asserted level 3 is at least 2",
        ),
        (
            json!({"raw": 1, "max": 5}),
            None,
            "the asserted level 1 is below 2",
        ),
        (
            json!({"scaled": 1}),
            None,
            "the statement has no raw score that names a level",
        ),
    ] {
        let found = findings(ASSERTED, &[asserted(&score, mentors)]);
        assert_eq!(
            found.iter().map(level).collect::<Vec<_>>(),
            [expected],
            "{score}"
        );
        assert_eq!(found[0].comparison.to_string(), words, "{score}");
    }
    let other = asserted(&json!({"raw": 4}), "https://lms.example.org");
    assert_eq!(findings(ASSERTED, &[other]), []);
    let nobody = Sent::new(1, 1, verb, competency, AT).with("result", json!({"score": {"raw": 4}}));
    assert_eq!(findings(ASSERTED, &[nobody]), []);
}

#[test]
fn success_and_completion_are_taken_from_the_result_or_else_from_the_verb() {
    let assessment = "https://lms.example.org/cmi5/opportunities/assessment";
    let reflection = "https://h5p.example.org/h5p/reflection";
    for (rule, verb, object, result, expected, words) in [
        (
            ASSESSMENT,
            "passed",
            assessment,
            json!({"success": true}),
            Some(3),
            "success is true",
        ),
        (
            ASSESSMENT,
            "passed",
            assessment,
            json!({}),
            Some(3),
            "success is true",
        ),
        (
            ASSESSMENT,
            "failed",
            assessment,
            json!({"success": false}),
            None,
            "success is false",
        ),
        (
            ASSESSMENT,
            "failed",
            assessment,
            json!({}),
            None,
            "success is false",
        ),
        (
            REFLECTION,
            "completed",
            reflection,
            json!({"completion": true}),
            Some(1),
            "completion is true",
        ),
        (
            REFLECTION,
            "completed",
            reflection,
            json!({}),
            Some(1),
            "completion is true",
        ),
        (
            REFLECTION,
            "completed",
            reflection,
            json!({"completion": false}),
            None,
            "completion is false",
        ),
    ] {
        let verb = format!("http://adlnet.gov/expapi/verbs/{verb}");
        let sent = Sent::new(1, 1, &verb, object, AT).with("result", result.clone());
        let found = findings(rule, &[sent]);
        assert_eq!(
            found.iter().map(level).collect::<Vec<_>>(),
            [expected],
            "{verb} {result}"
        );
        assert_eq!(found[0].comparison.to_string(), words, "{verb} {result}");
    }
}

#[test]
fn a_finding_tells_the_day_in_the_projects_zone_and_when_it_lapses() {
    let sent = Sent::quiz(1, 1, "0.9", "2026-03-02T23:30:00Z");
    let zone = |zone: &str| json!([{"entity": {"kind": "project", "id": "sing"}, "field": "zone", "value": zone}]);
    for (rows, day) in [
        (json!([]), date(2026, 3, 3)),
        (zone("Europe/Stockholm"), date(2026, 3, 3)),
        (zone("Atlantic/Reykjavik"), date(2026, 3, 2)),
    ] {
        let entries = settle(
            &*compile(QUIZ),
            &registers(&rows),
            &texts(std::slice::from_ref(&sent)),
        );
        let finding: Finding = serde_json::from_value(entries[0].body.clone()).unwrap();
        assert_eq!(finding.day, day, "{rows}");
        let Verdict::Evidence {
            expires,
            level_name,
            ..
        } = finding.verdict
        else {
            panic!("0.9 shows a level");
        };
        assert_eq!(
            expires,
            Some(day.checked_add(jiff::Span::new().years(3)).unwrap())
        );
        assert_eq!(level_name.as_deref(), Some("Dare"));
    }
}

#[test]
fn an_undone_completion_names_both_statements_and_one_done_again_counts() {
    let page = "https://h5p.example.org/h5p/reflection";
    let completed = "http://adlnet.gov/expapi/verbs/completed";
    let uncompleted = "https://xapi.edlm/profiles/edlm-lms/concepts/verbs/uncompleted";
    let sent = [
        Sent::new(1, 1, completed, page, "2026-03-02T10:00:00Z"),
        Sent::new(2, 1, uncompleted, page, "2026-03-04T10:00:00Z"),
        Sent::new(3, 1, completed, page, "2026-03-06T10:00:00Z"),
        Sent::new(
            4,
            1,
            uncompleted,
            "https://h5p.example.org/h5p/other",
            "2026-03-07T10:00:00Z",
        ),
    ];
    let entries = settle(&*compile(REFLECTION), &registers(&json!([])), &texts(&sent));
    let statements: Vec<_> = entries
        .iter()
        .map(|entry| entry.statements.clone())
        .collect();
    assert_eq!(statements, [vec![id(1), id(2)], vec![id(3)]]);
    let undone: Vec<_> = findings(REFLECTION, &sent)
        .into_iter()
        .map(|finding| match finding.verdict {
            Verdict::Evidence { undone, .. } => undone,
            Verdict::NearMiss => panic!("completed shows a level"),
        })
        .collect();
    assert_eq!(undone, [Some(date(2026, 3, 4)), None]);
}

#[test]
fn a_persons_identifiers_fall_into_one_group_that_begins_with_the_person() {
    let person = PersonId::registered(IdentityId([17; 16]));
    let row = |learner: u32| {
        let ifi = Ifi::Account {
            home_page: varde_xapi::Iri::parse("https://lms.example.org").unwrap(),
            name: format!("learner-{learner}"),
        };
        let entity = json!({"kind": "identifier", "id": identity(&ifi)});
        json!({"entity": entity, "field": "person", "value": person})
    };
    let rows = json!([row(1), row(2)]);
    let (registers, rulebook) = (registers(&rows), compile(QUIZ));
    let view = RegisterView::new(&registers, Stored(9));
    let groups = |learner| {
        let facts = facts(
            &*rulebook,
            1,
            &Sent::quiz(1, learner, "0.9", AT).0.to_string(),
        );
        rulebook.groups(&facts[0], &view).remove(0)
    };
    assert_eq!(groups(1), groups(2));
    assert!(groups(1).key.starts_with(&format!("{person}\t")));
    assert_ne!(groups(1), groups(3));
}
