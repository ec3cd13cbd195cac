"""Forget users or items: tombstones first, then everything that is held of them, place by place.

Every step finds what is still there and removes it, so a call that was cut off is carried on by the
same call, and one that is made again changes nothing.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from engine import private_files
from engine.connections.forgotten import usable_key
from engine.data import mentions
from engine.data.id_rule import stored_id_fault
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.tombstone import ForgettableKind
from engine.errors import DataError, NotFound, UsageError
from engine.experiments.run_removal import RunRemoval, remove_unfinished
from engine.forgetting import home_removal
from engine.forgetting.certificate import ForgetCertificate
from engine.graph import aliases, item_list_removal, removal
from engine.graph.removal import NodeLabel
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

_CERTIFICATES = "forget"
LABELS: dict[ForgettableKind, NodeLabel] = {"user": "User", "item": "Item"}
_LEFT_ALWAYS = (
    "Models keep what they learned from these events in the vectors of others until the next "
    "training; it begins without them: engine retrain.",
    "Graphs between items count these events until they are built again, which the next night "
    "does: engine graph build co-occurrence.",
    "Neo4j's transaction logs and the free pages of its store hold removed values until it reuses "
    "them (db.tx_log.rotation.retention_policy), and so do backups and logs that others keep.",
)


@dataclass(frozen=True)
class ForgetRequest:
    """Whom to forget.

    Attributes:
        ids: Each once.
        waiting: A folder of files that wait to be loaded, which is only looked at.
        partly: Forget those who are known and count the others; without it one id that is nowhere
            is an error, as it may be a slip.
    """

    kind: ForgettableKind
    ids: tuple[str, ...]
    waiting: Path | None = None
    partly: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no id.

        Raises:
            UsageError: An id is none, or none is given.
        """
        object.__setattr__(self, "ids", tuple(dict.fromkeys(self.ids)))
        if not self.ids:
            raise UsageError(
                f"no {self.kind} is named", hint=f"engine forget {self.kind} ID, or --from FILE"
            )
        for id_ in self.ids:
            if (fault := stored_id_fault(id_)) is not None:
                raise UsageError(
                    f"{id_!r} is no id of a {self.kind}: {fault}",
                    hint="give it as the events name it",
                )


def ids_of_file(path: Path) -> tuple[str, ...]:
    """Return the ids of a text, one a line; blank lines are passed over.

    Raises:
        DataError: It cannot be read, or is no UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise DataError(f"{path}: {why}", hint="a text with one id a line") from error
    return tuple(line for line in text.splitlines() if line.strip())


class Removal:
    """One removal on its way.

    The caller holds the locks of loads, of publishing and of nights, in this home and graph.

    Args:
        graph: What is taken out of.
        registry: Where the tombstones are set.
        home: ENGINE_HOME.
        barrier: Waits until every write of a service that began before it has ended.
        report: Called with a stage, how much of it is done, and how much there is.
    """

    def __init__(
        self,
        graph: GraphClient,
        registry: Registry,
        home: Path,
        barrier: Callable[[], None],
        report: StageProgress = no_stage,
    ) -> None:
        self._graph, self._registry, self._home = graph, registry, home
        self._barrier, self._report = barrier, report

    def forget(self, request: ForgetRequest) -> ForgetCertificate:
        """Forget users or items and say what was removed where.

        Raises:
            NotFound: There is nothing of one of them anywhere, and nobody forgot it before.
            ConfigError: The key of the tombstones that there are is not in this home.
        """
        request = self._with_aliases(request)
        key = usable_key(self._registry, self._home)
        digests = {id_: key.digest(request.kind, id_) for id_ in request.ids}
        before = self._registry.tombstones.completed(digests.values())
        new = [id_ for id_, digest in digests.items() if digest not in before]
        standing = self._registry.tombstones.digests()
        if not request.partly:
            self._check_known(request, [one for one in new if digests[one] not in standing])
        self._registry.tombstones.add(digests.values(), key.name)
        self._barrier()
        certificate = ForgetCertificate(request.kind, datetime.now(UTC).isoformat("T", "seconds"))
        found = self._removed(request, certificate)
        unknown = {digests[id_] for id_ in new if id_ not in found}
        # What an earlier call had begun may be gone whole: it is known all the same.
        unknown -= standing
        self._registry.tombstones.remove(unknown)
        kept = sorted(set(digests.values()) - unknown)
        self._registry.tombstones.complete(kept)
        certificate.tombstones = kept
        certificate.already, certificate.unknown = len(before), len(unknown)
        certificate.forgotten = len(kept) - len(before)
        return self._kept(certificate)

    def _with_aliases(self, request: ForgetRequest) -> ForgetRequest:
        """Return the request for every id of the users: those that stand for them since a merge."""
        if request.kind != "user":
            return request
        users = [*request.ids, *aliases.current(self._graph, request.ids).values()]
        return replace(request, ids=(*users, *aliases.of_users(self._graph, users)))

    def _check_known(self, request: ForgetRequest, ids: Sequence[str]) -> None:
        """Refuse ids that are nowhere, before anything is written."""
        unknown = set(ids) - removal.known(self._graph, LABELS[request.kind], ids)
        if unknown:
            chosen = partial(_among, request.kind, unknown)
            unknown -= RunRemoval(self._registry, self._home, chosen).look(request.kind)
        for path in (self._home / home_removal.QUARANTINE).glob("*.jsonl") if unknown else ():
            with path.open("rb") as file:
                for line in file:
                    unknown -= home_removal.named_by(line, request.kind, unknown)
        if unknown:
            raise NotFound(
                f"there is nothing of the {request.kind} {min(unknown)!r}: not in the graph, not "
                "in a checkpoint, not in the quarantine; nothing was forgotten",
                hint="ids are compared letter by letter; --partly passes over those that are "
                "nowhere",
            )

    def _removed(self, request: ForgetRequest, certificate: ForgetCertificate) -> set[str]:
        """Remove everything, note it, and return those of whom there was something."""
        kind, ids = request.kind, request.ids
        label = LABELS[kind]
        found = removal.known(self._graph, label, ids)
        there = removal.remove(
            self._graph, label, sorted(found), lambda n, m: self._report("removing events", n, m)
        )
        for what, count in vars(there).items():
            certificate.add("graph", what, count)
        if kind == "item":
            for what, count in item_list_removal.remove(self._graph, ids).items():
                certificate.add("graph", what, count)
        self._report("checkpoints", 0, 1)
        runs = RunRemoval(self._registry, self._home, partial(_among, kind, set(ids)))
        self._note(certificate, "rows", runs.of_all())
        found |= runs.found(kind)
        self._report("files", 0, 1)
        self._note(certificate, "rows", home_removal.quarantined_rows(self._home, kind, ids, found))
        self._note(certificate, "mentions", home_removal.reports(self._home, ids))
        self._note(certificate, "files", home_removal.left_by_loads(self._home))
        if found:
            self._note(certificate, "files", remove_unfinished(self._home))
        self._clean_registry(certificate, ids)
        certificate.left += [f"{name} cannot be read: remove it." for name in runs.damaged]
        self._look_at_others(request, certificate)
        if kind == "user":
            # Last of all: until then the same call finds them by the user.
            certificate.add("graph", "aliases", aliases.remove(self._graph, ids))
        return found

    def _clean_registry(self, certificate: ForgetCertificate, ids: Collection[str]) -> None:
        removals = self._registry.removals
        changed = removals.replace_texts(partial(mentions.redacted, ids=ids))
        certificate.add("registry", "mentions", changed)
        if changed:
            removals.compact()

    def _look_at_others(self, request: ForgetRequest, certificate: ForgetCertificate) -> None:
        """Note what names them and is not the engine's to change."""
        certificate.left += _LEFT_ALWAYS
        certificate.left += [
            f"{name} names them in {lines} lines: it is your own file."
            for name, lines in home_removal.own_files(self._home, request.ids)
        ]
        certificate.left.append(
            "Lists and reports that were written elsewhere by --out are yours to remove."
        )
        if request.waiting is not None:
            certificate.waiting = home_removal.waiting_files(request.waiting, request.ids)

    def _note(
        self, certificate: ForgetCertificate, what: str, places: Iterable[tuple[str, int]]
    ) -> None:
        for where, count in places:
            certificate.add(where, what, count)

    def _kept(self, certificate: ForgetCertificate) -> ForgetCertificate:
        """Keep a certificate of what was done; it holds no id."""
        if not (certificate.removed or certificate.forgotten):
            return certificate
        folder = private_files.make_folder(self._home / _CERTIFICATES)
        numbers = [int(path.stem) for path in folder.glob("*.json") if path.stem.isdecimal()]
        path = folder / f"{max(numbers, default=0) + 1:06d}.json"
        named = replace(certificate, file=path.relative_to(self._home).as_posix())
        text = json.dumps(named.as_dict(), indent=2, ensure_ascii=False)
        private_files.write_text(path, text + "\n")
        return named


def _among(
    wanted: ForgettableKind, ids: Collection[str], kind: ForgettableKind, some: Collection[str]
) -> Collection[str]:
    return set(ids).intersection(some) if kind == wanted else set()
