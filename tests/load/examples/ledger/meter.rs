//! What the process used, and how far a measurement has come.

use std::fs;
use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

/// How many clock ticks of `/proc/self/stat` make a second on Linux.
const TICKS: f64 = 100.0;

/// Time and processor time since it was started.
pub(crate) struct Meter {
    began: Instant,
    processor: f64,
}

/// What something took.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Took {
    /// By the clock.
    pub(crate) time: Duration,
    /// On all processors, user and system, in seconds.
    pub(crate) processor: f64,
}

impl Meter {
    pub(crate) fn start() -> Self {
        let processor = processor();
        Self {
            began: Instant::now(),
            processor,
        }
    }

    pub(crate) fn read(&self) -> Took {
        Took {
            time: self.began.elapsed(),
            processor: processor() - self.processor,
        }
    }
}

impl Took {
    pub(crate) fn and(self, more: Self) -> Self {
        Self {
            time: self.time + more.time,
            processor: self.processor + more.processor,
        }
    }
}

/// Prints a line of a table of what something took for so many statements.
pub(crate) fn print(what: &str, statements: u64, took: Took) {
    let (seconds, count) = (took.time.as_secs_f64(), statements as f64);
    println!(
        "| {what:<28} | {:>12.0} | {:>7.1} | {:>17.1} |",
        count / seconds,
        seconds * 1e6 / count,
        took.processor * 1e6 / count,
    );
}

pub(crate) fn print_head() {
    println!(
        "| {:<28} | statements/s | µs each | processor µs each |",
        ""
    );
    println!("| --- | ---: | ---: | ---: |");
}

fn processor() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux tells of the process");
    let (_, fields) = stat.rsplit_once(')').expect("the name is in brackets");
    // User and system time, the 14th and 15th field of all, the 12th and 13th behind the name.
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks = ticks.map(|ticks| ticks.parse::<f64>().expect("a number"));
    ticks.sum::<f64>() / TICKS
}

/// Lets the peak of resident memory begin anew.
pub(crate) fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").expect("Linux forgets the peak");
}

/// Returns the resident memory now and at its peak, in MiB.
pub(crate) fn resident() -> (u64, u64) {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells of the process");
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let mut words = line.expect("a field of the status").split_whitespace();
        let number = words.next().expect("a value");
        number.parse::<u64>().expect("a number") / 1024
    };
    (field("VmRSS:"), field("VmHWM:"))
}

/// How far something has come, shown on standard error.
pub(crate) struct Bar {
    what: &'static str,
    total: u64,
    shown: u64,
}

impl Bar {
    pub(crate) fn new(what: &'static str, total: u64) -> Self {
        Self {
            what,
            total: total.max(1),
            shown: 0,
        }
    }

    pub(crate) fn at(&mut self, done: u64) {
        let (percent, terminal) = (
            done.min(self.total) * 100 / self.total,
            stderr().is_terminal(),
        );
        let step = if terminal { 1 } else { 25 };
        if percent < self.shown + step {
            return;
        }
        self.shown = percent;
        let what = self.what;
        if terminal {
            let filled = usize::try_from(percent / 5).unwrap_or_default();
            eprint!("\r[{:<20}] {percent:>3} % {what:<30}", "#".repeat(filled));
            if percent == 100 {
                eprint!("\r{:70}\r", "");
            }
            let _ = stderr().flush();
        } else {
            eprintln!("{percent:>3} % {what}");
        }
    }
}
