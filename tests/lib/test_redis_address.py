import pytest

from chatapp.lib.redis_address import Hosts, hosts_of, kind_of


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("redis://h:1/0", ""),
        ("unix:///run/redis.sock", ""),
        ("rediss+sentinel://h/main", "sentinel"),
        ("redis+cluster://h", "cluster"),
    ],
)
def test_the_scheme_says_what_is_there(url, kind):
    assert kind_of(url) == kind


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("redis+cluster://a:1,b", Hosts("redis://a:1", [("a", 1), ("b", 6379)], "")),
        ("redis+sentinel://a,b:2/main", Hosts("redis://a", [("a", 26379), ("b", 2)], "main")),
        (
            "rediss+cluster://u:p%40@a:1?ssl_cert_reqs=none",
            Hosts("rediss://u:p%40@a:1?ssl_cert_reqs=none", [("a", 1)], ""),
        ),
        ("redis+cluster://[::1]:7000", Hosts("redis://[::1]:7000", [("::1", 7000)], "")),
    ],
)
def test_all_hosts_are_read(url, hosts):
    assert hosts_of(url) == hosts


@pytest.mark.parametrize(
    "url", ["redis+sentinel://a:1", "redis+cluster://a:1/main", "redis+cluster://", "redis+cluster://a:x"]
)
def test_an_address_that_can_t_be_used_is_refused(url):
    with pytest.raises(ValueError):
        hosts_of(url)
