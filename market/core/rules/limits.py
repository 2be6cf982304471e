"""Rules on size: what one task may use at most fits what the node lets one task use."""

from suanli.protocol.book import BookNode, Wanted
from suanli.protocol.reasons import Reason
from suanli.protocol.units import BYTES_PER_MEBIBYTE, FUEL_PER_GIGAFUEL
from suanli.protocol.wire.common import Explanation


def fuel_fits(wanted: Wanted, node: BookNode) -> Explanation | None:
    """Fuel."""
    return _fits(wanted, node, "fuel", Reason.FUEL_LIMIT_TOO_SMALL, FUEL_PER_GIGAFUEL, "gigafuel")


def memory_fits(wanted: Wanted, node: BookNode) -> Explanation | None:
    """Memory."""
    return _fits(wanted, node, "memoryBytes", Reason.MEMORY_TOO_SMALL, BYTES_PER_MEBIBYTE, "MiB")


def inputs_fit(wanted: Wanted, node: BookNode) -> Explanation | None:
    """Module and inputs."""
    return _fits(wanted, node, "inputBytes", Reason.INPUT_TOO_LARGE, BYTES_PER_MEBIBYTE, "MiB in")


def outputs_fit(wanted: Wanted, node: BookNode) -> Explanation | None:
    """Outputs."""
    return _fits(wanted, node, "outputBytes", Reason.OUTPUT_TOO_LARGE, BYTES_PER_MEBIBYTE, "MiB out")


def wall_time_fits(wanted: Wanted, node: BookNode) -> Explanation | None:
    """Time on the clock."""
    return _fits(wanted, node, "wallSeconds", Reason.WALL_LIMIT_TOO_SMALL, 1, "s")


def _fits(
    wanted: Wanted, node: BookNode, name: str, reason: Reason, size: int, unit: str
) -> Explanation | None:
    need = getattr(wanted.limits, name)
    most = 0 if node.ask is None else getattr(node.ask.limits, name)
    if need <= most:
        return None
    return Explanation(reason=reason, detail=f"needs {need / size:g} {unit}, the node offers {most / size:g}")
