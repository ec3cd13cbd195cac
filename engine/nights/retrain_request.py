"""What a night is asked to do, and how it can end."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import Any, Literal

from engine.data.online_trial import OnlineGateLimits
from engine.errors import UsageError
from engine.evaluation.gate import GateLimits
from engine.evaluation.hold_out_window import HOLD_OUT_PROTOCOLS
from engine.evaluation.protocols import (
    MOST_DAYS,
    EvaluationProtocol,
    NextItemProtocol,
    Window,
)
from engine.evaluation.sample_size import FEWEST_USERS
from engine.experiments.training_request import TrainingRequest
from engine.nights.waiting import FolderRequest

NightOutcome = Literal["promoted", "plain-promoted", "on-trial", "kept", "nothing-new"]

EXIT_CODES: Mapping[str, int] = {
    "promoted": 0,
    "plain-promoted": 0,
    "on-trial": 10,
    "kept": 10,
    "nothing-new": 11,
}
BROKEN_INPUT = 12
"""A file was held back, whatever became of the rest: somebody has to look."""


@dataclass(frozen=True)
class RetrainRequest:
    """What a night is asked to do.

    Attributes:
        models: Candidates, each trained and judged.
        settings: Texts of ``--set``; ``lightgcn.epochs`` is for that candidate alone,
            ``ranker.leaves`` for the ranker of each.
        waiting: Where files wait, or None.
        window_days: Length of the held-out window, of the protocols that have one.
        protocol: One of ``HOLD_OUT_PROTOCOLS``: what is held out, and everything is judged on.
        warm: Start from the vectors of the last night where the model allows.
        ranker: Whether a ranker is trained for each candidate.
        limits: What the gate asks.
        online_gate: What is asked of what passed, on a part of the users; None: it serves at once.
    """

    models: tuple[str, ...] = ("lightgcn",)
    settings: Mapping[str, str] = field(default_factory=dict)
    waiting: FolderRequest | None = None
    window_days: float = 7.0
    seed: int = 0
    warm: bool = True
    ranker: bool = True
    limits: GateLimits = field(default_factory=GateLimits)
    protocol: str = Window.name
    online_gate: OnlineGateLimits | None = None

    def training(self, model: str, protocol: EvaluationProtocol | None = None) -> TrainingRequest:
        """Return how a candidate is trained.

        Args:
            model: The candidate.
            protocol: Holds out what it is judged on; None: the last fifth of all events.
        """
        own: dict[str, str] = {}
        # What names a candidate comes last: it is more particular.
        for name, text in sorted(self.settings.items(), key=lambda one: one[0].startswith(model)):
            of, dot, setting = name.partition(".")
            if of in (model, "ranker") or not dot:
                own[setting if of == model else name] = text
        return TrainingRequest(model, own, seed=self.seed, protocol=protocol)

    def check(self) -> None:
        """Refuse what could not be trained, before anything is begun.

        Raises:
            UsageError: A setting is unknown, its value is not allowed or it is no candidate's;
                there is no such protocol, or it does not take a ranker; fewer users than can tell
                anything are to do; a length of time is none.
            UnknownModel: There is no such model.
        """
        if self.protocol not in HOLD_OUT_PROTOCOLS:
            raise UsageError(
                f"a night is not judged by the protocol {self.protocol}",
                hint=f"use one of {', '.join(HOLD_OUT_PROTOCOLS)}",
            )
        if self.protocol == NextItemProtocol.name and self.ranker:
            raise UsageError(
                "--protocol next-item judges no ranker: one puts the candidates of one moment in "
                "order, and each user is asked at a moment of its own",
                hint="add --no-ranker, or judge by --protocol next-basket",
            )
        if self.limits.users < FEWEST_USERS:
            raise UsageError(
                f"the gate must ask {FEWEST_USERS} users or more, not {self.limits.users}: over "
                "fewer a winner is chance",
                hint="leave --min-users out, and hold out more days: --window 14",
            )
        self._check_days()
        for name in self.settings:
            of, dot, _ = name.partition(".")
            if dot and of not in (*self.models, "ranker"):
                raise UsageError(
                    f"{of} is no candidate of this night, so it has no setting {name}",
                    hint=f"give it to one of {', '.join(self.models)}, or add --model {of}",
                )
        for model in self.models:
            self.training(model).configs()

    def _check_days(self) -> None:
        """Refuse lengths of time that are none.

        Raises:
            UsageError: The window is not above 0 days or longer than ten years, or the age from
                which on what serves need not be beaten is below 0.
        """
        if not 0 < self.window_days <= MOST_DAYS:
            raise UsageError(
                f"--window must be a number of days above 0, up to {MOST_DAYS}, not "
                f"{self.window_days:g}",
                hint="leave --window out for 7",
            )
        after = self.limits.level_after_days
        if after is not None and not after >= 0:
            raise UsageError(
                f"--level-after must be a number of days, 0 or more, not {after:g}",
                hint="leave --level-after out for 7, or write --level-after never",
            )

    def digest(self) -> str:
        """Return a hash of it: an interrupted night goes on with the same question only.

        How what passes goes into service is no part of the question.
        """
        asked = asdict(self)
        del asked["online_gate"]
        text = json.dumps(asked, sort_keys=True, default=str)
        return blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class NightSummary:
    """How a night ended.

    Attributes:
        causes: What somebody should know: why a file was held, which rule failed by how much.
        files: What became of the files that waited.
        protocol: By which everything was judged, with its days; empty where nothing was.
        measured: Name to ndcg@20 and coverage on the window.
        rules: Candidate to its rules.
        digests: Candidate to the hash of its embeddings, which stands in its run's record too.
        judged_by: How the generation in service was judged.
        generation: In service at the end.
        previous: In service before.
        trial: Name of the experiment that shows a candidate to a part of the users.
        continued: Steps that an interrupted call had done already.
    """

    night: int
    outcome: NightOutcome
    causes: Sequence[str] = ()
    files: Sequence[Mapping[str, Any]] = ()
    new_events: int = 0
    window: Mapping[str, Any] = field(default_factory=dict)
    protocol: Mapping[str, Any] = field(default_factory=dict)
    measured: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    judged_by: str | None = None
    generation: int | None = None
    previous: int | None = None
    trial: str | None = None
    digests: Mapping[str, str | None] = field(default_factory=dict)
    removed: Sequence[int] = ()
    continued: Sequence[str] = ()
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """The code the command ends with; see ``docs/nightly.md``."""
        held = any(one["held"] for one in self.files)
        return BROKEN_INPUT if held else EXIT_CODES[self.outcome]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self) | {"exit_code": self.exit_code}
