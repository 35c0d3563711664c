#!/usr/bin/env python3
"""llama.cpp, through llama-cpp-python, on the works that tools/bench-peer compares: prints one JSON line.

    peer.py MODEL.gguf JOB.txt WORK [flags]

WORK      job        every arm with every probe, --tokens greedy tokens each
          prefill    --prompt tokens of a prompt, up to its first answer token
          decode     --tokens tokens of one answer after --prompt tokens
          batch      --tokens tokens each of --batch answers after --prompt tokens in common and 16 own
          first      the first token of the job's first prompt
JOB.txt   lines "arm 2,5,9" (ids of a prefix, its BOS first) and "probe 7,8" (ids that follow every prefix)

A prefix is computed once and shared by its answers, all answers of a group are decoded in one batch, and ids are
chosen by numpy's argmax over the logits where they lie. The defaults of the flags below are what was fastest
(docs/PERFORMANCE.md). Times do not count the interpreter's start nor its imports; memory is reported beside
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
    """A model with room for `sequences` of together `cells` tokens, and one batch to be filled."""

    def __init__(self, flags, cells, sequences):
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
        params.n_ctx = (cells if flags.unified else cells * sequences) + 256
        params.n_seq_max = sequences
        params.n_batch, params.n_ubatch = 2048, flags.ubatch
        params.n_threads = params.n_threads_batch = flags.threads
        params.flash_attn_type = int(flags.flash)
        params.swa_full = flags.swa_full
        self.ctx = ll.llama_init_from_model(self.model, params)
        if not self.ctx:
            sys.exit('peer.py: llama.cpp cannot make a context')
        self.memory = ll.llama_get_memory(self.ctx)
        self.batch = ll.llama_batch_init(2048, 0, 1)
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
        for first in range(0, len(ids), 2048):
            for i, token in enumerate(ids[first:first + 2048], first):
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

    def forget(self):
        ll.llama_memory_clear(self.memory, True)

    def text(self, ids):
        vocab, out = ll.llama_model_get_vocab(self.model), b''
        piece = ctypes.create_string_buffer(256)
        for token in ids:
            out += piece.raw[:max(0, ll.llama_token_to_piece(vocab, token, piece, 256, 0, False))]
        return out.decode(errors='replace')


def run_job(flags, arms, probes):
    pairs = [(x, y) for x in range(len(arms)) for y in range(len(probes))]
    size = min(flags.parallel or len(pairs), len(pairs))
    longest = max(map(len, probes)) + flags.tokens
    prefixes = len(arms)
    cells = sum(map(len, arms)) + size * longest if flags.unified else max(map(len, arms)) + longest
    begun = time.perf_counter()
    peer = Peer(flags, cells, size + prefixes)
    out = {'load_s': time.perf_counter() - begun, 'prefill_s': 0.0, 'decode_s': 0.0}
    answers = []
    for g in range(0, len(pairs), size):
        group, begun_group = pairs[g:g + size], time.perf_counter()
        for x in sorted({x for x, _ in group}):
            peer.read(arms[x], size + x)
            for i, pair in enumerate(group):
                if pair[0] == x:
                    peer.share(size + x, i)
        last, pos = [], [len(arms[x]) + len(probes[y]) for x, y in group]
        for i, (x, y) in enumerate(group):  # probes of several answers in one batch
            if peer.batch.n_tokens + len(probes[y]) > 2048:
                last += peer.run()
            for j, token in enumerate(probes[y]):
                peer.add(token, len(arms[x]) + j, i, j == len(probes[y]) - 1)
        last += peer.run()
        ids = [list(last)]
        prefilled = time.perf_counter()
        for _ in range(flags.tokens - 1):
            peer.step(last, pos)
            ids.append(list(last))
        peer.forget()
        out['prefill_s'] += prefilled - begun_group
        out['decode_s'] += time.perf_counter() - prefilled
        answers += [{'arm': x, 'probe': y, 'text': peer.text([step[i] for step in ids])}
                    for i, (x, y) in enumerate(group)]
    out['wall_s'] = time.perf_counter() - begun
    out['decode_tokens_per_s'] = len(pairs) * flags.tokens / out['decode_s']
    out['answers'] = answers
    return out


def run_prefill(flags, ids):
    peer = Peer(flags, flags.prompt, 1)
    peer.read(ids[:1], 0)  # what is allocated on first use
    peer.forget()
    begun = time.perf_counter()
    peer.read(ids, 0, want=True)
    return {'tokens_per_s': flags.prompt / (time.perf_counter() - begun)}


def run_decode(flags, ids, count):
    """`count` answers after `ids` in common and, where there are several, 16 own."""
    own = SUFFIX_TOK if count > 1 else 0
    private = own + flags.tokens + 1
    cells = flags.prompt + count * private if flags.unified else flags.prompt + private
    peer = Peer(flags, cells, count + 1)
    last, pos = peer.read(ids, count, want=True) * count, [flags.prompt] * count
    for i in range(count):
        peer.share(count, i)
    for _ in range(own):
        peer.step(last, pos)
    last[:] = ids[:count]  # ids of their own
    begun = time.perf_counter()
    for _ in range(flags.tokens):
        peer.step(last, pos)
    return {'tokens_per_s': count * flags.tokens / (time.perf_counter() - begun)}


def run_first(flags, arms, probes):
    begun = time.perf_counter()
    ids = arms[0] + probes[0]
    peer = Peer(flags, len(ids), 1)
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
    p.add_argument('--parallel', type=int, default=0, help='answers in one group; 0 is all')
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
           'decode': lambda: run_decode(flags, ids, 1),
           'batch': lambda: run_decode(flags, ids, flags.batch),
           'first': lambda: run_first(flags, arms, probes)}[flags.work]()
    out.update(peak_mib=peak_mib(), interpreter_mib=interpreter, threads=flags.threads,
               system=ll.llama_print_system_info().decode(), version=ll.__version__)
    print(json.dumps(out))


if __name__ == '__main__':
    main()
