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
# # 01 · From annotated pictures to training records
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/visual-inspection-course/visual-inspection-course/blob/main/notebooks/01_annotation_to_tfrecord.ipynb)
# · quick: 20 seconds on two cores, 0.3 GB; full: a minute · you need: nothing, the pictures are in
# the repository
#
# ![six annotated pictures, each with a fault that training would not have told you of](attachment:cover.jpg)
#
# A network believes its annotations. It cannot ask whether `leakk` was meant as `leak`, or why a
# box lies on the bare wall. It trains all the same, and the loss falls. Here we go from a folder
# of annotated pictures to the files that training reads, and look at every step of the way.

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
# Pictures and annotations may also come as `.zip`. On Google Drive they should: one large file is
# read much faster than thousands of small ones. Give the whole path then, for instance
# `/content/drive/MyDrive/customTF2/images.zip`. A set from the web, as Roboflow and Kaggle give it,
# stays packed: name it in `IMAGES`, and set `ANNOTATIONS` and `SPLITS` to `""`. Where it has a
# split of its own, that one is taken. Some public sets are fetched by name: `"bccd"`, or what
# `python scripts/download_dataset.py --list` shows. What the text reads from a figure is said of
# quick mode, the drawn pictures; in full mode look with the same questions.

# %% tags=["parameters"]
IMAGES = {"quick": "data/leaks/images", "full": "bccd"}    # your pictures: folder or .zip
ANNOTATIONS = {"quick": "data/leaks/annotations", "full": ""}  # one .xml each; "" as in IMAGES
CLASSES = {"quick": ["leak", "puddle"], "full": ["RBC", "WBC", "Platelets"]}  # never reorder
SPLITS = {"quick": "data/leaks/splits", "full": ""}  # train.txt, ...; "" its own, or new ones
SHARES = {"val": 0.1, "test": 0.2}  # of the pictures, where new lists are drawn
MODE = "quick"                      # "full" takes BCCD, photographs of blood cells

IMAGE_SIZE = {"quick": 224, "full": 320}  # pixels, as in notebook 02: what is too small?

# %% [markdown]
# Your own pictures? Change the first four lines, nothing else.
#
# ## Data
#
# ### One picture and what somebody drew on it
#
# Pascal VOC is the format of a competition that ended in 2012 [1]. It is still here because a person
# can read it: one `.xml` for each picture. `read_folder` reads all of them and finds the picture
# of each. How many are there?

# %%
import pandas as pd

from inspection.course import headline, mode, own_set, paths, plots
from inspection.datasets.images import image_file
from inspection.datasets import voc

IMAGES, ANNOTATIONS, SPLITS, CLASSES = mode.pick(MODE, IMAGES, ANNOTATIONS, SPLITS, CLASSES)
IMAGES, ANNOTATIONS, SPLITS = own_set.open_boxes(IMAGES, ANNOTATIONS, SPLITS)
annotations = voc.read_folder(ANNOTATIONS, IMAGES)
headline.record_metric("Annotated pictures", len(annotations))
headline.record_metric("Boxes drawn", sum(len(a.boxes) for a in annotations))

# %% [markdown]
# Now one of them with its `.xml` beside it. Find each number of the right side on the left.

# %%
from inspection.course.annotation_plot import show_annotation


def variety(annotation):
    """Return a key: most classes, then fewest boxes."""
    return len({box.name for box in annotation.boxes}), -len(annotation.boxes)


sample = max((a for a in annotations if a.image), key=variety)
show_annotation(sample)

# %% [markdown]
# `xmin, ymin` is the upper left corner of a box, `xmax, ymax` the lower right one. Pixels count
# from the upper left corner of the picture, so y grows downwards. Fine spray reaches beyond the
# orange box: where a leak ends is a rule, and all who draw must keep the same. Besides the
# corners, what does the program keep of each object?

# %%
pd.DataFrame(sample.boxes)

# %% [markdown]
# `truncated` is set where an object reaches out of the picture, `difficult` where you could hardly
# tell yourself what it is, `pose` is a leftover. The name is the class, letter by letter.
#
# ### Who draws the boxes
#
# A tool draws the boxes and writes the file [2]. Most tutorials send you to labelImg. It has not been
# maintained since 2022, and on Python 3.10 and later it crashes with the first box. These are alive
# and give you Pascal VOC; each writes it a little differently, and the reader of this course takes
# them all:
#
# | tool | runs | what is its own |
# |---|---|---|
# | [Label Studio](https://labelstud.io) | own server, browser | a code and a hyphen before the name of each uploaded picture; older versions leave the extension out of `<filename>` |
# | [CVAT](https://www.cvat.ai) | browser, or own server | corners such as `45.70`; folders `Annotations` and `JPEGImages` |
# | [X-AnyLabeling](https://github.com/CVHub520/X-AnyLabeling) | desktop | draws with the help of networks; saves JSON, choose VOC under Export |
# | [labelme](https://github.com/wkentaro/labelme) | desktop | saves JSON; `convert_annotations.py` of this course makes Pascal VOC of it, as of COCO and YOLO |
# | [makesense.ai](https://www.makesense.ai) | browser, nothing to install | a `.zip` of XML without the pictures; `<truncated>` says "Unspecified" |
# | [Roboflow](https://roboflow.com) | browser, pictures leave your house | `xmax` before `ymin`; names end in `.rf.` and a code; may hold many copies of one picture |
#
# ### Look before you train
#
# Even the test sets that the field compares itself on have labels that are wrong, some three in a
# hundred [3]. `check_dataset` reads every annotation and every picture to the end. It knows some
# thirty kinds of fault, each with its mend. Errors cost you pictures or make figures false, warnings
# lose a box, notes are only worth knowing. What does it say of this set?

# %%
from inspection.datasets.checking import check
from inspection.datasets.splitting import split_lists

stems = [annotation.path.stem for annotation in annotations]
lists = split_lists.read_splits([SPLITS], stems) if SPLITS else {}
ids = {name: i for i, name in enumerate(CLASSES, start=1)}  # 0 is "nothing here"
size = mode.pick(MODE, IMAGE_SIZE)
report = check.check_dataset(ANNOTATIONS, IMAGES, ids, lists, input_size=size)


def list_faults(report):
    """Return a table with a line for each kind of fault."""
    groups = report.by_kind().values()
    rows = [(f[0].title, len(f), str(f[0]), f[0].mend) for f in groups]
    columns = ["fault", "found", "for instance", "mend"]
    return pd.DataFrame(rows, [f[0].severity for f in groups], columns)


list_faults(report)

# %% [markdown]
# Nothing but notes, as it should be for pictures that a program drew. So would the report notice
# anything at all? Copy a dozen pictures and spoil five of them, in ways that happen to everybody.

# %%
import shutil
from dataclasses import replace

TRIES = WORKSPACE / "tries"  # may be deleted at any time
faulty = TRIES / "faulty"
shutil.rmtree(TRIES, ignore_errors=True)
dozen = [a for a in report.annotations if a.image and a.boxes][:12]
for annotation in dozen:
    for path, name in ((annotation.image, "images"), (annotation.path, "annotations")):
        (faulty / name).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, faulty / name)
no_area, misspelt, cut_off, lying, twice = dozen[:5]

# %% [markdown]
# First two slips of the hand: a click where a drag was meant, so that the box has no width, and
# one key pressed twice.

# %%
def redraw(annotation, **changes):
    """Write an annotation with its first box changed into the faulty set."""
    first, *others = annotation.boxes
    changed = replace(annotation, boxes=(replace(first, **changes), *others))
    voc.write_annotation(changed, faulty / "annotations" / annotation.path.name)


typo = misspelt.boxes[0].name + misspelt.boxes[0].name[-1]
redraw(no_area, xmax=no_area.boxes[0].xmin)
redraw(misspelt, name=typo)

# %% [markdown]
# Then three of the machine: an upload that broke off, a phone that was held upright, and a picture
# that somebody saved again, a little brighter.

# %%
from PIL import Image, ImageEnhance

path = faulty / "images" / cut_off.image.name
path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

path = faulty / "images" / lying.image.name
image = Image.open(path)
exif = image.getexif()
exif[image_file.ORIENTATION_TAG] = 6  # a quarter turn before it is shown
image.save(path, exif=exif)

path = faulty / "images" / "another.jpg"
ImageEnhance.Brightness(Image.open(twice.image)).enhance(1.3).save(path, quality=70)
voc.write_annotation(replace(twice, image=path), faulty / "annotations" / "another.xml")

# %% [markdown]
# Which of the five will it find, and what does it tell you to do?

# %%
folders = (faulty / "annotations", faulty / "images")
spoilt = check.check_dataset(*folders, ids, input_size=size)
list_faults(spoilt)

# %% [markdown]
# All five are there, with the file, the reason and the mend. Each kind also has a short name, for
# programs. By these names, is any of ours missing?

# %%
put_in = {
    "zero-area": "a box without area",
    "unknown-class": f"a class called {typo}",
    "broken-picture": "an upload broken off",
    "lying-boxes": "held upright, boxes not turned",
    "near-duplicates": "the same picture twice",
}
faults = {fault.kind: fault for fault in spoilt.faults if fault.kind in put_in}
headline.record_metric("Faults put in and found", f"{len(faults)} of {len(put_in)}")

# %% [markdown]
# A person understands them faster with the picture before the eyes. Which would you have noticed
# without its title?

# %% tags=["cover"]
from PIL import ImageOps

from inspection.datasets.checking import thumbnails

shown = [(fault, path) for fault in faults.values() for path in fault.images]
painted = [thumbnails.paint_faults(path, fault.boxes) for fault, path in shown]
framed = [ImageOps.pad(image, (640, 480), color="white") for image in painted]
plots.show_images(framed, [put_in[fault.kind] for fault, _ in shown])

# %% [markdown]
# What would they have cost? A box without area can turn the loss into "not a number". A class that
# nobody declared ends the usual scripts with an error that names no file. A broken picture stops
# training in the middle of a night, or passes as half grey, depending on who decodes it. Boxes
# beside their objects pass everywhere and teach the network the wall. The copy flatters the test;
# more of it below. The whole report is one page, to be sent to whoever drew the boxes:

# %%
from inspection.datasets.checking import check_report

page = check_report.write_report(report, WORKSPACE / "check_report.html")
print(f"open {paths.short(page)}")

# %% [markdown]
# ### How large is a leak?
#
# The network sees every picture shrunk to the size of its input. Its smallest anchors, the boxes
# it starts from, have the area of a square of 32 pixels, and the slimmest are 23 pixels wide.
# What is below a square of 16 has hardly a chance. How many boxes lie in the grey corner?

# %%
plots.box_sizes(report.annotations, CLASSES, size)
counts = report.statistics.classes
columns = ["images", "boxes", "median_size", "tiny"]
rows = [[getattr(count, column) for column in columns] for count in counts]
pd.DataFrame(rows, [count.name for count in counts], columns).round()

# %% [markdown]
# Eight of 227: four threads of drips, tall but only some pixels wide, and four splashes beside a
# larger puddle. They stay, because water is what they are; nobody should wonder when they are
# missed. The cloud tells one thing more. Puddles are wide and flat, leaks mostly tall, so shape
# alone says much about the class.
#
# ### Pictures kept aside
#
# A figure from pictures that the network has learned from is worth nothing. So some are kept
# aside, and chance may not decide which: each side should show each class equally often (*stratified*
# [4]). First our own draw, and which classes each picture shows:
# the rarest suffers most from bad luck.

# %%
from inspection.datasets.splitting.partition_files import split_folder

drawn = split_folder(IMAGES, ANNOTATIONS, SHARES)
names = [{box.name for box in annotation.boxes} for annotation in annotations]
rows = [{name: name in found for name in CLASSES} for found in names]
shows = pd.DataFrame(rows, [annotation.path.stem for annotation in annotations])
rarest = shows.mean().idxmin()

# %% [markdown]
# Now draw test pictures blindly a thousand times and count in how many the rarest class is shown;
# the line is the draw of `partition_dataset`. How far can luck lead away from it?

# %%
import numpy as np
import seaborn as sns

count = len(drawn.splits["test"])
rng = np.random.default_rng(1)  # the same luck in every run
luck = [rng.choice(shows[rarest], count, replace=False).sum() for _ in range(1000)]
axis = sns.histplot(luck, discrete=True)
axis.locator_params(axis="x", integer=True)
axis.axvline(drawn.classes["test"][rarest], color="black", linestyle="--")
title = f"Drawn blindly: how many of {count} test pictures show a {rarest}"
plots.label(axis, title, f"pictures with {rarest}", "draws of 1,000")

# %% [markdown]
# Chance takes anything from 8 to 24 pictures, and every third draw is off by three or more. The
# dashed line is at 16 of 30, the same share as in the whole set. With rarer classes chance is
# worse: if ten pictures of the 150 show one, every tenth blind draw leaves none for the test.
#
# And the picture that was saved twice? If one copy is learned and the other is asked, the test
# praises a good memory. It happens to the best: of the test pictures of CIFAR-10 some three in a
# hundred have a near copy among those to learn from [5].

# %%
split_folder(faulty / "images", faulty / "annotations", {"test": 0.25}).copies

# %% [markdown]
# They stay on one side: the two look alike, whatever their names. Whoever wants to compare figures
# must take the same lists as everybody, so a set that brings its own keeps them. Does each side
# show each class equally often?

# %%
DATA = WORKSPACE / mode.named(MODE, "data")
splits = lists or drawn.stems()
split_lists.write_splits(splits, DATA / "splits")

part = {split: shows.loc[stems].mean() for split, stems in splits.items()}
table = pd.DataFrame(part).T.map("{:.0%}".format)
table.insert(0, "pictures", [len(stems) for stems in splits.values()])
table

# %% [markdown]
# The shares differ by less than three points: the test asks what was taught.
#
# ### One table of all boxes
#
# Many tutorials go from XML to a CSV, one line for each box, and from there to records. The table
# is good for counting, sorting and looking up.

# %%
from inspection.datasets import csv_inputs, csv_table

plan = csv_inputs.plan_tables(ANNOTATIONS, DATA, IMAGES, splits)
csv_table.write_tables(csv_table.make_tables(plan))
pd.read_csv(DATA / "train_labels.csv").head()

# %% [markdown]
# What the table cannot hold is a picture without objects, for it has no line. But such pictures
# teach the network where nothing is. So the records below are made from the XML.
#
# ### The label map
#
# A network answers with numbers. This file says which number is which class. It counts from 1
# without a gap; 0 is kept for "nothing here".

# %%
from inspection.detection.config import label_map

label_map.write_label_map(CLASSES, DATA / "label_map.pbtxt")
print((DATA / "label_map.pbtxt").read_text())

# %% [markdown]
# It is also the file that people write by hand, late at night. Four faults are in this one. Find
# them before you read the answer.

# %%
from inspection.common.errors import DatasetError

broken = TRIES / "label_map.pbtxt"
broken.write_text("""item { id: 0 name: "leak" }
item { id: 2 name: "puddle " }
item { id: 3 name: "stain" }
item { id: 5 name: "stain" }
""")
try:
    label_map.read_label_map(broken)
except DatasetError as error:
    print(*error.faults, sep="\n")

# %% [markdown]
# Each line of the answer would have cost an evening: id 0 is learned as background, `"puddle "`
# with a space is no class of your annotations. Worst is one that no program can see: exchange two
# names after training, and every leak is called a puddle.
#
# ### The records
#
# A TFRecord is a file to be read from front to back: one entry for each picture, with the bytes of
# the JPEG and its boxes. Training reads one large file instead of opening thousands of small ones.
# `build_records` writes one for each side.

# %%
from inspection.detection.records import record_builder, record_sources

sources = voc.list_annotations(ANNOTATIONS)
class_ids = label_map.read_label_map(DATA / "label_map.pbtxt")
written = {}
for split in splits:
    names = DATA / "splits" / f"{split}.txt"
    chosen = record_sources.select_split(sources, names, IMAGES)
    record = DATA / f"{split}.record"
    summary = record_builder.build_records(chosen, IMAGES, class_ids, record)
    written[split] = {"pictures": summary.images, "of them empty": summary.without_objects}
    written[split] |= {name: summary.boxes[name] for name in CLASSES}
    written[split]["faults"] = len(summary.faults)

pd.DataFrame(written).T

# %% [markdown]
# `faults` counts boxes that had to be cut or dropped and pictures that were broken; `--strict` of
# the command refuses them. What is inside? This is the first entry of the first side, feature by
# feature.

# %%
from inspection.detection.records import example, tfrecord

entry = next(tfrecord.read_frames(DATA / "train.record"))
features = dict(sorted(example.parse(entry).items()))
image = features["image/encoded"][0]
features["image/encoded"] = [f"{len(image):,} bytes", image[:4]]
rows = [(name, ", ".join(map(str, values[:3]))) for name, values in features.items()]
pd.DataFrame(rows, columns=["feature", "values"])

# %% [markdown]
# `image/encoded` begins with `ff d8 ff`, as every JPEG: it is the file, not a copy that was
# compressed again. Corners are parts of height and width. These names are those of the Object
# Detection API, so its own tools read the file as well.
#
# Many large sets are spread over several files, shards, which can be read at the same time. The
# same call writes them.

# %%
shards = TRIES / "shards"
shutil.rmtree(shards, ignore_errors=True)
record = shards / "test.record"
record_builder.build_records(chosen, IMAGES, class_ids, record, shards=2)
sizes = {path.name: f"{path.stat().st_size:,}" for path in sorted(shards.iterdir())}
pd.Series(sizes, name="bytes").to_frame()

# %% [markdown]
# Pictures go to the shards in turn. In `pipeline.config` both are named by one pattern,
# `test.record-*`.
#
# ## Evaluate
#
# A file that was written is not yet a file that is right. Read all records back: are all boxes
# there, and are the bytes those of the picture?

# %%
from inspection.detection.records import records

image_of = {annotation.image.name: annotation.image for annotation in annotations}
files = [DATA / f"{split}.record" for split in splits]
images = boxes = same = 0
for record in records.read_records(files):
    images += 1
    boxes += len(record.boxes)
    same += record.encoded == image_of[record.filename].read_bytes()

headline.record_metric("Boxes written and read back", boxes)
headline.record_metric("Pictures kept byte by byte", f"{same} of {images}")

# %% [markdown]
# No box is lost, no byte is changed. Now five test pictures as training would see them, drawn from
# the record alone, and one without objects. Do the boxes lie on the water?

# %%
from itertools import islice

test = DATA / "test.record"
some = list(islice(records.read_records(test), 5))
some += islice((r for r in records.read_records(test) if not r.boxes), 1)
plots.show_boxes(
    [record.image() for record in some],
    [record.box_array() for record in some],
    [record.class_ids for record in some],
    class_names=class_ids,
    titles=[record.filename for record in some],
)

# %% [markdown]
# They do, names and all. Nothing leaks in the last one: it has no box, and is in the record all
# the same.
#
# ### Nothing is an error
#
# The most frequent failure is silent: a path has a typo, the script finds no `.xml`, writes an
# empty file and reports success. Training then starts and waits, or ends at once. Here is our
# command on an empty folder. Look at the exit status: a program that calls it sees that something
# is wrong.

# %%
(TRIES / "empty").mkdir(exist_ok=True)
command = [sys.executable, course.resolve() / "scripts/generate_tfrecord.py"]
flags = ["-x", "empty", "-l", "../data/label_map.pbtxt", "-o", "empty.record"]
run = subprocess.run(command + flags, cwd=TRIES, capture_output=True, text=True)
print(run.stderr, end="")
print(f"exit status {run.returncode}; file there: {(TRIES / 'empty.record').exists()}")

# %% [markdown]
# No success, no file. The same holds for annotations without a single box, and for a class that
# the label map does not know.
#
# ## Use it
#
# All of this notebook in a terminal, for folders of any size. Each command says what it did, and
# `--help` of each shows an example:
#
# ```text
# python scripts/check_dataset.py -x data/leaks/annotations -i data/leaks/images --html report.html
# python scripts/partition_dataset.py -i data/leaks/images --xml_dir data/leaks/annotations \
#     -r 0.2 --val 0.1 --splits build/splits
# python scripts/xml_to_csv.py -i data/leaks/annotations --image_dir data/leaks/images \
#     --splits build/splits -o build
# python scripts/make_label_map.py --classes leak puddle -o build/label_map.pbtxt
# python scripts/generate_tfrecord.py -x data/leaks/annotations -i data/leaks/images \
#     -l build/label_map.pbtxt --split build/splits/train.txt -o build/train.record
# python scripts/show_records.py build/train.record -o build/train.png
# ```
#
# What the next notebook needs is now in the workspace:

# %%
files = sorted(path for path in DATA.iterdir() if path.is_file())
sizes = {paths.short(path): f"{path.stat().st_size:,}" for path in files}
pd.Series(sizes, name="bytes").to_frame()

# %% tags=["claims", "nbval-ignore-output"]
from inspection.course import claims, solutions

solutions.run_if_wanted("01", globals())
if claims.tell_of_this_run("01", globals()):
    off = np.abs(np.array(luck) - drawn.classes["test"][rarest])
    claims.hold([
        ("Nothing but notes", {fault.severity for fault in report.faults} == {"note"}),
        ("All five are there", len(faults), 5, 5),
        ("Eight of 227", sum(one.tiny for one in report.statistics.classes), 8, 8),
        ("Chance takes anything from 8", min(luck), 8, 8),
        ("to 24 pictures", max(luck), 24, 24),
        ("every third draw is off by three or more", np.mean(off >= 3), 0.28, 0.38),
        ("dashed line is at 16 of 30", drawn.classes["test"][rarest], 16, 16),
        ("differ by less than three points", np.ptp(pd.DataFrame(part), axis=1).max(), 0, 0.0299),
        ("No box is lost", boxes, 227, 227),
        ("no byte is changed", same / images, 1, 1),
    ])

# %% [markdown]
# ## Summary
#
# - One `.xml` for each picture: a class and four pixels for each object, read by name, whichever
#   tool wrote it.
# - Look before you train. A spoilt annotation rarely stops a training, it spoils the result.
# - Pictures kept aside must show every class, and no copy of what was learned.
# - A record holds the bytes of the picture as they were and its boxes as parts of its size.
#   Written is not right: read it back.
#
# ### References
#
# 1. Everingham et al. 2010, The Pascal Visual Object Classes Challenge,
#    [doi:10.1007/s11263-009-0275-4](https://doi.org/10.1007/s11263-009-0275-4)
# 2. Russell et al. 2008, LabelMe,
#    [doi:10.1007/s11263-007-0090-8](https://doi.org/10.1007/s11263-007-0090-8)
# 3. Northcutt, Athalye and Mueller 2021, Pervasive Label Errors in Test Sets,
#    [arXiv:2103.14749](https://arxiv.org/abs/2103.14749)
# 4. Sechidis, Tsoumakas and Vlahavas 2011, On the Stratification of Multi-label Data,
#    [doi:10.1007/978-3-642-23808-6_10](https://doi.org/10.1007/978-3-642-23808-6_10)
# 5. Barz and Denzler 2020, Do We Train on Test Data?,
#    [arXiv:1902.00423](https://arxiv.org/abs/1902.00423)
#
# ## Exercises
#
# **1.** Predict. Check the faulty set without the list of classes: `check.check_dataset(*folders)`.
# Does it still notice the misspelt class?
#
# <details><summary>Solution</summary>
#
# Yes, but as a warning: there are two names so alike that they may mean the same, and it cannot
# know which is right. Without a label map a class that is wrong everywhere, always `leakk`, goes
# through.
#
# ```python
# unlisted = check.check_dataset(*folders)
# assert "unknown-class" not in {fault.kind for fault in unlisted.faults}
# assert any(typo in f"{fault.file} {fault.detail}" for fault in unlisted.faults)
# ```
#
# </details>
#
# **2.** By hand. At an input of 320 pixels instead of 224: how many times as many pixels has each box?
# Then read from the figure: does the grey corner lose all of its boxes?
#
# <details><summary>Solution</summary>
#
# (320 / 224)<sup>2</sup>, twice as many. The cloud moves up and to the right, the corner stays,
# and four of the eight leave it: three threads of drips and one splash. The price is paid in
# training, where twice as many pixels take about twice the time.
#
# ```python
# def tiny(side):
#     """Return how many boxes lie in the grey corner at an input of a side."""
#     rows = [row for a in report.annotations for row in plots.sizes_at_input(a, side)]
#     return sum(width * height < 16**2 for _, width, height in rows)
#
#
# assert (tiny(224), tiny(320)) == (8, 4)
# ```
#
# </details>
#
# **3.** Write it. Records of three pictures in five shards, and a count of the pictures in each. What
# do you expect?
#
# <details><summary>Solution</summary>
#
# Pictures are dealt out in turn, so shards differ by one picture at most. With more shards than
# pictures, as here, the last ones are empty files, and readers skip them: a pattern still finds every
# picture.
#
# ```python
# many = TRIES / "many"
# shutil.rmtree(many, ignore_errors=True)
# record_builder.build_records(chosen[:3], IMAGES, class_ids, many / "test.record", shards=5)
# each = [len(list(tfrecord.read_frames(path))) for path in sorted(many.iterdir())]
# assert each == [1, 1, 1, 0, 0]
# ```
#
# </details>
#
# **4.** Predict. Exchange the two names in `CLASSES` and run everything again. Which files differ, and
# what would a network say that was trained before?
#
# <details><summary>Solution</summary>
#
# The label map and every record. The CSVs do not: they hold names. Both new files agree with each
# other, so no check complains. But the old network still answers 1 for a leak, and 1 is now a
# puddle.
#
# ```python
# swapped = {name: len(CLASSES) + 1 - number for name, number in class_ids.items()}
# record_builder.build_records(chosen, IMAGES, swapped, TRIES / "swapped.record")
# pair = (DATA / "test.record", TRIES / "swapped.record")
# before, after = ([r.class_ids for r in records.read_records([path])] for path in pair)
# assert any(before) and after == [tuple(3 - i for i in ids) for ids in before]
# ```
#
# </details>
#
# ## Where to go next
#
# [01b · A detector in eighty lines](01b_detector_in_eighty_lines.ipynb) shows what a detector does
# with a drawn box; [02 · Train a detector](02_train_and_evaluate.ipynb) takes these records and
# learns from them. Words of the field: [glossary](../docs/glossary.md).
