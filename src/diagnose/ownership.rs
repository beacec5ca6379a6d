//! Whose code a file is: the user's own, or that of a library, a tool chain, a runtime.

/// What stands in the path of somebody else's code.
const FOREIGN: [&str; 57] = [
    "node_modules/",
    "site-packages/",
    "dist-packages/",
    "/lib/python3",
    "/lib/python2",
    "/lib64/python",
    "node:",
    "internal/modules/",
    "internal/process/",
    "internal/main/",
    "internal/timers",
    "<frozen",
    "<string>",
    "<stdin>",
    "<anonymous>",
    "<__array_function__",
    "/rustc/",
    "/.cargo/registry/",
    "/.cargo/git/",
    "/rustlib/",
    "library/core/",
    "library/std/",
    "library/alloc/",
    "library/test/",
    "/usr/include/",
    "/usr/lib/",
    "/usr/share/",
    "/go/pkg/mod/",
    "/go/src/",
    "/gems/",
    "/rubygems/",
    "<internal:",
    "vendor/",
    "/nix/store/",
    "/.pyenv/",
    "/.rbenv/",
    "/.rustup/",
    "/.nvm/",
    "webpack/bootstrap",
    "webpack/runtime",
    "[eval",
    "/deps/",
    "(deps",
    "(eval",
    "phar://",
    "/composer/",
    "../sysdeps/",
    "csu/libc",
    "libstdc++",
    "bootstrap_node",
    "/usr/local/lib/",
    "libsanitizer/",
    "sanitizer_common/",
    "_testmain.go",
    "erb)",
    "(eval",
    "(irb)",
];
/// Packages of Java whose classes are nobody's own.
const PACKAGES: [&str; 30] = [
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "com.sun.",
    "org.junit.",
    "junit.",
    "org.apache.",
    "org.springframework.",
    "kotlin.",
    "scala.",
    "org.gradle.",
    "org.hibernate.",
    "com.fasterxml.",
    "io.netty.",
    "org.mockito.",
    "org.hamcrest.",
    "org.assertj.",
    "worker.org.gradle.",
    "groovy.",
    "org.codehaus.",
    "clojure.",
    "reactor.",
    "com.zaxxer.",
    "org.eclipse.",
    "org.opentest4j.",
    "org.testng.",
    "com.google.common.",
    "kotlinx.",
    "android.",
];

/// Whether a file may be the user's own.
pub fn is_own(file: &str) -> bool {
    !FOREIGN.iter().any(|part| {
        file.contains(part) || part.strip_prefix('/').is_some_and(|part| file.starts_with(part) && part.contains('/'))
    })
}

/// Whether a class of Java may be.
pub fn is_own_class(class: &str) -> bool {
    let class = class.rsplit('/').next().unwrap_or(class);
    !PACKAGES.iter().any(|package| class.starts_with(package))
}
