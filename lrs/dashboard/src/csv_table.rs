//! Tables as CSV files (RFC 4180), for whoever goes on in a spreadsheet.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use varde_http::ApiError;

/// A file of rows under a head.
#[derive(Debug)]
pub(crate) struct CsvTable {
    name: String,
    rows: Vec<Vec<String>>,
}

impl CsvTable {
    /// Begins a file, whose name is made of a word and of what it is about.
    pub(crate) fn new(name: impl Into<String>, head: &[&str]) -> Self {
        Self {
            name: name.into(),
            rows: vec![head.iter().map(|&cell| cell.to_owned()).collect()],
        }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Answers with the file.
    pub(crate) fn answer(&self) -> Result<Response, ApiError> {
        let unwritten = |_| ApiError::Internal("a table could not be written");
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .flexible(true)
            .from_writer(Vec::new());
        for row in &self.rows {
            let cells = row.iter().map(|cell| guarded(cell));
            writer.write_record(cells).map_err(unwritten)?;
        }
        let bytes = writer.into_inner();
        let bytes = bytes.map_err(|_| ApiError::Internal("a table could not be written"))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let name: String = self.name.chars().filter(|c| plain(*c)).collect();
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (header::CACHE_CONTROL, "no-store".to_owned()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{name}.csv\""),
            ),
        ];
        Ok((headers, bytes).into_response())
    }
}

/// Keeps a spreadsheet from taking a text for a formula.
fn guarded(cell: &str) -> String {
    let risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if risky && cell.parse::<f64>().is_err() {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn a_formula_is_disarmed_and_a_number_is_left_alone() {
        assert_eq!(guarded("=1+1"), "'=1+1");
        assert_eq!(guarded("-2"), "-2");
        assert_eq!(guarded("p-001"), "p-001");
    }
}
