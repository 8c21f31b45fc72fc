//! Verb classes of statements in the shapes that front ends send.

use std::collections::BTreeSet;

use jiff::civil::date;
use serde_json::{Value, json};
use varde_core::Position;
use varde_core::classes::{Class, classify};
use varde_core::people::{IdentityId, PersonKeys};
use varde_core::ports::{EventKind, Happened, LogEvent};
use varde_core::registers::{PersonId, RegisterView, Registers};
use varde_test_support::identity;
use varde_xapi::{Statement, Stored};

const ADL: &str = "http://adlnet.gov/expapi/verbs/";
const EDLM: &str = "https://xapi.edlm/profiles/edlm-lms/concepts/";
const MOODLE_COURSE: &str = "https://w3id.org/xapi/cmi5/activitytype/course";
const ADL_COURSE: &str = "http://adlnet.gov/expapi/activities/course";

fn statement(actor: &Value, verb: &str, id: &str, kind: Option<&str>, rest: &Value) -> Statement {
    let mut object = json!({"id": id});
    if let Some(kind) = kind {
        object["definition"] = json!({"type": kind});
    }
    let mut whole = json!({
        "id": "0192f3c4-0000-4000-8000-000000000001",
        "actor": actor,
        "verb": {"id": verb, "display": {"en": "did"}},
        "object": object,
    });
    whole
        .as_object_mut()
        .expect("an object")
        .extend(rest.as_object().expect("an object").clone());
    varde_xapi::read(&whole.to_string()).expect("a statement")
}

fn moodle_user() -> Value {
    json!({"name": "learner 17", "account": {"homePage": "https://moodle.example.org", "name": "17"}})
}

fn moodle(verb: &str, path: &str, kind: &str, rest: &Value) -> Statement {
    let id = format!("https://moodle.example.org{path}");
    statement(&moodle_user(), verb, &id, Some(kind), rest)
}

fn h5p(verb: &str, path: &str, rest: &Value) -> Statement {
    let actor = json!({"objectType": "Agent", "name": "learner 17", "mbox": "mailto:learner17@example.org"});
    let verb = format!("{ADL}{verb}");
    statement(
        &actor,
        &verb,
        &format!("https://h5p.example.org{path}"),
        None,
        rest,
    )
}

fn edx(verb: &str, id: &str, kind: &str, rest: &Value) -> Statement {
    let actor = json!({"objectType": "Agent", "account": {"homePage": "https://edx.example.org", "name": "32e08e30-0000-4000-8000-000000000017"}});
    statement(&actor, verb, id, Some(kind), rest)
}

#[test]
fn every_class_is_in_the_table_under_its_name() {
    let table: Value = serde_json::from_str(varde_schemas::VERB_CLASSES).unwrap();
    let known: BTreeSet<_> = table["classes"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(
        known,
        Class::EACH.map(|class| class.name().to_owned()).into()
    );
    for class in Class::EACH {
        assert_eq!(class.name().parse(), Ok(class));
        assert_eq!(serde_json::to_value(class).unwrap(), class.name());
    }
}

#[test]
fn a_new_moodle_account_is_no_registration_but_a_sign_up_is() {
    let verb = format!("{ADL}registered");
    let account = moodle(
        &verb,
        "",
        "http://id.tincanapi.com/activitytype/lms",
        &json!({}),
    );
    assert_eq!(classify(&account), []);
    let session = "https://w3id.org/xapi/acrossx/activities/face-to-face-discussion";
    let sign_up = moodle(&verb, "/mod/facetoface/view.php?id=8", session, &json!({}));
    assert_eq!(classify(&sign_up), [Class::Registered]);
    let enrolled = format!("{EDLM}verbs/enrolled");
    let course = moodle(
        &enrolled,
        "/course/view.php?id=5",
        MOODLE_COURSE,
        &json!({}),
    );
    assert_eq!(classify(&course), [Class::Registered]);
}

#[test]
fn a_course_is_left_under_either_course_type() {
    let leave = "http://activitystrea.ms/leave";
    for kind in [MOODLE_COURSE, ADL_COURSE] {
        let left = moodle(leave, "/course/view.php?id=5", kind, &json!({}));
        assert_eq!(classify(&left), [Class::Left], "{kind}");
    }
    let meeting = "http://adlnet.gov/expapi/activities/meeting";
    let left = moodle(
        leave,
        "/mod/bigbluebuttonbn/view.php?id=6",
        meeting,
        &json!({}),
    );
    assert_eq!(classify(&left), []);
    let joined = "http://activitystrea.ms/schema/1.0/join";
    let there = moodle(
        joined,
        "/mod/bigbluebuttonbn/view.php?id=6",
        meeting,
        &json!({}),
    );
    assert_eq!(classify(&there), [Class::Attended]);
}

#[test]
fn a_quiz_attempt_and_its_course_are_completed_apart() {
    let verb = format!("{ADL}completed");
    let course = moodle(&verb, "/course/view.php?id=5", MOODLE_COURSE, &json!({}));
    assert_eq!(classify(&course), [Class::Completed]);
    let attempt = moodle(
        &verb,
        "/mod/quiz/attempt.php?attempt=91&cmid=7",
        "http://adlnet.gov/expapi/activities/attempt",
        &json!({
            "result": {
                "score": {"raw": 8, "min": 0, "max": 10, "scaled": 0.8},
                "completion": true, "success": true, "duration": "PT600S",
            },
            "context": {"contextActivities": {"parent": [
                {"id": "https://moodle.example.org/mod/quiz/view.php?id=7"},
                {"id": "https://moodle.example.org/course/view.php?id=5", "definition": {"type": MOODLE_COURSE}},
            ]}},
        }),
    );
    assert_eq!(
        classify(&attempt),
        [Class::Completed, Class::Passed, Class::Scored]
    );
    assert_ne!(attempt.object, course.object);
}

#[test]
fn a_graded_assignment_is_scored_and_its_success_is_not_believed() {
    let assignment = format!("{EDLM}activity-types/assignment");
    let result = json!({"result": {
        "score": {"raw": 3.0, "min": 0.0, "max": 100.0, "scaled": 0.03}, "success": true,
    }});
    let verb = "https://w3id.org/xapi/tla/verbs/scored";
    let graded = moodle(verb, "/mod/assign/view.php?id=9", &assignment, &result);
    assert_eq!(classify(&graded), [Class::Scored]);
}

#[test]
fn partial_attendance_is_attended_and_its_completion_says_so() {
    let session = "https://w3id.org/xapi/acrossx/activities/face-to-face-discussion";
    let verb = format!("{ADL}attended");
    for completion in [true, false] {
        let result = json!({"result": {"duration": "PT7200S", "completion": completion}});
        let there = moodle(&verb, "/mod/facetoface/view.php?id=8", session, &result);
        assert_eq!(classify(&there), [Class::Attended]);
        assert_eq!(there.result.unwrap().completion, Some(completion));
    }
}

#[test]
fn earned_and_achieved_are_credentials_only_of_badges_and_certificates() {
    let earned = "http://id.tincanapi.com/verb/earned";
    let grade = json!({"result": {"score": {"scaled": 0.4, "raw": 0.4, "min": 0.0, "max": 1.0}}});
    let course = edx(
        earned,
        "https://edx.example.org/course/c1",
        ADL_COURSE,
        &grade,
    );
    assert_eq!(classify(&course), [Class::Scored]);
    let achieved = "https://w3id.org/xapi/tla/verbs/achieved";
    for (kind, expected) in [
        (
            format!("{EDLM}activity-types/badge"),
            vec![Class::Credential],
        ),
        (
            format!("{EDLM}activity-types/certificate"),
            vec![Class::Credential],
        ),
        (
            "https://w3id.org/xapi/tla/activity-types/competency".to_owned(),
            vec![],
        ),
    ] {
        let got = moodle(achieved, "/badges/overview.php?id=3", &kind, &json!({}));
        assert_eq!(classify(&got), expected, "{kind}");
    }
    let forfeited = "https://w3id.org/xapi/tla/verbs/forfeited";
    let badge = format!("{EDLM}activity-types/badge");
    let lost = moodle(forfeited, "/badges/overview.php?id=3", &badge, &json!({}));
    assert_eq!(classify(&lost), []);
}

#[test]
fn parts_speak_for_themselves_and_a_module_completion_can_be_undone() {
    let result = json!({
        "result": {"score": {"min": 0, "max": 1, "raw": 1, "scaled": 1}, "success": true},
        "context": {"contextActivities": {"parent": [{"id": "https://h5p.example.org/h5p/4"}]}},
    });
    let part = h5p("answered", "/h5p/4?subContentId=a-1", &result);
    assert_eq!(classify(&part), [Class::Passed, Class::Scored]);
    let result = json!({"result": {
        "score": {"min": 0, "max": 5, "raw": 1}, "completion": true, "success": false,
    }});
    let whole = h5p("completed", "/h5p/4", &result);
    assert_eq!(
        classify(&whole),
        [Class::Completed, Class::Failed, Class::Scored]
    );
    let alone = h5p("answered", "/h5p/5", &result);
    assert_eq!(
        classify(&alone),
        [Class::Completed, Class::Failed, Class::Scored]
    );

    let page = "http://adlnet.gov/expapi/activities/lesson";
    let actor = json!({"mbox": "mailto:learner17@example.org"});
    let objective = statement(
        &actor,
        &format!("{ADL}passed"),
        "https://a.example.org/c/objective",
        Some("http://adlnet.gov/expapi/activities/objective"),
        &json!({}),
    );
    assert_eq!(classify(&objective), [Class::Passed]);
    let verb = format!("{EDLM}verbs/uncompleted");
    let undone = moodle(&verb, "/mod/page/view.php?id=3", page, &json!({}));
    assert_eq!(classify(&undone), [Class::Undone]);
}

#[test]
fn two_identifiers_of_one_person_meet_in_the_register() {
    let moodle = moodle(
        &format!("{ADL}completed"),
        "/course/view.php?id=5",
        MOODLE_COURSE,
        &json!({}),
    );
    let h5p = h5p("completed", "/h5p/4", &json!({}));
    assert_eq!(classify(&moodle), classify(&h5p));
    let ids = [moodle, h5p].map(|s| identity(s.actor.ifi().unwrap()));
    let person = PersonId::registered(IdentityId([17; 16])).to_string();
    let row = |id: IdentityId| json!({"entity": {"kind": "identifier", "id": id}, "field": "person", "value": person});
    let body = json!({"rows": ids.map(row)}).to_string();
    let mut registers = Registers::default();
    let (position, stored) = (Position(1), Stored(1));
    let what = Happened::Event(EventKind::Registers, body);
    let event = LogEvent {
        position,
        stored,
        what,
    };
    registers.add(&event, &PersonKeys::default()).unwrap();
    let day = date(2026, 3, 2);
    let persons = |at: i64| ids.map(|id| RegisterView::new(&registers, Stored(at)).person(id, day));
    let ([one, other], [apart, from_it]) = (persons(1), persons(0));
    assert_eq!(one, other);
    assert_ne!(apart, from_it);
}

#[test]
fn a_replay_under_a_new_id_means_the_same() {
    let id = json!({"id": "0192f3c4-0000-4000-8000-000000000002"});
    let verb = format!("{ADL}completed");
    let first = moodle(&verb, "/course/view.php?id=5", MOODLE_COURSE, &json!({}));
    let again = moodle(&verb, "/course/view.php?id=5", MOODLE_COURSE, &id);
    assert_ne!(first.id, again.id);
    assert_eq!(classify(&first), classify(&again));
    let without_id = |statement: &Statement| Statement {
        id: None,
        ..statement.clone()
    };
    assert_eq!(without_id(&first), without_id(&again));
}

#[test]
fn the_other_front_ends_are_understood() {
    let cmi5 = |verb: &str| {
        let actor = json!({"account": {"homePage": "https://lms.example.org", "name": "17"}});
        classify(&statement(
            &actor,
            verb,
            "https://lms.example.org/au/1",
            None,
            &json!({}),
        ))
    };
    let w3id = "https://w3id.org/xapi/adl/verbs/";
    for (verb, expected) in [
        (format!("{ADL}launched"), vec![Class::Started]),
        (format!("{ADL}initialized"), vec![Class::Started]),
        (format!("{w3id}abandoned"), vec![Class::Left]),
        (format!("{w3id}satisfied"), vec![Class::Satisfied]),
        (format!("{w3id}waived"), vec![Class::Satisfied]),
        (format!("{ADL}terminated"), vec![]),
        (format!("{ADL}mastered"), vec![Class::Passed]),
    ] {
        assert_eq!(cmi5(&verb), expected, "{verb}");
    }
    let block = "http://id.tincanapi.com/activitytype/resource";
    let progressed = |completion: bool| {
        let result = json!({"result": {"completion": completion}});
        classify(&edx(
            &format!("{ADL}progressed"),
            "https://edx.example.org/b/1",
            block,
            &result,
        ))
    };
    assert_eq!(progressed(true), [Class::Completed]);
    assert_eq!(progressed(false), []);
    let unregistered = "http://id.tincanapi.com/verb/unregistered";
    let left = edx(
        unregistered,
        "https://edx.example.org/course/c1",
        ADL_COURSE,
        &json!({}),
    );
    assert_eq!(classify(&left), [Class::Left]);
}
