# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 · Train a detector, and find out what it cannot do
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/visual-inspection-course/visual-inspection-course/blob/main/notebooks/02_train_and_evaluate.ipynb)
# · quick: 5 minutes on two cores, 2 GB; full: an hour on a GPU · you need: boxes from notebook 01, or
# the bundled pictures
#
# ![test pictures with the leaks and puddles that the network found](attachment:cover.jpg)
#
# Training is the short part: one file says what to do, one call does it. The long part comes
# after. A single figure, mAP, hides which leaks are missed and what is taken for water. So half of
# this notebook looks at errors.

# %% [markdown]
# ## Setup
#
# This cell is the same in every notebook. On your own machine it only finds the course; on Colab
# it fetches it first.

# %%
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = "https://github.com/visual-inspection-course/visual-inspection-course"
BRANCH = ""  # "" for the main one
USE_DRIVE = False  # True keeps your work on Google Drive, on Colab only
here = Path(globals().get("__vsc_ipynb_file__", Path.cwd() / "notebook")).parent
name = REPOSITORY.rstrip("/").split("/")[-1].removesuffix(".git")
places = [here, *here.parents, Path.cwd() / name]
found = [place for place in places if (place / "scripts/inspection").is_dir()]
if not found:
    by_hand = f"or unpack {REPOSITORY.removesuffix('.git')}/archive/{BRANCH or 'HEAD'}.zip to {places[-1]} by hand"
    if places[-1].exists():
        raise RuntimeError(f"{places[-1]} holds no whole course: delete it, run this again, {by_hand}")
    if not shutil.which("git"):
        raise RuntimeError(f"git is not installed: install it and run this again, {by_hand}")
    branch = [f"--branch={BRANCH}"] if BRANCH else []
    if subprocess.run(["git", "clone", "--depth=1", *branch, REPOSITORY, name]).returncode:
        raise RuntimeError(f"git could not fetch {REPOSITORY}. No network? On Kaggle switch Internet on; {by_hand}")
course = (found or places[-1:])[0].resolve()
sys.path.insert(0, str(course / "scripts"))
from inspection.course import setup
WORKSPACE = setup.prepare(USE_DRIVE)

# %% [markdown]
# ## Settings
#
# `SPLITS` is a folder with the lists `train.txt`, `val.txt` and `test.txt`: the names of the
# pictures to learn from, to choose with, and to judge by. `partition_dataset.py` writes them, and so
# does notebook 01 where there are none. What is set before training, from `IMAGE_SIZE` on, are the
# *hyperparameters*. Full mode fetches BCCD, photographs of blood cells, by its name. What the text
# reads from a figure is said of quick mode, the drawn pictures.

# %% tags=["parameters"]
IMAGES = {"quick": "data/leaks/images", "full": "bccd"}    # your pictures: folder or .zip
ANNOTATIONS = {"quick": "data/leaks/annotations", "full": ""}  # one .xml each; "" as in IMAGES
SPLITS = {"quick": "data/leaks/splits", "full": ""}  # train.txt, ...; "" as in notebook 01
CLASSES = {"quick": ["leak", "puddle"], "full": ["RBC", "WBC", "Platelets"]}  # never reorder
RUN = {"quick": "leaks", "full": "cells"}  # the same name goes on, a new one starts afresh
MODE = "quick"                             # "full" starts from COCO and needs a GPU
BASE_MODEL = "ssd_mobilenet_v2_fpnlite_320x320"  # a row of the table below
LEAKS = {"quick": "", "full": "data/leaks"}  # scenes to look at beside them; "" for none

IMAGE_SIZE = {"quick": 224, "full": 320}         # pixels; small objects need more
DEPTH_MULTIPLIER = {"quick": 0.35, "full": 1.0}  # width of the network
STEPS = {"quick": 120, "full": 5_000}            # batches to train on; the lesson takes twice
BATCH_SIZE = {"quick": 8, "full": 32}            # less if memory runs out
LEARNING_RATE = {"quick": 0.004, "full": 0.02}   # a tenth if the loss is not finite
LESSON_RATE = 0.02                               # of heads that know nothing yet
FEW = 10                                         # pictures to learn by heart, once
START = {  # a model of the zoo, a checkpoint, "imagenet", or "" for random weights
    "quick": "data/weights/leak_scenes/checkpoint/ckpt-0",
    "full": "ssd_mobilenet_v2_fpnlite_320x320",  # as BASE_MODEL
}
BELOW_HEADS = {  # what the lesson begins with
    "quick": "data/weights/leak_scenes/checkpoint/ckpt-0", "full": "imagenet",
}

# %% [markdown]
# Your own pictures? Change the first five lines, nothing else.
#
# ## Data
#
# First the folders, and the label map: from here on a class is a number.

# %%
from inspection.course import headline, mode, own_set, plots
from inspection.detection.config import label_map

DATA = WORKSPACE / mode.named(MODE, "data")
made = DATA / "splits"
IMAGES, ANNOTATIONS, SPLITS, RUN = mode.pick(MODE, IMAGES, ANNOTATIONS, SPLITS, RUN)
CLASSES = mode.pick(MODE, CLASSES)
IMAGES, ANNOTATIONS, SPLITS = own_set.open_boxes(IMAGES, ANNOTATIONS, SPLITS, made)
class_ids = {name: i + 1 for i, name in enumerate(CLASSES)}
label_map.write_label_map(CLASSES, DATA / "label_map.pbtxt")

# %% [markdown]
# Records as in notebook 01: each holds the bytes of a picture and its boxes. Making them again
# takes a second. How are the classes spread over the three parts?

# %%
import numpy as np
import pandas as pd

from inspection.datasets import voc
from inspection.detection.records import record_builder, record_sources

sources = voc.list_annotations(ANNOTATIONS)
lists = Path(SPLITS or made)
parts = {}
for part in ("train", "val", "test"):
    chosen = record_sources.select_split(sources, lists / f"{part}.txt", IMAGES)
    record = DATA / f"{part}.record"
    summary = record_builder.build_records(chosen, IMAGES, class_ids, record)
    parts[part] = {"pictures": summary.images, **summary.boxes}

pd.DataFrame(parts).T

# %% [markdown]
# Three parts, three jobs. The network learns from the first. We choose with the second, for
# instance from which score on we believe a box. The third is looked at once, at the end; a choice
# made on it would make the figures better than the detector.
#
# ## Model
#
# Which network? These are the detectors of the TensorFlow 2 zoo that the course builds, reads and
# trains, with the side of the picture they see and the mAP that the zoo states for COCO. Read the
# table from above: what do pixels buy, and what does a heavier backbone? Any name can be
# `BASE_MODEL`; with the same name as `START` it begins with its COCO weights.

# %%
from inspection.detection.model import zoo

models = pd.DataFrame(vars(model) for model in zoo.MODELS.values())
models["name"] = [model.base for model in zoo.MODELS.values()]
models.set_index("name").drop(columns="sha256")

# %% [markdown]
# More pixels help each family; a heavier backbone helps less than one thinks, and not always. We take
# a small one, for a phone.
#
# Everything about network and training stands in one file, `pipeline.config`, in the format of the
# Object Detection API. We take the course's own and change what depends on us. First what changes
# with every set of pictures.

# %%
from inspection.detection.config import base_configs, pipeline_config

config = pipeline_config.edit(
    base_configs.read(BASE_MODEL),
    num_classes=len(CLASSES),
    batch_size=mode.pick(MODE, BATCH_SIZE),
    num_steps=mode.pick(MODE, STEPS),
    train_records=DATA / "train.record",
    eval_records=DATA / "val.record",
    label_map=DATA / "label_map.pbtxt",
)

# %% [markdown]
# The rest are single fields, each named by its path through the file: the size of the input, the
# width of the network, and two that small batches ask for. A batch in which hardly anything is drawn
# has a loss several times that of others, since it is divided by the anchors that answer: one such
# step can undo a hundred. *Gradient clipping* shortens it. And the averages that batch normalization
# keeps for later follow by 5 % a step instead of 1 %, because our steps are few.

# %%
from inspection.detection.config import every_model

rate = "train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate"
config.set(f"{rate}.learning_rate_base", mode.pick(MODE, LEARNING_RATE))
config.set(f"{rate}.warmup_learning_rate", mode.pick(MODE, LEARNING_RATE) / 10)
config.set("train_config.gradient_clipping_by_norm", 10.0)
config.set("model.ssd.feature_extractor.depth_multiplier", mode.pick(MODE, DEPTH_MULTIPLIER))
every_model.set_image_size(config, mode.pick(MODE, IMAGE_SIZE))
every_model.set_batch_norm_decay(config, 0.95)

# %% [markdown]
# Where do the weights start (*transfer learning*)? Twice, for two purposes.
#
# The lesson begins with *heads* that know nothing: they are drawn at random, and so we can watch a
# detector being learned. What lies below them has seen other pictures: in quick mode 2,000 other
# scenes of the program that drew ours, in full mode the photographs of ImageNet.
#
# The quick way to a detector that can be used starts from as much as there is. In full mode it has
# seen 118,000 photographs of COCO [1]; backbone and pyramid are kept, 290 of its 384 arrays; the
# heads, their shared layers too, begin at random. In quick mode it is a whole detector of our two classes, trained on those
# 2,000 scenes. So quick figures flatter; real pictures are further away. With classes of your own its
# heads are left out.

# %%
below = mode.pick(MODE, BELOW_HEADS)
lesson = below, "classification" if below == "imagenet" else "detection"
start = zoo.find_start(mode.pick(MODE, START), WORKSPACE / "training", class_ids)
config.write(DATA / "pipeline.config")

# %% [markdown]
# The network itself is SSD [2] with a *feature pyramid* [3], which notebook 01b takes apart: it lays
# a fixed grid of boxes over the picture, the anchors, and answers two questions for each: what is in
# you, and how far are you off? The grid is laid in levels, from fine to coarse, with a few anchors in
# each of their cells, six here. How many are there, and how large?

# %%
from inspection.detection.model.anchors import grids, make_anchors

settings = config.model
size = (settings.image_height, settings.image_width)
anchors = make_anchors(size, settings.anchors)

rows, first = [], 0
for (high, wide), in_cell in grids(size, settings.anchors):
    level = anchors[first : (first := first + high * wide * in_cell)]
    sides = np.sqrt(np.prod((level[:, 2:] - level[:, :2]) * size, axis=1))
    rows.append([high, wide, len(level), f"{sides.min():.0f} to {sides.max():.0f}"])
grid = pd.DataFrame(rows, columns=["rows", "columns", "anchors", "side in pixels"])
grid.rename_axis("level")

# %% [markdown]
# The coarse levels see the whole picture and have few, large anchors; the fine ones are many and
# small. (The sides are those of the square ones; the long ones have the same areas.) Nothing much
# smaller than the smallest has a fair chance. Which anchors answer for an object? Those that overlap
# it by half (*intersection over union*), and at least the best one. Three pictures of the first batch
# that show something: dashed the drawn boxes, with their names, and the anchors that answer. How
# many of all have nothing to do?

# %%
from inspection.detection.training.input_pipeline import training_batches
from inspection.detection.training.targets import assign
from inspection.imaging import box_drawing

images, drawn = next(iter(training_batches(config, seed=2)))
_, _, matched = assign(drawn["boxes"], drawn["classes"], anchors, settings)
busy = [i for i, row in enumerate(np.array(matched)) if row.any()][:3]
chosen = [anchors[np.flatnonzero(np.array(matched[i]))] for i in busy]
seen = []
for i in busy:
    pixels = ((np.array(images[i]) + 1) * 127.5).astype("uint8")
    own = np.array(drawn["classes"][i])
    there = np.array(drawn["boxes"][i])[own > 0]
    seen.append(box_drawing.draw_boxes(pixels, there, own[own > 0], None, CLASSES, dashed=True))
titles = [f"{len(boxes)} of {len(anchors):,} anchors" for boxes in chosen]
plots.show_boxes(seen, chosen, titles=titles)

# %% [markdown]
# These are pictures as the network sees them: flipped, cropped, lighter or darker, another way
# each time (*augmentation*). Where the crop has left no more than a rim of the water, its box is gone
# as well. A handful of anchors answers for an object, thousands for nothing. If each of those
# counted alike, the network would learn to say "nothing". Focal loss [4] lets the easy ones count
# little.
#
# ## Train
#
# One call. It is Keras's `fit`, with a bar that shows the loss. Outside a notebook the same is
#
# ```text
# python scripts/model_main_tf2.py --pipeline_config_path=customTF2/data/pipeline.config \
#     --model_dir=customTF2/training/leaks
# ```
#
# A checkpoint holds the weights, the state of the optimizer and the step. If the session dies, run
# the cell again: it goes on from the last one. We train three times, so the call gets a function
# that changes what differs: the start, how long, on which record. `ValidationLog` looks at the
# validation pictures before the first step, a few times on the way, and at the end.

# %%
import time

from inspection.detection.evaluation.validation_log import ValidationLog
from inspection.detection.training import training_loop

POINT_EVERY = 20  # steps between two points of the curves
rate_path = f"{rate}.learning_rate_base"


def train(run, start, steps, record="train.record", learning_rate=None):
    """Train a run from (weights, kind of weights); return the trainer and its folder."""
    own = pipeline_config.read(DATA / "pipeline.config")
    source, kind = start
    pipeline_config.edit(
        own, num_steps=steps, train_records=DATA / record,
        fine_tune_checkpoint=source, fine_tune_checkpoint_type=kind,
    )
    own.set(rate_path, learning_rate or mode.pick(MODE, LEARNING_RATE))
    folder = WORKSPACE / "training" / mode.named(MODE, run)
    every = max(POINT_EVERY, steps // 3)
    log = ValidationLog(own, folder, every - every % POINT_EVERY)
    trainer = training_loop.train(
        own, folder, checkpoint_every=200, log_every=POINT_EVERY, callbacks=[log]
    )
    return trainer, folder

# %% [markdown]
# ### New heads
#
# They know nothing yet, so the steps may be longer. How long is decided by a schedule:
# up at first (*warm-up*), then down like half a cosine [5] to nothing. With the highest
# rate η₀, w steps of warm-up and T steps in all, at step s:
#
# $$\eta(s) = \frac{\eta_0}{2} \left(1 + \cos \pi\,\frac{s - w}{T - w}\right), \qquad s \ge w$$

# %% tags=["nbval-ignore-output"]
from inspection.course import training_curves

steps = mode.pick(MODE, STEPS)
started = time.perf_counter()
learner, lesson_dir = train(f"{RUN}_new_heads", lesson, 2 * steps, learning_rate=LESSON_RATE)
training_curves.plot_run(lesson_dir, "new heads")

# %% [markdown]
# Both losses fall, and the mAP of pictures that were never trained on rises from nothing. But the
# losses fall from the first steps on, and boxes that count come later: what is learned first is to say
# "nothing" almost everywhere. Where a point of the losses sticks out, a batch held hardly an object: its
# step was clipped, and the next points lie where they were. Unclipped, one such step cost a hundred
# others here.
#
# ### Ten pictures
#
# Take ten of the training pictures, and train half as long. Before you look: which of the two losses
# will be lower at the end, that of the ten or that of the validation pictures, and how far apart?

# %% tags=["nbval-ignore-output"]
few = record_sources.select_split(sources, lists / "train.txt", IMAGES)[:FEW]
record_builder.build_records(few, IMAGES, class_ids, DATA / "few.record")
_, few_dir = train(f"{RUN}_few", lesson, steps, "few.record", learning_rate=LESSON_RATE)
all_of_them = f"{parts['train']['pictures']} pictures"
training_curves.plot_gap({f"{len(few)} pictures": few_dir, all_of_them: lesson_dir})

# %% [markdown]
# That is *overfitting*: the network learns its pictures by heart. With ten of them the loss on
# what it trains on lies further below that of the validation pictures than with all. More steps would
# widen the gap; more pictures, and changing them each time, close it.
#
# ### The quick way
#
# Now from the ready start, with short steps: it knows most, and has much to lose. The first point of
# the middle curve is the row before training.

# %% tags=["nbval-ignore-output"]
trainer, model_dir = train(RUN, start, steps)
minutes = (time.perf_counter() - started) / 60
training_curves.plot_run(model_dir, "the ready start")

# %% [markdown]
# It finds most from the first point on, and training changes little. Whoever had only looked at the
# end of the curve would have taken what was there before for what was learned. A low loss on pictures
# that it trained on proves little anyway; pictures it has never seen decide.
#
# ## Evaluate
#
# A detection is right if its class is right and its box overlaps the drawn one by half (IoU .50).
# Each has a score; lower the limit and more objects are found, with more false alarms. mAP is the
# area below that curve, averaged over the classes. First the validation pictures, to choose with:
# from which score on do we believe a box? With P of the boxes right (*precision*) and R of the
# objects found (*recall*), the best balance is where their harmonic mean F1 is highest. Look at which
# curve falls on which side of the grey line.
#
# $$P = \frac{TP}{TP + FP} \qquad R = \frac{TP}{TP + FN} \qquad F_1 = \frac{2\,P\,R}{P + R}$$

# %% tags=["nbval-ignore-output"]
from inspection.detection.evaluation import evaluation_plots, evaluator
from inspection.detection.evaluation.confusion import best_threshold, threshold_curve
from inspection.detection.export import score_threshold
from inspection.detection.model.detector import Detector

detector = Detector(trainer.network, settings)
val = evaluator.evaluate(detector, config)
curve = threshold_curve(val.ground_truths, val.detections, class_ids)
threshold = best_threshold(curve)
score_threshold.write(model_dir, threshold)
evaluation_plots.plot_threshold(curve, threshold);

# %% [markdown]
# The line marks the choice. If a missed leak costs you more than a false alarm, go left of it. The
# score is stored beside the checkpoint, and from there goes into every file that notebook 03 makes:
# it is the one that the command, the page and the service show boxes from.
#
# Now the test pictures, once.

# %% tags=["nbval-ignore-output"]
pipeline_config.edit(config, eval_records=DATA / "test.record")
test = evaluator.evaluate(detector, config)
evaluation_plots.plot_precision_recall(test.coco, class_ids);

# %% [markdown]
# A line that stays high to the far right is a class that is found without false alarms. Where it
# ends on the left of 1, the rest of the objects was not found at any score.

# And what did training do? The same pictures before and after.

# %% tags=["nbval-ignore-output"]
def ap_row(result):
    """Return the figures of an evaluation."""
    found = {n: result.coco.metrics[f"DetectionBoxes_Precision/{k}"]
             for n, k in (("mAP@.50", "mAP@.50IOU"), ("mAP@[.5:.95]", "mAP"))}
    return found | result.coco.per_class["AP50"].add_prefix("AP50, ").to_dict()


untrained = pipeline_config.read(DATA / "pipeline.config")
source, kind = start
pipeline_config.edit(untrained, fine_tune_checkpoint=source, fine_tune_checkpoint_type=kind)
before = Detector(training_loop.build_trainer(untrained).network, settings)
rows = {"the ready start, before": ap_row(evaluator.evaluate(before, config))}
alone = Detector(learner.network, settings)
rows["new heads, trained"] = ap_row(evaluator.evaluate(alone, config))
rows["the ready start, trained"] = ap_row(test)
compared = pd.DataFrame(rows).T
headline.record_metric("mAP@.50", compared["mAP@.50"].iloc[-1], f"{MODE} mode")
headline.record_metric("mAP@[.5:.95]", compared["mAP@[.5:.95]"].iloc[-1], f"{MODE} mode")
headline.record_metric("Training, three times", f"{minutes:.1f} minutes")
compared.round(2)

# %% [markdown]
# The ready start had most of it before the first step. With new heads, and twice the steps, it is far
# from there: the difference is what its heads learned from 2,000 scenes, ours from 95 pictures.
#
# `AP50` asks for half an overlap, mAP@[.5:.95] averages over stricter and stricter demands: boxes
# that are roughly right lose much there. Does the size of an object matter?

# %% tags=["nbval-ignore-output"]
test.coco.per_size.round(2)

# %% [markdown]
# Small means below 32x32 pixels of the original picture, large above 96x96. NaN stands for "there
# are none". What is taken for what (*confusion matrix*)? Rows hold what was drawn, columns what was
# detected; the last of each is "nothing". Percentages are of the objects of a row, in the last row of
# the boxes of a column.

# %% tags=["nbval-ignore-output"]
from inspection.detection.evaluation.confusion import confusion_matrix

matrix = confusion_matrix(test.ground_truths, test.detections, class_ids, threshold)
evaluation_plots.plot_confusion(matrix);

# %% [markdown]
# Confusing one class with the other is rare; what is missed, and what is seen where nothing is,
# makes up most of the errors. So look at these, the worst first.

# %% tags=["nbval-ignore-output"]
from inspection.datasets.images import image_file
from inspection.detection.evaluation.error_gallery import find_mistakes
from inspection.detection.evaluation.gallery_figure import plot_gallery


def read_image(name):
    return image_file.read_rgb(Path(IMAGES) / name)


mistakes = find_mistakes(test.ground_truths, test.detections, class_ids, threshold)
plot_gallery(mistakes, read_image, class_ids, per_kind=4);

# %% [markdown]
# Ask of each: would I have seen it? Some boxes are drawn where a person hesitates too; there the
# label is the problem. What you would have seen and the network did not needs more pictures of
# its kind, not more steps.
#
# ## Use it
#
# Six test pictures with something to find. The detector takes each as it comes from the file. Every
# box above the threshold: which would you accept, and what is missing?

# %% tags=["cover", "nbval-ignore-output"]
names = [name for name, ground_truth in test.ground_truths.items() if len(ground_truth)][:6]
shown = [read_image(name) for name in names]
found = [detector.detect(image).best_first(threshold) for image in shown]
plots.show_boxes(
    shown,
    [f.boxes for f in found],
    [f.class_ids for f in found],
    [f.scores for f in found],
    CLASSES,
);

# %% [markdown]
# Jets, drips and the puddles that shine. It has more trouble with the boxes than with the objects: a
# spray has no clear edge, and now and then one leak gets two. A start from COCO and more pixels
# would help there.
#
# And the leaks? In full mode the small detector that comes with the course looks for them, in test
# scenes of quick mode. (In quick mode this cell rests.)

# %% tags=["nbval-ignore-output"]
from inspection.course import leak_scenes

scenes = mode.pick(MODE, LEAKS)
if scenes:
    leak_scenes.show_found(scenes)

# %% [markdown]
# The detector takes any picture: `detector.detect(image)` returns boxes, scores and classes. The
# checkpoints lie in the workspace, under the names of the Object Detection API.
#
# %% tags=["claims", "nbval-ignore-output"]
from inspection.course import claims, solutions

solutions.run_if_wanted("02", globals())
if claims.tell_of_this_run("02", globals()):
    cells = matrix.to_numpy()
    lesson_run, lesson_seen = training_curves.read(lesson_dir)
    few_run, few_seen = training_curves.read(few_dir)
    _, seen_on_the_way = training_curves.read(model_dir)
    gap_of_all = (lesson_seen["loss"] - lesson_run["loss"]).iloc[-1]
    gap_of_ten = (few_seen["loss"] - few_run["loss"]).iloc[-1]
    claims.hold([
        ("in each of their cells, six here",
         (grid["anchors"] / (grid["rows"] * grid["columns"])).max(), 6, 6),
        ("A handful of anchors answers for an object, thousands for nothing",
         max(len(one) for one in chosen) / len(anchors), 0.0001, 0.01),
        ("Both losses fall", lesson_run["loss"].iloc[-1] / lesson_run["loss"].iloc[0], 0, 0.9),
        ("rises from nothing", lesson_seen["mAP@.50"].iloc[0], 0, 0.05),
        ("losses fall from the first steps on",
         (lesson_run["loss"].iloc[3] - lesson_run["loss"].iloc[0]), None, -0.2),
        ("boxes that count come later",
         lesson_seen["mAP@.50"].iloc[1] / lesson_seen["mAP@.50"].iloc[-1], 0, 0.5),
        ("what it trains on lies further below", gap_of_ten - gap_of_all, 0.01, None),
        ("It finds most from the first point on", seen_on_the_way["mAP@.50"].iloc[0], 0.5, 1),
        ("training changes little", np.ptp(seen_on_the_way["mAP@.50"].iloc[[0, -1]]), 0, 0.2),
        ("The ready start had most of it before the first step",
         compared["mAP@.50"].iloc[0] / compared["mAP@.50"].iloc[2], 0.85, None),
        ("With new heads, and twice the steps, it is far",
         compared["mAP@.50"].iloc[2] - compared["mAP@.50"].iloc[1], 0.1, None),
        ("Confusing one class with the other is rare", cells[0, 1] + cells[1, 0], 0, 3),
    ])

# %% [markdown]
# ## Summary
#
# - `pipeline.config` holds network and training; `model_main_tf2.py` trains and evaluates from it.
# - The row before training says what training was worth; the gap of two losses says what was learned
#   by heart.
# - Thresholds are chosen on validation pictures, figures come from test pictures.
# - mAP ranks detectors. The gallery of errors tells what to do next.
#
# ### References
#
# 1. Lin et al. 2014, Microsoft COCO, [arXiv:1405.0312](https://arxiv.org/abs/1405.0312)
# 2. Liu et al. 2016, SSD, [arXiv:1512.02325](https://arxiv.org/abs/1512.02325)
# 3. Lin et al. 2017, Feature Pyramid Networks, [arXiv:1612.03144](https://arxiv.org/abs/1612.03144)
# 4. Lin et al. 2017, Focal Loss, [arXiv:1708.02002](https://arxiv.org/abs/1708.02002)
# 5. Loshchilov and Hutter 2017, SGDR, [arXiv:1608.03983](https://arxiv.org/abs/1608.03983)
# 6. Huang et al. 2017, Speed/accuracy trade-offs (the Object Detection API),
#    [arXiv:1611.10012](https://arxiv.org/abs/1611.10012)
#
# ## Exercises
#
# **1.** Write it. The learning rate at step s after the warm-up, by the formula above. Hold it
# against the column `learning_rate` of the lesson's `history.csv`.
#
# <details><summary>Solution</summary>
#
# ```python
# def cosine_rate(step, highest, warmup, total):
#     """Return the learning rate at a step after the warm-up."""
#     return highest / 2 * (1 + np.cos(np.pi * (step - warmup) / (total - warmup)))
#
#
# rates, _ = training_curves.read(lesson_dir)
# schedule = pipeline_config.read(DATA / "pipeline.config")
# pipeline_config.edit(schedule, num_steps=2 * steps)
# warmup = schedule.train.optimizer.learning_rate.warmup_steps
# after = rates["learning_rate"][rates.index > warmup]
# by_hand = cosine_rate(after.index, LESSON_RATE, warmup, 2 * steps)
# assert np.allclose(by_hand, after, rtol=1e-4, atol=1e-9)
# ```
#
# </details>
#
# **2.** By hand. How often has the lesson seen each of its 95 pictures after 240 batches of 8, and
# how often the run with ten pictures each of its own after 120?
#
# <details><summary>Solution</summary>
#
# 240 · 8 / 95 = 20 times, and 120 · 8 / 10 = 96 times, each time changed a little.
#
# ```python
# assert round(240 * 8 / 95) == 20 and 120 * 8 / 10 == 96
# ```
#
# </details>
#
# **3.** Predict. Take the threshold of the best F1 for leaks alone: `best_threshold(curve, "leak")`.
# A missed leak costs a hundred times a false alarm. Is this still the threshold you want? Which side
# of it would you look on?
#
# <details><summary>Solution</summary>
#
# No, the left. F1 weighs both errors alike. Take the lowest threshold whose precision you can live
# with.
#
# ```python
# leaks = curve[(curve["class"] == "leak") & (curve["precision"] > 0.3)]
# assert leaks["threshold"].min() < best_threshold(curve, "leak")
# ```
#
# </details>
#
# ## Where to go next
#
# [03 · From checkpoint to phone](03_export_and_deploy.ipynb) makes one small file of it, threshold
# inside. Words of the field: [glossary](../docs/glossary.md).
