//! A command of several lines on one, as a shell's history would have it.

/// Words after which a command goes on.
const GO_ON: [&str; 8] = ["do", "then", "else", "elif", "in", "{", "!", "while"];

/// Joins the lines of a command: with `; ` where a command ends, with a blank where it goes on. A
/// newline that is a part of a word, or of a here-document, is shown as `\n`. Comments are left
/// out.
pub fn joined(text: &str) -> String {
    if !text.trim_end().contains('\n') {
        return text.to_owned();
    }
    let mut line =
        ScannedLine { text: text.trim(), at: 0, out: String::new(), within: Vec::new(), documents: Vec::new() };
    while line.step() {}
    let end = line.out.trim_end_matches([' ', ';']).len();
    // What ends in `;;` or `\;` means it.
    let is_meant = line.out.trim_end().ends_with(";;") || line.out[..end].ends_with('\\');
    line.out.truncate(if is_meant { line.out.trim_end().len() } else { end });
    line.out
}

/// What the place that is being read is inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quoting {
    /// `'…'`.
    Single,
    /// `$'…'`.
    Escaped,
    /// `"…"`.
    Double,
    /// `$(…)` or `(…)`.
    Parentheses,
    /// `${…}`.
    Braces,
}

/// A here-document that begins at the next line.
struct HereDocument {
    end: String,
    drops_tabs: bool,
}

struct ScannedLine<'t> {
    text: &'t str,
    at: usize,
    out: String,
    within: Vec<Quoting>,
    documents: Vec<HereDocument>,
}

impl ScannedLine<'_> {
    /// Reads on; `false` at the end.
    fn step(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let Some(c) = rest.chars().next() else { return false };
        let within = self.within.last().copied();
        match (within, c) {
            (Some(Quoting::Single), '\'') => self.leave(c),
            (Some(Quoting::Single), '\n') => self.newline_within(),
            (Some(Quoting::Single), _) => self.take(c.len_utf8()),
            (_, '\\') => self.escape(rest, within),
            (Some(Quoting::Escaped), '\'') | (Some(Quoting::Double), '"') | (Some(Quoting::Braces), '}') => {
                self.leave(c)
            }
            (Some(Quoting::Parentheses), ')') => self.leave(c),
            (Some(Quoting::Escaped | Quoting::Double | Quoting::Braces), '\n') => self.newline_within(),
            (Some(Quoting::Escaped), _) => self.take(c.len_utf8()),
            (_, '$') if rest.starts_with("$(") => self.enter(Quoting::Parentheses, 2),
            (_, '$') if rest.starts_with("${") => self.enter(Quoting::Braces, 2),
            (Some(Quoting::Double), _) => self.take(c.len_utf8()),
            (_, '$') if rest.starts_with("$'") => self.enter(Quoting::Escaped, 2),
            (_, '\'') => self.enter(Quoting::Single, 1),
            (_, '"') => self.enter(Quoting::Double, 1),
            (Some(Quoting::Braces), _) => self.take(c.len_utf8()),
            (_, '(') => self.enter(Quoting::Parentheses, 1),
            (_, '<') if rest.starts_with("<<<") => self.take(3),
            (_, '<') if rest.starts_with("<<") => self.document(rest),
            (_, '#') if self.begins_word() => self.at += rest.find('\n').unwrap_or(rest.len()),
            (_, '\n') => self.end_line(),
            _ => self.take(c.len_utf8()),
        }
        true
    }

    fn take(&mut self, length: usize) {
        self.out.push_str(&self.text[self.at..self.at + length]);
        self.at += length;
    }

    fn enter(&mut self, within: Quoting, length: usize) {
        self.within.push(within);
        self.take(length);
    }

    fn leave(&mut self, last: char) {
        self.within.pop();
        self.take(last.len_utf8());
    }

    fn newline_within(&mut self) {
        self.out.push_str("\\n");
        self.at += 1;
    }

    /// A line that goes on behind a backslash is one line.
    fn escape(&mut self, rest: &str, within: Option<Quoting>) {
        if rest.starts_with("\\\n") && within != Some(Quoting::Escaped) {
            self.at += 2;
            if matches!(within, None | Some(Quoting::Parentheses)) && self.out.ends_with([' ', '\t']) {
                self.skip_blanks();
            }
        } else {
            let escaped = rest[1..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
            self.take(1 + escaped);
        }
    }

    fn begins_word(&self) -> bool {
        self.out.is_empty() || self.out.ends_with([' ', '\t', ';', '&', '|', '(', ')'])
    }

    /// `<<END` or `<<-'END'`.
    fn document(&mut self, rest: &str) {
        let drops_tabs = rest.starts_with("<<-");
        let operator = 2 + usize::from(drops_tabs);
        let blanks = rest[operator..].len() - rest[operator..].trim_start_matches([' ', '\t']).len();
        let word = &rest[operator + blanks..];
        let length = word.find([' ', '\t', '\n', ';', '&', '|', '<', '>', ')']).unwrap_or(word.len());
        let end = word[..length].replace(['\'', '"', '\\'], "");
        if !end.is_empty() {
            self.documents.push(HereDocument { end, drops_tabs });
        }
        self.take(operator + blanks + length);
    }

    fn skip_blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    /// A command ends here, or goes on in the next line.
    fn end_line(&mut self) {
        self.at += 1;
        self.out.truncate(self.out.trim_end_matches([' ', '\t']).len());
        if !self.documents.is_empty() {
            return self.take_documents();
        }
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        // Nothing has ended where nothing was begun.
        if !self.out.is_empty() && !self.out.ends_with("\\n") {
            self.out.push_str(if self.goes_on() { " " } else { "; " });
        }
    }

    fn goes_on(&self) -> bool {
        let last = self.out.rsplit([' ', '\t', ';', '\n']).next().unwrap_or_default();
        let in_case = || {
            let words = || self.out.split([' ', '\t', ';', '(', ')']);
            words().filter(|word| *word == "case").count() > words().filter(|word| *word == "esac").count()
        };
        let is_after_operator =
            self.out.strip_suffix(['|', '&', ';', '(']).is_some_and(|before| !before.ends_with('\\'));
        GO_ON.contains(&last) || is_after_operator || self.out.ends_with("()") || self.out.ends_with(')') && in_case()
    }

    /// Lines up to the document's end belong to it.
    fn take_documents(&mut self) {
        for HereDocument { end, drops_tabs } in std::mem::take(&mut self.documents) {
            while self.at < self.text.len() {
                let rest = &self.text[self.at..];
                let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
                self.out.push_str("\\n");
                self.out.push_str(line);
                self.at = (self.at + line.len() + 1).min(self.text.len());
                let shown = if drops_tabs { line.trim_start_matches('\t') } else { line };
                if shown == end {
                    break;
                }
            }
        }
        if self.at < self.text.len() {
            self.out.push_str("\\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::joined;
    use proptest::prelude::*;

    #[test]
    fn a_command_ends_where_its_line_does_unless_it_goes_on() {
        for (lines, line) in [
            ("for i in 1 2\ndo\n\techo $i\ndone", "for i in 1 2; do echo $i; done"),
            ("(\n\texit 3\n)", "( exit 3; )"),
            ("a |\n b &&\n c ||\n d", "a | b && c || d"),
            ("sudo\nls", "sudo; ls"),
            ("a &\nwait\n", "a & wait"),
            ("f()\n{\n a\n}\nf", "f() { a; }; f"),
            ("if a; then\n b\nelse\n c\nfi", "if a; then b; else c; fi"),
            ("case $x in\na)\n b ;;\n*)\n c\nesac", "case $x in a) b ;; *) c; esac"),
            ("x=$(\n a\n b\n)", "x=$( a; b; )"),
            ("\n\na\n\n\nb;\n", "a; b"),
            ("docker run \\\n  -it \\\n  alpine", "docker run -it alpine"),
            ("a;\nb\n;", "a; b"),
        ] {
            assert_eq!(joined(lines), line, "{lines:?}");
        }
    }

    #[test]
    fn a_newline_in_a_word_is_no_end() {
        for (lines, line) in [
            ("python3 -c 'import x\n\nx.y()'", r"python3 -c 'import x\n\nx.y()'"),
            ("echo \"a\n  b\"\necho c", r#"echo "a\n  b"; echo c"#),
            ("echo \"it's $(\n a\n b\n) \"\nc", r#"echo "it's $( a; b; ) "; c"#),
            ("echo $'a\\'\nb'\nc", r"echo $'a\'\nb'; c"),
            ("echo ${x:-a\nb}\nc", r"echo ${x:-a\nb}; c"),
            ("echo it\\'s\nc", r"echo it\'s; c"),
            ("a 'never ends\nb", r"a 'never ends\nb"),
        ] {
            assert_eq!(joined(lines), line, "{lines:?}");
        }
    }

    #[test]
    fn comments_are_left_out_and_documents_are_kept() {
        assert_eq!(joined("make # it's all\nmake test # and this"), "make; make test");
        assert_eq!(joined("# first\nmake a#b"), "make a#b");
        assert_eq!(joined("make # one line stays"), "make # one line stays");
        assert_eq!(joined("cat <<'E' | sort\nb; c\n  a\nE\nwc <<<x"), r"cat <<'E' | sort\nb; c\n  a\nE\nwc <<<x");
        assert_eq!(joined("cat <<-E\n\tit's\n\tE"), "cat <<-E\\n\tit's\\n\tE");
    }

    proptest! {
        #[test]
        fn whatever_stands_there_is_one_line(text in "[a-zé #'\"\\\\$(){}<E;&|\n\t-]{0,40}") {
            let line = joined(&text);
            prop_assert!(!line.trim_end().contains('\n'), "{line:?}");
        }
    }

    #[test]
    fn one_line_is_shown_as_it_is() {
        for line in ["", "a;", "find . -exec x {} \\;", "a\n"] {
            assert_eq!(joined(line), line);
        }
        assert_eq!(joined("find a \\;\nfind b \\;"), r"find a \;; find b \;");
    }
}
