//! Bounds of a document (invariant I7). Past one, the document is refused with a problem that names it.

/// Bytes of a document, 512 KiB.
pub const DOCUMENT_BYTES: usize = 512 * 1024;
/// Nested arrays and objects, the outermost included.
pub const DEPTH: usize = 64;
/// Values of all kinds, so that the copies kept for `$task.definition` stay small.
pub const VALUES: usize = 100_000;
/// Tasks, nested ones included.
pub const TASKS: usize = 5_000;
/// Bytes of one string.
pub const STRING_BYTES: usize = 64 * 1024;
/// Bytes of one key.
pub const KEY_BYTES: usize = 1_024;
/// Bytes of a task's or case's name, which is part of pointers and journal paths.
pub const NAME_BYTES: usize = 128;
/// Values of one JSON Schema, each reference counted with what it refers to.
pub const SCHEMA_VALUES: usize = 5_000;
/// Regular expressions in the JSON Schemas of one document, each reference counted with what it refers to; each may
/// take 128 KiB when compiled.
pub const SCHEMA_PATTERNS: usize = 100;
/// Problems reported for one document.
pub const PROBLEMS: usize = 100;
/// Retries when a policy does not say: `limit.attempt.count` and `limit.duration` are absent.
pub const DEFAULT_RETRIES: u32 = 10;
/// Most retries a policy may ask for, and what it gets when only `limit.duration` bounds it.
pub const RETRIES: u32 = 1_000;
