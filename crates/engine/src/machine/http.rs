//! `call: http`: the request, evaluated, and what its response means.

use levqor_workflow::model::{Endpoint, Http, HttpOutput, Template};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::{HttpRequest, Machine, scope::Scope};
use crate::WorkflowError;

/// All but the unreserved characters (RFC 6570, 3.2.2).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Scope<'_> {
    pub(super) fn request(&self, http: &Http, input: &Value) -> Result<HttpRequest, WorkflowError> {
        Ok(HttpRequest {
            method: http.method.clone(),
            uri: self.uri(&http.endpoint, input)?,
            headers: self.pairs("headers", http.headers.as_ref(), input)?,
            query: self.pairs("query", http.query.as_ref(), input)?,
            body: http
                .body
                .as_ref()
                .map(|body| self.render(body, input))
                .transpose()?,
            redirect: http.redirect,
            raw: http.output == HttpOutput::Raw,
        })
    }

    fn uri(&self, endpoint: &Endpoint, input: &Value) -> Result<String, WorkflowError> {
        match endpoint {
            Endpoint::UriTemplate(template) => {
                expand(template, input).map_err(|reason| self.error("expression", reason))
            }
            Endpoint::Expression(expression) => match self.evaluate(expression, input)? {
                Value::String(uri) => Ok(uri),
                _ => Err(self.error("expression", "the endpoint is no text".to_owned())),
            },
        }
    }

    /// An object of scalars; null members are left out.
    fn pairs(
        &self,
        what: &str,
        template: Option<&Template>,
        input: &Value,
    ) -> Result<Vec<(String, String)>, WorkflowError> {
        let object = match template
            .map(|template| self.render(template, input))
            .transpose()?
        {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(object)) => object,
            Some(_) => return Err(self.error("expression", format!("`{what}` gives no object"))),
        };
        object
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| match scalar(&value) {
                Some(text) => Ok((name, text)),
                None => Err(self.error(
                    "expression",
                    format!("`{what}.{name}` is not text, a number or a boolean"),
                )),
            })
            .collect()
    }
}

impl Machine {
    /// The task's output, or the `communication` error with the response's own status.
    pub(super) fn response(
        &self,
        http: &Http,
        response: Value,
        pointer: &str,
    ) -> Result<Value, WorkflowError> {
        let malformed = || self.error("runtime", "the response has no status code".to_owned(), pointer);
        let Value::Object(mut response) = response else {
            return Err(malformed());
        };
        let status = response
            .get("statusCode")
            .and_then(Value::as_i64)
            .ok_or_else(malformed)?;
        let success = if http.redirect { 200..400 } else { 200..300 };
        if !success.contains(&status) {
            let detail = format!("the server answered with status {status}");
            return Err(WorkflowError {
                status,
                ..self.error("communication", detail, pointer)
            });
        }
        Ok(match http.output {
            HttpOutput::Raw => response.shift_remove("raw").unwrap_or_default(),
            HttpOutput::Content => response.shift_remove("content").unwrap_or_default(),
            HttpOutput::Response => {
                response.shift_remove("raw");
                Value::Object(response)
            }
        })
    }
}

impl HttpRequest {
    /// What the journal shows of it. Headers may hold credentials and are left out.
    pub(super) fn given(&self) -> Value {
        let mut given = Map::from_iter([
            ("method".to_owned(), json!(self.method)),
            ("uri".to_owned(), json!(self.uri)),
        ]);
        if !self.query.is_empty() {
            let query = self
                .query
                .iter()
                .map(|(name, value)| (name.clone(), json!(value)))
                .collect();
            given.insert("query".to_owned(), Value::Object(query));
        }
        if let Some(body) = &self.body {
            given.insert("body".to_owned(), body.clone());
        }
        Value::Object(given)
    }
}

/// RFC 6570 simple expansion over the top level of `input`: `{name}` and `{name,other}`. A missing or null value
/// expands to nothing; what is no scalar is an error (specification, "URI Template").
fn expand(template: &str, input: &Value) -> Result<String, String> {
    let mut uri = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (names, behind) = after
            .split_once('}')
            .ok_or("the endpoint has a `{` without its `}`")?;
        uri.push_str(before);
        for (position, value) in names
            .split(',')
            .filter_map(|name| input.get(name.trim()))
            .enumerate()
        {
            if value.is_null() {
                continue;
            }
            if position > 0 {
                uri.push(',');
            }
            let text = scalar(value).ok_or_else(|| format!("`{{{names}}}` of the endpoint is no scalar"))?;
            uri.extend(utf8_percent_encode(&text, RESERVED));
        }
        rest = behind;
    }
    uri.push_str(rest);
    Ok(uri)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_expand_scalars_percent_encoded() {
        let input = json!({"id": 7, "name": "a b/ü?", "on": true, "none": null, "list": [1]});
        for (template, expected) in [
            ("https://h/p/{id}", "https://h/p/7"),
            ("https://h/{name}/x", "https://h/a%20b%2F%C3%BC%3F/x"),
            (
                "https://h/?on={on}&gone={gone}&none={none}",
                "https://h/?on=true&gone=&none=",
            ),
            ("https://h/{id,on}", "https://h/7,true"),
            ("https://h/plain", "https://h/plain"),
        ] {
            assert_eq!(expand(template, &input).as_deref(), Ok(expected));
        }
        assert!(expand("https://h/{list}", &input).is_err());
        assert!(expand("https://h/{id", &input).is_err());
    }

    #[test]
    fn an_expanded_value_is_not_expanded_again() {
        assert_eq!(
            expand("https://h/{a}", &json!({"a": "{b}", "b": "x"})).as_deref(),
            Ok("https://h/%7Bb%7D")
        );
    }
}
