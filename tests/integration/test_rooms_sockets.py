"""The management API's answers, over HTTP, as boto3 makes of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nirman.aws.container import Container
from nirman.aws.settings import PosterSettings
from nirman.collaboration.ports import GoneError, NotDeliveredError, Sockets

pytestmark = pytest.mark.enable_socket


class Gateway(ThreadingHTTPServer):
    """Answers each post with the next of `answers`, then with 200; keeps what was posted."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, str]] = []
        self.posted: list[tuple[str, bytes]] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.path, body))
        status, error = self.server.answers.pop(0) if self.server.answers else (200, "")
        data = json.dumps({"message": error}).encode() if error else b""
        self.send_response(status)
        if error:
            self.send_header("x-amzn-ErrorType", error)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def sockets(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Sockets:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{gateway.server_port}")
    settings = PosterSettings(
        plan_table="plans",
        connections_table="connections",
        websocket_api_id="abc",
        websocket_stage="live",
        websocket_url="https://abc.execute-api.us-east-1.amazonaws.com/live",
    )
    return Container(settings).sockets


def test_a_post_carries_the_bytes_to_the_connection(sockets: Sockets, gateway: Gateway) -> None:
    sockets.post("L0SM9cOFvHcCIhw=", "ভিত্তি".encode())
    assert gateway.posted == [("/_aws/execute-api/abc/live/@connections/L0SM9cOFvHcCIhw%3D", "ভিত্তি".encode())]


def test_a_connection_that_is_gone_is_told_apart(sockets: Sockets, gateway: Gateway) -> None:
    gateway.answers = [(410, "GoneException")]
    with pytest.raises(GoneError):
        sockets.post("a", b"{}")


@pytest.mark.parametrize(
    ("status", "error", "again"),
    [
        (429, "LimitExceededException", True),
        (500, "InternalServerError", True),
        (503, "ServiceUnavailable", True),
        (413, "PayloadTooLargeException", False),
        (403, "ForbiddenException", False),
    ],
)
def test_what_may_help_on_another_try_is_told_from_what_will_not(
    sockets: Sockets, gateway: Gateway, status: int, error: str, again: bool
) -> None:
    gateway.answers = [(status, error)] * 5
    with pytest.raises(NotDeliveredError) as caught:
        sockets.post("a", b"{}")
    assert caught.value.again is again
    assert len(gateway.posted) == 1  # the client itself tries once


def test_a_gateway_that_cannot_be_reached_is_no_crash(sockets: Sockets, gateway: Gateway) -> None:
    gateway.shutdown()
    gateway.server_close()
    with pytest.raises(NotDeliveredError):
        sockets.post("a", b"{}")


def test_on_aws_posts_go_to_the_address_of_the_template(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    settings = PosterSettings(
        plan_table="",
        connections_table="",
        websocket_api_id="abc",
        websocket_stage="live",
        websocket_url="https://abc.execute-api.us-east-1.amazonaws.com/live",
    )
    assert Container(settings).management_address == "https://abc.execute-api.us-east-1.amazonaws.com/live"
