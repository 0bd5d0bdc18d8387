"""The addresses to listen on."""

import socket


def listening_addresses(port: int) -> list[str]:
    """Returns gunicorn's `bind` for IPv4 and, where the machine has it, IPv6.

    Private networks of some platforms have only IPv6.
    """
    ipv4, ipv6 = f"0.0.0.0:{port}", f"[::]:{port}"
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::", 0))
            only_ipv6 = probe.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
    except OSError:
        return [ipv4]
    # By default, a socket of IPv6 also accepts IPv4.
    return [ipv4, ipv6] if only_ipv6 else [ipv6]
