//! What paths, methods and parameters there are, taken from the operations' own descriptions.

use std::{collections::HashMap, marker::PhantomData};

use poem::{endpoint::BoxEndpoint, http::Method};
use poem_openapi::{
    OpenApi,
    registry::{MetaApi, MetaParamIn, MetaPath, MetaResponse, Registry},
};

use super::Operations;

/// The descriptions of operations without the operations, each path once: the framework writes a path twice into the
/// document when two operations in different files share it.
pub(crate) struct Described<T>(pub PhantomData<T>);

impl<T: OpenApi> OpenApi for Described<T> {
    fn meta() -> Vec<MetaApi> {
        let mut merged: Vec<MetaPath> = Vec::new();
        for path in T::meta().into_iter().flat_map(|api| api.paths) {
            match merged.iter_mut().find(|known| known.path == path.path) {
                Some(known) => known.operations.extend(path.operations),
                None => merged.push(path),
            }
        }
        merged.sort_by(|a, b| a.path.cmp(&b.path));
        merged
            .iter_mut()
            .flat_map(|path| &mut path.operations)
            .for_each(|operation| {
                let responses = std::mem::take(&mut operation.responses.responses);
                operation.responses.responses = one_for_each_status(responses);
            });
        vec![MetaApi { paths: merged }]
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn add_routes(self, _: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {}
}

/// An answer and a problem may share a status; the framework would write it twice.
fn one_for_each_status(responses: Vec<MetaResponse>) -> Vec<MetaResponse> {
    let mut merged: Vec<MetaResponse> = Vec::new();
    for response in responses {
        match merged.iter_mut().find(|known| known.status == response.status) {
            Some(known) => known.content.extend(response.content),
            None => merged.push(response),
        }
    }
    merged.sort_by_key(|response| response.status);
    merged
}

/// A path and what it has.
struct Entry {
    /// Segments; None stands for a parameter.
    segments: Vec<Option<String>>,
    methods: Vec<(Method, Vec<String>)>,
}

/// All paths.
pub(crate) struct RouteTable(Vec<Entry>);

impl RouteTable {
    pub(crate) fn new() -> Self {
        let paths = Described::<Operations>::meta()
            .into_iter()
            .flat_map(|api| api.paths);
        Self(paths.map(|path| Entry::new(&path)).collect())
    }

    /// Methods of the path, for Allow; None when there is no such path.
    pub(crate) fn allow(&self, path: &str) -> Option<String> {
        let entry = self.find(path)?;
        let mut methods: Vec<&str> = entry.methods.iter().map(|(method, _)| method.as_str()).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.push("OPTIONS");
        methods.sort_unstable();
        Some(methods.join(", "))
    }

    /// Names of the query parameters of an operation; None when there is no such operation.
    pub(crate) fn parameters(&self, method: &Method, path: &str) -> Option<&[String]> {
        let method = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        let entry = self.find(path)?;
        entry
            .methods
            .iter()
            .find(|(known, _)| known == method)
            .map(|(_, names)| names.as_slice())
    }

    /// The entry whose segments fit; literal segments before parameters.
    fn find(&self, path: &str) -> Option<&Entry> {
        let fitting = self.0.iter().filter(|entry| entry.fits(path));
        fitting.min_by_key(|entry| entry.segments.iter().filter(|segment| segment.is_none()).count())
    }
}

impl Entry {
    fn new(path: &MetaPath) -> Self {
        let segment = |text: &str| (!text.starts_with('{')).then(|| text.to_owned());
        let methods = path.operations.iter().map(|operation| {
            let query = operation
                .params
                .iter()
                .filter(|parameter| parameter.in_type == MetaParamIn::Query);
            (
                operation.method.clone(),
                query.map(|parameter| parameter.name.clone()).collect(),
            )
        });
        Self {
            segments: path.path.split('/').map(segment).collect(),
            methods: methods.collect(),
        }
    }

    fn fits(&self, path: &str) -> bool {
        let mut own = self.segments.iter();
        path.split('/').all(|segment| match own.next() {
            Some(Some(literal)) => literal == segment,
            Some(None) => !segment.is_empty(),
            None => false,
        }) && own.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_with_its_methods_and_parameters() {
        let table = RouteTable::new();
        assert_eq!(table.allow("/api/v1/intake").as_deref(), Some("OPTIONS, POST"));
        assert_eq!(
            table.allow("/api/v1/runs/x").as_deref(),
            Some("GET, HEAD, OPTIONS")
        );
        assert_eq!(
            table.allow("/api/v1/workflows/validate").as_deref(),
            Some("OPTIONS, POST")
        );
        assert_eq!(table.allow("/api/v1/runs/"), None);
        assert_eq!(table.allow("/nowhere"), None);
        assert_eq!(
            table.parameters(&Method::HEAD, "/api/v1/runs/x"),
            Some(&["wait".to_owned()][..])
        );
    }

    #[test]
    fn every_path_is_described_once() {
        let paths: Vec<String> = Described::<Operations>::meta()
            .into_iter()
            .flat_map(|api| api.paths)
            .map(|path| path.path)
            .collect();
        let mut unique = paths.clone();
        unique.dedup();
        assert_eq!(paths, unique);
    }
}
