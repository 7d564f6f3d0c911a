"""How units, conditionals and orders are written in a picture.

Variables count from 1 as in the literature: variable ``i`` of the code is ``xᵢ₊₁`` in a picture. Long lists are
shortened to runs (``x₁…x₅``), and what remains too long is counted instead of listed.
"""

from collections.abc import Sequence

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def variable(i: int, letter: str = "x") -> str:
    """Return the label of variable ``i``, counted from 0.

    Example:
        >>> variable(11)
        'x₁₂'
    """
    return letter + str(i + 1).translate(_SUBSCRIPTS)


def conditional(degrees: Sequence[int], i: int, *, context: bool = False) -> str:
    """Return the label of output ``i``: its conditional on all variables of lower degree.

    Args:
        degrees: Degree of each variable, length D.
        i: Index of the variable, from 0.
        context: Whether the density is conditioned on a context, written ``c``.

    Example:
        >>> conditional([3, 1, 2], 0), conditional([1, 2, 3], 0, context=True)
        ('p(x₁ | x₂, x₃)', 'p(x₁ | c)')
    """
    before = [j for j, degree in enumerate(degrees) if degree < degrees[i]]
    terms = _runs(before)
    if len(terms) > 4:
        terms = [f"{len(before)} others"]
    given = ", ".join([*terms, "c"] if context else terms)
    return f"p({variable(i)} | {given})" if given else f"p({variable(i)})"


def sequence(degrees: Sequence[int], limit: int = 8) -> str:
    """Return the variables in the order of factorisation; groups of equal degree in braces.

    Args:
        degrees: Degree of each variable, length D.
        limit: Number of terms after which the list is cut.

    Example:
        >>> sequence([3, 1, 2]), sequence(range(784, 0, -1)), sequence([1, 1, 2])
        ('x₂, x₃, x₁', 'x₇₈₄…x₁', '{x₁, x₂}, x₃')
    """
    groups: dict[int, list[int]] = {}
    for i, degree in enumerate(degrees):
        groups.setdefault(degree, []).append(i)
    places = [groups[degree] for degree in sorted(groups)]
    if all(len(group) == 1 for group in places):
        terms = _runs([group[0] for group in places])
    else:
        terms = [_group(group) for group in places]
    return ", ".join(terms if len(terms) <= limit else [*terms[:limit], "…"])


def _group(variables: Sequence[int]) -> str:
    return variable(variables[0]) if len(variables) == 1 else "{" + ", ".join(_runs(variables)) + "}"


def _runs(variables: Sequence[int]) -> list[str]:
    """Label variables, with every run of more than four neighbours, up or down, shortened to its ends."""
    runs: list[list[int]] = []
    for v in variables:
        if runs and abs(v - runs[-1][-1]) == 1 and (len(runs[-1]) < 2 or v - runs[-1][-1] == runs[-1][1] - runs[-1][0]):
            runs[-1].append(v)
        else:
            runs.append([v])
    terms: list[str] = []
    for run in runs:
        shorten = len(run) > 4
        terms += [f"{variable(run[0])}…{variable(run[-1])}"] if shorten else [variable(v) for v in run]
    return terms
