//! `imports`: the project office's files, and the tables to be filled in.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use varde_core::registers::files::RegisterFile;
use varde_interreg::imports::templates::{Template, WORKBOOK};
use varde_interreg::imports::{ImportReport, Imports};

use crate::error::ApiError;
use crate::extract::{Authenticated, Parameters, read_whole};
use crate::finding::Finding;
use crate::limits::Limits;
use crate::rule::ProtocolRule;

/// What `imports` knows.
pub(super) const KNOWN: &[&str] = &["project", "name", "dry_run", "replace"];
/// What a template knows.
pub(super) const TEMPLATE: &[&str] = &["example"];

/// The name of a file that is sent without one.
const NAME: &str = "import";
/// The most characters of a file's name.
const NAME_CHARS_MAX: usize = 200;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Judges or imports one file.
pub(super) async fn post(
    Authenticated(caller): Authenticated,
    State(imports): State<Imports>,
    State(limits): State<Limits>,
    parameters: Parameters,
    request: Request,
) -> Result<Json<ImportReport>, ApiError> {
    let known = parameters.only(KNOWN)?;
    let home = caller.space.project();
    known.read("project", |name, text| {
        let expected = format!("{home}, the project of this key");
        let rule = ProtocolRule::ImportProject;
        (text == home)
            .then_some(())
            .ok_or_else(|| Finding::new(name, rule, text, expected))
    })?;
    let name = known.get("name").unwrap_or(NAME);
    let (dry_run, replace) = (known.flag("dry_run")?, known.flag("replace")?);
    let files = [RegisterFile {
        name: name.chars().take(NAME_CHARS_MAX).collect(),
        bytes: read_whole(request, &limits).await?.to_vec(),
    }];
    let report = if dry_run {
        imports.examine(&caller, &files, replace).await?
    } else {
        imports.import(&caller, &files, replace).await?
    };
    Ok(Json(report))
}

/// What there is to fill in.
#[derive(Debug, Serialize)]
pub(super) struct TemplateList {
    /// The tables: `.csv` behind the name of one is the name of its file.
    tables: Vec<Template>,
    /// The name of the workbook with all of them.
    workbook: &'static str,
}

/// Lists the tables.
pub(super) async fn templates(
    Authenticated(caller): Authenticated,
    State(imports): State<Imports>,
    parameters: Parameters,
) -> Result<Json<TemplateList>, ApiError> {
    parameters.none()?;
    Ok(Json(TemplateList {
        tables: imports.templates(&caller)?,
        workbook: WORKBOOK,
    }))
}

/// Returns one table as CSV, or the workbook of all.
pub(super) async fn template(
    Authenticated(caller): Authenticated,
    State(imports): State<Imports>,
    Path(name): Path<String>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let known = parameters.only(TEMPLATE)?;
    let example = known.read("example", |name, text| match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Finding::new(name, ProtocolRule::Choice, text, "yes or no")),
    })?;
    let found = imports.template(&caller, &name, example.unwrap_or_default())?;
    let file = found.ok_or(ApiError::Absent("template"))?;
    let content_type = if name == WORKBOOK {
        XLSX
    } else {
        "text/csv; charset=utf-8; header=present"
    };
    // A name that a template has needs no quoting.
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, file).into_response())
}
