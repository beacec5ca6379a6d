//! How a task's terminal begins: as the one where it was asked for.

use crate::terminal::Screen;
use crate::world::World;

#[test]
fn a_terminal_begins_with_the_callers_settings() {
    let w = World::new();
    let settings = "iutf8 intr ^X -ixon noflsh erase ^H";
    let line = format!(
        "stty {settings}; aos run -b -n bg 'stty -a; until [ -e go ]; do sleep 0.01; done'; aos wait 1; stty sane -iutf8; aos run -b 'stty -a'; aos wait 2; stty raw; aos run -b 'stty -a'; stty sane; aos wait 3; echo all done"
    );
    let mut screen = Screen::open(&w, &["sh", "-c", &line], 24, 80);
    std::fs::File::create(w.join("go")).expect("the sign to go on");
    screen.until("all done");
    assert_eq!(screen.exit_code(), 0);
    let log = |id| String::from_utf8(w.log(id)).expect("text").replace([';', '\n'], " ");
    let (first, second, third) = (log(1), log(2), log(3));
    for setting in [" iutf8 ", "intr = ^X ", " -ixon ", " noflsh", "erase = ^H ", " -opost "] {
        assert!(first.contains(setting), "{setting}: {first}");
    }
    for setting in [" -iutf8", "intr = ^C ", " -noflsh", "erase = ^? "] {
        assert!(second.contains(setting), "{setting}: {second}");
    }
    assert!(third.contains(" icanon ") && third.contains(" isig "), "{third}");
    // The next run begins so too, wherever that is asked for.
    w.ok(&["restart", "1"]);
    w.ended(1);
    assert_eq!(log(1).matches("intr = ^X ").count(), 2, "{}", log(1));
}

#[test]
fn backspace_takes_a_whole_character_back() {
    let w = World::new();
    let mut screen = Screen::open(
        &w,
        &["sh", "-c", "stty iutf8; exec aos run -- sh -c 'echo ready; read a; echo \"<$a>\"'"],
        24,
        80,
    );
    screen.until("ready");
    screen.keys("é\u{7f}x\r".as_bytes());
    screen.until("<x>");
    assert_eq!(screen.exit_code(), 0);
}
