//! What a command is known to be: a test, a build; and which runner's output its log is.

use super::command_line::{launched, parts, words};
use crate::task::command::Command;

/// Runners of tests, and what only their output has in it.
const TEST_RUNNERS: [(&str, &[&str]); 10] = [
    ("pytest", &["test session starts =", " passed in ", " failed in ", "short test summary info"]),
    ("vitest", &[" Test Files  ", "RUN  v"]),
    ("jest", &["Test Suites: "]),
    ("mocha", &[" passing ("]),
    ("cargo test", &["test result: "]),
    ("nextest", &["Nextest run ID", "tests run: "]),
    ("go test", &["--- PASS: ", "--- FAIL: ", "ok  \t"]),
    ("unittest", &["Ran 1 test in ", " tests in "]),
    ("rspec", &[" examples, "]),
    ("phpunit", &["PHPUnit "]),
];

/// Programs whose work is a build, with the word that must follow, if one must.
const BUILDERS: [(&str, &[&str]); 22] = [
    ("make", &[]),
    ("gmake", &[]),
    ("ninja", &[]),
    ("cmake", &["--build"]),
    ("meson", &["compile"]),
    ("bazel", &["build"]),
    ("gcc", &[]),
    ("g++", &[]),
    ("cc", &[]),
    ("clang", &[]),
    ("clang++", &[]),
    ("rustc", &[]),
    ("tsc", &[]),
    ("javac", &[]),
    ("cargo", &["build", "check", "clippy", "b", "c"]),
    ("go", &["build", "install", "vet"]),
    ("mvn", &["compile", "package", "install"]),
    ("gradle", &["build", "assemble"]),
    ("vite", &["build"]),
    ("webpack", &[]),
    ("npm", &["build"]),
    ("docker", &["build"]),
];

/// The runners of tests that a command says to be.
pub fn of_command(command: &Command) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in parts(&command.to_string()) {
        let words = words(&part);
        let programs = words.first().cloned().into_iter().chain(launched(&words));
        let programs: Vec<String> =
            programs.map(|word| word.rsplit('/').next().unwrap_or_default().to_owned()).collect();
        for (runner, _) in TEST_RUNNERS {
            let is_two = runner.split_once(' ').is_some_and(|(program, verb)| {
                programs.iter().any(|found| found == program) && words.get(1).is_some_and(|word| word == verb)
            });
            if is_two || programs.iter().any(|program| program == runner) {
                found.push(runner.to_owned());
            }
        }
    }
    found
}

/// The runners whose output this is.
pub fn of_output(text: &str) -> Vec<String> {
    let says = |signs: &&[&str]| signs.iter().any(|sign| text.contains(sign));
    TEST_RUNNERS.iter().filter(|(_, signs)| says(signs)).map(|(name, _)| (*name).to_owned()).collect()
}

/// Whether a command is a build by what it executes.
pub fn is_build(command: &Command) -> bool {
    parts(&command.to_string()).iter().any(|part| {
        let words = words(part);
        let first = words.first().map(|word| word.rsplit('/').next().unwrap_or_default().to_owned());
        let mut programs = first.into_iter().chain(launched(&words));
        programs.any(|program| {
            BUILDERS.iter().any(|(builder, verbs)| {
                *builder == program && (verbs.is_empty() || words.iter().any(|word| verbs.contains(&word.as_str())))
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{is_build, of_command, of_output};
    use crate::task::command::Command;

    fn line(text: &str) -> Command {
        Command::Shell { shell: "/bin/sh".into(), line: text.into() }
    }

    #[test]
    fn commands_and_outputs_are_known() {
        assert_eq!(of_command(&line("uv run pytest -q")), ["pytest"]);
        assert_eq!(of_command(&line("cargo test")), ["cargo test"]);
        assert_eq!(of_output("Test Suites: 1 failed, 1 total\n"), ["jest"]);
        for (text, wanted) in
            [("make -j4", true), ("cargo test", false), ("cargo clippy", true), ("npm run build", true), ("ls", false)]
        {
            assert_eq!(is_build(&line(text)), wanted, "{text}");
        }
    }
}
