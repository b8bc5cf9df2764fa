"""Names a browser in words for people: "Chrome on Linux".

A list of devices needs no more, so this reads a dozen names and no versions. The result is made of the words below
only, whatever a stranger sends as the User-Agent.
"""

# The first match counts, because most browsers also name their ancestors.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Vivaldi/": "Vivaldi",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
    "curl/": "curl",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Mac OS X": "Mac",
    "Linux": "Linux",
}
UNKNOWN = "Unknown browser"


def name_of(user_agent: str) -> str:
    """``"Firefox on Windows"``; ``"Unknown browser"`` or ``"Unknown browser on Linux"`` where nothing is recognised."""
    browser, system = _first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)
    return f"{browser or UNKNOWN} on {system}" if system else browser or UNKNOWN


def _first(names: dict[str, str], user_agent: str) -> str | None:
    return next((name for mark, name in names.items() if mark in user_agent), None)
