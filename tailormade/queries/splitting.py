"""Split an event into disjoint boxes, whose probabilities add up to that of the event.

An event is a formula of leaves ``x_c ∈ R`` (1) joined by *and* and *or*; *not* is gone, as ``not (x_c ∈ R)`` is
``x_c ∉ R``. All leaves on a column c cut its values into cells on each of which every leaf is true throughout or false
throughout, so that a formula F becomes one F_s without c on the cell s: ``F = ∪_s {x_c ∈ s} ∩ F_s`` (2), a union of
disjoint events. Each F_s is split in the same way, and cells with the same boxes are united: a decision tree over the
columns, its paths the boxes. In it a contradiction has no path and a tautology one without a condition, however they
were written (3). A question that is a mere conjunction is one box, a disjunction over k columns k boxes; in the worst
case their number grows exponentially with that of columns, which is refused.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tailormade.queries.boxes import Region

MOST_BOXES = 1000
_MOST_WORK = 300 * MOST_BOXES  # leaves evaluated
_MOST_LEVELS = 150  # columns in the tree

Box = dict[str, Region]
_Paths = tuple[tuple[tuple[str, Region], ...], ...]


@dataclass(frozen=True)
class Inside:
    """The value of a column is in a region (1).

    Args:
        column: Its name.
        region: The region.
    """

    column: str
    region: Region


@dataclass(frozen=True)
class Joined:
    """Formulas joined by *and*, or by *or*; made by :func:`join`.

    Args:
        every: Whether all parts must be true, rather than one.
        parts: The parts; none at all is true for *and*, false for *or*.
    """

    every: bool
    parts: "tuple[Formula, ...]"


Formula = Inside | Joined
TRUE, FALSE = Joined(True, ()), Joined(False, ())


def join(every: bool, parts: Iterable[Formula]) -> Formula:
    """Join formulas by *and* (``every``) or by *or*, and simplify: leaves on one column become one leaf.

    Example:
        >>> from tailormade.queries.boxes import Intervals
        >>> above, below = (Inside("age", Intervals.compared(operator, 50)) for operator in "><")
        >>> join(True, [above, below]) == FALSE, join(False, [above, below]).region.contains([50, 51]).tolist()
        (True, [False, True])
    """
    leaves: dict[str, list[Region]] = {}
    others: dict[Formula, None] = {}  # a set that keeps the order
    for part in _flat(every, parts):
        if isinstance(part, Inside):
            leaves.setdefault(part.column, []).append(part.region)
        else:
            others[part] = None
    absorbing, neutral = (FALSE, TRUE) if every else (TRUE, FALSE)
    joined = [*(_leaf(column, _merge(every, regions)) for column, regions in leaves.items()), *others]
    if absorbing in joined:
        return absorbing
    kept = tuple(part for part in joined if part != neutral)
    return kept[0] if len(kept) == 1 else Joined(every, kept)


def _flat(every: bool, parts: Iterable[Formula]) -> Iterator[Formula]:
    for part in parts:
        yield from part.parts if isinstance(part, Joined) and part.every == every else (part,)


def _merge(every: bool, regions: list[Region]) -> Region:
    """Merge halves rather than one by one: thousands of values are given one by one."""
    if len(regions) == 1:
        return regions[0]
    first, second = (_merge(every, half) for half in (regions[: len(regions) // 2], regions[len(regions) // 2 :]))
    return first.intersect(second) if every else first.union(second)


def _leaf(column: str, region: Region) -> Formula:
    if region.is_empty:
        return FALSE
    return TRUE if region.is_full else Inside(column, region)


def disjoint(formula: Formula) -> list[Box]:
    """Return disjoint boxes whose union is an event: none for a contradiction, one empty box for a tautology.

    Args:
        formula: The event, made by :func:`join`.

    Returns:
        Boxes, whose columns are in the order in which the formula names them.

    Raises:
        ValueError: If there are more than 1000 boxes.

    Example:
        >>> from tailormade.queries.boxes import Categories, Intervals
        >>> parts = Inside("age", Intervals.compared(">", 50)), Inside("sex", Categories(frozenset("f"), ("f", "m")))
        >>> [list(box) for box in disjoint(join(False, parts))]
        [['age'], ['age', 'sex']]
    """
    return [dict(path) for path in _Tree().paths(join(True, [formula]))]


class _Tree:
    """The paths below every formula met so far."""

    def __init__(self) -> None:
        self._known: dict[Formula, _Paths] = {}
        self._work = 0

    def paths(self, formula: Formula) -> _Paths:
        if formula not in self._known:
            free, rest = _apart(formula)
            self._known[formula] = tuple((*free, *path) for path in self._split(rest))
        return self._known[formula]

    def _split(self, formula: Formula) -> _Paths:
        """Split by the first column (2), and unite the cells that lead to the same boxes."""
        if formula in (TRUE, FALSE):
            return ((),) if formula == TRUE else ()
        columns = [leaf.column for leaf in _leaves(formula)]
        cells = _cells(formula, columns[0])
        self._spend(len(columns) * len(cells), len(set(columns)))
        found: dict[_Paths, Region] = {}
        for cell in cells:
            below = self.paths(_fix(formula, columns[0], cell))
            found[below] = found[below].union(cell) if below in found else cell
        if sum(map(len, found)) > MOST_BOXES:
            raise _too_many()
        named = [(below, () if r.is_full else ((columns[0], r),)) for below, r in found.items()]
        return tuple((*condition, *path) for below, condition in named for path in below)

    def _spend(self, work: int, levels: int) -> None:
        # a contradiction that hides well has no box, but may take long to find; each level is a step of recursion
        self._work += work
        if self._work > _MOST_WORK or levels > _MOST_LEVELS:
            raise _too_many()


def _too_many() -> ValueError:
    return ValueError(
        f"question: expected an event of at most {MOST_BOXES} disjoint boxes that are found easily, got one of more; "
        "ask about its parts, or about fewer columns joined by 'or'."
    )


def _apart(formula: Formula) -> tuple[list[tuple[str, Region]], Formula]:
    """Separate what every box must satisfy and nothing else asks about: long conjunctions then need no tree."""
    parts = formula.parts if isinstance(formula, Joined) and formula.every else (formula,)
    elsewhere = {leaf.column for part in parts if isinstance(part, Joined) for leaf in _leaves(part)}
    free = [part for part in parts if isinstance(part, Inside) and part.column not in elsewhere]
    return [(leaf.column, leaf.region) for leaf in free], join(True, [part for part in parts if part not in free])


def _leaves(formula: Formula) -> Iterator[Inside]:
    if isinstance(formula, Inside):
        yield formula
    else:
        for part in formula.parts:
            yield from _leaves(part)


def _cells(formula: Formula, column: str) -> list[Region]:
    regions = list(dict.fromkeys(leaf.region for leaf in _leaves(formula) if leaf.column == column))
    cells = [regions[0].everything()]
    for region in regions:
        halves = [half for cell in cells for half in (cell.intersect(region), cell.subtract(region))]
        cells = [half for half in halves if not half.is_empty]
    return cells


def _fix(formula: Formula, column: str, cell: Region) -> Formula:
    """Return what remains of a formula where a column's value is known to lie in a cell."""
    if isinstance(formula, Joined):
        return join(formula.every, [_fix(part, column, cell) for part in formula.parts])
    if formula.column != column:
        return formula
    return FALSE if formula.region.intersect(cell).is_empty else TRUE
