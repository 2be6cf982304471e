"""The published language of Suanli: messages, units, ids, states, ABIs. No I/O, no clock."""
