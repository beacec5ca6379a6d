//! What Tab must know of the command line, read from clap's tree: verbs, their options, and what
//! stands where a value or a word is wanted. A value's name says what it is: `ID`, `SIGNAL`, `DIR`,
//! …

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, Command};

use super::super::{VERBS, VerbEntry};
use crate::task::task_filter::TaskFilter;
use crate::task::{condition, probe};

/// A verb.
pub struct Grammar {
    /// What is typed.
    pub name: String,
    /// What may be typed instead.
    pub aliases: Vec<String>,
    /// What it is for.
    pub about: String,
    /// Its options.
    pub flags: Vec<Flag>,
    /// Its words, in order.
    pub places: Vec<Positional>,
}

/// An option.
pub struct Flag {
    /// `-n`, if it has a letter.
    pub short: Option<String>,
    /// `--name`, if it has a word.
    pub long: Option<String>,
    /// What it is for.
    pub about: String,
    /// What follows it, if anything does.
    pub value: Option<Value>,
    /// Whether that must follow after `=`, as it may be left out.
    pub is_joined: bool,
    /// Whether it may be said again.
    pub is_repeated: bool,
    /// Whether nothing else is said beside it.
    pub is_alone: bool,
    /// The spellings of those that it excludes, and which exclude it.
    pub excludes: Vec<String>,
}

/// A word that is no option.
pub struct Positional {
    /// What it is.
    pub value: Value,
    /// Whether more of the same may follow.
    pub is_repeated: bool,
}

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A task, of those that fit.
    Task(TaskFilter),
    /// A run's number.
    Run,
    /// A signal.
    Signal,
    /// A group of tasks.
    Group,
    /// A directory.
    Directory,
    /// A variable and what it is set to.
    Variable,
    /// A command and its arguments: all that follows.
    Command,
    /// A verb.
    Verb,
    /// One of these.
    OneOf(Vec<String>),
    /// Nothing that could be offered.
    Free(String),
}

/// Every verb that people use.
pub fn all() -> Vec<Grammar> {
    let help = Grammar {
        name: "help".into(),
        aliases: Vec::new(),
        about: "Print the help of aos or of a verb".into(),
        flags: Vec::new(),
        places: vec![Positional { value: Value::Verb, is_repeated: false }],
    };
    VERBS.iter().filter(|entry| entry.is_public()).map(Grammar::of).chain([help]).collect()
}

impl Grammar {
    fn of(entry: &VerbEntry) -> Grammar {
        let mut command = (entry.command)();
        command.build();
        let shown = || command.get_arguments().filter(|arg| !arg.is_hide_set());
        let places = shown().filter(|arg| arg.is_positional());
        let is_repeated = |arg: &Arg| arg.get_num_args().is_some_and(|range| range.max_values() > 1);
        Grammar {
            name: entry.name.into(),
            aliases: entry.aliases.iter().map(|&alias| alias.to_owned()).collect(),
            about: command.get_about().map(ToString::to_string).unwrap_or_default(),
            flags: shown().filter(|arg| !arg.is_positional()).map(|arg| Flag::of(arg, &command, entry.fit)).collect(),
            places: places
                .map(|arg| Positional { value: value(arg, entry.fit), is_repeated: is_repeated(arg) })
                .collect(),
        }
    }
}

impl Flag {
    fn of(arg: &Arg, command: &Command, fit: TaskFilter) -> Flag {
        let excluded = |other: &&Arg| {
            let says =
                |one: &Arg, of: &Arg| command.get_arg_conflicts_with(one).iter().any(|c| c.get_id() == of.get_id());
            says(arg, other) || says(other, arg)
        };
        let takes_value = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
        Flag {
            short: short(arg),
            long: long(arg),
            about: arg.get_help().map(ToString::to_string).unwrap_or_default(),
            value: takes_value.then(|| value(arg, fit)),
            is_joined: arg.is_require_equals_set(),
            is_repeated: matches!(arg.get_action(), ArgAction::Append | ArgAction::Count),
            is_alone: matches!(arg.get_action(), ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong),
            excludes: command
                .get_arguments()
                .filter(excluded)
                .flat_map(|o| short(o).into_iter().chain(long(o)))
                .collect(),
        }
    }

    /// `-n` and `--name`, as far as there are.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        self.short.as_deref().into_iter().chain(self.long.as_deref())
    }
}

fn short(arg: &Arg) -> Option<String> {
    arg.get_short().map(|letter| format!("-{letter}"))
}

fn long(arg: &Arg) -> Option<String> {
    arg.get_long().map(|word| format!("--{word}"))
}

fn value(arg: &Arg, fit: TaskFilter) -> Value {
    let words: Vec<PossibleValue> = arg.get_possible_values();
    if !words.is_empty() {
        return Value::OneOf(words.iter().map(|word| word.get_name().to_owned()).collect());
    }
    let name = arg.get_value_names().and_then(|names| names.first()).map_or("VALUE", |name| name.as_str());
    match name {
        "ID" => Value::Task(fit),
        "ID[:WHEN]" => Value::Task(TaskFilter::Living),
        "RUN" => Value::Run,
        "SIGNAL" => Value::Signal,
        "GROUP" => Value::Group,
        "DIR" => Value::Directory,
        "NAME=VALUE" => Value::Variable,
        "COMMAND" => Value::Command,
        "READY" => Value::OneOf(probe::WORDS.map(str::to_owned).to_vec()),
        "CONDITION" => Value::OneOf(condition::WORDS.map(str::to_owned).to_vec()),
        other => Value::Free(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, all};
    use crate::task::task_filter::TaskFilter;

    fn value(verb: &str, spelling: &str) -> Option<Value> {
        let all = all();
        let verb = all.iter().find(|g| g.name == verb).expect("the verb");
        verb.flags.iter().find(|f| f.spellings().any(|s| s == spelling)).expect("the option").value.clone()
    }

    #[test]
    fn every_public_verb_is_there_and_no_other() {
        let names: Vec<String> = all().into_iter().map(|g| g.name).collect();
        assert!(names.iter().any(|n| n == "run") && names.iter().any(|n| n == "help"));
        assert!(!names.iter().any(|n| n.starts_with("__")), "{names:?}");
    }

    #[test]
    fn values_are_known_by_their_names() {
        assert_eq!(value("run", "-C"), Some(Value::Directory));
        assert_eq!(value("run", "--env"), Some(Value::Variable));
        assert_eq!(value("run", "--stop-signal"), Some(Value::Signal));
        assert_eq!(value("run", "-b"), None);
        assert_eq!(value("logs", "--run"), Some(Value::Run));
        assert!(matches!(value("tasks", "--status"), Some(Value::OneOf(words)) if words.contains(&"timed-out".into())));
    }

    #[test]
    fn a_verb_says_which_tasks_fit() {
        let takes =
            |verb: &str| all().into_iter().find(|g| g.name == verb).expect("it").places.pop().expect("it").value;
        assert_eq!(takes("stop"), Value::Task(TaskFilter::Living));
        assert_eq!(takes("signal"), Value::Task(TaskFilter::Begun));
        assert_eq!(takes("logs"), Value::Task(TaskFilter::Any));
        assert_eq!(takes("rm"), Value::Task(TaskFilter::Over));
    }

    #[test]
    fn what_excludes_is_excluded() {
        let all = all();
        let stop = all.iter().find(|g| g.name == "stop").expect("stop");
        let excludes =
            |long: &str| stop.flags.iter().find(|f| f.long.as_deref() == Some(long)).expect("it").excludes.join(" ");
        assert_eq!(excludes("--now"), "-s --signal --grace");
        assert_eq!(excludes("--signal"), "--now");
    }
}
