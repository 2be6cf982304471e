"""The market service: it proposes matches and carries messages, and can touch nobody's money."""
