"""The one calling layer: cache, budget, meter, prices, and the models behind them."""
