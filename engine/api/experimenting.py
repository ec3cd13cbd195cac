"""Compare variants on users: experiments, their reports, and who gets which variant."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engine.api.engine_session import EngineSession
from engine.api.frames import Source, files_of
from engine.api.judging_options import checked_seed
from engine.data.tabular import Records

if TYPE_CHECKING:
    from pathlib import Path

    from engine.ab_tests.experiment_report import ExperimentReport
    from engine.ab_tests.interleaving import Preference
    from engine.ab_tests.interleaving_report import InterleavingReport
    from engine.ab_tests.simulated_splits import SimulatedSplits
    from engine.usecases.experimenting import Experiment, Metric, StoppedExperiment, Variant
    from engine.usecases.online_trials import TrialDecision


class Experimenting(EngineSession):
    """The part of ``Engine`` that runs experiments."""

    def start_experiment(
        self,
        name: str,
        variants: Mapping[str, str],
        *,
        shares: Sequence[float] = (),
        metric: "Metric" = "conversion",
        layer: str = "recommendations",
        traffic: float = 100.0,
        days: int | None = None,
        interleave: bool = False,
    ) -> "Experiment":
        """Start an experiment; users are assigned from now on.

        Args:
            name: Lower-case letters, digits and hyphens.
            variants: Name to what its users get, the control first: ``generation:13``,
                ``generation:13:mmr=0.7``, ``serving:damping=0.3``, ``list:cart``, ``holdout``.
            shares: Of the variants, in per cent; empty: equal ones.
            metric: What is compared.
            layer: Experiments of one layer have no user in common.
            traffic: Share of the layer's users that are in it, in per cent.
            days: Horizon that is fixed now; None: it may be looked at and stopped at any time.
            interleave: Show every user both of two variants, as one list by team draft.

        Raises:
            UsageError: A name, a share or an option is not allowed, or too few users are free.
            NotFound: A variant's generation or list is not there.
            PublishRefused: A variant's generation is not whole.
        """
        from engine.usecases.experimenting import ExperimentRequest, start

        request = ExperimentRequest(
            name, variants, shares, metric, layer, traffic, days, interleave
        )
        return start(self.settings, request)

    def experiments(self) -> "Records[Experiment]":
        """Return every experiment there was, newest first."""
        from engine.usecases.experimenting import list_experiments

        return Records(list_experiments(self.settings))

    def assigned_variant(
        self, user: str, *, layer: str = "recommendations"
    ) -> "tuple[Experiment, Variant] | None":
        """Return the experiment of a layer that a user is in and the variant; None: in none."""
        from engine.usecases.experimenting import assign

        return assign(self.settings, user, layer)

    def experiment_report(
        self,
        name: str,
        sums: Source | None = None,
        *,
        event: str | None = None,
        within_days: float | None = None,
        effect: float = 0.05,
        users_a_day: float | None = None,
    ) -> "ExperimentReport | InterleavingReport":
        """Return the rates of the variants and how far each lies from the control.

        Of an interleaved experiment, which of the two lists users chose more from.

        Args:
            name: Of the experiment.
            sums: A file or a frame: ``user``, ``variant``, ``shown``, ``conversions``, ``value``;
                None: lists that a service remembered, and the events that name them.
            event: Without ``sums``, the kind of event that is a conversion; None: the only one
                that names a list of the experiment.
            within_days: Without ``sums``, what is done so long after a list counts; None: 7.
            effect: Relative effect whose users are counted, 0.05 for 5 %.
            users_a_day: How many enter; None: as many as until now.

        Raises:
            NotFound: There is no such experiment, or no list of it is remembered.
            UsageError: Several kinds of event name a list and none is chosen, or a value is out of
                range.
            FileRefused: The sums cannot be read.
        """
        from engine.usecases.experiment_reports import ConversionRequest, report

        chosen = event is not None or within_days is not None
        within = ConversionRequest.within_days if within_days is None else within_days
        conversions = ConversionRequest(event, within) if chosen else None
        if sums is None:
            self._hold_graph()
        with files_of({"sums": sums}) as paths:
            return report(
                self.settings,
                name,
                paths["sums"],
                conversions,
                effect=effect,
                users_a_day=users_a_day,
            )

    def check_metric(
        self, sums: Source, *, metric: "Metric" = "conversion", seed: int = 0
    ) -> "SimulatedSplits":
        """Split the same users at random 1,000 times: how many halves look different (A/A).

        Args:
            sums: As of ``experiment_report``; the variants do not matter.
            metric: What is compared.
            seed: Of the splits.

        Raises:
            FileRefused: The sums cannot be read.
        """
        from engine.usecases.experiment_reports import check_metric

        with files_of({"sums": sums}) as paths:
            return check_metric(_given(paths), metric, checked_seed(seed))

    def compare_interleaved(self, sums: Source) -> "Preference":
        """Tell from which of two interleaved lists users chose more (team draft).

        Args:
            sums: A file or a frame: ``user``, and items chosen of the first list ``a`` and of
                the second ``b``.

        Raises:
            FileRefused: The sums cannot be read.
        """
        from engine.usecases.experiment_reports import compare_interleaved

        with files_of({"sums": sums}) as paths:
            return compare_interleaved(_given(paths))

    def decide_trials(self) -> "Records[TrialDecision]":
        """Decide on the candidates that ``retrain(online_gate=True)`` put on trial.

        One that is not worse is promoted, one that is worse is rolled back, and where neither is
        shown the trial goes on until its days are over.

        Raises:
            Busy: Another process is deciding.
        """
        from engine.usecases.online_trials import decide_trials

        return Records(decide_trials(self.settings))

    def stop_experiment(self, name: str, *, winner: str | None = None) -> "StoppedExperiment":
        """End an experiment; a winner that is a generation is promoted.

        Raises:
            NotFound: There is no such experiment or variant, or its generation is gone.
            UsageError: It ended before.
            PublishRefused: The winner's generation is not whole: the experiment runs on.
        """
        from engine.usecases.experimenting import stop

        return stop(self.settings, name, winner)


def _given(paths: "Mapping[str, Path | None]") -> "Path":
    path = paths["sums"]
    if path is None:
        raise TypeError("sums must be a path or a frame, not None")
    return path
