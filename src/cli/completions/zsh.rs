//! Tab in zsh: tables from the command line, as `_arguments` and `_describe` read them, then
//! `hand.zsh`.

use super::grammar::{Flag, Grammar, Positional, Value};

const HEAD: &str = "\
#compdef aos
# Tab for aos in zsh; `aos completions zsh` prints it. The tables are made from the command line; what uses them is
# src/cli/completions/hand.zsh.
";
const HAND: &str = include_str!("hand.zsh");

/// The whole script.
pub fn script(verbs: &[Grammar]) -> String {
    [HEAD.to_owned(), table_of_verbs(verbs), names(verbs), specs(verbs), HAND.to_owned()].join("\n")
}

fn table_of_verbs(verbs: &[Grammar]) -> String {
    let line = |verb: &Grammar| format!("        {}\n", quoted(&format!("{}:{}", verb.name, verb.about)));
    let lines: String = verbs.iter().map(line).collect();
    format!("# Every verb, and what it is for.\n__aos_tab_verbs() {{\n    lines=(\n{lines}    )\n}}\n")
}

fn names(verbs: &[Grammar]) -> String {
    let case = |verb: &Grammar| {
        let words = [std::slice::from_ref(&verb.name), &verb.aliases].concat().join("|");
        format!("    ({words}) verb={} ;;\n", verb.name)
    };
    let cases: String = verbs.iter().map(case).collect();
    function("The verb that a word means.", "__aos_tab_verb", &format!("{cases}    (*) verb='' ;;\n"))
}

fn specs(verbs: &[Grammar]) -> String {
    let case = |verb: &Grammar| {
        let flags = verb.flags.iter().flat_map(flag_specs);
        let places = verb.places.iter().zip(1..).map(|(place, n)| place_spec(place, n));
        let lines: String = flags.chain(places).map(|spec| format!("            {}\n", quoted(&spec))).collect();
        format!("    ({})\n        specs=(\n{lines}        )\n        ;;\n", verb.name)
    };
    let cases: String = verbs.iter().map(case).collect();
    function("A verb's options and words.", "__aos_tab_specs", &format!("{cases}    (*) specs=() ;;\n"))
}

fn flag_specs(flag: &Flag) -> Vec<String> {
    let own = flag.spellings().filter(|_| !flag.is_repeated && flag.spellings().count() > 1);
    let excluded: Vec<&str> = match flag.is_alone {
        true => vec!["-", "*"],
        false => own.chain(flag.excludes.iter().map(String::as_str)).collect(),
    };
    let excluded = if excluded.is_empty() { String::new() } else { format!("({})", excluded.join(" ")) };
    let star = if flag.is_repeated { "*" } else { "" };
    let spec = |spelling: &str| {
        let joint = match (&flag.value, spelling.starts_with("--")) {
            (None, _) => "",
            (Some(_), true) if flag.is_joined => "=-",
            (Some(_), true) => "=",
            (Some(_), false) => "+",
        };
        let colons = if flag.is_joined { "::" } else { ":" };
        let value = flag.value.as_ref().map(|value| format!("{colons}{}", action(value))).unwrap_or_default();
        format!("{excluded}{star}{spelling}{joint}[{}]{value}", escaped(&flag.about))
    };
    flag.spellings().map(spec).collect()
}

fn place_spec(place: &Positional, n: usize) -> String {
    match (&place.value, place.is_repeated) {
        // From here on the line is another command's.
        (Value::Command, _) => "(-)*::: :->command".to_owned(),
        (value, true) => format!("*:{}", action(value)),
        (value, false) => format!("{n}:{}", action(value)),
    }
}

/// What is wanted, and how it is found.
fn action(value: &Value) -> String {
    match value {
        Value::Task(fit) => format!("task:__aos_tab_ask {fit}"),
        Value::Run => "run:__aos_tab_ask run".into(),
        Value::Signal => "signal:__aos_tab_ask signal".into(),
        Value::Group => "group:__aos_tab_ask group".into(),
        Value::Directory => "directory:_directories".into(),
        Value::Variable => "variable: __aos_tab_variable".into(),
        Value::Command => "command: ".into(),
        Value::Verb => "verb: __aos_tab_describe_verbs".into(),
        // Some are gone on with, and no blank may follow them.
        Value::OneOf(words) if words.iter().any(|word| word.ends_with([':', '/'])) => {
            format!("value: __aos_tab_among {}", escaped(&words.join(" ")))
        }
        Value::OneOf(words) => format!("value:({})", words.join(" ")),
        Value::Free(name) => format!("{}: ", escaped(name)),
    }
}

fn function(about: &str, name: &str, cases: &str) -> String {
    format!("# {about}\n{name}() {{\n    case $1 in\n{cases}    esac\n}}\n")
}

/// As `_arguments` wants a text within a spec.
fn escaped(text: &str) -> String {
    text.chars().flat_map(|c| r"\[]:".contains(c).then_some('\\').into_iter().chain([c])).collect()
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::{escaped, script};
    use crate::cli::completions::grammar::all;

    #[test]
    fn options_exclude_values_follow_and_words_are_asked_for() {
        let script = script(&all());
        for part in [
            "'run:Run a command as a task that survives this terminal'",
            "(tasks|ls|ps|list) verb=tasks ;;",
            "'(-n --name)-n+[Name the task; the default is made from its command]:NAME: '",
            "'*--env=[Set an environment variable]:variable: __aos_tab_variable'",
            "'(-s --signal --grace)--now[Send KILL at once]'",
            "'(- *)--help[Print help",
            "'1:signal:__aos_tab_ask signal'\n            '*:task:__aos_tab_ask begun'",
            "'(-)*::: :->command'",
        ] {
            assert!(script.contains(part), "no {part} in\n{script}");
        }
    }

    #[test]
    fn nothing_in_a_help_ends_its_spec() {
        assert_eq!(escaped(r"a: [b] \c"), r"a\: \[b\] \\c");
    }
}
