//! The bytes that are hashed: each value tagged and length-prefixed, so that none runs into another.

use sha2::{Digest, Sha256};

use crate::json::{self, Node, Value};
use crate::model::{
    Activity, Actor, Agent, Context, ContextActivities, Extensions, Group, Ifi, Object, Score,
    Statement, StatementResult, SubStatement,
};
use crate::number::Number;
use crate::time::Timestamp;

/// A canonical form being hashed.
#[derive(Default)]
pub(super) struct Fingerprint {
    hasher: Sha256,
}

impl Fingerprint {
    pub(super) fn finish(self) -> [u8; 32] {
        self.hasher.finalize().into()
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.hasher.update(text.as_bytes());
    }

    fn count(&mut self, count: usize) {
        self.hasher.update((count as u64).to_be_bytes());
    }

    fn tag(&mut self, tag: u8) {
        self.hasher.update([tag]);
    }

    /// Marks absence, or presence before the value.
    fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match value {
            None => self.tag(0),
            Some(value) => {
                self.tag(1);
                write(self, value);
            }
        }
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.count(items.len());
        for item in items {
            write(self, item);
        }
    }

    pub(super) fn statement(&mut self, statement: &Statement) {
        self.actor(&statement.actor);
        self.text(statement.verb.id.as_str());
        self.object(&statement.object);
        self.option(statement.result.as_ref(), Self::result);
        self.option(statement.context.as_ref(), Self::context);
    }

    /// A SubStatement's timestamp is its sender's alone, so it is compared.
    fn sub_statement(&mut self, sub: &SubStatement) {
        self.actor(&sub.actor);
        self.text(sub.verb.id.as_str());
        self.object(&sub.object);
        self.option(sub.result.as_ref(), Self::result);
        self.option(sub.context.as_ref(), Self::context);
        self.timestamp(sub.timestamp.as_ref());
    }

    pub(super) fn timestamp(&mut self, timestamp: Option<&Timestamp>) {
        let nanoseconds = timestamp.map(|timestamp| timestamp.instant.as_nanosecond());
        self.option(nanoseconds, |this, value| {
            this.hasher.update(value.to_be_bytes());
        });
    }

    fn actor(&mut self, actor: &Actor) {
        match actor {
            Actor::Agent(agent) => self.agent(agent),
            Actor::Group(group) => self.group(group),
        }
    }

    fn agent(&mut self, agent: &Agent) {
        self.tag(b'A');
        self.text(&agent.ifi.canonical());
        self.option(agent.name.as_deref(), Self::text);
    }

    fn group(&mut self, group: &Group) {
        self.tag(b'G');
        self.option(
            group.ifi.as_ref().map(Ifi::canonical).as_deref(),
            Self::text,
        );
        self.option(group.name.as_deref(), Self::text);
        // Members are a set: their order is not compared.
        let mut members: Vec<_> = group
            .members
            .iter()
            .map(|member| (member.ifi.canonical(), &member.name))
            .collect();
        members.sort();
        self.list(&members, |this, (ifi, name)| {
            this.text(ifi);
            this.option(name.as_deref(), Self::text);
        });
    }

    fn object(&mut self, object: &Object) {
        match object {
            Object::Activity(activity) => self.activity(activity),
            Object::Agent(agent) => self.agent(agent),
            Object::Group(group) => self.group(group),
            Object::StatementRef(id) => {
                self.tag(b'R');
                self.text(&id.to_string());
            }
            Object::SubStatement(sub) => {
                self.tag(b'S');
                self.sub_statement(sub);
            }
        }
    }

    fn activity(&mut self, activity: &Activity) {
        self.tag(b'I');
        self.text(activity.id.as_str());
    }

    fn result(&mut self, result: &StatementResult) {
        self.option(result.score.as_ref(), Self::score);
        self.option(result.success, |this, value| this.tag(u8::from(value)));
        self.option(result.completion, |this, value| this.tag(u8::from(value)));
        self.option(result.response.as_deref(), Self::text);
        self.option(result.duration.as_ref(), |this, value| {
            this.text(&value.canonical());
        });
        self.extensions(&result.extensions);
    }

    fn score(&mut self, score: &Score) {
        for number in [&score.scaled, &score.raw, &score.min, &score.max] {
            self.option(number.as_ref(), |this, value| {
                this.text(&value.canonical());
            });
        }
    }

    fn context(&mut self, context: &Context) {
        let registration = context.registration.map(|id| id.to_string());
        self.option(registration.as_deref(), Self::text);
        self.option(context.instructor.as_ref(), Self::actor);
        self.option(context.team.as_ref(), Self::group);
        self.context_activities(&context.context_activities);
        self.list(&context.context_agents, |this, entry| {
            this.agent(&entry.agent);
            this.list(&entry.relevant_types, |this, kind| this.text(kind.as_str()));
        });
        self.list(&context.context_groups, |this, entry| {
            this.group(&entry.group);
            this.list(&entry.relevant_types, |this, kind| this.text(kind.as_str()));
        });
        self.option(context.revision.as_deref(), Self::text);
        self.option(context.platform.as_deref(), Self::text);
        let language = context
            .language
            .as_ref()
            .map(|tag| tag.as_str().to_ascii_lowercase());
        self.option(language.as_deref(), Self::text);
        let statement = context.statement.map(|id| id.to_string());
        self.option(statement.as_deref(), Self::text);
        self.extensions(&context.extensions);
    }

    fn context_activities(&mut self, activities: &ContextActivities) {
        let relations = [
            &activities.parent,
            &activities.grouping,
            &activities.category,
            &activities.other,
        ];
        for relation in relations {
            self.list(relation, Self::activity);
        }
    }

    fn extensions(&mut self, extensions: &Extensions) {
        let mut entries: Vec<_> = extensions.iter().collect();
        entries.sort();
        self.list(&entries, |this, (key, value)| {
            this.text(key.as_str());
            match json::parse(value) {
                Ok(tree) => this.json(&tree.root),
                // Not reached by a validated statement; the text itself still tells them apart.
                Err(_) => this.text(value),
            }
        });
    }

    /// Deep equality: members in any order, numbers by value, items in order.
    fn json(&mut self, node: &Node<'_>) {
        match &node.value {
            Value::Null => self.tag(b'n'),
            Value::Boolean(value) => self.tag(if *value { b't' } else { b'f' }),
            Value::Number(text) => {
                self.tag(b'd');
                let canonical = Number::parse(text).map(|number| number.canonical());
                self.text(canonical.as_deref().unwrap_or(text));
            }
            Value::String(text) => {
                self.tag(b's');
                self.text(text);
            }
            Value::Array(items) => {
                self.tag(b'a');
                self.list(items, Self::json);
            }
            Value::Object(members) => {
                self.tag(b'o');
                let mut sorted: Vec<_> = members.iter().collect();
                sorted.sort_by(|left, right| left.key.cmp(&right.key));
                self.list(&sorted, |this, member| {
                    this.text(&member.key);
                    this.json(&member.node);
                });
            }
        }
    }
}
