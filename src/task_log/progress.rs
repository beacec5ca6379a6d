//! How far living tasks are, by what the ends of their logs show. Only who looks at a task reads
//! it; nobody does while the task runs by itself.

use anstyle::Style;
use memchr::{memchr2, memchr3};

use crate::ansi::{self, Colours};
use crate::logs::read::newest_end::NewestEnd;
use crate::screen::canvas::Canvas;
use crate::store::layout::log_name;
use crate::store::snapshot::TaskSnapshot;
use crate::sys::dir::Dir;
use crate::task::progress::Progress;
use crate::task::progress::page::{self, SeenLine};
use crate::task::status::Status;
use crate::units::wall_time::WallTime;

/// So much of a log's end is looked at: a screen full, drawn some times. *Units*: bytes.
const LOOKED_AT: u64 = 8 << 10;

/// What a task's log has shown, for who looks at it again and again.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProgressLook {
    run: u32,
    length: Option<u64>,
    shown: Option<Progress>,
}

impl ProgressLook {
    /// What it shows now. A log that has not grown is not read again.
    pub fn look(&mut self, logs: &Dir, reading: &TaskSnapshot, now: WallTime) -> Option<Progress> {
        let state = reading.state.as_ref().filter(|_| reading.spec.adopted.is_none())?;
        let status = reading.status();
        if !matches!(status, Status::Running | Status::Paused | Status::Stopping) {
            return None;
        }
        if state.run != self.run {
            *self = ProgressLook { run: state.run, ..ProgressLook::default() };
        }
        let log = log_name(reading.spec.id, &reading.spec.name);
        // What cannot be read shows nothing.
        match NewestEnd::of(logs, &log, state.log_start, LOOKED_AT, self.length) {
            Ok(Some((end, length))) => {
                self.length = Some(length);
                self.shown = page::progress(&seen(&end));
            }
            Ok(None) => {}
            Err(_) => *self = ProgressLook::default(),
        }
        let is_going_on = status == Status::Running;
        self.shown.map(|shown| if is_going_on { shown.after(now.since(state.started).0) } else { shown })
    }
}

/// What a person would see of this.
fn seen(end: &NewestEnd) -> Vec<SeenLine> {
    let mut bytes = &end.bytes[..];
    if end.is_cut {
        // A part of a line may say something else than all of it.
        let first = memchr2(b'\n', b'\r', bytes).map_or(0, |at| at + 1);
        bytes = &bytes[first..];
    }
    if memchr3(0x1b, b'\r', 0x08, bytes).is_none() {
        let line = |line: &[u8]| SeenLine { text: ansi::line(line, Colours::Drop), is_drawn: false };
        return bytes.split(|byte| *byte == b'\n').map(line).collect();
    }
    let mut canvas = Canvas::new(0, 1);
    canvas.feed(bytes);
    canvas.finish();
    let mut lines = Vec::new();
    while let Some(line) = canvas.settled() {
        let mut text = Vec::new();
        line.row.show(Style::new(), &mut text);
        lines.push(SeenLine { text: ansi::line(&text, Colours::Drop), is_drawn: line.drawn.is_some() });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::seen;
    use crate::logs::read::newest_end::NewestEnd;
    use crate::task::progress::page;

    fn of(text: &str) -> Option<(u64, u64)> {
        let end = NewestEnd { bytes: text.into(), is_cut: false };
        page::progress(&seen(&end)).map(|found| (found.done, found.total))
    }

    #[test]
    fn what_was_drawn_over_is_gone() {
        assert_eq!(of("copy 1%\rcopy 2%\rcopy 45%"), Some((45, 100)));
        assert_eq!(
            of("\r 45%|####      | 45/100 [00:12<00:15]\r 46%|####      | 46/100 [00:12<00:15]"),
            Some((46, 100))
        );
        let cargo =
            "    Building [==>   ] 45/120: foo\r\x1b[K   Compiling bar v0.1.0\n    Building [===>  ] 46/120: bar\r";
        assert_eq!(of(cargo), Some((46, 120)));
        assert_eq!(of(&format!("{cargo}\x1b[K    Finished dev in 3s\n")), None, "the line is cleared");
        let two = "a [==>  ] 3/20\nb [===> ] 4/20\n\x1b[2A\x1b[2Ka [===> ] 5/20\n\x1b[2Kb [====>] 6/20\n";
        assert_eq!(of(two), Some((6, 20)));
        assert_eq!(of("[3/20] \x1b[32mcc\x1b[0m\r\n"), Some((3, 20)));
        assert_eq!(of("\x1b[?1049h\x1b[Hcopy 45% [==>  ]"), None, "that is another screen");
        assert_eq!(of("x\u{8}\u{8}\u{8}\u{8} 45% 12 + dir/file"), Some((45, 100)));
    }
}
