//! Reading a log across its segments: in order, from its end, as it grows.

pub mod follower;
pub mod head;
pub mod last_lines;
pub mod newest_end;
pub mod reader;
pub mod tail_follow;
pub mod times;
