"""What nodes measured of the ways to them."""

from sqlmodel import Session, col, select

from market.core.measured import Measured
from market.db.tables.connect import AskRow, NetworkRow, NodeRow


def recent(session: Session, since: int) -> list[Measured]:
    """The reports since a moment whose region is still the one that the node's offering states, by node."""
    query = (
        select(NodeRow.owner, NetworkRow, AskRow)
        .join(NetworkRow, col(NetworkRow.node) == col(NodeRow.node))
        .join(AskRow, col(AskRow.node) == col(NodeRow.node))
        .where(NetworkRow.received_at >= since, col(AskRow.current))
        .order_by(col(NodeRow.node))
    )
    return [
        Measured(owner, row.report)
        for owner, row, ask in session.exec(query)
        if ask.offering is not None and ask.offering.region == row.report.region
    ]
