"""A Better Auth key server for tests: real keys, signatures and HTTP."""

import base64
import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

MAKE: dict[str, Callable[[], Any]] = {
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "PS256": lambda: rsa.generate_private_key(65537, 2048),
}
ALGORITHMS = tuple(MAKE)


@dataclass
class SigningKey:
    """A key pair and its id, as Better Auth creates them."""

    kid: str
    algorithm: str = "EdDSA"
    private: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.private = self.private or MAKE[self.algorithm]()

    def jwk(self, **members: Any) -> dict[str, Any]:
        """Returns the public key in the format that Better Auth publishes."""
        verifying = jwt.get_algorithm_by_name(self.algorithm)
        public: dict[str, Any] = verifying.to_jwk(self.private.public_key(), as_dict=True)
        public.pop("key_ops", None)
        return {**public, "alg": self.algorithm, "kid": self.kid, **members}

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        """Returns a token with the header of Better Auth: alg and kid."""
        return self.sign_bytes(json.dumps(claims).encode(), **header)

    def sign_bytes(self, payload: bytes, **header: Any) -> str:
        members = {"alg": self.algorithm, "kid": self.kid, **header}
        head = encoded(json.dumps(members).encode())
        return self.sign_segments(head, encoded(payload))

    def sign_segments(self, head: str, payload: str) -> str:
        signed = f"{head}.{payload}"
        verifying = jwt.get_algorithm_by_name(self.algorithm)
        return f"{signed}.{encoded(verifying.sign(signed.encode(), self.private))}"


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


class KeyServer:
    """Serves a key set on the loopback interface. `response` replaces the key set, `delay` is in
    seconds.

    `requests` counts the requests; `headers` are those of the last request.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        """Starts the server, with TLS if `tls` has a certificate."""
        self.tls = tls
        self.keys = [SigningKey("first")]
        self.requests = 0
        self.headers: dict[str, str] = {}
        self.delay = 0.0
        # (status, content type, body, more headers) instead of the key set
        self.response: tuple[int, str, bytes, dict[str, str]] | None = None
        # Writes the whole response, instead of both.
        self.write_response: Callable[[Callable[[bytes], object]], object] | None = None
        self.listen()

    def listen(self, port: int = 0) -> None:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.requests += 1
                server.headers = dict(self.headers)
                time.sleep(server.delay)
                status, content_type, body, headers = server.response or (
                    200, "application/json", server.document(), {},
                )  # fmt: skip
                try:
                    if server.write_response:
                        self.close_connection = True
                        server.write_response(self.wfile.write)
                        return
                    self.send_response(status)
                    self.send_header("Content-Type", content_type)
                    self.send_header("Content-Length", str(len(body)))
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    return  # the client has closed the connection

            def log_message(self, format: str, *args: Any) -> None:
                return

        ThreadingHTTPServer.request_queue_size = 128
        self.http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.http.daemon_threads = True
        if self.tls:
            self.http.socket = self.tls.wrap_socket(self.http.socket, server_side=True)
        self.port = self.http.server_port
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def go_down(self) -> None:
        """Stops listening: connections are refused until `come_back`."""
        self.http.shutdown()
        self.http.server_close()

    def come_back(self) -> None:
        self.listen(self.port)

    def document(self) -> bytes:
        return json.dumps({"keys": [key.jwk() for key in self.keys]}).encode()

    @property
    def origin(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/api/auth/jwks"

    def token(self, sub: str = "person", key: SigningKey | None = None, **claims: Any) -> str:
        """Returns a token as Better Auth signs it: iss and aud are the origin; 15 minutes."""
        now = int(time.time())
        usual = {
            "sub": sub, "iss": self.origin, "aud": self.origin, "iat": now, "exp": now + 900,
            "email": f"{sub}@todo.test", "name": sub,
        }  # fmt: skip
        return (key or self.keys[0]).sign({**usual, **claims})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.go_down()
