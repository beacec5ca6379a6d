//! A port that was to be listened on and is taken: who has it, and which one is free.

use super::subject::Subject;
use crate::actions::describe_wait;
use crate::diagnose::Diagnosis;
use crate::diagnose::finding::{Finding, Severity};
use crate::diagnose::risk;
use crate::diagnose::suggest::Suggestion;
use crate::store::layout::Home;
use crate::store::registry::Registry;
use crate::sys::{ports, proc};
use crate::task::id::TaskId;

/// How such a failure is told. *Source*: errno(3), docker, python, java, Node.
const SIGNS: [&str; 5] =
    ["EADDRINUSE", "ddress already in use", "is already in use", "port is already allocated", "in use by another"];
/// What the table says of it, which knows less.
const IN_TABLE: [&str; 3] = ["port", "port-before", "port-other"];
/// As many ports behind the one that is taken are looked at.
const NEXT: u16 = 100;

/// Puts who has the port before what the table suggests, where a finding says that one is taken and
/// it still is.
pub fn tell(subject: &Subject, diagnosis: &Diagnosis, suggestions: &mut Vec<Suggestion>) {
    let says_so = |finding: &&Finding| {
        finding.severity == Severity::Error && SIGNS.iter().any(|sign| text_of(finding).contains(sign))
    };
    let Some(finding) = diagnosis.findings.iter().find(says_so) else { return };
    let Some(port) = candidates(subject, diagnosis, finding).into_iter().find(|port| ports::is_taken(*port)) else {
        return;
    };
    suggestions.retain(|known| !IN_TABLE.contains(&known.rule.as_str()));
    let free = (port.saturating_add(1)..port.saturating_add(NEXT)).find(|next| !ports::is_taken(*next));
    let free = free.map(|free| suggestion(format!("Or let it listen on another port: {free} is free"), None, 0.5));
    let all = [Some(holder(port)), free].into_iter().flatten();
    suggestions.splice(0..0, all);
}

/// What the port may be, the surest first: the finding, its line of source, the command, and what
/// was printed last. Only one on which somebody listens is believed.
fn candidates(subject: &Subject, diagnosis: &Diagnosis, finding: &Finding) -> Vec<u16> {
    let looked = finding.place.as_ref().and_then(|place| Some((subject.sources().look(place)?, place.line?)));
    let mut source: Vec<String> =
        looked.and_then(|(look, line)| Some(look.line(line)?.to_owned())).into_iter().collect();
    source.extend(subject.command.clone());
    source.extend(diagnosis.last.iter().rev().cloned());
    std::iter::once(text_of(finding)).chain(source).flat_map(|text| numbers(&text)).collect()
}

fn text_of(finding: &Finding) -> String {
    [&finding.message, "\n", &finding.lines.join("\n")].concat()
}

/// The numbers in a text that may be ports.
fn numbers(text: &str) -> Vec<u16> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() > 1)
        .filter_map(|digits| digits.parse().ok())
        .filter(|port| *port > 0)
        .collect()
}

/// Who listens there, and what ends it.
fn holder(port: u16) -> Suggestion {
    if let Some((id, name)) = task_on(port) {
        let title = format!("{id} ({name}) listens on port {port}");
        return suggestion(title, Some(format!("aos stop {}", id.0)), 0.95);
    }
    let pids = proc::all().map_or_else(|_| Vec::new(), |all| all.into_iter().map(|process| process.pid).collect());
    let pid = pids.into_iter().find(|pid| ports::listening(&[*pid]).contains(&port));
    match pid.map(|pid| (pid, proc::program_name(pid).unwrap_or_else(|| "a process".into()))) {
        Some((pid, name)) => {
            let title = format!("{name} (pid {pid}) listens on port {port}");
            suggestion(title, Some(format!("kill {pid}")), 0.9)
        }
        None => suggestion(format!("A process of another user listens on port {port}"), None, 0.9),
    }
}

/// The living task of which a process listens there.
fn task_on(port: u16) -> Option<(TaskId, String)> {
    let home = Home::open().ok()?;
    let mut registry = Registry::of_living(&home).ok()?;
    let (living, _) = registry.living_mut();
    let found = living.iter().find(|(_, reading)| describe_wait::listening(reading).contains(&port))?;
    Some((*found.0, found.1.spec.name.to_string()))
}

fn suggestion(title: String, command: Option<String>, confidence: f32) -> Suggestion {
    let risk = command.as_deref().map(risk::of);
    Suggestion { title, command, confidence, safe: false, fixes: false, risk, rule: "port-holder".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn what_may_be_a_port_is_found_in_any_text() {
        assert_eq!(numbers("bind(('127.0.0.1', 8123)) :::3000 port 70000 a 7"), [127, 8123, 3000]);
    }
}
