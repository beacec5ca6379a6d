//! A command line, taken apart: its commands, their words, and what a launcher launches.

/// What executes the program that follows.
const LAUNCHERS: [&str; 16] = [
    "npx", "bunx", "pnpx", "uvx", "pipx", "yarn", "pnpm", "uv", "poetry", "pipenv", "bundle", "env", "nice", "time",
    "timeout", "sudo",
];
/// What stands between a launcher and its program.
const LAUNCHERS_OWN: [&str; 5] = ["run", "exec", "dlx", "x", "--"];

/// The commands that a shell's line consists of, as far as its operators tell outside of quotes.
pub fn parts(line: &str) -> Vec<String> {
    let (mut parts, mut part, mut quote, mut is_escaped) = (Vec::new(), String::new(), None, false);
    for c in line.chars() {
        let is_operator = quote.is_none() && !is_escaped && ";&|\n()".contains(c);
        match quote {
            _ if is_escaped => {}
            Some(open) if c == open => quote = None,
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(_) | None => {}
        }
        is_escaped = c == '\\' && !is_escaped && quote != Some('\'');
        if is_operator {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(c);
        }
    }
    parts.push(part);
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

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
