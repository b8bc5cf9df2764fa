"""How the text of a setting is read. Each function's docstring says what it accepts, and a refusal quotes it.

They raise ValueError or KeyError for anything else.
"""

import re


def text(value: str) -> str:
    """any text"""
    return value


def flag(value: str) -> bool:
    """1 or 0"""
    on, off = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
    return {**dict.fromkeys(on, True), **dict.fromkeys(off, False)}[value.lower()]


def count(value: str) -> int:
    """a whole number, 1 or more"""
    return at_least(1, int(value))


def count_or_none(value: str) -> int:
    """a whole number, 0 or more"""
    return at_least(0, int(value))


def seconds(value: str) -> float:
    """a number above 0"""
    number = float(value)
    if not 0 < number < float("inf"):
        raise ValueError(value)
    return int(number) if number.is_integer() else number


def at_least(least: int, number: int, most: float = float("inf")) -> int:
    if not least <= number <= most:
        raise ValueError(number)
    return number


def matching(pattern: str, value: str) -> str:
    if not re.fullmatch(pattern, value, re.IGNORECASE):
        raise ValueError(value)
    return value


def port(value: str) -> int:
    """a port from 1 to 65535"""
    return at_least(1, int(value), most=65535)


def level(value: str) -> str:
    """DEBUG, INFO, WARNING or ERROR"""
    return {name: name for name in ("DEBUG", "INFO", "WARNING", "ERROR")}[value.upper()]


def rate(value: str) -> str:
    """rates such as "10 per minute; 100 per hour\""""
    one = r"\s*[1-9]\d*\s*(per|/)\s*(\d+\s*)?(second|minute|hour|day)s?\s*"
    return matching(f"{one}(;{one})*", value)


def database_url(value: str) -> str:
    """a postgres://, postgresql:// or sqlite:// address"""
    return matching(r"(postgres(ql)?|sqlite)(\+\w+)?:.*", value)


def hosts(value: str) -> list[str]:
    """host names without scheme or port, separated by commas; a leading dot includes all subdomains"""
    names = [name.strip() for name in value.split(",")]
    return [matching(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", name) for name in names]


def origin(value: str) -> str:
    """a scheme and a host name, such as https://cdn.example.com"""
    return matching(r"https?://[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?", value)


def redis_url(value: str) -> str:
    """a redis://, rediss:// or unix:// address, or one of redis+sentinel:// or redis+cluster://"""
    return matching(r"(rediss?(\+sentinel|\+cluster)?|unix):.*", value)


def storage_url(value: str) -> str:
    """a folder, or s3://key:secret@host/bucket"""
    bucket = r"s3(\+http)?://[^/:@]+:[^/@]+@[^/@]+/[^/?]+(\?region=[\w-]+)?"
    return matching(bucket, value) if "://" in value else value
