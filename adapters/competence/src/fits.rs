//! Whether a definition fits those beside which it would stand.

use std::collections::BTreeSet;

use varde_core::definitions::{Definition, DefinitionFaults};
use varde_schemas::nearest;

use crate::adapter::{EvidenceRule, Frameworks};
use crate::faults::Faults;
use crate::framework::Framework;
use crate::rule::{Claim, Rule};

/// Checks what a rule names: its competence is in its framework, where that is known, and the rules
/// that it is made of are there, of its basis, and not made of it in turn.
pub(crate) fn check(rule: &Definition, others: &[Definition]) -> Result<(), DefinitionFaults> {
    let mut faults = Faults::default();
    check_competence(rule, others, &mut faults);
    if let (Ok(Rule::Composite(composite)), Some(claim)) = (Rule::compile(rule), Claim::read(rule))
    {
        let lists = [("all_of", &composite.all_of), ("any_of", &composite.any_of)];
        for (key, ids) in lists {
            for (n, id) in ids.iter().enumerate() {
                if let Some(sentence) = wrong_with(id, &claim, others) {
                    faults.tell(format!("{key}[{n}]"), sentence);
                }
            }
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults.done())
    }
}

fn check_competence(rule: &Definition, others: &[Definition], faults: &mut Faults) {
    let text = |key: &str| rule.body.get(key).and_then(|value| value.as_str());
    let (Some(named), Some(competence)) = (text("framework"), text("competence")) else {
        return;
    };
    let Some(framework) = latest(others, Frameworks::KIND, named) else {
        return;
    };
    let Ok(framework) = Framework::read(framework) else {
        return;
    };
    if framework.competence(competence).is_none() {
        let known: Vec<&str> = framework
            .competences
            .iter()
            .map(|c| c.uri.as_str())
            .collect();
        let near = nearest(competence, &known);
        let near = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
        let title = &framework.title;
        faults.tell(
            "competence",
            format!("it is not in the framework {title}{near}"),
        );
    }
}

/// Says what is wrong with a rule that another one is made of.
fn wrong_with(id: &str, whole: &Claim, others: &[Definition]) -> Option<String> {
    let Some(part) = latest(others, EvidenceRule::KIND, id) else {
        let rules = others
            .iter()
            .filter(|other| other.kind == EvidenceRule::KIND);
        let known: Vec<&str> = rules.map(|rule| rule.id.as_str()).collect();
        let near = nearest(id, &known);
        let near = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
        return Some(format!(
            "no rule `{id}` is known, nor before this one in the set{near}"
        ));
    };
    let basis = Claim::read(part)?.basis;
    if basis != whole.basis {
        let (basis, own) = (basis.name(), whole.basis.name());
        return Some(format!(
            "bases never mix: `{id}` is {basis}, and this rule {own}"
        ));
    }
    is_made_of(part, &whole.id, others).then(|| format!("`{id}` is made of this rule in turn"))
}

fn is_made_of(rule: &Definition, id: &str, others: &[Definition]) -> bool {
    let (mut seen, mut new) = (BTreeSet::new(), vec![rule]);
    while let Some(rule) = new.pop() {
        let Ok(Rule::Composite(composite)) = Rule::compile(rule) else {
            continue;
        };
        for part in composite.rules() {
            if part == id {
                return true;
            }
            if seen.insert(part.clone()) {
                new.extend(latest(others, EvidenceRule::KIND, part));
            }
        }
    }
    false
}

fn latest<'a>(others: &'a [Definition], kind: &str, id: &str) -> Option<&'a Definition> {
    let of_id = others
        .iter()
        .filter(|other| other.kind == kind && other.id == id);
    of_id.max_by_key(|other| other.version)
}
