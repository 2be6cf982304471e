"""What an operator may choose for a deployment, and which words tell it what it chose wrongly."""

import tomllib

import pytest
from eth_utils.address import to_checksum_address

from market.roles.parameters import parameters
from suanli.protocol.court_rules import CourtRules
from suanli.protocol.deployment import DAY, DeploymentParameters
from suanli.protocol.errors import SuanliError
from suanli.protocol.reasons import Reason

OPERATOR, TREASURY, TOKEN = (to_checksum_address(byte * 40) for byte in "123")
NOBODY = "0x" + "00" * 20
EVERYTHING = f"""
token = "{TOKEN}"
fee_recipient = "{TREASURY}"
fee_basis_points = 250
minimum_stake = 7
operator_bond = 9
thaw_seconds = 1
unbonding_seconds = 900
claim_grace_seconds = 901
anchor_grace_seconds = 60
module_delay_seconds = 1000
governor = "{TREASURY}"
governor_delay_seconds = 5
pauser = "{OPERATOR}"

[court]
claim_window_seconds = 100
draw_seconds = 101
commit_seconds = 102
open_seconds = 103
appeal_seconds = 104
seed_delay_blocks = 2
claim_bond = 5000
challenge_bond = 5001
appeal_bond = 5002
juror_slash = 5003
juror_fee = 500
"""


def made(text: str = "", development: bool = False) -> DeploymentParameters:
    """The parameters that a file's text makes."""
    return parameters(tomllib.loads(text), fee_recipient=OPERATOR, development=development)


def test_without_a_choice_the_protocols_defaults_count_and_the_operator_gets_the_fees() -> None:
    assert made() == DeploymentParameters(OPERATOR)
    assert made(development=True) == DeploymentParameters.development(OPERATOR)


def test_a_file_may_choose_everything() -> None:
    court = CourtRules(100, 101, 102, 103, 104, 2, 5000, 5001, 5002, 5003, 500)
    wanted = DeploymentParameters(
        TREASURY, 250, 7, 1, 900, 1000, 5, 901, 60, 9, court, TOKEN, TREASURY, OPERATOR
    )
    assert made(EVERYTHING) == wanted


def test_what_is_not_chosen_of_the_court_keeps_its_default() -> None:
    text = "fee_basis_points = 3\n[court]\njuror_fee = 1"
    assert made(text).court == CourtRules(juror_fee=1)
    short = made(text, development=True)
    assert (short.fee_basis_points, short.thaw_seconds) == (3, 3600)
    assert short.court.claim_window_seconds == CourtRules.development().claim_window_seconds


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fees = 3", "there is no parameter fees"),
        ("[court]\nwindow = 3", "there is no parameter court.window"),
        ("court = 3", "court is a table"),
        ("fee_basis_points = 1.5", "fee_basis_points is a whole number"),
        ("fee_basis_points = true", "fee_basis_points is a whole number"),
        ("fee_basis_points = -1", "fee_basis_points is a whole number"),
        ("fee_basis_points = '3'", "fee_basis_points is a whole number"),
        ("[court]\njuror_fee = 'much'", "court.juror_fee is a whole number"),
        ("fee_basis_points = 1001", "the fee is 0 to 1000 basis points"),
        ("unbonding_seconds = 60", "unbonding and claim grace outlast the longest dispute"),
        ("module_delay_seconds = 60", "a module waits longer"),
        (f"thaw_seconds = {91 * DAY}", "each wait is 0 seconds to 90 days"),
        ("operator_bond = 0", "the operator's bond"),
        ("[court]\njuror_fee = 100000", "the bonds must pay the jurors"),
        ("[court]\nseed_delay_blocks = 0", "the court's times and delay"),
        ("token = 3", "token is an address"),
        ("token = '0x12'", "token is an address"),
        (f"pauser = '{NOBODY}'", "pauser is nobody's address"),
    ],
)
def test_a_wrong_choice_is_named(text: str, words: str) -> None:
    with pytest.raises(SuanliError) as error:
        made(text)
    assert error.value.reason is Reason.SETTINGS_INVALID
    assert words in error.value.detail
