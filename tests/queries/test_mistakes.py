"""What is no question, what is said then, and where the caret stands."""

import re

import pytest

from tailormade.queries.language import parse, parse_assignments

VALUE = "a value (a number, a word or a quoted text; a keyword needs quotes)"
CONDITION = "a condition such as age > 50"
COLUMN = "a column (in backticks where it is no plain word)"
COMPARISON = "a comparison (==, !=, <, <=, >, >=, in, not in, between, is missing)"
MORE = "'and', 'or' or the end"

WRONG = {  # the text with | before the place, what was expected, what was found
    "age|": (COMPARISON, "the end"),
    "age >|": (VALUE, "the end"),
    "age > |and sex == 1": (VALUE, "'and' at position 7"),
    "state == |OR": (VALUE, "'OR' at position 10"),
    "age > 5 |& b < 3": (MORE, "'&' at position 9; write 'and'"),
    "a == 1 |!b": (MORE, "'!' at position 8; write 'not'"),
    "age > 5 |foo": (MORE, "'foo' at position 9"),
    "a < 1 |< 3": (MORE, "'<' at position 7"),
    "(age > 5|": ("')'", "the end"),
    "(age > 5 |$": ("'and', 'or' or ')'", "'$' at position 10"),
    "age > 5|)": ("the end", "')' at position 8"),
    "sex == |'Fem": (VALUE, '"\'" at position 8, which is never closed'),
    "|`age > 3": (CONDITION, "'`' at position 1, which is never closed"),
    "|or": (CONDITION, "'or' at position 1"),
    "|== 3": (CONDITION, "'==' at position 1"),
    "not|": (CONDITION, "the end"),
    "a < 3 and|": (CONDITION, "the end"),
    "x in [|]": (VALUE, "']' at position 7"),
    "x in [1|": ("',' or ']'", "the end"),
    "x in [1,|": (f"{VALUE} or ']'", "the end"),
    "x in |5": ("a list such as ['a', 'b']", "'5' at position 6"),
    "x is|": ("'missing' or 'not missing'", "the end"),
    "x is not |3": ("'missing'", "'3' at position 10"),
    "x not |missing": ("'in' or 'between'", "'missing' at position 7"),
    "x between 1 |or 2": ("'and'", "'or' at position 13"),
    "1 < |2": (COLUMN, "'2' at position 5"),
    "1 < a < |b": ("a number or a quoted text", "'b' at position 9"),
    "3|": ("a comparison (==, !=, <, <=, >, >=)", "the end"),
    "income == |<=50K": (VALUE, "'<=' at position 11"),
    "a |and b": (COMPARISON, "'and' at position 3"),
    "__import__|('os')": (COMPARISON, "'(' at position 11"),
}
UNASSIGNED = {
    "a|": ("'='", "the end"),
    "a=|": (VALUE, "the end"),
    "a=|, b=2": (VALUE, "',' at position 3"),
    "a=1 |b=2": ("',' or the end", "'b' at position 5"),
    "a=1, |3": (f"{COLUMN} or the end", "'3' at position 6"),
    "a|>1": ("'='", "'>' at position 2"),
}


def wrong(read, name, case, expected, got):
    before, after = case.split("|")
    message = f"{name}: expected {expected}, got {got}.\n  {before + after}\n  {' ' * len(before)}^"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        read(before + after)


@pytest.mark.parametrize("case", WRONG)
def test_no_question(case):
    wrong(parse, "question", case, *WRONG[case])


@pytest.mark.parametrize("case", UNASSIGNED)
def test_no_assignment(case):
    wrong(parse_assignments, "given", case, *UNASSIGNED[case])


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_nothing(text):
    with pytest.raises(ValueError, match=r"^question: expected a condition such as age > 50, got nothing\.$"):
        parse(text)
    with pytest.raises(ValueError, match=r"^given: expected a column .*, got nothing\.$"):
        parse_assignments(text)


def test_a_name_of_several_words_has_a_remedy():
    with pytest.raises(ValueError, match=r"got 'mass' at position 6; the name of a .* words stands in `backticks`\."):
        parse("body mass > 3")
    assert parse("`body mass` > 3").columns == ("body mass",)


def test_several_lines_are_marked_in_one():
    with pytest.raises(ValueError, match=r"\n  a < 3   and b ==\n                  \^$"):
        parse("a < 3 \n\tand b ==")


def test_a_long_text_is_cut_around_the_place():
    text = "and ".join(["abcdefgh > 3 "] * 50)
    with pytest.raises(ValueError, match=r"got '%' at position 301\.\n  \.\.\..{50}% .{48}\.\.\.\n {55}\^$"):
        parse(text[:300] + "% " + text[300:])


def test_a_place_after_escapes_and_letters_of_any_script():
    with pytest.raises(ValueError, match=r"got '3' at position 16\."):
        parse(r"größe == 'é\'' 3")


@pytest.mark.parametrize("deep", ["not " * 150 + "a < 1", "(a < 1 or " * 150 + "b < 1" + ")" * 150], ids=["not", "or"])
def test_too_deep(deep):
    with pytest.raises(ValueError, match=r"^question: expected at most 100 conditions within one another, got more\.$"):
        parse(deep)


@pytest.mark.parametrize("number", ["1e999", "-1e400", "9" * 400])
def test_numbers_too_large(number):
    with pytest.raises(ValueError, match=r"^value: expected a number below 1.8e308, got '.{1,20}' at position 5\.$"):
        parse(f"a > {number}")


@pytest.mark.parametrize("text", [None, 3, b"a > 3", ["a > 3"]], ids=repr)
def test_no_text(text):
    with pytest.raises(TypeError, match=f"^question: expected a text, got {type(text).__name__}\\.$"):
        parse(text)
    with pytest.raises(TypeError, match=f"^given: expected a text, got {type(text).__name__}\\.$"):
        parse_assignments(text)


def test_a_column_assigned_twice():
    with pytest.raises(ValueError, match=r"^given: expected one value for each column, got two for 'a'; remove one\.$"):
        parse_assignments("a=1, b=2, a=1")
