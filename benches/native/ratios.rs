//! The report: the time of each peer as a multiple of the engine's.

use std::fmt;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use serde::Deserialize;

/// One peer at one task.
pub struct Row {
    pub task: &'static str,
    pub peer: &'static str,
}

/// The used part of Criterion's `estimates.json`.
#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
    confidence_interval: Interval,
}

#[derive(Deserialize)]
struct Interval {
    lower_bound: f64,
    upper_bound: f64,
}

pub struct Ratios(Vec<[String; 4]>);

impl Ratios {
    /// Reads the estimates since `started`. A filter leaves older estimates of other tasks in place.
    pub fn read(directory: &Path, rows: &[Row], started: SystemTime) -> Self {
        let cells = |row: &Row| {
            let file = directory.join(row.task).join(row.peer).join("new/estimates.json");
            let is_new = fs::metadata(&file).and_then(|metadata| metadata.modified()).is_ok_and(|time| time >= started);
            let text = is_new.then(|| fs::read(&file).expect("an existing file is readable"))?;
            let Estimates { median } = serde_json::from_slice(&text).expect("Criterion's estimates hold a median");
            let Interval { lower_bound, upper_bound } = median.confidence_interval;
            let interval = format!("{lower_bound:.2} to {upper_bound:.2}");
            Some([row.task.to_owned(), row.peer.to_owned(), format!("{:.2}", median.point_estimate), interval])
        };
        Self(rows.iter().filter_map(cells).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A Markdown table that is readable in a terminal too.
impl fmt::Display for Ratios {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["Task", "Peer", "Ratio", "Interval"].map(str::to_owned);
        let width = |column: usize| self.0.iter().chain([&head]).map(|row| row[column].len()).max().unwrap_or_default();
        let widths = [0, 1, 2, 3].map(width);
        writeln!(
            f,
            "How many times as long as oidc-wasm a peer takes, the median of one run; above 1 oidc-wasm is faster.\n"
        )?;
        line(f, &head, widths)?;
        line(f, &[0, 1, 2, 3].map(|column| dashes(widths[column], column > 1)), widths)?;
        self.0.iter().try_for_each(|row| line(f, row, widths))
    }
}

fn line(f: &mut fmt::Formatter<'_>, row: &[String; 4], [task, peer, ratio, interval]: [usize; 4]) -> fmt::Result {
    writeln!(f, "| {:task$} | {:peer$} | {:>ratio$} | {:>interval$} |", row[0], row[1], row[2], row[3])
}

/// The line below the head. A colon aligns the column to the right.
fn dashes(width: usize, is_number: bool) -> String {
    if is_number { format!("{}:", "-".repeat(width - 1)) } else { "-".repeat(width) }
}
