"""Finding objects: records, network, training, evaluation and export."""
