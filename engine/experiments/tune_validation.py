"""What the trials of a search are validated on: windows before the oldest cut, or one split."""

from dataclasses import dataclass, field

from engine.data.splits import Split
from engine.data.training_data import TrainingData
from engine.errors import DataError
from engine.evaluation import ranking, sample_size
from engine.evaluation.protocols.cuts import day
from engine.experiments.compare import nobody
from engine.experiments.training_request import TrainingRequest

_LEFT_OUT = (
    f"fewer than {sample_size.FEWEST_USERS} users to ask, or less than half of the older events "
    "before them"
)


@dataclass(frozen=True, eq=False)
class TuneValidation:
    """What every trial is validated on.

    Attributes:
        windows: Newest first.
        few_users: Why trials differ by chance alone; empty where they do not.
    """

    windows: list[Split]
    remarks: list[str] = field(default_factory=list)
    few_users: str = ""


def validation_of(material: TrainingData, asked: TrainingRequest, count: int) -> TuneValidation:
    """Return the windows that tell anything; where none of several does, what one search has.

    Args:
        material: What is trained on.
        asked: The training that is searched for.
        count: How many windows.

    Raises:
        DataError: Nobody has anything to find in the validation part.
    """
    if count > 1:
        try:
            older = asked.validations(material, count)
        except DataError:  # the events do not go back so far
            older = []
        told = [one for one in older if _users(one.parts) >= sample_size.FEWEST_USERS]
        if told:
            days = ", ".join(day(one.cut) for one in told if one.cut is not None)
            note = f"A trial's figure is the mean over the windows that begin {days}."
            if len(told) < count:
                note += f" {count - len(told)} of {count} were left out: {_LEFT_OUT}."
            return TuneValidation([one.parts for one in reversed(told)], [note])
    parts = asked.validations(material)[0].parts
    users = _users(parts)
    if not users:
        raise nobody(parts)
    remarks = [f"None of {count} windows could be asked: {_LEFT_OUT}."] if count > 1 else []
    if users >= sample_size.FEWEST_USERS:
        return TuneValidation([parts], remarks)
    note = sample_size.too_few(users, sample_size.cause(parts))
    return TuneValidation([parts], remarks, note.replace("test part", "validation part"))


def _users(parts: Split) -> int:
    return len(ranking.task(parts.earlier, parts.later, include_seen=False).users)
