//! One Rust file as words and marks, with its comments and literals set apart.
//!
//! It is no parser: it knows where comments and strings end, which brackets belong together, and
//! which lines are only built for tests. That is enough for every rule here. It knows no rule.

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An identifier or a keyword.
    Word,
    /// A number; whether it is a float.
    Number(bool),
    /// A string or character literal; the text is what stands between its quotes.
    Literal,
    /// One character of punctuation.
    Mark,
}

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    /// Counted from 1.
    pub(crate) line: usize,
}

/// A `mod` that the file declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(crate) name: String,
    pub(crate) line: usize,
    /// What `#[path = "…"]` says.
    pub(crate) path: Option<String>,
    /// The names of the inline modules around it.
    pub(crate) inside: Vec<String>,
    /// Whether its content stands elsewhere.
    pub(crate) is_file: bool,
    pub(crate) is_test: bool,
}

/// A path as it is named somewhere, group by group: `use a::{b, c}` names `a::b` and `a::c`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) segments: Vec<String>,
    /// The name under which an import goes on, where `as` gives it another.
    pub(crate) alias: Option<String>,
    pub(crate) line: usize,
    pub(crate) imported: bool,
    /// How many inline modules stand around it.
    pub(crate) depth: usize,
    pub(crate) is_test: bool,
}

/// A file, read once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    pub(crate) lines: Vec<String>,
    pub(crate) tokens: Vec<Token>,
    /// Line and text of each line of comment.
    pub(crate) comments: Vec<(usize, String)>,
    /// For each token: the token that closes or opens the bracket it is.
    partner: Vec<Option<usize>>,
    /// For each token: whether it is built for tests only.
    test: Vec<bool>,
    /// Inline modules: first and last token, and name.
    inline: Vec<(usize, usize, String)>,
}

impl Source {
    pub(crate) fn read(text: &str) -> Source {
        let (tokens, comments) = super::lexer::lex(text);
        let mut source = Source {
            lines: text.lines().map(str::to_owned).collect(),
            partner: partners(&tokens),
            test: vec![false; tokens.len()],
            tokens,
            comments,
            inline: Vec::new(),
        };
        source.inline = source.inline_modules();
        source.mark_tests();
        source
    }

    /// Whether token `at` is the word or mark `text`.
    pub(crate) fn is(&self, at: usize, text: &str) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| token.text == text && token.kind != Kind::Literal)
    }

    /// Whether the tokens from `at` on are `texts`.
    pub(crate) fn reads(&self, at: usize, texts: &[&str]) -> bool {
        let mut texts = texts.iter().enumerate();
        texts.all(|(offset, text)| self.is(at + offset, text))
    }

    pub(crate) fn is_test(&self, at: usize) -> bool {
        self.test.get(at).copied().unwrap_or(false)
    }

    /// The token that closes the bracket opened at `at`.
    pub(crate) fn close(&self, at: usize) -> usize {
        let last = self.tokens.len().saturating_sub(1);
        self.partner.get(at).copied().flatten().unwrap_or(last)
    }

    /// Whether a comment on `line`, or right above it, says why.
    pub(crate) fn says_why(&self, line: usize) -> bool {
        let comment = |line: usize| {
            let found = self.comments.iter().find(|(at, _)| *at == line);
            found.map(|(_, text)| text.as_str())
        };
        if comment(line).is_some_and(|text| text.contains("why:")) {
            return true;
        }
        let whole = |line: usize| {
            let text = self.lines.get(line.checked_sub(1)?)?;
            text.trim_start().starts_with("//").then_some(())
        };
        let mut above = line.saturating_sub(1);
        while whole(above).is_some() {
            if comment(above).is_some_and(|text| text.contains("why:")) {
                return true;
            }
            above -= 1;
        }
        false
    }

    fn mark_tests(&mut self) {
        for at in 0..self.tokens.len() {
            if self.reads(at, &["#", "["]) && self.speaks_of_tests(at + 2) {
                let end = self.item_end(self.close(at + 1) + 1);
                let upto = end.min(self.test.len().saturating_sub(1));
                self.test[at..=upto].fill(true);
            }
        }
    }

    /// Whether the attribute whose content begins at `at` keeps its item to tests.
    fn speaks_of_tests(&self, at: usize) -> bool {
        if self.reads(at, &["test", "]"]) {
            return true;
        }
        let inside = at..self.close(at.saturating_sub(1));
        let says = |word| inside.clone().any(|at| self.is(at, word));
        self.is(at, "cfg") && says("test") && !says("not")
    }

    /// The last token of the item that begins at `at`, further attributes included.
    fn item_end(&self, mut at: usize) -> usize {
        while self.reads(at, &["#", "["]) {
            at = self.close(at + 1) + 1;
        }
        let ends_by_mark = ["use", "const", "static", "type"];
        let mut by_mark = false;
        while at < self.tokens.len() {
            if ends_by_mark.iter().any(|word| self.is(at, word)) {
                by_mark = true;
            } else if self.is(at, "fn") || self.is(at, "mod") {
                by_mark = false;
            }
            if self.is(at, ";") {
                return at;
            }
            if ["{", "(", "["].iter().any(|open| self.is(at, open)) {
                let block = self.is(at, "{") && !by_mark;
                at = self.close(at);
                if block {
                    return at;
                }
            }
            at += 1;
        }
        at
    }

    fn inline_modules(&self) -> Vec<(usize, usize, String)> {
        let opens = 2..self.tokens.len();
        opens
            .filter(|open| self.is(*open, "{") && self.is(open - 2, "mod"))
            .map(|open| (open, self.close(open), self.tokens[open - 1].text.clone()))
            .collect()
    }

    /// The names of the inline modules around token `at`, outermost first.
    fn modules_around(&self, at: usize) -> Vec<String> {
        let around = self
            .inline
            .iter()
            .filter(|(open, close, _)| *open < at && at < *close);
        around.map(|(_, _, name)| name.clone()).collect()
    }

    /// Every `mod` of the file.
    pub(crate) fn modules(&self) -> Vec<Declared> {
        let mut found = Vec::new();
        for at in 0..self.tokens.len() {
            let is_file = self.is(at + 2, ";");
            if !self.is(at, "mod") || !(is_file || self.is(at + 2, "{")) {
                continue;
            }
            found.push(Declared {
                name: self.tokens[at + 1].text.clone(),
                line: self.tokens[at].line,
                path: self.path_above(at),
                inside: self.modules_around(at),
                is_file,
                is_test: self.is_test(at),
            });
        }
        found
    }

    /// What a `#[path = "…"]` right before the `mod` at `at` says.
    fn path_above(&self, at: usize) -> Option<String> {
        let near = at.saturating_sub(12)..at;
        let found = near
            .rev()
            .take_while(|back| !self.is(*back, ";") && !self.is(*back, "}"))
            .find(|back| self.reads(*back, &["[", "path", "="]))?;
        self.tokens.get(found + 3).map(|token| token.text.clone())
    }

    /// Every path that is named, imports spread out.
    pub(crate) fn paths(&self) -> Vec<Named> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            if self.is(at, "use") && !self.is(at + 1, "<") {
                let end = (at..self.tokens.len()).find(|end| self.is(*end, ";"));
                let end = end.unwrap_or(self.tokens.len());
                self.spread(at + 1, end, &[], &mut found);
                at = end;
            } else if self.begins_path(at) {
                at = self.plain_path(at, &mut found);
            }
            at += 1;
        }
        found
    }

    fn begins_path(&self, at: usize) -> bool {
        self.tokens[at].kind == Kind::Word
            && self.reads(at + 1, &[":", ":"])
            && !(at > 1 && self.reads(at - 2, &[":", ":"]))
            && !(at > 0 && self.is(at - 1, "."))
    }

    fn plain_path(&self, start: usize, found: &mut Vec<Named>) -> usize {
        let mut segments = vec![self.tokens[start].text.clone()];
        let mut at = start;
        while self.reads(at + 1, &[":", ":"])
            && self
                .tokens
                .get(at + 3)
                .is_some_and(|next| next.kind == Kind::Word)
        {
            at += 3;
            segments.push(self.tokens[at].text.clone());
        }
        found.push(self.named(start, segments, None, false));
        at
    }

    /// Spreads the tree of an import between two tokens.
    fn spread(&self, mut at: usize, end: usize, before: &[String], found: &mut Vec<Named>) {
        while at < end {
            let start = at;
            let mut segments = before.to_vec();
            let mut alias = None;
            let mut grouped = false;
            while at < end && !self.is(at, ",") {
                if self.is(at, "{") {
                    let close = self.close(at);
                    self.spread(at + 1, close, &segments, found);
                    grouped = true;
                    at = close;
                } else if self.is(at, "as") {
                    at += 1;
                    alias = self.tokens.get(at).map(|token| token.text.clone());
                } else if self.tokens[at].kind == Kind::Word {
                    segments.push(self.tokens[at].text.clone());
                }
                at += 1;
            }
            if !grouped && segments.len() > before.len() {
                found.push(self.named(start, segments, alias, true));
            }
            at += 1;
        }
    }

    fn named(
        &self,
        at: usize,
        segments: Vec<String>,
        alias: Option<String>,
        imported: bool,
    ) -> Named {
        Named {
            segments,
            alias,
            line: self.tokens[at].line,
            imported,
            depth: self.modules_around(at).len(),
            is_test: self.is_test(at),
        }
    }

    /// Every function with a body: its name, its line, and how many lines it has.
    pub(crate) fn functions(&self) -> Vec<(String, usize, usize)> {
        let mut found = Vec::new();
        for at in 0..self.tokens.len() {
            let named = self
                .tokens
                .get(at + 1)
                .is_some_and(|name| name.kind == Kind::Word);
            if !self.is(at, "fn") || !named {
                continue;
            }
            let Some(open) = self.body(at + 2) else {
                continue;
            };
            let (first, last) = (self.tokens[at].line, self.tokens[self.close(open)].line);
            found.push((self.tokens[at + 1].text.clone(), first, last + 1 - first));
        }
        found
    }

    /// The bracket that opens a function's body, unless it has none.
    fn body(&self, mut at: usize) -> Option<usize> {
        while at < self.tokens.len() && !self.is(at, ";") {
            if self.is(at, "{") {
                return Some(at);
            }
            if self.is(at, "(") || self.is(at, "[") {
                at = self.close(at);
            }
            at += 1;
        }
        None
    }
}

fn partners(tokens: &[Token]) -> Vec<Option<usize>> {
    let mut partner = vec![None; tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.kind != Kind::Mark {
            continue;
        }
        match token.text.as_str() {
            "{" | "(" | "[" => open.push(at),
            "}" | ")" | "]" => {
                if let Some(start) = open.pop() {
                    partner[start] = Some(at);
                    partner[at] = Some(start);
                }
            }
            _ => {}
        }
    }
    partner
}
