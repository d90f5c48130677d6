"""Who somebody is, and where a request comes from.

A person is a guest: a name, an id that we gave, and a signed token that proves the id. What a
request says about itself (an address, a scheme, an origin) is believed only as far as ``origin``
can tell that it is true.
"""

from chatapp.identity.origin import Proxies, is_origin_allowed
from chatapp.identity.people import Guest, People, UserRow, UserTable
from chatapp.identity.tokens import Tokens
from chatapp.protocol import COOKIE as COOKIE_NAME

__all__ = [
    "COOKIE_NAME",
    "Guest",
    "People",
    "Proxies",
    "Tokens",
    "UserRow",
    "UserTable",
    "is_origin_allowed",
]
