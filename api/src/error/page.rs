//! The page of an error code, in HTML. All its text is ours, so nothing needs escaping.

use super::Code;

/// The page behind a problem's `type`.
pub(crate) fn page(code: Code) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{name}</title></head>\n\
         <body><h1>{title}</h1>\n<p><code>{name}</code>, HTTP status {status}</p>\n\
         <p>{what}</p>\n<h2>What to do</h2>\n<p>{action}</p>\n</body></html>\n",
        name = code.name(),
        title = code.title(),
        status = code.status().as_u16(),
        what = code.what(),
        action = code.action(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_has_text_that_html_would_read_as_markup() {
        for code in Code::ALL {
            for text in [code.title(), code.what(), code.action()] {
                assert!(!text.contains(['<', '>', '&']), "{}: {text}", code.name());
            }
        }
    }
}
