from engine.data.reading.read_options import ReadOptions


def test_columns_of_a_kind_count_before_those_of_every_file() -> None:
    options = ReadOptions(columns=("a", "b"), columns_of={"items": ("id", "name")})
    assert options.of("items").columns == ("id", "name")
    assert options.of("events").columns == ("a", "b")


def test_a_file_beside_another_has_columns_of_its_own_only() -> None:
    options = ReadOptions(columns=("a", "b"), columns_of={"links": ("item_id", "entity_id")})
    assert options.beside("links").columns == ("item_id", "entity_id")
    assert options.beside("predictions").columns == ()
    assert options.beside("links").delimiter is options.delimiter
