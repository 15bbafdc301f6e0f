"""One label an image: backbones, training, measures, explanation."""
