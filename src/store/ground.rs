//! The ground the books stand on: is the file system one that keeps a confirmed write?
//!
//! It asks the operating system what lies under a folder and judges it from a fixed list. It knows
//! nothing of what will be written there.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::identity::Mode;

/// What lies under a folder, and whether money may stand on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ground {
    /// The folder that was asked about, or the nearest above it that exists.
    pub folder: PathBuf,
    /// The file system's name.
    pub kind: String,
    /// Why it may not hold money; none when it may.
    pub doubt: Option<&'static str>,
}

impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is on {}", self.folder.display(), self.kind)?;
        match self.doubt {
            Some(doubt) => write!(f, ", {doubt}"),
            None => Ok(()),
        }
    }
}

/// Why the books may not stand there.
#[derive(Debug, thiserror::Error)]
pub enum GroundRefused {
    /// The operating system does not say what lies there.
    #[error("cannot tell what file system {folder} is on: {source}", folder = .folder.display())]
    Unknown {
        /// The folder.
        folder: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// It does not keep what it confirmed.
    #[error("{0}; set NARU_DATA_DIR to a folder on a local ext4 or xfs file system")]
    Unsound(Ground),
}

const MEMORY: &str = "which lives in memory and is gone after a restart of the machine";
const LAYERED: &str = "which is a container's layer: a new container begins without it";
const REMOTE: &str = "which is on another machine: a confirmed write may be lost with it, and two \
                      gateways may believe that each has the file alone";
const BY_PROGRAM: &str = "which a program provides, and what it confirms cannot be known";
const NO_JOURNAL: &str = "which keeps no journal and can lose files after a power cut";
const NO_BARRIER: &str = "which is mounted without write barriers: a confirmed write may still be \
                          on its way when the power goes";
const UNLISTED: &str = "which is not among those known to keep a confirmed write";

/// Local, and a confirmed write survives a power cut: by a journal, or by never overwriting.
const SOUND: &[(u64, &str)] = &[
    (0xEF53, "ext4"),
    (0x5846_5342, "xfs"),
    (0x9123_683E, "btrfs"),
    (0x2FC1_2FC1, "zfs"),
    (0xF2F5_2010, "f2fs"),
];

const UNSOUND: &[(u64, &str, &str)] = &[
    (0x0102_1994, "tmpfs", MEMORY),
    (0x8584_58F6, "ramfs", MEMORY),
    (0x794C_7630, "overlayfs", LAYERED),
    (0x6969, "nfs", REMOTE),
    (0x517B, "smb", REMOTE),
    (0xFF53_4D42, "cifs", REMOTE),
    (0xFE53_4D42, "smb2", REMOTE),
    (0x00C3_6400, "ceph", REMOTE),
    (0x5346_414F, "afs", REMOTE),
    (0x0102_1997, "9p", REMOTE),
    (0x6573_5546, "fuse", BY_PROGRAM),
    (0x6A65_6A63, "virtiofs", BY_PROGRAM),
    (0x4D44, "fat", NO_JOURNAL),
    (0x2011_BAB0, "exfat", NO_JOURNAL),
];

/// Looks at what lies under `folder`; in production a doubt is a refusal.
pub fn check(folder: &Path, mode: Mode) -> Result<Ground, GroundRefused> {
    let ground = look(folder).map_err(|source| GroundRefused::Unknown {
        folder: folder.to_path_buf(),
        source,
    })?;
    match mode {
        Mode::Production if ground.doubt.is_some() => Err(GroundRefused::Unsound(ground)),
        Mode::Production | Mode::Sandbox => Ok(ground),
    }
}

fn look(folder: &Path) -> io::Result<Ground> {
    let existing = std::path::absolute(folder)?;
    let existing = existing.ancestors().find(|folder| folder.exists());
    let folder = existing.unwrap_or(Path::new("/")).canonicalize()?;
    let magic = rustix::fs::statfs(&folder)?.f_type;
    // The type's width and sign differ between machines; a file system's number has 32 bits.
    #[allow(clippy::cast_sign_loss, clippy::unnecessary_cast)]
    let magic = magic as u64 & 0xFFFF_FFFF;
    // Without /proc only the number is known.
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let (kind, doubt) = judge(magic, mount_of(&folder, &mounts));
    Ok(Ground {
        folder,
        kind,
        doubt,
    })
}

/// The verdict on a file system's number, made sharper by how it is mounted.
fn judge(magic: u64, mount: Option<Mount<'_>>) -> (String, Option<&'static str>) {
    if let Some((_, name, doubt)) = UNSOUND.iter().find(|(number, ..)| *number == magic) {
        return ((*name).to_owned(), Some(doubt));
    }
    let Some((_, name)) = SOUND.iter().find(|(number, _)| *number == magic) else {
        let name = mount.map_or_else(|| format!("{magic:#x}"), |mount| mount.kind.to_owned());
        return (name, Some(UNLISTED));
    };
    match mount {
        // The three share a number, and the oldest has no journal.
        Some(mount) if mount.kind == "ext2" => ("ext2".to_owned(), Some(NO_JOURNAL)),
        Some(mount) if mount.without_barriers() => ((*name).to_owned(), Some(NO_BARRIER)),
        _ => ((*name).to_owned(), None),
    }
}

#[derive(Clone, Copy)]
struct Mount<'a> {
    kind: &'a str,
    options: &'a str,
}

impl Mount<'_> {
    fn without_barriers(self) -> bool {
        let mut options = self.options.split(',');
        options.any(|option| matches!(option, "nobarrier" | "barrier=0"))
    }
}

/// The mount that `folder` lies on: of those whose point is above it, the longest, and of equals
/// the last, which covers the others.
fn mount_of<'a>(folder: &Path, mounts: &'a str) -> Option<Mount<'a>> {
    let lines = mounts.lines().filter_map(|line| {
        let (place, what) = line.split_once(" - ")?;
        let point = unescaped(place.split(' ').nth(4)?);
        let mut what = what.split(' ');
        let mount = Mount {
            kind: what.next()?,
            options: what.nth(1)?,
        };
        folder
            .starts_with(&point)
            .then_some((Path::new(&point).components().count(), mount))
    });
    lines
        .max_by_key(|(depth, _)| *depth)
        .map(|(_, mount)| mount)
}

/// Mount points are written with spaces, tabs, line ends and backslashes as octal numbers.
fn unescaped(point: &str) -> String {
    let octals = [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ];
    octals.iter().fold(point.to_owned(), |point, (from, to)| {
        point.replace(from, to)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
30 22 8:2 / /var/lib/naru\\040books rw - xfs /dev/sda2 rw,attr2,nobarrier
31 22 8:3 / /old rw - ext2 /dev/sda3 rw
32 22 8:4 / /srv rw master:5 propagate_from:2 - btrfs /dev/sda4 rw
33 32 8:5 / /srv rw - ext4 /dev/sda5 rw,barrier=1
";

    fn kind_of(folder: &str) -> &'static str {
        mount_of(Path::new(folder), MOUNTS).unwrap().kind
    }

    #[test]
    fn the_nearest_mount_above_a_folder_counts() {
        assert_eq!(kind_of("/var/lib/naru"), "ext4");
        assert_eq!(kind_of("/var/lib/naru books/data"), "xfs");
        assert_eq!(kind_of("/older"), "ext4");
        assert_eq!(
            kind_of("/srv/naru"),
            "ext4",
            "the later mount covers the earlier"
        );
        assert!(mount_of(Path::new("/x"), "").is_none());
        assert!(mount_of(Path::new("/x"), "nonsense - \n - \n").is_none());
    }

    fn doubt(magic: u64, folder: &str) -> Option<&'static str> {
        judge(magic, mount_of(Path::new(folder), MOUNTS)).1
    }

    #[test]
    fn local_and_journalled_is_sound_and_all_else_is_doubted() {
        assert_eq!(judge(0xEF53, None), ("ext4".to_owned(), None));
        assert_eq!(doubt(0xEF53, "/srv/data"), None);
        assert_eq!(doubt(0x5846_5342, "/"), None);
        assert_eq!(doubt(0x5846_5342, "/var/lib/naru books"), Some(NO_BARRIER));
        assert_eq!(doubt(0xEF53, "/old/data"), Some(NO_JOURNAL));
        assert_eq!(doubt(0x0102_1994, "/"), Some(MEMORY));
        assert_eq!(doubt(0x794C_7630, "/"), Some(LAYERED));
        assert_eq!(doubt(0x6969, "/"), Some(REMOTE));
        assert_eq!(doubt(0x6573_5546, "/"), Some(BY_PROGRAM));
        assert_eq!(judge(0x1234, None), ("0x1234".to_owned(), Some(UNLISTED)));
    }

    /// `/proc` is a file system that certainly keeps nothing, on every machine this runs on.
    #[test]
    fn production_refuses_what_the_sandbox_only_reports() {
        let folder = Path::new("/proc/self/there/is/no/such/folder");
        let ground = check(folder, Mode::Sandbox).unwrap();
        assert_eq!(ground.doubt, Some(UNLISTED));
        assert!(
            ground
                .to_string()
                .contains("is on proc, which is not among"),
            "{ground}"
        );
        let refused = check(folder, Mode::Production).unwrap_err();
        assert!(matches!(&refused, GroundRefused::Unsound(_)));
        assert!(
            refused.to_string().contains("set NARU_DATA_DIR"),
            "{refused}"
        );
    }
}
