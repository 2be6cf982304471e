import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.client.yaml_source import YamlFault, read_yaml
from suanli.protocol.reasons import Reason


def test_every_part_knows_its_line() -> None:
    source = read_yaml("a: 1\nb:\n  c: x\n  d: [1,\n    2]\n")
    assert source.value == {"a": 1, "b": {"c": "x", "d": [1, 2]}}
    assert [source.line(path) for path in (("a",), ("b",), ("b", "d"), ("b", "d", 1))] == [1, 2, 4, 5]
    assert source.line(("b", "missing")) == 2


def test_money_keeps_its_digits_and_norway_its_name() -> None:
    value = read_yaml(
        'price: 2.50\ncountry: no\ntime: 1:30\nid: 007\nanswer: true\nnothing: ~\ntext: "5"'
    ).value
    assert value == {
        "price": "2.50",
        "country": "no",
        "time": "1:30",
        "id": "007",
        "answer": True,
        "nothing": None,
        "text": "5",
    }


LAUGHS = "a: &a [ha, ha]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(30))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (LAUGHS, 1, "anchors"),
        ("a: 1\nb: *a", 2, "aliases"),
        ("a: !!python/object/apply:os.system [ls]", 1, "tag"),
        ("a: 1\na: 2", 2, "twice"),
        ("a: [1\nb: 2", 2, "not YAML"),
        ("a: 1\n\tb: 2", 2, "not YAML"),
        ("? [1]\n: 2", 1, "plain text"),
        ("a: 1\n---\nb: 2", 2, "more than one"),
        ("", 1, "empty"),
        ("# nothing", 1, "empty"),
        ("[" * 500, 1, "deeply"),
        ("a: \x00", None, "not YAML"),
    ],
)
def test_what_is_no_plain_document_is_refused_with_its_line(text: str, line: int | None, words: str) -> None:
    with pytest.raises(YamlFault) as fault:
        read_yaml(text)
    assert fault.value.finding.reason is Reason.DOCUMENT_MALFORMED
    assert words in fault.value.finding.detail
    assert fault.value.finding.line == line


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(YamlFault):
        read_yaml(text)
