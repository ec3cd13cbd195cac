"""The form of every answer in JSON: a field without a value is left out, so none is null.

The OpenAPI page says the same: such a field is not required, and what it holds is never null.
"""

from collections.abc import Callable
from typing import Any

from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict

_NULL = {"type": "null"}


def _without_null(schema: dict[str, Any]) -> None:
    """Turn fields that may be null into fields that may be missing."""
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        kinds = field.get("anyOf", [])
        if _NULL not in kinds:
            continue
        kinds.remove(_NULL)
        if len(kinds) == 1:
            field.update(field.pop("anyOf")[0])
        field.pop("default", None)
        if name in required:
            required.remove(name)


class AnswerModel(BaseModel):
    """An answer, or a part of one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra=_without_null,
        json_schema_serialization_defaults_required=True,
    )


class AnswerRoute(APIRoute):
    """A route whose answers are of that form."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        options["response_model_exclude_none"] = True
        super().__init__(path, endpoint, **options)
