"""The augmentations of a pipeline.config and the defaults of their parameters.

Names and defaults are those of the API (object_detection/protos/preprocessor.proto), but
for those that combine pictures.
"""

RANDOM_CROP = dict(
    min_object_covered=1.0,
    min_aspect_ratio=0.75,
    max_aspect_ratio=1.33,
    min_area=0.1,
    max_area=1.0,
    overlap_thresh=0.3,
    clip_boxes=True,
    random_coef=0.0,
)
# every augmentation that can be asked for, with the defaults of its parameters
AUGMENTATIONS = {
    "random_horizontal_flip": {"probability": 0.5},
    "random_vertical_flip": {"probability": 0.5},
    "random_rotation90": {"probability": 0.5},
    "random_crop_image": RANDOM_CROP,
    # one of seven crops; a list of other ones is refused
    "ssd_random_crop": {},
    "random_image_scale": {"min_scale_ratio": 0.5, "max_scale_ratio": 2.0},
    "random_scale_crop_and_pad_to_square": {
        "output_size": 512,
        "scale_min": 0.1,
        "scale_max": 2.0,
    },
    "random_pad_image": {
        "min_image_height": 0,
        "min_image_width": 0,
        "max_image_height": 0,
        "max_image_width": 0,
        "pad_color": (),
    },
    "random_jpeg_quality": {
        "random_coef": 0.0,
        "min_jpeg_quality": 0,
        "max_jpeg_quality": 100,
    },
    "random_patch_gaussian": {
        "random_coef": 0.0,
        "min_patch_size": 1,
        "max_patch_size": 250,
        "min_gaussian_stddev": 0.0,
        "max_gaussian_stddev": 1.0,
    },
    "random_black_patches": {
        "max_black_patches": 10,
        "probability": 0.5,
        "size_to_image_ratio": 0.1,
    },
    "random_adjust_brightness": {"max_delta": 0.2},
    "random_adjust_contrast": {"min_delta": 0.8, "max_delta": 1.25},
    "random_adjust_hue": {"max_delta": 0.02},
    "random_adjust_saturation": {"min_delta": 0.8, "max_delta": 1.25},
    "random_distort_color": {"color_ordering": 0},
    "random_pixel_value_scale": {"minval": 0.9, "maxval": 1.1},
    "random_rgb_to_gray": {"probability": 0.1},
}
# these take pieces of other pictures, and are not of the API
COMBINATIONS = {
    "random_mosaic": {
        "probability": 0.5,
        "min_center": 0.3,
        "max_center": 0.7,
        "max_zoom": 1.5,
        "overlap_thresh": 0.3,
    },
    "random_paste_boxes": {
        "probability": 0.5,
        "max_boxes": 3,
        "min_scale_ratio": 0.7,
        "max_scale_ratio": 1.4,
    },
}
AUGMENTATIONS |= COMBINATIONS
