"""What became of the rows of one source, and whether they may be loaded by that."""

from collections import Counter

from engine.data.reading.rejection import CODES
from engine.errors import NothingAccepted, TooManyBadRows
from engine.loading.load import FileReport

_ENOUGH_TO_JUDGE = 1_000


class RowAccount:
    """The counts of one source.

    Args:
        name: Of the source, as reports call it.
        kind: ``items``, ``users``, ``events`` or ``facts``.
        max_bad: What share of its rows may be bad, 0 to 1.

    Attributes:
        alternatives: What ``--map`` could name where a field has no values.
    """

    def __init__(self, name: str, kind: str, max_bad: float) -> None:
        self.report = FileReport(name, kind)
        self.reasons: Counter[str] = Counter()
        self.alternatives: list[str] = []
        self._max_bad = max_bad

    def complete_report(self) -> FileReport:
        """Return the report with the reasons of rejected rows."""
        self.report.reasons = dict(self.reasons)
        return self.report

    def check_bad(self, *, final: bool) -> None:
        """Refuse too many bad rows; a few rows are judged at the end only.

        Raises:
            TooManyBadRows: More than the allowed share are bad.
        """
        report, allowed = self.report, self._max_bad
        enough = report.read >= _ENOUGH_TO_JUDGE or (final and report.read > 0)
        if enough and report.quarantined > allowed * report.read:
            raise TooManyBadRows(
                f"{report.quarantined} of {report.read} rows of {report.file} are bad "
                f"({self._reasons()}), more than {allowed:.0%}; nothing of it is loaded",
                hint=f"{self._instead()}{self._where()}; then correct the file",
            )

    def check_accepted(self) -> None:
        """Refuse a source of which no row could be taken.

        Raises:
            NothingAccepted: All of its rows are bad.
        """
        report = self.report
        if report.read and report.quarantined == report.read:
            raise NothingAccepted(
                f"not one of {report.read} rows of {report.file} could be taken: {self._reasons()}",
                report=self.complete_report().as_dict(),
                hint=f"{self._instead()}{self._where()}; engine ingest --help says how a file can "
                "be read otherwise",
            )

    def _instead(self) -> str:
        if "required-value" not in self.reasons or not self.alternatives:
            return ""
        return f"if another column holds them: --map {' --map '.join(self.alternatives)}; "

    def _where(self) -> str:
        """Return where somebody can read why rows are bad."""
        return "load it with engine ingest, which keeps the bad rows and why"

    def _reasons(self) -> str:
        most = self.reasons.most_common(3)
        examples = self.report.examples
        return ", ".join(f"{code} {rows}: {examples.get(code, CODES[code])}" for code, rows in most)
