//! One competence: what it is, and how people did in it.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use varde_competence::{CatalogueQuery, CohortTable, FrameworkLevel, RuleSummary, ShownCohorts};
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Parameters};
use varde_interreg::pack::Language;

use super::asked::{Asked, Form, KNOWN};
use super::{Text, Told, address, competence, file, spoken};
use super::{cohorts, disclosed};
use crate::charts::{About, Bars, Distribution, Slope};
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::{Competence, fill};

#[derive(Debug, Template)]
#[template(path = "competences/one.html")]
struct CompetencePage {
    frame: Frame,
    words: &'static Competence,
    back: String,
    code: String,
    name: Text,
    iri: String,
    facts: Vec<(&'static str, String)>,
    alignments: Vec<String>,
    levels: Vec<Level>,
    rules: Vec<String>,
    form: Option<Form>,
    /// Why there is nothing to show, and what to try.
    empty: Option<(&'static str, &'static str)>,
    told: String,
    note: Option<String>,
    figures: Figures,
    csv: String,
    outcomes: String,
}

/// A level with what it takes.
#[derive(Debug)]
struct Level {
    number: String,
    name: Option<Text>,
    description: Option<Text>,
}

/// The numbers of a chart as a table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) columns: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    /// Puts a chart above the table.
    pub(super) fn beneath(
        self,
        id: &str,
        title: String,
        finding: String,
        as_table: &'static str,
    ) -> About {
        About {
            id: id.to_owned(),
            title,
            description: finding,
            as_table,
            columns: self.columns.into_iter().map(str::to_owned).collect(),
            rows: self.rows,
        }
    }
}

/// How people did, drawn.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub(super) levels: Option<Distribution>,
    pub(super) change: Option<Slope>,
    /// Why no change is drawn.
    pub(super) no_change: &'static str,
    pub(super) cohorts: Option<Bars>,
}

/// The levels that rules may show, with their names: those of the framework, else those of the rules.
#[derive(Debug, Default)]
pub(super) struct Levels {
    names: BTreeMap<u32, String>,
    of_rules: BTreeSet<u32>,
}

impl Levels {
    fn of(told: &Told, rules: &[RuleSummary], language: Language) -> Self {
        let mut levels = Self::default();
        for level in told.levels() {
            if let (Ok(number), Some(name)) = (u32::try_from(level.level), &level.name) {
                let name = Text::of(name, &level.translations, told.own_language(), language);
                levels.names.insert(number, name.text);
            }
        }
        let of_rule = |rule: &RuleSummary| {
            let levels = rule.definition.get("levels").and_then(Value::as_array);
            levels.cloned().unwrap_or_default()
        };
        for level in rules.iter().flat_map(of_rule) {
            let number = level.get("level").and_then(Value::as_u64);
            let Some(number) = number.and_then(|number| u32::try_from(number).ok()) else {
                continue;
            };
            levels.of_rules.insert(number);
            if let Some(name) = level.get("name").and_then(Value::as_str) {
                let name = || name.to_owned();
                levels.names.entry(number).or_insert_with(name);
            }
        }
        levels
    }

    /// Returns the numbers of those that rules may show, the lowest first.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.of_rules.iter().copied()
    }

    /// Returns the level at which most are with how many those are; of several all.
    pub(super) fn most_often(
        &self,
        counts: impl Iterator<Item = (u32, usize)> + Clone,
        words: &Competence,
    ) -> Option<(String, usize)> {
        let most = counts.clone().map(|(_, count)| count).max()?;
        let names = counts.filter(|(_, count)| *count == most);
        let names = names.map(|(level, _)| self.called(level, words));
        Some((names.collect::<Vec<_>>().join(" / "), most))
    }

    /// Returns what people call a level; 0 is none.
    pub(super) fn called(&self, level: u32, words: &Competence) -> String {
        if level == 0 {
            return words.no_level.to_owned();
        }
        let number = fill(words.level, &[&level.to_string()]);
        match self.names.get(&level) {
            Some(name) => format!("{number} {name}"),
            None => number,
        }
    }
}

impl Told {
    /// Returns the levels of the competence: its own, else those of its framework.
    fn levels(&self) -> &[FrameworkLevel] {
        let own = &self.one.competence.levels;
        match &self.framework {
            Some(framework) if own.is_empty() => &framework.levels,
            _ => own,
        }
    }

    /// Returns what the framework calls a level.
    pub(super) fn level_name(&self, number: u32, language: Language) -> Option<String> {
        let mut levels = self.levels().iter();
        let level = levels.find(|level| level.level == i64::from(number))?;
        let name = level.name.as_deref()?;
        let own = self.own_language();
        Some(Text::of(name, &level.translations, own, language).text)
    }
}

pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(KNOWN)?;
    let told = Told::of(&app, &visit, &competence(&known)?).await?;
    let rules = rules(&app, &visit, &told).await?;
    let levels = Levels::of(&told, &rules, visit.language);
    let mut template = blank(&visit, &told, &rules);
    let words = template.words;
    let Some(mut asked) = Asked::read(&app, &visit, &known)? else {
        template.empty = Some((words.no_project, words.no_project_try));
        return Ok(page(StatusCode::OK, visit.language, &template));
    };
    if rules.is_empty() {
        template.empty = Some((words.no_rules, words.no_rules_try));
        return Ok(page(StatusCode::OK, visit.language, &template));
    }
    let table = asked.table(&app, &visit).await?;
    template.form = Some(Form::of(&visit, &asked, table.as_ref()));
    match table {
        Some(table) => fill_in(&mut template, &visit, (&asked, &table), &levels),
        None => template.empty = Some((words.no_period, words.nothing_try)),
    }
    Ok(page(StatusCode::OK, visit.language, &template))
}

/// Returns the numbers of the page as a table.
pub(super) async fn csv(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(KNOWN)?;
    let asked = Asked::read(&app, &visit, &known)?;
    let mut asked = asked.ok_or(ApiError::Absent("project"))?;
    let table = asked.table(&app, &visit).await?;
    let table = table.ok_or(ApiError::Absent("period that has passed"))?;
    file(&format!("cohorts-{}", table.as_of), |to| {
        table.write_csv(to)
    })
}

async fn rules(app: &App, visit: &Visit, told: &Told) -> Result<Vec<RuleSummary>, NotShown> {
    let query = CatalogueQuery {
        competence: Some(told.one.competence.uri.clone()),
        ..CatalogueQuery::default()
    };
    let rules = app.services().catalogue.rules(visit.caller(), &query).await;
    Ok(rules.map_err(ApiError::from)?)
}

/// Returns the page with what is told of the competence, and no figures.
fn blank(visit: &Visit, told: &Told, rules: &[RuleSummary]) -> CompetencePage {
    let (language, words) = (visit.language, Competence::of(visit.language));
    let one = &told.one.competence;
    let framework = told.framework.as_ref();
    let name = told.name(language);
    let code = one.code.clone().unwrap_or_default();
    let facts = [
        (words.kind, one.kind.clone()),
        (words.framework, framework.map(|own| own.title.clone())),
    ];
    let facts = facts.into_iter();
    let in_framework = framework.map_or("none", |own| &own.uri);
    let alignments = one.alignments.iter();
    CompetencePage {
        frame: visit.frame(format!("{code} {}", name.text).trim()),
        words,
        back: address("/competences", &[("framework", in_framework)]),
        code,
        name,
        iri: one.uri.clone(),
        facts: facts
            .filter_map(|(label, text)| Some((label, text?)))
            .collect(),
        alignments: alignments
            .map(|to| format!("{} ({})", to.title, to.uri))
            .collect(),
        levels: described(told, language),
        rules: rules.iter().map(|rule| said(rule, language)).collect(),
        form: None,
        empty: None,
        told: String::new(),
        note: None,
        figures: Figures::default(),
        csv: String::new(),
        outcomes: String::new(),
    }
}

fn described(told: &Told, language: Language) -> Vec<Level> {
    let own = told.own_language();
    let levels = told.levels().iter().map(|level| Level {
        number: fill(Competence::of(language).level, &[&level.level.to_string()]),
        name: level
            .name
            .as_deref()
            .map(|name| Text::of(name, &level.translations, own, language)),
        description: level
            .description
            .as_deref()
            .map(|text| Text::of(text, &BTreeMap::new(), own, language)),
    });
    levels.collect()
}

fn said(rule: &RuleSummary, language: Language) -> String {
    let title = rule.title.as_deref().map(|title| format!(": {title}"));
    let basis = rule.basis.in_words(spoken(language));
    let title = title.unwrap_or_default();
    format!("{}@{}{title} ({basis})", rule.rule, rule.version)
}

/// Adds the figures, and when they are of.
fn fill_in(
    template: &mut CompetencePage,
    visit: &Visit,
    (asked, table): (&Asked, &CohortTable),
    levels: &Levels,
) {
    let (language, words) = (visit.language, template.words);
    let project = table.project.as_str();
    let basis = table.basis.in_words(spoken(language));
    let day = format::day(table.as_of, language);
    template.told = match table.known_at {
        Some(known_at) => {
            let known_at = format::instant(known_at, language);
            fill(words.told, &[project, basis, &day, &known_at])
        }
        None => fill(words.told_unknown, &[project, basis, &day]),
    };
    let parameters = asked.parameters();
    let parameters: Vec<_> = parameters
        .iter()
        .map(|(name, text)| (*name, &**text))
        .collect();
    template.csv = address("/competences/one.csv", &parameters);
    let of_outcomes = |name: &str| ["competence", "basis", "as_of", "post"].contains(&name);
    let of_outcomes: Vec<_> = parameters
        .iter()
        .filter(|(name, _)| of_outcomes(name))
        .copied()
        .collect();
    template.outcomes = address("/competences/outcomes", &of_outcomes);
    template.figures = match &table.shown {
        ShownCohorts::Cohorts(all) => cohorts::figures(table, all, levels, visit),
        ShownCohorts::Disclosed(tables) => {
            let threshold = format::number(tables.threshold, language);
            template.note = Some(fill(words.whole_project, &[&threshold]));
            disclosed::figures(table, tables, levels, visit)
        }
    };
    let figures = &template.figures;
    if figures.levels.is_none() && figures.cohorts.is_none() {
        let what = if asked.sees_rows {
            words.nothing
        } else {
            words.few
        };
        template.empty = Some((what, words.nothing_try));
    }
}
