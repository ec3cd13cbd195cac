"""Ask for lists, reasons and people."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from engine.api.engine_session import EngineSession
from engine.api.ids import Identifier, id_text, id_texts
from engine.api.list_options import ListOptions, question_of
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.usecases.recommending import (
        Explanation,
        Exported,
        ListSource,
        PeopleMethod,
        RecommendationList,
        Similarity,
        SimilarUsers,
    )


class ListRequests(EngineSession):
    """The part of ``Engine`` that a shop asks all day. Its calls may come from several threads."""

    def recommend(
        self,
        user: Identifier | None = None,
        k: int | None = None,
        *,
        list: str | None = None,
        cursor: str | None = None,
        by: "ListSource | None" = None,
        blend: "ListSource | None" = None,
        fallback: "Sequence[ListSource]" = (),
        likes: Sequence[Identifier] = (),
        relation: str | None = None,
        rerank: str | None = None,
        **options: Unpack[ListOptions],
    ) -> "RecommendationList":
        """Recommend items to a user, or to nobody in particular.

        >>> found = e.recommend("alice", k=2, where={"category": "tea"})
        >>> [item.id for item in found.items]
        ['black-tea', 'white-tea']
        >>> found.to_pandas().columns[:2].tolist()
        ['rank', 'item']

        Args:
            user: Id; None for a list that needs nobody: ``trending``, ``popular``, ``likes``.
            k: Length of the list, 1 to 1000; None: 10, or what the named list says.
            list: Name of a list that ``set_list`` or engine.toml defines with its options; only
                k and cursor go with it.
            cursor: That of the page before, for the next one: none of its items comes again.
            by: Which list; None: ``likes`` where those are given, otherwise ``for-you``.
            blend: Another list that is blended with it, by rank.
            fallback: Lists that fill in, in this order, where fewer than k are found.
            likes: Items that somebody new likes.
            relation: Facts that are friendships; needed where users have several.
            rerank: A plug-in that puts the list in its own order.
            options: See ``ListOptions``.

        Raises:
            NotBuilt: The list rests on a model or a graph that is not there yet.
            NotFound: The list asked for cannot be made for another reason, and none fills in; or
                no list has that name.
            UsageError: The list needs a user, or an option is not allowed.
        """
        from engine.usecases.recommending import Sources, needs_user, recommend

        who = None if user is None else id_text("user", user)
        if list is not None:
            if by or blend or fallback or likes or relation or rerank or options:
                raise UsageError(
                    f"the list {list} has its own options: only k and cursor go with it",
                    hint=f"engine lists set {list} --by for-you changes them",
                )
            from engine.usecases.naming_lists import recommend_named

            self._hold_graph()
            return recommend_named(self.settings, who, list, k, cursor)
        by = by or ("likes" if likes else "for-you")
        sources = Sources(
            by, blend, tuple(fallback), tuple(id_texts("likes", likes)), relation, rerank
        )
        if user is None and needs_user(by):
            raise UsageError(
                f"--by {by} needs a USER",
                hint="engine recommend USER, or for every user: engine recommend --all --out FILE",
            )
        question = question_of(10 if k is None else k, options, cursor)
        self._hold_graph()
        return recommend(self.settings, who, question, sources)

    def recommend_all(
        self, out: str | Path, k: int = 10, **options: Unpack[ListOptions]
    ) -> "Exported":
        """Write the list of every user to a file; an interrupted call is continued by the same.

        Args:
            out: A file that ends in .parquet, .csv or .jsonl.
            k: Length of a list.
            options: See ``ListOptions``; nothing is arranged.

        Raises:
            NotBuilt: Nothing is published.
            Busy: Another generation went into service meanwhile: call again.
            UsageError: The file's suffix is not known, or an option is not allowed.
        """
        from engine.usecases.recommending import recommend_all

        question = question_of(k, options)
        self._hold_graph()
        with self._reporting() as progress:
            progress.update("writing lists")
            return recommend_all(
                self.settings,
                Path(out),
                question,
                lambda done, total: progress.update("writing lists", done, total, unit="users"),
            )

    def similar(
        self,
        item: Identifier | Sequence[Identifier],
        k: int = 10,
        *,
        by: "Similarity" = "embedding",
        user: Identifier | None = None,
        cursor: str | None = None,
        **options: Unpack[ListOptions],
    ) -> "RecommendationList":
        """Return the items most like one, that go with it, or that come next.

        >>> e.similar("green-tea", k=1, by="bought-together").items[0].id
        'mug'

        Args:
            item: Id, or the ids of a basket for ``bought-together`` and ``within-basket``.
            k: Length of the list, 1 to 1000.
            by: What makes two items alike.
            user: Whose own items are left out; within a basket they compete.
            cursor: That of the page before, for the next one.
            options: See ``ListOptions``.

        Raises:
            NotBuilt: Nothing is published, or the graph was never built.
            NotFound: There is no such item.
            UsageError: ``by`` takes one item only, or an option is not allowed.
        """
        from engine.usecases.recommending import similar

        items = id_texts(
            "item", item if isinstance(item, Sequence) and not isinstance(item, str) else [item]
        )
        if len(items) != 1 and by not in ("bought-together", "within-basket"):
            raise UsageError(
                f"--by {by} takes one ITEM, not {len(items)}",
                hint="several items are a basket: add --by within-basket, or bought-together",
            )
        question = question_of(k, options, cursor)
        self._hold_graph()
        who = None if user is None else id_text("user", user)
        return similar(self.settings, items[0] if len(items) == 1 else items, question, who, by)

    def explain(self, user: Identifier, item: Identifier, k: int = 5) -> "Explanation":
        """Say why an item may suit a user, with the best ``k`` paths over shared facts.

        >>> e.explain("alice", "black-tea").sentence != ""
        True

        Raises:
            NotFound: There is no such user or item.
            UsageError: k is out of range.
        """
        from engine.usecases.recommending import explain

        self._hold_graph()
        return explain(self.settings, id_text("user", user), id_text("item", item), k)

    def recommend_users(
        self,
        user: Identifier,
        k: int = 10,
        *,
        by: "PeopleMethod" = "adamic-adar",
        relation: str | None = None,
    ) -> "SimilarUsers":
        """Recommend users whom a user may want to know; friends are left out.

        Args:
            user: Id.
            k: How many.
            by: Shared friends, rare ones more (``adamic-adar``); shared friends
                (``friends-of-friends``); or vectors in service (``embedding``).
            relation: Facts that are friendships; None: the only ones between users.

        Raises:
            NotFound: There is no such user, relation or vector.
            UsageError: Several relations join users, or k is out of range.
        """
        from engine.usecases.recommending import recommend_users

        self._hold_graph()
        return recommend_users(self.settings, id_text("user", user), by, k, relation)

    async def arecommend(
        self,
        user: Identifier | None = None,
        k: int | None = None,
        *,
        list: str | None = None,
        cursor: str | None = None,
        by: "ListSource | None" = None,
        blend: "ListSource | None" = None,
        fallback: "Sequence[ListSource]" = (),
        likes: Sequence[Identifier] = (),
        relation: str | None = None,
        rerank: str | None = None,
        **options: Unpack[ListOptions],
    ) -> "RecommendationList":
        """Do what ``recommend`` does, in a thread, so that an event loop goes on meanwhile."""
        return await asyncio.to_thread(
            self.recommend,
            user,
            k,
            list=list,
            cursor=cursor,
            by=by,
            blend=blend,
            fallback=fallback,
            likes=likes,
            relation=relation,
            rerank=rerank,
            **options,
        )

    async def asimilar(
        self,
        item: Identifier | Sequence[Identifier],
        k: int = 10,
        *,
        by: "Similarity" = "embedding",
        user: Identifier | None = None,
        cursor: str | None = None,
        **options: Unpack[ListOptions],
    ) -> "RecommendationList":
        """Do what ``similar`` does, in a thread."""
        return await asyncio.to_thread(
            self.similar, item, k, by=by, user=user, cursor=cursor, **options
        )

    async def aexplain(self, user: Identifier, item: Identifier, k: int = 5) -> "Explanation":
        """Do what ``explain`` does, in a thread."""
        return await asyncio.to_thread(self.explain, user, item, k)
