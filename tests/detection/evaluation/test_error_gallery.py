import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.text import Text

from helpers.sets.detection_sets import LABEL_MAP, ground_truth, predicted, random_set
from inspection.detection.evaluation import confusion, error_gallery, evaluation_plots
from inspection.detection.evaluation.coco_metrics import evaluate
from inspection.detection.evaluation.error_gallery import KINDS, find_mistakes
from inspection.detection.evaluation.gallery_figure import crop_mistake, plot_gallery

GROUND_TRUTH = ground_truth((1, 10, 10, 30, 30), (2, 60, 60, 80, 80))


def mistakes_of(*boxes, drawn=GROUND_TRUTH, min_score=0.5):
    return find_mistakes({"a": drawn}, {"a": predicted(*boxes)}, LABEL_MAP, min_score)


LEAK = (1, 0.9, 10, 10, 30, 30)
PUDDLE = (2, 0.9, 60, 60, 80, 80)


@pytest.mark.parametrize(
    "kind, boxes",
    [
        ("missed", [LEAK]),
        ("false alarm", [LEAK, PUDDLE, (1, 0.8, 0, 60, 20, 80)]),
        ("wrong class", [LEAK, (3, 0.8, 60, 60, 80, 82)]),
        ("poor box", [LEAK, (2, 0.8, 60, 68, 80, 90)]),
        ("duplicate", [LEAK, PUDDLE, (2, 0.8, 60, 61, 80, 81)]),
    ],
)
def test_each_kind_of_mistake_is_told_apart(kind, boxes):
    mistakes = mistakes_of(*boxes)
    assert [mistake.kind for mistake in mistakes] == [kind]
    assert mistakes[0].image == "a"
    counts = error_gallery.count_mistakes(mistakes, LABEL_MAP)
    assert counts.loc["all"].to_dict() == {k: int(k == kind) for k in KINDS}


def test_right_detections_are_no_mistakes():
    assert mistakes_of(LEAK, PUDDLE) == []


def test_a_missed_object_tells_the_best_score_below_the_threshold():
    weak = [(2, 0.3, 60, 60, 80, 80), (2, 0.4, 61, 60, 80, 80), (2, 0.45, 0, 0, 9, 9)]
    (mistake,) = mistakes_of(LEAK, *weak)
    assert (mistake.kind, mistake.score) == ("missed", 0.4)
    assert mistake.iou == pytest.approx(0.95)
    text = error_gallery.mistake_caption(mistake, LABEL_MAP)
    assert text == "puddle: best score 0.40"


def test_descriptions_name_both_classes():
    (mistake,) = mistakes_of(LEAK, (3, 0.8, 60, 60, 80, 82))
    text = error_gallery.mistake_caption(mistake, LABEL_MAP)
    assert text == "crack 0.80: drawn as puddle"


def test_the_worst_come_first():
    drawn = ground_truth((1, 0, 0, 10, 10), (1, 40, 0, 80, 40), (1, 40, 50, 60, 70))
    alarms = [(1, 0.6, 90, 90, 99, 99), (1, 0.9, 0, 80, 9, 99), (2, 0.7, 0, 50, 9, 60)]
    mistakes = mistakes_of(*alarms, drawn=drawn)
    missed = [m for m in mistakes if m.kind == "missed"]
    assert [m.weight for m in missed] == pytest.approx([0.16, 0.04, 0.01])
    assert [m.score for m in mistakes if m.kind == "false alarm"] == [0.9, 0.7, 0.6]
    assert mistakes[:3] == missed


def test_every_object_is_found_or_explained_once():
    ground_truths, detections = random_set(crowds=True)
    mistakes = find_mistakes(ground_truths, detections, LABEL_MAP, 0.4)
    matrix = confusion.confusion_matrix(ground_truths, detections, LABEL_MAP, 0.4)
    right = np.trace(matrix.to_numpy())
    wrong = [m for m in mistakes if m.kind != "missed"]
    assert len(wrong) == matrix.to_numpy()[:, :-1].sum() - right
    explained = {(m.image, *m.true_box) for m in mistakes if m.kind == "missed"}
    objects = sum((~t.crowd).sum() for t in ground_truths.values())
    assert 0 < len(explained) <= objects - right
    assert {m.kind for m in mistakes} == set(KINDS)


def test_a_crop_shows_the_boxes_in_their_colours_and_stays_inside():
    (mistake,) = mistakes_of(LEAK, drawn=ground_truth((1, 0, 0, 20, 20)))
    image = np.full((100, 100, 3), 200, np.uint8)
    crop = crop_mistake(mistake, image)
    assert crop.shape == (280, 280, 3)
    assert (crop == (1, 115, 178)).all(axis=2).any()  # "#0173b2", the first class
    assert not (crop == 235).all(axis=2).any()  # the gray outside a picture


def test_figures_show_every_class_and_every_kind():
    ground_truths, detections = random_set()
    result = evaluate(ground_truths, detections, LABEL_MAP)
    matrix = confusion.confusion_matrix(ground_truths, detections, LABEL_MAP, 0.3)
    curve = confusion.threshold_curve(ground_truths, detections, LABEL_MAP)
    mistakes = find_mistakes(ground_truths, detections, LABEL_MAP, 0.3)
    image = np.zeros((480, 640, 3), np.uint8)
    texts = {
        "curves": evaluation_plots.plot_precision_recall(result, LABEL_MAP),
        "bars": evaluation_plots.plot_class_scores(result, LABEL_MAP),
        "matrix": evaluation_plots.plot_confusion(matrix),
        "threshold": evaluation_plots.plot_threshold(curve, 0.31),
        "gallery": plot_gallery(mistakes, lambda name: image, LABEL_MAP, 2),
    }
    texts = {name: _texts(figure) for name, figure in texts.items()}
    assert f"leak   {result.per_class['AP50']['leak']:.2f}" in texts["curves"]
    assert any(text.startswith("crack\n") for text in texts["bars"])
    assert {*LABEL_MAP, "nothing"} <= texts["matrix"]
    assert {"0.31", "precision", "recall", "F1"} <= texts["threshold"]
    assert set(KINDS) <= texts["gallery"]


def test_a_gallery_without_mistakes_says_so():
    assert "No mistakes at this score threshold" in _texts(plot_gallery([], None, {}))


def _texts(figure):
    figure.canvas.draw()
    plt.close(figure)
    return {text.get_text() for text in figure.findobj(Text)}
