# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Does what `Sieve` of sieve.py does, compiled: splits lines, passes over those that tell nothing.

Whatever is not plain here (an escape where a value is wanted, another type, a name told twice, a
fault) is handed back as the line itself, so that one reader alone decides on it.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from cpython.tuple cimport PyTuple_New, PyTuple_SET_ITEM
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memchr, memcmp, memcpy, memset

from tokwatch.sources.quick_json cimport (
    DEEPEST,
    Place,
    after_number,
    after_space,
    after_text,
    after_value,
    after_word,
    holds,
    instant_of,
    is_ascii,
    number_at,
)

FORM = 2
"""What sieve.py has too: a module of another form is not used."""

cdef enum:
    SKIP = 0
    PICK = 1
    GIVE = 2

cdef enum:
    TEXT = 0
    COUNT = 1
    NUMBER = 2
    FLAG = 3
    INSTANT = 4
    LIST = 5
    PRESENT = 6
    LINE = 7
    FIRST = 8
    REPLACED = 9

cdef enum:
    MOST_FIELDS = 48
    MOST_NAMES = 96
    MOST_HEADS = 16
    LONGEST_NUMBER = 15
    COUNT_BITS = 33
    LONGEST_TEXT = 512

cdef struct Name:
    Place text
    Py_ssize_t size
    int first
    int last
    uint64_t sizes
    int field
    int kind

cdef struct Head:
    PyObject* holding
    Place kind
    Py_ssize_t kind_size
    Place inner
    Py_ssize_t inner_size
    int action

cdef struct Told:
    Place at  # NULL where it is not told
    Py_ssize_t size
    int64_t number

cdef struct Record:
    Told told[MOST_FIELDS]
    Place line
    Place end
    Py_ssize_t offset
    int64_t first
    int64_t replaced


cdef inline void tell(Told* told, Place at, Py_ssize_t size, int64_t number) noexcept:
    told.at, told.size, told.number = at, size, number


cdef inline bint are_alike(Told* one, Told* other) noexcept:
    return (one.size > 0 and one.size == other.size
            and memcmp(one.at, other.at, one.size) == 0)


cdef inline object given(Place line, Place end):
    """Return a line with its newline."""
    return PyBytes_FromStringAndSize(<const char*>line, end + 1 - line)


cdef class QuickSieve:
    """Picks the values at some paths out of the lines that may tell them."""

    cdef Name names[MOST_NAMES]
    cdef Head heads[MOST_HEADS]
    cdef int kinds[MOST_FIELDS]
    cdef int alike[MOST_FIELDS]
    cdef int needed[MOST_FIELDS]
    cdef int name_count, head_count, alike_count, needed_count, untyped, width, instant
    cdef object keep, instant_ms
    cdef tuple types
    cdef bytes aside, glued
    cdef Py_ssize_t window
    cdef PyObject* known[MOST_FIELDS]
    cdef unsigned char known_text[MOST_FIELDS][LONGEST_TEXT]
    cdef Py_ssize_t known_size[MOST_FIELDS]

    def __cinit__(self):
        cdef int field
        for field in range(MOST_FIELDS):
            self.known[field] = NULL

    def __dealloc__(self):
        cdef int field
        for field in range(MOST_FIELDS):
            Py_XDECREF(self.known[field])

    def __init__(self, fields, heads, latest, instant_ms):
        if max(len(fields), len(latest.alike), len(latest.told)) > MOST_FIELDS:
            raise ValueError("too many fields for a sieve")
        if len(heads.heads) > MOST_HEADS:
            raise ValueError("too many heads for a sieve")
        self.keep = []
        self.instant_ms = instant_ms
        self.types, self.untyped = tuple(kind.encode() for kind in heads.types), heads.untyped
        self.aside, self.glued, self.window = heads.aside, heads.glued, heads.window
        self.width, self.instant = len(fields), -1
        self.alike_count, self.needed_count = len(latest.alike), len(latest.told)
        for place, field in enumerate(latest.alike):
            self.alike[place] = field
        for place, field in enumerate(latest.told):
            self.needed[place] = field
        tree = {}
        for field, (path, kind) in enumerate(fields):
            self.kinds[field] = kind
            if kind == INSTANT:
                self.instant = field
            if kind == FIRST and self.instant < 0:
                raise ValueError("a first instant comes after the field of the instant")
            if not path:
                continue
            node = tree
            *above, own = path
            for part in above:
                node = node.setdefault(part, [{}, -1, PRESENT])[0]
            node.setdefault(own, [{}, -1, PRESENT])[1:] = [field, kind]
        self.name_count = 1
        self._add(0, tree)
        for place, (kind, action, inner, needle) in enumerate(heads.heads):
            self.keep += [kind, inner, needle]
            self.heads[place].holding = <PyObject*>needle
            self.heads[place].kind = <Place>PyBytes_AS_STRING(kind)
            self.heads[place].kind_size = len(kind)
            self.heads[place].inner = <Place>PyBytes_AS_STRING(inner)
            self.heads[place].inner_size = len(inner)
            self.heads[place].action = action
        self.head_count = len(heads.heads)

    cdef void _add(self, int above, dict tree) except *:
        """Add the names below another one, side by side."""
        cdef int place = self.name_count
        if place + len(tree) > MOST_NAMES:
            raise ValueError("too many names for a sieve")
        self.name_count += len(tree)
        self.names[above].first, self.names[above].last = place, self.name_count
        for key, (below, field, kind) in tree.items():
            text = key.encode()
            self.keep.append(text)
            self.names[place].text = <Place>PyBytes_AS_STRING(text)
            self.names[place].size = len(text)
            self.names[place].field, self.names[place].kind = field, kind
            self.names[above].sizes |= <uint64_t>1 << (len(text) & 63)
            self._add(place, below)
            place += 1

    cdef int _action(self, Place line, Place end) noexcept:
        """Tell what is to become of a line, from its head."""
        cdef Place second = <Place>memchr(line + 1, c'{', end - line - 1) if line < end else NULL
        cdef Place at = line
        cdef Py_ssize_t size = PyBytes_GET_SIZE(self.aside)
        if second == NULL:
            second = end
        while True:
            at = <Place>memchr(at, c':', second - at)
            if at == NULL:
                break
            if (at - line >= 6 and at + 2 <= second and at[1] == c'"'
                    and memcmp(at - 6, b'"type":"', 8) == 0):
                if at - line == 6:
                    break
                return self._by_type(at + 2, second, end)
            at += 1
        if (size and second - line >= size
                and memcmp(second - size, PyBytes_AS_STRING(self.aside), size) == 0):
            return SKIP
        return self.untyped

    cdef int _by_type(self, Place kind, Place second, Place end) noexcept:
        cdef Head* head
        cdef bytes holding
        cdef int each
        for each in range(self.head_count):
            head = &self.heads[each]
            if (kind[0] == head.kind[0] and end - kind >= head.kind_size
                    and memcmp(kind, head.kind, head.kind_size) == 0
                    and end - second >= head.inner_size
                    and memcmp(second, head.inner, head.inner_size) == 0):
                holding = <bytes>head.holding
                return SKIP if holding and not holds(kind, end, holding) else head.action
        return SKIP

    def sift(self, const unsigned char[::1] block, Py_ssize_t size, Py_ssize_t offset):
        """Return what the complete lines in `size` bytes tell, their number, and where they end."""
        cdef Record records[2]
        cdef Record* record = &records[0]
        cdef Record* last = NULL  # which the next one may replace
        cdef Place begin, line, end, behind
        cdef Py_ssize_t count = 0
        cdef int action
        cdef list found = []
        if size == 0:
            return found, 0, offset
        begin = line = &block[0]
        behind = begin + size
        while line < behind:
            end = <Place>memchr(line, c'\n', behind - line)
            if end == NULL:
                break
            count += 1
            action = self._action(line, end)
            if action == SKIP and not (
                whole(line, end) and not holds(max(line, end + 1 - self.window), end, self.glued)
            ):
                action = GIVE
            if action == PICK and self._pick(record, line, end):
                record.offset = offset + (line - begin)
                if last != NULL and not self._replace(last, record):
                    self._give(found, last)
                last = record
                record = &records[1] if last == &records[0] else &records[0]
            elif action != SKIP:
                if last != NULL:
                    self._give(found, last)
                    last = NULL
                found.append((offset + (line - begin), given(line, end)))
            line = end + 1
        if last != NULL:
            self._give(found, last)
        return found, count, offset + (line - begin)

    cdef bint _replace(self, Record* last, Record* record) noexcept:
        """Let a record stand for the one before it as well, where it can; tell whether it does."""
        cdef int each
        if self.alike_count == 0 or last.first <= 0 or record.first <= 0:
            return False
        for each in range(self.alike_count):
            if not are_alike(&last.told[self.alike[each]], &record.told[self.alike[each]]):
                return False
        for each in range(self.needed_count):
            if last.told[self.needed[each]].at == NULL or record.told[self.needed[each]].at == NULL:
                return False
        # Neither may turn out to be a line that somebody has to look at.
        if not self._has_texts(record) or (last.replaced == 0 and not self._has_texts(last)):
            return False
        record.first = min(last.first, record.first)
        record.replaced = last.replaced + 1
        return True

    cdef bint _has_texts(self, Record* record) noexcept:
        """Tell whether all texts of a record are valid for sure."""
        cdef Told* told
        cdef int field
        for field in range(self.width):
            told = &record.told[field]
            if (self.kinds[field] == TEXT and told.at != NULL and not is_ascii(told.at, told.size)
                    and not self._is_known(field, told)):
                return False
        return True

    cdef int _give(self, list found, Record* record) except -1:
        """Add the values of a record, or its line where a text of it is none."""
        try:
            row = self._row(record)
        except UnicodeDecodeError:
            row = given(record.line, record.end)
        found.append((record.offset, row))
        return 0

    cdef bint _pick(self, Record* record, Place line, Place end) noexcept:
        """Find the values of a line; tell whether it is plain."""
        cdef Told* kind = &record.told[0]
        cdef bytes each
        cdef Place at
        if line[0] != c'{':
            return False
        memset(record.told, 0, self.width * sizeof(Told))
        at = self._object(record.told, line, end, 0, 0)
        if at == NULL or after_space(at, end) != end or kind.at == NULL:
            return False
        record.line, record.end = line, end
        record.first = record.told[self.instant].number if self.instant >= 0 else 0
        record.replaced = 0
        for each in self.types:
            if (kind.size == PyBytes_GET_SIZE(each)
                    and memcmp(kind.at, PyBytes_AS_STRING(each), kind.size) == 0):
                return True
        return False

    cdef Place _object(
        self, Told* told, Place at, Place end, int node, int depth
    ) noexcept:
        """Pick from the object at `at`; return the place behind it, NULL where it is not plain."""
        cdef Place key
        cdef int name, first = self.names[node].first
        cdef uint64_t seen = 0
        cdef bint escaped = False
        at = after_space(at + 1, end)
        if at < end and at[0] == c'}':
            return at + 1
        while True:
            if at >= end or at[0] != c'"':
                return NULL
            key = at + 1
            at = after_text(key, end, &escaped)
            if at == NULL or escaped:
                return NULL
            name = self._named(node, key, at - key - 1)
            at = after_space(at, end)
            if at >= end or at[0] != c':':
                return NULL
            at = after_space(at + 1, end)
            if name < 0:
                at = after_value(at, end, depth)
            elif seen >> (name - first) & 1:
                return NULL
            else:
                seen |= <uint64_t>1 << (name - first)
                at = self._value(told, at, end, name, depth)
            if at == NULL:
                return NULL
            at = after_space(at, end)
            if at >= end:
                return NULL
            if at[0] == c'}':
                return at + 1
            if at[0] != c',':
                return NULL
            at = after_space(at + 1, end)

    cdef inline int _named(self, int node, Place key, Py_ssize_t size) noexcept:
        """Return the wanted name below another one, or -1."""
        cdef Name* name
        cdef int each
        if self.names[node].sizes >> (size & 63) & 1:
            for each in range(self.names[node].first, self.names[node].last):
                name = &self.names[each]
                if (name.size == size and name.text[0] == key[0]
                        and memcmp(name.text, key, size) == 0):
                    return each
        return -1

    cdef Place _value(self, Told* told, Place at, Place end, int node, int depth) noexcept:
        """Pick the value at `at`; return the place behind it, NULL where it is not plain."""
        cdef Name* name = &self.names[node]
        cdef Told* own = &told[name.field] if name.field >= 0 else NULL
        cdef bint escaped = False
        cdef Place behind
        if at >= end:
            return NULL
        if at[0] == c'n':
            behind = after_word(at, end, b"null", 4)
            if behind != NULL and name.kind == FLAG:
                tell(own, at, 4, -1)
            return behind
        if name.kind == PRESENT:
            if at[0] != c'{' or depth > DEEPEST:
                return NULL
            if own != NULL:
                tell(own, at, 0, 1)
            return self._object(told, at, end, node, depth + 1)
        if name.kind == TEXT or name.kind == INSTANT:
            behind = after_text(at + 1, end, &escaped) if at[0] == c'"' else NULL
            if behind == NULL or escaped:
                return NULL
            tell(own, at + 1, behind - at - 2, 0)
            if name.kind == INSTANT:
                own.number = instant_of(own.at, own.size)
            return behind
        if name.kind == FLAG:
            tell(own, at, 0, at[0] == c't')
            if at[0] == c't':
                return after_word(at, end, b"true", 4)
            return after_word(at, end, b"false", 5)
        if name.kind == LIST:
            behind = after_value(at, end, depth) if at[0] == c'[' else NULL
        else:
            behind = after_number(at, end) if c'0' <= at[0] <= c'9' else NULL
            if behind == NULL or behind - at > LONGEST_NUMBER:
                return NULL
        if behind != NULL:
            tell(own, at, behind - at, 0)
        if name.kind == COUNT:
            own.number = number_at(at, <int>own.size)
            if own.number < 0 or own.number >> COUNT_BITS:
                return NULL
        return behind

    cdef tuple _row(self, Record* record):
        """Return the values of a record; raises UnicodeDecodeError."""
        cdef tuple row = PyTuple_New(self.width)
        cdef object value
        cdef int field
        for field in range(self.width):
            if self.kinds[field] == LINE:
                value = given(record.line, record.end)
            elif self.kinds[field] == REPLACED:
                value = record.replaced
            elif self.kinds[field] == FIRST:
                value = record.first if record.first > 0 else row[self.instant]
            else:
                value = self._made(field, self.kinds[field], &record.told[field])
            Py_INCREF(value)
            PyTuple_SET_ITEM(row, field, value)
        return row

    cdef object _made(self, int field, int kind, Told* told):
        """Return what is told of a field."""
        if kind == FLAG or kind == PRESENT:
            return None if told.number < 0 else told.number == 1
        if told.at == NULL:
            return None
        if kind == TEXT:
            return self._text(field, told)
        if kind == COUNT:
            return told.number
        if kind == INSTANT:
            if told.number > 0:
                return told.number
            return self.instant_ms(PyUnicode_DecodeUTF8(<const char*>told.at, told.size, NULL))
        value = PyBytes_FromStringAndSize(<const char*>told.at, told.size)
        return float(value) if kind == NUMBER else value

    cdef inline bint _is_known(self, int field, Told* told) noexcept:
        """Tell whether a text is as it was in the row before."""
        return (self.known[field] != NULL and self.known_size[field] == told.size
                and memcmp(self.known_text[field], told.at, told.size) == 0)

    cdef object _text(self, int field, Told* told):
        """Return a text; one that is known is the same object."""
        if self._is_known(field, told):
            return <object>self.known[field]
        text = PyUnicode_DecodeUTF8(<const char*>told.at, told.size, NULL)
        if told.size <= LONGEST_TEXT:
            memcpy(self.known_text[field], told.at, told.size)
            self.known_size[field] = told.size
            Py_XDECREF(self.known[field])
            Py_INCREF(text)
            self.known[field] = <PyObject*>text
        return text


cdef inline bint whole(Place line, Place end) noexcept:
    """Tell whether a line ends as a whole record does."""
    if end > line and (end - 1)[0] == c'\r':
        end -= 1
    return end > line and (end - 1)[0] == c'}'
