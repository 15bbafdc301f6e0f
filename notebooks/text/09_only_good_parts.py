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
# The folders are those of MVTec AD [6], the set on which the field compares itself. How many good parts
# are there to learn from, and what waits in the test?

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
# First the cheapest thing: nine figures x of a whole picture, its light, colour, sharpness and texture,
# and how far each test part is from the good ones in those. With their mean μ and *covariance* Σ, the
# *distance of Mahalanobis* counts a step in units of what is usual:
#
# $$d^2 = (x - \mu)^{\mathsf T}\, \Sigma^{-1} (x - \mu)$$
#
# How often does a bad part lie farther off than a good one? That chance is the *AUROC*; one half is a
# coin.

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
# a colour. The rest is hardly better than a coin: a thin crack drowns in its picture. So we look
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
# Two ways to remember what is good. **Memory** (PatchCore [1]): keep patches, and ask how far the
# nearest is. All of them would be too many; a greedy *coreset* [2] takes, again and again, the patch
# that lies farthest from those it has. How far is the farthest patch from the memory, as it grows?

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
# It falls quickly, then slowly: most patches are like many others. **Gaussian** (PaDiM [3]):
# remember for each place the mean and the covariance of what good parts show *there*. That
# wants parts that lie alike, and knows something that the memory cannot: a patch of plain steel is
# good, but not where a hole belongs. Where places differ by no more than chance, as on a texture, they
# are drawn together into one.
#
# ## Train
#
# Nothing is trained by gradients: features, then a fit. Three in ten of the good pictures are kept
# aside, for the threshold. A new good part is as likely to come first, second or last among them as any
# other. So the place in that row *is* the rate α of false alarms (*conformal prediction* [4]), and no
# defect is needed: of n scores in order the threshold is number
#
# $$k = \lceil (1 - \alpha)(n + 1) \rceil.$$
#
# Outside a notebook:
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
# and *PRO* [5], for which a small defect counts as much as a large one. First the memory.

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
# The red lies on the defects, all five. Three of the five score below 0.5 all the same, and ring no
# alarm: a person who looks at the map finds more than the threshold does.
#
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

# %% tags=["claims", "nbval-ignore-output"]
from inspection.course import claims, solutions

solutions.run_if_wanted("09", globals())
if claims.tell_of_this_run("09", globals()):
    first, second = (results[method].table["AUROC"] for method in ("memory", "gaussian"))
    claims.hold([
        ("A hole that is missing is always seen", baseline["missing_hole"], 0.95, 1),
        ("Rust has a colour", baseline["rust"], 0.75, 1),
        ("The rest is hardly better than a coin",
         np.mean([baseline[kind] for kind in ("chip", "crack", "dent", "scratch")]), 0.4, 0.7),
        ("It falls quickly, then slowly", (far[0] - far[1]) / (far[-2] - far[-1]) * 5, 2, None),
        ("many pictures of defects score no higher than good ones", first["all"], 0.6, 0.9),
        ("All of them. An edge", (second - first).min(), 0, None),
        ("Dents stay hardest", second.drop("all").idxmin() == "dent"),
        ("about four defects in ten lie below the threshold",
         1 - best.table.loc["all", "found"], 0.3, 0.5),
        ("Three of the five score below 0.5", sum(one.score < 0.5 for one in answers[1:]), 3, 3),
        ("Some twenty frames after it happened", watch.changes[0].frame - 40, 12, 28),
    ])

# %% [markdown]
# Some twenty frames after it happened. For any model of this course, detectors included:
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
# ### References
#
# 1. Roth et al. 2022, Towards Total Recall in Industrial Anomaly Detection (PatchCore),
#    [arXiv:2106.08265](https://arxiv.org/abs/2106.08265)
# 2. Gonzalez 1985, Clustering to Minimize the Maximum Intercluster Distance,
#    [doi:10.1016/0304-3975(85)90224-5](https://doi.org/10.1016/0304-3975(85)90224-5)
# 3. Defard et al. 2021, PaDiM, [arXiv:2011.08785](https://arxiv.org/abs/2011.08785)
# 4. Bates et al. 2023, Testing for Outliers with Conformal p-values,
#    [arXiv:2104.08279](https://arxiv.org/abs/2104.08279)
# 5. Bergmann et al. 2020, Uninformed Students (PRO),
#    [arXiv:1911.02357](https://arxiv.org/abs/1911.02357)
# 6. Bergmann et al. 2021, The MVTec Anomaly Detection Dataset (such sets, photographed),
#    [doi:10.1007/s11263-020-01400-4](https://doi.org/10.1007/s11263-020-01400-4)
#
# ## Exercises
#
# **1.** Write it. The AUROC by its meaning: of all pairs of a good part and a bad one, the share in
# which the bad one scores higher; a tie counts half. Hold it against `image_auroc`.
#
# <details><summary>Solution</summary>
#
# ```python
# def auroc(good_scores, bad_scores):
#     """Return the share of pairs in which the bad one scores higher; a tie counts half."""
#     apart = np.subtract.outer(bad_scores, good_scores)
#     return np.mean((apart > 0) + 0.5 * (apart == 0))
#
#
# rusty = list(map(unlike, test.bad["rust"]))
# assert np.isclose(auroc(usual, rusty), image_auroc(usual, rusty))
# assert auroc([1, 2], [2, 9]) == 0.875
# ```
#
# </details>
#
# **2.** By hand. 45 good parts are kept aside, and one in twenty of the good ones may raise an alarm.
# Which of their scores, in order, is the threshold?
#
# <details><summary>Solution</summary>
#
# .95 · 46 = 43.7, so the 44th: one of the 45 lies above it.
#
# ```python
# from inspection.anomaly.conformal import conformal_threshold
#
# assert conformal_threshold(range(1, 46), 0.05) == 44
# ```
#
# </details>
#
# **3.** Predict. Set `FALSE_ALARMS` to 0.01. How many pictures are kept aside then, how many are left
# to learn from, and what would help?
#
# <details><summary>Solution</summary>
#
# By the formula n must be 99, or there is no number k among n. Of 150 only 51 are left to learn from,
# and with fewer than 109 training stops and says so. More good pictures help, which are cheap;
# nothing else does.
#
# ```python
# learn, aside = training.divide(good, Settings(false_alarms=0.01))
# assert (len(learn), len(aside)) == (51, 99)
# ```
#
# </details>
#
# ## Where to go next
#
# [04 · Crack or no crack](04_crack_classification.ipynb) and [06 · Rust, pixel by
# pixel](06_rust_segmentation.ipynb) learn from defects that somebody has drawn: where you have many of
# a kind, begin there. Words of the field: [glossary](../docs/glossary.md).
