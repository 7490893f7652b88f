//! Workflow documents.

/// `shop/order:1.0.0`, which takes any input.
pub(crate) const NOOP: &str = "\
document: {dsl: '1.0.0', namespace: shop, name: order, version: '1.0.0'}
do:
  - reply: {set: {ok: true}}
";

/// `shop/checked:1.0.0`, whose input has a schema.
pub(crate) const CHECKED: &str = "\
document: {dsl: '1.0.0', namespace: shop, name: checked, version: '1.0.0'}
input:
  schema:
    document:
      type: object
      required: [mail]
      properties: {mail: {type: string, format: email}, n: {type: integer, maximum: 10}}
      additionalProperties: false
do:
  - reply: {set: {ok: true}}
";

/// A document like [`NOOP`] with another name and version.
pub(crate) fn named(name: &str, version: &str) -> String {
    NOOP.replace("name: order", &format!("name: {name}"))
        .replace("version: '1.0.0'", &format!("version: '{version}'"))
}
