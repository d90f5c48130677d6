"""Who somebody is, and where a request comes from.

A person is a guest: a name, an id that we gave, and a signed token that proves the id. What a
request says about itself (an address, a scheme, an origin) is believed only as far as ``proxies``
and ``origin`` can tell that it is true.
"""

from chatapp.identity.cookie import OLD_COOKIE_NAME, SignInCookie
from chatapp.identity.file_addresses import FileAddresses
from chatapp.identity.origin import is_listed, is_origin_allowed, origin_of
from chatapp.identity.people import AskUsers, Guest, People, UserRow, UserTable
from chatapp.identity.proxies import Proxies
from chatapp.identity.tokens import Tokens

__all__ = [
    "OLD_COOKIE_NAME",
    "AskUsers",
    "FileAddresses",
    "Guest",
    "People",
    "Proxies",
    "SignInCookie",
    "Tokens",
    "UserRow",
    "UserTable",
    "is_listed",
    "is_origin_allowed",
    "origin_of",
]
