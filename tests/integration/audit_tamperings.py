"""What a liar may do to a payment or to its evidence, and the checks that must name it.

Each entry spoils one honest bundle of a world and returns the transaction to audit.
"""

from collections.abc import Callable

from suanli.protocol.eip712 import Domain
from suanli.protocol.evidence import EvidenceBundle
from tests.integration.anvil import CHAIN_ID
from tests.integration.audit_world import World, task_of
from tests.unit.protocol.bundles import Cast, job
from tests.unit.protocol.strategies import KEYS

STRANGER = KEYS[4]
OTHER_SERIAL = 999
"""One that no lease in these tests has."""

Spoil = Callable[[World, EvidenceBundle], str]


def wrong_amount(world: World, bundle: EvidenceBundle) -> str:
    return world.settle(1, task_of(bundle, amount=bundle.receipt.message.amount + 1))


def other_receipt(world: World, bundle: EvidenceBundle) -> str:
    return world.settle(1, task_of(bundle, receipt="0x" + "de" * 32))


def receipt_of_another_under_this_name(world: World, bundle: EvidenceBundle) -> str:
    world.keep(world.cast.bundle(job("other"), 0), bundle.receipt.message.id())
    return world.settle(1, task_of(bundle))


def swapped_node(world: World, bundle: EvidenceBundle) -> str:
    world.connect(Cast(world.domain, node=STRANGER))
    return world.settle(1, task_of(bundle, node=STRANGER.address))


def swapped_buyer(world: World, bundle: EvidenceBundle) -> str:
    world.endow(STRANGER)
    return world.settle(1, task_of(bundle, buyer=STRANGER.address))


def other_serial(world: World, bundle: EvidenceBundle) -> str:
    return world.settle(1, task_of(bundle, serial=OTHER_SERIAL))


def other_payee(world: World, bundle: EvidenceBundle) -> str:
    world.payees[bundle.lease.message.node] = STRANGER.address
    return world.settle(1, task_of(bundle))


def paid_twice(world: World, bundle: EvidenceBundle) -> str:
    world.settle(1, task_of(bundle))
    return world.settle(2, task_of(bundle, serial=OTHER_SERIAL))


def paid_by_batch_and_statement(world: World, bundle: EvidenceBundle) -> str:
    world.settle(1, task_of(bundle))
    return world.settle_statement([bundle], serials=[OTHER_SERIAL])


def statement_of_a_wrong_amount(world: World, bundle: EvidenceBundle) -> str:
    return world.settle_statement([bundle], amount=bundle.receipt.message.amount + 1)


def statement_to_another_payee(world: World, bundle: EvidenceBundle) -> str:
    return world.settle_statement([bundle], payee=STRANGER.address)


def statement_over_other_receipts(world: World, bundle: EvidenceBundle) -> str:
    return world.settle_statement([bundle], receiptsRoot="0x" + "de" * 32)


def row_of_a_wrong_amount(world: World, bundle: EvidenceBundle) -> str:
    return world.settle_rows([bundle], amount=bundle.receipt.message.amount + 1)


def row_to_another_payee(world: World, bundle: EvidenceBundle) -> str:
    return world.settle_rows([bundle], payee=STRANGER.address)


def row_of_another_serial(world: World, bundle: EvidenceBundle) -> str:
    return world.settle_rows([bundle], serials=[OTHER_SERIAL])


def paid_by_batch_and_row(world: World, bundle: EvidenceBundle) -> str:
    world.settle(1, task_of(bundle))
    return world.settle_rows([bundle], serials=[OTHER_SERIAL])


def root_of_a_wrong_sum(world: World, bundle: EvidenceBundle) -> str:
    return world.settle_root(1, [bundle], task_of(bundle, amount=bundle.receipt.message.amount + 1))


def root_of_another_serial(world: World, bundle: EvidenceBundle) -> str:
    return world.settle_root(1, [bundle], task_of(bundle, serial=OTHER_SERIAL))


def root_over_another_receipt(world: World, bundle: EvidenceBundle) -> str:
    return world.settle_root(1, [bundle], task_of(bundle, receipt="0x" + "de" * 32))


def root_whose_receipts_nobody_shows(world: World, bundle: EvidenceBundle) -> str:
    return world.settle_root(1, [bundle], keep=False)


def forged_lease_signature(world: World, bundle: EvidenceBundle) -> str:
    world.keep(bundle.model_copy(update={"lease": world.cast.signed(STRANGER, bundle.lease.message)}))
    return world.settle(1, task_of(bundle))


def order_signed_by_a_stranger(world: World, bundle: EvidenceBundle) -> str:
    world.keep(bundle.model_copy(update={"order": world.cast.signed(STRANGER, bundle.order.message)}))
    return world.settle(1, task_of(bundle))


def changed_specification(world: World, bundle: EvidenceBundle) -> str:
    spec = bundle.spec.model_copy(update={"arguments": ["changed"]})
    world.keep(bundle.model_copy(update={"spec": spec}))
    return world.settle(1, task_of(bundle))


def changed_terms(world: World, bundle: EvidenceBundle) -> str:
    world.keep(bundle.model_copy(update={"terms": world.cast.terms(stake=1)}))
    return world.settle(1, task_of(bundle))


def overcharged_receipt(world: World, bundle: EvidenceBundle) -> str:
    receipt = bundle.receipt.message.model_copy(update={"amount": bundle.receipt.message.amount + 5})
    bundle = bundle.model_copy(update={"receipt": world.cast.signed(world.cast.node, receipt)})
    world.keep(bundle)
    return world.settle(1, task_of(bundle))


def evidence_of_another_deployment(world: World, bundle: EvidenceBundle) -> str:
    elsewhere = Domain(chain_id=CHAIN_ID, ledger=world.deployment.token)
    world.keep(bundle.model_copy(update={"domain": elsewhere}))
    return world.settle(1, task_of(bundle))


TAMPERINGS: dict[Spoil, set[str]] = {
    wrong_amount: {"amount_paid"},
    other_receipt: {"evidence"},
    receipt_of_another_under_this_name: {"evidence"},
    swapped_node: {"node_paid"},
    swapped_buyer: {"buyer_paid"},
    other_serial: {"serial_paid"},
    other_payee: {"payee", "payee_paid"},
    paid_twice: {"serial_paid", "paid_once"},
    paid_by_batch_and_statement: {"serial_paid", "serials_marked", "paid_once"},
    statement_of_a_wrong_amount: {"statement_sum"},
    statement_to_another_payee: {"payee", "payee_paid"},
    statement_over_other_receipts: {"receipts_root", "statement_sum", "serials_marked"},
    row_of_a_wrong_amount: {"statement_sum"},
    row_to_another_payee: {"payee", "payee_paid"},
    row_of_another_serial: {"serial_paid", "serials_marked"},
    paid_by_batch_and_row: {"serial_paid", "serials_marked", "paid_once"},
    root_of_a_wrong_sum: {"root_sums"},
    root_of_another_serial: {"serial_paid", "serials_marked"},
    root_over_another_receipt: {"evidence", "root_sums", "serials_marked"},
    root_whose_receipts_nobody_shows: {"receipts_root", "root_sums", "serials_marked"},
    forged_lease_signature: {"lease_signature"},
    order_signed_by_a_stranger: {"order_signature"},
    changed_specification: {"spec_hash", "spec_proof"},
    changed_terms: {"connected"},
    overcharged_receipt: {"charge"},
    evidence_of_another_deployment: {
        "deployment",
        "order_signature",
        "lease_signature",
        "receipt_signature",
        "ask_signature",
        "terms_node_signature",
        "terms_owner_signature",
    },
}
