/* Names of a database as C identifiers. */
#include "base/ascii.h"
#include "command/inspect.h"
#include <string.h>

/* Keywords of C up to C23, and words that headers or compilers define as macros. */
static const char *const reserved[] = {
    "alignas",  "alignof",  "asm",       "assert",        "auto",     "bool",
    "break",    "case",     "char",      "complex",       "const",    "constexpr",
    "continue", "default",  "do",        "double",        "else",     "enum",
    "errno",    "extern",   "false",     "float",         "for",      "goto",
    "i386",     "if",       "imaginary", "inline",        "int",      "linux",
    "long",     "noreturn", "nullptr",   "offsetof",      "register", "restrict",
    "return",   "short",    "signed",    "sizeof",        "static",   "static_assert",
    "stderr",   "stdin",    "stdout",    "struct",        "switch",   "thread_local",
    "true",     "typedef",  "typeof",    "typeof_unqual", "union",    "unix",
    "unsigned", "va_arg",   "void",      "volatile",      "while",    NULL,
};

/* Names that begin with __, or _ and a capital, are the compiler's. */
static bool is_reserved(const char *name) {
    if (name[0] == '_' && (name[1] == '_' || (name[1] >= 'A' && name[1] <= 'Z'))) return true;
    for (size_t i = 0; reserved[i]; i++)
        if (strcmp(reserved[i], name) == 0) return true;
    return false;
}

static bool is_letter(char c) { return corm__is_alnum(c) && (unsigned char)c < 0x80; }
static bool has_lower(const char *name) {
    for (; *name; name++)
        if (*name >= 'a' && *name <= 'z') return true;
    return false;
}
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }
static char upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 32) : c; }

char *corm__c_member(const char *name, corm_arena *arena) {
    char *out = corm__arena_bytes(arena, strlen(name) + 16), *to = out;
    bool capitals = !has_lower(name), letters = false; /* a name in capitals might be a macro */
    if (!out) return NULL;
    if (corm__is_digit(*name)) *to++ = '_';
    for (; *name; name++) {
        if (is_letter(*name) || *name == '_')
            *to++ = capitals ? lower(*name) : *name;
        else if (to == out || to[-1] != '_')
            *to++ = '_';
        letters |= is_letter(*name);
    }
    *to = 0;
    if (!letters) strcpy(out, "column");
    if (is_reserved(out)) strcat(out, "_");
    return out;
}

static bool ends_with(const char *word, size_t length, const char *ending) {
    size_t n = strlen(ending);
    return length >= n && memcmp(word + length - n, ending, n) == 0;
}

/* The length of the singular's stem, and what follows it. */
static size_t singular(const char *word, size_t length, const char **ending) {
    static const char *const hissing[] = { "sses", "shes", "ches", "xes", "zes", NULL };
    *ending = "";
    if (length > 3 && ends_with(word, length, "ies")) {
        *ending = "y";
        return length - 3;
    }
    for (size_t i = 0; hissing[i]; i++)
        if (ends_with(word, length, hissing[i])) return length - 2;
    bool stays = length < 3 || !ends_with(word, length, "s") || ends_with(word, length, "ss") ||
                 ends_with(word, length, "us") || ends_with(word, length, "is");
    return stays ? length : length - 1;
}

char *corm__c_type(const char *table, corm_arena *arena) {
    char *out = corm__arena_bytes(arena, strlen(table) + 16), *to = out;
    bool capitals = !has_lower(table), begins = true;
    if (!out) return NULL;
    if (corm__is_digit(*table)) *to++ = 'T';
    for (; *table; table++) {
        if (is_letter(*table)) *to++ = begins ? upper(*table) : capitals ? lower(*table) : *table;
        begins = !is_letter(*table) || corm__is_digit(*table);
    }
    const char *ending;
    size_t length = singular(out, (size_t)(to - out), &ending);
    strcpy(out + length, ending);
    if (!*out) strcpy(out, "Table");
    return out;
}

char *corm__c_plural(const char *type, corm_arena *arena) {
    size_t length = strlen(type);
    bool hisses = ends_with(type, length, "s") || ends_with(type, length, "x") ||
                  ends_with(type, length, "z") || ends_with(type, length, "sh") ||
                  ends_with(type, length, "ch");
    bool y = length > 1 && type[length - 1] == 'y' && !strchr("aeiou", type[length - 2]);
    if (y) return corm__arena_printf(arena, "%.*sies", (int)length - 1, type);
    return corm__arena_printf(arena, "%s%s", type, hisses ? "es" : "s");
}

char *corm__c_constant(const char *prefix, const char *label, corm_arena *arena) {
    char *out = corm__arena_bytes(arena, strlen(prefix) + strlen(label) + 16), *to = out;
    if (!out) return NULL;
    for (; *prefix; prefix++) { /* "PageStatus" as "PAGE_STATUS" */
        if (to > out && *prefix >= 'A' && *prefix <= 'Z' && prefix[-1] >= 'a' && prefix[-1] <= 'z')
            *to++ = '_';
        *to++ = upper(*prefix);
    }
    *to++ = '_';
    char *start = to;
    for (; *label; label++) {
        if (is_letter(*label))
            *to++ = upper(*label);
        else if (to > start && to[-1] != '_')
            *to++ = '_';
    }
    while (to > start && to[-1] == '_') to--;
    *to = 0;
    if (to == start) strcpy(to, "VALUE");
    return out;
}

char *corm__c_unique(const char *name, corm_map *taken, corm_arena *arena) {
    char *unique = corm__arena_strdup(arena, name);
    for (int n = 2; unique && corm__map_get(taken, unique); n++)
        unique = corm__arena_printf(arena, "%s_%d", name, n);
    return unique && corm__map_set(taken, unique, unique) == 0 ? unique : NULL;
}

bool corm__c_is_item_name(const char *name) {
    bool macro = !has_lower(name) && !strchr(name, '_'); /* such as NULL */
    if (is_reserved(name) || macro || *name == ' ' || !*name) return false;
    for (const char *c = name; *c; c++) {
        bool plain = is_letter(*c) || (unsigned char)*c >= 0x80 || strchr("_-.", *c) ||
                     (*c == ' ' && c[1] && c[1] != ' ');
        if (!plain) return false;
    }
    return true;
}
