"""Label maps as tutorials read them: as a message, as categories, as {name: id}."""

from inspection.detection.config.label_map import read_items
from object_detection import refuse_others
from object_detection.protos import string_int_label_map_pb2

__getattr__ = refuse_others(__name__)


def load_labelmap(path):
    """Return the StringIntLabelMap of a file; raise DatasetError with all its faults."""
    label_map = string_int_label_map_pb2.StringIntLabelMap()
    for item in read_items(path, gaps=True):
        added = label_map.item.add(id=item.id, name=item.name)
        if item.display_name != item.name:
            added.display_name = item.display_name
    return label_map


def _opened(path_or_map):
    is_path = not hasattr(path_or_map, "item")
    return load_labelmap(path_or_map) if is_path else path_or_map


def _name(item, use_display_name):
    shown = use_display_name and item.HasField("display_name")
    return item.display_name if shown else item.name


def get_max_label_map_index(label_map):
    """Return the largest id of a label map."""
    return max(item.id for item in label_map.item)


def get_label_map_dict(
    label_map_path_or_proto, use_display_name=False, fill_in_gaps_and_background=False
):
    """Return {name: id}; where asked, ids that are left out have their number as name."""
    items = _opened(label_map_path_or_proto).item
    ids = {_name(item, use_display_name): item.id for item in items}
    if fill_in_gaps_and_background:
        taken = set(ids.values())
        ids |= {str(i): i for i in range(1, max(taken)) if i not in taken}
        ids |= {} if 0 in taken else {"background": 0}
    return ids


def convert_label_map_to_categories(label_map, max_num_classes, use_display_name=True):
    """Return [{"id": id, "name": name}] of the ids up to max_num_classes, each id once."""
    if not label_map:
        return [
            {"id": i, "name": f"category_{i}"} for i in range(1, max_num_classes + 1)
        ]
    names = {}
    for item in label_map.item:
        if 0 < item.id <= max_num_classes:
            names.setdefault(item.id, _name(item, use_display_name))
    return [{"id": number, "name": name} for number, name in names.items()]


def create_category_index(categories):
    """Return {id: category} of a list of categories."""
    return {category["id"]: category for category in categories}


def create_categories_from_labelmap(label_map_path, use_display_name=True):
    """Return the categories of a label map's file."""
    label_map = load_labelmap(label_map_path)
    most = get_max_label_map_index(label_map)
    return convert_label_map_to_categories(label_map, most, use_display_name)


def create_category_index_from_labelmap(label_map_path, use_display_name=True):
    """Return {id: category} of a label map's file, as the drawing functions take it."""
    categories = create_categories_from_labelmap(label_map_path, use_display_name)
    return create_category_index(categories)
