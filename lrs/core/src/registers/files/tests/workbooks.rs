//! Workbooks as sheets of cells.

use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

use super::*;

const NAME: &str = "office.xlsx";

/// Makes a workbook of sheets of texts.
fn workbook(sheets: &[(&str, &[&[&str]])]) -> RegisterFile {
    filled(sheets, |_| {})
}

fn filled(sheets: &[(&str, &[&[&str]])], fill: impl FnOnce(&mut Worksheet)) -> RegisterFile {
    let mut book = Workbook::new();
    for (name, lines) in sheets {
        let sheet = book.add_worksheet().set_name(*name).unwrap();
        for (row, cells) in (0..).zip(*lines) {
            for (column, cell) in (0..).zip(*cells) {
                sheet.write_string(row, column, *cell).unwrap();
            }
        }
    }
    fill(book.worksheet_from_index(0).unwrap());
    RegisterFile {
        name: NAME.to_owned(),
        bytes: book.save_to_buffer().unwrap(),
    }
}

const PEOPLE: &[&[&str]] = &[
    &["pseudonym", "gender", "birth_year_band", "nuts3"],
    &["p-001", "female", "1980-1989", "NO060"],
    &["p-002"],
];
const ORGANISATIONS: &[&[&str]] = &[
    &["country", "orgnr", "name", "headcount", "founded_on"],
    &["NO", "", "Example Firm"],
];

fn told_faults(file: RegisterFile) -> Vec<String> {
    let faults = read(&[file]).unwrap_err();
    faults.0.iter().map(ToString::to_string).collect()
}

#[test]
fn each_sheet_is_a_table_told_by_its_header_or_its_name() {
    let file = workbook(&[
        ("Deltakere", PEOPLE),
        ("_notes", &[&["whatever"]]),
        ("Empty", &[]),
        (
            "Affiliations",
            &[&["pseudonym", "orgnr"], &["p-001", "123456785"]],
        ),
    ]);
    let found = read(&[file]).unwrap();
    let as_csv = "pseudonym,gender,birth_year_band,nuts3\np-001,female,1980-1989,NO060\np-002,,,\n";
    let affiliations = rows("pseudonym,orgnr\np-001,123456785\n");
    assert_eq!(found.rows, [rows(as_csv), affiliations].concat());
    let places: Vec<_> = (found.verdicts.iter())
        .map(|verdict| (verdict.sheet.as_deref(), verdict.line))
        .collect();
    let people = Some("Deltakere");
    assert_eq!(
        places,
        [
            (people, Some(2)),
            (people, Some(3)),
            (Some("Affiliations"), Some(2))
        ]
    );
}

#[test]
fn numbers_and_days_are_what_a_csv_file_says_of_them() {
    let file = filled(&[("organisations", ORGANISATIONS)], |sheet| {
        let day = ExcelDateTime::from_ymd(2020, 2, 29).unwrap();
        let format = Format::new().set_num_format("dd.mm.yyyy");
        sheet.write_number(1, 1, 123_456_785.0).unwrap();
        sheet.write_number(1, 3, 12.5).unwrap();
        sheet
            .write_datetime_with_format(1, 4, &day, &format)
            .unwrap();
    });
    let as_csv = "country,orgnr,name,headcount,founded_on\n\
                  NO,123456785,Example Firm,12.5,2020-02-29\n";
    assert_eq!(read(&[file]).unwrap().rows, rows(as_csv));
}

#[test]
fn a_fault_names_the_sheet_the_line_the_column_and_the_cell() {
    let lines: &[&[&str]] = &[
        &["pseudonym", "gender", "birth_year_band", "nuts3"],
        &[],
        &["p-001", "lady"],
        &["p-002", "", "", "", "behind"],
    ];
    let place = "office.xlsx, sheet people, line";
    assert_eq!(
        told_faults(workbook(&[("people", &lines[..3])])),
        [format!(
            "{place} 3, gender (B3): found 4 characters; expected one of female, male, other"
        )]
    );
    assert_eq!(
        told_faults(workbook(&[("people", lines)])),
        [format!(
            "{place} 4: found 5 cells; expected 4, as in the header"
        )]
    );
    assert_eq!(
        told_faults(workbook(&[("people", &[&["pseudonym", "nuts3"]])])),
        [format!(
            "{place} 1: found a header that is nearest to people, but with no column gender, \
             birth_year_band; expected pseudonym, gender, birth_year_band, nuts3"
        )]
    );
}

#[test]
fn a_cell_that_is_no_value_is_told_by_its_address() {
    let time = ExcelDateTime::from_ymd(2025, 1, 31).unwrap();
    let time = time.and_hms(10, 30, 0).unwrap();
    let file = filled(&[("organisations", ORGANISATIONS)], |sheet| {
        let format = Format::new().set_num_format("yyyy-mm-dd hh:mm");
        sheet
            .write_datetime_with_format(1, 4, &time, &format)
            .unwrap();
    });
    assert_eq!(
        told_faults(file),
        [
            "office.xlsx, sheet organisations, line 2 (E2): found a time of day or a span; expected a \
          day, or text"
        ]
    );
}

#[test]
fn contradictions_are_looked_for_over_all_sheets() {
    let identities = |person: &'static str| -> [&'static [&'static str]; 2] {
        match person {
            "p-1" => [
                &["ifi", "pseudonym"],
                &["mailto:learner-1@example.org", "p-1"],
            ],
            _ => [
                &["ifi", "pseudonym"],
                &["mailto:learner-1@example.org", "p-2"],
            ],
        }
    };
    let (one, other) = (identities("p-1"), identities("p-2"));
    assert_eq!(
        told_faults(workbook(&[("one", &one), ("other", &other)])),
        [
            "office.xlsx, sheet other, line 2: found another person than office.xlsx, sheet one, line \
          2 gives for the same identifier and days; expected one"
        ]
    );
}

#[test]
fn a_far_corner_and_too_many_columns_cost_nothing() {
    let file = filled(&[("people", PEOPLE)], |sheet| {
        sheet.write_string(1_048_575, 16_383, "far").unwrap();
    });
    assert_eq!(
        told_faults(file),
        [
            "office.xlsx, sheet people, line 1048576 (XFD1048576): found a cell right of the 100 \
          columns that are read"
        ]
    );
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_refused() {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("xl/workbook.xml", options).unwrap();
    let zeros = vec![0; 1024 * 1024];
    for _ in 0..65 {
        std::io::Write::write_all(&mut archive, &zeros).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    assert!(bytes.len() < 1024 * 1024, "it is small as it is sent");
    let name = NAME.to_owned();
    assert_eq!(
        told_faults(RegisterFile { name, bytes }),
        ["office.xlsx: found a workbook that unpacks to over 67108864 bytes (64 MiB); split it"]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_damaged_workbook_is_refused_or_read_and_never_panics(
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        length in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut file = workbook(&[("people", PEOPLE)]);
        for (place, byte) in places {
            let place = place.index(file.bytes.len());
            file.bytes[place] = byte;
        }
        if cut {
            let length = length.index(file.bytes.len());
            file.bytes.truncate(length);
        }
        let (_, faults) = examine(&[file]);
        prop_assert!(faults.0.iter().all(|fault| !fault.sentence.is_empty()));
    }
}
