"""The two questions a container engine is asked, over real unix sockets: what comes back, and what never hangs."""

import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.host.engines import LIMIT, answer
from scanner.host.local import LocalSockets
from scanner.host.unanswered import Unanswered
from scanner.model import Gap, GapKind
from tests.support import dropped

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BODY = b'{"Version": "28.3.2"}'


class Engine:
    """A listener that answers every caller with what it is told, in pieces, and closes or waits."""

    def __init__(self, folder, pieces, *, waits=False, pause=0.0):
        self.path = PurePosixPath(folder / "engine.sock")
        self.heard = []
        self._done = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, args=(pieces, waits, pause))
        self._thread.start()

    def _serve(self, pieces, waits, pause):
        while not self._done.is_set():
            caller, _ = self._listener.accept()
            with caller:
                request = caller.recv(4096)
                if not request:
                    continue
                self.heard.append(request)
                try:
                    for piece in pieces:
                        caller.sendall(piece)
                        if pause and self._done.wait(pause):
                            break
                except OSError:  # the caller has had enough
                    continue
                if waits:
                    self._done.wait(10)

    def close(self):
        self._done.set()
        with socket.socket(socket.AF_UNIX) as last:  # wakes the listener
            last.connect(str(self.path))
        self._thread.join()
        self._listener.close()


@pytest.fixture
def listen(tmp_path):
    made = []

    def start(*pieces, **how):
        made.append(Engine(tmp_path, pieces, **how))
        return made[-1]

    yield start
    for engine in made:
        engine.close()


def asked(path, question="version", seconds=1.0):
    return LocalSockets(seconds=seconds).engine(path, question)


@pytest.mark.parametrize("question", ["version", "info"])
def test_an_engine_is_asked_with_one_get_and_nothing_else(listen, question):
    engine = listen(OK + b"\r\n" + BODY)
    assert asked(engine.path, question) == BODY
    assert engine.heard == [f"GET /{question} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode()]


@pytest.mark.parametrize("question", ["", "containers/json", "version?x=1", "info HTTP/1.0\r\nX: y", "_ping"])
def test_no_other_question_can_be_asked(listen, question):
    engine = listen(OK + b"\r\n" + BODY)
    with pytest.raises(ValueError, match="version or info only"):
        asked(engine.path, question)
    assert engine.heard == []


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "how"),
    [
        ((b"HTTP/1.0 200 OK\r\n\r\n" + BODY,), {}),
        ((OK + b"Content-Length: 21\r\n\r\n" + BODY,), {"waits": True}),
        ((OK + b"content-length:  21 \r\n\r\n" + BODY + b"more",), {"waits": True}),
        ((OK, b"\r", b"\n", BODY[:3], BODY[3:]), {"pause": 0.02}),
        ((OK + b"\r\n", *(BODY[n : n + 1] for n in range(len(BODY)))), {"pause": 0.005}),
        ((CHUNKED + b"5\r\n" + BODY[:5] + b"\r\n10;x=y\r\n" + BODY[5:] + b"\r\n0\r\n\r\n",), {"waits": True}),
        ((CHUNKED + b"1", b"5\r", b"\n" + BODY, b"\r\n", b"0\r\n", b"Trailer: x\r\n\r\n"), {"pause": 0.02}),
        ((OK.replace(b"\r\n", b"\n") + b"\n" + BODY,), {}),
    ],
)
def test_every_way_in_which_a_body_may_end_is_understood(listen, pieces, how):
    assert asked(listen(*pieces, **how).path) == BODY


@pytest.mark.parametrize(
    ("pieces", "how", "kind", "why"),
    [
        ((), {"waits": True}, GapKind.LIMIT, "no answer within 0.3 seconds"),
        ((OK + b"\r\n", *([b"x"] * 50)), {"pause": 0.05}, GapKind.LIMIT, "no answer within 0.3 seconds"),
        ((OK + b"Content-Length: 50\r\n\r\n" + BODY,), {"waits": True}, GapKind.LIMIT, "no answer within 0.3 seconds"),
        ((OK + b"\r\n", b"x" * (LIMIT + 2)), {}, GapKind.LIMIT, "its answer is too large"),
        ((OK + b"Content-Length: 99999999\r\n\r\n",), {}, GapKind.LIMIT, "its answer is too large"),
        ((OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",), {}, GapKind.LIMIT, "its answer is too large"),
        ((CHUNKED + b"fffffff\r\n",), {}, GapKind.LIMIT, "its answer is too large"),
        ((CHUNKED, *([b"10000\r\n" + b"x" * 65536 + b"\r\n"] * 17)), {}, GapKind.LIMIT, "its answer is too large"),
        ((b"HTTP/1.1 200 OK\r\n", *([b"X: y\r\n" * 10000] * 18)), {}, GapKind.LIMIT, "its answer is too large"),
        ((b"x" * (LIMIT + 2),), {}, GapKind.LIMIT, "its answer is too large"),
        ((), {}, GapKind.FAILED, "what listens there is no container engine"),
        ((b"SSH-2.0-OpenSSH_9.2\r\n",), {}, GapKind.FAILED, "what listens there is no container engine"),
        ((b"\0\0\0\5CANARY\n\n",), {}, GapKind.FAILED, "what listens there is no container engine"),
        ((b"HTTP/2 200\r\n\r\n" + BODY,), {}, GapKind.FAILED, "what listens there is no container engine"),
        ((b"HTTP/1.1 200 OK\r\nContent-",), {}, GapKind.FAILED, "what listens there is no container engine"),
        (
            (OK + b"Content-Length: 0x15\r\n\r\n" + BODY,),
            {},
            GapKind.FAILED,
            "what listens there is no container engine",
        ),
        ((CHUNKED + b"-5\r\n" + BODY,), {}, GapKind.FAILED, "what listens there is no container engine"),
        ((OK + b"Content-Length: 50\r\n\r\n" + BODY,), {}, GapKind.FAILED, "it closed without a whole answer"),
        ((CHUNKED + b"50\r\n" + BODY,), {}, GapKind.FAILED, "it closed without a whole answer"),
        ((b"HTTP/1.1 403 Forbidden\r\n\r\nCANARY",), {}, GapKind.REFUSED, "the engine refused the question"),
        ((b"HTTP/1.1 401 Unauthorized\r\n\r\n",), {}, GapKind.REFUSED, "the engine refused the question"),
        ((b"HTTP/1.1 500 Oh\r\n\r\n",), {}, GapKind.FAILED, "the engine has no answer to the question"),
        (
            (b"HTTP/1.1 301 Go\r\nLocation: http://x\r\n\r\n",),
            {},
            GapKind.FAILED,
            "the engine has no answer to the question",
        ),
    ],
)
def test_silence_garbage_and_floods_are_gaps_within_the_deadline(listen, pieces, how, kind, why):
    engine = listen(*pieces, **how)
    found = asked(engine.path, seconds=0.3 if why.startswith("no answer") else 30)
    assert found == Gap(kind, str(engine.path), why)


def test_what_is_no_socket_or_no_longer_one_is_a_gap(tmp_path):
    (tmp_path / "file").write_text("x")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "dead"))
    for name, why in {
        "file": "not a socket",
        "pipe": "not a socket",
        "dead": "nothing listens there",
        "nothing": "nothing there",
    }.items():
        assert asked(PurePosixPath(tmp_path / name)).why == why


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_another_users_socket_is_not_asked(listen):
    engine = listen(OK + b"\r\n" + BODY)
    os.chown(engine.path, 54321, 54321)
    found = asked(engine.path)
    assert (found.kind, found.why) == (GapKind.REFUSED, "the socket of another user")
    assert engine.heard == []


def test_a_socket_that_this_user_may_not_write_to_is_refused(listen):
    engine = listen(OK + b"\r\n" + BODY)
    os.chmod(engine.path, 0)
    found = dropped(asked, engine.path)
    os.chmod(engine.path, 0o600)
    assert (found.kind, found.why) == (GapKind.REFUSED, "permission denied")


HEAD_SHREDS = [b"HTTP/1.1 200 OK", b"HTTP/1.0", b" 403 ", b"\r\n", b"\n", b"\r", b": ", b"Content-Length"]
BODY_SHREDS = [b"Transfer-Encoding", b"chunked", b"5", b"0", b"-", b"f", b";", BODY, b"\0", b"\xff", b" "]
SHREDS = st.sampled_from([*HEAD_SHREDS, *BODY_SHREDS])


@settings(deadline=None)
@given(st.lists(SHREDS, max_size=30).map(b"".join))
def test_no_answer_breaks_the_reader(sent):
    here, there = socket.socketpair()
    with here, there, suppress(Unanswered):
        there.sendall(sent)
        there.shutdown(socket.SHUT_WR)
        assert isinstance(answer(here, "info", time.monotonic() + 5), bytes)
