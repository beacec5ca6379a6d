//! Choosing a sandbox: the profile that somebody names, in the place where a command is to run.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::actions::failure::{Failure, NOT_HELD, USAGE};
use crate::launch::sandbox::{files, probes};
use crate::store::layout::Home;
use crate::sys::{account, ancestors, outer_sandbox, regular};
use crate::task::near_words;
use crate::task::os_bytes::OsBytes;
use crate::task::sandbox::Sandbox;
use crate::task::sandbox::guarantee::Guarantee;
use crate::task::sandbox::profile::{Base, Place, Profile};
use crate::task::spec::Spec;

/// A profile that was chosen, and the sandbox that it is here.
#[derive(Clone, Debug)]
pub struct ChosenSandbox {
    profile: Profile,
    /// The sandbox.
    pub sandbox: Sandbox,
}

/// The names of profiles that are no files.
pub const NAMES: [&str; 3] = ["default", "strict", "best-effort"];
/// Where the user's own are, in the home.
const DIRECTORY: &str = "sandbox";
/// No profile is longer. *Units*: bytes.
const LONGEST: u64 = 64 << 10;

/// The sandbox that a word means, for a command that runs in `cwd`.
pub fn choose(home: &Home, word: &str, cwd: &Path) -> Result<ChosenSandbox, Failure> {
    let (profile, file) = match word {
        "default" => (Profile::default(), None),
        "strict" => (Profile { base: Base::Strict, ..Profile::default() }, None),
        "best-effort" => (Profile { is_best_effort: true, ..Profile::default() }, None),
        _ => read(home, word)?,
    };
    let user = account::home().ok_or_else(|| Failure::new(USAGE, "a sandbox needs to know your home directory"))?;
    let project = project(cwd, &user);
    let temporary = std::env::temp_dir();
    let place = Place { home: &user, state: &home.path, project: &project, temporary: &temporary };
    let mut sandbox = profile.at(word, &place);
    if let Some(file) = file {
        // What holds a task is not the task's to write.
        sandbox.deny_write.push(file.into_os_string().into());
    }
    if profile.is_best_effort {
        let found = probes::all(&sandbox).into_iter().filter(|finding| finding.found.is_err());
        sandbox = sandbox.without(found.map(|finding| finding.guarantee).collect());
    }
    Ok(ChosenSandbox { profile, sandbox })
}

/// Puts a task into the sandbox that a word means. `set` is what was set on purpose, as
/// `NAME=VALUE`: that stays in its environment.
pub fn confine(home: &Home, word: &str, spec: &mut Spec, set: &[OsString]) -> Result<(), Failure> {
    let cwd = spec.cwd.as_path();
    let mut chosen = choose(home, word, cwd)?;
    let is_set = |name: &OsBytes| {
        set.iter().any(|entry| entry.as_bytes().strip_prefix(&name.0[..]).is_some_and(|v| v.starts_with(b"=")))
    };
    chosen.scrub(&mut spec.env, is_set);
    let program = spec.command.argv().into_iter().next().unwrap_or_default();
    chosen.check_command(program.as_path(), cwd, spec.variable("PATH"))?;
    spec.sandbox = Some(chosen.sandbox);
    Ok(())
}

impl ChosenSandbox {
    /// Leaves out the variables that are not passed on, but for those that were set on purpose.
    pub fn scrub(&mut self, env: &mut Vec<(OsBytes, OsBytes)>, is_set: impl Fn(&OsBytes) -> bool) {
        let is_passed = |name: &OsBytes| self.profile.passes(&name.0) || is_set(name);
        self.sandbox.dropped = env.iter().map(|(name, _)| name).filter(|name| !is_passed(name)).cloned().collect();
        env.retain(|(name, _)| !self.sandbox.dropped.contains(name));
    }

    /// Sees to it that the sandbox gives away nothing that could not be kept, and does not lock out
    /// its own command: its directory, and its program as it is found on this path.
    pub fn check_command(&self, program: &Path, cwd: &Path, path: Option<&OsBytes>) -> Result<(), Failure> {
        let real = files::real(&self.sandbox);
        check_writable(&real)?;
        if !real.promises(Guarantee::Reads) {
            return Ok(());
        }
        let locked_out = |what: &str, path: &Path| {
            let message = format!(
                "the sandbox {} locks out its own command: {what} {} cannot be read in it",
                self.sandbox.profile,
                path.display()
            );
            Failure::new(NOT_HELD, message).hint("name it in filesystem.allow_read of a profile")
        };
        if !real.may_read(&files::real_path(cwd)) {
            return Err(locked_out("its directory", cwd));
        }
        let searched = path.map(|path| std::env::split_paths(path.as_os()).collect()).unwrap_or_default();
        let places: Vec<PathBuf> = if program.components().count() > 1 { vec![cwd.into()] } else { searched };
        let found = places.iter().map(|dir| dir.join(program)).find(|path| path.is_file());
        match found.map(|found| files::real_path(&found)) {
            Some(found) if !real.may_read(&found) => Err(locked_out("its program", &found)),
            // That there is none is said by whoever executes it.
            Some(_) | None => Ok(()),
        }
    }
}

/// The directory that a command works upon: its repository, else its own.
fn project(cwd: &Path, user: &Path) -> PathBuf {
    let within = cwd.ancestors().take_while(|above| *above != user && *above != Path::new("/"));
    within.into_iter().find(|above| above.join(".git").exists()).unwrap_or(cwd).to_owned()
}

/// What a profile gives away that nothing could keep: new start files of shells.
fn check_writable(real: &Sandbox) -> Result<(), Failure> {
    let Some(user) = account::home().map(|user| files::real_path(&user)) else { return Ok(()) };
    match real.allow_write.iter().find(|path| user.starts_with(path.as_path())) {
        None => Ok(()),
        Some(path) => {
            let message = format!("a sandbox that may write {path} may write the start files of your shells");
            Err(Failure::new(NOT_HELD, message).hint("run it in the directory of a project: aos run -C DIR"))
        }
    }
}

/// Refuses to begin in the background what would end with a sandbox of somebody else's, unnoticed.
pub fn check_surroundings() -> Result<(), Failure> {
    let Some(around) = outer_sandbox::look() else { return Ok(()) };
    let refused = |why: &str| {
        let failure = Failure::new(NOT_HELD, format!("this is {}: {why}", around.what));
        Err(failure.hint("run aos outside of it, or stay attached: aos run COMMAND"))
    };
    match (around.ends_all, around.has_no_unix_sockets) {
        (true, _) => refused("a task that is begun in it ends with it, and nobody is told"),
        (false, true) => refused("a task that is begun in it could be neither attached to nor asked"),
        (false, false) => Ok(()),
    }
}

/// A profile in a file: of the user's own by name, else of anybody's by path.
fn read(home: &Home, word: &str) -> Result<(Profile, Option<PathBuf>), Failure> {
    let is_path = word.contains('/') || word.ends_with(".toml") || word.ends_with(".json");
    let own = home.path.join(DIRECTORY);
    let candidates = match is_path {
        true => vec![PathBuf::from(word)],
        false => vec![own.join(format!("{word}.toml")), own.join(format!("{word}.json"))],
    };
    for path in candidates {
        let failed = |why: &dyn std::fmt::Display| {
            Failure::new(USAGE, format!("cannot use the profile {}: {why}", path.display()))
        };
        let file = match ancestors::open_own(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => continue,
            opened => opened.map_err(|e| failed(&e))?,
        };
        let file = file.map_err(|exposed| {
            let failure = failed(&format!("{exposed}, and what it says decides what a task may do"));
            match exposed.why {
                ancestors::Why::Writable(_) => failure.hint(format!("chmod go-w {}", exposed.path.display())),
                ancestors::Why::Foreign(_) => failure,
            }
        })?;
        let bytes = regular::read_whole(file, LONGEST).map_err(|e| failed(&e))?;
        let text = String::from_utf8(bytes).map_err(|_| failed(&"it is no text"))?;
        let is_json = path.extension().is_some_and(|end| end == "json");
        let profile = Profile::parse(&text, is_json).map_err(|e| failed(&e).hint("docs/sandbox.md names every key"))?;
        return Ok((profile, Some(std::path::absolute(&path).unwrap_or(path))));
    }
    if is_path {
        return Err(Failure::new(USAGE, format!("there is no profile {word}")));
    }
    let mut names: Vec<String> = NAMES.map(str::to_owned).to_vec();
    let listed = std::fs::read_dir(&own).into_iter().flatten().flatten();
    names.extend(listed.filter_map(|entry| entry.path().file_stem()?.to_str().map(str::to_owned)));
    let failure = Failure::new(USAGE, format!("there is no sandbox profile `{word}`"));
    Err(failure.hint(match near_words::near(word, &names) {
        Some(near) => format!("near: {near}"),
        None => format!("there are {}, files in {}, and paths", names.join(", "), own.display()),
    }))
}
