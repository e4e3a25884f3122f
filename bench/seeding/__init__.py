"""History as years of work leave it: made rows, in quantity, without any file behind them."""
