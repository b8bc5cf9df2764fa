"""One form for each e-mail address and for each network that requests come from."""

from ipaddress import IPv4Address, ip_address, ip_network

from email_validator import EmailNotValidError, validate_email

#: Characters. Nothing longer is an address (RFC 5321).
EMAIL_LIMIT = 254
#: A provider gives each customer at least a network of this size, so one visitor may own all addresses in it.
IPV6_PREFIX = 64


def normalized_email(address: str) -> str:
    """The address in lower case, its domain in ASCII. Text that is not an address comes back in lower case."""
    plain = address.strip().lower()
    if len(plain) > EMAIL_LIMIT:
        return plain
    try:
        return validate_email(plain, check_deliverability=False, allow_smtputf8=False).ascii_email
    except EmailNotValidError:
        return plain


def network_of(address: str) -> str:
    """``"192.0.2.7"`` or ``"2001:db8::/64"``: the part of an address that its holder cannot change at will."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    # A server that listens on `::` sees IPv4 addresses as `::ffff:192.0.2.7`.
    found = getattr(found, "ipv4_mapped", None) or found
    if isinstance(found, IPv4Address):
        return str(found)
    return str(ip_network((int(found), IPV6_PREFIX), strict=False))
