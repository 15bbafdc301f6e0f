"""On real concrete, where the shared sets lie beside the repository."""

import pytest

from inspection.anomaly import evaluation, settings, training
from inspection.datasets.good_parts import JudgedParts
from inspection.datasets.images.image_folder import list_images


@pytest.mark.parametrize(
    "method", ["gaussian", pytest.param("memory", marks=pytest.mark.soak)]
)
def test_cracks_are_unlike_good_concrete(shared_data, tmp_path, method):
    good = list_images([shared_data / "concrete_cracks/Negative"])[::14]
    bad = list_images([shared_data / "concrete_cracks/Positive"])[::40]
    weights = shared_data / "weights/mobilenet_v2_0.35_224_notop.npz"
    chosen = settings.Settings(size=128, method=method, memory=500)
    trained = training.train(good[:50], weights, chosen)
    training.save(trained, tmp_path)
    result = evaluation.evaluate(tmp_path, JudgedParts(good[50:], {"crack": bad}))
    assert result.table.loc["all", "AUROC"] > 0.97
