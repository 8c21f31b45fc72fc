//! Publishing: which report and which tables, what would be shown or revealed, and then for good.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use varde_core::{Need, ProjectCode};
use varde_http::pages::{NotShown, SentForm};
use varde_http::{ApiError, App, Finding, Parameters, ProtocolRule};
use varde_interreg::pack::Voice;
use varde_interreg::publication::{Choice, Dimension, NewRelease, PublicationError};
use varde_interreg::reports::{Listed, ReportQuery, ReportView, State as Stands};

use super::project;
use super::tables::OfIndicator;
use crate::format;
use crate::pages::given;
use crate::visit::{Frame, Visit, page, see};
use crate::words::{Published, Reports, fill};

#[derive(Debug, Template)]
#[template(path = "publish.html")]
struct PublishPage {
    frame: Frame,
    words: &'static Published,
    csrf: String,
    path: String,
    back: String,
    /// The reports to choose from: the value of each, its words, and whether it is chosen.
    reports: Vec<(String, String, bool)>,
    chosen: String,
    /// The tables to choose from: the value of each, its words, and whether it is chosen.
    tables: Vec<(String, String, bool)>,
    preview: Option<Vec<OfIndicator>>,
    findings: Vec<String>,
}

/// Which report and which tables are asked for, by the fields of a form.
struct Wanted {
    report: ReportQuery,
    tables: BTreeSet<Choice>,
}

/// Lets somebody choose a report and its tables.
pub(super) async fn choose(
    State(app): State<App>,
    visit: Visit,
    Path(code): Path<String>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let project = project(&code)?;
    let known = parameters.only(&["report"])?;
    let chosen = given(&known, "report");
    let template = chosen_from(&app, &visit, &project, (chosen, &[])).await?;
    Ok(page(StatusCode::OK, visit.language, &template))
}

/// Shows the form, with what of it is chosen: a report, else the last one that stands, and tables.
async fn chosen_from(
    app: &App,
    visit: &Visit,
    project: &ProjectCode,
    (report, tables): (Option<&str>, &[&str]),
) -> Result<PublishPage, ApiError> {
    visit.caller().may(Need::ManageReports)?;
    if !visit.caller().projects.contains(project) {
        return Err(ApiError::Absent("project"));
    }
    let reports = &app.services().reports;
    let all = reports.list(visit.caller(), Some(project)).await?;
    let stands = |one: &&Listed| matches!(one.state, Stands::Submitted | Stands::Accepted);
    let standing: Vec<_> = all.iter().filter(stands).collect();
    let last = standing.last().map(|one| value(one));
    let chosen = report.map(str::to_owned).or(last);
    let words = Published::of(visit.language);
    let of_report = match &chosen {
        None => Vec::new(),
        Some(chosen) => {
            let wanted = Wanted::of(project, chosen, tables.iter().copied())?;
            let view = reports.show(visit.caller(), &wanted.report).await?;
            self::tables(&view, &wanted.tables, visit)
        }
    };
    Ok(PublishPage {
        frame: visit.frame(fill(words.publish_title, &[project.as_str()])),
        words,
        csrf: visit.csrf(),
        path: format!("/published/{project}/new"),
        back: format!("/published?project={project}"),
        reports: of_reports(&standing, chosen.as_deref(), visit),
        chosen: chosen.unwrap_or_default(),
        tables: of_report,
        preview: None,
        findings: Vec::new(),
    })
}

/// Shows what would be published or revealed; publishes it once that is what was asked for.
pub(super) async fn publish(
    State(app): State<App>,
    visit: Visit,
    Path(code): Path<String>,
    sent: SentForm,
) -> Result<Response, NotShown> {
    let project = project(&code)?;
    let (caller, fields) = (&sent.signed_in.caller, &sent.fields);
    let (report, tables) = (
        fields.get("report"),
        fields.all("table").collect::<Vec<_>>(),
    );
    let wanted = Wanted::of(&project, report, tables.iter().copied())?;
    let (publication, new) = (&app.services().publication, wanted.release());
    if fields.get("act") == "publish" {
        let published = publication.publish(caller, &new).await;
        published.map_err(ApiError::from)?;
        return Ok(see(&format!("/published?project={project}&done=1")));
    }
    let preview = publication.preview(caller, &new).await;
    let chosen = (Some(report), tables.as_slice());
    let mut template = chosen_from(&app, &visit, &project, chosen).await?;
    match preview {
        Ok(release) => template.preview = Some(OfIndicator::each(&release, &visit)),
        Err(PublicationError::Reveals(findings)) => {
            template.findings = findings.iter().map(ToString::to_string).collect();
        }
        Err(error) => return Err(ApiError::from(error).into()),
    }
    Ok(page(StatusCode::OK, visit.language, &template))
}

impl Wanted {
    fn of<'t>(
        project: &ProjectCode,
        report: &str,
        tables: impl Iterator<Item = &'t str>,
    ) -> Result<Self, ApiError> {
        let fault = || -> ApiError {
            let expected = "a report of the form, such as 2025-12-31.1";
            Finding::new("report", ProtocolRule::ReportNumber, report, expected).into()
        };
        let (period, revision) = report.split_once('.').ok_or_else(fault)?;
        let report = ReportQuery {
            project: project.clone(),
            period: period.parse().map_err(|_| fault())?,
            revision: Some(revision.parse().map_err(|_| fault())?),
            known_at: None,
        };
        let tables = tables.filter(|text| !text.is_empty()).map(choice);
        let tables = tables.collect::<Result<_, _>>()?;
        Ok(Self { report, tables })
    }

    fn release(self) -> NewRelease {
        NewRelease {
            report: self.report,
            tables: self.tables,
        }
    }
}

fn choice(text: &str) -> Result<Choice, ApiError> {
    let parts = text.split_once('.');
    let read = parts.and_then(|(code, dimension)| {
        Some(Choice {
            code: code.parse().ok()?,
            dimension: Dimension::of(dimension)?,
        })
    });
    let expected = "tables of the form, such as RCO85.gender";
    let fault = || Finding::new("table", ProtocolRule::Choice, text, expected);
    Ok(read.ok_or_else(fault)?)
}

fn value(report: &Listed) -> String {
    format!("{}.{}", report.period, report.revision)
}

fn of_reports(
    reports: &[&Listed],
    chosen: Option<&str>,
    visit: &Visit,
) -> Vec<(String, String, bool)> {
    let (words, states) = (Published::of(visit.language), Reports::of(visit.language));
    let each = reports.iter().rev().map(|one| {
        let day = format::day(one.period, visit.language);
        let revision = one.revision.to_string();
        let told = fill(
            words.report_told,
            &[&day, &revision, states.state(one.state)],
        );
        let value = value(one);
        let is_chosen = chosen == Some(value.as_str());
        (value, told, is_chosen)
    });
    each.collect()
}

/// Returns the tables that a report has, of those that may ever be published.
fn tables(
    view: &ReportView,
    chosen: &BTreeSet<Choice>,
    visit: &Visit,
) -> Vec<(String, String, bool)> {
    let voice = Voice::In(visit.language);
    let each = varde_interreg::publication::every_table(&view.report).into_iter();
    let each = each.map(|choice| {
        let name = choice.dimension.name();
        let is_chosen = chosen.contains(&choice);
        let told = format!("{}: {}", choice.code, voice.dimension(name));
        (format!("{}.{name}", choice.code), told, is_chosen)
    });
    each.collect()
}
