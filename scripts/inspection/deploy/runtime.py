"""Run a .tflite on pictures: detector, classifier, segmenter, or one for anomalies.

    model = load_model("leaks.tflite")
    found = model.predict(image).above(0.5)

Size, type and scale of the input, labels and the order of the outputs come from the
file itself. Needs requirements-edge.txt, nothing else.
"""

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from inspection.common.detections import Detections
from inspection.common.errors import UserError
from inspection.common.notices import warn_once
from inspection.common.suppress_output import suppress_lines
from inspection.datasets.images import resizing
from inspection.deploy.detector_outputs import CATEGORY, LOCATION, NUMBER, SCORE
from inspection.deploy.model_file import read_model_file
from inspection.deploy.results import Anomaly, Classification, Segmentation

GREETING = "XNNPACK delegate for CPU"
FIRST_CLASS_ID = 1  # in a file classes count from 0, in `Detections` from 1
ROUNDING = 0.01  # that 8 bits leave beside 0 and 1
UNTOLD = 0.5  # the score of a box to show where a file names none
ANY_NUMBER = -1  # in a file, the size of a batch that is not fixed


def load_model(path, num_threads=2):
    """Load a model file; raise UserError for one that cannot be run."""
    return open_model(read_model_file(path), num_threads)


def open_model(file, num_threads=2):
    """Return the model of a `ModelFile`, ready to run."""
    return MODELS[file.kind](file, num_threads)


class Model:
    """A model with its interpreter; one call at a time, it is not made for threads.

    Each kind has its `_resize`, that of its training.
    """

    def __init__(self, file, num_threads=2):
        self.file = file
        self.kind, self.name, self.labels = file.kind, file.name, file.labels
        self._interpreter = _interpreter(file, num_threads)
        self._input = self._interpreter.get_input_details()[0]
        # the file knows what each output is, wherever it stands
        outputs = self._interpreter.get_output_details()
        self._outputs = dict(zip(file.outputs, outputs, strict=True))

    @property
    def input_size(self):
        """Return (height, width) of the pictures that the network sees."""
        return tuple(int(side) for side in self._input["shape"][1:3])

    def predict(self, image):
        """Return what the model says about one RGB picture, uint8 [height, width, 3]."""
        image = _checked(image)
        self._invoke(self._prepare(image)[None])
        return self._result(image)

    def _prepare(self, image):
        """Return a picture in the size, scale and type of the input."""
        resized = self._resize(image, self.input_size)
        kind = self._input["dtype"]
        if kind == np.uint8:
            return resized
        mean, std = np.float32(self.file.mean), np.float32(self.file.std)
        scaled = (resized.astype("float32") - mean) / std
        if kind == np.float32:
            return scaled
        scale, zero = self._input["quantization"]
        limits = np.iinfo(kind)
        return np.clip(np.round(scaled / scale) + zero, limits.min, limits.max).astype(
            kind
        )

    def _invoke(self, batch):
        self._interpreter.set_tensor(self._input["index"], batch)
        self._interpreter.invoke()

    def _read(self, name):
        """Return an output as float32, whatever type it has in the file."""
        detail = self._outputs[name]
        values = self._interpreter.get_tensor(detail["index"])
        if values.dtype == np.float32:
            return values
        scale, zero = detail["quantization"]
        return (values.astype("float32") - zero) * np.float32(scale or 1)

    def _calibrated(self, scores, classes):
        """Return the scores of classes, counted from 0, as the metadata wants them."""
        calibration = self.file.calibration
        return scores if calibration is None else calibration.apply(scores, classes)


class Detector(Model):
    """Boxes of objects; NMS is inside the file.

    threshold: from which score on a box is shown, that of the file or one half.
    """

    def __init__(self, file, num_threads=2):
        super().__init__(file, num_threads)
        self.threshold = UNTOLD if file.threshold is None else file.threshold

    def _resize(self, image, size):
        if self.file.letterbox:
            return resizing.letterbox_sampling(image, size, self.file.letterbox)
        return resizing.resize_sampling(image, size)

    def _result(self, image):
        # what stands past the number of detections is whatever was in memory
        count = int(self._read(NUMBER).ravel()[0])
        left, top, right, bottom = self.file.box_order
        boxes = self._read(LOCATION)[0, :count][:, [top, left, bottom, right]]
        boxes = self._in_picture(boxes, image)
        classes = self._read(CATEGORY)[0, :count].round().astype(int)
        real = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)  # not of the padding
        real &= self._named(classes)
        classes = classes[real]
        return Detections(
            boxes=boxes[real],
            scores=self._calibrated(self._read(SCORE)[0, :count][real], classes),
            class_ids=classes + FIRST_CLASS_ID,
        )

    def _named(self, classes):
        """Return which classes, counted from 0, have a name; warn of others.

        Only a file whose graph does not tell how many it knows can have too few.
        """
        named = (classes >= 0) & (classes < len(self.labels))
        if not named.all():
            warn_once(
                f"{self.file.path.name} finds classes past its {len(self.labels)} labels: "
                "they are left out"
            )
        return named

    def _in_picture(self, boxes, image):
        """Return boxes of what the network saw as boxes of the picture, clipped."""
        if self.file.letterbox:
            height, width = resizing.letterbox_size(image.shape, self.input_size)
            rows, columns = self.input_size
            boxes = boxes * np.float32([rows / height, columns / width] * 2)
        # a network may see more of an object than the picture shows
        return boxes.clip(0, 1)


class Classifier(Model):
    """One score for each class."""

    _resize = staticmethod(resizing.resize_antialiased)

    def _result(self, image):
        return self._classification(self._read(self.file.outputs[0])[0])

    def predict_batch(self, images):
        """Return the `Classification` of each of some pictures.

        They go through the network in one run, where the file takes any number.
        """
        if not len(images):
            return []
        if self._input["shape_signature"][0] != ANY_NUMBER:
            return [self.predict(image) for image in images]
        batch = np.stack([self._prepare(_checked(image)) for image in images])
        self._resize_batch(len(batch))
        try:
            self._invoke(batch)
            scores = self._read(self.file.outputs[0])
        finally:
            self._resize_batch(1)
        return [self._classification(row) for row in scores]

    def _classification(self, scores):
        scores = self._calibrated(scores, np.arange(len(scores)))
        if scores.min() < -ROUNDING or scores.max() > 1 + ROUNDING:
            name, least, most = self.file.path.name, scores.min(), scores.max()
            warn_once(
                f"{name}: its scores are no probabilities: {least:.1f} to {most:.1f}",
                name,
            )
        return Classification(scores, self.file.threshold)

    def _resize_batch(self, count):
        shape = [count, *self.input_size, 3]
        self._interpreter.resize_tensor_input(self._input["index"], shape)
        self._interpreter.allocate_tensors()


class Segmenter(Model):
    """One class for each pixel."""

    _resize = staticmethod(resizing.resize_area)

    def _result(self, image):
        scores = self._read(self.file.outputs[0])[0]
        return Segmentation(scores, image.shape[:2], self.file.threshold)


class AnomalyModel(Segmenter):
    """How unlike good parts each place is."""

    def _result(self, image):
        scores = self._read(self.file.outputs[0])[0]
        size, threshold = image.shape[:2], self.file.threshold
        return Anomaly(scores, size, threshold, self.file.top_share)


MODELS = {
    "detector": Detector,
    "classifier": Classifier,
    "segmenter": Segmenter,
    "anomaly": AnomalyModel,
}


def _interpreter(file, num_threads):
    try:
        # LiteRT greets, and no setting stops it
        with suppress_lines(GREETING):
            interpreter = Interpreter(model_content=file.data, num_threads=num_threads)
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(
            f"{file.path.name} cannot be run by LiteRT: {reason}"
        ) from error
    return interpreter


def _checked(image):
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(
            "a picture is uint8 of shape [height, width, 3], "
            f"not {image.dtype} {list(image.shape)}"
        )
    return image
