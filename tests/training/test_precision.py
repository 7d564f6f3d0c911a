"""``precision='bf16'``: all products of matrices are in bfloat16, forward and backward, and nothing else is."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

import tailormade as tm
from tailormade.training.run import Run

PRODUCTS = {"aten::mm", "aten::addmm", "aten::bmm", "aten::linear", "aten::baddbmm"}


class Watch(TorchDispatchMode):
    """Note the types of the results of products."""

    def __init__(self):
        super().__init__()
        self.types = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        if function.overloadpacket._qualified_op_name in PRODUCTS:
            self.types.add(out.dtype)
        return out


MODELS = {
    "bits": lambda: tm.MADE(6, 2, hidden_units=(8, 8), residual=True, direct=True, seed=0),
    "stairs": lambda: tm.MADE(6, 2, hidden_units=(400, 400), seed=0),
    "mixtures": lambda: tm.MADE(6, 2, hidden_units=(8,), conditionals=tm.NormalMixture(2), seed=0),
    "flow": lambda: tm.MAF(6, 2, transforms=2, hidden_units=(8,), seed=0),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(("precision", "dtype"), [("bf16", torch.bfloat16), ("float32", torch.float32)])
def test_products_of_a_step_are_in_the_precision_asked_for(name, precision, dtype, monkeypatch):
    g = torch.Generator().manual_seed(0)
    x = torch.randn(64, 6, generator=g)
    x = (x > 0).float() if name in ("bits", "stairs") else x
    model, watch, step = MODELS[name](), Watch(), Run._step

    def watched(*arguments):
        with watch:
            return step(*arguments)

    monkeypatch.setattr(Run, "_step", watched)
    config = tm.FitConfig(max_epochs=2, batch_size=32, precision=precision, seed=0, progress=False)
    history = tm.fit(model, x, context=torch.randn(64, 2, generator=g), config=config)
    assert watch.types == {dtype}
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert {p.grad.dtype for p in model.parameters() if p.grad is not None} == {torch.float32}
    assert history.records[-1]["train_nll"] < history.records[0]["train_nll"] + 0.1


def test_other_precisions_are_refused():
    with pytest.raises(ValueError, match="precision: expected 'float32' or 'bf16', got 'fp16'"):
        tm.FitConfig(precision="fp16")
