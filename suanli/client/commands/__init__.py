"""The buyer's commands, one module per group; each opens the SDK, calls it and shows what it says."""
