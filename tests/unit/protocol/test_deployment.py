"""The plan of a deployment and its file."""

import pytest

from suanli.protocol.abi import load
from suanli.protocol.deployment import (
    CONTRACTS,
    DeploymentParameters,
    create_address,
    from_text,
    plan,
    to_text,
)
from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.accounts import Deployment

DEPLOYER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
TOKEN = "0x00000000000000000000000000000000000000AA"
OTHER = "0x00000000000000000000000000000000000000bb"
PARAMETERS = DeploymentParameters(fee_recipient=DEPLOYER)


def test_created_contracts_get_the_address_that_every_node_computes():
    """Known from countless development chains: the first two contracts of anvil's first account."""
    assert create_address(DEPLOYER, 0) == "0x5FbDB2315678afecb367f032d93F642f64180aa3"
    assert create_address(DEPLOYER, 1) == "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512"


def test_plan_makes_a_test_token_only_where_none_is_given():
    names = [step.name for step in plan(DEPLOYER, 0, PARAMETERS)]
    assert names == ["TestToken", *CONTRACTS]
    own_token = DeploymentParameters(fee_recipient=DEPLOYER, token=TOKEN)
    steps = plan(DEPLOYER, 0, own_token)
    assert [step.name for step in steps] == names[1:]
    assert arguments_of(steps, "Ledger")["token_"] == TOKEN


def test_contracts_are_told_each_others_foretold_addresses():
    steps = plan(DEPLOYER, 7, PARAMETERS)
    at = {step.name: step.address for step in steps}
    assert [step.address for step in steps] == [create_address(DEPLOYER, 7 + place) for place in range(8)]
    told = {
        "token_": at["TestToken"],
        "authority_": at["Authority"],
        "ledger_": at["Ledger"],
        "ledger": at["Ledger"],
        "registry_": at["GridRegistry"],
        "settlement_": at["Settlement"],
        "bidding_": at["Bidding"],
        "court_": at["ClaimCourt"],
        "modules": (at["Bidding"], at["EpochAnchors"], at["ClaimCourt"]),
        "pausable": (at["Ledger"], at["GridRegistry"], at["Bidding"], at["EpochAnchors"]),
    }
    for step in steps:
        for name, value in arguments_of(steps, step.name).items():
            assert value == told.get(name, value), f"{step.name}: {name}"


def test_plan_gives_each_constructor_what_its_abi_asks_for():
    kinds = {"address": str, "address[]": tuple, "tuple": tuple}
    for step in plan(DEPLOYER, 0, PARAMETERS):
        asked = inputs_of(step.name)
        assert len(step.arguments) == len(asked)
        for argument, field in zip(step.arguments, asked, strict=True):
            assert isinstance(argument, kinds.get(field["type"], int))
            assert len(field.get("components", ())) in (0, len(argument) if type(argument) is tuple else 0)


def test_deployer_governs_and_pauses_where_nobody_is_named():
    authority = arguments_of(plan(DEPLOYER, 0, PARAMETERS), "Authority")
    assert (authority["governor"], authority["pauser"]) == (DEPLOYER, DEPLOYER)
    named = DeploymentParameters(fee_recipient=DEPLOYER, governor=TOKEN, pauser=OTHER)
    authority = arguments_of(plan(DEPLOYER, 0, named), "Authority")
    assert (authority["governor"], authority["pauser"]) == (TOKEN, OTHER)


def test_development_waits_are_short_and_can_be_chosen():
    short = DeploymentParameters.development(DEPLOYER, thaw_seconds=5)
    assert (short.thaw_seconds, short.unbonding_seconds, short.governor_delay_seconds) == (5, 3600, 0)


def inputs_of(name):
    """The constructor's inputs in the ABI."""
    constructors = [entry for entry in load(name).abi if entry["type"] == "constructor"]
    return constructors[0]["inputs"] if constructors else []


def arguments_of(steps, name):
    """A planned contract's arguments by the names that the constructor gives them."""
    (step,) = (step for step in steps if step.name == name)
    return {field["name"]: value for field, value in zip(inputs_of(name), step.arguments, strict=True)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"fee_basis_points": 1001},
        {"fee_basis_points": -1},
        {"thaw_seconds": 90 * 24 * 3600 + 1},
        {"unbonding_seconds": -1},
        {"minimum_stake": 1 << 88},
        {"operator_bond": 1 << 128},
        {"governor_delay_seconds": 1 << 32},
        {"anchor_grace_seconds": -1},
        {"module_delay_seconds": 15 * 24 * 3600},
        {"module_delay_seconds": 3651 * 24 * 3600},
        {"claim_grace_seconds": 5 * 24 * 3600 - 1},
        {"unbonding_seconds": 5 * 24 * 3600 - 1},
    ],
)
def test_operator_cannot_plan_what_the_contracts_refuse(wrong):
    with pytest.raises(ProtocolError) as refused:
        DeploymentParameters(fee_recipient=DEPLOYER, **wrong)
    assert refused.value.reason is Reason.SETTINGS_INVALID


def test_deployment_file_reads_back_as_written():
    deployment = Deployment(
        chain_id=31337,
        ledger=create_address(DEPLOYER, 1),
        registry=create_address(DEPLOYER, 2),
        settlement=create_address(DEPLOYER, 3),
        authority=create_address(DEPLOYER, 4),
        bidding=create_address(DEPLOYER, 5),
        anchors=create_address(DEPLOYER, 6),
        court=create_address(DEPLOYER, 7),
        token=create_address(DEPLOYER, 0),
        token_symbol="TSC",
        token_decimals=6,
        fee_basis_points=100,
        thaw_seconds=86_400,
        operator=DEPLOYER,
        first_block=1,
    )
    assert from_text(to_text(deployment)) == deployment


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"chain_id": "one"}'])
def test_file_that_is_no_deployment_is_refused_with_a_reason(text):
    with pytest.raises(ProtocolError) as refused:
        from_text(text)
    assert refused.value.reason is Reason.DOCUMENT_MALFORMED
