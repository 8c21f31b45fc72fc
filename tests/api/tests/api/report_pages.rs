//! The pages of reports: opened, checked, submitted, returned, accepted, packed and verified by forms.

use serde_json::Value;
use varde_api_tests::{Answer, SECRET, World};
use varde_core::Role;

use crate::reader::{Reader, between};
use crate::reports::{FEBRUARY, JULY, world};

const FIRST: &str = "/reports/sing/2025-06-30";
const CONTENT: &str = "/api/v1/reports/content?project=sing&period=2025-06-30";

/// Returns what a hidden field of a page holds.
fn hidden<'p>(page: &'p Answer, name: &str) -> &'p str {
    between(page.text(), &format!("name=\"{name}\" value=\""), "\"")
}

async fn of_api(world: &World, target: &str) -> Value {
    let answer = world.get(target).by("auditor", SECRET).send().await;
    answer.expect(200).json()
}

/// Has somebody submit the draft of the first period, and returns the page that says so.
async fn submitted(reader: &Reader<'_>) -> Answer {
    let check = reader.open(&format!("{FIRST}/check")).await.expect(200);
    let edit = hidden(&check, "edit").to_owned();
    reader
        .does(&format!("{FIRST}/submit"), &[("edit", &edit)])
        .await
}

#[tokio::test]
async fn the_pages_of_reports_are_shown_to_the_roles_that_may_read_them() {
    let world = world().await;
    let steward = Reader::named(&world, "ada", Role::DataSteward).await;
    let _ = steward.does(&format!("{FIRST}/open"), &[]).await;
    for role in Role::EACH {
        let reader = Reader::named(&world, role.name(), role).await;
        let reads = matches!(
            role,
            Role::Administrator | Role::DataSteward | Role::Auditor
        );
        let manages = reads && role != Role::Auditor;
        let status = |may: bool| if may { 200 } else { 403 };
        let check = format!("{FIRST}/check");
        for path in [
            "/reports",
            "/reports.csv",
            FIRST,
            check.as_str(),
            "/reports/sing/evidence",
            "/reports/sing/evidence.csv",
            "/reports/sing/balances",
            "/reports/sing/balances.csv",
            "/reports/sing/2025-06-30/tables/indicators.csv",
        ] {
            let _ = reader.open(path).await.expect(status(reads));
        }
        let _ = reader
            .open("/reports/verify")
            .await
            .expect(status(role != Role::Learner));
        let menu = reader.open("/account").await.expect(200);
        let in_menu = |path: &str| menu.text().contains(&format!("<a href=\"{path}\""));
        assert_eq!(in_menu("/reports"), reads, "{role}");
        assert_eq!(in_menu("/imports"), manages, "{role}");
        assert_eq!(in_menu("/published"), role != Role::Learner, "{role}");
        // Who only reads is shown no form, and what is sent all the same changes nothing.
        if reads {
            let page = reader.open(FIRST).await.expect(200);
            assert_eq!(page.text().contains("/comment\""), manages, "{role}");
        }
        if !manages {
            let sent = [("code", "RCO85"), ("text", "Mine."), ("edit", "0")];
            let _ = reader
                .send(&format!("{FIRST}/comment"), &sent)
                .await
                .expect(403);
            let _ = reader
                .send(&format!("{FIRST}/submit"), &[("edit", "0")])
                .await
                .expect(403);
        }
    }
    assert_eq!(of_api(&world, CONTENT).await["edit"], 0);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn a_report_goes_its_whole_course_by_forms() {
    let world = world().await;
    world.clock.set(JULY);
    let ada = Reader::named(&world, "ada", Role::DataSteward).await;
    let list = ada.open("/reports").await.expect(200);
    assert!(
        list.text().contains("1 July 2025"),
        "since when it is due: {}",
        list.text()
    );
    let opened = ada.does(&format!("{FIRST}/open"), &[]).await;
    assert!(
        opened.text().contains("The draft is open."),
        "{}",
        opened.text()
    );
    let told = of_api(&world, CONTENT).await;
    let total = told["report"]["indicators"][0]["reported"]["total"]
        .as_str()
        .expect("a total");
    assert!(
        opened.text().contains(&format!("<strong>{total}</strong>")),
        "the figure of the API"
    );
    assert!(
        opened
            .text()
            .contains("href=\"/indicators/sing/RCO85?as_of=2025-06-30\"")
    );

    let edit = hidden(&opened, "edit").to_owned();
    let hostile = "As planned. <script>alert(1)</script>";
    let said = [
        ("code", "RCO85"),
        ("text", hostile),
        ("edit", edit.as_str()),
    ];
    let commented = ada.does(&format!("{FIRST}/comment"), &said).await;
    assert!(
        !commented.text().contains("<script"),
        "{}",
        commented.text()
    );
    assert_eq!(
        of_api(&world, CONTENT).await["report"]["indicators"][0]["comment"],
        hostile
    );

    let done = submitted(&ada).await;
    let told = of_api(&world, CONTENT).await;
    let hash = told["hash"].as_str().expect("a hash");
    assert!(done.text().contains(hash), "{}", done.text());
    assert!(
        ada.open("/reports")
            .await
            .text()
            .contains("Submitting the report of sing")
    );

    let why = [("reason", "The list is missing.")];
    let returned = ada.does(&format!("{FIRST}/return"), &why).await;
    assert!(
        returned.text().contains("Revision 1: returned"),
        "{}",
        returned.text()
    );
    let old = ada.open(&format!("{FIRST}?revision=1")).await.expect(200);
    assert!(old.text().contains(hash) && old.text().contains("The list is missing."));
    let again = submitted(&ada).await;
    assert!(
        again.text().contains("The report is submitted and frozen."),
        "{}",
        again.text()
    );
    let accepted = ada.does(&format!("{FIRST}/accept"), &[]).await;
    assert!(accepted.text().contains("accepted"), "{}", accepted.text());
    assert_eq!(of_api(&world, CONTENT).await["state"], "accepted");
}

#[tokio::test]
async fn what_stands_in_the_way_is_said_before_the_button_and_stops_who_presses_it() {
    let world = world().await;
    world.clock.set(FEBRUARY);
    let ada = Reader::named(&world, "ada", Role::DataSteward).await;
    let _ = ada.does(&format!("{FIRST}/open"), &[]).await;
    let check = ada.open(&format!("{FIRST}/check")).await.expect(200);
    assert!(
        check.text().contains("The period is not over"),
        "{}",
        check.text()
    );
    assert!(!check.text().contains("/submit\""), "no button");
    let pressed = ada.does(&format!("{FIRST}/submit"), &[("edit", "0")]).await;
    assert!(
        pressed.text().contains("nothing was changed"),
        "{}",
        pressed.text()
    );
    assert!(
        pressed.text().contains("is not over for the ledger"),
        "{}",
        pressed.text()
    );
    assert_eq!(of_api(&world, CONTENT).await["state"], "draft");
}

#[tokio::test]
async fn nobody_overwrites_what_somebody_else_wrote_meanwhile() {
    let world = world().await;
    let ada = Reader::named(&world, "ada", Role::DataSteward).await;
    let bo = Reader::named(&world, "bo", Role::DataSteward).await;
    let page = ada.does(&format!("{FIRST}/open"), &[]).await;
    let edit = hidden(&page, "edit").to_owned();
    let says = |text| [("code", "RCO85"), ("text", text), ("edit", edit.as_str())];
    let _ = bo
        .send(&format!("{FIRST}/comment"), &says("First."))
        .await
        .expect(303);
    let late = ada
        .send(&format!("{FIRST}/comment"), &says("Second."))
        .await
        .expect(412);
    assert!(
        late.text().contains("somebody else changed this meanwhile"),
        "{}",
        late.text()
    );
    assert_eq!(
        of_api(&world, CONTENT).await["report"]["indicators"][0]["comment"],
        "First."
    );
    let without = [("code", "RCO85"), ("text", "Third.")];
    let _ = ada
        .send(&format!("{FIRST}/comment"), &without)
        .await
        .expect(400);
}

#[tokio::test]
async fn a_line_is_proved_by_an_uploaded_file_and_approved_by_a_second_person() {
    let world = world().await;
    let ada = Reader::named(&world, "ada", Role::DataSteward).await;
    let bo = Reader::named(&world, "bo", Role::DataSteward).await;
    let _ = ada.does(&format!("{FIRST}/open"), &[]).await;
    let file = ("list.pdf", b"%PDF-1.7 a list".as_slice());
    let title = [("title", "Attendance <b>list</b>")];
    let kept = ada
        .upload("/reports/sing/evidence", &title, file)
        .await
        .expect(303);
    let kept = ada.open(kept.header("location")).await.expect(200);
    assert!(!kept.text().contains("<b>list"), "{}", kept.text());
    let hash = between(kept.text(), "<a href=\"/reports/sing/evidence/", "\"").to_owned();
    let path = format!("/reports/sing/evidence/{hash}");
    let given = bo.open(&path).await.expect(200);
    assert_eq!(given.text(), "%PDF-1.7 a list");
    assert!(
        given
            .header("content-disposition")
            .starts_with("attachment")
    );
    let linked = ada
        .does(&format!("{path}/link"), &[("period", "2025-06-30")])
        .await;
    assert!(linked.text().contains("30 June 2025"), "{}", linked.text());

    let page = ada.open(FIRST).await.expect(200);
    let edit = hidden(&page, "edit").to_owned();
    let line = [
        ("code", "RCO85"),
        ("amount", "2"),
        ("reason", "On paper."),
        ("document", hash.as_str()),
        ("edit", edit.as_str()),
    ];
    let added = ada.does(&format!("{FIRST}/line"), &line).await;
    assert!(
        !added.text().contains("/line/approve"),
        "the author is shown no such button"
    );
    let edit = hidden(&added, "edit").to_owned();
    let number = [("line", "1"), ("edit", edit.as_str())];
    let _ = ada
        .send(&format!("{FIRST}/line/approve"), &number)
        .await
        .expect(409);
    assert!(
        bo.open(FIRST)
            .await
            .expect(200)
            .text()
            .contains("/line/approve")
    );
    let approved = bo.does(&format!("{FIRST}/line/approve"), &number).await;
    assert!(
        approved.text().contains("<strong>3</strong>"),
        "1 counted and 2 on paper"
    );
    let edit = hidden(&approved, "edit").to_owned();
    let number = [("line", "1"), ("edit", edit.as_str())];
    let withdrawn = ada.does(&format!("{FIRST}/line/withdraw"), &number).await;
    assert!(
        withdrawn.text().contains("<strong>1</strong>"),
        "{}",
        withdrawn.text()
    );
}

#[tokio::test]
async fn a_balance_begins_the_figures_of_the_page() {
    let world = world().await;
    let ada = Reader::named(&world, "ada", Role::DataSteward).await;
    let _ = ada.does(&format!("{FIRST}/open"), &[]).await;
    let path = "/reports/sing/balances";
    let balance = [
        ("code", "RCO85"),
        ("value", "10"),
        ("as_of", "2024-12-31"),
        ("source", "Report 1"),
        ("document", ""),
    ];
    let set = ada.does(path, &balance).await;
    assert!(set.text().contains("Report 1"), "{}", set.text());
    assert!(
        ada.open(FIRST)
            .await
            .expect(200)
            .text()
            .contains("<strong>11</strong>")
    );
    let told = ada.open(FIRST).await.expect(200);
    assert!(
        told.text()
            .contains("Opening balance 10 as of 31 December 2024: Report 1")
    );
    let csv = ada.open("/reports/sing/balances.csv").await.expect(200);
    assert!(
        csv.text().contains("RCO85,10,2024-12-31,Report 1"),
        "{}",
        csv.text()
    );
    let removed = ada
        .does(&format!("{path}/remove"), &[("code", "RCO85")])
        .await;
    assert!(
        removed.text().contains("No opening balances"),
        "{}",
        removed.text()
    );
    let wrong = [
        ("code", "RCO85"),
        ("value", "ten"),
        ("as_of", "2024-12-31"),
        ("source", "x"),
    ];
    let _ = ada.send(path, &wrong).await.expect(400);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn a_pack_is_made_checked_and_given_and_one_that_was_changed_is_refused_by_name() {
    let world = world().await;
    world.clock.set(JULY);
    let ada = Reader::named(&world, "ada", Role::DataSteward).await;
    let _ = ada.does(&format!("{FIRST}/open"), &[]).await;
    let _ = submitted(&ada).await;
    let made = ada
        .send(&format!("{FIRST}/pack"), &[("revision", "1")])
        .await
        .expect(303);
    let work = made.header("location").to_owned();
    let page = ada.open(&work).await.expect(200);
    assert!(
        page.text().contains("The pack is as it was signed."),
        "{}",
        page.text()
    );
    assert!(
        page.text().contains("The key is known here since"),
        "{}",
        page.text()
    );
    let pack = ada.open(&format!("{work}/pack.zip")).await.expect(200);
    let of_api = world.get("/api/v1/reports/pack?project=sing&period=2025-06-30");
    let of_api = of_api.by("auditor", SECRET).send().await.expect(200);
    assert!(pack.body == of_api.body, "the same bytes as the API's");

    let funder = Reader::named(&world, Role::Funder.name(), Role::Funder).await;
    let file = ("pack.zip", pack.body.as_ref());
    let whole = funder
        .upload("/reports/verify", &[], file)
        .await
        .expect(200);
    assert!(
        whole.text().contains("The pack is as it was signed."),
        "{}",
        whole.text()
    );
    let other = "0".repeat(64);
    let other = funder
        .upload("/reports/verify", &[("fingerprint", &other)], file)
        .await
        .expect(200);
    assert!(
        other.text().contains("signed by another key"),
        "{}",
        other.text()
    );
    let signer = between(whole.text(), "Signed by the key</dt><dd><code>", "<").to_owned();
    let same = [("fingerprint", signer.as_str())];
    let same = funder
        .upload("/reports/verify", &same, file)
        .await
        .expect(200);
    assert!(
        same.text().contains("It is the key that you expected."),
        "{}",
        same.text()
    );

    let mut changed = pack.body.to_vec();
    let name = b"sv/annex.html";
    let at = changed
        .windows(name.len())
        .position(|part| part == name)
        .expect("the file");
    changed[at + name.len() + 40] ^= 1;
    let changed = ("pack.zip", changed.as_slice());
    let changed = funder
        .upload("/reports/verify", &[], changed)
        .await
        .expect(200);
    assert!(
        changed.text().contains("The pack is not as it was signed."),
        "{}",
        changed.text()
    );
    let row = between(changed.text(), "class=\"long\">sv/annex.html</th>", "</tr>");
    assert!(
        row.contains("cannot be read: the file was changed"),
        "{row}"
    );
    let no_pack = funder
        .upload("/reports/verify", &[], ("a.zip", b"text"))
        .await
        .expect(400);
    assert!(
        no_pack.text().contains("This is no pack."),
        "{}",
        no_pack.text()
    );
}

#[tokio::test]
async fn a_work_is_found_by_its_owner_alone() {
    let world = world().await;
    world.clock.set(JULY);
    let ada = Reader::named(&world, "ada", Role::DataSteward).await;
    let bo = Reader::named(&world, "bo", Role::Administrator).await;
    let _ = ada.does(&format!("{FIRST}/open"), &[]).await;
    let _ = submitted(&ada).await;
    let made = ada
        .send(&format!("{FIRST}/pack"), &[("revision", "1")])
        .await
        .expect(303);
    let work = made.header("location").to_owned();
    let pack = format!("{work}/pack.zip");
    for path in [&work, &pack] {
        let _ = bo.open(path).await.expect(404);
    }
    assert!(!bo.open("/reports").await.text().contains("/works/"));
    let _ = ada.open(&work).await.expect(200);
    let _ = ada.open(&pack).await.expect(200);
    let _ = ada.open("/works/none").await.expect(404);
    // Who acts through the same session a day later finds nothing any more.
    world.clock.advance(25 * 60 * 60 * 1_000_000);
    let later = Reader::named(&world, "cy", Role::DataSteward).await;
    assert!(!later.open("/reports").await.text().contains("/works/"));
}

#[tokio::test]
async fn what_is_another_projects_is_not_found_and_what_is_wrong_changes_nothing() {
    let world = world().await;
    let ada = Reader::named(&world, "ada", Role::DataSteward).await;
    let _ = ada.does(&format!("{FIRST}/open"), &[]).await;
    for path in [
        "/reports/merse/2025-06-30",
        "/reports/merse/2025-06-30/check",
        "/reports/merse/evidence",
        "/reports/merse/balances",
        "/reports/sing/2025-12-31",
        "/reports/sing/yesterday",
        "/reports/sing/2025-06-30/tables/none.csv",
        "/reports/sing/2025-06-30?revision=9",
    ] {
        let _ = ada.open(path).await.expect(404);
    }
    for path in [
        "/reports/merse/2025-06-30/open",
        "/reports/merse/2025-06-30/accept",
    ] {
        let _ = ada.send(path, &[]).await.expect(404);
    }
    for act in [
        "open",
        "submit",
        "return",
        "accept",
        "comment",
        "line",
        "line/approve",
        "pack",
    ] {
        let path = format!("{FIRST}/{act}");
        let fields = "edit=0&code=RCO85&text=x&line=1&revision=1&reason=x";
        let form = "application/x-www-form-urlencoded";
        let _ = ada.post(&path).body(form, fields).send().await.expect(403);
        let foreign = ada.post(&path).header("sec-fetch-site", "cross-site");
        let proof = ada.proof().await;
        let fields = format!("csrf={proof}&{fields}");
        let _ = foreign.body(form, fields).send().await.expect(403);
    }
    let told = of_api(&world, CONTENT).await;
    assert_eq!(
        (&told["edit"], &told["state"]),
        (&0.into(), &"draft".into())
    );
}
