/* page_style.c - how a page looks: one column of text, numbers in figures of one width, rules only
 * where the eye needs them. Colours are svg.h's palette. */
#include "plot/svg.h"
#include "report/html.h"

static void add_colours(struct buf *out, const struct palette *p)
{
    buf_printf(out, ":root{--paper:%s;--wash:%s;--ink:%s;--mute:%s;--rule:%s;--axis:%s;", p->paper,
               p->wash, p->ink, p->mute, p->rule, p->axis);
    buf_printf(out, "--up:%s;--down:%s;--up-wash:%s;--down-wash:%s}\n", p->up, p->down, p->up_wash,
               p->down_wash);
}

static const char base[] =
    "*{box-sizing:border-box}\n"
    "html{color-scheme:light dark;-webkit-text-size-adjust:100%}\n"
    "body{margin:0 auto;padding:2.5rem 1.25rem 4rem;max-width:61rem;background:var(--paper);"
    "color:var(--ink);font:16px/1.55 system-ui,-apple-system,\"Segoe UI\",Roboto,"
    "\"Liberation Sans\",Arial,sans-serif;overflow-wrap:break-word}\n"
    "h1{font-size:1.9rem;line-height:1.2;margin:.2rem 0 .4rem;letter-spacing:-.01em}\n"
    "h2{font-size:1.25rem;line-height:1.3;margin:3.25rem 0 .35rem}\n"
    "h3{font-size:1rem;margin:2rem 0 .5rem}\n"
    "p{margin:.4rem 0 .8rem;max-width:44rem}\n"
    "a{color:var(--up)}\n"
    ":focus-visible{outline:2px solid var(--up);outline-offset:2px}\n"
    ".skip{position:absolute;left:-100vw}\n"
    ".skip:focus{left:1rem;top:1rem;background:var(--paper);padding:.5rem 1rem}\n"
    ".mute,.about{color:var(--mute)}\n"
    ".about{font-size:.9rem;margin-bottom:.8rem}\n"
    ".eyebrow{color:var(--mute);font-size:.8rem;letter-spacing:.06em;text-transform:uppercase;"
    "margin:0}\n"
    ".up{color:var(--up)}\n"
    ".down{color:var(--down)}\n"
    "nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;padding:.7rem 0;"
    "margin:2rem 0 0;border:solid var(--rule);border-width:1px 0;font-size:.85rem}\n";

static const char verdict[] =
    ".verdicts{list-style:none;margin:1.8rem 0 0;padding:0}\n"
    ".verdicts li{display:grid;grid-template-columns:9rem 8rem 1fr;gap:0 1.25rem;"
    "align-items:baseline;padding:.9rem 0;border-top:1px solid var(--rule)}\n"
    ".verdicts .word{font-weight:600;font-size:1.1rem}\n"
    ".verdicts .size{font-size:1.7rem;line-height:1;text-align:right;"
    "font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    ".verdicts p{margin:0;max-width:none}\n"
    ".notes{margin:2rem 0 0;padding:.9rem 1.25rem;background:var(--wash);"
    "border-left:3px solid var(--axis)}\n"
    ".notes h2{margin:0 0 .3rem;font-size:1rem}\n"
    ".notes ul{margin:0;padding-left:1.1rem;font-size:.93rem}\n"
    ".notes li{margin:.25rem 0}\n"
    ".figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));"
    "gap:2.2rem 2.5rem;margin:1.2rem 0 0;align-items:start}\n"
    "figure{margin:0}\n"
    "figure svg{display:block}\n";

static const char tables[] =
    ".scroll{overflow-x:auto;margin:.4rem 0 0}\n"
    "table{border-collapse:collapse;font-size:.84rem;line-height:1.35;"
    "font-variant-numeric:tabular-nums lining-nums}\n"
    "th,td{padding:.32rem 0 .32rem 1.1rem;text-align:left;vertical-align:baseline}\n"
    "th:first-child,td:first-child{padding-left:0}\n"
    "thead th{color:var(--mute);font-weight:500;vertical-align:bottom;"
    "border-bottom:1px solid var(--axis)}\n"
    "tbody tr+tr>*{border-top:1px solid var(--rule)}\n"
    "tbody th{font-weight:500}\n"
    ".num{text-align:right}\n"
    "td.num{white-space:nowrap}\n"
    ".rows summary{cursor:pointer;font-size:.9rem}\n"
    ".rows td{max-width:36rem;overflow-wrap:anywhere}\n";

static const char changes[] =
    ".change{border-top:1px solid var(--rule)}\n"
    ".change:last-of-type{border-bottom:1px solid var(--rule)}\n"
    ".change summary{display:grid;grid-template-columns:1.2rem 6.5rem minmax(16rem,1fr) "
    "minmax(0,auto);gap:0 .8rem;overflow-wrap:anywhere;"
    "align-items:baseline;padding:.5rem 0;cursor:pointer;list-style:none}\n"
    ".change summary::-webkit-details-marker{display:none}\n"
    ".change summary::before{content:\"+\";color:var(--mute);text-align:center}\n"
    ".change[open] summary::before{content:\"\xE2\x88\x92\"}\n"
    ".change summary:hover{background:var(--wash)}\n"
    ".change .size{text-align:right;font-variant-numeric:tabular-nums;font-weight:600;"
    "white-space:nowrap}\n"
    ".change .where{font-size:.85rem;text-align:right}\n"
    ".change .body{padding:.2rem 0 1.6rem 2rem}\n"
    ".prompt{white-space:pre-wrap;margin:.4rem 0 1rem;padding:.1rem 0 .1rem 1rem;"
    "border-left:3px solid var(--rule);color:var(--mute);font-size:.9rem;max-width:46rem}\n"
    ".signals{list-style:none;padding:0;margin:.4rem 0;display:flex;flex-wrap:wrap;"
    "gap:.15rem 1.2rem;font-size:.85rem;font-variant-numeric:tabular-nums}\n"
    ".texts{display:grid;grid-template-columns:1fr 1fr;gap:0 2rem;margin:.8rem 0}\n"
    ".texts h4{font-size:.85rem;margin:0 0 .4rem;padding-bottom:.25rem;"
    "border-bottom:1px solid var(--axis)}\n"
    ".answer{white-space:pre-wrap;font-size:.88rem;line-height:1.6;overflow-wrap:anywhere}\n"
    "del{background:var(--down-wash);text-decoration:none}\n"
    "ins{background:var(--up-wash);text-decoration:none}\n"
    "mark{background:none;color:inherit;font-weight:600;border-bottom:2px solid var(--up)}\n"
    "mark.down{border-bottom:2px dashed var(--down);color:inherit}\n"
    "pre{background:var(--wash);padding:.7rem 1rem;overflow-x:auto;font-size:.8rem;margin:.4rem "
    "0}\n"
    "code{font-family:ui-monospace,\"Liberation Mono\",Menlo,monospace}\n"
    "footer{margin-top:4rem;padding-top:.8rem;border-top:1px solid var(--rule);"
    "color:var(--mute);font-size:.85rem}\n";

static const char narrow[] = "@media (max-width:44rem){\n"
                             "body{padding:1.25rem 1rem 3rem}\n"
                             "h1{font-size:1.5rem}\n"
                             ".verdicts li{grid-template-columns:1fr auto}\n"
                             ".verdicts p{grid-column:1/-1;margin-top:.4rem}\n"
                             ".texts{grid-template-columns:1fr;gap:1.2rem}\n"
                             ".change .body{padding-left:0}\n"
                             ".change summary{grid-template-columns:1rem 6.2rem minmax(0,1fr)}\n"
                             ".change summary .where{grid-column:3;text-align:left}\n"
                             "}\n";

/* On paper everything is open, and nothing is coloured that is not ink. */
static const char print[] = "@media print{\n"
                            "body{max-width:none;padding:0;font-size:10pt}\n"
                            "nav,.skip{display:none}\n"
                            "h2,h3,.change summary{break-after:avoid}\n"
                            "figure,tr,.verdicts li{break-inside:avoid}\n"
                            "details::details-content{content-visibility:visible;block-size:auto}\n"
                            ".figures{grid-template-columns:1fr 1fr;gap:1.2rem}\n"
                            ".scroll{overflow:visible}\n"
                            "table{font-size:7.5pt}\n"
                            "}\n";

void page_style(struct buf *out)
{
    add_colours(out, &palette_light);
    buf_puts(out, "@media (prefers-color-scheme:dark){");
    add_colours(out, &palette_dark);
    buf_puts(out, "}\n");
    buf_puts(out, base);
    buf_puts(out, verdict);
    buf_puts(out, tables);
    buf_puts(out, changes);
    buf_puts(out, narrow);
    buf_puts(out, print);
    svg_style(out);
}
