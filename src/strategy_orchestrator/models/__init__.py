"""The nouns that all floors above share: bars, panels, signals, trades, options, results."""
