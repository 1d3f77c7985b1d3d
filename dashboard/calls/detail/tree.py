"""A family as a tree: sums of its branches, and where its legs stand if only some of them are shown. No database.

It is made of all branches (logs with children), of the legs that may be shown, and of the path up from the opened log.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dashboard.calls.detail.lineage import Ancestry, Branch, Leg, LogKey


@dataclass(slots=True)
class Sums:
    """A number of legs and their charge in nano-dollars."""

    legs: int = 0
    nano: int = 0

    def add(self, other: "Sums", sign: int = 1) -> None:
        self.legs += sign * other.legs
        self.nano += sign * other.nano


@dataclass(frozen=True, slots=True)
class Place:
    """`parent` is the nearest shown log above it, `between` how many legs stand in between. The root has no parent."""

    depth: int
    parent: LogKey | None
    between: int


class Tree:
    def __init__(self, ancestry: Ancestry, branches: Mapping[LogKey, Branch], legs: Iterable[Leg]) -> None:
        self.root = ancestry.root
        self._branches = branches
        known = {leg.key: leg for leg in [*legs, *branches.values()]}
        self._parents = dict(zip(ancestry.path, [*ancestry.path[1:], self.root], strict=True))
        self._parents |= {key: leg.parent for key, leg in known.items()}
        self._parents.pop(self.root, None)
        self._own = {ancestry.path[0]: ancestry.nano} | {key: leg.nano for key, leg in known.items()}
        self._order = self._top_down()
        self._below = self._sums_below()

    def _top_down(self) -> Sequence[LogKey]:
        """The branches, parents before their children."""
        children: defaultdict[LogKey, list[LogKey]] = defaultdict(list)
        for branch in self._branches.values():
            if branch.key != self.root:
                children[branch.parent].append(branch.key)
        order = [self.root]
        for key in order:
            order += children[key]
        return order

    def _sums_below(self) -> dict[LogKey, Sums]:
        below = {key: Sums() for key in self._order}
        for key in reversed(self._order):
            if branch := self._branches.get(key):
                below[key].add(Sums(branch.children, branch.children_nano))
            if key != self.root:
                below[self._parents[key]].add(below[key])
        return below

    def branch(self, key: LogKey) -> Sums:
        """A log and all logs below it."""
        sums = Sums(int(key.is_stored), self._own.get(key, 0))
        sums.add(self._below.get(key, Sums()))
        return sums

    def line_to(self, key: LogKey, shown: Collection[LogKey], room: int) -> list[LogKey]:
        """The log and those above it that are not shown yet; the log alone if there is no room for all of them."""
        line: list[LogKey] = []
        at: LogKey | None = key
        while at is not None and at.is_stored and at not in shown:
            if len(line) == room:
                return [key]
            line.append(at)
            at = self._parents.get(at)
        return line

    def places(self, shown: Collection[LogKey]) -> dict[LogKey, Place]:
        """Where each shown log stands: below the root if a change between two reads has torn it off."""
        depths, nearest = {self.root: 0}, {self.root: self.root}
        places = {self.root: Place(0, None, 0)}
        leaves = [key for key in shown if key not in self._below]
        for key in [*self._order[1:], *leaves]:
            parent = self._parents.get(key, self.root)
            depths[key] = depths.get(parent, 0) + 1
            above = nearest.get(parent, self.root)
            if key in shown:
                places[key] = Place(depths[key], above, depths[key] - depths[above] - 1)
            nearest[key] = key if key in shown else above
        return places

    def hidden(self, places: Mapping[LogKey, Place]) -> dict[LogKey, Sums]:
        """Of each place, the legs between it and the shown ones below it, or below it at all, that are not shown."""
        hidden = {key: Sums() for key in places}
        for key, place in places.items():
            hidden[key].add(self._below.get(key, Sums()))
            if place.parent is not None:
                hidden[place.parent].add(self.branch(key), -1)
        return hidden
