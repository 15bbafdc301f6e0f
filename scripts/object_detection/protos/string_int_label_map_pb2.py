"""The message of a label map, and of one of its items."""

from inspection.detection.config.proto_messages import message_class

StringIntLabelMap = message_class("StringIntLabelMap")
StringIntLabelMapItem = message_class("StringIntLabelMapItem")
