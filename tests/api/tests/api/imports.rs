//! The project office's files over HTTP.

use axum::http::Method;
use serde_json::json;
use varde_api_tests::{Answer, SECRET, World};
use varde_core::keys::NewKey;
use varde_core::{Role, Scope};

const PARTNERS: &str =
    "orgnr;role;date\n100000024;partner;2025-01-01\n402000-0008;lead;2025-01-01\n";

async fn send(world: &World, target: &str, body: &[u8]) -> Answer {
    let call = world.call(Method::POST, target);
    call.by("front-end", SECRET)
        .body("text/csv", body.to_vec())
        .send()
        .await
}

#[tokio::test]
async fn a_file_is_judged_imported_and_known_again() {
    let world = World::new().await;
    let dry = "/api/v1/imports?project=sing&name=partners.csv&dry_run=true";
    let judged = send(&world, dry, PARTNERS.as_bytes())
        .await
        .expect(200)
        .json();
    assert_eq!(judged["dry_run"], json!(true));
    assert_eq!(judged["counts"], json!({ "new": 2 }));
    assert_eq!(judged["rows"][0]["file"], json!("partners.csv"));
    assert_eq!(judged["rows"][0]["line"], json!(2));
    let none = world
        .get("/xapi/statements")
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(none["statements"], json!([]));

    let target = "/api/v1/imports?name=partners.csv";
    let imported = send(&world, target, PARTNERS.as_bytes())
        .await
        .expect(200)
        .json();
    assert_eq!(imported["counts"], json!({ "new": 2 }));
    let id = imported["rows"][0]["statement"]
        .as_str()
        .unwrap()
        .to_owned();
    let stored = world
        .get(&format!("/xapi/statements?statementId={id}"))
        .send()
        .await;
    assert_eq!(
        stored.expect(200).json()["actor"]["account"]["name"],
        json!("100000024")
    );
    let again = send(&world, target, PARTNERS.as_bytes())
        .await
        .expect(200)
        .json();
    assert_eq!(again["counts"], json!({ "unchanged": 2 }));

    let header = b"orgnr;role;date\n100000024;partner;2025-01-01\n";
    let replaced = send(&world, "/api/v1/imports?replace=true", header).await;
    let counts = replaced.expect(200).json()["counts"].clone();
    assert_eq!(counts, json!({ "removed": 1, "unchanged": 1 }));
}

#[tokio::test]
async fn all_faults_are_told_and_nothing_is_imported() {
    let world = World::new().await;
    let body = b"orgnr;role;date\n100000024;guest;2025-01-01\n402000-0008;lead;1.1.2025\n";
    let refused = send(&world, "/api/v1/imports?name=p.csv", body)
        .await
        .expect(400);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    let problem = refused.json();
    assert_eq!(problem["code"], json!("faulty-files"));
    assert_eq!(problem["total"], json!(2));
    assert_eq!(
        problem["faults"][0],
        json!({
            "file": "p.csv",
            "line": 2,
            "column": "role",
            "sentence": "found `guest`; expected one of lead, partner, associated",
        })
    );
    let dry = send(&world, "/api/v1/imports?dry_run=true", body)
        .await
        .expect(200)
        .json();
    assert_eq!(dry["counts"], json!({ "refused": 2 }));
    assert_eq!(dry["faults"].as_array().unwrap().len(), 2);
    let other = "/api/v1/imports?project=merse";
    let refused = send(&world, other, PARTNERS.as_bytes())
        .await
        .expect(400)
        .json();
    assert_eq!(refused["faults"][0]["rule"], json!("import-project"));
    let none = world
        .get("/xapi/statements")
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(none["statements"], json!([]));
}

#[tokio::test]
async fn templates_are_listed_and_what_they_hold_is_imported() {
    let world = World::new().await;
    let listed = world
        .get("/api/v1/imports/templates")
        .send()
        .await
        .expect(200)
        .json();
    let tables = listed["tables"].as_array().unwrap();
    assert_eq!(tables.len(), 14);
    assert_eq!(tables[8]["name"], json!("partners"));
    assert_eq!(tables[8]["required"], json!(["orgnr", "role", "date"]));

    let csv = world
        .get("/api/v1/imports/templates/partners.csv")
        .send()
        .await
        .expect(200);
    assert_eq!(csv.text(), "\u{feff}orgnr,role,date,country\n");
    let book = "/api/v1/imports/templates/varde-import.xlsx?example=yes";
    let book = world.get(book).send().await.expect(200);
    assert!(
        book.header("content-disposition")
            .contains("varde-import.xlsx")
    );
    let imported = send(&world, "/api/v1/imports?name=b.xlsx", &book.body)
        .await
        .expect(200);
    let report = imported.json();
    assert_eq!(report["faults"], json!([]));
    assert_eq!(report["rows"][0]["sheet"], json!("activities"));
    let _ = world
        .get("/api/v1/imports/templates/other.csv")
        .send()
        .await
        .expect(404);
}

#[tokio::test]
async fn administrators_and_data_stewards_import_and_nobody_else() {
    let world = World::new().await;
    for role in Role::EACH {
        let key = NewKey {
            scopes: vec![Scope::All],
            role: Some(role),
            ..World::new_key(role.name(), "sing")
        };
        world.make_key(key).await;
        let may = matches!(role, Role::Administrator | Role::DataSteward);
        let call = world.call(Method::POST, "/api/v1/imports");
        let call = call
            .by(role.name(), SECRET)
            .body("text/csv", PARTNERS.as_bytes().to_vec());
        let status = if may { 200 } else { 403 };
        let _ = call.send().await.expect(status);
        let list = world
            .get("/api/v1/imports/templates")
            .by(role.name(), SECRET);
        let _ = list.send().await.expect(status);
    }
}
