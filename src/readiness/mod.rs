//! Looking whether a task shows what it is waited for to show: a port, an answer, a line, a
//! command's success, or what can be made of all that it does. Whoever waits looks; a supervisor
//! never does.

pub mod command;
pub mod heuristics;
pub mod http;
pub mod run_log;
pub mod server_banners;

pub use http::is_known;

use std::path::Path;
use std::time::{Duration, Instant};

use regex::bytes::Regex;

use crate::launch::limits::RunLimits;
use crate::logs::text::redact::Secrets;
use crate::processes::tree::{self, Root};
use crate::store::StoreError;
use crate::store::asked::Asked;
use crate::store::layout::Home;
use crate::store::task_dir::TaskDir;
use crate::sys::polling::throttle;
use crate::sys::ports;
use crate::task::http_url::HttpUrl;
use crate::task::probe::Probe;
use crate::task::ready::{Evidence, MatchedLine};
use crate::task::spec::Spec;
use crate::task::state::State;
use crate::task_log::log_range::secrets;
use heuristics::Heuristics;
use run_log::{RunLog, shown};

/// The first look is repeated after this, and later ones after a twentieth of the time that they
/// took together: what comes fast is seen fast, and what never comes costs little.
const SOONEST: Duration = Duration::from_millis(20);
const LATEST: Duration = Duration::from_secs(2);
/// A command is more than a look.
const SOONEST_COMMAND: Duration = Duration::from_secs(1);
/// How long it may take.
const LIMIT: Duration = Duration::from_secs(10);

/// What a look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeResult {
    /// What was looked for.
    Seen(Evidence),
    /// Something else, in words.
    NotYet(String),
}

/// Somebody who looks for one thing at one run of a task.
pub struct Prober {
    spec: Spec,
    state: State,
    /// What is not said of the log, wherever that goes.
    secrets: Secrets,
    kind: ProberKind,
    began: Instant,
    last: Option<Instant>,
    /// How long a command may take.
    patience: Duration,
}

enum ProberKind {
    Auto(RunLog, Heuristics),
    Port(u16),
    Http(HttpUrl),
    Log(RunLog, Regex),
    Command(String, Box<RunLimits>),
}

impl Prober {
    /// Begins to look at the run that this state is of. *Errors*: when the log cannot be read.
    pub fn new(home: &Home, task: &TaskDir, state: State, probe: &Probe) -> Result<Prober, StoreError> {
        let spec = match probe {
            // It is executed where and as the task is.
            Probe::Command(_) => task.spec()?,
            Probe::Auto | Probe::Port(_) | Probe::Http(_) | Probe::Log(_) => Asked::of(home, task)?.spec,
        };
        let log = || {
            let path = home.log_path(spec.id, &spec.name);
            RunLog::open(&path, state.log_start).map_err(|source| StoreError::File {
                doing: "read",
                what: path.display().to_string(),
                source,
            })
        };
        let kind = match probe {
            Probe::Auto => ProberKind::Auto(log()?, Heuristics::new(ports::given_out())),
            Probe::Port(port) => ProberKind::Port(*port),
            Probe::Http(url) => ProberKind::Http(url.clone()),
            Probe::Log(pattern) => ProberKind::Log(log()?, pattern.regex()),
            Probe::Command(line) => {
                let (asked, enforced) = (state.resource_limits, state.enforced.clone());
                ProberKind::Command(line.clone(), Box::new(RunLimits::of_running(asked, enforced, task)))
            }
        };
        Ok(Prober {
            secrets: secrets(home, &spec),
            spec,
            state,
            kind,
            began: Instant::now(),
            last: None,
            patience: LIMIT,
        })
    }

    /// The same, where a command may take no longer than this.
    pub fn within(self, patience: Duration) -> Prober {
        Prober { patience, ..self }
    }

    /// Looks. May take as long as a server or a command takes to answer, within limits. What is
    /// found goes to the journal, the status and whoever waits: no secret of the task's environment
    /// is in it.
    pub fn look(&mut self) -> ProbeResult {
        match self.look_unmasked() {
            ProbeResult::Seen(Evidence { how, url, ports, line }) => ProbeResult::Seen(Evidence {
                how: self.secrets.hide_in(&how).into(),
                url: url.map(|url| self.secrets.hide_in(&url).into()),
                ports,
                line: line.map(|line| MatchedLine { text: self.secrets.hide_in(&line.text).into(), ..line }),
            }),
            ProbeResult::NotYet(why) => ProbeResult::NotYet(self.secrets.hide_in(&why).into()),
        }
    }

    fn look_unmasked(&mut self) -> ProbeResult {
        let root = Root::of(&self.spec, &self.state);
        let own = || tree::listening(root);
        match &mut self.kind {
            ProberKind::Auto(log, auto) => {
                throttle(&mut self.last, SOONEST);
                let now = Instant::now();
                log.read(|_, line, is_whole| auto.hear(&shown(line, is_whole, &self.secrets), now));
                auto.judge(&own(), now, http::is_answered)
            }
            ProberKind::Port(port) => look_for_port(*port, own()),
            ProberKind::Http(url) => http::look(url, own()),
            ProberKind::Log(log, regex) => log.find(regex, &self.secrets).map_or_else(
                || ProbeResult::NotYet("no line has matched".into()),
                |line| {
                    let how = format!("it printed `{}`", line.text);
                    ProbeResult::Seen(Evidence { how, url: None, ports: own(), line: Some(line) })
                },
            ),
            ProberKind::Command(line, limits) => {
                command::look(&self.spec, self.state.run, limits, line, self.patience, own())
            }
        }
    }

    /// After what time another look is due; `None` when only the log can bring news.
    pub fn next_look(&self) -> Option<Duration> {
        let due = (self.began.elapsed() / 20).clamp(SOONEST, LATEST);
        match self.kind {
            ProberKind::Log(..) => None,
            ProberKind::Command(..) => Some(due.max(SOONEST_COMMAND)),
            ProberKind::Auto(..) | ProberKind::Port(_) | ProberKind::Http(_) => Some(due),
        }
    }

    /// The log, if what is added to it may be what is looked for.
    pub fn log(&self) -> Option<&Path> {
        match &self.kind {
            ProberKind::Auto(log, _) | ProberKind::Log(log, _) => Some(log.path()),
            ProberKind::Port(_) | ProberKind::Http(_) | ProberKind::Command(..) => None,
        }
    }
}

fn look_for_port(port: u16, own: Vec<u16>) -> ProbeResult {
    if own.contains(&port) {
        return ProbeResult::Seen(Evidence {
            how: format!("it listens on port {port}"),
            ports: own,
            ..Evidence::default()
        });
    }
    ProbeResult::NotYet(match ports::is_taken(port) {
        true => format!("somebody else listens on port {port}, none of its own processes"),
        false => format!("nobody listens on port {port}"),
    })
}

/// Ports for a message: `port 80`, `ports 80, 443`.
fn named(ports: &[u16]) -> String {
    let list: Vec<String> = ports.iter().map(u16::to_string).collect();
    format!("port{} {}", if ports.len() == 1 { "" } else { "s" }, list.join(", "))
}
