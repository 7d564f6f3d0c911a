"""How hidden degrees are spread, and the degrees of whole networks."""

import pytest
import torch

from tailormade.masks import create_degrees, create_hidden_degrees, degree_zero_units


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("width", [5, 6, 9, 30])
@pytest.mark.parametrize("seed", range(4))
def test_random_covers_every_degree_where_the_width_allows(width, seed):
    hidden = create_hidden_degrees(torch.arange(1, 7), [width, width], "random", generator=generator(seed))
    assert [sorted(set(layer.tolist())) for layer in hidden] == [[1, 2, 3, 4, 5]] * 2


@pytest.mark.parametrize("seed", range(4))
def test_random_narrow_layers_have_no_degree_twice(seed):
    (layer,) = create_hidden_degrees(torch.arange(1, 9), [4], "random", generator=generator(seed))
    assert len(set(layer.tolist())) == 4
    assert set(layer.tolist()) <= set(range(1, 8))


@pytest.mark.parametrize("seed", range(8))
def test_random_layers_see_something(seed):
    hidden = create_hidden_degrees(torch.arange(1, 9), [3, 5, 2, 9], "random", generator=generator(seed))
    lowest = [int(layer.min()) for layer in hidden]
    assert lowest == sorted(lowest)


def test_random_is_what_the_generator_says():
    draws = [create_hidden_degrees(torch.arange(1, 9), [20], "random", generator=generator(s))[0] for s in (3, 3, 4)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


@pytest.mark.parametrize("rule", ["equal", "random"])
@pytest.mark.parametrize("context", [0, 3])
def test_named_rules_sort_their_degrees(rule, context):
    hidden = create_hidden_degrees(torch.arange(1, 9), [13, 4], rule, degree_zero=context)
    assert all(torch.equal(layer, layer.sort().values) for layer in hidden)


@pytest.mark.parametrize("rule", ["equal", "random"])
@pytest.mark.parametrize("context", [0, 1, 5])
@pytest.mark.parametrize("order", [[1], [1, 1, 1]], ids=["one_variable", "one_group"])
def test_units_that_reach_no_output_have_degree_0(rule, context, order):
    hidden = create_hidden_degrees(torch.tensor(order), [3, 2], rule, degree_zero=context)
    assert [layer.tolist() for layer in hidden] == [[0, 0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("context", "width", "degrees", "expected"),
    [
        (2, 500, 784, 16),  # 8 C
        (100, 500, 784, 62),  # H / 8
        (1, 32, 3, 10),  # the even share
        (1, 4, 784, 1),  # at least one
        (1, 1, 5, 1),
        (3, 16, 1, 16),
    ],
)
def test_how_many_units_carry_context(context, width, degrees, expected):
    assert degree_zero_units(context, width, degrees) == expected


@pytest.mark.parametrize("rule", ["equal", "random"])
def test_every_layer_keeps_units_of_degree_0_for_context(rule):
    hidden = create_hidden_degrees(torch.arange(1, 5), [16, 9, 1], rule, degree_zero=2)
    assert [int((layer == 0).sum()) for layer in hidden] == [4, 2, 1]
    assert [int(layer.max()) for layer in hidden] == [3, 3, 0]


def test_without_context_no_unit_has_degree_0():
    assert all(int(layer.min()) == 1 for layer in create_hidden_degrees(torch.arange(1, 5), [16, 9]))


def test_groups_count_by_their_number():
    (layer,) = create_hidden_degrees(torch.tensor([1, 3, 2, 3, 1]), [4])
    assert layer.tolist() == [1, 1, 2, 2]


def test_explicit_degrees_stay_as_they_are():
    hidden = create_hidden_degrees(torch.arange(1, 5), [3, 2], [(3, 1, 0), torch.tensor([2, 2])])
    assert [layer.tolist() for layer in hidden] == [[3, 1, 0], [2, 2]]


EXPLICIT = {
    "too_few_layers": ([[1, 2]], r"of the layers \[2, 3\], got layers of \[2\]"),
    "wrong_width": ([[1, 2], [1, 2]], r"of the layers \[2, 3\], got layers of \[2, 2\]"),
    "too_high": ([[1, 2], [1, 2, 4]], r"layer 1 has degrees 1..4, expected 0..3"),
    "negative": ([[-1, 2], [1, 2, 3]], r"layer 0 has degrees -1..2, expected 0..3"),
}


@pytest.mark.parametrize("case", EXPLICIT)
def test_explicit_degrees_that_do_not_fit(case):
    degrees, message = EXPLICIT[case]
    with pytest.raises(ValueError, match=f"hidden_degrees: .*{message}"):
        create_hidden_degrees(torch.arange(1, 5), [2, 3], degrees)


@pytest.mark.parametrize("widths", [[], [4]], ids=["none", "one"])
def test_unknown_rule(widths):
    with pytest.raises(ValueError, match='Invalid hidden order: "spread"'):
        create_hidden_degrees(torch.arange(1, 4), widths, "spread")


@pytest.mark.parametrize(("rule", "widths"), [("equal", (5, 5, 5)), ("random", (5, 5)), ([[2, 1, 1]] * 2, (3, 3))])
def test_residual_layers_all_have_the_first_layers_degrees(rule, widths):
    hidden = create_degrees(4, widths, hidden_degrees=rule, residual=True).hidden
    assert len(hidden) == 2 * len(widths) - 1
    assert all(torch.equal(layer, hidden[0]) for layer in hidden)


def test_residual_without_hidden_layers_is_allowed():
    assert create_degrees(4, (), residual=True).hidden == ()


def test_residual_needs_equal_widths():
    with pytest.raises(ValueError, match=r"equal widths with residual=True, got \[5, 4\]"):
        create_degrees(4, (5, 4), residual=True)


def test_residual_needs_equal_degrees():
    with pytest.raises(ValueError, match="same degrees in every layer with residual=True"):
        create_degrees(4, (2, 2), hidden_degrees=[[1, 2], [2, 1]], residual=True)
