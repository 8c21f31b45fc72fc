//! Searches of a store's files: bytes, tables, copies.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

/// Opens a store's database beside the store.
pub(super) fn database(folder: &Path) -> Connection {
    Connection::open(folder.join("varde.db")).expect("it is opened")
}

fn contains(bytes: &[u8], needle: impl AsRef<[u8]>) -> bool {
    let needle = needle.as_ref();
    // The first byte alone rules most places out.
    bytes
        .windows(needle.len())
        .any(|some| some[0] == needle[0] && some == needle)
}

/// Counts by kind of file how many files have a text in their bytes.
fn in_files(folder: &Path, needle: &[u8], found: &mut BTreeMap<String, usize>) {
    for entry in std::fs::read_dir(folder).expect("the folder is read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            in_files(&path, needle, found);
            continue;
        }
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let kind = if name.starts_with("varde.db") {
            name
        } else {
            "other files".to_owned()
        };
        if contains(&std::fs::read(&path).expect("the file is read"), needle) {
            *found.entry(kind).or_default() += 1;
        }
    }
}

pub(super) fn files_with(folder: &Path, needle: impl AsRef<[u8]>) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    in_files(folder, needle.as_ref(), &mut found);
    found
}

/// Counts by table how many cells have a text in them: records, origins, dictionaries, terms.
pub(super) fn tables_with(folder: &Path, needle: &str) -> BTreeMap<String, usize> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let file = folder.join("varde.db");
    let connection = Connection::open_with_flags(file, flags).expect("it is opened");
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table'";
    let mut tables = connection.prepare(names).expect("prepared");
    let tables = tables.query_map([], |row| row.get(0)).expect("read");
    let tables: Vec<String> = tables.collect::<Result<_, _>>().expect("read");
    let mut found = BTreeMap::new();
    for table in tables {
        let sql = format!("SELECT * FROM {table}");
        let mut select = connection.prepare(&sql).expect("prepared");
        let columns = select.column_count();
        let mut rows = select.query([]).expect("read");
        while let Some(row) = rows.next().expect("read") {
            for column in 0..columns {
                let cell = row.get_ref(column).expect("a cell");
                if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = cell
                    && contains(bytes, needle)
                {
                    *found.entry(table.clone()).or_default() += 1;
                }
            }
        }
    }
    found
}

/// Copies a folder with all that is in it.
pub(super) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the folder is read") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).expect("it is copied");
        }
    }
}
