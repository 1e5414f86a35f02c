//! Bans: words that must not stand where they would do harm.

use super::house::{House, Module};
use super::source::{Kind, Source};
use super::{Findings, Rule};

pub(crate) fn check(
    path: &str,
    source: &Source,
    house: &House,
    names: &[String],
    findings: &mut Findings,
) {
    let Some(module) = house.modules.get(path) else {
        return;
    };
    for at in 0..source.tokens.len() {
        let mut place = Place {
            path,
            source,
            module,
            at,
            findings,
        };
        place.ascii();
        place.queue();
        place.write();
        place.clock();
        place.float();
        place.order();
        if !module.is_test && !source.is_test(at) {
            place.panic();
            place.name(names);
        }
    }
}

/// Names that Rust must not know: relays by their layouts, banks by the bank list.
pub(crate) fn names(house: &House) -> Vec<String> {
    let mut names = vec!["더즌".to_owned()];
    let layouts = house.files.keys().filter_map(|path| {
        let name = path.strip_prefix("telegrams/layouts/")?;
        name.strip_suffix(".toml").map(str::to_owned)
    });
    names.extend(layouts);
    let banks = house.files.get("src/config/banks.toml");
    let quoted = banks.map(|text| text.split('"').skip(1).step_by(2));
    let korean = quoted.into_iter().flatten().filter(|name| !name.is_ascii());
    names.extend(korean.map(str::to_owned));
    names
}

struct Place<'a> {
    path: &'a str,
    source: &'a Source,
    module: &'a Module,
    at: usize,
    findings: &'a mut Findings,
}

impl Place<'_> {
    fn add(&mut self, rule: Rule, what: &str, mend: &str) {
        let line = self.source.tokens[self.at].line;
        self.findings.add((self.path, line), rule, what, mend);
    }

    fn text(&self) -> &str {
        &self.source.tokens[self.at].text
    }

    fn is_word(&self) -> bool {
        self.source.tokens[self.at].kind == Kind::Word
    }

    fn after(&self, texts: &[&str]) -> bool {
        self.source.reads(self.at + 1, texts)
    }

    /// Whether the token right before this one is `text`.
    fn follows(&self, text: &str) -> bool {
        self.at > 0 && self.source.is(self.at - 1, text)
    }

    fn room(&self) -> &str {
        let own = self.module.owner.as_str();
        let first = self.module.path.first().map_or("", String::as_str);
        if own == "naru" { first } else { own }
    }

    fn ascii(&mut self) {
        if self.is_word() && !self.text().is_ascii() {
            let what = format!("an identifier {}", self.text());
            self.add(Rule::Ascii, &what, "write it in ASCII letters");
        }
    }

    fn queue(&mut self) {
        let words = [
            "do_send",
            "unbounded_channel",
            "UnboundedSender",
            "UnboundedReceiver",
        ];
        let made = self.text() == "unbounded" && (self.after(&["("]) || self.after(&[":"]));
        let of_mpsc = self.at > 2 && self.source.reads(self.at - 3, &["mpsc", ":", ":"]);
        let of_std = self.text() == "channel" && self.after(&["(", ")"]) && of_mpsc;
        let in_test = self.module.is_test || self.source.is_test(self.at);
        let found = words.contains(&self.text()) || made || (of_std && !in_test);
        if self.is_word() && found {
            let what = format!("{} knows no bound", self.text());
            let mend = "use try_send on a bounded queue and answer when it is full";
            self.add(Rule::Queue, &what, mend);
        }
    }

    fn write(&mut self) {
        let begins = self.is_word() && self.text() == "begin_write";
        if begins && self.path != "src/store/engine/redb.rs" {
            let mend = "commit through the engine trait: one function opens all of them alike";
            self.add(Rule::Write, "a write transaction is opened here", mend);
        }
        let changes = matches!(self.text(), "put" | "delete") && self.follows(".");
        let table = changes && self.at > 1 && {
            let name = &self.source.tokens[self.at - 2];
            let constant = |letter: char| letter.is_ascii_uppercase() || letter == '_';
            name.kind == Kind::Word && name.text.chars().all(constant)
        };
        let derives =
            self.path.starts_with("src/store/apply") || self.path.starts_with("src/store/books");
        if table && self.room() == "store" && !derives && !self.source.is_test(self.at) {
            let mend = "make it an event and let src/store/apply.rs write it";
            self.add(Rule::Write, "a derived row is written here", mend);
        }
    }

    fn clock(&mut self) {
        let free = self.module.path.first().is_some_and(|room| room == "clock");
        let asked = match self.module.owner.as_str() {
            "naru" => !free,
            "telegrams" => true,
            // The simulator is another world, and tests may wait by the real clock.
            _ => false,
        };
        let tellers = ["Instant", "Timestamp", "Zoned", "Utc", "Local"];
        let told = tellers.contains(&self.text()) && self.after(&[":", ":", "now"]);
        let system = matches!(self.text(), "SystemTime" | "UNIX_EPOCH");
        let zone = self.text() == "TimeZone" && self.after(&[":", ":", "system"]);
        if asked && self.is_word() && (told || system || zone) {
            let what = format!("{} asks the machine for the time", self.text());
            self.add(
                Rule::Clock,
                &what,
                "take it from the clock (src/clock.rs) or as an argument",
            );
        }
    }

    fn float(&mut self) {
        let here = self.module.owner == "naru" && matches!(self.room(), "domain" | "store");
        let token = &self.source.tokens[self.at];
        let float = match token.kind {
            Kind::Word => token.text.ends_with("f64") || token.text.ends_with("f32"),
            Kind::Number(float) => float,
            Kind::Literal | Kind::Mark => false,
        };
        if here && float {
            let what = format!("{} is a float", self.text());
            self.add(
                Rule::Float,
                &what,
                "count in whole won or whole microseconds",
            );
        }
    }

    fn order(&mut self) {
        let hashed = matches!(self.text(), "HashMap" | "HashSet");
        if hashed && self.is_word() && self.module.owner == "naru" && self.room() == "domain" {
            let what = format!("{} has no order", self.text());
            self.add(
                Rule::Order,
                &what,
                "use BTreeMap or BTreeSet, so that a replay is the same",
            );
        }
    }

    fn panic(&mut self) {
        // A method of one's own may be called so.
        let own = self.at > 1 && self.source.is(self.at - 2, "self");
        let called = self.follows(".") && self.after(&["("]) && !own;
        let method = called && matches!(self.text(), "unwrap" | "expect");
        let excusable = [
            "panic",
            "unreachable",
            "print",
            "println",
            "eprint",
            "eprintln",
        ];
        let never = ["todo", "unimplemented", "dbg"];
        let is_macro = self.after(&["!"]);
        let line = self.source.tokens[self.at].line;
        if is_macro && never.contains(&self.text()) {
            let what = format!("{}! outside tests", self.text());
            self.add(Rule::Panic, &what, "finish it");
            return;
        }
        // A build script speaks to cargo by printing.
        let to_cargo = self.module.owner == "build" && self.text() == "println";
        let found = method || is_macro && excusable.contains(&self.text()) && !to_cargo;
        if found && self.is_word() && !self.source.says_why(line) {
            let what = format!("{} outside tests", self.text());
            let mend = "return the error, or say `// why:` it cannot happen; print through say \
                        and complain";
            self.add(Rule::Panic, &what, mend);
        }
    }

    /// Whether something is decided by the literal here: a pattern or a comparison.
    fn compared(&self) -> bool {
        let before = ["|", "=", "!"].map(|mark| self.follows(mark));
        let equals = self.at > 1 && (before[1] || before[2]) && {
            let earlier = &self.source.tokens[self.at - 2];
            matches!(earlier.text.as_str(), "=" | "!")
        };
        // Two of them are a closure without arguments.
        let alternative = before[0] && self.at > 1 && !self.source.is(self.at - 2, "|");
        let pattern = self.after(&["=", ">"]) || self.after(&["|"]) || alternative;
        equals || pattern || self.after(&["=", "="]) || self.after(&["!", "="])
    }

    fn name(&mut self, names: &[String]) {
        let token = &self.source.tokens[self.at];
        if token.kind != Kind::Literal {
            return;
        }
        // The simulator is one relay at a time and must say which by default; but it may not
        // decide by it.
        if self.module.owner == "simulator" && !self.compared() {
            return;
        }
        let told = |name: &String| token.text == *name;
        if let Some(name) = names.iter().find(|name| told(name)) {
            let what = format!("Rust knows {name} by name");
            let mend = "say it in a layout or in the configuration";
            self.add(Rule::Name, &what, mend);
        }
    }
}
