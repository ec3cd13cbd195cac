"""What a reader must know about a list: what answers in place of a model, and why it is short."""

_JOINED = ("bought-together", "within-basket", "next", "attributes", "filter", "content")
_SERVED = {
    "unknown-user": "Unknown user {subject}: these are the popular items.",
    "provisional": "No model is published yet. This is a first answer: what {subject} had, what "
    "goes with it (engine graph build co-occurrence), and what is popular of late. For a better "
    "one: engine train; then: engine publish.",
    "no-embedding": "{subject} has no vector in service: popularity decides.",
    "folded-in": "{subject} is newer than the model: placed by the items used.",
    "shared-items": "{subject} has no vector in service: people are compared by shared items.",
    "no-times": "No event has a time, so nothing can be trending.",
    "plain": "What is in service has no vectors. Try --by bought-together or attributes.",
    "filter-only": "What is in service is a filter, without vectors. Try --by filter.",
    "new-item": "{subject} has no vector in service: nothing to compare it by.",
}
_PLAIN = {
    "popular": "Popularity",
    "recent-popular": "Recent popularity",
    "p-top": "P-Top (own items)",
    "gp-top": "GP-Top (own items by count)",
    "user-knn": "User k-NN",
    "buy-again": "Buy-it-again",
}


def of_served(served: str, asked: str, subject: str) -> str:
    """Return what to say of what answers; empty where nothing needs saying.

    Args:
        served: What answers.
        asked: The list that was asked for.
        subject: Id of the user or item.
    """
    if served in _PLAIN:
        said = f"{_PLAIN[served]} is in service: no model predicts better, outside the noise."
        return said if asked == "for-you" else ""
    return _SERVED.get(served, "").format(subject=subject)


def of_short(served: str, subject: str, number: str) -> str:
    """Return why a list has fewer items than were asked for; empty where that is said already.

    Args:
        served: What answers.
        subject: Id of the user or item.
        number: How many of how many, such as ``3 of 10``.
    """
    if served in ("new-item", "plain", "filter-only", "popular-from-memory"):
        return ""
    if served in _JOINED:
        why = f"no other item is joined to {subject} and may be shown."
    elif served in ("people", "friends", "again", "trending", "shared-items"):
        why = "no other item is on this list and may be shown."
    else:
        why = (
            "there is no other item, or it was seen, is hidden, expired, filtered out or beyond "
            "at_most."
        )
    return f"Only {number}: {why}"
