//! What every page must keep, so that people can use it with a screen reader, a keyboard, at any width and without a
//! script. It reads tags only, which is enough for pages that this program writes.

use std::collections::{HashMap, HashSet};

/// Elements without an end tag.
const VOID: [&str; 5] = ["br", "hr", "input", "link", "meta"];

/// A tag: name, attributes, whether it ends its element, and the text up to the next tag.
struct Tag<'a> {
    name: &'a str,
    attributes: HashMap<&'a str, &'a str>,
    ends: bool,
    text: &'a str,
}

/// All tags of a page; what stands in `<style>` is no text.
fn tags(page: &str) -> Vec<Tag<'_>> {
    let pieces = page.split('<').skip(1).filter(|piece| !piece.starts_with('!'));
    pieces.map(tag).collect()
}

fn tag(piece: &str) -> Tag<'_> {
    let (inside, text) = piece
        .split_once('>')
        .unwrap_or_else(|| panic!("a tag without an end: {piece}"));
    let ends = inside.starts_with('/');
    let inside = inside.trim_start_matches('/');
    let (name, rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
    Tag {
        name,
        attributes: attributes(rest),
        ends,
        text,
    }
}

fn attributes(mut rest: &str) -> HashMap<&str, &str> {
    let mut found = HashMap::new();
    while !rest.trim().is_empty() {
        rest = rest.trim_start();
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let value = if let Some(quoted) = after.strip_prefix("=\"") {
            let (value, after) = quoted.split_once('"').unwrap();
            rest = after;
            value
        } else {
            assert!(!after.starts_with('='), "{name} has no quotes");
            rest = after;
            ""
        };
        assert!(found.insert(name, value).is_none(), "{name} stands there twice");
    }
    found
}

/// Fails when a page breaks a rule.
#[track_caller]
pub(super) fn check(page: &str) {
    let tags = tags(page);
    check_nesting(&tags);
    check_head(&tags);
    check_attributes(&tags);
    check_inputs(&tags);
    check_headings(&tags);
}

/// Each element ends where it must.
#[track_caller]
fn check_nesting(tags: &[Tag<'_>]) {
    let mut open = Vec::new();
    for tag in tags.iter().filter(|tag| !VOID.contains(&tag.name)) {
        if tag.ends {
            assert_eq!(open.pop(), Some(tag.name));
        } else {
            open.push(tag.name);
        }
    }
    assert!(open.is_empty(), "{open:?} are not closed");
}

/// WCAG 2.2: language (3.1.1), title (2.4.2), zoom (1.4.4), a way past the head (2.4.1).
#[track_caller]
fn check_head(tags: &[Tag<'_>]) {
    let first = |name: &str| {
        tags.iter()
            .find(|tag| tag.name == name)
            .unwrap_or_else(|| panic!("no <{name}>"))
    };
    assert_eq!(first("html").attributes.get("lang"), Some(&"en"));
    assert!(!first("title").text.trim().is_empty());
    let viewport = tags
        .iter()
        .find(|tag| tag.attributes.get("name") == Some(&"viewport"))
        .unwrap();
    let content = viewport.attributes["content"];
    assert!(
        content.contains("width=device-width") && !content.contains("maximum-scale"),
        "{content}"
    );
    let skip = first("a").attributes["href"].trim_start_matches('#');
    assert_eq!(first("main").attributes.get("id"), Some(&skip));
}

/// The page's policy would refuse scripts, styles and frames; ids are unique, links and forms stay here.
#[track_caller]
fn check_attributes(tags: &[Tag<'_>]) {
    let mut ids = HashSet::new();
    for tag in tags {
        assert!(
            !["script", "iframe", "img", "object", "base"].contains(&tag.name),
            "<{}>",
            tag.name
        );
        for (name, value) in &tag.attributes {
            assert!(!name.starts_with("on") && *name != "style", "{name}={value}");
            assert!(
                !value.trim_start().to_lowercase().starts_with("javascript:"),
                "{value}"
            );
        }
        if let Some(id) = tag.attributes.get("id") {
            assert!(ids.insert(*id), "the id {id} stands there twice");
        }
        if tag.name == "form" && !tag.ends {
            assert_eq!(tag.attributes.get("method"), Some(&"post"));
            assert!(tag.attributes["action"].starts_with('/'));
        }
    }
}

/// WCAG 2.2, 1.3.1 and 4.1.2: each input has a label around it or for it, each button a text.
#[track_caller]
fn check_inputs(tags: &[Tag<'_>]) {
    let labelled: HashSet<&str> = tags
        .iter()
        .filter_map(|tag| tag.attributes.get("for").copied())
        .collect();
    let mut label = false;
    for tag in tags {
        if tag.name == "label" {
            label = !tag.ends;
        }
        let input = ["input", "select", "textarea"].contains(&tag.name) && !tag.ends;
        if input && tag.attributes.get("type") != Some(&"hidden") {
            let named = tag.attributes.get("id").is_some_and(|id| labelled.contains(id));
            assert!(label || named, "an input has no label: {:?}", tag.attributes);
        }
        if ["button", "legend", "caption"].contains(&tag.name) && !tag.ends {
            assert!(!tag.text.trim().is_empty(), "<{}> has no text", tag.name);
        }
    }
}

/// One h1, and no level is left out.
#[track_caller]
fn check_headings(tags: &[Tag<'_>]) {
    let level = |tag: &Tag<'_>| {
        tag.name
            .strip_prefix('h')
            .and_then(|rest| rest.parse::<u8>().ok())
    };
    let levels: Vec<u8> = tags.iter().filter(|tag| !tag.ends).filter_map(level).collect();
    let (first, rest) = levels.split_first().unwrap();
    assert!(*first == 1 && !rest.contains(&1), "{levels:?}");
    assert!(levels.is_sorted_by(|a, b| b - b.min(a) <= 1), "{levels:?}");
}

#[test]
fn pages_that_break_a_rule_are_found() {
    let page = |body: &str| {
        let head = "<meta name=\"viewport\" content=\"width=device-width\"><title>T</title>";
        format!(
            "<!doctype html><html lang=\"en\"><head>{head}</head><body><a href=\"#m\">Skip</a>\
             <main id=\"m\"><h1>H</h1>{body}</main></body></html>"
        )
    };
    let form = |inside: &str| format!("<form method=\"post\" action=\"/x\">{inside}</form>");
    check(&page(&form(
        "<label>Code <input name=\"code\"></label><button type=\"submit\">Go</button>",
    )));
    check(&page(&form("<label for=\"c\">Code</label><input id=\"c\">")));
    for broken in [
        form("<input name=\"code\">"),
        form("<button type=\"submit\"></button>"),
        "<form method=\"get\" action=\"/x\"></form>".to_owned(),
        "<h1>Two</h1>".to_owned(),
        "<h3>Left out</h3>".to_owned(),
        "<p onclick=\"x\">a</p>".to_owned(),
        "<p style=\"x\">a</p>".to_owned(),
        "<script>x</script>".to_owned(),
        "<p>a<b></p></b>".to_owned(),
        "<p id=\"m\">a</p>".to_owned(),
    ] {
        let found = std::panic::catch_unwind(|| check(&page(&broken)));
        assert!(found.is_err(), "{broken}");
    }
}
