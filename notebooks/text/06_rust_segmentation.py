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
# the pictures in another way (*augmentation*). The mask must make the same moves: one layer moves
# both, in one go. A second one changes the light. A third lays a piece of a neighbour over about
# every other one, with its mask (CutMix [1]): what surrounds a patch is then never twice the same,
# and the network has to look at the patch. Five copies of a rusty picture go through all
# three. Look at the outlines: do they still fit?

# %%
import numpy as np

from inspection.segmentation import augment, batches, overlay

shares = [mask.mean() for mask in arrays["train"][1]]
rather = int(np.argsort(shares)[-min(25, len(shares) // 3)])
image, mask = splits["train"][rather].read((256, 256))
sample = {"image": batches.scale(image), "mask": mask[..., None].astype("float32")}
sample = {name: np.stack([array] * 5) for name, array in sample.items()}
for layer in augment.augmentation(seed=5):
    sample = layer(sample, training=True)

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
# U-Net [2] looks twice. On the way down it halves the picture again and again (*encoder*), and each
# pixel knows more of its surroundings; on the way up it doubles (*decoder*), and at each size takes
# back the fine map that it had there before (*skip connection*). So it knows what and where. Two
# blocks are all there is to it: one that looks, one that goes up. A 3x3 convolution makes of nine
# neighbours and all their channels c' one number, with the same weights K everywhere:
#
# $$y_{i,j,c} = \sum_{u,v=-1}^{1} \sum_{c'} K_{u,v,c',c}\; x_{i+u,\,j+v,\,c'}$$

# %%
from keras import layers


def look(x, channels):
    """Apply two 3x3 convolutions, each with batch norm and ReLU."""
    for _ in range(2):
        x = layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    return x


def go_up(x, skip, channels):
    """Double the size of a map, put the finer one beside it, and look at both."""
    x = layers.UpSampling2D(interpolation="bilinear")(x)
    return look(layers.Concatenate()([x, skip]), channels)

# %% [markdown]
# The network of the module is the same, with names and a choice of encoders. Put together from our
# two blocks and given its weights, ours must give the same probabilities; the last line holds it to
# that. The channels double with each halving, up to eight times.

# %%
import keras

from inspection.segmentation import unet

inputs = x = keras.Input((size, size, 3))
width = mode.pick(MODE, WIDTH)
channels = [width * 2 ** min(level, 3) for level in range(DEPTH + 1)]
skips = []
for level in range(DEPTH):
    skips.append(look(x, channels[level]))
    x = layers.MaxPooling2D()(skips[-1])
x = look(x, channels[DEPTH])
for level in reversed(range(DEPTH)):
    x = go_up(x, skips[level], channels[level])
ours = keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(x))

theirs = unet.build_unet(DEPTH, width, size=(size, size))
ours.set_weights(theirs.get_weights())
few = sample["image"][:2, :size, :size]
assert np.allclose(ours(few), theirs(few), atol=1e-4)

# %% [markdown]
# Drawn from the network that we train: how often is the picture halved, and how many numbers hold
# what is left of it at the bottom?

# %%
from inspection.course import unet_plot

encoder = mode.pick(MODE, ENCODER)
network = unet.build_unet(DEPTH, width, encoder, size=(size, size))
reach = unet.reach_of(network)
print(f"{network.count_params():,} parameters; a pixel sees {reach} pixels far")
unet_plot.plot_unet(network)

# %% [markdown]
# Four times: 8 by 8 places with 64 channels. How far a pixel sees (its *receptive field*) is in quick
# mode farther than the picture is wide, so each answer can draw on all of it.
#
# ### Two losses
#
# With y what was drawn (0 or 1), p what the network says, and N pixels, *binary cross-entropy* judges
# every pixel, *Dice* [3] the overlap:
#
# $$\mathrm{BCE} = -\frac{1}{N} \sum_i y_i \log p_i + (1 - y_i) \log(1 - p_i) \qquad
# \mathrm{Dice\ loss} = 1 - \frac{2 \sum_i y_i p_i + 1}{\sum_i y_i + \sum_i p_i + 1}$$
#
# The 1 above and below keeps pictures without rust from dividing by zero. What do the two say to a
# lazy network that marks nothing, and to one that marks half of the rust?

# %%
from inspection.segmentation.losses import MaskLoss


def cross_entropy(y, p):
    """Return the mean of -log of the probability that the right answer got."""
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def dice_loss(y, p):
    """Return one minus twice the overlap, divided by both areas together."""
    return 1 - (2 * np.sum(y * p) + 1) / (np.sum(y) + np.sum(p) + 1)


drawn = np.stack(arrays["train"][1][:16])[..., None].astype("float32")
half = drawn * (np.arange(size)[:, None, None] % 2)
answers = {"marks nothing": 0.02 + 0 * drawn, "marks half of it": 0.02 + 0.96 * half}
lost = pd.DataFrame()
for name, p in answers.items():
    lost[name] = {"cross-entropy": cross_entropy(drawn, p), "Dice": dice_loss(drawn, p)}
    assert np.allclose(lost[name], [MaskLoss(share)(drawn, p) for share in (0.0, 1.0)], atol=1e-4)
lost.T.round(2)

# %% [markdown]
# Cross-entropy calls the lazy one nearly finished, because nine of ten pixels are steel; Dice puts it
# at the very bottom. But cross-entropy tells each pixel from the first step on where to go. We take
# half of each.
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
shape = {"size": size, "depth": DEPTH, "width": width, "encoder": encoder}
course = {"epochs": epochs, "batch_size": BATCH_SIZE, "learning_rate": LEARNING_RATE}
settings = Settings(**shape, **course, class_name=THING)
model_dir = WORKSPACE / "training" / mode.named(MODE, f"{RUN}_segmentation")
bar = EpochBar(epochs, shown=("loss", "val_iou"))
start = mode.pick(MODE, WEIGHTS) or None
segmenter = workflow.train_segmenter(splits, model_dir, settings, start, [bar])

# %% [markdown]
# Did it learn, and did it learn more than its pictures by heart (*overfitting*)? Two curves that part
# would say no.

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
# From which probability on does a pixel count? Lower, and more rust is found; higher, and less is
# found wrongly. On the validation pictures:

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
# The test pictures. Rivals: the two best of notebook 05. Helpers: the mean over four views of each
# picture, a check of every region (below), and three ways to let several methods decide together:
# average, vote, and *stacking* [4], a classifier that learns on the validation pictures whom to
# believe. Whom does it believe?

# %%
from inspection.segmentation import ensemble
from inspection.segmentation.thresholds import ColorBox

colors = ColorBox("HSV").fit(*arrays["train"])
forest = methods.fit_forest(arrays["train"], arrays["val"])
maps = {"HSV limits": colors.segment, "texture forest": forest.probability}
maps["U-Net, 4 views"] = lambda image: segmenter.probability(image, turns=4)

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
# Then the helpers decide, and all eight are held against what was drawn. `from` and `to` say where
# each IoU would lie with 50 other pictures, drawn whole. Which helper earns its place?

# %% tags=["nbval-ignore-output"]
answered = zip(test_images, found["U-Net"])
marked["U-Net, checked"] = [segmenter.mask(i, m, clean=True) for i, m in answered]
members = list(zip(*(found[name] for name in maps)))
marked["average"] = [ensemble.average(m[1:]) >= 0.5 for m in members]
marked["vote"] = [ensemble.vote(m) for m in zip(*(marked[name] for name in maps))]
marked["stacking"] = [stacking.probability(m) >= 0.5 for m in members]
table = metrics.compare(test_masks, marked, milliseconds)
low, high = zip(*[metrics.iou_interval(test_masks, masks) for masks in marked.values()])
table.insert(1, "from", low)
table.insert(2, "to", high)

headline.record_metric("IoU of the best threshold", table.loc["HSV limits", "IoU"])
headline.record_metric("IoU of U-Net", table.loc["U-Net", "IoU"], f"{MODE} mode")
headline.record_metric("IoU of the best ensemble", table.loc["average":, "IoU"].max())
table.round(2)

# %% [markdown]
# The network beats the best threshold by more than 20 points of IoU, more than the luck of 50
# pictures, and beats both rivals in its outlines. Four views of each picture add some points more, at
# several times the price. The ensembles do not pay here: average and vote let weaker members in and
# fall behind the four views; stacking finds out that one member knows best and ends where that one
# is. An ensemble needs members of equal strength that err in different places.
#
# The pictures where a colour limit fails worst, and what the network makes of them (green is right,
# orange marked and no rust, blue missed):

# %% tags=["nbval-ignore-output"]
def paint_answer(name, i):
    """Return a test picture with the errors of a method, and a title that counts them."""
    pair = test_masks[i], marked[name][i]
    return overlay.paint_errors(test_images[i], *pair), f"{name}:\n{overlay.tell_errors(*pair)}"


compared = ["HSV limits", "U-Net"]
wrong = [np.sum((m > 0) & (t == 0)) for m, t in zip(marked["HSV limits"], test_masks)]
worst = np.argsort(wrong)[::-1][:4]
shown, titles = zip(*[paint_answer(name, i) for i in worst for name in compared])
plots.show_images(shown, titles, columns=4)

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
shown, titles = [], []
for i in worst:
    painted, title = paint_answer("U-Net", i)
    shown += [test_images[i], painted]
    titles += ["picture", title]
plots.show_images(shown, titles, columns=4)

# %% [markdown]
# Brown on brown: rust on paint of its own colour, a label in the same red. And runs so thin that 128
# pixels hardly show them. Those are the pictures to label next.
#
# ### Clean up
#
# A person looks at each marked region once more: is that really rust? So can a random forest, by
# area, shape, colour and texture of the region. It has learned from right and wrong regions of the
# other pictures. What does it go by?

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
# The grey dots far above the line are pictures of planks and paint. With the colour limit a report may
# be wrong by a fifth of the picture, and nobody would know. The network is off by about one point and
# a half on average. Say so beside every percentage.
#
# ### How sure is a percentage?
#
# Nine of ten validation pictures stay within some ±. Does it hold for the test? One ± for all is too
# wide for a picture without rust and too narrow for a rusty one. So let it grow with the area A that
# was found (*split conformal prediction* [5]): divide each validation error by A + 1, and take the
# q that nine of ten of the next pictures should stay below. Of n errors, put in order, that is number
#
# $$k = \lceil 0.9\,(n + 1) \rceil, \qquad \text{and the report says}\quad A \pm q\,(A + 1).$$
#
# How many test pictures does each of the two cover, where both promise 90 %?

# %% tags=["nbval-ignore-output"]
from inspection.classification.measures import wilson
from inspection.segmentation.area import fit_interval

val_marked = [m >= limit for m in val_maps]
fixed = area_error(val_masks, val_marked).within
interval = fit_interval(val_masks, val_marked)
off = (areas["U-Net"] - areas["drawn"]).abs()
rows = {"one ± for all": off <= fixed}
rows["± grows with the area"] = off <= interval.half_width(areas["U-Net"])
covered = pd.DataFrame({n: hit.agg(["sum", "size", "mean"]) for n, hit in rows.items()}).T
counts = covered[["sum", "size"]].astype(int).to_numpy()
covered[["from", "to"]] = [wilson(right, count) for right, count in counts]
covered["± at 1 %"] = [fixed, interval.half_width(1)]
covered["± at 20 %"] = [fixed, interval.half_width(20)]
covered.round(2)

# %% [markdown]
# Read `mean`, the share that is covered: neither reaches nine in ten. The threshold was chosen on the
# same 30 validation pictures, so their errors flatter, and 30 are few: no ± from them can be sure of
# its 90 %. Say what it covered, not what it promised. The second is the better one all the same:
# narrow where little was found and wide on a rusty picture, as the errors are.
#
# ## Use it
#
# Six test pictures, with the area and the ± that grows with it. For which would you call somebody?

# %% tags=["cover", "nbval-ignore-output"]
rusty = [i for i, mask in enumerate(test_masks) if mask.mean() > 0.02][:5]
clean = [i for i, mask in enumerate(test_masks) if not mask.any()][:1]
chosen = (rusty + clean + list(range(len(test_masks))))[:6]
large = [splits["test"][i].read()[0] for i in chosen]
masks = [segmenter.mask(image) for image in large]
found_areas = map(area_percent, masks)
titles = [f"{area:.1f} % (± {interval.half_width(area):.1f})" for area in found_areas]
plots.show_images([overlay.paint(i, m) for i, m in zip(large, masks)], titles)

# %% [markdown]
# The last one shows no rust: what was found is its red label. The ± says how far off an area usually
# is, not whether it is rust.
#
# ### Large pictures
#
# A camera gives 4,000 x 3,000 pixels; made small, pits vanish. So go through it in tiles. The trap is
# the seam: at the border of a tile the network does not see what follows. With a margin around each
# tile as wide as the network sees, the result is that of the whole picture. Twelve pictures make a
# larger one, which the network sees whole, then in tiles. Look at the difference, bright where it is
# large, with the margin and without:

# %% tags=["nbval-ignore-output"]
from inspection.segmentation import predict

count = min(12, len(pairs)) // 4 * 4 or 1
squares = [pair.read((size, size))[0] for pair in pairs[:count]]
mosaic = np.vstack([np.hstack(squares[k : k + 4]) for k in range(0, count, 4)])
whole = predict.whole_probability(segmenter.network, mosaic)

shown, titles, seams = [overlay.paint(mosaic, whole >= limit)], ["whole picture"], {}
for name, margin in (("with margin", None), ("without", 0)):
    tiles = predict.tiled_probability(segmenter.network, mosaic, tile=96, margin=margin)
    difference = np.abs(tiles - whole)
    shown.append(np.clip(4 * difference, 0, 1))
    seams[name] = difference.max()
    titles.append(f"tiles {name}: up to {seams[name]:.5f}")
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
# One file of about a megabyte, labels and threshold inside, as MediaPipe's ImageSegmenter takes it on
# Android, iOS and in a browser. The runtime of this course reads it without TensorFlow. Do the two
# agree?

# %% tags=["nbval-ignore-output"]
from inspection.deploy import runtime
from inspection.segmentation.export import export

path = WORKSPACE / mode.named(MODE, "exported") / f"{RUN}.tflite"
names = ("background", THING)
stored = export(segmenter.network, size, path, labels=names, threshold=limit)
headline.record_metric("Model file", f"{stored / 1e6:.1f} MB")

small = runtime.load_model(path)
answer = small.predict(test_images[0]).scores[..., 1]
largest = np.abs(answer - found["U-Net"][0]).max()
f"largest difference {largest:.4f}, labels {list(small.labels)}, threshold {small.file.threshold}"

# %% tags=["claims", "nbval-ignore-output"]
from inspection.course import claims, solutions

solutions.run_if_wanted("06", globals())
if claims.tell_of_this_run("06", globals()):
    claims.hold([
        ("Four times: 8 by 8 places with 64 channels",
         network.get_layer("dropout").output.shape == (None, 8, 8, 64)),
        ("farther than the picture is wide", reach / size, 1, None),
        ("Cross-entropy calls the lazy one nearly finished",
         lost.loc["cross-entropy", "marks nothing"], 0, 0.3),
        ("because nine of ten pixels are steel", 1 - drawn.mean(), 0.83, 0.95),
        ("Dice puts it at the very bottom", lost.loc["Dice", "marks nothing"], 0.9, 1),
        ("For some epochs validation stays at the bottom",
         history["val_iou"].iloc[:3].max(), 0, 0.25),
        ("Then it rises past training",
         (history["val_iou"] - history["iou"]).iloc[-3:].mean(), 0, None),
        ("IoU is nearly flat from 0.5 to 0.85",
         np.ptp(curve["IoU"][(limits > 0.49) & (limits < 0.86)]), 0, 0.05),
        ("The network above all", stacking.weights()[-1] / max(stacking.weights()[:-1]), 2, None),
        ("beats the best threshold by more than 20 points of IoU",
         table["IoU"]["U-Net"] - table["IoU"]["HSV limits"], 0.2, None),
        ("more than the luck of 50", metrics.iou_interval(
            test_masks, marked["U-Net"], marked["HSV limits"])[0], 0.02, None),
        ("beats both rivals in its outlines",
         table["boundary F1"]["U-Net"] - table["boundary F1"][:2].max(), 0, None),
        ("Four views of each picture add some points more",
         table["IoU"]["U-Net, 4 views"] - table["IoU"]["U-Net"], 0.01, 0.09),
        ("average and vote let weaker members in and fall behind the four views",
         table["IoU"]["U-Net, 4 views"] - table["IoU"][["average", "vote"]].max(), 0, None),
        ("stacking finds out that one member knows best and ends where that one is",
         abs(table["IoU"]["U-Net, 4 views"] - table["IoU"]["stacking"]), 0, 0.025),
        ("By the network's own probability first",
         segmenter.check.importances().index[0] == "probability"),
        ("Most of the false regions are gone", after / before, 0, 0.5),
        ("hardly any recall with them",
         table["recall"]["U-Net"] - table["recall"]["U-Net, checked"], -0.01, 0.01),
        ("be wrong by a fifth of the picture", errors["HSV limits"]["within"], 15, 28),
        ("off by about one point and a half on average", errors["U-Net"]["mean"], 1.1, 1.9),
        ("With the margin nothing is left but rounding", seams["with margin"], 0, 0.001),
        ("Without it the seams show as a grid", seams["without"], 0.3, 1),
        ("One file of about a megabyte", stored / 1e6, 0.7, 1.6),
        ("narrow where little was found and wide on a rusty picture",
         interval.half_width(20) / interval.half_width(1), 5, None),
        ("neither reaches nine in ten", covered["mean"].max(), 0.6, 0.899),
        ("no ± from them can be sure of its 90 %", covered["from"].max(), 0, 0.9),
        ("The last one shows no rust", not test_masks[chosen[-1]].any()),
    ])

# %% [markdown]
# ## Summary
#
# - U-Net knows what and where: the coarse maps say rust, the fine ones say to which pixel.
# - Cross-entropy gets training going, Dice keeps it from marking nothing.
# - Figures come from the test, choices from validation, and each helper has to earn its place there.
# - An area in percent is worth what its error on drawn masks says; its ± is checked on other
#   pictures.
#
# ### References
#
# 1. Yun et al. 2019, CutMix, [arXiv:1905.04899](https://arxiv.org/abs/1905.04899)
# 2. Ronneberger, Fischer and Brox 2015, U-Net: Convolutional Networks for Biomedical Image
#    Segmentation, [arXiv:1505.04597](https://arxiv.org/abs/1505.04597)
# 3. Milletari, Navab and Ahmadi 2016, V-Net, [arXiv:1606.04797](https://arxiv.org/abs/1606.04797)
# 4. Wolpert 1992, Stacked Generalization,
#    [doi:10.1016/S0893-6080(05)80023-1](https://doi.org/10.1016/S0893-6080(05)80023-1)
# 5. Lei et al. 2018, Distribution-Free Predictive Inference for Regression,
#    [arXiv:1604.04173](https://arxiv.org/abs/1604.04173)
#
# ## Exercises
#
# **1.** Write it. IoU and Dice of two masks tell the same, one from the other: Dice is
# 2 IoU / (1 + IoU). Write both, and check it on the network's first three test pictures with rust.
#
# <details><summary>Solution</summary>
#
# ```python
# def iou_and_dice(drawn, found):
#     """Return both measures of two masks."""
#     both = np.sum((drawn > 0) & (found > 0))
#     sizes = np.sum(drawn > 0) + np.sum(found > 0)
#     return both / (sizes - both), 2 * both / sizes
#
#
# for i in rusty[:3]:
#     iou, dice = iou_and_dice(test_masks[i], marked["U-Net"][i])
#     assert np.isclose(dice, 2 * iou / (1 + iou))
#     assert np.isclose(iou, metrics.count(test_masks[i], marked["U-Net"][i]).iou)
# ```
#
# </details>
#
# **2.** By hand. Four pixels, of which one is rust: y = 1, 0, 0, 0 and p = .5, .5, 0, 0. What is the
# Dice loss with the 1 above and below, what without? Then ask the function.
#
# <details><summary>Solution</summary>
#
# Overlap .5, areas 1 and 1: 1 - (1 + 1) / (2 + 1) = 1/3. Without the 1 it is 1 - 1/2 = 1/2. On 16,384
# pixels the 1 does not matter.
#
# ```python
# y, p = np.array([1, 0, 0, 0]), np.array([0.5, 0.5, 0, 0])
# assert np.isclose(dice_loss(y, p), 1 / 3)
# ```
#
# </details>
#
# **3.** Predict. Halve `WIDTH`: how many parameters are left, and which part of the network loses
# most? Count before you train it.
#
# <details><summary>Solution</summary>
#
# A quarter, because each layer has half as many channels in and out. In a run of ours IoU fell by
# a fifth and stayed above every threshold: four times smaller is not four times worse. Most numbers
# go where most were: in the coarsest maps, which are small and have many channels.
#
# ```python
# halved = unet.build_unet(DEPTH, width // 2, size=(size, size))
# assert 0.24 < halved.count_params() / theirs.count_params() < 0.27
# ```
#
# </details>
#
# ## Where to go next
#
# [07 · Ten classes](07_cifar10_resnet50.ipynb) asks for one word of ten. Words of the field:
# [glossary](../docs/glossary.md).
