//! The files that the demonstration takes in, as an operator would hand them to the commands.

/// The registers of the project office.
pub(crate) const REGISTERS: [(&str, &str); 6] = [
    (
        "project.yaml",
        include_str!("../../demo/registers/project.yaml"),
    ),
    (
        "organisations.csv",
        include_str!("../../demo/registers/organisations.csv"),
    ),
    (
        "people.csv",
        include_str!("../../demo/registers/people.csv"),
    ),
    (
        "identities.csv",
        include_str!("../../demo/registers/identities.csv"),
    ),
    (
        "activities.csv",
        include_str!("../../demo/registers/activities.csv"),
    ),
    (
        "organisers.csv",
        include_str!("../../demo/registers/organisers.csv"),
    ),
];

/// The definitions: a framework, four evidence rules of it and an indicator set.
pub(crate) const DEFINITIONS: [(&str, &str); 6] = [
    ("entrecomp.json", varde_schemas::ENTRECOMP),
    (
        "planning-before.yaml",
        include_str!("../../demo/rules/planning-before.yaml"),
    ),
    (
        "planning.yaml",
        include_str!("../../demo/rules/planning.yaml"),
    ),
    (
        "teamwork.yaml",
        include_str!("../../demo/rules/teamwork.yaml"),
    ),
    ("ideas.yaml", include_str!("../../demo/rules/ideas.yaml")),
    (
        "indicators.yaml",
        include_str!("../../demo/rules/indicators.yaml"),
    ),
];

/// The competence that learners show before the course and after.
pub(crate) const PLANNING: &str =
    "https://w3id.org/xapi/interreg/v1/entrecomp/planning-and-management";

/// Who takes part in what, a line for each participation.
pub(crate) const PROGRAMME: &str = include_str!("../../demo/programme.csv");

/// The last day that results are shown for.
pub(crate) const AS_OF: &str = "2025-06-30";
