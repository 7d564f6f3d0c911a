"""Pictures of tables: what is drawn where, and that names and numbers stay on the paper and clear of each other."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex

from tailormade.plots import draw_calibration, draw_dependence, draw_marginals, draw_table
from tailormade.plots.style import VERMILION
from tailormade.plots.tables import RowChoice, draw_encoded
from tailormade.tables import Schema
from tailormade.tables.column import Column

COUNTRIES = tuple(f"A country with a long name {k}" for k in range(30))
COLUMNS = (
    Column("size", "continuous", step=0.1),
    Column("colour $1 or $2", "categorical", categories=("red", "a $ sign, $")),
    Column("gain", "continuous", atoms=(0.0,)),
    Column("country", "categorical", categories=COUNTRIES),
    Column("day", "datetime", step=86400.0, dtype="date"),
    Column("income", "continuous"),
    Column("a name that is longer than any panel is wide", "integer", step=1.0, missing=True),
)


def rows(n=600, seed=0):
    rng = np.random.default_rng(seed)
    table = [
        rng.normal(170, 9, n).round(1),
        rng.integers(0, 2, n),
        np.where(rng.random(n) < 0.6, 0, rng.normal(0, 50, n)),
        np.minimum(rng.geometric(0.15, n) - 1, 29),
        86400.0 * rng.integers(18000, 19000, n),
        rng.lognormal(9, 2, n),
        np.where(rng.random(n) < 0.25, np.nan, rng.poisson(3, n)),
    ]
    return np.stack(table, 1)


def words(figure):
    return [text.get_text() for text in figure.texts]


def boxes(figure):
    """The extents of all texts on the paper, figure and axes."""
    figure.canvas.draw()
    found = {text.get_text(): text.get_window_extent() for text in figure.texts if text.get_text()}
    for axes in figure.axes:
        ticks = [t for t in (*axes.get_xticklabels(), *axes.get_yticklabels()) if t.get_text() and _within(axes, t)]
        found |= {(axes.get_label(), t.get_text(), k): t.get_window_extent() for k, t in enumerate(ticks)}
    return found


def _within(axes, tick):
    """Whether a tick label's place is in the range shown; others are not drawn."""
    (x, y), (left, right), (low, high) = tick.get_position(), sorted(axes.get_xlim()), sorted(axes.get_ylim())
    return (x in (0, 1) or left <= x <= right) and (y in (0, 1) or low <= y <= high)


def assert_clear(figure):
    found = boxes(figure)
    paper = figure.bbox
    for name, box in found.items():
        assert box.x0 >= 0, name
        assert box.x1 <= paper.x1, name
        assert box.y0 >= 0, name
        assert box.y1 <= paper.y1, name
    items = list(found.items())
    for i, (name, box) in enumerate(items):
        for other, beside in items[:i]:
            apart = box.x1 <= beside.x0 + 2 or beside.x1 <= box.x0 + 2 or box.y1 <= beside.y0 + 2
            assert apart or beside.y1 <= box.y0 + 2, (name, other)


def test_marginals_have_a_panel_for_each_column_and_nothing_overlaps():
    figure = draw_marginals(rows(), rows(seed=1), COLUMNS)
    assert [axes.get_label() for axes in figure.axes] == [column.name for column in COLUMNS]
    assert_clear(figure)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["real rows", "sampled"]
    assert words(figure)[0] == "Columns: 600 real and 600 sampled rows"
    assert {"a name that is longer than …", r"colour \$1 or \$2"} <= set(words(figure))


def test_bars_of_categories_are_shares_of_what_is_not_missing():
    column = Column("c", "categorical", categories=("a", "b"))
    real, sampled = np.array([[1.0], [1.0], [0.0], [1.0], [np.nan]]), np.array([[0.0], [1.0]])
    figure = draw_marginals(real, sampled, [column])
    bars = [bar.get_width() for bar in figure.axes[0].patches]
    assert bars == [0.75, 0.25, 0.5, 0.5]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["b", "a"]
    assert "20 % missing" in words(figure)
    assert any(word.startswith("Sampled rows have no missing cells") for word in words(figure))


def test_missing_cells_that_are_modelled_are_compared():
    columns = [Column("c", "categorical", categories=("a", "b"), gaps="model"), Column("x", "continuous", gaps="model")]
    real = np.array([[0.0, 1.0], [2.0, np.inf], [1.0, np.inf], [1.0, 0.5]])
    sampled = np.array([[0.0, 1.0], [1.0, 2.0]])
    figure = draw_marginals(real, sampled, columns)
    assert "missing: 25 % real, 0 % sampled" in words(figure)
    assert any("missing: 50 % real, 0 % sampled" in word for word in words(figure))
    assert not any(word.startswith("Sampled rows have no missing cells") for word in words(figure))


def test_a_bar_that_would_flatten_the_others_is_cut_and_its_height_written():
    gains = np.append(np.zeros(1900), np.random.default_rng(0).normal(0, 50, 100))[:, None]
    figure = draw_marginals(gains, gains[:1950], [Column("gain", "continuous", atoms=(0.0,))])
    assert any(word.startswith("0: 95 % real, 97 % sampled") for word in words(figure))
    assert figure.axes[0].get_ylim()[1] < 0.05


def test_dates_are_written_as_dates():
    figure = draw_marginals(rows()[:, 4:5], rows()[:, 4:5], COLUMNS[4:5])
    figure.canvas.draw()
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert len(labels) >= 2
    assert all(label[:2] == "20" and label[4] == "-" for label in labels)


@pytest.mark.parametrize("count", [1, 15, 70])
def test_many_columns(count):
    columns = [Column(f"column {k}", "continuous") for k in range(count)]
    values = np.random.default_rng(0).normal(size=(200, count))
    figure = draw_marginals(values, values, columns)
    assert len(figure.axes) == min(count, 60)
    assert (", first 60 of 70 columns" in words(figure)[0]) == (count == 70)
    if count == 15:
        assert_clear(figure)


def test_dependence_shows_both_matrices_on_one_scale_and_names_the_worst_pair():
    real, sampled = rows(), rows(seed=1)
    real[:, 5] = np.exp(real[:, 0] / 9)  # income follows size, and is drawn alone
    figure = draw_dependence(real, sampled, COLUMNS)
    first, second = (axes.images[0] for axes in figure.axes[:2])
    assert first.get_clim() == second.get_clim() == (0.0, 1.0)
    assert first.get_array()[0, 5] > 0.8 > 0.3 > second.get_array()[0, 5]
    assert any(word.startswith("Farthest off (circled): size and income, V = 1.00") for word in words(figure))
    ring = figure.axes[2].lines[-1].get_xydata()
    np.testing.assert_allclose(ring, [[first.get_array()[0, 5], second.get_array()[0, 5]]])
    drawn = sum(len(line.get_xydata()) for line in figure.axes[2].lines[1:-1])
    assert drawn == 21
    assert_clear(figure)


def test_calibration_colours_what_is_outside_the_band():
    rng = np.random.default_rng(0)
    u = np.stack([rng.random(2000), rng.random(2000) ** 2], 1)
    u[:300, 0] = np.nan
    figure = draw_calibration(u, COLUMNS[:2])
    bars = [axes.patches[:20] for axes in figure.axes]
    heights = np.array([[bar.get_height() for bar in panel] for panel in bars])
    np.testing.assert_allclose(heights.mean(1), 1.0)
    vermilion = np.array([[to_hex(bar.get_facecolor()) == VERMILION for bar in panel] for panel in bars])
    reach = 1.96 * np.sqrt(19 / np.array([[1700], [2000]]))
    np.testing.assert_array_equal(vermilion, np.abs(heights - 1) > reach)
    assert vermilion[1].sum() > 10
    assert "2,000 values, p < 0.001" in words(figure)
    assert any(word.startswith("1,700 values, p = 0.") for word in words(figure))
    assert_clear(figure)


def test_a_column_without_values():
    figure = draw_calibration(np.full((5, 1), np.nan), COLUMNS[:1])
    assert "no values" in words(figure)
    draw_marginals(np.full((5, 1), np.nan), np.ones((5, 1)), COLUMNS[:1])


BAD = {
    "real: expected at least one row of the 2 columns, got shape .5, 1.": lambda: draw_marginals(
        np.ones((5, 1)), np.ones((5, 2)), COLUMNS[:2]
    ),
    "sampled: expected at least one row": lambda: draw_marginals(np.ones((5, 1)), np.ones((0, 1)), COLUMNS[:1]),
    "sampled: expected as many rows as real, 5, got 4": lambda: draw_dependence(
        np.ones((5, 2)), np.ones((4, 2)), COLUMNS[:2]
    ),
    "columns: expected two that can be compared": lambda: draw_dependence(rows()[:, :1], rows()[:, :1], COLUMNS[:1]),
    "transforms: expected values in .0, 1.": lambda: draw_calibration(np.full((5, 1), 1.5), COLUMNS[:1]),
    "kind: expected one of marginals, dependence, calibration, got 'x'": lambda: draw_table(None, None, "x"),
}


@pytest.mark.parametrize("message", BAD)
def test_what_cannot_be_drawn(message):
    with pytest.raises(ValueError, match=message):
        BAD[message]()


@dataclass
class Echo:
    """Stands for a model that draws its context."""

    asked: torch.Tensor | None = None

    def __call__(self, context):
        self.asked = context
        return self

    def sample(self, batch, generator):
        assert generator.initial_seed()
        return torch.ones(*batch, 1) if self.asked is None else self.asked[:, :1] * torch.ones(*batch, 1)


def test_rows_are_sampled_at_their_own_contexts():
    model, schema = Echo(), Schema((Column("x", "continuous", step=1.0),))
    chosen = RowChoice(3, seed=0)
    chosen.add(torch.tensor([[1.0], [2.0], [3.0], [4.0]]), torch.tensor([[1.0, 0], [2, 0], [3, 0], [4, 0]]))
    figure = draw_encoded(model, schema, chosen, kind="marginals", seed=1)
    assert torch.equal(model.asked[:, :1], chosen.x)
    assert words(figure)[0] == "Columns: 3 real and 3 sampled rows"
    real, sampled = (stairs.get_data().values for stairs in figure.axes[0].patches)
    np.testing.assert_array_equal(real, sampled)
