"""The compiled variant. For now a scan like the other; the index follows."""

from market.core.engine.plain import Plain


class Indexed(Plain):
    """Decides as `Plain` does."""
