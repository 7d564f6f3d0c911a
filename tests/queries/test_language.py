"""Questions are read as they are meant, and written so that they are read as they were."""

import numpy as np
import pytest
from queries.questions import question

from tailormade.queries.conditions import Missing, OneOf, Order
from tailormade.queries.language import parse, parse_assignments, parse_evidence
from tailormade.queries.predicates import And, Not, Or

OLD, YOUNG = Order("age", ">", 50), Order("age", "<", 5)
FEMALE = OneOf("sex", ("Female",))

READ = {
    "age > 50": OLD,
    "age>50": OLD,
    "50 < age": OLD,
    "age >= 50": Order("age", ">=", 50),
    "50 <= age": Order("age", ">=", 50),
    "age <= -4.5": Order("age", "<=", -4.5),
    "age < +.5": Order("age", "<", 0.5),
    "age < 1e3": Order("age", "<", 1000.0),
    "age < 5.": Order("age", "<", 5.0),
    "age < 2e-3": Order("age", "<", 0.002),
    "18 <= age < 30": And((Order("age", ">=", 18), Order("age", "<", 30))),
    "30 > age >= 18": And((Order("age", "<", 30), Order("age", ">=", 18))),
    "hours between 30 and 40": And((Order("hours", ">=", 30), Order("hours", "<=", 40))),
    "hours not between 30 and 40": Or((Order("hours", "<", 30), Order("hours", ">", 40))),
    "born between 2020-01-01 and '2020-02-01T12:30'": And(
        (Order("born", ">=", "2020-01-01"), Order("born", "<=", "2020-02-01T12:30"))
    ),
    "sex == 'Female'": FEMALE,
    'sex = "Female"': FEMALE,
    "sex == Female": FEMALE,
    "'Female' == sex": FEMALE,
    "sex in ['Female']": FEMALE,
    "sex != Female": OneOf("sex", ("Female",), True),
    "sex <> Female": OneOf("sex", ("Female",), True),
    "'Female' != sex": OneOf("sex", ("Female",), True),
    "education in ['Masters', Doctorate, 11th]": OneOf("education", ("Masters", "Doctorate", "11th")),
    "work NOT IN (Never-worked, 3, -1.5,)": OneOf("work", ("Never-worked", 3, -1.5), True),
    "member == true": OneOf("member", (True,)),
    "member in [TRUE, False]": OneOf("member", (True, False)),
    "member == 'true'": OneOf("member", ("true",)),
    "cabin is missing": Missing("cabin"),
    "cabin IS NULL": Missing("cabin"),
    "cabin is not missing": Missing("cabin", True),
    "capital-gain > 50": Order("capital-gain", ">", 50),
    "hours.per.week > 50": Order("hours.per.week", ">", 50),
    "1stFlrSF > 50": Order("1stFlrSF", ">", 50),
    "größe > 50": Order("größe", ">", 50),
    "`hours per week` > 50": Order("hours per week", ">", 50),
    "`in` > 50": Order("in", ">", 50),
    "`7` > 50": Order("7", ">", 50),
    r"`a\`b` > 50": Order("a`b", ">", 50),
    r"x == 'it\'s'": OneOf("x", ("it's",)),
    r"x == 'C:\temp\\'": OneOf("x", ("C:\\temp\\",)),
    "x == 'in (and, or)'": OneOf("x", ("in (and, or)",)),
    "x == ''": OneOf("x", ("",)),
    "android > 50 and notes > 50": And((Order("android", ">", 50), Order("notes", ">", 50))),
    "x == not-in-family": OneOf("x", ("not-in-family",)),
    "age > 50 and sex == Female": And((OLD, FEMALE)),
    "age > 50\n\tAND sex == Female": And((OLD, FEMALE)),
    "age > 50 or age < 5 or sex == Female": Or((OLD, YOUNG, FEMALE)),
    "age > 50 or age < 5 and sex == Female": Or((OLD, And((YOUNG, FEMALE)))),
    "(age > 50 or age < 5) and sex == Female": And((Or((OLD, YOUNG)), FEMALE)),
    "age > 50 and (age < 5 and sex == Female)": And((OLD, And((YOUNG, FEMALE)))),
    "not age > 50 and sex == Female": And((Not(OLD), FEMALE)),
    "not (age > 50 and sex == Female)": Not(And((OLD, FEMALE))),
    "NOT not(age > 50)": Not(Not(OLD)),
    "((age > 50))": OLD,
    f"{'(' * 2000}age > 50{')' * 2000}": OLD,
}


@pytest.mark.parametrize("text", READ, ids=lambda text: text[:40])
def test_what_is_read(text):
    assert parse(text) == READ[text]


@pytest.mark.parametrize("text", READ, ids=lambda text: text[:40])
def test_what_is_written_is_read_again(text):
    assert parse(str(READ[text])) == READ[text]


@pytest.mark.parametrize("seed", range(100))
def test_random_questions_are_read_again(seed):
    drawn = question(np.random.default_rng(seed))
    assert parse(str(drawn)) == drawn


@pytest.mark.parametrize("value", [0.1, 1e-300, 1.7e308, -2.5e-7, 12345678901234567890, -3, 1e22], ids=str)
def test_numbers_are_written_exactly(value):
    assert parse(str(Order("x", "<", value))).value == value


@pytest.mark.parametrize("join", ["and", "or"])
def test_thousands_of_parts(join):
    assert len(parse(f" {join} ".join(f"x == {i}" for i in range(3000))).parts) == 3000


def test_columns_are_named_once_and_in_order():
    assert parse("b > 1 and (a < 2 or not b is missing) and c in [a]").columns == ("b", "a", "c")


GIVEN = {
    "sex=Female, age=50": {"sex": "Female", "age": 50},
    "age==-1.5": {"age": -1.5},
    "name='Smith, John', `hours per week` = 3 ,": {"name": "Smith, John", "hours per week": 3},
    "country=Trinidad-Tobago,member=true,born=2020-01-01": {
        "country": "Trinidad-Tobago",
        "member": True,
        "born": "2020-01-01",
    },
    r'x="a \"b\""': {"x": 'a "b"'},
}


@pytest.mark.parametrize("text", GIVEN)
def test_assignments(text):
    found = parse_assignments(text)
    assert found == GIVEN[text]
    assert list(map(type, found.values())) == list(map(type, GIVEN[text].values()))


EVIDENCE = {
    "age > 50": OLD,
    "sex=Female, age > 50": And((FEMALE, OLD)),
    "age > 50 or age < 5, sex == Female,": And((Or((OLD, YOUNG)), FEMALE)),
    "age > 50 and sex = Female": And((OLD, FEMALE)),
}


@pytest.mark.parametrize("text", EVIDENCE)
def test_evidence_is_questions_with_commas(text):
    assert parse_evidence(text) == EVIDENCE[text]
    assert parse(str(parse_evidence(text))) == EVIDENCE[text]


@pytest.mark.parametrize("text", ["age > 50,, sex=Female", ", age > 50", "age > 50, sex", ""])
def test_what_is_no_evidence(text):
    with pytest.raises(ValueError, match="given: expected "):
        parse_evidence(text)
