r"""The grammar of questions, and what its rules stand for.

Questions are read by an LALR(1) parser: from the left, one token ahead, in time linear in the text. In order of
increasing strength: *or*, *and*, *not*, conditions. Keywords (in any case) are no words, so that a misplaced one is
found where it stands; a word may hold ``-`` and ``.`` inside, and begin with a digit, as categories and columns do
(``capital-gain``, ``11th``).
"""

import math
import re
from functools import cache

from lark import Lark, Token, Transformer, v_args

from tailormade.queries.conditions import Missing, OneOf, Order
from tailormade.queries.predicates import And, Expression, Not, Or
from tailormade.queries.values import Value

_DEEPEST = 100  # expressions within one another, which every later step walks by recursion

GRAMMAR = r"""
question: either
evidence: either ("," either)* ","?
assignments: assignment ("," assignment)* ","?

?either: both (_OR both)*
?both: plain (_AND plain)*
?plain: _NOT plain -> negation
    | condition
    | "(" either ")"
?condition: column ORDER value -> order
    | literal ORDER column -> reversed
    | literal ORDER column ORDER literal -> chain
    | column EQUAL value -> equal
    | column UNEQUAL value -> unequal
    | literal EQUAL column -> equalled
    | literal UNEQUAL column -> unequalled
    | column _IN values -> within
    | column _NOT _IN values -> without
    | column _BETWEEN value _AND value -> between
    | column _NOT _BETWEEN value _AND value -> beyond
    | column _IS _MISSING -> missing
    | column _IS _NOT _MISSING -> present
assignment: column EQUAL value

column: NAME | TICKED
values: "[" value ("," value)* ","? "]" | "(" value ("," value)* ","? ")"
?value: literal | NAME -> word
?literal: NUMBER -> number | QUOTED -> quoted

_AND.3: /and(?![\w.-])/i
_OR.3: /or(?![\w.-])/i
_NOT.3: /not(?![\w.-])/i
_IN.3: /in(?![\w.-])/i
_IS.3: /is(?![\w.-])/i
_BETWEEN.3: /between(?![\w.-])/i
_MISSING.3: /(?:missing|null)(?![\w.-])/i
ORDER: /<=|>=|<(?!>)|>/
EQUAL: /==?/
UNEQUAL: /!=|<>/
NUMBER.2: /[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?(?![\w.-])/i
NAME: /\w+(?:[.-]\w+)*/
QUOTED: /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/s
TICKED: /`(?:[^`\\]|\\.)+`/s
%ignore /\s+/
"""

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}

Assignment = tuple[str, Value]


@v_args(inline=True)
class _Reader(Transformer[Token, object]):
    """Make expressions of what the rules of the grammar, whose names the methods bear, have found."""

    def question(self, expression: Expression) -> Expression:
        return expression

    def evidence(self, *parts: Expression) -> Expression:
        return parts[0] if len(parts) == 1 else _shallow(And(parts))

    def assignments(self, *pairs: Assignment) -> tuple[Assignment, ...]:
        return pairs

    def assignment(self, column: str, _: Token, value: Value) -> Assignment:
        return column, value

    def either(self, *parts: Expression) -> Expression:
        return _shallow(Or(parts))

    def both(self, *parts: Expression) -> Expression:
        return _shallow(And(parts))

    def negation(self, part: Expression) -> Expression:
        return _shallow(Not(part))

    def order(self, column: str, sign: Token, value: Value) -> Expression:
        return Order(column, str(sign), value)

    def reversed(self, value: Value, sign: Token, column: str) -> Expression:
        return Order(column, _MIRRORED[sign], value)

    def chain(self, low: Value, first: Token, column: str, second: Token, high: Value) -> Expression:
        return And((self.reversed(low, first, column), self.order(column, second, high)))

    def equal(self, column: str, _: Token, value: Value) -> Expression:
        return OneOf(column, (value,))

    def unequal(self, column: str, _: Token, value: Value) -> Expression:
        return OneOf(column, (value,), negated=True)

    def equalled(self, value: Value, _: Token, column: str) -> Expression:
        return OneOf(column, (value,))

    def unequalled(self, value: Value, _: Token, column: str) -> Expression:
        return OneOf(column, (value,), negated=True)

    def within(self, column: str, values: tuple[Value, ...]) -> Expression:
        return OneOf(column, values)

    def without(self, column: str, values: tuple[Value, ...]) -> Expression:
        return OneOf(column, values, negated=True)

    def between(self, column: str, low: Value, high: Value) -> Expression:
        return And((Order(column, ">=", low), Order(column, "<=", high)))

    def beyond(self, column: str, low: Value, high: Value) -> Expression:
        return Or((Order(column, "<", low), Order(column, ">", high)))

    def missing(self, column: str) -> Expression:
        return Missing(column)

    def present(self, column: str) -> Expression:
        return Missing(column, negated=True)

    def column(self, name: Token) -> str:
        return _unquoted(name) if name.type == "TICKED" else str(name)

    def values(self, *values: Value) -> tuple[Value, ...]:
        return values

    def word(self, word: Token) -> Value:
        return {"true": True, "false": False}.get(word.lower(), str(word))

    def quoted(self, text: Token) -> Value:
        return _unquoted(text)

    def number(self, digits: Token) -> Value:
        value = float(digits)
        if not math.isfinite(value):
            place = (digits.start_pos or 0) + 1
            raise ValueError(f"value: expected a number below 1.8e308, got {digits[:20]!r} at position {place}.")
        return int(digits) if re.fullmatch("[+-]?[0-9]+", digits) else value


def _unquoted(text: str) -> str:
    """Remove the quotes and the backslashes before quotes and backslashes; any other backslash is itself."""
    return re.sub(r"\\([\\'\"`])", r"\1", text[1:-1])


def _shallow(expression: Expression) -> Expression:
    if expression.depth > _DEEPEST:
        raise ValueError(f"question: expected at most {_DEEPEST} conditions within one another, got more.")
    return expression


@cache
def parser() -> Lark:
    """Return the parser, which makes expressions while it reads; it is built once."""
    return Lark(
        GRAMMAR, start=["question", "evidence", "assignments"], parser="lalr", lexer="basic", transformer=_Reader()
    )
