//! A task's journal on disk: one JSON object a line, appended in one write each.

use std::fs::File;
use std::io::Write;

use super::task_dir::{JOURNAL, TaskDir};
use crate::sys::dir::Open;
use crate::task::journal::{Entry, Event};
use crate::task::spec::VERSION;
use crate::units::stamp::Stamp;

/// A journal open for its writer.
#[derive(Debug)]
pub struct Journal {
    file: Option<File>,
    run: u32,
}

impl Journal {
    /// Opens a task's journal for one run. Where it cannot be opened its lines are lost, never the task.
    pub fn open(task: &TaskDir, run: u32) -> Journal {
        Journal { file: task.dir.file(JOURNAL, Open::Append).ok(), run }
    }

    /// Appends an event. A full disk loses the line: the end record has room of its own.
    pub fn write(&mut self, at: Stamp, event: Event) {
        let entry = Entry { version: VERSION, at, run: self.run, event };
        let mut line = serde_json::to_vec(&entry).expect("plain data always serialises");
        line.push(b'\n');
        let _ = self.file.as_mut().map(|file| file.write_all(&line));
    }
}

/// Reads a task's journal; lines that do not parse (a torn one, or a newer aos's) are left out.
pub fn read(task: &TaskDir) -> Vec<Entry> {
    let bytes = task.dir.read(JOURNAL).unwrap_or_default();
    bytes.split(|b| *b == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
}
