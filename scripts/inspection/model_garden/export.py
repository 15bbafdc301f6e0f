"""Export a trained model with Model Garden's own serving code, and run what comes out."""

import copy
from pathlib import Path

import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from official.vision.serving import export_saved_model_lib, export_tflite_lib

from inspection.common.atomic_files import atomic_write
from inspection.common.detections import Detections
from inspection.common.errors import UserError
from inspection.common.suppress_output import suppress_output, suppress_remarks
from inspection.model_garden import TALKATIVE
from inspection.model_garden.detector import standardize

QUANTIZATION = {"float32": None, "int8": "int8"}  # int8: float32 in and out


def export_saved_model(experiment, model_dir, output, input_type="image_tensor"):
    """Write a SavedModel of the last checkpoint in `model_dir`; return its folder.

    input_type: "image_tensor" takes pictures of any size, uint8; "tflite" standardized
    ones of the network's size, and ends in the operator that phones have for boxes.
    """
    checkpoint = tf.train.latest_checkpoint(str(model_dir))
    if not checkpoint:
        raise UserError(f"{model_dir} holds no checkpoint: train first")
    params = copy.deepcopy(experiment)
    if input_type == "tflite":
        params.task.model.detection_generator.nms_version = "tflite"
    with suppress_remarks(*TALKATIVE), suppress_output():
        export_saved_model_lib.export_inference_graph(
            input_type=input_type,
            batch_size=1,
            input_image_size=list(params.task.model.input_size[:2]),
            params=params,
            checkpoint_path=checkpoint,
            export_dir=str(output),
        )
    return Path(output)


def export_tflite(
    experiment, model_dir, output, formats=tuple(QUANTIZATION), images=100
):
    """Write a .tflite of each format; return {format: path}.

    int8 learns the range of values from some `pictures` of the training records.
    """
    folder = export_saved_model(
        experiment, model_dir, Path(output) / "for_tflite", "tflite"
    )
    made = {}
    for format in formats:
        with suppress_remarks(*TALKATIVE), suppress_output():
            data = export_tflite_lib.convert_tflite_model(
                saved_model_dir=str(folder),
                quant_type=QUANTIZATION[format],
                params=copy.deepcopy(experiment),
                calibration_steps=images,
            )
        made[format] = Path(output) / f"retinanet_{format}.tflite"
        with atomic_write(made[format]) as temporary:
            temporary.write_bytes(data)
    return made


class TfliteDetector:
    """Find objects with an exported .tflite, as a phone does."""

    def __init__(self, path, num_threads=2):
        with suppress_output():  # it greets with the name of its kernels
            self.interpreter = Interpreter(str(path), num_threads=num_threads)
            self.interpreter.allocate_tensors()
        (self.input,) = self.interpreter.get_input_details()
        self.size = tuple(int(side) for side in self.input["shape"][1:3])
        self.outputs = postprocess_outputs(self.interpreter)

    def invoke(self, image):
        """Run the network on one standardized picture, float32 [1, H, W, 3]."""
        self.interpreter.set_tensor(self.input["index"], image)
        self.interpreter.invoke()

    def detect_prepared(self, images, windows=None):
        """Return the `Detections` of each of [B, height, width, 3] images in -1..1.

        windows: of padded pictures; these are not, so that it changes nothing.
        """
        return [self._detect(image) for image in standardize(np.asarray(images))]

    def _detect(self, image):
        self.invoke(image[None].astype(np.float32))
        found = [self.interpreter.get_tensor(index)[0] for index in self.outputs]
        boxes, class_ids, scores, count = found
        kept = slice(int(count))
        return Detections(
            boxes=boxes[kept], scores=scores[kept], class_ids=class_ids[kept]
        )


def postprocess_outputs(interpreter):
    """Return the indices of boxes, classes, scores and count, in this order."""
    # the converter arranges outputs as it likes; the operator itself does not
    operators = interpreter._get_ops_details()
    (found,) = [o for o in operators if o["op_name"] == "TFLite_Detection_PostProcess"]
    return [int(index) for index in found["outputs"]]
