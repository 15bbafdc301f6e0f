"""One thread that asks the model, many requests at a time if they come together."""

import queue
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

from inspection.deploy.service.refusals import busy

STOP = object()


class BatchingPredictor:
    """Answer pictures from many threads with one model, in micro-batches.

    Whatever waits when the model becomes free goes into the next batch, up to
    `max_batch`; nobody waits for a batch to fill. Detectors and segmenters take one
    picture at a time. watch: a `DriftWatch` that looks at all pictures, or None.
    """

    def __init__(self, model, max_batch=32, watch=None):
        self.model, self._watch = model, watch
        self.max_batch = max_batch if model.kind == "classifier" else 1
        self._queue = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, daemon=True, name="model")
        self._thread.start()

    @property
    def alive(self):
        """Tell whether the model still answers."""
        return self._thread.is_alive()

    @property
    def waiting(self):
        """Return how many pictures the model has not begun with."""
        return self._queue.qsize()

    @property
    def drift(self):
        """Tell whether the last pictures are unlike the reference; None without one."""
        return self._watch and self._watch.is_drifted

    def predict(self, image, timeout=30):
        """Return the model's result for one picture, uint8 RGB [height, width, 3].

        Raises Refusal 503 if there is none within `timeout` seconds, and whatever the
        model raises.
        """
        future = Future()
        self._queue.put((image, future))
        try:
            return future.result(timeout)
        except FutureTimeout:
            future.cancel()
            raise busy() from None

    def close(self):
        """Answer what waits, then end the thread."""
        self._queue.put(STOP)
        self._thread.join()

    def _work(self):
        stopped = False
        while not stopped:
            batch, stopped = self._next_batch()
            batch = [job for job in batch if job[1].set_running_or_notify_cancel()]
            if batch:
                self._answer(batch)

    def _next_batch(self):
        batch, job = [], self._queue.get()
        while job is not STOP:
            batch.append(job)
            if len(batch) == self.max_batch:
                return batch, False
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _answer(self, batch):
        images, futures = zip(*batch)
        try:
            results = self._ask(images)
        except Exception as error:  # the thread must outlive any picture
            for future in futures:
                future.set_exception(error)
            return
        for future, result in zip(futures, results):
            future.set_result(result)

    def _ask(self, images):
        for image in images if self._watch else ():
            self._watch.look(image)
        if len(images) == 1:
            return [self.model.predict(images[0])]
        return self.model.predict_batch(list(images))
