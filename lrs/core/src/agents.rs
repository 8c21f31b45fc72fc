//! What is known of an agent (xAPI 1.0.3 Communication 2.4, IEEE 9274.1.1 4.1.6.3).

use varde_xapi::{Actor, Agent, Context, Group, Ifi, Object, Statement};

use crate::ports::StoreError;
use crate::statements::{Selection, Statements, UnreadStatements};
use crate::{Caller, Need};

/// How many of the newest statements about an agent are looked at for names.
const STATEMENTS_MAX: usize = 100;

/// An agent with the names it goes by. Persons are never joined by guess: one identifier, one
/// person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The identifier that was asked for.
    pub ifi: Ifi,
    /// Its names in the newest statements that the caller may read, the newest first; the name
    /// that it was asked for by where they have none.
    pub names: Vec<String>,
}

/// Tells what is known of agents.
#[derive(Debug, Clone)]
pub struct Agents {
    statements: Statements,
}

impl Agents {
    /// Learns from these statements.
    pub fn new(statements: Statements) -> Self {
        Self { statements }
    }

    /// Returns the person behind an agent, known or not.
    pub async fn person(&self, caller: &Caller, agent: &Agent) -> Result<Person, UnreadStatements> {
        caller.may(Need::ReadActivities)?;
        caller.may_ask_about(&agent.ifi)?;
        let mut names = Vec::new();
        if caller.may(Need::ReadStatements).is_ok() {
            names = self.names(caller, &agent.ifi).await?;
        }
        if names.is_empty() {
            names.extend(agent.name.clone());
        }
        Ok(Person {
            ifi: agent.ifi.clone(),
            names,
        })
    }

    async fn names(&self, caller: &Caller, ifi: &Ifi) -> Result<Vec<String>, UnreadStatements> {
        let selection = Selection {
            agent: Some(ifi.canonical()),
            related_agents: true,
            limit: STATEMENTS_MAX,
            ..Selection::default()
        };
        let mut names = Vec::new();
        for stored in self.statements.select(caller, selection).await?.statements {
            let statement = varde_xapi::read(&stored.text()).map_err(StoreError::failed)?;
            for agent in agents_of(&statement)
                .into_iter()
                .filter(|agent| agent.ifi == *ifi)
            {
                names.extend(agent.name.clone().filter(|name| !names.contains(name)));
            }
        }
        Ok(names)
    }
}

fn agents_of(statement: &Statement) -> Vec<&Agent> {
    let mut agents = Vec::new();
    of_actor(&statement.actor, &mut agents);
    of_object(&statement.object, &mut agents);
    if let Some(authority) = &statement.authority {
        of_actor(authority, &mut agents);
    }
    if let Some(context) = &statement.context {
        of_context(context, &mut agents);
    }
    agents
}

fn of_actor<'a>(actor: &'a Actor, agents: &mut Vec<&'a Agent>) {
    match actor {
        Actor::Agent(agent) => agents.push(agent),
        Actor::Group(group) => of_group(group, agents),
    }
}

fn of_group<'a>(group: &'a Group, agents: &mut Vec<&'a Agent>) {
    agents.extend(&group.members);
}

fn of_object<'a>(object: &'a Object, agents: &mut Vec<&'a Agent>) {
    match object {
        Object::Agent(agent) => agents.push(agent),
        Object::Group(group) => of_group(group, agents),
        Object::SubStatement(sub) => {
            of_actor(&sub.actor, agents);
            of_object(&sub.object, agents);
            if let Some(context) = &sub.context {
                of_context(context, agents);
            }
        }
        Object::Activity(_) | Object::StatementRef(_) => {}
    }
}

fn of_context<'a>(context: &'a Context, agents: &mut Vec<&'a Agent>) {
    if let Some(instructor) = &context.instructor {
        of_actor(instructor, agents);
    }
    if let Some(team) = &context.team {
        of_group(team, agents);
    }
    agents.extend(context.context_agents.iter().map(|entry| &entry.agent));
    for entry in &context.context_groups {
        of_group(&entry.group, agents);
    }
}
