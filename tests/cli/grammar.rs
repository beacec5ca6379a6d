//! Command lines from a grammar, typed and pasted in both shells: what runs with `&aos` in them is
//! what runs without aos, where the same text means `&` and a command that does nothing.
//! `AOS_GRAMMAR_CASES` says how many lines (24 unless said), `AOS_GRAMMAR_SEED` which.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::shell::{BOTH, Kind, Shell};
use crate::world::{World, until};

/// Records its words, its input if the second is `-`, and whether it runs in a task.
const SAY: &str = r#"#!/bin/sh
input=
[ "${2-}" != - ] || input=$(cat)
{ printf '<%s> ' "$@"; printf '<%s>%s\n' "$input" "${AOS_TASK_ID:+ in a task}"; } >"$RAN/.$$"
mv "$RAN/.$$" "$RAN/$$"
"#;

/// A sequence of numbers that a seed decides (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// A text that is being made.
struct Maker {
    numbers: Numbers,
    text: String,
    /// What the next line end is followed by: bodies of here-documents.
    bodies: String,
    commands: usize,
    /// How often what is being made runs.
    times: usize,
    /// How many records there are to be.
    records: usize,
    /// The commands of elements that become tasks.
    in_tasks: Vec<usize>,
    /// Nothing goes to the background in parentheses, where the shell has no jobs of its own, nor
    /// within a task.
    has_no_jobs: bool,
}

const WORDS: [&str; 18] = [
    "plain",
    "'a b'",
    "'it;&aos x'",
    "\"q &aos $X\"",
    "a\\ b",
    "a\\;b",
    "\\&aos",
    "c\\\\",
    "$'t\\'q'",
    "'l1\nl2 &aos\nl3'",
    "\"l1\n\n# l2\"",
    "\\\n",
    "${X}",
    "\"${X:-d &aos}\"",
    "$((1 << 2))",
    "'\\'",
    "x#y",
    "\"it's\"",
];

const BODY: [&str; 9] = ["text $X", "b &aos", "it's", ")", "}", "", "echo \"after", "c \\\\", "&aos -n x; echo y"];

impl Maker {
    /// A whole text for this seed.
    fn make(seed: u64) -> Maker {
        let mut maker = Maker {
            numbers: Numbers(seed),
            text: String::new(),
            bodies: String::new(),
            commands: 0,
            times: 1,
            records: 0,
            in_tasks: Vec::new(),
            has_no_jobs: false,
        };
        maker.list(0);
        if !maker.bodies.is_empty() {
            maker.line_end();
            maker.text.pop();
        }
        maker
    }

    fn line_end(&mut self) {
        self.text.push('\n');
        self.text.push_str(&std::mem::take(&mut self.bodies));
    }

    /// Elements and what stands between them. At depth 0 the last one goes to the background in
    /// most texts.
    fn list(&mut self, depth: usize) {
        let elements = 1 + self.numbers.below(3);
        for nth in 0..elements {
            let before = self.commands;
            let is_last = nth + 1 == elements;
            let is_taken = !self.has_no_jobs && self.numbers.below(if depth == 0 { 2 } else { 6 }) == 0;
            let is_taken = is_taken || is_last && depth == 0;
            // What a task leaves behind when it ends is ended.
            let outer = self.has_no_jobs;
            self.has_no_jobs |= is_taken;
            self.element(depth);
            self.has_no_jobs = outer;
            if is_taken {
                let blank = self.numbers.pick(&[" ", "", " "]);
                let options = self.numbers.pick(&["", "", " -C /", " --env 'Y=a b'", " --env \"Y=&aos\"", " \\\n-C /"]);
                self.text.push_str(&format!("{blank}&aos{options}"));
                if depth == 0 {
                    self.in_tasks.extend(before + 1..=self.commands);
                }
                if is_last && depth == 0 {
                    continue;
                }
            }
            match self.numbers.below(4) {
                0 => self.line_end(),
                1 => {
                    self.text.push_str(self.numbers.pick(&[" # c", " # it's &aos \\", " # `"]));
                    self.line_end();
                }
                2 if !is_taken && !self.has_no_jobs && !is_last => self.text.push_str(" & "),
                _ => self.text.push_str("; "),
            }
        }
    }

    fn element(&mut self, depth: usize) {
        match self.numbers.below(if depth < 2 { 14 } else { 6 }) {
            0..4 => self.say(),
            4 => {
                self.text.push_str("echo piped | ");
                self.command("-");
            }
            5 => {
                self.text.push_str(self.numbers.pick(&[
                    "true && ",
                    "false ||\n",
                    "[[ a == a && b == b ]] && ",
                    "((1 << 2)) && ",
                ]));
                self.flush();
                self.say();
            }
            6 => self.document(),
            7 => self.within("{ ", depth, "}"),
            8 => {
                let outer = std::mem::replace(&mut self.has_no_jobs, true);
                self.within("( ", depth, ")");
                self.has_no_jobs = outer;
            }
            9 => self.within("if true; then ", depth, "fi"),
            10 => {
                self.times *= 2;
                self.within("for i in 1 2; do ", depth, "done");
                self.times /= 2;
            }
            11 => {
                self.text.push_str("case x in x) ");
                self.say();
                self.text.push_str(" ;; esac");
            }
            12 => {
                self.text.push_str("X='v\nw' ");
                self.say();
            }
            _ => {
                self.document();
                self.text.push_str(" && ");
                self.document();
            }
        }
    }

    /// A line end within an element is followed by bodies too.
    fn flush(&mut self) {
        if self.text.ends_with('\n') {
            self.text.push_str(&std::mem::take(&mut self.bodies));
        }
    }

    fn within(&mut self, begin: &str, depth: usize, end: &str) {
        self.text.push_str(begin);
        self.list(depth + 1);
        self.text.push_str(end);
    }

    fn say(&mut self) {
        self.command("w");
    }

    fn command(&mut self, second: &str) {
        self.commands += 1;
        self.records += self.times;
        self.text.push_str(&format!("say n{} {second}", self.commands));
        for _ in 0..self.numbers.below(3) {
            let word = self.numbers.pick(&WORDS);
            self.text.push(' ');
            self.text.push_str(word);
        }
    }

    /// A here-document, or a here-string.
    fn document(&mut self) {
        self.command("-");
        // Each has an end of its own.
        let end = format!("E{}", self.commands);
        let (operator, indent) = match self.numbers.below(5) {
            0 => (format!("<<{end}"), ""),
            1 => (format!("<<'{end}'"), ""),
            2 => (format!("<<-\\{end}"), "\t"),
            3 => (format!("<< \"{end}\""), ""),
            _ => {
                self.text.push_str(" <<<'s\nt &aos'");
                return;
            }
        };
        self.text.push(' ');
        self.text.push_str(&operator);
        for _ in 0..self.numbers.below(4) {
            let line = self.numbers.pick(&BODY);
            self.bodies.push_str(&format!("{indent}{line}\n"));
        }
        self.bodies.push_str(&format!("{indent}{end}\n"));
    }
}

/// A shell that has been sat at, and where its commands record what they are.
struct Session {
    shell: Shell,
    ran: PathBuf,
    is_pasted: bool,
}

impl Session {
    fn open(w: &World, kind: Kind, is_pasted: bool, has_aos: bool) -> Session {
        let ran = w.join(if has_aos { "ran-with" } else { "ran-without" });
        let _ = fs::remove_dir_all(&ran);
        fs::create_dir(&ran).expect("a directory");
        let paste = match kind {
            Kind::Bash => format!("bind 'set enable-bracketed-paste {}'", if is_pasted { "on" } else { "off" }),
            Kind::Zsh => "setopt interactivecomments nopromptsp nonotify".to_owned(),
        };
        let aos = if has_aos { kind.source() } else { "aos() { :; }".to_owned() };
        let rc = format!("{paste}\nX=x; PATH=$PWD/bin:$PATH; export RAN={}\n{aos}", ran.display());
        Session { shell: kind.open_sized(w, &rc, 120, 100), ran, is_pasted }
    }

    fn give(&mut self, text: &str) {
        let mut looks = 0;
        until(|| {
            if looks % 50 == 0 {
                self.shell.keys("\x0c");
            }
            looks += 1;
            self.shell.screen.row() == 0
        })
        .expect("a clear screen");
        if self.is_pasted {
            self.shell.type_on(&format!("\x1b[200~{text}\x1b[201~\r"));
        } else {
            // A Tab is to be one.
            text.split('\n').for_each(|line| self.shell.type_on_held(&format!("{}\r", line.replace('\t', "\x16\t"))));
        }
        self.shell.type_on("wait\r");
    }

    /// What ran, in no order, once it is so much.
    fn take(&self, count: usize) -> Vec<String> {
        let _ = until(|| self.count() >= count);
        let mut all: Vec<String> = self
            .records()
            .map(|path| {
                let record = fs::read_to_string(&path).expect("a record");
                fs::remove_file(path).expect("read once");
                record
            })
            .collect();
        all.sort();
        all
    }

    fn count(&self) -> usize {
        self.records().count()
    }

    /// Those that are whole.
    fn records(&self) -> impl Iterator<Item = PathBuf> {
        let files = fs::read_dir(&self.ran).expect("records").map(|entry| entry.expect("a record").path());
        files.filter(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')))
    }
}

fn put(path: &Path, text: &str) {
    fs::File::create(path).and_then(|mut file| file.write_all(text.as_bytes())).expect("a file");
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn runs_the_same(kind: Kind, is_pasted: bool) {
    use std::os::unix::fs::PermissionsExt;
    let cases = number("AOS_GRAMMAR_CASES").unwrap_or(24);
    let w = World::for_long(1 + u32::try_from(cases / 20).expect("a number"));
    fs::create_dir(w.join("bin")).expect("a directory");
    put(&w.join("bin/say"), SAY);
    fs::set_permissions(w.join("bin/say"), fs::Permissions::from_mode(0o755)).expect("executable");
    let mut without = Session::open(&w, kind, is_pasted, false);
    let mut with = Session::open(&w, kind, is_pasted, true);
    let first = number("AOS_GRAMMAR_SEED").unwrap_or(20_261_127);
    for seed in (first..).take(usize::try_from(cases).expect("a number")) {
        let maker = Maker::make(seed);
        let text = &maker.text;
        without.give(text);
        let mut expected = without.take(maker.records);
        with.give(text);
        let mut found = with.take(maker.records);
        w.aos(&["wait", "@all"]);
        found.extend(with.take(0));
        if kind == Kind::Bash && !is_pasted {
            // Where lines were read before `&aos` was seen, bash runs a job.
            found.iter_mut().for_each(|record| *record = record.replace(" in a task\n", "\n"));
        } else {
            for record in &mut expected {
                if maker.in_tasks.iter().any(|number| record.starts_with(&format!("<n{number}>"))) {
                    record.insert_str(record.len() - 1, " in a task");
                }
            }
        }
        assert_eq!(found, expected, "{kind:?}, pasted: {is_pasted}, seed {seed}:\n{text}\n\n{}", with.shell.text());
        assert_eq!(found.len(), maker.records, "{kind:?}, seed {seed}:\n{text}");
    }
    without.shell.end();
    with.shell.end();
}

#[test]
fn what_is_typed_in_bash_runs_as_without_aos() {
    runs_the_same(Kind::Bash, false);
}

#[test]
fn what_is_pasted_in_bash_runs_as_without_aos() {
    runs_the_same(Kind::Bash, true);
}

#[test]
fn what_is_typed_in_zsh_runs_as_without_aos() {
    runs_the_same(Kind::Zsh, false);
}

#[test]
fn what_is_pasted_in_zsh_runs_as_without_aos() {
    runs_the_same(Kind::Zsh, true);
}

/// Each text is one that both shells understand by themselves: else nothing would be compared.
#[test]
fn the_grammar_makes_what_parses() {
    let w = World::new();
    for seed in (20_261_127..).take(60) {
        let text = Maker::make(seed).text;
        put(&w.join("text"), &text);
        for kind in BOTH {
            let parse = || {
                w.sh(match kind {
                    Kind::Bash => "bash -n text",
                    Kind::Zsh => "zsh -f -o interactivecomments -n text",
                })
            };
            let mut said = parse();
            // zsh 5.9 itself has been seen to die at its start, once in many thousand.
            if said.code == 128 + libc::SIGSEGV {
                said = parse();
            }
            assert_eq!((said.err.as_str(), said.code), ("", 0), "{kind:?}, seed {seed}:\n{text}");
        }
    }
}
