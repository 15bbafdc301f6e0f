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
# A picture of 32x32 pixels, ten words, one is right. CIFAR-10 is the set on which most ideas of the
# last fifteen years were tried first, because an idea costs minutes there and not days. We build a
# residual network for it, find two mistakes that thousands of notebooks repeat, and end with a
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
# Pictures this small fit on one sheet: twelve of each class, a row for each.

# %%
import numpy as np

from inspection.datasets.cifar10.image_sheets import paste_sheet

chosen = [np.flatnonzero(data.train_labels == c)[:12] for c in range(len(class_names))]
sheet = paste_sheet(data.train_images[np.concatenate(chosen)], columns=12)

# %% [markdown]
# Look for what all pictures of a row share, and only they.

# %%
import matplotlib.pyplot as plt

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
print(f"{linear.score(as_rows(data.test_images), data.test_labels):.2f} of the test pictures right")

# %% [markdown]
# Guessing gets 0.10. A weight for each pixel cannot say "wheels, wherever they are". On the
# photographs of CIFAR-10 the same model gets nearly 0.40, because there the sea is blue and the
# meadow green: part of the task is solved by colour alone.
#
# ## Model
#
# ### A way around
#
# A residual block adds what it computes to what came in. If a block has nothing to say, it says
# zero, and the picture passes unharmed; the gradient takes the same way back. That is why 50 layers
# can be trained at all. Here is the block of ResNet-50, as the module builds it.

# %%
import keras

from inspection.classification.cifar10 import small_resnet


def bottleneck(x, filters, strides):
    """Add 1x1, 3x3, 1x1 convolutions to what came in."""
    change = small_resnet.conv(x, filters, kernel=1)
    change = small_resnet.conv(change, filters, kernel=3, strides=strides)
    change = small_resnet.conv(change, 4 * filters, kernel=1, active=False)
    return keras.layers.ReLU()(x + change)

# %% [markdown]
# What does one such block cost, on a map of 32x32 places?

# %%
x = keras.Input((32, 32, 256))
block = keras.Model(x, bottleneck(x, 64, strides=1))
print(f"{block.count_params():,} numbers, {small_resnet.multiply_adds(block):,} multiply-adds")

# %% [markdown]
# Each of the numbers is used at all 1,024 places. So a larger map means more work, but no more
# numbers.
#
# ### The first mistake: a stem for other pictures
#
# ResNet-50 was made for 224x224 pixels. Its first two layers halve the picture twice, before
# anything has been looked at. We build it for 32x32, and beside it four networks whose stem keeps
# every pixel.

# %%
networks = {"ResNet-50, as for ImageNet": keras.applications.ResNet50(
    weights=None, include_top=False, input_shape=(32, 32, 3))}
for name in ("resnet50", "resnet20", "resnet9", "resnet9_small"):
    networks[name] = small_resnet.build_network(name, len(class_names))

# %% [markdown]
# What is left of 32x32 at the end, and at what cost?

# %%
import pandas as pd


def describe(network):
    """Return the last map of a network, its parameters and its cost."""
    maps = [k.output.shape for k in network.layers if isinstance(k, keras.layers.Conv2D)]
    return {
        "first map": f"{maps[0][1]}x{maps[0][2]}",
        "last map": f"{maps[-1][1]}x{maps[-1][2]}",
        "parameters": f"{network.count_params():,}",
        "million multiply-adds": round(small_resnet.multiply_adds(network) / 1e6),
    }


pd.DataFrame({name: describe(network) for name, network in networks.items()}).T

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
pd.DataFrame(rows, index=["black becomes", "white becomes"]).T.round(1)

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
# rate rises for a fifth of the steps and falls to zero like a cosine. The labels are smoothed: the
# network is asked for nine tenths of certainty, not for all of it.

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
# Did it learn? Look at the gap between the two lines, and at the last epochs.

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
# Now the test pictures, once. How many are right, and how sure is that number? The interval says
# where the accuracy would lie with other test pictures of the same kind.

# %% tags=["nbval-ignore-output"]
from inspection.classification.cifar10 import test_report
from inspection.classification import multiclass

test_images, test_labels = data.part("test")
report = test_report.measure(network, test_images, test_labels, class_names)
headline.record_metric("Accuracy", report.accuracy, f"{MODE} mode")
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
# fresh linear layer learns from the features of right and of wrongly scaled pictures.

# %%
inner = keras.Model(network.input, network.layers[-2].output)


def new_layer(scale):
    """Return the test accuracy of a linear layer on features of scaled pictures."""
    x, x_test = (inner.predict(i * np.float32(scale), 250, verbose=0)
                 for i in (data.train_images, test_images))
    spread = x.std(0) + 1e-9
    layer = RidgeClassifier(10).fit(x / spread, data.train_labels)
    return layer.score(x_test / spread, test_labels)

# %% [markdown]
# The same network gets pictures divided by 255, as it was trained and with such a new layer. In which
# of the two would you notice the slip?

# %% tags=["nbval-ignore-output"]
dark = test_images / np.float32(255)
wrong = test_report.measure(network, dark, test_labels, class_names)
pd.DataFrame(
    {"as trained": [report.accuracy, wrong.accuracy],
     "with a new last layer": [new_layer(1), new_layer(1 / 255)]},
    ["0 to 255", "divided by 255"],
).round(2)

# %% [markdown]
# As trained, the network is lost: it sees black. A new last layer saves a part, and that is the
# trap. The result is far above guessing, so it looks like a network that works.
#
# ### Is it as sure as it is right?
#
# Of all answers with a probability of about 0.8, eight of ten should be right. The dots are groups of
# answers, large where there are many. Below the dotted line the network promises too much. One
# number repairs most of it, the temperature, by which the outputs are divided; we choose it on the
# validation pictures. The answers stay the same.

# %% tags=["nbval-ignore-output"]
val = test_report.measure(network, *validation, class_names)
temperature = multiclass.fit_temperature(val.labels, val.logits)
tempered = multiclass.softmax(report.logits / temperature)
tables = {}
for title, scores in (("as trained", report.scores), (f"T = {temperature:.2f}", tempered)):
    table = multiclass.reliability(test_labels, scores)
    tables[f"{title}: mean gap {multiclass.calibration_error(table):.3f}"] = table
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
titles = [f"{class_names[report.found[i]]} {tempered[i].max():.2f}" for i in first]
plots.show_images(test_images[first], titles, columns=5)

# %% [markdown]
# The cat and the dog, and about the dog it was sure.
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
pd.DataFrame(rows).T.round(4)

# %% [markdown]
# And now as a page. One command serves any file of this course: an upload page for people, a JSON
# API for programs. We start it on a free port, as a process of its own.

# %%
exported = exports / f"{RUN}_float32.tflite"
server = subprocess.Popen(
    [sys.executable, "scripts/serve.py", "--port", "0", "--model", str(exported)],
    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
)
print(server.stdout.readline().strip())
address = server.stdout.readline().split()[0]

# %% [markdown]
# A program sends a picture as a file and gets the scores as JSON. This function does so.

# %%
import io

import requests
from PIL import Image


def ask(image):
    """Return {class: score} that the server answers to a picture."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    url = f"{address}/api/predict?top={len(class_names)}"
    answer = requests.post(url, files={"picture": buffer.getvalue()})
    return {row["label"]: row["score"] for row in answer.json()["classes"]}

# %% [markdown]
# Does it say what the notebook says? We ask about 100 test pictures and compare every probability.

# %%
answers = pd.DataFrame([ask(image) for image in test_images[::10][:100]])[list(class_names)]
gap = np.abs(answers.to_numpy() - report.scores[::10][:100]).max()
server.terminate()
server.wait()
print("the same answers" if gap < 1e-3 else f"differs by up to {gap:.3f}")

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
# ## Exercises
#
# **1.** Set `CUTOUT = 0` and give the run a new name. Before you run it: which line of the curves
# will change more, training or validation?
#
# <details><summary>Solution</summary>
#
# Training. Without the square its pictures are easier, so its loss falls faster. Validation pictures
# never had a square; their line moves little in 10 epochs, and the gap between the lines grows. With
# 60 epochs the square pays.
#
# </details>
#
# **2.** Set `LABEL_SMOOTHING = 0`. On which side of the dotted line will the dots of the calibration
# lie, and on which side of 1 the temperature?
#
# <details><summary>Solution</summary>
#
# The dots move down, towards or below the line: nothing holds the network back from being sure. The
# temperature rises. After 10 epochs it may still be near 1; trained until the training pictures are
# all right, it is well above.
#
# </details>
#
# **3.** Send the server a photograph of your desk. What does it say, and how sure is it?
#
# <details><summary>Solution</summary>
#
# One of the ten, often quite sure. A classifier has no word for "none of these"; softmax shares
# out 1 among the words it has. If such pictures can come, give it an eleventh class, or ask for a
# detector that may find nothing.
#
# </details>
#
# ## Where to go next
#
# [08 · Model Garden beside ours](08_model_garden.ipynb) holds the detector of this course against
# that of others. The server takes the detector of
# [02 · Train a detector](02_train_and_evaluate.ipynb) as well.
