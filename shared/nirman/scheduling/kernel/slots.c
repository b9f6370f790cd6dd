/* Fields of Python's records, read where CPython keeps them: an instance of a class with slots is a row of addresses.
 *
 * The caller, who holds the interpreter's lock, tells where in an instance a field is (slots.py finds it out), and keeps
 * the records alive. Nothing is counted or changed, so records that are only read stay unwritten in memory too.
 */
#include "kernel.h"

typedef char *Object; /* an address that means nothing here but itself */

static inline Object field_of(Object record, i64 offset) { return *(Object *)(record + offset); }

/* Records lie about in memory: those that come soon are asked for while others are looked at. */
enum { SOON = 16 };
static inline void call_for(const Object *records, i64 count, i64 place, i64 offset) {
    if (place + SOON < count) __builtin_prefetch(records[place + SOON] + offset);
}

/* The records of a list; `item` is the interpreter's PyList_GetItem. */
void nirman_slot_records(Object list, i64 count, Object (*item)(Object, i64), Object *records) {
    for (i64 i = 0; i < count; i++) records[i] = item(list, i);
}

/* Whole numbers of a field, `none` where it is None. Answers NONE, or the place of the first that is no i32;
 * `as_integer` is the interpreter's PyLong_AsLong. */
i64 nirman_slot_numbers(const Object *records, i64 count, i64 offset, Object none, i64 code, long (*as_integer)(Object),
                        i32 *numbers) {
    Object last = none; /* equal numbers of neighbours are often one object */
    i64 value = code;
    for (i64 i = 0; i < count; i++) {
        call_for(records, count, i, offset);
        Object field = field_of(records[i], offset);
        if (field != last) value = field == none ? code : as_integer(field);
        last = field;
        if (value != (i32)value) return i;
        numbers[i] = (i32)value;
    }
    return NONE;
}

/* Which of `many` objects a field is. Answers NONE, or the place of the first that is none of them. */
i64 nirman_slot_codes(const Object *records, i64 count, i64 offset, const Object *objects, i64 many, i32 *codes) {
    for (i64 i = 0; i < count; i++) {
        Object field = field_of(records[i], offset);
        i64 code = 0;
        while (code < many && objects[code] != field) code++;
        if (code == many) return i;
        codes[i] = (i32)code;
    }
    return NONE;
}

/* Places of records of which some field is another object than the usual one; how many. */
i64 nirman_slot_unusual(const Object *records, i64 count, const i64 *offsets, const Object *usual, i64 fields,
                        i32 *places) {
    i64 found = 0;
    for (i64 i = 0; i < count; i++) {
        bool differs = false;
        for (i64 k = 0; k < fields; k++) call_for(records, count, i, offsets[k]);
        for (i64 k = 0; k < fields; k++) differs |= field_of(records[i], offsets[k]) != usual[k];
        if (differs) places[found++] = (i32)i;
    }
    return found;
}
