"""What is wrong with a text that is no question: what was expected, what was found, and where.

At every step the parser knows which tokens may come next; before a character that begins no token, it is asked by
reading the text up to there. A set of tokens is told in words: the sets of a table that it contains, the larger first.
Unlike a list of tokens, "a condition" or "a value" says what the set is for.
"""

from typing import cast

from lark import Lark, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from tailormade.queries.conditions import KEYWORDS

_PHRASES = (
    ({"NAME", "TICKED", "NUMBER", "QUOTED"}, "a condition such as age > 50"),
    ({"NAME", "NUMBER", "QUOTED"}, "a value (a number, a word or a quoted text; a keyword needs quotes)"),
    ({"NUMBER", "QUOTED"}, "a number or a quoted text"),
    ({"NAME", "TICKED"}, "a column (in backticks where it is no plain word)"),
    ({"EQUAL", "_IN"}, "a comparison (==, !=, <, <=, >, >=, in, not in, between, is missing)"),
    ({"EQUAL", "ORDER"}, "a comparison (==, !=, <, <=, >, >=)"),
    ({"EQUAL"}, "'='"),
    ({"_NOT", "_MISSING"}, "'missing' or 'not missing'"),
    ({"_IN", "_BETWEEN"}, "'in' or 'between'"),
    ({"_MISSING"}, "'missing'"),
    ({"_AND", "_OR"}, "'and', 'or'"),
    ({"_AND"}, "'and'"),
    ({"LSQB", "LPAR"}, "a list such as ['a', 'b']"),
    ({"COMMA"}, "','"),
    ({"RSQB"}, "']'"),
    ({"RPAR"}, "')'"),
    ({"$END"}, "the end"),
)
_HINTS = {"&": "; write 'and'", "|": "; write 'or'", "!": "; write 'not'"}
_HINTS |= dict.fromkeys("'\"`", ", which is never closed")
_WIDTH = 50  # of the text, to either side of the place


def described(text: str, error: UnexpectedInput, parser: Lark, start: str) -> str:
    """Return what was expected and found, and below it the text with the place marked.

    Args:
        text: The text.
        error: What the parser made of it.
        parser: The parser.
        start: The rule it began with.
    """
    place, length, possible = len(text.rstrip()), 0, set[str]()  # of the end
    if isinstance(error, UnexpectedCharacters):
        place, length = error.pos_in_stream or 0, 1
        possible = _next(text[:place], parser, start)
    elif isinstance(error, UnexpectedToken):
        possible = error.accepts
        if error.token.type != "$END":
            place, length = error.pos_in_stream or 0, len(error.token)
    found = text[place : place + length]
    got = f"{found!r} at position {place + 1}{_hint(found, possible)}" if found else "the end" if place else "nothing"
    below = f"\n{_marked(text, place)}" if text.strip() else ""
    return f"expected {_phrase(possible)}, got {got}.{below}"


def _hint(found: str, possible: set[str]) -> str:
    several = found.isidentifier() and found.lower() not in KEYWORDS and {"EQUAL", "ORDER"} <= possible
    return "; the name of a column of several words stands in `backticks`" if several else _HINTS.get(found, "")


def _next(text: str, parser: Lark, start: str) -> set[str]:
    begun = parser.parse_interactive(text, start=start)
    begun.exhaust_lexer()
    return cast(set[str], begun.accepts())  # type: ignore[no-untyped-call] # lark left it without annotations


def _phrase(possible: set[str]) -> str:
    phrases, left = [], set(possible)
    for tokens, phrase in _PHRASES:
        if tokens <= left:
            phrases.append(phrase)
            left -= tokens
    return " or ".join([", ".join(phrases[:-1]), phrases[-1]] if phrases[1:] else phrases)


def _marked(text: str, place: int) -> str:
    line = "".join(" " if character.isspace() else character for character in text)
    first = max(0, place - _WIDTH)
    before = ("..." if first else "") + line[first:place]
    after = line[place : place + _WIDTH].rstrip() + ("..." if len(line.rstrip()) > place + _WIDTH else "")
    return f"  {before}{after}\n  {' ' * len(before)}^"
