"""Every query of the market, one module per thing asked for. No rules here, no commits."""
