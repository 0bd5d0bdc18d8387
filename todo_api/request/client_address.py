"""The client address of a request, from the connection or from trusted proxies."""

from ipaddress import IPv4Address, IPv6Address

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

# Providers assign a /64 to each customer: one client has 2^64 addresses.
IPV6_HOST_BITS = 64


def address_of(request: HttpRequest | Request) -> str:
    """Returns the client's IPv4 address, or the first address of its IPv6 /64; "" if unknown.

    Of X-Forwarded-For, the entry at TRUSTED_PROXY_COUNT from the right is used: the client itself
    may have sent the entries to the left of it.
    """
    text = BaseThrottle().get_ident(request) or ""  # type: ignore[arg-type]  # it only reads headers
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
    return str(IPv6Address(int(address) >> IPV6_HOST_BITS << IPV6_HOST_BITS))
