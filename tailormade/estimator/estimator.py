"""``DensityEstimator``: a density of the rows of any table, by scikit-learn's protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from sklearn.base import BaseEstimator, DensityMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from tailormade.estimator import fitting
from tailormade.estimator.checks import check_known, check_names, check_options, warn_of_few_rows
from tailormade.estimator.context import ContextColumns
from tailormade.estimator.density import Frame, Numbers, TableDensity
from tailormade.estimator.frames import check_frame, frame_beside, frame_kind, seed_of
from tailormade.estimator.questions import Given
from tailormade.queries.estimates import Estimated, Probability
from tailormade.random import derive
from tailormade.tables import Schema
from tailormade.training import fit


class DensityEstimator(DensityMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Model the density of the rows of a table: ``log p(x) = Σ_i log p(x_i | x_<i)``, over all columns i.

    Columns may be of text, truth values, numbers or dates, and have missing cells; a schema is inferred
    (:class:`tailormade.tables.Schema`) and can be corrected. Frames of pandas, polars and pyarrow and numpy arrays go
    in; rows come back as what was fitted. Log-probabilities are in nats and in the columns' own units.

    Args:
        context: Names of columns to condition on; the density is then ``p(x | c)`` of the others.
        hidden_units: Widths of the hidden layers, or ``'auto'``: by the number of rows.
        orders: Number of orders of the columns whose mixture is fitted.
        max_epochs: Passes over the rows at most; large tables take fewer, and validation rows stop earlier.
        device: Where to compute; the CPU if ``None``.
        random_state: Seed of split, initial weights and training; drawn anew if ``None``.
        schema: Corrections of the inferred schema, such as ``{"zip": {"kind": "categorical"}}``, or a whole ``Schema``.
        verbose: Show a progress bar.

    Attributes:
        density_: The fitted :class:`~tailormade.estimator.TableDensity`.
        schema_: What the columns are.
        history_: Of the training.
        n_features_in_: Number of columns seen in ``fit``.

    References:
        Mathieu Germain, Karol Gregor, Iain Murray, Hugo Larochelle, "MADE: Masked Autoencoder for Distribution
        Estimation", 2015.

    Example:
        >>> import numpy as np
        >>> X = np.random.default_rng(0).normal(size=(200, 2))
        >>> est = DensityEstimator(max_epochs=2, random_state=0).fit(X)
        >>> est.score_samples(X).shape, est.sample(3, random_state=1).shape
        ((200,), (3, 2))
    """

    def __init__(
        self,
        *,
        context: Sequence[str] | None = None,
        hidden_units: str | Sequence[int] = "auto",
        orders: int = 1,
        max_epochs: int = 200,
        device: str | None = None,
        random_state: Any = None,  # noqa: ANN401 - None, a number or a RandomState, as scikit-learn has it
        schema: Schema | Mapping[str, Mapping[str, Any]] | None = None,
        verbose: bool = False,
    ) -> None:
        self.context, self.hidden_units, self.orders = context, hidden_units, orders
        self.max_epochs, self.device, self.random_state = max_epochs, device, random_state
        self.schema, self.verbose = schema, verbose

    def __sklearn_tags__(self) -> Tags:
        """Say that missing cells and text are welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.non_deterministic = self.random_state is None
        return tags

    def fit(self, X: Frame, y: object = None) -> Self:
        """Infer the schema and fit the density.

        Args:
            X: Rows.
            y: Ignored; it is here for pipelines.

        Raises:
            ValueError: If the table is empty, a column has no values, or the options do not fit.
            TypeError: If an option has a wrong type.

        Warns:
            FewRowsWarning: If there are fewer than 50 rows.
        """
        options = check_options(self.hidden_units, self.context, self.max_epochs, self.device, self.schema)
        frame = check_frame(self, X, reset=True)
        seed = seed_of(self.random_state)
        whole = self.schema if isinstance(self.schema, Schema) else Schema.infer(frame, overrides=self.schema or {})
        check_known("context", options.context, whole.names)
        self.schema_, context = fitting.divide(whole, options.context)
        x = self.schema_.encode(frame)
        warn_of_few_rows(x)
        train, valid = fitting.split(x, seed)
        columns = None if context is None else ContextColumns(context)
        given = None if columns is None else columns.encode(frame)
        model = fitting.build(
            self.schema_, 0 if columns is None else columns.width, len(train), hidden_units=options.hidden_units,
            orders=self.orders, seed=derive(seed, "model"),
        )  # fmt: skip
        self.history_ = fit(
            model, x[train], x[valid] if len(valid) else None,
            context=None if given is None else given[train],
            valid_context=None if given is None or not len(valid) else given[valid],
            config=fitting.config(
                len(train), max_epochs=self.max_epochs, device=self.device, seed=seed, progress=self.verbose
            ),
        )  # fmt: skip
        self.density_ = TableDensity(model, self.schema_, context)
        return self

    def score_samples(self, X: Frame) -> Numbers:
        """Return the log-probability of each row in nats, of its observed cells where some are missing, ``(rows,)``."""
        return self._fitted().score_samples(self._checked(X))

    def score(self, X: Frame, y: object = None) -> float:
        """Return the mean log-probability of a row in nats."""
        return float(self.score_samples(X).mean())

    def score_columns(self, X: Frame, *, as_frame: bool = False) -> Frame:
        """Return what each cell contributes to the log-probability of its row, in nats; 0 where it is missing.

        Args:
            X: Rows.
            as_frame: Return a frame like X with the names of the columns, instead of an array.

        Returns:
            Shape ``(rows, D)``, in the order of the modelled columns ``density_.names``.

        Example:
            >>> import numpy as np
            >>> X = np.random.default_rng(0).normal(size=(200, 2))
            >>> DensityEstimator(max_epochs=1).fit(X).score_columns(X).shape
            (200, 2)
        """
        scores = self._fitted().score_columns(self._checked(X))
        return frame_beside(X, scores, self.density_.names) if as_frame else scores

    def sample(
        self,
        n: int = 1,
        *,
        given: Given = None,
        context: Frame | None = None,
        random_state: Any = None,  # noqa: ANN401 - as in the constructor
    ) -> Frame:
        """Draw rows.

        Args:
            n: Number of rows.
            given: What is known of them: values by column, or a question such as ``"age > 50 and sex == 'Female'"``.
            context: For a conditional density: values by column, ``{"species": "Gentoo"}``, or a frame of one row, or
                of n.
            random_state: Seed; drawn anew if ``None``.

        Returns:
            A frame like the one that was fitted; see :meth:`load` for one that was loaded.

        Raises:
            ValueError: If ``given`` has probability 0 or does not fit the columns.

        Warns:
            ExtrapolationWarning: If ``given`` is so rare that the rows of the fit can hardly have had one like it.
        """
        return self._fitted().sample_frame(n, given=given, context=context, seed=seed_of(random_state))

    def impute(
        self,
        X: Frame,
        *,
        method: str = "mean",
        draws: int = 100,
        random_state: Any = 0,  # noqa: ANN401 - as in the constructor
    ) -> Frame:
        """Fill missing cells, each row's given what is there in it.

        Args:
            X: Rows.
            method: 'mean', 'median' or 'mode' of draws (the most probable category, whichever), or 'draw': one draw.
                Numbers are rounded to the resolution of their column: whole children, not 1.3 of them.
            draws: How many they are taken from.
            random_state: Seed of the draws; the same noise for every row.

        Returns:
            A frame like X without gaps.
        """
        return self._fitted().impute(self._checked(X), method=method, draws=draws, seed=seed_of(random_state))

    def log_prob_given(self, X: Frame, given: Sequence[str]) -> Numbers:
        """Return the log-probability in nats of each row's other columns given those named, shape ``(rows,)``."""
        return self._fitted().log_prob_given(self._checked(X), check_names("given", given))

    def marginal(self, columns: Sequence[str]) -> "Marginal":
        """Return the density of some of the columns, whatever the others are.

        Raises:
            ValueError: If there is no such column.
        """
        names = check_names("columns", columns)
        self._fitted().schema.indices(names)
        return Marginal(self.density_, tuple(names))

    def probability(
        self,
        question: str,
        *,
        given: Given = None,
        context: Frame | None = None,
        random_state: Any = 0,  # noqa: ANN401 - as in the constructor
    ) -> Probability:
        """Return the probability that a complete row is as a question says.

        Args:
            question: Such as ``"age > 50 and education in ['Masters', 'Doctorate'] and hours between 30 and 40"``.
            given: What is known of the row: ``P(question | given)``.
            context: For a conditional density: values by column, or a frame of one row.
            random_state: Seed of the draws, where any are needed.

        Returns:
            A float with the attributes ``standard_error``, 0 where nothing was drawn, and ``interval``. Both speak of
            the computation, not of how near the model is to the world.

        Raises:
            ValueError: If a question does not parse or does not fit the columns, or ``given`` has probability 0.

        Warns:
            ExtrapolationWarning: If ``given``, or the question without one, is so rare that the rows of the fit can
                hardly have had one like it.
        """
        return self._fitted().probability(question, given=given, context=context, seed=seed_of(random_state))

    def expectation(
        self,
        column: str,
        *,
        given: Given = None,
        context: Frame | None = None,
        random_state: Any = 0,  # noqa: ANN401 - as in the constructor
    ) -> Estimated:
        """Return the mean of a column, ``E[column | given]``, in its own units; of dates in seconds since 1970.

        It is the mean of endless rows of :meth:`sample`, and as those the model's own: ``probability`` asks its joint
        density instead, and the two agree as far as the fit has brought them together. The columns that come before
        this one and are not known are drawn, this one is not; where there are none and ``given`` is single values,
        the answer is exact.

        Args:
            column: Of numbers, truth values (0 and 1) or dates.
            given: What is known of the row: values by column, or a question.
            context: For a conditional density: a frame of one row.
            random_state: Seed of the draws, where any are needed.

        Returns:
            A float with the attribute ``standard_error``, 0 where nothing was drawn.

        Raises:
            ValueError: If the column holds text, or ``given`` does not fit the columns or has probability 0.

        Example:
            >>> import numpy as np
            >>> X = np.random.default_rng(0).normal(size=(200, 2))
            >>> est = DensityEstimator(max_epochs=2, random_state=0).fit(X)
            >>> est.expectation("x1", given={"x0": 0.5}).standard_error
            0.0
        """
        seed = seed_of(random_state)
        return self._fitted().expectation(column, given=given, context=context, seed=seed)

    def quantile(
        self,
        column: str,
        q: float | Sequence[float],
        *,
        given: Given = None,
        context: Frame | None = None,
        random_state: Any = 0,  # noqa: ANN401 - as in the constructor
    ) -> Any:  # noqa: ANN401 - a number or a date, or a list
        """Return quantiles of a column: the smallest x with ``P(column <= x | given) >= q``.

        Args:
            column: Of numbers, truth values (0 and 1) or dates.
            q: From 0 to 1, one or several; ``[0.05, 0.95]`` are the ends of a 90 % interval.
            given: What is known of the row: values by column, or a question.
            context: For a conditional density: a frame of one row.
            random_state: Seed of the draws, where any are needed.

        Returns:
            A float with the attribute ``standard_error``, 0 where nothing was drawn, or a date as the table has them;
            a list of them, where q is one.

        Raises:
            ValueError: As for :meth:`expectation`, and if q is not from 0 to 1.

        Example:
            >>> import numpy as np
            >>> X = np.random.default_rng(0).normal(size=(200, 2))
            >>> est = DensityEstimator(max_epochs=2, random_state=0).fit(X)
            >>> low, high = est.quantile("x0", [0.05, 0.95], given="x1 > 0")
            >>> low < 0 < high
            True
        """
        seed = seed_of(random_state)
        return self._fitted().quantile(column, q, given=given, context=context, seed=seed)

    def save(self, path: str | Path) -> Path:
        """Write the fitted density; :meth:`load` and the command read it."""
        return self._fitted().save(path)

    @classmethod
    def load(cls, path: str | Path, *, frames: str | None = None) -> "DensityEstimator":
        """Return an estimator with a density that was saved, here or by the command.

        Args:
            path: Folder of the model.
            frames: Kind of the frames that ``sample`` returns: ``'pandas'``, ``'polars'``, ``'pyarrow'`` or
                ``'numpy'``. By default that of the frame that was fitted, and for a model of the command pandas, or
                pyarrow where pandas is not installed.

        Raises:
            ValueError: If there is no model of a table, or no such kind of frame here.
        """
        density = TableDensity.load(path)
        by_command = "fitted_rows" in density.model.metadata  # nobody had a frame then
        kind = frame_kind(frames, None if by_command else density.schema.backend)
        density.schema = replace(density.schema, backend=kind)
        made = cls(context=None if density.context is None else density.context.names)
        made.density_, made.schema_ = density, density.schema
        made.n_features_in_ = len(density.schema.names) + len(made.context or ())
        return made

    def _fitted(self) -> TableDensity:
        check_is_fitted(self, "density_")
        return self.density_

    def _checked(self, X: Frame) -> Frame:
        self._fitted()
        return check_frame(self, X, reset=False)


class Marginal:
    """Be the density of some columns of a table.

    Args:
        density: Of all columns.
        columns: Names of those it is of.
    """

    def __init__(self, density: TableDensity, columns: tuple[str, ...]) -> None:
        self.density, self.columns = density, columns

    def score_samples(self, X: Frame, draws: int = 200) -> Numbers:
        """Return the log-probability in nats of each row's cells in these columns, shape ``(rows,)``.

        Args:
            X: Rows, of which no other modelled columns are needed.
            draws: For each row, from which the sum of the joint density over the other columns is estimated; 0 for the
                network's own density of these columns, which is exact but agrees with the joint one only as far as
                training goes.
        """
        return self.density.score_samples(X, columns=self.columns, draws=draws)

    def __repr__(self) -> str:
        """Name the columns."""
        return f"Marginal({', '.join(self.columns)})"

    def sample(self, n: int = 1, *, random_state: Any = None) -> Frame:  # noqa: ANN401 - as in the estimator
        """Draw rows of these columns."""
        return self.density.sample_frame(n, seed=seed_of(random_state), columns=self.columns)
