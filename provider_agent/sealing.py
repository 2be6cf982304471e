"""From a run to its receipt: the manifest, the usage, the charge. Pure; the key signs elsewhere."""

from eth_utils.crypto import keccak

from provider_agent.executors.base import Run
from suanli.protocol.charging import receipt_charge
from suanli.protocol.documents import BlobReference, ResultManifest, TaskSpec
from suanli.protocol.messages import Lease, Receipt, Usage
from suanli.protocol.units import memory_fuel
from suanli.protocol.values import Hash

_SEED_TAG = b"suanli.random.1"


def random_seed(lease: Lease) -> bytes:
    """What a task's random bytes depend on: the order and the task, so that all its copies see the same."""
    return task_seed(lease.order, lease.task)


def task_seed(order: Hash, task: int) -> bytes:
    """The same for number `task` of an order or an auction."""
    return keccak(_SEED_TAG + bytes.fromhex(order[2:]) + task.to_bytes(4, "big"))


def references_of(spec: TaskSpec) -> list[BlobReference]:
    """The module and the inputs; a module is a blob like the others."""
    return [BlobReference(path="module", hash=spec.module, size=spec.module_size), *spec.inputs]


def make_manifest(run: Run) -> ResultManifest:
    """What the run yielded; a failed program's outputs do not count."""
    return ResultManifest(
        outcome=run.outcome,
        exit_code=run.exit_code,
        reason=run.reason,
        outputs=list(run.outputs) if run.reason is None else [],
    )


def measure(spec: TaskSpec, run: Run) -> tuple[Usage, ResultManifest]:
    """What a run used and what it yielded, equal on every honest machine."""
    manifest = make_manifest(run)
    usage = Usage(
        fuel=run.fuel,
        memoryFuel=memory_fuel(run.memory_bytes, run.fuel),
        ingress=spec.input_bytes(),
        egress=manifest.output_bytes(),
    )
    return usage, manifest


def make_receipt(lease: Lease, spec: TaskSpec, run: Run) -> tuple[Receipt, ResultManifest]:
    """The receipt to sign, and the manifest that it commits to."""
    usage, manifest = measure(spec, run)
    receipt = Receipt(
        lease=lease.id(),
        outcome=run.outcome,
        result=manifest.content_hash(),
        usage=usage,
        amount=receipt_charge(lease, usage),
    )
    return receipt, manifest
