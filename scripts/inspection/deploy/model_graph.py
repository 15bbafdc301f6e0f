"""The graph in a .tflite as its readers ask for it: inputs, outputs, NMS, signatures.

Slots are the places of fields in the published schema of TensorFlow Lite models.
"""

from flatbuffers import flexbuffers, number_types

POSTPROCESS = "TFLite_Detection_PostProcess"
QUANTIZED = {3: 0, 9: -128}  # type of a tensor, uint8 and int8: its least value


class ModelGraph:
    """The first graph of a model, from its outermost `FlatbufferTable`."""

    def __init__(self, model):
        self._model = model
        self._graph = model.children(2)[0]
        self._tensors = self._graph.children(0)
        self.outputs = self._graph.numbers(2, number_types.Int32Flags)
        self.postprocess = self._find_postprocess()

    @property
    def input_shape(self):
        """Return the shape of the first input, as far as it is fixed."""
        return self._shape(self._input())

    @property
    def output_names(self):
        """Return the name of each output's tensor."""
        return [self._tensors[i].text(3) for i in self.outputs]

    @property
    def output_shapes(self):
        """Return the shape of each output."""
        return [self._shape(self._tensors[i]) for i in self.outputs]

    @property
    def signature_names(self):
        """Return the name of each output in the signature, "" where it has none."""
        names = {
            entry.number(1, number_types.Uint32Flags): entry.text(0)
            for signature in self._model.children(7)
            for entry in signature.children(1)
        }
        return [names.get(i, "") for i in self.outputs]

    @property
    def postprocess_outputs(self):
        """Return the tensors that the NMS of a detector writes, in its own order."""
        if self.postprocess is None:
            return []
        return self.postprocess.numbers(2, number_types.Int32Flags)

    @property
    def num_classes(self):
        """Return the number of classes that the NMS of a detector is told, or None."""
        if self.postprocess is None:
            return None
        return flexbuffers.Loads(self.postprocess.bytes(5))["num_classes"]

    def pixel_scale(self):
        """Return (mean, std) with which pixels go into an 8-bit input as they are.

        None where the input is none of 8 bits.
        """
        tensor = self._input()
        least = QUANTIZED.get(tensor.number(1, number_types.Int8Flags))
        quantization = tensor.child(4)
        if least is None or quantization is None:
            return None
        scales = quantization.numbers(2, number_types.Float32Flags)
        zeros = quantization.numbers(3, number_types.Int64Flags)
        if len(scales) != 1 or len(zeros) != 1 or scales[0] <= 0:
            return None
        return float(zeros[0] - least), 1 / scales[0]

    def _input(self):
        return self._tensors[self._graph.numbers(1, number_types.Int32Flags)[0]]

    def _shape(self, tensor):
        return tensor.numbers(0, number_types.Int32Flags)

    def _find_postprocess(self):
        codes = [code.text(1) for code in self._model.children(1)]
        for operator in self._graph.children(3):
            if codes[operator.number(0, number_types.Uint32Flags)] == POSTPROCESS:
                return operator
        return None
