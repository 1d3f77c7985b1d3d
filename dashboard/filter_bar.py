"""The bar of filters: what can be chosen, what is chosen, and what the form carries along."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from dashboard import links
from dashboard.figures import count
from dashboard.filters import DELETED, LOG_LISTS, MEDIA, RANGES, ROLLUP_LISTS, Filter
from dashboard.results import Facet
from dashboard.words import TYPE_WORDS, in_words
from logsync.choices import FINAL_STATUSES, LIVE_STATUSES

LABELS = {
    "project": "Project",
    "medium": "Medium",
    "type": "Type",
    "direction": "Direction",
    "status": "Status",
    "source": "Source",
}
# SignalWire's documented values, for a page that does not count them. Others are chosen by following a figure.
KNOWN: Mapping[str, Sequence[str | None]] = {
    "medium": MEDIA,
    "type": tuple(TYPE_WORDS),
    "direction": ("inbound", "outbound", "outbound-api", "outbound-dial", None),
    "status": (*sorted(FINAL_STATUSES), *sorted(LIVE_STATUSES), None),
    "source": ("realtime_api", "laml", "dialogflow", None),
}
TEXT_FIELDS = {
    "from": ("From", "Part of the caller’s number"),
    "to": ("To", "Part of the called number"),
    "room": ("Room", "Part of its name"),
    "description": ("Charge line", "Tax"),
    "id": ("Log id", "The whole id"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """`text` is the value as it stands in an address; `logs` is None on a page that does not count them."""

    id: str
    text: str
    label: str
    hover: str
    logs: str | None
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Menu:
    parameter: str
    label: str
    options: Sequence[Option]
    chosen: int


@dataclass(frozen=True, slots=True)
class TextField:
    """`more` are further values, which the one input cannot show."""

    parameter: str
    label: str
    placeholder: str
    text: str
    more: Sequence[str]


@dataclass(frozen=True, slots=True)
class FilterBar:
    menus: Sequence[Menu]
    number: TextField
    texts: Sequence[TextField]
    ranges: Mapping[str, str]
    deleted: Sequence[Option]
    hidden: Sequence[tuple[str, str]]
    more_chosen: int


def filter_bar(
    asked: Filter,
    projects: Sequence[str],
    facets: Iterable[Facet] = (),
    own: Mapping[str, str | None] | None = None,
) -> FilterBar:
    """`own` are parameters that only this page has: the form carries them along."""
    counted = {facet.parameter: facet.values for facet in facets}
    known: dict[str, Sequence[str | None]] = {**KNOWN, "project": projects}
    menus = [_menu(asked, name, counted.get(name), known[name]) for name in LABELS]
    texts = [_text_field(asked, name, *words) for name, words in TEXT_FIELDS.items()]
    bounds = {name: str(asked.parameters().get(name, "")) for name in RANGES}
    return FilterBar(
        menus=[menu for menu in menus if menu.parameter != "project" or len(projects) > 1 or menu.chosen],
        number=_text_field(asked, "number", "Number", "From or to"),
        texts=texts,
        ranges=bounds,
        deleted=_deleted(asked),
        hidden=[pair for pair in parse_qsl(links.replaced(asked.query(), **own or {})) if pair[0] not in _IN_THE_FORM],
        more_chosen=sum(bool(field.text) for field in texts)
        + sum(map(bool, bounds.values()))
        + (asked.deleted != "include"),
    )


_IN_THE_FORM = frozenset({*ROLLUP_LISTS, *LOG_LISTS, *RANGES, "deleted"})


def _menu(
    asked: Filter, name: str, counted: Sequence[tuple[str | None, int]] | None, known: Sequence[str | None]
) -> Menu:
    """Values with their numbers of logs where they were counted, else the known ones; the chosen ones always."""
    chosen: Sequence[str | None] = getattr(asked, ROLLUP_LISTS[name])
    logs = dict(_uncounted(known) if counted is None else counted)
    values = [*logs, *(value for value in chosen if value not in logs)]
    options = [
        Option(
            id=f"f-{name}-{place}",
            text=links.written(name, value),
            label=f"no {name}" if value is None else in_words(name, value),
            hover=value or "",
            logs=None if counted is None else count(logs.get(value) or 0),
            is_chosen=value in chosen,
        )
        for place, value in enumerate(values)
    ]
    return Menu(name, LABELS[name], options, len(chosen))


def _uncounted(known: Sequence[str | None]) -> list[tuple[str | None, int]]:
    return [(value, 0) for value in known]


def _text_field(asked: Filter, name: str, label: str, placeholder: str) -> TextField:
    values = [links.written(name, value) for value in getattr(asked, LOG_LISTS[name])]
    if name in links.LISTS:
        values = [",".join(values)] if values else []
    return TextField(name, label, placeholder, values[0] if values else "", values[1:])


def _deleted(asked: Filter) -> list[Option]:
    words = {"include": "Counted in", "exclude": "Left out", "only": "Only these", "unseen": "Never read alive"}
    return [
        Option(
            f"f-deleted-{value}", "" if value == "include" else value, words[value], label, None, asked.deleted == value
        )
        for value, label in DELETED.items()
    ]
