//! A table as CSV (RFC 4180, UTF-8, a header line, CRLF).

use csv::{Terminator, WriterBuilder};
use serde_json::{Map, Value};

use super::{Dataset, PackageError};

/// Begins a cell that a spreadsheet would otherwise calculate.
const GUARD: char = '\'';

/// The dataset; nothing when it has no rows.
pub(super) fn table(dataset: &Dataset) -> Result<Vec<u8>, PackageError> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    if !dataset.rows.is_empty() {
        writer.write_record(dataset.columns.iter().map(|name| neutral(name.clone())))?;
    }
    for row in &dataset.rows {
        writer.write_record(dataset.columns.iter().map(|name| cell(row, name)))?;
    }
    writer
        .into_inner()
        .map_err(|error| PackageError::Write(error.to_string()))
}

/// Text is neutralised; numbers and booleans cannot be formulas, and stay what they are.
fn cell(row: &Map<String, Value>, column: &str) -> String {
    match row.get(column) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => neutral(text.clone()),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        Some(value @ (Value::Array(_) | Value::Object(_))) => neutral(value.to_string()),
    }
}

/// The text, with an apostrophe before what spreadsheets take for the begin of a formula (OWASP, CSV injection): `=`, `+`,
/// `-`, `@`, their full-width forms, tab, carriage return and line feed. The data as it is stands in `data.json`.
fn neutral(text: String) -> String {
    let begins = |c| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}'
        )
    };
    if text.starts_with(begins) {
        format!("{GUARD}{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn csv(rows: &Value) -> String {
        let rows: Vec<Map<String, Value>> = serde_json::from_value(rows.clone()).unwrap();
        let columns = rows
            .first()
            .map(|row| row.keys().cloned().collect())
            .unwrap_or_default();
        let text = String::new;
        let (left_out, name) = (Vec::new(), "t".to_owned());
        let dataset = Dataset {
            name,
            holds: text(),
            kept: text(),
            basis: text(),
            columns,
            left_out,
            rows,
        };
        String::from_utf8(table(&dataset).unwrap()).unwrap()
    }

    #[test]
    fn domain_1_6_cells_that_a_spreadsheet_would_calculate_are_neutralised() {
        for formula in [
            "=1+1",
            "=HYPERLINK(\"https://evil.example\")",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "＝1",
            "＋1",
            "－1",
            "＠x",
        ] {
            let text = csv(&json!([{"c": formula}]));
            let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
            let record = reader.records().next().unwrap().unwrap();
            assert_eq!(&record[0], format!("'{formula}"), "{formula:?}");
        }
    }

    #[test]
    fn domain_1_6_a_column_name_is_neutralised_too() {
        assert_eq!(csv(&json!([{"=c": 1}])), "'=c\r\n1\r\n");
    }

    #[test]
    fn domain_1_6_text_that_is_no_formula_and_numbers_stay_as_they_are() {
        let text = csv(&json!([{"a": "x=1", "b": -5, "c": true, "d": null, "e": "", "f": "'=1", "g": [-1]}]));
        assert_eq!(text, "a,b,c,d,e,f,g\r\nx=1,-5,true,,,'=1,[-1]\r\n");
    }

    #[test]
    fn domain_1_6_quotes_commas_and_lines_are_quoted_by_rfc_4180() {
        let text = csv(&json!([{"a": "say \"hi\", twice", "b": "two\r\nlines", "c": "Zoë 🎉"}]));
        assert_eq!(
            text,
            "a,b,c\r\n\"say \"\"hi\"\", twice\",\"two\r\nlines\",Zoë 🎉\r\n"
        );
    }

    #[test]
    fn no_rows_give_an_empty_file() {
        assert_eq!(csv(&json!([])), "");
    }
}
