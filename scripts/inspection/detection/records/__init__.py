"""TFRecord files of images with their boxes."""
