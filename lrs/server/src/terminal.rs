//! What standard output can show: colours, bars, tables.

use std::io::{IsTerminal as _, Write as _, stdout};

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

/// Tells whether colours are welcome: not when `NO_COLOR` is set to anything, nor on a terminal
/// that knows none.
pub(crate) fn may_colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Writes to standard output.
pub(crate) fn print(text: &str) {
    // When the reader has gone (`varde … | head`), there is nobody to tell.
    let _ = stdout().write_all(text.as_bytes());
}

/// A bar on standard error, where that is a terminal.
#[derive(Debug, Default)]
pub(crate) struct Bar(Option<ProgressBar>);

impl Bar {
    /// Shows how far a long work has come.
    pub(crate) fn show(&mut self, what: &str, done: u64, of: u64) {
        let bar = self.0.get_or_insert_with(|| {
            let bar = ProgressBar::new(of);
            if let Ok(style) = ProgressStyle::with_template("  {msg} {bar:40} {pos}/{len}") {
                bar.set_style(style);
            }
            bar
        });
        bar.set_message(what.to_owned());
        bar.set_length(of);
        bar.set_position(done);
    }

    /// Takes the bar away.
    pub(crate) fn clear(&mut self) {
        if let Some(bar) = self.0.take() {
            bar.finish_and_clear();
        }
    }
}

/// How standard output is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Look {
    /// Whether escape sequences for colours are written.
    pub(crate) colour: bool,
    /// Whether bars are drawn with block characters, and with `#` otherwise.
    pub(crate) blocks: bool,
}

impl Look {
    /// Letters only, for files and pipes.
    pub(crate) const PLAIN: Self = Self {
        colour: false,
        blocks: false,
    };

    /// Looks at standard output.
    pub(crate) fn of_stdout() -> Self {
        if stdout().is_terminal() {
            Self {
                colour: may_colour(),
                blocks: true,
            }
        } else {
            Self::PLAIN
        }
    }

    /// Marks a heading.
    pub(crate) fn heading(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// Steps a text back behind others.
    pub(crate) fn quiet(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// Draws a bar of a share of so many columns; `rest` draws the remainder too.
    pub(crate) fn bar(self, value: u64, of: u64, columns: u64, rest: bool) -> String {
        let filled = (value.min(of) * columns + of / 2)
            .checked_div(of)
            .unwrap_or(0);
        // What is more than nothing shows.
        let filled = if value > 0 { filled.max(1) } else { filled };
        let (full, empty) = if self.blocks {
            ("█", "░")
        } else {
            ("#", ".")
        };
        let times = |text: &str, n: u64| text.repeat(usize::try_from(n).unwrap_or(0));
        let empty = if rest {
            times(empty, columns.saturating_sub(filled))
        } else {
            String::new()
        };
        self.paint("36", &times(full, filled)) + &self.quiet(&empty)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Lays rows out in columns, without lines. Columns whose numbers are given are set right.
/// Only the last column may hold colours.
pub(crate) fn columns(rows: &[Vec<String>], right: &[usize]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).add_rows(rows.iter().cloned());
    for column in right {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = String::new();
    for line in table.lines() {
        // Cells bring a space of their own on the left.
        text.push_str(format!(" {line}").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_shows_its_share_and_never_more_than_all_of_it() {
        let look = Look::PLAIN;
        assert_eq!(look.bar(0, 10, 10, true), "..........");
        assert_eq!(look.bar(5, 10, 10, true), "#####.....");
        assert_eq!(look.bar(1, 1000, 10, true), "#.........");
        assert_eq!(look.bar(20, 10, 10, true), "##########");
        assert_eq!(look.bar(5, 10, 10, false), "#####");
        assert_eq!(look.bar(0, 0, 10, false), "");
    }

    #[test]
    fn columns_are_aligned() {
        let rows = [
            vec!["a".to_owned(), "1".to_owned()],
            vec!["bcd".to_owned(), "20".to_owned()],
        ];
        assert_eq!(columns(&rows, &[1]), "  a     1\n  bcd  20\n");
    }
}
