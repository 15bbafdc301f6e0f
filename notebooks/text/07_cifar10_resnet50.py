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
# # 07 · Ten classes, ResNet-50, and a page that serves it
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/visual-inspection-course/visual-inspection-course/blob/main/notebooks/07_cifar10_resnet50.ipynb)
# · quick: 3 minutes on two cores, 2 GB; full: two hours on a GPU · you need: nothing, a small set of
# pictures is in the repository
#
# ![test pictures with the class that the network named, and how sure it was](attachment:cover.jpg)
#
# A picture of 32x32 pixels, ten words, one is right. CIFAR-10 [1] is the set on which most ideas of
# the last fifteen years were tried first, because an idea costs minutes there and not days. We build
# a residual network for it, find two mistakes that thousands of notebooks repeat, and end with a
# page in the browser that answers.

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
# `DATA` is `"keras"`, which downloads CIFAR-10 once and checks it, or a path: the original
# `cifar-10-python.tar.gz`, an `.npz`, or pictures in `train/CLASS/` and `test/CLASS/`, as a folder,
# a `.tar` or a `.zip`. Quick mode takes a stand-in: pictograms that a program of this course drew.

# %% tags=["parameters"]
DATA = {"quick": "data/cifar10_standin", "full": "keras"}  # your pictures: a path
RUN = "cifar10"                                   # the same name goes on, a new one starts afresh
MODE = "quick"                                    # "full" takes CIFAR-10 and needs a GPU

NETWORK = {"quick": "resnet9_small", "full": "resnet50"}  # or "resnet9", "resnet20"
EPOCHS = {"quick": 10, "full": 60}                # passes over the pictures
FINE_EPOCHS = 8                                   # of the network from ImageNet, in full mode
BATCH_SIZE = 128                                  # less if memory runs out
LEARNING_RATE = 0.1                               # the highest of the cycle
LABEL_SMOOTHING = 0.1                             # how much the right answer shares; 0 for none
CUTOUT = 8                                        # pixels of the grey square; 0 for none
VAL_SHARE = 0.1                                   # of the training pictures, to choose with
WEIGHTS = {"quick": "", "full": "imagenet"}       # of ResNet-50; a file works, too
ENLARGED = 160                                    # pixels that the pretrained network sees

# %% [markdown]
# Your own pictures? Change the first line, nothing else.
#
# ## Data
#
# How many pictures are there, and is any of the test pictures among those we train on? A copy there
# would make the figures better than the network.

# %%
from inspection.classification.cifar10 import source
from inspection.course import headline, mode, plots
from inspection.datasets.cifar10 import image_arrays

data = source.read(mode.pick(MODE, DATA))
class_names = data.class_names
print(image_arrays.size_text(data))
print(f"{len(image_arrays.shared_images(data))} test pictures are among them")

# %% [markdown]
# Pictures this small fit on one sheet: twelve of each class, a row for each. Look for what all
# pictures of a row share, and only they.

# %%
import matplotlib.pyplot as plt
import numpy as np

from inspection.datasets.cifar10.image_sheets import paste_sheet

chosen = [np.flatnonzero(data.train_labels == c)[:12] for c in range(len(class_names))]
sheet = paste_sheet(data.train_images[np.concatenate(chosen)], columns=12)
_, axis = plt.subplots(figsize=(9, 7.6))
axis.imshow(sheet)
axis.set_yticks(32 * np.arange(len(class_names)) + 16, class_names)
axis.set(xticks=[], title="twelve training pictures of each class")
axis.tick_params(length=0)
axis.spines[:].set_visible(False)

# %% [markdown]
# Not the colour: there are green dogs. Not the place, the size or the background. Only the shape.
# Is that hard? A yardstick: a linear model, which weighs each pixel by itself.

# %%
from sklearn.linear_model import RidgeClassifier


def as_rows(images):
    """Return pictures as rows of numbers, every second pixel."""
    return images[:, ::2, ::2].reshape(len(images), -1) / 255


linear = RidgeClassifier(1000).fit(as_rows(data.train_images), data.train_labels)
by_pixels = linear.score(as_rows(data.test_images), data.test_labels)
print(f"{by_pixels:.2f} of the test pictures right")

# %% [markdown]
# Guessing gets 0.10. A weight for each pixel cannot say "wheels, wherever they are". On the
# photographs of CIFAR-10 the same model gets nearly 0.40, because there the sea is blue and the
# meadow green: part of the task is solved by colour alone.
#
# ## Model
#
# ### A way around
#
# A residual block [2] adds what it computes, F, to what came in (*skip connection*):
#
# $$y = \mathrm{ReLU}\big(x + F(x)\big)$$
#
# If a block has nothing to say, it says zero, and the picture passes unharmed; the gradient takes
# the same way back. Here F is two 3x3 convolutions. The switch leaves the way around out. The module
# has the block with it, and must compute the same from the same weights.

# %%
import keras

from inspection.classification.cifar10 import small_resnet


def block(x, filters, shortcut=True):
    """Return what two convolutions make of x, added to x or alone."""
    change = small_resnet.conv(x, filters)
    change = small_resnet.conv(change, filters, active=False)
    return keras.layers.ReLU()(x + change if shortcut else change)


x = keras.Input((8, 8, 16))
ours = keras.Model(x, block(x, 16))
theirs = keras.Model(x, small_resnet.basic_block(x, 16, strides=1))
theirs.set_weights(ours.get_weights())
noise = np.random.default_rng(0).normal(size=(4, 8, 8, 16)).astype("float32")
assert np.allclose(ours(noise), theirs(noise), atol=1e-5)

# %% [markdown]
# Does it matter? Two networks of 33 layers, alike in all but the way around: the same widths, the
# same seed, the same pictures in the same order. Both see small maps and few pictures, so that it
# takes half a minute. Which one learns, and does the other one learn at all?

# %% tags=["nbval-ignore-output"]
import pandas as pd


def deep_network(shortcut, blocks=16):
    """Return a network of 2 * blocks + 1 layers on maps of 8x8."""
    keras.utils.set_random_seed(3)
    image = keras.Input((32, 32, 3))
    x = small_resnet.conv(keras.layers.Rescaling(1 / 127.5, -1)(image), 16, strides=4)
    for _ in range(blocks):
        x = block(x, 16, shortcut)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, keras.layers.Dense(len(class_names))(x))


few, side_by_side = slice(0, 1500), {}
for name, shortcut in {"with a way around": True, "without": False}.items():
    deep = deep_network(shortcut)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    deep.compile(keras.optimizers.Adam(0.002), loss, jit_compile=False)
    done = deep.fit(data.train_images[few], data.train_labels[few], 64, epochs=8, verbose=0)
    side_by_side[name] = done.history["loss"]
curves = pd.DataFrame(side_by_side, range(1, 9))
plots.label(curves.plot(style="o-"), "33 layers, with and without a way around", "epoch", "loss")

# %% [markdown]
# With the way around the loss falls from the first epoch on; without it the same layers stay behind.
# Not because they could not say as much: a block that is to pass its picture on must learn to do so,
# and sixteen of them in a row make that hard.
#
# What does a block cost? That of ResNet-50 is narrow inside (*bottleneck*): 1x1 convolutions go down
# to a quarter of the channels and back. On a map of 32x32 places:

# %%
x = keras.Input((32, 32, 256))
bottleneck = keras.Model(x, small_resnet.bottleneck(x, 64, strides=1))
products = small_resnet.multiply_adds(bottleneck)
print(f"{bottleneck.count_params():,} numbers, {products:,} multiply-adds")
assert products == 32 * 32 * (256 * 64 + 9 * 64 * 64 + 64 * 256)

# %% [markdown]
# The last line is the sum by hand: places, times the weights of the three convolutions. Each weight
# is used at all 1,024 places; so a larger map means more work, but no more numbers.
#
# ### The first mistake: a stem for other pictures
#
# ResNet-50 was made for 224x224 pixels. Its first two layers halve the picture twice, before
# anything has been looked at. We build it for 32x32, and beside it four networks whose stem keeps
# every pixel. What is left of 32x32 at the end, and at what cost?

# %%
networks = {"ResNet-50, as for ImageNet": keras.applications.ResNet50(
    weights=None, include_top=False, input_shape=(32, 32, 3))}
for name in ("resnet50", "resnet20", "resnet9", "resnet9_small"):
    networks[name] = small_resnet.build_network(name, len(class_names))


def describe(network):
    """Return the last map of a network, its parameters and its cost."""
    maps = [k.output.shape for k in network.layers if isinstance(k, keras.layers.Conv2D)]
    return {
        "first map": f"{maps[0][1]}x{maps[0][2]}",
        "last map": f"{maps[-1][1]}x{maps[-1][2]}",
        "parameters": network.count_params(),
        "million multiply-adds": round(small_resnet.multiply_adds(network) / 1e6),
    }


described = pd.DataFrame({name: describe(network) for name, network in networks.items()}).T
described

# %% [markdown]
# One place. Most of its layers look at a map of 2x2 or 1x1, where a 3x3 filter sees little but its
# own padding. With a stem of one 3x3 convolution and no pooling, 4x4 places are left, at 16 times the
# cost. `resnet9` is what two cores can train: few layers, wide ones.
#
# ### The second mistake: a scale for other networks
#
# Weights from ImageNet expect pictures as they were prepared when the weights were learned. Nothing
# checks that. Keras's ResNet-50 wants BGR less a mean; many notebooks divide by 255 first, because
# that is what one does. What reaches the first layer then?

# %%
from inspection.classification.cifar10 import transfer

scales = {"0 to 255, as it should be": 1, "divided by 255": transfer.TO_UNIT}
rows = {k: transfer.input_range("resnet50", v) for k, v in scales.items()}
ranges = pd.DataFrame(rows, index=["black becomes", "white becomes"]).T
ranges.round(1)

# %% [markdown]
# Black and white differ by 275, or by 21. To the second network every picture is the same dark
# grey. It does not fail; it is only worse, and nobody knows why. So in this course the preparation
# is a layer of the model: every network takes RGB from 0 to 255. What the slip costs we measure
# below, with the network that we train now.
#
# ## Train
#
# A few thousand pictures are few. Shown another way each time, moved, mirrored, with a grey square
# somewhere, they are more. Is each still what its label says?

# %%
import tensorflow as tf

from inspection.classification.cifar10 import input_pipeline

one_each = tf.constant(data.train_images[[c[0] for c in chosen]])
looks = [input_pipeline.augment(one_each, [0, step], CUTOUT) for step in range(5)]
rows = np.concatenate([one_each, *looks])
plots.show_images([paste_sheet(rows, len(class_names))], ["first row: as they are"], 1)

# %% [markdown]
# They are. A mirrored seven would not be a seven; whether a change is harmless depends on your
# classes.
#
# How the network learns is decided in one place, and stored beside what it has learned. The learning
# rate rises for a fifth of the steps and falls to zero like a cosine [3]. The labels are smoothed:
# the network is asked for nine tenths of certainty, not for all of it. What it makes small is *cross
# entropy* over the C classes, of what was wanted (q) and what was said (p), with ε =
# `LABEL_SMOOTHING`:
#
# $$L = -\sum_{c=1}^{C} q_c \log p_c, \qquad
# q_c = (1 - \varepsilon)\,[c = \text{label}] + \frac{\varepsilon}{C}, \qquad
# p_c = \frac{e^{z_c}}{\sum_k e^{z_k}}$$

# %%
from inspection.classification.cifar10 import training_loop

settings = training_loop.Settings(
    network=mode.pick(MODE, NETWORK),
    num_classes=len(class_names),
    epochs=mode.pick(MODE, EPOCHS),
    batch_size=BATCH_SIZE,
    learning_rate=LEARNING_RATE,
    label_smoothing=LABEL_SMOOTHING,
    cutout=CUTOUT,
)


def softmax(logits):
    """Return the probabilities [N, C] that logits stand for."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


logits, label = np.array([[2.0, 0, -1]]), np.array([[1.0, 0, 0]])
wanted = (1 - LABEL_SMOOTHING) * label + LABEL_SMOOTHING / 3
by_hand = -(wanted * np.log(softmax(logits))).sum()
theirs = keras.losses.CategoricalCrossentropy(True, LABEL_SMOOTHING)(label, logits)
assert np.isclose(by_hand, theirs)

# %% [markdown]
# One call trains. On a GPU it computes in 16 bits. Outside a notebook the same is
#
# ```text
# python scripts/train_cifar10.py --network resnet9_small --epochs 10 --val_share 0.1
# ```
#
# If the session dies, run the cell again: it goes on after the last whole epoch.

# %% tags=["nbval-ignore-output"]
import time

train_data, validation = source.hold_out(data, VAL_SHARE)
run = WORKSPACE / "training" / mode.named(MODE, f"{RUN}_{settings.network}")
started = time.perf_counter()
network = training_loop.train(train_data, settings, run, validation)
headline.record_metric("Training", f"{(time.perf_counter() - started) / 60:.1f} minutes")

# %% [markdown]
# Did it learn? Look at the gap between the two lines (*overfitting* would tear them apart), and at
# the last epochs.

# %% tags=["nbval-ignore-output"]
from inspection.classification import multiclass_figures

history = pd.read_csv(run / "history.csv", index_col="epoch")
multiclass_figures.curves(history)

# %% [markdown]
# The lines lie close together: the network has not learned its pictures by heart. Training is even
# behind at times, since its pictures are moved and covered and its answers counted during the
# epoch. In the last epochs, with hardly any learning rate left, little moves; a point of
# accuracy up or down is chance with so few validation pictures.
#
# ### From ImageNet
#
# In full mode there is a second way: take ResNet-50 with weights from ImageNet, let the model
# enlarge the picture, train a new last layer, then the whole with a small learning rate. Batch norm
# stays frozen; its statistics come from a million photographs. In quick mode this cell does nothing:
# the 94 MB of weights are not part of the repository.

# %% tags=["nbval-ignore-output"]
from dataclasses import replace

weights = mode.pick(MODE, WEIGHTS)
transferred = None
if weights:
    fine = replace(settings, network="resnet50", weights=weights, enlarged=ENLARGED)
    fine = replace(fine, epochs=FINE_EPOCHS, learning_rate=LEARNING_RATE / 10)
    folder = WORKSPACE / "training" / mode.named(MODE, f"{RUN}_imagenet")
    transferred = transfer.train_transfer(train_data, fine, folder, validation)

# %% [markdown]
# ## Evaluate
#
# Now the test pictures, once. How many are right, and how sure is that number? The interval
# (Wilson's [4]) says where the accuracy would lie with other test pictures of the same kind.

# %% tags=["nbval-ignore-output"]
from inspection.classification.cifar10 import test_report
from inspection.classification import multiclass

test_images, test_labels = data.part("test")
report = test_report.measure(network, test_images, test_labels, class_names)
headline.record_metric(f"Accuracy of {network.name}", report.accuracy, f"{MODE} mode")
rows = {network.name: report.figures()}
if transferred:
    other = test_report.measure(transferred, test_images, test_labels, class_names)
    rows["ResNet-50 from ImageNet"] = other.figures()
pd.DataFrame(rows).T[["accuracy", "interval_95", "pictures", "log_loss"]]

# %% [markdown]
# One number hides ten. Which classes carry it?

# %% tags=["nbval-ignore-output"]
multiclass_figures.class_shares(report.per_class)

# %% [markdown]
# Wheels and sails have no double: truck, automobile and ship lead. The airplane, a
# vehicle as well, is last but one. Last is the cat, which shares a body plan with the dog. What are
# they taken for?

# %% tags=["nbval-ignore-output"]
multiclass_figures.confusion(report.confusion)

# %% [markdown]
# The errors stand in a few fields. As a list, both directions added:

# %% tags=["nbval-ignore-output"]
multiclass.confused_pairs(report.confusion, 5)

# %% [markdown]
# Some of these pairs are alike to us, too, at 32 pixels: cat and dog, airplane and bird. On the
# photographs of CIFAR-10 cat and dog lead as well; what follows here belongs to the pictograms. If
# your work is to tell such a pair apart, look at pictures with more pixels before you look for a
# better network.
#
# ### What the wrong scale costs
#
# The second mistake, measured. As in a notebook that takes a backbone and trains a new last layer, a
# fresh linear layer learns from the features of right and of wrongly scaled pictures. The same
# network gets pictures divided by 255, as it was trained and with such a new layer. In which of the
# two would you notice the slip?

# %% tags=["nbval-ignore-output"]
inner = keras.Model(network.input, network.layers[-2].output)


def new_layer(scale):
    """Return the test accuracy of a linear layer on features of scaled pictures."""
    x, x_test = (inner.predict(i * np.float32(scale), 250, verbose=0)
                 for i in (data.train_images, test_images))
    spread = x.std(0) + 1e-9
    layer = RidgeClassifier(10).fit(x / spread, data.train_labels)
    return layer.score(x_test / spread, test_labels)


dark = test_images / np.float32(255)
wrong = test_report.measure(network, dark, test_labels, class_names)
scaled = pd.DataFrame(
    {"as trained": [report.accuracy, wrong.accuracy],
     "with a new last layer": [new_layer(1), new_layer(1 / 255)]},
    ["0 to 255", "divided by 255"],
)
scaled.round(2)

# %% [markdown]
# As trained, the network is lost: it sees black. A new last layer saves a part, and that is the
# trap. The result is far above guessing, so it looks like a network that works.
#
# ### Is it as sure as it is right?
#
# Of all answers with a probability of about 0.8, eight of ten should be right. The dots are groups of
# answers, large where there are many. Below the dotted line the network promises too much. One
# number repairs most of it, the *temperature* [5], by which the outputs are divided; we choose it on
# the validation pictures. The answers stay the same.

# %% tags=["nbval-ignore-output"]
val = test_report.measure(network, *validation, class_names)
temperature = multiclass.fit_temperature(val.labels, val.logits)
tempered = multiclass.softmax(report.logits / temperature)
tables = {}
gaps = []
for title, scores in (("as trained", report.scores), (f"T = {temperature:.2f}", tempered)):
    table = multiclass.reliability(test_labels, scores)
    gaps.append(multiclass.calibration_error(table))
    tables[f"{title}: mean gap {gaps[-1]:.3f}"] = table
multiclass_figures.reliability(tables)

# %% [markdown]
# Label smoothing leaves the network too modest: the dots lie above the line, and the temperature
# below 1 sharpens its answers. (Where a line drops to 0 at its left end, there are so few answers
# that their dot is too small to be seen.)
#
# Which answers are wrong and sure? These deserve a look first: either the network has learned
# something that is not so, or the label is wrong.

# %% tags=["nbval-ignore-output"]
places = multiclass.most_wrong(test_labels, tempered, 10)
titles = [
    f"{class_names[test_labels[i]]}, said:\n{class_names[report.found[i]]} {tempered[i].max():.2f}"
    for i in places
]
plots.show_images(test_images[places], titles, columns=5)

# %% [markdown]
# Ask of each: which part is covered or lost in the background, and what is left? Where you would
# have said the same, more training will not help.
#
# ## Use it
#
# Ten test pictures, one of each class and in the order of the classes: airplane, automobile, bird,
# cat, deer, dog, frog, horse, ship, truck. The number is how sure the network was. Which are wrong?

# %% tags=["cover", "nbval-ignore-output"]
first = [np.flatnonzero(test_labels == c)[3] for c in range(len(class_names))]
said = [class_names[report.found[i]] for i in first]
marks = ["WRONG: " * int(report.found[i] != c) for c, i in enumerate(first)]
titles = [f"{m}{name} {tempered[i].max():.2f}" for m, name, i in zip(marks, said, first)]
plots.show_images(test_images[first], titles, columns=5)

# %% [markdown]
# Where a title begins with WRONG: how sure was it there, and would you have been?
#
# For use elsewhere the network becomes one file. The labels, the size of the picture and its scale
# are inside, so that nobody has to remember them. In 8 bits it is a quarter as large; does it
# answer alike?

# %% tags=["nbval-ignore-output"]
from inspection.classification.cifar10.tflite_export import export
from inspection.deploy import runtime

tf.get_logger().setLevel("ERROR")  # else it names every temporary file
exports = WORKSPACE / mode.named(MODE, "exported")
rows = {}
for kind in ("float32", "int8"):
    file = export(network, data, exports / f"{RUN}_{kind}.tflite", kind)
    model = runtime.load_model(file)
    scores = np.array([a.scores for a in model.predict_batch(list(test_images))])
    rows[kind] = {
        "kilobytes": file.stat().st_size // 1000,
        "accuracy": (scores.argmax(1) == test_labels).mean(),
        "largest difference": np.abs(scores - report.scores).max(),
    }
exported = pd.DataFrame(rows).T
exported.round(4)

# %% [markdown]
# And now as a page. One command serves any file of this course: an upload page for people, a JSON
# API for programs. We start it on a free port, as a process of its own.

# %%
file = exports / f"{RUN}_float32.tflite"
server = subprocess.Popen(
    [sys.executable, "scripts/serve.py", "--port", "0", "--model", str(file)],
    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
)
print(server.stdout.readline().strip())
url = f"{server.stdout.readline().split()[0]}/api/predict?top={len(class_names)}"

# %% [markdown]
# A program sends pictures as files and gets the scores as JSON: does it say what the notebook says,
# in every probability of 100 test pictures?

# %%
import io

import requests
from PIL import Image


def ask(image):
    """Return {class: score} that the server answers to a picture."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    answer = requests.post(url, files={"picture": buffer.getvalue()})
    return {row["label"]: row["score"] for row in answer.json()["classes"]}


answers = pd.DataFrame([ask(image) for image in test_images[::10][:100]])[list(class_names)]
gap = np.abs(answers.to_numpy() - report.scores[::10][:100]).max()
server.terminate()
server.wait()
print("the same answers" if gap < 1e-3 else f"differs by up to {gap:.3f}")

# %% tags=["claims", "nbval-ignore-output"]
from inspection.course import claims, solutions

solutions.run_if_wanted("07", globals())
if claims.tell_of_this_run("07", globals()):
    claims.hold([
        ("A weight for each pixel cannot say", by_pixels, 0.12, 0.25),
        ("With the way around the loss falls from the first epoch on",
         np.diff(curves["with a way around"].iloc[:3]).max(), None, 0),
        ("without it the same layers stay behind",
         curves["without"].iloc[-1] - curves["with a way around"].iloc[-1], 0.1, None),
        ("One place. Most of its layers",
         described["last map"]["ResNet-50, as for ImageNet"] == "1x1"),
        ("4x4 places are left, at 16 times the cost",
         described["million multiply-adds"]["resnet50"]
         / described["million multiply-adds"]["ResNet-50, as for ImageNet"], 15, 17),
        ("Black and white differ by 275", np.ptp(ranges.iloc[0]), 274, 276),
        ("or by 21. To the second network", np.ptp(ranges.iloc[1]), 20, 22),
        ("The lines lie close together",
         abs(history["accuracy"] - history["val_accuracy"]).iloc[-1], 0, 0.08),
        ("with hardly any learning rate left, little moves",
         np.ptp(history["val_accuracy"].iloc[-2:]), 0, 0.03),
        ("truck, automobile and ship lead", sorted(report.per_class["recall"].nlargest(3).index)
         == ["automobile", "ship", "truck"]),
        ("The airplane, a vehicle as well, is last but one",
         report.per_class["recall"].sort_values().index[1] == "airplane"),
        ("Last is the cat", report.per_class["recall"].idxmin() == "cat"),
        ("cat and dog, airplane and bird", {("cat", "dog"), ("airplane", "bird")} <= set(zip(
         *multiclass.confused_pairs(report.confusion, 3)[["class", "other"]].T.to_numpy()))),
        ("As trained, the network is lost", scaled["as trained"].iloc[1], 0, 0.15),
        ("The result is far above guessing", scaled["with a new last layer"].iloc[1], 0.25, 0.7),
        ("number repairs most of it", gaps[1] / gaps[0], 0, 0.4),
        ("the temperature below 1 sharpens its answers", temperature, 0.3, 0.95),
        ("In 8 bits it is a quarter as large",
         exported["kilobytes"]["int8"] / exported["kilobytes"]["float32"], 0.2, 0.32),
        ("The same, because the same numbers", gap, 0, 1e-3),
    ])

# %% [markdown]
# The same, because the same numbers ran through the same layers: nothing of the preparation was left
# outside the file. To see the page, start it in a terminal and open the address that it prints:
#
# ```text
# python scripts/serve.py
# ```
#
# ## Summary
#
# - A residual block adds to what came in; so 50 layers can learn.
# - Small pictures need a small stem. Pretrained weights need the preparation they were trained with,
#   inside the model.
# - Accuracy is one number; the pairs, the calibration and the sure mistakes say what to do next.
# - A model file with labels and scale inside gives the same answers everywhere.
#
# ### References
#
# 1. Krizhevsky 2009, [Learning Multiple Layers of Features from Tiny
#    Images](https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf)
# 2. He, Zhang, Ren and Sun 2016, Deep Residual Learning for Image Recognition,
#    [arXiv:1512.03385](https://arxiv.org/abs/1512.03385)
# 3. Loshchilov and Hutter 2017, SGDR (the cosine), [arXiv:1608.03983](https://arxiv.org/abs/1608.03983)
# 4. Wilson 1927, Probable Inference, the Law of Succession, and Statistical Inference,
#    [doi:10.1080/01621459.1927.10502953](https://doi.org/10.1080/01621459.1927.10502953)
# 5. Guo et al. 2017, On Calibration of Modern Neural Networks,
#    [arXiv:1706.04599](https://arxiv.org/abs/1706.04599)
# 6. Szegedy et al. 2016, Rethinking the Inception Architecture (label smoothing),
#    [arXiv:1512.00567](https://arxiv.org/abs/1512.00567)
#
# ## Exercises
#
# **1.** Write it. A block that halves the map cannot add x as it is: it has twice the rows and half
# the channels. Write a block with `strides=2` whose way around is a 1x1 convolution, and hold it
# against `small_resnet.basic_block`.
#
# <details><summary>Solution</summary>
#
# ```python
# def halving(x, filters):
#     """Return a block that halves the map, with a 1x1 convolution as the way around."""
#     change = small_resnet.conv(x, filters, strides=2)
#     change = small_resnet.conv(change, filters, active=False)
#     around = small_resnet.conv(x, filters, kernel=1, strides=2, active=False)
#     return keras.layers.ReLU()(around + change)
#
#
# x = keras.Input((8, 8, 16))
# mine = keras.Model(x, halving(x, 32))
# given = keras.Model(x, small_resnet.basic_block(x, 32, strides=2))
# assert mine.output.shape == given.output.shape == (None, 4, 4, 32)
# assert mine.count_params() == given.count_params()
# ```
#
# </details>
#
# **2.** By hand. Logits 2, 0 and 0, the first is right. What is p of the right one, and the loss
# without smoothing? What does T = 2 make of p? (e² is 7.39, e is 2.72.)
#
# <details><summary>Solution</summary>
#
# p = 7.39 / 9.39 = .787, and the loss -log .787 = .24. With T = 2 the logits are 1, 0, 0, and
# p = 2.72 / 4.72 = .576: less sure, the same answer.
#
# ```python
# three = np.array([[2.0, 0, 0]])
# assert np.allclose([softmax(three)[0, 0], softmax(three / 2)[0, 0]], [0.787, 0.576], atol=0.001)
# ```
#
# </details>
#
# **3.** Predict. Send the network a picture that is none of the ten, such as noise. What does it say,
# and can it be sure? Then ask it about a hundred.
#
# <details><summary>Solution</summary>
#
# One of the ten, for some quite surely. A classifier has no word for "none of these"; softmax shares
# out 1 among the words it has. If such pictures can come, give it an eleventh class, or ask a
# detector, which may find nothing.
#
# ```python
# nothing = np.random.default_rng(0).integers(0, 256, (100, 32, 32, 3))
# sure = multiclass.softmax(network.predict(nothing, verbose=0) / temperature).max(axis=1)
# assert (sure >= 0.1).all() and np.isfinite(sure).all()
# ```
#
# </details>
#
# ## Where to go next
#
# [08 · Model Garden beside ours](08_model_garden.ipynb), the appendix, holds the detector of this
# course against that of others. Words of the field: [glossary](../docs/glossary.md).
