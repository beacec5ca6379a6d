//! Ways by which a message reaches the user where he is: the desktop, a terminal that shows
//! notifications, the next prompt of a shell, and what he has set. Each says whether it took the
//! message; none is waited for longer than some seconds.

mod desktop;
pub mod dispatch;
pub mod notice;
mod programs;
mod shell_terminals;
