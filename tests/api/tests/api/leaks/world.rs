//! Two projects and two partners with data that looks alike.

use axum::http::Method;
use serde_json::{Value, json};
use varde_api_tests::{SECRET, World};
use varde_core::keys::NewKey;
use varde_core::{Role, Scope};
use varde_xapi::Stored;

pub(super) const PROJECTS: [&str; 2] = ["sing", "merse"];
const QUIZ: &str = include_str!("../../../../../schemas/examples/competence/planning-quiz.yaml");
pub(super) const PLANNING: &str = "https://example.org/fw/entrecomp/1/planning-management";
const INDICATORS: &str =
    include_str!("../../../../../schemas/examples/interreg/sing-indicators.yaml");
const PEOPLE: &str = "pseudonym,gender,birth_year_band,nuts3\n\
    p-sing,female,1980-1989,NO060\np-merse,male,1990-1999,SE321\np-both,female,1970-1979,SE322\n\
    p-north,female,1980-1989,NO060\np-south,male,1990-1999,SE321\np-free,female,1970-1979,SE322\n";
const IDENTITIES: &str = "ifi,pseudonym\nmailto:sing@example.org,p-sing\n\
    mailto:merse@example.org,p-merse\nmailto:both@example.org,p-both\n\
    mailto:north@example.org,p-north\nmailto:south@example.org,p-south\n\
    mailto:free@example.org,p-free\n";
const AFFILIATIONS: &str = "pseudonym,orgnr\np-sing,NO-100000016\np-merse,SE-402000-0008\n\
    p-north,NO-100000016\np-south,SE-402000-0008\n";
const ORGANISATIONS: &str = "country,orgnr,name\nNO,100000016,North\nSE,402000-0008,South\n";
const ACTIVITIES: &str = "iri,kind,title,project\n\
    https://example.org/sing,training-scheme,Sing,sing\n\
    https://example.org/merse,training-scheme,Merse,merse\n\
    https://example.org/both,training-scheme,Both,sing\n\
    https://example.org/both,training-scheme,Both,merse\n\
    https://example.org/north,training-scheme,North,sing\n\
    https://example.org/south,training-scheme,South,sing\n";
const ORGANISERS: &str = "iri,orgnr\nhttps://example.org/sing,NO-100000016\n\
    https://example.org/sing,SE-402000-0008\nhttps://example.org/merse,NO-100000016\n\
    https://example.org/merse,SE-402000-0008\nhttps://example.org/both,NO-100000016\n\
    https://example.org/both,SE-402000-0008\n\
    https://example.org/north,NO-100000016\nhttps://example.org/south,SE-402000-0008\n";
/// What learners do in each project, in the same words: who, at what; `OWN` is the project. The
/// last counts for both projects, whoever sends it, and what is told of elsewhere for none, for it
/// speaks of the future.
pub(super) const DEEDS: [(&str, &str); 4] = [
    ("OWN", "OWN"),
    ("both", "OWN"),
    ("both", "elsewhere"),
    ("both", "both"),
];

/// One kind of caller: what its key is given.
pub(super) fn kinds(project: &str) -> Vec<NewKey> {
    let key = |name: &str| World::new_key(&format!("{project}-{name}"), project);
    let machine = |name: &str, scopes: &[Scope]| NewKey {
        scopes: scopes.to_vec(),
        ..key(name)
    };
    let person = |role: Role| NewKey {
        scopes: role.default_scopes().to_vec(),
        role: Some(role),
        ..key(role.name())
    };
    let of_partner = |partner: &str| NewKey {
        name: format!("{project}-evaluator-{partner}"),
        partner: Some(partner.parse().expect("an organisation number")),
        ..person(Role::Evaluator)
    };
    let mut kinds: Vec<_> = Role::EACH.map(person).into();
    kinds.extend([
        machine("all", &[Scope::All]),
        machine("reader", &[Scope::AllRead]),
        machine(
            "front-end",
            &[Scope::StatementsWrite, Scope::StatementsReadMine],
        ),
        machine("statements", &[Scope::StatementsRead]),
        of_partner("NO-100000016"),
        of_partner("SE-402000-0008"),
    ]);
    kinds
}

/// The key of the person `p-both`, who learns in both projects, in one of them.
pub(super) fn own_learner(project: &str) -> String {
    format!("{project}-own-learner")
}

/// The id of a project's statement.
pub(super) fn id(project: &str, number: usize) -> String {
    let of = if project == "sing" { 1 } else { 2 };
    format!("5a4d0000-0000-4000-8000-{of:04}{number:08}")
}

pub(super) fn statement(project: &str, number: usize, verb: &str) -> Value {
    let (learner, at) = DEEDS[number % 100];
    let (learner, at) = (learner.replace("OWN", project), at.replace("OWN", project));
    let timestamp = match &*at {
        "elsewhere" => "2031-03-01T10:00:00Z",
        _ => "2025-03-01T10:00:00Z",
    };
    json!({
        "id": id(project, number),
        "actor": { "mbox": format!("mailto:{learner}@example.org"), "name": format!("Named by {project}") },
        "verb": { "id": format!("http://adlnet.gov/expapi/verbs/{verb}") },
        "object": {
            "id": format!("https://example.org/{at}"),
            "definition": { "name": { "en": format!("Told by {project}") } },
        },
        "result": { "score": { "scaled": 0.8 } },
        "context": { "contextActivities": { "parent": [
            { "id": "https://lms.example.org/mod/quiz/view.php?id=42" },
        ] } },
        "timestamp": timestamp,
    })
}

const NOON: Stored = Stored(1_740_830_400_000_000);

/// Two projects with registers, rules and keys. The own one sent statements and documents, and
/// where it is not alone the other did too, save what would count for both.
pub(crate) async fn world(own: &str, alone: bool) -> World {
    let world = World::new().await;
    let project = |code: &str| {
        format!(
            "project: {code}\ntitle: {{ nb: P, sv: P, en: P }}\nzone: Europe/Oslo\n\
             start: 2024-01-01\nend: 2026-12-31\nperiods: [2025-06-30, 2025-12-31]\n\
             partners:\n  - {{ organisation: NO-100000016, country: NO, role: lead }}\n"
        )
    };
    world.clock.set(NOON);
    let files = PROJECTS.map(project);
    let tables = [
        PEOPLE,
        IDENTITIES,
        AFFILIATIONS,
        ORGANISATIONS,
        ACTIVITIES,
        ORGANISERS,
    ];
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|text| ("project.yaml", text.as_str()))
        .chain(tables.map(|text| ("table.csv", text)))
        .collect();
    world.import(&files).await;
    world.activate(QUIZ).await;
    for project in PROJECTS {
        world.activate(&INDICATORS.replace("sing", project)).await;
        world
            .key(&format!("{project}-lms"), project, &[Scope::All])
            .await;
        for key in kinds(project) {
            world.make_key(key).await;
        }
        let learner = NewKey {
            person: Some(world.person("p-both").await),
            scopes: Role::Learner.default_scopes().to_vec(),
            role: Some(Role::Learner),
            ..World::new_key(&own_learner(project), project)
        };
        world.make_key(learner).await;
    }
    for (number, (_, at)) in DEEDS.into_iter().enumerate() {
        for project in PROJECTS {
            let shared = at == "both";
            if project == own || !(alone || shared) {
                send(&world, project, number).await;
            }
        }
    }
    world.clock.set(Stored(NOON.0 + 500 * 86_400_000_000));
    world.settle().await;
    world.flag_repeats().await;
    world
}

/// Sends what a project has to say of one deed, at an instant of its own.
pub(super) async fn send(world: &World, project: &str, number: usize) {
    let turn = i64::try_from(number * PROJECTS.len()).expect("a small number");
    let turn = turn + i64::from(project == "merse");
    world.clock.set(Stored(NOON.0 + (turn + 1) * 60_000_000));
    let call = |method, target: &str| {
        let key = format!("{project}-lms");
        world.call(method, target).by(&key, SECRET)
    };
    let again = json!({ "id": id(project, number + 100) });
    let mut repeated = statement(project, number, "completed");
    repeated["id"] = again["id"].clone();
    let both = json!([statement(project, number, "completed"), repeated]);
    let sent = call(Method::POST, "/xapi/statements").json(&both).send();
    let _ = sent.await.expect(200);
    let documents = [
        format!("/xapi/activities/state?{}&stateId=place", state()),
        format!(
            "/xapi/activities/state?{}&stateId={project}-{number}",
            state()
        ),
        "/xapi/activities/profile?activityId=https://example.org/both&profileId=place".to_owned(),
        r#"/xapi/agents/profile?agent={"mbox":"mailto:both@example.org"}&profileId=place"#
            .to_owned(),
    ];
    for target in documents {
        let target = escaped(&target);
        let document = json!({ project: number });
        let sent = call(Method::POST, &target).json(&document).send().await;
        let _ = sent.expect(204);
    }
}

pub(super) fn state() -> String {
    r#"activityId=https://example.org/both&agent={"mbox":"mailto:both@example.org"}"#.to_owned()
}

pub(super) fn escaped(target: &str) -> String {
    target
        .replace('{', "%7B")
        .replace('}', "%7D")
        .replace('"', "%22")
}
