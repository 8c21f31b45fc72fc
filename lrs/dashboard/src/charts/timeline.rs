//! How an amount grew over time, with the target that it grows towards.

use askama::Template;

use super::{About, LEFT, RIGHT, Scale, Tick, WIDTH, length};

const HEIGHT: f64 = 232.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 200.0;

/// An amount at a time.
#[derive(Debug)]
pub(crate) struct Point {
    /// When, on the scale of the other points.
    pub(crate) at: f64,
    /// When, as it stands beneath the axis.
    pub(crate) when: String,
    pub(crate) amount: f64,
    /// The amount, as it is read.
    pub(crate) said: String,
}

/// The chart: a line through the points, the last one labelled, and the target as a line of its own.
#[derive(Debug, Template)]
#[template(path = "charts/timeline.html")]
pub(crate) struct Timeline {
    about: About,
    lines: Vec<Tick>,
    /// The first, the middle and the last time.
    times: Vec<Tick>,
    path: String,
    area: String,
    last: Option<(String, String, String)>,
    /// Where the target's line is, and its label stands.
    target: Option<(String, String, String)>,
}

impl Timeline {
    /// Draws points in the order of time. The target is its amount and how it is read.
    pub(crate) fn new(
        about: About,
        points: &[Point],
        target: Option<(f64, String)>,
        number: impl Fn(f64) -> String,
    ) -> Self {
        let amounts = points.iter().map(|point| point.amount);
        let aim = target.as_ref().map(|(amount, _)| *amount);
        let largest = amounts.chain(aim).fold(0.0, f64::max);
        let scale = Scale::whole(largest, (BOTTOM, TOP));
        let places = places(points, scale);
        let lines = scale.lines().into_iter().map(|amount| Tick {
            at: length(scale.at(amount)),
            label: number(amount),
        });
        let last = points.last().zip(places.last());
        Self {
            about,
            lines: lines.collect(),
            times: times(points, &places),
            path: path(&places),
            area: area(&places),
            last: last.map(|(point, (x, y))| (length(*x), length(*y), point.said.clone())),
            target: target.map(|(amount, said)| {
                let y = scale.at(amount);
                (length(y), length(y - 6.0), said)
            }),
        }
    }
}

/// Returns where each point stands. A single one stands at the end.
fn places(points: &[Point], scale: Scale) -> Vec<(f64, f64)> {
    let (first, last) = match points {
        [first, .., last] => (first.at, last.at),
        _ => (0.0, 0.0),
    };
    let span = last - first;
    let places = points.iter().map(|point| {
        let share = if span > 0.0 {
            (point.at - first) / span
        } else {
            1.0
        };
        (LEFT + share * (RIGHT - LEFT), scale.at(point.amount))
    });
    places.collect()
}

fn path(places: &[(f64, f64)]) -> String {
    let steps = places.iter().enumerate().map(|(at, (x, y))| {
        let letter = if at == 0 { 'M' } else { 'L' };
        format!("{letter}{} {}", length(*x), length(*y))
    });
    steps.collect::<Vec<_>>().join(" ")
}

fn area(places: &[(f64, f64)]) -> String {
    let (Some((first, _)), Some((last, _))) = (places.first(), places.last()) else {
        return String::new();
    };
    let (line, bottom) = (path(places), length(BOTTOM));
    format!(
        "{line} L{} {bottom} L{} {bottom} Z",
        length(*last),
        length(*first)
    )
}

fn times(points: &[Point], places: &[(f64, f64)]) -> Vec<Tick> {
    let ends = match points.len() {
        0 => vec![],
        1 => vec![0],
        2 => vec![0, 1],
        count => vec![0, count / 2, count - 1],
    };
    let ticks = ends.into_iter().filter_map(|at| {
        let (point, (x, _)) = points.get(at).zip(places.get(at))?;
        Some(Tick {
            at: length(*x),
            label: point.when.clone(),
        })
    });
    ticks.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about() -> About {
        About {
            id: "growth".to_owned(),
            title: "RCO85".to_owned(),
            description: "It grew.".to_owned(),
            as_table: "As a table",
            columns: vec!["Month".to_owned(), "Value".to_owned()],
            rows: vec![vec!["<May>".to_owned(), "3".to_owned()]],
        }
    }

    fn chart(amounts: &[f64], target: Option<f64>) -> Timeline {
        let points: Vec<Point> = (0_u32..)
            .zip(amounts)
            .map(|(at, amount)| Point {
                at: at.into(),
                when: format!("day {at}"),
                amount: *amount,
                said: amount.to_string(),
            })
            .collect();
        let target = target.map(|target| (target, format!("target {target}")));
        Timeline::new(about(), &points, target, |number| number.to_string())
    }

    #[test]
    fn points_go_from_the_left_to_the_right_and_the_target_has_its_line() {
        let chart = chart(&[0.0, 5.0, 10.0], Some(20.0));
        assert_eq!(chart.path, "M46.0 200.0 L227.0 156.0 L408.0 112.0");
        assert_eq!(chart.target.unwrap().0, "24.0");
        assert_eq!(chart.last.unwrap().2, "10");
        assert_eq!(chart.times.len(), 3);
    }

    #[test]
    fn one_point_and_none_are_drawn_too() {
        assert_eq!(chart(&[3.0], None).path, "M408.0 24.0");
        let empty = chart(&[], Some(4.0));
        assert_eq!((empty.path.as_str(), empty.area.as_str()), ("", ""));
        assert!(empty.render().unwrap().contains("target 4"));
    }

    #[test]
    fn it_says_what_it_shows_and_has_its_numbers_beneath() {
        let html = chart(&[1.0, 2.0], None).render().unwrap();
        assert!(html.contains("role=\"img\" aria-labelledby=\"growth-title growth-desc\""));
        assert!(html.contains("<desc id=\"growth-desc\">It grew.</desc>"));
        assert!(html.contains("<th scope=\"row\">&#60;May&#62;</th><td class=\"number\">3</td>"));
    }
}
