"""From a run to its receipt: the manifest, the usage, the charge. Pure; the key signs elsewhere."""

from eth_utils.crypto import keccak

from provider_agent.executors.base import Run
from suanli.protocol.charging import receipt_charge
from suanli.protocol.documents import ResultManifest, TaskSpec
from suanli.protocol.messages import Lease, Receipt, Usage
from suanli.protocol.units import memory_fuel

_SEED_TAG = b"suanli.random.1"


def random_seed(lease: Lease) -> bytes:
    """What a task's random bytes depend on: the order and the task, so that all its copies see the same."""
    return keccak(_SEED_TAG + bytes.fromhex(lease.order[2:]) + lease.task.to_bytes(4, "big"))


def make_manifest(run: Run) -> ResultManifest:
    """What the run yielded; a failed program's outputs do not count."""
    return ResultManifest(
        outcome=run.outcome,
        exit_code=run.exit_code,
        reason=run.reason,
        outputs=list(run.outputs) if run.reason is None else [],
    )


def make_receipt(lease: Lease, spec: TaskSpec, run: Run) -> tuple[Receipt, ResultManifest]:
    """The receipt to sign, and the manifest that it commits to."""
    manifest = make_manifest(run)
    usage = Usage(
        fuel=run.fuel,
        memoryFuel=memory_fuel(run.memory_bytes, run.fuel),
        ingress=spec.input_bytes(),
        egress=manifest.output_bytes(),
    )
    receipt = Receipt(
        lease=lease.id(),
        outcome=run.outcome,
        result=manifest.content_hash(),
        usage=usage,
        amount=receipt_charge(lease, usage),
    )
    return receipt, manifest
