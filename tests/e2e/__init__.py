"""The whole of Suanli in separate processes, through the same code as `make demo`."""
