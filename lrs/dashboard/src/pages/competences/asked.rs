//! What is asked of a competence's page, and the form that asks it.

use jiff::civil::Date;
use varde_competence::{
    Basis, CohortQuery, CohortTable, Dimension, OutcomeError, Post, ShownCohorts,
};
use varde_core::ProjectCode;
use varde_core::disclosure::Rows;
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Finding, Known, ProtocolRule};
use varde_interreg::pack::Voice;

use super::super::{as_of, given};
use super::{competence, spoken, word};
use crate::format;
use crate::visit::Visit;
use crate::words::Competence;

pub(super) const KNOWN: &[&str] = &[
    "competence",
    "project",
    "by",
    "basis",
    "post",
    "as_of",
    "target",
    "against",
];
pub(super) const BASES: &str = "assessed, observed or self";
const POSTS: [Post; 3] = [Post::Best, Post::First, Post::Last];

/// What of cohorts is asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) query: CohortQuery,
    /// Whether the address names a day.
    has_day: bool,
    /// Whether the visitor sees the cohorts of any day as they are.
    pub(super) sees_rows: bool,
}

impl Asked {
    /// Reads the parameters; `None` where the visitor reads no project.
    pub(super) fn read(app: &App, visit: &Visit, known: &Known) -> Result<Option<Self>, ApiError> {
        let own = &visit.caller().projects;
        let Some(project) = project(known)?.or_else(|| own.first().cloned()) else {
            return Ok(None);
        };
        if !own.contains(&project) {
            return Err(ApiError::Absent("project"));
        }
        let by = "scheme, nuts3, organisation, gender or birth_year_band";
        let query = CohortQuery {
            project,
            competence: competence(known)?,
            basis: word(known, "basis", BASES)?.unwrap_or(Basis::Assessed),
            by: word(known, "by", by)?.unwrap_or(Dimension::Scheme),
            as_of: as_of(known, &*app.services().clock, visit.language)?,
            known_at: None,
            post: word(known, "post", "best, first or last")?.unwrap_or_default(),
            target: target(known)?,
            against: given(known, "against").map(str::to_owned),
            cohort: None,
        };
        Ok(Some(Self {
            query,
            has_day: given(known, "as_of").is_some(),
            sees_rows: matches!(visit.caller().rows(), Rows::All),
        }))
    }

    /// Asks for the cohorts. Who is shown periods only and names no day is shown the last that is over;
    /// `None` where none is.
    pub(super) async fn table(
        &mut self,
        app: &App,
        visit: &Visit,
    ) -> Result<Option<CohortTable>, NotShown> {
        let outcomes = &app.services().outcomes;
        let mut told = outcomes.cohorts(visit.caller(), &self.query).await;
        if let Err(OutcomeError::NoPeriod { ends }) = &told
            && !self.has_day
        {
            let Some(last) = ends.last() else {
                return Ok(None);
            };
            self.query.as_of = *last;
            told = outcomes.cohorts(visit.caller(), &self.query).await;
        }
        Ok(Some(told.map_err(ApiError::from)?))
    }

    /// Returns the parameters as an address has them.
    pub(super) fn parameters(&self) -> Vec<(&'static str, String)> {
        let query = &self.query;
        let mut parameters = vec![
            ("competence", query.competence.clone()),
            ("project", query.project.to_string()),
            ("by", query.by.name().to_owned()),
            ("basis", query.basis.name().to_owned()),
            ("as_of", query.as_of.to_string()),
        ];
        if self.sees_rows {
            let target = query.target.map(|target| target.to_string());
            parameters.extend([
                ("post", name(query.post).to_owned()),
                ("target", target.unwrap_or_default()),
                ("against", query.against.clone().unwrap_or_default()),
            ]);
        }
        parameters
    }
}

fn project(known: &Known) -> Result<Option<ProjectCode>, ApiError> {
    let Some(text) = given(known, "project") else {
        return Ok(None);
    };
    let expected = "a project's code of 1 to 64 of a-z, 0-9 and -";
    let fault = |_| Finding::new("project", ProtocolRule::ProjectCode, text, expected);
    Ok(Some(text.parse().map_err(fault)?))
}

fn target(known: &Known) -> Result<Option<u32>, ApiError> {
    let Some(text) = given(known, "target") else {
        return Ok(None);
    };
    let level = text.parse().ok().filter(|level| (1..=100).contains(level));
    let fault = || Finding::new("target", ProtocolRule::Level, text, "a level from 1 to 100");
    Ok(Some(level.ok_or_else(fault)?))
}

fn name(post: Post) -> &'static str {
    match post {
        Post::Best => "best",
        Post::First => "first",
        Post::Last => "last",
    }
}

/// What may be chosen for a field: what the address has, what people read, whether it is chosen.
type Choice = (String, String, bool);

/// The fields of the form.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) competence: String,
    pub(super) projects: Vec<Choice>,
    pub(super) by: Vec<Choice>,
    pub(super) basis: Vec<Choice>,
    /// The day, where any may be asked for.
    pub(super) as_of: String,
    /// The ends of periods, where only those may.
    pub(super) ends: Vec<Choice>,
    /// What only those are asked who see rows.
    pub(super) of_rows: Option<OfRows>,
}

/// The fields for who sees cohorts as they are.
#[derive(Debug)]
pub(super) struct OfRows {
    pub(super) post: Vec<Choice>,
    pub(super) target: String,
    pub(super) against: Vec<Choice>,
}

impl Form {
    pub(super) fn of(visit: &Visit, asked: &Asked, table: Option<&CohortTable>) -> Self {
        let query = &asked.query;
        let (language, voice) = (visit.language, Voice::In(visit.language));
        let projects = visit.caller().projects.iter();
        let projects =
            projects.map(|one| (one.to_string(), one.to_string(), *one == query.project));
        let by = Dimension::EACH.into_iter().map(|by| {
            let name = by.name();
            (name.to_owned(), voice.dimension(name), by == query.by)
        });
        let each = [Basis::Assessed, Basis::Observed, Basis::Own];
        let basis = each.into_iter().map(|basis| {
            let said = basis.in_words(spoken(language)).to_owned();
            (basis.name().to_owned(), said, basis == query.basis)
        });
        let ends = match table.map(|table| &table.shown) {
            Some(ShownCohorts::Disclosed(tables)) => &*tables.period_ends,
            _ => &[],
        };
        let end = |day: &Date| {
            let said = format::day(*day, language);
            (day.to_string(), said, *day == query.as_of)
        };
        Self {
            competence: query.competence.clone(),
            projects: projects.collect(),
            by: by.collect(),
            basis: basis.collect(),
            as_of: query.as_of.to_string(),
            ends: ends.iter().rev().map(end).collect(),
            of_rows: asked.sees_rows.then(|| OfRows::of(visit, query, table)),
        }
    }
}

impl OfRows {
    fn of(visit: &Visit, query: &CohortQuery, table: Option<&CohortTable>) -> Self {
        let words = Competence::of(visit.language);
        let post = POSTS.into_iter().map(|post| {
            let said = match post {
                Post::Best => words.best,
                Post::First => words.first,
                Post::Last => words.last,
            };
            (name(post).to_owned(), said.to_owned(), post == query.post)
        });
        let against = query.against.as_deref();
        let mut others = vec![(String::new(), words.nobody.to_owned(), against.is_none())];
        if let Some(table) = table
            && let ShownCohorts::Cohorts(cohorts) = &table.shown
        {
            others.extend(cohorts.iter().map(|cohort| {
                let is_chosen = against == Some(&*cohort.value);
                (
                    cohort.value.clone(),
                    called(table, &cohort.value, visit),
                    is_chosen,
                )
            }));
        }
        Self {
            post: post.collect(),
            target: query
                .target
                .map_or_else(String::new, |target| target.to_string()),
            against: others,
        }
    }
}

/// Returns what people call a cohort.
pub(super) fn called(table: &CohortTable, value: &str, visit: &Visit) -> String {
    let title = table.titles.get(value).cloned();
    title.unwrap_or_else(|| Voice::In(visit.language).value(value))
}
