//! Our fields as Notion's property values.

use serde_json::{Map, Value, json};

use crate::{Dataset, datasets::Form};

/// The property by which a page is found again; a text property that every database needs.
pub(crate) const EXTERNAL_ID: &str = "External ID";

/// Longest text of a property, in UTF-16 code units (Notion's documentation, Size limits).
const TEXT: usize = 2_000;

/// The properties of a row: those that the dataset knows and the fields have, and the external id.
pub(crate) fn properties(dataset: &Dataset, external_id: &str, fields: &Map<String, Value>) -> Value {
    let mut out = Map::new();
    for column in dataset.columns {
        if let Some(value) = fields
            .get(column.field)
            .and_then(|value| property(column.form, value))
        {
            out.insert(column.property.to_owned(), value);
        }
    }
    out.insert(EXTERNAL_ID.to_owned(), text("rich_text", external_id));
    Value::Object(out)
}

/// None when the field has another type than the property.
fn property(form: Form, value: &Value) -> Option<Value> {
    Some(match form {
        Form::Title => text("title", value.as_str()?),
        Form::Text => text("rich_text", value.as_str()?),
        Form::Number => json!({"number": value.as_number()?}),
        // A comma would make two options of one.
        Form::Select => json!({"select": {"name": cut(&value.as_str()?.replace(',', " "))}}),
        Form::Time => json!({"date": {"start": value.as_str()?}}),
    })
}

fn text(kind: &str, content: &str) -> Value {
    json!({kind: [{"type": "text", "text": {"content": cut(content)}}]})
}

/// At most 2,000 UTF-16 code units, without cutting a character in two.
fn cut(content: &str) -> String {
    let mut units = 0;
    content
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= TEXT
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset;

    #[test]
    fn fields_become_properties_of_their_type_and_others_are_left_out() {
        let fields = json!({
            "name": "shop/order", "state": "completed, late", "duration_ms": 7, "started_at": "2026-01-01T00:00:00Z",
            "attempts": "seven", "unknown": 1,
        });
        let made = properties(dataset("runs").unwrap(), "x-1", fields.as_object().unwrap());
        assert_eq!(made["Name"]["title"][0]["text"]["content"], "shop/order");
        assert_eq!(made["State"]["select"]["name"], "completed  late");
        assert_eq!(made["Duration ms"]["number"], 7);
        assert_eq!(made["Started"]["date"]["start"], "2026-01-01T00:00:00Z");
        assert_eq!(made["External ID"]["rich_text"][0]["text"]["content"], "x-1");
        assert_eq!(made.as_object().unwrap().len(), 5);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = "🦀".repeat(1_500);
        assert_eq!(cut(&long).encode_utf16().count(), 2_000);
    }
}
