//! Processes that outlived a task's leader, and were ended for it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::survivor::{Survivor, names};

/// So many are named; of more the number is told.
const MOST_NAMED: usize = 5;

/// Processes that outlived the leader. *Shape*: in `status.json`, `exit.rec` and the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outliving {
    /// How many there were.
    pub count: usize,
    /// The first of them.
    pub first: Vec<Survivor>,
}

impl Outliving {
    /// These processes.
    pub fn of(mut processes: Vec<Survivor>) -> Outliving {
        let count = processes.len();
        processes.truncate(MOST_NAMED);
        Outliving { count, first: processes }
    }

    /// Whether there were none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// `1 process it left: gradle (pid 4711)`.
impl fmt::Display for Outliving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let es = if self.count == 1 { "" } else { "es" };
        write!(f, "{} process{es} it left: {}", self.count, names(&self.first))?;
        match self.count - self.first.len().min(self.count) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Outliving;
    use crate::task::survivor::Survivor;

    #[test]
    fn many_are_counted_and_few_are_named() {
        let survivor = |pid| Survivor { pid, name: "sleep".into() };
        assert_eq!(Outliving::of(vec![survivor(7)]).to_string(), "1 process it left: sleep (pid 7)");
        let many = Outliving::of((1..=7).map(survivor).collect()).to_string();
        assert!(many.starts_with("7 processes it left: sleep (pid 1), ") && many.ends_with(" and 2 more"), "{many}");
    }
}
