//! How far a pull has come: through which instant everything was taken, and whether it goes on at all.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use varde_xapi::Stored;

/// How many pages in a row may show no instant outside those that were shown before. Very many
/// statements can have one instant, where the source itself took them in at once.
const IDLE_PAGES_MAX: usize = 10_000;
/// How far before the last instant it is asked again, in microseconds: others of the same instant may
/// stand on the next page, and sources cut instants to the millisecond.
const OVERLAP_MICROS: i64 = 1_000;

/// Where a pull is.
///
/// A source may be asked for the oldest first and answer otherwise. So a page is known to be done with
/// only when the next one begins no earlier, and once that is not so, nothing is until the end.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// Through which instant the source showed everything when it was first asked.
    consistent: Option<Stored>,
    /// The first and the last instant of what was shown.
    range: Option<(Stored, Stored)>,
    disordered: bool,
    /// The last instant of the pages that are done with.
    done: Option<Stored>,
    idle: usize,
    links: HashSet<u64>,
}

impl Course {
    /// Begins where the source shows everything through an instant, if it says so.
    pub(super) fn begin(consistent: Option<Stored>) -> Self {
        Self {
            consistent,
            ..Self::default()
        }
    }

    /// Notes the instants of a page that was taken.
    pub(super) fn page(&mut self, stored: &[Stored]) {
        let before = self.range;
        let ordered = stored.is_sorted();
        let begins = stored.first().copied();
        if !ordered
            || before
                .zip(begins)
                .is_some_and(|((_, last), first)| first < last)
        {
            self.disordered = true;
        }
        if !self.disordered && begins.is_some() {
            self.done = before.map(|(_, last)| last);
        }
        for at in stored {
            let (first, last) = self.range.unwrap_or((*at, *at));
            self.range = Some((first.min(*at), last.max(*at)));
        }
        self.idle = if self.range == before {
            self.idle + 1
        } else {
            0
        };
    }

    /// Returns the instant to be asked from, should it have to begin anew now.
    pub(super) fn resume(&self) -> Option<Stored> {
        self.from(self.done)
    }

    /// Returns the instant to be asked from next time, now that the source has no more.
    pub(super) fn end(&self) -> Option<Stored> {
        self.from(self.range.map(|(_, last)| last))
    }

    fn from(&self, last: Option<Stored>) -> Option<Stored> {
        let last = last?;
        let last = self.consistent.map_or(last, |through| through.min(last));
        Some(Stored(last.0.saturating_sub(OVERLAP_MICROS)))
    }

    /// Notes that a link is followed, or says why it leads nowhere.
    pub(super) fn follow(&mut self, link: &str) -> Result<(), String> {
        let mut hasher = DefaultHasher::new();
        link.hash(&mut hasher);
        if !self.links.insert(hasher.finish()) {
            return Err("a `more` link that it gave before, so it would never end".to_owned());
        }
        if self.idle >= IDLE_PAGES_MAX {
            return Err(format!(
                "{IDLE_PAGES_MAX} pages in a row without anything later, so it would never end"
            ));
        }
        Ok(())
    }

    /// Tells of the first and the last instant of what was shown.
    pub(super) fn range(&self) -> Option<(Stored, Stored)> {
        self.range
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(pages: &[&[i64]]) -> Course {
        let mut course = Course::default();
        for page in pages {
            let stored: Vec<_> = page.iter().map(|at| Stored(at * 1_000_000)).collect();
            course.page(&stored);
        }
        course
    }

    fn seconds(at: Option<Stored>) -> Option<i64> {
        at.map(|at| (at.0 + OVERLAP_MICROS) / 1_000_000)
    }

    #[test]
    fn a_page_is_done_with_when_the_next_begins_no_earlier() {
        assert_eq!(seconds(after(&[&[1, 2]]).resume()), None);
        assert_eq!(seconds(after(&[&[1, 2], &[2, 5]]).resume()), Some(2));
        assert_eq!(seconds(after(&[&[1, 2], &[], &[2, 5]]).resume()), Some(2));
        assert_eq!(seconds(after(&[&[1, 2], &[2, 5]]).end()), Some(5));
    }

    #[test]
    fn a_source_that_keeps_no_order_is_done_with_at_its_end_only() {
        for pages in [
            &[&[5, 4][..], &[3, 1]][..],
            &[&[5], &[4]],
            &[&[5], &[4], &[6]],
        ] {
            assert_eq!(after(pages).resume(), None, "{pages:?}");
        }
        assert_eq!(seconds(after(&[&[5], &[4]]).end()), Some(5));
        let course = after(&[&[1, 2], &[3, 4], &[0]]);
        assert_eq!(seconds(course.resume()), Some(2), "as it was before");
    }

    #[test]
    fn what_the_source_may_not_show_yet_is_asked_for_again() {
        let mut course = Course::begin(Some(Stored(3_000_000)));
        course.page(&[Stored(2_000_000), Stored(9_000_000)]);
        assert_eq!(seconds(course.end()), Some(3));
    }

    #[test]
    fn links_that_never_end_are_not_followed() {
        let mut course = after(&[&[1]]);
        course.follow("/a").expect("new");
        course.follow("/b").expect("new");
        course.follow("/a").expect_err("known");
        for page in 0..=IDLE_PAGES_MAX {
            course.page(&[Stored(1_000_000)]);
            let followed = course.follow(&format!("/{page}"));
            assert_eq!(followed.is_err(), page + 1 >= IDLE_PAGES_MAX, "{page}");
        }
    }
}
