//! Tab, in real shells on a real terminal.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use crate::terminal::Screen;
use crate::world::World;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shell {
    Bash,
    Zsh,
}

impl Shell {
    /// What it puts between a long option and its value.
    fn before_value(self) -> char {
        match self {
            Shell::Bash => ' ',
            Shell::Zsh => '=',
        }
    }
}

const BOTH: [Shell; 2] = [Shell::Bash, Shell::Zsh];

/// A shell that has the completion loaded, and a person at it.
struct Typist {
    shell: Shell,
    screen: Screen,
    lines: u32,
}

impl Typist {
    fn at(w: &World, shell: Shell) -> Typist {
        Typist::prepared(w, shell, ":")
    }

    /// A shell in which this has been typed, too.
    fn prepared(w: &World, shell: Shell, with: &str) -> Typist {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/completions");
        let (words, load) = match shell {
            Shell::Bash => (&["bash", "--norc", "-i"][..], format!("source {dir}/aos.bash")),
            Shell::Zsh => {
                (&["zsh", "-f", "-i"][..], format!("fpath=({dir} $fpath); autoload -Uz compinit; compinit -u -D"))
            }
        };
        let mut typist = Typist { shell, screen: Screen::open(w, words, 60, 110), lines: 0 };
        typist.screen.keys(format!("PS1='> '; {load}; {with}\r").as_bytes());
        typist.clear();
        typist
    }

    /// An empty screen with a prompt at its top.
    fn clear(&mut self) {
        self.lines += 1;
        self.screen.keys(format!("\x15clear; echo screen-$((100 + {}))\r", self.lines).as_bytes());
        self.screen.until(&format!("screen-{}\n> ", 100 + self.lines));
    }

    /// Types a word, a Tab and a Z; the line must then read like this.
    fn becomes(&mut self, typed: &str, line: &str) {
        self.clear();
        self.screen.keys(format!("{typed}\tZ").as_bytes());
        self.screen.until(&format!("> {line}Z"));
    }

    /// Asks for the list, whose last row has `last` in it. In bash the line goes on after it, with
    /// nothing of the list.
    fn lists(&mut self, typed: &str, last: &str) -> String {
        self.clear();
        match self.shell {
            Shell::Bash => {
                self.screen.keys(format!("{typed}\t\tZ").as_bytes());
                self.screen.until(&format!("\n> {typed}Z"));
            }
            Shell::Zsh => self.screen.keys(format!("{typed}\x04").as_bytes()),
        }
        self.screen.until(last);
        self.screen.text()
    }

    /// The same of a list of tasks or runs, from the one next to the line: bash lists above it, zsh
    /// below.
    fn nearest_first(&mut self, typed: &str, last: &str) -> String {
        let text = self.lists(typed, last);
        match self.shell {
            Shell::Bash => text.lines().rev().map(|line| format!("\n{line}")).collect(),
            Shell::Zsh => text,
        }
    }

    fn ends(self) {
        self.screen.end();
    }
}

/// Five tasks: web and db run, halted is paused, 4 failed, 5 succeeded.
fn five_tasks() -> World {
    let w = World::new();
    for (name, command) in
        [("web", "sleep 1001"), ("db", "sleep 1002"), ("halted", "sleep 1003"), ("bad", "exit 3"), ("good", "true")]
    {
        w.begin(&["-n", name, command]);
    }
    w.ok(&["pause", "halted"]);
    w.aos(&["wait", "4", "5"]);
    w
}

fn end(w: &World) {
    w.aos(&["kill", "@running"]);
}

#[track_caller]
fn in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("no `{part}`, or not in this order:\n{text}"));
        rest = &rest[at + part.len()..];
    }
}

#[track_caller]
fn without(text: &str, parts: &[&str]) {
    parts.iter().for_each(|part| assert!(!text.contains(part), "`{part}` is offered:\n{text}"));
}

#[test]
fn verbs_are_listed_with_what_they_are_for() {
    let w = World::new();
    for shell in BOTH {
        let mut typist = Typist::at(&w, shell);
        let list = typist.lists("aos ", "Print the help of");
        in_order(&list, &["run", "Run a command as a task", "stop", "Stop every process of tasks", "help"]);
        without(&list, &["__complete"]);
        typist.becomes("aos resu", "aos resume ");
        typist.becomes("aos help lo", "aos help logs ");
        typist.ends();
    }
}

#[test]
fn tasks_that_fit_the_verb_are_listed_with_status_and_command() {
    let w = five_tasks();
    for shell in BOTH {
        let mut typist = Typist::at(&w, shell);
        let stop = typist.nearest_first("aos stop ", "@all");
        in_order(&stop, &["task-003", "paused", "sleep 1003", "task-002", "running", "sleep 1002", "task-001"]);
        in_order(&stop, &["halted", "task-001", "running", "web", "sleep 1001", "@running", "the living"]);
        assert_eq!(stop.matches("sleep 1001").count(), 1, "each task once:\n{stop}");
        without(&stop, &["task-004", "task-005", "@failed"]);
        without(&typist.lists("aos pause ", "@all"), &["task-003", "task-004"]);
        let rm = typist.nearest_first("aos rm ", "@all");
        in_order(&rm, &["task-005", "succeeded", "good", "true", "task-004", "failed", "bad", "exit 3", "@failed"]);
        without(&rm, &["task-001", "web"]);
        without(&typist.lists("aos restart ", "@all"), &["task-001"]);
        let logs = typist.nearest_first("aos logs ", "@all");
        in_order(&logs, &["task-003", "task-002", "task-001", "task-005", "task-004", "@last", "@all"]);
        typist.ends();
    }
    end(&w);
}

#[test]
fn a_task_is_completed_as_it_is_spelled() {
    let w = five_tasks();
    fs::File::create(w.join("some-file")).expect("a file");
    for shell in BOTH {
        let mut typist = Typist::at(&w, shell);
        for (typed, line) in [
            ("aos logs 4", "aos logs 4 "),
            ("aos logs 004", "aos logs 004 "),
            ("aos log task-004", "aos log task-004 "),
            ("aos stop we", "aos stop web "),
            ("aos stop web,d", "aos stop web,db "),
            ("aos restart we", "aos restart web "),
            ("aos stop @r", "aos stop @running "),
            ("aos stop 1,@r", "aos stop 1,@running "),
            ("aos signal HUP d", "aos signal HUP db "),
            ("aos stop web > some-f", "aos stop web > some-file "),
            ("aos stop --grace 5s -s INT ha", "aos stop --grace 5s -s INT halted "),
        ] {
            typist.becomes(typed, line);
        }
        // The only one that fits needs no list, and what the line has is not offered again.
        typist.becomes("aos resume ", "aos resume task-003 ");
        typist.becomes("aos stop 1 halted ", "aos stop 1 halted task-002 ");
        typist.ends();
    }
    end(&w);
}

#[test]
fn runs_are_listed_with_how_they_ended() {
    let w = five_tasks();
    w.ok(&["restart", "4"]);
    w.ended(4);
    for shell in BOTH {
        let mut typist = Typist::at(&w, shell);
        let list = typist.nearest_first("aos logs 4 --run ", "\n1 ");
        in_order(&list, &["2", "exit 3 after", "1", "exit 3 after"]);
        // In zsh # may mean something, so it is quoted.
        let quoted = if shell == Shell::Zsh { "4\\#" } else { "4#" };
        typist.becomes("aos logs 4#2", &format!("aos logs {quoted}2 "));
        typist.clear();
        typist.screen.keys(b"aos logs 4#\t\t");
        typist.screen.until("4#1 ");
        let rows = if shell == Shell::Bash { ["4#1", "4#2"] } else { ["4#2", "4#1"] };
        in_order(&typist.screen.text(), &[rows[0], "exit 3 after", rows[1], "exit 3 after"]);
        typist.ends();
    }
    end(&w);
}

#[test]
fn options_and_their_values_are_completed() {
    let w = World::new();
    fs::create_dir(w.join("some-dir")).expect("a directory");
    fs::File::create(w.join("some-file")).expect("a file");
    w.begin(&["-g", "used", "-n", "users", "sleep", "1000"]);
    let mut config = fs::File::create(w.home().join("config.toml")).expect("a file");
    config.write_all(b"[groups.build]\nslots = 2\n").expect("written");
    assert_eq!(w.ok(&["__complete", "group", ""]), "build\t2 slots\nused\t1 slot\n");
    for shell in BOTH {
        let mut typist = Typist::prepared(&w, shell, "export AOS_TEST_VARIABLE=1");
        for (typed, line) in [
            ("aos logs --inv", "aos logs --invert-match "),
            ("aos ls --her", "aos ls --here "),
            ("aos tasks --status=fa", "aos tasks --status=failed "),
            ("aos tasks --status tim", "aos tasks --status timed-out "),
            ("aos stop -s te", "aos stop -s term "),
            ("aos stop --signal=SIGHU", "aos stop --signal=SIGHUP "),
            ("aos signal WIN", "aos signal WINCH "),
            ("aos completions z", "aos completions zsh "),
            ("aos run -g bu", "aos run -g build "),
            ("aos run --group us", "aos run --group used "),
            ("aos run -b --after us", "aos run -b --after users "),
            ("aos run -e AOS_TEST_V", "aos run -e AOS_TEST_VARIABLE="),
            ("aos run --ready po", "aos run --ready port:"),
            ("aos run --ready=au", "aos run --ready=auto "),
            ("aos run --wait=re", "aos run --wait=ready "),
            ("aos wait --for inp", "aos wait --for input "),
            ("aos wait --for=id", "aos wait --for=idle:"),
        ] {
            typist.becomes(typed, line);
        }
        for option in ["-C ", "--cwd=", "-b -n web --env A=1 -C "] {
            typist.becomes(&format!("aos run {option}some-"), &format!("aos run {option}some-dir/"));
        }
        let last = if shell == Shell::Bash { "--help" } else { "--timeout" };
        let list = typist.lists("aos run --", last);
        in_order(&list, &["--background", "Return as soon as the command is executed"]);
        in_order(&list, &["--stop-signal", "Signal that stops the task"]);
        typist.ends();
    }
}

#[test]
fn the_inner_command_is_completed_as_if_typed_alone() {
    let w = World::new();
    fs::create_dir(w.join("bin")).expect("a directory");
    let program =
        fs::File::options().write(true).create(true).truncate(true).mode(0o755).open(w.join("bin/my-program"));
    program.expect("a program");
    fs::File::create(w.join("some-file")).expect("a file");
    for shell in BOTH {
        let own = match shell {
            Shell::Bash => ":",
            Shell::Zsh => "_my() { compadd own-word }; compdef _my my-program",
        };
        let mut typist = Typist::prepared(&w, shell, &format!("PATH=$PATH:$PWD/bin; {own}"));
        for options in ["", "-b ", "-bn web ", "-b -n web -e A=1 --timeout 5s ", "--name=web -- "] {
            typist.becomes(&format!("aos run {options}my-pro"), &format!("aos run {options}my-program "));
            typist.becomes(&format!("aos run {options}cat some-f"), &format!("aos run {options}cat some-file "));
            typist.becomes(&format!("aos run {options}cat -n some-f"), &format!("aos run {options}cat -n some-file "));
        }
        if shell == Shell::Zsh {
            typist.becomes("aos run -b my-program ow", "aos run -b my-program own-word ");
        }
        typist.ends();
    }
}

#[test]
fn bash_completion_is_told_where_the_inner_command_begins() {
    let w = World::new();
    let mut names = vec!["_comp_command_offset", "_command_offset"];
    while let Some(name) = names.pop() {
        let fixture = format!("{name}() {{ COMPREPLY=(\"${{COMP_WORDS[$1]}}-at-$1\"); }}");
        let mut typist = Typist::prepared(&w, Shell::Bash, &fixture);
        typist.becomes("aos run -b git chec", "aos run -b git git-at-3 ");
        typist.becomes("aos run -n web -e A=/b:c -- git ", "aos run -n web -e A=/b:c -- git git-at-11 ");
        typist.ends();
    }
}

#[test]
fn the_suffix_takes_the_options_of_run() {
    let w = World::new();
    fs::create_dir(w.join("some-dir")).expect("a directory");
    for shell in BOTH {
        let mut typist = Typist::at(&w, shell);
        typist.becomes("sleep 1 &aos --idle", &format!("sleep 1 &aos --idle-timeout{}", shell.before_value()));
        typist.becomes("sleep 1 &aos -C some-", "sleep 1 &aos -C some-dir/");
        // A name may follow the letter at once, so zsh adds no space.
        typist.becomes("sleep 1 &aos -n", if shell == Shell::Bash { "sleep 1 &aos -n " } else { "sleep 1 &aos -n" });
        typist.becomes("sleep 1 &aos -n web --onc", "sleep 1 &aos -n web --once ");
        typist.becomes("aos --vers", "aos --version ");
        typist.ends();
    }
}

#[test]
fn hostile_names_and_commands_do_not_reach_the_terminal() {
    let w = World::new();
    let command = "true \u{1b}]0;title\u{7}\u{1b}[2J\n\u{202e}x %F{red} $(touch ran) `touch ran`";
    w.begin(&["-n", "evil", "--", "true", command]);
    w.begin(&["-n", "other", "true"]);
    w.aos(&["wait", "1", "2"]);
    let spec = fs::read_to_string(w.task(1, "spec.json")).expect("text");
    let spec = spec.replace("\"evil\"", "\"a\\u001b[2J$(touch ran)\"");
    fs::File::create(w.task(1, "spec.json")).expect("the file").write_all(spec.as_bytes()).expect("written");
    let out = w.ok(&["__complete", "any", "--", ""]);
    assert!(!out.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{out:?}");
    for shell in BOTH {
        let mut typist = Typist::at(&w, shell);
        let list = typist.nearest_first("aos logs ", "@all");
        in_order(&list, &["task-002", "task-001", r"\x1b]0;title\x07\x1b[2J\n\xe2\x80\xaex", "%F{red}"]);
        typist.ends();
    }
    assert!(!w.join("ran").exists());
}

#[test]
fn without_aos_tab_is_silent() {
    let w = World::new();
    for shell in BOTH {
        let mut typist = Typist::prepared(&w, shell, "PATH=/usr/bin:/bin");
        for typed in ["aos st", "aos stop ", "aos run --ba"] {
            typist.becomes(typed, typed);
            assert_eq!(typist.screen.text().trim_end().lines().count(), 2, "{}", typist.screen.text());
        }
        typist.ends();
    }
}

#[test]
fn tab_holds_under_every_setting() {
    let w = five_tasks();
    let settings = [
        (Shell::Bash, "set -u; set -e; set -C; set -f"),
        (Shell::Bash, "set -u; set -o posix; IFS=:; shopt -s failglob nocasematch"),
        (Shell::Bash, "aos() { echo wrong; }; alias aos='aos --wrong'; COMP_WORDBREAKS=' '"),
        (Shell::Zsh, "setopt ksharrays nounset noclobber errexit shwordsplit extendedglob"),
        (Shell::Zsh, "setopt errreturn warncreateglobal nomatch ignorebraces; IFS=:"),
        (
            Shell::Zsh,
            "aos() { echo wrong; }; zstyle ':completion:*' format '%d:'; zstyle ':completion:*' group-name ''",
        ),
    ];
    for (shell, setting) in settings {
        let mut typist = Typist::prepared(&w, shell, setting);
        typist.becomes("aos sto", "aos stop ");
        typist.becomes("aos stop we", "aos stop web ");
        typist.becomes("aos stop @r", "aos stop @running ");
        typist.becomes("aos tasks --status=fa", "aos tasks --status=failed ");
        typist.becomes("aos resume ", "aos resume task-003 ");
        in_order(&typist.nearest_first("aos stop ", "@all"), &["task-003", "paused", "sleep 1003", "task-001"]);
        typist.ends();
    }
    end(&w);
}

#[test]
fn in_zsh_the_users_matchers_find_what_they_would() {
    let w = five_tasks();
    let mut typist = Typist::prepared(&w, Shell::Zsh, "zstyle ':completion:*' matcher-list '' 'm:{A-Z}={a-z}'");
    typist.becomes("aos stop WE", "aos stop web ");
    typist.ends();
    end(&w);
}

#[test]
fn zsh_takes_the_script_evaluated_as_well() {
    let w = World::new();
    let mut screen = Screen::open(&w, &["zsh", "-f", "-i"], 24, 100);
    let first = "eval \"$(aos completions zsh)\"; autoload -Uz compinit; compinit -u -D; ";
    screen.keys(format!("PS1='> '; {first}eval \"$(aos completions zsh)\"; clear\r").as_bytes());
    screen.keys(b"aos resu\tZ");
    screen.until("> aos resume Z");
    screen.end();
}

#[test]
fn asking_for_candidates_makes_no_home() {
    let w = World::new();
    for kind in ["any", "living", "run"] {
        assert_eq!(w.ok(&["__complete", kind, "--", ""]), "");
    }
    assert!(!w.home().exists());
    assert!(!w.ok(&["--help"]).contains("__complete"));
}

/// What fish would offer for a line: the words, and what stands beside them.
fn fish_offers(w: &World, line: &str) -> Vec<(String, String)> {
    let script = concat!("source ", env!("CARGO_MANIFEST_DIR"), "/completions/aos.fish");
    let asked = format!("{script}; complete -C '{line}'");
    let output = w.command("fish").args(["--no-config", "-c", &asked]).output().expect("fish runs");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let out = String::from_utf8(output.stdout).expect("text");
    let offer =
        |line: &str| line.split_once('\t').map_or_else(|| (line.into(), String::new()), |(a, b)| (a.into(), b.into()));
    out.lines().map(offer).collect()
}

#[test]
fn fish_offers_the_tasks_that_fit_a_verb() {
    let w = five_tasks();
    let words = |line: &str| fish_offers(&w, line).into_iter().map(|(word, _)| word).collect::<Vec<_>>();
    let stop = fish_offers(&w, "aos stop ");
    let of = |id: &str| stop.iter().find(|(word, _)| word == id).map(|(_, about)| about.as_str());
    assert_eq!(of("task-001"), Some("running  web     sleep 1001"), "{stop:?}");
    assert_eq!((of("task-003"), of("task-004")), (Some("paused   halted  sleep 1003"), None), "{stop:?}");
    assert!(of("@all").is_some() && of("some-file").is_none(), "{stop:?}");
    assert_eq!(words("aos stop we"), ["web"]);
    assert_eq!(words("aos log task-004"), ["task-004"]);
    assert_eq!(words("aos resume "), ["task-003"]);
    assert_eq!(words("aos stop web db "), ["task-003"], "what the line has is not offered again");
    assert_eq!(words("aos signal US"), ["USR1", "USR2"]);
    assert_eq!(words("aos signal USR1 d"), ["db"]);
    assert_eq!(words("aos run --after we"), ["web"]);
    assert!(words("aos st").contains(&"stop".to_owned()), "verbs as ever");
    w.ok(&["restart", "4"]);
    w.ended(4);
    assert_eq!(words("aos logs 4 --run "), ["2", "1"]);
    end(&w);
}

#[test]
fn tab_in_a_fish_at_a_terminal_completes_a_task() {
    let w = five_tasks();
    let load = concat!("source ", env!("CARGO_MANIFEST_DIR"), "/completions/aos.fish");
    let mut screen = Screen::open(&w, &["fish", "--no-config", "-i"], 30, 100);
    screen.keys(format!("function fish_prompt; echo '> '; end; {load}; clear; echo ready\r").as_bytes());
    screen.until("ready\n>");
    screen.keys(b"aos stop ha\tZ");
    screen.until("aos stop halted Z");
    screen.end();
    end(&w);
}
