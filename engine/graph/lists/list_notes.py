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
    "new-item": "{subject} has no vector in service: nothing to compare it by.",
}
_PLAIN = {
    "popular": "Popularity is in service: it predicts better than any model did.",
    "recent-popular": "Recent popularity is in service: it predicts better than any model did.",
    "p-top": "P-Top is in service: own items alone predict better than any model did.",
    "gp-top": "GP-Top is in service: own items by count predict better than any model did.",
    "user-knn": "User k-NN is in service: it predicts better than any model did.",
    "buy-again": "Buy-it-again is in service: it predicts better than any model did.",
}


def of_served(served: str, asked: str, subject: str) -> str:
    """Return what to say of what answers; empty where nothing needs saying.

    Args:
        served: What answers.
        asked: The list that was asked for.
        subject: Id of the user or item.
    """
    note = _SERVED.get(served, "").format(subject=subject)
    return note or (_PLAIN.get(served, "") if asked == "for-you" else "")


def of_short(served: str, subject: str, number: str) -> str:
    """Return why a list has fewer items than were asked for; empty where that is said already.

    Args:
        served: What answers.
        subject: Id of the user or item.
        number: How many of how many, such as ``3 of 10``.
    """
    if served in ("new-item", "plain", "popular-from-memory"):
        return ""
    if served in _JOINED:
        why = f"no other item is joined to {subject} and may be shown."
    elif served in ("people", "friends", "again", "trending", "shared-items"):
        why = "no other item is on this list and may be shown."
    else:
        why = "no other item may be shown (seen, hidden, expired or filtered out)."
    return f"Only {number}: {why}"
