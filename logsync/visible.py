"""Texts of others made fit to be shown: characters that act instead of showing are written out. No Django.

A control character can end a line, a bidi mark can turn the words around it, and what has no width hides.
"""

import re

# C0 and C1 controls; what Unicode calls format characters, fillers and separators of lines; what is no character.
_ACTING = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff0-\uffff\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]"
    # Joiners belong between letters of scripts that need them, and into emoji; beside ASCII they only hide.
    "|(?:(?<=[\x00-\x7f])|^)[\u200c\u200d]+|[\u200c\u200d]+(?=[\x00-\x7f]|$)|[\u200c\u200d]{2,}"
)


def visible(text: str, keeping: str = "") -> str:
    """The text with each such character by its number: a right-to-left override is "⟨U+202E⟩", a tab "⟨U+0009⟩".

    Those in `keeping` stay as they are.
    """
    return _ACTING.sub(lambda match: "".join(c if c in keeping else _sign(c) for c in match[0]), text)


def shortened(text: str, most: int) -> str:
    """At most so many characters, with an ellipsis where something was left out."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _sign(character: str) -> str:
    # In signs that every font has; not so the pictures that Unicode has for controls.
    return f"⟨U+{ord(character):04X}⟩"
