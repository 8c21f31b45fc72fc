//! Which groups a fact belongs to, by the registers.

use jiff::civil::Date;
use varde_core::ledger::{Group, KnownFact};
use varde_core::registers::{Entity, EntityKind, RegisterView, Unit};

use crate::counting_rule::Family;
use crate::deed::{Deed, Does};
use crate::fact::{Completion, Said, Told};
use crate::group::GroupKey;
use crate::rulebook::Rules;

/// The kinds of programme activity, as the register names them, that counting asks for.
pub(crate) const TRAINING_SCHEME: &str = "training-scheme";
const JOINT_ACTION: &str = "joint-action";
pub(crate) const PUBLIC_EVENT: &str = "public-event";
const PILOT_ACTION: &str = "pilot-action";

/// Returns the groups that a fact belongs to.
pub(crate) fn groups(rules: &Rules, known: &KnownFact, registers: &RegisterView<'_>) -> Vec<Group> {
    let day = rules.local_day(known.happened, registers);
    let is_deed = known.fact.body.get("does").is_some();
    if let Some(deed) = is_deed.then(|| Deed::of(known)).flatten() {
        return of_deed(rules, (known, &deed), registers, day);
    }
    match Said::of(known) {
        Some(said) => of_person(rules, (known, &said), registers, day),
        None => Vec::new(),
    }
}

/// Returns the groups that there are for an entity of the registers though no fact belongs to them: a
/// public event counts whether or not somebody tells of it.
pub(crate) fn introduced(
    rules: &Rules,
    entity: &Entity,
    registers: &RegisterView<'_>,
) -> Vec<Group> {
    let is_event = || kind(&entity.id, registers, Date::MAX) == Some(PUBLIC_EVENT);
    let wanted = entity.kind == EntityKind::Activity && rules.has(Family::Event);
    let event = (wanted && is_event()).then(|| GroupKey::Event(&entity.id).group());
    event.into_iter().collect()
}

/// Returns the kind of an activity as the register has it.
pub(crate) fn kind<'r>(iri: &str, registers: &RegisterView<'r>, day: Date) -> Option<&'r str> {
    registers.value(EntityKind::Activity, iri, "kind", day)
}

/// Returns the nearest activity of any kind.
pub(crate) fn any_unit(told: &impl Told, registers: &RegisterView<'_>, day: Date) -> Unit {
    registers.unit(&told.named(), |_| true, day)
}

impl Rules {
    /// Returns the unit of what is said of a person, for indicators of a family.
    pub(crate) fn unit(
        &self,
        family: Family,
        said: &Said,
        registers: &RegisterView<'_>,
        day: Date,
    ) -> Unit {
        let is_scheme = |iri: &str| kind(iri, registers, day) == Some(TRAINING_SCHEME);
        let is_action = |kind: &str| {
            kind == JOINT_ACTION || (self.training_is_action && kind == TRAINING_SCHEME)
        };
        match family {
            Family::Scheme => match self.certificates.get(&said.object) {
                Some(scheme) if is_scheme(scheme) => Unit::One(scheme.clone()),
                _ => registers.unit(&said.named(), |kind| kind == TRAINING_SCHEME, day),
            },
            Family::Action => registers.unit(&said.named(), is_action, day),
            _ => any_unit(said, registers, day),
        }
    }

    /// Tells whether a fact speaks of the completion of a scheme itself, not of a part of it.
    pub(crate) fn completes(&self, said: &Said, scheme: &str) -> bool {
        let itself = said.object == scheme;
        let certificate = self
            .certificates
            .get(&said.object)
            .is_some_and(|of| of == scheme);
        match said.completion {
            None => false,
            Some(Completion::Done | Completion::Denied) => itself,
            Some(Completion::Credential) => certificate,
            Some(Completion::Undone) => itself || certificate,
        }
    }
}

fn of_person(
    rules: &Rules,
    (known, said): (&KnownFact, &Said),
    registers: &RegisterView<'_>,
    day: Date,
) -> Vec<Group> {
    let mut groups = Vec::new();
    for family in [Family::Scheme, Family::Action, Family::Participant] {
        let wanted = match family {
            Family::Action => said.attended,
            Family::Participant => said.starts,
            _ => said.starts || said.completion.is_some(),
        };
        if !wanted || !rules.has(family) {
            continue;
        }
        let unit = rules.unit(family, said, registers, day);
        let place = |person: &str| place(rules, family, said, &unit, person);
        if place("").is_some() && rules.counts_here((known, said), &unit, registers, day) {
            let person = registers.person(said.who, day);
            groups.extend(place(person.as_str()));
        }
    }
    groups
}

/// Returns the group of a person for one family of indicators, by the unit.
fn place(rules: &Rules, family: Family, said: &Said, unit: &Unit, person: &str) -> Option<Group> {
    let key = match (family, unit) {
        (Family::Participant, _) => GroupKey::Participant(person),
        (Family::Action, Unit::One(action)) => GroupKey::Action(action, person),
        (Family::Action, Unit::Ambiguous(actions)) => {
            GroupKey::AmbiguousAction(actions.first()?, person)
        }
        (Family::Scheme, Unit::One(scheme)) => {
            let touches = said.starts || rules.completes(said, scheme);
            touches.then_some(GroupKey::Scheme(scheme, person))?
        }
        (Family::Scheme, Unit::Ambiguous(schemes)) => {
            let first = said.starts.then(|| schemes.first()).flatten()?;
            GroupKey::Ambiguous(first, person)
        }
        _ => return None,
    };
    Some(key.group())
}

fn of_deed(
    rules: &Rules,
    (known, deed): (&KnownFact, &Deed),
    registers: &RegisterView<'_>,
    day: Date,
) -> Vec<Group> {
    let (by, object) = (deed.by.as_str(), deed.object.as_str());
    let is = |wanted: &str| {
        let said = deed.object_kind.as_deref();
        said.or_else(|| kind(object, registers, day)) == Some(wanted)
    };
    let keys = match deed.does {
        Does::ReceivedSupport | Does::Introduced | Does::ReportedEmployment => {
            vec![(Family::Enterprise, GroupKey::Enterprise(by))]
        }
        Does::JoinedPartnership => vec![
            (Family::Partner, GroupKey::Partner(by)),
            (Family::Partner, GroupKey::Partnership),
        ],
        Does::Signed => vec![(Family::Partner, GroupKey::Partner(by))],
        Does::Organised => {
            let joint = |family| (family, GroupKey::Joint(object));
            let event = is(PUBLIC_EVENT).then_some((Family::Event, GroupKey::Event(object)));
            let joint = [Family::Scheme, Family::Action, Family::Event].map(joint);
            joint.into_iter().chain(event).collect()
        }
        Does::Completed if !is(PILOT_ACTION) => Vec::new(),
        Does::Developed | Does::Adopted | Does::Completed => {
            vec![(Family::Object, GroupKey::Object(object))]
        }
    };
    let keys = keys.into_iter().filter(|(family, _)| rules.has(*family));
    let mut groups: Vec<Group> = keys.map(|(_, key)| key.group()).collect();
    groups.dedup();
    let unit = any_unit(deed, registers, day);
    if groups.is_empty() || !rules.counts_here((known, deed), &unit, registers, day) {
        return Vec::new();
    }
    groups
}
