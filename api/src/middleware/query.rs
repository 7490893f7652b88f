//! Query strings, checked before an operation reads them: the framework would turn what it cannot read into nothing,
//! and a misspelt filter would list everything.

use percent_encoding::percent_decode_str;
use poem::http::{Method, Uri};

use crate::{
    error::{Code, Problem},
    routes::RouteTable,
};

/// Refuses what is no UTF-8, holds NUL, is unknown to the operation, or stands there twice.
pub(super) fn check(routes: &RouteTable, method: &Method, uri: &Uri) -> Result<(), Problem> {
    let encoding = |what: &str| Problem::new(Code::InvalidEncoding, format!("The {what} is not UTF-8."));
    if percent_decode_str(uri.path()).decode_utf8().is_err() {
        return Err(encoding("path"));
    }
    let Some(query) = uri.query().filter(|query| !query.is_empty()) else {
        return Ok(());
    };
    let known = routes.parameters(method, uri.path());
    let mut seen: Vec<String> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name).ok_or_else(|| encoding("query string"))?;
        let value = decode(value).ok_or_else(|| encoding("query string"))?;
        if name.contains('\0') || value.contains('\0') {
            return Err(Problem::new(Code::NulCharacter, "The query string holds U+0000.").parameter(name));
        }
        if known.is_some_and(|known| !known.contains(&name)) {
            return Err(
                Problem::new(Code::UnknownParameter, "This parameter is not known here.").parameter(name),
            );
        }
        if seen.contains(&name) {
            return Err(
                Problem::new(Code::UnknownParameter, "This parameter stands there twice.").parameter(name),
            );
        }
        seen.push(name);
    }
    Ok(())
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(Into::into)
}
