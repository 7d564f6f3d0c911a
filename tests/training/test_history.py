"""The record of a fit, and how it shows itself."""

from tailormade.training import History


def record(epoch, valid):
    return {"epoch": epoch, "train_nll": 2.0, "valid_nll": valid, "learning_rate": 0.1, "seconds": 1.5 * epoch}


def history(*valid):
    made = History(seed=7, stopped="max_epochs")
    for epoch, nll in enumerate(valid, 1):
        made.add(record(epoch, nll))
    return made


def test_it_shows_epochs_best_and_seconds_in_one_line():
    shown = repr(history(3.0, 1.25, *[2.0] * 98))
    expected = "History(100 epochs in 150.0 s, best epoch 2 with valid_nll=1.25, stopped='max_epochs', seed=7)"
    assert shown == expected


def test_without_validation_rows_it_says_that_the_figure_is_of_training():
    assert "best epoch 2 with train_nll=2," in repr(history(None, None))


def test_before_the_first_epoch_it_says_so():
    assert repr(History()) == "History(no epochs)"
