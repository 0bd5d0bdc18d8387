"""Where a request comes from, as far as our own proxies can be believed."""

from ipaddress import IPv4Address, IPv6Address

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

# Whoever has one IPv6 line has 2^64 addresses: providers give a /64 to each.
OF_ONE_LINE = 64


def address_of(request: HttpRequest | Request) -> str:
    """The caller's IPv4 address, or the first of their IPv6 /64; "" when there is none.

    X-Forwarded-For is read from its right end, TRUSTED_PROXY_COUNT places in: what stands further
    left anybody may have written.
    """
    text = BaseThrottle().get_ident(request) or ""  # type: ignore[arg-type]  # it reads headers
    # Some proxies add the port: 192.0.2.1:50000, [2001:db8::1]:50000.
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        if ":" not in text:
            return str(IPv4Address(text))
        address = IPv6Address(text)
    except ValueError:
        return ""
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> OF_ONE_LINE << OF_ONE_LINE))
