# cython: language_level=3
"""Places in the bytes of a JSON line: behind a string, a number, any value; and what some mean.

`end` is the place behind the line. NULL tells that it is not JSON, or goes on behind the line.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int64_t
from libc.string cimport memcmp

ctypedef const unsigned char* Place

cdef enum:
    DEEPEST = 64
    MOST_DIGITS = 1000

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    /* How many of the WIDE bytes at `at` come before a quote, a backslash or a control character. */
    #if defined(__SSE2__) || defined(_M_X64)
    #include <emmintrin.h>
    #define WIDE 16
    static inline int plain(const unsigned char *at) {
        const __m128i bytes = _mm_loadu_si128((const __m128i *)at);
        const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(31)), bytes);
        const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
        const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\\\'));
        const __m128i any = _mm_or_si128(_mm_or_si128(control, quote), backslash);
        const unsigned int found = (unsigned int)_mm_movemask_epi8(any) | 1u << WIDE;
    #if defined(_MSC_VER)
        unsigned long place;
        _BitScanForward(&place, found);
        return (int)place;
    #else
        return __builtin_ctz(found);
    #endif
    }
    #elif defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    #define WIDE 8
    #define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
    /* The high bit of the lowest byte that is below another one is right, and all under it. */
    #define BELOW(word, byte) (((word) - EACH(byte)) & ~(word) & EACH(0x80))
    static inline int plain(const unsigned char *at) {
        uint64_t word, found;
        memcpy(&word, at, WIDE);
        found = BELOW(word, 32) | BELOW(word ^ EACH('"'), 1) | BELOW(word ^ EACH('\\\\'), 1);
        return found ? __builtin_ctzll(found) >> 3 : WIDE;
    }
    #else
    #define WIDE 1
    static inline int plain(const unsigned char *at) {
        return *at >= 32 && *at != '"' && *at != '\\\\';
    }
    #endif

    /* Whether a text may begin in the 32 bytes at `at`, by three of its bytes. */
    static inline int may_begin(const unsigned char *at, const unsigned char *text, size_t size) {
        unsigned char found = 0;
        const unsigned char first = text[0], middle = text[size / 2], last = text[size - 1];
        for (int place = 0; place < 32; place++)
            found |= (at[place] == first) & (at[place + size / 2] == middle)
                     & (at[place + size - 1] == last);
        return found;
    }
    """
    int WIDE
    int plain(Place at) nogil
    bint may_begin(Place at, Place text, size_t size) nogil

cdef inline Place after_space(Place at, Place end) noexcept nogil:
    while at < end and (at[0] == c' ' or at[0] == c'\t' or at[0] == c'\r' or at[0] == c'\n'):
        at += 1
    return at


cdef inline Place after_text(Place at, Place end, bint* escaped) noexcept nogil:
    """Return the place behind a string whose first character is at `at`, or NULL."""
    cdef unsigned char each
    cdef int left
    while True:
        while at + WIDE <= end:
            left = plain(at)
            at += left
            if left < WIDE:
                break
        while at < end and at[0] != c'"' and at[0] != c'\\' and at[0] >= c' ':
            at += 1
        if at >= end or at[0] < c' ':
            return NULL
        if at[0] == c'"':
            return at + 1
        escaped[0] = True
        if at + 2 > end:
            return NULL
        each = at[1]
        at += 2
        if each == c'u':
            if at + 4 > end or ((at[0] == c'd' or at[0] == c'D') and at[1] > c'7'):
                return NULL  # half a character, which may stand alone
            for left in range(4):
                each = at[left]
                if not (c'0' <= each <= c'9' or c'a' <= each <= c'f' or c'A' <= each <= c'F'):
                    return NULL
            at += 4
        elif not (each == c'"' or each == c'\\' or each == c'/' or each == c'b' or each == c'f'
                  or each == c'n' or each == c'r' or each == c't'):
            return NULL


cdef inline Place after_digits(Place at, Place end) noexcept nogil:
    cdef Place begin = at
    while at < end and c'0' <= at[0] <= c'9':
        at += 1
    return at if at > begin else NULL


cdef inline Place after_number(Place at, Place end) noexcept nogil:
    cdef Place begin = at
    if at[0] == c'-':
        at += 1
        if at == end:
            return NULL
    if at[0] == c'0':
        at += 1
    else:
        at = after_digits(at, end)
        if at == NULL:
            return NULL
    if at < end and at[0] == c'.':
        at = after_digits(at + 1, end)
        if at == NULL:
            return NULL
    if at < end and (at[0] == c'e' or at[0] == c'E'):
        at += 1
        if at < end and (at[0] == c'+' or at[0] == c'-'):
            at += 1
        at = after_digits(at, end)
        if at == NULL:
            return NULL
    return at if at - begin <= MOST_DIGITS else NULL


cdef inline Place after_word(Place at, Place end, const char* word, Py_ssize_t size) noexcept nogil:
    return at + size if end - at >= size and memcmp(at, word, size) == 0 else NULL


cdef inline Place after_value(Place at, Place end, int depth) noexcept nogil:
    """Return the place behind the value that begins at `at`, or NULL where it is not JSON."""
    cdef unsigned char closing
    cdef bint escaped = False
    if at >= end or depth > DEEPEST:
        return NULL
    if at[0] == c'"':
        return after_text(at + 1, end, &escaped)
    if at[0] == c'{' or at[0] == c'[':
        closing = at[0] + 2
        at = after_space(at + 1, end)
        if at < end and at[0] == closing:
            return at + 1
        while True:
            if closing == c'}':
                if at >= end or at[0] != c'"':
                    return NULL
                at = after_text(at + 1, end, &escaped)
                if at == NULL:
                    return NULL
                at = after_space(at, end)
                if at >= end or at[0] != c':':
                    return NULL
                at = after_space(at + 1, end)
            at = after_value(at, end, depth + 1)
            if at == NULL:
                return NULL
            at = after_space(at, end)
            if at >= end:
                return NULL
            if at[0] == closing:
                return at + 1
            if at[0] != c',':
                return NULL
            at = after_space(at + 1, end)
    if at[0] == c't':
        return after_word(at, end, b"true", 4)
    if at[0] == c'f':
        return after_word(at, end, b"false", 5)
    if at[0] == c'n':
        return after_word(at, end, b"null", 4)
    return after_number(at, end)


cdef inline int64_t number_at(Place at, int digits) noexcept nogil:
    """Return a number of so many digits, or -1."""
    cdef int64_t number = 0
    cdef int place
    for place in range(digits):
        if not c'0' <= at[place] <= c'9':
            return -1
        number = number * 10 + (at[place] - c'0')
    return number


cdef inline int64_t days_of(int64_t year, int64_t month) noexcept nogil:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 + (month + month // 8) % 2


cdef inline int64_t instant_of(Place at, Py_ssize_t size) noexcept nogil:
    """Return the UTC milliseconds of `2026-08-01T10:00:00.123Z`, or -1 where Python is to tell."""
    cdef int64_t year, month, day, hour, minute, second, thousandths = 0, days
    if size == 24 and at[19] == c'.':
        thousandths = number_at(at + 20, 3)
    elif size != 20:
        return -1
    if (at[4] != c'-' or at[7] != c'-' or at[10] != c'T' or at[13] != c':' or at[16] != c':'
            or at[size - 1] != c'Z'):
        return -1
    year, month, day = number_at(at, 4), number_at(at + 5, 2), number_at(at + 8, 2)
    hour, minute, second = number_at(at + 11, 2), number_at(at + 14, 2), number_at(at + 17, 2)
    if not (1970 < year < 2200 and 1 <= month <= 12 and 1 <= day <= days_of(year, month)
            and 0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60 and thousandths >= 0):
        return -1
    if month <= 2:  # years that begin in March have their leap day at the end
        year -= 1
        month += 12
    # By the same sum 1970-01-01 is day 719469.
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + day
    return (((days - 719469) * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + thousandths


cdef inline bint is_ascii(Place at, Py_ssize_t size) noexcept nogil:
    cdef unsigned char any = 0
    cdef Py_ssize_t place
    for place in range(size):
        any |= at[place]
    return any < 128


cdef inline bint holds(Place at, Place end, bytes text) noexcept:
    """Tell whether a text occurs."""
    cdef Place wanted = <Place>PyBytes_AS_STRING(text)
    cdef Py_ssize_t size = PyBytes_GET_SIZE(text), place
    while at + size <= end:
        if at + 32 + size <= end and not may_begin(at, wanted, size):
            at += 32
            continue
        for place in range(32):
            if at + size > end:
                return False
            if at[0] == wanted[0] and memcmp(at, wanted, size) == 0:
                return True
            at += 1
    return False
