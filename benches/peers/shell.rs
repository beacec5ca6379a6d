//! What the integration costs in a shell: at its start, at each prompt, at each Enter, for `&aos`,
//! for Tab. Each round is a fresh interactive shell that measures itself by its own clock.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::launch::fill;
use crate::place::{Place, time};
use crate::table::{contender, measure};

const ROUNDS: usize = 15;

/// A shell that is measured.
#[derive(Clone, Copy)]
struct Shell {
    program: &'static str,
    words: &'static [&'static str],
    script: &'static str,
    /// Before everything: a clock, and a function that says how many microseconds a repetition
    /// takes.
    clock: &'static str,
}

const BASH: Shell = Shell {
    program: "bash",
    words: &["--norc", "--noprofile", "-i", "-c"],
    script: "aos.bash",
    clock: r#"took() { local n=$1 i s e; shift; s=$EPOCHREALTIME; for ((i = 0; i < n; i++)); do "$@"; done >/dev/null; e=$EPOCHREALTIME
        printf '%s %s\n' $((${e/[.,]/} - ${s/[.,]/})) "$n" >"$OUT"; }"#,
};

const ZSH: Shell = Shell {
    program: "zsh",
    words: &["-f", "-i", "-c"],
    script: "aos.zsh",
    clock: r#"zmodload zsh/datetime; took() { local n=$1 i s e; shift; s=$EPOCHREALTIME; for ((i = 0; i < n; i++)); do "$@"; done >/dev/null; e=$EPOCHREALTIME
        printf '%d %d\n' $(( (e - s) * 1000000 )) $n >"$OUT" }"#,
};

impl Shell {
    /// What this line of shell measures. *Units*: milliseconds.
    fn run(self, place: &Place, home: &str, line: &str) -> f64 {
        let out = place.path("took");
        let mut command: Command = place.command(self.program, self.words);
        let bin = Path::new(env!("CARGO_BIN_EXE_aos")).parent().expect("a directory");
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
        command.arg(format!("{}\n{line}", self.clock)).env("OUT", &out).env("PATH", path);
        command.env("AOS_HOME", place.path(home)).env("SCRIPT", self.script()).stderr(Stdio::null());
        let status = command.status().expect("a shell");
        let said = fs::read_to_string(&out).unwrap_or_else(|e| panic!("{} {line}: {status}: {e}", self.program));
        fs::remove_file(&out).expect("read once");
        let mut numbers = said.split_whitespace().map(|n| n.parse::<f64>().expect("a number"));
        let (micros, repetitions) = (numbers.next().expect("a time"), numbers.next().expect("a count"));
        micros / repetitions / 1000.0
    }

    fn script(self) -> String {
        format!("{}/shell/{}", env!("CARGO_MANIFEST_DIR"), self.script)
    }
}

/// All of it.
pub fn all(place: &Place) {
    time(&mut place.aos("shells", &["prompt"]));
    for _ in 0..3 {
        time(&mut place.aos("shells", &["run", "-b", "--", "sleep", "100000"]));
    }
    let _ = place.aos("shells", &["run", "-b", "--", "false"]).status();
    time(&mut place.aos("none", &["prompt"]));
    fill(place, "many", 1000);
    for _ in 0..300 {
        time(&mut place.aos("crowd", &["run", "-b", "--", "sleep", "100000"]));
    }
    for shell in [BASH, ZSH] {
        start(place, shell);
        prompt(place, shell);
        suffix(place, shell);
    }
    tab(place);
    time(&mut place.aos("shells", &["kill", "@running"]));
    time(&mut place.aos("crowd", &["kill", "@running"]));
}

fn start(place: &Place, shell: Shell) {
    let row = |line: &'static str| move || shell.run(place, "shells", line);
    measure(
        &format!("{}: sourcing the script once", shell.program),
        "ms",
        ROUNDS,
        vec![
            contender("sourcing an empty file", row("take() { source /dev/null; }; took 1 take")),
            contender("sourcing aos", row("take() { source $SCRIPT; }; took 1 take")),
        ],
    );
}

fn prompt(place: &Place, shell: Shell) {
    let row = |home: &'static str, line: &'static str| move || shell.run(place, home, line);
    let mut rows = vec![
        contender("reading a line of a file", row("shells", "f() { read -r x </proc/$$/comm; }; took 1000 f")),
        contender("before a prompt, no tasks", row("none", "source $SCRIPT; took 1000 __aos_precmd")),
        contender("before a prompt, 3 run, 1 failed", row("shells", "source $SCRIPT; took 1000 __aos_precmd")),
        contender("before a prompt, 300 run", row("crowd", "source $SCRIPT; __aos_precmd; took 1000 __aos_precmd")),
        contender("a fork, as $(...) makes it", row("shells", "f() { x=$(:); }; took 100 f")),
    ];
    rows.push(match shell.program {
        "bash" => contender(
            "Enter without &aos",
            row("shells", "source $SCRIPT; READLINE_LINE='npm run dev'; took 1000 __aos_enter '' x"),
        ),
        _ => contender(
            "Enter without &aos",
            row("shells", "source $SCRIPT; took 1000 __aos_preexec 'npm run dev' x 'npm run dev'"),
        ),
    });
    measure(&format!("{}: a prompt, and Enter", shell.program), "ms", ROUNDS, rows);
}

/// `f &aos` under as many functions as a large oh-my-zsh has.
fn suffix(place: &Place, shell: Shell) {
    let functions = place.path("functions");
    let mut file = fs::File::create(&functions).expect("a file");
    for i in 0..1600 {
        writeln!(
            file,
            "big_{i}() {{ local a=$1 b; if [ -n \"$a\" ]; then b=$(echo \"$a\" | tr a-z A-Z); fi; echo $b; }}"
        )
        .expect("written");
    }
    let submit = match shell.program {
        "bash" => {
            ("__aos_line='sleep 0 &aos'; took 1 aos run -b -- 'sleep 0'", "__aos_line='f &aos'; took 1 aos run -b -- f")
        }
        _ => ("__aos_load; __aos_taken='sleep 0'; took 1 aos", "__aos_load; __aos_taken=f; took 1 aos"),
    };
    let plain = format!("source $SCRIPT; {}", submit.0);
    let stateful = format!("source {functions}; f() {{ :; }}; source $SCRIPT; {}", submit.1);
    measure(
        &format!("{}: the first &aos until the prompt may come back", shell.program),
        "ms",
        ROUNDS,
        vec![
            contender("aos run -b sleep 0", || shell.run(place, "shells", "took 1 command aos run -b sleep 0")),
            contender("a plain command &aos", || shell.run(place, "shells", &plain)),
            contender("a function &aos, with 1,600 others", || shell.run(place, "shells", &stateful)),
        ],
    );
}

/// Tab in bash; zsh's has no clock that could be asked from outside its editor.
fn tab(place: &Place) {
    let line = |words: &'static str| {
        let count = words.split_whitespace().count();
        format!(
            "source {}/completions/aos.bash; COMP_WORDS=({words} ''); COMP_CWORD={count}; COMP_LINE='{words} '; \
             COMP_POINT=${{#COMP_LINE}}; COMP_TYPE=9; took 1 _aos aos '' x",
            env!("CARGO_MANIFEST_DIR")
        )
    };
    let (stop, logs) = (line("aos stop"), line("aos logs"));
    measure(
        "bash: Tab with 1,000 finished tasks",
        "ms",
        ROUNDS,
        vec![
            contender("aos --version", || BASH.run(place, "many", "took 1 command aos --version")),
            contender("aos stop <Tab>", || BASH.run(place, "many", &stop)),
            contender("aos logs <Tab>", || BASH.run(place, "many", &logs)),
        ],
    );
}
