import pytest
from hypothesis import given
from hypothesis import strategies as st

from suanli.client.expansion import ExpansionFault, Item, expand

FILE = Item(3, "photos/cat.jpg", "photos/cat.jpg")


def test_a_task_s_own_values_are_filled_in() -> None:
    assert expand("{index}-{stem}-{name}-{item}", FILE) == "3-cat-cat.jpg-photos/cat.jpg"


def test_doubled_braces_are_braces() -> None:
    assert expand("{{item}}", FILE) == "{item}"


@given(st.text(max_size=30))
def test_an_item_is_never_expanded_itself(text: str) -> None:
    assert expand("<{item}>", Item(0, text)) == f"<{text}>"


@pytest.mark.parametrize(
    "template", ["{stm}", "{item.name}", "{item[0]}", "{item!r}", "{index:04d}", "{}", "{0}"]
)
def test_anything_else_in_braces_is_refused(template: str) -> None:
    with pytest.raises(ExpansionFault):
        expand(template, FILE)


def test_a_mistyped_value_gets_a_suggestion() -> None:
    with pytest.raises(ExpansionFault) as fault:
        expand("{stm}", FILE)
    assert fault.value.suggestion == "did you mean 'stem'?"


def test_a_file_s_name_is_not_there_for_a_list() -> None:
    with pytest.raises(ExpansionFault) as fault:
        expand("{name}", Item(0, "Ada"))
    assert fault.value.suggestion == "write {item}"


def test_a_lone_brace_is_refused_with_the_way_to_write_it() -> None:
    with pytest.raises(ExpansionFault) as fault:
        expand("{item", FILE)
    assert "{{" in str(fault.value.suggestion)
