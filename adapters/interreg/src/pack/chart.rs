//! The chart of the annex, drawn as SVG.

use std::fmt::Write as _;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::html;
use super::language::Language;
use super::messages::Message;
use super::tables::{percent, shown};
use crate::reports::ReportBody;

const WIDTH: u32 = 640;
/// Where bars begin, behind the codes.
const LEFT: u32 = 70;
/// How long a bar of the whole scale is; the numbers stand behind it.
const SPAN: u32 = 420;
const ROW: u32 = 26;
const BAR: u32 = 14;

/// Draws a bar for each indicator with a target: how much of it is reached. The line is the target;
/// what reaches beyond it by more than half is cut off, and its number tells how far.
pub(super) fn progress(body: &ReportBody, language: Language) -> String {
    let bars = body.indicators.iter().filter_map(|one| {
        let (reached, target) = (one.handed_in()?, one.aim()?);
        Some((
            one.code.to_string(),
            reached,
            target,
            percent(reached, target)?,
        ))
    });
    let bars: Vec<_> = bars.collect();
    if bars.is_empty() {
        return String::new();
    }
    let rows = u32::try_from(bars.len()).unwrap_or(u32::MAX);
    let height = rows.saturating_mul(ROW).saturating_add(24);
    let (title, line) = (Message::Progress.html(language), target_at());
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         role=\"img\" aria-label=\"{title}\">\n"
    );
    for (row, (code, reached, target, share)) in (0_u32..).zip(&bars) {
        let top = row.saturating_mul(ROW);
        let (text, length) = (top + 15, length(*share));
        let number = |number: &Decimal| html::number(shown(*number), language);
        let (reached, target, share) = (number(reached), number(target), number(share));
        // Writing to a text cannot fail.
        let _ = writeln!(
            svg,
            "<text x=\"0\" y=\"{text}\">{code}</text>\
             <rect class=\"aim\" x=\"{LEFT}\" y=\"{}\" width=\"{}\" height=\"{BAR}\"/>\
             <rect class=\"bar\" x=\"{LEFT}\" y=\"{}\" width=\"{length}\" height=\"{BAR}\"/>\
             <text x=\"{}\" y=\"{text}\">{reached} / {target} ({share} %)</text>",
            top + 4,
            line - LEFT,
            top + 4,
            LEFT + SPAN + 8,
        );
    }
    let bottom = rows.saturating_mul(ROW);
    let _ = write!(
        svg,
        "<line class=\"target\" x1=\"{line}\" y1=\"0\" x2=\"{line}\" y2=\"{bottom}\"/>\
         <text x=\"{line}\" y=\"{}\" text-anchor=\"middle\">{} = 100 %</text>\n</svg>\n",
        bottom + 16,
        Message::Target.html(language),
    );
    svg
}

/// The scale ends at one and a half times the target.
fn target_at() -> u32 {
    LEFT + SPAN * 2 / 3
}

fn length(share: Decimal) -> u32 {
    let whole = Decimal::from(150);
    let share = share.clamp(Decimal::ZERO, whole);
    let length = share
        .checked_mul(SPAN.into())
        .and_then(|long| long.checked_div(whole));
    length
        .and_then(|length| length.round().to_u32())
        .unwrap_or_default()
}
