"""One run of a fit: what it works on, and the steps it is made of."""

import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import torch
from torch import Tensor, nn

from tailormade.density import MADE
from tailormade.density.evidence import training_patterns
from tailormade.density.shifts import training_shifts
from tailormade.files import remove_leftovers
from tailormade.processes import ALONE, Team, local_device
from tailormade.progress import Progress
from tailormade.random import derive, fresh_seed, generator
from tailormade.store import MODEL_FILE, load, save
from tailormade.training.anchor import Anchor
from tailormade.training.any_order import check_any_order, draw_question
from tailormade.training.averaging import Average
from tailormade.training.checkpoint import (
    CHECKPOINT_FILE,
    Checkpoint,
    check_identity,
    optimizer_moments,
    read_checkpoint,
    restore_moments,
)
from tailormade.training.config import FitConfig
from tailormade.training.data import FitData
from tailormade.training.history import History, read_history
from tailormade.training.likelihood import Component, Model, NegativeLogLikelihood, components_of
from tailormade.training.score import score
from tailormade.training.streamdata import StreamData
from tailormade.training.together import add_gradients, check_together, dropout_stream

_VALID_ORDERS = 4  # orders whose mean NLL validates a model with many


class Run:
    """One fit of a model to data.

    Args:
        model: Trained in place.
        data: Checked rows and contexts.
        config: How to fit.
        team: The processes that fit together, each with the same model and data.

    Raises:
        ValueError: If the checkpoint to resume from belongs to another run, or processes differ.
    """

    def __init__(self, model: Model, data: FitData | StreamData, config: FitConfig, team: Team = ALONE) -> None:
        check_any_order(model, config)
        self.model, self.data, self.config, self.team = model, data, config, team
        self.folder = None if config.folder is None else Path(config.folder)
        if self.folder is not None and team.first:
            remove_leftovers(self.folder)
        checkpoint = read_checkpoint(self.folder) if self.folder is not None and config.resume else None
        self.history = History() if checkpoint is None else checkpoint.history
        self.history.stopped = None
        self.seed = self._choose_seed()
        self.history.seed = self.seed
        self.identity = {
            **config.result_fields(),
            "seed": self.seed,
            "model": model.config(),
            "data": data.fingerprint(),
        }
        self.device = torch.device(local_device(config.device)) if config.device else next(model.parameters()).device
        model.to(self.device)
        self.loss = NegativeLogLikelihood(model, config.precision)
        self.names = {p: name for name, p in model.named_parameters()}
        self.optimizer = _optimizer(model, config)
        self.steps = math.ceil(data.rows / config.batch_size)
        self.average = Average(model, config.average_epochs * self.steps)
        self.publish = self.folder is not None and not (self.folder / MODEL_FILE).exists()
        if checkpoint is not None:
            self._restore(checkpoint)
        elif not (config.resume and self._restore_finished()):
            self._begin()
        check_together(team, model, self.identity, len(self.history.records))
        self.anchor = Anchor(model, data.sample[0], config.weight_decay if config.adapt else 0.0)
        now = time.monotonic()
        self.saved = now if checkpoint is not None else -math.inf  # the first epoch is always followed by a checkpoint
        self.started = now - (self.history.records[-1]["seconds"] if self.history.records else 0.0)

    def _choose_seed(self) -> int:
        if self.config.seed is not None:
            return self.config.seed
        return int(self.team.firsts_number(fresh_seed() if self.history.seed is None else self.history.seed))

    def _begin(self) -> None:
        if self.config.adapt:
            x, context = self.data.sample
            self.model.adapt(x.to(self.device), _to(context, self.device))
        self.best = _snapshot(self.model)
        if self.folder is not None and self.team.first:
            (self.folder / CHECKPOINT_FILE).unlink(missing_ok=True)

    def _restore(self, checkpoint: Checkpoint) -> None:
        assert self.folder is not None
        check_identity(checkpoint.identity, self.identity, self.folder)
        self.model.load_state_dict(dict(checkpoint.weights))
        self.best = dict(checkpoint.best)
        self.publish = checkpoint.publish
        self.average.restore(checkpoint.average)
        restore_moments(self.optimizer, self.names, checkpoint.moments)

    def _restore_finished(self) -> bool:
        """Take over a model whose fit was finished; False if there is none, or one that was never checkpointed."""
        assert self.folder is not None
        if not (self.folder / MODEL_FILE).exists():
            return False
        stored = load(self.folder)
        if "fit" not in stored.metadata:
            raise ValueError(f"resume: {self.folder} holds a model that no fit left there; fit into another folder.")
        check_identity(stored.metadata["identity"], self.identity, self.folder)
        if stored.metadata["fit"]["stopped"] not in ("max_epochs", "patience"):
            return False
        self.best = _snapshot(stored)
        self.history = read_history(self.folder)
        self.history.seed = self.seed
        return True

    def train(self) -> History:
        """Run the remaining epochs."""
        done = len(self.history.records)
        total = self.config.max_epochs * self.steps
        try:
            before = done * self.steps
            with Progress(
                "fit", total, "steps", done=before, enabled=self.config.progress and self.team.first
            ) as progress:
                for epoch in range(done, self.config.max_epochs):
                    if self._patience_spent():
                        break
                    self._epoch(epoch, progress)
            self.history.stopped = "patience" if self._patience_spent() else "max_epochs"
        except KeyboardInterrupt:
            self.history.stopped = "interrupted"
            raise
        finally:
            self._finish()
        return self.history

    def _patience_spent(self) -> bool:
        best, epochs = self.history.best_epoch, len(self.history.records)
        waiting = self.data.valid is not None and self.config.patience and best is not None
        return bool(waiting) and epochs - (best or 0) >= self.config.patience

    def _epoch(self, epoch: int, progress: Progress) -> None:
        torch.manual_seed(derive(self.seed, dropout_stream(self.team), epoch))
        self.model.train()
        total = torch.zeros((), dtype=torch.float64)
        for i, (x, context) in enumerate(self.data.batches(self.seed, epoch, self.config.batch_size)):
            total += self._step(epoch * self.steps + i, x, context) * len(x)
            progress.advance()
        with self.average.applied():
            self._settle()
            record = self._record(epoch + 1, float(total) / self.data.rows)
            if self.history.add(record):
                self.best = _snapshot(self.model)
        parts = self.model.missing or self.config.evidence_first  # cells are left out, or given
        train = "train, parts of rows" if parts else "train"
        progress.advance(0, f"epoch {epoch + 1}  {train} {record['train_nll']:.3f}  {_valid_note(record)}")
        if (
            self.folder is not None
            and self.team.first
            and time.monotonic() - self.saved >= self.config.checkpoint_seconds
        ):
            self._save()

    def _settle(self) -> None:
        """Give batch normalisation its statistics of all training rows, before the rows held out are scored."""
        if not isinstance(self.model, MADE) and self.model.batch_normalised:
            x, context = self.data.sample
            self.model.settle(x.to(self.device), _to(context, self.device))

    def _step(self, step: int, x: Tensor, context: Tensor | None) -> float:
        x, context = x.to(self.device), _to(context, self.device)
        members, known = self._members(step)
        x, evidence, shift = self._shown(step, x, known)
        everyone = len(x)
        x, context = self.team.share(x), self.team.share(context)
        evidence, shift = self.team.share(evidence), self.team.share(shift)
        for group in self.optimizer.param_groups:
            group["lr"] = self._learning_rate(step)
        self.optimizer.zero_grad(set_to_none=True)
        value = 0.0
        for component in members:  # each has weights of its own, or there is one
            loss = self.loss(x, context, component, evidence, shift).sum() / everyone
            loss.backward()
            value += float(loss.detach()) / len(members)
        value = add_gradients(self.team, value, self.names)
        if self.config.clip_norm:
            nn.utils.clip_grad_norm_(self.names, self.config.clip_norm)
        if not math.isfinite(value):
            self._stop_at_nan(f"step {step}: the loss", value)
        self.optimizer.step()
        self.anchor.update(self._learning_rate(step))
        self.average.update(step)
        return value

    def _shown(self, step: int, x: Tensor, known: Tensor | None) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """Rows as a step shows them, which of their cells are evidence, and how images were shifted."""
        if isinstance(self.model, MADE) and self.model.missing:
            return *training_patterns(x.to(self.model.draw_dtype), generator(self.seed, "patterns", step)), None
        if isinstance(self.model, MADE) and self.model.shifts:
            shape, source = self.model.config()["image_shape"], generator(self.seed, "shifts", step)
            x, shift = training_shifts(x, shape, self.model.shifts, source)
            return x, None, shift
        return x, None if known is None else known.to(self.device).expand(len(x), -1), None

    def _members(self, step: int) -> tuple[Sequence[Component], Tensor | None]:
        """What a step trains: one component of a model whose orders share weights, else all; and what it is given."""
        if not isinstance(self.model, MADE):
            return [None], None
        draw, table = step // self.config.resample_every, self.model.table
        if self.model.orders == "any":
            degrees, known = draw_question(self.model, draw, self.seed, self.config)
            return [degrees], known
        return ([table[draw % len(table)]] if self.model.shared else list(table)), None

    def _learning_rate(self, step: int) -> float:
        total = self.config.max_epochs * self.steps
        rise = min(1.0, (step + 1) / max(1.0, self.config.warmup * total))
        fall = 0.5 * (1 + math.cos(math.pi * step / total)) if self.config.schedule == "cosine" else 1.0
        return self.config.learning_rate * rise * fall

    def _stop_at_nan(self, what: str, value: float) -> NoReturn:
        bad = [n for p, n in self.names.items() if not bool(p.isfinite().all())]
        bad = bad or [n for p, n in self.names.items() if p.grad is not None and not bool(p.grad.isfinite().all())]
        raise FloatingPointError(
            f"{what} is {value}; first parameter that is not finite, or whose gradient is not: "
            f"{bad[0] if bad else 'none'}. Lower learning_rate or clip_norm."
        )

    def _record(self, epoch: int, train_nll: float) -> dict[str, Any]:
        valid = None
        if self.data.valid is not None:
            ensemble = isinstance(self.model, MADE) and not self.model.shared
            some = components_of(self.model)[: None if ensemble else _VALID_ORDERS]
            scores = score(self.model, self.data.valid, self.data.valid_context, components=some, team=self.team)
            valid = self.team.firsts_number(-(scores.log_likelihood if ensemble else scores.single_order))
            if not math.isfinite(valid):
                self._stop_at_nan(f"epoch {epoch}: the validation loss", valid)
        return {
            "epoch": epoch,
            "train_nll": train_nll,
            "valid_nll": valid,
            "learning_rate": self._learning_rate(epoch * self.steps - 1),
            "seconds": round(time.monotonic() - self.started, 3),
        }

    def _save(self) -> None:
        """Write the best model, if it may be seen yet, and then the checkpoint."""
        assert self.folder is not None
        if self.publish:
            self._save_best()
        moments = optimizer_moments(self.optimizer, self.names)
        weights, average = self.model.state_dict(), self.average.values
        Checkpoint(weights, self.best, average, moments, self.history, self.identity, self.publish).write(self.folder)
        self.history.write(self.folder)
        self.saved = time.monotonic()

    def _save_best(self) -> None:
        assert self.folder is not None
        current = _snapshot(self.model)
        self.model.load_state_dict(dict(self.best))
        self._note()
        save(self.model, self.folder)
        self.model.load_state_dict(current)

    def _note(self) -> None:
        """Put into the model's metadata what it will say about its fit."""
        self.model.metadata["identity"] = self.identity
        if not isinstance(self.model, MADE) and (context := self.data.sample[1]) is not None:
            from tailormade.flows.advice import context_range

            self.model.metadata["context_range"] = context_range(context)
        self.model.metadata["fit"] = {
            "seed": self.seed,
            "rows": self.data.rows,
            "orders": self.model.orders if isinstance(self.model, MADE) else 1,
            "epochs": len(self.history.records),
            "best_epoch": self.history.best_epoch,
            "best_nll": self.history.best_nll,
            "stopped": self.history.stopped,
        }

    def _finish(self) -> None:
        """Leave the best weights in the model and, unless it failed, in the folder."""
        if self.folder is not None and self.team.first and self.history.stopped in ("max_epochs", "patience"):
            self._save_best()
            self.history.write(self.folder)
            (self.folder / CHECKPOINT_FILE).unlink(missing_ok=True)
        elif self.publish and self.team.first and self.history.stopped == "interrupted" and self.history.records:
            self._save_best()
        self._note()
        self.model.load_state_dict(dict(self.best))
        self.model.eval()


def _optimizer(model: Model, config: FitConfig) -> torch.optim.Optimizer:
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": config.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=config.learning_rate, fused=True)


def _snapshot(model: Model) -> Mapping[str, Tensor]:
    return {name: t.detach().clone() for name, t in model.state_dict().items()}


def _to(tensor: Tensor | None, device: torch.device) -> Tensor | None:
    return None if tensor is None else tensor.to(device)


def _valid_note(record: dict[str, Any]) -> str:
    return "" if record["valid_nll"] is None else f"valid {record['valid_nll']:.3f} nats"
