//! Paths, query strings and methods.

use super::*;

#[rustfmt::skip]
pub(super) fn cases() -> Vec<Case> {
    let run = "/api/v1/runs/00000000-0000-7000-8000-000000000000";
    vec![
        ("unknown parameter", get("/api/v1/runs?stat=running"), "400 unknown_parameter parameter stat"),
        ("parameter twice", get("/api/v1/runs?limit=1&limit=2"), "400 unknown_parameter parameter limit"),
        ("state", get("/api/v1/runs?state=done"), "400 invalid_parameter parameter state"),
        ("one state of two", get("/api/v1/runs?state=running,"), "400 invalid_parameter parameter state"),
        ("limit 0", get("/api/v1/runs?limit=0"), "400 invalid_parameter parameter limit"),
        ("limit 201", get("/api/v1/runs?limit=201"), "400 invalid_parameter parameter limit"),
        ("limit word", get("/api/v1/workflows?limit=all"), "400 invalid_parameter parameter limit"),
        ("limit huge", get("/api/v1/runs?limit=99999999999999999999"),
            "400 invalid_parameter parameter limit"),
        ("workflow", get("/api/v1/runs?workflow=order"), "400 invalid_parameter parameter workflow"),
        ("version alone", get("/api/v1/runs?version=1.0.0"), "400 invalid_parameter parameter version"),
        ("time", get("/api/v1/runs?created_after=today"), "400 invalid_parameter parameter created_after"),
        ("plus in a time", get("/api/v1/runs?created_before=2026-01-01T00:00:00+01:00"),
            "400 invalid_parameter parameter created_before"),
        ("cursor", get("/api/v1/runs?cursor=abc"), "400 invalid_cursor parameter cursor"),
        ("cursor of zeros", get(&format!("/api/v1/workflows?cursor={}", "0".repeat(48))),
            "400 invalid_cursor parameter cursor"),
        ("wait long", get(&format!("{run}?wait=61s")), "400 invalid_parameter parameter wait"),
        ("wait word", get(&format!("{run}?wait=forever")), "400 invalid_parameter parameter wait"),
        ("NUL in the query", get("/api/v1/runs?state=%00"), "400 nul_character parameter state"),
        ("bytes in the query", get("/api/v1/runs?state=%ff"), "400 invalid_encoding"),
        ("bytes in the path", get("/api/v1/runs/%ff"), "400 invalid_encoding"),
        ("no such run", get(run), "404 run_not_found parameter id"),
        ("no id at all", get("/api/v1/runs/%00"), "404 run_not_found parameter id"),
        ("no such path", get("/api/v1/run"), "404 not_found"),
        ("no such method", bare("PUT", "/api/v1/intake"), "405 method_not_allowed"),
        ("strange method", bare("BREW", "/api/v1/runs"), "405 method_not_allowed"),
    ]
}
