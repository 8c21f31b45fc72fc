//! What register files give, and how each of their faults is told.

mod project;
mod workbooks;

use super::*;
use crate::registers::{Entity, EntityKind, Row};

fn file(name: &str, text: &str) -> RegisterFile {
    RegisterFile {
        name: name.to_owned(),
        bytes: text.as_bytes().to_vec(),
    }
}

fn read_one(text: &str) -> Result<RegisterFiles, FileFaults> {
    read(&[file("table.csv", text)])
}

fn rows(text: &str) -> Vec<Row> {
    read_one(text).expect("the table is right").rows
}

/// Prints rows as `id field=value from..to`.
fn told(rows: &[Row]) -> Vec<String> {
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let value = |row: &Row| row.value.clone().unwrap_or_else(|| "-".to_owned());
    rows.iter()
        .map(|row| {
            let (from, to) = (day(row.valid_from), day(row.valid_to));
            format!(
                "{} {}={} {from}..{to}",
                row.entity.id,
                row.field,
                value(row)
            )
        })
        .collect()
}

fn sentences(text: &str) -> Vec<String> {
    let faults = read_one(text).expect_err(text);
    faults.0.iter().map(ToString::to_string).collect()
}

#[test]
fn each_table_gives_the_rows_of_its_kind() {
    let tables: [(&str, &[&str]); 6] = [
        (
            "pseudonym,gender,birth_year_band,nuts3\np-001,female,1980-1989,NO060\np-002,,,\n",
            &[
                "p-001 gender=female ..",
                "p-001 birth-year-band=1980-1989 ..",
                "p-001 nuts3=NO060 ..",
                "p-002 gender=- ..",
                "p-002 birth-year-band=- ..",
                "p-002 nuts3=- ..",
            ],
        ),
        (
            "ifi;pseudonym;valid_from;valid_to\n\
             account:17|https://lms.example.org;p-001;2025-01-01;2025-06-30\n",
            &["account:https://lms.example.org 17 person=p-001 2025-01-01..2025-06-30"],
        ),
        (
            "country,orgnr,name,nuts3,nuts_version,nace,headcount,turnover_meur,balance_meur,\
             founded_on,valid_from\n\
             NO,123456785,Example Firm,NO060,2024,85.59,12,\"1,5\",0.9,2020-02-29,2024-01-01\n",
            &[
                "NO-123456785 name=Example Firm 2024-01-01..",
                "NO-123456785 nuts3=NO060 2024-01-01..",
                "NO-123456785 nuts-version=2024 2024-01-01..",
                "NO-123456785 nace=85.59 2024-01-01..",
                "NO-123456785 headcount=12 2024-01-01..",
                "NO-123456785 turnover-meur=1.5 2024-01-01..",
                "NO-123456785 balance-meur=0.9 2024-01-01..",
                "NO-123456785 founded-on=2020-02-29 2024-01-01..",
            ],
        ),
        (
            "pseudonym,orgnr,from,to\np-001,402000-0008,2025-01-01,\n",
            &["p-001 organisation:SE-402000-0008=yes 2025-01-01.."],
        ),
        (
            "iri,kind,title,project,start,end,public\n\
             https://example.org/a,training-scheme,A,sing,2025-01-01,2025-06-30,no\n",
            &[
                "https://example.org/a kind=training-scheme ..",
                "https://example.org/a title=A ..",
                "https://example.org/a start=2025-01-01 ..",
                "https://example.org/a end=2025-06-30 ..",
                "https://example.org/a public=no ..",
                "https://example.org/a cancelled=- ..",
                "https://example.org/a inclusion=- ..",
                "https://example.org/a nuts3=- ..",
                "https://example.org/a project:sing=yes ..",
            ],
        ),
        (
            "iri,orgnr,country,from\nhttps://example.org/a,123456785,NO,2025-02-01\n",
            &["https://example.org/a organiser:NO-123456785=yes 2025-02-01.."],
        ),
    ];
    for (text, expected) in tables {
        assert_eq!(told(&rows(text)), expected, "{text}");
    }
}

#[test]
fn spelling_of_a_table_does_not_matter() {
    let plain = rows("pseudonym,orgnr,from\np-001,123456785,2025-01-01\n");
    let others = [
        "\u{feff}pseudonym,orgnr,from\np-001,123456785,2025-01-01\n",
        "pseudonym;orgnr;from\r\np-001;123456785;2025-01-01\r\n",
        "\n Pseudonym , ORGNR , from \n\n p-001 , 123 456 785 , 2025-01-01 \n,,\n",
        "from,orgnr,pseudonym\n\"2025-01-01\",\"123456785\",\"p-001\"",
    ];
    for text in others {
        assert_eq!(rows(text), plain, "{text:?}");
    }
}

#[test]
fn every_fault_names_file_line_and_column_and_what_was_expected() {
    let people = "pseudonym,gender,birth_year_band,nuts3\n";
    let activities = "iri,kind,title,project,start,end\n";
    let iri = "https://example.org/a";
    let cases = [
        (
            format!("{people}\n\np-1,male,1980-1989,NO60\n"),
            "table.csv, line 4, nuts3: found 4 characters; expected a NUTS 3 code",
        ),
        (
            format!("{people}p-1,man,,\n"),
            "table.csv, line 2, gender: found 3 characters; expected one of female, male, other",
        ),
        (
            format!("{people}p-1,,1989-1980,\n"),
            "table.csv, line 2, birth_year_band: found 9 characters; expected two years",
        ),
        (
            format!("{people}learner@example.org,,,\n"),
            "table.csv, line 2, pseudonym: found 19 characters; expected a pseudonym",
        ),
        (
            format!("{people},female,,\n"),
            "pseudonym: found nothing; expected a pseudonym",
        ),
        (
            format!("{people}unresolved:1,,,\n"),
            "table.csv, line 2, pseudonym: found 12 characters; expected a pseudonym",
        ),
        (
            format!("{people}p-1,male\n"),
            "table.csv, line 2: found 2 cells; expected 4",
        ),
        (
            format!("{activities}{iri},course,A,sing,,\n"),
            "table.csv, line 2, kind: found `course`; expected one of training-scheme",
        ),
        (
            format!("{activities}a,training-scheme,A,sing,,\n"),
            "table.csv, line 2, iri: found `a`; expected an absolute IRI",
        ),
        (
            format!("{activities}{iri},training-scheme,A,sing,2025-13-01,\n"),
            "table.csv, line 2, start: found `2025-13-01`; expected a date such as",
        ),
        (
            format!("{activities}{iri},training-scheme,A,sing,20250131,\n"),
            "table.csv, line 2, start: found `20250131`; expected a date such as",
        ),
        (
            format!("{activities}{iri},training-scheme,A,sing,2025-02-01,2025-01-01\n"),
            "table.csv, line 2, end: found `2025-01-01`; expected a day not before the one in start",
        ),
        (
            "pseudonym,orgnr\np-1,123456784\n".to_owned(),
            "table.csv, line 2, orgnr: found a Norwegian organisation number whose last digit",
        ),
        (
            "ifi,pseudonym\nlearner@example.org,p-1\n".to_owned(),
            "table.csv, line 2, ifi: found 19 characters that begin with no kind of identifier",
        ),
        (
            "country,orgnr,name,headcount\nNO,123456785,A,many\n".to_owned(),
            "table.csv, line 2, headcount: found `many`; expected a number of 0 or more",
        ),
    ];
    all_told(&cases);
}

#[test]
fn a_header_that_fits_no_table_is_told_what_the_nearest_one_has() {
    let cases = [
        (
            "pseudonym,gender,birth_year_band,nuts\np-1,,,\n".to_owned(),
            "table.csv, line 1: found a header that is nearest to people, but with no column \
             nuts3 and the column nuts that no such file has; expected pseudonym, gender, \
             birth_year_band, nuts3",
        ),
        (
            "ifi,pseudonym,ifi\n".to_owned(),
            "table.csv, line 1: found the column ifi twice",
        ),
        (
            "\n\n".to_owned(),
            "table.csv: found no line; expected a header",
        ),
    ];
    all_told(&cases);
}

fn all_told(cases: &[(String, &str)]) {
    for (text, expected) in cases {
        let sentences = sentences(text);
        assert!(
            sentences.iter().any(|told| told.contains(expected)),
            "{sentences:?} {expected}"
        );
    }
}

#[test]
fn a_file_that_is_not_utf_8_is_read_as_windows_1252() {
    let header = b"country;orgnr;name;turnover_meur\r\n";
    let line = b"SE;402000-0008;F\xf6rening \x96 \x80;1,5\r\n";
    let windows = RegisterFile {
        name: "organisations.csv".to_owned(),
        bytes: [header.as_slice(), line].concat(),
    };
    let text = "country,orgnr,name,turnover_meur\nSE,402000-0008,Förening – €,1.5\n";
    assert_eq!(read(&[windows]).unwrap().rows, rows(text));
}

#[test]
fn no_fault_and_no_verdict_quotes_a_person_or_an_identifier() {
    let secret = "secret-learner";
    let tables = [
        format!(
            "pseudonym,gender,birth_year_band,nuts3\n{secret}@example.org,{secret},{secret},{secret}\n"
        ),
        format!("ifi,pseudonym\n{secret},{secret}@example.org\nmailto:{secret},p-1\n"),
        format!(
            "ifi,pseudonym\nmailto:{secret}@example.org,p-1\nmailto:{secret}@example.org,p-2\n"
        ),
        format!("country,orgnr,name,nace\nSE,{secret},{secret},x\n"),
        format!("pseudonym,orgnr,from\n{secret}@example.org,{secret},{secret}\n"),
    ];
    for table in tables {
        let told = sentences(&table).join("\n");
        assert!(!told.contains("secret"), "{told}");
    }
    let fine = read_one(&format!("ifi,pseudonym\nmailto:{secret}@example.org,p-1\n")).unwrap();
    assert!(!format!("{:?}", fine.verdicts).contains("secret"));
}

#[test]
fn one_fault_anywhere_leaves_no_row_of_the_set_and_all_faults_are_told() {
    let files = [
        file(
            "people.csv",
            "pseudonym,gender,birth_year_band,nuts3\np-1,female,,\n",
        ),
        file(
            "more.csv",
            "pseudonym,gender,birth_year_band,nuts3\np-2,x,,y\np-3,z,,\n",
        ),
        file("orgs.csv", "country,orgnr,name\nNO,1,A\n"),
    ];
    let faults = read(&files).unwrap_err();
    let places: Vec<_> = faults.0.iter().map(|f| (f.file.as_str(), f.line)).collect();
    let more = "more.csv";
    assert_eq!(
        places,
        [
            (more, Some(2)),
            (more, Some(2)),
            (more, Some(3)),
            ("orgs.csv", Some(2))
        ]
    );
}

#[test]
fn two_lines_that_contradict_each_other_are_a_fault_and_two_equal_ones_are_none() {
    let header = "ifi,pseudonym\nmailto:learner-1@example.org,p-1\n";
    let again = format!("{header}mailto:learner-1@EXAMPLE.org,p-1\n");
    assert_eq!(rows(&again).len(), 2);
    let other = format!("{header}mailto:learner-1@example.org,p-2\n");
    assert_eq!(
        sentences(&other),
        [
            "table.csv, line 3: found another person than table.csv, line 2 gives for the same \
          identifier and days; expected one"
        ]
    );
}

#[test]
fn a_reference_to_what_the_set_does_not_introduce_is_a_warning() {
    let files = [
        file(
            "people.csv",
            "pseudonym,gender,birth_year_band,nuts3\np-1,female,,\n",
        ),
        file(
            "affiliations.csv",
            "pseudonym,orgnr\np-1,123456785\np-2,123456785\n",
        ),
        file(
            "organisers.csv",
            "iri,orgnr\nhttps://example.org/a,123456785\n",
        ),
        file(
            "orgs.csv",
            "country,orgnr,name\nNO,123456785,Example Firm\n",
        ),
    ];
    let read = read(&files).unwrap();
    let warnings: Vec<_> = read
        .verdicts
        .iter()
        .filter(|verdict| !verdict.warnings.is_empty())
        .map(|verdict| {
            (
                verdict.file.as_str(),
                verdict.line,
                verdict.warnings.join(", "),
            )
        })
        .collect();
    let unknown = |what: &str| format!("{what} file of this set");
    assert_eq!(
        warnings,
        [
            (
                "affiliations.csv",
                Some(3),
                unknown("the pseudonym p-2 is in no people")
            ),
            (
                "organisers.csv",
                Some(2),
                unknown("the activity https://example.org/a is in no activities")
            ),
        ]
    );
}

#[test]
fn an_identifier_in_a_table_is_the_one_that_statements_carry() {
    let rows = rows("ifi,pseudonym\nmailto:Learner-1@EXAMPLE.org,p-1\n");
    let entity = Entity::new(EntityKind::Identifier, "mbox:mailto:Learner-1@example.org");
    assert_eq!(rows[0].entity, entity);
}
