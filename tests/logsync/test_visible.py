"""Characters that act instead of showing are written out; all writing stays as it is."""

import pytest

from logsync.visible import shortened, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+12065551212", "+12065551212"),
        ("a\tb\r\n", "a⟨U+0009⟩b⟨U+000D⟩⟨U+000A⟩"),
        ("\x00\x1b[31m\x7f\x85", "⟨U+0000⟩⟨U+001B⟩[31m⟨U+007F⟩⟨U+0085⟩"),
        ("invoice\u202egpj.exe", "invoice⟨U+202E⟩gpj.exe"),
        ("\u2066a\u2069\u200e\u200f", "⟨U+2066⟩a⟨U+2069⟩⟨U+200E⟩⟨U+200F⟩"),
        ("pay\u200bpal\ufeff", "pay⟨U+200B⟩pal⟨U+FEFF⟩"),
        ("a\u200db", "a⟨U+200D⟩b"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("😀\u200d\u200d😀", "😀⟨U+200D⟩⟨U+200D⟩😀"),
        ("שלום, Łódź", "שלום, Łódź"),
    ],
)
def test_what_acts_is_written_out(text, shown):
    assert visible(text) == shown
    assert visible(shown) == shown


def test_some_can_be_kept():
    assert visible("a\n\tb", keeping="\n") == "a\n⟨U+0009⟩b"


def test_long_texts_end_with_an_ellipsis():
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd", 3) == "ab…"
