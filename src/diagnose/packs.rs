//! The packs that are compiled in.

macro_rules! packs {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("packs/", $name)))),*]
    };
}

/// Each with the name of its file, the first being asked first.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    packs![
        "rust.toml",
        "c.toml",
        "make.toml",
        "python.toml",
        "javascript.toml",
        "java.toml",
        "go.toml",
        "ruby.toml",
        "php.toml",
        "languages.toml",
        "shell.toml",
        "network.toml",
        "operations.toml",
        "services.toml",
        "crashes.toml",
        "tests.toml",
        "logs.toml",
        "watch.toml",
        "locations.toml",
        "generic.toml",
    ]
    .into_iter()
}
