"""Template filters for values: each prints one, with the details in the tooltip."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.filters import labels
from dashboard.pages import formats
from dashboard.pages.log_urls import log_url
from dashboard.results import LogRow
from logsync.days import day_of, iso_utc
from logsync.money import dollars, exact_dollars
from logsync.parsing.phone_numbers import UNKNOWN, WITHHELD, party_of
from logsync.statuses import FINAL_STATUSES, LIVE_STATUSES
from logsync.text import shortened, visible

register = template.Library()

# How many characters of a text a page shows, and its tooltip.
MAX_ON_PAGE, MAX_IN_TOOLTIP = 200, 1000
NO_NUMBER = "SignalWire sent no number"
# A text of this length fits any column, so it needs no tooltip.
_FITS_ANY_COLUMN = 16
# Rows repeat the same few types, statuses and numbers. Typed, because a safe string equals an unsafe one.
_cached = lru_cache(maxsize=1024, typed=True)
_HOLLOW_STATUSES = frozenset({"no-answer", "busy", "canceled"})


def today() -> date:
    return day_of(timezone.now(), settings.REPORT_TIME_ZONE)


@register.simple_tag
@_cached
def absent(why: str) -> SafeString:
    """An en dash in place of a missing value, with the reason for the tooltip and screen readers."""
    dash = '<span class="absent" title="{0}"><span aria-hidden="true">–</span>{1}</span>'
    return format_html(dash, why, _visually_hidden(why))


@register.filter(name="text")
def text_(value: str | None, max_length: int = MAX_ON_PAGE) -> str:
    """Untrusted text: isolated from the direction of the text around it, with invisible characters made visible."""
    if value == "":
        return _empty_text()
    text = visible(value or "")
    if len(text) > _FITS_ANY_COLUMN:
        return _with_tooltip(text, shortened(text, max_length))
    return format_html("<bdi>{}</bdi>", text)


@register.filter
def plain_text(value: str | None) -> str:
    """Untrusted text where no markup is possible, such as in an attribute."""
    return shortened(visible(value or ""), MAX_IN_TOOLTIP)


@register.filter
def as_received(value: str, max_length: int | None = None) -> str:
    """Untrusted text that keeps its line breaks."""
    return visible(value if max_length is None else shortened(value, max_length), keeping="\n")


@register.filter
def money(amount: Decimal | None, plus: str = "") -> str:
    """Rounded; the tooltip and screen readers have the exact amount. `plus` goes before amounts above zero."""
    if amount is None:
        return absent("SignalWire sent no charge")
    sign = plus if amount > 0 else ""
    text, exact_text = f"{sign}{dollars(amount)}", f"{sign}{exact_dollars(amount)}"
    if text == exact_text:
        return format_html('<span title="{0}">{0}</span>', text)
    # An image's label is read in place of its text; the label of a mere span would not be.
    return format_html('<span title="{0}" role="img" aria-label="{0}">{1}</span>', exact_text, text)


@register.filter
def exact(amount: Decimal | None) -> str:
    """With all its digits."""
    return absent("SignalWire sent no charge") if amount is None else exact_dollars(amount)


@register.filter
def exact_to(amount: Decimal | None, decimals: int) -> str:
    """With all its digits, padded with faint zeros to the decimals of its column."""
    if amount is None:
        return absent("SignalWire sent no charge")
    text = exact_dollars(amount)
    zeros = "0" * (decimals - len(text.partition(".")[2]))
    return format_html('{}<span class="pad" aria-hidden="true">{}</span>', text, zeros) if zeros else text


@register.filter
def signed(amount: Decimal, decimals: int = 2) -> str:
    """As `exact_to`, with a plus above zero."""
    return format_html("{}{}", "+" if amount > 0 else "", exact_to(amount, decimals))


@register.filter(name="count")
def count_(number: int) -> str:
    return formats.count(number)


@register.filter
def duration(seconds: int | None) -> str:
    return absent("SignalWire sent no duration") if seconds is None else formats.duration(seconds)


@register.filter
def duration_ms(milliseconds: int | None) -> str:
    return absent("SignalWire sent none") if milliseconds is None else formats.duration_ms(milliseconds)


@register.filter
def lasted(row: LogRow) -> str:
    """As exact as SignalWire sent it."""
    return duration(row.seconds) if row.duration_ms is None else duration_ms(row.duration_ms)


@register.filter
def minutes(milliseconds: int | None) -> str:
    return absent("SignalWire sent none") if milliseconds is None else formats.minutes(milliseconds)


@register.filter
def percent(value: Decimal) -> str:
    return formats.percent(value)


@register.filter(name="day")
def day_(value: date) -> str:
    """ "Fri 20 Nov", with the ISO date in the tooltip."""
    return format_html('<time datetime="{0}" title="{0}">{1}</time>', value.isoformat(), formats.day(value, today()))


@register.filter
def date_time(instant: datetime | None) -> str:
    """In the report timezone; the tooltip has UTC and how long ago."""
    if instant is None:
        return absent("not known")
    zone = settings.REPORT_TIME_ZONE
    tooltip = f"{formats.utc(instant)} · {formats.ago(instant, timezone.now())}"
    text = formats.date_time(instant, zone, today())
    return format_html('<time class="num" datetime="{}" title="{}">{}</time>', iso_utc(instant), tooltip, text)


@register.filter
def ago(instant: datetime) -> str:
    """How long ago; the tooltip has the exact time."""
    return _relative(instant, formats.ago(instant, timezone.now()))


@register.filter
def next_try(instant: datetime) -> str:
    """When it is due; the tooltip has the exact time."""
    return _relative(instant, formats.next_try(instant, timezone.now()))


def _relative(instant: datetime, text: str) -> str:
    return format_html('<time datetime="{}" title="{}">{}</time>', iso_utc(instant), formats.utc(instant), text)


@register.filter
@_cached
def phone(number: str | None) -> str:
    """Grouped for reading, or "withheld" or "unknown"; the tooltip has it as sent."""
    kind = party_of(number).kind
    if kind in {WITHHELD, UNKNOWN}:
        sent = f"SignalWire sent “{shortened(visible(number), MAX_IN_TOOLTIP)}”" if number else NO_NUMBER
        return format_html('<span class="quiet" title="{}">{}</span>', sent, kind)
    safe = visible(number or "")
    text = formats.phone(safe)
    tooltip = shortened(safe, MAX_IN_TOOLTIP)
    return format_html('<bdi class="num" title="{}">{}</bdi>', tooltip, shortened(text, MAX_ON_PAGE))


@register.filter
@_cached
def label(value: str | None, parameter: str = "type") -> str:
    """The label of a filter value; the tooltip has the API's name."""
    if value is None:
        return absent("SignalWire sent none")
    if not value:
        return _empty_text()
    text = labels.label(parameter, value)
    return text_(value) if text == visible(value) else _with_tooltip(value, text)


@register.filter
@_cached
def colour_dot(value: str | None) -> str:
    """A small square in the value's colour."""
    return format_html('<span class="dot v-{}" aria-hidden="true"></span>', labels.colour_class(value))


@register.filter
@_cached
def status(value: str | None) -> str:
    """A coloured dot and the status."""
    if value is None:
        return absent("SignalWire sent no status")
    return format_html('<span class="status {}">{}</span>', _status_class(value), label(value, "status"))


register.simple_tag(log_url)


@register.simple_tag
def report_zone() -> str:
    return settings.REPORT_TIME_ZONE.key


@register.simple_tag
@_cached
def icon(name: str) -> SafeString:
    """An icon of templates/pages/icons.html. `name` must come from a template, never from data."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"></use></svg>', name)


@register.simple_tag
@_cached
def copy_button(text: str) -> SafeString:
    """A button that copies a value as SignalWire sent it: numbers in E.164."""
    return format_html(
        '<button type="button" class="copy no-print" data-copy="{0}" title="Copy {1}">'
        '<svg class="icon" aria-hidden="true"><use href="#i-copy"></use></svg>'
        '<span class="visually-hidden">Copy {1}</span></button>',
        text,
        shortened(visible(text), MAX_ON_PAGE),
    )


@register.filter
@_cached
def copyable_phone(number: str | None) -> str:
    """As `phone`, with a button that copies the number, if there is one."""
    is_known = party_of(number).kind not in {WITHHELD, UNKNOWN}
    return format_html("{}{}", phone(number), copy_button(number)) if is_known else phone(number)


def _empty_text() -> SafeString:
    """In place of an empty text, which is not an absent value."""
    return format_html('<span class="absent" title="SignalWire sent an empty text">{}</span>', labels.EMPTY_TEXT)


def _status_class(value: str) -> str:
    if value in LIVE_STATUSES:
        return "live"
    if value == "failed":
        return "warn"
    if value in _HOLLOW_STATUSES:
        return "hollow"
    return "good" if value in FINAL_STATUSES else ""


def _with_tooltip(tooltip: str, text: str) -> SafeString:
    return format_html('<bdi title="{}">{}</bdi>', shortened(visible(tooltip), MAX_IN_TOOLTIP), text)


def _visually_hidden(text: str) -> SafeString:
    return format_html('<span class="visually-hidden">{}</span>', text)
