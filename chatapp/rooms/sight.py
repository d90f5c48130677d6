"""What a reader sees of a text, by the properties that Unicode gives to characters.

Some show nothing: white space, controls, what Unicode calls default-ignorable (U+200B, variation selectors,
tags, Hangul fillers …), the Braille pattern without dots, and the marks of the Specials block. Between
emoji such characters are seen all the same: they make one picture of several, or a picture of a sign. The
page has the same rule in ``static/js/page/text/text-length.js``, held by the same vectors.
"""

from __future__ import annotations

import regex

# The properties come from ``regex``, whose Unicode is newer than Python's own: emoji of the last years are
# unassigned there. What is reserved for emoji to come is ``Extended_Pictographic`` already.
_SHOWS_NOTHING = r"\p{Default_Ignorable_Code_Point}\u2800\uFFF9-\uFFFC"
# They write a region behind a black flag, and show nothing behind any other.
_TAG = r"[\U000E0020-\U000E007E]"
_IN_EMOJI = (
    r"(?<=\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]?)\u200D(?=\p{Extended_Pictographic})"
    r"|(?<=(?!\p{Emoji_Presentation})\p{Extended_Pictographic})\uFE0F(?!\u200D)"
    rf"|(?<=\U0001F3F4{_TAG}*)(?:{_TAG}(?={_TAG}*\U000E007F)|(?<={_TAG})\U000E007F)"
)
_VISIBLE = regex.compile(rf"[^\p{{White_Space}}\p{{Cc}}{_SHOWS_NOTHING}]")
_UNSEEN = regex.compile(rf"(?!{_IN_EMOJI})[{_SHOWS_NOTHING}]")
# Beside emoji, where they change nothing that is there to be seen, and in scripts that join their letters.
_HAS_PURPOSE = regex.compile(
    r"(?<=\p{Emoji})\uFE0F"
    r"|(?<=[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Mn}\p{Mc}])[\u200C\u200D](?=\p{L})"
)
_READABLE = regex.compile(r"[\p{L}\p{N}\p{P}\p{S}\p{Extended_Pictographic}]")
_MEANINGLESS = regex.compile(r"(?!\p{Extended_Pictographic})[\p{Co}\p{Cn}]")


def shows_nothing(text: str) -> bool:
    """True if a reader has nothing before their eyes."""
    return not ("!" <= text[:1] <= "~" or _VISIBLE.search(text))  # the first, as nearly all are


def seen(text: str) -> str:
    """The text without what shows nothing. White space stays; so does what makes one emoji of several."""
    return text if text.isascii() else _UNSEEN.sub("", text)


def has_unseen(text: str) -> bool:
    """True if something in it is there for no reader."""
    return not text.isascii() and _UNSEEN.search(_HAS_PURPOSE.sub("", text)) is not None


def is_readable(text: str) -> bool:
    """True if there is more to see than marks without a letter."""
    return _READABLE.search(seen(text)) is not None


def has_no_meaning(text: str) -> bool:
    """True if some character of it is nobody's, or everybody's own: unassigned, private, or none at all."""
    return not text.isascii() and _MEANINGLESS.search(text) is not None
