/* answer.c - see answer.h; text only grows, and is looked through once. */
#include "infer/answer.h"

#include "base/mem.h"

enum { BYTES_PER_TOKEN = 8, RESERVE_MAX = 1 << 20 };

void answer_init(struct answer *answer, const struct tokenizer *tok, const struct str *stop,
                 size_t n_stops, size_t n_tokens)
{
    *answer = (struct answer){.stop = stop, .n_stops = n_stops};
    token_stream_init(&answer->stream, tok);
    buf_init(&answer->text, BUF_MAX_DEFAULT);
    buf_room(&answer->text, size_min(n_tokens, RESERVE_MAX / BYTES_PER_TOKEN) * BYTES_PER_TOKEN);
}

void answer_release(struct answer *answer)
{
    buf_release(&answer->text);
}

/* Length of the longest stop string that ends where `text` ends, 0 when none does. */
static size_t stop_len_at_end(const struct answer *answer, struct str text)
{
    size_t longest = 0;
    for (size_t i = 0; i < answer->n_stops; i++)
        if (str_ends(text, answer->stop[i]))
            longest = size_max(longest, answer->stop[i].len);
    return longest;
}

/* Byte by byte, so that where ids happen to end cannot matter. */
static bool cut_at_stop(struct answer *answer, size_t checked)
{
    struct str text = buf_str(&answer->text);
    for (size_t end = checked + 1; answer->n_stops && end <= text.len; end++) {
        size_t len = stop_len_at_end(answer, str_sub(text, 0, end));
        if (len) {
            answer->text.len = end - len;
            return true;
        }
    }
    return false;
}

bool answer_push(struct answer *answer, uint32_t id)
{
    size_t checked = answer->text.len;
    token_stream_push(&answer->stream, &answer->text, id);
    return cut_at_stop(answer, checked);
}

bool answer_end(struct answer *answer)
{
    size_t checked = answer->text.len;
    token_stream_end(&answer->stream, &answer->text);
    return cut_at_stop(answer, checked);
}

/* The longest end of `text` that begins `stop`. */
static size_t overlap(struct str text, struct str stop)
{
    size_t len = size_min(text.len, stop.len - 1);
    while (len && memcmp(text.ptr + text.len - len, stop.ptr, len) != 0)
        len--;
    return len;
}

struct str answer_piece(struct answer *answer, bool last)
{
    struct str text = buf_str(&answer->text);
    size_t held = 0;
    for (size_t i = 0; !last && i < answer->n_stops; i++)
        held = size_max(held, overlap(text, answer->stop[i]));
    struct str piece = str_sub(text, answer->shown, 0);
    if (text.len - held > answer->shown) {
        piece.len = text.len - held - answer->shown;
        answer->shown += piece.len;
    }
    return piece;
}
