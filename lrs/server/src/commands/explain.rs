//! `varde report explain`: a person's levels, or an indicator down to what it rests on.

use async_trait::async_trait;
use clap::Args;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_competence::{ExplainQuery, Explanation, Language};
use varde_core::ProjectCode;
use varde_interreg::{IndicatorCode, IndicatorQuery};
use varde_xapi::Stored;

use super::periods::project;
use super::report::{known_at, no_outcomes, operator, today};
use super::rules::carry;
use super::{day, lineage};
use crate::cli::StoreArgs;
use crate::desk::{Desk, StoreCommand};
use crate::exit::{Exit, Failure};
use crate::wiring::Parts;

/// The flags of `varde report explain`.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct ReportExplainArgs {
    /// Whose outcomes: a pseudonym, or a person's id. Or which indicator: its code, unless a person of
    /// the register has just this pseudonym.
    #[arg(value_name = "PERSON|CODE")]
    pub(crate) what: String,
    /// Where the store is.
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) store: StoreArgs,
    /// The indicator of this project only; then what is explained is an indicator.
    #[arg(long, value_name = "PROJECT", value_parser = project, conflicts_with = "competence")]
    pub(crate) project: Option<ProjectCode>,
    /// Only this competence.
    #[arg(long, value_name = "IRI")]
    pub(crate) competence: Option<String>,
    /// The language: nb, sv or en.
    #[arg(long, value_name = "TAG", default_value = "en")]
    pub(crate) language: Language,
    /// The last day that counts [default: today in Oslo and Stockholm].
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) as_of: Option<Date>,
    /// Only what the store knew at this instant, such as 2026-01-31T12:00:00Z [default: now].
    #[arg(long, value_name = "INSTANT", value_parser = known_at)]
    pub(crate) known_at: Option<Stored>,
    /// Prints the explanation as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[async_trait]
impl StoreCommand for ReportExplainArgs {
    fn name(&self) -> &'static str {
        "report explain"
    }

    fn store(&self) -> &StoreArgs {
        &self.store
    }

    /// Brings the ledgers to the head of the log and says why a person has the levels of a day.
    async fn run(&self, desk: &mut Desk) -> Result<(), Failure> {
        let parts = desk.open_existing().await?;
        carry(desk, &parts).await?;
        let caller = operator(&parts, desk.config()).await?;
        if let Some(code) = self.code(&parts).await? {
            let query = IndicatorQuery {
                project: self.project.as_ref().map(ToString::to_string),
                code: Some(code),
                as_of: match self.as_of {
                    Some(day) => day,
                    None => today(&parts)?,
                },
                known_at: self.known_at,
            };
            return lineage::tell(desk, &parts, (&caller, &query), self.json).await;
        }
        let query = ExplainQuery {
            person: self.what.clone(),
            competence: self.competence.clone(),
            basis: None,
            as_of: match self.as_of {
                Some(day) => day,
                None => today(&parts)?,
            },
            known_at: self.known_at,
        };
        let explained = parts.outcomes.explain(&caller, &query).await;
        let explained = explained.map_err(no_outcomes)?;
        if self.json {
            let json = serde_json::to_string(&explained);
            let json = json.map_err(|error| Failure::software(&error))?;
            return desk.print(format!("{json}\n")).await;
        }
        if explained.explanations.is_empty() {
            let sentence = "nothing that a current rule looks at is known of this person";
            return Err(Failure::new(Exit::Data, sentence));
        }
        let texts = explained.explanations.iter();
        let texts: Vec<_> = texts.map(|told| as_text(told, self.language)).collect();
        desk.print(texts.join("\n")).await
    }
}

impl ReportExplainArgs {
    /// Returns the indicator that is asked for; `None` where it is a person.
    async fn code(&self, parts: &Parts) -> Result<Option<IndicatorCode>, Failure> {
        let code: Option<IndicatorCode> = self.what.parse().ok();
        if self.project.is_some() {
            let sentence = "with --project, expected an indicator's code such as RCO85";
            let code = code.ok_or_else(|| Failure::new(Exit::Usage, sentence))?;
            return Ok(Some(code));
        }
        let is_person = parts.registers.person(&self.what).await?.is_some();
        Ok(code.filter(|_| !is_person))
    }
}

fn as_text(explanation: &Explanation, language: Language) -> String {
    let mut lines = vec![
        format!("  {}\n", explanation.competence),
        format!("    {}\n", explanation.sentences.get(language)),
    ];
    let pieces = explanation.evidence.iter().chain(&explanation.near_misses);
    lines.extend(pieces.map(|piece| format!("    - {}\n", piece.sentences.get(language))));
    if explanation.not_told > 0 {
        lines.push(format!("    … {}\n", explanation.not_told));
    }
    lines.concat()
}
