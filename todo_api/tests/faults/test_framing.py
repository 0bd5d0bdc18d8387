"""Request smuggling: ambiguous framing never hides a second request (RFC 9112, 6 and 11.2)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tasks.models import Task
from todo_api.tests.faults.clients import CLOSED, TOKEN, exchange, get, post, signed_in, statuses
from todo_api.tests.faults.service import Service
from todo_api.tests.http import request

# Created only if framing is misread. Each case hides this request in a body or after an error.
SMUGGLED = request("POST", "/api/tasks", b'{"title": "Smuggled"}', **signed_in())
LENGTH = f"Content-Length: {len(SMUGGLED)}"
CHUNKED = "Transfer-Encoding: chunked"
CHUNK = b"%x\r\n%s\r\n" % (len(SMUGGLED), SMUGGLED)
END = b"0\r\n\r\n"
BAD, UNKNOWN_CODING = {400}, {400, 501}


def hiding(*lines: str, body: bytes = SMUGGLED, version: str = "1.1") -> bytes:
    return post(*lines, body=body, version=version)


LENGTHS: dict[str, tuple[bytes, set[int]]] = {
    "two lengths, the first is 0": (hiding("Content-Length: 0", LENGTH), BAD),
    "two lengths, the second is 0": (hiding(LENGTH, "Content-Length: 0"), BAD),
    "two lengths that agree": (hiding(LENGTH, LENGTH), BAD),
    "a list of lengths": (hiding(f"{LENGTH}, 0"), BAD),
    "a list of lengths that agree": (hiding(f"{LENGTH}, {len(SMUGGLED)}"), BAD),
    "negative": (hiding("Content-Length: -1"), BAD),
    "with a plus sign": (hiding(f"Content-Length: +{len(SMUGGLED)}"), BAD),
    "with an underscore": (hiding("Content-Length: 1_0"), BAD),
    "hexadecimal": (hiding("Content-Length: 0x10"), BAD),
    "a fraction": (hiding("Content-Length: 1.0"), BAD),
    "empty": (hiding("Content-Length:"), BAD),
    "superscript digits": (hiding("Content-Length: \xb2"), BAD),
    "followed by a word": (hiding(f"{LENGTH} bytes"), BAD),
    "of 20 digits": (hiding("Content-Length: 99999999999999999999"), {400, 413}),
    "of 5,000 digits": (hiding(f"Content-Length: {'9' * 5_000}"), {400, 413, CLOSED}),
    "space before the colon": (hiding(f"Content-Length : {len(SMUGGLED)}"), BAD),
    "tab before the colon": (hiding(f"Content-Length\t: {len(SMUGGLED)}"), BAD),
    "underscore instead of dash": (hiding(LENGTH, "Content_Length: 0"), BAD),
    "in a body of GET": (get(LENGTH) + SMUGGLED, {200}),
    "in a body of HEAD": (get(LENGTH, method="HEAD") + SMUGGLED, {200}),
    "in a body of an unknown path": (get(LENGTH, target="/api/nowhere") + SMUGGLED, {404}),
    "in a body without a token": (
        get(LENGTH, method="POST", target="/api/tasks") + SMUGGLED,
        {401},
    ),
    "in a body that is too large": (
        hiding("Content-Length: 2000000", body=SMUGGLED * 8_000),
        {413},
    ),
}
CODINGS: dict[str, tuple[bytes, set[int]]] = {
    "length and chunked": (hiding(LENGTH, CHUNKED, body=END + SMUGGLED), BAD),
    "chunked and length": (hiding(CHUNKED, LENGTH, body=END + SMUGGLED), BAD),
    "length 0 and chunked": (hiding("Content-Length: 0", CHUNKED, body=CHUNK + END), BAD),
    "gzip": (hiding("Transfer-Encoding: gzip"), UNKNOWN_CODING),
    "gzip and length": (hiding("Transfer-Encoding: gzip", LENGTH), UNKNOWN_CODING),
    "gzip, chunked": (hiding("Transfer-Encoding: gzip, chunked", body=CHUNK + END), UNKNOWN_CODING),
    "chunked, gzip": (hiding("Transfer-Encoding: chunked, gzip", body=CHUNK + END), UNKNOWN_CODING),
    "chunked, identity": (hiding(f"{CHUNKED}, identity", body=END + SMUGGLED), UNKNOWN_CODING),
    "identity": (hiding("Transfer-Encoding: identity", LENGTH), UNKNOWN_CODING),
    "xchunked": (hiding("Transfer-Encoding: xchunked", LENGTH), UNKNOWN_CODING),
    "chunked twice": (hiding(CHUNKED, CHUNKED, body=END + SMUGGLED), BAD),
    "chunked, chunked": (hiding(f"{CHUNKED}, chunked", body=END + SMUGGLED), BAD),
    "in quotes": (hiding('Transfer-Encoding: "chunked"', LENGTH), UNKNOWN_CODING),
    "behind a vertical tab": (hiding("Transfer-Encoding: \x0bchunked", LENGTH), UNKNOWN_CODING),
    "with a parameter": (hiding(f"{CHUNKED};a=b", LENGTH), UNKNOWN_CODING),
    "empty": (hiding("Transfer-Encoding:", LENGTH), UNKNOWN_CODING),
    "space before the colon": (hiding("Transfer-Encoding : chunked", LENGTH), BAD),
    "underscore instead of dash": (hiding("Transfer_Encoding: chunked", LENGTH), BAD),
    "folded": (hiding("Transfer-Encoding:\r\n chunked", LENGTH), BAD),
    "HTTP/1.0": (hiding(CHUNKED, body=END + SMUGGLED, version="1.0"), BAD),
    "HTTP/1.0, kept alive": (
        hiding("Connection: keep-alive", CHUNKED, body=END + SMUGGLED, version="1.0"), BAD
    ),
}  # fmt: skip
CHUNKS: dict[str, tuple[bytes, set[int]]] = {
    name: (hiding(CHUNKED, body=body), BAD)
    for name, body in {
        "one that holds a request": CHUNK + END,
        "no number": b"xyz\r\n" + SMUGGLED,
        "no size": b"\r\n" + SMUGGLED,
        "a prefix": b"0x0\r\n\r\n" + SMUGGLED,
        "a negative size": b"-1\r\n\r\n" + SMUGGLED,
        "a plus sign": b"+0\r\n\r\n" + SMUGGLED,
        "an underscore": b"0_0\r\n\r\n" + SMUGGLED,
        "space before the size": b" 0\r\n\r\n" + SMUGGLED,
        "space behind the size": b"0 \r\n\r\n" + SMUGGLED,
        "more data than size": b"2\r\n{}}\r\n" + END + SMUGGLED,
        "less data than size": b"3\r\n{}\r\n" + END + SMUGGLED,
        "bare LF behind the size": b"0\n\r\n" + SMUGGLED,
        "bare LF behind the data": b"2\r\n{}\n" + END + SMUGGLED,
        "bare CR behind the size": b"0\r\r\n" + SMUGGLED,
        "bare LF in an extension": b"0;a\n\r\n" + SMUGGLED,
        "bare CR in an extension": b"0;a\r=b\r\n\r\n" + SMUGGLED,
        "a quoted line end in an extension": b'2;a="\r\n{}\r\n' + END + SMUGGLED,
        "NUL in an extension": b"0;a=\0\r\n\r\n" + SMUGGLED,
        "a trailer with a length": b"0\r\n%s\r\n\r\n" % LENGTH.encode() + SMUGGLED,
        "a trailer with a coding": b"0\r\n%s\r\n\r\n" % CHUNKED.encode() + SMUGGLED,
        "a trailer with a host": b"0\r\nHost: localhost\r\n\r\n" + SMUGGLED,
        "a trailer with bare LF": b"0\r\nA: b\n\r\n" + SMUGGLED,
    }.items()
}
HEADS: dict[str, tuple[bytes, set[int]]] = {
    "bare LF everywhere": (hiding(LENGTH).replace(b"\r\n", b"\n"), BAD),
    "bare LF behind the request line": (get(LENGTH).replace(b"\r\n", b"\n", 1) + SMUGGLED, BAD),
    "bare LF behind a header": (hiding(f"X-A: b\n{LENGTH}"), BAD),
    "bare CR behind a header": (hiding(f"X-A: b\r{LENGTH}"), BAD),
    "a folded header": (hiding("X-A: b\r\n c: d", LENGTH), BAD),
    "a first header that is folded": (get().replace(b"Host", b" Host") + SMUGGLED, BAD),
    "NUL in a header": (hiding(LENGTH, "X-A: b\0c"), BAD),
    "NUL in a name": (hiding(LENGTH, "X-\0A: b"), BAD),
    "NUL in the target": (get(target="/healthz\0") + SMUGGLED, BAD),
    "space in a name": (hiding(LENGTH, "X A: b"), BAD),
    "no name": (hiding(LENGTH, ": b"), BAD),
    "no colon": (hiding(LENGTH, "X-A"), BAD),
    "two hosts": (hiding(LENGTH, "Host: localhost"), BAD),
    "space in the target": (get(target="/health z") + SMUGGLED, BAD),
    "no version": (b"GET /healthz\r\n\r\n" + SMUGGLED, BAD),
    "version 2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SMUGGLED, {400, 505, CLOSED}),
    "two blank lines before": (b"\r\n\r\n\r\n" + hiding(LENGTH), BAD),
}  # fmt: skip


@pytest.mark.parametrize(
    "cases",
    [LENGTHS, CODINGS, CHUNKS, HEADS],
    ids=["Content-Length", "Transfer-Encoding", "chunks", "lines"],
)
def test_ambiguous_framing_smuggles_no_request(
    served: str, cases: dict[str, tuple[bytes, set[int]]]
) -> None:
    service = Service(served, TOKEN)

    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda case: exchange(service.address, case[0]), cases.values()))
    first = {name: statuses(found)[0] for name, found in zip(cases, responses, strict=True)}

    wrong = {name: status for name, status in first.items() if status not in cases[name][1]}
    assert wrong == {}
    assert list(Task.objects.values_list("title", flat=True)) == []
    assert service.create("Afterwards").status == 201
