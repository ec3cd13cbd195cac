"""No answer holds a null, and the OpenAPI page says which fields may be missing for that."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from engine.serving import app
from engine.serving.answer_form import AnswerModel, AnswerRoute

PAGE = app.routes(docs=True).openapi()


class Part(AnswerModel):
    size: float | str | None


class Whole(AnswerModel):
    count: int
    name: str | None
    part: Part
    parts: tuple[Part, ...] = ()


def _routes() -> FastAPI:
    made = FastAPI()
    made.router.route_class = AnswerRoute

    @made.get("/whole")
    def whole() -> Whole:
        return Whole(count=0, name=None, part=Part(size=None), parts=(Part(size=2),))

    return made


def test_a_field_without_a_value_is_left_out() -> None:
    async def ask() -> Any:
        transport = httpx.ASGITransport(_routes())
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return (await client.get("/whole")).json()

    assert asyncio.run(ask()) == {"count": 0, "part": {}, "parts": [{"size": 2}]}


def test_the_page_says_what_may_be_missing_and_that_nothing_is_null() -> None:
    described = _routes().openapi()["components"]["schemas"]
    assert described["Whole"]["required"] == ["count", "part", "parts"]
    assert described["Whole"]["properties"]["name"] == {"type": "string", "title": "Name"}
    assert described["Part"]["required"] == []
    kinds = described["Part"]["properties"]["size"]["anyOf"]
    assert [kind["type"] for kind in kinds] == ["number", "string"]


@pytest.mark.parametrize("path", [path for path in PAGE["paths"] if path != "/metrics"])
def test_no_route_answers_with_a_null(path: str) -> None:
    for operation in PAGE["paths"][path].values():
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
        assert {"type": "null"} not in list(_parts(answer))


def _parts(schema: Any) -> Iterator[Any]:
    """Yield every part of a schema, and of those that it refers to."""
    if isinstance(schema, dict):
        yield schema
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            yield from _parts(PAGE["components"]["schemas"][name])
        for value in schema.values():
            yield from _parts(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _parts(value)
