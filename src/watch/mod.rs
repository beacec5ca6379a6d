//! Files that are watched for changes: which are meant, which are left out, and the directories in
//! which the kernel tells of them. Knows nothing of tasks.

pub mod changes;
pub mod git_directory;
pub mod globs;
pub mod ignored;
mod symlinks;
pub mod watch_tree;
