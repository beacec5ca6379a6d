//! What bash keeps of commands over several lines: to the byte what it keeps without aos.

use std::fs;

use crate::shell::{Kind, Shell};
use crate::world::World;

/// Commands of every form that goes on over lines, and `&aos` where it is text.
const FORMS: [&str; 37] = [
    "echo \"first\nsecond\"",
    "echo 'a\n\n  # c\nb'",
    "echo $'x\\ty\nz'",
    "echo $\"a\nb\"",
    "echo -c 'import sys\nif 1:\n  print(1)'",
    "echo -m 'Title\n\nBody'",
    "echo '{ n++ }\n# comment\nEND { print n }'",
    "cat <<X\nhi $HOME\n\n# no\nX",
    "cat <<'X Y'\nhi \"\nX Y",
    "cat <<A <<B\na\nA\nb\nB",
    "cat <<<'a\nb'",
    "echo a \\\n  b \\\n  c",
    "echo 'a \\\nb'",
    "echo a # c\n",
    "for i in 1 2 # c\ndo\n# note\necho $i\ndone",
    "while false; do\nx='1\n2'\ncat <<E\n'\nE\ndone",
    "until true\ndo :\ndone",
    "f() {\necho x\n}",
    "function g\n{\necho 'y\nz'; }",
    "if true\nthen echo y; fi",
    "case x in\nx) echo z ;;\nesac",
    "[[ a == a &&\n b == b ]]",
    "a=(1\n2 # c\n3)",
    "a+=('x\ny')",
    "((x = 1 +\n2))",
    "echo $((1 +\n2))",
    "echo $(echo a\necho 'b\nc')",
    "echo `echo a\necho b`",
    "echo a |\ncat",
    "true &&\necho b",
    "{ echo a\necho b; }",
    "(echo a\necho b)",
    "echo ${x:-a\nb}",
    "echo 'x &aos\ny'",
    "echo \"x\ny &aos\"",
    "cat <<X\na &aos -n q\nX",
    "echo c # &aos",
];

/// How lines come to the shell.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Typed,
    Pasted,
}

/// What the history keeps of all forms under these settings, and of these keys after them.
fn kept(w: &World, rc: &str, way: Way, keys: &[&str]) -> String {
    let paste = if way == Way::Pasted { "on" } else { "off" };
    let mut shell = Kind::Bash.open_sized(w, &format!("bind 'set enable-bracketed-paste {paste}'\n{rc}"), 800, 100);
    for (number, form) in FORMS.iter().enumerate() {
        shell.type_on(&format!("echo form {number}\r"));
        give(&mut shell, form, way);
    }
    keys.iter().for_each(|keys| shell.type_on(keys));
    shell.type_on("history -w kept\r");
    shell.end();
    let kept = fs::read_to_string(w.join("kept")).expect("a history");
    fs::remove_file(w.join("kept")).expect("read once");
    kept
}

fn give(shell: &mut Shell, form: &str, way: Way) {
    match way {
        Way::Typed => form.split('\n').for_each(|line| shell.type_on(&format!("{line}\r"))),
        Way::Pasted => shell.type_on(&format!("\x1b[200~{form}\x1b[201~\r")),
    }
}

fn assert_same(settings: &str, ways: &[Way], keys: &[&str]) {
    let w = World::new();
    for way in ways {
        let without = kept(&w, settings, *way, keys);
        let with = kept(&w, &format!("{settings}\n{}", Kind::Bash.source()), *way, keys);
        assert!(without.contains("form 36"), "{settings} {way:?}:\n{without}");
        let differing = without.lines().zip(with.lines()).find(|(a, b)| a != b);
        assert_eq!(differing, None, "{settings} {way:?}");
        assert_eq!(without, with, "{settings} {way:?}");
    }
}

const BOTH_WAYS: [Way; 2] = [Way::Typed, Way::Pasted];

#[test]
fn bash_keeps_commands_of_several_lines_as_without_aos() {
    assert_same("", &BOTH_WAYS, &[]);
}

#[test]
fn bash_keeps_them_so_without_cmdhist() {
    assert_same("shopt -u cmdhist", &BOTH_WAYS, &[]);
}

#[test]
fn bash_keeps_them_so_with_lithist() {
    assert_same("shopt -s lithist", &BOTH_WAYS, &[]);
}

#[test]
fn bash_keeps_them_so_with_lithist_and_without_cmdhist() {
    assert_same("shopt -u cmdhist; shopt -s lithist", &BOTH_WAYS, &[]);
}

#[test]
fn bash_keeps_them_so_in_vi_mode() {
    assert_same("set -o vi", &[Way::Typed], &[]);
}

/// Nothing of aos runs before a prompt there.
#[test]
fn bash_keeps_them_so_where_the_prompt_command_is_readonly() {
    assert_same("readonly PROMPT_COMMAND=:", &[Way::Typed], &[]);
}

/// Not only Enter accepts a line.
#[test]
fn bash_keeps_them_so_whatever_key_accepts_the_first_line() {
    let keys = ["echo 'by o\x0f", "end'\r", "echo 'by keypad\x1bOM", "\r", "end'\r"];
    assert_same(r#"bind '"\eOM": accept-line'"#, &[Way::Typed], &keys);
}

/// The keys of a user who has them do something else.
#[test]
fn keys_of_the_users_own_stay_his() {
    let w = World::new();
    let rc =
        format!("bind '\"\\C-o\": \"echo mine\\C-m\"'\n{}\nbind '\"\\C-j\": \"echo later\\C-m\"'", Kind::Bash.source());
    let mut shell = Kind::Bash.open(&w, &rc);
    shell.type_on("echo first\r");
    shell.type_on("\x0f");
    shell.until("\nmine\n");
    shell.type_on("\n");
    shell.until("\nlater\n");
    shell.type_on("echo 'a\r");
    shell.type_on("b'; bind -s | grep -c 'C-^.*later'\r");
    shell.until("a\nb\n0\n");
    shell.end();
}
