"""What real homes hold to a walker's harm: loops, pipes, sockets, giants of nothing, names that are no text."""

import os
import stat

from .ground import Ground

LONG = "deep-" + "d" * 195
LEVELS = 24


def odd(ground: Ground) -> None:
    home = ground.home
    for target, path in (
        (".", "code/here"),
        ("../..", "code/shop-api/docs/up"),
        ("two", "code/ring/one"),
        ("one", "code/ring/two"),
        ("/", "mnt/root"),
        ("/usr/share", "mnt/share"),
        ("/etc/hostname", "mnt/hostname"),
        ("missing/file", "code/dangling"),
        ("../shop-api/src", "code/shop-web/shared"),
    ):
        ground.folder(path.rpartition("/")[0])
        os.symlink(target, f"{home}/{path}")
    for path in (".local/run/agent.fifo", "code/notifier/.env.pipe"):
        ground.folder(path.rpartition("/")[0])
        os.mkfifo(f"{home}/{path}", 0o600)
    for path in (".local/run/agent.sock", "code/notifier/.env.sock"):
        os.mknod(f"{home}/{path}", stat.S_IFSOCK | 0o600)
    sparse(ground, "code/search/.env")
    for path in ("code/search/.env.empty", "code/search/__init__.py", "Documents/empty.txt"):
        ground.write(path, b"")
    ground.write(os.fsdecode(b"Documents/caf\xe9 \xff/r\xe9sum\xe9.txt"), b"plain\n")
    ground.write("Documents/two\nlines/first\nsecond.txt", b"plain\n")
    ground.write("Documents/\u202egnp.exe/\t tab.txt", b"plain\n")
    ground.write("code/gateway-hotfix/.git", b"gitdir: ../gateway/.git/worktrees/gateway-hotfix\n")
    deep(ground)
    locked(ground)


def sparse(ground: Ground, path: str) -> None:
    """Two gigabytes by its size, nothing on the disk."""
    ground.write(path, b"")
    os.truncate(f"{ground.home}/{path}", 2 << 30)


def deep(ground: Ground) -> None:
    """A path longer than a call takes, made folder by folder."""
    handle = os.open(ground.home, os.O_RDONLY | os.O_DIRECTORY)
    for _ in range(LEVELS):
        os.mkdir(LONG, dir_fd=handle)
        below = os.open(LONG, os.O_RDONLY | os.O_DIRECTORY, dir_fd=handle)
        os.close(handle)
        handle = below
    os.close(os.open("bottom.txt", os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=handle))
    os.close(handle)
    ground.files += 1


def locked(ground: Ground) -> None:
    ground.write("work/locked/.env", b"PORT=8080\n")
    os.chmod(f"{ground.home}/work/locked", 0)
