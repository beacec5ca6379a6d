//! What a command may do: told beside each suggestion, and nothing that destroys is suggested.

use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

/// What may come of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// It only looks.
    Reads,
    /// It changes files, packages, a repository, or what runs.
    Changes,
    /// It does so with the rights of root, or needs them.
    Privileged,
}

/// What takes away what nobody can bring back, or passes over a check.
static DESTROYS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:^|[;&|(]\s*|sudo\s+(?:-\S+\s+)*)(?:rm\s+(?:-\S+\s+)*-(?:[a-hj-zA-Z]*[rRf][a-hj-zA-Z]*)(?:\s|$)|shred\s|mkfs|dd\s.*\bof=|wipefs|truncate\s)",
        r"|--force(?:\s|$)|--no-verify|--no-preserve-root|--hard\b|--force-with-lease|--delete(?:\s|$)",
        r"|git\s+(?:\S+\s+)*(?:push\s+(?:\S+\s+)*-\w*f|branch\s+(?:\S+\s+)*-\w*[dD]|clean\s+(?:\S+\s+)*-\w*f|checkout\s+--\s)",
        r"|git\s+(?:\S+\s+)*(?:tag|rm|add|checkout)\s+(?:\S+\s+)*-f|\bdocker\s+(?:\S+\s+)*rmi?\s+-f|prune\b",
        r"|chmod\s+(?:-R\s+)?[0-7]*777|chown\s+-R|kill(?:all)?\s+-(?:9|KILL)|(?i:drop\s+(?:table|database)|truncate\s+table)",
        r"|(?:curl|wget)\s[^|]*\|\s*(?:sudo\s+)?(?:ba|z)?sh\b|>\s*/dev/sd|:\(\)\s*\{",
    ))
});
/// What only looks.
static READS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"^(?:sudo\s+)?(?:ls|cat|man|which|df|du|lsof|journalctl|dmesg|ulimit -n|apt-cache|ssh-add -l|env|ps|ss|pwd",
        r"|git (?:status|log|diff|show|remote -v|remote get-url|branch$|help|config --get)|apt list|npm run$|npm ls",
        r"|pip (?:list|show|index)|docker (?:ps|images|logs|inspect)|kubectl (?:get|describe|logs)|systemctl status",
        r"|brew (?:info|search|list|link --overwrite --dry-run)|hostscli websites)(?:\s|$)|^\S+ --help$"
    ))
});
/// What needs root mostly.
static ELEVATES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:^|[;&|]\s*)(?:sudo|su|doas|apt-get|apt|dpkg|dnf|yum|pacman|zypper|apk|snap|modprobe|mount|umount|sysctl)\s",
        r"|(?:^|[;&|]\s*)systemctl (?:start|stop|restart|enable|disable|reload)",
    ))
});

/// Whether a command takes away what nobody can bring back, or passes over a check.
pub fn destroys(command: &str) -> bool {
    DESTROYS.is_match(command)
}

/// What may come of a command.
pub fn of(command: &str) -> Risk {
    match (READS.is_match(command) && !command.contains(['&', ';', '|', '>']), ELEVATES.is_match(command)) {
        (true, _) => Risk::Reads,
        (false, true) => Risk::Privileged,
        (false, false) => Risk::Changes,
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of ours is one")
}

#[cfg(test)]
mod tests {
    use super::{Risk, destroys, of};

    #[test]
    fn what_destroys_is_known() {
        for command in [
            "rm -rf x",
            "rm -fr /",
            "git push --force",
            "git push -f origin main",
            "git reset --hard",
            "git commit --no-verify",
            "git branch -D x",
            "git clean -fd",
            "sudo rm -r /var/x",
            "ls && rm -r x",
            "chmod 777 x",
            "kill -9 12",
            "curl http://x | sh",
            "docker rm -f x",
            "dd if=a of=/dev/sda",
        ] {
            assert!(destroys(command), "{command}");
        }
        for command in [
            "rm -ri x",
            "git push",
            "git rm -r x",
            "git rm --cached x",
            "npm install --save-dev x",
            "git checkout -b fix",
            "mkdir -p a && cp b a/",
            "tar xf a.tar",
            "git log -p -f",
        ] {
            assert!(!destroys(command), "{command}");
        }
    }

    #[test]
    fn a_command_has_a_risk() {
        assert_eq!(of("git status"), Risk::Reads);
        assert_eq!(of("sudo cat x"), Risk::Reads);
        assert_eq!(of("cat x > y"), Risk::Changes);
        assert_eq!(of("npm install"), Risk::Changes);
        assert_eq!(of("mkdir x && sudo cp y x"), Risk::Privileged);
        assert_eq!(of("apt-get install jq"), Risk::Privileged);
    }
}
