"""Valid inputs of every reader, as small as they can be, and the words they are made of."""

import gzip
import io
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from helpers.images import encode, encode_oriented, sample_image
from helpers.sets.mask_sets import square
from inspection.course import project
from inspection.detection.config import pipeline_config
from inspection.detection.records import records, tfrecord

SIZE = (24, 18)
XML = """<?xml version="1.0"?><annotation><filename>a.jpg</filename><size><width>24</width>
<height>18</height><depth>3</depth></size><object><name>leak</name><difficult>0</difficult>
<bndbox><xmin>2</xmin><ymin>3.5</ymin><xmax>11</xmax><ymax>12</ymax></bndbox></object>
<object><name>puddle</name><polygon><x1>1</x1><y1>2</y1><x2>9</x2><y2>8</y2></polygon>
</object><object><name>leak</name><robndbox><cx>9</cx><cy>9</cy><w>4</w><h>3</h>
<angle>1.5</angle></robndbox></object></annotation>"""
CSV = b"""filename,width,height,class,xmin,ymin,xmax,ymax
a.jpg,24,18,leak,1,2,9,8
b.jpg,24,18,,,,,
"""
MAP = b"""item { id: 1 name: 'leak' }
item {
  id: 2
  name: "puddle"
  display_name: "x"
}
"""
NAMES = (b"???\nleak\npuddle\n", b"leak")
LIST = b'a\nb.jpg\nimages/c.PNG\n"d\\udce9"\n'
TASKS = b"""[{"id": 1, "data": {"image": "/data/upload/0a1b2c3d-a.jpg"}},
{"id": 2, "image": "b.jpg"}]"""
SETTINGS = b'{"size": 128, "classes": ["leak", "puddle"]}'
RUN = b"""{"settings": {"size": 1, "a": {"b": 2}}, "weights": "ab",
"data": {"train": {"a": "1f"}}}"""
TOML = (
    'kind = "detection"\n'
    + project.KINDS["detection"].settings.format(classes='["a", "b"]')
    + project.MODE
).encode()
PATHS = (
    b"crack/a.png\nclean/b.png\ncrack/site 2/c.png\n",
    "train/a/d.png\ntrain/ü/e.png\nvalid/a/f.png\nvalid/ü/g.png\n".encode(),
)

XML_TOKENS = tuple(
    b"<object> </object> <bndbox> </bndbox> <name> <part> <!DOCTYPE> <![CDATA[ ]]> <!-- "
    b"&#0; &lt; &x; encoding='utf-7' encoding='idna' encoding='utf-16' encoding='hex' "
    b"<polygon> <robndbox> <deleted>1</deleted> <objects> </objects> <xmin> <size>".split()
)
TEXT_TOKENS = (
    *(b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\r\n", b"\xe2\x80\xa8", b"\xc2\x85"),
    *(b'"', b"'", b"\\", b"\xe2\x80\x8b", b"\xc2\xa0", b"\xff", b"\t"),
)
JSON_TOKENS = (
    *(b"[", b"]", b"{", b"}", b'"a":', b"null", b"NaN", b"1e999", b"true", b"[["),
    *(b'"\\ud800"', b'{"a":', b'"id":', b'"data":', b'""'),
)
PROTO_TOKENS = (
    *(b"{", b"}", b"[", b"]", b"<", b">", b":", b";", b"#", b"item", b"id: 0", b"'"),
    *(b"\\U00110000", b"\\x", b'"', b"inf", b"-", b"0777", b"1e5000"),
)
TOML_TOKENS = (
    *(b"[", b"]", b"=", b'"', b"'''", b"[[a]]", b"a.b=1", b"{a=", b"1979-05-27"),
    *(b"\n", b"kind", b"inf", b'"""', b"true"),
)
BINARY = (struct.pack("<IIQ", 2**31, 2**32 - 1, 2**63), b"\xff" * 4, b"\0" * 8)
EXAMPLE_TOKENS = (*BINARY, b"image/encoded", b"image/object/bbox/xmin", b"\x12\0")
TFLITE_TOKENS = (*BINARY, b"TFL3", b"PK\3\4", b"PK\5\6", b"TFLITE_METADATA")
ARCHIVE_TOKENS = (
    *(*BINARY, b"PK\1\2", b"PK\5\6", b"PK\6\6", b"../", b"\xff.txt", b"/etc", b"C:"),
    *(b"ustar", b"\x1f\x8b", b"a/" * 300),
)
ARRAY_TOKENS = (
    *(*BINARY, b"PK\5\6", b"'descr': '|O'", b"NUMPY", b"(3,", b"fortran_order"),
    *(b"9" * 12 + b",", b"<f8", b"|S0", b"True"),
)
PATH_TOKENS = (
    *(b"/", b"train/", b"test/", b".", b"\xff", b"._", b"__MACOSX/", b".png", b"\n"),
    *(b"\xe2\x80\xa8", b"Valid/", b"a" * 200),
)
IMAGE_TOKENS = (
    *(b"\xff\xd8\xff", b"\xff\xda", b"\xff\xc4\xff\xff", b"IHDR", b"IDAT", b"IEND"),
    *(b"acTL", b"tRNS", b"PLTE", b"iCCP", b"zTXt", b"Exif\0\0", b"ftypheic", b"GIF89a"),
    *(b"\x12\1\3\0\1\0\0\0", b"\0\0\x7f\xff", b"\x7f\xff\xff\xff", b"VP8X", b"BM"),
)


def xmls():
    """Return an annotation in three encodings."""
    other = XML.replace("?>", " encoding='gb2312'?>", 1)
    return XML.encode(), XML.encode("utf-16"), other.encode()


def csvs():
    return CSV, CSV.replace(b",", b";"), b"\xef\xbb\xbf" + CSV


def maps():
    return MAP, MAP.replace(b"{", b"<").replace(b"}", b">")


def configs():
    """Return a base config, and its parts, which are read faster."""
    folder = Path(pipeline_config.__file__).parent / "base_configs"
    texts = [path.read_bytes() for path in sorted(folder.glob("*.config"))]
    blocks = [block for block in texts[0].split(b"\n}\n") if block.strip()]
    return texts[0], *(block + b"\n}\n" for block in blocks), b"model { ssd { } }"


def _deep(step):
    """Return a picture of 16 bits."""
    pixels = np.arange(SIZE[0] * SIZE[1], dtype=np.uint16).reshape(SIZE[::-1])
    return Image.fromarray(pixels * step)


def images():
    """Return pictures of every format that is read."""
    image, other = sample_image(1, SIZE), sample_image(2, SIZE)
    made = [encode(image, k) for k in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP")]
    made += [encode(image.convert(m), "PNG") for m in ("1", "L", "P", "LA", "RGBA")]
    made += [encode(image.convert("CMYK"), "JPEG")]
    made += [encode(image, "JPEG", progressive=True)]
    made += [encode_oriented(image, 6), encode_oriented(image, 6, "TIFF")]
    fractions = np.linspace(0, 1, SIZE[0] * SIZE[1], dtype=np.float32)
    made += [encode(_deep(100), "PNG"), encode(_deep(9), "TIFF")]
    made += [encode(Image.fromarray(fractions.reshape(SIZE[::-1])), "TIFF")]
    plain = sample_image(1, (3, 2)).resize((160, 140), Image.Resampling.NEAREST)
    made += [encode(plain.convert(m), "PNG") for m in ("1", "P", "LA", "RGBA")]
    moving = {"save_all": True, "append_images": [other]}
    made += [encode(image, kind, **moving) for kind in ("GIF", "TIFF", "WEBP", "PNG")]
    return tuple(made)


def masks():
    """Return masks of every kind that is read."""
    drawn = Image.fromarray(square(SIZE))
    placed = Image.fromarray(square(SIZE, 1), "P")
    placed.putpalette([0, 0, 0, 200, 30, 30])
    made = [encode(drawn, kind) for kind in ("PNG", "JPEG", "TIFF", "BMP", "GIF")]
    made += [encode(placed), encode(drawn.convert("RGBA")), encode(_deep(1))]
    return tuple(made)


def archives():
    """Return a .zip, one without compression, a .tar and a .tar.gz of two files."""
    files = {"images/a.png": encode(sample_image(1, SIZE)), "b/ü.txt": b"text " * 20}
    return (
        _zip(files, zipfile.ZIP_DEFLATED),
        _zip(files, zipfile.ZIP_STORED),
        _tar(files),
        gzip.compress(_tar(files), mtime=0),
    )


def _zip(files, method):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, data in files.items():
            # of one date, so that the bytes are the same in every run
            file.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()


def _tar(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as file:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def examples():
    """Return a serialized example of two boxes."""
    boxes = ((0.1, 0.2, 0.5, 0.6), (0.0, 0.0, 1.0, 1.0))
    encoded, names = encode(sample_image(1, SIZE), "JPEG"), ("leak", "puddle")
    height, width = SIZE[::-1]
    record = records.Record(
        encoded, "jpeg", height, width, "a.jpg", boxes, (1, 2), names
    )
    return (records.encode_record(record),)


def record_files():
    (one,) = examples()
    return tfrecord.frame(one), tfrecord.frame(one) * 2


def array_files():
    """Return an .npz with the arrays of a set of labelled pictures."""
    buffer = io.BytesIO()
    pixels, labels = np.zeros((3, 32, 32, 3), np.uint8), np.arange(3)
    np.savez_compressed(
        buffer, x_train=pixels, y_train=labels, x_test=pixels, y_test=labels
    )
    return (buffer.getvalue(),)


def models():
    """Return small .tflite with metadata: they are read here, and not run."""
    from helpers import tiny_models

    kinds = ("classifier", "detector", "segmenter")
    return tuple(getattr(tiny_models, f"make_{kind}")() for kind in kinds)
