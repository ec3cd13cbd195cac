"""What requests may hold: ids that can be shown, numbers in digits, events as rows of a file."""

from typing import Annotated, Any

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from engine.data.conditions import Condition
from engine.serving import schemas

CONTROL = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]
EVENT = {"user_id": "u", "item_id": "i", "timestamp": "2026-01-02T03:04:05Z"}


@pytest.mark.parametrize("control", CONTROL, ids=[f"U+{ord(one):04X}" for one in CONTROL])
def test_no_id_holds_a_control_character(control: str) -> None:
    text = f"a{control}b"
    for kind in (schemas.Id, schemas.PathId, schemas.Prefix):
        with pytest.raises(ValidationError, match=f"U\\+{ord(control):04X}"):
            TypeAdapter(kind).validate_python(text)
    quoted = "".join(f"%{byte:02x}" for byte in text.encode())
    with pytest.raises(ValidationError, match="control character"):
        TypeAdapter(schemas.PathId).validate_python(quoted)


@pytest.mark.parametrize("name", ["user_id", "item_id", "event_id", "basket_id"])
def test_no_id_of_an_event_holds_one(name: str) -> None:
    with pytest.raises(ValidationError, match="control character"):
        schemas.EventRequest(**(EVENT | {name: "a\x1b[31m"}))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["a b", "é", "😀", "\u202e", "a/b", "a%2Fb", "'; DROP"])
def test_other_characters_may_be_in_ids(text: str) -> None:
    assert TypeAdapter(schemas.Id).validate_python(text) == text


def test_a_segment_of_a_path_is_decoded_once() -> None:
    adapter = TypeAdapter(schemas.PathId)
    assert adapter.validate_python("a%2Fb%2525") == "a/b%25"
    with pytest.raises(ValidationError, match="UTF-8"):
        adapter.validate_python("%ff")


@pytest.mark.parametrize(("kind", "least"), [(schemas.Id, 1), (schemas.Prefix, 0)])
def test_ids_have_as_many_bytes_as_are_allowed(kind: Any, least: int) -> None:
    adapter = TypeAdapter(kind)
    for text in ("x" * schemas.MAX_ID_BYTES, "é" * (schemas.MAX_ID_BYTES // 2), "x" * least):
        assert adapter.validate_python(text) == text
    for text in ("x" * (schemas.MAX_ID_BYTES + 1), "é" * (schemas.MAX_ID_BYTES // 2 + 1)):
        with pytest.raises(ValidationError):
            adapter.validate_python(text)


def test_the_schema_of_an_id_says_so() -> None:
    told = TypeAdapter(Annotated[schemas.Id, Field()]).json_schema()
    assert told["pattern"] == "^[^\\x00-\\x1f\\x7f-\\x9f]*$"
    assert (told["minLength"], told["maxLength"]) == (1, schemas.MAX_ID_BYTES)


@pytest.mark.parametrize("text", ["+5", " 7", "1_0", "10.0", "", "٣", "9999999"])
def test_a_count_is_written_in_digits(text: str) -> None:
    with pytest.raises(ValidationError):
        schemas.ItemQuery.model_validate({"k": text})


def test_conditions_on_one_attribute_are_alternatives() -> None:
    rules = schemas.ItemQuery(where=["kind=tea", "kind=a=b", "price<=20"]).rules()
    assert rules["filters"] == {"kind": ("tea", "a=b")}
    assert rules["conditions"] == (Condition("price", "<=", 20.0),)
    together = schemas.where_rules(["kind=tea", "kind!=mug"], {"kind": ["pot"], "size": ["1"]})
    assert together["filters"] == {"kind": ("tea", "pot"), "size": ("1",)}


def test_an_event_is_a_row_of_text() -> None:
    event = schemas.EventRequest(**EVENT, weight=1e-7, basket_id="b")  # type: ignore[arg-type]
    assert event.as_row() == EVENT | {"event": "interaction", "weight": "1e-07", "basket_id": "b"}


@pytest.mark.parametrize(
    ("text", "names"),
    [("", ()), ("price", ("price",)), ("name,price,image_url", ("name", "price", "image_url"))],
)
def test_attributes_to_return_are_names_with_commas(text: str, names: tuple[str, ...]) -> None:
    assert schemas.RecommendationQuery(**{"return": text}).attribute_names() == names


@pytest.mark.parametrize("text", [",", "a,", "a,,b", "a, b", "A", "a b", ",".join(["a"] * 21)])
def test_what_is_no_list_of_names_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="return"):
        schemas.SimilarQuery(**{"return": text})
