//! `observations.csv`: a row for each visit to a cell, the cell's names beside what was seen.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::paired::{Cell, Observation, PairedRun};

/// What leads each row; the other columns of an observation follow by the alphabet.
const LEADING: [&str; 8] = [
    "launch", "block", "position", "workload", "backend", "way", "workers", "size",
];

/// The visits of a run as comma-separated values, with a line of heads, ordered by launch, block and position.
///
/// Times are nanoseconds, as the names say. Fields are quoted as RFC 4180 has it; lines end in a line feed.
#[must_use]
pub fn observations(run: &PairedRun) -> String {
    let mut rows: Vec<Observation> = run.observations.rows().collect();
    rows.sort_by_key(|row| (row.launch, row.block, row.position, row.cell));
    let fields: Vec<Map<String, Value>> = rows.iter().map(|row| fields(row, run)).collect();
    let mut names: Vec<String> = LEADING.map(str::to_owned).to_vec();
    let others = fields.first().into_iter().flat_map(Map::keys);
    let mut others: Vec<String> = others
        .filter(|name| !LEADING.contains(&name.as_str()))
        .cloned()
        .collect();
    others.sort_unstable();
    names.extend(others);
    let mut text = names.join(",") + "\n";
    for row in &fields {
        let cells: Vec<String> = names.iter().map(|name| shown(row.get(name))).collect();
        // Writing to a text can't fail.
        let _ = writeln!(text, "{}", cells.join(","));
    }
    text
}

/// A visit and its cell, by name: whatever an observation has, so that a new column needs no word here.
fn fields(row: &Observation, run: &PairedRun) -> Map<String, Value> {
    let mut fields = object(serde_json::to_value(row));
    fields.remove("cell");
    let cell: Option<&Cell> = run.cells.get(row.cell);
    fields.extend(
        cell.into_iter()
            .flat_map(|cell| object(serde_json::to_value(cell))),
    );
    fields
}

fn object(value: serde_json::Result<Value>) -> Map<String, Value> {
    match value {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => quoted(text),
        Some(other) => quoted(&other.to_string()),
    }
}

fn quoted(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}
