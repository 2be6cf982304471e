"""What a task may cost and did cost, from messages and documents: the cap of a lease, the sum of a receipt.

The formula itself is `units.charge`; here it meets limits, specifications and manifests. Pure.
"""

from suanli.protocol.documents import ResultManifest, TaskSpec
from suanli.protocol.messages import Lease, Limits, Prices, Receipt, Usage
from suanli.protocol.units import Money, charge, memory_fuel


def usage_at_limits(limits: Limits, ingress: int) -> Usage:
    """The most that a task with `ingress` bytes of module and inputs can use within `limits`."""
    return Usage(
        fuel=limits.fuel,
        memoryFuel=memory_fuel(limits.memoryBytes, limits.fuel),
        ingress=ingress,
        egress=limits.outputBytes,
    )


def lease_cap(prices: Prices, minimum_charge: int, limits: Limits, ingress: int) -> Money:
    """`Lease.cap`: the charge for the most that the task can use, in atoms."""
    return charge(prices, usage_at_limits(limits, ingress), minimum_charge)


def receipt_charge(lease: Lease, usage: Usage) -> Money:
    """What a receipt with this usage must charge, in atoms."""
    return charge(lease.prices, usage, lease.minimumCharge)


def wrong_charge(
    lease: Lease, limits: Limits, spec: TaskSpec, receipt: Receipt, manifest: ResultManifest
) -> str:
    """Why a receipt's usage or amount cannot stand, or an empty text when it can."""
    usage, most = receipt.usage, usage_at_limits(limits, spec.input_bytes())
    if usage.ingress != spec.input_bytes():
        return f"ingress is {usage.ingress}, module and inputs have {spec.input_bytes()} bytes"
    if usage.egress != manifest.output_bytes():
        return f"egress is {usage.egress}, the outputs have {manifest.output_bytes()} bytes"
    if any(used > limit for used, limit in zip(usage.vector(), most.vector(), strict=True)):
        return f"usage {usage.vector()} exceeds the limits {most.vector()}"
    if receipt.amount != (due := receipt_charge(lease, usage)):
        return f"the receipt charges {receipt.amount}, its usage costs {due}"
    return (
        f"the receipt charges {receipt.amount}, over the cap {lease.cap}"
        if receipt.amount > lease.cap
        else ""
    )
