"""What cannot be asked of a flow: one line says what was wrong, what was expected and what to do."""

from pathlib import Path

import numpy as np
import pytest

FIT = ("fit", "{flows}/pair.npy", "--out", "m")

OPTIONS = {
    "--model forest": ["--model: ", "made, maf, iaf", "got 'forest'"],
    "--model maf --bijection cubic": ["--bijection: ", "affine, spline", "got 'cubic'"],
    "--model maf --base cauchy": ["--base: ", "normal, student, mixture, made", "got 'cauchy'"],
    "--model maf --normalisation layer": ["--normalisation: ", "none, activation, batch", "got 'layer'"],
    "--model maf --input-order left-to-right": ["--input-order: ", "reversed, random, fixed", "got 'left-to-right'"],
    "--model maf --transforms 0": ["'--transforms'", "greater than or equal to 1"],
    "--model maf -q 8,0": ["-q: ", "at least 1"],
    "--model maf --activation loud": ["--activation: ", "loud"],
    "--model maf --batch-size 0": ["--batch-size: ", "at least 1"],
    "--model maf --valid-fraction 2": ["--valid-fraction: ", "fraction in (0, 1)"],
    "--model maf -n 3": ["-n: expected --model made for this, got --model maf; leave it out"],
    "--model maf -n any": ["-n: expected --model made"],
    "--model maf -r 2": ["-r: expected --model made"],
    "--model iaf -s 1": ["-s: expected --model made for this, got --model iaf"],
    "--model maf --schema s.json": ["--schema: expected --model made"],
    "--model maf --unseen error": ["--unseen: expected --model made"],
    "--model maf --conditional bernoulli": ["--conditional: expected --model made"],
    "--model maf --hidden-degrees random": ["--hidden-degrees: expected --model made"],
    "--model maf --image-shape 1,2": ["--image-shape: expected --model made"],
    "--model maf --no-direct": ["--direct: expected --model made"],
    "--model maf --recipe fast": ["--recipe: expected --model made"],
    "--model maf --dropout 0.1": ["--dropout: expected --model made"],
    "--transforms 3": ["--transforms: expected --model maf or iaf for this, got --model made; leave it out"],
    "--bijection spline": ["--bijection: expected --model maf or iaf"],
    "--base student": ["--base: expected --model maf or iaf"],
    "--normalisation batch": ["--normalisation: expected --model maf or iaf"],
    "--linear": ["--linear: expected --model maf or iaf"],
    "--model maf --context 0,1": ["--context: ", "at least one column to be left"],
    "--model maf --key x": ["--key: ", "leave --key out"],
}


@pytest.mark.parametrize("words", OPTIONS)
def test_options_of_fit(words, refused, flows):
    line = refused(*(word.format(flows=flows) for word in FIT), *words.split())
    assert all(phrase in line for phrase in OPTIONS[words]), line


TABLES = {
    "text.csv": ("a,colour\n1.5,red\n2.5,blue\n", ["column 'colour'", "'red' in row 0", "without --model"]),
    "gap.csv": ("a,b\n1.5,1\n2.5,\n", ["column 'b'", "empty cell in row 1", "takes numbers only", "without --model"]),
    "nan.csv": ("a,b\n1.5,1\nnan,2\n", ["column 'a'", "row 1", "expected a number in every cell"]),
    "same.csv": ("a,b\n1,7\n2,7\n3,7\n", ["same.csv: column 'b' has the same value", "no density; leave it out"]),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_that_are_no_columns_of_numbers(name, refused):
    text, phrases = TABLES[name]
    Path(name).write_text(text)
    line = refused("fit", name, "--model", "maf", "--out", "m", "--seed", "0")
    assert all(phrase in line for phrase in (name, *phrases)), line
    assert "not supported yet" not in line


def test_a_missing_number_in_an_array(refused):
    x = np.ones((5, 3)) * np.arange(5)[:, None]
    x[3, 2] = np.nan
    np.save("x.npy", x)
    line = refused("fit", "x.npy", "--model", "maf", "--out", "m")
    assert "x.npy: 'all' has nan in row 3, column 2 (counted from 0)" in line


VERBS = {
    "impute {m} {data} --out f.csv": ["impute needs a model of a table", "a flow (MAF)", "sample --given FILE"],
    "complete {m} {data}": ["complete needs a model of images", "a flow (MAF)", "sample --given FILE"],
    "probability {m} --column width": ["--column: expected a MADE"],
    "probability {m} wide>3": ["question: expected a column of the table, got 'wide'"],
    "probability {m} width>3 --given height=": ["--given: "],
    "probability {m} width>3 --context season=1": ["--context: this model has no context"],
    "score {m} {data} -s 1": ["-s: expected a MADE for this, got a MAF"],
    "score {m} {data} --reconstruction": ["--reconstruction: expected a MADE for this, got a MAF"],
    "score {m} {data} --columns-out c.csv": ["--columns-out: expected a model of a table"],
    "score {m} {pair}": ["expected 4 columns", "got 2"],
    "sample {m} --order 0": ["--order: expected a MADE for this, got a flow (MAF); leave it out"],
    "sample {m} --given width=3 --orders 2": ["--orders: expected a MADE"],
    "sample {m} --given weight=3": ["--given: there is no column 'weight'", "width, height, heat, season"],
    "sample {m} --given width=wide": ["--given: expected numbers as values"],
    "sample {m} --given width=3,width=4": ["--given: expected different columns"],
    "sample {m} --given width=3,height=9,heat=12,season=2": ["--given: expected some of the 4 columns, got all"],
    "sample {m} --given width=inf": ["--given: expected finite numbers"],
    "sample {m} --given width>99": ["--given: expected something likelier", "none of 20000 rows"],
    "sample {m} --given not(width!=3)": ["--given: expected something likelier", "COL=VALUE,..."],
    "sample {m} --given width=3,width>4": ["--given: expected an event that can happen", "contradicts itself"],
    "sample {m} --given width=3,height>": ["--given: expected a value"],
    "sample {m} --given weight>3": ["--given: expected a column of the table, got 'weight'"],
    "sample {m} --given width>": ["--given: expected a value"],
    "sample {m} --given width>3 --particles 100": ["--particles: ", "given a question are exact", "leave it out"],
    "sample {m} --context season=1": ["--context: this model has no context"],
    "sample {season}": ["--context: this model needs the values of ['season']"],
    "sample {season} --context season=warm": ["--context: expected numbers as values"],
    "show {m} --order 1": ["--order: expected a MADE for this, got a flow (MAF); leave it out"],
    "show {m} --samples s.png": ["--samples: expected a MADE"],
    "show {m} --highlight 1 --out s.png": ["--highlight: expected a MADE"],
    "show {m} --schema-out s.json": ["--schema-out: expected a MADE"],
    "show {m} --kind marginals --data {data} --out s.png": ["--kind: expected a MADE"],
    "show {m} --data {data}": ["--data: ", "--out PNG"],
    "show {season} --out s.png": ["--context: this model needs the values of ['season']"],
    "show {season} --context season=1": ["--context: ", "--out PNG"],
    "show {season} --context season=1 --out s.png --data {data}": ["--context: ", "expected it or --data"],
}


@pytest.mark.parametrize("words", VERBS)
def test_verbs(words, refused, flows):
    places = {"m": flows / "all", "season": flows / "season", "data": flows / "all.csv", "pair": flows / "pair.npy"}
    line = refused(*(word.format(**places) for word in words.split()))
    assert all(phrase in line for phrase in VERBS[words]), line


def test_context_of_show_is_for_flows(refused, store):
    line = refused("show", store / "one", "--context", "x0=1", "--out", "s.png")
    assert "--context: says where a flow is drawn; expected a conditional flow, got a MADE; leave it out" in line


def test_numbers_where_zeros_and_ones_are_expected(refused, flows):
    line = refused("fit", flows / "pair.npy", "--out", "m")
    assert "expected 0 or 1 (Bernoulli). Codes 0, 1, 2, ... need --conditional categorical, other" in line
    assert line.endswith("numbers --model maf.\n")
