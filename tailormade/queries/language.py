"""The language of questions: ``age > 50 and sex == 'Female'``.

=================================================  =================================================================
``age > 50``, ``50 < age``, ``18 <= age < 30``     orders: < <= > >=
``sex == 'Female'``, ``sex != Female``             one value; also = and <>
``education in ['Masters', 'Doctorate']``          one of several, also in parentheses; ``not in``
``hours between 30 and 40``                        both ends included; ``not between``
``cabin is missing``, ``cabin is not missing``     the cell itself
``not (a < 3 or b != "x") and c == true``          in order of strength: ``not``, ``and``, ``or``; keywords in any case
=================================================  =================================================================

A column is a word, which may hold ``-`` and ``.`` (``capital-gain``), or anything in backticks. A value is a number, a
text in quotes or a word (*true* and *false* are truth values); a date is a text (``born < '1980-01-01'``). In quotes a
backslash stands before a quote or a backslash that belongs to the text. The text is read by a grammar and never
executed.
"""

from typing import cast

from tailormade.queries.predicates import Expression
from tailormade.queries.values import Value


def parse(text: str) -> Expression:
    """Read a question.

    Args:
        text: The question.

    Returns:
        An expression: ``str`` writes it as a question again, ``holds`` asks it of the rows of a table, ``boxes``
        returns the regions of the columns.

    Raises:
        TypeError: If it is no text.
        ValueError: If it is no question, saying what was expected, with the place marked.

    Example:
        >>> question = parse("18 <= age < 30 and education in ['Masters', 'Doctorate']")
        >>> question.columns
        ('age', 'education')
        >>> question.holds({"age": [20, 20, None], "education": ["Masters", "11th", "Masters"]}).tolist()
        [True, False, False]
        >>> parse("age > and sex == 1")
        Traceback (most recent call last):
        ValueError: question: expected a value (a number, a word or a quoted text; a keyword needs quotes), got ...
          age > and sex == 1
                ^
    """
    return cast(Expression, _read(text, "question", "question"))


def parse_evidence(text: str) -> Expression:
    """Read what is known of a row: questions that all hold, with commas between them.

    Args:
        text: The questions; ``column=value`` is one.

    Returns:
        An expression, as of :func:`parse`.

    Raises:
        TypeError: If it is no text.
        ValueError: If it is not made of questions, saying what was expected, with the place marked.

    Example:
        >>> str(parse_evidence("sex=Female, age > 50 or age < 18, job='clerk, junior'"))
        "sex == 'Female' and (age > 50 or age < 18) and job == 'clerk, junior'"
    """
    return cast(Expression, _read(text, "evidence", "given"))


def parse_assignments(text: str) -> dict[str, Value]:
    """Read evidence: columns and their values.

    Args:
        text: Assignments with commas between them; in quotes a value may hold commas.

    Returns:
        A dict from columns to values, in the order of the text.

    Raises:
        TypeError: If it is no text.
        ValueError: If it does not consist of assignments, or a column occurs twice.

    Example:
        >>> parse_assignments("sex=Female, age=50, job='clerk, junior'")
        {'sex': 'Female', 'age': 50, 'job': 'clerk, junior'}
    """
    values: dict[str, Value] = {}
    for column, value in cast(tuple[tuple[str, Value], ...], _read(text, "assignments", "given")):
        if column in values:
            raise ValueError(f"given: expected one value for each column, got two for {column!r}; remove one.")
        values[column] = value
    return values


def _read(text: str, start: str, name: str) -> object:
    if not isinstance(text, str):
        raise TypeError(f"{name}: expected a text, got {type(text).__name__}.")
    from lark import UnexpectedInput  # loaded by the first question

    from tailormade.queries.grammar import parser
    from tailormade.queries.mistakes import described

    try:
        return parser().parse(text, start=start)
    except UnexpectedInput as error:
        raise ValueError(f"{name}: {described(text, error, parser(), start)}") from None
