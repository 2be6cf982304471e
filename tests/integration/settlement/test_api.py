"""Relay, accounts and settlement over HTTP: who may do what, and that refused requests change nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from fastapi.testclient import TestClient

from market.api.app import create_app
from market.db.tables.outbox import IntentRow
from suanli.protocol.eip712 import Domain
from suanli.protocol.messages import Delegation, Netting
from suanli.protocol.netting import batch_hash
from suanli.protocol.signatures import sign
from suanli.protocol.states import PaymentState
from suanli.protocol.wire.settlement import BatchView
from tests.integration.chain.world import key
from tests.integration.market.stage import Stage
from tests.integration.settlement.conftest import ALICE, BOB, NODE, OTHER, PURSE
from tests.integration.settlement.market import Market

CAROL = key(4)
NOTHING = "0x" + "00" * 32


@pytest.fixture
def stage(market: Market) -> Iterator[Stage]:
    """The market over HTTP."""
    runtime = market.world.runtime
    with TestClient(create_app(runtime), base_url=runtime.settings.origin) as client:
        yield Stage(runtime, client)


def permit(market: Market, owner: LocalAccount, amount: int) -> dict[str, Any]:
    """An EIP-2612 permit for the Ledger."""
    deployment = market.world.runtime.deployment
    deadline = market.world.now + 600
    fields = ("owner", "spender", "value", "nonce", "deadline")
    types = ("address", "address", "uint256", "uint256", "uint256")
    nonce = market.world.on_chain("TestToken", "nonces", owner.address)
    values = (owner.address, deployment.ledger, amount, nonce, deadline)
    signed = Account.sign_typed_data(
        owner.key,
        {
            "name": "Suanli Test Credit",
            "version": "1",
            "chainId": deployment.chain_id,
            "verifyingContract": deployment.token,
        },
        {"Permit": [{"name": name, "type": type_} for name, type_ in zip(fields, types, strict=True)]},
        dict(zip(fields, values, strict=True)),
    )
    parts = {"v": signed.v, "r": f"0x{signed.r:064x}", "s": f"0x{signed.s:064x}"}
    return {"account": owner.address, "amount": str(amount), "deadline": str(deadline), **parts}


def delegation(market: Market, who: LocalAccount, **changes: Any) -> dict[str, Any]:
    """A signed delegation to the operator; `domain` and `signer` may be somebody else's."""
    runtime = market.world.runtime
    signer, domain = changes.pop("signer", who), changes.pop("domain", runtime.domain)
    values = {
        "account": who.address,
        "delegate": runtime.operator.address,
        "cap": 500,
        "expiry": market.world.now + 600,
        "nonce": 1,
    }
    made = Delegation(**{**values, **changes})
    return {"delegation": {"message": made.to_json(), "signature": sign(signer, domain, made)}}


def test_from_the_faucet_to_a_balance_without_own_gas(market: Market, stage: Stage) -> None:
    intent = stage.ok("POST", "/relay/faucet", CAROL, json={"account": CAROL.address})
    market.world.sync()
    assert stage.ok("GET", f"/intents/{intent['id']}", CAROL)["state"] == "CONFIRMED"
    intent = stage.ok("POST", "/relay/deposit", CAROL, json=permit(market, CAROL, 70_000))
    market.world.sync()
    seen = stage.ok("GET", f"/intents/{intent['id']}", CAROL)
    assert (seen["state"], seen["failure"]) == ("CONFIRMED", None)
    assert stage.ok("GET", f"/accounts/{CAROL.address}")["balance"] == "70000"


def test_a_failed_intent_says_why(market: Market, stage: Stage) -> None:
    intent = stage.ok("POST", "/relay/deposit", CAROL, json=permit(market, CAROL, 70_000))
    market.world.sync()
    seen = stage.ok("GET", f"/intents/{intent['id']}", CAROL)
    assert seen["state"] == "FAILED"
    assert seen["failure"]["reason"] == "CONTRACT_REVERTED"
    assert seen["failure"]["detail"].startswith("ERC20InsufficientBalance(")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"signer": BOB}, "SIGNER_MISMATCH"),
        ({"expiry": 1}, "MESSAGE_EXPIRED"),
        ({"domain": Domain(chain_id=1, ledger="0x" + "1" * 40)}, "SIGNER_MISMATCH"),
    ],
    ids=["another key", "expired", "another chain"],
)
def test_a_bad_delegation_is_refused_before_the_queue(
    market: Market, stage: Stage, changes: dict[str, Any], reason: str
) -> None:
    answer = stage.call("POST", "/relay/delegation", ALICE, json=delegation(market, ALICE, **changes))
    assert (answer.status_code, answer.json()["reason"]) == (400, reason)
    assert market.world.rows(IntentRow) == []


def test_an_older_delegation_cannot_be_replayed(market: Market, stage: Stage) -> None:
    stage.ok("POST", "/relay/delegation", ALICE, json=delegation(market, ALICE, nonce=5))
    market.world.sync()
    answer = stage.call("POST", "/relay/delegation", ALICE, json=delegation(market, ALICE, nonce=4))
    assert (answer.status_code, answer.json()["reason"]) == (400, "MESSAGE_REPLAYED")


def test_parties_fetch_sign_and_see_their_batch_land(market: Market, stage: Stage) -> None:
    receipt = market.desk.due(ALICE, NODE, 1000)
    market.propose()
    for party in (ALICE, NODE):
        (proposal,) = stage.ok("GET", f"/settlement/batches?party={party.address}", party)
        netting = Netting.model_validate(proposal["netting"])
        assert netting.id() == proposal["id"]
        assert netting.batch == batch_hash(bytes.fromhex(proposal["packed"][2:]))
        signature = sign(party, market.world.runtime.domain, netting)
        body = {"party": party.address, "signature": signature}
        stage.ok("POST", f"/settlement/batches/{proposal['id']}/signatures", party, json=body)
        assert stage.ok("GET", f"/settlement/batches?party={party.address}", party) == []
    market.world.sync()
    assert market.desk.payment(receipt) is PaymentState.SETTLED
    (shown,) = stage.ok("GET", "/batches")["items"]
    assert BatchView.model_validate(shown).transaction == market.desk.row(receipt).transaction
    assert stage.ok("GET", f"/batches/{proposal['id']}")["state"] == "SETTLED"


def test_strangers_neither_see_nor_answer_proposals(market: Market, stage: Stage) -> None:
    market.desk.due(ALICE, NODE, 1000)
    market.propose()
    answer = stage.call("GET", f"/settlement/batches?party={ALICE.address}", BOB)
    assert (answer.status_code, answer.json()["reason"]) == (403, "NOT_AUTHORISED")
    (batch,) = market.batches()
    refusal = {"party": NODE.address, "reason": "CHARGE_WRONG", "detail": ""}
    answer = stage.call("POST", f"/settlement/batches/{batch.id}/refusals", BOB, json=refusal)
    assert answer.status_code == 403
    assert len(market.batches()) == 1


def test_a_delegate_acts_for_its_account_over_http(market: Market, stage: Stage) -> None:
    market.world.delegate(ALICE, BOB.address, PURSE)
    market.world.sync()
    market.desk.due(ALICE, NODE, 1000)
    market.propose()
    assert len(stage.ok("GET", f"/settlement/batches?party={ALICE.address}", BOB)) == 1


def test_a_refusal_with_a_reason_of_its_own_words_is_kept(market: Market, stage: Stage) -> None:
    market.desk.due(ALICE, NODE, 10)
    market.desk.due(ALICE, OTHER, 10)
    market.propose()
    (batch,) = market.batches()
    refusal = {"party": OTHER.address, "reason": "NOT_IN_MY_JOURNAL", "detail": "never ran it"}
    stage.ok("POST", f"/settlement/batches/{batch.id}/refusals", OTHER, json=refusal)
    shown = stage.ok("GET", f"/batches/{batch.id}")
    (place,) = [one for one in shown["parties"] if one["party"] == OTHER.address]
    assert place["reason"] == {"reason": "BATCH_MISMATCH", "detail": "NOT_IN_MY_JOURNAL: never ran it"}
    assert shown["state"] == "REPLACED"


@pytest.mark.parametrize("kind", ["batches", "statements"])
def test_unknown_proposals_are_not_found(stage: Stage, kind: str) -> None:
    body = {"party": ALICE.address, "signature": "0x" + "11" * 64}
    answer = stage.call("POST", f"/settlement/{kind}/{NOTHING}/signatures", ALICE, json=body)
    assert (answer.status_code, answer.json()["reason"]) == (404, "NOT_FOUND")


def test_the_faucet_is_shut_where_money_is_real(market: Market, stage: Stage) -> None:
    real = market.world.runtime.settings.model_copy(update={"development": False})
    object.__setattr__(market.world.runtime, "settings", real)
    answer = stage.call("POST", "/relay/faucet", CAROL, json={"account": CAROL.address})
    assert (answer.status_code, answer.json()["reason"]) == (403, "NOT_AUTHORISED")


def test_health_tells_how_far_the_index_is(market: Market, stage: Stage) -> None:
    health = stage.ok("GET", "/health")
    assert health["indexed_block"] == market.world.chain.head()
    assert set(health["leaders"].values()) == {False}
