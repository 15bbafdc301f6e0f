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
# # 05 · Rust or brown paint? Colour, light and texture
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/visual-inspection-course/visual-inspection-course/blob/main/notebooks/05_rust_texture_and_classification.ipynb)
# · quick: 2 minutes on two cores, 1 GB; full: 15 minutes, no GPU needed · you need: nothing, the
# pictures are in the repository
#
# ![test pictures, each with the chance of rust](attachment:cover.jpg)
#
# Rust is brown, so look for brown. That rule is thirty years old, costs a millisecond, and fails on
# the first wooden plank. In this notebook we push it as far as it goes: even light, better colours,
# watershed, texture. Then we know what a network has to beat.

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
# A mask is a picture of the same size and name: black where there is nothing, one other value where
# there is rust. Full mode fetches photographs of corrosion by the name of the set. What the text
# reads from a figure is said of quick mode, the drawn pictures.

# %% tags=["parameters"]
IMAGES = {"quick": "data/rust/images", "full": "corrosion"}  # your pictures: folder or .zip
MASKS = {"quick": "data/rust/masks", "full": ""}    # one of the same name each; "" as in IMAGES
SPLITS = {"quick": "data/rust/splits", "full": ""}  # train.txt, ...; "" its own, or deals them
FOREGROUND = None            # the value that counts, where masks hold several classes
THING = "rust"               # what the masks mark
WEIGHTS = ""                 # .npz of MobileNetV2 0.35: adds transfer learning
MODE = "quick"               # "full" looks at larger pictures

SIZE = {"quick": 128, "full": 256}  # pixels a side that all methods work on

# %% [markdown]
# Your own pictures? Change these lines, nothing else.
#
# ## Data
#
# Reading finds every picture without a mask, every mask of another size and every value that nobody
# explained, before anything is measured. Then each picture goes to one of three sides: to fit on, to
# choose with, or to test on once, in the end.

# %%
from inspection.course import headline, mode, own_set, plots
from inspection.datasets import mask_pairs
from inspection.segmentation import methods

size = mode.pick(MODE, SIZE)
IMAGES, MASKS, SPLITS = mode.pick(MODE, IMAGES, MASKS, SPLITS)
IMAGES, MASKS, SPLITS = own_set.open_masks(IMAGES, MASKS, SPLITS)
pairs = mask_pairs.read_pairs(IMAGES, MASKS, FOREGROUND)
splits = mask_pairs.split_pairs(pairs, splits=SPLITS)
arrays = {split: methods.read_arrays(chosen, size) for split, chosen in splits.items()}

# %% [markdown]
# What do we have? Look at the last column: how much of each side is rust.

# %%
import numpy as np
import pandas as pd

rows = {}
for split, (_, masks) in arrays.items():
    shares = np.array([mask.mean() for mask in masks])
    rows[split] = {"pictures": len(masks), f"with {THING}": int(np.sum(shares > 0))}
    rows[split][f"{THING} in % of the area"] = round(100 * shares.mean(), 1)
pd.DataFrame(rows).T

# %% [markdown]
# Most of the area is sound steel: a program that marks nothing is right on nearly nine of ten
# pixels. So we never count right pixels. We take six training pictures, from much rust to none.

# %%
images, masks = arrays["train"]
order = np.argsort([mask.mean() for mask in masks])[::-1]
ranks = np.array([0.04, 0.16, 0.28, 0.4, 0.5, 0.9]) * (len(order) - 1)
chosen = order[ranks.astype(int)]

# %% [markdown]
# The mask is painted on. What would you have taken for rust that is not painted?

# %%
from inspection.segmentation import overlay

large = [splits["train"][i].read() for i in chosen]
plots.show_images(
    [overlay.paint(image, mask) for image, mask in large],
    [f"{mask.mean():.0%} {THING}" for _, mask in large],
)

# %% [markdown]
# Brown paint, planks, dirt and red labels stay unmarked. They are here on purpose; in a plant they
# come for free.
#
# ### Light
#
# A threshold asks how bright a pixel is, and gets two answers at once: how bright the steel is, and
# how much light fell on it. The second changes slowly over the picture, so a strong blur shows it.
# We divide by that blur, in the picture whose light changes most from left to right.

# %%
from inspection.imaging import color


def column_means(image):
    return color.channel(image, "grey").mean(axis=0)


slopes = [abs(np.polyfit(range(size), column_means(i), 1)[0]) for i in images]
image = images[int(np.argmax(slopes))]
even = color.even_light(image)
plots.show_images([image, even], ["as it was taken", "in even light"], columns=2)

# %% [markdown]
# Look at the curves: one mean for each column of the picture.

# %%
curves = pd.DataFrame({"as taken": column_means(image), "even light": column_means(even)})
axis = curves.plot(ylim=(0, 255))
plots.label(axis, "Mean brightness of each column", x="column", y="brightness")

# %% [markdown]
# The fall from 230 to 50 has become one from 160 to 100, and the details stay. Dividing by the blur
# is the oldest form of Retinex. It is no gift: a dark patch as large as the blur is lit up as well.
#
# ### Colour
#
# RGB mixes light into all three numbers. HSV and Lab put it into one, V or L, and leave the other
# two to colour. Which channel sets rust apart? First we count how often each value occurs in all
# training pixels, rust and rest.

# %%
inside = np.concatenate([mask.ravel() > 0 for mask in masks])
histograms = {}
for name in ("grey", "hue", "saturation", "a", "b"):
    values = np.concatenate([color.channel(i, name).ravel() for i in images])
    parts = values[~inside], values[inside]
    histograms[name] = [np.bincount(part, minlength=256) / len(part) for part in parts]

# %% [markdown]
# Where does the orange hill stand clear of the grey ones?

# %%
import matplotlib.pyplot as plt

figure, axes = plt.subplots(2, 3, figsize=(plots.WIDTH, 4.2))
bins = np.arange(0, 256, 4)  # four values a bar, or the single ones stand like a comb
for axis, (name, counts) in zip(axes.flat, histograms.items()):
    rest, rust = (count.reshape(-1, 4).sum(axis=1) for count in counts)
    axis.fill_between(bins, rest, step="post", color="0.7", label="rest")
    axis.step(bins, rust, where="post", color="#d55e00", label=THING)
    axis.set(title=name, yticks=[])
axes[0, 0].legend()
axes[1, 2].set_visible(False)

# %% [markdown]
# In grey the hills cover each other for the most part; in hue, a and b rust is one narrow peak. The
# same as one number for each channel:

# %%
# half of all the gaps between two shares is one minus their overlap
apart = {k: np.abs(rest - rust).sum() / 2 for k, (rest, rust) in histograms.items()}
pd.Series(apart).sort_values(ascending=False).to_frame("not overlapping").round(2).T

# %% [markdown]
# One minus the overlap: 0 means that a channel tells nothing, 1 that it tells all. Hue and a tell
# twice as much as brightness. The sixth that overlaps is the trouble: of ten pixels nine are not
# rust, so a small part of them is as much as all the rust. (Hue is a circle; it is turned here so
# that red lies in the middle and not at both ends.)
#
# ## Model
#
# ### Thresholds
#
# Five classical methods. Otsu cuts a channel in two where both parts vary least. The adaptive one
# compares a pixel with its surroundings. Limits in HSV and Lab are boxes of colours. Watershed
# comes below. All of them have a few settings, and we let each choose its own, on the training
# pictures alone.

# %%
classical = methods.classical_methods()
seconds = methods.fit_all(classical, images, masks)

# %% [markdown]
# What did they choose? All limits lie between 0 and 255, and hue is turned as above.

# %%
fitted = {}
for name, method in classical.items():
    if name.endswith("limits"):
        chose = {k: f"{low}-{high}" for k, (low, high) in method.limits_by_channel().items()}
    else:
        chose = {k: v for k, v in vars(method).items() if k != "box"}
    fitted[name] = ", ".join(f"{k} {v}" for k, v in chose.items())
pd.Series(fitted).to_frame("what it chose")

# %% [markdown]
# Read the limits: they spell out "brown" in numbers. Now on validation pictures, which none of them
# has seen. We take two whose share of rust is typical.

# %%
val_images, val_masks = arrays["val"]
shares = np.array([mask.mean() for mask in val_masks])
typical = np.argsort(np.abs(shares - np.median(shares[shares > 0])))[:2]

# %% [markdown]
# Green is right, orange is marked and no rust, blue is missed.

# %%
names = ["Otsu", "adaptive", "HSV limits"]
shown = []
for i in typical:
    found = [classical[name].segment(val_images[i]) for name in names]
    shown.append(val_images[i])
    shown += [overlay.paint_errors(val_images[i], val_masks[i], mask) for mask in found]
plots.show_images(shown, ["validation picture", *names] * len(typical), columns=4)

# %% [markdown]
# Otsu must cut every picture in two, whether there is rust or not. The adaptive one loses the inside
# of large patches: there the neighbourhood is rust, too. Both take the red label. The limits in HSV
# know better, until its red is as dark as rust.
#
# ### Watershed from markers
#
# Turn the problem around: where are we sure? A core of the colour's mask is surely rust, what lies
# far from it surely is not. Between them the picture is flooded from both sides, and the floods
# meet where the colour changes most.

# %%
from inspection.segmentation import watershed

image, ground_truth = val_images[typical[0]], val_masks[typical[0]]
flood = classical["watershed"]
sure = watershed.markers(flood.box, image, flood.shrink, flood.margin)
after = overlay.paint_errors(image, ground_truth, flood.segment(image))
steps = [image, plots.paint_mask(image, sure), after]
plots.show_images(steps, ["picture", "sure: steel blue, rust orange", "after the flood"])

# %% [markdown]
# Its borders follow the picture, not a number. But what the markers take for rust stays rust: a
# wrong marker is flooded as faithfully as a right one.
#
# ### Texture
#
# Colour asks about one pixel. Texture asks about neighbours: rust is rough, paint is even, wood
# has lines. A co-occurrence matrix (GLCM) counts how often two grey levels stand a given distance
# and direction apart; four figures sum it up. Do they differ between windows full of rust and
# windows without?

# %%
from inspection.imaging.texture_maps import Windows

grid = Windows(size, size, side=16, stride=16)
windows = {THING: [], "rest": []}
for image, mask in zip(images, masks):
    share = grid.sums(mask) / 16**2
    for name, whole in ((THING, 1), ("rest", 0)):
        for top, left in 16 * np.argwhere(share == whole):
            windows[name].append(image[top : top + 16, left : left + 16])
# co-occurrence takes its time, and some 150 of a kind are enough
kept = {name: parts[:: max(1, len(parts) // 150)] for name, parts in windows.items()}
{name: len(parts) for name, parts in kept.items()}

# %% [markdown]
# Windows that are all rust are few. Each window gets its four figures, at four distances and in
# four directions.

# %%
from inspection.imaging import texture

rows = []
for name, parts in kept.items():
    for part in parts:
        for angle in texture.ANGLES:
            found = texture.glcm_features(part, (1, 2, 4, 6), (angle,))
            for key, value in found.items():
                rows.append((name, *key.split(), f"{np.rad2deg(angle):.0f}°", value))
columns = ["window", "feature", "distance", "angle", "value"]
table = pd.DataFrame(rows, columns=columns).astype({"distance": int})

# %% [markdown]
# Which figure keeps orange and grey apart at every distance? And do the four lines of one colour lie
# together?

# %%
import seaborn as sns

figure, axes = plt.subplots(1, 4, figsize=(plots.WIDTH, 2.6))
lines = {"x": "distance", "y": "value", "hue": "window", "style": "angle"}
lines |= {"errorbar": None, "palette": ["#d55e00", "0.6"]}
for axis, (name, part) in zip(axes, table.groupby("feature")):
    sns.lineplot(part, **lines, ax=axis, legend=axis is axes[-1])
    axis.set(title=name, ylabel="")
sns.move_legend(axes[-1], "upper left", bbox_to_anchor=(1, 1.05))

# %% [markdown]
# Energy and homogeneity set rust apart at every distance: no two pixels of it are alike. Its four
# angles lie close together, because rust does not know up from down; the rest, with its brush marks
# and seams, does. (The diagonals are flat from 1 to 2: both distances round to the same neighbour
# across the corner.) Local binary patterns ask something simpler: how many of the eight neighbours are
# no darker than the pixel?

# %%
patterns = pd.DataFrame()
for name, parts in kept.items():
    patterns[name] = np.mean([texture.lbp_histogram(part) for part in parts], axis=0)
axis = patterns.plot.bar(rot=0, color=["#d55e00", "0.7"])
meaning = "neighbours in one run that are no darker; 9: several runs"
plots.label(axis, "Local binary patterns", x=meaning, y="share")

# %% [markdown]
# Rust has more dots (0) and more disorder (9), the rest more straight edges (3 to 5). The difference
# is small, but no lamp can change it. Computed in a window around every place, each figure becomes a
# map over the picture.

# %%
from inspection.imaging.texture_maps import texture_maps

image, _ = splits["val"][int(typical[0])].read()
grid = Windows(*image.shape[:2], side=24, stride=4)
maps = texture_maps(image, grid)
names = ["contrast 1", "homogeneity 1", "energy 1", "correlation 1", "pattern 4"]
spread = [grid.spread_out(maps[name]) for name in names]
plots.show_images([image, *spread], ["picture", *names])

# %% [markdown]
# The scratch has more contrast than the rust, the bolts less homogeneity, and energy draws rings
# around the patches. One map decides nothing. A random forest takes all of them together, with the
# mean colour of the window, and learns which combinations mean rust.

# %%
forest = methods.fit_forest(arrays["train"], arrays["val"])
# any picture will do: only the names of its maps are wanted
found = texture_maps(val_images[0], Windows(size, size, 16, 8))
weights = pd.Series(forest.forest.feature_importances_, list(found)).sort_values()
axis = weights.tail(8).plot.barh()
plots.label(axis, "What the forest looks at", x="share of what its splits gain in purity")

# %% [markdown]
# Colour first, texture second. That is the order in which a person looks, too.
#
# ## Evaluate
#
# The test pictures, once. IoU is overlap by union: 1 is perfect, and what you get for marking
# everything is the share of rust. Boundary F1 asks how many pixels of the outline lie within two
# pixels of the drawn one.

# %% tags=["nbval-ignore-output"]
from inspection.segmentation import metrics

test_images, test_masks = arrays["test"]
ways = {name: method.segment for name, method in classical.items()}
ways["texture forest"] = forest.segment
marked, milliseconds = methods.apply_all(ways, test_images)
table = metrics.compare(test_masks, marked, milliseconds)
table.round(2)

# %% tags=["nbval-ignore-output"]
rules = table.drop("texture forest")["IoU"]
headline.record_metric(f"IoU of the best threshold ({rules.idxmax()})", rules.max())
headline.record_metric("IoU of the texture forest", table.loc["texture forest", "IoU"])

# %% [markdown]
# Marking everything would give 0.10. The forest is best by a good margin, takes much less for rust
# that is none, and needs several hundred times the time of a colour limit. Its boundary F1 is the
# lowest. What do the two get wrong? The pictures with most false marks, worst first.

# %% tags=["nbval-ignore-output"]
wrong = [metrics.count(*both).fp for both in zip(test_masks, marked["HSV limits"])]
shown, titles = [], []
for i in np.argsort(wrong)[::-1][:4]:
    for name in ("HSV limits", "texture forest"):
        shown.append(overlay.paint_errors(test_images[i], test_masks[i], marked[name][i]))
        titles.append(name)
plots.show_images(shown, titles, columns=4)

# %% [markdown]
# Cream paint, brown stripes, planks. The colour is right, so the rule believes it; the forest sees
# that they are even or lined, and drops nearly all. The first picture shows its price: thin runs are
# lost, because no outline can be finer than a window.
#
# ### One word a picture
#
# Often nobody asks where. Is there any rust? Texture and colour of the whole picture, judged by a
# forest and by a support vector machine, and a rule: rust is there if the best threshold marks
# enough area. With `WEIGHTS`, an ImageNet network judges as well.

# %%
from inspection.classification import image_classifiers

classifiers = {
    "texture + forest": image_classifiers.TextureClassifier("forest"),
    "texture + SVM": image_classifiers.TextureClassifier("svm"),
    "area rule, HSV": image_classifiers.AreaRule(classical["HSV limits"].segment),
    "area rule, forest": image_classifiers.AreaRule(forest.segment),
}
if WEIGHTS:
    from inspection.segmentation.deep_features import FrozenEncoder

    classifiers["transfer learning"] = image_classifiers.TransferClassifier(FrozenEncoder(WEIGHTS))

# %% [markdown]
# They learn from the training pictures. There and in the test some pictures must show rust, and some
# none.

# %%
labels = {split: np.array([int(m.any()) for m in arrays[split][1]]) for split in arrays}
both_kinds = len(set(labels["train"])) == len(set(labels["test"])) == 2
for classifier in classifiers.values() if both_kinds else ():
    classifier.fit(images, labels["train"])
both_kinds

# %% [markdown]
# (`False` would mean that every picture of your set shows rust, or none: then there is no question to
# answer, and the next two cells rest.)

# %% tags=["nbval-ignore-output"]
words = pd.DataFrame()
if both_kinds:
    probabilities = {name: one.probability(test_images) for name, one in classifiers.items()}
    probabilities["ensemble (mean)"] = np.mean([*probabilities.values()], axis=0)
    words = image_classifiers.score_classifiers(labels["test"], probabilities)
    headline.record_metric("Rust or none, best accuracy", f"{words['accuracy'].max():.0%}")
words.round(2)

# %% [markdown]
# Always saying "rust" would be right in 62 of 100 test pictures; hold these against that. And with
# 50 pictures an accuracy of .80 may stand for anything from .67 to .89 (95 %), so their order is
# chance. The area rules are as good as classifiers made for the question, and say where as well.
# None is good: a few pits change neither the texture nor the colours of a whole picture.
#
# ## Use it
#
# Six test pictures with the answer of the ensemble: how sure it is that there is rust, not how much
# there is. Which one would you have got wrong?

# %% tags=["cover", "nbval-ignore-output"]
chosen = np.random.default_rng(3).permutation(len(test_images))[:6]
large = [splits["test"][i].read()[0] for i in chosen]
if both_kinds:
    titles = [f"chance {probabilities['ensemble (mean)'][i]:.0%}" for i in chosen]
    titles = [t + ("" if labels["test"][i] else ", none drawn") for t, i in zip(titles, chosen)]
else:
    titles = [f"{marked['texture forest'][i].mean():.0%} of the area" for i in chosen]
plots.show_images(large, titles)

# %% [markdown]
# All of these methods are objects with `fit` and `segment`, or `fit` and `chance`, in
# `inspection.segmentation`; none needs a GPU, and the thresholds need no more than a microcontroller.
#
# ## Summary
#
# - Colour finds rust and everything else that is brown.
# - Even light helps a threshold on brightness; Lab and HSV need it less.
# - Texture tells rough from smooth, at the price of coarse outlines.
# - The best of these is the bar for notebook 06: a network that costs more must beat it.
#
# ## Exercises
#
# **1.** Use `TextureForest(color=False)`. Before you run it: does the IoU fall a little or by half?
#
# <details><summary>Solution</summary>
#
# By 8 points, to 0.50: texture alone does as well as the best colour alone. The outlines suffer more,
# boundary F1 falls from 0.44 to 0.31.
#
# </details>
#
# **2.** Fit the HSV limits to three training pictures with rust instead of all. Which of the two
# figures suffers more on the test, precision or recall? Try five threes.
#
# <details><summary>Solution</summary>
#
# It depends on the three. The first ones have broad limits, so recall rises to 0.97 and precision
# falls to 0.33; with the fifth it is recall that falls, to 0.66. IoU goes from 0.32 to 0.48, where
# all pictures give 0.51: three may be nearly enough, but nobody knows which three.
#
# ```python
# from inspection.segmentation.thresholds import ColorBox
#
# train_images, train_masks = arrays["train"]
# rusty = [i for i, mask in enumerate(train_masks) if mask.any()]
# few = {}
# for three in np.array_split(rusty[:15], 5):
#     box = ColorBox("HSV").fit([train_images[i] for i in three], [train_masks[i] for i in three])
#     few[str(three)] = [box.segment(image) for image in test_images]
# compared = metrics.compare(test_masks, few, dict.fromkeys(few, 0.0))
# assert compared["recall"].max() > 0.9 and compared["recall"].min() < 0.7
# assert compared["IoU"].max() < table.loc["HSV limits", "IoU"]
# ```
#
# </details>
#
# ## Where to go next
#
# [06 · Rust, pixel by pixel](06_rust_segmentation.ipynb) trains a network on the same pictures, and
# holds it against these figures.
