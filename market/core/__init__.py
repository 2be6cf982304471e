"""Pure rules: values in, decisions with reasons out. No I/O, no clock."""
