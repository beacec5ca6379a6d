//! What tasks ran that are to be removed: it is told once they are gone.

use std::collections::{BTreeSet, HashMap};

use crate::actions::failure::Failure;
use crate::store::layout::Home;
use crate::store::registry::Registry;
use crate::task::id::TaskId;

/// Their commands.
pub fn commands(home: &Home, ids: &[TaskId]) -> Result<HashMap<TaskId, String>, Failure> {
    let wanted: BTreeSet<&TaskId> = ids.iter().collect();
    let registry = Registry::open(home)?;
    let rows = registry.rows_where(|id, _| wanted.contains(&id));
    Ok(rows.into_iter().map(|row| (row.id, row.command.into_owned())).collect())
}
