//! Compiles the library that tests preload into servers, so that it is part of the program that starts them.

use std::{path::PathBuf, process::Command};

use cc::Build;

fn main() {
    println!("cargo::rerun-if-changed=src/preload.c");
    let folder = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says where"));
    let compiler = Build::new().debug(false).opt_level(2).pic(true).get_compiler();
    let mut command: Command = compiler.to_command();
    command
        .args(["-shared", "-Wall", "-Wextra", "src/preload.c", "-ldl", "-o"])
        .arg(folder.join("preload.so"));
    let status = command.status().expect("a C compiler");
    assert!(status.success(), "src/preload.c does not compile");
}
