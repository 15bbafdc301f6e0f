"""tf.train.Example messages without TensorFlow and without generated code.

The types are declared to protobuf when the module is imported, in a pool of their own,
so that they do not meet TensorFlow's in the same program.
Source: tensorflow/core/example/{example,feature}.proto
"""

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message_factory,
    text_format,
)
from google.protobuf.message import DecodeError

SCHEMA = """
name: "inspection/example.proto" package: "inspection" syntax: "proto3"
message_type { name: "BytesList"
  field { name: "value" number: 1 label: LABEL_REPEATED type: TYPE_BYTES } }
message_type { name: "FloatList"
  field { name: "value" number: 1 label: LABEL_REPEATED type: TYPE_FLOAT } }
message_type { name: "Int64List"
  field { name: "value" number: 1 label: LABEL_REPEATED type: TYPE_INT64 } }
message_type { name: "Feature" oneof_decl { name: "kind" }
  field { name: "bytes_list" number: 1 oneof_index: 0 label: LABEL_OPTIONAL
          type: TYPE_MESSAGE type_name: ".inspection.BytesList" }
  field { name: "float_list" number: 2 oneof_index: 0 label: LABEL_OPTIONAL
          type: TYPE_MESSAGE type_name: ".inspection.FloatList" }
  field { name: "int64_list" number: 3 oneof_index: 0 label: LABEL_OPTIONAL
          type: TYPE_MESSAGE type_name: ".inspection.Int64List" } }
message_type { name: "Features"
  field { name: "feature" number: 1 label: LABEL_REPEATED
          type: TYPE_MESSAGE type_name: ".inspection.Features.FeatureEntry" }
  nested_type { name: "FeatureEntry" options { map_entry: true }
    field { name: "key" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
    field { name: "value" number: 2 label: LABEL_OPTIONAL
            type: TYPE_MESSAGE type_name: ".inspection.Feature" } } }
message_type { name: "Example"
  field { name: "features" number: 1 label: LABEL_OPTIONAL
          type: TYPE_MESSAGE type_name: ".inspection.Features" } }
"""
LISTS = {bytes: "bytes_list", float: "float_list", int: "int64_list"}


def _example_class():
    file = text_format.Parse(SCHEMA, descriptor_pb2.FileDescriptorProto())
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(
        pool.FindMessageTypeByName("inspection.Example")
    )


Example = _example_class()


def serialize(features):
    """Serialize {name: (bytes, float or int, values)}: equal input, equal bytes."""
    example = Example()
    for name, (kind, values) in features.items():
        target = getattr(example.features.feature[name], LISTS[kind])
        target.SetInParent()  # an empty list is there too, as the API writes it
        target.value.extend(values)
    return example.SerializeToString(deterministic=True)


def parse(data):
    """Return {name: list of values}; bytes that are no Example raise ValueError."""
    try:
        features = Example.FromString(data).features.feature
    except DecodeError as error:
        raise ValueError(f"not a tf.train.Example: {error}") from None
    found = {}
    for name, feature in features.items():
        kind = feature.WhichOneof("kind")
        found[name] = list(getattr(feature, kind).value) if kind else []
    return found
