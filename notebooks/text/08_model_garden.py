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
# # 08 · Model Garden beside ours
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/visual-inspection-course/visual-inspection-course/blob/main/notebooks/08_model_garden.ipynb)
# · quick: 5 minutes on two cores, 3 GB; full: two hours on a GPU · you need: Model Garden, see below
#
# ![the same test pictures, above with the boxes of our detector, below with Model Garden's](attachment:cover.jpg)
#
# The Object Detection API, whose files this course reads and writes, is no longer maintained. What
# TensorFlow offers in its place is Model Garden: one large package, used and tested by those who make
# it. Is it better than the small detector of this course? We ask both the same question: the same
# pictures, the same start, the same number of steps, and one judge. An appendix: a benchmark of two
# programs, not a lesson on a new idea.

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
# Model Garden brings 48 packages that nothing else here needs, so the course does not install it by
# itself. Is it there?

# %% tags=["nbval-ignore-output"]
from importlib.util import find_spec

from IPython.display import display

INSTALLED = find_spec("official") is not None
if not INSTALLED:
    print("Model Garden is missing: pip install --use-pep517 -r requirements-modelgarden.txt")

# %% [markdown]
# Without it the notebook runs too: the cells that begin with `if INSTALLED` pass over their work, and
# the long comparison at the end comes from a file.
#
# ## Settings
#
# As in notebook 02. Both engines take everything from these lines.

# %% tags=["parameters"]
IMAGES = {"quick": "data/leaks/images", "full": "bccd"}    # your pictures: folder or .zip
ANNOTATIONS = {"quick": "data/leaks/annotations", "full": ""}  # one .xml each; "" as in IMAGES
SPLITS = {"quick": "data/leaks/splits", "full": ""}  # train.txt, ...; "" the set's own
CLASSES = {"quick": ["leak", "puddle"], "full": ["RBC", "WBC", "Platelets"]}  # never reorder
RUN = "beside"  # the same name goes on, a new one starts afresh
MODE = "quick"  # "full" takes BCCD, photographs of blood cells, and is for a GPU

IMAGE_SIZE = {"quick": 192, "full": 320}         # pixels; small objects need more
DEPTH_MULTIPLIER = {"quick": 0.35, "full": 1.0}  # width of the network
STEPS = {"quick": 240, "full": 10_000}           # batches to train on, for each engine
BATCH_SIZE = {"quick": 8, "full": 32}            # less if memory runs out
LEARNING_RATE = {"quick": 0.08, "full": 0.02}    # a tenth if the loss is not finite
CLIP_NORM = 5.0                                  # of the gradients of a step, for both
START = {  # of the backbone: a checkpoint of this course, or "imagenet"
    "quick": "data/weights/leak_scenes/checkpoint/ckpt-0",
    "full": "imagenet",
}
CALIBRATION = {"quick": 12, "full": 200}  # pictures that set the ranges of int8
BOXES = 2  # of each picture that are shown, the best

# %% [markdown]
# Your own pictures? Change the first five lines, nothing else.
#
# ## Data
#
# Model Garden reads the very files that notebook 01 writes: TFRecord with the feature names of the
# Object Detection API, which both inherited. Nothing is converted. First the folders and the label
# map.

# %%
from inspection.course import headline, mode, own_set, plots
from inspection.detection.config import label_map

DATA = WORKSPACE / mode.named(MODE, "data") / RUN
IMAGES, ANNOTATIONS, SPLITS, CLASSES = mode.pick(MODE, IMAGES, ANNOTATIONS, SPLITS, CLASSES)
IMAGES, ANNOTATIONS, SPLITS = own_set.open_boxes(IMAGES, ANNOTATIONS, SPLITS)
class_ids = {name: i + 1 for i, name in enumerate(CLASSES)}
label_map.write_label_map(CLASSES, DATA / "label_map.pbtxt")

# %% [markdown]
# Then the records. How many pictures and objects are there to learn from?

# %%
import pandas as pd

from inspection.datasets import voc
from inspection.detection.records import record_builder, record_sources

sources = voc.list_annotations(ANNOTATIONS)
parts = {}
for part in ("train", "test"):
    names = Path(SPLITS) / f"{part}.txt"
    chosen = record_sources.select_split(sources, names, IMAGES)
    record = DATA / f"{part}.record"
    summary = record_builder.build_records(chosen, IMAGES, class_ids, record)
    parts[part] = {"pictures": summary.images, **summary.boxes}

pd.DataFrame(parts).T

# %% [markdown]
# ## Model
#
# Ours is written down in `pipeline.config`, as in notebook 02. We leave out the changes of colour,
# which Model Garden does not have for detectors; flips and crops stay.

# %%
from inspection.detection.config import base_configs, pipeline_config

config = pipeline_config.edit(
    base_configs.read("ssd_mobilenet_v2_fpnlite_320x320"),
    num_classes=len(CLASSES),
    batch_size=mode.pick(MODE, BATCH_SIZE),
    num_steps=mode.pick(MODE, STEPS),
    train_records=DATA / "train.record",
    eval_records=DATA / "test.record",
    label_map=DATA / "label_map.pbtxt",
)
augmentations = "train_config.data_augmentation_options"
config.set(augmentations, config.message.values(augmentations)[:2])

# %% [markdown]
# Learning rate, size of the input and width of the network, as before. New is that gradients longer
# than `CLIP_NORM` are cut to it: at such a learning rate one wild step may end a short training.

# %%
rate = "train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate"
config.set("train_config.gradient_clipping_by_norm", CLIP_NORM)
config.set(f"{rate}.learning_rate_base", mode.pick(MODE, LEARNING_RATE))
config.set(f"{rate}.warmup_learning_rate", mode.pick(MODE, LEARNING_RATE) / 10)
for side in ("height", "width"):
    resizer = "model.ssd.image_resizer.fixed_shape_resizer"
    config.set(f"{resizer}.{side}", mode.pick(MODE, IMAGE_SIZE))
alpha = mode.pick(MODE, DEPTH_MULTIPLIER)
config.set("model.ssd.feature_extractor.depth_multiplier", alpha)

# %% [markdown]
# A fair race has one starting line. The two networks share only the *backbone*, MobileNetV2 [1], so
# only the backbone may start with knowledge: pyramid and heads begin with random numbers on both sides.
# We build ours as it would start.

# %%
from inspection.detection.model.network import build_network
from inspection.detection.training.training_loop import load_starting_weights

start = mode.pick(MODE, START)
kind = "classification" if start == "imagenet" else "detection"
pipeline_config.edit(config, fine_tune_checkpoint=start, fine_tune_checkpoint_type=kind)
network = build_network(config.model)
print(load_starting_weights(network, config))

# %% [markdown]
# Then we take the backbone out and keep it in a file of its own: from there both will start.

# %%
from inspection.detection.model.backbone_weights import save_backbone

BACKBONE = DATA / "backbone.npz"
save_backbone(network, BACKBONE)
config = pipeline_config.edit(
    config, fine_tune_checkpoint=BACKBONE, fine_tune_checkpoint_type="classification"
)

# %% [markdown]
# Now Model Garden's side. It describes everything in one tree, the experiment. The ready ones bring
# other backbones along, SpineNet [4] or ResNet, so `make_experiment` fills an empty one from our
# settings. The backbone from the file goes into a checkpoint of the kind that it reads.

# %% tags=["nbval-ignore-output"]
if INSTALLED:
    from inspection.model_garden import backbone, experiment

    theirs = experiment.make_experiment(config)
    checkpoint = backbone.write_checkpoint(BACKBONE, theirs, DATA)
    theirs = experiment.make_experiment(config, checkpoint)

# %% [markdown]
# Which of our words becomes which of theirs?

# %% tags=["nbval-ignore-output"]
if INSTALLED:
    task = theirs.task
    words = {
        "image_resizer": f"model.input_size = {task.model.input_size}",
        "anchor_scale": f"model.anchor.anchor_size = {task.model.anchor.anchor_size}",
        "scales_per_octave": f"model.anchor.num_scales = {task.model.anchor.num_scales}",
        "num_classes": f"model.num_classes = {task.model.num_classes}",
        "weighted_sigmoid_focal": f"losses.focal_loss_gamma = {task.losses.focal_loss_gamma}",
        "weighted_smooth_l1": f"losses.huber_loss_delta = {task.losses.huber_loss_delta}",
        "total_steps": f"trainer.train_steps = {theirs.trainer.train_steps}",
    }
    display(pd.Series(words, name="in Model Garden").rename_axis("ours").to_frame())

# %% [markdown]
# One class more: Model Garden counts "nothing" as class 0. The rest is a matter of words: the same
# anchors, the same focal loss [2], the same Huber loss for boxes. Tests of this course compute both and
# compare.
#
# One trap stands in none of these lines. Level 7 of the *feature pyramid* [3] halves a picture seven
# times, and 320 is no multiple of 128. By default Model Garden pads such a picture to the next
# multiple, 384, and stops, as the network was built for 320. `parser.pad = False` lets it train. Are
# the anchors still in place then? Both engines can say where theirs lie.

# %% tags=["nbval-ignore-output"]
if INSTALLED:
    from inspection.detection.model import anchors as our_anchors
    from inspection.model_garden import anchors as their_anchors

    size, settings = 320, config.model.anchors
    grids = {
        "ours": our_anchors.make_anchors((size, size), settings),
        "Model Garden": their_anchors.make_anchors((size, size), settings),
    }

# %% [markdown]
# Look at the dots of the two kinds: do they meet?

# %% tags=["nbval-ignore-output"]
if INSTALLED:
    from inspection.course.anchor_plot import plot_centres

    plot_centres(grids, size, settings, levels=[6, 7])

# %% [markdown]
# At level 6, with a step of 64 pixels, all meet. At level 7 they do not: where the step does not
# divide the side, ours lie 128 pixels apart from the corner on, as in the original API; Model
# Garden stretches its grid over the picture. Both are right, each network learns with its own grid.
# But neither can use the other's weights there, and an exported file needs the grid it was trained
# with.
#
# The networks differ in three places. Ours takes the coarse map after MobileNetV2's last
# convolution, Model Garden before it. Ours adds batch norm and activation to the maps of the
# pyramid on the way down, Model Garden at the end. And the heads: one tower for boxes and classes
# in ours, two in Model Garden.
#
# ## Train
#
# First ours, with Keras's `fit`.

# %% tags=["nbval-ignore-output"]
import time

from inspection.detection.training import training_loop

model_dir = WORKSPACE / "training" / mode.named(MODE, RUN)
seconds = {}
started = time.perf_counter()
trainer = training_loop.train(config, model_dir / "ours")
seconds["ours"] = time.perf_counter() - started

# %% [markdown]
# Then Model Garden, with its own task and its own trainer, Orbit. It takes longer to begin.

# %% tags=["nbval-ignore-output"]
if INSTALLED:
    from inspection.model_garden import training as garden_training

    started = time.perf_counter()
    model, curves = garden_training.train(theirs, model_dir / "garden")
    seconds["Model Garden"] = time.perf_counter() - started

# %% [markdown]
# Did it learn?

# %% tags=["nbval-ignore-output"]
if INSTALLED:
    names = ["localization_loss", "classification_loss"]
    axis = curves[names].plot(marker="o")
    axis.set(title="Model Garden's losses", ylabel="loss", ylim=(0, None))

# %% [markdown]
# The two losses mean the same as in notebook 02. They fall fast at first, while the heads learn that
# nearly everything is background.
#
# ## Evaluate
#
# Model Garden has an evaluation of its own. We do not use it: two judges would be one too many.
# `GardenDetector` gives its network the face of ours, and `evaluate` does not know the difference.

# %% tags=["nbval-ignore-output"]
from inspection.detection.model.detector import Detector

detectors = {"ours": Detector(trainer.network, config.model)}
if INSTALLED:
    from inspection.model_garden.detector import GardenDetector

    detectors["Model Garden"] = GardenDetector(model, theirs)

# %% [markdown]
# The test pictures, for both.

# %% tags=["nbval-ignore-output"]
from inspection.detection.evaluation import evaluator

results = {name: evaluator.evaluate(d, config) for name, d in detectors.items()}
rows = {}
for name, result in results.items():
    per_class = result.coco.per_class["AP50"]
    rows[name] = {"mAP@.50": per_class.mean(), **per_class}
    rows[name]["minutes of training"] = seconds[name] / 60
    headline.record_metric(f"mAP@.50, {name}", per_class.mean(), f"{MODE} mode")
pd.DataFrame(rows).T.round(2)

# %% [markdown]
# Do not read much into a difference here: few steps, few pictures, one seed. What counts is that
# both learn from the same records, and that the same code says so.
#
# ## Use it
#
# Three test pictures, and in each the two best boxes of either detector, however low their scores
# are after so few steps.

# %%
from inspection.datasets.images import image_file as images

ground_truths = results["ours"].ground_truths
chosen = [name for name, ground_truth in ground_truths.items() if len(ground_truth)][:3]
shown = [images.read_rgb(Path(IMAGES) / name) for name in chosen]
found = {name: [d.detect(i).best_first()[:BOXES] for i in shown] for name, d in detectors.items()}

# %% [markdown]
# Above ours, below Model Garden. Which would you take?

# %% tags=["cover", "nbval-ignore-output"]
every = [one for per_engine in found.values() for one in per_engine]
plots.show_boxes(
    shown * len(found),
    [one.boxes for one in every],
    [one.class_ids for one in every],
    [one.scores for one in every],
    CLASSES,
    [name for name in found for _ in shown],
)

# %% [markdown]
# Model Garden exports with its own serving code: a SavedModel for servers and, by another branch of
# it, `.tflite` for phones. The int8 file learns its ranges from the training records.

# %% tags=["nbval-ignore-output"]
if INSTALLED:
    from inspection.model_garden import export

    folders = model_dir / "garden", model_dir / "exported"
    files = export.export_tflite(theirs, *folders, images=mode.pick(MODE, CALIBRATION))

# %% [markdown]
# LiteRT runs both. What is the price of the smaller one?

# %% tags=["nbval-ignore-output"]
if INSTALLED:
    rows = {}
    for format, path in files.items():
        result = evaluator.evaluate(export.TfliteDetector(path), config)
        ap50 = result.coco.per_class["AP50"].mean()
        rows[format] = {"MB": path.stat().st_size / 1e6, "mAP@.50": ap50}
    display(pd.DataFrame(rows).T.round(2))

# %% [markdown]
# A quarter of the size, nearly the same accuracy. Where the files lie a little below the network
# itself, one reason is that they leave out every box with a score under 0.05, which after so few
# steps is nearly all of them.
#
# These files hold no labels and no scale: whoever runs them must know that class 1 is a leak, and
# that pictures go in minus ImageNet's mean. Ours say so themselves (notebook 03).
#
# Now a comparison on real photographs: BCCD, 364 pictures of blood cells, measured by
# `tests/benchmarks/model_garden.py` on two cores, with 1,000 steps for each engine. What follows
# comes from the file that it wrote.

# %%
import json

measured = json.loads(Path("assets/results/model_garden.json").read_text())
engines = pd.DataFrame(measured["engines"]).astype(float)
engines = engines.rename(columns={"model_garden": "Model Garden"})
left_out = [row for row in engines.index if "cpu" in row or "by_turns" in row]
engines.drop(index=left_out).map("{:,.6g}".format)

# %% [markdown]
# Four of the times as bars: what does a student wait for, and what does a phone work for? Low is
# good in all of them.

# %%
bars = {
    "seconds_to_first_step": "seconds\nto the first step",
    "step_by_turns_wall_s": "seconds a step,\nby turns",
    "float32_ms": "milliseconds\na picture, float32",
    "int8_ms": "milliseconds\na picture, int8",
}
panels = engines.loc[list(bars)].rename(index=bars).T
layout = {"subplots": True, "layout": (1, 4), "figsize": (plots.WIDTH, 2.8)}
frames = panels.plot.bar(**layout, rot=0, legend=False, xlabel="", width=0.7)
for frame in frames.flat:
    frame.bar_label(frame.containers[0], fmt="%.3g")
    frame.margins(y=0.12)

# %% [markdown]
# Our training step takes 0.36 seconds, Model Garden's 0.48, and the way to the first step 25 against
# 34. The networks are of nearly the same size, 556,176 and 577,572 numbers, and so are the files. A
# test picture takes 9.0 ms against 12.1 in float32, 7.9 against 11.1 in int8, where Model Garden's
# file takes and gives float32.
#
# After the same 1,000 steps ours has an mAP@.50 of 82.5 %, Model Garden's network 74.7 %. That is one
# seed and a short training: it shows that both learn the task, not which is better, for which one
# would compare many settings [5]. The same run again, with the same seed, gave Model Garden 76.5 %;
# ours repeats itself. The same detector of ours reaches 86 % after 4,500 steps
# (`assets/results/bccd.json`).
#
# When to take which? Ours, if you want to read every line, to train on a small machine, and to end
# with a file that phones and browsers understand by itself. Model Garden, if you need another network
# (ResNet, SpineNet, Mask R-CNN, segmentation, video), many GPUs or TPUs, and can live with its 48
# packages and with settings spread over a tree of 275 lines, against 193 lines of ours.

# %% tags=["claims", "nbval-ignore-output"]
from inspection.course import claims, solutions

solutions.run_if_wanted("08", globals())
if claims.tell_of_this_run("08", globals()):
    first, step, wide, small = engines.loc[list(bars)].to_numpy()
    found = engines.loc["mAP@.50"]
    claims.hold([
        ("Our training step takes 0.36 seconds", step[0], 0.355, 0.365),
        ("Model Garden's 0.48", step[1], 0.475, 0.485),
        ("the way to the first step 25 against", first[0], 24.5, 25.5),
        ("takes 9.0 ms against 12.1 in float32", wide[0], 8.95, 9.05),
        ("7.9 against 11.1 in int8", small[0], 7.85, 7.95),
        ("ours has an mAP@.50 of 82.5 %", found["ours"], 82.45, 82.55),
        ("Model Garden's network 74.7 %", found["Model Garden"], 74.65, 74.75),
    ])

# %% [markdown]
# ## Summary
#
# - The records of this course go into Model Garden as they are; so do its settings, under other
#   names.
# - Same anchors, same focal loss, same pyramid idea. The heads differ, and the grid at level 7.
# - One judge for both: `evaluate` takes whatever finds boxes.
# - Take ours to understand and to change, Model Garden for its many networks.
#
# ### References
#
# 1. Sandler et al. 2018, MobileNetV2, [arXiv:1801.04381](https://arxiv.org/abs/1801.04381)
# 2. Lin et al. 2017, Focal Loss for Dense Object Detection (RetinaNet),
#    [arXiv:1708.02002](https://arxiv.org/abs/1708.02002)
# 3. Lin et al. 2017, Feature Pyramid Networks for Object Detection,
#    [arXiv:1612.03144](https://arxiv.org/abs/1612.03144)
# 4. Du et al. 2020, SpineNet, [arXiv:1912.05027](https://arxiv.org/abs/1912.05027)
# 5. Huang et al. 2017, Speed/accuracy trade-offs for modern convolutional object detectors,
#    [arXiv:1611.10012](https://arxiv.org/abs/1611.10012)
#
# ## Exercises
#
# **1.** Write it. A function that says for each row of `engines` how many times ours Model Garden's
# figure is. In which rows is more better, and who is ahead there?
#
# <details><summary>Solution</summary>
#
# More is better in the steps of a second and in both mAP, and there ours is ahead; in all rows of
# time, size and memory less is better. The comparison is one run of each.
#
# ```python
# def times_ours(engines):
#     """Return Model Garden's figure of each row, divided by ours."""
#     return engines["Model Garden"] / engines["ours"]
#
#
# times = times_ours(engines)
# assert (times[["steps_a_second", "mAP@.50", "mAP@[.5:.95]"]] < 1).all()
# assert times["float32_ms"] > 1 and times["peak_memory_gb"] > 1
# ```
#
# </details>
#
# **2.** By hand. A picture of 320 pixels, level 7, a step of 128: how many cells has a row of the grid,
# and where are their middles in ours, which begins at the corner where the step does not divide the
# side, and where in a grid that is stretched over the picture?
#
# <details><summary>Solution</summary>
#
# 320 / 128 = 2.5, so 3 cells. Ours stand at 0, 128 and 256. Stretched, a cell is 320 / 3 = 106.7 pixels
# wide, and the middles are 53, 160 and 267: none meets one of ours.
#
# ```python
# import numpy as np
#
# from inspection.detection.model.anchors import feature_map_sizes, make_anchors
#
# rows, columns = feature_map_sizes((320, 320), [7])[0]
# corners = make_anchors((320, 320), config.model.anchors)[-6 * rows * columns :: 6]
# middles = np.unique(np.round(160 * (corners[:, 0] + corners[:, 2])))
# assert columns == 3 and middles.tolist() == [0, 128, 256]
# assert np.round((np.arange(3) + 0.5) * 320 / 3).tolist() == [53, 160, 267]
# ```
#
# </details>
#
# **3.** Predict. Set `pad` to True in `experiment.reader_options` and `IMAGE_SIZE` to 320: where will
# it stop, and what will the message speak of?
#
# <details><summary>Solution</summary>
#
# In the first step of training. The picture comes out 384 pixels wide, the next multiple of 128, and
# the network was built for 320. The message speaks of shapes that do not fit, and names neither padding
# nor level 7.
#
# ```python
# assert -(-320 // 128) * 128 == 384
# ```
#
# </details>
#
# ## Where to go next
#
# [09 · Only good parts](09_only_good_parts.ipynb) needs no drawn boxes at all.
# [02 · Train a detector](02_train_and_evaluate.ipynb) goes deeper into errors and thresholds,
# [03 · Export](03_export_and_deploy.ipynb) into what a phone needs.
# [00 · Start here](00_start_here.ipynb) lists all notebooks. Words of the field:
# [glossary](../docs/glossary.md).
