"""Which addresses of the internet a server may connect to when a stranger names the host."""

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from queue import Empty, Queue
from threading import Thread
from urllib.parse import urldefrag, urlsplit

#: Python's is_global is not enough: depending on the release it calls 192.0.0.8, 192.88.99.1 and 64:ff9b:1::1 public.
_CLOSED = (
    "0.0.0.0/8",  # this host
    "10.0.0.0/8",
    "100.64.0.0/10",  # behind a provider's NAT; also the metadata of some clouds
    "127.0.0.0/8",
    "169.254.0.0/16",  # of one cable; also the metadata of most clouds
    "168.63.129.16/32",  # a public one, by which machines in Azure reach their host
    "172.16.0.0/12",
    "192.0.0.0/24",  # protocols
    "192.0.2.0/24",  # documentation
    "192.31.196.0/24",  # AS112
    "192.52.193.0/24",  # AMT
    "192.88.99.0/24",  # 6to4 relays
    "192.168.0.0/16",
    "192.175.48.0/24",  # AS112
    "198.18.0.0/15",  # measurements
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/3",  # multicast, reserved, broadcast
)
#: Everything outside of it is closed: mapped and compatible IPv4, NAT64, local and unique local ones, multicast.
_OPEN_6 = IPv6Network("2000::/3")
_CLOSED_6 = (
    "2001::/23",  # protocols, with Teredo, which wraps IPv4, and ORCHID
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4, which wraps IPv4
    "2620:4f:8000::/48",  # AS112
    "3fff::/20",  # documentation
)
_NETWORKS = tuple(map(IPv4Network, _CLOSED))
_NETWORKS_6 = tuple(map(IPv6Network, _CLOSED_6))


#: The most characters of an address that may be asked.
LONGEST = 1_000


def plain(url: str) -> str | None:
    """``url`` without its fragment. None if a stranger must not make us ask it, whatever its host: for other schemes,
    passwords, and addresses beyond LONGEST."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        return None
    return urldefrag(url).url if good and len(url) <= LONGEST else None


def is_public(address: str) -> bool:
    """Whether ``address``, as ``addresses_of`` returns it, belongs to the public internet. False for other texts."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return _is_public_4(ip) if isinstance(ip, IPv4Address) else _is_public_6(ip)


def _is_public_4(ip: IPv4Address) -> bool:
    return not any(ip in network for network in _NETWORKS)


def _is_public_6(ip: IPv6Address) -> bool:
    if ip.scope_id:
        return False
    return ip in _OPEN_6 and not any(ip in network for network in _NETWORKS_6)


def addresses_of(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of ``host``, in the order in which to try them. Raises OSError, also after ``seconds``: the system
    would wait for a slow name server much longer.

    The system reads ``2130706433``, ``0177.1`` and ``0x7f.1`` as 127.0.0.1, so check the result and not the name.
    """
    answers: Queue[list[str] | OSError] = Queue(1)
    Thread(target=lambda: answers.put(_look_up(host, port)), daemon=True).start()
    try:
        found = answers.get(timeout=max(0.0, seconds))
    except Empty:
        raise TimeoutError(f"nobody says in time where {host} is") from None
    if isinstance(found, OSError):
        raise found
    return found


def _look_up(host: str, port: int) -> list[str] | OSError:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return error
    except UnicodeError:  # a label that is empty or too long
        return OSError(f"{host} is no name of a host")
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
