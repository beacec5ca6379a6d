//! Many clients at once, with every verb. What must always hold: a task that `run` named is in
//! every list and under its name until it is removed, and in none after that; codes and logs are
//! right.
//!
//! `AOS_STRESS_SECONDS=600 cargo test --test cli stress` goes on for longer, and `AOS_STRESS_SEED`
//! repeats the choices of a run, though not what the machine makes of them.

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::terminal::Screen;
use crate::world::{Said, World, kill};

/// Clients that begin tasks; two more look at all of them.
const CLIENTS: u64 = 4;

#[test]
fn whatever_many_clients_do_at_once_no_task_is_missed_and_every_code_is_right() {
    let set = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_nanos() as u64;
    let seed = set("AOS_STRESS_SEED").unwrap_or(now);
    let stress = Stress {
        w: World::new(),
        seed,
        end: Instant::now() + Duration::from_secs(set("AOS_STRESS_SECONDS").unwrap_or(10)),
        tasks: Mutex::default(),
    };
    std::thread::scope(|scope| {
        for number in 0..CLIENTS {
            let stress = &stress;
            scope.spawn(move || Client::new(stress, number).work());
        }
        scope.spawn(|| stress.list());
        scope.spawn(|| stress.look_around());
    });
    let begun = stress.tasks.lock().expect("the tasks").len();
    assert!(begun >= CLIENTS as usize, "{begun} tasks");
}

/// Says how the choices can be had again, if it comes to that.
impl Drop for Stress {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("these were the choices of AOS_STRESS_SEED={}", self.seed);
        }
    }
}

struct Stress {
    w: World,
    seed: u64,
    end: Instant,
    /// Every task that was ever begun, by its number.
    tasks: Mutex<BTreeMap<u32, Known>>,
}

/// What whoever began a task knows of it.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    name: String,
    life: Life,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Life {
    /// It is there, and may change.
    There,
    /// It is over, in this run, with this code.
    Over(i32, i32),
    /// Somebody is just removing it.
    Going,
    Gone,
}

impl Known {
    fn is_there(&self) -> bool {
        matches!(self.life, Life::There | Life::Over(..))
    }
}

impl Stress {
    fn is_time(&self) -> bool {
        Instant::now() < self.end
    }

    fn known(&self) -> BTreeMap<u32, Known> {
        self.tasks.lock().expect("the tasks").clone()
    }

    fn set(&self, id: u32, name: &str, life: Life) {
        self.tasks.lock().expect("the tasks").insert(id, Known { name: name.to_owned(), life });
    }

    fn aos(&self, words: &[&str]) -> Said {
        self.w.aos(words)
    }

    /// What aos prints, when it has nothing to complain of.
    fn ok(&self, words: &[&str], code: i32) -> String {
        let said = self.aos(words);
        assert_eq!(
            (said.err.as_str(), said.code),
            ("", code),
            "AOS_STRESS_SEED={}: aos {words:?}: {said:?}",
            self.seed
        );
        said.out
    }

    /// Ends a task. On a busy machine that may take so long that it is told what for.
    fn end(&self, verb: &str, name: &str) {
        let said = self.aos(&[verb, name]);
        let is_told = said.err.is_empty() || said.err.starts_with("aos: task-") && said.err.contains("; KILL ");
        assert!(said.code == 0 && is_told, "AOS_STRESS_SEED={}: aos {verb} {name}: {said:?}", self.seed);
    }

    fn json(&self, words: &[&str]) -> Value {
        let out = self.ok(words, 0);
        serde_json::from_str(&out).unwrap_or_else(|e| panic!("aos {words:?}: {e}: {out}"))
    }

    /// Looks at lists: what was there before and is after is in them, with the end that it had at
    /// both times.
    fn list(&self) {
        let mut dice = Dice(self.seed ^ 0xa5a5);
        while self.is_time() {
            let before = self.known();
            let words = *dice.one_of(&[
                &["tasks", "-a", "--json"][..],
                &["tasks", "-a", "--json", "--here"],
                &["tasks", "--json", "-a", "--status", "succeeded", "--status", "failed"],
            ]);
            let rows = self.json(words);
            let after = self.known();
            let rows: BTreeMap<u32, &Value> =
                rows.as_array().expect("rows").iter().map(|row| (number(&row["id"]), row)).collect();
            let is_all = words.len() < 5;
            for (id, known) in &before {
                let row = rows.get(id);
                match known.life {
                    Life::Gone => assert!(row.is_none(), "{words:?} has task {id}, which is gone"),
                    Life::There if is_all && after[id].is_there() => {
                        assert!(row.is_some(), "{words:?} misses {id} {known:?}")
                    }
                    Life::Over(run, code) if after[id] == *known => {
                        let row = row.unwrap_or_else(|| panic!("{words:?} misses {id} {known:?}"));
                        assert_eq!((&row["exit_code"], &row["run"]), (&code.into(), &run.into()), "{words:?}: {row}");
                    }
                    Life::There | Life::Over(..) | Life::Going => {}
                }
            }
        }
    }

    /// Looks at tasks of others by their names, and at what has to do with all.
    fn look_around(&self) {
        let mut dice = Dice(self.seed ^ 0x5a5a);
        while self.is_time() {
            let before = self.known();
            let there: Vec<u32> = before.iter().filter(|(_, known)| known.is_there()).map(|(id, _)| *id).collect();
            let Some(newest) = there.last() else { continue };
            let id = *dice.one_of(&there);
            let name = before[&id].name.as_str();
            match dice.up_to(11) {
                0 => drop(self.ok(&[], 0)),
                1 => drop(self.ok(&["prompt"], 0)),
                8 => {
                    let said = self.aos(&["logs", "--merge", "@all", "-n", "3"]);
                    assert!(said.code == 0 || said.err.contains("adopted"), "{said:?}");
                }
                10 => {
                    let said = self.aos(&["wait", "c0-*", "c2-*"]);
                    assert!(!said.err.contains("there is no task"), "{said:?}");
                }
                9 => {
                    let said = self.aos(&["show", "c1-*", "--json"]);
                    assert!(said.code == 0 || said.err.contains("no task matches"), "{said:?}");
                }
                2 => drop(self.ok(&["clean", "--older", "1h"], 0)),
                3 => {
                    let said = self.aos(&["show", "@last", "--json"]);
                    let shown = serde_json::from_str::<Value>(&said.out).ok();
                    let is_there = self.known()[newest].is_there();
                    let is_newest = shown.is_some_and(|shown| number(&shown["id"]) >= *newest);
                    assert!(is_newest || !is_there, "@last is {newest} or later: {said:?}");
                }
                4 => {
                    let offers = self.ok(&["__complete", "--words", "any", "--", name], 0);
                    let is_offered = offers.lines().any(|offer| offer == name);
                    assert!(is_offered || !self.known()[&id].is_there(), "Tab offers {name}: {offers}");
                }
                5 => {
                    let said = self.aos(&["logs", name, "no such text"]);
                    let words = ["no line matches `no such text`", "it was adopted"];
                    let is_searched = said.code == 1 && words.iter().any(|words| said.err.contains(words));
                    assert!(is_searched || !self.known()[&id].is_there(), "{name}: {said:?}");
                }
                6 => {
                    let said = self.aos(&["why", name]);
                    assert!(said.code == 0 && said.err.is_empty() || !self.known()[&id].is_there(), "{name}: {said:?}");
                }
                _ => {
                    let said = self.aos(&["show", name, "--json"]);
                    let shown = serde_json::from_str::<Value>(&said.out).ok();
                    let is_right = shown.is_some_and(|shown| number(&shown["id"]) == id);
                    assert!(is_right || !self.known()[&id].is_there(), "{name} is task {id}: {said:?}");
                }
            }
        }
    }
}

/// Begins tasks that only it changes.
struct Client<'s> {
    stress: &'s Stress,
    number: u64,
    dice: Dice,
    begun: u32,
    /// The names of those that are over, and what is to be known of them.
    over: Vec<Task>,
}

struct Task {
    id: u32,
    name: String,
    code: i32,
    runs: i32,
    line: String,
}

impl<'s> Client<'s> {
    fn new(stress: &'s Stress, number: u64) -> Client<'s> {
        Client { stress, number, dice: Dice(stress.seed.wrapping_add(number)), begun: 0, over: Vec::new() }
    }

    fn work(mut self) {
        while self.stress.is_time() {
            match self.dice.up_to(16) {
                0 => self.stop_one(),
                1 => self.answer_one(),
                2 => self.run_again(),
                3 | 4 => self.remove_one(),
                5 => self.remove_all(),
                6 => self.lose_one(),
                7 => self.adopt_one(),
                8 => self.stay_with_one(),
                9 | 10 => self.attach_to_one(),
                _ => self.run_one(),
            }
        }
    }

    fn new_name(&mut self) -> String {
        self.begun += 1;
        format!("c{}-{}x", self.number, self.begun)
    }

    /// Begins a task; its number and its name.
    fn begin(&mut self, options: &[&str], command: &str) -> (u32, String) {
        let name = self.new_name();
        let words = [&["run", "-b", "-n", &name][..], options, &["--shell", command]].concat();
        let out = self.stress.ok(&words, 0);
        let id = out.trim().trim_start_matches("task-").parse().unwrap_or_else(|e| panic!("{e}: {out}"));
        self.stress.set(id, &name, Life::There);
        (id, name)
    }

    fn run_one(&mut self) {
        let code = self.dice.up_to(10) as i32;
        let line = format!("line {} of {}", self.begun, self.number);
        let pause = self.dice.one_of(&["", "sleep 0.01; ", "sleep 0.1; "]).to_owned();
        let before = self.over.last().map(|task| format!("{}:any", task.name));
        let options = match (self.dice.up_to(4), &before) {
            (0, _) => vec!["-g", "all"],
            (1, Some(before)) => vec!["--after", before],
            (2, _) => vec!["--no-pty"],
            _ => vec![],
        };
        let (id, name) = self.begin(&options, &format!("echo {line}; {pause}exit {code}"));
        let task = Task { id, name, code, runs: 1, line };
        self.end_of(&task);
        self.over.push(task);
    }

    /// Waits for a task's end, and looks whether all is told of it as it was.
    fn end_of(&mut self, task: &Task) {
        let Task { id, name, code, runs, line } = task;
        match self.dice.up_to(3) {
            0 => drop(self.stress.ok(&["wait", name], *code)),
            1 => drop(self.stress.ok(&["wait", &id.to_string()], *code)),
            _ => {
                let told = self.stress.ok(&["monitor", "--json", name], 0);
                let last: Value = serde_json::from_str(told.lines().last().expect("a line")).expect("JSON");
                assert_eq!((&last["exit_code"], &last["run"]), (&(*code).into(), &(*runs).into()), "{told}");
            }
        }
        self.stress.set(*id, name, Life::Over(*runs, *code));
        let shown = self.stress.json(&["show", name, "--json"]);
        assert_eq!((number(&shown["id"]), &shown["exit_code"]), (*id, &(*code).into()), "{shown}");
        let printed = format!("{line}\n").repeat(*runs as usize);
        assert_eq!(self.stress.ok(&["logs", "--fold", "never", name], 0), printed, "the log of {name}");
        assert_eq!(
            self.stress.ok(&["logs", "-g", line, "-c", name], 0).trim(),
            runs.to_string(),
            "in the log of {name}"
        );
        self.new_of(task);
    }

    /// What was added since this client last asked is what the run has printed, and then nothing.
    fn new_of(&self, task: &Task) {
        let reader = format!("--new=reader-{}", self.number);
        for new in [format!("{}\n", task.line), String::new()] {
            let said = self.stress.ok(&["logs", &reader, "--fold", "never", &task.name], 0);
            assert_eq!(said, new, "{} in run {}", task.name, task.runs);
        }
    }

    fn run_again(&mut self) {
        if self.over.is_empty() {
            return;
        }
        let at = self.dice.up_to(self.over.len() as u64) as usize;
        let mut task = self.over.swap_remove(at);
        self.stress.set(task.id, &task.name, Life::There);
        self.stress.ok(&["restart", &task.name], 0);
        task.runs += 1;
        self.end_of(&task);
        self.over.push(task);
    }

    fn remove_one(&mut self) {
        let Some(Task { id, name, .. }) = self.over.pop() else { return };
        self.stress.set(id, &name, Life::Going);
        self.stress.ok(&["rm", &name], 0);
        self.stress.set(id, &name, Life::Gone);
        let said = self.stress.aos(&["wait", &name]);
        assert_eq!((said.code, said.err.contains("there is no task")), (3, true), "{name} is gone: {said:?}");
    }

    /// Removes all of its own that are over, by their names.
    fn remove_all(&mut self) {
        for task in &self.over {
            self.stress.set(task.id, &task.name, Life::Going);
        }
        if !self.over.is_empty() {
            let mut all: Vec<String> = self.over.iter().map(|task| task.name.clone()).collect();
            // Each is named by what no other task's name has in it.
            all.iter_mut().for_each(|name| name.push('*'));
            let words: Vec<&str> = all.iter().map(String::as_str).collect();
            self.stress.ok(&[&["rm"][..], &words].concat(), 0);
        }
        for task in self.over.drain(..) {
            self.stress.set(task.id, &task.name, Life::Gone);
        }
    }

    /// Ends the supervisor of a task.
    fn lose_one(&mut self) {
        let (id, name) = self.begin(&[], "echo up; exec sleep 1000");
        self.stress.ok(&["wait", "--for", "/up/", &name], 0);
        let shown = self.stress.json(&["show", &name, "--json"]);
        kill(shown["supervisor_pid"].as_i64().expect("a pid") as i32, Signal::SIGKILL);
        self.stress.ok(&["wait", &name], 6);
        let shown = self.stress.json(&["show", &name, "--json"]);
        assert_eq!((number(&shown["id"]), &shown["status"]), (id, &"lost".into()), "{shown}");
        self.stress.ok(&["restart", &name], 0);
        self.stress.ok(&["wait", "--for", "/up/", &name], 0);
        self.stress.end("stop", &name);
        let shown = self.stress.json(&["show", &name, "--json"]);
        assert_eq!((&shown["status"], &shown["run"]), (&"stopped".into(), &2.into()), "{shown}");
    }

    /// Takes over a process that is there already.
    fn adopt_one(&mut self) {
        let name = self.new_name();
        let mut child = self.stress.w.command("sleep").arg("1000").process_group(0).spawn().expect("a process");
        let out = self.stress.ok(&["adopt", "--name", &name, &child.id().to_string()], 0);
        let id = out.trim().trim_start_matches("task-").parse().unwrap_or_else(|e| panic!("{e}: {out}"));
        self.stress.set(id, &name, Life::There);
        let ended = std::thread::spawn(move || child.wait());
        self.stress.end("stop", &name);
        ended.join().expect("no panic").expect("collected");
        assert_eq!(self.stress.json(&["show", &name, "--json"])["status"], "stopped");
    }

    /// Begins a task in the foreground, as a part of a pipeline.
    fn stay_with_one(&mut self) {
        let name = self.new_name();
        let code = self.dice.up_to(10) as i32;
        let line = format!("{name} is here");
        let said = self.stress.aos(&["run", "-n", &name, "--shell", &format!("echo {line}; exit {code}")]);
        assert_eq!((said.out.as_str(), said.err.as_str(), said.code), (&*format!("{line}\n"), "", code), "{name}");
        let shown = self.stress.json(&["show", &name, "--json"]);
        let id = number(&shown["id"]);
        assert_eq!(shown["exit_code"], code, "{shown}");
        self.stress.set(id, &name, Life::Over(1, code));
        let task = Task { id, name, code, runs: 1, line };
        self.new_of(&task);
        self.over.push(task);
    }

    /// Sits at a task's terminal, beside somebody who only looks, and ends it by what is typed.
    fn attach_to_one(&mut self) {
        let code = self.dice.up_to(10) as i32;
        let (id, name) = self.begin(&[], &format!("echo ask; read -r word; echo \"got $word\"; exit {code}"));
        let attach = |options: &[&str]| {
            let words = [&[env!("CARGO_BIN_EXE_aos"), "attach"][..], options, &[&name]].concat();
            Screen::open(&self.stress.w, &words, 24, 100)
        };
        let (mut typist, mut onlooker) = (attach(&[]), attach(&["-r"]));
        for screen in [&typist, &onlooker] {
            screen.until("ask");
        }
        if self.dice.up_to(2) == 0 {
            // Whoever leaves ends nothing, and another may come.
            typist.keys(b"\x1d");
            typist.until("it runs on");
            assert_eq!(typist.exit_code(), 0, "{name}");
            typist = attach(&[]);
            typist.until("ask");
        }
        typist.keys(b"this\r");
        for screen in [&mut typist, &mut onlooker] {
            screen.until("got this");
            assert_eq!(screen.exit_code(), code as u32, "{name}");
        }
        self.stress.ok(&["wait", &name], code);
        self.stress.set(id, &name, Life::Over(1, code));
        let log = self.stress.ok(&["logs", &name], 0);
        assert!(log.ends_with("got this\n"), "{name}: {log}");
    }

    /// Pauses, resumes, signals and ends a task that would go on for ever.
    fn stop_one(&mut self) {
        let (id, name) = self.begin(&[], "trap 'echo heard' USR1; echo up; while :; do sleep 0.05; done");
        self.stress.ok(&["wait", "--for", "/up/", &name], 0);
        self.stress.ok(&["pause", &name], 0);
        assert_eq!(self.stress.json(&["show", &name, "--json"])["status"], "paused");
        self.stress.ok(&["resume", &name], 0);
        self.stress.ok(&["signal", "USR1", &name], 0);
        self.stress.ok(&["wait", "--for", "/heard/", &name], 0);
        let verb = *self.dice.one_of(&["stop", "kill"]);
        self.stress.end(verb, &name);
        let shown = self.stress.json(&["show", &id.to_string(), "--json"]);
        assert_eq!((&shown["status"], &shown["name"]), (&"stopped".into(), &name.as_str().into()), "{shown}");
        let listed = self.stress.json(&["tasks", "-a", "--json", "--status", "stopped"]);
        assert!(listed.as_array().expect("rows").iter().any(|row| number(&row["id"]) == id), "{name}: {listed}");
    }

    /// Types what a task waits for.
    fn answer_one(&mut self) {
        let (id, name) = self.begin(&[], "read -r word; echo \"got $word\"; exit 4");
        self.stress.ok(&["send", &name, "this"], 0);
        self.stress.ok(&["wait", &name], 4);
        self.stress.set(id, &name, Life::Over(1, 4));
        self.stress.ok(&["peek", &name], 0);
        let log = self.stress.ok(&["logs", &name], 0);
        assert!(log.contains("got this"), "{name}: {log}");
    }
}

fn number(id: &Value) -> u32 {
    id.as_str().and_then(|id| id.strip_prefix("task-")?.parse().ok()).unwrap_or_else(|| panic!("{id} is no id"))
}

/// Chances that can be had again. *Source*: Marsaglia, Xorshift RNGs.
struct Dice(u64);

impl Dice {
    fn up_to(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 = self.0.max(1);
        self.0 % end.max(1)
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.up_to(all.len() as u64) as usize]
    }
}
