//! Standard error types and their four spellings (prefixes) in the wild.
