//! What a command is known to be: a test, a build; and which runner's output its log is.

use super::matcher::parts;
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

/// What executes the program that follows.
const LAUNCHERS: [&str; 16] = [
    "npx", "bunx", "pnpx", "uvx", "pipx", "yarn", "pnpm", "uv", "poetry", "pipenv", "bundle", "env", "nice", "time",
    "timeout", "sudo",
];
/// What stands between a launcher and its program.
const LAUNCHERS_OWN: [&str; 5] = ["run", "exec", "dlx", "x", "--"];

/// The words of a simple command, without the variables that are set for it.
pub fn words(part: &str) -> Vec<String> {
    let words = shell_words::split(part).unwrap_or_else(|_| part.split_whitespace().map(str::to_owned).collect());
    let is_variable = |word: &String| {
        word.split_once('=')
            .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
    };
    words.into_iter().skip_while(is_variable).collect()
}

/// What a launcher launches: `jest` of `npx jest`, `pytest` of `python -m pytest`.
pub fn launched(words: &[String]) -> impl Iterator<Item = String> {
    let mut found = Vec::new();
    let base = |word: &String| word.rsplit('/').next().unwrap_or_default().to_owned();
    if let Some(first) = words.first().map(base) {
        let mut rest = words[1..].iter();
        if first.starts_with("python") {
            found.extend(words.windows(2).find(|two| two[0] == "-m").map(|two| two[1].clone()));
        } else if LAUNCHERS.contains(&first.as_str()) {
            let is_program = |word: &&String| {
                let is_number = word.chars().next().is_some_and(|c| c.is_ascii_digit());
                !word.starts_with('-') && !LAUNCHERS_OWN.contains(&word.as_str()) && !word.contains('=') && !is_number
            };
            found.extend(rest.find(is_program).cloned());
        }
    }
    found.into_iter()
}

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
