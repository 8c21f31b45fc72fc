//! An import that is cut short.

use std::sync::Arc;

use varde_core::ports::{Records, StatementLog};
use varde_core::statements::Statements;
use varde_interreg::imports::Imports;
use varde_test_support::{Cut, SeededEntropy, registers};

use crate::examples::examples;
use crate::world::{World, office};

/// Returns the imports of another process on a world's store, which is killed at the cut.
async fn cut_short(world: &World, cut: &Cut) -> Imports {
    let records = cut.records(Arc::clone(&world.store) as Arc<dyn Records>);
    let log = cut.log(Arc::clone(&world.store) as Arc<dyn StatementLog>);
    let registers = registers(Arc::clone(&log), records).await;
    let entropy = Arc::new(SeededEntropy::new(4));
    let statements = Statements::new(log, world.store.clone(), entropy, 100);
    Imports::new(statements, registers, world.clock.clone())
}

/// The registers that came in before the facts count nothing by themselves.
#[tokio::test]
async fn wherever_an_import_is_cut_short_it_is_done_by_the_same_again() {
    let whole = World::new().await;
    whole.import(&examples(), false).await.unwrap();
    let facts = whole.valid().await.len();
    let mut short = 0;
    for changes in 0.. {
        let world = World::new().await;
        let imports = cut_short(&world, &Cut::behind(changes)).await;
        let done = imports.import(&office(), &examples(), false).await;
        if done.is_ok() {
            assert_eq!(world.valid().await.len(), facts);
            break;
        }
        short += 1;
        assert_eq!(world.valid().await.len(), 0, "behind {changes}");
        world.import(&examples(), false).await.unwrap();
        assert_eq!(world.valid().await.len(), facts, "behind {changes}");
        let head = world.head().await;
        let again = world.import(&examples(), false).await.unwrap();
        let verdicts: Vec<_> = again.counts.keys().collect();
        assert_eq!(verdicts, [&"unchanged"], "behind {changes}");
        assert_eq!(world.head().await, head, "behind {changes}");
    }
    // Cut before the registers, before the persons of facts, and before the facts.
    assert!(short >= 3, "{short}");
}
