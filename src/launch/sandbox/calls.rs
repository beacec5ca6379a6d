//! Which system calls are refused, and which are asked of. *Source*: the tables of systemd
//! (`@privileged`), Docker's default profile, ip(7), tcp(7).

use crate::sys::seccomp::{ArgTest, CallRule};
use crate::task::sandbox::Network;

/// What a program does not need and could undo a sandbox by, or see others by.
pub const REFUSED: &[i64] = &[
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_bpf,
    libc::SYS_userfaultfd,
    libc::SYS_perf_event_open,
    libc::SYS_fanotify_init,
    libc::SYS_open_by_handle_at,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_modify_ldt,
];

/// What a C library does without where the kernel does not know it: its flags stand in memory,
/// where no filter can look.
pub const NOT_KNOWN: &[i64] = &[libc::SYS_clone3];

/// The same where rules about files leave a way to cut them.
pub const CUTTING: &[i64] = &[libc::SYS_openat2];

/// Namespaces, and what is typed into a terminal by another than its reader.
pub fn refused_with_arguments() -> Vec<CallRule> {
    const NAMESPACES: [i32; 7] = [
        libc::CLONE_NEWNS,
        libc::CLONE_NEWUSER,
        libc::CLONE_NEWPID,
        libc::CLONE_NEWNET,
        libc::CLONE_NEWIPC,
        libc::CLONE_NEWUTS,
        libc::CLONE_NEWCGROUP,
    ];
    /// To take or paste a selection of a console, by its own call.
    const CONSOLE: u32 = 0x541c;
    let flag = |flag: i32| ArgTest::Masked(0, flag.cast_unsigned(), flag.cast_unsigned());
    vec![
        (libc::SYS_clone, NAMESPACES.map(|one| vec![flag(one)]).to_vec()),
        (libc::SYS_ioctl, vec![vec![ArgTest::Is(1, libc::TIOCSTI as u32)], vec![ArgTest::Is(1, CONSOLE)]]),
    ]
}

/// Files that are cut by name, or by opening them to read: before Linux 6.2 no rule about files
/// says anything of it.
pub fn cutting() -> Vec<CallRule> {
    let cuts = |argument| {
        let (mask, flag) = ((libc::O_TRUNC | libc::O_ACCMODE).cast_unsigned(), libc::O_TRUNC.cast_unsigned());
        vec![vec![ArgTest::Masked(argument, mask, flag)]]
    };
    vec![
        (libc::SYS_truncate, Vec::new()),
        (libc::SYS_openat, cuts(2)),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_open, cuts(1)),
    ]
}

/// Sockets that lead further than the network goes.
pub fn sockets(network: Network, unix_sockets: bool) -> Vec<CallRule> {
    const MPTCP: u32 = 262;
    let inet = [libc::AF_INET, libc::AF_INET6].map(i32::cast_unsigned);
    let mut families = vec![libc::AF_NETLINK.cast_unsigned()];
    if unix_sockets {
        families.push(libc::AF_UNIX.cast_unsigned());
    }
    if network != Network::None {
        families.extend(inet);
    }
    let other_family = families.into_iter().map(|family| ArgTest::IsNot(0, family)).collect();
    let mut sockets = vec![other_family];
    if network != Network::Loopback {
        return vec![(libc::SYS_socket, sockets)];
    }
    const KINDS: u32 = 0xf;
    for family in inet {
        for kind in (0..=KINDS).filter(|kind| *kind != libc::SOCK_STREAM as u32) {
            sockets.push(vec![ArgTest::Is(0, family), ArgTest::Masked(1, KINDS, kind)]);
        }
        let other = [0, libc::IPPROTO_TCP as u32, MPTCP].map(|known| ArgTest::IsNot(2, known));
        sockets.push([vec![ArgTest::Is(0, family)], other.to_vec()].concat());
    }
    // A connection that begins with what is sent, and one that takes a way of its own.
    let at_once = |argument| {
        let flag = libc::MSG_FASTOPEN.cast_unsigned();
        vec![vec![ArgTest::Masked(argument, flag, flag)]]
    };
    let option = |level: i32, name: u32| vec![ArgTest::Is(1, level.cast_unsigned()), ArgTest::Is(2, name)];
    const OLD_OPTIONS: u32 = 6;
    const OLD_ROUTE: u32 = 5;
    let ways = vec![
        option(libc::IPPROTO_IP, libc::IP_OPTIONS as u32),
        option(libc::IPPROTO_IPV6, libc::IPV6_RTHDR as u32),
        option(libc::IPPROTO_IPV6, OLD_ROUTE),
        option(libc::IPPROTO_IPV6, OLD_OPTIONS),
    ];
    vec![
        (libc::SYS_socket, sockets),
        (libc::SYS_sendto, at_once(3)),
        (libc::SYS_sendmsg, at_once(2)),
        (libc::SYS_sendmmsg, at_once(3)),
        (libc::SYS_setsockopt, ways),
    ]
}

/// Connections, of which somebody else decides, who sees where they lead.
pub fn connecting() -> Vec<CallRule> {
    vec![(libc::SYS_connect, Vec::new())]
}

/// Files that are opened: they are let through, and told of where a rule forbids them.
pub fn opening() -> Vec<CallRule> {
    vec![
        (libc::SYS_openat, Vec::new()),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_open, Vec::new()),
    ]
}

/// What a call is called, where it can be refused.
pub fn name(call: i64) -> &'static str {
    const NAMES: &[(i64, &str)] = &[
        (libc::SYS_io_uring_setup, "io_uring_setup"),
        (libc::SYS_ptrace, "ptrace"),
        (libc::SYS_process_vm_readv, "process_vm_readv"),
        (libc::SYS_process_vm_writev, "process_vm_writev"),
        (libc::SYS_pidfd_getfd, "pidfd_getfd"),
        (libc::SYS_keyctl, "keyctl"),
        (libc::SYS_add_key, "add_key"),
        (libc::SYS_request_key, "request_key"),
        (libc::SYS_mount, "mount"),
        (libc::SYS_umount2, "umount"),
        (libc::SYS_unshare, "unshare"),
        (libc::SYS_setns, "setns"),
        (libc::SYS_clone, "clone (a new namespace)"),
        (libc::SYS_bpf, "bpf"),
        (libc::SYS_userfaultfd, "userfaultfd"),
        (libc::SYS_perf_event_open, "perf_event_open"),
        (libc::SYS_ioctl, "ioctl (typing into a terminal)"),
        (libc::SYS_chroot, "chroot"),
        (libc::SYS_sendto, "sendto"),
        (libc::SYS_sendmsg, "sendmsg"),
        (libc::SYS_setsockopt, "setsockopt"),
    ];
    NAMES.iter().find(|(number, _)| *number == call).map_or("another system call", |(_, name)| name)
}
