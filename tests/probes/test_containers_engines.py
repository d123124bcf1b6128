"""Container engines: which socket is root on this machine, which is root elsewhere, and which gives nothing new."""

import http.server
import json
import socket
import socketserver
import threading
from pathlib import PurePosixPath

import pytest
from msgspec.structs import replace

from probes.containers.engine import FOREIGN, REFUSAL, engine
from probes.containers.look import containers
from probes.containers.objects import Fields
from scanner.data.severities import weaknesses
from scanner.host import FileKind, Host
from scanner.host.local import LocalSockets, local_files
from scanner.model import (
    Asset,
    Capability,
    Confidence,
    Evidence,
    Gap,
    GapKind,
    Guardrail,
    HandleSeen,
    Hint,
    Platform,
    Weakness,
)
from scanner.testing import TEST_KEY, FakeFile, FakeHost, fake_machine, observe
from scanner.vault import Vault

SOCKET = FakeFile(kind=FileKind.SOCKET, mode=0o660)
DOCKER = "/var/run/docker.sock"
ROOT, REMOTE, STAYS = Capability.HOST_ROOT, Capability.EXEC_REMOTE, Capability.PERSIST
HERE = Asset("this-machine", "testbed")

# What real engines said, but for what nothing looks at; their machine is called testbed here.
PODMAN_VERSION = {
    "Platform": {"Name": "linux/amd64/debian-12"},
    "Components": [
        {"Name": "Podman Engine", "Version": "4.3.1", "Details": {"APIVersion": "4.3.1", "MinAPIVersion": "4.0.0"}},
        {"Name": "Conmon", "Version": "conmon version 2.1.6, commit: unknown", "Details": {"Package": "conmon"}},
        {"Name": "OCI Runtime (crun)", "Version": "crun version 1.8.1\ncommit: f8a096be\nspec: 1.0.0", "Details": {}},
    ],
    "Version": "4.3.1",
    "ApiVersion": "1.41",
    "MinAPIVersion": "1.24",
    "Os": "linux",
}
PODMAN_INFO = {
    "ID": "27563566-10a6-44e6-9565-2e626d4f7838",
    "Driver": "overlay",
    "Plugins": {"Volume": ["local"], "Network": ["bridge", "macvlan", "ipvlan"], "Authorization": None},
    "OperatingSystem": "debian",
    "OSType": "linux",
    "DockerRootDir": "/var/lib/containers/storage",
    "HttpProxy": "",
    "Name": "testbed",
    "Labels": None,
    "ServerVersion": "4.3.1",
    "SecurityOptions": ["name=seccomp,profile=default"],
    "Warnings": [],
    "BuildahVersion": "1.28.2",
    "Rootless": False,
}
PODMAN_ROOTLESS = PODMAN_INFO | {
    "Driver": "vfs",
    "DockerRootDir": "/home/ada/.local/share/containers/storage",
    "Rootless": True,
}
DOCKERD_VERSION = {
    "Platform": {"Name": ""},
    "Components": [
        {"Name": "Engine", "Version": "20.10.24+dfsg1", "Details": {"ApiVersion": "1.41", "GitCommit": "5d6db84"}},
        {"Name": "containerd", "Version": "1.6.20~ds1", "Details": {"GitCommit": "1.6.20~ds1-1+deb12u3"}},
        {"Name": "runc", "Version": "1.1.5+ds1", "Details": {"GitCommit": "1.1.5+ds1-1+deb12u1"}},
    ],
    "Version": "20.10.24+dfsg1",
    "ApiVersion": "1.41",
    "Os": "linux",
}
DOCKERD_INFO = {
    "ID": "FZHG:JS32:TVFO:DVD7:MIT4:QC45:HWFA:6GZ2:FUTM:HTTY:7MNS:WMYH",
    "Driver": "vfs",
    "DriverStatus": None,
    "Plugins": {"Volume": ["local"], "Network": ["bridge", "host", "overlay"], "Authorization": None},
    "OperatingSystem": "Debian GNU/Linux 12 (bookworm)",
    "OSType": "linux",
    "IndexServerAddress": "https://index.docker.io/v1/",
    "DockerRootDir": "/var/lib/docker",
    "HttpProxy": "http://ada:CANARY@proxy.example.com:3128",
    "Name": "testbed",
    "Labels": [],
    "ServerVersion": "20.10.24+dfsg1",
    "SecurityOptions": ["name=seccomp,profile=default"],
    "Warnings": None,
}
USERNS_INFO = DOCKERD_INFO | {
    "DockerRootDir": "/var/lib/docker/165536.165536",
    "SecurityOptions": ["name=seccomp,profile=default", "name=userns"],
}
DOCKERD_ROOTLESS = DOCKERD_INFO | {
    "DockerRootDir": "/home/ada/.local/share/docker",
    "SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"],
}
DESKTOP_INFO = DOCKERD_INFO | {
    "OperatingSystem": "Docker Desktop",
    "Name": "docker-desktop",
    "ServerVersion": "28.3.2",
    "SecurityOptions": ["name=seccomp,profile=unconfined", "name=cgroupns"],
}
DOCKERD = (DOCKERD_VERSION, DOCKERD_INFO)


def answers(version, info):
    return {"version": json.dumps(version), "info": json.dumps(info)}


def look(files, engines=None, platform=Platform.LINUX, **more):
    seen = observe(containers, FakeHost(platform, files, engines=engines or {}, **more))
    assert "CANARY" not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def opened(seen):
    """What the one handle opens: asset, classes, confidence."""
    [handle] = only(seen, HandleSeen)
    return [(grant.asset, set(grant.capabilities), grant.confidence) for grant in handle.grants]


# over real sockets


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers `GET /version` and `GET /info` as the server was told, as an engine does; 403 where it was told None."""

    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.heard.append(self.path)
        told = self.server.answers.get(self.path)
        body = json.dumps(told).encode() if told is not None else b'{"message": "denied"}'
        self.send_response(200 if told is not None else 403)
        self.send_header("Content-Type", "application/json")
        if self.path == "/version":
            self.send_header("Content-Length", str(len(body)))
        else:
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def serve(tmp_path):
    made = []

    class Server(socketserver.ThreadingUnixStreamServer):
        """A server that a caller may leave before the answer's end."""

        def handle_error(self, request, client_address):
            pass

    def start(version, info, name="engine.sock"):
        server = Server(str(tmp_path / name), Answering)
        server.answers, server.heard = {"/version": version, "/info": info}, []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        made.append((server, thread))
        return server

    yield start
    for server, thread in made:
        server.shutdown()
        thread.join()
        server.server_close()


def look_live(path, **more):
    """The probe on a machine whose files and sockets are those of this one, with an address that names the socket."""
    machine = fake_machine(env={"DOCKER_HOST": f"unix://{path}"}, **more)
    machine = replace(machine, files=local_files(), sockets=LocalSockets(), home=PurePosixPath("/nowhere/ada"))
    found = observe(containers, Host(machine, Vault(TEST_KEY)))
    assert "CANARY" not in repr(found)
    return [each for each in found if isinstance(each, HandleSeen | Gap) and str(path) in repr(each)]


@pytest.mark.parametrize(
    ("told", "names", "asset", "classes"),
    [
        ((PODMAN_VERSION, PODMAN_INFO), ("Podman 4.3.1",), HERE, {ROOT}),
        ((PODMAN_VERSION, PODMAN_ROOTLESS), ("Podman 4.3.1", "rootless"), HERE, {STAYS}),
        ((DOCKERD_VERSION, DOCKERD_INFO), ("Docker 20.10.24+dfsg1",), HERE, {ROOT}),
        ((DOCKERD_VERSION, DOCKERD_ROOTLESS), ("Docker 20.10.24+dfsg1", "rootless"), HERE, {STAYS}),
        ((DOCKERD_VERSION, USERNS_INFO), ("Docker 20.10.24+dfsg1", "remaps users"), HERE, {ROOT}),
        (
            (DOCKERD_VERSION, DESKTOP_INFO),
            ("Docker 28.3.2", "in the virtual machine docker-desktop"),
            Asset("container-vm", "docker-desktop"),
            {REMOTE},
        ),
    ],
)
def test_what_an_engine_says_of_itself_decides(serve, told, names, asset, classes):
    server = serve(*told)
    [handle] = look_live(server.server_address)
    assert server.heard == ["/version", "/info"]
    assert (handle.kind, handle.names) == ("handle.container-socket", names)
    assert handle.channel == f"connect unix:{server.server_address}"
    [grant] = handle.grants
    assert (grant.asset, set(grant.capabilities)) == (asset, classes)
    expected = Confidence.POSSIBLE if classes == {STAYS} else Confidence.VERIFIED
    assert grant.confidence is expected


def test_an_engine_that_refuses_a_question_is_only_perhaps_root(serve):
    gap, handle = look_live(serve(DOCKERD_VERSION, None).server_address)
    assert (gap.kind, gap.why) == (GapKind.REFUSED, REFUSAL)
    assert handle.grants[0].confidence is Confidence.POSSIBLE
    assert handle.undecided is not None
    assert handle.names == ("Docker 20.10.24+dfsg1",)


def test_an_engine_that_refuses_both_questions_is_only_perhaps_root(serve):
    *gaps, handle = look_live(serve(None, None).server_address)
    assert [gap.why for gap in gaps] == [REFUSAL]
    assert handle.grants[0].confidence is Confidence.POSSIBLE


def test_a_socket_on_which_nothing_listens_is_a_gap_and_possible(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "dead.sock"))
    gap, handle = look_live(tmp_path / "dead.sock")
    assert (gap.kind, gap.why) == (GapKind.FAILED, "nothing listens there")
    assert handle.grants[0].confidence is Confidence.POSSIBLE


# where sockets lie


@pytest.mark.parametrize(
    ("platform", "path", "name"),
    [
        (Platform.LINUX, "~/.docker/desktop/docker.sock", "docker-desktop"),
        (Platform.LINUX, "~/.colima/default/docker.sock", "colima"),
        (Platform.LINUX, "~/.rd/docker.sock", "rancher-desktop"),
        (Platform.LINUX, "~/.local/share/containers/podman/machine/qemu/podman.sock", "podman-machine-default"),
        (Platform.MACOS, DOCKER, "docker-desktop"),
        (Platform.MACOS, "~/.docker/run/docker.sock", "docker-desktop"),
        (Platform.MACOS, "~/.colima/docker.sock", "colima"),
        (Platform.MACOS, "~/.colima/work/docker.sock", "colima-work"),
        (Platform.MACOS, "~/.config/colima/default/docker.sock", "colima"),
        (Platform.MACOS, "~/.colima/default/containerd.sock", "colima"),
        (Platform.MACOS, "~/.lima/docker/sock/docker.sock", "lima-docker"),
        (Platform.MACOS, "~/.lima/build/sock/podman.sock", "lima-build"),
        (Platform.MACOS, "~/.orbstack/run/docker.sock", "orbstack"),
        (Platform.MACOS, "~/.rd/docker.sock", "rancher-desktop"),
        (Platform.MACOS, "/var/folders/x/T/podman/podman-machine-default-api.sock", "podman-machine-default"),
        (Platform.WINDOWS, "//./pipe/docker_engine", "docker-desktop"),
        (Platform.WINDOWS, "//./pipe/podman-machine-default", "podman-machine-default"),
    ],
)
def test_an_engine_in_a_virtual_machine_is_root_there_and_not_here(platform, path, name):
    env = {"TMPDIR": "/var/folders/x/T"} if platform is Platform.MACOS else {}
    [(asset, classes, confidence)] = opened(look({path: SOCKET}, platform=platform, env=env))
    assert (asset, classes) == (Asset("container-vm", name), {REMOTE})
    assert Hint("host", "localhost") in asset.hints
    expected = Confidence.INFERRED if platform is Platform.WINDOWS else Confidence.GRANTED
    assert confidence is expected


@pytest.mark.parametrize(
    ("path", "classes", "confidence"),
    [
        (DOCKER, {ROOT}, Confidence.GRANTED),
        ("/run/docker.sock", {ROOT}, Confidence.GRANTED),
        ("/run/podman/podman.sock", {ROOT}, Confidence.GRANTED),
        ("/run/containerd/containerd.sock", {ROOT}, Confidence.GRANTED),
        ("/run/crio/crio.sock", {ROOT}, Confidence.GRANTED),
        ("/run/buildkit/buildkitd.sock", {ROOT}, Confidence.POSSIBLE),
        ("/run/user/1000/docker.sock", {STAYS}, Confidence.POSSIBLE),
        ("/run/user/1000/podman/podman.sock", {STAYS}, Confidence.POSSIBLE),
        ("/run/user/1000/buildkit/buildkitd.sock", {STAYS}, Confidence.POSSIBLE),
        ("~/.docker/run/docker.sock", {STAYS}, Confidence.POSSIBLE),
    ],
)
def test_an_engine_that_does_not_answer_is_judged_by_its_place(path, classes, confidence):
    assert opened(look({path: SOCKET})) == [(HERE, classes, confidence)]


@pytest.mark.parametrize("env", [{}, {"XDG_RUNTIME_DIR": "/tmp/runtime-ada"}])
def test_the_rootless_engine_is_found_whatever_the_runtime_folder_is(env):
    seen = look({"/run/user/1000/docker.sock": SOCKET, "/tmp/runtime-ada/podman/podman.sock": SOCKET}, env=env)
    assert len(only(seen, HandleSeen)) == 1 + len(env)


def test_one_engine_behind_links_and_an_address_is_one_handle():
    files = {DOCKER: FakeFile(link="/run/docker.sock"), "/run/docker.sock": SOCKET}
    seen = look(files, {"/run/docker.sock": answers(*DOCKERD)}, env={"DOCKER_HOST": "unix:///var/run/docker.sock"})
    [handle] = seen
    assert handle.evidence == Evidence(PurePosixPath(DOCKER))
    assert handle.grants[0].confidence is Confidence.VERIFIED


def test_two_engines_are_two_handles_and_each_is_asked():
    files = {DOCKER: SOCKET, "/run/user/1000/podman/podman.sock": SOCKET}
    engines = {DOCKER: answers(*DOCKERD), "/run/user/1000/podman/podman.sock": answers(PODMAN_VERSION, PODMAN_ROOTLESS)}
    docker, podman = look(files, engines)
    assert {docker.names, podman.names} == {("Docker 20.10.24+dfsg1",), ("Podman 4.3.1", "rootless")}


def test_a_file_or_a_folder_of_that_name_is_no_socket():
    assert look({DOCKER: "", "~/.rd/docker.sock": FakeFile(kind=FileKind.PIPE), "/run/docker.sock/x": ""}) == []


class Watched:
    """Files of which every place is first shown to a function."""

    def __init__(self, files, change):
        self.files, self.change = files, change

    def __getattr__(self, name):
        return getattr(self.files, name)

    def place(self, path, inside=()):
        return self.change(path, self.files.place(path, inside))


def look_watched(files, change, **more):
    host = FakeHost(files=files, **more)
    watched = Watched(host.machine.files, change)
    return observe(containers, Host(replace(host.machine, files=watched), host.vault))


def test_a_socket_closed_to_this_user_is_nothing():
    def closed(path, found):
        return replace(found, writable=False) if found is not None else None

    assert look_watched({DOCKER: SOCKET}, closed, engines={DOCKER: answers(*DOCKERD)}) == []


@pytest.mark.parametrize("folder", ["/run/podman", "/home/ada/.rd"])
def test_a_folder_of_the_system_that_is_closed_is_no_gap_and_one_of_the_home_is(folder):
    def closed(path, found):
        return Gap(GapKind.REFUSED, str(path), "permission denied") if str(path.parent) == folder else found

    files = {f"{folder}/podman.sock": SOCKET, f"{folder}/docker.sock": SOCKET}
    assert len(look_watched(files, closed)) == (folder == "/home/ada/.rd")


def test_an_image_is_judged_by_its_places_and_nothing_is_asked():
    host = FakeHost(files={DOCKER: SOCKET}, engines={DOCKER: answers(DOCKERD_VERSION, DESKTOP_INFO)}, source="image")
    assert opened(observe(containers, host)) == [(HERE, {ROOT}, Confidence.GRANTED)]


def test_an_engine_elsewhere_behind_a_socket_here_is_that_machines_root():
    info = DOCKERD_INFO | {"Name": "Build-7.example.com"}
    [(asset, classes, confidence)] = opened(look({DOCKER: SOCKET}, {DOCKER: answers(DOCKERD_VERSION, info)}))
    assert (asset, classes) == (Asset("container-host", "build-7.example.com"), {ROOT, REMOTE})
    assert confidence is Confidence.VERIFIED


def test_the_same_machine_with_its_domain_is_this_machine():
    info = DOCKERD_INFO | {"Name": "TESTBED.example.com"}
    assert opened(look({DOCKER: SOCKET}, {DOCKER: answers(DOCKERD_VERSION, info)})) == [
        (HERE, {ROOT}, Confidence.VERIFIED)
    ]


@pytest.mark.parametrize("name", ["colima", "lima-default", "orbstack"])
def test_an_engine_that_names_its_virtual_machine_is_believed(name):
    answer = answers(DOCKERD_VERSION, DOCKERD_INFO | {"Name": name})
    [(asset, classes, _)] = opened(look({DOCKER: SOCKET}, {DOCKER: answer}))
    assert (asset.kind, classes) == ("container-vm", {REMOTE})


def test_an_authorization_plugin_makes_root_only_possible_and_is_told():
    info = DOCKERD_INFO | {"Plugins": {"Authorization": ["opa-docker-authz"]}}
    seen = look({DOCKER: SOCKET}, {DOCKER: answers(DOCKERD_VERSION, info)})
    assert opened(seen) == [(HERE, {ROOT}, Confidence.POSSIBLE)]
    assert only(seen, HandleSeen)[0].undecided is not None
    [guard] = only(seen, Guardrail)
    assert (guard.rule, guard.evidence) == ("containers.authorization-plugin", Evidence(PurePosixPath(DOCKER)))
    assert "opa-docker-authz" in guard.title


@pytest.mark.parametrize(
    ("version", "info", "why"),
    [
        ("{", "{}", "is no JSON"),
        (json.dumps(DOCKERD_VERSION), "[1]", "is no JSON object"),
        (json.dumps(DOCKERD_VERSION), "[" * 100_000, "nested too deeply to read"),
        (json.dumps(DOCKERD_VERSION), "CANARY", "is no JSON"),
        ("", "", "is no JSON"),
    ],
)
def test_an_answer_that_is_none_is_a_gap_and_the_handle_stays(version, info, why):
    seen = look({DOCKER: SOCKET}, {DOCKER: {"version": version, "info": info}})
    assert any(why in gap.why for gap in only(seen, Gap))
    assert len(only(seen, HandleSeen)) == 1


@pytest.mark.parametrize(
    ("version", "info"),
    [
        ({}, {}),
        ({"Components": "x", "Version": 7}, {"SecurityOptions": "name=rootless", "Plugins": [], "Name": ["x"]}),
        ({"Components": [1, None, {"Name": {}}]}, {"SecurityOptions": [None, 1, {}], "Rootless": "yes"}),
        ({"Version": "\ud800"}, {"ServerVersion": "x" * 5000, "Name": "a\nb", "Plugins": {"Authorization": "x"}}),
    ],
)
def test_an_answer_of_other_types_says_nothing(version, info):
    told = engine(Fields(version), Fields(info))
    assert (told.version, told.host, told.authorized_by) == ("", "", ())
    assert not told.rootless


def test_an_option_that_only_looks_like_rootless_is_none():
    info = DOCKERD_INFO | {"SecurityOptions": ["name=rootlessness", "name=seccomp,profile=name=rootless"]}
    assert not engine(Fields(DOCKERD_VERSION), Fields(info)).rootless


def test_another_users_rootless_engine_is_that_user():
    other = FakeFile(kind=FileKind.SOCKET, mode=0o666, mine=False)
    answer = answers(PODMAN_VERSION, PODMAN_ROOTLESS)
    path = "/srv/podman.sock"
    seen = look({path: other}, {path: answer}, env={"CONTAINER_HOST": f"unix://{path}"})
    assert opened(seen) == [(HERE, {ROOT}, Confidence.GRANTED)]


def test_the_words_of_the_port_are_known(serve, tmp_path):
    server = serve(None, None)
    assert LocalSockets().engine(PurePosixPath(server.server_address), "info").why == REFUSAL
    assert FOREIGN == "the socket of another user"


# arrangements


def weak(seen):
    return [each.rule for each in only(seen, Weakness)]


@pytest.mark.parametrize(
    ("path", "mode", "rules"),
    [
        (DOCKER, 0o666, ["containers.world-writable-socket"]),
        (DOCKER, 0o660, []),
        (DOCKER, None, []),
        ("/run/user/1000/docker.sock", 0o666, []),
        ("~/.docker/run/docker.sock", 0o777, []),
    ],
)
def test_a_rootful_socket_that_everyone_may_use_is_a_weakness(path, mode, rules):
    seen = look({path: FakeFile(kind=FileKind.SOCKET, mode=mode)})
    assert weak(seen) == rules
    for each in only(seen, Weakness):
        assert each.fix.commands == ("sudo chmod 660 /var/run/docker.sock",)


@pytest.mark.parametrize("mark", ["/.dockerenv", "/run/.containerenv", "$container", "$DEVCONTAINER"])
def test_the_engine_outside_a_container_is_root_around_it(mark):
    files = {DOCKER: SOCKET} | ({mark: ""} if mark.startswith("/") else {})
    env = {mark[1:]: "podman"} if mark.startswith("$") else {}
    outside = answers(DOCKERD_VERSION, DOCKERD_INFO | {"Name": "ada-laptop"})
    for engines, name in (({}, "the host of testbed"), ({DOCKER: outside}, "ada-laptop")):
        seen = look(files, engines, env=env)
        [(asset, classes, _)] = opened(seen)
        assert (asset, classes) == (Asset("this-machine", name), {ROOT})
        assert weak(seen) == ["containers.socket-in-container"]


def test_an_engine_of_the_containers_own_is_no_way_out():
    seen = look({DOCKER: SOCKET, "/.dockerenv": ""}, {DOCKER: answers(*DOCKERD)})
    assert opened(seen) == [(HERE, {ROOT}, Confidence.VERIFIED)]
    assert weak(seen) == []


def test_a_container_without_a_socket_is_nothing():
    assert look({"/.dockerenv": "", "/etc/group": "docker:x:999:\n"}, env={"container": "docker"}) == []


def test_every_rule_has_a_severity():
    rules = {"plain-tcp", "socket-in-container", "production-default", "world-writable-socket", "inline-login"}
    assert {f"containers.{rule}" for rule in rules} <= weaknesses().keys()


# groups


PASSWD = "root:x:0:0::/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n"


@pytest.mark.parametrize(
    ("group", "names"),
    [
        ("docker:x:998:ada\n", [("docker", Confidence.GRANTED)]),
        ("root:x:0:\nlxd:x:997:bob,ada\n", [("lxd", Confidence.GRANTED)]),
        (
            "libvirt:x:120:ada\nincus-admin:x:9:ada",
            [("libvirt", Confidence.GRANTED), ("incus-admin", Confidence.GRANTED)],
        ),
        ("incus:x:120:ada\n", [("incus", Confidence.POSSIBLE)]),
        ("docker:x:1000:\n", [("docker", Confidence.GRANTED)]),  # the account's own group
        ("docker:x:998:\n", []),
        ("docker:x:998:adam,bada\n", []),
        ("dockerroot:x:998:ada\nnodocker:x:5:ada\n", []),
        ("#docker:x:998:ada\ndocker:ada\ndocker\n::::\n", []),
        ("sudo:x:27:ada\nada:x:1000:\n", []),
    ],
)
def test_a_group_is_root_whether_its_engine_runs_or_not(group, names):
    handles = look({"/etc/group": group, "/etc/passwd": PASSWD})
    assert [(each.public_id, each.grants[0].confidence) for each in handles] == names
    for each in handles:
        assert each.kind == "handle.container-group"
        assert each.evidence.path == PurePosixPath("/etc/group")
        assert each.evidence.line is not None
        assert [(grant.asset, set(grant.capabilities)) for grant in each.grants] == [(HERE, {ROOT})]


def test_a_docker_group_beside_its_open_socket_is_told_once():
    files = {"/etc/group": "docker:x:998:ada\nlxd:x:9:ada\n", DOCKER: SOCKET}
    docker, lxd = look(files, {DOCKER: answers(*DOCKERD)})
    assert docker.names == ("Docker 20.10.24+dfsg1", "open to you as a member of the group docker")
    assert lxd.public_id == "lxd"


def test_a_docker_group_beside_a_rootless_socket_is_still_root():
    files = {"/etc/group": "docker:x:998:ada\n", "/run/user/1000/docker.sock": SOCKET}
    assert {each.kind for each in look(files)} >= {"handle.container-group", "handle.container-socket"}


def test_account_files_that_may_not_be_read_are_gaps_only_where_there_is_more_to_tell():
    seen = look({"/etc/group": None, DOCKER: SOCKET}, {DOCKER: answers(*DOCKERD)})
    assert [gap.kind for gap in only(seen, Gap)] == [GapKind.REFUSED]
    assert len(only(seen, HandleSeen)) == 1
