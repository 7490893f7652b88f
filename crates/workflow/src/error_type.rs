//! Standard error types and their four spellings (prefixes) in the wild.
//!
//! The reference and the conformance kit each changed their prefix when the specification was renamed, so four
//! URIs mean one type (notes on the language, 2.7; docs/DEPARTURES.md).

/// Reference of main, of 1.0.0 to 1.0.3; conformance kit of main, of 1.0.3.
const PREFIXES: [&str; 4] = [
    "https://open-workflow-specification.org/spec/1.0.0/errors/",
    "https://serverlessworkflow.io/spec/1.0.0/errors/",
    "https://open-workflow-specification.org/dsl/errors/types/",
    "https://serverlessworkflow.io/dsl/errors/types/",
];

/// A standard error of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandardError {
    /// Last segment of its URI.
    pub name: &'static str,
    /// Its status unless the cause has one of its own, as HTTP failures have.
    pub status: i64,
    /// For people.
    pub title: &'static str,
}

/// The standard errors (specification, "Standard Error Types").
pub const STANDARD: [StandardError; 8] = [
    StandardError {
        name: "configuration",
        status: 400,
        title: "Configuration Error",
    },
    StandardError {
        name: "validation",
        status: 400,
        title: "Validation Error",
    },
    StandardError {
        name: "expression",
        status: 400,
        title: "Expression Error",
    },
    StandardError {
        name: "authentication",
        status: 401,
        title: "Authentication Error",
    },
    StandardError {
        name: "authorization",
        status: 403,
        title: "Authorization Error",
    },
    StandardError {
        name: "timeout",
        status: 408,
        title: "Timeout Error",
    },
    StandardError {
        name: "communication",
        status: 500,
        title: "Communication Error",
    },
    StandardError {
        name: "runtime",
        status: 500,
        title: "Runtime Error",
    },
];

/// The standard error called `name`.
pub fn find(name: &str) -> Option<&'static StandardError> {
    STANDARD.iter().find(|standard| standard.name == name)
}

/// The URI we emit for the standard error `name` in a document that says `document.dsl: <dsl>`.
///
/// Up to 1.0.3 it is the prefix those references print, which deployed documents expect; later ones get the
/// renamed specification's.
pub fn standard(name: &str, dsl: &str) -> String {
    let prefix = if matches!(dsl, "1.0.0" | "1.0.1" | "1.0.2" | "1.0.3") {
        PREFIXES[1]
    } else {
        PREFIXES[0]
    };
    format!("{prefix}{name}")
}

/// Whether two type URIs mean one error type: equal, or equal after one of the four prefixes each.
pub fn same(a: &str, b: &str) -> bool {
    match (name(a), name(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

/// What follows the prefix.
fn name(uri: &str) -> Option<&str> {
    PREFIXES.iter().find_map(|prefix| uri.strip_prefix(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_every_standard_error_equals_every_other() {
        for error in STANDARD {
            for left in PREFIXES {
                for right in PREFIXES {
                    assert!(same(
                        &format!("{left}{}", error.name),
                        &format!("{right}{}", error.name)
                    ));
                }
            }
        }
    }

    #[test]
    fn different_names_and_foreign_types_differ() {
        for left in PREFIXES {
            for right in PREFIXES {
                assert!(!same(&format!("{left}timeout"), &format!("{right}runtime")));
            }
            assert!(!same(
                &format!("{left}timeout"),
                "https://example.com/errors/timeout"
            ));
            assert!(!same(&format!("{left}timeout"), "timeout"));
        }
        assert!(same("https://example.com/e", "https://example.com/e"));
        assert!(!same("https://example.com/e", "https://example.com/E"));
    }

    #[test]
    fn emitted_types_follow_the_version_of_the_document() {
        assert_eq!(
            standard("timeout", "1.0.0"),
            "https://serverlessworkflow.io/spec/1.0.0/errors/timeout"
        );
        assert_eq!(
            standard("timeout", "1.0.3"),
            "https://serverlessworkflow.io/spec/1.0.0/errors/timeout"
        );
        assert_eq!(
            standard("timeout", "1.0.4"),
            "https://open-workflow-specification.org/spec/1.0.0/errors/timeout"
        );
        assert!(STANDARD.iter().all(|error| find(error.name) == Some(error)));
        assert_eq!(find("other"), None);
    }
}
