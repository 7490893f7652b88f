//! Checks of an expression when its document is posted.

use jaq_core::{
    compile::Undefined,
    load::{
        Lexer, Parser,
        lex::{StrPart, Tok, Token},
    },
};
use serde_json::Value;

use crate::{
    ExpressionError, Variables, fast,
    library::{self, Unresolved},
    stack::with_deep_stack,
};

/// Longest source, in bytes.
const MAX_SOURCE: usize = 8 * 1024;
/// Deepest nesting of brackets, interpolations included.
const MAX_DEPTH: usize = 64;

/// A checked program.
pub(crate) struct Program {
    pub(crate) source: Box<str>,
    /// Free variables without `$`, sorted.
    pub(crate) variables: Box<[Box<str>]>,
    /// The same program for the fast path, when it is of the simple kind.
    pub(crate) fast: Option<fast::Node>,
}

impl Program {
    /// The values of its variables, in its order; an error names one that is not there.
    pub(crate) fn values<'v>(&self, variables: &Variables<'v>) -> Result<Vec<&'v Value>, ExpressionError> {
        let value = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found
                .map(|(_, value)| *value)
                .ok_or_else(|| ExpressionError(format!("`${name}` is not known here")))
        };
        self.variables.iter().map(|name| value(name)).collect()
    }
}

/// See [`crate::Expression::parse`].
pub(crate) fn parse(source: &str) -> Result<Program, ExpressionError> {
    if source.len() > MAX_SOURCE {
        let length = source.len();
        return Err(ExpressionError::new(format!(
            "the expression is {length} bytes long; the limit is {MAX_SOURCE}"
        )));
    }
    if source.trim().is_empty() {
        return Err(ExpressionError::new("the expression is empty"));
    }
    with_deep_stack(|| check(source))?
}

fn check(source: &str) -> Result<Program, ExpressionError> {
    let tokens = Lexer::new(source).lex().map_err(|errors| match errors.first() {
        Some((expected, found)) => expected_at(source, expected.as_str(), found),
        None => ExpressionError::new("the expression cannot be read"),
    })?;
    if depth(&tokens) > MAX_DEPTH {
        return Err(ExpressionError::new(format!(
            "the expression nests brackets deeper than {MAX_DEPTH} levels"
        )));
    }
    let term = Parser::new(&tokens)
        .parse(Parser::term)
        .map_err(|errors| match errors.first() {
            Some((expected, found)) => {
                expected_at(source, expected.as_str(), Token::opt_as_str(*found, source))
            }
            None => ExpressionError::new("the expression cannot be read"),
        })?;
    let variables = free_variables(source, library::unresolved(source))?;
    let fast = fast::lower(&term, &variables);
    Ok(Program {
        source: source.into(),
        variables,
        fast,
    })
}

fn depth(tokens: &[Token<&str>]) -> usize {
    tokens.iter().map(token_depth).max().unwrap_or(0)
}

fn token_depth(token: &Token<&str>) -> usize {
    match &token.1 {
        Tok::Block(tokens) => 1 + depth(tokens),
        Tok::Str(parts) => {
            let inner = |part: &StrPart<_, _>| match part {
                StrPart::Term(token) => token_depth(token),
                StrPart::Str(_) | StrPart::Char(_) => 0,
            };
            parts.iter().map(inner).max().unwrap_or(0)
        }
        _ => 0,
    }
}

fn expected_at(source: &str, expected: &str, found: &str) -> ExpressionError {
    let place = library::offset_in(source, found).map_or_else(String::new, |offset| place(source, offset));
    let found = match found.chars().next() {
        None => "the end".to_owned(),
        Some(_) => format!("`{}`", found.chars().take(20).collect::<String>()),
    };
    ExpressionError::new(format!("syntax error{place}: expected {expected}, found {found}"))
}

/// ` at line 1, column 5`, counted in characters from 1.
fn place(source: &str, offset: usize) -> String {
    let before = source.get(..offset).unwrap_or(source);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
    format!(" at line {line}, column {column}")
}

fn free_variables(source: &str, unresolved: Vec<Unresolved>) -> Result<Box<[Box<str>]>, ExpressionError> {
    let mut names = Vec::new();
    for name in unresolved {
        match name.kind {
            Undefined::Var if name.name == "$ENV" => {
                return Err(ExpressionError::new(
                    "`$ENV` is not available: the environment is not visible",
                ));
            }
            Undefined::Var => names.push(name.name.trim_start_matches('$').into()),
            _ => return Err(undefined(source, &name)),
        }
    }
    names.sort();
    names.dedup();
    Ok(names.into())
}

fn undefined(source: &str, name: &Unresolved) -> ExpressionError {
    let text = &name.name;
    if let Some(reason) = library::reason_removed(text) {
        return ExpressionError::new(format!("`{text}` is not available: {reason}"));
    }
    let kind = name.kind.as_str();
    let place = name
        .offset
        .map_or_else(String::new, |offset| place(source, offset));
    match name.kind {
        Undefined::Filter(arity) => {
            ExpressionError::new(format!("undefined {kind} `{text}` with {arity} arguments{place}"))
        }
        _ => ExpressionError::new(format!("undefined {kind} `{text}`{place}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(source: &str) -> String {
        parse(source).err().map(|error| error.0).unwrap_or_default()
    }

    #[test]
    fn a_syntax_error_names_line_and_column() {
        assert_eq!(
            refused(".a |\n  |"),
            "syntax error at line 2, column 3: expected term, found `|`"
        );
        assert_eq!(
            refused("[1, 2"),
            "syntax error at line 1, column 6: expected closing bracket, found the end"
        );
    }

    #[test]
    fn an_unknown_filter_is_named_with_its_place() {
        assert_eq!(
            refused(".a | nope(1)"),
            "undefined filter `nope` with 1 arguments at line 1, column 6"
        );
        assert_eq!(refused("break $x"), "undefined label `$x` at line 1, column 7");
    }

    #[test]
    fn filters_that_reach_outside_are_refused_with_the_reason() {
        let sources = [
            "env",
            "env.PATH",
            "$ENV",
            "$ENV.PATH",
            "halt",
            "halt(3)",
            "halt_error",
            "halt_error(1)",
            "debug",
            "debug(1)",
            "stderr",
            "input",
            "inputs",
            "input_line_number",
            "localtime",
            "strflocaltime(\"%Y\")",
            "now",
        ];
        for source in sources {
            assert!(
                refused(source).contains("not available"),
                "{source}: {}",
                refused(source)
            );
        }
    }

    #[test]
    fn modules_cannot_be_imported() {
        for source in [
            "import \"a\" as a; .",
            "include \"a\"; .",
            "import \"a\" as $a; .",
            "module {}; .",
        ] {
            assert!(!refused(source).is_empty(), "{source}");
        }
    }

    #[test]
    fn free_variables_are_those_nobody_binds() {
        let program =
            parse(". as $x | reduce .[] as [$a] ($b; $x + $a + $c) | $b | {$d, e: $__loc__}").unwrap();
        let names: Vec<_> = program.variables.iter().map(|name| &**name).collect();
        assert_eq!(names, ["__loc__", "b", "c", "d"]);
    }

    #[test]
    fn size_and_depth_are_bounded() {
        assert!(refused(&"1+".repeat(5000)).contains("8192"));
        assert!(refused(&format!("{}{}", "[".repeat(65), "]".repeat(65))).contains("64"));
        assert!(parse(&format!("{}{}", "[".repeat(64), "]".repeat(64))).is_ok());
        let interpolated = (0..65).fold("1".to_owned(), |inner, _| format!("\"\\({inner})\""));
        assert!(refused(&interpolated).contains("64"));
        assert!(!refused("").is_empty());
        assert!(!refused("  # nothing").is_empty());
    }

    #[test]
    fn the_deepest_recursion_that_fits_is_parsed_without_overflow() {
        let mut sources = vec![
            format!("{}1", "-".repeat(MAX_SOURCE - 1)),
            format!("{}1", "try ".repeat(MAX_SOURCE / 4 - 1)),
            format!("{}1", "1|".repeat(MAX_SOURCE / 2 - 1)),
            format!("{}1", "1,".repeat(MAX_SOURCE / 2 - 1)),
            format!("{}1", "1//".repeat(MAX_SOURCE / 3 - 1)),
            format!("{}1", "1as$x|".repeat(MAX_SOURCE / 6 - 1)),
            format!("{}1", "def f:1;".repeat(MAX_SOURCE / 8 - 1)),
            format!(".{}", "[0]".repeat(MAX_SOURCE / 3 - 1)),
        ];
        for source in &sources {
            assert_eq!(refused(source), "");
        }
        sources = vec![
            "[".repeat(MAX_SOURCE),
            "\"\\(".repeat(MAX_SOURCE / 3),
            "def f:".repeat(MAX_SOURCE / 6),
        ];
        for source in &sources {
            assert_ne!(refused(source), "");
        }
    }
}
