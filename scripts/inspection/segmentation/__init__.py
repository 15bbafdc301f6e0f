"""One label a pixel: thresholds, watershed, texture, U-Net, clean-up, ensembles."""
