"""The home around what is planted: repositories, packages, caches, downloads, as many files as are asked for."""

import hashlib
import os
import struct
import zlib
from collections.abc import Callable, Iterable
from random import Random

import msgspec

from .paper import Sheet
from .prose import NOUNS, VERBS, Library
from .values import listed

REPOSITORIES = listed("""
code/shop-api code/shop-web code/billing code/gateway code/platform-infra code/data-pipeline code/mobile-app
code/analytics code/notifier code/identity code/search code/admin-panel code/cli-tools code/dotfiles
code/agents-lab code/ml-notebooks work/acme/erp work/acme/portal work/acme/intranet work/acme/reporting
work/acme/warehouse work/acme/deployments work/acme/legacy-php work/acme/spring-core work/globex/crm
work/globex/terraform work/globex/ansible work/globex/charts work/globex/etl work/globex/dotnet-desk
src/oss/http-kit src/oss/tiny-orm src/oss/color-lib src/oss/rust-grep src/oss/go-queue src/play/discord-bot
src/play/telegram-bot src/play/home-automation src/play/blog src/play/scraper
""")
PLACES = ("code", "work/acme", "work/globex", "src/oss", "src/play", "Projects")
LANGUAGES = ("py", "js", "ts", "go", "rs", "java", "c", "rb")
BESIDE = ("md", "css", "html", "json", "sql", "yaml", "sh")
IGNORED = b"""\
.env
.env.*
!.env.example
*.local
*.tfstate
*.tfstate.*
*.tfvars
*.pem
*.bak
*~
*.swp
node_modules/
.venv/
__pycache__/
dist/
"""
HOOKS = listed("""
applypatch-msg commit-msg fsmonitor-watchman post-update pre-applypatch pre-commit pre-merge-commit
prepare-commit-msg pre-push pre-rebase pre-receive push-to-checkout update
""")


class Shares(msgspec.Struct, frozen=True):
    """How many files of a home are of each kind; the packages of node take what the others leave."""

    objects: int
    python: int
    sources: int
    many: int
    caches: int
    cargo: int
    go: int
    jvm: int
    node_versions: int
    extensions: int
    local: int
    personal: int
    transcripts: int


def shares(files: int) -> Shares:
    return Shares(
        objects=files * 14 // 100,
        python=files * 12 // 100,
        sources=files * 10 // 100,
        many=min(20_000, files // 10),
        caches=files * 5 // 100,
        cargo=files * 4 // 100,
        go=files * 4 // 100,
        jvm=files * 2 // 100,
        node_versions=files * 3 // 200,
        extensions=files * 2 // 100,
        local=files * 3 // 200,
        personal=files // 100,
        transcripts=files // 1000,
    )


class Ground:
    """Writes files under a home; a folder is made when the first file needs it."""

    def __init__(self, home: str, random: Random) -> None:
        self.home = home
        self.random = random
        self.library = Library(random)
        self.folders: set[str] = set()
        self.files = 0
        self.bytes = 0

    def folder(self, path: str) -> str:
        if path not in self.folders:
            os.makedirs(f"{self.home}/{path}", exist_ok=True)
            while path and path not in self.folders:
                self.folders.add(path)
                path = path.rpartition("/")[0]
        return path

    def write(self, path: str, data: bytes | memoryview, mode: int = 0o644) -> None:
        folder = path.rpartition("/")[0]
        if folder not in self.folders:
            self.folder(folder)
        whole = os.fsencode(f"{self.home}/{path}")
        handle = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
        self.bytes += len(data)
        while len(data):
            data = data[os.write(handle, data) :]
        os.close(handle)
        self.files += 1

    def sheet(self, sheet: Sheet, data: bytes) -> None:
        self.write(sheet.path, data, sheet.mode)

    def noun(self) -> str:
        return self.random.choice(NOUNS)

    def name(self) -> str:
        return f"{self.random.choice(VERBS)}-{self.random.choice(NOUNS)}"

    def size(self, mean: int) -> int:
        return int(self.random.lognormvariate(0, 0.8) * mean * 0.72)


def names(ground: Ground, count: int) -> list[str]:
    """Package names, each once."""
    found: dict[str, None] = {}
    while len(found) < count:
        name = ground.name() if ground.random.random() < 0.6 else f"{ground.noun()}-{ground.name()}"
        found[name if name not in found else f"{name}-{len(found)}"] = None
    return list(found)


def repositories(ground: Ground, files: int) -> list[str]:
    """The forty that are always there, then others as the home grows."""
    extra = max(0, min(400, files // 2500) - len(REPOSITORIES))
    return [*REPOSITORIES, *(f"{ground.random.choice(PLACES)}/{name}" for name in names(ground, extra))]


def sources(ground: Ground, repository: str, count: int) -> list[str]:
    """What the people of a repository wrote, and what of it git tracks."""
    random, library = ground.random, ground.library
    kind = random.choice(LANGUAGES)
    tracked = [f"{repository}/.gitignore", f"{repository}/README.md"]
    ground.write(tracked[0], IGNORED)
    ground.write(tracked[1], library.source("md", 3000))
    folders = [
        f"{top}/{ground.noun()}"
        for top in ("src", "src", "lib", "tests", "docs", "web")
        for _ in range(1 + count // 60)
    ]
    folders += ["src", "scripts", "tests", *(f"{folder}/{ground.noun()}" for folder in folders[::3])]
    for number in range(count - 2):
        suffix = kind if random.random() < 0.72 else random.choice(BESIDE)
        path = f"{repository}/{random.choice(folders)}/{ground.noun()}_{number}.{suffix}"
        ground.write(path, library.source(suffix, ground.size(5600)) if number % 40 else b"")
        tracked.append(path)
    return tracked


def git(ground: Ground, repository: str, objects: int, tracked: Iterable[str]) -> None:
    """A repository's own folder: packs and loose objects, hooks' samples, an index that names what is tracked."""
    random, library, root = ground.random, ground.library, f"{repository}/.git"
    head = random.randbytes(20).hex()
    small = {
        "HEAD": b"ref: refs/heads/main\n",
        "config": b"[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n",
        "description": b"Unnamed repository; edit this file 'description' to name the repository.\n",
        "info/exclude": b"# git ls-files --others --exclude-from=.git/info/exclude\n",
        "refs/heads/main": f"{head}\n".encode(),
        "packed-refs": b"# pack-refs with: peeled fully-peeled sorted\n" + references(random),
        "logs/HEAD": b"".join(moves(ground, random.randint(10, 80))),
        "index": index(tracked, len(repository) + 1, random),
    }
    for name, data in small.items():
        ground.write(f"{root}/{name}", data)
    for hook in HOOKS:
        ground.write(f"{root}/hooks/{hook}.sample", library.source("sh", 1200))
    for _ in range(random.randint(1, 2)):
        name = f"{root}/objects/pack/pack-{random.randbytes(20).hex()}"
        size = min(ground.size(2_000_000 if objects > 100 else 100_000), 16_000_000)
        ground.write(f"{name}.pack", library.binary(size, b"PACK\x00\x00\x00\x02"))
        ground.write(f"{name}.idx", library.binary(size // 30, b"\xfftOc\x00\x00\x00\x02"))
    for _ in range(objects):
        name = random.randbytes(20).hex()
        ground.write(f"{root}/objects/{name[:2]}/{name[2:]}", library.binary(ground.size(700), b"x\x01"))


def references(random: Random) -> bytes:
    return b"".join(f"{random.randbytes(20).hex()} refs/tags/v1.{number}.0\n".encode() for number in range(12))


def moves(ground: Ground, count: int) -> Iterable[bytes]:
    """The reference log: two commits, who, when and why, a line."""
    before = "0" * 40
    for _ in range(count):
        after = ground.random.randbytes(20).hex()
        when = 1_700_000_000 + ground.random.randint(0, 90_000_000)
        yield f"{before} {after} ada <ada@example.com> {when} +0100\tcommit: {ground.name()}\n".encode()
        before = after


def index(tracked: Iterable[str], cut: int, random: Random) -> bytes:
    """The second version of git's index, with the paths below the repository."""
    paths = sorted({os.fsencode(path[cut:]) for path in tracked})
    entries = []
    for path in paths:
        entry = struct.pack(">10I", 0, 0, 0, 0, 0, 0, 0o100644, 1000, 1000, 0) + random.randbytes(20)
        entry += struct.pack(">H", min(len(path), 0xFFF)) + path
        entries.append(entry + bytes(8 - len(entry) % 8))
    body = b"DIRC" + struct.pack(">II", 2, len(entries)) + b"".join(entries)
    return body + hashlib.sha1(body).digest()


def node_package(ground: Ground, folder: str, name: str, count: int) -> None:
    random, library = ground.random, ground.library
    ground.write(f"{folder}/package.json", manifest(random, name))
    kinds = ("js", "js", "js", "ts", "md", "json", "css")
    inner = ("", "lib/", "lib/", "dist/", "src/", f"lib/{ground.noun()}/", f"dist/{ground.noun()}/")
    for number in range(count - 1):
        kind = random.choice(kinds)
        match number:
            case 0:
                path, data = "README.md", library.source("md", 2500)
            case 1:
                path, data = (
                    "LICENSE",
                    b"MIT License\n\nPermission is hereby granted, free of charge, to any person\n" * 12,
                )
            case 2 if count > 6:
                path, data = "dist/index.min.js", library.bundle(ground.size(9000) % 200_000)
            case _:
                path = f"{random.choice(inner)}{ground.noun()}{number}.{'d.ts' if kind == 'ts' else kind}"
                data = library.source(kind, ground.size(1900))
        ground.write(f"{folder}/{path}", data)


def manifest(random: Random, name: str) -> bytes:
    version = f"{random.randint(0, 9)}.{random.randint(0, 30)}.{random.randint(0, 20)}"
    return (
        f'{{\n  "name": "{name}",\n  "version": "{version}",\n  "main": "lib/index.js",\n  "license": "MIT",\n'
        f'  "dependencies": {{\n    "{random.choice(NOUNS)}-{random.choice(VERBS)}": "^{version}"\n  }}\n}}\n'
    ).encode()


def node_modules(ground: Ground, roots: list[str], files: int) -> None:
    """Packages in every second repository until the home has as many files as were asked for."""
    random = ground.random
    pool = names(ground, max(40, files // 120))
    scopes = ("@types", "@babel", "@angular", "@acme", "@storybook", "@aws-sdk")
    homes, used = roots[1::2], set()
    while ground.files < files:
        name = random.choice(pool)
        scoped = f"{random.choice(scopes)}/{name}" if random.random() < 0.25 else name
        folder = f"{random.choice(homes)}/node_modules/{scoped}"
        if random.random() < 0.06:
            folder += f"/node_modules/{random.choice(pool)}"
        if folder not in used:
            used.add(folder)
            node_package(ground, folder, scoped, min(random.choice((3, 6, 8, 10, 14, 40)), files - ground.files))


def virtualenvs(ground: Ground, roots: list[str], count: int) -> None:
    """Sources and their compiled twins under site-packages."""
    left, library = count, ground.library
    homes = [f"{root}/.venv/lib/python3.11/site-packages" for root in roots[::8]]
    for name in names(ground, 1 + count // 40):
        base = f"{ground.random.choice(homes)}/{name.replace('-', '_')}"
        for number in range(min(20, (left + 1) // 2)):
            inner = f"{base}/{ground.noun()}" if number % 7 == 6 else base
            stem = f"{ground.noun()}{number}"
            ground.write(f"{inner}/{stem}.py", library.source("py", ground.size(7000)))
            ground.write(
                f"{inner}/__pycache__/{stem}.cpython-311.pyc", library.binary(ground.size(5000), b"\xa7\r\r\n")
            )
            left -= 2


def tree(ground: Ground, root: str, count: int, kinds: tuple[str, ...], mean: int = 5000) -> None:
    """A registry's or a version's files: one folder a package, a few folders in each."""
    for name in names(ground, 1 + count // 30):
        base = f"{root}/{name}-{ground.random.randint(0, 9)}.{ground.random.randint(0, 30)}.0"
        folders = [base, *(f"{base}/" + "/".join((ground.noun(), ground.noun())) for _ in range(4))]
        for number in range(min(30, count)):
            kind = ground.random.choice(kinds)
            ground.write(
                f"{ground.random.choice(folders)}/{ground.noun()}{number}.{kind}", made(ground, kind, ground.size(mean))
            )
        count -= 30


MAGIC = {
    "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff\xe0", "mp4": b"\x00\x00\x00 ftypisom", "pdf": b"%PDF-1.7\n",
    "zip": b"PK\x03\x04", "jar": b"PK\x03\x04", "docx": b"PK\x03\x04", "xlsx": b"PK\x03\x04", "deb": b"!<arch>\n",
    "gz": b"\x1f\x8b\x08\x00", "tar.gz": b"\x1f\x8b\x08\x00", "so": b"\x7fELF\x02\x01\x01\x00", "woff2": b"wOF2",
    "bin": b"",
}  # fmt: skip


def made(ground: Ground, kind: str, size: int) -> bytes | memoryview:
    if kind in MAGIC:
        return ground.library.binary(size, MAGIC[kind])
    return ground.library.source(
        {"toml": "yaml", "txt": "md", "h": "c", "mod": "yaml", "pom": "html", "svg": "html"}.get(kind, kind), size
    )


def caches(ground: Ground, count: int) -> None:
    """Hashed entries under their first signs, as pip, browsers and builders keep them."""
    tops = (
        ".cache/pip/http-v2",
        ".cache/yarn/v6",
        ".cache/go-build",
        ".cache/ms-playwright",
        ".cache/chromium/Default/Cache",
        ".npm/_cacache/content-v2",
    )
    for _ in range(count):
        name = ground.random.randbytes(20).hex()
        ground.write(f"{ground.random.choice(tops)}/{name[:2]}/{name}", ground.library.binary(ground.size(9000)))


def personal(ground: Ground, count: int, files: int) -> None:
    """Documents, pictures, downloads; among them one file of 100 MB in a home of the usual size."""
    for number in range(count):
        top, kinds, mean = ground.random.choice(
            (
                ("Documents", ("docx", "pdf", "txt", "md", "xlsx"), 40_000),
                ("Downloads", ("zip", "tar.gz", "pdf", "png", "deb", "json"), 90_000),
                ("Pictures/2026", ("jpg", "png"), 120_000),
            )
        )
        kind = ground.random.choice(kinds)
        mean = 8000 if kind not in MAGIC else mean
        ground.write(f"{top}/{ground.noun()}/{ground.name()} ({number}).{kind}", made(ground, kind, ground.size(mean)))
    ground.write("Downloads/recording.mp4", ground.library.binary(min(100 << 20, files * 2000), MAGIC["mp4"]))


def many(ground: Ground, count: int) -> None:
    """One folder with a great many files, as an exported data set has."""
    for number in range(count):
        ground.write(
            f"code/data-pipeline/data/frames/frame_{number:06}.json",
            b'{"frame": %d, "boxes": [%d, 2, 3]}\n' % (number, number % 77),
        )


def transcripts(ground: Ground, roots: list[str], count: int) -> None:
    """What agents kept of their sessions, a document a line."""
    for _ in range(count):
        root = ground.random.choice(roots)
        slug = "-home-ada-" + root.replace("/", "-")
        name = ground.random.randbytes(16).hex()
        session = f"{name[:8]}-{name[8:12]}-4{name[13:16]}-a{name[17:20]}-{name[20:]}"
        day = f"2026/0{ground.random.randint(1, 9)}/{ground.random.randint(10, 28)}"
        codex = ground.random.random() < 0.3
        path = f".codex/sessions/{day}/rollout-{session}.jsonl" if codex else f".claude/projects/{slug}/{session}.jsonl"
        ground.write(path, b"".join(turns(ground, ground.random.randint(10, 160))))


def turns(ground: Ground, count: int) -> Iterable[bytes]:
    """Lines of a transcript: a question, an edit, a tool's result."""
    encode = msgspec.json.encode
    for number in range(count):
        role = ("user", "assistant")[number % 2]
        text = ground.library.source(ground.random.choice(("py", "ts", "md", "sh", "log")), ground.size(1500)).decode()
        yield (
            encode(
                {"type": role, "turn": number, "message": {"role": role, "content": [{"type": "text", "text": text}]}}
            )
            + b"\n"
        )


def logs(ground: Ground, count: int) -> None:
    for number in range(count):
        top = ground.random.choice((".local/state", ".npm/_logs", "code/shop-api/logs", ".local/share/app/logs"))
        ground.write(f"{top}/{ground.noun()}-{number}.log", ground.library.source("log", ground.size(60_000)))


def browser(ground: Ground, count: int) -> None:
    root = ".config/chromium/Default"
    for name in ("Cookies", "History", "Web Data", "Login Data", "Favicons"):
        ground.write(f"{root}/{name}", ground.library.binary(400_000, b"SQLite format 3\x00"))
    ground.write(f"{root}/Preferences", ground.library.source("json", 40_000))
    tree(ground, f"{root}/Extensions", count, ("js", "json", "png", "css"), 6000)


def settled(ground: Ground, files: int, sheets: list[Sheet]) -> None:
    """Everything but the packages of node, which fill what is left."""
    share = shares(files)
    roots = repositories(ground, files)
    for root in roots:
        tracked = sources(ground, root, max(4, share.sources // len(roots)))
        tracked += [sheet.path for sheet in sheets if sheet.path.startswith(root + "/") and is_tracked(sheet.path)]
        git(ground, root, share.objects // len(roots), tracked)
    virtualenvs(ground, roots, share.python)
    steps: tuple[Callable[[], None], ...] = (
        lambda: many(ground, share.many),
        lambda: caches(ground, share.caches),
        lambda: tree(ground, ".cargo/registry/src/index.crates", share.cargo, ("rs", "rs", "toml", "md")),
        lambda: tree(ground, "go/pkg/mod/example.com", share.go, ("go", "go", "mod", "md")),
        lambda: tree(ground, ".m2/repository/com/example", share.jvm // 2, ("jar", "pom", "pom"), 14_000),
        lambda: tree(ground, ".gradle/caches/modules-2/files-2.1", share.jvm // 2, ("jar", "pom", "bin"), 14_000),
        lambda: tree(ground, ".nvm/versions/node", share.node_versions, ("js", "js", "md", "json", "h")),
        lambda: tree(ground, ".vscode/extensions", share.extensions, ("js", "json", "ts", "png", "woff2", "svg")),
        lambda: tree(ground, ".local/share", share.local, ("json", "bin", "png", "txt"), 6000),
        lambda: tree(ground, ".terraform.d/plugin-cache", 1 + files // 5000, ("bin", "md"), 60_000),
        lambda: browser(ground, 1 + files // 1000),
        lambda: personal(ground, share.personal, files),
        lambda: transcripts(ground, roots, max(4, share.transcripts)),
        lambda: logs(ground, 2 + files // 2500),
    )
    for step in steps:
        step()
    node_modules(ground, roots, files - len(sheets))


def is_tracked(path: str) -> bool:
    """Most of what .gitignore names is left out; one in seven was added by force, as happens."""
    name = path.rpartition("/")[2]
    hidden = name.startswith(".env") and not name.endswith("example")
    hidden |= name.endswith((".tfvars", ".tfstate", ".pem", ".bak", "~", ".swp", ".local"))
    if "/.git/" in path or "/node_modules/" in path:
        return False
    return not hidden or zlib.crc32(os.fsencode(path)) % 7 == 0
