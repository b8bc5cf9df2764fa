import pytest

from chatapp.lib.addresses import network_of, normalized_email


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" Dora@Example.COM ", "dora@example.com"),
        ("dora@straße.example", "dora@xn--strae-oqa.example"),
        ("dora@XN--strae-oqa.example", "dora@xn--strae-oqa.example"),
        ("dora@ｅｘａｍｐｌｅ.com", "dora@example.com"),
        ("no address", "no address"),
        ("x" * 300 + "@Example.com", "x" * 300 + "@example.com"),
    ],
)
def test_one_address_has_one_form(written, kept):
    assert normalized_email(written) == kept


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_an_address_counts_for_what_its_holder_can_not_change(address, network):
    assert network_of(address) == network
