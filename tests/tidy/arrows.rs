//! Arrows: which rooms and crates a module names, against the map.

use super::house::{House, Module};
use super::rooms::{CLOSED, MAP, ROOMS, Row};
use super::source::{Named, Source};
use super::{Findings, Rule};

/// Crates that no manifest need declare.
const ALWAYS: [&str; 3] = ["std", "core", "alloc"];

pub(crate) fn check(path: &str, source: &Source, house: &House, findings: &mut Findings) {
    let Some(module) = house.modules.get(path) else {
        return;
    };
    let crates = manifests(house);
    let local = local_names(source, &crates);
    for named in source.paths() {
        if let Some(target) = room(module, &named) {
            arrow(path, module, &named, &target, findings);
            continue;
        }
        let first = named.segments[0].as_str();
        let known = crates.iter().any(|name| name == first);
        if known && (named.imported || !local.contains(&named.segments[0])) {
            outside(path, module, &named, house, findings);
        }
        closed(path, module, &named, findings);
    }
}

/// Names that this file gives to something of its own.
fn local_names(source: &Source, crates: &[String]) -> Vec<String> {
    let mut names: Vec<String> = source
        .modules()
        .into_iter()
        .map(|child| child.name)
        .collect();
    for named in source.paths().into_iter().filter(|named| named.imported) {
        let last = named.alias.or_else(|| named.segments.last().cloned());
        let is_crate_itself = named.segments.len() == 1;
        names.extend(last.filter(|name| !is_crate_itself && crates.contains(name)));
    }
    names
}

/// The room of the gateway that a path leads to, if it leads to the crate's root.
fn room(module: &Module, named: &Named) -> Option<String> {
    if module.owner != "naru" {
        return None;
    }
    let supers = named.segments.iter().take_while(|word| *word == "super");
    let supers = supers.count();
    let depth = module.path.len() + named.depth;
    let at = match named.segments[0].as_str() {
        "crate" => 1,
        "super" if supers >= depth => supers,
        _ => return None,
    };
    named.segments.get(at).cloned()
}

fn rows(module: &Module) -> impl Iterator<Item = &'static Row> + '_ {
    MAP.iter()
        .filter(|row| row.owner == module.owner && lies_in(module, row.module))
}

/// Whether a module is `place` or lies below it.
fn lies_in(module: &Module, place: &str) -> bool {
    let mut path = module.path.iter();
    place.is_empty()
        || place
            .split("::")
            .all(|part| path.next().is_some_and(|name| name == part))
}

fn arrow(path: &str, module: &Module, named: &Named, target: &str, findings: &mut Findings) {
    // The root itself is the map, and names every room.
    let Some(own) = module.path.first() else {
        return;
    };
    let mut drawn = rows(module).flat_map(|row| row.rooms);
    if target == own || drawn.any(|room| *room == target) {
        return;
    }
    let known = ROOMS.contains(&target);
    let what = if known {
        format!("{own} names {target}")
    } else {
        format!("{own} names {target}, which is no room of the map")
    };
    findings.add(
        (path, named.line),
        Rule::Arrow,
        what,
        "pass what is needed as an argument, or draw the arrow in tests/tidy/rooms.rs and say why",
    );
}

fn outside(path: &str, module: &Module, named: &Named, house: &House, findings: &mut Findings) {
    let mut may = rows(module).flat_map(|row| row.outside);
    let spoken = named.segments.join("::");
    let covered = |allowed: &str| {
        spoken == allowed || spoken.starts_with(&format!("{allowed}::")) || {
            // `use jiff::civil` may also be reached step by step.
            named.imported && allowed.starts_with(&format!("{spoken}::")) && named.alias.is_none()
        }
    };
    if may.any(|allowed| covered(allowed)) {
        return;
    }
    let first = named.segments[0].as_str();
    let at_home = match module.owner.as_str() {
        // The root of the binary chooses the allocator and hands over.
        "naru" => module.path.is_empty() && (first == "naru" || first == "mimalloc"),
        // A binary beside its library.
        "telegrams" | "simulator" => first == module.owner,
        // Integration tests and benches may name whatever their manifest declares.
        _ => true,
    };
    let for_tests = (module.is_test || named.is_test) && declared(house, module, first, true);
    if at_home || for_tests {
        return;
    }
    let place = if module.path.is_empty() {
        module.owner.clone()
    } else {
        format!("{}::{}", module.owner, module.path.join("::"))
    };
    findings.add(
        (path, named.line),
        Rule::Crate,
        format!("{place} names {spoken}"),
        "let a room do it that may, or draw the arrow in tests/tidy/rooms.rs and say why",
    );
}

fn closed(path: &str, module: &Module, named: &Named, findings: &mut Findings) {
    if module.is_test || named.is_test {
        return;
    }
    let spoken = named.segments.join("::");
    for (owner, place, parts, why) in CLOSED {
        let here = *owner == module.owner && lies_in(module, place);
        let touched = parts
            .iter()
            .find(|part| spoken == **part || spoken.starts_with(&format!("{part}::")));
        if let Some(part) = touched.filter(|_| here) {
            findings.add(
                (path, named.line),
                Rule::Crate,
                format!("{part} is closed to this room: {why}"),
                "let a room do it that may",
            );
        }
    }
}

/// Every crate that a manifest of the workspace names, as Rust writes it.
fn manifests(house: &House) -> Vec<String> {
    let mut names: Vec<String> = ALWAYS.iter().map(|name| (*name).to_owned()).collect();
    names.push("naru".to_owned());
    for path in ["Cargo.toml", "telegrams/Cargo.toml", "simulator/Cargo.toml"] {
        let text = house
            .files
            .get(path)
            .map(String::as_str)
            .unwrap_or_default();
        names.extend(dependencies(text).map(|(_, name, _)| name.replace('-', "_")));
    }
    names.retain(|name| !ALWAYS.contains(&name.as_str()));
    names.sort();
    names.dedup();
    names
}

/// Whether the manifest of a module's crate declares `name`, for tests only where asked.
fn declared(house: &House, module: &Module, name: &str, for_tests: bool) -> bool {
    let path = match module.owner.as_str() {
        "telegrams" | "simulator" => format!("{}/Cargo.toml", module.owner),
        _ => "Cargo.toml".to_owned(),
    };
    let text = house
        .files
        .get(&path)
        .map(String::as_str)
        .unwrap_or_default();
    dependencies(text).any(|(section, found, _)| {
        found.replace('-', "_") == name && (section == "dev-dependencies") == for_tests
    })
}

/// Section, name and line of each dependency that a manifest declares for its own crate.
pub(crate) fn dependencies(manifest: &str) -> impl Iterator<Item = (&str, &str, usize)> {
    let mut section = "";
    (1..).zip(manifest.lines()).filter_map(move |(line, text)| {
        if let Some(header) = text.strip_prefix('[') {
            section = header.trim_end_matches(']');
            return None;
        }
        let ours = matches!(
            section,
            "dependencies" | "dev-dependencies" | "build-dependencies"
        );
        let end = text.find(['.', ' ', '='])?;
        let name = &text[..end];
        (ours && !name.starts_with('#') && !name.is_empty()).then_some((section, name, line))
    })
}
