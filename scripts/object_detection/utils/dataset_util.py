"""Features of a tf.train.Example, and the parts of Pascal VOC that go into them."""

import tensorflow as tf

from object_detection import refuse_others

__getattr__ = refuse_others(__name__)


def int64_list_feature(value):
    """Return a feature of whole numbers."""
    return tf.train.Feature(int64_list=tf.train.Int64List(value=value))


def bytes_list_feature(value):
    """Return a feature of byte strings."""
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=value))


def float_list_feature(value):
    """Return a feature of floats."""
    return tf.train.Feature(float_list=tf.train.FloatList(value=value))


def int64_feature(value):
    """Return a feature of one whole number."""
    return int64_list_feature([value])


def bytes_feature(value):
    """Return a feature of one byte string."""
    return bytes_list_feature([value])


def float_feature(value):
    """Return a feature of one float."""
    return float_list_feature([value])


def read_examples_list(path):
    """Return the first word of each line of a list such as VOC's trainval.txt."""
    with open(path, encoding="utf-8") as file:
        return [line.split(" ")[0].strip() for line in file]


def recursive_parse_xml_to_dict(xml):
    """Return {tag: text or inner dict} of an lxml element; "object" is a list."""
    if len(xml) == 0:
        return {xml.tag: xml.text}
    inner = {}
    for child in xml:
        value = recursive_parse_xml_to_dict(child)[child.tag]
        if child.tag == "object":
            inner.setdefault(child.tag, []).append(value)
        else:
            inner[child.tag] = value
    return {xml.tag: inner}
