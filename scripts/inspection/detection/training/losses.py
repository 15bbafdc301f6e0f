"""The two losses of the detector: focal for classes, Huber for boxes."""

from keras import ops


def sigmoid_focal(logits, targets, alpha=0.25, gamma=2.0):
    """Return the focal loss of each logit (Lin et al. 2017, arXiv:1708.02002).

    `targets` are 0 or 1, in the shape of `logits`; `alpha` None weights both alike,
    `gamma` 0 is plain cross-entropy.
    """
    cross_entropy = ops.binary_crossentropy(targets, logits, from_logits=True)
    p = ops.sigmoid(logits)
    p_wrong = targets + p - 2 * targets * p
    # a power of 0 has no slope where a class is certain
    loss = p_wrong**gamma * cross_entropy if gamma else cross_entropy
    return loss if alpha is None else loss * (1 - alpha + targets * (2 * alpha - 1))


def huber(errors, delta=1.0):
    """Return the Huber loss of each error: quadratic up to `delta`, then linear."""
    size = ops.abs(errors)
    quadratic = ops.minimum(size, delta)
    return quadratic * (0.5 * quadratic + (size - quadratic))


def detection_losses(outputs, targets, model):
    """Return (localization, classification) loss of a batch, both scalars.

    `targets` come from `targets.assign`. Each sum is divided by the number of matched
    anchors in the batch, the localization by the 4 numbers of a box code as well, where
    the settings say so. On one of several devices the sums are of its share of the batch,
    the matched anchors of all.
    """
    codes, classes, matched = targets
    settings = model.losses
    logits = outputs["class_predictions_with_background"]
    # background stays all zeros: it is the absence of every class
    columns = classes - 1 + model.first_class
    hot = ops.one_hot(columns, logits.shape[-1]) * matched[..., None]
    classification = ops.sum(sigmoid_focal(logits, hot, settings.alpha, settings.gamma))
    distance = huber(outputs["box_encodings"] - codes, settings.delta)
    localization = ops.sum(distance * matched[..., None])
    if model.normalize_loc_loss_by_codesize:
        localization /= codes.shape[-1]
    normalizer = 1.0
    if model.normalize_loss_by_num_matches:
        normalizer = ops.maximum(ops.sum(matched), 1.0)
    return (
        settings.localization_weight * localization / normalizer,
        settings.classification_weight * classification / normalizer,
    )
