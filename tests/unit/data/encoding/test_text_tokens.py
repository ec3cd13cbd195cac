"""Texts as tokens, by hand; and which attributes are sentences."""

from engine.data.encoding.text_tokens import are_sentences, folded, tokens


def test_case_and_accents_are_folded() -> None:
    assert folded("Crème BRÛLÉE") == "creme brulee"
    assert folded("STRASSE") == folded("Straße")
    assert folded("Łódź Ångström naïve") == "łodz angstrom naive"
    assert folded("\uff26\uff35\uff2c\uff2c") == "full"
    # Composed and decomposed are one text.
    assert folded("e\u0301te\u0301") == folded("\u00e9t\u00e9") == "ete"


def test_words_pairs_and_pieces() -> None:
    assert tokens("Tea, hot!") == [
        "w:tea",
        "w:hot",
        "w:tea hot",
        *("c: te", "c:tea", "c:ea ", "c: tea", "c:tea ", "c: tea "),
        *("c: ho", "c:hot", "c:ot ", "c: hot", "c:hot ", "c: hot "),
    ]
    assert tokens("a") == ["w:a", "c: a "]
    assert tokens("") == []


def test_languages_share_what_they_share() -> None:
    def shared(one: str, two: str) -> set[str]:
        return set(tokens(one)) & set(tokens(two))

    assert "c:wein" in shared("Rotwein", "Weinglas")
    assert "w:кофе" in shared("Чёрный кофе", "КОФЕ")
    assert shared("緑茶の葉", "紅茶の葉"), "a script without blanks"
    assert not shared("tea", "mug")


def test_signs_of_vowels_and_tones_are_letters() -> None:
    assert tokens("हिन्दी भाषा")[:3] == ["w:हिन्दी", "w:भाषा", "w:हिन्दी भाषा"]
    assert tokens("தமிழ், বাংলা")[:2] == ["w:தமிழ்", "w:বাংলা"]
    assert tokens("กิน")[:3] == ["w:กิน", "c: กิ", "c:กิน"]
    assert not set(tokens("กิน")) & set(tokens("กัน")), "another vowel is another word"
    assert folded("がか") == "がか"
    assert folded("العَرَبِيَّة") == "العربية"
    assert tokens("a\u0327\ufe0f \U0001f355\ufe0f \u2764\ufe0f") == tokens("a")


def test_a_long_text_counts_up_to_a_length() -> None:
    assert tokens("a " * 10_000 + "zebra") == tokens("a " * 10_000)


def test_sentences() -> None:
    titles = [f"The number {n} of many films" for n in range(40)]
    assert are_sentences(titles)
    assert not are_sentences(titles[:20]), "too few to tell"
    assert not are_sentences(titles[:21] + titles[:3] * 10), "shared: words"
    assert not are_sentences([f"brand {n}" for n in range(40)]), "short"
    assert not are_sentences([str(n * 1.5) for n in range(40)])
    assert not are_sentences([*titles, ["a", "list"]])
    assert not are_sentences([])
    assert are_sentences([f"这是一本关于历史和文化的好书第{n}卷" for n in range(40)])
    assert are_sentences([f"नदी के पास घर {n}" for n in range(40)])
    assert not are_sentences([f"绿茶饮料{n}" for n in range(40)]), "short"
    assert are_sentences([f"ein Tee aus {'Darjeeling' * (n % 7)} Nr {n}" for n in range(40)])
