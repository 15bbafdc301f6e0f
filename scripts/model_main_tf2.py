"""Train the detector of a pipeline.config, or evaluate what was trained.

    python scripts/model_main_tf2.py --pipeline_config_path=customTF2/data/pipeline.config \\
        --model_dir=customTF2/training --alsologtostderr
    python scripts/model_main_tf2.py --pipeline_config_path=customTF2/data/pipeline.config \\
        --model_dir=customTF2/training --checkpoint_dir=customTF2/training --eval_timeout=0

The flags are those of the Object Detection API's program of this name; those that have
no meaning here, such as --alsologtostderr, are taken without effect, and those that nobody
knows are passed over with a warning. Stopped in the
middle, the same command goes on from the last checkpoint. With --checkpoint_dir it
evaluates: the latest checkpoint now, then each new one until none has come for
--eval_timeout seconds. Curves of both: tensorboard --logdir=customTF2/training
"""

import argparse

from inspection.common import arguments as flags
from inspection.common.api_flags import (
    add_logging_flags,
    add_switch,
    add_value,
    parse_passing,
)
from inspection.common.errors import exit_on_error
from inspection.detection.config import pipeline_config


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--pipeline_config_path", required=True, metavar="CONFIG")
    add("--model_dir", required=True, metavar="DIR", help="checkpoints and curves")
    count, seconds = flags.positive_int, flags.non_negative_int
    add("--num_train_steps", type=count, metavar="N", help="(those of the config)")
    every = "--checkpoint_every_n"
    add(every, type=count, default=1000, metavar="N", help="steps (1000)")
    add("--checkpoint_dir", metavar="DIR", help="evaluate the checkpoints in DIR")
    add(
        "--eval_timeout", type=seconds, default=3600, metavar="S", help="seconds (3600)"
    )
    sample = "--sample_1_of_n_eval_examples"
    add(sample, type=count, metavar="N", help="every Nth picture")
    add(
        "--seed",
        type=flags.seed,
        default=0,
        help="of weights, order and augmentation (0)",
    )
    add(
        "--distribute",
        action="store_true",
        help="on JAX, over all GPUs and hosts: see docs/distributed.md",
    )
    add_unused_flags(parser)
    return parse_passing(parser)


def add_unused_flags(parser):
    """Take the API's other flags where they change nothing here."""
    add_logging_flags(parser)
    add_switch(parser, "record_summaries")  # curves are always written
    one = "several hosts train with --distribute, which asks the environment for them"
    add_value(parser, "num_workers", ("1",), one)
    no_tpu = "there is no TPU here; a GPU is used without a flag"
    add_switch(parser, "use_tpu", False, no_tpu)
    add_value(parser, "tpu_name", ("",), no_tpu)
    own = (
        "write the training records into eval_input_reader of a second pipeline.config"
    )
    add_switch(parser, "eval_on_train_data", False, own)
    parser.add_argument(
        "--sample_1_of_n_eval_on_train_examples",
        type=flags.positive_int,
        help=argparse.SUPPRESS,
    )


@exit_on_error()
def main():
    arguments = parse_arguments()
    config = pipeline_config.read(arguments.pipeline_config_path)
    if arguments.sample_1_of_n_eval_examples:
        name = "eval_input_reader.sample_1_of_n_examples"
        config.set(name, arguments.sample_1_of_n_eval_examples)
    if arguments.checkpoint_dir:
        from inspection.detection.evaluation.watch import watch

        watch(
            config,
            arguments.checkpoint_dir,
            arguments.model_dir,
            arguments.eval_timeout,
        )
    else:
        from inspection.detection.training.training_loop import train

        train(
            config,
            arguments.model_dir,
            arguments.num_train_steps,
            arguments.checkpoint_every_n,
            arguments.seed,
            distribute=arguments.distribute,
        )


if __name__ == "__main__":
    main()
