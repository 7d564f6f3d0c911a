"""Saving replaces a file in one step or not at all, and no global state of matplotlib is touched."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
from matplotlib import image

from tailormade import MADE
from tailormade.plots import draw_masks, draw_network, image_grid, sample_matrix, save_figure, training_curves

HISTORY = SimpleNamespace(records=[{"epoch": 1, "train_nll": 2.0, "valid_nll": None}], best_epoch=1)

PICTURES = {
    "training_curves": lambda: training_curves(HISTORY),
    "image_grid": lambda: image_grid(np.eye(3, 9)),
    "sample_matrix": lambda: sample_matrix(np.eye(3)),
    "draw_network": lambda: draw_network(MADE(3, hidden_units=(4,))),
    "draw_masks": lambda: draw_masks(MADE(3, hidden_units=(4,))),
}


@pytest.mark.parametrize("name", PICTURES)
def test_png_has_the_size_of_the_figure(name, tmp_path):
    figure = PICTURES[name]()
    path = save_figure(figure, tmp_path / "picture.png")
    pixels = image.imread(path)
    assert pixels.shape[:2] == pytest.approx(figure.get_size_inches()[::-1] * 150, abs=1)
    assert pixels.min() < 0.5 < pixels.max()
    assert [p.name for p in tmp_path.iterdir()] == ["picture.png"]


@pytest.mark.parametrize(
    ("name", "start"),
    [("a", b"\x89PNG"), ("a.PNG", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF"), ("a.b.png", b"\x89PNG")],
)
def test_suffix_names_the_format(name, start, tmp_path):
    assert save_figure(PICTURES["sample_matrix"](), str(tmp_path / name)).read_bytes().startswith(start)


def test_old_file_is_replaced(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(b"old")
    save_figure(PICTURES["image_grid"](), path)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_failure_in_the_middle_leaves_the_old_file(tmp_path, monkeypatch):
    path, figure = tmp_path / "picture.png", PICTURES["image_grid"]()
    path.write_bytes(b"old")

    def write_half(file, **options):
        file.write(b"half a picture")
        assert path.read_bytes() == b"old"
        raise OSError("disk full")

    monkeypatch.setattr(figure, "savefig", write_half)
    with pytest.raises(OSError, match="disk full"):
        save_figure(figure, path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_failure_to_rename_leaves_the_old_file(tmp_path):
    (tmp_path / "picture.png").mkdir()
    with pytest.raises(OSError, match=r"picture\.png"):
        save_figure(PICTURES["image_grid"](), tmp_path / "picture.png")
    assert [p.name for p in tmp_path.iterdir()] == ["picture.png"]


def test_unknown_format(tmp_path):
    with pytest.raises(ValueError, match=r"path: expected a name ending in one of \[.*'png'.*\], got 'a.xyz'"):
        save_figure(PICTURES["image_grid"](), tmp_path / "a.xyz")
    assert not list(tmp_path.iterdir())


def test_missing_folders_are_made(tmp_path):
    save_figure(PICTURES["image_grid"](), tmp_path / "new" / "er" / "a.png")
    assert (tmp_path / "new" / "er" / "a.png").read_bytes()[1:4] == b"PNG"


def test_no_global_state(tmp_path):
    before = dict(matplotlib.rcParams)
    for name, draw in PICTURES.items():
        save_figure(draw(), tmp_path / f"{name}.png")
    assert dict(matplotlib.rcParams) == before


def test_settings_of_the_user_do_not_matter(tmp_path):
    plain = image.imread(save_figure(PICTURES["draw_network"](), tmp_path / "plain.png"))
    with matplotlib.rc_context({"axes.facecolor": "black", "figure.autolayout": True, "axes.grid": True}):
        dark = image.imread(save_figure(PICTURES["draw_network"](), tmp_path / "dark.png"))
    assert np.array_equal(plain, dark)


def test_threads_draw_the_same_pictures(tmp_path):
    def pixels(job):
        k, name = job
        return image.imread(save_figure(PICTURES[name](), tmp_path / f"{name}{k}.png"))

    names = list(PICTURES)
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(pixels, enumerate(names * 2)))
    assert all(np.array_equal(a, b) for a, b in zip(drawn, drawn[len(names) :], strict=False))
    assert np.array_equal(drawn[-1], pixels((99, names[-1])))


def test_matplotlib_is_loaded_late_and_pyplot_never():
    code = (
        "import sys, tailormade; assert 'matplotlib' not in sys.modules, 'loaded by tailormade';"
        "from tailormade import MADE, plots; plots.draw_model(MADE(3, hidden_units=(4,)));"
        "assert 'matplotlib.pyplot' not in sys.modules, 'pyplot'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
