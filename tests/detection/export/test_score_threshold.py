"""The score from which on boxes are shown, beside a detector's weights."""

import json

import pytest

from inspection.common.errors import UserError
from inspection.detection.export import score_threshold


def test_written_and_read_beside_a_checkpoint(tmp_path):
    path = score_threshold.write(tmp_path, 0.34567)
    assert json.loads(path.read_text()) == {"threshold": 0.3457}
    assert score_threshold.read(tmp_path) == 0.3457
    assert score_threshold.read(tmp_path / "ckpt-3") == 0.3457


def test_none_is_told_and_an_old_one_goes(tmp_path):
    assert score_threshold.read(tmp_path) is None
    score_threshold.write(tmp_path, 0.5)
    score_threshold.write(tmp_path, None)
    assert score_threshold.read(tmp_path) is None


@pytest.mark.parametrize(
    "text",
    ["", "0.5", '{"threshold": "high"}', '{"threshold": 1.5}', "{}", "[1]"]
    + ['{"threshold": true}', '{"threshold": NaN}'],
)
def test_what_is_no_score_is_refused_by_name(tmp_path, text):
    (tmp_path / score_threshold.FILE).write_text(text)
    with pytest.raises(UserError, match="threshold.json"):
        score_threshold.read(tmp_path)
