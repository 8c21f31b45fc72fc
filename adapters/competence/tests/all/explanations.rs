//! Why somebody has a level, or has none, to be followed by hand.

use jiff::civil::date;
use serde_json::json;
use varde_competence::{Basis, ExplainQuery, Explanation, Language};

use crate::world::{ASSESSMENT, QUIZ, Sent, World, id, is_person};

fn query() -> ExplainQuery {
    ExplainQuery {
        person: "p-001".to_owned(),
        competence: None,
        basis: None,
        as_of: date(2026, 6, 30),
        known_at: None,
    }
}

async fn world() -> World {
    let strict = QUIZ
        .replace("sing/planning-quiz", "sing/strict-quiz")
        .replace("min: 0.60", "min: 0.75");
    let world = World::with(&[QUIZ, &strict, ASSESSMENT]).await;
    world
        .import(vec![is_person(1, "p-001"), is_person(2, "p-002")])
        .await;
    for sent in [
        Sent::quiz(1, 1, "0.72", "2026-02-01T10:00:00Z"),
        Sent::quiz(2, 1, "0.18", "2026-02-03T10:00:00Z"),
        Sent::quiz(3, 1, "0.10", "2026-07-01T10:00:00Z"),
        Sent::quiz(4, 2, "0.95", "2026-02-01T10:00:00Z"),
        Sent::new(
            5,
            1,
            "http://adlnet.gov/expapi/verbs/failed",
            "https://lms.example.org/cmi5/opportunities/assessment",
            "2026-02-02T10:00:00Z",
        ),
    ] {
        world.send(&sent).await;
    }
    world
}

#[tokio::test]
async fn every_rule_and_every_near_miss_is_told_with_its_reason_in_three_languages() {
    let world = world().await;
    let explained = world.explain(&query()).await;
    let [planning, opportunities] = explained.explanations.as_slice() else {
        panic!("two competences: {explained:?}");
    };
    let told = |explanation: &Explanation, language| {
        let headline = explanation.sentences.get(language).to_owned();
        let pieces = explanation.evidence.iter().chain(&explanation.near_misses);
        let pieces = pieces.map(|piece| piece.sentences.get(language).to_owned());
        std::iter::once(headline).chain(pieces).collect::<Vec<_>>()
    };
    let (first, second) = (id(1), id(2));
    assert_eq!(
        told(planning, Language::En),
        [
            "2026-06-30: level 3 (Experiment) (assessed, current), shown on 2026-02-01 by sing/planning-quiz@1.".to_owned(),
            format!("2026-02-01: level 3 (Experiment), because 0.72 is at least 0.60. Rule sing/planning-quiz@1; statement {first}. It lapses on 2029-02-01."),
            format!("2026-02-01: level 2 (Explore), because 0.72 is at least 0.40. Rule sing/strict-quiz@1; statement {first}. It lapses on 2029-02-01."),
            format!("2026-02-03: no level, because 0.18 is below 0.20. Rule sing/planning-quiz@1; statement {second}."),
            format!("2026-02-03: no level, because 0.18 is below 0.20. Rule sing/strict-quiz@1; statement {second}."),
        ]
    );
    assert_eq!(
        told(planning, Language::Nb)[..2],
        [
            "2026-06-30: nivå 3 (Experiment) (vurdert, gjeldende), vist 2026-02-01 etter sing/planning-quiz@1.".to_owned(),
            format!("2026-02-01: nivå 3 (Experiment), fordi 0,72 er minst 0,60. Regel sing/planning-quiz@1; registrering {first}. Utløper 2029-02-01."),
        ]
    );
    assert_eq!(
        told(planning, Language::Sv)[3],
        format!(
            "2026-02-03: ingen nivå, eftersom 0,18 är under 0,20. Regel sing/planning-quiz@1; registrering {second}."
        )
    );
    assert_eq!(opportunities.outcome, None);
    assert_eq!(
        told(opportunities, Language::Sv),
        [
            "2026-06-30: ingen nivå, eftersom inget visar någon.".to_owned(),
            format!(
                "2026-02-02: ingen nivå, eftersom godkänt: nej. Regel sing/opportunities-assessment@1; registrering {}.",
                id(5)
            ),
        ]
    );
}

#[tokio::test]
async fn an_explanation_is_json_with_the_comparison_in_its_parts() {
    let world = world().await;
    let explained = world.explain(&query()).await;
    let json = serde_json::to_value(&explained).unwrap();
    let piece = &json["explanations"][0]["evidence"][0];
    assert_eq!(
        piece["comparison"],
        json!({"measure": "score", "scaled": "0.72", "min": "0.60", "reached": true})
    );
    assert_eq!(piece["statements"], json!([id(1).to_string()]));
    assert_eq!(json["explanations"][0]["outcome"]["level"], 3);
    assert_eq!(json["explanations"][0]["not_told"], 0);
}

#[tokio::test]
async fn a_person_a_competence_and_a_basis_narrow_what_is_explained() {
    let world = world().await;
    let number = async |query: ExplainQuery| world.explain(&query).await.explanations.len();
    assert_eq!(number(query()).await, 2);
    let nobody = ExplainQuery {
        person: "p-003".to_owned(),
        ..query()
    };
    assert_eq!(number(nobody).await, 0);
    let planning = "https://example.org/fw/entrecomp/1/planning-management";
    let of_planning = ExplainQuery {
        competence: Some(planning.to_owned()),
        ..query()
    };
    assert_eq!(number(of_planning).await, 1);
    let own = ExplainQuery {
        basis: Some(Basis::Own),
        ..query()
    };
    assert_eq!(number(own).await, 0);
    let before = ExplainQuery {
        as_of: date(2026, 1, 31),
        ..query()
    };
    assert_eq!(number(before).await, 0);
}
