//! What is wrong with a line, told to who mends it; and nothing changes.

use varde_core::Scope;
use varde_core::registers::files::RegisterFile;
use varde_interreg::imports::ImportError;
use varde_test_support::caller;

use crate::world::{World, file};

const HASH: &str = "abababababababababababababababababababababababababababababababab";

async fn refused(world: &World, files: &[RegisterFile]) -> Vec<String> {
    let before = world.head().await;
    let Err(ImportError::Refused(faults)) = world.import(files, true).await else {
        panic!("it is refused");
    };
    assert_eq!(world.head().await, before, "nothing changed");
    faults.0.iter().map(ToString::to_string).collect()
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a case for each column")]
async fn every_column_says_what_it_found_and_what_it_expects() {
    let iri = "https://example.org/a";
    let solutions = "iri,kind,title,orgnr,date,event,uptake_actions,legal_or_administrative\n";
    let adoptions = "iri,kind,orgnr,date,adoption_kind,evidence_iri,evidence_sha256\n";
    let agreements = "orgnr,date,valid_from,valid_until,evidence_iri,evidence_sha256\n";
    let support = "orgnr,support_kind,date,hours,minutes,provider,service\n";
    let attendance = "pseudonym,ifi,activity,date,completion,orgnr\n";
    let cases = [
        (
            format!("{support}100000024,loan,2025-01-01,,,,\n"),
            "line 2, support_kind: found `loan`; expected one of non-financial, grant",
        ),
        (
            format!("{support}100000024,grant,1.1.2025,,,,\n"),
            "line 2, date: found `1.1.2025`; expected a date such as 2026-01-31",
        ),
        (
            format!("{support}100000024,grant,,,,,\n"),
            "line 2, date: found nothing; expected a date",
        ),
        (
            format!("{support}100000024,grant,2026-03-02,,,,\n"),
            "line 2, date: found a day that has not come; expected one that has",
        ),
        (
            format!("{support}100000024,grant,2025-01-01,much,,,\n"),
            "line 2, hours: found `much`; expected a number of 0 or more",
        ),
        (
            format!("{support}100000024,grant,2025-01-01,,120001,,\n"),
            "line 2, minutes: found more than 2,000 hours",
        ),
        (
            format!("{support}100000024,grant,2025-01-01,,,1,\n"),
            "line 2, provider: found no country for it",
        ),
        (
            format!("{support}100000024,grant,2025-01-01,,,,guidance\n"),
            "line 2, service: found `guidance`; expected an absolute IRI",
        ),
        (
            format!("{support},grant,2025-01-01,,,,\n"),
            "line 2, orgnr: found no country for it",
        ),
        (
            format!("{support}FI-0000000-0,grant,2025-01-01,,,,\n"),
            "line 2, orgnr: found an organisation of another country",
        ),
        (
            "orgnr,role,date\n100000024,guest,2025-01-01\n".to_owned(),
            "line 2, role: found `guest`; expected one of lead, partner, associated",
        ),
        (
            format!("{solutions}{iri},solution,A,100000024,2025-01-01,,,\n"),
            "line 2, uptake_actions: found nothing; expected the actions",
        ),
        (
            format!("{solutions}{iri},strategy,A,100000024,2025-01-01,completed,,\n"),
            "line 2, event: found `completed`; expected `developed`",
        ),
        (
            format!("{solutions}{iri},idea,A,100000024,2025-01-01,,,perhaps\n"),
            "line 2, kind: found `idea`; expected one of solution",
        ),
        (
            format!("{solutions}{iri},strategy,A,100000024,2025-01-01,,,perhaps\n"),
            "line 2, legal_or_administrative: found `perhaps`; expected one of yes, no",
        ),
        (
            format!("{adoptions}{iri},pilot-action,100000024,2025-01-01,taken-up,{iri},{HASH}\n"),
            "line 2, kind: found `pilot-action`; expected one of solution, strategy, action-plan",
        ),
        (
            format!("{adoptions}{iri},strategy,100000024,2025-01-01,taken-up,{iri},ab\n"),
            "line 2, evidence_sha256: found `ab`; expected 64 hexadecimal digits",
        ),
        (
            format!("{agreements}100000024,2025-01-01,2027-01-01,2026-12-31,{iri},{HASH}\n"),
            "line 2, valid_until: found a day before the one in valid_from",
        ),
        (
            "orgnr,innovation_kind,title,date\n100000024,product,,2025-01-01\n".to_owned(),
            "line 2, title: found nothing; expected a text of 1 to 500 characters",
        ),
        (
            "orgnr,date,fte_before,fte_after\n100000024,2025-01-01,-1,\n".to_owned(),
            "line 2, fte_before: found `-1`; expected a number of 0 or more",
        ),
        (
            format!("{attendance},,{iri},2025-01-01,,\n"),
            "line 2, pseudonym: found nothing; expected either a pseudonym or an ifi",
        ),
        (
            format!("{attendance}p-1,mailto:a@example.org,{iri},2025-01-01,,\n"),
            "line 2, pseudonym: found an ifi beside it; expected either",
        ),
        (
            format!("{attendance},a@example.org,{iri},2025-01-01,,\n"),
            "line 2, ifi: found 13 characters that begin with no kind of identifier",
        ),
        (
            format!("{attendance}a b,,{iri},2025-01-01,,\n"),
            "line 2, pseudonym: found 3 characters; expected a pseudonym",
        ),
        (
            format!("{attendance}p-1,,meeting,2025-01-01,,\n"),
            "line 2, activity: found 7 characters; expected an absolute IRI",
        ),
        (
            format!("{attendance}p-1,,{iri},2025-01-01,done,\n"),
            "line 2, completion: found 4 characters; expected one of yes, no",
        ),
    ];
    let world = World::new().await;
    for (text, expected) in cases {
        let told = refused(&world, &[file("table.csv", &text)]).await;
        let expected = format!("table.csv, {expected}");
        assert!(
            told.iter().any(|told| told.starts_with(&expected)),
            "{told:?} {expected}"
        );
    }
}

#[tokio::test]
async fn a_sole_trader_is_refused_and_the_number_is_not_printed() {
    let world = World::new().await;
    let header = "orgnr,support_kind,date,provider\n";
    for (line, column) in [
        ("400101-0000,grant,2025-01-01,", "orgnr"),
        ("100000024,grant,2025-01-01,SE-400101-0000", "provider"),
    ] {
        let told = refused(&world, &[file("support.csv", &format!("{header}{line}\n"))]).await;
        let expected = format!("line 2, {column}: found the number of a Swedish sole trader");
        assert!(told[0].contains(&expected), "{told:?}");
        assert!(!told[0].contains("4001"), "{told:?}");
    }
}

#[tokio::test]
async fn two_lines_of_one_fact_are_a_fault() {
    let world = World::new().await;
    let text = "orgnr,role,date\n100000024,partner,2025-01-01\n100 000 024,lead,2025-02-01\n";
    assert_eq!(
        refused(&world, &[file("partners.csv", text)]).await,
        [
            "partners.csv, line 3: found the same fact as in partners.csv, line 2; expected one line \
          for it"
        ]
    );
}

#[tokio::test]
async fn one_fault_among_registers_and_facts_leaves_nothing_of_either() {
    let world = World::new().await;
    let organisations = file("organisations.csv", "country,orgnr,name\nNO,100000024,A\n");
    let partners = file(
        "partners.csv",
        "orgnr,role,date\n100000024,guest,2025-01-01\n",
    );
    let told = refused(&world, &[organisations.clone(), partners]).await;
    assert_eq!(told.len(), 1, "{told:?}");
    let wrong = file("organisations.csv", "country,orgnr,name\nNO,1,A\n");
    let partners = file(
        "partners.csv",
        "orgnr,role,date\n100000024,partner,2025-01-01\n",
    );
    let told = refused(&world, &[wrong, partners.clone()]).await;
    assert_eq!(told.len(), 1, "{told:?}");
    let report = world
        .import(&[organisations, partners], false)
        .await
        .unwrap();
    assert_eq!(report.counts.get("new"), Some(&2));
    assert!(
        report.rows.iter().all(|row| row.warnings.is_empty()),
        "{report:?}"
    );
}

#[tokio::test]
async fn an_organisation_that_no_register_knows_is_warned_of() {
    let world = World::new().await;
    let partners = file(
        "partners.csv",
        "orgnr,role,date\n100000024,partner,2025-01-01\n",
    );
    let report = world.import(&[partners], false).await.unwrap();
    assert_eq!(
        report.rows[0].warnings,
        [
            "the organisation NO-100000024 is not in the registers: its size, region and branch stay \
          unknown"
        ]
    );
}

#[tokio::test]
async fn a_test_space_takes_facts_and_no_registers() {
    let world = World::new().await;
    let test = caller("sing:test", &[Scope::All]);
    let organisations = [file(
        "organisations.csv",
        "country,orgnr,name\nNO,100000024,A\n",
    )];
    let told = world
        .imports
        .import(&test, &organisations, false)
        .await
        .unwrap_err();
    assert!(
        told.to_string().contains("a test space has no registers"),
        "{told}"
    );
    assert_eq!(world.head().await.0, 0);
}

#[tokio::test]
async fn more_lines_than_one_import_may_hold_are_refused() {
    let world = World::new().await;
    let table = |from: u32| -> String {
        let numbers = (from..).take(25_001);
        let lines = numbers.map(|number| format!("100000024,product,Title {number},2025-01-01\n"));
        std::iter::once("orgnr,innovation_kind,title,date\n".to_owned())
            .chain(lines)
            .collect()
    };
    let files = [file("one.csv", &table(0)), file("two.csv", &table(25_001))];
    let told = refused(&world, &files).await;
    assert_eq!(
        told,
        [
            "one.csv: found 50002 lines of facts; expected at most 50,000 in one import: split the \
          files"
        ]
    );
}
