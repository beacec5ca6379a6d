//! What suggestions ask of the machine.

/// What is there, on the machine where the log was written.
pub trait Surroundings {
    /// Names of one kind: `executables`, `scripts` of package.json, `branches`, `targets` of the
    /// Makefile, `npm` and `python`: what the project says that it depends on.
    fn names(&self, kind: &str) -> Vec<String>;

    /// Whether a file is in the directory.
    fn has_file(&self, name: &str) -> bool;
}
