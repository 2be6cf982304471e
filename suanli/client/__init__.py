"""The SDK that a buyer's program imports; it knows the protocol and nothing else of ours."""
