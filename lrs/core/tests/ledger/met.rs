//! Who is met by the runner, and gets an id.

use varde_core::ports::Position;

use crate::history::Act;
use crate::run;
use crate::world::World;

/// Returns how many persons have an id after a statement came behind its voiding.
async fn met(between: Option<Act>) -> usize {
    let world = World::new().await;
    world.act(&Act::Install { version: 1 }).await;
    world.act(&Act::Void { target: 5 }).await;
    if let Some(act) = between {
        world.act(&act).await;
    }
    let statement = Act::Statement {
        n: 5,
        who: 3,
        what: 1,
        day: -20,
        test: false,
    };
    world.act(&statement).await;
    world.runner.catch_up().await.unwrap();
    let events = world.log.follow(Position(0), usize::MAX).await.unwrap();
    world.people(&events).await.ids.len()
}

#[test]
fn whom_a_statement_names_that_came_voided_nobody_meets_wherever_the_steps_end() {
    run(async {
        assert_eq!(met(Some(Act::Step)).await, 0, "voided in an earlier step");
        assert_eq!(met(None).await, 0, "voided in the same step");
    });
}
