//! The interactive documentation. The framework bundles Swagger UI as one page with everything inline, which a strict
//! content security policy forbids; here its script and style sheet are taken out of that page and served as files.

use std::sync::LazyLock;

use poem_openapi::OpenApiService;

/// The page.
pub(super) const PAGE: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
    <title>Levqor API</title><link rel=\"stylesheet\" href=\"/docs/swagger-ui.css\"></head>\n\
    <body><main style=\"font-family: sans-serif\"><h1>Levqor API</h1><p>All of it is in <a href=\"/openapi.json\">openapi.json</a>; to read that here \
    and try requests out, let the browser run this page\u{2019}s scripts.</p><div id=\"ui\"></div></main>\
    <script src=\"/docs/swagger-ui.js\"></script>\
    <script src=\"/docs/start.js\"></script></body></html>\n";

/// Starts it.
pub(super) const START: &str = "SwaggerUIBundle({ url: '/openapi.json', dom_id: '#ui', deepLinking: true, \
    validatorUrl: null, persistAuthorization: false });\n";

static PARTS: LazyLock<(String, String)> = LazyLock::new(|| {
    let page = OpenApiService::new((), "", "").swagger_ui_html();
    (
        between(&page, "<style charset=\"UTF-8\">", "</style>"),
        between(&page, "<script charset=\"UTF-8\">", "</script>\n"),
    )
});

/// The style sheet.
pub(super) fn style() -> &'static str {
    &PARTS.0
}

/// The script.
pub(super) fn script() -> &'static str {
    &PARTS.1
}

fn between(page: &str, start: &str, end: &str) -> String {
    let inside = page.split_once(start).and_then(|(_, rest)| rest.split_once(end));
    inside.map(|(inside, _)| inside.to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_and_style_are_taken_out_whole() {
        assert!(script().len() > 500_000 && script().contains("SwaggerUIBundle"));
        assert!(!script().contains("let spec ="));
        assert!(style().len() > 50_000 && style().contains(".swagger-ui"));
        assert!(!style().contains("<script"));
    }
}
