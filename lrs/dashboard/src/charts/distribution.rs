//! How many there are at each level, group by group: a bar for each level.

use askama::Template;

use super::{About, BAR, RISE, WIDTH, clipped, length, place};

/// Where bars begin and end, and what stands to their left fits into.
const BARS: (f64, f64) = (136.0, 330.0);
const LABEL_CHARS: usize = 19;
const GROUP_CHARS: usize = 40;
const ROW: f64 = 24.0;
const GROUP_HEAD: f64 = 26.0;
const GROUP_GAP: f64 = 10.0;
/// How many shades the ramp has.
const SHADES: usize = 8;

/// A group whose members were sorted by level.
#[derive(Debug)]
pub(crate) struct Sorted {
    pub(crate) name: String,
    /// How many there are, as a text.
    pub(crate) count: String,
    /// By level, the lowest first; every group has the same levels.
    pub(crate) cells: Vec<Cell>,
}

/// How many of a group are at a level.
#[derive(Debug)]
pub(crate) struct Cell {
    /// The level.
    pub(crate) label: String,
    /// The share that is drawn, from 0 to 1; `None` draws nothing.
    pub(crate) share: Option<f64>,
    /// The number, or that it is not shown.
    pub(crate) text: String,
}

#[derive(Debug, Template)]
#[template(path = "charts/distribution.html")]
pub(crate) struct Distribution {
    pub(crate) about: About,
    height: String,
    groups: Vec<Group>,
}

#[derive(Debug)]
struct Group {
    name: String,
    count: String,
    y: String,
    bars: Vec<Bar>,
}

#[derive(Debug)]
struct Bar {
    label: String,
    text: String,
    /// The baseline of the texts.
    y: String,
    top: String,
    /// `None` where nothing is drawn.
    width: Option<String>,
    text_x: String,
    shade: usize,
}

impl Distribution {
    /// Draws groups one beneath the other, all on one scale that begins at nothing; `None` where there is no group.
    pub(crate) fn of(about: About, groups: &[Sorted]) -> Option<Self> {
        let shares = groups
            .iter()
            .flat_map(|group| &group.cells)
            .filter_map(|cell| cell.share);
        let most = shares.fold(0.0, f64::max);
        let mut y = 0.0;
        let drawn: Vec<_> = groups
            .iter()
            .map(|group| {
                let drawn = Group {
                    name: clipped(&group.name, GROUP_CHARS),
                    count: group.count.clone(),
                    y: length(y + RISE),
                    bars: bars(group, y + GROUP_HEAD, most),
                };
                y += GROUP_HEAD + ROW * rows(group) + GROUP_GAP;
                drawn
            })
            .collect();
        (!drawn.is_empty()).then(|| Self {
            about,
            height: length(y),
            groups: drawn,
        })
    }
}

fn rows(group: &Sorted) -> f64 {
    group.cells.iter().map(|_| 1.0).sum()
}

fn bars(group: &Sorted, top: f64, most: f64) -> Vec<Bar> {
    let mut y = top;
    let count = group.cells.len();
    let bars = group.cells.iter().enumerate().map(|(at_level, cell)| {
        // Nothing at all still is a number: it is written where bars begin.
        let end = cell
            .share
            .map(|share| place(share, (0.0, most.max(f64::EPSILON)), BARS));
        let bar = Bar {
            label: clipped(&cell.label, LABEL_CHARS),
            text: cell.text.clone(),
            y: length(y + RISE),
            top: length(y),
            width: end.map(|end| length(end - BARS.0)),
            text_x: length(end.unwrap_or(BARS.0) + 6.0),
            shade: shade(at_level, count),
        };
        y += ROW;
        bar
    });
    bars.collect()
}

/// Returns the shade of a level: the darker the higher, spread over the whole ramp.
fn shade(level: usize, levels: usize) -> usize {
    let last = levels.saturating_sub(1).max(1);
    1 + level * (SHADES - 1) / last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about() -> About {
        About {
            id: "levels".to_owned(),
            title: "Levels <b>".to_owned(),
            description: "Most are at level 2.".to_owned(),
            as_table: "As a table",
            columns: vec!["Group".to_owned(), "Level 0".to_owned()],
            rows: vec![vec!["A group".to_owned(), "not shown".to_owned()]],
        }
    }

    fn group(shares: &[Option<f64>]) -> Sorted {
        let cells = shares.iter().zip(0..).map(|(share, level)| Cell {
            label: format!("Level {level}"),
            share: *share,
            text: share.map_or("not shown".to_owned(), |share| share.to_string()),
        });
        Sorted {
            name: "A group".to_owned(),
            count: "n = 4".to_owned(),
            cells: cells.collect(),
        }
    }

    fn widths(chart: &Distribution) -> Vec<Option<&str>> {
        let bars = chart.groups.iter().flat_map(|group| &group.bars);
        bars.map(|bar| bar.width.as_deref()).collect()
    }

    #[test]
    fn the_largest_share_of_all_groups_is_as_long_as_there_is_room() {
        let groups = [
            group(&[Some(0.25), Some(0.5), Some(0.0)]),
            group(&[Some(0.125), None, Some(0.5)]),
        ];
        let chart = Distribution::of(about(), &groups).expect("groups");
        let (half, whole) = (Some("97.0"), Some("194.0"));
        assert_eq!(
            widths(&chart),
            [half, whole, Some("0.0"), Some("48.5"), None, whole]
        );
        let tops: Vec<_> = chart.groups[0].bars.iter().map(|bar| &*bar.top).collect();
        assert_eq!(tops, ["26.0", "50.0", "74.0"]);
        assert_eq!(chart.groups[1].bars[0].top, "134.0");
        assert_eq!(chart.height, "216.0");
        assert_eq!(chart.groups[1].bars[1].text_x, "142.0");
    }

    #[test]
    fn equal_shares_one_level_and_nobody_are_drawn_without_a_fault() {
        let drawn = |shares: &[Option<f64>]| {
            let chart = Distribution::of(about(), &[group(shares)]).expect("a group");
            let widths = widths(&chart).into_iter();
            widths
                .map(|width| width.map(str::to_owned))
                .collect::<Vec<_>>()
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            drawn(&[Some(0.5), Some(0.5)]),
            [text("194.0"), text("194.0")]
        );
        assert_eq!(drawn(&[Some(1.0)]), [text("194.0")]);
        assert_eq!(drawn(&[Some(0.0), None]), [text("0.0"), None]);
        assert!(drawn(&[]).is_empty());
        assert!(Distribution::of(about(), &[]).is_none());
    }

    #[test]
    fn higher_levels_are_darker() {
        let shades = |levels| (0..levels).map(|at| shade(at, levels)).collect::<Vec<_>>();
        assert_eq!(shades(1), [1]);
        assert_eq!(shades(2), [1, 8]);
        assert_eq!(shades(8), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(shades(9), [1, 1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn it_says_what_it_shows_and_nothing_of_what_is_not_shown_is_drawn() {
        let chart = Distribution::of(about(), &[group(&[None])]).expect("a group");
        let html = chart.render().expect("a chart");
        assert!(html.contains("<title id=\"levels-title\">Levels &#60;b&#62;</title>"));
        assert!(html.contains("<desc id=\"levels-desc\">Most are at level 2.</desc>"));
        assert!(!html.contains("<rect"), "{html}");
        assert_eq!(html.matches("not shown").count(), 2, "{html}");
        assert!(html.contains("<th scope=\"row\">A group</th>"));
    }
}
