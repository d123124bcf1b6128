"""Amp: rules for its tools, of the organisation, the workspace and the user, and the vendor's own behind them."""
