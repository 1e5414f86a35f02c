//! Lists the files of `layouts/` for compiling in, so that a new relay is a new file there and
//! no line of Rust anywhere.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    let out = env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    let layouts = root.join("layouts");
    println!("cargo::rerun-if-changed={}", layouts.display());
    fs::write(out.join("layouts.rs"), list(&layouts)?)
}

/// A slice of (name of the file, its text), sorted.
fn list(layouts: &Path) -> io::Result<String> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(layouts)? {
        paths.push(entry?.path());
    }
    paths.sort();
    let mut code = String::from("&[\n");
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let path = path.to_string_lossy();
        // Writing to a string cannot fail.
        let _ = writeln!(code, "    ({name:?}, include_str!({path:?})),");
    }
    code.push_str("]\n");
    Ok(code)
}
