//! A project's own file: what it gives, its faults, and the duties to keep.

use super::*;

const PROJECT: &str = "\
project: sing
title: { nb: Prosjekt, sv: Projekt, en: Project }
zone: Europe/Oslo
start: 2024-01-01
end: 2026-12-31
partners:
  - { organisation: NO-123456785, country: NO, role: lead }
  - { organisation: 402000-0008, country: SE, role: partner }
";

#[test]
fn a_project_file_gives_titles_dates_zone_and_partners() {
    let read = read(&[file("sing.yaml", PROJECT)]).unwrap();
    assert_eq!(
        told(&read.rows),
        [
            "sing title:en=Project ..",
            "sing title:nb=Prosjekt ..",
            "sing title:sv=Projekt ..",
            "sing zone=Europe/Oslo ..",
            "sing start=2024-01-01 ..",
            "sing end=2026-12-31 ..",
            "sing partner:NO-123456785=lead ..",
            "sing partner:SE-402000-0008=partner ..",
        ]
    );
    assert_eq!(read.verdicts[0].kind, FileKind::Project);
    assert_eq!(read.verdicts[0].warnings.len(), 2);
}

#[test]
fn faults_of_a_project_file_name_the_line_or_the_path() {
    let cases = [
        (PROJECT.replace("zone", "zoen"), "sing.yaml, line 3"),
        (
            PROJECT.replace("Europe/Oslo", "Europe/Atlantis"),
            "sing.yaml, zone: found no known time",
        ),
        (
            PROJECT.replace("2026-12-31", "2023-12-31"),
            "sing.yaml, end: found a day before",
        ),
        (
            PROJECT.replace("2026-12-31", "2026-12-32"),
            "sing.yaml, end: found no day of the",
        ),
        (
            PROJECT.replace("402000-0008", "402000-0007"),
            "sing.yaml, partners[1].organisation: ",
        ),
        (
            PROJECT.replace("role: lead", "role: chief"),
            "expected one of lead, partner",
        ),
    ];
    for (text, expected) in cases {
        let told = read(&[file("sing.yaml", &text)]).unwrap_err().to_string();
        assert!(told.contains(expected), "{told} {expected}");
    }
}

fn kept(keep: &str) -> Result<Vec<String>, Vec<String>> {
    match read(&[file("project.yaml", &format!("{PROJECT}{keep}"))]) {
        Ok(files) => Ok(told(&files.rows)
            .into_iter()
            .filter(|row| row.starts_with("sing keep="))
            .collect()),
        Err(faults) => Err(faults.0.iter().map(ToString::to_string).collect()),
    }
}

#[test]
fn duties_to_keep_become_one_row_which_an_empty_list_takes_back() {
    let audit = "keep:\n  - { class: audit, years: 5, after: 2029-12-31, source: Art. 82 }\n";
    let aid = "  - { class: de-minimis, years: 10, source: a rule, activities: [\"urn:a\"] }\n";
    let both = [
        r#"{"class":"audit","years":5,"after":"2029-12-31","source":"Art. 82"}"#,
        r#"{"class":"de-minimis","years":10,"source":"a rule","activities":["urn:a"]}"#,
    ]
    .join(",");
    let row = format!("sing keep=[{both}] ..");
    assert_eq!(kept(&format!("{audit}{aid}")), Ok(vec![row]));
    assert_eq!(kept("keep: []\n"), Ok(vec!["sing keep=[] ..".to_owned()]));
    assert_eq!(kept(""), Ok(vec![]), "nothing is said of duties");
}

#[test]
fn a_duty_that_could_not_be_kept_is_refused_by_its_place() {
    let duty = |members: &str| format!("keep:\n  - {{ {members} }}\n");
    for (members, place) in [
        (
            "class: audit, years: 5, after: 2029-13-31, source: x",
            "keep[0].after",
        ),
        (
            "class: audit, years: 5, after: soon, source: x",
            "2026-12-31",
        ),
        ("class: audit, years: 101, source: x", "0 to 100"),
        ("class: audit, years: 5", "source"),
        ("class: forever, years: 5, source: x", "de-minimis"),
        ("class: de-minimis, years: 5, source: x", "activities"),
        (
            "class: audit, years: 5, source: x, until: 2029-12-31",
            "until",
        ),
    ] {
        let faults = kept(&duty(members)).expect_err(members);
        let told = faults.iter().any(|fault| fault.contains(place));
        assert!(told, "{members}: {faults:?}");
    }
}
