"""Run an exported model: runtime, video and web page, without TensorFlow."""
