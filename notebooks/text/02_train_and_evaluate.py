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
# does notebook 01 where there are none. Full mode fetches BCCD, photographs of blood cells, by its
# name. What the text reads from a figure is said of quick mode, the drawn pictures.

# %% tags=["parameters"]
IMAGES = {"quick": "data/leaks/images", "full": "bccd"}    # your pictures: folder or .zip
ANNOTATIONS = {"quick": "data/leaks/annotations", "full": ""}  # one .xml each; "" as in IMAGES
SPLITS = {"quick": "data/leaks/splits", "full": ""}  # train.txt, ...; "" as in notebook 01
CLASSES = {"quick": ["leak", "puddle"], "full": ["RBC", "WBC", "Platelets"]}  # never reorder
RUN = {"quick": "leaks", "full": "cells"}  # the same name goes on, a new one starts afresh
MODE = "quick"                             # "full" starts from COCO and needs a GPU
LEAKS = {"quick": "", "full": "data/leaks"}  # scenes to look at beside them; "" for none

IMAGE_SIZE = {"quick": 224, "full": 320}         # pixels; small objects need more
DEPTH_MULTIPLIER = {"quick": 0.35, "full": 1.0}  # width of the network
STEPS = {"quick": 600, "full": 10_000}           # batches to train on
BATCH_SIZE = {"quick": 8, "full": 32}            # less if memory runs out
LEARNING_RATE = {"quick": 0.004, "full": 0.02}   # a tenth if the loss is not finite
START = {  # a model of the zoo, a checkpoint, "imagenet", or "" for random weights
    "quick": "data/weights/leak_scenes/checkpoint/ckpt-0",
    "full": "ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8",
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
IMAGES, ANNOTATIONS, SPLITS, CLASSES = mode.pick(MODE, IMAGES, ANNOTATIONS, SPLITS, CLASSES)
IMAGES, ANNOTATIONS, SPLITS = own_set.open_boxes(IMAGES, ANNOTATIONS, SPLITS, made)
class_ids = {name: i + 1 for i, name in enumerate(CLASSES)}
label_map.write_label_map(CLASSES, DATA / "label_map.pbtxt")

# %% [markdown]
# Records as in notebook 01: each holds the bytes of a picture and its boxes. Making them again
# takes a second. How are the classes spread over the three parts?

# %%
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
# Everything about network and training stands in one file, `pipeline.config`, in the format of the
# Object Detection API. We take the course's own and change what depends on us. First what changes
# with every set of pictures.

# %%
from inspection.detection.config import base_configs, pipeline_config

config = pipeline_config.edit(
    base_configs.read("ssd_mobilenet_v2_fpnlite_320x320"),
    num_classes=len(CLASSES),
    batch_size=mode.pick(MODE, BATCH_SIZE),
    num_steps=mode.pick(MODE, STEPS),
    train_records=DATA / "train.record",
    eval_records=DATA / "val.record",
    label_map=DATA / "label_map.pbtxt",
)

# %% [markdown]
# The rest are single fields, each named by its path through the file: the learning rate, the size
# of the input, the width of the network.

# %%
rate = "train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate"
config.set(f"{rate}.learning_rate_base", mode.pick(MODE, LEARNING_RATE))
config.set(f"{rate}.warmup_learning_rate", mode.pick(MODE, LEARNING_RATE) / 10)
resizer = "model.ssd.image_resizer.fixed_shape_resizer"
config.set(f"{resizer}.height", mode.pick(MODE, IMAGE_SIZE))
config.set(f"{resizer}.width", mode.pick(MODE, IMAGE_SIZE))
extractor = "model.ssd.feature_extractor"
config.set(f"{extractor}.depth_multiplier", mode.pick(MODE, DEPTH_MULTIPLIER))

# %% [markdown]
# Where do the weights start? In full mode from a network that has seen 118,000 photographs of
# COCO. We keep all of it but the last layers, which named COCO's 90 classes. In quick mode from a
# small one that has seen 2,000 other scenes of the program that drew ours, and knows our two
# classes: 95 pictures and a few minutes are not enough to learn what an edge is. So quick figures
# flatter; real pictures are further away. With classes of your own its last layers are left out.

# %%
from inspection.detection.model import zoo

start = mode.pick(MODE, START)
checkpoint, kind = zoo.find_start(start, WORKSPACE / "training", class_ids)
pipeline_config.edit(
    config, fine_tune_checkpoint=checkpoint, fine_tune_checkpoint_type=kind
)
config.write(DATA / "pipeline.config")

# %% [markdown]
# The network itself is SSD: it lays a fixed grid of boxes over the picture, the anchors, and
# answers two questions for each: what is in you, and how far are you off? The grid is the same
# for every picture.

# %%
from inspection.detection.model.anchors import make_anchors

settings = config.model
size = (settings.image_height, settings.image_width)
anchors = make_anchors(size, settings.anchors)

# %% [markdown]
# It is laid in levels, from fine to coarse, with six anchors in each of their cells. How many
# anchors are there, and how large?

# %%
from inspection.detection.model.anchors import feature_map_sizes

levels = range(settings.anchors.min_level, settings.anchors.max_level + 1)
grid = pd.DataFrame(feature_map_sizes(size, levels), levels, ["rows", "columns"])
grid["anchors"] = 6 * grid["rows"] * grid["columns"]
grid["side in pixels"] = [f"{4 * 2**n} to {8 * 2**n}" for n in levels]
grid.rename_axis("level")

# %% [markdown]
# The coarse levels see the whole picture and have few, large anchors; the fine ones are many and
# small. Nothing smaller than half the smallest side has a fair chance. Which anchors answer for an
# object? Those that overlap it by half, and at least the best one. Here for one batch of training.

# %%
from inspection.detection.training.input_pipeline import training_batches
from inspection.detection.training.targets import assign

images, ground_truth = next(iter(training_batches(config, seed=2)))
_, _, matched = assign(ground_truth["boxes"], ground_truth["classes"], anchors, settings)

# %% [markdown]
# Three pictures of the batch, with the anchors that answer for something. How many have nothing to
# do?

# %%
import numpy as np

chosen = [anchors[np.flatnonzero(row)] for row in np.array(matched)[:3]]
seen = [((np.array(image) + 1) * 127.5).astype("uint8") for image in images[:3]]
titles = [f"{len(boxes)} of {len(anchors):,} anchors" for boxes in chosen]
plots.show_boxes(seen, chosen, titles=titles)

# %% [markdown]
# These are pictures as the network sees them: flipped, cropped, lighter or darker, another way
# each time. A handful of anchors answers for an object, thousands for nothing. If each of those
# counted alike, the network would learn to say "nothing". Focal loss lets the easy ones count
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
# the cell again: it goes on from the last one.

# %% tags=["nbval-ignore-output"]
import time

from inspection.detection.training import training_loop

model_dir = WORKSPACE / "training" / mode.named(MODE, RUN)
started = time.perf_counter()
trainer = training_loop.train(config, model_dir, checkpoint_every=200)
minutes = (time.perf_counter() - started) / 60

# %% [markdown]
# Did it learn? Three losses: where the boxes are, what is in them, and how large the weights are.
# Look at whether the first two still fall at the end.

# %% tags=["nbval-ignore-output"]
history = pd.read_csv(model_dir / "history.csv", index_col="step")
names = ["localization_loss", "classification_loss", "regularization_loss"]
curves = history[[f"Loss/{name}" for name in names]]
axis = curves.set_axis(names, axis=1).plot()
axis.set(title="The losses", ylabel="loss", ylim=(0, None));

# %% [markdown]
# The network comes from drawn scenes, so the losses begin low, and fall little. While the learning
# rate is high, a few hard batches may lift one of them for a while; where the rate falls, it comes
# back. A low loss on pictures that it trained on proves little. The pictures it has never seen
# decide.
#
# ## Evaluate
#
# A detection is right if its class is right and its box overlaps the drawn one by half (IoU .50).
# Each has a score; lower the limit and more objects are found, with more false alarms. mAP is the
# area below that curve, averaged over the classes. First the validation pictures, to choose with.

# %%
from inspection.detection.evaluation import evaluator
from inspection.detection.model.detector import Detector

detector = Detector(trainer.network, settings)
val = evaluator.evaluate(detector, config)

# %% [markdown]
# From which score on do we believe a box? Look at which curve falls on which side of the grey line.

# %% tags=["nbval-ignore-output"]
from inspection.detection.evaluation import evaluation_plots
from inspection.detection.evaluation.confusion import best_threshold, threshold_curve

curve = threshold_curve(val.ground_truths, val.detections, class_ids)
threshold = best_threshold(curve)
evaluation_plots.plot_threshold(curve, threshold);

# %% [markdown]
# The line marks the score with the best balance of the two kinds of error, F1. If a missed leak
# costs you more than a false alarm, go left of it. Now the test pictures, once.

# %% tags=["nbval-ignore-output"]
pipeline_config.edit(config, eval_records=DATA / "test.record")
test = evaluator.evaluate(detector, config)
evaluation_plots.plot_precision_recall(test.coco, class_ids);

# %% [markdown]
# A line that stays high to the far right is a class that is found without false alarms. Where it
# ends on the left of 1, the rest of the objects was not found at any score.

# %% tags=["nbval-ignore-output"]
coco = test.coco.metrics
headline.record_metric("mAP@.50", coco["DetectionBoxes_Precision/mAP@.50IOU"], f"{MODE} mode")
headline.record_metric("mAP@[.5:.95]", coco["DetectionBoxes_Precision/mAP"], f"{MODE} mode")
headline.record_metric("Training", f"{minutes:.1f} minutes")
test.coco.per_class.round(2)

# %% [markdown]
# `AP50` asks for half an overlap, `AP` averages over stricter and stricter demands: boxes that are
# roughly right lose much there. Does the size of an object matter?

# %% tags=["nbval-ignore-output"]
test.coco.per_size.round(2)

# %% [markdown]
# Small means below 32x32 pixels of the original picture, large above 96x96. NaN stands for "there
# are none". What is taken for what? Rows hold what was drawn, columns what was detected; the last
# of each is "nothing".

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
# Six test pictures with something to find. The detector takes each as it comes from the file.

# %%
names = [name for name, ground_truth in test.ground_truths.items() if len(ground_truth)][:6]
shown = [read_image(name) for name in names]
found = [detector.detect(image).best_first(threshold) for image in shown]

# %% [markdown]
# Every box above the threshold. Which would you accept, and what is missing?

# %% tags=["cover", "nbval-ignore-output"]
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
# ## Summary
#
# - `pipeline.config` holds network and training; `model_main_tf2.py` trains and evaluates from it.
# - Anchors are fixed boxes; the network says what each holds and how far it is off.
# - Thresholds are chosen on validation pictures, figures come from test pictures.
# - mAP ranks detectors. The gallery of errors tells what to do next.
#
# ## Exercises
#
# **1.** Halve `LEARNING_RATE` and give the run a new name. Before you run it: will the loss after
# 200 steps be higher or lower?
#
# <details><summary>Solution</summary>
#
# Higher, as a rule: from random weights the way is long and the steps are shorter. At the end of
# training the difference is small, and with a pretrained start the smaller rate often wins. Compare
# the two `history.csv`.
#
# </details>
#
# **2.** Take the threshold of the best F1 for leaks alone: `best_threshold(curve, "leak")`. A missed
# leak costs a hundred times a false alarm. Is this still the threshold you want?
#
# <details><summary>Solution</summary>
#
# No. F1 weighs both errors alike. Take the lowest threshold whose precision you can live with:
# `curve[(curve["class"] == "leak") & (curve["precision"] > 0.3)]["threshold"].min()`.
#
# </details>
#
# **3.** Stop the kernel in the middle of training and run the notebook again. Where does it go on?
#
# <details><summary>Solution</summary>
#
# At the last checkpoint: 200 or 400 steps, with the same learning rate and momentum, because
# the optimizer is stored with the weights. Lost are the steps since. Which pictures come at a
# step follows from the seed and its number alone, so on a processor the end is the same, bit for
# bit, as without the stop.
#
# </details>
#
# ## Where to go next
#
# [00 · Start here](00_start_here.ipynb) lists all notebooks. With your own pictures begin at
# [01 · From annotated pictures to training records](01_annotation_to_tfrecord.ipynb).
