"""Untrusted text: made safe to show, and read as a number. No Django.

A control character can end a line, a bidi mark can reorder the text around it, and a zero-width character hides.
"""

import re
from collections.abc import Callable

# Characters of other categories that are drawn as nothing.
FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
# C0 and C1 controls; format characters, fillers and line separators; noncharacters and surrogates.
_INVISIBLE = re.compile(
    f"[{FILLERS}\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff0-\uffff\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]"
    # Joiners are legitimate between letters of some scripts and in emoji; next to ASCII they are only invisible.
    "|(?:(?<=[\x00-\x7f])|^)[\u200c\u200d]+|[\u200c\u200d]+(?=[\x00-\x7f]|$)|[\u200c\u200d]{2,}"
)


_BLANK = re.compile(r"\s+")


def visible(text: str, keeping: str = "") -> str:
    """The text with each invisible character, except those in `keeping`, as its code point: a tab is "⟨U+0009⟩"."""
    shown = _BLANK if not keeping and text.isspace() else _INVISIBLE  # a space is seen between letters only
    return shown.sub(lambda match: "".join(c if c in keeping else f"⟨U+{ord(c):04X}⟩" for c in match[0]), text)


def shortened(text: str, max_length: int) -> str:
    """The text, cut to `max_length` characters; a cut text ends with an ellipsis."""
    return text if len(text) <= max_length else f"{text[: max_length - 1]}…"


def counted(number: int, noun: str, plural: str = "") -> str:
    """ "1 row", "1,234 rows"; `plural` for a noun that does not only take an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers within these bounds. It raises ValueError with what to write."""

    def read(text: str) -> int:
        # The length first: converting a million digits takes long.
        if not re.fullmatch(r"[0-9]{1,12}", text) or not least <= int(text) <= most:
            raise ValueError(f"write a whole number from {least} to {most}.")
        return int(text)

    return read
