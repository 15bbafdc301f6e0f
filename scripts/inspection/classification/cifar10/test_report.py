"""Measure a trained network on pictures that it has not seen, once, and write it down."""

import json
from dataclasses import dataclass

import numpy as np

from inspection.classification import measures, multiclass
from inspection.common.atomic_files import write_text

BATCH = 250


@dataclass(frozen=True)
class ClassificationReport:
    """Answers to N pictures of C classes: logits [N, C] and the right ones, int [N]."""

    logits: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]

    @property
    def scores(self):
        """Return probabilities [N, C]."""
        return multiclass.softmax(self.logits)

    @property
    def found(self):
        """Return the answers, int [N]."""
        return self.logits.argmax(axis=1)

    @property
    def accuracy(self):
        """Return the share of right answers."""
        return float((self.found == self.labels).mean())

    @property
    def confusion(self):
        """Return the counts as a DataFrame, rows what it is, columns what was said."""
        return measures.confusion(self.labels, self.found, self.class_names)

    @property
    def per_class(self):
        """Return a DataFrame of precision, recall, F1 and pictures for each class."""
        return measures.class_measures(self.labels, self.found, self.class_names)

    def figures(self):
        """Return what is worth writing down, as plain numbers."""
        right, count = int((self.found == self.labels).sum()), len(self.labels)
        low, high = measures.wilson(right, count)
        table = multiclass.reliability(self.labels, self.scores)
        pairs = multiclass.confused_pairs(self.confusion, 5)
        return {
            "accuracy": round(self.accuracy, 4),
            "interval_95": [round(low, 4), round(high, 4)],
            "pictures": count,
            "log_loss": round(multiclass.log_loss(self.labels, self.logits), 4),
            "calibration_error": round(multiclass.calibration_error(table), 4),
            "accuracy_per_class": self.per_class["recall"].round(3).to_dict(),
            "most_confused": {
                f"{row['class']} - {row['other']}": int(row["together"])
                for _, row in pairs.iterrows()
            },
        }


def measure(network, images, labels, class_names):
    """Return the `ClassificationReport` of a network of logits on uint8 pictures [N, h, w, 3]."""
    batches = range(0, len(images), BATCH)
    logits = [network.predict_on_batch(images[i : i + BATCH]) for i in batches]
    return ClassificationReport(
        np.concatenate(logits), np.asarray(labels), tuple(class_names)
    )


def write_report(path, report, **more):
    """Write the figures of a report as JSON, whole or not at all."""
    write_text(path, json.dumps({**more, **report.figures()}, indent=2) + "\n")
