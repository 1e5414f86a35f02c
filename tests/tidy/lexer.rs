//! From characters to tokens: where words, numbers, literals and comments begin and end.

use super::source::{Kind, Token};

type Lexed = (Vec<Token>, Vec<(usize, String)>);

/// Tokens, and the comments line by line.
pub(crate) fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer {
        text: text.chars().collect(),
        at: 0,
        line: 1,
        tokens: Vec::new(),
        comments: Vec::new(),
    };
    while let Some(next) = lexer.peek(0) {
        lexer.step(next);
    }
    (lexer.tokens, lexer.comments)
}

struct Lexer {
    text: Vec<char>,
    at: usize,
    line: usize,
    tokens: Vec<Token>,
    comments: Vec<(usize, String)>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    /// Goes on by one character and counts lines.
    fn take(&mut self) -> Option<char> {
        let next = self.peek(0)?;
        self.at += 1;
        if next == '\n' {
            self.line += 1;
        }
        Some(next)
    }

    fn push(&mut self, kind: Kind, text: String, line: usize) {
        self.tokens.push(Token { kind, text, line });
    }

    fn step(&mut self, next: char) {
        match next {
            '/' if self.peek(1) == Some('/') => self.line_comment(),
            '/' if self.peek(1) == Some('*') => self.block_comment(),
            '"' => self.text_literal(0),
            '\'' => self.quote(),
            next if next.is_numeric() => self.number(),
            next if next == '_' || next.is_alphabetic() => self.word(),
            next if next.is_whitespace() => {
                self.take();
            }
            mark => {
                self.push(Kind::Mark, mark.to_string(), self.line);
                self.take();
            }
        }
    }

    fn line_comment(&mut self) {
        let mut text = String::new();
        while let Some(next) = self.peek(0).filter(|next| *next != '\n') {
            text.push(next);
            self.at += 1;
        }
        self.comments.push((self.line, text));
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        let mut text = String::new();
        while let Some(next) = self.peek(0) {
            let pair = (next, self.peek(1));
            depth += i32::from(pair == ('/', Some('*')));
            if next == '\n' {
                self.comments.push((self.line, std::mem::take(&mut text)));
            } else {
                text.push(next);
            }
            self.take();
            if pair == ('*', Some('/')) {
                depth -= 1;
                self.take();
                if depth == 0 {
                    break;
                }
            }
        }
        self.comments.push((self.line, text));
    }

    /// A string that ends with a quote and `hashes` marks; without marks a backslash escapes.
    fn text_literal(&mut self, hashes: usize) {
        self.delimited('"', hashes, hashes == 0);
    }

    fn delimited(&mut self, quote: char, hashes: usize, escapes: bool) {
        let line = self.line;
        let mut text = String::new();
        self.take();
        while let Some(next) = self.take() {
            if next == '\\' && escapes {
                text.push(next);
                text.extend(self.take());
                continue;
            }
            let closed = (0..hashes).all(|ahead| self.peek(ahead) == Some('#'));
            if next == quote && closed {
                self.at += hashes;
                break;
            }
            text.push(next);
        }
        self.push(Kind::Literal, text, line);
    }

    /// A character, or a lifetime, which is nobody's concern.
    fn quote(&mut self) {
        let character = self.peek(1) == Some('\\') || self.peek(2) == Some('\'');
        if character {
            self.delimited('\'', 0, true);
            return;
        }
        self.take();
        while self
            .peek(0)
            .is_some_and(|next| next == '_' || next.is_alphanumeric())
        {
            self.take();
        }
    }

    fn number(&mut self) {
        let line = self.line;
        let mut text = String::new();
        while let Some(next) = self.peek(0) {
            let point = next == '.' && self.peek(1).is_some_and(|after| after.is_ascii_digit());
            if !(next == '_' || next.is_alphanumeric() || point) {
                break;
            }
            text.push(next);
            self.take();
        }
        let float = text.contains('.') || text.ends_with("f64") || text.ends_with("f32");
        self.push(Kind::Number(float), text, line);
    }

    fn word(&mut self) {
        let line = self.line;
        let mut text = String::new();
        while let Some(next) = self.peek(0) {
            if !(next == '_' || next.is_alphanumeric()) {
                break;
            }
            text.push(next);
            self.take();
        }
        let raw = matches!(text.as_str(), "r" | "br" | "cr");
        let mut hashes = 0;
        while raw && self.peek(hashes) == Some('#') {
            hashes += 1;
        }
        match (text.as_str(), self.peek(hashes)) {
            ("r" | "br" | "cr", Some('"')) => {
                self.at += hashes;
                self.delimited('"', hashes, false);
            }
            ("b" | "c", Some('"')) => self.text_literal(0),
            ("b", Some('\'')) => self.delimited('\'', 0, true),
            // A raw identifier: the name alone counts.
            ("r", _) if hashes == 1 => {
                self.take();
            }
            _ => self.push(Kind::Word, text, line),
        }
    }
}
