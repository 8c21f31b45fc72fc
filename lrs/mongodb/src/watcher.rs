//! Word that the store has come further, from whichever process wrote.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mongodb::change_stream::event::UpdateDescription;
use tokio::time::sleep;

use crate::error::Fault;
use crate::layout::head::WAITING;
use crate::shared::Shared;

/// How long the server waits for a change before it says that there was none.
const AWAIT: Duration = Duration::from_secs(1);
/// How often the clocks are compared.
const CLOCKS_EVERY: Duration = Duration::from_secs(10);
/// How long it is waited after a failure.
const BACK_OFF: Duration = Duration::from_millis(500);

/// Watches the head for as long as the task lives.
pub(crate) async fn watch(shared: Arc<Shared>) {
    loop {
        if let Err(fault) = follow(&shared).await {
            tracing::debug!(?fault, "the head is not watched; trying again");
        }
        sleep(BACK_OFF).await;
    }
}

async fn follow(shared: &Shared) -> Result<(), Fault> {
    let mut changes = shared
        .collections
        .head
        .watch()
        .max_await_time(AWAIT)
        .await?;
    // What happened before the watch began.
    shared.read_head().await?;
    shared.skew.measure(shared).await?;
    let mut compared = Instant::now();
    while changes.is_alive() {
        if let Some(change) = changes.next_if_any().await? {
            match change.update_description {
                Some(said) if is_plain(&said) => {
                    if let Ok(position) = said.updated_fields.get_i64("position") {
                        shared.grown(position);
                    }
                }
                // What waits has changed.
                _ => drop(shared.read_head().await?),
            }
        }
        if compared.elapsed() > CLOCKS_EVERY {
            shared.skew.measure(shared).await?;
            compared = Instant::now();
        }
    }
    Ok(())
}

/// Tells whether an update leaves what waits as it is.
fn is_plain(said: &UpdateDescription) -> bool {
    let named = |field: &String| field.starts_with(WAITING);
    said.truncated_arrays.as_ref().is_none_or(Vec::is_empty)
        && !said.updated_fields.keys().any(named)
}
