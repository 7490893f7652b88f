//! `use`: what a document names once and refers to.

use std::collections::BTreeMap;

use super::{Lower, fields::Fields};
use crate::{
    model::{Delay, ErrorTemplate, Retry},
    names::{hint, shown},
    tree::Cursor,
};

/// Components by name; None: it exists, and its problems were reported.
pub(super) type Named<T> = BTreeMap<String, Option<T>>;

#[derive(Default)]
pub(super) struct Uses {
    pub(super) errors: Named<ErrorTemplate>,
    pub(super) retries: Named<Retry>,
    pub(super) timeouts: Named<Delay>,
    /// Names of `use.functions`, which are refused where they are defined and not again where they are called.
    pub(super) functions: Vec<String>,
}

const USE: Fields = Fields {
    known: &["errors", "retries", "timeouts"],
    required: &[],
    unsupported: &[
        "authentications",
        "catalogs",
        "extensions",
        "functions",
        "secrets",
    ],
};

impl Lower<'_> {
    pub(super) fn uses(&mut self, at: Cursor<'_>) {
        if self.fields(at, &USE).is_none() {
            return;
        }
        self.uses.errors = self.named(at, "errors", Self::error_object);
        self.uses.retries = self.named(at, "retries", Self::retry_object);
        self.uses.timeouts = self.named(at, "timeouts", Self::timeout_object);
        let functions = at.get("functions").into_iter().flat_map(Cursor::children);
        self.uses.functions = functions.map(|function| function.key().to_owned()).collect();
    }

    fn named<T>(
        &mut self,
        around: Cursor<'_>,
        name: &str,
        lower: impl Fn(&mut Self, Cursor<'_>) -> Option<T>,
    ) -> Named<T> {
        let Some(at) = around.get(name).filter(|at| self.object(*at).is_some()) else {
            return BTreeMap::new();
        };
        at.children()
            .map(|component| (component.key().to_owned(), lower(self, component)))
            .collect()
    }

    /// The component that `at` names, or a problem with the nearest name.
    pub(super) fn resolved<T: Clone>(
        &mut self,
        at: Cursor<'_>,
        kind: &str,
        named: impl Fn(&Uses) -> &Named<T>,
    ) -> Option<T> {
        let name = self.string(at)?;
        let named = named(&self.uses);
        if let Some(component) = named.get(name) {
            return component.clone();
        }
        let hint = hint(name, named.keys().map(String::as_str));
        let message = format!(
            "{} is not defined under `use.{kind}`; define it there.{hint}",
            shown(name)
        );
        self.problems.at("undefined_reference", at, message);
        None
    }
}
