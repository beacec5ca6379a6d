//! A real shell on a real terminal, with the script in `shell/` sourced, and somebody who types.

use std::fs;
use std::io::Write;

use crate::terminal::Screen;
use crate::world::{World, until};

/// Which shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bash,
    Zsh,
}

pub const BOTH: [Kind; 2] = [Kind::Bash, Kind::Zsh];

/// A shell at whose prompt somebody sits. Its prompt is `<N>`, with the number of the line to come.
pub struct Shell {
    pub screen: Screen,
    next: u32,
}

impl Kind {
    /// What is written in the rc file to have the integration.
    pub fn source(self) -> String {
        let file = match self {
            Kind::Bash => "aos.bash",
            Kind::Zsh => "aos.zsh",
        };
        format!("source {}/shell/{file}", env!("CARGO_MANIFEST_DIR"))
    }

    /// Opens a shell whose rc file says this, after a plain prompt and an empty history.
    pub fn open(self, w: &World, rc: &str) -> Shell {
        self.open_sized(w, rc, 24, 100)
    }

    pub fn open_sized(self, w: &World, rc: &str, rows: u16, cols: u16) -> Shell {
        // In its own directory, as tests open several at once.
        let dir = tempfile::tempdir_in(w.path()).expect("a directory").keep();
        let path = |name: &str| dir.join(name).to_string_lossy().into_owned();
        let (file, prompt) = match self {
            Kind::Bash => ("rc", r"PS1='<\#> '"),
            Kind::Zsh => (".zshrc", "PS1='<%h> '; SAVEHIST=100; HISTSIZE=100; KEYTIMEOUT=1"),
        };
        let text = format!("HISTFILE={}\n{prompt}\n{rc}\n", path("history"));
        fs::File::create(path(file)).and_then(|mut f| f.write_all(text.as_bytes())).expect("an rc file");
        let words = match self {
            Kind::Bash => vec!["bash".to_owned(), "--noprofile".into(), "--rcfile".into(), path(file), "-i".into()],
            Kind::Zsh => {
                vec!["env".into(), format!("ZDOTDIR={}", dir.display()), "zsh".into(), "-d".into(), "-i".into()]
            }
        };
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let shell = Shell { screen: Screen::open(w, &words, rows, cols), next: 1 };
        shell.until_prompt();
        shell
    }

    /// Opens a shell with the integration, after some settings.
    pub fn with_aos(self, w: &World, settings: &str) -> Shell {
        self.open(w, &format!("{settings}\n{}", self.source()))
    }
}

impl Shell {
    /// Types a line and Enter, and waits for the next prompt.
    pub fn line(&mut self, text: &str) {
        self.type_line(text);
        self.until_prompt();
    }

    /// Types a line and Enter, and waits for nothing.
    pub fn type_line(&mut self, text: &str) {
        self.keys(&format!("{text}\r"));
        self.next += 1;
    }

    /// Types.
    pub fn keys(&mut self, keys: &str) {
        self.screen.keys(keys.as_bytes());
    }

    /// Waits for the next prompt: the last thing on the screen, with the cursor behind it.
    pub fn until_prompt(&self) {
        let prompt = format!("<{}>", self.next);
        self.screen.until_so(&format!("the prompt {prompt}"), |screen| {
            let (row, col) = screen.cursor_position();
            let line = screen.rows(0, col).nth(usize::from(row)).unwrap_or_default();
            line.trim_end().ends_with(&prompt)
        });
    }

    /// Types what makes the cursor go to another row, and waits for the prompt there, whichever it
    /// is: each ends in `> `.
    pub fn type_on(&mut self, keys: &str) {
        self.type_on_until(keys, |line| line.ends_with("> "));
    }

    /// The same where the line may also be held and go on without a prompt.
    pub fn type_on_held(&mut self, keys: &str) {
        self.type_on_until(keys, |line| line.is_empty() || line.ends_with("> "));
    }

    /// The same where a command reads next, and nothing stands before the cursor.
    pub fn type_to_reader(&mut self, keys: &str) {
        self.type_on_until(keys, str::is_empty);
    }

    /// Waits until the cursor is in another row, behind what it should be, and the shell itself
    /// sleeps until somebody types: neither a command nor its own work is between.
    fn type_on_until(&mut self, keys: &str, is_so: impl Fn(&str) -> bool) {
        let before = self.screen.row();
        self.keys(keys);
        let wchan = format!("/proc/{}/wchan", self.screen.pid());
        until(|| {
            let sleeps_in = fs::read_to_string(&wchan).unwrap_or_default();
            let is_waiting = ["poll", "select", "wait_woken", "n_tty_read"].iter().any(|at| sleeps_in.contains(at));
            self.screen.row() != before && is_so(&self.screen.before_cursor()) && is_waiting
        })
        .unwrap_or_else(|| panic!("{keys:?} leads nowhere:\n{}", self.text()));
    }

    /// Waits for a text on the screen.
    pub fn until(&self, part: &str) {
        self.screen.until(part);
    }

    /// The line that the cursor is in.
    pub fn last_line(&self) -> String {
        self.screen.line(self.screen.row())
    }

    /// What stands on the screen.
    pub fn text(&self) -> String {
        self.screen.text()
    }

    pub fn end(self) {
        self.screen.end();
    }
}

#[test]
fn the_first_tab_loads_the_completion() {
    for (kind, before) in [(Kind::Bash, ""), (Kind::Zsh, "autoload -Uz compinit; compinit -u -D")] {
        let w = World::new();
        let mut shell = kind.with_aos(&w, before);
        shell.keys("aos resu\t");
        shell.until("aos resume");
        shell.keys("\x15aos logs --inv\t");
        shell.until("aos logs --invert-match");
        shell.end();
    }
}

#[test]
fn without_aos_a_script_is_not_disturbed() {
    let w = World::new();
    for shell in ["bash -eu", "zsh -f -e -u"] {
        let (program, file) = if shell.starts_with("bash") { ("bash", "aos.bash") } else { ("zsh", "aos.zsh") };
        let line = format!(
            "PATH=/usr/bin:/bin {shell} -c 'source {}/shell/{file}; echo {program} goes on'",
            env!("CARGO_MANIFEST_DIR")
        );
        let said = w.sh(&line);
        assert_eq!((said.out, said.err), (format!("{program} goes on\n"), String::new()));
    }
}
