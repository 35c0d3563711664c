#include "plot/markup.h"

#include <stdint.h>

#include "text/utf8.h"

/* Invisible characters that reorder, hide or break lines; joiners stay, scripts and emoji need
 * them. */
static bool is_unseen(uint32_t cp)
{
    static const uint32_t ranges[][2] = {
        {0x0080, 0x009F},   {0x00AD, 0x00AD},   {0x061C, 0x061C},   {0x180E, 0x180E},
        {0x200B, 0x200B},   {0x200E, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},
        {0xFDD0, 0xFDEF},   {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},   {0xFFFE, 0xFFFF},
        {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}, {0xF0000, 0x10FFFF}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (cp >= ranges[i][0] && cp <= ranges[i][1])
            return true;
    return (cp & 0xFFFE) == 0xFFFE;
}

static void put(struct buf *out, uint32_t cp)
{
    switch (cp) {
    case '&': buf_puts(out, "&amp;"); return;
    case '<': buf_puts(out, "&lt;"); return;
    case '>': buf_puts(out, "&gt;"); return;
    case '"': buf_puts(out, "&quot;"); return;
    case '\'': buf_puts(out, "&#39;"); return;
    case '\n':
    case '\t': buf_putc(out, (char)cp); return;
    case 0x7F: utf8_put(out, 0x2421); return;
    case UTF8_BAD: utf8_put(out, 0xFFFD); return;
    default: break;
    }
    if (cp < 0x20)
        utf8_put(out, 0x2400 + cp);
    else if (is_unseen(cp))
        buf_printf(out, "[U+%04X]", (unsigned)cp);
    else
        utf8_put(out, cp);
}

void markup_text(struct buf *out, struct str text)
{
    for (size_t at = 0; at < text.len;)
        put(out, utf8_next(text, &at));
}

void markup_line(struct buf *out, struct str text, size_t n_chars)
{
    size_t at = 0;
    for (size_t i = 0; at < text.len && i < n_chars; i++) {
        uint32_t cp = utf8_next(text, &at);
        if (i + 1 == n_chars && at < text.len) {
            buf_puts(out, "\xE2\x80\xA6");
            return;
        }
        put(out, cp == '\n' || cp == '\t' ? ' ' : cp);
    }
}
