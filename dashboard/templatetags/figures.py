"""Figures in templates: each filter prints one value, with what the page has no room for on hover."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard import figures, words
from dashboard.addresses import log_address
from logsync.choices import FINAL_STATUSES, LIVE_STATUSES
from logsync.days import day_of
from logsync.money import dollars, exact_dollars
from logsync.visible import shortened, visible

register = template.Library()

# How much of a text stands on a page, and how much more appears on hover.
ON_PAGE, ON_HOVER = 200, 1000
# What fits into any column needs no hover.
_FITS_ANYWHERE = 16
# Rows print the same few types, statuses and numbers over and over. By type, too: a safe text equals an unsafe one.
_printed_once = lru_cache(maxsize=1024, typed=True)
_HOLLOW_STATUSES = frozenset({"no-answer", "busy", "canceled"})


def today() -> date:
    return day_of(timezone.now(), settings.REPORT_TIME_ZONE)


@register.simple_tag
@_printed_once
def absent(why: str) -> SafeString:
    """An en dash that says why there is no figure."""
    dash = '<span class="absent" title="{0}"><span aria-hidden="true">–</span>{1}</span>'
    return format_html(dash, why, _hidden(why))


@register.filter(name="text")
def shown(value: str | None, most: int = ON_PAGE) -> str:
    """A text of others: whole words of its own, whatever their direction, and nothing in it that acts unseen."""
    text = visible(value or "")
    return _titled(text, shortened(text, most)) if len(text) > _FITS_ANYWHERE else format_html("<bdi>{}</bdi>", text)


@register.filter
def hover(value: str | None) -> str:
    """A text of others for an attribute."""
    return shortened(visible(value or ""), ON_HOVER)


@register.filter
def as_received(value: str, most: int | None = None) -> str:
    """A text of many lines: they stay."""
    return visible(value if most is None else shortened(value, most), keeping="\n")


@register.filter
def money(amount: Decimal | None) -> str:
    """To the cent, exact on hover."""
    if amount is None:
        return absent("SignalWire sent no charge")
    return format_html('<span title="{}">{}</span>', exact_dollars(amount), dollars(amount))


@register.filter(name="dollars")
def dollars_(amount: Decimal, plus: str = "") -> str:
    """To the cent, in attributes and lines; with a plus where that is asked for."""
    return f"{plus if amount > 0 else ''}{dollars(amount)}"


@register.filter
def exact(amount: Decimal | None) -> str:
    """With all digits it has."""
    return absent("SignalWire sent no charge") if amount is None else exact_dollars(amount)


@register.filter
def exact_to(amount: Decimal | None, decimals: int) -> str:
    """With all digits it has, and faint zeros behind them up to as many decimals as its column has."""
    if amount is None:
        return absent("SignalWire sent no charge")
    text = exact_dollars(amount)
    zeros = "0" * (decimals - len(text.partition(".")[2]))
    return format_html('{}<span class="pad" aria-hidden="true">{}</span>', text, zeros) if zeros else text


@register.filter
def moved(amount: Decimal, decimals: int = 2) -> str:
    """What was added or taken away, with its sign and all digits it has."""
    return format_html("{}{}", "+" if amount > 0 else "", exact_to(amount, decimals))


@register.filter(name="count")
def count_(number: int) -> str:
    return figures.count(number)


@register.filter
def duration(seconds: int | None) -> str:
    return absent("SignalWire sent no duration") if seconds is None else figures.duration(seconds)


@register.filter
def duration_ms(milliseconds: int | None) -> str:
    return absent("SignalWire sent none") if milliseconds is None else figures.duration_ms(milliseconds)


@register.filter
def minutes(milliseconds: int | None) -> str:
    return absent("SignalWire sent none") if milliseconds is None else figures.minutes(milliseconds)


@register.filter
def percent(value: Decimal) -> str:
    return figures.percent(value)


@register.filter(name="day")
def day_(value: date) -> str:
    """ "Fri 20 Nov", for machines and on hover in full."""
    return format_html('<time datetime="{0}" title="{0}">{1}</time>', value.isoformat(), figures.day(value, today()))


@register.filter
def moment(instant: datetime | None) -> str:
    """A time in the report timezone; UTC and how long ago on hover."""
    if instant is None:
        return absent("not known")
    zone = settings.REPORT_TIME_ZONE
    hover = f"{figures.utc(instant)} · {figures.ago(instant, timezone.now())}"
    text = figures.moment(instant, zone, today())
    return format_html('<time class="num" datetime="{}" title="{}">{}</time>', figures.iso(instant), hover, text)


@register.filter
def ago(instant: datetime) -> str:
    """How long ago; the exact time on hover."""
    text = figures.ago(instant, timezone.now())
    return format_html('<time datetime="{}" title="{}">{}</time>', figures.iso(instant), figures.utc(instant), text)


@register.filter
@_printed_once
def phone(number: str | None) -> str:
    """Grouped for reading, as sent on hover."""
    if number is None:
        return absent("SignalWire sent no number")
    shown = visible(number)
    text = figures.phone(number) if shown == number else shown
    return format_html('<bdi class="num" title="{}">{}</bdi>', shortened(shown, ON_HOVER), shortened(text, ON_PAGE))


@register.filter
@_printed_once
def in_words(value: str | None, parameter: str = "type") -> str:
    """A value of a filter in words, as the API names it on hover."""
    if value is None:
        return absent("SignalWire sent none")
    text = words.in_words(parameter, value)
    return shown(value) if parameter != "type" or text == visible(value) else _titled(value, text)


@register.filter
@_printed_once
def dot(value: str | None) -> str:
    """The colour of a value, as a small square."""
    return format_html('<span class="dot v-{}" aria-hidden="true"></span>', words.colour_of(value))


@register.filter
@_printed_once
def status(value: str | None) -> str:
    """A quiet dot and the word."""
    if value is None:
        return absent("SignalWire sent no status")
    return format_html('<span class="status {}">{}</span>', _kind_of_status(value), shown(value))


@register.simple_tag
def log_url(medium: str, log_id: str) -> str:
    return log_address(medium, log_id)


@register.simple_tag
def report_zone() -> str:
    return settings.REPORT_TIME_ZONE.key


@register.simple_tag
@_printed_once
def icon(name: str) -> SafeString:
    """A line of 16 pixels from the page's own sprite; `name` is written in a template."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"></use></svg>', name)


@register.simple_tag
@_printed_once
def copy(text: str) -> SafeString:
    """A button that copies a value as it was sent: numbers as E.164."""
    return format_html(
        '<button type="button" class="copy no-print" data-copy="{0}" title="Copy {1}">'
        '<svg class="icon" aria-hidden="true"><use href="#i-copy"></use></svg>'
        '<span class="visually-hidden">Copy {1}</span></button>',
        text,
        shortened(visible(text), ON_PAGE),
    )


def _kind_of_status(value: str) -> str:
    if value in LIVE_STATUSES:
        return "live"
    if value == "failed":
        return "warn"
    if value in _HOLLOW_STATUSES:
        return "hollow"
    return "good" if value in FINAL_STATUSES else ""


def _titled(title: str, text: str) -> SafeString:
    return format_html('<bdi title="{}">{}</bdi>', shortened(visible(title), ON_HOVER), text)


def _hidden(text: str) -> SafeString:
    return format_html('<span class="visually-hidden">{}</span>', text)
