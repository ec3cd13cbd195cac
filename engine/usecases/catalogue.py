"""The catalogue: what the tables of models say, as plain rows."""

from typing import Any

from engine.models import MODELS, PLAIN, ModelDescription


def list_models() -> list[dict[str, Any]]:
    """Return a row per model: the trained ones, then the plain methods."""
    rows = [_row(name, about, trained=True) for name, about in MODELS.items()]
    return rows + [_row(name, about, trained=False) for name, about in PLAIN.items()]


def _row(name: str, about: ModelDescription, *, trained: bool) -> dict[str, Any]:
    sides = {"users": about.unseen_users, "items": about.unseen_items}
    return {
        "name": name,
        "kind": about.kind,
        "trained": trained,
        "needs": list(about.needs),
        "takes": list(about.takes),
        "unseen": [side for side, can in sides.items() if can],
        "paper": about.paper,
        "summary": about.summary,
    }
