//! Lines of real programs, and lines that only look so.

use super::progress;

/// `done/total unit, left`, of a line that was written or drawn.
fn of(line: &str, is_drawn: bool) -> String {
    let Some(found) = progress(line, is_drawn) else { return String::new() };
    let left = found.left.map_or_else(String::new, |left| format!(", {}s", left.0 / 1000));
    let unit = serde_json::to_string(&found.unit).expect("JSON");
    format!("{}/{} {}{left}", found.done, found.total, unit.trim_matches('"'))
}

#[track_caller]
fn all(lines: &[(&str, &str)], is_drawn: bool) {
    let said = |line: &str, of: &str| format!("{line} -> {of}");
    let (told, wanted): (Vec<_>, Vec<_>) =
        lines.iter().map(|(line, wanted)| (said(line, &of(line, is_drawn)), said(line, wanted))).unzip();
    assert_eq!(told.join("\n"), wanted.join("\n"));
}

#[test]
fn builders() {
    all(
        &[
            ("    Building [=====>                 ] 45/120: serde, regex(build)", "45/120 steps"),
            (" Downloading [==>    ] 3/20, remaining bytes: 1.2MB", "3/20 steps"),
            ("[3/20] Building C object CMakeFiles/x.dir/a.c.o", "3/20 steps"),
            ("[ 45%] Building CXX object src/2/3/CMakeFiles/x.dir/main.cpp.o", "45/100 %"),
            ("[100%] Linking CXX executable x", "100/100 %"),
            ("[45 / 120] 12 actions, 4 running", "45/120 steps"),
            ("[3 of 20] Compiling Data.Map ( src/Data/Map.hs, dist/Map.o )", "3/20 steps"),
            ("<=====--------> 45% EXECUTING [12s]", "45/100 %"),
            ("[INFO] Building foo-core 1.0-SNAPSHOT                      [3/10]", "3/10 steps"),
            ("<s> [webpack.Progress] 45% building 12/30 modules", "45/100 %"),
            ("[1/4] Resolving packages...", "1/4 steps"),
            ("Step 3/12 : RUN npm ci", "3/12 steps"),
            ("#7 [2/5] RUN apt-get update", "2/5 steps"),
            ("#12 [builder 3/7] RUN cargo build --release", "3/7 steps"),
            ("[+] Building 12.3s (5/12)", "5/12 steps"),
        ],
        false,
    );
}

#[test]
fn tests_that_run() {
    all(
        &[
            ("tests/test_memory.py::test_used PASSED                         [ 45%]", "45/100 %"),
            ("[gw0] [ 45%] PASSED tests/test_a.py::test_x", "45/100 %"),
            ("tests/test_a.py ......F...                                   [  7%]", "7/100 %"),
            ("Test Suites: 1 failed, 2 passed, 3 of 5 total", "3/5 steps"),
            ("Test Suites: 5 passed, 5 total", ""),
            ("Tests:       14 passed, 14 total", ""),
            (" Test Files  2 passed | 1 failed (5)", "3/5 steps"),
            ("    Running [ 00:00:02] [=====>     ] 12/120: 4 running, 12 passed", "12/120 steps"),
            ("        PASS [   0.004s] ( 12/120) aos units::span::tests::x", "12/120 steps"),
            ("Epoch 3/10", "3/10 steps"),
            ("120/1875 [=>............................] - ETA: 3s - loss: 0.5 - accuracy: 0.8", "120/1875 steps, 3s"),
        ],
        false,
    );
}

#[test]
fn downloads() {
    all(
        &[
            ("   ━━━━━━━━━━━━━━━━━━━━╸━━━━━━━━━━━━━━ 5.0/10.0 MB 3.4 MB/s eta 0:00:02", "5242880/10485760 bytes, 2s"),
            ("     |████████████████                | 5.0 MB 3.4 MB/s eta 0:00:02", "50/100 %, 2s"),
            ("file.iso            45%[=======>            ]  50.12M  3.40MB/s    eta 12s", "45/100 %, 12s"),
            ("  50K .......... .......... .......... 45% 3.40M 12s", ""),
            ("  45  100M   45 45.2M    0     0  3456k      0  0:00:30  0:00:13  0:00:17 3500k", "45/100 %, 17s"),
            ("  0     0    0 45.2M    0     0  3456k      0 --:--:--  0:00:13 --:--:-- 3500k", ""),
            ("##########################                              45.2%", "45/100 %"),
            ("     32,768  45%   12.34MB/s    0:00:12", "45/100 %, 12s"),
            ("     32,768 100%   12.34MB/s    0:00:00 (xfr#5, to-chk=169/396)", "227/396 steps"),
            ("  1,234,567  45%   12.34MB/s    0:00:12 (xfr#5, to-chk=169/396)", "45/100 %, 12s"),
            ("file.iso              45%   12MB   3.4MB/s   00:12 ETA", "45/100 %, 12s"),
            ("1.2GiB 0:00:12 [ 100MiB/s] [====>      ] 45% ETA 0:00:15", "45/100 %, 15s"),
            ("Receiving objects:  45% (450/1000), 1.20 MiB | 3.40 MiB/s", "450/1000 steps"),
            ("remote: Compressing objects:  45% (9/20)", "9/20 steps"),
            ("Resolving deltas:  45% (9/20), completed with 3 local objects.", "9/20 steps"),
            ("Counting objects:  45% (9/20)", "9/20 steps"),
            ("Updating files:  45% (45/100)", "45/100 steps"),
            (" 45%|████▌     | 45/100 [00:12<00:15,  3.60it/s]", "45/100 steps, 15s"),
            (
                "model.safetensors:  50%|█████     | 1.00G/2.00G [00:12<00:15, 90.0MB/s]",
                "1073741824/2147483648 bytes, 15s",
            ),
            ("Progress: [ 45%] [##########..............]", "45/100 %"),
            ("45% [3 libfoo 1,234 kB/2,345 kB 53%]                       3,456 kB/s 12s", "45/100 %"),
            ("45% [Working]", "45/100 %"),
            ("( 3/20) installing foo                    [#######-----------]  45%", "3/20 steps"),
            ("[ 3/20] foo-0:1.2-3.x86_64        100% |   3.4 MiB/s |   1.2 MiB |  00m00s", "3/20 steps"),
            ("Working... ━━━━━━━━━━━━━━━━━━━  45% 0:00:12", "45/100 %, 12s"),
            ("[00:00:12] [##########>-----------------------------] 1.00 MiB/4.00 MiB (3s)", "1048576/4194304 bytes"),
            ("/dev/sda1: |=========          | 45.2%", "45/100 %"),
            ("Copied 3 of 20 files", "3/20 steps"),
            ("3/20 files copied", "3/20 steps"),
            ("45% complete", "45/100 %"),
            ("Download progress: 45%", "45/100 %"),
        ],
        false,
    );
}

#[test]
fn what_is_drawn_again_and_again_needs_no_other_sign() {
    all(
        &[
            ("(Reading database ... 45%", "45/100 %"),
            ("foo 45%", "45/100 %"),
            ("foo 3/20", "3/20 steps"),
            (" 45% 12 + dir/file", "45/100 %"),
            ("(########⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂) ⠙ idealTree:x: sill idealTree buildDeps", "44/100 %"),
            ("CPU 45%", ""),
            ("a1b2 web 0.45% 12MiB / 1GiB 1.17%", ""),
            ("11/28/2026 10:06", ""),
        ],
        true,
    );
    all(&[("foo 45%", ""), ("foo 3/20", ""), ("(########⠂⠂⠂⠂⠂⠂⠂⠂⠂⠂) ⠙ idealTree", "")], false);
}

#[test]
fn other_numbers_are_no_progress() {
    for line in [
        "100% sure",
        "we are 100% sure that 3/4 of it is done by 12/31",
        "TOTAL                      100      3    97%",
        "src/foo.py                  45      3    93%   12-14",
        "Statements   : 93.3% ( 42/45 )",
        "Lines        : 93.3% ( 42/45 )",
        "All files |   93.3 |    45.2 |",
        "/dev/sda1        50G   20G   28G  42% /",
        "tmpfs           1.6G  1.2M  1.6G   1% /run",
        "3 packets transmitted, 3 received, 0% packet loss, time 2003ms",
        "%Cpu(s):  1.2 us,  0.5 sy, 98.1% id",
        "memory usage 45%",
        "GET /a%20b/2/3 200",
        "  width: 45%;",
        "see src/2/3/main.rs",
        "2026/11/28 10:06:05 [error] 12#34: *1 open() failed",
        "11/28 10:06:05 started",
        "1 of 3 tests failed",
        "2 of 3 checks passed",
        "test result: ok. 45 passed; 0 failed",
        "test_a[3/20] ok",
        "ok 3/20",
        "file.txt:  45.2% -- replaced with file.txt.gz",
        "compressed to 45%",
        "battery 45% remaining",
        "coverage: 45% of statements",
        "ok  	example.com/x	0.1s	coverage: 45.2% of statements",
        "version 1.2.3/4",
        "rate 12/1",
        "HTTP/1.1 200 OK",
        "127.0.0.1:80/3",
        "[12:30:45] 3 files changed",
        "a 50/50 chance",
        "progress/100",
        "",
    ] {
        assert_eq!(of(line, false), "", "{line}");
    }
}
