"""The plan of a deployment and its file."""

import pytest

from suanli.protocol.abi import load
from suanli.protocol.deployment import DeploymentParameters, create_address, from_text, plan, to_text
from suanli.protocol.errors import ProtocolError
from suanli.protocol.reasons import Reason
from suanli.protocol.wire.accounts import Deployment

DEPLOYER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
TOKEN = "0x00000000000000000000000000000000000000AA"
PARAMETERS = DeploymentParameters(fee_recipient=DEPLOYER)


def test_created_contracts_get_the_address_that_every_node_computes():
    """Known from countless development chains: the first two contracts of anvil's first account."""
    assert create_address(DEPLOYER, 0) == "0x5FbDB2315678afecb367f032d93F642f64180aa3"
    assert create_address(DEPLOYER, 1) == "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512"


def test_plan_makes_a_test_token_only_where_none_is_given():
    names = [step.name for step in plan(DEPLOYER, 0, PARAMETERS)]
    assert names == ["TestToken", "Ledger", "GridRegistry", "Settlement"]
    own_token = DeploymentParameters(fee_recipient=DEPLOYER, token=TOKEN)
    steps = plan(DEPLOYER, 0, own_token)
    assert [step.name for step in steps] == names[1:]
    assert steps[0].arguments[0] == TOKEN


def test_contracts_are_told_each_others_foretold_addresses():
    token, ledger, registry, settlement = plan(DEPLOYER, 7, PARAMETERS)
    assert [step.address for step in (token, ledger, registry, settlement)] == [
        create_address(DEPLOYER, 7 + place) for place in range(4)
    ]
    assert ledger.arguments[:3] == (token.address, registry.address, settlement.address)
    assert registry.arguments[:2] == (ledger.address, settlement.address)
    assert settlement.arguments[:2] == (ledger.address, registry.address)


def test_plan_gives_each_constructor_what_its_abi_asks_for():
    for step in plan(DEPLOYER, 0, PARAMETERS):
        constructors = [entry for entry in load(step.name).abi if entry["type"] == "constructor"]
        asked = constructors[0]["inputs"] if constructors else []
        assert len(step.arguments) == len(asked)
        for argument, field in zip(step.arguments, asked, strict=True):
            assert isinstance(argument, str if field["type"] == "address" else int)


@pytest.mark.parametrize(
    "wrong",
    [
        {"fee_basis_points": 1001},
        {"fee_basis_points": -1},
        {"thaw_seconds": 90 * 24 * 3600 + 1},
        {"unbonding_seconds": -1},
        {"minimum_stake": 1 << 88},
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
