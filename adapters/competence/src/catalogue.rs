//! The use case: which frameworks, competences and rules there are.

use serde::Serialize;
use serde_json::Value;
use varde_core::definitions::{Definition, DefinitionBook, DefinitionHash};
use varde_core::{Caller, Need};

use crate::adapter::{EvidenceRule, Frameworks};
use crate::finding::{Basis, Phase};
use crate::framework::{Competence, Framework, FrameworkLevel};
use crate::outcomes::OutcomeError;
use crate::rule::Claim;

/// Tells of the current definitions of one store.
#[derive(Debug, Clone)]
pub struct Catalogue {
    definitions: DefinitionBook,
}

/// A framework among others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FrameworkSummary {
    /// The document's URI, by which rules name the framework.
    pub uri: String,
    /// Its title.
    pub title: String,
    /// Who made it.
    pub creator: String,
    /// The document's own version, a text.
    pub version: Option<String>,
    /// When it was last changed.
    pub changed: String,
    /// The language of its texts.
    pub language: Option<String>,
    /// Its source and licence, as the document tells them.
    pub notes: Option<String>,
    /// How many items it has.
    pub competences: usize,
    /// The levels of every competence without levels of its own, the lowest first.
    pub levels: Vec<FrameworkLevel>,
    /// The hash of the definition.
    pub hash: DefinitionHash,
}

/// A competence: an item of a framework, or one that a rule names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CatalogueCompetence {
    /// The URI of its framework, if it is in a current one.
    pub framework: Option<String>,
    /// What the framework says of it; of one that is in none the URI alone.
    #[serde(flatten)]
    pub competence: Competence,
    /// The current rules that are evidence of it, `id@version`.
    pub rules: Vec<String>,
}

/// A current rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleSummary {
    /// Its id.
    pub rule: String,
    /// Its version.
    pub version: u32,
    /// The hash of the definition.
    pub hash: DefinitionHash,
    /// Its name for people.
    pub title: Option<String>,
    /// The URI of its framework.
    pub framework: Option<String>,
    /// The competence that it is a rule of.
    pub competence: String,
    /// Who says so.
    pub basis: Basis,
    /// Whether its evidence is from before or after the learning.
    pub phase: Phase,
    /// The whole rule.
    pub definition: Value,
}

/// Which competences or rules are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogueQuery {
    /// Only those of this framework, by URI.
    pub framework: Option<String>,
    /// Only those of this competence, by URI.
    pub competence: Option<String>,
    /// Only rules on this basis.
    pub basis: Option<Basis>,
}

impl Catalogue {
    /// Tells of the definitions of one store.
    pub fn new(definitions: DefinitionBook) -> Self {
        Self { definitions }
    }

    /// Returns the current frameworks, in the order of their URIs.
    pub async fn frameworks(&self, caller: &Caller) -> Result<Vec<FrameworkSummary>, OutcomeError> {
        caller.may(Need::ReadResults)?;
        let all = self.read_frameworks().await?.into_iter();
        let summaries = all.map(|(hash, framework)| FrameworkSummary {
            competences: framework.competences.len(),
            uri: framework.uri,
            title: framework.title,
            creator: framework.creator,
            version: framework.version,
            changed: framework.changed,
            language: framework.language,
            notes: framework.notes,
            levels: framework.levels,
            hash,
        });
        Ok(summaries.collect())
    }

    /// Returns a framework's CASE package as it came in, by its document's URI or identifier.
    pub async fn package(
        &self,
        caller: &Caller,
        named: &str,
    ) -> Result<Option<Value>, OutcomeError> {
        caller.may(Need::ReadResults)?;
        let current = self.current(Frameworks::KIND).await?.into_iter();
        let mut named = current.filter(|definition| {
            let identifier = definition.body.pointer("/CFDocument/identifier");
            definition.id == named || identifier.and_then(Value::as_str) == Some(named)
        });
        Ok(named.next().map(|definition| definition.body.into_value()))
    }

    /// Returns competences: those of the frameworks in their order, then those that only rules name.
    pub async fn competences(
        &self,
        caller: &Caller,
        query: &CatalogueQuery,
    ) -> Result<Vec<CatalogueCompetence>, OutcomeError> {
        caller.may(Need::ReadResults)?;
        let rules = self.read_rules().await?;
        let of = |uri: &str| {
            let of_competence = rules.iter().filter(|rule| rule.competence == uri);
            let names = of_competence.map(|rule| format!("{}@{}", rule.rule, rule.version));
            names.collect::<Vec<_>>()
        };
        let mut competences = Vec::new();
        for (_, framework) in self.read_frameworks().await? {
            for competence in framework.competences {
                competences.push(CatalogueCompetence {
                    framework: Some(framework.uri.clone()),
                    rules: of(&competence.uri),
                    competence,
                });
            }
        }
        for rule in &rules {
            let known = competences.iter();
            if !known
                .map(|c| &c.competence.uri)
                .any(|uri| *uri == rule.competence)
            {
                competences.push(CatalogueCompetence {
                    framework: None,
                    rules: of(&rule.competence),
                    competence: Competence::unknown(&rule.competence),
                });
            }
        }
        let framework = query.framework.as_ref();
        let competence = query.competence.as_ref();
        competences.retain(|found| {
            framework.is_none_or(|asked| found.framework.as_ref() == Some(asked))
                && competence.is_none_or(|asked| found.competence.uri == *asked)
        });
        Ok(competences)
    }

    /// Returns the current rules, in the order of their ids.
    pub async fn rules(
        &self,
        caller: &Caller,
        query: &CatalogueQuery,
    ) -> Result<Vec<RuleSummary>, OutcomeError> {
        caller.may(Need::ReadResults)?;
        let framework = query.framework.as_ref();
        let competence = query.competence.as_ref();
        let mut rules = self.read_rules().await?;
        rules.retain(|rule| {
            framework.is_none_or(|asked| rule.framework.as_ref() == Some(asked))
                && competence.is_none_or(|asked| rule.competence == *asked)
                && query.basis.is_none_or(|asked| rule.basis == asked)
        });
        Ok(rules)
    }

    async fn current(&self, kind: &str) -> Result<Vec<Definition>, OutcomeError> {
        let current = self.definitions.current(kind).await?.into_iter();
        Ok(current.map(|record| record.definition).collect())
    }

    async fn read_frameworks(&self) -> Result<Vec<(DefinitionHash, Framework)>, OutcomeError> {
        let current = self.current(Frameworks::KIND).await?;
        let read = current
            .iter()
            .filter_map(|definition| Some((definition.hash(), Framework::read(definition).ok()?)));
        Ok(read.collect())
    }

    async fn read_rules(&self) -> Result<Vec<RuleSummary>, OutcomeError> {
        let current = self.current(EvidenceRule::KIND).await?.into_iter();
        Ok(current.filter_map(summary).collect())
    }
}

fn summary(definition: Definition) -> Option<RuleSummary> {
    let claim = Claim::read(&definition)?;
    let text = |key: &str| {
        let text = definition.body.get(key).and_then(Value::as_str);
        text.map(str::to_owned)
    };
    Some(RuleSummary {
        hash: definition.hash(),
        title: text("title"),
        framework: text("framework"),
        version: definition.version,
        rule: claim.id,
        competence: claim.competence,
        basis: claim.basis,
        phase: claim.phase,
        definition: definition.body.into_value(),
    })
}
