import socket

import pytest

from chatapp.lib import safe_addresses
from chatapp.lib.safe_addresses import LONGEST, addresses_of, is_public, plain

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "172.32.0.1",
    "192.0.1.1",
    "100.128.0.1",
    "198.20.0.1",
    "223.255.255.1",
]
PUBLIC += ["2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "2001:4860:4860::8888"]
CLOSED = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255",
    "127.0.0.1", "127.1.2.3", "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1",
    "192.0.0.8", "192.0.0.170", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.1",
    "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
    "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1",
    "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "2001:20::1", "2001:db8::1",
    "2002:7f00:1::", "2002:a00:1::1", "2620:4f:8000::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fe80::1%lo", "2606:4700:4700::1111%lo", "fec0::1", "ff02::1",
]  # fmt: skip
#: Not as addresses_of returns one: the system's own reading of it counts.
STRANGE = ["", "localhost", "2130706433", "0177.0.0.1", "0x7f.1", "127.1", "8.8.8.8:80", "[::1]", " 8.8.8.8"]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", CLOSED + STRANGE)
def test_all_others_are_not(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0177.0.0.1", "017700000001", "0x7f000001", "0x7f.1", "127.1"]
)
def test_an_address_in_another_form_comes_out_in_the_usual_one(host):
    assert addresses_of(host, 80, 60) == ["127.0.0.1"]


def test_a_name_may_have_several_addresses(monkeypatch):
    found = [(socket.AF_INET, 1, 6, "", ("192.0.2.1", 80)), (socket.AF_INET6, 1, 6, "", ("::1", 80, 0, 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [*found, found[0]])
    assert addresses_of("example.com", 80, 5) == ["192.0.2.1", "::1"]


@pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".example", "\udcff"])
def test_what_is_no_name_has_no_address(host):
    with pytest.raises(OSError):
        addresses_of(host, 80, 5)


def test_a_name_server_that_is_silent_is_not_waited_for(monkeypatch, request):
    from threading import Event

    ended = Event()
    request.addfinalizer(ended.set)
    monkeypatch.setattr(safe_addresses, "_look_up", lambda *_: ended.wait(60))
    with pytest.raises(TimeoutError):
        addresses_of("slow.example", 80, 0.01)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://a.example/b#c", "http://a.example/b"),
        ("https://bücher.example/?a=b", "https://bücher.example/?a=b"),
        ("ftp://a.example/", None),
        ("javascript:alert(1)", None),
        ("http://ann:secret@a.example/", None),
        ("http:///b", None),
        ("http://a.example/" + "x" * LONGEST, None),
        ("http://[::1", None),
    ],
)
def test_an_address_has_one_form(url, asked):
    assert plain(url) == asked
