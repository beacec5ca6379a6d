//! Programs that judge system calls, made of rules. *Source*: seccomp(2).

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};

use super::confinement::FilterStep;

/// A test of one argument, of which the lower 32 bits are looked at.
#[derive(Clone, Copy, Debug)]
pub enum ArgTest {
    /// It is this.
    Is(u8, u32),
    /// It is not.
    IsNot(u8, u32),
    /// Under this mask it is this.
    Masked(u8, u32, u32),
}

/// A system call, and when it is meant: by any of these lists of tests, all of which must hold;
/// always, where there is none.
pub type CallRule = (i64, Vec<Vec<ArgTest>>);

/// What becomes of a call that is meant; every other is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It fails with this number.
    Fails(i32),
    /// Another process decides, and the caller waits.
    IsAsked,
}

const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

/// The program that judges calls so.
pub fn program(rules: Vec<CallRule>, verdict: Verdict) -> io::Result<Vec<FilterStep>> {
    let errno = match verdict {
        Verdict::Fails(errno) => errno,
        Verdict::IsAsked => libc::EPERM,
    };
    let mut all: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    let always: BTreeSet<i64> = rules.iter().filter(|(_, tests)| tests.is_empty()).map(|(call, _)| *call).collect();
    for (call, tests) in rules {
        // Beside a rule without tests another one with some would be all that counts.
        let tests = if always.contains(&call) { Vec::new() } else { tests };
        let tests = tests.into_iter().map(rule).collect::<Result<Vec<_>, _>>()?;
        all.entry(call).or_default().extend(tests);
    }
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(io::Error::other)?;
    let action = SeccompAction::Errno(errno.unsigned_abs());
    let filter = SeccompFilter::new(all, SeccompAction::Allow, action, arch).map_err(io::Error::other)?;
    let program = BpfProgram::try_from(filter).map_err(io::Error::other)?;
    // The crate has no word for asking: its word for failing stands in the same place.
    let fails = libc::SECCOMP_RET_ERRNO | errno.unsigned_abs();
    let asked = |k| if verdict == Verdict::IsAsked && k == fails { libc::SECCOMP_RET_USER_NOTIF } else { k };
    let steps = program.into_iter().map(|step| FilterStep {
        code: step.code,
        jt: step.jt,
        jf: step.jf,
        k: if step.code == RETURN { asked(step.k) } else { step.k },
    });
    Ok(steps.collect())
}

/// The program that knows no call of the other set of numbers that a 64-bit PC has (x32).
#[cfg(target_arch = "x86_64")]
pub fn without_x32() -> Vec<FilterStep> {
    const OTHER_SET: u32 = 0x4000_0000;
    let step = |code: u32, jt, jf, k| FilterStep { code: code as u16, jt, jf, k };
    vec![
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        step(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, 0, 1, OTHER_SET),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ]
}

/// Elsewhere there is one set.
#[cfg(not(target_arch = "x86_64"))]
pub fn without_x32() -> Vec<FilterStep> {
    Vec::new()
}

fn rule(tests: Vec<ArgTest>) -> io::Result<SeccompRule> {
    let conditions = tests.into_iter().map(|test| {
        let (argument, operator, value) = match test {
            ArgTest::Is(argument, value) => (argument, SeccompCmpOp::Eq, value),
            ArgTest::IsNot(argument, value) => (argument, SeccompCmpOp::Ne, value),
            ArgTest::Masked(argument, mask, value) => (argument, SeccompCmpOp::MaskedEq(mask.into()), value),
        };
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value.into())
    });
    SeccompRule::new(conditions.collect::<Result<_, _>>().map_err(io::Error::other)?).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::{ArgTest, Verdict, program};

    #[test]
    fn a_rule_without_tests_counts_whatever_others_say() {
        let call = libc::SYS_openat;
        let always = program(vec![(call, Vec::new())], Verdict::IsAsked).expect("a program").len();
        let test = vec![vec![ArgTest::Is(2, 1)]];
        for rules in [vec![(call, Vec::new()), (call, test.clone())], vec![(call, test), (call, Vec::new())]] {
            assert_eq!(program(rules, Verdict::IsAsked).expect("a program").len(), always);
        }
    }
}
