import socket
import subprocess
from struct import pack, unpack

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.ssh.agent import Broken, Loaded, loaded_keys
from probes.ssh.look import ssh
from scanner.host import FileKind
from scanner.model import Evidence, Gap, GapKind, Gate, HandleSeen, Platform, Weakness
from scanner.testing import FakeFile, FakeHost, agent_answer, observe
from tests.probes.test_ssh_certificates import made, signed
from tests.probes.test_ssh_keys import ED25519, SECURITY_KEY, keygen, string, told

SOCKET = FakeFile(kind=FileKind.SOCKET)
RUN = "/run/user/1000/keyring/ssh"


def asked(path):
    """What an ssh-agent answers to the list request."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(pack(">IB", 1, 11))
        stream = client.makefile("rb")
        return stream.read(unpack(">I", stream.read(4))[0])


@pytest.fixture
def agent(tmp_path):
    """A running ssh-agent: the path of its socket."""
    path = tmp_path / "agent.sock"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.PIPE)
    process.stdout.readline()
    yield path
    process.terminate()
    process.wait()
    process.stdout.close()


def add(agent, key):
    subprocess.run(["ssh-add", "-q", str(key)], check=True, capture_output=True, env={"SSH_AUTH_SOCK": str(agent)})


def handles(answer, path=RUN, **more):
    host = FakeHost(files={path: SOCKET}, agents={path: answer}, **more)
    return [seen for seen in observe(ssh, host) if isinstance(seen, HandleSeen)]


def test_a_real_agent_tells_its_keys(tmp_path, agent):
    assert handles(asked(agent)) == []
    keys = [keygen(tmp_path / "one", "ed25519"), keygen(tmp_path / "two", "rsa", "2048")]
    for key in keys:
        add(agent, key)
    seen = handles(asked(agent))
    assert [each.public_id for each in seen] == [told(key)[1] for key in keys]
    assert seen[0].names == ("ada@laptop", "256 ED25519")
    assert {each.channel for each in seen} == {f"connect unix:{RUN}"}
    assert {each.barrier.gate for each in seen} == {Gate.NONE}


def test_a_certificate_beside_its_key_is_one_handle(tmp_path, agent):
    signed(tmp_path)
    add(agent, tmp_path / "key")
    answer = asked(agent)
    assert len(list(loaded_keys(answer))) == 2
    assert [each.public_id for each in handles(answer)] == [told(tmp_path / "key")[1]]


def test_a_certificate_in_an_agent_is_named():
    [found] = loaded_keys(agent_answer([(made(), "ada")]))
    assert found.names == ("ada", "256 ED25519", "certificate key id")


ANSWER = agent_answer([(ED25519, "ada@laptop")])


def test_a_security_key_in_an_agent_still_wants_its_touch():
    [seen] = handles(agent_answer([(SECURITY_KEY, "")]))
    assert (seen.barrier.gate, seen.barrier.rule) == (Gate.PRESENCE, "touch")


@pytest.mark.parametrize(
    ("platform", "path"),
    [
        (Platform.LINUX, "~/.1password/agent.sock"),
        (Platform.MACOS, "~/Library/Group Containers/2BUA8C4S2C.com.1password/t/agent.sock"),
    ],
)
def test_1password_asks_a_person(platform, path):
    host = FakeHost(platform, {path: SOCKET}, agents={path: ANSWER})
    [seen] = [each for each in observe(ssh, host) if isinstance(each, HandleSeen)]
    assert seen.barrier.gate is Gate.PRESENCE


@pytest.mark.parametrize(
    "path",
    [
        "/run/user/1000/ssh-agent.socket",
        "/run/user/1000/gcr/ssh",
        "~/.ssh/agent/s.abc.agent.def",
        "/tmp/ssh-abc/agent.7",
    ],
)
def test_agents_are_found_where_they_are_wont_to_listen(path):
    assert len(handles(ANSWER, path)) == 1


def test_the_variable_and_the_usual_place_are_one_agent():
    [seen] = handles(ANSWER, env={"SSH_AUTH_SOCK": RUN})
    assert seen.evidence == Evidence(variable="SSH_AUTH_SOCK")


@pytest.mark.parametrize("value", ["~/a.sock", '"~/a.sock"', "%d/a.sock", "/home/%u/a.sock"])
def test_the_configuration_may_name_an_agent(value):
    host = FakeHost(
        files={"~/.ssh/config": f"Host *\n  IdentityAgent {value}\n", "~/a.sock": SOCKET}, agents={"~/a.sock": ANSWER}
    )
    [seen] = [each for each in observe(ssh, host) if isinstance(each, HandleSeen)]
    assert seen.evidence == Evidence(host.home / ".ssh/config", 2)


@pytest.mark.parametrize("value", ["none", "SSH_AUTH_SOCK", "$VARIABLE", "${VARIABLE}", "relative"])
def test_an_agent_without_a_path_is_none(value):
    host = FakeHost(files={"~/.ssh/config": f"IdentityAgent {value}\n"})
    assert observe(ssh, host) == []


def test_a_silent_agent_is_a_gap():
    host = FakeHost(files={RUN: SOCKET}, agents={})
    [seen] = observe(ssh, host)
    assert (seen.kind, seen.read) == (GapKind.REFUSED, "socket:ssh-agent")


def test_a_file_that_is_no_socket_is_not_asked():
    assert observe(ssh, FakeHost(files={RUN: ""}, agents={RUN: ANSWER})) == []


def test_the_agent_of_windows_is_seen_and_not_asked():
    host = FakeHost(Platform.WINDOWS, {"//./pipe/openssh-ssh-agent": FakeFile(kind=FileKind.PIPE)})
    [seen] = observe(ssh, host)
    assert seen.channel == "connect pipe:\\\\.\\pipe\\openssh-ssh-agent"
    assert seen.undecided.action == "Run `ssh-add -l`."


def weaknesses(env, path="/tmp/ssh-abc/agent.7", answer=ANSWER):
    host = FakeHost(files={path: SOCKET}, agents={path: answer}, env={"SSH_AUTH_SOCK": path, **env})
    return [each.rule for each in observe(ssh, host) if isinstance(each, Weakness)]


@pytest.mark.parametrize("path", ["/tmp/ssh-abc/agent.7", "~/.ssh/agent/s.abc.sshd.def"])
def test_an_agent_that_came_with_the_session_is_forwarded(path):
    path = path.replace("~", "/home/ada")
    assert weaknesses({"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}, path) == ["ssh.agent-forwarded"]


def test_an_agent_of_this_machine_is_not_forwarded():
    connected = {"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}
    assert weaknesses({}) == []
    assert weaknesses({**connected, "SSH_AGENT_PID": "7"}) == []
    assert weaknesses(connected, RUN) == []
    assert weaknesses(connected, answer=agent_answer([])) == []


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "damaged"),
        (b"\x05", "did not list"),
        (b"\x0c", "damaged"),
        (b"\x0c\xff\xff\xff\xff", "damaged"),
        (b"\x0c\0\0\0\1\xff\xff\xff\xff", "damaged"),
        (ANSWER[:-3], "damaged"),
        (agent_answer([(ED25519, "")] * 1001), "more than 1000"),
        (agent_answer([(b"CANARY", "")]), "damaged"),
    ],
)
def test_an_answer_that_lies_is_said_to(answer, why):
    *_, last = loaded_keys(answer)
    assert isinstance(last, Broken)
    assert why in last.why


def test_the_keys_before_the_damage_stand():
    answer = agent_answer([(ED25519, "ada"), (ED25519, "eve")])[:-2]
    host = FakeHost(files={RUN: SOCKET}, agents={RUN: answer})
    seen, gap = observe(ssh, host)
    assert isinstance(seen, HandleSeen)
    assert isinstance(gap, Gap)
    assert gap.kind is GapKind.FAILED


SHREDS = st.sampled_from(
    [b"\x0c", b"\0\0\0\1", b"\0\0\0\2", b"\xff\xff\xff\xff", string(ED25519), string(b"ada"), b"ssh-rsa", made()]
)


@example(b"\x0c\0\0\0\1" + string(made()[:-1]) + string(b""))
@given(st.lists(SHREDS).map(b"".join))
def test_no_answer_breaks_the_reader(answer):
    for found in loaded_keys(answer):
        assert isinstance(found, Loaded | Broken)
