"""Figures of a comparison that differ with the number of classes; each draws one."""

from inspection.classification import figures, measures, multiclass, multiclass_figures
from inspection.classification.experiment import no_threshold

BINS = 5  # of calibration: a small test set fills no more


def error_costs(candidate, experiment, miss, alarm):
    """Draw what each threshold costs on the validation pictures.

    More than two classes have no threshold: it says so, and draws which share of each
    class was found.
    """
    labels, class_names = experiment.labels("val"), experiment.images.class_names
    said = candidate.predictions(experiment.splits["val"])
    if said.num_classes > 2:
        print(no_threshold(class_names))
        class_recalls({candidate.title: said}, labels, class_names)
        return
    costs = measures.threshold_costs(labels, said.probabilities, miss, alarm)
    figures.costs(costs, measures.cheapest_threshold(costs))


def matrices(answers, labels, class_names):
    """Return {title: confusions} of {title: Predictions}, for `figures.confusions`."""
    return {
        title: measures.confusion(labels, said.predicted, class_names)
        for title, said in answers.items()
    }


def class_recalls(answers, labels, class_names):
    """Draw which share of each class was found; answers: {title: Predictions}."""
    tables = {
        title: measures.class_measures(labels, said.predicted, class_names)
        for title, said in answers.items()
    }
    axis = figures.intervals(tables, "recall")
    axis.set(title="Share found of each class and its 95 % interval", xlim=(0, 1.03))
    if len(tables) > 1:
        axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))


def calibration(answers, labels):
    """Draw whether a probability can be believed; answers: {title: Predictions}.

    Of two classes that of the last one, of more that of the class that was said.
    """
    if all(said.num_classes == 2 for said in answers.values()):
        tables = {
            title: measures.calibration(labels, said.probabilities, BINS)[0]
            for title, said in answers.items()
        }
        figures.calibration(tables)
        return
    tables = {}
    for title, said in answers.items():
        table = multiclass.reliability(labels, said.scores, BINS)
        gap = multiclass.calibration_error(table)
        tables[f"{title}: mean gap {gap:.3f}"] = table
    multiclass_figures.reliability(tables)
