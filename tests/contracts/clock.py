"""The test chain's clock."""

import brownie


def next_block_at(timestamp: int) -> None:
    """The next block is made at `timestamp`, seconds since the Unix epoch."""
    answer = brownie.web3.provider.make_request("evm_setNextBlockTimestamp", [timestamp])
    assert "error" not in answer, answer
