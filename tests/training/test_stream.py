"""Training rows that stay on disk: every row once an epoch, the same order again, the same model after a stop."""

import numpy as np
import pytest
import torch

import tailormade as tm
from tailormade.rowblocks import ArrayBlocks, open_blocks
from tailormade.training import NumberSource, Stream, streamdata
from tailormade.training.run import Run

ROWS, WIDTH = 3000, 5


def table():
    rows = (np.random.default_rng(0).random((ROWS, WIDTH)) < 0.3).astype(np.uint8)
    rows[:, 0] = np.arange(ROWS) < ROWS // 2  # sorted by the first column
    return rows


def numbered():
    return np.stack([np.arange(ROWS, dtype=np.float64), np.arange(ROWS) * 2.0], 1)


@pytest.fixture(params=["npy", "parquet"])
def path(request, tmp_path):
    return lambda rows, name="rows": written(tmp_path / f"{name}.{request.param}", rows)


def written(path, rows):
    if path.suffix == ".npy":
        np.save(path, rows)
        return path
    import pyarrow as pa
    from pyarrow.parquet import write_table

    write_table(pa.table({f"x{i}": column for i, column in enumerate(rows.T)}), path, row_group_size=200)
    return path


def stream(path, **options):
    found = Stream.open(path, **{"buffer_bytes": 4000, **options})
    blocks = found.source.blocks
    if isinstance(blocks, ArrayBlocks):  # groups as small as a large file has
        blocks.length, blocks.groups = 100, ROWS // 100
        found.source.groups = blocks.groups
    return found


def order(found, seed=0, epoch=0, size=64):
    return torch.cat([x[:, 0] for x, _ in found.batches(seed, epoch, size)])


def test_an_epoch_has_every_row_once_in_full_batches(path):
    found = stream(path(numbered()))
    batches = [x for x, _ in found.batches(0, 0, 64)]
    assert [len(x) for x in batches] == [64] * (ROWS // 64) + [ROWS % 64]
    assert torch.equal(torch.cat(batches).sort(0).values, torch.from_numpy(numbered()))


def test_the_order_follows_from_seed_and_epoch(path):
    where = path(numbered())
    assert torch.equal(order(stream(where), 1, 2), order(stream(where), 1, 2))
    assert not torch.equal(order(stream(where), 1, 2), order(stream(where), 1, 3))
    assert not torch.equal(order(stream(where), 1, 2), order(stream(where), 2, 2))


def test_rows_are_mixed_across_the_file_and_within_the_buffer(path):
    found = order(stream(path(numbered())))
    steps = (found[1:] - found[:-1]).abs()
    assert (steps == 1).double().mean() < 0.05
    halves = found.reshape(10, -1).mean(1)
    assert abs(np.corrcoef(halves, np.arange(10))[0, 1]) < 0.9  # not in the order of the file


def test_a_buffer_of_everything_shuffles_uniformly(path):
    found = stream(path(numbered()), buffer_bytes=2**30)
    first = torch.stack([order(found, epoch=epoch)[:50] for epoch in range(40)])
    assert abs(float(first.mean()) / ROWS - 0.5) < 0.03


def test_rows_held_out_are_the_same_whatever_the_groups(path, tmp_path):
    found = stream(path(numbered()), valid_fraction=0.2, seed=3)
    other = Stream.open(written(tmp_path / "other.npy", numbered()), valid_fraction=0.2, seed=3)
    for one in (found, other):
        one.survey(lambda part: None)
    valid = found.valid[0]
    assert torch.equal(valid, other.valid[0])
    assert len(valid) == found.held == ROWS - found.rows
    assert abs(found.held / ROWS - 0.2) < 0.03
    assert torch.equal(torch.cat([order(found), valid[:, 0]]).sort().values, torch.arange(ROWS).double())


def test_context_comes_from_its_columns(path):
    found = stream(path(numbered()), context=[1])
    for x, context in found.batches(0, 0, 100):
        assert torch.equal(2 * x.float(), context)
        assert x.shape[1] == 1


def test_the_sample_is_spread_over_the_file(path, monkeypatch):
    monkeypatch.setattr("tailormade.training.stream._SAMPLE_CELLS", 600)
    found = stream(path(numbered()))
    found.survey(lambda part: None)
    sample = found.sample[0][:, 0]
    assert 200 < len(sample) < 400
    assert abs(float(sample.mean()) / ROWS - 0.5) < 0.1


def model(seed=0):
    return tm.MADE(WIDTH, hidden_units=(8,), dropout=0.2, seed=seed)


def config(folder=None, **changes):
    return tm.FitConfig(**{
        "max_epochs": 3, "batch_size": 128, "seed": 1, "progress": False, "folder": folder, "checkpoint_seconds": 0,
        **changes,
    })  # fmt: skip


def test_a_fit_learns_from_a_stream_what_it_learns_from_memory(path):
    rows, streamed, plain = table(), model(), model()
    tm.fit(streamed, stream(path(rows)), config=config(max_epochs=8))
    tm.fit(plain, rows, config=config(max_epochs=8))
    x = torch.from_numpy(rows).float()
    with torch.no_grad():
        assert abs(float((streamed.log_prob(x) - plain.log_prob(x)).mean())) < 0.02


def test_resumed_equals_uninterrupted(path, tmp_path, monkeypatch):
    where, calm, resumed = path(table()), model(), model()
    tm.fit(calm, stream(where, valid_fraction=0.1), config=config(tmp_path / "calm"))
    with monkeypatch.context() as patch:
        original = Run._epoch

        def stopping(self, number, progress):
            if number == 2:
                raise RuntimeError("cut off")
            original(self, number, progress)

        patch.setattr(Run, "_epoch", stopping)
        with pytest.raises(RuntimeError, match="cut off"):
            tm.fit(model(), stream(where, valid_fraction=0.1), config=config(tmp_path / "cut"))
    tm.fit(resumed, stream(where, valid_fraction=0.1), config=config(tmp_path / "cut", resume=True))
    for name, value in calm.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_other_data_are_not_resumed_on(path, tmp_path):
    other = table()
    other[7, 3] ^= 1
    tm.fit(model(), stream(path(table())), config=config(tmp_path / "m"))
    with pytest.raises(ValueError, match="another data"):
        tm.fit(model(), stream(path(other, "other")), config=config(tmp_path / "m", resume=True))


def test_a_wrong_value_is_named_by_its_row_before_training(path):
    rows = table()
    rows[2345, 2] = 7
    with pytest.raises(ValueError, match=r"column 2 has 7 in row 2345"):
        tm.fit(model(), stream(path(rows)), config=config())


@pytest.mark.parametrize("large", [False, True])
def test_a_path_and_a_memory_map_stream_if_they_are_large(path, monkeypatch, large):
    monkeypatch.setattr(streamdata, "STREAMED", 1 if large else 2**40)
    where = path(table())
    kind = streamdata.StreamData if large else streamdata.FitData
    assert type(streamdata.fit_data(model(), where, None, None, None)) is kind
    if where.suffix == ".npy":
        mapped = np.load(where, mmap_mode="r")
        assert type(streamdata.fit_data(model(), mapped, None, None, None)) is kind


def test_a_small_path_is_fitted_as_its_rows_are(path):
    one, other = model(), model()
    tm.fit(one, path(table()), config=config())
    tm.fit(other, table(), config=config())
    for name, value in one.state_dict().items():
        assert torch.equal(value, other.state_dict()[name]), name


def test_requests_that_contradict_a_stream_are_refused(path):
    found = stream(path(table()), valid_fraction=0.1)
    with pytest.raises(ValueError, match="valid: expected none"):
        tm.fit(model(), found, table(), config=config())
    with pytest.raises(ValueError, match="context: expected none"):
        tm.fit(model(), found, context=table(), config=config())
    with pytest.raises(ValueError, match="has no column 'y'"):
        Stream.open(path(table()), context=["y"])
    with pytest.raises(ValueError, match="valid_fraction"):
        Stream.open(path(table()), valid_fraction=1.5)


def test_a_memory_map_is_a_source(tmp_path):
    where = written(tmp_path / "rows.npy", numbered())
    found = Stream(NumberSource(ArrayBlocks(np.load(where, mmap_mode="r"))))
    assert torch.equal(order(found).sort().values, torch.arange(ROWS).double())
    assert open_blocks(where).rows == ROWS
