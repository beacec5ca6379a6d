//! The rule by which it is found out that a task serves. It knows two things: on which ports the
//! task's own processes listen, and what the task has printed.
//!
//! A task is ready when
//!
//! 1. it has printed a URL, and listens on that URL's port;
//! 2. it has printed that it listens on a port, and does;
//! 3. it has printed that it is ready, and listens on a port;
//! 4. it has listened on a port for a second;
//! 5. it has printed a URL of this machine, listens nowhere itself, and the port has been answered
//!    for a second: a server in a container, or of another user.
//!
//! Ports of debuggers and of what reloads pages count only as a URL's, and those that a debugger
//! has named not at all. Ports that the system gives out to whoever asks for any are what tools use
//! among themselves: they count only where they were printed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use crate::readiness::server_banners::{BannerPlace, BannerReader};
use crate::readiness::{ProbeResult, named};
use crate::task::ready::Evidence;

/// How long somebody must listen who has not said so; what is printed a little later says more.
const SETTLED: Duration = Duration::from_secs(1);
/// So many URLs are kept of those that were printed: first ones, for a server says where it is at
/// its start.
const MOST_URLS: usize = 64;
/// Ports that are open for something else, by custom: debuggers of node, chromium, java, python, go
/// and bun; vite's and livereload's reloading.
const ASIDE: [u16; 10] = [9229, 9230, 9222, 5005, 5678, 2345, 6499, 24678, 35729, 24679];

/// What is known so far.
pub struct Heuristics {
    reader: BannerReader,
    given_out: RangeInclusive<u16>,
    urls: Vec<Printed>,
    ports: BTreeSet<u16>,
    debuggers: BTreeSet<u16>,
    says_ready: bool,
    since: BTreeMap<u16, Instant>,
}

struct Printed {
    url: String,
    /// As it was printed.
    text: String,
    port: u16,
    is_local: bool,
    is_banner: bool,
    at: Instant,
}

impl Heuristics {
    /// Nothing is known yet. `given_out` are the ports that the system gives to whoever asks for
    /// any.
    pub fn new(given_out: RangeInclusive<u16>) -> Heuristics {
        Heuristics {
            reader: BannerReader::new(),
            given_out,
            urls: Vec::new(),
            ports: BTreeSet::new(),
            debuggers: BTreeSet::new(),
            says_ready: false,
            since: BTreeMap::new(),
        }
    }

    /// Takes in a line.
    pub fn hear(&mut self, line: &str, now: Instant) {
        for word in self.reader.read(line) {
            match word {
                BannerPlace::Url { url, printed, port, is_local, is_banner } => {
                    self.keep(Printed { url, text: printed, port, is_local, is_banner, at: now })
                }
                BannerPlace::Port(port) => drop(self.ports.insert(port)),
                BannerPlace::Ready => self.says_ready = true,
                BannerPlace::Debugger(port) => drop(self.debuggers.insert(port)),
            }
        }
    }

    /// Judges, by the ports on which its own processes listen. `is_answered` tries a port of this
    /// machine.
    pub fn judge(&mut self, own: &[u16], now: Instant, is_answered: impl Fn(u16) -> bool) -> ProbeResult {
        self.since.retain(|port, _| own.contains(port));
        for port in own {
            self.since.entry(*port).or_insert(now);
        }
        let serving: Vec<u16> = own.iter().copied().filter(|port| !self.debuggers.contains(port)).collect();
        let evident: Vec<u16> = serving.iter().copied().filter(|port| self.is_evident(*port)).collect();
        let seen = |how: String, url: Option<&Printed>| {
            ProbeResult::Seen(Evidence {
                how,
                url: url.map(|printed| printed.url.clone()),
                ports: own.to_vec(),
                line: None,
            })
        };
        if let Some(printed) = self.best_url(&serving) {
            return seen(format!("it printed {} and listens there", printed.text), Some(printed));
        }
        if let Some(port) = serving.iter().find(|port| self.ports.contains(port)) {
            return seen(format!("it said that it listens on port {port}, and does"), None);
        }
        if self.says_ready && !evident.is_empty() {
            return seen(format!("it said that it is ready, and listens on {}", named(&evident)), None);
        }
        if evident.iter().any(|port| now.duration_since(self.since[port]) >= SETTLED) {
            return seen(format!("it listens on {}", named(&evident)), None);
        }
        if let Some(printed) = self.elsewhere(&serving, now)
            && is_answered(printed.port)
        {
            let how = format!("it printed {}, where somebody answers, though none of its own processes", printed.text);
            return seen(how, Some(printed));
        }
        ProbeResult::NotYet(self.what_is_missing(own))
    }

    fn keep(&mut self, printed: Printed) {
        let is_known = self.urls.iter().any(|known| known.url == printed.url && known.is_banner >= printed.is_banner);
        if !is_known && self.urls.len() < MOST_URLS {
            self.urls.push(printed);
        }
    }

    /// Whether listening there means something by itself.
    fn is_evident(&self, port: u16) -> bool {
        !ASIDE.contains(&port) && !self.given_out.contains(&port)
    }

    /// What was said to be there before what was only mentioned, and this machine's own name before
    /// others.
    fn best_url(&self, serving: &[u16]) -> Option<&Printed> {
        let there = self.urls.iter().filter(|printed| serving.contains(&printed.port));
        there.min_by_key(|printed| (!printed.is_banner, !printed.is_local))
    }

    /// A URL of this machine, printed a while ago by somebody who listens nowhere.
    fn elsewhere(&self, serving: &[u16], now: Instant) -> Option<&Printed> {
        let is_it =
            |printed: &&Printed| printed.is_banner && printed.is_local && now.duration_since(printed.at) >= SETTLED;
        self.urls.iter().filter(|_| serving.is_empty()).find(is_it)
    }

    fn what_is_missing(&self, own: &[u16]) -> String {
        match (own, self.urls.iter().find(|printed| printed.is_banner)) {
            ([], None) => "it listens on no port".into(),
            ([], Some(printed)) => format!("it printed {} and listens on no port", printed.text),
            (own, _) if own.iter().any(|port| self.is_evident(*port) && !self.debuggers.contains(port)) => {
                format!("it listens on {} since less than a second", named(own))
            }
            (own, _) => format!(
                "it listens only on {}: a debugger's, or one that the system gave out, and which it did not print",
                named(own)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::readiness::heuristics::{Heuristics, ProbeResult};
    use std::time::{Duration, Instant};

    struct Case(Heuristics, Instant);

    impl Case {
        fn new(lines: &[&str]) -> Case {
            let (mut auto, now) = (Heuristics::new(32768..=60999), Instant::now());
            lines.iter().for_each(|line| auto.hear(line, now));
            Case(auto, now)
        }

        /// The URL or ports that were seen, after some milliseconds.
        fn at(&mut self, ms: u64, own: &[u16], answered: &[u16]) -> Option<String> {
            match self.0.judge(own, self.1 + Duration::from_millis(ms), |port| answered.contains(&port)) {
                ProbeResult::Seen(sight) => Some(sight.url.unwrap_or_else(|| format!("{:?}", sight.ports))),
                ProbeResult::NotYet(_) => None,
            }
        }
    }

    #[test]
    fn a_url_counts_once_its_port_is_listened_on() {
        let mut vite = Case::new(&["  Network: http://10.0.0.7:5173/", "  Local:   http://localhost:5173/"]);
        assert_eq!(vite.at(0, &[], &[]), None);
        assert_eq!(vite.at(5, &[24678], &[]), None);
        assert_eq!(vite.at(10, &[5173, 24678], &[]).as_deref(), Some("http://localhost:5173/"));
    }

    #[test]
    fn a_port_alone_counts_after_a_second() {
        let mut quiet = Case::new(&["hello"]);
        assert_eq!(quiet.at(0, &[8080], &[]), None);
        assert_eq!(quiet.at(999, &[8080], &[]), None);
        assert_eq!(quiet.at(1000, &[8080], &[]).as_deref(), Some("[8080]"));
        let mut flapping = Case::new(&[]);
        for (ms, own) in [(0, &[8080][..]), (900, &[]), (1000, &[8080]), (1900, &[8080])] {
            assert_eq!(flapping.at(ms, own, &[]), None, "it counts from when it was opened last");
        }
    }

    #[test]
    fn saying_so_makes_it_sooner() {
        assert_eq!(Case::new(&["Listening on :8080"]).at(0, &[8080], &[]).as_deref(), Some("[8080]"));
        assert_eq!(Case::new(&["Ready to accept connections"]).at(0, &[6379], &[]).as_deref(), Some("[6379]"));
        assert_eq!(Case::new(&["Listening on :8080"]).at(0, &[8081], &[]), None, "another port");
    }

    #[test]
    fn debuggers_and_ports_that_anybody_gets_are_no_server() {
        for own in [9229, 5005, 35729, 40123] {
            assert_eq!(Case::new(&["compiled successfully"]).at(5000, &[own], &[]), None, "{own}");
        }
        let mut moved = Case::new(&["Debugger listening on ws://127.0.0.1:7777/x"]);
        moved.at(0, &[7777], &[]);
        assert_eq!(moved.at(5000, &[7777], &[]), None);
        assert_eq!(moved.at(5001, &[7777, 3000], &[]), None);
        assert_eq!(moved.at(6001, &[7777, 3000], &[]).as_deref(), Some("[7777, 3000]"));
        let mut printed = Case::new(&["Editor is now accessible via: http://localhost:5678"]);
        assert_eq!(printed.at(0, &[5678], &[]).as_deref(), Some("http://localhost:5678"), "it says so itself");
        let mut any = Case::new(&["listening on http://127.0.0.1:40123"]);
        assert_eq!(any.at(0, &[40123], &[]).as_deref(), Some("http://127.0.0.1:40123"));
    }

    #[test]
    fn somebody_elses_server_counts_only_for_who_listens_nowhere() {
        let line = "Server running at http://localhost:3000/";
        let mut container = Case::new(&[line]);
        assert_eq!(container.at(0, &[], &[3000]), None, "it may fail to listen, and end");
        assert_eq!(container.at(1000, &[], &[]), None);
        assert_eq!(container.at(1000, &[], &[3000]).as_deref(), Some("http://localhost:3000/"));
        assert_eq!(Case::new(&[line]).at(1000, &[3001], &[3000]), None);
        assert_eq!(Case::new(&["proxy /api to http://localhost:3000/"]).at(1000, &[], &[3000]), None);
    }
}
