//! What a person sees: aos on a terminal.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::world::{World, kill, until};

/// A terminal with a program on it, and its screen.
pub struct Screen {
    screen: Arc<Mutex<vt100::Parser>>,
    /// All that it was shown.
    shown: Arc<Mutex<Vec<u8>>>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    /// Ends once nobody has the terminal open any more, and all was read.
    reading: JoinHandle<()>,
    keys: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
}

impl Screen {
    pub fn open(w: &World, words: &[&str], rows: u16, cols: u16) -> Screen {
        let pair =
            native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).expect("a terminal");
        let mut command = CommandBuilder::new(words[0]);
        command.args(&words[1..]);
        command.env_clear();
        w.environment().iter().for_each(|(name, value)| command.env(name, value));
        command.cwd(w.path());
        let child = pair.slave.spawn_command(command).expect("a program");
        let mut reader = pair.master.try_clone_reader().expect("its output");
        let screen = Arc::new(Mutex::new(vt100::Parser::new(size(rows), size(cols), 0)));
        let shown = Arc::new(Mutex::new(Vec::new()));
        let (parsed, all) = (screen.clone(), shown.clone());
        let reading = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                all.lock().expect("what was shown").extend_from_slice(&buffer[..n]);
                parsed.lock().expect("the screen").process(&buffer[..n]);
            }
        });
        Screen {
            screen,
            shown,
            child,
            reading,
            keys: pair.master.take_writer().expect("its keyboard"),
            master: pair.master,
        }
    }

    /// Types.
    pub fn keys(&mut self, keys: &[u8]) {
        self.keys.write_all(keys).expect("typed");
    }

    /// All that the terminal was given, to the byte.
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().expect("what was shown")).into_owned()
    }

    /// What stands on the screen.
    pub fn text(&self) -> String {
        self.screen.lock().expect("the screen").screen().contents()
    }

    pub fn until(&self, part: &str) {
        until(|| self.text().contains(part)).unwrap_or_else(|| panic!("no `{part}` on the screen:\n{}", self.text()));
    }

    /// What stands in the cursor's row before it, blanks too.
    pub fn before_cursor(&self) -> String {
        let screen = self.screen.lock().expect("the screen");
        let (row, col) = screen.screen().cursor_position();
        let cell = |at| screen.screen().cell(row, at).map(|cell| cell.contents().to_owned());
        (0..col).filter_map(cell).map(|text| if text.is_empty() { " ".to_owned() } else { text }).collect()
    }

    /// One row of the screen.
    pub fn line(&self, row: u16) -> String {
        let screen = self.screen.lock().expect("the screen");
        let cols = screen.screen().size().1;
        screen.screen().rows(0, cols.into()).nth(usize::from(row)).unwrap_or_default()
    }

    /// The colour of a cell's text.
    pub fn colour_at(&self, row: u16, col: u16) -> vt100::Color {
        self.screen.lock().expect("the screen").screen().cell(row, col).expect("a cell").fgcolor()
    }

    /// Makes the window another size.
    pub fn resize(&self, rows: u16, cols: u16) {
        self.screen.lock().expect("the screen").screen_mut().set_size(size(rows), size(cols));
        self.master.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).expect("resized");
    }

    /// The terminal's modes, as text.
    pub fn modes(&self) -> String {
        format!("{:?}", self.master.get_termios().expect("its modes").local_flags)
    }

    /// Waits until a program that has taken the whole window has given it back.
    pub fn until_given_back(&self) {
        self.until_so("given back", |screen| !screen.alternate_screen() && !screen.hide_cursor());
    }

    /// The same; says how the program ended.
    pub fn left(&mut self) -> u32 {
        self.until_given_back();
        self.exit_code()
    }

    /// Waits for the program to end; its exit code.
    pub fn exit_code(&mut self) -> u32 {
        self.child.wait().expect("it ends").exit_code()
    }

    /// The row that the cursor is in.
    pub fn row(&self) -> u16 {
        self.screen.lock().expect("the screen").screen().cursor_position().0
    }

    /// The program's pid.
    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("a process")
    }

    /// Waits until the screen is as it should be.
    pub fn until_so(&self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) {
        until(|| is_so(self.screen.lock().expect("the screen").screen()))
            .unwrap_or_else(|| panic!("not {what}:\n{}", self.text()));
    }

    /// Has the program hear what it hears when its window is closed.
    pub fn hang_up(mut self) {
        kill(self.pid() as i32, nix::sys::signal::Signal::SIGHUP);
        let _ = self.child.wait();
    }

    /// Waits for the program to end, and for all that it has left on the screen.
    pub fn until_ended(&mut self) {
        let has_ended = || matches!(self.child.try_wait(), Ok(Some(_)));
        let ended = until(has_ended);
        ended.unwrap_or_else(|| panic!("it runs on:\n{}", self.text()));
        until(|| self.reading.is_finished()).unwrap_or_else(|| panic!("its terminal is open:\n{}", self.text()));
    }

    pub fn end(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const AOS: &str = env!("CARGO_BIN_EXE_aos");

#[test]
fn run_tells_id_pid_and_command_as_job_control_does() {
    let w = World::new();
    let screen = Screen::open(&w, &[AOS, "run", "-b", "sleep", "1000"], 24, 80);
    screen.until("sleep 1000");
    let text = screen.text();
    assert_eq!(text.trim(), format!("[task-001] {} sleep 1000", w.row(1)["pid"]));
    screen.end();
    w.ok(&["stop", "1"]);
}

#[test]
fn the_task_gets_the_callers_window_size() {
    let w = World::new();
    let screen = Screen::open(&w, &[AOS, "run", "-b", "stty size"], 33, 101);
    screen.until("stty size");
    w.ended(1);
    assert_eq!(w.log(1), b"33 101\n");
    screen.end();
}

#[test]
fn the_list_fits_the_width_and_has_colours() {
    let w = World::new();
    w.begin(&["echo a very long command line that goes on and on and on and on; sleep 1000"]);
    let screen = Screen::open(&w, &[AOS, "tasks"], 24, 60);
    screen.until("…");
    let text = screen.text();
    assert_eq!(text.lines().count(), 2, "no line wraps:\n{text}");
    let running = text.lines().nth(1).and_then(|l| l.find("running")).expect("the status") as u16;
    let cell = screen.screen.lock().expect("the screen").screen().cell(1, running).expect("a cell").fgcolor();
    assert_ne!(cell, vt100::Color::Default);
    screen.end();
    w.ok(&["stop", "1"]);
}

#[test]
fn no_color_means_no_colour() {
    let w = World::new();
    w.begin(&["printf '\\033[31mred\\033[0m\\n'"]);
    w.ended(1);
    let coloured = Screen::open(&w, &[AOS, "logs", "1"], 24, 60);
    coloured.until("red");
    assert_eq!(coloured.colour_at(0, 0), vt100::Color::Idx(1));
    coloured.end();
    let plain = Screen::open(&w, &["env", "NO_COLOR=1", AOS, "logs", "1"], 24, 60);
    plain.until("red");
    assert_eq!(plain.colour_at(0, 0), vt100::Color::Default);
    plain.end();
}

#[test]
fn watching_the_list_shows_births_and_ends() {
    let w = World::new();
    let mut screen = Screen::open(&w, &[AOS, "tasks", "--watch"], 24, 100);
    screen.until("no tasks yet");
    w.begin(&["-n", "watched", "until [ -e go ]; do sleep 0.01; done"]);
    screen.until("running");
    std::fs::File::create(w.join("go")).expect("the sign to go on");
    screen.until("succeeded");
    screen.keys(b"\x03");
    until(|| matches!(screen.child.try_wait(), Ok(Some(_)))).expect("^C ends it");
}

#[test]
fn leaving_the_foreground_leaves_the_task_running() {
    let w = World::new();
    let mut screen = Screen::open(&w, &[AOS, "run", "echo shown; sleep 1000"], 24, 100);
    screen.until("shown");
    screen.keys(b"\x1d");
    until(|| matches!(screen.child.try_wait(), Ok(Some(_)))).expect("^] leaves");
    assert_eq!(w.row(1)["status"], "running");
    w.ok(&["stop", "1"]);
}

#[test]
fn the_task_outlives_its_terminal() {
    let w = World::new();
    let mut screen = Screen::open(&w, &["bash", "--norc", "-i"], 24, 100);
    screen.keys(b"aos run -b sleep 1000\n");
    screen.until("[task-001]");
    let Screen { child: mut shell, keys, master, screen: shown, shown: _, reading: _ } = screen;
    drop((keys, master, shown));
    let _ = shell.kill();
    let _ = shell.wait();
    assert_eq!(w.row(1)["status"], "running");
    w.ok(&["stop", "1"]);
}

fn size(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).expect("a size")
}
