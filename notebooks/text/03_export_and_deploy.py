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
# # 03 · From checkpoint to phone, browser and video
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/visual-inspection-course/visual-inspection-course/blob/main/notebooks/03_export_and_deploy.ipynb)
# · quick: 3 minutes on two cores, 2 GB; full: 10 minutes · you need: a training from notebook 02, or
# the bundled checkpoint
#
# ![six frames of a video in which two leaks begin, a box around one of them and a red alarm](attachment:cover.jpg)
#
# A checkpoint runs where TensorFlow runs: on your own machine. The camera hangs in a hall, at the end
# of a cable, on a phone. So the network has to become one file that needs nothing else, and somebody
# has to check that it still sees what it saw. Most detectors are lost on this last mile.
#
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
# `RUN` is the name of a training in notebook 02. Where there is none, the checkpoint that comes with
# the course is taken; it knows the drawn leaks only, so full mode asks for a training. What the text
# reads from a figure is said of quick mode.

# %% tags=["parameters"]
IMAGES = {"quick": "data/leaks/images", "full": "bccd"}    # your pictures: folder or .zip
ANNOTATIONS = {"quick": "data/leaks/annotations", "full": ""}  # one .xml each; "" as in IMAGES
SPLITS = {"quick": "data/leaks/splits", "full": ""}  # train.txt, ...; "" as in notebook 01
RUN = {"quick": "leaks", "full": "cells"}  # what you called the training in notebook 02
BUNDLED = "data/weights/leak_scenes"  # knows leaks: stands in for them where nothing else does
VIDEO = ""                            # a video of yours; "" draws a leak that begins
MODE = "quick"                        # "full" takes the training of notebook 02 in full mode

ALARM_CLASS = "leak"  # what must stay to raise the alarm ...
ALARM_SECONDS = 2.0   # ... and for how long
ROUNDS = {"quick": 30, "full": 200}            # times that each format is timed
SECONDS = {"quick": 8, "full": 20}             # of the drawn video
FPS = 10                                       # its pictures in a second

# %% [markdown]
# Your own detector? Change the first four lines, nothing else.
#
# ## Data
#
# Two sets of pictures with two jobs. The training pictures will tell the converter how large the
# values inside the network become. The test pictures will tell us what the conversion cost. How
# many are there of each?

# %%
import numpy as np
import pandas as pd

from inspection.course import headline, mode, own_set, plots
from inspection.datasets.images import image_file
from inspection.datasets.splitting import split_lists
from inspection.datasets import voc

DATA = WORKSPACE / mode.named(MODE, "data")
made = DATA / "splits"
IMAGES, ANNOTATIONS, SPLITS, RUN = mode.pick(MODE, IMAGES, ANNOTATIONS, SPLITS, RUN)
IMAGES, ANNOTATIONS, SPLITS = own_set.open_boxes(IMAGES, ANNOTATIONS, SPLITS, made)
lists = SPLITS or made
annotations = {a.path.stem: a for a in voc.read_folder(ANNOTATIONS, IMAGES)}
listed = split_lists.read_splits([lists], annotations)
{part: len(names) for part, names in listed.items()}

# %% [markdown]
# The converter takes a folder of pictures. So those of the training get one of their own.

# %%
import shutil

EXPORTED = WORKSPACE / mode.named(MODE, "exported")
calibration = EXPORTED / "calibration"
shutil.rmtree(calibration, ignore_errors=True)
calibration.mkdir(parents=True)
for name in listed["train"]:
    shutil.copy(annotations[name].image, calibration)

# %% [markdown]
# Never calibrate with test pictures: the figures would flatter.
#
# ## Model
#
# Which network is it? `pipeline.config` says how it is built, the checkpoint holds the weights.

# %% tags=["nbval-ignore-output"]
from inspection.course import leak_scenes
from inspection.course.paths import short
from inspection.detection.config import pipeline_config
from inspection.detection.config.label_map import read_label_map

training = WORKSPACE / "training" / mode.named(MODE, RUN)
training, data = leak_scenes.trained_or_bundled(training, DATA, BUNDLED, MODE)
config = pipeline_config.read(data / "pipeline.config")
label_map = data / "label_map.pbtxt"
class_ids = read_label_map(label_map)
size = (config.model.image_height, config.model.image_width)
pd.Series({"weights": short(training), "classes": ", ".join(class_ids), "input": size})

# %% [markdown]
# First a graph for TensorFlow Lite. Two things go into it that a phone would otherwise have to do by
# itself, and often does wrong: the sigmoid that makes scores, and the suppression of double boxes
# (*non-maximum suppression*). On the command line the same is
#
# ```text
# python scripts/export_tflite_graph_tf2.py --pipeline_config_path=customTF2/data/pipeline.config \
#     --trained_checkpoint_dir=customTF2/training/leaks --output_directory=customTF2/exported
# python scripts/convert_to_tflite.py --saved_model_dir=customTF2/exported/saved_model \
#     --images=customTF2/exported/calibration -o customTF2/exported --name=leaks
# ```

# %%
import logging

from inspection.detection.export import tflite_graph

logging.getLogger("tensorflow").setLevel("ERROR")  # it reports every file it writes
written = tflite_graph.export_graph(config, training, EXPORTED, label_map=label_map)
[short(path) for path in written]

# %% [markdown]
# Then four files from the same graph. How much is in a number? float32 keeps four bytes for each
# weight, float16 two, and the last two formats one: 256 steps between the smallest and the largest
# value. "dynamic" calculates with floats all the same. "int8" calculates with whole numbers from
# end to end, and so has to know beforehand how large the values become. That is what the
# calibration pictures are for. Does the size of a file follow the bytes of a weight?

# %% tags=["nbval-ignore-output"]
from tqdm.auto import tqdm

from inspection.detection.export.tflite_conversion import convert_all
from inspection.tflite.convert import FORMATS

graph = EXPORTED / "saved_model"
making = convert_all(graph, EXPORTED, images=calibration, name=RUN)
files = dict(zip(FORMATS, tqdm(making, "formats", len(FORMATS))))
megabytes = {format: path.stat().st_size / 1e6 for format, path in files.items()}
pd.Series(megabytes, name="megabytes").round(2)

# %% [markdown]
# A half and a third, nearly: what remains is the anchors and the description of the graph.
#
# ### What 8 bits are
#
# *Quantisation* [1] writes a number x as a whole number q, with a *scale* s, the length of a step,
# and a *zero point* z, the q that stands for 0:
#
# $$q = \mathrm{round}\left(\frac{x}{s}\right) + z, \qquad \hat x = s\,(q - z), \qquad
# s = \frac{x_{\max} - x_{\min}}{2^8 - 1}, \qquad
# z = \mathrm{round}\left(\frac{-x_{\min}}{s}\right)$$
#
# The first tensor is the input, from -1 to 1. Weights are written around 0, so there z = 0, and each
# output channel has a step of its own, its largest weight divided by 127. We work both out, the
# weights for the first layer, and hold them against what the converter has stored.

# %%
from ai_edge_litert.interpreter import Interpreter

from inspection.common.suppress_output import suppress_lines


def first_kernel(format):
    """Return interpreter, weights [C, 3, 3, 3] of the first layer, and their scales."""
    with suppress_lines("XNNPACK delegate for CPU"):  # LiteRT greets
        interpreter = Interpreter(str(files[format]))
        interpreter.allocate_tensors()
    shapes = ((t, tuple(t["shape"][1:])) for t in interpreter.get_tensor_details())
    one = next(t for t, shape in shapes if shape == (3, 3, 3))
    scales = one["quantization_parameters"]["scales"]
    return interpreter, interpreter.get_tensor(one["index"]), scales


_, weights, _ = first_kernel("float32")
small, stored, scales = first_kernel("int8")
scale, zero = small.get_input_details()[0]["quantization"]
assert np.isclose(scale, 2 / 255, rtol=0.01) and abs(zero - 1 / scale) <= 1
steps = np.abs(weights).max(axis=(1, 2, 3)) / 127
assert np.allclose(steps, scales, rtol=1e-3)
written = np.round(weights / steps[:, None, None, None])
assert np.abs(written - stored).max() <= 1  # a half may be rounded either way
print(f"scale {scale:.5f}, zero point {zero}; 0.5 becomes {round(0.5 / scale) + zero}")

# %% [markdown]
# The scale of the input is such that a pixel is its own whole number, give or take one. No number can
# be off by more than half a step here. What would fewer bits do to the weights? Half a step, as a
# share of the largest weight, and the error that is really made:

# %%
def error_of(bits):
    """Return how far the weights move on average, as a share of their mean size."""
    step = np.abs(weights).max(axis=(1, 2, 3), keepdims=True) / (2 ** (bits - 1) - 1)
    moved = step * np.round(weights / step) - weights
    return np.abs(moved).mean() / np.abs(weights).mean()


bits = {n: {"whole numbers": 2**n - 1, "mean error": error_of(n)} for n in (8, 6, 4, 2)}
pd.DataFrame(bits).T.round(3)

# %% [markdown]
# A bit less doubles the error; with two bits, of which one is the sign, hardly anything is left. So
# int8 it is.
#
# ### One file
#
# Labels, the scale of the input, and the score from which on a box is shown, as notebook 02 chose it,
# are in the file as well; no second file has to be carried along, and none can be mixed up. To load a
# model, its path is enough. For scripts that ask for a list of the names, one lies beside the files,
# `labelmap.txt`. What does a file say about itself?

# %%
from inspection.deploy import runtime

models = {format: runtime.load_model(path) for format, path in files.items()}
threshold = models["int8"].threshold
says = {
    format: {
        "kind": model.kind,
        "labels": ", ".join(model.labels),
        "input": model.input_size,
        "float input": f"(pixel - {model.file.mean}) / {model.file.std}",
        "outputs": ", ".join(model.file.outputs),
        "a box is shown from": model.threshold,
    }
    for format, model in models.items()
}
pd.DataFrame(says)[["float32", "int8"]]

# %% [markdown]
# This runtime is 200 lines and needs no TensorFlow: `requirements-edge.txt` is all that a Raspberry
# Pi gets. It looks up which output is what. In files of others their order differs from export to
# export, and a program that takes the first for the boxes works until the next one.
#
# ## Evaluate
#
# Does a small file see worse? Each format looks at every test picture, from JPEG to boxes, the way
# a phone would.

# %% tags=["nbval-ignore-output"]
test = {name: image_file.read_rgb(annotations[name].image) for name in listed["test"]}
found = {
    format: {name: model.predict(image) for name, image in test.items()}
    for format, model in models.items()
}

# %% [markdown]
# First a picture, the one with most boxes, to see that there is something to compare. Does int8
# miss one of them?

# %% tags=["nbval-ignore-output"]
def draw(name, formats):
    """Show what formats find in one picture."""
    kept = [found[format][name].best_first(threshold) for format in formats]
    boxes, ids, scores = zip(*((k.boxes, k.class_ids, k.scores) for k in kept))
    images = [test[name]] * len(formats)
    plots.show_boxes(images, boxes, ids, scores, class_ids, titles=formats)


most = max(test, key=lambda name: sum(found["float32"][name].scores > threshold))
draw(most, ["float32", "int8"])

# %% [markdown]
# The strong boxes agree to the eye. One whose score lies near the threshold may stand in one picture
# and be missing in the other. Now in figures. mAP needs the ground truth of the test pictures.

# %%
from inspection.common.detections import GroundTruth


def ground_truth(annotation):
    """Return the boxes that a person drew, 0..1 of the picture."""
    width, height = annotation.width, annotation.height
    boxes = [(b.ymin, b.xmin, b.ymax, b.xmax) for b in annotation.boxes]
    ids = [class_ids[b.name] for b in annotation.boxes]
    scaled = np.reshape(boxes, (-1, 4)) / [height, width, height, width]
    return GroundTruth(boxes=scaled, class_ids=ids, width=width, height=height)


ground_truths = {name: ground_truth(annotations[name]) for name in test}

# %% [markdown]
# Every format is held against the same truth. Its figures go into a table, beside the size of its
# file and the time. Formats take turns, so that whatever else the machine does meets all of them
# alike; the median of many runs counts.

# %% tags=["nbval-ignore-output"]
import time

from inspection.detection.evaluation import coco_metrics

metrics = {f: coco_metrics.evaluate(ground_truths, found[f], class_ids).metrics for f in files}
table = pd.DataFrame({"MB": megabytes})
for column, key in {"mAP@.50": "mAP@.50IOU", "mAP@[.5:.95]": "mAP"}.items():
    values = {f: m[f"DetectionBoxes_Precision/{key}"] for f, m in metrics.items()}
    table[column] = pd.Series(values)

spent = {format: [] for format in models}
image = test[most]
for _ in range(mode.pick(MODE, ROUNDS)):
    for format, model in models.items():
        started = time.perf_counter()
        model.predict(image)
        spent[format].append(time.perf_counter() - started)
table["ms a picture"] = 1000 * pd.DataFrame(spent).median()

# %% [markdown]
# One more column: of the boxes that float32 shows, how many does the other format show as well? A box
# counts as the same if its class is, and if the two overlap by nine tenths. Which column would you
# choose a format by?

# %% tags=["nbval-ignore-output"]
from inspection.common.box_overlap import box_iou


def kept_share(format, least=0.9):
    """Return the share of float32's boxes that another format finds again."""
    same, total = 0, 0
    for name in test:
        wanted = found["float32"][name].best_first(threshold)
        others = found[format][name].best_first(0.8 * threshold)
        near = box_iou(wanted.boxes, others.boxes) >= least
        near &= wanted.class_ids[:, None] == others.class_ids[None]
        same, total = same + near.any(axis=1).sum(), total + len(wanted)
    return same / total


table["boxes kept"] = pd.Series({format: kept_share(format) for format in files})
headline.record_metric("int8: mAP@.50", table.loc["int8", "mAP@.50"], "test pictures")
headline.record_metric("int8: ms a picture", table.loc["int8", "ms a picture"], "2 threads")
table.round(3)

# %% [markdown]
# float16 is float32 at half the size: take it when in doubt. dynamic saves space and costs time, as
# it turns numbers to and fro. int8 is made for chips that calculate with whole numbers, as phones
# have them; on the desktop processor of this run it gains little. So measure where it will run. Its
# mAP@.50 stays close, and with 63 objects a few points are chance. The last column shows what the two
# hide: some boxes are no longer where they were, because 256 steps are few for a corner. Whether that
# matters depends on the job. An alarm does not measure millimetres.
#
# ### What a threshold decides
#
# The same file, the same pictures, another score from which on a box counts. The line in the middle
# is the one that is stored. Which would you take for an alarm at night, which for a count?

# %% tags=["nbval-ignore-output"]
from inspection.detection.evaluation.confusion import confusion_matrix


def counts_at(limit):
    """Return how many objects are found and missed, and how many boxes are false."""
    cells = confusion_matrix(ground_truths, found["int8"], class_ids, limit).to_numpy()
    right = np.trace(cells[:-1, :-1])
    return {"found": right, "missed": cells[:-1].sum() - right, "false": cells[:, :-1].sum() - right}


at = [threshold / 2, threshold, (1 + threshold) / 2]
decided = pd.DataFrame({f"{limit:.2f}": counts_at(limit) for limit in at}).T
decided.rename_axis("from a score of")

# %% [markdown]
# A lower score finds more and rings more often for nothing; a higher one misses more. An alarm that
# rings for nothing every night is switched off, so there the right end counts; for a count of leaks
# both errors do, and the middle is the best balance that the validation pictures knew.
#
# ### What quantisation changed
#
# A mean hides the worst case. In which pictures do float32 and int8 disagree most?

# %% tags=["nbval-ignore-output"]
def gap(name):
    """Return how far the five best scores of the two formats lie apart, in sum."""
    pair = [np.sort(found[f][name].scores)[::-1][:5] for f in ("float32", "int8")]
    one, other = (np.pad(scores, (0, 5 - len(scores))) for scores in pair)
    return np.abs(one - other).sum()


for name in sorted(test, key=gap, reverse=True)[:3]:
    draw(name, ["float32", "int8"])

# %% [markdown]
# These are the three worst of all test pictures. Scores move by some hundredths, boxes by some pixels.
# A box near the threshold may come or go, and so may one that overlaps a better box by nearly as much
# as suppression allows; the strong ones stay. The stored score was chosen for the checkpoint; where a
# hundredth matters, choose it anew for the file, on the validation pictures.
#
# And all the others? Each point is a test picture. How far from the line do they lie?

# %% tags=["nbval-ignore-output"]
best = [[found[f][name].scores[:1].sum() for name in test] for f in ("float32", "int8")]
_, axis = plots.plt.subplots(figsize=(4.2, 4))
axis.plot([0, 1], [0, 1], color="0.7")
axis.scatter(*best, alpha=0.7)
plots.label(axis, "The best score of each test picture", "float32", "int8")

# %% [markdown]
# On the line both say the same. Points below it are pictures in which int8 is less sure. A cloud far
# off the line, or a row of points at zero, would mean that calibration failed: wrong pictures, or a
# wrong scale of the input.
#
# ## Use it
#
# ### A large photograph
#
# A camera on the ceiling sees the whole hall, and in it a leak of forty pixels. The network gets the
# picture at the size of its input: how much of the leak is left? We put nine test pictures on one grey
# wall, each at half its size.

# %%
from inspection.datasets.images.resizing import resize_area

wall = np.full((1440, 1920, 3), 128, np.uint8)
for place, name in enumerate(list(test)[:9]):
    top, left = 480 * (place // 3) + 120, 640 * (place % 3) + 160
    wall[top : top + 240, left : left + 320] = resize_area(test[name], (240, 320))

# %% [markdown]
# In tiles, squares of 320 pixels that overlap by a fifth, a leak fills as much of what the network
# sees as it did in training. An object across a seam shows in two tiles, and must not be counted
# twice: each tile keeps only the boxes whose middle lies in its own part.

# %% tags=["nbval-ignore-output"]
from inspection.deploy.tiled_detector import TiledDetector

looks = {"the whole": models["float32"], "tiles": TiledDetector(models["float32"], tile=320)}
kept = {name: look.predict(wall).best_first(threshold) for name, look in looks.items()}
boxes, ids, scores = zip(*((k.boxes, k.class_ids, k.scores) for k in kept.values()))
titles = [f"{name}: {len(k)} boxes" for name, k in kept.items()]
plots.show_boxes([wall] * 2, boxes, ids, scores, class_ids, titles=titles)

# %% [markdown]
# Left most of the water is gone before the first layer. Right it is as large as it was in training.
# Not every box is right, on either side. The price is a run of the network for each tile, here 48 in
# place of one. Choose the tile so that objects fill as much of it as they do of a training picture.
# On the command line: `detect.py --tile 320`.
#
# ### Video
#
# We take a video of yours, or draw one in which water begins to run after three seconds.

# %% tags=["nbval-ignore-output"]
from inspection.synthetic.leaks.video import leak_frames
from inspection.deploy.video_writer import open_video

SEED, SCENE = 2026, 14
video = Path(VIDEO) if VIDEO else EXPORTED / "hall.mp4"
seconds = mode.pick(MODE, SECONDS)
if not VIDEO:
    frames = leak_frames(SEED, SCENE, seconds, FPS)
    with open_video(video, FPS) as writer:
        for i, frame in enumerate(tqdm(frames, "drawing", seconds * FPS)):
            writer.write(frame, i / FPS)

# %% [markdown]
# Boxes of single frames may flicker: a score just above the threshold, then just below, and the box
# is gone. So boxes are tracked (SORT [2] is the best known way). One that overlaps a box of the frame
# before is the same object; it moves smoothly, and survives a few frames in which it is not seen.
# That makes a film to look at, but no decision. The decision is a rule of its own: water that stays
# for two seconds is a leak, everything shorter a reflection.

# %% tags=["nbval-ignore-output"]
from inspection.deploy.alarm import Alarm
from inspection.deploy.detect_video import detect_video
from inspection.deploy.video_source import VideoFile

film = VideoFile(video)
annotated = EXPORTED / "video"
alarm = Alarm(ALARM_CLASS, ALARM_SECONDS)
watcher = leak_scenes.film_model(models["int8"], ALARM_CLASS, BUNDLED, EXPORTED / "film")
summary = detect_video(watcher, film, annotated, video.stem, threshold, alarm)

# %% [markdown]
# Does it keep up with a camera, and how many events did it find?

# %% tags=["nbval-ignore-output"]
headline.record_metric("Video", summary.fps, "frames a second: detect, track, draw, encode")
pd.DataFrame(summary.events).round(2)

# %% [markdown]
# One event: it begins soon after the water does and lasts to the end. What does a viewer see?

# %% tags=["cover", "nbval-ignore-output"]
stream = list(VideoFile(annotated / f"{video.stem}.mp4"))
chosen = np.linspace(0.3 * len(stream), len(stream) - 1, 6).astype(int)
plots.show_images(
    [stream[i][1] for i in chosen], [f"{stream[i][0]:.1f} s" for i in chosen]
)

# %% [markdown]
# The red frame comes two seconds after the first box: the price of not ringing for a flash of light.
# And look at the right edge. A second leak pours there from the same moment on, larger than the
# first, and no frame shows a box on it. Counted by event, one leak of two is missed. The alarm rings
# all the same; a count would have been wrong. A score that stays high says nothing about what was
# missed.
#
# The whole film, in H.264, which browsers play:

# %% tags=["nbval-ignore-output"]
from IPython.display import Video

Video(annotated / f"{video.stem}.mp4", embed=True, width=640)

# %% [markdown]
# Beside it lies a CSV with every box. We take the best score of each class in each frame.

# %%
boxes = pd.read_csv(annotated / f"{video.stem}.csv")
best_of = boxes.groupby(["class", "seconds"], as_index=False)["score"].max()

# %% [markdown]
# Is the detector sure of itself, or does it hang on the threshold, the dashed line?

# %% tags=["nbval-ignore-output"]
_, axis = plots.plt.subplots()
for name, rows in best_of.groupby("class"):
    axis.plot(rows["seconds"], rows["score"], ".", label=name)
for event in summary.events:
    axis.axvspan(event.start, event.end, color="0.9", zorder=0)
axis.axhline(threshold, color="0.6", linestyle="--")
axis.set(xlim=(0, film.seconds), ylim=(0, 1))
axis.legend()
plots.label(axis, "Grey: what raised the alarm", "seconds", "best score")

# %% [markdown]
# Nothing is seen while nothing leaks. Then the leak stays well above the line; a puddle, if one is
# found, comes later. Scores that crawl along the line would be a reason to go back to notebook 02, and
# to more pictures of this kind.
#
# ### From the command line
#
# All of this is one command, for a picture, a folder, a video, the number of a camera or the
# address of one in the network. Its seconds are those of the film, whatever the frame rate. It needs
# `requirements-edge.txt` and nothing else:
#
# ```text
# python scripts/detect.py customTF2/exported/leaks_int8.tflite film.mp4 -o build/found --alarm leak
# python scripts/detect.py customTF2/exported/leaks_int8.tflite 0 -o build/found
# python scripts/detect.py customTF2/exported/leaks_int8.tflite new_pictures -o build/found
# ```
#
# The last line does your next round of annotation: it writes Pascal VOC XML for a folder of new
# pictures. Open `build/found/annotations` in your annotation tool. Files that you have corrected are
# never overwritten.
#
# Here the same from Python, for one picture. This is how its XML begins:

# %% tags=["nbval-ignore-output"]
from inspection.deploy import detect_images

new = detect_images.find_images([annotations[most].image])
counts = detect_images.detect_images(
    models["int8"], new, EXPORTED / "found", threshold, overwrite=True
)
print((EXPORTED / f"found/annotations/{most}.xml").read_text().expandtabs(2)[:620])

# %% [markdown]
# ### In the browser
#
# ```text
# python scripts/serve_page.py customTF2/exported/leaks_int8.tflite
# ```
#
# The first start fetches MediaPipe from npm, once. Then open the address that it prints. The model
# runs inside the page, in WebAssembly: no picture leaves the machine, and the page forbids the
# browser any other address. (MediaPipe would report its use to Google; that line of the page stops
# it.) Choose a picture or start the camera.
#
# ![the page with a picture of a leak and its box](../assets/web_page.jpg)
#
# ### On a phone or a Raspberry Pi
#
# MediaPipe's own sample apps take the file as it is, because labels and scale are inside. They are in
# [google-ai-edge/mediapipe-samples](https://github.com/google-ai-edge/mediapipe-samples), under
# `examples/object_detection`. We could build neither the Android nor the iOS app here, where there is
# no SDK and no Mac; the steps below come from reading their sources. What we did run is MediaPipe
# itself, the same library from Python and in the browser, on all four formats.
#
# **Android**, with Android Studio:
#
# 1. `git clone https://github.com/google-ai-edge/mediapipe-samples`, open
#    `examples/object_detection/android`.
# 2. Copy `leaks_int8.tflite` to `app/src/main/assets/`.
# 3. In `app/src/main/java/com/google/mediapipe/examples/objectdetection/ObjectDetectorHelper.kt` find
#    `val modelName = when (currentModel)` and write your name in the first line:
#    `MODEL_EFFICIENTDETV0 -> "leaks_int8.tflite"`. In the same file `threshold_DEFAULT` is 0.5 and
#    `MAX_RESULTS_DEFAULT` 3.
# 4. Run. Keep the delegate at CPU: the suppression of double boxes has no GPU version. For a GPU
#    export with `--raw-heads`, and write the suppression in the app.
#
# **iOS**, with Xcode and CocoaPods:
#
# 1. In `examples/object_detection/ios` run `pod install` and open `ObjectDetector.xcworkspace`.
# 2. Drag `leaks_int8.tflite` into the project; tick "Copy items if needed" and the target
#    `ObjectDetector`.
# 3. In `ObjectDetector/Configs/DefaultConstants.swift`, in the enum `Model`, change
#    `forResource: "efficientdet_lite0"` to `forResource: "leaks_int8"`.
# 4. Run on a device. `scoreThreshold` stands in the same file.
#
# **Raspberry Pi** (64 bit), either way:
#
# 1. MediaPipe: in `examples/object_detection/raspberry_pi` run `sh setup.sh`, then
#    `python3 detect.py --model leaks_int8.tflite --scoreThreshold 0.4`. It shows a window, and takes
#    the score from the command, not from the file.
# 2. This course: copy `scripts/` and `requirements-edge.txt`, `pip install -r requirements-edge.txt`,
#    then `python scripts/detect.py leaks_int8.tflite 0 -o found --alarm leak`. It needs no screen.
#
# %% tags=["claims", "nbval-ignore-output"]
from inspection.course import claims, solutions

solutions.run_if_wanted("03", globals())
if claims.tell_of_this_run("03", globals()):
    claims.hold([
        ("A half and a third, nearly", megabytes["float16"] / megabytes["float32"], 0.5, 0.54),
        ("a third, nearly: what remains", megabytes["int8"] / megabytes["float32"], 0.3, 0.36),
        ("a pixel is its own whole number, give or take one", np.abs(
            np.round((np.arange(256) / 127.5 - 1) / scale) + zero - np.arange(256)).max(), 0, 1),
        ("A bit less doubles the error",
         np.sqrt(bits[6]["mean error"] / bits[8]["mean error"]), 1.8, 2.3),
        ("with two bits, of which one is the sign, hardly anything is left",
         bits[2]["mean error"], 0.4, 1),
        ("Its mAP@.50 stays close",
         abs(table["mAP@.50"]["int8"] - table["mAP@.50"]["float32"]), 0, 0.06),
        ("some boxes are no longer where they were", table["boxes kept"]["int8"], 0.5, 0.98),
        ("A lower score finds more", np.diff(decided["found"]).max(), None, 0),
        ("rings more often for nothing", np.diff(decided["false"]).max(), None, 0),
        ("One event: it begins soon after the water does", summary.events[0].start, 3, 4.5),
        ("and lasts to the end", film.seconds - summary.events[0].end, -0.5, 1),
        ("Nothing is seen while nothing leaks", boxes["seconds"].min(), 2.9, 4.5),
    ])

# %% [markdown]
# ## Summary
#
# - One file holds network, labels, scale, threshold and the suppression of double boxes; nothing can
#   be mixed up.
# - A number in 8 bits is off by up to half a step; float16 costs nothing, int8 moves boxes a little.
# - A conversion is believed when it was measured: same pictures, same metric, before and after.
# - Detections are not decisions. Seconds of staying turn them into an alarm.
#
# ### References
#
# 1. Jacob et al. 2018, Quantization and Training of Neural Networks for Efficient
#    Integer-Arithmetic-Only Inference,
#    [arXiv:1712.05877](https://arxiv.org/abs/1712.05877)
# 2. Bewley et al. 2016, Simple Online and Realtime Tracking (SORT),
#    [arXiv:1602.00763](https://arxiv.org/abs/1602.00763)
# 3. Krishnamoorthi 2018, Quantizing Deep Convolutional Networks for Efficient Inference,
#    [arXiv:1806.08342](https://arxiv.org/abs/1806.08342)
# 4. Nagel et al. 2021, A White Paper on Neural Network Quantization,
#    [arXiv:2106.08295](https://arxiv.org/abs/2106.08295)
# 5. Lugaresi et al. 2019, MediaPipe, [arXiv:1906.08172](https://arxiv.org/abs/1906.08172)
#
# ## Exercises
#
# **1.** Write it. `quantise(x, low, high)` and `restore(q, low, high)` for 8 bits without a sign, by
# the formulas above. For numbers inside the range no error may be larger than half a step.
#
# <details><summary>Solution</summary>
#
# ```python
# def scale_of(low, high):
#     """Return (scale, zero point) of 8 bits for a range."""
#     scale = (high - low) / 255
#     return scale, round(-low / scale)
#
#
# def quantise(x, low, high):
#     """Return the whole numbers 0 to 255 that stand for x."""
#     scale, zero = scale_of(low, high)
#     return np.clip(np.round(x / scale) + zero, 0, 255).astype("uint8")
#
#
# def restore(q, low, high):
#     """Return the numbers that whole ones stand for."""
#     scale, zero = scale_of(low, high)
#     return scale * (q.astype(float) - zero)
#
#
# x = np.random.default_rng(0).uniform(-0.9, 2.9, 1000)
# off = np.abs(restore(quantise(x, -1, 3), -1, 3) - x)
# assert off.max() <= scale_of(-1, 3)[0] / 2 + 1e-12
# assert restore(quantise(np.array([9.0]), -1, 3), -1, 3) < 3.01  # cut off at the end of the range
# ```
#
# </details>
#
# **2.** By hand. A range from -1 to 3: which scale, which zero point, and what becomes of 0.5?
#
# <details><summary>Solution</summary>
#
# s = 4 / 255 = .01569, z = round(63.75) = 64, q = round(31.9) + 64 = 96, and back 32 · .01569 = .502.
#
# ```python
# step = 4 / 255
# assert round(1 / step) == 64 and round(0.5 / step) + 64 == 96 and round(32 * step, 3) == 0.502
# ```
#
# </details>
#
# **3.** Predict. Set `ALARM_SECONDS` to 0.2. Before you run it: will there be more events, and would
# you want this in a hall where people walk past with umbrellas?
#
# <details><summary>Solution</summary>
#
# In this video there is still one event, it only rings sooner. In a hall every reflection that
# survives a few frames would ring. The right number comes from videos in which nothing leaks: count
# the false alarms of a day.
#
# ```python
# hasty = Alarm(ALARM_CLASS, 0.2)
# again = VideoFile(video)
# hurried = detect_video(models["int8"], again, EXPORTED / "hasty", "hall", threshold, hasty)
# assert len(hurried.events) == len(summary.events)
# ```
#
# </details>
#
# ## Where to go next
#
# [04 · Crack or no crack](04_crack_classification.ipynb) asks the first of the three questions to a
# picture. Words of the field: [glossary](../docs/glossary.md).
