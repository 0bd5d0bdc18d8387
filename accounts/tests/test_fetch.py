"""Fetching of the key set: its deadline, size limit, redirects and TLS verification."""

import base64
import datetime
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from accounts.fetch import MAX_BYTES, FetchError, fetch
from accounts.keys import KeySet
from accounts.tests.key_server import KeyServer, SigningKey
from accounts.tests.test_keys import in_threads

KEY_SET = json.dumps({"keys": [SigningKey("first").jwk()]}).encode()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(key_server: KeyServer, status: int) -> None:
    with KeyServer() as elsewhere:
        key_server.response = (status, "text/plain", b"", {"Location": elsewhere.url})

        with pytest.raises(FetchError, match=f"status {status}"):
            fetch(key_server.url)

        assert elsewhere.requests == 0


def test_a_truncated_response_is_refused(key_server: KeyServer) -> None:
    key_server.write_response = lambda write: write(
        b"HTTP/1.0 200 OK\r\nContent-Length: 9999\r\n\r\n{}"
    )

    with pytest.raises(FetchError, match="IncompleteRead"):
        fetch(key_server.url)


def test_a_response_without_a_length_is_limited_to_256_kib(key_server: KeyServer) -> None:
    key_server.write_response = lambda write: write(
        b"HTTP/1.0 200 OK\r\n\r\n" + KEY_SET + b" " * MAX_BYTES
    )

    with pytest.raises(FetchError, match="more than 262144 bytes"):
        fetch(key_server.url)


# --- Proxies --------------------------------------------------------------------------------------


class Proxy:
    """A forward proxy on loopback: relays CONNECT to `port`."""

    def __init__(self, port: int) -> None:
        self.port, self.heads = port, list[bytes]()

    def __enter__(self) -> "Proxy":
        self.socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.socket.close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.socket.getsockname()[1]}"

    def serve(self) -> None:
        client, _ = self.socket.accept()
        head = client.recv(65_536)
        self.heads.append(head)
        server = socket.create_connection(("127.0.0.1", self.port))
        client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        for source, target in ((client, server), (server, client)):
            threading.Thread(target=relay, args=(source, target), daemon=True).start()


def relay(source: socket.socket, target: socket.socket) -> None:
    with source, suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def test_plain_http_is_fetched_without_a_proxy(
    key_server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Containers often have HTTP_PROXY, which does not reach hosts of their network."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert json.loads(fetch(key_server.url))["keys"]


def test_an_https_proxy_tunnels_tls_and_gets_only_its_own_credentials(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with KeyServer(tls) as server, Proxy(urlsplit(server.url).port or 0) as proxy:
        monkeypatch.setenv("https_proxy", f"http://me:pa%40ss@{proxy.address}")
        body = fetch(server.url)

    assert json.loads(body)["keys"]
    first, *headers = proxy.heads[0].split(b"\r\n")
    assert first.startswith(b"CONNECT 127.0.0.1:")
    assert b"Proxy-Authorization: Basic " + base64.b64encode(b"me:pa@ss") in headers


@pytest.mark.parametrize("exception", ["127.0.0.1", "127.0.0.1:{port}"])
def test_no_proxy_names_hosts_without_a_proxy(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, exception: str
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with KeyServer(tls) as server:
        monkeypatch.setenv("no_proxy", exception.format(port=urlsplit(server.url).port))
        assert json.loads(fetch(server.url))["keys"]


@pytest.mark.parametrize(
    "address", ["socks5://127.0.0.1:1080", "http://me:hunter/2@proxy.test", "http://proxy:port"]
)
def test_another_or_malformed_proxy_is_an_error_without_its_address(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("https_proxy", address)

    with pytest.raises(FetchError, match=r"^the proxy is not an http:// address$"):
        fetch("https://keys.todo.test/jwks")


# --- Time -----------------------------------------------------------------------------------------


def send_nothing(write: Callable[[bytes], object]) -> None:
    time.sleep(6)


def drip_headers(write: Callable[[bytes], object]) -> None:
    write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(60):
        write(b"x")
        time.sleep(0.1)


def drip_body(write: Callable[[bytes], object]) -> None:
    write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(60):
        write(b" ")
        time.sleep(0.1)


def drip_after_the_key_set(write: Callable[[bytes], object]) -> None:
    """Sends the key set and then blanks: without a length, only closing ends the body."""
    write(b"HTTP/1.0 200 OK\r\n\r\n" + KEY_SET)
    for _ in range(60):
        write(b" ")
        time.sleep(0.1)


def send_100_continue(write: Callable[[bytes], object]) -> None:
    for _ in range(60):
        write(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.1)


SLOW = [send_nothing, drip_headers, drip_body, drip_after_the_key_set, send_100_continue]


@pytest.mark.slow
def test_a_slow_response_times_out_after_three_seconds() -> None:
    servers = [KeyServer() for _ in SLOW]
    for server, write in zip(servers, SLOW, strict=True):
        server.write_response = write

    def fail(number: int) -> tuple[str, bool]:
        started_at = time.monotonic()
        with pytest.raises(FetchError) as error:
            fetch(servers[number].url)
        return str(error.value), 2.5 < time.monotonic() - started_at < 4.5

    outcomes = in_threads(len(servers), fail)

    assert outcomes == [("TimeoutError", True)] * len(SLOW)
    for server in servers:
        server.go_down()


# --- TLS ------------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Returns a PEM file with a self-signed certificate for 127.0.0.1 and its key."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "key server")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder(name, name, private.public_key(), serial_number=1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.mark.parametrize("trusted", [True, False])
def test_an_untrusted_certificate_is_refused(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with KeyServer(tls) as server:
        key_set = KeySet(server.url)

        assert server.url.startswith("https://")
        assert key_set.refresh() == trusted
        assert server.requests == trusted
