"""From a checkpoint to SavedModel, frozen graph and TensorFlow Lite."""
