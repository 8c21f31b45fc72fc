//! Tables for spreadsheets, as CSV (RFC 4180).

use std::borrow::Cow;
use std::io::Write;

/// Writes a table: its head, and a record of cells for each row.
pub fn write<R: AsRef<[String]>>(
    out: impl Write,
    head: &[&str],
    rows: impl Iterator<Item = R>,
) -> Result<(), csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    writer.write_record(head)?;
    for row in rows {
        writer.write_record(row.as_ref().iter().map(|cell| disarmed(cell).into_owned()))?;
    }
    Ok(writer.flush()?)
}

/// Keeps a spreadsheet from taking a text for a formula.
fn disarmed(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::write;

    #[test]
    fn a_text_is_no_formula() {
        let mut out = Vec::new();
        let rows = [["=1+1".to_owned(), "a,b".to_owned()]];
        write(&mut out, &["one", "two"], rows.into_iter()).expect("memory takes it");
        assert_eq!(
            String::from_utf8_lossy(&out),
            "one,two\r\n'=1+1,\"a,b\"\r\n"
        );
    }
}
