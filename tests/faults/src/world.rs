//! What the servers know of a project before statements come, so that these reach ledgers.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::client::{COURSES, LEARNERS};
use crate::server::varde;
use crate::{Setting, promise};

const PROJECT: &str = r#"
project: faults
title: { nb: Feil (eksempel), sv: Fel (exempel), en: Faults (example) }
zone: Europe/Oslo
start: 2024-01-01
end: 2027-12-31
partners:
  - { organisation: NO-100000016, country: "NO", role: lead }
  - { organisation: SE-402000-0008, country: SE, role: partner }
"#;
const ORGANISATIONS: &str = "country,orgnr,name,nuts3,nuts_version
NO,100000016,Example College,NO060,2024
SE,402000-0008,Example Cooperative,SE322,2024
";
const INDICATORS: &str = r"
indicator-set: faults
version: 1
project: faults
indicators:
  - code: RCO85
    name: { nb: Deltakelser, sv: Deltaganden, en: Participations }
    unit: { nb: deltakelser, sv: deltaganden, en: participations }
    measure: count
    target: 10
    source: an example, not from a grant decision
    counting: { rule: joint-training-participations }
  - code: RCR81
    name: { nb: Fullføringer, sv: Fullföljanden, en: Completions }
    unit: { nb: deltakere, sv: deltagare, en: participants }
    measure: count
    target: 10
    source: an example, not from a grant decision
    counting: { rule: joint-training-completions }
";
const RULE: &str = r#"
rule: faults/first-course
version: 1
title: The first courses
framework: https://example.org/frameworks/faults
competence: https://example.org/frameworks/faults/endurance
basis: observed
phase: post
match:
  class: [completed]
  object: ["https://course.example.org/0", "https://course.example.org/1"]
measure: completion
levels:
  - { level: 2, name: Explore }
"#;

/// Takes a project, its registers and its definitions into a data folder, made when absent.
pub(crate) fn furnish(setting: &Setting, data: &Path) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let registers = [
        ("project.yaml", PROJECT.to_owned()),
        ("organisations.csv", ORGANISATIONS.to_owned()),
        ("people.csv", people()),
        ("identities.csv", identities()),
        ("activities.csv", activities()),
        ("organisers.csv", organisers()),
    ];
    let definitions = [
        ("indicators.yaml", INDICATORS.to_owned()),
        ("rule.yaml", RULE.to_owned()),
    ];
    run(
        setting,
        data,
        folder.path(),
        &["import", "registers"],
        &registers,
    )?;
    run(
        setting,
        data,
        folder.path(),
        &["rules", "activate"],
        &definitions,
    )
}

fn run(
    setting: &Setting,
    data: &Path,
    folder: &Path,
    command: &[&str],
    files: &[(&str, String)],
) -> Result<(), Box<dyn Error>> {
    let mut varde = varde(setting);
    varde.args(command).arg("--data").arg(data);
    for (name, text) in files {
        let file = folder.join(name);
        fs::write(&file, text)?;
        varde.arg(file);
    }
    let output = varde.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    promise!(output.status.success(), "{command:?}: {said}");
    Ok(())
}

/// Returns a header and a line for each number below a bound.
fn table(header: &str, count: u64, line: impl Fn(u64) -> String) -> String {
    (0..count).fold(format!("{header}\n"), |mut text, number| {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{}", line(number));
        text
    })
}

fn people() -> String {
    table(
        "pseudonym,gender,birth_year_band,nuts3",
        LEARNERS,
        |number| {
            let (gender, region) = match number % 2 {
                0 => ("female", "NO060"),
                _ => ("male", "SE322"),
            };
            format!("p-{number},{gender},1980-1989,{region}")
        },
    )
}

fn identities() -> String {
    table("ifi,pseudonym", LEARNERS, |number| {
        format!("mailto:learner-{number}@example.org,p-{number}")
    })
}

fn activities() -> String {
    table("iri,kind,title,project,start,end", COURSES, |number| {
        format!(
            "https://course.example.org/{number},training-scheme,Course {number},faults,2025-01-01,2026-12-31"
        )
    })
}

fn organisers() -> String {
    table("iri,orgnr", 2 * COURSES, |number| {
        let organisation = ["NO-100000016", "SE-402000-0008"][usize::from(number % 2 == 1)];
        format!("https://course.example.org/{},{organisation}", number / 2)
    })
}
