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
# # 09 · Only good parts
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/visual-inspection-course/visual-inspection-course/blob/main/notebooks/09_only_good_parts.ipynb)
# · quick: 3 minutes on two cores, 2 GB; full: 10 minutes, no GPU needed · you need: nothing, the
# pictures are in the repository
#
# ![a good part and bad ones, red where they are unlike good ones](attachment:cover.jpg)
#
# "I have ten thousand pictures of good parts and three of bad ones." Then there is nothing to learn
# bad from, and the next defect will be of a kind that nobody has seen. So we learn good, and ask of
# every new part how unlike it is. The price: the answer is "unlike", never "cracked", and whatever
# is new is unlike, a changed lamp included.

# %% [markdown]
# ## Setup
#
# This cell is the same in every notebook. On your own machine it only finds the course; on Colab
# it fetches it first.

# %%
import subprocess
import sys
from pathlib import Path

REPOSITORY = "https://github.com/visual-inspection-course/visual-inspection-course"
USE_DRIVE = False  # True keeps your work on Google Drive, on Colab only

here = Path.cwd()
places = [here, *here.parents, here / Path(REPOSITORY).name]
found = [place for place in places if (place / "scripts/inspection").is_dir()]
if not found:
    subprocess.run(["git", "clone", "--depth=1", REPOSITORY], check=True)
course = found[0] if found else places[-1]
sys.path.insert(0, str(course.resolve() / "scripts"))

from inspection.course import setup

WORKSPACE = setup.prepare(USE_DRIVE)

# %% [markdown]
# ## Settings
#
# A set of good parts has `train/good`; to measure with, it has `test/good`, a folder in `test/` for
# each kind of defect, and a mask of each defect in `ground_truth/`.

# %% tags=["parameters"]
PICTURES = "data/parts"  # train/good, test/good, test/KIND, ground_truth/KIND
THING = "flange"         # what the pictures show
RUN = "parts"            # name of the model
MODE = "quick"           # "full" takes ImageNet's features and larger pictures

WEIGHTS = {"quick": "data/weights/walls.npz", "full": "imagenet"}  # of MobileNetV2 0.35
SIZE = {"quick": 192, "full": 320}                                 # a multiple of 32
FALSE_ALARMS = 0.05                                                # of the good parts
SEED = 0                                                           # of what is kept aside

# %% [markdown]
# Your own parts? Change the first lines, nothing else.
#
# ## Data
#
# How many good parts are there to learn from, and what waits in the test?

# %%
import pandas as pd

from inspection.course import headline, mode, plots
from inspection.datasets import good_parts
from inspection.datasets.images.image_file import read_rgb

good = good_parts.find_good(PICTURES)
test = good_parts.find_test(PICTURES)
counts = {"learn, good": len(good), "test, good": len(test.good)}
counts |= {f"test, {kind}": len(paths) for kind, paths in test.bad.items()}
pd.Series(counts).to_frame("pictures").T

# %% [markdown]
# Above three good ones, below one of each of the first three kinds of defect. What differs between
# the good ones? That must not count.

# %%
kinds = list(test.bad)[:3]
shown = [*good[:3], *(test.bad[kind][0] for kind in kinds)]
plots.show_images([read_rgb(path) for path in shown], ["good"] * 3 + kinds)

# %% [markdown]
# Light, grain, the marks of the tool, and a degree or two of turn: a pin holds the part, with play.
#
# ## Model
#
# First the cheapest thing: nine figures of a whole picture, its light, color, sharpness and texture,
# and how far each test part is from the good ones in those (the distance of Mahalanobis, which
# counts a step in units of what is usual). How often does a bad part lie farther off than a good
# one? That chance is the AUROC; one half is a coin.

# %%
import numpy as np

from inspection.anomaly.measures import image_auroc
from inspection.datasets.images.appearance import appearance

figures = np.array([appearance(read_rgb(path)) for path in good])
inverse = np.linalg.pinv(np.cov(figures.T))


def unlike(path):
    off = appearance(read_rgb(path)) - figures.mean(axis=0)
    return float(off @ inverse @ off)


usual = [unlike(path) for path in test.good]
baseline = {kind: image_auroc(usual, list(map(unlike, paths))) for kind, paths in test.bad.items()}
pd.Series(baseline).round(2).to_frame("AUROC").T

# %% [markdown]
# A hole that is missing is always seen: it changes the light of the picture by the same step. Rust has
# a color. The rest is hardly better than a coin: a thin crack drowns in its picture. So we look
# place by place, and with better eyes: the features of a network that was trained on other pictures.
# Three of its depths are brought to one grid, a vector for each 8 x 8 pixels.

# %%
from inspection.anomaly.features import answers_of_files, build_features

size = mode.pick(MODE, SIZE)
weights = mode.pick(MODE, WEIGHTS)
features = build_features(size, weights)
patches = np.stack(list(answers_of_files(features, good[:40])))
patches.shape

# %% [markdown]
# Some of these channels are loud on every picture. Whitening turns and scales them until all
# directions vary alike among good patches; a distance then counts what is unusual, not what is
# loud. How unequal were they?

# %%
from inspection.anomaly.whitening import fit_whitening

flat = patches.reshape(-1, patches.shape[-1])
white = fit_whitening(flat, 64)(flat)
pd.DataFrame(
    {"loudest": [flat.std(0).max(), white.std(0).max()],
     "quietest": [flat.std(0).min(), white.std(0).min()]},
    index=["before", "whitened"],
).round(3)

# %% [markdown]
# Two ways to remember what is good. **Memory** (PatchCore, Roth et al. 2022): keep patches, and ask
# how far the nearest is. All of them would be too many; a greedy coreset takes, again and again, the
# patch that lies farthest from those it has. How far is the farthest patch from the memory, as it
# grows?

# %%
from sklearn.metrics import pairwise_distances

from inspection.anomaly.coreset import choose_coreset

rng = np.random.default_rng(SEED)
sample = white[rng.choice(len(white), 3000, replace=False)]
order = choose_coreset(sample, 400, rng)
sizes = [10, 50, 100, 200, 400]
far = [pairwise_distances(sample, sample[order[:n]]).min(axis=1).max() for n in sizes]
axis = pd.Series(far, sizes).plot(marker="o", ylim=(0, None), figsize=(6, 3))
plots.label(axis, "Farthest patch from the memory", x="patches kept", y="distance")

# %% [markdown]
# It falls quickly, then slowly: most patches are like many others. **Gaussian** (PaDiM, Defard et al.
# 2021): remember for each place the mean and the covariance of what good parts show *there*. That
# wants parts that lie alike, and knows something that the memory cannot: a patch of plain steel is
# good, but not where a hole belongs. Where places differ by no more than chance, as on a texture, they
# are drawn together into one.
#
# ## Train
#
# Nothing is trained by gradients: features, then a fit. A third of the good pictures is kept aside,
# for the threshold. A new good part is as likely to come first, second or last among them as any
# other, so the place in that row *is* the rate of false alarms (conformal prediction); no defect is
# needed for that. Outside a notebook:
#
# ```text
# python scripts/train_anomaly.py data/parts --weights data/weights/walls.npz --size 192 \
#     -o build/parts_model
# python scripts/evaluate_anomaly.py build/parts_model data/parts
# ```

# %% tags=["nbval-ignore-output"]
import time

from inspection.anomaly import training
from inspection.anomaly.settings import Settings

models, seconds = {}, {}
for method in ("memory", "gaussian"):
    settings = Settings(size=size, method=method, false_alarms=FALSE_ALARMS, seed=SEED)
    began = time.perf_counter()
    trained = training.train(good, weights, settings)
    models[method] = WORKSPACE / "training" / f"{RUN}_{method}"
    training.save(trained, models[method])
    seconds[method] = time.perf_counter() - began
pd.Series(seconds).round(0).to_frame("seconds").T

# %% [markdown]
# Are there bad ones among the good? Those of the pictures kept aside whose score lies far from the
# others would be named here.

# %%
[path.name for path in trained.odd]

# %% [markdown]
# ## Evaluate
#
# By kind of defect: the AUROC of pictures; what share is found at the threshold; the AUROC of pixels;
# and PRO, for which a small defect counts as much as a large one. First the memory.

# %% tags=["nbval-ignore-output"]
from inspection.anomaly.evaluation import evaluate

results = {method: evaluate(folder, test) for method, folder in models.items()}
results["memory"].table.round(2)

# %% [markdown]
# It knows where to look (the figures by pixel), and yet many pictures of defects score no higher than
# good ones. Then the Gaussians. Which kinds gain?

# %% tags=["nbval-ignore-output"]
results["gaussian"].table.round(2)

# %% [markdown]
# All of them. An edge that plays a little is usual at the rim and is an error on the face; the memory
# must allow everywhere what is good anywhere, the Gaussian of a place allows what is good there. Dents
# stay hardest, and about four defects in ten lie below the threshold. If your parts lie anyhow, the
# places mean nothing, and `memory` is the one to take.
#
# Are the false alarms as many as promised? The promise is a rate, and a few dozen pictures are a draw
# of luck; in 95 of 100 tests the share lies in the interval.

# %% tags=["nbval-ignore-output"]
best = results["gaussian"]
figures_of = best.table.loc["all"]
headline.record_metric("Image AUROC, nine figures", float(np.mean(list(baseline.values()))))
headline.record_metric("Pixel AUROC", figures_of.get("pixel AUROC", float("nan")))
headline.record_metric("Image AUROC", figures_of["AUROC"], f"{MODE} mode")
low, high = best.interval
f"{best.false_alarms:.0%} of the good test parts, expected {low:.0%} to {high:.0%}"

# %% [markdown]
# ### Where it fails
#
# The bad parts with the lowest scores. What do they have in common?

# %% tags=["nbval-ignore-output"]
bad = [path for paths in test.bad.values() for path in paths]
missed = sorted(bad, key=best.scores.get)[:3]
titles = [f"{path.parent.name}, {best.scores[path]:.2f}" for path in missed]
plots.show_images([read_rgb(path) for path in missed], titles)

# %% [markdown]
# Small or faint. A place of the grid is 8 pixels wide and is averaged with its neighbours: a dent of
# that size is a small part of a vector. Larger pictures help (`SIZE`), and slower.
#
# ## Use it
#
# One file for the phone, the service and the browser: features, distances and map inside. The runtime
# of this course asks it without TensorFlow. Red is what is unlike all good parts, the score over 0.5
# an alarm.

# %% tags=["cover", "nbval-ignore-output"]
from inspection.deploy import runtime
from inspection.deploy.inspect_images import paint_map

model = runtime.load_model(models["gaussian"] / training.TFLITE)
chosen = [test.good[0], *(paths[-1] for paths in test.bad.values())][:6]
shown = [read_rgb(path) for path in chosen]
answers = [model.predict(image) for image in shown]
titles = [f"{path.parent.name}, {one.score:.2f}" for path, one in zip(chosen, answers)]
plots.show_images([paint_map(i, one) for i, one in zip(shown, answers)], titles)

# %% [markdown]
# How long does a picture take, and how large is the file?

# %% tags=["nbval-ignore-output"]
stored = (models["gaussian"] / training.TFLITE).stat().st_size
headline.record_metric("Milliseconds a picture", best.milliseconds)
headline.record_metric("Model file", f"{stored / 1e6:.1f} MB")

# %% [markdown]
# ```text
# python scripts/inspect_parts.py build/parts_model/model.tflite new_parts -o build/inspected
# python scripts/serve.py --model build/parts_model/model.tflite
# ```
#
# ### Has the camera changed?
#
# The nine figures that lost above are good at something else: they tell when the camera, and not the
# part, has changed. The reference is made from good pictures; an alarm rings when nearly all of the
# last 25 frames look like none of it. Here the lamp loses a third of its light after 40 frames.

# %%
from inspection.deploy.drift import DriftWatch, make_reference

watch = DriftWatch(make_reference(read_rgb(path) for path in good))
frames = [read_rgb(path) for path in (test.good * 3)[:80]]
for number, frame in enumerate(frames):
    watch.look(frame if number < 40 else (frame * 0.67).astype("uint8"))
[f"{change.cause} has changed, seen at frame {change.frame}" for change in watch.changes]

# %% [markdown]
# Twenty frames after it happened. For any model of this course, detectors included:
# `check_camera.py` makes the reference, and `detect.py` and `serve.py` take it with `--reference`.
#
# ## Summary
#
# - Where bad pictures are missing, learn good, and measure how unlike a part is.
# - Features of a network that was trained on something else see more than statistics of pixels do;
#   whitening makes them count alike.
# - Gaussians by place for parts that lie alike, a memory of patches for all else.
# - The threshold comes from good pictures alone, with a rate of false alarms that can be checked.
#
# ## Exercises
#
# **1.** Set `FALSE_ALARMS` to 0.01. What happens, and what would help?
#
# <details><summary>Solution</summary>
#
# Training stops: a rate of one in a hundred takes 99 pictures kept aside, and then too few are left
# to learn from, or only just enough. More good pictures help, which are cheap; nothing else does.
#
# </details>
#
# **2.** Copy three pictures of `test/rust` into a copy of `train/good` and train anew. Predict first:
# which figures change?
#
# <details><summary>Solution</summary>
#
# Where a rusty part is among those kept aside, it is named as odd and may raise the threshold, so
# that fewer defects are found. In the memory, rust becomes good, and the figures of rust fall; the
# Gaussians become wider at its places, and suffer less.
#
# </details>
#
# **3.** Turn all test pictures by 20 degrees. Which method raises alarms on good parts?
#
# <details><summary>Solution</summary>
#
# The Gaussians: a hole now lies where steel should be. The memory less, but it too has never seen
# the light come from there.
#
# </details>
#
# ## Where to go next
#
# [04 · Crack or no crack](04_crack_classification.ipynb) and [06 · Rust, pixel by
# pixel](06_rust_segmentation.ipynb) have drawn defects to learn from: with a hundred of a kind, they
# find it better.
