//! The files that are handed in: what they say, that they cannot be changed unseen, and that they
//! cannot harm who opens them.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use serde_json::Value;
use varde_interreg::pack::{
    Fault, Language, Pack, PublicKey, REPORT, SIGNATURE, SIGNER, SigningKey, Trusted, verify,
};
use varde_interreg::reports::NewLine;
use varde_test_support::SeededEntropy;

use crate::world::{FIRST, SECOND, World, code, place, query, steward};

/// What no file may let anybody's program run.
const HOSTILE: &str = "=HYPERLINK(\"http://example.org\",\"x\")<script>alert(1)</script>\u{1}";

/// Returns a private key as PEM.
pub(crate) fn pem(seed: u64) -> String {
    SigningKey::generate(&SeededEntropy::new(seed))
}

pub(crate) fn key(seed: u64) -> SigningKey {
    pem(seed).parse().expect("a key")
}

/// Returns `report.json` of a second report: with figures, a correction, a line and a comment.
async fn report() -> Vec<u8> {
    let world = World::new().await;
    for (number, day) in [(1, "2025-02-01"), (2, "2025-03-01"), (3, "2025-04-01")] {
        world.begins(number, number, day).await;
    }
    world.reported(FIRST).await;
    world.voids(10, 2).await;
    world.begins(11, 11, "2025-08-01").await;
    world.after(SECOND);
    world.open(SECOND).await;
    let (caller, of) = (steward(1), place(SECOND));
    let said = (&code("RCO85"), HOSTILE);
    let reports = &world.reports;
    reports.comment(&caller, &of, said, None).await.unwrap();
    let line = NewLine {
        code: code("RCO85"),
        amount: "-0.5".parse().unwrap(),
        reason: HOSTILE.to_owned(),
        document: world.document("an agreement").await,
    };
    let number = reports.add_line(&caller, &of, line, None).await.unwrap();
    let approved = reports.approve_line(&steward(2), &of, number, None).await;
    approved.unwrap();
    world.submit(SECOND).await;
    let file = world.reports.file(&caller, &query(SECOND, None)).await;
    file.unwrap().0
}

async fn pack() -> (Value, Pack) {
    let report = report().await;
    let pack = Pack::make(&report, &key(1)).expect("a pack");
    (serde_json::from_slice(&report).unwrap(), pack)
}

fn text<'p>(pack: &'p Pack, name: &str) -> &'p str {
    std::str::from_utf8(&pack.files[name]).expect(name)
}

/// Tells what kind of file a name is of.
fn is(name: &str, kind: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, end)| end == kind)
}

/// Returns the sheets of a workbook.
fn sheets(bytes: &[u8]) -> Vec<(String, Vec<Vec<Data>>)> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).expect("opens");
    let names = book.sheet_names();
    let rows = |name: &String| {
        let range = book.worksheet_range(name).expect("a sheet");
        range.rows().map(<[Data]>::to_vec).collect::<Vec<_>>()
    };
    let mut rows = rows;
    names
        .iter()
        .map(|name| (name.clone(), rows(name)))
        .collect()
}

#[tokio::test]
async fn the_same_report_and_key_give_the_same_bytes() {
    let report = report().await;
    let [first, second] = [(); 2].map(|()| Pack::make(&report, &key(1)).expect("a pack"));
    for (name, bytes) in &first.files {
        assert!(*bytes == second.files[name], "{name}");
    }
    assert_eq!(first.files[REPORT], report, "byte for byte");
}

#[tokio::test]
async fn every_file_says_where_its_figures_are_from() {
    let (report, pack) = pack().await;
    let snapshot = pack.manifest.snapshot.to_string();
    let said = [
        snapshot.as_str(),
        report["known_at"].as_str().unwrap(),
        report["definition_hash"].as_str().unwrap(),
        SECOND,
        "Europe/Oslo",
    ];
    for (name, bytes) in &pack.files {
        if [REPORT, SIGNATURE, SIGNER].contains(&name.as_str()) {
            continue;
        }
        let spoken = if is(name, "xlsx") {
            format!("{:?}", sheets(bytes))
        } else {
            String::from_utf8(bytes.clone()).unwrap()
        };
        let has_rows = !is(name, "csv") || spoken.lines().count() > 1;
        for said in said {
            assert!(!has_rows || spoken.contains(said), "{name} lacks {said}");
        }
    }
    for language in Language::EACH {
        let annex = text(&pack, &format!("{language}/annex.html"));
        assert!(annex.contains(&pack.manifest.signer.to_string()));
        assert_eq!(
            annex.matches("<div class=\"block\">").count(),
            2,
            "both leaders sign"
        );
        assert!(annex.contains("<tfoot>") && annex.contains("size: A4"));
    }
}

#[tokio::test]
async fn one_changed_byte_in_any_file_is_found_by_name() {
    let (_, pack) = pack().await;
    let trusted = Trusted::Key(key(1).public());
    for trusted in [Some(&trusted), None] {
        for (name, bytes) in &pack.files {
            // Without a key in hand, one byte of each.
            let places = [bytes.len() / 2, 0, bytes.len() - 1];
            for at in &places[..if trusted.is_some() { 3 } else { 1 }] {
                let at = *at;
                let mut files = pack.files.clone();
                files.get_mut(name).unwrap()[at] ^= 1;
                let faults = verify(&files, trusted).expect_err(name);
                let named = faults
                    .iter()
                    .any(|fault| fault.to_string().contains(name.as_str()));
                assert!(named, "{name} at {at}: {faults:?}");
            }
            let mut files = pack.files.clone();
            files.remove(name);
            let faults = verify(&files, trusted).expect_err(name);
            assert!(
                faults.contains(&Fault::Missing(name.clone())),
                "{name}: {faults:?}"
            );
        }
    }
    let mut files = pack.files.clone();
    files.insert("nb/more.txt".to_owned(), b"more".to_vec());
    let faults = verify(&files, None).expect_err("one more");
    assert_eq!(faults, [Fault::Foreign("nb/more.txt".to_owned())]);
}

#[tokio::test]
async fn only_the_signer_who_is_expected_is_proven() {
    let (_, pack) = pack().await;
    let own: PublicKey = text(&pack, SIGNER).parse().unwrap();
    let unproven = verify(&pack.files, None).expect("intact");
    assert!(!unproven.signer_is_proven);
    for trusted in [Trusted::Key(own), Trusted::Fingerprint(own.fingerprint())] {
        assert!(
            verify(&pack.files, Some(&trusted))
                .expect("intact")
                .signer_is_proven
        );
    }
    let other = key(2).public();
    for trusted in [
        Trusted::Key(other),
        Trusted::Fingerprint(other.fingerprint()),
    ] {
        let faults = verify(&pack.files, Some(&trusted)).expect_err("another signer");
        assert!(
            matches!(faults[..], [Fault::OtherSigner { .. }]),
            "{faults:?}"
        );
    }
    // Whoever signs it anew is intact for nobody's key but their own.
    let forged = Pack::make(&pack.files[REPORT], &key(2)).expect("a pack");
    assert!(verify(&forged.files, None).is_ok());
    let faults = verify(&forged.files, Some(&Trusted::Key(own))).expect_err("forged");
    assert!(
        matches!(faults[..], [Fault::OtherSigner { .. }]),
        "{faults:?}"
    );
    // Whoever only exchanges the key or the signature is found out.
    for name in [SIGNER, SIGNATURE] {
        let mut files = pack.files.clone();
        files.insert(name.to_owned(), forged.files[name].clone());
        assert!(verify(&files, None).is_err(), "{name}");
    }
}

#[tokio::test]
async fn no_text_is_taken_for_a_formula_or_for_markup() {
    let (_, pack) = pack().await;
    for (name, bytes) in &pack.files {
        if is(name, "html") {
            let page = std::str::from_utf8(bytes).unwrap();
            assert!(!page.contains("<script"), "{name}");
            assert!(page.contains("default-src 'none'"), "{name}");
        }
        if is(name, "csv") {
            let csv = std::str::from_utf8(bytes).unwrap();
            let guarded = csv.matches("HYPERLINK").count();
            assert_eq!(csv.matches("'=HYPERLINK").count(), guarded, "{name}");
        }
        if is(name, "xlsx") {
            let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
            for sheet in book.sheet_names() {
                let formulas = book.worksheet_formula(&sheet).unwrap();
                assert_eq!(formulas.used_cells().count(), 0, "{name} {sheet}");
            }
        }
    }
}

#[tokio::test]
async fn the_workbook_holds_the_values_of_the_report_as_numbers() {
    let (report, pack) = pack().await;
    let mut names = BTreeMap::new();
    for language in Language::EACH {
        let sheets = sheets(&pack.files[&format!("{language}/workbook.xlsx")]);
        names.insert(
            language,
            sheets
                .iter()
                .map(|(name, _)| name.clone())
                .collect::<Vec<_>>(),
        );
        let (_, rows) = &sheets[2];
        for indicator in report["indicators"].as_array().unwrap() {
            let code = indicator["code"].as_str().unwrap();
            let row = rows
                .iter()
                .find(|row| row[0] == Data::String(code.to_owned()));
            let row = row.expect(code);
            let number = |value: &Value| match value {
                Value::String(text) => text.parse().unwrap(),
                value => value.as_f64().unwrap(),
            };
            let figures = &indicator["figures"];
            let expected = [
                (7, &indicator["target"]),
                (8, &figures["previous"]),
                (9, &figures["new"]),
                (10, &figures["correction"]),
                (11, &figures["current"]),
                (12, &figures["total"]),
                (13, &indicator["manual"]["total"]),
                (14, &indicator["reported"]["total"]),
            ];
            for (column, value) in expected {
                assert_eq!(row[column], Data::Float(number(value)), "{code} {column}");
            }
        }
    }
    assert_eq!(
        names[&Language::En],
        [
            "Summary",
            "Progress to target",
            "Indicators",
            "Breakdowns",
            "Organisations (restricted)",
            "Corrections",
            "Method",
            "Data quality"
        ]
    );
    assert_ne!(names[&Language::Nb], names[&Language::Sv]);
}

#[tokio::test]
async fn portals_are_given_cumulative_numbers_and_jems_what_is_new() {
    let (_, pack) = pack().await;
    // Three were reported, one was taken back, one came, and half a one was taken off by hand.
    let sheet = text(&pack, "sv/paste-sheet.html");
    assert!(
        sheet.contains("<td class=\"number cumulative\">2,5</td>"),
        "{sheet}"
    );
    let sheet = text(&pack, "en/paste-sheet.html");
    assert!(
        sheet.contains("<td class=\"number cumulative\">2.5</td>"),
        "{sheet}"
    );
    assert!(
        sheet.contains("No change in the period."),
        "a comment even where nothing is new"
    );
    let jems: Value = serde_json::from_slice(&pack.files["nb/jems.json"]).unwrap();
    let output = &jems["outputs"][0];
    assert_eq!(output["id"], "RCO85");
    assert_eq!(output["currentReport"], -0.5);
    assert_eq!(output["progress"][0]["language"], "NO");
    let result = &jems["results"][0];
    assert_eq!(
        (&result["resultNumber"], &result["code"]),
        (&1.into(), &"RCR81".into())
    );
    assert_eq!(result["achievedInReportingPeriod"], 0.0);
}

#[tokio::test]
async fn csv_comes_in_both_styles() {
    let (_, pack) = pack().await;
    let plain = text(&pack, "csv/manual-lines.csv");
    assert!(plain.starts_with("project,period,"), "{plain}");
    assert!(plain.contains(",-0.5,"), "{plain}");
    let nordic = text(&pack, "sv/manual-lines.csv");
    assert!(
        nordic.starts_with("\u{feff}Projekt;Period till;"),
        "{nordic}"
    );
    assert!(nordic.contains(";-0,5;"), "{nordic}");
    let corrections = text(&pack, "nb/corrections.csv");
    assert!(
        corrections.contains("statementet er annullert"),
        "{corrections}"
    );
    let codes = text(&pack, "csv/corrections.csv");
    assert!(codes.contains(",voided,"), "{codes}");
}

#[tokio::test]
async fn a_pack_of_one_language_is_intact_and_has_no_folder_of_another() {
    let pack = Pack::make_in(&report().await, &key(1), &[Language::Sv]).expect("a pack");
    assert_eq!(verify(&pack.files, None).unwrap().manifest, pack.manifest);
    let has = |folder: &str| pack.files.keys().any(|name| name.starts_with(folder));
    assert_eq!(
        ["csv/", "sv/", "nb/", "en/"].map(has),
        [true, true, false, false]
    );
}
