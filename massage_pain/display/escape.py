"""The one gate for words that come from a file or a caller.

Whatever is not our own text passes here on its way to a screen: `plain` for text, `escape` for HTML and
SVG, in content and in attributes alike. Control, bidirectional and invisible characters become visible
escapes, so a name can neither colour a terminal, nor turn a line around, nor hide.
"""

from __future__ import annotations

from massage_pain.errors import printable

_BLANKS = str.maketrans(dict.fromkeys("\t\n\r\u00a0\u202f", " "))
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})


def plain(text: object) -> str:
    r"""`text` on one line, every invisible character written as an escape.

    >>> plain("numb\n  arm \x1b[31m")
    'numb arm \\x1b[31m'
    """
    words = str(text)
    if not words.isprintable():
        words = printable(words.translate(_BLANKS))
    return " ".join(words.split()) if "  " in words else words


def escape(text: object) -> str:
    """`text` as it may stand in HTML or SVG, between tags or inside a quoted attribute.

    >>> escape('<img src=x onerror="alert(1)">')
    '&lt;img src=x onerror=&quot;alert(1)&quot;&gt;'
    """
    return plain(text).translate(_MARKUP)
