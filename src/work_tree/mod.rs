//! Work trees of git, as git itself tells of them: which one a directory is in, what content it
//! has, a commit of just that. It knows nothing of tasks.

pub mod commit;
pub mod git;
pub mod index_lock;
pub mod look;
pub mod repository;
