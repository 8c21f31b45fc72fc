//! Every use case, and how it is asked.

use std::collections::BTreeSet;
use std::path::Path;

/// Every use case that takes a caller, by file and name, and the requests that reach it; none where
/// only commands of the operator do.
pub(super) const USE_CASES: [(&str, &[&str]); 95] = [
    (
        "activities/mod.rs definition",
        &["GET /xapi/activities?activityId=https://example.org/both"],
    ),
    (
        "agents.rs person",
        &[r#"GET /xapi/agents?agent={"mbox":"mailto:both@example.org"}"#],
    ),
    ("attachments/mod.rs take_in", &["POST /xapi/statements"]),
    ("audit/mod.rs add", &["GET /api/v1/outcomes"]),
    (
        "erasures/record.rs record",
        &[
            "GET /api/v1/people/p-OWN/record?as_of=2025-12-31",
            "GET /api/v1/people/p-OTHER/record?as_of=2025-12-31",
        ],
    ),
    (
        "erasures/record.rs own_record",
        &["GET /api/v1/own/record?as_of=2025-12-31"],
    ),
    (
        "erasures/record.rs own",
        &["GET /api/v1/own/outcomes?as_of=2025-12-31"],
    ),
    // The numbers of lines tell where in the log they stand, so none is asked for; what is told of lines, and
    // to whom, stands in the tests of administration.
    (
        "audit/reading.rs read",
        &["GET /api/v1/audit?limit=1000&cursor=1"],
    ),
    (
        "definitions/listing.rs listed",
        &["GET /api/v1/definitions"],
    ),
    ("users/managing.rs managed", &["GET /api/v1/users"]),
    (
        "users/managing.rs make",
        &[
            r#"POST /api/v1/users BODY {"name":"eve","password":"a password for tests","key":"OTHER-auditor"}"#,
        ],
    ),
    (
        "users/managing.rs disable_managed",
        &["DELETE /api/v1/users?name=OTHER-somebody"],
    ),
    (
        "users/managing.rs set_password_managed",
        &[
            r#"POST /api/v1/users/password?name=OTHER-somebody BODY {"password":"a password for tests"}"#,
        ],
    ),
    ("erasures/held.rs held", &[]),
    ("erasures/lift.rs lift", &[]),
    (
        "refusals/mod.rs list",
        &["GET /api/v1/refusals", "GET /api/v1/refusals?key=OTHER-lms"],
    ),
    (
        "registers/roster/mod.rs list",
        &[
            "GET /api/v1/roster?as_of=2025-12-31",
            "GET /api/v1/roster?begins=p-&limit=1&as_of=2025-12-31",
        ],
    ),
    (
        "registers/roster/mod.rs find",
        &[
            r#"POST /api/v1/people/find BODY {"identifier":"OWN@example.org","as_of":"2025-12-31"}"#,
            r#"POST /api/v1/people/find BODY {"identifier":"OTHER@example.org","as_of":"2025-12-31"}"#,
        ],
    ),
    (
        "registers/roster/mod.rs show",
        &[
            "GET /api/v1/people/p-OWN/history?as_of=2025-12-31",
            "GET /api/v1/people/p-OTHER/history?as_of=2025-12-31",
        ],
    ),
    (
        "registers/roster/mod.rs own",
        &["GET /api/v1/own/history?as_of=2025-12-31"],
    ),
    // Of two of whom the caller is told nothing of one, nobody is merged.
    (
        "registers/roster/merges.rs merge",
        &[
            "GET /api/v1/people/merge?person=p-OWN&into=p-both&as_of=2025-12-31",
            "GET /api/v1/people/merge?person=p-OWN&into=p-OTHER&as_of=2025-12-31",
            r#"POST /api/v1/people/merge BODY {"person":"p-OWN","into":"p-OTHER"}"#,
        ],
    ),
    (
        "registers/roster/merges.rs unmerge",
        &[
            r#"POST /api/v1/people/unmerge BODY {"person":"p-OWN"}"#,
            r#"POST /api/v1/people/unmerge BODY {"person":"p-OTHER"}"#,
        ],
    ),
    (
        "of_persons.rs of_persons",
        &["GET /api/v1/people/p-both/history?as_of=2025-12-31"],
    ),
    ("ledger/reader.rs told", &["GET /api/v1/indicators"]),
    // What is shown once is random, so what is asked for here is refused to everybody in the end.
    (
        "keys/managing.rs make",
        &[r#"POST /api/v1/keys BODY {"name":"front-end","space":"sing","scopes":["all"]}"#],
    ),
    ("keys/managing.rs managed", &["GET /api/v1/keys"]),
    (
        "keys/managing.rs revoke_managed",
        &["DELETE /api/v1/keys?name=OTHER-lms"],
    ),
    (
        "keys/managing.rs rotate_managed",
        &["POST /api/v1/keys/rotate?name=OTHER-lms"],
    ),
    (
        "sessions/mod.rs mint",
        &[
            r#"POST /api/v1/sessions BODY {"actor":{"mbox":"mailto:both@example.org"},"activity":"https://example.org/both","seconds":0}"#,
        ],
    ),
    (
        "documents/mod.rs clear",
        &["DELETE /xapi/activities/state?STATE"],
    ),
    (
        "documents/mod.rs delete",
        &["DELETE /xapi/activities/state?STATE&stateId=place"],
    ),
    (
        "documents/mod.rs get",
        &[
            "GET /xapi/activities/state?STATE&stateId=place",
            "GET /xapi/activities/profile?activityId=https://example.org/both&profileId=place",
            r#"GET /xapi/agents/profile?agent={"mbox":"mailto:both@example.org"}&profileId=place"#,
        ],
    ),
    (
        "documents/mod.rs list",
        &[
            "GET /xapi/activities/state?STATE",
            "GET /xapi/activities/profile?activityId=https://example.org/both",
            r#"GET /xapi/agents/profile?agent={"mbox":"mailto:both@example.org"}"#,
        ],
    ),
    (
        "documents/mod.rs merge",
        &["POST /xapi/activities/state?STATE&stateId=place"],
    ),
    (
        "documents/mod.rs put",
        &["PUT /xapi/activities/state?STATE&stateId=other"],
    ),
    (
        "catalogue.rs competences",
        &["GET /api/v1/competences", "GET /api/v1/competences?limit=1"],
    ),
    ("catalogue.rs frameworks", &["GET /api/v1/frameworks"]),
    (
        "catalogue.rs package",
        &["GET /api/v1/frameworks/package?framework=https://example.org/none"],
    ),
    ("catalogue.rs rules", &["GET /api/v1/rules"]),
    (
        "cohorts/mod.rs cohorts",
        &[
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&by=gender&as_of=2025-12-31",
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&by=nuts3&as_of=2025-12-31",
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&as_of=2025-06-30&format=csv",
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&by=organisation&as_of=2025-12-31",
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&by=birth_year_band&as_of=2025-12-31&format=csv",
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&by=scheme&as_of=2025-12-31&against=https://example.org/both",
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&by=scheme&as_of=2025-12-31&cohort=https://example.org/both",
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&by=organisation&as_of=2025-12-31&cohort=several",
            "GET /api/v1/cohorts?project=OWN&competence=PLANNING&by=gender&as_of=2025-12-31&cohort=unknown",
            "GET /api/v1/cohorts?project=OTHER&competence=PLANNING&as_of=2025-12-31",
        ],
    ),
    (
        "explain.rs explain",
        &[
            "GET /api/v1/outcomes/explanation?person=p-both",
            "GET /api/v1/outcomes/explanation?person=p-OTHER",
        ],
    ),
    (
        "imports/mod.rs examine",
        &["POST /api/v1/imports?dry_run=true"],
    ),
    (
        "imports/mod.rs import",
        &["POST /api/v1/imports?project=OWN&replace=true"],
    ),
    (
        "imports/templates.rs template",
        &["GET /api/v1/imports/templates/people.csv?example=yes"],
    ),
    (
        "imports/templates.rs templates",
        &["GET /api/v1/imports/templates"],
    ),
    (
        "indicators.rs query",
        &[
            "GET /api/v1/indicators",
            "GET /api/v1/indicators?project=OTHER",
        ],
    ),
    (
        "resting.rs resting_on",
        &["GET /api/v1/indicators?statement=THEIRS"],
    ),
    (
        "directory.rs activities",
        &[
            "GET /api/v1/activities",
            "GET /api/v1/activities?project=OTHER",
        ],
    ),
    (
        "directory.rs organisations",
        &[
            "GET /api/v1/organisations",
            "GET /api/v1/organisations?project=OTHER",
        ],
    ),
    (
        "directory.rs people",
        &["GET /api/v1/people", "GET /api/v1/people?project=OTHER"],
    ),
    (
        "directory.rs projects",
        &["GET /api/v1/projects", "GET /api/v1/projects?project=OTHER"],
    ),
    ("lineage.rs lineage", &[]),
    (
        "reports/calendar.rs calendar",
        &["GET /api/v1/reports/periods"],
    ),
    (
        "reports/checking.rs check",
        &[
            "GET /api/v1/reports/check?project=OWN&period=2025-12-31",
            "GET /api/v1/reports/check?project=OTHER&period=2025-12-31",
        ],
    ),
    (
        "publication/checking.rs check",
        &[
            "GET /api/v1/releases/check?project=OWN&number=1",
            "GET /api/v1/releases/check?project=OTHER&number=1",
        ],
    ),
    (
        "reports/changing.rs open",
        &[
            "POST /api/v1/reports?project=OWN&period=2025-12-31",
            "POST /api/v1/reports?project=OTHER&period=2025-12-31",
        ],
    ),
    (
        "reports/changing.rs comment",
        &[
            r#"PUT /api/v1/reports/comments?project=OWN&period=2025-12-31&code=RCO85 BODY {"text":"x"}"#,
        ],
    ),
    (
        "reports/changing.rs openings",
        &[
            "GET /api/v1/balances?project=OWN",
            "GET /api/v1/balances?project=OTHER",
        ],
    ),
    (
        "reports/changing.rs set_opening",
        &[
            r#"PUT /api/v1/balances?project=OWN&code=RCO85 BODY {"value":"3","as_of":"2024-12-31","source":"x"}"#,
            "DELETE /api/v1/balances?project=OTHER&code=RCO85",
        ],
    ),
    (
        "reports/evidence.rs add_evidence",
        &["POST /api/v1/evidence?project=OWN&title=List"],
    ),
    (
        "reports/evidence.rs evidence",
        &[
            "GET /api/v1/evidence?project=OWN",
            "GET /api/v1/evidence?project=OTHER",
        ],
    ),
    (
        "reports/evidence.rs evidence_file",
        &["GET /api/v1/evidence/file?project=OTHER&sha256=00"],
    ),
    (
        "reports/evidence.rs link_evidence",
        &[r#"POST /api/v1/evidence/links?project=OWN&sha256=00 BODY {"period":"2025-12-31"}"#],
    ),
    (
        "reports/lines.rs add_line",
        &[
            r#"POST /api/v1/reports/lines?project=OWN&period=2025-12-31 BODY {"code":"RCO85","amount":"1","reason":"x","document":"00"}"#,
        ],
    ),
    (
        "reports/lines.rs approve_line",
        &["POST /api/v1/reports/lines/approve?project=OWN&period=2025-12-31&line=1"],
    ),
    (
        "reports/lines.rs withdraw_line",
        &["DELETE /api/v1/reports/lines?project=OWN&period=2025-12-31&line=1"],
    ),
    (
        "reports/reading.rs list",
        &["GET /api/v1/reports", "GET /api/v1/reports?project=OTHER"],
    ),
    (
        "reports/reading.rs show",
        &[
            "GET /api/v1/reports/content?project=OWN&period=2025-12-31",
            "GET /api/v1/reports/content?project=OTHER&period=2025-12-31",
        ],
    ),
    (
        "reports/reading.rs file",
        &[
            "GET /api/v1/reports/file?project=OWN&period=2025-12-31",
            "GET /api/v1/reports/file?project=OTHER&period=2025-12-31",
        ],
    ),
    // A report that is not there: one that is submitted has a hash of the instant too.
    (
        "reports/submitting.rs submit",
        &["POST /api/v1/reports/submit?project=OWN&period=2031-12-31"],
    ),
    (
        "reports/changing.rs give_back",
        &[r#"POST /api/v1/reports/return?project=OWN&period=2025-12-31 BODY {"reason":"x"}"#],
    ),
    (
        "publication/mod.rs preview",
        &[r#"POST /api/v1/releases?project=OWN&period=2025-12-31&dry_run=true BODY {"tables":[]}"#],
    ),
    (
        "publication/mod.rs publish",
        &[r#"POST /api/v1/releases?project=OWN&period=2025-12-31 BODY {"tables":[]}"#],
    ),
    (
        "handover/deliveries.rs of_project",
        &[
            "GET /api/v1/handovers?project=OWN",
            "GET /api/v1/handovers?project=OTHER",
        ],
    ),
    (
        "publication/mod.rs releases",
        &[
            "GET /api/v1/releases?project=OWN",
            "GET /api/v1/releases?project=OTHER",
        ],
    ),
    (
        "packs.rs pack",
        &["GET /api/v1/reports/pack?project=OWN&period=2025-12-31"],
    ),
    (
        "reports/changing.rs accept",
        &["POST /api/v1/reports/accept?project=OWN&period=2025-12-31"],
    ),
    (
        "ledger/naming.rs names",
        &["GET /xapi/statements?statementId=THEIRS"],
    ),
    (
        "ledger/reader.rs rows",
        &["GET /api/v1/indicators?code=RCO85"],
    ),
    (
        "ledger/reader.rs rows_of",
        &["GET /api/v1/outcomes?person=p-both&as_of=2025-12-31"],
    ),
    (
        "outcomes.rs query",
        &[
            "GET /api/v1/outcomes",
            "GET /api/v1/outcomes?person=p-both",
            "GET /api/v1/outcomes?as_of=2025-06-30",
            "GET /api/v1/outcomes?limit=1&format=csv",
        ],
    ),
    (
        "periods.rs period",
        &[
            "GET /api/v1/indicators/periods?project=OWN&period=2025-12-31",
            "GET /api/v1/indicators/periods?project=OTHER&period=2025-12-31",
        ],
    ),
    (
        "statements/history.rs history",
        &["POST /api/v1/imports?dry_run=true&replace=true"],
    ),
    (
        "statements/history.rs was_here",
        &["POST /api/v1/imports?dry_run=true"],
    ),
    (
        "statements/mod.rs continue_from",
        &["MORE /xapi/statements?limit=1"],
    ),
    (
        "statements/mod.rs get",
        &[
            "GET /xapi/statements?statementId=THEIRS",
            "GET /xapi/statements?voidedStatementId=THEIRS",
        ],
    ),
    (
        "statements/mod.rs select",
        &[
            "GET /xapi/statements",
            r#"GET /xapi/statements?related_agents=true&agent={"mbox":"mailto:both@example.org"}"#,
            "GET /xapi/statements?related_activities=true&activity=https://example.org/both",
            "GET /xapi/statements?verb=http://adlnet.gov/expapi/verbs/completed",
        ],
    ),
    (
        "statements/national_ids.rs list",
        &["GET /api/v1/national-ids"],
    ),
    (
        "statements/mod.rs store",
        &["PUT /xapi/statements?statementId=NEW"],
    ),
    ("statements/repeats.rs list", &["GET /api/v1/repeats"]),
    (
        "arrivals/sources.rs list",
        &[
            "GET /api/v1/sources?from=2025-03-01&to=2025-03-31",
            "GET /api/v1/sources/days?from=2025-03-01&to=2025-03-31",
        ],
    ),
    (
        "arrivals/sources.rs repeats",
        &[
            "GET /api/v1/sources/repeats?name=OWN-lms",
            "GET /api/v1/sources/repeats?name=OTHER-lms",
        ],
    ),
    // What is sent has a random id: it is asked for with a parameter too many.
    (
        "statements/test_statements.rs send",
        &["POST /api/v1/test-statements?statement=none"],
    ),
    (
        "statements/test_statements.rs sent",
        &["GET /api/v1/test-statements?statement=00000000-0000-4000-8000-000000000000"],
    ),
    ("statements/uncounted.rs list", &["GET /api/v1/uncounted"]),
];

/// Returns file and name of every public function under `src` folders that takes a caller.
fn use_cases() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for root in [
        "lrs/core/src",
        "adapters/competence/src",
        "adapters/interreg/src",
    ] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(root);
        scan(&root, &root, &mut found);
    }
    found
}

fn scan(root: &Path, folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            scan(root, &path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source file");
        let file = path
            .strip_prefix(root)
            .expect("below the root")
            .display()
            .to_string();
        for part in text.split("    pub ").skip(1) {
            let signature = part.split('{').next().unwrap_or_default();
            let Some((_, named)) = signature.split_once("fn ") else {
                continue;
            };
            let name = named.split(['(', '<']).next().unwrap_or_default();
            let takes = ["caller: &Caller", "caller: &'a Caller", "caller: Caller"];
            if takes.iter().any(|takes| named.contains(takes)) {
                found.insert(format!("{file} {name}"));
            }
        }
    }
}

#[test]
fn every_use_case_that_takes_a_caller_is_asked() {
    let asked: BTreeSet<String> = USE_CASES
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(use_cases(), asked);
}
