import base64
import hashlib
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from probes.ssh.look import ssh
from probes.ssh.wire import public_line
from scanner.data.kinds import kinds
from scanner.host import FileKind, Host, Place
from scanner.model import (
    OPEN,
    STATIC,
    Asset,
    Capability,
    Confidence,
    CredentialSeen,
    CredentialState,
    Evidence,
    Gap,
    GapKind,
    Gate,
    Guardrail,
    HandleSeen,
    Hint,
    Platform,
    Protection,
    UseSeen,
    Weakness,
)
from scanner.testing import HOMES, FakeFile, FakeFiles, FakeHost, agent_answer, observe
from tests.probes.test_ssh_certificates import signed
from tests.probes.test_ssh_keys import CHECKED, ED25519, PASSPHRASE, SECURITY_KEY, keygen, openssh, putty, told

SOCKET = FakeFile(kind=FileKind.SOCKET)
PLAIN = openssh(ED25519, CHECKED + ED25519 + b"CANARY-CANARY-CANARY")
CONFIG = "~/.ssh/config"
KEY = "~/.ssh/id_ed25519"
RUN = "/run/user/1000/keyring/ssh"


def seen(files, kind=CredentialSeen, platform=Platform.LINUX, **more):
    return [each for each in observe(ssh, FakeHost(platform, files, **more)) if isinstance(each, kind)]


def rules(files, **more):
    return [each.rule for each in seen(files, Weakness, **more)]


def opened(files, **more):
    """What the first key opens, as text to capabilities and confidence."""
    first = seen(files, **more)[0]
    return {f"{each.asset.kind}:{each.asset.name}": each.confidence.value for each in first.grants}


def shell(host, confidence):
    return {f"ssh-host:{host}": confidence}


@pytest.mark.parametrize("platform", Platform)
def test_a_key_without_a_passphrase_is_open(tmp_path, platform):
    path = keygen(tmp_path / "key", "ed25519")
    files = {KEY: path.read_text(), KEY + ".pub": (tmp_path / "key.pub").read_text()}
    [key] = seen(files, platform=platform)
    assert key.kind == "ssh.private-key"
    assert key.public_id == told(path)[1]
    assert key.names == ("ada@laptop", "256 ED25519")
    assert (key.protection, key.barrier, key.lifetime) == (Protection.PLAINTEXT, OPEN, STATIC)
    assert key.evidence == Evidence(HOMES[platform] / ".ssh" / "id_ed25519", 1)
    assert key.secret.fingerprint is not None


def test_a_windows_home_ignores_case():
    [key] = seen({"C:/Users/ada/.SSH/ID_ED25519": PLAIN}, platform=Platform.WINDOWS)
    assert key.protection is Protection.PLAINTEXT


def test_a_passphrase_is_a_barrier_and_a_guardrail(tmp_path):
    files = {KEY: keygen(tmp_path / "key", "ed25519", passphrase=PASSPHRASE).read_text()}
    [key] = seen(files)
    assert key.protection is Protection.ENCRYPTED
    assert (key.barrier.gate, key.barrier.rule) == (
        Gate.PRESENCE,
        "passphrase: cipher aes256-ctr (~/.ssh/id_ed25519)",
    )
    assert [each.rule for each in seen(files, Guardrail)] == ["ssh.key-with-passphrase"]
    assert rules(files) == []


def test_a_keychain_that_may_give_the_passphrase_is_no_sure_barrier(tmp_path):
    files = {
        KEY: keygen(tmp_path / "key", "ed25519", passphrase=PASSPHRASE).read_text(),
        CONFIG: "Host *\n  UseKeychain yes\n",
    }
    assert seen(files, platform=Platform.MACOS)[0].barrier.gate is Gate.UNKNOWN
    assert seen(files, platform=Platform.LINUX)[0].barrier.gate is Gate.PRESENCE


def test_a_security_key_wants_a_touch():
    files = {"~/.ssh/id_ed25519_sk": openssh(SECURITY_KEY, CHECKED + SECURITY_KEY + b"\1")}
    [key] = seen(files)
    assert (key.protection, key.barrier.gate, key.barrier.rule) == (Protection.HARDWARE, Gate.PRESENCE, "touch")
    assert [each.rule for each in seen(files, Guardrail)] == ["ssh.key-in-hardware"]
    assert rules(files) == []


def test_a_security_key_without_touch_is_no_barrier():
    [key] = seen({"~/.ssh/id_ed25519_sk": openssh(SECURITY_KEY, CHECKED + SECURITY_KEY + b"\0")})
    assert (key.protection, key.barrier) == (Protection.HARDWARE, OPEN)


def test_an_encrypted_pem_key_takes_its_public_half_from_beside_it(tmp_path):
    path = keygen(tmp_path / "key", "rsa", "2048", PASSPHRASE, "PEM")
    text = path.read_text()
    [key] = seen({"~/.ssh/work.pem": text, "~/.ssh/work.pem.pub": (tmp_path / "key.pub").read_text()})
    assert key.public_id == told(path)[1]
    [alone] = seen({"~/.ssh/work.pem": text})
    assert alone.public_id is None
    assert alone.identity.account == "~/.ssh/work.pem"
    assert alone.grants[0].asset.name == "hosts that trust ~/.ssh/work.pem"


def test_one_key_in_two_files_has_one_fingerprint_of_its_body():
    one, two = seen({"~/.ssh/a": PLAIN, "~/.ssh/b": PLAIN})
    assert one.secret.fingerprint == two.secret.fingerprint


def test_a_named_key_lies_anywhere_and_is_read_once():
    files = {
        CONFIG: "Host web\n  IdentityFile /keys/web\n  IdentityFile ~/.ssh/id_ed25519\n",
        "/keys/web": PLAIN,
        KEY: PLAIN,
    }
    assert [str(each.evidence.path) for each in seen(files)] == ["/home/ada/.ssh/id_ed25519", "/keys/web"]


def test_what_is_public_is_no_key():
    line = "ssh-ed25519 " + ED25519.hex()
    files = {
        "~/.ssh/known_hosts": "web " + line,
        "~/.ssh/authorized_keys": line,
        "~/.ssh/config": "Host web\n",
        "~/.ssh/notes": "CANARY",
    }
    assert observe(ssh, FakeHost(files=files)) == []


def test_a_private_key_under_a_public_name_is_a_key():
    assert len(seen({"~/.ssh/oops.pub": PLAIN})) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [(KEY, PLAIN[:-60]), (KEY + ".pub", "ssh-ed25519 CANARY"), (KEY, PLAIN.replace("b3Bl", "AAAA", 1))],
)
def test_what_is_half_written_is_a_gap(path, text):
    [gap] = observe(ssh, FakeHost(files={path: text}))
    assert isinstance(gap, Gap)
    assert (gap.kind, gap.place) == (GapKind.FAILED, path)
    assert "CANARY" not in repr(gap)


def test_a_locked_key_is_a_gap_and_the_next_is_read():
    found = observe(ssh, FakeHost(files={"~/.ssh/a": FakeFile(None), "~/.ssh/b": PLAIN}))
    assert found[0].kind is GapKind.REFUSED
    assert isinstance(found[1], CredentialSeen)


def test_a_crowded_folder_ends_in_a_gap():
    found = observe(ssh, FakeHost(files={f"~/.ssh/n{at:03}": "" for at in range(600)}))
    assert [each.kind for each in found] == [GapKind.LIMIT]


def test_a_putty_key_is_mended_by_its_own_tool():
    files = {"~/.ssh/it's.ppk": putty(ED25519)}
    [key] = seen(files)
    assert key.names == ("ada@laptop", "256 ED25519")
    [weak] = seen(files, Weakness)
    assert weak.fix.commands == ("puttygen '/home/ada/.ssh/it'\"'\"'s.ppk' -P",)


@pytest.mark.parametrize(
    ("platform", "command"),
    [
        (Platform.LINUX, "ssh-keygen -p -f '/home/ada/.ssh/my key; rm'"),
        (Platform.WINDOWS, "ssh-keygen -p -f 'C:\\Users\\ada\\.ssh\\my key; rm'"),
    ],
)
def test_the_fix_quotes_the_path(platform, command):
    [weak] = seen({"~/.ssh/my key; rm": PLAIN}, Weakness, platform)
    assert weak.rule == "ssh.key-without-passphrase"
    assert weak.fix.commands == (command,)


@pytest.mark.parametrize(
    ("mode", "loose"), [(0o600, False), (0o400, False), (None, False), (0o640, False), (0o604, True)]
)
def test_a_loose_mode_is_a_weakness_and_an_unknown_one_is_not(mode, loose):
    assert ("file.readable-by-others" in rules({KEY: FakeFile(PLAIN, mode=mode)})) is loose


def test_with_no_host_known_a_key_opens_those_that_trust_it():
    [key] = seen({KEY: PLAIN})
    [grant] = key.grants
    assert grant.asset == Asset("ssh-host", f"hosts that trust {key.public_id}")
    assert grant.asset.hints == (Hint("file", "id_ed25519"),)
    assert (grant.capabilities, grant.confidence) == ({Capability.EXEC_REMOTE}, Confidence.POSSIBLE)
    assert key.public_id in key.undecided.action


def test_a_key_named_for_a_host_opens_that_host():
    files = {
        CONFIG: "Host prod-web\n  HostName Web.Example.com\n  IdentityFile ~/.ssh/work\nHost db\n",
        "~/.ssh/work": PLAIN,
    }
    [key] = seen(files)
    [grant] = key.grants
    assert (grant.asset, grant.confidence) == (Asset("ssh-host", "web.example.com"), Confidence.INFERRED)
    assert grant.asset.hints == (Hint("host", "web.example.com"), Hint("host alias", "prod-web"))
    assert grant.capabilities == {Capability.EXEC_REMOTE, Capability.DATA_READ}
    assert grant.evidence == Evidence(HOMES[Platform.LINUX] / ".ssh/config", 3)
    assert key.undecided is None


def test_a_default_key_may_open_every_host_that_takes_any():
    files = {
        CONFIG: "Host web\nHost db\n  IdentityFile ~/.ssh/db\n  IdentitiesOnly yes\n"
        "Host mine\n  IdentityFile ~/.ssh/id_ed25519\n",
        KEY: PLAIN,
        "~/.ssh/known_hosts": "known ssh-ed25519 AAAA\n",
    }
    assert opened(files) == shell("mine", "inferred") | shell("web", "possible") | shell("known", "possible")


def test_a_key_that_nothing_names_may_open_what_is_known():
    assert opened({"~/.ssh/old.pem": PLAIN, "/etc/ssh/ssh_known_hosts": "web ssh-rsa AAAA"}) == shell("web", "possible")


def test_a_push_is_no_shell():
    files = {CONFIG: "Host github-work\n  HostName github.com\n  IdentityFile ~/.ssh/id_ed25519\n", KEY: PLAIN}
    [grant] = seen(files)[0].grants
    assert grant.asset == Asset("git-host", "github.com")
    assert grant.capabilities == {Capability.CODE_WRITE, Capability.DATA_READ}


def test_two_names_of_one_host_are_one_grant():
    files = {CONFIG: "Host a b\n  HostName web\n  IdentityFile ~/.ssh/id_ed25519\n", KEY: PLAIN}
    [grant] = seen(files)[0].grants
    assert {hint.text for hint in grant.asset.hints} == {"web", "a", "b"}


def test_two_hundred_hosts_are_enough_for_a_key():
    files = {KEY: PLAIN, "~/.ssh/known_hosts": "".join(f"h{at} ssh-rsa AAAA\n" for at in range(300))}
    gap, key = observe(ssh, FakeHost(files=files))[:2]
    assert gap.kind is GapKind.LIMIT
    assert len(key.grants) == 200


def test_a_public_key_named_for_a_host_tells_what_the_agent_opens(tmp_path):
    path = keygen(tmp_path / "key", "ed25519")
    files = {
        CONFIG: "Host web\n  IdentityFile ~/.ssh/web.pub\n  IdentitiesOnly yes\n",
        "~/.ssh/web.pub": (tmp_path / "key.pub").read_text(),
        RUN: SOCKET,
    }
    blob, _ = public_line((tmp_path / "key.pub").read_text())
    [handle] = seen(files, HandleSeen, agents={RUN: agent_answer([(blob, "ada")])})
    assert handle.public_id == told(path)[1]
    assert [(each.asset.name, each.confidence) for each in handle.grants] == [("web", Confidence.INFERRED)]


def test_an_encrypted_key_in_an_agent_is_a_handle_of_its_own(tmp_path):
    keygen(tmp_path / "key", "ed25519", passphrase=PASSPHRASE)
    blob, _ = public_line((tmp_path / "key.pub").read_text())
    files = {KEY: (tmp_path / "key").read_text(), RUN: SOCKET}
    more = {"agents": {RUN: agent_answer([(blob, "ada")])}}
    [key], [handle] = seen(files, **more), seen(files, HandleSeen, **more)
    assert key.barrier.gate is Gate.PRESENCE
    assert handle.barrier.gate is Gate.NONE
    assert handle.identity == key.identity


def with_certificate(tmp_path, *options, passphrase=""):
    path = signed(tmp_path, "-n", "ada", *options)
    key = (tmp_path / "key").read_text()
    if passphrase:
        key = keygen(tmp_path / "other", "ed25519", passphrase=passphrase).read_text()
    return {KEY: key, KEY + "-cert.pub": path.read_text(), "~/.ssh/known_hosts": "web ssh-rsa AAAA"}


def certificates(files, **more):
    return [each for each in seen(files, **more) if each.kind == "ssh.certificate"]


def test_a_certificate_is_tied_to_its_key_and_ends(tmp_path):
    [found] = certificates(with_certificate(tmp_path, "-V", "20260101000000Z:20270101000000Z"))
    fingerprint = told(tmp_path / "key")[1]
    assert found.public_id.startswith(f"{fingerprint} signed by SHA256:")
    assert f"for key {fingerprint}" in found.names
    assert found.lifetime.expires_at == datetime(2027, 1, 1, tzinfo=UTC)
    assert found.state is CredentialState.UNTESTED
    assert [each.asset.name for each in found.grants] == ["web"]
    assert found.secret is None


def test_a_certificate_past_its_end_has_expired(tmp_path):
    [found] = certificates(with_certificate(tmp_path, "-V", "20250101000000Z:20260101000000Z"))
    assert found.state is CredentialState.EXPIRED


def test_a_certificate_without_its_key_opens_nothing(tmp_path):
    [found] = certificates(with_certificate(tmp_path, passphrase=PASSPHRASE))
    assert found.grants == ()
    assert "its private key is not on this machine" in found.names


def test_a_certificate_with_a_forced_command_is_only_possible(tmp_path):
    files = with_certificate(tmp_path, "-O", "force-command=backup") | {
        CONFIG: "Host web\n  IdentityFile ~/.ssh/id_ed25519\n"
    }
    [found] = certificates(files)
    assert [each.confidence for each in found.grants] == [Confidence.POSSIBLE]


def test_a_host_certificate_is_nothing(tmp_path):
    assert certificates(with_certificate(tmp_path, "-h")) == []


CONTROL = "Host prod\n  HostName web.example.com\n  User deploy\nHost *\n  ControlMaster auto\n  ControlPath {}\n"


@pytest.mark.parametrize(
    ("template", "socket", "host"),
    [
        ("~/.ssh/cm-%r@%h:%p", "~/.ssh/cm-deploy@web.example.com:22", "web.example.com"),
        ("~/.ssh/cm-%r@%h:%p", "~/.ssh/cm-ada@db.example.com:2222", "db.example.com"),
        ("~/.ssh/%h/%r", "~/.ssh/web.example.com/deploy", "web.example.com"),
        ("~/.ssh/cm-%n", "~/.ssh/cm-prod", "web.example.com"),
        ("~/.ssh/cm-%k", "~/.ssh/cm-other", "host behind ~/.ssh/cm-other"),
        ("%d/.ssh/cm", "~/.ssh/cm", "web.example.com"),
        ("~/.ssh/%C", "~/.ssh/0123", "host behind ~/.ssh/0123"),
        (
            "~/.ssh/%C",
            "~/.ssh/" + hashlib.sha1(b"testbedweb.example.com22deploy").hexdigest(),
            "web.example.com",
        ),
    ],
)
def test_an_open_connection_is_a_handle_on_its_host(template, socket, host):
    [handle] = seen({CONFIG: CONTROL.format(template), socket: SOCKET}, HandleSeen)
    [grant] = handle.grants
    assert handle.kind == "handle.ssh-control-socket"
    assert (grant.asset.name, grant.confidence) == (host, Confidence.GRANTED)
    assert Capability.EXEC_REMOTE in grant.capabilities
    assert handle.channel == "connect unix:" + socket.replace("~", "/home/ada")


@pytest.mark.parametrize("jump", ["", "bastion"])
def test_a_hash_is_understood_with_and_without_its_jump_host(jump):
    name = "~/.ssh/" + hashlib.sha1(f"testbedweb22ada{jump}".encode()).hexdigest()
    text = "Host web\n  ProxyJump bastion\n  ControlPath ~/.ssh/%C\n"
    [handle] = seen({CONFIG: text, name: SOCKET}, HandleSeen)
    assert handle.grants[0].asset.name == "web"


class Locked(FakeFiles):
    """A tree in which this user may write nothing."""

    def place(self, path, inside=()):
        found = super().place(path, inside)
        return replace(found, writable=False) if isinstance(found, Place) else found


def test_a_socket_of_someone_else_is_no_handle():
    sockets = {"/tmp/ssh-abc/agent.7": SOCKET, "/home/ada/.ssh/cm": SOCKET}
    files = {CONFIG: "ControlPath ~/.ssh/cm\n", **sockets}
    agents = {"/tmp/ssh-abc/agent.7": agent_answer([(ED25519, "ada")])}
    assert len(seen(files, HandleSeen, agents=agents)) == 2
    host = FakeHost(files=files, agents=agents)
    tree = {PurePosixPath(path): SOCKET for path in sockets}
    tree[PurePosixPath("/home/ada/.ssh/config")] = FakeFile(files[CONFIG])
    machine = replace(host.machine, files=Locked(Platform.LINUX, tree))
    assert observe(ssh, Host(machine, host.vault)) == []


def test_a_connection_to_a_code_host_pushes():
    [handle] = seen({CONFIG: CONTROL.format("~/.ssh/%h"), "~/.ssh/github.com": SOCKET}, HandleSeen)
    assert handle.grants[0].asset == Asset("git-host", "github.com")


@pytest.mark.parametrize("template", ["none", "${X}/%h", "/*/%h/%r/%p"])
def test_a_control_path_that_leads_nowhere_is_no_handle(template):
    assert seen({CONFIG: CONTROL.format(template), "~/.ssh/web": SOCKET}, HandleSeen) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Host *\n  ForwardAgent yes\n", ["ssh.forward-agent"]),
        ("Host a\n  ForwardAgent ~/a.sock\n", ["ssh.forward-agent"]),
        ("ForwardAgent no\nHost *\n  ForwardAgent yes\n", []),
        ("Host a\n  ForwardAgent no\nHost *\n  ForwardAgent yes\n", ["ssh.forward-agent"]),
        ("Host *\n  ForwardAgent no\n", []),
        ("ControlMaster auto\nControlPersist yes\n", ["ssh.control-persist"]),
        ("ControlMaster auto\nControlPersist 0\n", ["ssh.control-persist"]),
        ("ControlMaster auto\nControlPersist 8h\n", ["ssh.control-persist"]),
        ("ControlMaster auto\nControlPersist 1h30m\n", ["ssh.control-persist"]),
        ("ControlMaster auto\nControlPersist 10m\n", []),
        ("ControlMaster auto\nControlPersist 600\n", []),
        ("ControlMaster auto\nControlPersist no\n", []),
        ("ControlMaster auto\nControlPersist often\n", []),
        ("ControlPersist yes\n", []),
    ],
)
def test_the_arrangements_that_weaken_are_named(text, found):
    assert rules({CONFIG: text}) == found


def test_programs_are_named_and_never_their_arguments():
    text = (
        "Host a\n  ProxyCommand /usr/bin/cloudflared access --token CANARY %h\n  LocalCommand notify CANARY\n"
        'Match exec "~/bin/on-vpn CANARY"\n  KnownHostsCommand none\n'
    )
    found = seen({CONFIG: text}, UseSeen)
    assert [(each.subject, each.how) for each in found] == [
        ("cloudflared", "ssh starts it (ProxyCommand)"),
        ("notify", "ssh starts it (LocalCommand)"),
        ("on-vpn", "ssh starts it (Match exec)"),
    ]
    assert "CANARY" not in repr(found)


def test_every_kind_is_in_the_data():
    assert {
        "ssh.private-key",
        "ssh.certificate",
        "handle.ssh-agent",
        "handle.ssh-control-socket",
    } <= kinds().keys()


def test_no_repr_holds_key_material(tmp_path):
    texts = [PLAIN, putty(ED25519)]
    texts += [keygen(tmp_path / f"k{form}", "rsa", "2048", form=form).read_text() for form in ("", "PEM", "PKCS8")]
    files = {f"~/.ssh/k{number}": text for number, text in enumerate(texts)}
    host = FakeHost(files=files)
    found = observe(ssh, host)
    told_all = repr(found)
    assert len([each for each in found if isinstance(each, CredentialSeen)]) == len(texts)
    for text in texts:
        for line in text.splitlines():
            if len(line) > 20 and " " not in line:
                assert line not in told_all
    masked, hits = host.vault.mask("".join(PLAIN.splitlines()[1:-1]).encode())
    assert (masked, hits) == (b"[masked]", 1)


NAMES = ["config", "known_hosts", "id_rsa", "id_rsa.pub", "id_rsa-cert.pub", "x.ppk", "config.d/a"]
SHREDS = st.sampled_from(
    [
        *(
            PLAIN[:60],
            PLAIN[60:],
            PLAIN,
            "ssh-ed25519 ",
            "AAAA",
            "CANARY",
            "\n",
            " ",
            "Host ",
            "*",
            "IdentityFile ",
            "~/",
        ),
        *(".ssh/id_rsa", "Include ", "config", "ControlPath ", "%h", "%C", "/", "[", "ProxyJump ", "IdentityAgent "),
        *("Match exec ", '"', "..", "ForwardAgent yes\n", "é", "\0", "C:x:y", "web", ",", "HostName "),
    ]
)


@given(
    st.dictionaries(st.sampled_from(NAMES), st.lists(SHREDS, max_size=12).map("".join), max_size=4),
    st.sampled_from(Platform),
)
def test_no_home_breaks_the_probe(files, platform):
    found = observe(ssh, FakeHost(platform, {f"~/.ssh/{name}": text for name, text in files.items()}))
    for each in found:
        if isinstance(each, CredentialSeen | HandleSeen):
            assert each.grants or each.kind == "ssh.certificate"


def test_a_key_in_an_agent_is_offered_to_every_host_that_takes_any():
    public = "ssh-ed25519 " + base64.b64encode(ED25519).decode()
    files = {
        CONFIG: "Host github.com\n  User git\n  IdentityFile ~/.ssh/id_work\n",
        "~/.ssh/id_work.pub": public,
        "~/.ssh/known_hosts": f"orders-1.prod.example.com {public}\n",
        RUN: SOCKET,
    }
    [handle] = seen(files, HandleSeen, env={"SSH_AUTH_SOCK": RUN}, agents={RUN: agent_answer([(ED25519, "ada")])})
    told = {grant.asset.name: grant.confidence for grant in handle.grants}
    assert told == {"github.com": Confidence.INFERRED, "orders-1.prod.example.com": Confidence.POSSIBLE}
