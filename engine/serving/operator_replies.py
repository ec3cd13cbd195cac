"""What comes out for whoever runs the engine: counts, freshness, nights."""

from typing import Literal

from engine.serving.answer_form import AnswerModel
from engine.serving.replies import Reply


class StatusReply(Reply):
    """What there is and how fresh it is.

    Attributes:
        quarantined, quarantine: Rows of all loads that were set aside, and those by code.
        newest_event_at: ISO 8601; left out where no event has a time.
        generation_on_trial: What a part of the users gets before it serves everybody; left out
            where nothing is.
    """

    users: int
    items: int
    entities: int
    events: int
    facts: int
    batches: int
    quarantined: int
    quarantine: dict[str, int]
    newest_event_at: str | None
    newest_event_age_seconds: float | None
    generation_on_trial: int | None


class NightFile(AnswerModel):
    """What became of a file that waited; held: code of why it was left where it is, if it was."""

    file: str
    kind: str
    held: str | None
    message: str
    read: int = 0
    accepted: int
    duplicate: int
    forgotten: int = 0
    quarantined: int
    without_time: int = 0
    parts: int = 1
    notes: tuple[str, ...] = ()


class JudgedWindow(AnswerModel):
    """What was held out to judge on: the newest days, a share drawn at random, or last events."""

    split: Literal["time", "random", "leave-last-out"] = "time"
    protocol: Literal["split", "window", "next-basket", "next-item"] = "split"
    begins: str | None
    days: float
    events: int
    users: int


class ContenderResult(AnswerModel):
    """What a contender was worth: mean ndcg@20 and the share of items it shows to anybody."""

    name: str
    role: Literal["candidate", "in-service", "plain"]
    quality: float | None
    coverage: float | None


class GateRuleResult(AnswerModel):
    """A rule of the gate and what came of it; message: a sentence where it failed."""

    name: str
    asked: str
    measured: str
    passed: bool
    message: str


class TrialEntry(AnswerModel):
    """The trial of a night's candidate on a part of the users; why: it ended."""

    experiment: str
    generation: int | None
    state: Literal["running", "promoted", "rolled-back", "ended"]
    stopped_at: str | None
    why: str | None


class NightEntry(AnswerModel):
    """A night of retraining.

    Attributes:
        outcome: Left out where it did not end.
        seconds: Of its steps.
        generation: In service at the end.
        served: What went into service; left out where nothing new did.
        trial: That of its candidate, as it is now; left out where it had none.
    """

    number: int
    status: str
    outcome: str | None
    started_at: str
    finished_at: str | None
    seconds: float
    causes: list[str]
    files: list[NightFile]
    new_events: int
    window: JudgedWindow | None
    measured: list[ContenderResult]
    rules: dict[str, list[GateRuleResult]]
    judged_by: str | None
    generation: int | None
    served: str | None
    trial: TrialEntry | None = None


class NightListReply(Reply):
    """Newest first."""

    nights: list[NightEntry]


class RemovedEntry(AnswerModel):
    """Something that was removed in one place."""

    where: str
    what: str
    count: int


class ForgottenReply(Reply):
    """The certificate of a removal; it names nobody.

    Attributes:
        forgotten: 1 where this request forgot somebody, 0 where it had been done before.
        tombstones: Keyed hashes of who is forgotten.
        left: What is not the engine's to remove, in words.
    """

    forgotten: int
    already: int
    tombstones: list[str]
    removed: list[RemovedEntry]
    left: list[str]
