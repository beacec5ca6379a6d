//! What servers print when they are there: one table, and what can be made of a line by it.

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

/// What servers print, whatever the case, and who does. A group `port` is the port where no URL
/// says it.
const BANNERS: [(&str, &str); 12] = [
    ("vite, astro, svelte, next, nuxt, webpack-dev-server, serve", r"\b(?:local|loopback|network)\s*:\s+https?://"),
    (
        "uvicorn, gunicorn, flask, django, rails, puma, express, nest, dotnet, jupyter, hugo, jekyll, caddy",
        r"\b(?:listen\w*|serv\w+|running|start\w+|available|accessible|live|ready|open)\b.{0,80}?(?:https?|tcp)://",
    ),
    (
        "express, tomcat, jetty, netty, python3 -m http.server, php -S, mysql, fastify",
        r"\b(?:listen\w*|serv\w+|running|start\w+|ready|bound|open\w*)\b.{0,80}?\bport(?:\(s\))?\W{1,3}(?P<port>\d{2,5})\b",
    ),
    (
        "go, gin, echo, axum, puma, php -S, caddy, redis",
        r"\b(?:listen\w*|serv\w+|running|start\w+)\b.{0,60}?\b(?:on|at|to)\b\W{1,3}\S*?:(?P<port>\d{2,5})\b",
    ),
    (
        "node, deno, bun: no more than a number",
        r"\b(?:listen\w*|serv\w+|running|start\w+)\b.{0,20}?\bon\s+(?P<port>\d{4,5})\b",
    ),
    ("webpack, rspack, next, angular", r"\bcompiled\b.{0,40}?\b(?:successfully|in \d|with \d+ warning)"),
    ("vite, next, astro, rsbuild", r"\bready in \d"),
    ("spring, micronaut, quarkus", r"\bstarted (?:\S+ )?in [\d.,]+ ?m?s"),
    ("uvicorn, fastapi, starlette", r"\bapplication startup complete\b"),
    ("rails, puma, django, flask, wsgi", r"(?:use|press|quit the server with) (?:ctrl|control)[-+]c"),
    ("postgres, redis, mysql, mongo", r"\b(?:ready (?:to accept|for)|accepting|waiting for) connections\b"),
    ("caddy", r"\bserving initial configuration\b"),
];

/// What debuggers print, with the port at which they are to be reached and the task is not.
const DEBUGGERS: [(&str, &str); 4] = [
    ("node, deno, bun", r"(?:debugger|inspector) listening (?:on|at) \S*?:(?P<port>\d+)"),
    ("java", r"listening for transport dt_socket at address:\s*(?:\S*:)?(?P<port>\d+)"),
    ("chromium", r"devtools listening on \S*?:(?P<port>\d+)"),
    ("delve", r"api server listening at:\s*\S*?:(?P<port>\d+)"),
];

const URL: &str = r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|\*|[a-z0-9._-]+)(?::(?P<port>\d{1,5}))?(?P<path>/[a-z0-9._~%/@+-]*)?";

/// What a line says of where the task is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BannerPlace {
    /// It is reached there.
    Url {
        /// As it may be shown and opened from this machine: without queries, which can hold
        /// secrets.
        url: String,
        /// As it was printed, as far as it is an address.
        printed: String,
        /// Its port.
        port: u16,
        /// Whether it is this machine's own, and no address that others know it by.
        is_local: bool,
        /// Whether the line says what servers say when they are there, and not only mentions it.
        is_banner: bool,
    },
    /// It listens there.
    Port(u16),
    /// It is ready, wherever.
    Ready,
    /// A debugger is there.
    Debugger(u16),
}

/// Reads lines.
pub struct BannerReader {
    is_banner: RegexSet,
    banners: Vec<Regex>,
    debuggers: Vec<Regex>,
    url: Regex,
}

impl BannerReader {
    /// Prepares the table.
    pub fn new() -> BannerReader {
        BannerReader {
            is_banner: RegexSetBuilder::new(BANNERS.map(|(_, text)| text))
                .case_insensitive(true)
                .build()
                .expect("the table's own"),
            banners: BANNERS.map(|(_, text)| regex(text)).to_vec(),
            debuggers: DEBUGGERS.map(|(_, text)| regex(text)).to_vec(),
            url: regex(URL),
        }
    }

    /// What a line says; it has no control sequences.
    pub fn read(&self, line: &str) -> Vec<BannerPlace> {
        if let Some(port) = self.debuggers.iter().find_map(|debugger| port(&debugger.captures(line)?)) {
            return vec![BannerPlace::Debugger(port)];
        }
        let matched: Vec<usize> = self.is_banner.matches(line).into_iter().collect();
        let is_banner = !matched.is_empty();
        let mut words: Vec<BannerPlace> =
            self.url.captures_iter(line).filter_map(|found| url(&found, is_banner)).collect();
        if words.is_empty() && is_banner {
            let ports = matched.iter().filter_map(|&at| port(&self.banners[at].captures(line)?));
            words.extend(ports.map(BannerPlace::Port));
            if words.is_empty() {
                words.push(BannerPlace::Ready);
            }
        }
        words
    }
}

fn regex(text: &str) -> Regex {
    RegexBuilder::new(text).case_insensitive(true).build().expect("the table's own")
}

fn port(found: &regex::Captures<'_>) -> Option<u16> {
    found.name("port")?.as_str().parse().ok().filter(|port| *port > 0)
}

fn url(found: &regex::Captures<'_>, is_banner: bool) -> Option<BannerPlace> {
    let scheme = found["scheme"].to_ascii_lowercase();
    let usual = if scheme == "https" { 443 } else { 80 };
    let port = match found.name("port") {
        Some(text) => text.as_str().parse().ok().filter(|port| *port > 0)?,
        None => usual,
    };
    let host = found["host"].trim_end_matches('.').to_ascii_lowercase();
    let is_every = matches!(host.as_str(), "0.0.0.0" | "[::]" | "*");
    let is_local = is_every
        || matches!(host.as_str(), "localhost" | "[::1]")
        || host.starts_with("127.")
        || host.ends_with(".localhost");
    let host = if is_every { "localhost" } else { &host };
    let stated = found.name("port").map_or_else(String::new, |port| format!(":{}", port.as_str()));
    let path = match found.name("path") {
        Some(path) if is_banner => path.as_str().trim_end_matches(['.', ',']),
        // In a line that only mentions it, what follows may be anything: a request, a file.
        Some(_) => "/",
        None => "",
    };
    let printed = format!("{}://{}{stated}{path}", &found["scheme"], &found["host"]);
    Some(BannerPlace::Url { url: format!("{scheme}://{host}{stated}{path}"), printed, port, is_local, is_banner })
}

#[cfg(test)]
mod tests {
    use crate::readiness::server_banners::{BannerPlace, BannerReader};
    use std::sync::LazyLock;

    /// The first URL, else the first port, else whether it says to be ready.
    fn said(line: &str) -> String {
        static READER: LazyLock<BannerReader> = LazyLock::new(BannerReader::new);
        let words = READER.read(line);
        let of = |word: &BannerPlace| match word {
            BannerPlace::Url { url, is_banner: true, .. } => Some(url.clone()),
            BannerPlace::Url { url, is_banner: false, .. } => Some(format!("mentions {url}")),
            BannerPlace::Port(port) => Some(format!("port {port}")),
            BannerPlace::Ready => Some("ready".into()),
            BannerPlace::Debugger(port) => Some(format!("debugger {port}")),
        };
        words.iter().find_map(of).unwrap_or_default()
    }

    #[test]
    fn what_servers_print_is_understood() {
        for (line, wanted) in [
            ("  ➜  Local:   http://localhost:5173/", "http://localhost:5173/"),
            ("  ➜  Network: http://192.168.1.5:5173/app/", "http://192.168.1.5:5173/app/"),
            ("  VITE v5.2.0  ready in 312 ms", "ready"),
            ("   - Local:        http://localhost:3000", "http://localhost:3000"),
            (" ✓ Ready in 2.1s", "ready"),
            ("- ready started server on 0.0.0.0:3000, url: http://localhost:3000", "http://localhost:3000"),
            ("<i> [webpack-dev-server] Loopback: http://localhost:8080/, http://[::1]:8080/", "http://localhost:8080/"),
            ("webpack 5.91.0 compiled successfully in 1234 ms", "ready"),
            (
                "** Angular Live Development Server is listening on localhost:4200, open your browser on http://localhost:4200/ **",
                "http://localhost:4200/",
            ),
            ("* Listening on http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("* Listening on tcp://0.0.0.0:9292", "port 9292"),
            ("Starting development server at http://127.0.0.1:8000/", "http://127.0.0.1:8000/"),
            ("Quit the server with CONTROL-C.", "ready"),
            ("INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)", "http://localhost:8000"),
            ("[2026-11-22 10:00:00 +0000] [7] [INFO] Listening at: http://127.0.0.1:8000 (7)", "http://127.0.0.1:8000"),
            (" * Running on http://127.0.0.1:5000", "http://127.0.0.1:5000"),
            ("Tomcat started on port(s): 8080 (http) with context path ''", "port 8080"),
            ("Tomcat started on port 8080 (http) with context path '/'", "port 8080"),
            ("Started DemoApplication in 1.234 seconds (process running for 1.6)", "ready"),
            ("[GIN-debug] Listening and serving HTTP on :8080", "port 8080"),
            ("2026/11/22 10:00:00 listening on 127.0.0.1:8090", "port 8090"),
            ("Example app listening on port 3000!", "port 3000"),
            ("Server running at http://localhost:3000/", "http://localhost:3000/"),
            ("Serving HTTP on 0.0.0.0 port 8000 (http://0.0.0.0:8000/) ...", "http://localhost:8000/"),
            ("PHP 8.2.0 Development Server (http://localhost:8000) started", "http://localhost:8000"),
            ("   │   - Local:    http://localhost:3000     │", "http://localhost:3000"),
            ("info: Microsoft.Hosting.Lifetime[14] Now listening on: https://localhost:5001", "https://localhost:5001"),
            ("Web Server is available at http://localhost:1313/ (bind address 127.0.0.1)", "http://localhost:1313/"),
            ("    Server address: http://127.0.0.1:4000/", "http://127.0.0.1:4000/"),
            ("{\"level\":\"info\",\"msg\":\"serving initial configuration\"}", "ready"),
            ("LOG:  listening on IPv4 address \"127.0.0.1\", port 5432", "port 5432"),
            ("LOG:  database system is ready to accept connections", "ready"),
            ("7:M 22 Nov 2026 10:00:00.000 * Ready to accept connections tcp", "ready"),
            ("Listening on 3000", "port 3000"),
            ("http://localhost:8888/tree?token=secret", "mentions http://localhost:8888/"),
            ("Serving at http://localhost:8888/tree?token=secret", "http://localhost:8888/tree"),
        ] {
            assert_eq!(said(line), wanted, "{line}");
        }
    }

    #[test]
    fn an_address_is_kept_as_it_was_printed() {
        for (line, url, printed) in [
            ("Local: http://LOCALHOST:80", "http://localhost:80", "http://LOCALHOST:80"),
            ("Listening on http://0.0.0.0:8000/x,", "http://localhost:8000/x", "http://0.0.0.0:8000/x"),
            ("Local: https://app.localhost", "https://app.localhost", "https://app.localhost"),
        ] {
            let words = BannerReader::new().read(line);
            let Some(BannerPlace::Url { url: told, printed: shown, .. }) = words.first() else { panic!("{words:?}") };
            assert_eq!((told.as_str(), shown.as_str()), (url, printed));
        }
    }

    #[test]
    fn debuggers_are_told_from_servers() {
        for (line, port) in [
            ("Debugger listening on ws://127.0.0.1:9229/7c5e4f1e-0000", 9229),
            ("Listening for transport dt_socket at address: 5005", 5005),
            ("Listening for transport dt_socket at address: *:5006", 5006),
            ("DevTools listening on ws://127.0.0.1:9222/devtools/browser/x", 9222),
            ("API server listening at: 127.0.0.1:2345", 2345),
        ] {
            assert_eq!(said(line), format!("debugger {port}"), "{line}");
        }
    }

    #[test]
    fn what_says_nothing_is_taken_for_nothing() {
        for line in
            ["", "> vite", "building for production...", "error: address already in use 127.0.0.1:3000", "1:30 am"]
        {
            assert_eq!(said(line), "", "{line}");
        }
    }

    #[test]
    fn nothing_but_plain_urls_gets_through() {
        assert_eq!(said("Local:  http://localhost:3000/\u{202e}x"), "http://localhost:3000/");
        assert_eq!(said("Local:  http://user:secret@localhost:3000/"), "http://user", "what is not understood is cut");
        assert_eq!(said("Local:  http://localhost:99999/"), "ready");
    }
}
