//! The layout: escaping, its policy, its colours.

use std::collections::HashMap;

use super::*;

#[derive(Template)]
#[template(source = "<p>{{ name }}</p>", ext = "html")]
struct Body {
    name: &'static str,
}

impl Body {
    fn page(title: &str) -> String {
        render(title, &Self { name: "<b>" }).unwrap().0
    }
}

#[test]
fn values_and_title_are_escaped() {
    let page = Body::page("a < b");
    assert!(page.contains("<h1>a &#60; b</h1>"), "{page}");
    assert!(page.contains("<p>&#60;b&#62;</p>"), "{page}");
}

#[test]
fn the_policy_names_the_style_sheet_as_it_stands_in_the_page() {
    let page = Body::page("x");
    let style = page
        .split_once("<style>")
        .and_then(|(_, rest)| rest.split_once("</style>"));
    let hash = BASE64_STANDARD.encode(Sha256::digest(style.unwrap().0));
    assert!(POLICY.contains(&format!("'sha256-{hash}'")), "{}", *POLICY);
    assert!(!POLICY.contains("unsafe") && POLICY.contains("form-action 'self'"));
}

/// The colours of one mode: what `--name: #rrggbb` says.
fn colours(rules: &str) -> HashMap<&str, [f64; 3]> {
    let pairs = rules
        .split(';')
        .filter_map(|rule| rule.trim().strip_prefix("--")?.split_once(": #"));
    let channel = |digits: &str| f64::from(u8::from_str_radix(digits, 16).unwrap()) / 255.0;
    pairs
        .map(|(name, hex)| (name, [0, 2, 4].map(|at| channel(&hex[at..at + 2]))))
        .collect()
}

/// Relative luminance (WCAG 2.2).
fn luminance(colour: [f64; 3]) -> f64 {
    let linear = |c: f64| {
        if c <= 0.04045 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    };
    let [red, green, blue] = colour.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// Contrast ratio (WCAG 2.2).
fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// WCAG 2.2, 1.4.3 and 1.4.11: 4.5 for text, 3 for the edges of what can be used.
#[test]
fn every_text_can_be_read_in_light_and_in_dark() {
    let (light, rest) = STYLE.split_once("@media").unwrap();
    let (dark, _) = rest.split_once("* {").unwrap();
    for mode in [light, dark] {
        let colours = colours(&mode[mode.find("--").unwrap()..]);
        assert_eq!(colours.len(), 8, "{colours:?}");
        for text in ["text", "quiet", "accent", "good", "bad"] {
            assert!(
                contrast(colours[text], colours["back"]) >= 4.5,
                "{text} in {mode}"
            );
        }
        assert!(contrast(colours["on-accent"], colours["accent"]) >= 4.5, "{mode}");
        assert!(contrast(colours["line"], colours["back"]) >= 3.0, "{mode}");
    }
}

#[test]
fn contrast_is_that_of_the_standard() {
    assert!((contrast([0.0; 3], [1.0; 3]) - 21.0).abs() < 1e-9);
    let grey = [0x76, 0x76, 0x76].map(|c| f64::from(c) / 255.0);
    assert!((contrast(grey, [1.0; 3]) - 4.54).abs() < 0.01);
}
