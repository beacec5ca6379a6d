//! Ways by which a message reaches the user where he is: the desktop, a terminal that shows
//! notifications, the next prompt of a shell, and what he has set. Each says whether it took the
//! message; none is waited for longer than some seconds.

pub mod desktop;
pub mod notice;
pub mod programs;
pub mod shell_terminals;
