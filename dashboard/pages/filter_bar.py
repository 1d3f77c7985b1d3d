"""The filter bar: its options, the chosen values, and the parameters that the form passes on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from dashboard.filters import query_string
from dashboard.filters.labels import TYPE_LABELS, label
from dashboard.filters.parser import DELETED, LOG_LISTS, MEDIA, RANGES, ROLLUP_LISTS, Filter
from dashboard.pages.formats import count
from dashboard.results import Facet
from logsync.statuses import FINAL_STATUSES, LIVE_STATUSES

LABELS = {
    "project": "Project",
    "medium": "Medium",
    "type": "Type",
    "direction": "Direction",
    "status": "Status",
    "source": "Source",
}
OUTBOUND = ("outbound", "outbound-api", "outbound-dial")
# SignalWire's documented values, for pages without counts. The link behind a figure can choose any other.
KNOWN: Mapping[str, Sequence[str | None]] = {
    "medium": MEDIA,
    "type": tuple(TYPE_LABELS),
    "direction": ("inbound", *OUTBOUND, None),
    "status": (*sorted(FINAL_STATUSES), *sorted(LIVE_STATUSES), None),
    "source": ("realtime_api", "laml", "dialogflow", None),
}
TEXT_FIELDS = {
    "from": ("From", "Part of the caller’s number"),
    "to": ("To", "Part of the called number"),
    "room": ("Room", "Part of its name"),
    "description": ("Charge line", "Tax"),
    "id": ("Log id", "The whole id"),
    "parent": ("Parent id", "The whole id"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """`text` is the value as encoded in the query; `logs` is None on pages without counts."""

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
    """`more` are the values after the first one, which the input cannot show."""

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
    wanted: Filter,
    projects: Sequence[str],
    facets: Iterable[Facet] = (),
    own: Mapping[str, str | None] | None = None,
) -> FilterBar:
    """`own` are parameters that only this page has; the form passes them on."""
    counts = {facet.parameter: facet.values for facet in facets}
    known_values: dict[str, Sequence[str | None]] = {**KNOWN, "project": projects}
    menus = [_menu(wanted, name, counts.get(name), known_values[name]) for name in LABELS]
    texts = [_text_field(wanted, name, *words) for name, words in TEXT_FIELDS.items()]
    bounds = {name: str(wanted.parameters().get(name, "")) for name in RANGES}
    return FilterBar(
        menus=[menu for menu in menus if menu.parameter != "project" or len(projects) > 1 or menu.chosen],
        number=_text_field(wanted, "number", "Number", "From or to"),
        texts=texts,
        ranges=bounds,
        deleted=_deleted(wanted),
        hidden=[
            pair
            for pair in parse_qsl(query_string.with_parameters(wanted.query(), **own or {}))
            if pair[0] not in _FORM_FIELDS
        ],
        more_chosen=sum(bool(field.text) for field in texts)
        + sum(map(bool, bounds.values()))
        + (wanted.deleted != "include"),
    )


_FORM_FIELDS = frozenset({*ROLLUP_LISTS, *LOG_LISTS, *RANGES, "deleted"})


def _menu(
    wanted: Filter, name: str, counts: Sequence[tuple[str | None, int]] | None, known_values: Sequence[str | None]
) -> Menu:
    """The counted values, or the known ones where nothing was counted; and always the chosen ones."""
    chosen: Sequence[str | None] = getattr(wanted, ROLLUP_LISTS[name])
    logs = dict.fromkeys(known_values, 0) if counts is None else dict(counts)
    values = [*logs, *(value for value in chosen if value not in logs)]
    options = [
        Option(
            id=f"f-{name}-{position}",
            text=query_string.encode_value(name, value),
            label=f"no {name}" if value is None else label(name, value),
            hover=value or "",
            logs=None if counts is None else count(logs.get(value) or 0),
            is_chosen=value in chosen,
        )
        for position, value in enumerate(values)
    ]
    if name == "direction":
        options = _with_all_outbound(options, logs if counts is not None else None, chosen)
    return Menu(name, LABELS[name], options, len(chosen))


def _with_all_outbound(
    options: Sequence[Option], logs: Mapping[str | None, int] | None, chosen: Sequence[str | None]
) -> list[Option]:
    """One choice above the three values that SignalWire tells outbound calls apart by."""
    is_chosen = {*OUTBOUND} <= {*chosen}
    every = Option(
        id="f-direction-outbound",
        text=",".join(OUTBOUND),
        label="all outbound",
        hover=", ".join(OUTBOUND),
        logs=None if logs is None else count(sum(logs.get(value) or 0 for value in OUTBOUND)),
        is_chosen=is_chosen,
    )
    # Chosen together, they are unchecked one by one, so that clearing the one choice clears them.
    single = [
        replace(option, is_chosen=option.is_chosen and not (is_chosen and option.hover in OUTBOUND))
        for option in options
    ]
    at = next((place for place, option in enumerate(single) if option.hover in OUTBOUND), len(single))
    return [*single[:at], every, *single[at:]]


def _text_field(wanted: Filter, name: str, label: str, placeholder: str) -> TextField:
    values = [query_string.encode_value(name, value) for value in getattr(wanted, LOG_LISTS[name])]
    if name in query_string.LISTS:
        values = [",".join(values)] if values else []
    return TextField(name, label, placeholder, values[0] if values else "", values[1:])


def _deleted(wanted: Filter) -> list[Option]:
    words = {
        "include": "Include",
        "exclude": "Exclude",
        "only": "Only these",
        "unseen": "Deleted before Tollbook read them",
    }
    return [
        Option(
            f"f-deleted-{value}",
            "" if value == "include" else value,
            words[value],
            label,
            None,
            wanted.deleted == value,
        )
        for value, label in DELETED.items()
    ]
