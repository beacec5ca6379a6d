//! What Linux offers, wrapped so that nobody above needs `unsafe` or a raw number. The only
//! room with unsafe code, and the only one that names /proc. Knows nothing of tasks.

pub mod account;
pub mod ancestors;
pub mod bare;
pub mod cgroup;
pub mod confinement;
pub mod cores;
pub mod dbus;
pub mod dir;
pub mod disk;
pub mod dispositions;
pub mod faults;
pub mod fds;
pub mod fs_watch;
pub mod inotify;
pub mod listing;
pub mod lock;
pub mod machine;
pub mod memory;
pub mod pidfd;
pub mod polling;
pub mod ports;
pub mod proc;
pub mod process;
pub mod process_usage;
pub mod proctitle;
pub mod regular;
pub mod rlimit;
pub mod sched;
pub mod socket;
pub mod spawn;
pub mod timer;
pub mod tty;
pub mod tty_wait;
