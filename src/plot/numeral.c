#include "plot/numeral.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MINUS "\xE2\x88\x92"
#define DASH  "\xE2\x80\x93"

enum { GROUP_FROM = 5, DIGITS_MAX = 24 };

static struct numeral just(const char *text)
{
    struct numeral out;
    snprintf(out.text, sizeof out.text, "%s", text);
    return out;
}

/* Commas between groups of three, where there are enough digits to get lost in. */
static void group(char *out, const char *digits)
{
    size_t whole = strcspn(digits, ".");
    for (size_t i = 0; digits[i]; i++) {
        if (whole >= GROUP_FROM && i > 0 && i < whole && (whole - i) % 3 == 0)
            *out++ = ',';
        *out++ = digits[i];
    }
    *out = 0;
}

static struct numeral number(double x, int decimals, const char *plus)
{
    char digits[DIGITS_MAX + 8], grouped[2 * sizeof digits];
    struct numeral out;
    if (!isfinite(x))
        return just(DASH);
    if (fabs(x) >= 1e15) { /* nothing we count: say it shortly */
        snprintf(digits, sizeof digits, "%.3g", fabs(x));
        snprintf(out.text, sizeof out.text, "%s%s", x < 0 ? MINUS : plus, digits);
        return out;
    }
    snprintf(digits, sizeof digits, "%.*f", decimals, fabs(x));
    group(grouped, digits);
    const char *sign = strspn(digits, "0.") == strlen(digits) ? "" : x < 0 ? MINUS : plus;
    snprintf(out.text, sizeof out.text, "%s%.*s", sign, NUMERAL_MAX - 8, grouped);
    return out;
}

struct numeral numeral_fixed(double x, int decimals)
{
    return number(x, decimals, "");
}

struct numeral numeral_signed(double x, int decimals)
{
    return number(x, decimals, "+");
}

struct numeral numeral_count(size_t n)
{
    return number((double)n, 0, "");
}

struct numeral numeral_percent(double share, int decimals)
{
    struct numeral out = number(100 * share, decimals, "");
    size_t len = strlen(out.text);
    if (isfinite(share))
        snprintf(out.text + len, sizeof out.text - len, "\xC2\xA0%%");
    return out;
}

struct numeral numeral_p(double p)
{
    return p < 0.001 ? just("<\xC2\xA0"
                            "0.001")
                     : number(p, p < 0.1 ? 3 : 2, "");
}

struct numeral numeral_range(double low, double high, int decimals)
{
    struct numeral out;
    if (!isfinite(low) || !isfinite(high))
        return just(DASH);
    snprintf(out.text, sizeof out.text, "%.28s to %.28s", number(low, decimals, "").text,
             number(high, decimals, "").text);
    return out;
}
