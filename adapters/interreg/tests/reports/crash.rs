//! A submit that is cut short.

use std::sync::Arc;

use varde_core::ports::Records;
use varde_interreg::reports::State;
use varde_test_support::Cut;

use crate::world::{FIRST, World, figures, place, query, reports, steward};

/// The record that names a body is written behind its pieces, however many there are; that those of
/// several commits are cut and removed is shown where they are kept.
#[tokio::test]
async fn wherever_a_submit_is_cut_short_there_is_the_draft_or_the_whole_report() {
    let world = World::new().await;
    world.begins(1, 1, "2025-02-01").await;
    world.after(FIRST);
    world.settle().await;
    world.open(FIRST).await;
    let mut drafts = 0;
    for commits in 0.. {
        let cut = Cut::behind(commits);
        let records = cut.records(Arc::clone(&world.store) as Arc<dyn Records>);
        let cut_short = reports(&world.store, records, &world.registers, &world.clock);
        let done = cut_short.submit(&steward(1), &place(FIRST), None).await;
        let view = world.show(FIRST).await;
        assert_eq!(figures(&view), [0, 1, 0, 1, 1], "behind {commits}");
        world.clock.advance(1_000_000);
        match view.listed.state {
            State::Draft => {
                assert!(done.is_err(), "behind {commits}");
                drafts += 1;
            }
            state => {
                assert_eq!(state, State::Submitted);
                let (caller, query) = (steward(1), query(FIRST, None));
                let (bytes, hash) = world.reports.file(&caller, &query).await.unwrap();
                assert_eq!(view.report.canonical().unwrap(), (bytes, hash));
                break;
            }
        }
    }
    // Cut before the audit line, before the body was announced, before and behind its piece.
    assert!(drafts >= 4, "{drafts}");
    let bodies = world.bodies().await;
    assert_eq!(
        bodies.len(),
        1,
        "nothing of those cut short is left: {bodies:?}"
    );
}
