//! What becomes of a statement that names the person.

use std::sync::Arc;

use varde_xapi::{Actor, Anonyms, Statement, anonymised};

use crate::ports::{ChangedStatement, StoreError, StoredStatement, TermKey};
use crate::statements::index_terms;

/// What becomes of a statement.
#[derive(Debug)]
pub(super) enum Fate {
    /// It is the person's alone.
    Goes,
    /// It is somebody else's, and names the person.
    Changes(ChangedStatement),
}

/// Decides on a statement; `None` where it names none of the persons.
pub(super) fn fate(
    persons: &Anonyms,
    stored: &StoredStatement,
    statement: &Statement,
) -> Result<Option<Fate>, StoreError> {
    if is_alone(persons, &statement.actor) {
        return Ok(Some(Fate::Goes));
    }
    let body = anonymised(&stored.body, persons);
    let authority = anonymised(&stored.authority, persons);
    if body.is_none() && authority.is_none() {
        return Ok(None);
    }
    let changed = StoredStatement {
        body: body.unwrap_or_else(|| stored.body.clone()),
        authority: authority.map_or_else(|| Arc::clone(&stored.authority), Arc::from),
        ..stored.clone()
    };
    let statement = varde_xapi::read(&changed.text()).map_err(StoreError::failed)?;
    let space = &changed.space;
    Ok(Some(Fate::Changes(ChangedStatement {
        terms: index_terms(&statement, space),
        scope: vec![
            TermKey::space(space),
            TermKey::authority(space, &changed.authority),
        ],
        body: changed.body,
        authority: changed.authority,
    })))
}

/// Tells whether nobody but the persons acts.
fn is_alone(persons: &Anonyms, actor: &Actor) -> bool {
    let named = |ifi: &varde_xapi::Ifi| persons.contains_key(&ifi.canonical());
    match actor {
        Actor::Agent(agent) => named(&agent.ifi),
        Actor::Group(group) => {
            let somebody = group.ifi.is_some() || !group.members.is_empty();
            somebody
                && group.ifi.as_ref().is_none_or(named)
                && group.members.iter().all(|member| named(&member.ifi))
        }
    }
}
