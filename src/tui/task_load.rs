//! What one task uses, measured again and again, and as little as can be while it sleeps.

use std::time::Instant;

use crate::processes::usage::{TaskUsage, UsageMeter, UsageTrace};
use crate::store::snapshot::TaskSnapshot;
use crate::tui::view::model::{LoadHistory, TaskLoad};

/// It.
#[derive(Debug, Default)]
pub struct LoadWatch {
    meter: UsageMeter,
    trace: UsageTrace,
    /// Whether all was measured once more after that trace, so that nothing came in between.
    is_sure: bool,
    /// What it uses; `None` where it has no processes, or none that can be seen from here.
    pub load: Option<TaskLoad>,
    /// What it has used.
    pub history: LoadHistory,
}

/// How a task is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measuring {
    /// Only if any of its processes has run since.
    Moved,
    /// In any case.
    Whole,
}

impl LoadWatch {
    /// Measures; says whether that is not what it was.
    pub fn measure(&mut self, reading: &TaskSnapshot, how: Measuring, now: Instant) -> bool {
        let before = self.load.clone();
        let is_still = how == Measuring::Moved && self.trace.is_still();
        if is_still && self.is_sure {
            self.rest(now);
        } else {
            self.measure_all(reading, is_still, now);
        }
        self.load != before
    }

    /// None of its processes has run.
    fn rest(&mut self, now: Instant) {
        if let Some(load) = &mut self.load {
            load.cpu = self.meter.nothing(now);
            self.history.push(load.cpu, load.memory);
        }
    }

    fn measure_all(&mut self, reading: &TaskSnapshot, is_still: bool, now: Instant) {
        let Some(used) = TaskUsage::of(reading) else {
            *self = LoadWatch { history: std::mem::take(&mut self.history), ..LoadWatch::default() };
            return;
        };
        self.is_sure = is_still && self.trace.is_of(&used);
        if !self.is_sure {
            self.trace = UsageTrace::of(&used);
        }
        let cpu = self.meter.per_cent(used.cpu_ms, now);
        self.history.push(cpu, used.memory);
        let processes = used.processes.len();
        self.load = Some(TaskLoad { cpu, memory: used.memory, processes, ports: used.ports });
    }
}
