"""Devices have names that people know."""

import pytest

from chatapp.lib.user_agents import name_of

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
IOS = "(iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/131.0.0.0 Safari/537.36", "Chrome on Linux"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/131.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/131.0.0.0 Safari/537.36", "Chrome on ChromeOS"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/131.0 Safari/537.36 Edg/131.0", "Edge on Windows"),
        (f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} SamsungBrowser/27.0 Chrome/125.0 Mobile Safari/537.36",
         "Samsung Internet on Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15",
         "Safari on Mac"),
        (f"Mozilla/5.0 {IOS} Version/18.1 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"Mozilla/5.0 {IOS} CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        ("curl/8.5.0", "curl"),
        ("Something (Linux)", "Unknown browser on Linux"),
        ("<b>Chromium</b>", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)  # fmt: skip
def test_a_device_is_named_by_its_browser_and_system(user_agent, name):
    assert name_of(user_agent) == name
