/* unicode14.h - whether a code point was assigned in Unicode 14, Python 3.11's version. */
#ifndef TEXT_UNICODE14_H
#define TEXT_UNICODE14_H

#include <stdbool.h>
#include <stdint.h>

bool unicode14_has(uint32_t cp);

#endif
