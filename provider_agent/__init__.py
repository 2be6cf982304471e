"""The daemon on a contributor's machine: a pure state machine plus its effects."""
