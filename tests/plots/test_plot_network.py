"""Small networks: every connection of the masks is drawn once, every unit labelled, and nothing leaves the paper."""

import warnings

import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from registry import CASES, NETWORKS
from torch import nn

from tailormade import MADE, AutoregressiveNetwork, MaskedLinear, MaskedSequential
from tailormade.masks import Degrees
from tailormade.plots import draw_model, draw_network
from tailormade.plots.style import BLUE
from tailormade.plots.wiring import read_wiring


def tfp(**options):
    return AutoregressiveNetwork(
        2, [4], conditional=True, conditional_event_shape=[2], hidden_units=[5, 5], activation="tanh", **options
    )


PICTURES = {
    "plain": lambda: MADE(3, hidden_units=(4, 4)),
    "context": lambda: MADE(3, context=2, hidden_units=(5,)),
    "context-everywhere": tfp,
    "residual-direct": lambda: MADE(4, 1, hidden_units=(5, 5, 5), residual=True, direct=True),
    "random order": lambda: MADE(12, hidden_units=(8,), input_order="random", orders=3, seed=0),
    "no hidden layer": lambda: MADE(3, 1, hidden_units=(), direct=True),
    "one variable": lambda: MADE(1, hidden_units=(4,)),
    "lost": lambda: MADE(20, hidden_units=(2,)),
    "widest": lambda: MADE(24, hidden_units=(24,)),
    "groups": lambda: MADE(5, hidden_units=(6,), input_order=[1, 1, 2, 2, 3]),
    "given masks": lambda: NETWORKS["stack-given_mask"](),
    "categories": lambda: CASES["given_degrees-context2-3"](),
}


def lines(figure, gid):
    return [segment for c in figure.axes[0].collections if c.get_gid() == gid for segment in c.get_segments()]


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


@pytest.mark.parametrize("name", PICTURES)
def test_every_connection_is_drawn_once(name):
    model = PICTURES[name]()
    wiring, figure = read_wiring(model), draw_network(model)
    assert isinstance(figure, Figure)
    for kind in ("masked", "context", "direct", "skip"):
        assert len(lines(figure, kind)) == [edge.kind for edge in wiring.edges()].count(kind)
    assert len(figure.axes[0].patches) == sum(wiring.widths)


def test_drawn_connections_join_the_units_that_the_masks_join():
    model = MADE(3, hidden_units=(4,), input_order=[3, 1, 2])
    figure = draw_network(model)
    columns = sorted({patch.center[0] for patch in figure.axes[0].patches})
    heights = [sorted((p.center[1] for p in figure.axes[0].patches if p.center[0] == x), reverse=True) for x in columns]
    drawn = {
        (columns.index(a[0]), heights[columns.index(a[0])].index(a[1]), heights[columns.index(b[0])].index(b[1]))
        for a, b in (map(tuple, segment.tolist()) for segment in lines(figure, "masked"))
    }
    first, last = Degrees(torch.tensor([3, 1, 2]), (torch.tensor([1, 1, 2, 2]),)).masks()
    expected = {(0, j, i) for i, j in first.nonzero().tolist()} | {(1, j, i) for i, j in last.nonzero().tolist()}
    assert drawn == expected


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_leaves_the_paper_or_overlaps(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a glyph the font lacks, say
        warnings.filterwarnings("ignore", category=UserWarning, message="hidden_units")
        model = PICTURES[name]()
        figure = draw_network(model, highlight=len(read_wiring(model).inputs) - 1)
        figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts if text.get_text()]
    assert all(b.x0 >= 0 and b.y0 >= 0 and b.x1 <= figure.bbox.x1 and b.y1 <= figure.bbox.y1 for b in boxes)
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i]]
    assert not [1 for a, b in pairs if min(a.x1, b.x1) > max(a.x0, b.x0) and min(a.y1, b.y1) > max(a.y0, b.y0) + 1]
    points = [figure.axes[0].transData.transform(s) for c in figure.axes[0].collections for s in c.get_segments()]
    assert all((p >= 0).all() and (p <= figure.bbox.max).all() for p in points)


def test_labels():
    shown = texts(draw_network(MADE(3, hidden_units=(4,), input_order=[3, 1, 2])))
    assert [t for t in shown if t.startswith("x")] == ["x₁", "x₂", "x₃"]
    assert [t for t in shown if t.startswith("p(")] == ["p(x₁ | x₂, x₃)", "p(x₂)", "p(x₃ | x₂)"]
    assert [t for t in shown if t.isdigit()] == ["3", "1", "2", "1", "1", "2", "2", "3", "1", "2"]
    assert {"inputs", "hidden 1", "outputs", "MADE 3-4-3", "order: x₂, x₃, x₁"} <= set(shown)


def test_context_has_degree_zero_and_stands_in_every_conditional():
    shown = texts(draw_network(MADE(2, context=2, hidden_units=(2,))))
    assert [t for t in shown if t[0] in "xcp"] == ["x₁", "x₂", "c₁", "c₂", "p(x₁ | c)", "p(x₂ | x₁, c)"]
    assert [t for t in shown if t.isdigit()][:4] == ["1", "2", "0", "0"]


def test_unknown_degrees_stay_blank():
    net = MaskedSequential(MaskedLinear(2, 2, mask=torch.tensor([[1, 0], [1, 0]])), nn.ELU(), MaskedLinear(2, 2))
    assert texts(draw_network(net)).count("") == 2


@pytest.mark.parametrize("output", [0, 1, 2])
def test_highlight_colours_the_paths_to_one_output(output):
    model = MADE(3, hidden_units=(4, 4), residual=True, direct=True)
    edges, units = read_wiring(model).paths_to(output)
    figure = draw_network(model, highlight=output)
    for kind in ("masked", "direct", "skip"):
        own = [edge for edge in edges if edge.kind == kind]
        every = [edge for edge in read_wiring(model).edges() if edge.kind == kind]
        assert len(lines(figure, f"{kind} on path")) == len(own)
        assert len(lines(figure, kind)) == len(every) - len(own)
    coloured = [to_hex(patch.get_facecolor()) for patch in figure.axes[0].patches].count(BLUE)
    assert coloured == len(units) == {0: 1, 1: 1 + 3 * 2 + 1, 2: 2 + 3 * 4 + 1}[output]


def test_the_order_asked_for_is_drawn():
    model = MADE(5, hidden_units=(6,), orders=2, seed=1)
    assert "order=0 (one of 2): x₁…x₅" in texts(draw_network(model, 0))
    sequence = ", ".join(f"x{'₁₂₃₄₅'[j]}" for j in model.table[1].inputs.argsort().tolist())
    assert f"order=1 (one of 2): {sequence}" in texts(draw_network(model, order=1))
    with pytest.raises(IndexError, match=r"order: expected 0\.\.1, got 2"):
        draw_network(model, 2)


def test_what_is_amiss_is_said():
    assert "Lost: x₁ to p(x₂ | x₁), x₄ to p(x₅ | x₁, x₂, x₃, x₄)." in texts(draw_network(MADE(5, hidden_units=2)))[-1]
    assert "4 hidden units lie on no path" in texts(draw_network(MADE(1, hidden_units=(4,))))[-1]
    net = MaskedSequential(
        MaskedLinear(2, 2, mask=torch.ones(2, 2)), nn.ELU(), MaskedLinear(2, 2, mask=torch.ones(2, 2))
    )
    assert "Forbidden: x₁ to p(x₁), x₂ to p(x₁), x₂ to p(x₂ | x₁)." in texts(draw_network(net))[-1]


def test_what_is_amiss_is_said_of_the_order_asked_for():
    model = MADE(3, hidden_units=(1,), orders=2, input_order=[3, 2, 1], seed=0)
    said = [texts(draw_network(model, order))[-1].splitlines()[-1] for order in (0, 1)]
    last = [int(model.table[order].inputs.argmax()) for order in (0, 1)]
    assert last[0] != last[1]
    assert all(f" to p({'x₁ x₂ x₃'.split()[i]} | " in line for i, line in zip(last, said, strict=True))


def test_too_large_a_network_is_refused():
    with pytest.raises(ValueError, match=r"at most 24 units .* layers of \[3, 25, 3\]; draw_masks"):
        draw_network(MADE(3, hidden_units=(25,)))


@pytest.mark.parametrize("highlight", [-1, 3])
def test_highlight_must_be_a_variable(highlight):
    with pytest.raises(ValueError, match=f"highlight: expected a variable in 0..2, got {highlight}"):
        draw_network(MADE(3, hidden_units=(4,)), highlight=highlight)


def test_draw_model_picks_by_size():
    assert len(draw_model(MADE(3, hidden_units=(4,)), highlight=1).axes) == 1
    assert len(draw_model(MADE(25, hidden_units=(30,))).axes) == 3
    assert len(draw_model(MADE(3, hidden_units=(4,) * 8)).axes) == 10
    with pytest.raises(ValueError, match="draw_masks shows networks of any size"):
        draw_model(MADE(25, hidden_units=(30,)), highlight=1)
