"""How to fit: presets of kinds of models, and what they refuse."""

import pytest

import tailormade as tm


@pytest.mark.parametrize("model", [tm.MAF, tm.IAF, tm.MAF(2, transforms=1, hidden_units=(4,), seed=0)])
def test_the_preset_of_a_flow_is_the_command_s(model):
    config = tm.FitConfig.for_model(model)
    figures = config.max_epochs, config.batch_size, config.learning_rate, config.weight_decay
    assert figures == (100, 256, 1e-3, 1e-4)


@pytest.mark.parametrize("model", [tm.MADE, tm.MADE(2, hidden_units=(4,), seed=0)])
def test_the_preset_of_a_made_is_the_default(model):
    assert tm.FitConfig.for_model(model) == tm.FitConfig()


def test_changes_replace_the_preset_and_nothing_else():
    changed = tm.FitConfig.for_model(tm.MAF, batch_size=10, seed=3)
    assert (changed.batch_size, changed.seed, changed.learning_rate) == (10, 3, 1e-3)


@pytest.mark.parametrize("model", ["maf", 3, tm.DensityEstimator, None])
def test_a_preset_is_of_a_model(model):
    with pytest.raises(TypeError, match="model: expected a MADE, MAF or IAF, or one of these classes, got"):
        tm.FitConfig.for_model(model)


def test_changes_are_checked():
    with pytest.raises(TypeError, match=r"epochs: expected a field of FitConfig, one of .*max_epochs"):
        tm.FitConfig.for_model(tm.MAF, epochs=3)
    with pytest.raises(ValueError, match="batch_size: expected at least 1, got 0"):
        tm.FitConfig.for_model(tm.MAF, batch_size=0)


def test_what_says_nothing_new_is_not_part_of_the_result():
    assert not {"stored_orders", "evidence_first"} & set(tm.FitConfig().result_fields())
    fields = tm.FitConfig(stored_orders=0.5, evidence_first=True).result_fields()
    assert (fields["stored_orders"], fields["evidence_first"], fields["adapt"]) == (0.5, True, True)
    assert tm.FitConfig(adapt=False).result_fields()["adapt"] is False
