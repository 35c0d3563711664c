#!/usr/bin/env python3
"""llama.cpp, through llama-cpp-python, on the works that tools/bench-peer compares: prints one JSON line.

    peer.py MODEL.gguf JOB.txt WORK [flags]

WORK      job        every arm with every probe, --tokens greedy tokens each
          prefill    --prompt tokens of a prompt, up to its first answer token
          decode     --tokens tokens of one answer after --prompt tokens
          batch      --tokens tokens each of --batch answers after --prompt tokens in common and --own own
          first      the first token of the job's first prompt
JOB.txt   lines "arm 2,5,9" (ids of a prefix, its BOS first) and "probe 7,8" (ids that follow every prefix)

A prefix is computed once and shared by its answers, --parallel answers are decoded in one batch, and ids are chosen
by numpy's argmax over the logits where they lie. The defaults of the flags are what was fastest with Gemma; for
SmolLM2 tools/bench-peer gives others (docs/PERFORMANCE.md). Times do not count the interpreter's start nor its imports; memory is reported beside
what the interpreter took before the model was opened.
"""
import argparse
import ctypes
import json
import resource
import sys
import time

import llama_cpp as ll
import numpy as np

BATCH_TOK = 2048
SUFFIX_TOK = 16  # as `lem bench` gives each answer of a batch


def read_job(path):
    arms, probes = [], []
    with open(path, encoding='ascii') as file:
        for line in file:
            kind, _, ids = line.strip().partition(' ')
            if kind:
                (arms if kind == 'arm' else probes).append([int(i) for i in ids.split(',') if i])
    return arms, probes


class Peer:
    """A model with room for a prefix and `answers` of `private` tokens after it, and one batch to be filled.
    Answers are sequences 0 .. answers - 1, the prefix is sequence `answers`."""

    def __init__(self, flags, prefix, answers=0, private=0):
        self.silence = ll.llama_log_callback(lambda *_: None)
        if not flags.verbose:
            ll.llama_log_set(self.silence, ctypes.c_void_p(0))
        ll.llama_backend_init()
        params = ll.llama_model_default_params()
        params.load_mode = ll.LLAMA_LOAD_MODE_MMAP if flags.mmap else ll.LLAMA_LOAD_MODE_NONE
        self.model = ll.llama_model_load_from_file(flags.model.encode(), params)
        if not self.model:
            sys.exit(f'peer.py: llama.cpp cannot load {flags.model}')
        params = ll.llama_context_default_params()
        params.kv_unified = flags.unified
        params.n_seq_max = answers + 1
        params.n_ctx = 256 + (prefix + answers * private if flags.unified else params.n_seq_max * (prefix + private))
        params.n_batch, params.n_ubatch = BATCH_TOK, flags.ubatch
        params.n_threads = params.n_threads_batch = flags.threads
        params.flash_attn_type = int(flags.flash)
        params.swa_full = flags.swa_full
        self.ctx = ll.llama_init_from_model(self.model, params)
        if not self.ctx:
            sys.exit('peer.py: llama.cpp cannot make a context')
        self.memory = ll.llama_get_memory(self.ctx)
        self.batch = ll.llama_batch_init(BATCH_TOK, 0, 1)
        self.n_vocab = ll.llama_vocab_n_tokens(ll.llama_model_get_vocab(self.model))
        self.wanted = 0

    def add(self, token, pos, seq, want):
        b, i = self.batch, self.batch.n_tokens
        b.token[i], b.pos[i], b.n_seq_id[i], b.logits[i] = token, pos, 1, want
        b.seq_id[i][0] = seq
        b.n_tokens = i + 1
        self.wanted += want

    def run(self):
        """Computes what was added; the likeliest id for each token that wanted one, in order."""
        if ll.llama_decode(self.ctx, self.batch):
            sys.exit('peer.py: llama_decode failed')
        n, self.batch.n_tokens, self.wanted = self.wanted, 0, 0
        if n == 0:
            return []
        logits = np.ctypeslib.as_array(ll.llama_get_logits(self.ctx), shape=(n, self.n_vocab))
        return [int(i) for i in logits.argmax(axis=1)]

    def read(self, ids, seq, at=0, want=False):
        """A prompt from position `at` on; its likeliest next id where wanted."""
        best = []
        for first in range(0, len(ids), BATCH_TOK):
            for i, token in enumerate(ids[first:first + BATCH_TOK], first):
                self.add(token, at + i, seq, want and i == len(ids) - 1)
            best = self.run()
        return best

    def share(self, seq, to):
        ll.llama_memory_seq_cp(self.memory, seq, to, -1, -1)

    def step(self, last, pos):
        """One more token of every answer: in sequence i, id last[i] at pos[i]. Both are moved on."""
        for i, token in enumerate(last):
            self.add(token, pos[i], i, True)
            pos[i] += 1
        last[:] = self.run()

    def drop(self, seq):
        ll.llama_memory_seq_rm(self.memory, seq, -1, -1)

    def text(self, ids):
        vocab, out = ll.llama_model_get_vocab(self.model), b''
        piece = ctypes.create_string_buffer(256)
        for token in ids:
            length = ll.llama_token_to_piece(vocab, token, piece, len(piece), 0, False)
            out += piece.raw[:max(0, length)]
        return out.decode(errors='replace')


def run_group(peer, flags, prefix, probes):
    """The answers to some probes after the prefix that sequence len(probes) holds: their ids, and seconds of both kinds."""
    begun = time.perf_counter()
    last, pos = [], [prefix + len(ids) for ids in probes]
    for i, ids in enumerate(probes):  # several in one batch
        peer.share(flags.parallel, i)
        if peer.batch.n_tokens + len(ids) > BATCH_TOK:
            last += peer.run()
        for j, token in enumerate(ids):
            peer.add(token, prefix + j, i, j == len(ids) - 1)
    last += peer.run()
    steps = [list(last)]
    prefilled = time.perf_counter()
    for _ in range(flags.tokens - 1):
        peer.step(last, pos)
        steps.append(list(last))
    for i in range(len(probes)):
        peer.drop(i)
    return list(zip(*steps)), prefilled - begun, time.perf_counter() - prefilled


def run_job(flags, arms, probes):
    begun = time.perf_counter()
    flags.parallel = min(flags.parallel, len(probes))
    private = max(map(len, probes)) + flags.tokens
    peer = Peer(flags, max(map(len, arms)), flags.parallel, private)
    out = {'load_s': time.perf_counter() - begun, 'prefill_s': 0.0, 'decode_s': 0.0}
    answers = []
    for x, arm in enumerate(arms):
        begun_arm = time.perf_counter()
        peer.read(arm, flags.parallel)
        out['prefill_s'] += time.perf_counter() - begun_arm
        for first in range(0, len(probes), flags.parallel):
            ids, prefill_s, decode_s = run_group(peer, flags, len(arm), probes[first:first + flags.parallel])
            out['prefill_s'] += prefill_s
            out['decode_s'] += decode_s
            answers += [{'arm': x, 'probe': first + i, 'text': peer.text(own)} for i, own in enumerate(ids)]
        peer.drop(flags.parallel)
    out['wall_s'] = time.perf_counter() - begun
    out['decode_tokens_per_s'] = len(answers) * flags.tokens / out['decode_s']
    out['answers'] = answers
    return out


def run_prefill(flags, ids):
    peer = Peer(flags, flags.prompt)
    peer.read(ids[:1], 0)  # what is allocated on first use
    peer.drop(0)
    begun = time.perf_counter()
    peer.read(ids, 0, want=True)
    return {'tokens_per_s': flags.prompt / (time.perf_counter() - begun)}


def run_decode(flags, ids):
    peer = Peer(flags, flags.prompt + flags.tokens)
    last, pos = peer.read(ids, 0, want=True), [flags.prompt]
    begun = time.perf_counter()
    for _ in range(flags.tokens):
        peer.step(last, pos)
    return {'tokens_per_s': flags.tokens / (time.perf_counter() - begun)}


def run_batch(flags, ids):
    count = flags.batch
    peer = Peer(flags, flags.prompt, count, flags.own + flags.tokens)
    peer.read(ids, count)
    for i in range(count):
        peer.share(count, i)
        if peer.batch.n_tokens + flags.own > BATCH_TOK:
            peer.run()
        for j in range(flags.own):
            peer.add(ids[(i + j) % len(ids)], flags.prompt + j, i, False)
    peer.run()
    last, pos = [ids[i % len(ids)] for i in range(count)], [flags.prompt + flags.own] * count
    begun = time.perf_counter()
    for _ in range(flags.tokens):
        peer.step(last, pos)
    return {'tokens_per_s': count * flags.tokens / (time.perf_counter() - begun)}


def run_first(flags, arms, probes):
    begun = time.perf_counter()
    ids = arms[0] + probes[0]
    peer = Peer(flags, len(ids))
    peer.read(ids, 0, want=True)
    return {'seconds': time.perf_counter() - begun}


def read_flags():
    p = argparse.ArgumentParser(usage=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('model')
    p.add_argument('job')
    p.add_argument('work', choices=['job', 'prefill', 'decode', 'batch', 'first'])
    p.add_argument('--threads', type=int, default=2)
    p.add_argument('--tokens', type=int, default=256)
    p.add_argument('--prompt', type=int, default=512)
    p.add_argument('--batch', type=int, default=32)
    p.add_argument('--own', type=int, default=SUFFIX_TOK, help='as `lem bench` gives (default 16)')
    p.add_argument('--parallel', type=int, default=20, help='answers of the job decoded together')
    p.add_argument('--ubatch', type=int, default=512)
    for name, preset in (('flash', True), ('unified', True), ('swa-full', False), ('mmap', True)):
        p.add_argument(f'--{name}', action=argparse.BooleanOptionalAction, default=preset)
    p.add_argument('--verbose', action='store_true', help="show llama.cpp's own log")
    return p.parse_args()


def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    flags = read_flags()
    arms, probes = read_job(flags.job)
    longest = max(arms, key=len)
    ids = [longest[i % len(longest)] for i in range(flags.prompt)]
    interpreter = peak_mib()
    out = {'job': lambda: run_job(flags, arms, probes),
           'prefill': lambda: run_prefill(flags, ids),
           'decode': lambda: run_decode(flags, ids),
           'batch': lambda: run_batch(flags, ids),
           'first': lambda: run_first(flags, arms, probes)}[flags.work]()
    out.update(peak_mib=peak_mib(), interpreter_mib=interpreter, threads=flags.threads,
               system=ll.llama_print_system_info().decode(), version=ll.__version__)
    print(json.dumps(out))


if __name__ == '__main__':
    main()
