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
# # 06 · Rust, pixel by pixel
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/visual-inspection-course/visual-inspection-course/blob/main/notebooks/06_rust_segmentation.ipynb)
# · quick: 3 minutes on two cores, 2 GB; full: half an hour on a GPU · you need: nothing, the pictures
# are in the repository; notebook 05 says what there is to beat
#
# ![test pictures with the rust that the network found, and its area](attachment:cover.jpg)
#
# "How much of it is rusted?" is a question about pixels. A threshold answers it in a millisecond, and
# counts every plank. Here a network learns what rust is from 120 pictures, has to beat the best of
# notebook 05 on the same test, and is then taken apart: where it is wrong, whether helpers help, and
# how far its percentages can be trusted.

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
# The same as in notebook 05, and what training needs. Full mode fetches photographs of corrosion by
# the name of the set. What the text reads from a figure is said of quick mode, the drawn pictures.

# %% tags=["parameters"]
IMAGES = {"quick": "data/rust/images", "full": "corrosion"}  # your pictures: folder or .zip
MASKS = {"quick": "data/rust/masks", "full": ""}    # one of the same name each; "" as in IMAGES
SPLITS = {"quick": "data/rust/splits", "full": ""}  # train.txt, ...; "" its own, or deals them
FOREGROUND = None            # the value that counts, where masks hold several classes
THING = "rust"               # what the masks mark
RUN = "rust"                 # the same name goes on, a new one starts afresh
MODE = "quick"               # "full" starts from ImageNet and wants a GPU

SIZE = {"quick": 128, "full": 256}                     # pixels a side, a multiple of 32
ENCODER = {"quick": "plain", "full": "mobilenet_v2"}   # who looks at the picture first
WEIGHTS = {"quick": "", "full": "imagenet"}            # or an .npz of MobileNetV2 0.35
DEPTH = 4                                              # halvings of the plain encoder
WIDTH = {"quick": 8, "full": 16}                       # channels at full size
EPOCHS = {"quick": 30, "full": 60}                     # times through all pictures
BATCH_SIZE = 8                                         # less if memory runs out
LEARNING_RATE = 0.002                                  # a third if the loss jumps about

# %% [markdown]
# Your own pictures? Change the first lines, nothing else.
#
# ## Data
#
# Three parts: to learn from, to choose with, to judge by.

# %%
import pandas as pd

from inspection.course import headline, mode, own_set, plots
from inspection.datasets import mask_pairs
from inspection.segmentation import methods

size = mode.pick(MODE, SIZE)
IMAGES, MASKS, SPLITS = mode.pick(MODE, IMAGES, MASKS, SPLITS)
IMAGES, MASKS, SPLITS = own_set.open_masks(IMAGES, MASKS, SPLITS)
pairs = mask_pairs.read_pairs(IMAGES, MASKS, FOREGROUND)
splits = mask_pairs.split_pairs(pairs, splits=SPLITS)
arrays = {split: methods.read_arrays(chosen, size) for split, chosen in splits.items()}
pd.Series({split: len(chosen) for split, chosen in splits.items()}).to_frame("pictures").T

# %% [markdown]
# ### One picture is many
#
# Rust has no up and no down. Turned, mirrored, nearer or darker, it stays rust, so every epoch sees
# the pictures in another way. The mask must make the same moves: one layer moves both, in one go.
# A second one changes the light. A third lays a piece of a neighbour over about every other one,
# with its mask (CutMix, Yun et al. 2019): what surrounds a patch is then never twice the same, and
# the network has to look at the patch. Five copies of a rather rusty picture go through all three.

# %%
import numpy as np

from inspection.segmentation import augment, batches

areas = [mask.mean() for mask in arrays["train"][1]]
image, mask = splits["train"][int(np.argsort(areas)[-min(25, len(areas) // 3)])].read((256, 256))
sample = {"image": batches.scale(image), "mask": mask[..., None].astype("float32")}
sample = {name: np.stack([array] * 5) for name, array in sample.items()}
for layer in augment.augmentation(seed=5):
    sample = layer(sample, training=True)

# %% [markdown]
# What came out, beside the picture as it was taken. Look at the outlines: do they still fit?

# %%
from inspection.segmentation import overlay

moved = [((np.array(view) + 1) * 127.5).astype("uint8") for view in sample["image"]]
marked = [overlay.paint(v, m[..., 0]) for v, m in zip(moved, np.array(sample["mask"]))]
titles = ["as taken"] + ["augmented"] * 5
plots.show_images([overlay.paint(image, mask), *marked], titles)

# %% [markdown]
# They do, in the pasted rectangles as well. What comes in over the edge is the mirrored picture with
# its mirrored mask. Hue is never changed: a network that has seen blue rust would find it everywhere.
#
# ## Model
#
# U-Net looks twice. On the way down it halves the picture again and again, and each pixel knows more
# of its surroundings; on the way up it doubles, and at each size takes back the fine map that it had
# there before. So it knows what and where. How large is it, and how far does it look?

# %%
from inspection.segmentation import unet

encoder, width = mode.pick(MODE, ENCODER), mode.pick(MODE, WIDTH)
network = unet.build_unet(DEPTH, width, encoder, size=(size, size))
reach = unet.reach_of(network)
print(f"{network.count_params():,} parameters; a pixel sees {reach} pixels far")

# %% [markdown]
# In quick mode that is farther than the picture is wide, so each answer can draw on all of it. What
# does each level see? Follow the maps down and up again.

# %%
levels = ("relu2", "project_BN", "score")
shapes = {x.name: x.output.shape for x in network.layers if x.name.endswith(levels)}
rows = {name: (f"{h}x{w}", channels) for name, (_, h, w, channels) in shapes.items()}
table = pd.DataFrame(rows, ["map", "channels"]).T
table.iloc[:: max(1, len(table) // 10)]

# %% [markdown]
# Two losses share the work. Cross-entropy judges every pixel, so from the first step on each one
# knows where to go; but nine of ten say "steel", and an answer without any rust looks good to it.
# Dice measures the overlap, and does not care how much steel there is. Predicted by a lazy network
# that marks nothing, and by one that marks half of the rust:

# %%
from inspection.segmentation.losses import MaskLoss

ground_truth = np.stack(arrays["train"][1][:16])[..., None].astype("float32")
half = ground_truth * (np.arange(size)[:, None, None] % 2)
answers = {"marks nothing": 0.02 + 0 * ground_truth, "marks half of it": 0.02 + 0.96 * half}
losses = [MaskLoss(dice=0.0), MaskLoss(dice=1.0)]
rows = {name: [float(loss(ground_truth, p)) for loss in losses] for name, p in answers.items()}
pd.DataFrame(rows, ["cross-entropy", "Dice"]).T.round(2)

# %% [markdown]
# Cross-entropy calls the lazy one nearly finished; Dice puts it at the very bottom. We take half of
# each.
#
# ## Train
#
# One call: it trains, and chooses on the validation pictures from which probability on a pixel
# counts. The weights it ends with are a mean over the last steps, a tenth of all: single ones jump
# about, and the best epoch would be the luckiest. If the session dies, run the cell again: it goes
# on as if nothing had been. Outside a notebook:
#
# ```text
# python scripts/check_dataset.py -i data/rust/images --masks data/rust/masks
# python scripts/train_segmenter.py --images data/rust/images --masks data/rust/masks \
#     --splits data/rust/splits -o customTF2/training/rust --size 128 --epochs 30
# ```

# %% tags=["nbval-ignore-output"]
from inspection.keras_shared.callbacks import EpochBar
from inspection.segmentation import workflow
from inspection.segmentation.training import Settings

epochs = mode.pick(MODE, EPOCHS)
settings = Settings(
    size=size,
    depth=DEPTH,
    width=width,
    encoder=encoder,
    epochs=epochs,
    batch_size=BATCH_SIZE,
    learning_rate=LEARNING_RATE,
    class_name=THING,
)
model_dir = WORKSPACE / "training" / mode.named(MODE, f"{RUN}_segmentation")
bar = EpochBar(epochs, shown=("loss", "val_iou"))
start = mode.pick(MODE, WEIGHTS) or None
segmenter = workflow.train_segmenter(splits, model_dir, settings, start, [bar])

# %% [markdown]
# Did it learn, and did it learn more than its pictures by heart? Two curves that part would say no.

# %% tags=["nbval-ignore-output"]
history = pd.read_csv(model_dir / "history.csv", index_col="epoch")
curves = history[["iou", "val_iou"]].set_axis(["training", "validation"], axis=1)
axis = curves.plot(ylim=(0, 1))
plots.label(axis, "IoU at probability one half", x="epoch", y="IoU")
headline.record_metric("Training", f"{history['seconds'].sum() / 60:.1f} minutes")

# %% [markdown]
# For some epochs validation stays at the bottom: it is measured with the mean weights, and those
# still remember the random beginning. Then it rises past training, whose pictures are turned, lit
# and pasted over by chance: no sign of learning by heart.
#
# Which probability counts is a choice like any other. Below it more rust is found, above it less is
# found wrongly. IoU on the validation pictures:

# %% tags=["nbval-ignore-output"]
from inspection.segmentation import metrics

val_images, val_masks = arrays["val"]
val_maps = [segmenter.probability(image) for image in val_images]
limits = np.linspace(0.05, 0.95, 19)
scores = [metrics.score(val_masks, [m >= limit for m in val_maps]) for limit in limits]
curve = pd.DataFrame(scores, limits)[["IoU", "precision", "recall"]]
axis = curve.plot(ylim=(0, 1))
axis.axvline(segmenter.settings.threshold, color="0.5", linestyle="--")
plots.label(axis, "What a threshold gains and loses", x="probability", y="")

# %% [markdown]
# IoU is nearly flat from 0.5 to 0.85: the network is sure of most pixels, and the threshold decides
# about few. The dashed line is the choice.
#
# ## Evaluate
#
# The test pictures. Rivals: the two best of notebook 05. And helpers: the mean over four views of
# each picture, a check of every region (below), and three ways to let several methods decide
# together.

# %%
from inspection.segmentation.thresholds import ColorBox

colors = ColorBox("HSV").fit(*arrays["train"])
forest = methods.fit_forest(arrays["train"], arrays["val"])
maps = {"HSV limits": colors.segment, "texture forest": forest.probability}
maps["U-Net, 4 views"] = lambda image: segmenter.probability(image, turns=4)

# %% [markdown]
# Average and vote speak for themselves; stacking trains a classifier on the validation pictures. Whom
# does it believe?

# %%
from inspection.segmentation import ensemble

val_predicted = [[find(image) for find in maps.values()] for image in val_images]
stacking = ensemble.Stacking().fit(val_predicted, val_masks)
pd.Series(stacking.weights(), maps).round(1).to_frame("weight of each").T

# %% [markdown]
# The network above all. Now the test: each method answers alone, and a pixel counts from that
# method's own limit on.

# %%
test_images, test_masks = arrays["test"]
limit = segmenter.settings.threshold
own_limit = np.array([0.5, forest.threshold, limit])
ways = {**maps, "U-Net": segmenter.probability}
found, milliseconds = methods.apply_all(ways, test_images)
marked = {name: [m >= t for m in found[name]] for name, t in zip(maps, own_limit)}
marked["U-Net"] = [m >= limit for m in found["U-Net"]]

# %% [markdown]
# Then the helpers decide, and all eight are held against what was drawn. Which helper earns its
# place?

# %% tags=["nbval-ignore-output"]
answered = zip(test_images, found["U-Net"])
marked["U-Net, checked"] = [segmenter.mask(i, m, clean=True) for i, m in answered]
members = list(zip(*(found[name] for name in maps)))
marked["average"] = [ensemble.average(m[1:]) >= 0.5 for m in members]
marked["vote"] = [ensemble.vote(m) for m in zip(*(marked[name] for name in maps))]
marked["stacking"] = [stacking.probability(m) >= 0.5 for m in members]
table = metrics.compare(test_masks, marked, milliseconds)
table.round(2)

# %% tags=["nbval-ignore-output"]
headline.record_metric("IoU of the best threshold", table.loc["HSV limits", "IoU"])
headline.record_metric("IoU of U-Net", table.loc["U-Net", "IoU"], f"{MODE} mode")
headline.record_metric("IoU of the best ensemble", table.loc["average":, "IoU"].max())

# %% [markdown]
# The network beats the best threshold by more than 20 points of IoU, and its outlines are the best as
# well. Four views of each picture add some points more, at several times the price. The ensembles do
# not pay here: average and vote let weaker members in and fall behind the four views, stacking finds
# out that one member knows best and ends where that one is. An ensemble needs members of equal
# strength that err in different places.
#
# The pictures where a colour limit fails worst, and what the network makes of them:

# %% tags=["nbval-ignore-output"]
def paint_answer(name, i):
    return overlay.paint_errors(test_images[i], test_masks[i], marked[name][i])


compared = ["HSV limits", "U-Net"]
wrong = [np.sum((m > 0) & (t == 0)) for m, t in zip(marked["HSV limits"], test_masks)]
worst = np.argsort(wrong)[::-1][:4]
shown = [paint_answer(name, i) for i in worst for name in compared]
plots.show_images(shown, compared * 4, columns=4)

# %% [markdown]
# Even stripes and most of the planks are gone: the network knows more than the colour of a pixel. The
# first picture stays hard for both.
#
# ### Where it is wrong
#
# The same the other way round: the worst pictures of the network. Is there a kind that repeats?

# %% tags=["nbval-ignore-output"]
mistakes = [np.sum((m > 0) != (t > 0)) for m, t in zip(marked["U-Net"], test_masks)]
worst = np.argsort(mistakes)[::-1][:4]
shown = [one for i in worst for one in (test_images[i], paint_answer("U-Net", i))]
plots.show_images(shown, ["picture", "U-Net"] * 4, columns=4)

# %% [markdown]
# Brown on brown. Rust on paint of the colour of rust, a label in the same red; and runs so thin that
# 128 pixels hardly show them. Those are the kinds of picture to label next.
#
# ### Clean up
#
# A person looks at each marked region once more: is that really rust? So can a random forest, by
# area, shape, colour and texture of the region. It learnt from the right and wrong regions of other
# pictures. What does it go by?

# %% tags=["nbval-ignore-output"]
axis = segmenter.check.importances().head(8)[::-1].plot.barh()
plots.label(axis, "What the check looks at", x="share of what its splits gain in purity")

# %% [markdown]
# By the network's own probability first, then by the red of the region (a), and by how lightness and
# red vary in it; hardly by its shape. Does it drop what it should? A region is false if no pixel of
# it was drawn.

# %% tags=["nbval-ignore-output"]
false = pd.DataFrame()
for name in ("U-Net", "U-Net, checked"):
    false[name] = list(map(metrics.false_regions, test_masks, marked[name]))
empty = false[[not mask.any() for mask in test_masks]]
rows = {"false regions": false.sum(), f"on pictures without {THING}": empty.sum()}
checked = pd.DataFrame(rows).join(table[["recall", "precision"]].round(3))
before, after = checked["false regions"]
headline.record_metric("False regions, before and after the check", f"{before}, {after}")
checked

# %% [markdown]
# Most of the false regions are gone, and hardly any recall with them: what was dropped is small. So
# it pays where somebody is called for each region, and changes little in the area.
#
# What the network itself sees in a region is more than a few measures: its coarsest map holds
# hundreds of numbers. First the regions are cut out, at a low limit, so that enough of them are
# wrong.

# %%
from inspection.segmentation import cleanup, deep_features

images, ground_truths = val_images + test_images, val_masks + test_masks
parts, kinds = [], []
for image, ground_truth, probability in zip(images, ground_truths, val_maps + found["U-Net"]):
    regions = cleanup.find_regions(image, probability >= 0.15)
    regions = [r for r in regions if r.pixels.sum() > 12]
    parts += deep_features.cut_regions(image, [r.box for r in regions])
    right = [ground_truth[r.pixels].mean() >= cleanup.RIGHT for r in regions]
    kinds += [THING if one else "false" for one in right]

# %% [markdown]
# Each region becomes the means of that map. Squeezed to two, do right and wrong regions lie apart?

# %% tags=["nbval-ignore-output"]
import seaborn as sns
from sklearn.decomposition import PCA

features = deep_features.own_encoder(segmenter.network, 64)(parts)
first, second = PCA(2, random_state=0).fit_transform(features).T
palette = {THING: "#d55e00", "false": "0.4"}
axis = sns.scatterplot(x=first, y=second, hue=kinds, palette=palette)
plots.label(axis, "Regions as the network sees them", x="first", y="second")

# %% [markdown]
# On the left they mix; of those on the right nearly all are false: regions that the network sees to
# be different, and calls rust all the same, at this low limit. A check on these numbers might find
# them. Which things they are, the dots do not say.
#
# ### How much, in percent
#
# The number that goes into a report. Each dot is a test picture; on the line the area is right.

# %% tags=["nbval-ignore-output"]
from inspection.segmentation.area import area_error, area_percent

areas = pd.DataFrame({"drawn": [area_percent(m) for m in test_masks]})
for name in compared:
    areas[name] = [area_percent(m) for m in marked[name]]
top = areas.max().max()
draw = areas.plot.scatter
axis = draw("drawn", "HSV limits", color="0.7", label="HSV limits", figsize=(5, 4))
draw("drawn", "U-Net", color="#d55e00", label="U-Net", ax=axis)
axis.plot([0, top], [0, top], color="0.3", linewidth=0.8)
axis.legend(loc="lower right")
plots.label(axis, f"{THING} in percent of the picture", x="drawn", y="found")

# %% [markdown]
# The same in three numbers: the mean difference, its mean size, and the size that nine of ten
# pictures stay within.

# %% tags=["nbval-ignore-output"]
errors = {name: vars(area_error(test_masks, marked[name])) for name in compared}
headline.record_metric("Area, mean error in points of percent", errors["U-Net"]["mean"])
pd.DataFrame(errors).T.round(2)

# %% [markdown]
# The grey dots far above the line are pictures of planks and paint: with the colour limit a report
# would be wrong by a fifth of the picture, and nobody would know. The network is off by about one
# point and a half on average. Say so beside every percentage.
#
# ## Use it
#
# Six test pictures, with the area and the error to expect. Behind the ± stands what nine of ten
# validation pictures stay within. Hold it against the table above: nine of ten test pictures need
# more room. The threshold was chosen on the same 30 validation pictures, so they flatter, and 30
# are few. And one ± for all is too wide for a picture without rust and too narrow for a rusty one.

# %% tags=["cover", "nbval-ignore-output"]
error = area_error(val_masks, [m >= limit for m in val_maps])
rusty = [i for i, mask in enumerate(test_masks) if mask.mean() > 0.02][:5]
clean = [i for i, mask in enumerate(test_masks) if not mask.any()][:1]
chosen = (rusty + clean + list(range(len(test_masks))))[:6]
large = [splits["test"][i].read()[0] for i in chosen]
masks = [segmenter.mask(image) for image in large]
titles = [f"{area_percent(mask):.1f} % (± {error.within:.1f})" for mask in masks]
plots.show_images([overlay.paint(i, m) for i, m in zip(large, masks)], titles)

# %% [markdown]
# ### Large pictures
#
# A camera gives 4,000 x 3,000 pixels; made small, pits vanish. So go through it in tiles. The trap is
# the seam: at the border of a tile the network does not see what follows. With as much around each
# tile as the network sees far, the result is that of the whole picture. To try it, twelve pictures
# in three rows make a larger one, which the network first sees whole.

# %%
from inspection.segmentation import predict

count = min(12, len(pairs)) // 4 * 4 or 1
squares = [pair.read((size, size))[0] for pair in pairs[:count]]
mosaic = np.vstack([np.hstack(squares[k : k + 4]) for k in range(0, count, 4)])
whole = predict.whole_probability(segmenter.network, mosaic)

# %% [markdown]
# The same in tiles. Look at the difference, bright where it is large, with such a margin and without:

# %% tags=["nbval-ignore-output"]
shown, titles = [overlay.paint(mosaic, whole >= limit)], ["whole picture"]
for name, margin in (("with margin", None), ("without", 0)):
    tiles = predict.tiled_probability(segmenter.network, mosaic, tile=96, margin=margin)
    difference = np.abs(tiles - whole)
    shown.append(np.clip(4 * difference, 0, 1))
    titles.append(f"tiles {name}: up to {difference.max():.5f}")
plots.show_images(shown, titles)

# %% [markdown]
# With the margin nothing is left but rounding. Without it the seams show as a grid; some cut through
# rust. On a picture of 4,000 x 3,000 memory stays that of one tile:
#
# ```text
# python scripts/segment.py customTF2/training/rust_segmentation photo.jpg \
#     -o build/segmented --tile 1024
# ```
#
# ### On a phone
#
# One file of about a megabyte, labels inside, as MediaPipe's ImageSegmenter takes it on
# Android, iOS and in a browser.

# %% tags=["nbval-ignore-output"]
from inspection.segmentation.export import export

path = WORKSPACE / mode.named(MODE, "exported") / f"{RUN}.tflite"
names = ("background", THING)
stored = export(segmenter.network, size, path, labels=names, threshold=limit)
headline.record_metric("Model file", f"{stored / 1e6:.1f} MB")

# %% [markdown]
# The runtime of this course reads the file without TensorFlow. Do the two agree?

# %% tags=["nbval-ignore-output"]
from inspection.deploy import runtime

small = runtime.load_model(path)
answer = small.predict(test_images[0]).scores[..., 1]
difference = np.abs(answer - found["U-Net"][0]).max()
f"largest difference {difference:.4f}, labels {list(small.labels)}"

# %% [markdown]
# ## Summary
#
# - U-Net knows what and where: the coarse maps say rust, the fine ones say to which pixel.
# - Cross-entropy gets training going, Dice keeps it from marking nothing.
# - Figures come from the test, choices from validation, and each helper has to earn its place there.
# - An area in percent is worth what its error on drawn masks says.
#
# ## Exercises
#
# **1.** Set `FOREGROUND` to 128. What happens, and why is that better than a guess?
#
# <details><summary>Solution</summary>
#
# Reading stops with one line: no mask has the value 128, there are 0 and 255. A guess would train for
# minutes on empty masks, and the network would learn to mark nothing, with a low loss.
#
# </details>
#
# **2.** Halve `WIDTH` and give the run a new name. Before you run it: how many parameters are left,
# and how much IoU?
#
# <details><summary>Solution</summary>
#
# A quarter: 77,793 of 308,513, because each layer has half as many channels in and out. IoU falls
# from 0.75 to 0.60, which is still above every threshold. Four times smaller is not four times
# worse.
#
# </details>
#
# **3.** The plant wants no missed rust; a false mark costs nothing. Which number do you change, and
# what does it do to the percentages?
#
# <details><summary>Solution</summary>
#
# The threshold: lower it until the recall curve is where you want it. The areas then come out too
# large by design, so report them with their bias, which `area_error` gives.
#
# </details>
#
# ## Where to go next
#
# [07 · Ten classes](07_cifar10_resnet50.ipynb) asks for one word of ten. [05 · Rust or brown
# paint?](05_rust_texture_and_classification.ipynb) has the methods that lost here.
