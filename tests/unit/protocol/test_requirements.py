import pytest
from pydantic import ValidationError

from suanli.protocol.offering import Offering
from suanli.protocol.requirements import Requirements


def test_equal_sets_have_one_hash_in_whatever_order_they_are_written() -> None:
    one, other = Offering(labels=("gpu", "avx512")), Offering(labels=("avx512", "gpu"))
    assert one.content_hash() == other.content_hash()
    assert Offering.parse(one.canonical()) == one


def test_requirements_that_want_nothing_are_neutral() -> None:
    assert Requirements().is_neutral()
    assert not Requirements(regions=("eu",)).is_neutral()


@pytest.mark.parametrize(
    "wrong",
    [
        {"regions": ["EU"]},
        {"regions": ["eu", "eu"]},
        {"labels": ["two words"]},
        {"minimum_trust_basis_points": 10_001},
        {"maximum_latency_milliseconds": -1},
        {"maximum_latency_milliseconds": 1.5},
        {"worth": {"micro_atoms_per_carbon_gram": 1 << 64}},
        {"unknown": 1},
    ],
)
def test_absurd_requirements_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Requirements.model_validate(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"region": "eu west"},
        {"surge": [{"used_share_basis_points": 5000, "price_basis_points": 9999}]},
        {
            "surge": [
                {"used_share_basis_points": 5000, "price_basis_points": 12000},
                {"used_share_basis_points": 5000, "price_basis_points": 13000},
            ]
        },
        {
            "surge": [
                {"used_share_basis_points": 5000, "price_basis_points": 12000},
                {"used_share_basis_points": 6000, "price_basis_points": 11000},
            ]
        },
    ],
)
def test_absurd_offerings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Offering.model_validate(wrong)
