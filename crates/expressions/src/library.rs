//! The filters an expression may call: jaq's, without those whose result depends on anything but the input.

use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

use jaq_core::{
    Bind, DataT, Native,
    compile::{Compiler, Undefined},
    load::{Arena, File, Loader, parse::Def},
    native::Fun,
};
use jaq_json::Val;

const PRELUDE: &str = include_str!("prelude.jq");

const HOST: &str = "an expression cannot see or end the process it runs in";
const CLOCK: &str = "an expression must give the same result whenever it runs: \
                     use $workflow.startedAt or $task.startedAt";
const ZONE: &str =
    "an expression must give the same result wherever it runs: use the UTC form of this filter";
const STREAM: &str = "an expression has one input, which is `.`";

/// Filters of jq that are left out, each with the reason.
const REMOVED: &[(&str, &str)] = &[
    ("debug", HOST),
    ("debug_empty", HOST),
    ("env", HOST),
    ("halt", HOST),
    ("halt_error", HOST),
    ("input", STREAM),
    ("input_line_number", STREAM),
    ("inputs", STREAM),
    ("localtime", ZONE),
    ("now", CLOCK),
    ("stderr", HOST),
    ("stderr_empty", HOST),
    ("strflocaltime", ZONE),
];

/// Why a filter of jq is not there.
pub(crate) fn reason_removed(name: &str) -> Option<&'static str> {
    REMOVED
        .iter()
        .find(|(removed, _)| *removed == name)
        .map(|(_, reason)| *reason)
}

/// Filters written in jq, in an order in which each calls earlier ones only.
fn definitions() -> Vec<Def<&'static str>> {
    let ours = jaq_core::load::parse(PRELUDE, |parser| parser.defs()).unwrap_or_default();
    jaq_core::defs()
        .chain(jaq_std::defs())
        .chain(jaq_json::defs())
        .chain(ours)
        .filter(|def| reason_removed(def.name).is_none())
        .collect()
}

/// Filters written in Rust.
pub(crate) fn natives<D>() -> impl Iterator<Item = Fun<D>>
where
    D: for<'a> DataT<V<'a> = Val>,
{
    jaq_core::funs()
        .chain(jaq_std::funs())
        .chain(jaq_json::funs())
        .filter(|(name, _, _)| reason_removed(name).is_none())
}

type Signature = (&'static str, Box<[Bind]>);

/// Names and arguments of all filters: what a check needs of the library, some microseconds to compile against.
static SIGNATURES: LazyLock<Vec<Signature>> = LazyLock::new(|| {
    let natives = natives::<jaq_core::data::JustLut<Val>>().map(|(name, args, _)| (name, args));
    definitions()
        .iter()
        .map(|def| (def.name, binds(&def.args)))
        .chain(natives)
        .collect()
});

fn binds(args: &[&str]) -> Box<[Bind]> {
    args.iter()
        .map(|arg| {
            if arg.starts_with('$') {
                Bind::Var(())
            } else {
                Bind::Fun(())
            }
        })
        .collect()
}

/// A name of a program that nothing defines.
pub(crate) struct Unresolved {
    /// As written; of a variable with its `$`.
    pub(crate) name: String,
    /// Byte offset in the program, when it stands there.
    pub(crate) offset: Option<usize>,
    pub(crate) kind: Undefined,
}

/// Names of `source` that neither itself nor the library defines: its free variables and its mistakes.
/// `source` must have passed jaq's parser, so that it holds no import.
pub(crate) fn unresolved(source: &str) -> Vec<Unresolved> {
    let signatures = SIGNATURES.iter().map(|(name, args)| (*name, args.clone(), ()));
    compile_errors(source, [], signatures)
}

fn compile_errors<'s>(
    source: &'s str,
    prelude: impl IntoIterator<Item = Def<&'s str>>,
    natives: impl IntoIterator<Item = (&'s str, Box<[Bind]>, ())>,
) -> Vec<Unresolved> {
    let arena = Arena::default();
    let Ok(modules) = Loader::new(prelude).load(
        &arena,
        File {
            code: source,
            path: (),
        },
    ) else {
        return Vec::new();
    };
    let compiled = Compiler::<&str, ()>::default()
        .with_funs(natives)
        .compile(modules);
    let errors = compiled
        .err()
        .unwrap_or_default()
        .into_iter()
        .flat_map(|(_, errors)| errors);
    errors
        .map(|(name, kind)| Unresolved {
            name: name.to_owned(),
            offset: offset_in(source, name),
            kind,
        })
        .collect()
}

/// Where `part` stands in `whole`, when it is a slice of it.
pub(crate) fn offset_in(whole: &str, part: &str) -> Option<usize> {
    let offset = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    (offset + part.len() <= whole.len()).then_some(offset)
}

/// The library, of which each program gets only the part it calls: compiling all of it costs a hundred times more
/// than a typical expression.
pub(crate) struct Library {
    definitions: Vec<(Def<&'static str>, Vec<Call>)>,
    by_call: HashMap<Call, Vec<usize>>,
}

/// Name and number of arguments.
type Call = (String, usize);

impl Library {
    pub(crate) fn new() -> Self {
        let definitions: Vec<_> = definitions()
            .into_iter()
            .map(|def| (def.clone(), calls(compile_errors(".", [def], []))))
            .collect();
        let mut by_call = HashMap::<Call, Vec<usize>>::new();
        for (index, (def, _)) in definitions.iter().enumerate() {
            by_call
                .entry((def.name.to_owned(), def.args.len()))
                .or_default()
                .push(index);
        }
        Self { definitions, by_call }
    }

    /// The definitions that `source` calls, directly or not, in their order.
    pub(crate) fn needed_by(&self, source: &str) -> Vec<Def<&'static str>> {
        let mut needed = BTreeSet::new();
        let mut open = calls(compile_errors(source, [], []));
        while let Some(call) = open.pop() {
            for index in self.by_call.get(&call).into_iter().flatten() {
                if needed.insert(*index)
                    && let Some((_, calls)) = self.definitions.get(*index)
                {
                    open.extend(calls.iter().cloned());
                }
            }
        }
        needed
            .iter()
            .filter_map(|index| self.definitions.get(*index))
            .map(|(def, _)| def.clone())
            .collect()
    }
}

fn calls(unresolved: Vec<Unresolved>) -> Vec<Call> {
    let call = |name: Unresolved| match name.kind {
        Undefined::Filter(arity) => Some((name.name, arity)),
        _ => None,
    };
    unresolved.into_iter().filter_map(call).collect()
}

/// A filter of the library for programs over [`Val`].
pub(crate) type Filter = jaq_core::Filter<jaq_core::data::JustLut<Val>>;

/// Compiles `source` with `variables` (with `$`) bound from outside, in this order.
pub(crate) fn compile(library: &Library, source: &str, variables: &[String]) -> Option<Filter> {
    let arena = Arena::default();
    let modules = Loader::new(library.needed_by(source))
        .load(
            &arena,
            File {
                code: source,
                path: (),
            },
        )
        .ok()?;
    Compiler::<&str, Native<_>>::default()
        .with_funs(natives())
        .with_global_vars(variables.iter().map(String::as_str))
        .compile(modules)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_definition_compiles_with_only_what_it_needs() {
        let library = Library::new();
        for (def, _) in &library.definitions {
            let arguments = vec!["."; def.args.len()].join(";");
            let call = if arguments.is_empty() {
                def.name.to_owned()
            } else {
                format!("{}({arguments})", def.name)
            };
            assert!(compile(&library, &call, &[]).is_some(), "{call}");
        }
    }

    #[test]
    fn a_program_that_calls_nothing_needs_nothing() {
        assert!(Library::new().needed_by(".a | {b: .c + 1}").is_empty());
        assert!(!Library::new().needed_by("map(.a)").is_empty());
    }

    #[test]
    fn our_prelude_is_part_of_the_library() {
        assert!(definitions().iter().any(|def| def.name == "INDEX"));
    }
}
