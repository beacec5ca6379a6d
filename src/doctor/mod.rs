//! What may be wrong with the set-up, and what to do about it. Looks, and mends nothing. What only
//! the shell can see is told by the shell (`facts`); the rest it sees for itself.

pub mod check;
pub mod executables;
pub mod facts;
pub mod home_check;
mod retention_check;
pub mod sandbox_check;
pub mod shell_check;
pub mod start_files;
