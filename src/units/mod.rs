//! The quantities that the whole house speaks of, each a type of its own: parsed at the
//! door (`FromStr`), printed with `Display`. Knows nothing of tasks, files or terminals.

pub mod amount;
pub mod moment;
pub mod signal;
pub mod size;
pub mod span;
pub mod time_spec;
pub mod tty_modes;
pub mod uptime;
pub mod wall_time;
