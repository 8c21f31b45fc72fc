//! A key of many facts is settled by the few that can still decide, and says the same.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;
use varde_core::Position;
use varde_core::ledger::Adapter;
use varde_core::people::PersonKeys;
use varde_core::ports::{EventKind, Happened, LogEvent};
use varde_core::registers::Registers;
use varde_interreg::IndicatorSets;
use varde_test_support::{assert_tally_law, facts_of};
use varde_xapi::Stored;

use crate::statements::{A, Act, B, BADGE, MODULE, Told, told};
use crate::whole_set;
use crate::world::{SET, definition};

fn registers() -> Registers {
    let row = |iri: &str, field: &str| {
        json!({ "entity": { "kind": "activity", "id": iri }, "field": field, "value": match field {
            "kind" => "training-scheme",
            _ => "yes",
        }})
    };
    let rows = [
        row(A, "kind"),
        row(A, "organiser:NO-123456785"),
        row(A, "organiser:SE-402000-0008"),
        row(B, "kind"),
    ];
    let end = json!({ "entity": { "kind": "project", "id": "sing" }, "field": "end", "value": "2025-03-01" });
    let rows: Vec<_> = rows.into_iter().chain([end]).collect();
    let event = LogEvent {
        position: Position(1),
        stored: Stored(1),
        what: Happened::Event(EventKind::Registers, json!({ "rows": rows }).to_string()),
    };
    let mut registers = Registers::default();
    registers.add(&event, &PersonKeys::default()).unwrap();
    registers
}

fn act() -> impl Strategy<Value = Act> {
    select(vec![
        Act::Started,
        Act::Attended,
        Act::Completed,
        Act::Unsuccessful,
        Act::Satisfied,
        Act::Uncompleted,
        Act::Uncompleted,
        Act::Awarded,
        Act::Forfeited,
    ])
}

/// Statements of two learners, in an order of arrival that is not that of their days.
fn statements(days: u32) -> impl Strategy<Value = Vec<Told>> {
    let one = (
        1..3_u64,
        act(),
        select(vec![A, A, B, MODULE, BADGE]),
        1..days,
    );
    let told = |(number, (learner, act, object, day)): (u64, (u64, Act, &str, u32))| {
        let day = jiff::civil::date(2025, 1, 1) + jiff::Span::new().days(day);
        let told = told(number, learner, act, object, &format!("{day}T10:00:00Z"));
        if object == MODULE {
            told.below("parent", &[A, B])
        } else {
            told
        }
    };
    vec(one, 1..40).prop_map(move |all| (1..).zip(all).map(told).collect())
}

proptest! {
    #[test]
    fn one_more_fact_is_settled_as_if_all_were_read(told in statements(91)) {
        let rulebook = IndicatorSets.compile(&definition(SET)).unwrap();
        let drafts = told.into_iter().map(Told::draft).collect();
        let facts = facts_of(&*rulebook, drafts);
        assert_tally_law(&*rulebook, &facts, &registers());
    }

    /// Of starts only those beside a break are remembered, and breaks take half a year.
    #[test]
    fn a_course_with_breaks_is_settled_as_if_all_were_read(told in statements(900)) {
        let rulebook = IndicatorSets.compile(&definition(&whole_set::file())).unwrap();
        let drafts = told.into_iter().map(Told::draft).collect();
        let facts = facts_of(&*rulebook, drafts);
        assert_tally_law(&*rulebook, &facts, &registers());
    }
}

#[test]
fn whatever_comes_to_a_key_is_settled_without_the_others() {
    let rulebook = IndicatorSets.compile(&definition(SET)).unwrap();
    let of_day = |day: u64| {
        let act = if day.is_multiple_of(3) {
            Act::Uncompleted
        } else {
            Act::Completed
        };
        told(day, 1, act, A, &format!("2025-01-{day:02}T10:00:00Z")).draft()
    };
    let facts = facts_of(&*rulebook, (1..=20).map(of_day).collect());
    let groups: usize = facts
        .iter()
        .map(|fact| {
            let registers = registers();
            let view = varde_core::registers::RegisterView::new(&registers, Stored(9));
            rulebook.groups(fact, &view).len()
        })
        .sum();
    // The person in the scheme is read once, for the first fact.
    assert_eq!(
        assert_tally_law(&*rulebook, &facts, &registers()),
        groups - 1
    );
}
