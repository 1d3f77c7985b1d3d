"""Invisible characters are written out; all other text is unchanged."""

import pytest

from logsync.text import counted, shortened, visible


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
def test_invisible_characters_are_written_out(text, shown):
    assert visible(text) == shown
    assert visible(shown) == shown


def test_some_characters_can_be_kept():
    assert visible("a\n\tb", keeping="\n") == "a\n⟨U+0009⟩b"


def test_long_text_is_cut_with_an_ellipsis():
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd", 3) == "ab…"


@pytest.mark.parametrize(
    ("text", "shown"), [(" ", "⟨U+0020⟩"), (" \xa0", "⟨U+0020⟩⟨U+00A0⟩"), ("a b ", "a b "), ("", "")]
)
def test_a_text_of_blanks_alone_is_made_visible(text, shown):
    assert visible(text) == shown


@pytest.mark.parametrize(("number", "words"), [(0, "0 rows"), (1, "1 row"), (1234, "1,234 rows")])
def test_a_noun_has_the_number_of_its_count(number, words):
    assert counted(number, "row") == words
    assert counted(2, "entry", "entries") == "2 entries"
