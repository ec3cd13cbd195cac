"""Checks of generations: vectors, what interrupted publishes left, registry, files of runs."""

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from engine.data.checkpoint_files import FOLDER, MODEL, RANKER, twin_of
from engine.errors import CheckpointInvalid
from engine.graph import integrity, stored_generations
from engine.graph.embeddings import LABELS
from engine.graph.stored_generations import StoredGeneration
from engine.publishing import generations as published
from engine.publishing.generation_health import why_unservable
from engine.publishing.recorded_generations import records_of
from engine.store.graph_client import GraphClient
from engine.store.registry_records import Run
from engine.store.registry_snapshot import RegistrySnapshot
from engine.training import array_file
from engine.upkeep.findings import Finding, fault, ok, warning
from engine.upkeep.open_stores import OpenStores
from engine.upkeep.schema_checks import has_vectors, publish_again

TIDY = "engine tidy"
_ZIP = b"PK"


def vectors(graph: GraphClient, generations: list[StoredGeneration]) -> Iterator[Finding]:
    """Look at every number of every generation that can serve, and whether anything is missing."""
    for one in generations:
        subject, remedy = f"generation {one.number}", publish_again(one)
        found = list(_lost_vectors(graph, one))
        if not found and (reason := _unservable(graph, one)):
            found = [fault("vectors", subject, reason, remedy)]
        yield from found
        if not found:
            yield ok("vectors", subject, "what its lists need is there, and finite")


def _unservable(graph: GraphClient, one: StoredGeneration) -> str | None:
    """Return what else keeps a generation from serving; indexes of vectors have their own check."""
    if has_vectors(one):
        return stored_generations.artefact_fault(graph, one)
    return why_unservable(graph, one)


def _lost_vectors(graph: GraphClient, one: StoredGeneration) -> Iterator[Finding]:
    if not has_vectors(one):
        return
    dimension = int(one.settings["dimension"])
    subject, remedy = f"generation {one.number}", publish_again(one)
    for label in LABELS:
        written = one.settings.get(f"{label.lower()}_vectors") or 0
        if label == "Entity" and not written:
            continue  # most models have none
        there = integrity.vector_state(graph, label, one.number, dimension)
        kind = f"vectors of {label.lower()}s"
        if there.not_finite:
            value = f"{there.not_finite} {kind} hold NaN or an infinite number"
            yield fault("vectors", subject, value, remedy)
        if there.misfits:
            value = f"{there.misfits} {kind} have not {dimension} numbers"
            yield fault("vectors", subject, value, remedy)
        if there.vectors == 0 or there.vectors < written / 2:
            value = f"{there.vectors} of {written} {kind} are left"
            yield fault("vectors", subject, value, remedy)
        elif there.vectors < written:
            value = (
                f"{written - there.vectors} of {written} {kind} are gone: with their nodes, or lost"
            )
            yield warning("vectors", subject, value, remedy)


def leftovers(graph: GraphClient, generations: list[StoredGeneration]) -> Iterator[Finding]:
    """Look for what interrupted publishes left: generations, vectors and indexes of none."""
    # Before the generations: the node of a new one comes before its vectors.
    data = integrity.generations_with_data(graph)
    found = False
    for one in generations:
        if one.state in ("candidate", "removing") and not published.in_progress(one):
            found = True
            value = f"it was left {one.state} by a publish that was interrupted"
            yield warning("leftovers", f"generation {one.number}", value, TIDY)
    known = {row.number for row in stored_generations.generations(graph)}
    for number in sorted(data - known):
        found = True
        value = "its vectors or indexes are in the graph, and no generation of that number"
        yield fault("leftovers", f"generation {number}", value, TIDY)
    if not found:
        yield ok("leftovers", "graph", "nothing was left by an interrupted publish")


def agreement(generations: list[StoredGeneration], registry: RegistrySnapshot) -> Iterator[Finding]:
    """Look whether the registry mirrors what the graph serves."""
    serving = next((one for one in generations if one.serving), None)
    recorded = records_of(generations, registry.generations)
    mirrored = [row.number for row in registry.generations if row.state == "serving"]
    audit = "engine generations --audit"
    if serving is not None and serving.number not in recorded:
        value = f"the registry does not know generation {serving.number}, which is in service"
        if registry.generations:
            remedy = "engine train && engine publish, or restore the registry from a backup"
            yield fault("agreement", "registry", value, remedy)
        else:
            yield warning("agreement", "registry", f"{value}: another home published it", audit)
    elif mirrored != ([] if serving is None else [serving.number]):
        there = "nothing" if serving is None else f"generation {serving.number}"
        here = ", ".join(str(number) for number in mirrored) or "none"
        value = f"the graph serves {there}, the registry says {here}"
        yield fault("agreement", "registry", value, audit)
    else:
        yield ok("agreement", "registry", "graph and registry say the same of what serves")


def checkpoints(stores: OpenStores) -> Iterator[Finding]:
    """Look whether the files of the runs are whole of which generations in the graph were made."""
    looked = 0
    for one in stores.complete:
        run = stores.run_of(one)
        if run is None:
            continue
        bad = list(_bad_files(stores.settings.home, run))
        looked += not bad
        for value in bad:
            state = fault if one.serving else warning
            yield state("checkpoints", f"run {run.id}", value, "engine train && engine publish")
    known = set(stores.runs)
    strange = [
        path.name
        for path in sorted((stores.settings.home / FOLDER).glob("[0-9]*"))
        if path.name.isdecimal() and int(path.name) not in known
    ]
    if strange:
        value = f"{len(strange)} folders are of runs that the registry does not know"
        remedy = "restore the registry from a backup, or delete them"
        yield warning("checkpoints", f"{FOLDER}/{strange[0]}", value, remedy)
    if looked:
        yield ok("checkpoints", "runs", f"model and twin of {looked} generations are whole")


def _bad_files(home: Path, run: Run) -> Iterator[str]:
    """Yield what is wrong with the files of a run."""
    model = home / (run.checkpoint or f"{FOLDER}/{run.id}/{MODEL}")
    for file in (model, twin_of(model)):
        if reason := damage(file):
            yield f"{file.name} {reason}"
    if run.ranker_digest is None:
        return
    ranker = model.with_name(RANKER)
    if not ranker.is_file():
        yield f"{ranker.name} is missing"
    elif hashlib.sha256(ranker.read_bytes()).hexdigest() != run.ranker_digest:
        yield f"{ranker.name} is not the file that the run left"


def damage(file: Path) -> str | None:
    """Return what is wrong with a file of arrays by the sums that it holds, or None.

    PyTorch is not needed for those that it wrote either: they are ZIP archives.
    """
    if not file.is_file():
        return "is missing"
    with file.open("rb") as opened:
        of_pytorch = opened.read(len(_ZIP)) == _ZIP
    if not of_pytorch:
        try:
            array_file.read(file)
        except CheckpointInvalid as error:
            return "is damaged" if array_file.CHANGED in error.message else "cannot be read"
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            broken = archive.testzip()
    except (zipfile.BadZipFile, OSError, EOFError):
        return "cannot be read"
    return None if broken is None else "is damaged"
