"""What lies behind the figures: calibration, curves, training, errors, slices. Pure, computed from records."""
