"""Claims and disputes on the chain, built by the protocol's own Python."""
