/* detmath.c - our exponentials, logarithms and sines against the C library's, and some exact
 * values. */
#include <math.h>

#include "check.h"
#include "kern/detmath.h"

static double apart(double a, double b)
{
    return a == b ? 0 : fabs(a - b) / fmax(fabs(b), 1e-300);
}

int main(void)
{
    struct check c = {0};
    struct draw d = {7, 0};
    double worst[4] = {0};
    for (int i = 0; i < 200000; i++) {
        double x = (draw_unit(&d) - 0.5) * 1400, s, co;
        worst[0] = fmax(worst[0], apart(det_exp(x), exp(x)));
        double y = exp((draw_unit(&d) - 0.5) * 100);
        worst[1] = fmax(worst[1], fabs(det_log(y) - log(y)) / fmax(fabs(log(y)), 1));
        double angle = (draw_unit(&d) - 0.5) * 1e6;
        det_sincos(angle, &s, &co);
        worst[2] = fmax(worst[2], fmax(fabs(s - sin(angle)), fabs(co - cos(angle))));
        double e = draw_unit(&d);
        worst[3] = fmax(worst[3], apart(det_pow(1e6, e), pow(1e6, e)));
    }
    CHECK(&c, worst[0] < 5e-16, "exp is off by %.3g", worst[0]);
    CHECK(&c, worst[1] < 5e-16, "log is off by %.3g", worst[1]);
    CHECK(&c, worst[2] < 3e-16, "sincos is off by %.3g", worst[2]);
    CHECK(&c, worst[3] < 5e-15, "pow is off by %.3g", worst[3]);
    CHECK(&c, det_exp(0) == 1 && det_log(1) == 0, "exp(0) and log(1) must be exact");
    CHECK(&c, det_exp(-INFINITY) == 0 && isinf(det_exp(INFINITY)), "exp at the infinities");
    CHECK(&c, isinf(det_log(0)) && isnan(det_log(-1)) && isnan(det_exp(NAN)),
          "log and exp outside their domain");
    return check_end(&c);
}
