//! What the shell at hand says of itself, judged. Pure.

use super::check::Check;
use super::check::CheckStatus::{Bad, Ok as Good, Unknown, Warn};
use super::facts::{Completion, DebugTrap, Enter, Facts, PromptHook, PromptSegment, YesNo};
use crate::shell::Shell;

/// What works in any shell.
const INSTEAD: &str = "aos run -b COMMAND does the same";

/// A check of each fact. `places` says where lines that load the integration were found, and
/// aliases.
pub fn checks(facts: &Facts, loaded_by: &str, aliased_by: &str) -> Vec<Check> {
    let mut checks = vec![
        shell(facts),
        script(facts),
        sourced(facts, loaded_by),
        alias(facts, aliased_by),
        enter(facts),
        prompt(facts),
        segment(facts),
        completion(facts),
    ];
    if facts.shell != Some(Shell::Bash) || facts.debug_trap.is_some() {
        checks.push(debug_trap(facts));
    }
    if facts.shell != Some(Shell::Bash) {
        checks.push(live(facts));
    }
    if facts.shell != Some(Shell::Zsh) {
        checks.push(blesh(facts));
    }
    checks
}

fn unknown(name: &'static str, what: &str) -> Check {
    Check::new(name, Unknown, format!("not known: {what}"))
        .hint("the script that is loaded does not tell: aos init --install renews it")
}

fn shell(facts: &Facts) -> Check {
    match (facts.shell, &facts.version) {
        (Some(shell), Some(version)) => {
            Check::new("shell", Good, format!("the integration is loaded in this {shell} {version}"))
        }
        (Some(shell), None) => unknown("shell", &format!("which version of {shell} this is")),
        (None, _) => unknown("shell", "which shell this is"),
    }
}

fn script(facts: &Facts) -> Check {
    let own = env!("CARGO_PKG_VERSION");
    match facts.script.as_deref() {
        Some(script) if script == own => Check::new("script", Good, format!("its script is of this aos, {own}")),
        Some(script) => Check::new("script", Warn, format!("its script is of aos {script}, and this aos is {own}"))
            .hint("aos init --install renews it; then open a new shell"),
        None => unknown("script", "of which aos its script is"),
    }
}

fn sourced(facts: &Facts, loaded_by: &str) -> Check {
    match facts.sourced {
        Some(0 | 1) => Check::new("sourced", Good, "it was loaded once"),
        Some(times) => Check::new("sourced", Warn, format!("it was loaded {times} times, which does no harm"))
            .hint(format!("one line is enough; {loaded_by}")),
        None => unknown("sourced", "how often it was loaded"),
    }
}

fn alias(facts: &Facts, aliased_by: &str) -> Check {
    match &facts.alias {
        None => Check::new("alias", Good, "no alias hides aos"),
        Some(alias) => Check::new("alias", Bad, format!("an alias hides aos: {alias}"))
            .hint(format!("unalias aos, and take out the line that makes it: {aliased_by}")),
    }
}

fn enter(facts: &Facts) -> Check {
    let check = |state, message| Check::new("enter", state, message);
    let is_zsh = facts.shell == Some(Shell::Zsh);
    match facts.enter {
        Some(Enter::Ours) => check(Good, "`cmd &aos` begins a task"),
        Some(Enter::Other) if is_zsh => check(Bad, "`cmd &aos` does nothing: the hook before a command is gone")
            .hint("something resets preexec_functions: let the line that loads aos be the last in .zshrc"),
        Some(Enter::Other) => check(Bad, "`cmd &aos` does nothing: Enter is bound to something else")
            .hint("let the line that loads aos be the last in .bashrc"),
        Some(Enter::Unsupported) => {
            let least = if is_zsh { "zsh is older than 5.8" } else { "bash is older than 4.4" };
            check(Warn, &format!("`cmd &aos` cannot work here: this {least}")).hint(INSTEAD)
        }
        Some(Enter::Off) => check(Warn, "`cmd &aos` is switched off in this shell").hint(INSTEAD),
        None => unknown("enter", "whether `cmd &aos` works"),
    }
}

fn prompt(facts: &Facts) -> Check {
    let (variable, file) = match facts.shell {
        Some(Shell::Zsh) => ("precmd_functions", ".zshrc"),
        Some(Shell::Bash) | None => ("PROMPT_COMMAND", ".bashrc"),
    };
    match facts.prompt {
        Some(PromptHook::Ours) => Check::new("prompt", Good, "ends of tasks are told before the next prompt"),
        Some(PromptHook::Missing) => {
            Check::new("prompt", Bad, "ends of tasks are not told: the hook before the prompt is gone")
                .hint(format!("something resets {variable}: let the line that loads aos be the last in {file}"))
        }
        None => unknown("prompt", "whether ends of tasks are told"),
    }
}

fn segment(facts: &Facts) -> Check {
    let recipe = match facts.shell {
        Some(Shell::Zsh) => "in .zshrc: setopt prompt_subst; PROMPT='${AOS_PROMPT-}'$PROMPT",
        Some(Shell::Bash) | None => "in .bashrc: PS1='${AOS_PROMPT-}'$PS1",
    };
    match facts.segment {
        Some(PromptSegment::Shown) => Check::new("segment", Good, "the prompt shows tasks"),
        Some(PromptSegment::Absent) => Check::new("segment", Warn, "the prompt does not show tasks").hint(recipe),
        None => unknown("segment", "whether the prompt shows tasks"),
    }
}

fn completion(facts: &Facts) -> Check {
    let check = |state, message| Check::new("completion", state, message);
    match (facts.completion, facts.shell) {
        (Some(Completion::Ours), _) => check(Good, "Tab completes aos"),
        (Some(Completion::Other), _) => check(Warn, "Tab completes aos by something that is not of aos")
            .hint("let the line that loads aos come after what sets up completion"),
        (Some(Completion::None), Some(Shell::Zsh)) => {
            check(Warn, "Tab does not complete aos").hint("let the line that loads aos come after compinit in .zshrc")
        }
        (Some(Completion::None), _) => {
            check(Warn, "Tab does not complete aos").hint("let the line that loads aos be the last in .bashrc")
        }
        (None, _) => unknown("completion", "whether Tab completes aos"),
    }
}

fn debug_trap(facts: &Facts) -> Check {
    match (facts.debug_trap, facts.shell) {
        (Some(DebugTrap::None), _) => Check::new("debug-trap", Good, "no DEBUG trap is in the way"),
        (Some(DebugTrap::Other), Some(Shell::Bash)) => {
            Check::new("debug-trap", Good, "there is a DEBUG trap, and aos gets along with it")
        }
        (Some(DebugTrap::Other), _) => {
            Check::new("debug-trap", Warn, "there is a DEBUG trap, and `cmd &aos` stands aside for it")
                .hint(format!("trap - DEBUG removes it; with it, {INSTEAD}"))
        }
        (None, _) => unknown("debug-trap", "whether there is a DEBUG trap"),
    }
}

fn live(facts: &Facts) -> Check {
    match facts.live {
        Some(YesNo::Yes) => Check::new("live", Good, "the prompt changes as tasks do"),
        Some(YesNo::No) => Check::new("live", Good, "the prompt shows changes when it is next drawn"),
        None => unknown("live", "whether the prompt changes by itself"),
    }
}

fn blesh(facts: &Facts) -> Check {
    match facts.blesh {
        Some(YesNo::No) => Check::new("blesh", Good, "bash reads the keys itself"),
        Some(YesNo::Yes) => Check::new("blesh", Warn, "ble.sh reads the keys in bash's place")
            .hint(format!("load aos after ble.sh; where `cmd &aos` is not taken, {INSTEAD}")),
        None => unknown("blesh", "whether ble.sh reads the keys"),
    }
}

#[cfg(test)]
mod tests {
    use super::checks;
    use crate::doctor::check::CheckStatus;
    use crate::doctor::facts::Facts;

    fn states(text: &str) -> Vec<(&'static str, CheckStatus)> {
        checks(&Facts::parse(text), "", "").into_iter().map(|check| (check.name, check.state)).collect()
    }

    #[test]
    fn what_was_not_said_is_not_known() {
        let unknown = states("").into_iter().filter(|(name, _)| *name != "alias");
        assert!(unknown.map(|(_, state)| state).all(|state| state == CheckStatus::Unknown));
    }

    #[test]
    fn each_shell_is_asked_for_its_own() {
        let names = |text| states(text).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let (bash, zsh) = (names("shell=bash\nlive=no"), names("shell=zsh\nblesh=no"));
        assert!(bash.contains(&"blesh") && !bash.contains(&"live") && !bash.contains(&"debug-trap"));
        assert!(!zsh.contains(&"blesh") && zsh.contains(&"live") && zsh.contains(&"debug-trap"));
    }
}
