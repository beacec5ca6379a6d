//! The README's console block, run as it stands there.

use crate::world::World;

#[test]
fn the_console_block_is_true() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("the README");
    let block = readme.split("```console\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a console block");
    let w = World::new();
    let mut steps: Vec<(String, String)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push((command.to_owned(), String::new())),
            (None, Some((_, wanted))) => *wanted += &format!("{line}\n"),
            (None, None) => panic!("output before any command: {line}"),
        }
    }
    assert!(steps.len() > 5);
    for (command, wanted) in steps {
        let said = w.sh(&format!("{{ {command}\n}} 2>&1"));
        assert_eq!(said.out, wanted, "$ {command}");
    }
}
