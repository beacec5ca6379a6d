//! What Linux offers, wrapped so that nobody above needs `unsafe` or a raw number. The only
//! room with unsafe code, and the only one that names /proc. Knows nothing of tasks.

pub mod account;
pub mod timer;
pub mod ancestors;
pub mod bare;
pub mod tty_wait;
pub mod dir;
pub mod disk;
pub mod fds;
pub mod inotify;
pub mod listing;
pub mod lock;
pub mod memory;
pub mod pidfd;
pub mod polling;
pub mod ports;
pub mod proc;
pub mod process;
pub mod regular;
pub mod rlimit;
pub mod dispositions;
pub mod socket;
pub mod spawn;
pub mod proctitle;
pub mod tty;
pub mod sched;
pub mod process_usage;
pub mod fs_watch;
