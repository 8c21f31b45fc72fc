//! The one clock of the log: when things are stored, and through which instant all is visible.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use varde_core::Clock;
use varde_xapi::Stored;

/// How far ahead of the clock the mark on disk is put, so that it is written rarely.
const MARK_AHEAD_MICROS: i64 = 1_000_000;

/// Gives each event its `stored`, and readers an instant behind which all of them lie.
#[derive(Debug)]
pub(crate) struct Timeline {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The latest instant that was given to an event or shown to a reader.
    given: Stored,
    /// While a group is being written: an instant before its first event.
    open: Option<Stored>,
    /// The first event whose index entries are not all made yet.
    held: Option<Stored>,
    /// What the disk says that this process may have shown. After a crash, the next process
    /// stores behind it, even when the clock was set back meanwhile.
    mark: Stored,
}

impl State {
    /// Returns the instant up to which everything is visible, when nothing else is under way
    /// beyond `last`.
    fn complete(&self, last: Stored) -> Stored {
        let before = |event: Stored| Stored(event.0.saturating_sub(1));
        let complete = self.open.unwrap_or(last);
        self.held
            .map_or(complete, |held| complete.min(before(held)))
    }
}

/// What a reader may be shown.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// This instant.
    Through(Stored),
    /// A later one, once the mark on disk is moved.
    Unmarked,
}

impl Timeline {
    /// Goes on behind the last event and the mark that an earlier process left.
    pub(crate) fn new(clock: Arc<dyn Clock>, last: Option<Stored>, mark: Option<Stored>) -> Self {
        let mark = mark.unwrap_or(Stored(0));
        let given = last.map_or(mark, |last| last.max(mark));
        Self {
            clock,
            state: Mutex::new(State {
                given,
                open: None,
                held: None,
                mark,
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a group. Until it ends, readers are shown what lies before it.
    pub(crate) fn begin(&self) {
        let now = self.clock.now();
        let mut state = self.state();
        state.open = Some(state.given.max(Stored(now.0.saturating_sub(1))));
    }

    /// Returns the next `stored`: now, or just behind the last when the clock did not move on.
    pub(crate) fn next(&self) -> Stored {
        let now = self.clock.now();
        let mut state = self.state();
        let before = state.open.map_or(state.given, |open| open.max(state.given));
        state.given = now.max(Stored(before.0.saturating_add(1)));
        state.given
    }

    /// Ends the group: it is visible, or nothing of it ever will be.
    pub(crate) fn end(&self) {
        self.state().open = None;
    }

    /// Shows readers what lies before this event until it is let go: its index entries are not
    /// all made yet.
    pub(crate) fn hold(&self, event: Option<Stored>) {
        self.state().held = event;
    }

    /// Returns the instant to show: everything stored up to it is visible, and nothing will be
    /// stored there again.
    pub(crate) fn show(&self) -> Shown {
        let now = self.clock.now();
        let mut state = self.state();
        let through = state.complete(state.given.max(now));
        if through > state.mark {
            return Shown::Unmarked;
        }
        state.given = state.given.max(through);
        Shown::Through(through)
    }

    /// Returns the latest instant that the mark allows, where the mark cannot be moved.
    pub(crate) fn show_marked(&self) -> Stored {
        let mut state = self.state();
        let through = state.complete(state.given).min(state.mark);
        state.given = state.given.max(through);
        through
    }

    /// Returns the mark to write with the next commit, when it is due.
    pub(crate) fn due(&self) -> Option<Stored> {
        let now = self.clock.now();
        let state = self.state();
        let latest = state.given.max(now);
        let near = latest.0.saturating_add(MARK_AHEAD_MICROS / 2) > state.mark.0;
        near.then(|| Stored(latest.0.saturating_add(MARK_AHEAD_MICROS)))
    }

    /// Notes that the mark is on disk.
    pub(crate) fn marked(&self, mark: Stored) {
        let mut state = self.state();
        state.mark = state.mark.max(mark);
    }

    /// Returns the mark that an orderly end leaves: what was really given or shown.
    pub(crate) fn last(&self) -> Stored {
        self.state().given
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use varde_test_support::TestClock;

    fn at(micros: i64) -> (Arc<TestClock>, Timeline) {
        let clock = Arc::new(TestClock::at(micros));
        let timeline = Timeline::new(clock.clone(), None, Some(Stored(1_000_000)));
        (clock, timeline)
    }

    #[test]
    fn while_a_group_is_written_readers_are_shown_what_lies_before_it() {
        let (clock, timeline) = at(1_000_000);
        timeline.begin();
        let first = timeline.next();
        clock.advance(-10);
        timeline.marked(Stored(2_000_000));
        assert_eq!(timeline.show(), Shown::Through(Stored(first.0 - 1)));
        timeline.end();
        assert_eq!(timeline.show(), Shown::Through(first));
    }

    #[test]
    fn nothing_is_shown_beyond_the_mark() {
        let (clock, timeline) = at(1_000_000);
        clock.advance(1);
        assert_eq!(timeline.show(), Shown::Unmarked);
        assert_eq!(timeline.show_marked(), Stored(1_000_000));
        timeline.marked(timeline.due().expect("a mark is due"));
        assert_eq!(timeline.show(), Shown::Through(Stored(1_000_001)));
        assert_eq!(timeline.due(), None, "the mark is far enough ahead");
    }

    #[test]
    fn an_event_that_is_not_found_yet_is_not_shown() {
        let (clock, timeline) = at(1_000_000);
        timeline.marked(Stored(9_000_000));
        timeline.begin();
        let event = timeline.next();
        timeline.hold(Some(event));
        timeline.end();
        clock.advance(1_000);
        assert_eq!(timeline.show(), Shown::Through(Stored(event.0 - 1)));
        timeline.hold(None);
        assert_eq!(timeline.show(), Shown::Through(clock.now()));
    }

    #[test]
    fn what_was_shown_during_a_group_of_nothing_stays_behind() {
        let (clock, timeline) = at(0);
        timeline.marked(Stored(9_000_000));
        clock.advance(5_000_000);
        timeline.begin();
        let shown = timeline.show_marked();
        timeline.end();
        clock.advance(-1_000_000);
        timeline.begin();
        assert!(timeline.next() > shown);
    }
}
