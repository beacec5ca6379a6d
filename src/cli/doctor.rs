//! `aos doctor`: what is wrong with the set-up.

use std::env;
use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use clap::Args;
use nix::unistd::{User, geteuid};
use serde_json::json;

use crate::actions::failure::{Failure, NO, VerbResult};
use crate::actions::{output, select};
use crate::cli::verb::{Caller, Verb};
use crate::client::reconcile::{in_users_scope, sweep_groups};
use crate::doctor::check::{Check, CheckStatus};
use crate::doctor::facts::{self, Facts};
use crate::doctor::start_files::StartFileLines;
use crate::doctor::{executables, home_check, sandbox_check, shell_check};
use crate::hooks::sources::HookSources;
use crate::shell::Shell;
use crate::store::layout::Home;
use crate::ui::style::{self, HINT};

/// Check the set-up and say how to repair it
///
/// The exit code is 1 if a check fails.
#[derive(Args)]
pub struct Doctor {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verb for Doctor {
    const NAME: &'static str = "doctor";

    fn run(self, _: &mut Caller) -> VerbResult {
        let checks = examine();
        let code = if checks.iter().any(|check| check.state == CheckStatus::Bad) { NO } else { 0 };
        if self.json {
            output::object(json!({ "checks": checks }))?;
            return Ok(code);
        }
        let mut out = output::data();
        for check in checks {
            let style = colour(check.state);
            writeln!(out, "{style}{:7}{style:#}  {}", check.state, check.message)?;
            if let Some(hint) = check.hint {
                writeln!(out, "{:9}{HINT}hint:{HINT:#} {hint}", "")?;
            }
        }
        Ok(code)
    }
}

/// Every check, in the order in which a person would look.
fn examine() -> Vec<Check> {
    let facts = env::var_os(facts::VARIABLE).map(|text| Facts::parse(&text.to_string_lossy()));
    let mut checks = vec![executables::check()];
    let mut installed = Vec::new();
    match shells(facts.as_ref()).into_iter().map(StartFileLines::gather).collect::<Result<Vec<StartFileLines>, _>>() {
        Ok(lines) => {
            checks.extend(integration(facts.as_ref(), &lines));
            checks.extend(lines.iter().flat_map(|lines| lines.checks(facts.as_ref())));
            installed.extend(lines.iter().filter(|lines| lines.is_installed()).map(|lines| lines.shell));
        }
        Err(e) => checks.push(failed("rc", e.into())),
    }
    checks.push(sandbox_check::check());
    checks.extend(sandbox_check::surroundings());
    checks.extend(hook_checks());
    checks.extend(home_check::checks(&installed).unwrap_or_else(|e| vec![failed("home", e.into())]));
    checks.extend(groups());
    checks.extend(lingering());
    checks
}

/// Whether tasks that have a scope of systemd's outlive the user's last session.
fn lingering() -> Option<Check> {
    let home = Home::open_if_there().ok()??;
    let id = in_users_scope(&home)?;
    let user = User::from_uid(geteuid()).ok()??.name;
    if Path::new("/var/lib/systemd/linger").join(&user).exists() {
        return None;
    }
    let what = format!("{id} has limits, and with them systemd ends it some seconds after you log out");
    Some(Check::new("linger", CheckStatus::Warn, what).hint(format!("loginctl enable-linger {user}")))
}

/// Control groups that tasks have left are removed, and told.
fn groups() -> Option<Check> {
    let home = Home::open_if_there().ok()??;
    let name = "groups";
    match sweep_groups(&home) {
        Ok((0, failed)) if failed.is_empty() => None,
        Ok((swept, failed)) if failed.is_empty() => {
            let left = format!("{swept} control groups were left by tasks that are over, and are removed");
            Some(Check::new(name, CheckStatus::Warn, left))
        }
        Ok((_, failed)) => {
            let left = format!("control groups cannot be removed: {}", failed.join("; "));
            Some(Check::new(name, CheckStatus::Bad, left))
        }
        Err(e) => Some(failed(name, e.into())),
    }
}

/// The shell this is about: the one that says so, else the user's, else each.
fn shells(facts: Option<&Facts>) -> Vec<Shell> {
    let own = || Shell::of_program(env::var_os("SHELL").as_deref().unwrap_or(OsStr::new(""))).ok();
    facts.and_then(|facts| facts.shell).or_else(own).map_or(Shell::ALL.to_vec(), |shell| vec![shell])
}

fn integration(facts: Option<&Facts>, lines: &[StartFileLines]) -> Vec<Check> {
    let join = |tell: fn(&StartFileLines) -> String| lines.iter().map(tell).collect::<Vec<_>>().join("; ");
    match facts {
        Some(facts) => shell_check::checks(facts, &join(StartFileLines::loaded_by), &join(StartFileLines::aliased_by)),
        None => {
            let check = Check::new("integration", CheckStatus::Bad, "the integration is not loaded in this shell");
            vec![check.hint(join(StartFileLines::cure))]
        }
    }
}

/// What is wrong in files of hooks.
fn hook_checks() -> Vec<Check> {
    let (Ok(Some(home)), Ok(here)) = (Home::open_if_there(), select::here()) else { return Vec::new() };
    let problems = HookSources::read(&home, &here).problems.into_iter();
    let checks = problems.map(|problem| {
        let state = if problem.is_error { CheckStatus::Bad } else { CheckStatus::Warn };
        Check::new("hooks", state, problem.to_string()).hint(problem.hint.unwrap_or_else(|| "aos hooks test".into()))
    });
    checks.collect()
}

fn failed(name: &'static str, failure: Failure) -> Check {
    let (message, hint) = failure.into_text();
    let check = Check::new(name, CheckStatus::Bad, message);
    match hint {
        Some(hint) => check.hint(hint),
        None => check,
    }
}

/// The colour of what was found to stand like this.
fn colour(state: CheckStatus) -> Style {
    let colour = match state {
        CheckStatus::Ok => AnsiColor::Green,
        CheckStatus::Warn => AnsiColor::Yellow,
        CheckStatus::Bad => AnsiColor::Red,
        CheckStatus::Unknown => return style::FAINT,
    };
    colour.on_default()
}
