"""How deeply a JSON value is nested. Parsers take almost a thousand levels, and whatever writes, shows or reads it
later may take fewer."""


def is_nested_deeper(value: object, most: int) -> bool:
    """Whether more than ``most`` lists and objects stand within each other in ``value``."""
    level = [value]
    for _ in range(most):
        level = [inner for one in level for inner in within(one)]
    return any(isinstance(one, dict | list) for one in level)


def within(value: object) -> list:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
