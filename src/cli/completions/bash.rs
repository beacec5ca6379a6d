//! Tab in bash: tables from the command line, then `hand.bash`.

use super::grammar::{Flag, Grammar, Positional, Value};

const HEAD: &str = "\
# shellcheck shell=bash
# Tab for aos in bash 4.3 and later; `aos completions bash` prints it. The tables are made from the command line;
# what uses them is src/cli/completions/hand.bash.
";
const HAND: &str = include_str!("hand.bash");

/// The whole script.
pub fn script(verbs: &[Grammar]) -> String {
    [HEAD.to_owned(), table_of_verbs(verbs), names(verbs), options(verbs), values(verbs), HAND.to_owned()].join("\n")
}

fn table_of_verbs(verbs: &[Grammar]) -> String {
    let lines: String = verbs.iter().map(|verb| line("        ", &verb.name, &verb.about)).collect();
    format!("# Every verb, and what it is for.\n__aos_tab_verbs() {{\n    lines=(\n{lines}    )\n}}\n")
}

fn names(verbs: &[Grammar]) -> String {
    let case = |verb: &Grammar| {
        let words = [std::slice::from_ref(&verb.name), &verb.aliases].concat().join(" | ");
        format!("    {words}) verb='{}' ;;\n", verb.name)
    };
    let cases: String = verbs.iter().map(case).collect();
    function("The verb that a word means.", "__aos_tab_verb", &format!("{cases}    *) verb='' ;;\n"))
}

fn options(verbs: &[Grammar]) -> String {
    let case = |verb: &Grammar| {
        let flags = verb.flags.iter().flat_map(|flag| flag.spellings().map(|spelling| (spelling, &flag.about)));
        let lines: String = flags.map(|(spelling, about)| line("            ", spelling, about)).collect();
        format!("    {})\n        lines=(\n{lines}        )\n        ;;\n", verb.name)
    };
    let cases: String = verbs.iter().filter(|verb| !verb.flags.is_empty()).map(case).collect();
    function("A verb's options, and what they are for.", "__aos_tab_options", &format!("{cases}    *) lines=() ;;\n"))
}

fn values(verbs: &[Grammar]) -> String {
    let cases: String = verbs
        .iter()
        .flat_map(|verb| {
            let flags = verb.flags.iter().filter_map(|flag| flag_case(&verb.name, flag));
            let places = verb.places.iter().zip(1..).map(|(place, n)| place_case(&verb.name, place, n));
            flags.chain(places).collect::<Vec<_>>()
        })
        .collect();
    let about = "What is wanted after an option (`run -C`), or as a verb's nth word (`stop 1`).";
    function(about, "__aos_tab_value", &format!("{cases}    *) wanted='' ;;\n"))
}

fn flag_case(verb: &str, flag: &Flag) -> Option<String> {
    let joint = if flag.is_joined { "=" } else { "" };
    let patterns: Vec<String> = flag.spellings().map(|spelling| format!("'{verb} {spelling}{joint}'")).collect();
    Some(format!("    {}) wanted='{}' ;;\n", patterns.join(" | "), word(flag.value.as_ref()?)))
}

fn place_case(verb: &str, place: &Positional, n: usize) -> String {
    let pattern = if place.is_repeated { format!("'{verb} '[1-9]*") } else { format!("'{verb} {n}'") };
    format!("    {pattern}) wanted='{}' ;;\n", word(&place.value))
}

/// What `__aos_tab_offer` acts on.
fn word(value: &Value) -> String {
    match value {
        Value::Task(fit) => format!("ask {fit}"),
        Value::Run => "ask run".into(),
        Value::Signal => "ask signal".into(),
        Value::Group => "ask group".into(),
        Value::Directory => "directory".into(),
        Value::Variable => "variable".into(),
        Value::Command => "command".into(),
        Value::Verb => "verb".into(),
        Value::OneOf(words) => format!("among {}", words.join(" ")),
        Value::Free(_) => "free".into(),
    }
}

fn function(about: &str, name: &str, cases: &str) -> String {
    format!("# {about}\n{name}() {{\n    case $1 in\n{cases}    esac\n}}\n")
}

fn line(indent: &str, word: &str, about: &str) -> String {
    let about = about.replace('\\', r"\\").replace('\'', r"\'");
    format!("{indent}$'{word}\\t{about}'\n")
}

#[cfg(test)]
mod tests {
    use super::{line, script};
    use crate::cli::completions::grammar::all;

    #[test]
    fn options_values_and_words_have_their_cases() {
        let script = script(&all());
        for part in [
            "    tasks | ls | ps | list) verb='tasks' ;;\n",
            "    'run -C' | 'run --cwd') wanted='directory' ;;\n",
            "    'stop -s' | 'stop --signal') wanted='ask signal' ;;\n",
            "    'signal 1') wanted='ask signal' ;;\n    'signal '[1-9]*) wanted='ask begun' ;;\n",
            "    'run '[1-9]*) wanted='command' ;;\n",
        ] {
            assert!(script.contains(part), "no {part} in\n{script}");
        }
        assert!(!script.contains("__complete)"), "the hidden verb is no verb");
    }

    #[test]
    fn quotes_in_a_help_stay_within_it() {
        assert_eq!(line("", "-x", r"it's a \ `thing`"), "$'-x\\tit\\'s a \\\\ `thing`'\n");
    }
}
