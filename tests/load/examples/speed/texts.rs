//! Statements to fill a store with, each the same for the same number.

use varde_test_support::SeededEntropy;

/// Returns the text of the statement of a number.
pub(crate) type Text = fn(u64) -> String;

/// Returns the kind of statement of that name.
pub(crate) fn named(name: &str) -> Option<Text> {
    match name {
        "small" => Some(small),
        "large" => Some(large),
        _ => None,
    }
}

/// Returns a statement of some 600 bytes, as `wrk/common.lua` makes them: 10 verbs, 1,000 agents,
/// 200 activities of one course, six terms in all.
fn small(number: u64) -> String {
    let chance = SeededEntropy::new(number);
    let (agent, activity) = (chance.below(1_000), chance.below(200));
    let (verb, score, second) = (
        chance.below(10),
        chance.below(90) + 10,
        chance.below(86_400),
    );
    let time = format!(
        "2026-02-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        1 + chance.below(28),
        second / 3_600,
        second / 60 % 60,
        second % 60,
        chance.below(1_000),
    );
    format!(
        r#"{{"actor":{{"objectType":"Agent","name":"Learner {agent:04}","mbox":"mailto:learner{agent:04}@bench.example.org"}},"verb":{{"id":"http://bench.example.org/verbs/v{verb:02}","display":{{"en-US":"verb {verb:02}"}}}},"object":{{"objectType":"Activity","id":"http://bench.example.org/courses/demo/activities/{activity:03}","definition":{{"name":{{"en-US":"Activity {activity:03}"}},"type":"http://adlnet.gov/expapi/activities/assessment"}}}},"result":{{"score":{{"scaled":0.{score}}},"success":true,"completion":true,"duration":"PT{second}S"}},"context":{{"platform":"bench","contextActivities":{{"parent":[{{"objectType":"Activity","id":"http://bench.example.org/courses/demo"}}]}}}},"timestamp":"{time}"}}"#
    )
}

/// Returns a statement of some 1,467 bytes: 10 verbs, 10,000 agents, 2,000 activities, 200
/// courses, 20 programmes, a registration for some twenty statements, nine terms in all.
fn large(number: u64) -> String {
    let chance = SeededEntropy::new(number);
    let (agent, activity) = (chance.below(100) * chance.below(100), chance.below(2_000));
    let (verb, score) = (chance.below(10), chance.below(90) + 10);
    let (course, programme) = (activity % 200, activity % 20);
    let (second, teacher) = (number / 50 % 86_400, chance.below(200));
    let room = teacher % 20;
    let registration = format!("{:08x}-0000-4000-8000-{:012x}", number / 20, agent);
    let time = format!(
        "2026-02-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        1 + number / 4_320_000 % 28,
        second / 3_600,
        second / 60 % 60,
        second % 60,
        number % 1_000,
    );
    format!(
        r#"{{"actor":{{"objectType":"Agent","name":"Learner Number {agent:05}","account":{{"homePage":"https://id.programme.example.org/people","name":"learner-{agent:05}"}}}},"verb":{{"id":"http://adlnet.gov/expapi/verbs/v{verb:02}","display":{{"en-US":"did thing {verb:02}","nb":"gjorde ting {verb:02}"}}}},"object":{{"objectType":"Activity","id":"https://courses.example.org/course/{course:03}/activity/{activity:04}","definition":{{"name":{{"en-US":"Activity {activity:04} of the course","nb":"Aktivitet {activity:04} i kurset"}},"description":{{"en-US":"A task in which learners apply what the unit before it was about."}},"type":"http://adlnet.gov/expapi/activities/assessment"}}}},"result":{{"score":{{"scaled":0.{score},"raw":{score},"min":0,"max":100}},"success":true,"completion":true,"duration":"PT{score}M{verb}S"}},"context":{{"registration":"{registration}","instructor":{{"objectType":"Agent","account":{{"homePage":"https://id.programme.example.org/people","name":"teacher-{teacher:03}"}}}},"platform":"learning platform","language":"nb-NO","contextActivities":{{"parent":[{{"objectType":"Activity","id":"https://courses.example.org/course/{course:03}"}}],"grouping":[{{"objectType":"Activity","id":"https://courses.example.org/programme/{programme:02}"}}],"category":[{{"objectType":"Activity","id":"https://profiles.example.org/2026/cross-border"}}]}},"extensions":{{"https://profiles.example.org/extensions/session":"session-{number:010}","https://profiles.example.org/extensions/room-of-the-partner-where-the-equipment-stands":"workshop {room:02}"}}}},"timestamp":"{time}"}}"#
    )
}
